"""Form fields made from the fields of a record, kind by kind, and what a form declares by itself."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from pooledcare.kernel import fields as nhs
from pooledcare.kernel.fields import SelectField, TextField
from pooledcare.kernel.records import FieldKind
from pooledcare.kernel.records.forms import UNDECIDED, RecordForm, form_field
from tests.kernel.records.things import COLOURS, RECORD, VALUES, NotedThing, record_of

CLASSES = {
    FieldKind.LINE: nhs.TextField, FieldKind.TEXT: nhs.LongTextField, FieldKind.CHOICE: nhs.RadiosField,
    FieldKind.CHOICES: nhs.CheckboxesField, FieldKind.DAY: nhs.DateField, FieldKind.DAYS: nhs.DaysField,
    FieldKind.WHOLE: nhs.WholeNumberField, FieldKind.PERCENT: nhs.PercentField, FieldKind.MONEY: nhs.MoneyField,
    FieldKind.SHARES: nhs.SharesField, FieldKind.FLAG: nhs.CheckboxField,
}  # fmt: skip
TYPED: dict[str, Any] = {
    "name": "A clock", "aims": "To tell\nthe time", "colour": "red", "tint": "", "shades": ["blue", "red"],
    "made_on_day": "1", "made_on_month": "4", "made_on_year": "2026", "seen_on": "1 April 2026", "weight": "6",
    "share": "2.50", "price": "1,234.50", "paid": "10 January: 60\r\n15 April: 40%",
    "is_new": "on",
}  # fmt: skip


class ThingForm(RecordForm):
    record = RECORD


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_has_its_form_field_but_a_reference(kind):
    field = RECORD.of_kind(kind)[0]
    if kind == FieldKind.REFERENCE:
        with pytest.raises(TypeError, match="A form must declare itself how Whose it is is chosen"):
            form_field(field)
    else:
        made = form_field(field)
        assert type(made) is CLASSES[kind]
        assert (made.label, made.help_text) == (field.label, field.help)


def test_only_what_the_record_asks_for_is_required_and_a_box_is_never():
    assert [name for name, field in ThingForm.base_fields.items() if field.required] == ["name", "colour"]
    assert ThingForm({}).errors == {"name": ["Enter the name of the thing"], "colour": ["Choose the colour"]}


def test_what_may_stay_open_can_be_left_undecided():
    assert list(form_field(RECORD["tint"]).choices) == [UNDECIDED, *COLOURS]  # type: ignore[attr-defined]
    assert list(form_field(RECORD["colour"]).choices) == COLOURS  # type: ignore[attr-defined]


def test_bounds_are_those_of_the_record():
    form = ThingForm({**TYPED, "name": "x" * 301, "weight": "121", "share": "100.01"})
    assert set(form.errors) == {"name", "weight", "share"}
    assert form.errors["weight"] == ["Weight must be a whole number from 1 to 120"]


def test_what_is_typed_is_read_as_the_model_keeps_it():
    form = ThingForm(TYPED)
    assert form.errors == {}
    assert form.cleaned_data == VALUES


def test_what_differs_is_said_where_the_field_is_made():
    made = form_field(RECORD["tint"], required=True, label="Which tint?", initial="red", help_text="Look at it")
    assert (made.label, made.required, made.initial, made.help_text) == ("Which tint?", True, "red", "Look at it")


def test_a_form_has_the_fields_of_its_record_in_its_order_without_references():
    assert [*ThingForm.base_fields] == [each.name for each in RECORD.plain]


def test_what_a_form_declares_itself_stands_in_the_place_of_the_record():
    class OwnForm(RecordForm):
        record = RECORD
        first = TextField(label="First")
        aims = SelectField(label="Which aim?", choices=[("a", "A")])
        owner = TextField(label="Its owner")
        price = None

    assert [*OwnForm.base_fields] == ["first", *(name for name in RECORD if name != "price")]
    assert OwnForm.base_fields["aims"].label == "Which aim?"
    assert OwnForm.base_fields["owner"].label == "Its owner"
    assert ThingForm.base_fields["aims"].label == "Aims"


def test_a_form_may_be_mixed_with_others_and_go_on_from_another():
    class SeenForm(forms.Form):
        seen = forms.CharField(required=False)

    class Both(RecordForm, SeenForm):
        record = RECORD

    class More(Both):
        added = TextField(label="Added", required=False)

    assert [*Both.base_fields] == ["seen", *(each.name for each in RECORD.plain)]
    assert set(More.base_fields) == {*Both.base_fields, "added"}


def test_a_field_that_is_added_to_the_model_is_asked_for_read_and_kept():
    class NotedForm(RecordForm):
        record = record_of(NotedThing)

    assert set(NotedForm.base_fields) - set(ThingForm.base_fields) == {"note"}
    form = NotedForm({**TYPED, "note": "Ticks"})
    assert form.is_valid()
    assert form.cleaned_data == {**VALUES, "note": "Ticks"}
