"""Form fields made from the fields of a record. A form names its record, and declares only the fields that differ."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass

from pooledcare.kernel import fields as nhs
from pooledcare.kernel.records.declared import FieldKind, Record, RecordField

UNDECIDED = ("", "Not decided yet")


def form_field(field: RecordField, **differs: Any) -> forms.Field:
    """The form field for a field of a record, with its label, hint, limits and choices; `differs` override them.

    Raises TypeError for a reference: a form has to declare such a field itself, with the rows that may be chosen.
    """
    shared: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": bool(field.required) and field.kind != FieldKind.FLAG,
    }
    if field.required and field.kind != FieldKind.FLAG:
        shared["missing"] = field.required
    match field.kind:
        case FieldKind.LINE:
            return nhs.TextField(**{**shared, "max_length": field.longest, **differs})
        case FieldKind.TEXT:
            return nhs.LongTextField(**{**shared, "max_length": field.longest, "looks": {"rows": 4}, **differs})
        case FieldKind.CHOICE:
            undecided = [] if field.required else [UNDECIDED]
            return nhs.RadiosField(**{**shared, "choices": [*undecided, *field.choices], **differs})
        case FieldKind.CHOICES:
            return nhs.CheckboxesField(**{**shared, "choices": field.choices, **differs})
        case FieldKind.DAY:
            return nhs.DateField(**shared | differs)
        case FieldKind.DAYS:
            return nhs.DaysField(**{**shared, "max_length": 2_000, "looks": {"rows": 3}, **differs})
        case FieldKind.WHOLE:
            return nhs.WholeNumberField(**{**shared, "least": field.least, "most": field.most, **differs})
        case FieldKind.PERCENT:
            return nhs.PercentField(**shared | differs)
        case FieldKind.MONEY:
            return nhs.MoneyField(**shared | differs)
        case FieldKind.SHARES:
            return nhs.SharesField(**{**shared, "max_length": 2_000, "looks": {"rows": 4}, **differs})
        case FieldKind.FLAG:
            return nhs.CheckboxField(**shared | differs)
    raise TypeError(f"A form must declare itself how {field.label} is chosen.")


class _RecordFormType(DeclarativeFieldsMetaclass):
    """Adds the fields of the form's record, in the record's order. Fields that the class declares are not replaced."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> _RecordFormType:
        made: Any = super().__new__(mcs, name, bases, attributes)
        record: Record | None = made.record
        if record is not None:
            own = made.base_fields
            of_record = {
                each.name: own.get(each.name) or form_field(each)
                for each in record.values()
                if each.name in own or (each.kind != FieldKind.REFERENCE and attributes.get(each.name, ...) is not None)
            }
            before = {name: field for name, field in own.items() if name not in of_record}
            made.base_fields = made.declared_fields = {**before, **of_record}
        return made  # type: ignore[no-any-return]


class RecordForm(forms.Form, metaclass=_RecordFormType):
    """A form for the fields of `record`; a class leaves a field out with `name = None`, as Django does."""

    record: ClassVar[Record | None] = None
