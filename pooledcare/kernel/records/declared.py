"""Descriptions of the fields of a Django model: name, label, kind, limits and choices of each.

The label is the field's `verbose_name` and the hint its `help_text`; `choices`, `max_length` and validators are its
limits. A field without a default and with `blank=False` is required. What a model field cannot express, such as its
name in files and in the API, is given when the `Record` is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils.text import capfirst

from pooledcare.kernel.year_shares import YearSharesField

LONGEST_LINE = 300
LONGEST_TEXT = 20_000
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


class FieldKind(StrEnum):
    """The types of values. Code that reads or writes the values of a record handles each kind once, in one `match`."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    DAY = "day"
    DAYS = "days"
    WHOLE = "whole"  # a whole number
    PERCENT = "percent"
    MONEY = "money"
    SHARES = "shares"  # days of the year with percentages that together make 100
    FLAG = "flag"
    REFERENCE = "reference"  # a row of another model; each app decides how its users name one


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field. `name` is its name in the model and in frozen copies, `key` its name in files and in the API.

    `required` is the error message for a missing value, and empty if the field is optional. `choices` are pairs of
    value and label. `longest` is a number of characters; `least` and `most` are the limits of numbers and dates.
    """

    name: str
    label: str
    kind: FieldKind
    key: str = ""
    help: str = ""
    longest: int = LONGEST_TEXT
    choices: tuple[tuple[str, str], ...] = ()
    least: Any = None
    most: Any = None
    required: str = ""
    example: str = ""

    @property
    def empty(self) -> Any:
        """The value that is stored if none is given."""
        if self.kind in (FieldKind.LINE, FieldKind.TEXT, FieldKind.CHOICE):
            return ""
        return {FieldKind.CHOICES: [], FieldKind.SHARES: [], FieldKind.FLAG: False}.get(self.kind)

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the choices."""
        return tuple(value for value, _ in self.choices)

    @property
    def is_text(self) -> bool:
        """Whether it is free text."""
        return self.kind in (FieldKind.LINE, FieldKind.TEXT)


