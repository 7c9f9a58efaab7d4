"""Validating and cleaning values for the fields of a record, without database access."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pooledcare.kernel.characters import CONTROL, trim
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records.declared import FieldKind, RecordField
from pooledcare.kernel.year_shares import in_order, share_in_words, shares_problem

MOST_DAYS = 60
_SURROGATE = re.compile("[\ud800-\udfff]")
Reasons = Iterator[tuple[str, str, str]]  # code, sentence, and how to put it right


def value_problems(values: Mapping[str, Any], fields: Mapping[str, RecordField]) -> list[Problem]:
    """The problems of the values given. A field that is not among them is not checked."""
    found = []
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            found.append(Problem("UNKNOWN_FIELD", f"There is no field called “{name}” here", Where(field=name)))
        elif is_empty(value):
            found += [Problem("REQUIRED", field.required, Where(field=name))] if field.required else []
        else:
            for code, message, fix in _reasons(field, value):
                found.append(Problem(code, message, Where(field=name), fix=fix or None))
    return found


def cleaned(values: Mapping[str, Any], fields: Mapping[str, RecordField]) -> dict[str, Any]:
    """The values as they are stored: text trimmed, with line feeds as line ends; lists sorted, without duplicates."""
    return {name: _clean(value, fields[name]) for name, value in values.items()}


def value_text(field: RecordField, value: Any) -> str:
    """A value in words, for people; empty for no value. A row of another model is shown by its name.

    >>> value_text(RecordField("end_on", "Last day", FieldKind.DAY), dt.date(2026, 3, 31))
    '31 March 2026'
    """
    if value is None or value == "":
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(value_text(field, each) for each in value)
    match field.kind:
        case FieldKind.FLAG:
            return "Yes" if value else "No"
        case FieldKind.DAY | FieldKind.DAYS:
            return written(value)
        case FieldKind.CHOICE | FieldKind.CHOICES:
            return dict(field.choices)[value]
        case FieldKind.MONEY:
            return f"£{value:,.2f}"
        case FieldKind.PERCENT:
            return f"{value:f}"
        case FieldKind.SHARES:
            return share_in_words(value)
        case FieldKind.REFERENCE:
            return str(getattr(value, "name", value))
    return str(value)


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not trim(value))


def _clean(value: Any, field: RecordField) -> Any:
    if is_empty(value):
        return field.empty
    if field.kind == FieldKind.REFERENCE:
        return value
    if isinstance(value, str):
        plain = trim(_with_line_feeds(value))
        return " ".join(plain.split()) if field.kind == FieldKind.LINE else plain
    if field.kind == FieldKind.SHARES:
        return in_order(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(set(value))
    return value


def _with_line_feeds(value: str) -> str:
    """The text with a line feed for each line end. Browsers send CR and LF, but count them as one character."""
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _reasons(field: RecordField, value: Any) -> Reasons:
    """The reasons why the field cannot have this value."""
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            return _text(field, value)
        case FieldKind.CHOICE:
            return _choice(field, value)
        case FieldKind.CHOICES:
            return _choices(field, value)
        case FieldKind.DAY:
            return _day(field, value)
        case FieldKind.DAYS:
            return _days(field, value)
        case FieldKind.WHOLE:
            return _whole(field, value)
        case FieldKind.PERCENT | FieldKind.MONEY:
            return _decimal(field, value)
        case FieldKind.FLAG:
            return _flag(field, value)
        case FieldKind.SHARES:
            return _shares(field, value)
        case FieldKind.REFERENCE:  # the caller has looked up the row, and checks whether it is allowed
            return iter(())


def _text(field: RecordField, value: Any) -> Reasons:
    if not isinstance(value, str):
        yield "WRONG_TYPE", f"{field.label} must be text", ""
        return
    if CONTROL.search(value) or _SURROGATE.search(value):
        message = f"{field.label} contains control characters, which are not allowed"
        yield "BAD_CHARACTERS", message, "Delete them, or type the text again."
    length = len(_with_line_feeds(value))
    if length > field.longest:
        message = f"{field.label} has {length:,} characters, and at most {field.longest:,} are allowed"
        yield "TOO_LONG", message, "Shorten it, or add the long text as a document."


def _choice(field: RecordField, value: Any) -> Reasons:
    if value not in field.values:
        yield "UNKNOWN_VALUE", f"{field.label}: choose one of those listed", f"Use one of: {', '.join(field.values)}."


def _choices(field: RecordField, value: Any) -> Reasons:
    if isinstance(value, str) or not isinstance(value, Collection):
        yield "WRONG_TYPE", f"{field.label} must be a list", ""
    elif unknown := sorted(str(each) for each in value if each not in field.values):
        message = f"{field.label}: {', '.join(unknown)} is none of those listed"
        yield "UNKNOWN_VALUE", message, f"Use only: {', '.join(field.values)}."


def _day(field: RecordField, value: Any) -> Reasons:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        yield "WRONG_TYPE", f"{field.label} must be a date", ""
    elif not field.least <= value <= field.most:
        message = f"{field.label} must be between {written(field.least)} and {written(field.most)}"
        yield "DATE_OUT_OF_RANGE", message, "Correct the year."


def _days(field: RecordField, value: Any) -> Reasons:
    if not isinstance(value, (list, tuple)):
        yield "WRONG_TYPE", f"{field.label} must be a list of dates", ""
        return
    if len(value) > MOST_DAYS:
        message = f"{field.label}: at most {MOST_DAYS} dates are allowed"
        yield "TOO_MANY", message, "Enter only the dates of the next few years."
    for each in value:
        yield from _day(field, each)


def _whole(field: RecordField, value: Any) -> Reasons:
    if not isinstance(value, int) or isinstance(value, bool) or not field.least <= value <= field.most:
        yield "OUT_OF_RANGE", f"{field.label} must be a whole number from {field.least} to {field.most}", ""


def _decimal(field: RecordField, value: Any) -> Reasons:
    """A percentage or an amount in pounds, with at most two decimal places."""
    if (
        not isinstance(value, Decimal)
        or not value.is_finite()
        or (field.least is not None and value < field.least)
        or (field.most is not None and value > field.most)
    ):
        yield "OUT_OF_RANGE", f"{field.label} must be {_between(field)}", ""
    elif value != value.quantize(Decimal("0.01")):
        yield "TOO_PRECISE", f"{field.label} can have two decimal places at most", ""


def _between(field: RecordField) -> str:
    if field.least is None or field.most is None:
        return "an amount in pounds and pence"
    return f"between {field.least} and {field.most}"


def _flag(field: RecordField, value: Any) -> Reasons:
    if not isinstance(value, bool):
        yield "WRONG_TYPE", f"{field.label}: answer yes or no", ""


def _shares(field: RecordField, value: Any) -> Reasons:
    if (found := shares_problem(field.label, value)) is not None:
        yield found.code, found.message, found.fix or ""
