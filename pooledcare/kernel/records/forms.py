"""Form fields of a record, by kind; a form names its record, and declares by itself only what really differs."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass

from pooledcare.kernel import fields as nhs
from pooledcare.kernel.records.declared import FieldKind, Record, RecordField

UNDECIDED = ("", "Not decided yet")


def form_field(field: RecordField, **differs: Any) -> forms.Field:
    """The form field of a kind, with label, hint, bounds and choices as declared; `differs` overrides them.

    Raises TypeError for a reference: which rows may be named, and how, each form says by itself.
    """
    said: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": bool(field.required) and field.kind != FieldKind.FLAG,
    }
    if field.required and field.kind != FieldKind.FLAG:
        said["missing"] = field.required
    match field.kind:
        case FieldKind.LINE:
            return nhs.TextField(**{**said, "max_length": field.longest, **differs})
        case FieldKind.TEXT:
            return nhs.LongTextField(**{**said, "max_length": field.longest, "looks": {"rows": 4}, **differs})
        case FieldKind.CHOICE:
            undecided = [] if field.required else [UNDECIDED]
            return nhs.RadiosField(**{**said, "choices": [*undecided, *field.choices], **differs})
        case FieldKind.CHOICES:
            return nhs.CheckboxesField(**{**said, "choices": field.choices, **differs})
        case FieldKind.DAY:
            return nhs.DateField(**said | differs)
        case FieldKind.DAYS:
            return nhs.DaysField(**{**said, "max_length": 2_000, "looks": {"rows": 3}, **differs})
        case FieldKind.WHOLE:
            return nhs.WholeNumberField(**{**said, "least": field.least, "most": field.most, **differs})
        case FieldKind.PERCENT:
            return nhs.PercentField(**said | differs)
        case FieldKind.MONEY:
            return nhs.MoneyField(**said | differs)
        case FieldKind.FLAG:
            return nhs.CheckboxField(**said | differs)
    raise TypeError(f"A form says by itself how {field.label} is chosen.")


class _RecordFormType(DeclarativeFieldsMetaclass):
    """Adds the fields of the form's record, in the record's order; what the class declares itself stays as declared."""

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
