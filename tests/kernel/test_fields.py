"""Fields speak in the words of the service manual and render as whole components."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import html5lib
import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from pooledcare.kernel import fields
from pooledcare.kernel.problems import Problem, Refused, Where


class Everything(forms.Form):
    name = fields.TextField(label="Name", help_text="As in the register.", required=False)
    amount = fields.MoneyField(label="Amount", missing="Enter an amount", required=False)
    start = fields.DateField(label="Start date", required=False)
    basis = fields.RadiosField(label="Basis", choices=[("a", "Allocation"), ("o", "Outturn")], required=False)
    places = fields.CheckboxesField(label="Places", choices=[("n", "North"), ("s", "South")], required=False)
    stream = fields.SelectField(label="Stream", choices=[("Group", [("c", "Core")]), ("p", "Primary")], required=False)
    sure = fields.CheckboxField(label="I am sure", required=False)
    note = fields.LongTextField(label="Note", required=False)
    email = fields.EmailField(label="Email address", required=False)
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    file = fields.FileField(label="Upload a file", accept=[".csv", ".xlsx"], required=False)


class Dated(forms.Form):
    start = fields.DateField(label="Start date")


def errors_of_date(day: str, month: str, year: str) -> list[str]:
    return Dated({"start_day": day, "start_month": month, "start_year": year}).errors.get("start", [])


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (("", "", ""), "Enter start date"),
        (("1", "4", ""), "Start date must include a year"),
        (("", "", "2026"), "Start date must include a day and month"),
        (("31", "2", "2026"), "Start date must be a real date"),
        (("1", "4", "26"), "Start date must be a real date"),
        (("1", "April", "2026"), "Start date must be a real date"),
        (("٣", "4", "2026"), "Start date must be a real date"),
        (("1", "4", "0000"), "Start date must be a real date"),
    ],
)
def test_a_date_says_what_is_missing_or_wrong(parts, says):
    assert errors_of_date(*parts) == [says]


def test_a_date_is_read_from_its_parts_with_spaces_around():
    form = Dated({"start_day": " 1 ", "start_month": "04", "start_year": "2026"})
    assert form.is_valid()
    assert form.cleaned_data["start"] == date(2026, 4, 1)


def test_money_is_read_as_strictly_as_a_cell_and_says_how_to_mend_it():
    assert Everything({"amount": "£1,234.50"}).fields["amount"].clean("£1,234.50") == Decimal("1234.50")
    form = Everything({"amount": "12.345"})
    assert not form.is_valid()
    assert "pounds and pence" in form.errors["amount"][0]


@pytest.mark.parametrize(
    ("given", "says"),
    [({}, "Select a file"), ({"file": SimpleUploadedFile("a.csv", b"")}, "The selected file is empty")],
)
def test_a_file_is_asked_for_in_the_manuals_words(given, says):
    class Upload(forms.Form):
        file = fields.FileField(label="Upload a file")

    assert Upload({}, given).errors["file"] == [says]


@pytest.mark.parametrize("name", list(Everything.base_fields))
@pytest.mark.parametrize(
    "sent", [None, {"amount": "lots", "email": "no", "start_day": "1"}], ids=["fresh", "sent back"]
)
def test_every_field_renders_as_valid_html_with_a_label(name, sent):
    form = Everything(sent)
    form.is_valid()
    markup = str(form[name])
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parseFragment(markup)
    assert not parser.errors
    if name != "hidden":
        assert str(form[name].label) in "".join(tree.itertext())
    for message in form[name].errors:
        assert message in "".join(tree.itertext())


def test_what_was_typed_is_escaped_and_shown_again():
    markup = str(Everything({"name": '"><script>alert(1)</script>'})["name"])
    assert "<script>" not in markup
    assert "alert(1)" in markup


def test_choices_that_were_made_come_back_chosen():
    form = Everything({"basis": "o", "places": ["n", "s"], "stream": "c", "sure": "on"})
    assert str(form["basis"]).count(" checked") == 1
    assert str(form["places"]).count(" checked") == 2
    assert 'value="c" selected' in str(form["stream"])
    assert " checked" in str(form["sure"])


def test_a_date_given_as_initial_fills_its_parts():
    assert Everything(initial={"start": date(2026, 4, 1)})["start"].date_parts == ["1", "4", "2026"]


def test_browser_validation_stays_out_of_the_way():
    class Strict(forms.Form):
        name = fields.TextField(label="Name", max_length=10)

    markup = str(Strict()["name"])
    assert "required" not in markup
    assert "maxlength" not in markup


def test_error_links_lead_to_the_first_input_of_each_field():
    form = Dated({})
    assert fields.error_links(form) == [("Enter start date", "id_start_day")]


def test_a_refusal_is_shown_at_the_field_it_names_or_on_the_whole_form():
    form = Everything({"name": "x"})
    form.is_valid()
    fields.add_problems(
        form,
        Refused(
            [Problem("A", "Too much", where=Where(field="amount"), fix="Enter less."), Problem("B", "Period closed")]
        ),
    )
    assert form.errors["amount"] == ["Too much. Enter less."]
    assert form.non_field_errors() == ["Period closed"]
    assert fields.error_links(form) == [("Period closed", None), ("Too much. Enter less.", "id_amount")]


def test_a_widget_that_no_component_draws_is_an_error():
    class Odd(forms.Form):
        odd = forms.Field(widget=forms.Widget())

    with pytest.raises(TypeError, match="No component draws Widget"):
        str(Odd()["odd"])
