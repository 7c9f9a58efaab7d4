"""Fields speak in the words of the service manual and render as whole components."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import html5lib
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from pooledcare.kernel import fields
from pooledcare.kernel.money import parse_amount
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
        (("1", "Aprille", "2026"), "Start date must be a real date"),
        (("1", "Apr", "26"), "Start date must be a real date"),
        (("31", "April", "2026"), "Start date must be a real date"),
        (("1 Apr", "", "2026"), "Start date must include a month"),
        (("1 April 26", "", ""), "Start date must include a month and year"),
        (("٣", "4", "2026"), "Start date must be a real date"),
        (("1", "4", "0000"), "Start date must be a real date"),
    ],
)
def test_a_date_says_what_is_missing_or_wrong(parts, says):
    assert errors_of_date(*parts) == [says]


@pytest.mark.parametrize(
    "parts",
    [
        ("1", "April", "2026"),
        ("1", "apr", "2026"),
        ("01", "Apr.", "2026"),
        ("1st", "4", "2026"),
        ("1 April 2026", "", ""),
        ("01-Apr-2026", " ", ""),
        ("2026-04-01", "", ""),
    ],
)
def test_a_date_is_read_however_people_write_it_and_shown_again_as_they_did(parts):
    form = Dated({"start_day": parts[0], "start_month": parts[1], "start_year": parts[2]})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["start"] == date(2026, 4, 1)
    assert form["start"].date_parts == list(parts)


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


# ── What each part of a field says, exactly ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (("", "4", "2026"), "Start date must include a day"),
        (("1", "", "2026"), "Start date must include a month"),
        (("1", "4", " "), "Start date must include a year"),
        (("1", "", ""), "Start date must include a month and year"),
        (("", "4", ""), "Start date must include a day and year"),
        (("1", "4", "202"), "Start date must be a real date"),
        (("1", "4", "20260"), "Start date must be a real date"),
        (("x", "4", "2026"), "Start date must be a real date"),
        (("1", "x", "2026"), "Start date must be a real date"),
        (("1", "4", "x026"), "Start date must be a real date"),
        (("0", "4", "2026"), "Start date must be a real date"),
        (("30", "2", "2024"), "Start date must be a real date"),
    ],
)
def test_each_part_of_a_date_is_asked_for_and_judged(parts, says):
    assert errors_of_date(*parts) == [says]


def test_a_date_that_need_not_be_given_may_be_left_out_but_not_in_part():
    assert Everything.base_fields["start"].clean(["", " ", None]) is None
    assert Everything.base_fields["start"].clean(None) is None
    with pytest.raises(ValidationError) as refused:
        Everything.base_fields["start"].clean(["1", "", ""])
    assert (refused.value.code, refused.value.messages) == ("incomplete", ["Start date must include a month and year"])
    for value, code in ((None, "required"), (["31", "2", "2026"], "invalid"), (["x", "2", "2026"], "invalid")):
        with pytest.raises(ValidationError) as refused:
            Dated.base_fields["start"].clean(value)
        assert refused.value.code == code


def test_a_date_is_judged_by_its_validators_too():
    def past_only(day: date) -> None:
        raise ValidationError(f"{day} is not past")

    with pytest.raises(ValidationError, match="2026-02-28 is not past"):
        fields.DateField(label="Day", validators=[past_only]).clean(["28", "2", "2026"])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (fields.TextField(label="Name"), "Enter name"),
        (fields.TextField(label="NHS number", missing="Enter an NHS number"), "Enter an NHS number"),
        (fields.TextField(label="Name", error_messages={"required": "Name it"}), "Name it"),
        (fields.LongTextField(label="Long Note"), "Enter long Note"),
        (fields.EmailField(label="Email address"), "Enter email address"),
        (fields.MoneyField(label="Amount"), "Enter amount"),
        (fields.SelectField(label="Stream", choices=[]), "Select stream"),
        (fields.RadiosField(label="Basis", choices=[]), "Select basis"),
        (fields.CheckboxesField(label="Places", choices=[]), "Select places"),
        (fields.CheckboxField(label="That you are sure"), "Select that you are sure"),
        (fields.FileField(label="Upload"), "Select a file"),
        (fields.FileField(label="Upload", missing="Select a CSV"), "Select a CSV"),
    ],
)
def test_what_is_missing_is_asked_for_by_name(make, says):
    with pytest.raises(ValidationError) as refused:
        make.clean(None)
    assert refused.value.messages == [says]
    assert refused.value.code == "required"


def test_an_email_address_that_is_none_is_refused_in_the_manuals_words():
    with pytest.raises(ValidationError) as refused:
        fields.EmailField(label="Email address").clean("no")
    assert refused.value.messages == ["Enter an email address in the correct format, like name@example.com"]


@pytest.mark.parametrize("code", ["invalid", "missing"])
def test_a_file_that_did_not_arrive_is_said_so(code):
    says = fields.FileField(label="Upload").error_messages[code]
    assert says == "The selected file could not be uploaded – try again"


def test_money_says_what_is_wrong_and_how_to_mend_it_and_nothing_is_nothing():
    field = fields.MoneyField(label="Amount", required=False)
    assert (field.clean(""), field.clean(None), field.clean("0")) == (None, None, Decimal("0.00"))
    with pytest.raises(ValidationError) as refused:
        field.clean("1e5")
    with pytest.raises(Refused) as cell:
        parse_amount("1e5")
    assert refused.value.messages == [f"{cell.value.problems[0].message}. {cell.value.problems[0].fix}"]


def test_how_a_field_looks():
    form = Everything()
    assert form["amount"].parameters == {
        "id": "id_amount", "hint": None, "error": None, "prefix": "£", "width": "10", "inputmode": "decimal",
    }  # fmt: skip
    assert fields.MoneyField(label="A", looks={"width": "5"}).looks == {
        "prefix": "£", "width": "5", "inputmode": "decimal",
    }  # fmt: skip
    assert form["name"].parameters == {"id": "id_name", "hint": "As in the register.", "error": None}
    assert form["file"].parameters == {"id": "id_file", "hint": None, "error": None, "accept": ".csv,.xlsx"}
    assert "accept" not in fields.FileField(label="Upload").widget.attrs
    assert form["secret"].parameters == {"id": "id_secret", "hint": None, "error": None}
    assert form["email"].field.looks == {}


@pytest.mark.parametrize(
    ("attributes", "passed"),
    [
        ({"autocomplete": "off", "accept": ".csv", "autocapitalize": "none"}, True),
        ({"required": True, "maxlength": "5", "type": "number"}, False),
    ],
)
def test_only_attributes_that_suit_the_design_are_passed_on(attributes, passed):
    class Some(forms.Form):
        name = fields.TextField(label="Name", widget=forms.TextInput(attrs=attributes))

    shared = {"id": "id_name", "hint": None, "error": None}
    assert Some()["name"].parameters == shared | (attributes if passed else {})


def test_each_widget_is_drawn_by_its_own_component():
    form = Everything()
    assert {name: form[name].shape for name in form.fields if name != "hidden"} == {
        "name": "input",
        "amount": "input",
        "start": "date_input",
        "basis": "radios",
        "places": "checkboxes",
        "stream": "select",
        "sure": "checkbox",
        "note": "textarea",
        "email": "input",
        "secret": "password",
        "file": "file_upload",
    }


def test_the_first_input_of_a_date_is_its_day():
    form = Everything()
    assert (form["start"].first_id, form["name"].first_id) == ("id_start_day", "id_name")
    html = str(form["start"])
    assert all(f'name="start_{part}"' in html for part in ("day", "month", "year"))


def test_all_that_is_wrong_with_a_field_is_one_line():
    form = Everything({"name": "x"})
    assert form["name"].error is None
    form.add_error("name", ["Too short.", "Too plain."])
    assert form["name"].error == "Too short. Too plain."
    assert form["name"].parameters["error"] == "Too short. Too plain."


def test_texts_items_and_parts_are_what_was_typed_or_chosen():
    form = Everything({"basis": "o", "places": ["n", "s"], "start_day": "1", "start_month": "", "start_year": "x"})
    assert (form["name"].texts, form["basis"].texts, form["places"].texts) == ([""], ["o"], ["n", "s"])
    assert form["start"].date_parts == ["1", "", "x"]
    assert form["basis"].items == [
        {"value": "a", "text": "Allocation", "chosen": False},
        {"value": "o", "text": "Outturn", "chosen": True},
    ]
    assert Everything({"stream": "p"})["stream"].items == [
        {"value": "c", "text": "Core", "chosen": False},
        {"value": "p", "text": "Primary", "chosen": True},
    ]
    assert Everything()["start"].date_parts == ["", "", ""]
    assert Everything(initial={"amount": 0})["amount"].texts == ["0"]


def test_a_hidden_field_is_the_bare_input():
    assert str(Everything()["hidden"]) == '<input type="hidden" name="hidden" id="id_hidden">'


def test_every_error_has_a_link_and_those_of_the_whole_form_come_first():
    class Two(forms.Form):
        start = fields.DateField(label="Start date")
        plain = forms.CharField(error_messages={"required": "Say it"})

    form = Two({})
    form.add_error("plain", "Twice")
    form.add_error(None, "Whole")
    assert fields.error_links(form) == [
        ("Whole", None),
        ("Enter start date", "id_start_day"),
        ("Say it", "id_plain"),
        ("Twice", "id_plain"),
    ]


@pytest.mark.parametrize(
    ("problem", "at", "says"),
    [
        (Problem("A", "Too much.", Where(field="amount"), fix="Enter less."), "amount", "Too much. Enter less."),
        (Problem("A", "Too much.", Where(field="amount")), "amount", "Too much."),
        (Problem("A", "Too much", Where(field="elsewhere")), "__all__", "Too much"),
        (Problem("A", "Too much", Where(row=1)), "__all__", "Too much"),
        (Problem("A", "Too much", fix="Less."), "__all__", "Too much. Less."),
    ],
)
def test_a_refusal_is_shown_at_the_field_that_it_names_if_the_form_has_it(problem, at, says):
    form = Everything({"name": "x"})
    fields.add_problems(form, Refused([problem]))
    assert form.errors == {at: [says]}