@dataclass(frozen=True)
class Record(Mapping[str, RecordField]):
    """The fields of a model that people fill in, by name, in the order in which the record was made."""

    model: type[models.Model]
    fields: Mapping[str, RecordField]

    @classmethod
    def of(
        cls,
        model: type[models.Model],
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        keys: Mapping[str, str] | None = None,
        examples: Mapping[str, str] | None = None,
        requests: Mapping[str, str] | None = None,
        days: tuple[dt.date, dt.date] = (FIRST_DAY, LAST_DAY),
        last: Iterable[str] = (),
    ) -> Record:
        """The fields in `only`, or else every field of the model but its id and those in `without`.

        `keys` are names in files and in the API, for fields whose name there is not that of the model. `examples` are
        shown in blank templates and in the documentation. `requests` replace the error “Enter the …” for a missing
        value. `days` are the earliest and latest date allowed. The fields in `last` come last, in their order; without
        it, those of an abstract model come first. Raises ValueError for an unknown field name.
        """
        extra: dict[str, Mapping[str, Any]] = {"key": keys or {}, "example": examples or {}, "required": requests or {}}
        known = {field.name: field for field in model._meta.concrete_fields}
        at_the_end = list(last)
        named = {*only, *without, *at_the_end, *(name for values in extra.values() for name in values)}
        if unknown := sorted(named - set(known)):
            raise ValueError(f"{model.__name__} has no field {', '.join(unknown)}.")
        chosen = list(only) or [name for name in known if name not in {"id", *without}]
        chosen = [*(name for name in chosen if name not in at_the_end), *at_the_end]
        fields = {name: _read(known[name], days) for name in chosen}
        for what, values in extra.items():
            fields |= {name: replace(fields[name], **{what: value}) for name, value in values.items()}
        return cls(model, fields)

    def __getitem__(self, name: str) -> RecordField:
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def of_kind(self, *kinds: FieldKind) -> list[RecordField]:
        return [field for field in self.fields.values() if field.kind in kinds]

    @property
    def plain(self) -> list[RecordField]:
        """Every field that is not a reference to a row of another model."""
        return [field for field in self.fields.values() if field.kind != FieldKind.REFERENCE]

    def plain_values(self, holder: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
        """The values of the plain fields of a row or a frozen copy, by name; tuples become lists."""
        left_out = set(without)
        values = {each.name: getattr(holder, each.name) for each in self.plain if each.name not in left_out}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @property
    def labels(self) -> dict[str, str]:
        """Label by name."""
        return {name: field.label for name, field in self.fields.items()}


def stored_values(row: models.Model, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """All stored values of a row by attribute name (`lead_id` for `lead`), except its id and those in `without`.

    It includes fields that are added to the model later, so a copy made from it is always complete.
    """
    left_out = {"id", *without}
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in left_out
    }


def _read(field: models.Field[Any, Any], days: tuple[dt.date, dt.date]) -> RecordField:
    kind, inner = _kind(field), field.base_field if isinstance(field, ArrayField) else field
    label = capfirst(str(field.verbose_name))
    least, most = _bounds(field)
    if kind in (FieldKind.DAY, FieldKind.DAYS):
        least, most = least or days[0], most or days[1]
    elif kind == FieldKind.WHOLE:
        lowest, highest = BaseDatabaseOperations.integer_field_ranges[field.get_internal_type()]
        least, most = lowest if least is None else least, highest if most is None else most
    return RecordField(
        name=field.name,
        label=label,
        kind=kind,
        key=field.name,
        help=str(field.help_text),
        longest=field.max_length or LONGEST_TEXT,
        choices=tuple((str(value), str(label)) for value, label in inner.flatchoices if value),
        least=least,
        most=most,
        required=_request(field, kind),
    )


def _kind(field: models.Field[Any, Any]) -> FieldKind:
    """The kind for the class of a model field. A decimal field whose maximum is 100 is a percentage.

    Raises TypeError for a class that is not supported.
    """
    match field:
        case YearSharesField():
            return FieldKind.SHARES
        case ArrayField(base_field=models.DateField()):
            return FieldKind.DAYS
        case ArrayField():
            return FieldKind.CHOICES
        case models.ForeignKey():
            return FieldKind.REFERENCE
        case models.BooleanField():
            return FieldKind.FLAG
        case models.DateField():
            return FieldKind.DAY
        case models.DecimalField():
            return FieldKind.PERCENT if _bounds(field)[1] == 100 else FieldKind.MONEY
        case models.IntegerField():
            return FieldKind.WHOLE
        case models.CharField() | models.TextField() if field.choices:
            return FieldKind.CHOICE
        case models.CharField() | models.TextField():
            return FieldKind.LINE if (field.max_length or LONGEST_TEXT) <= LONGEST_LINE else FieldKind.TEXT
    raise TypeError(f"{field} has a class that records do not support yet: {type(field).__name__}.")


def _bounds(field: models.Field[Any, Any]) -> tuple[Any, Any]:
    """The least and greatest value that the validators given in the model allow; None if there is no limit."""
    # The public attribute `validators` also has the limits of the database type.
    given = field._validators  # type: ignore[attr-defined]
    least = [each.limit_value for each in given if isinstance(each, MinValueValidator)]
    most = [each.limit_value for each in given if isinstance(each, MaxValueValidator)]
    return (least or [None])[0], (most or [None])[0]


def _request(field: models.Field[Any, Any], kind: FieldKind) -> str:
    """The error message for a missing value; empty if the field is optional."""
    if kind == FieldKind.FLAG:
        return "Answer yes or no"
    if field.blank or field.null or field.has_default():
        return ""
    verb = "Choose" if kind in (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.REFERENCE) else "Enter"
    return f"{verb} the {field.verbose_name}"
