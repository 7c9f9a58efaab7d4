"""Judging, cleaning and writing out the values of a record: each kind of field, edge by edge."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records import FieldKind, RecordField, cleaned, value_problems, value_text

FIRST, LAST = dt.date(2000, 4, 1), dt.date(2100, 12, 31)
POWERS = (("s31", "Section 31"), ("s75", "Section 75"))
NEXT_YEARS = "Enter only the dates of the next few years."


def field(label: str, kind: FieldKind, **said: Any) -> RecordField:
    return RecordField("it", label, kind, **said)


LINE = field("Name", FieldKind.LINE, longest=300)
TEXT = field("Text", FieldKind.TEXT)
CHOICE = field("Power", FieldKind.CHOICE, choices=POWERS)
CHOICES = field("Ways", FieldKind.CHOICES, choices=POWERS)
DAY = field("Day", FieldKind.DAY, least=FIRST, most=LAST)
DAYS = field("Review dates", FieldKind.DAYS, least=FIRST, most=LAST)
MONTHS = field("Notice, in months", FieldKind.WHOLE, least=1, most=120)
PERCENT = field("Irrecoverable VAT", FieldKind.PERCENT, least=0, most=100)
MONEY = field("Sum", FieldKind.MONEY)
SHARES = field("Instalments", FieldKind.SHARES)
FLAG = field("Voluntary", FieldKind.FLAG, required="Answer yes or no")
ROW = field("Lead", FieldKind.REFERENCE)
EVERY_KIND = (LINE, TEXT, CHOICE, CHOICES, DAY, DAYS, MONTHS, PERCENT, MONEY, SHARES, FLAG, ROW)
RECORD = {"name": replace(LINE, required="Enter the name"), "kind": CHOICE, "manager": LINE}


def wrong(field: RecordField, value: object) -> list[tuple[str, str, str | None]]:
    found = value_problems({"it": value}, {"it": field})
    assert all(each.where == Where(field="it") for each in found)
    return [(each.code, each.message, each.fix) for each in found]


def kept(field: RecordField, value: object) -> object:
    return cleaned({"it": value}, {"it": field})["it"]


def test_only_known_fields_are_given_and_what_is_not_given_is_not_wrong():
    unknown = Problem("UNKNOWN_FIELD", "There is no field called “state” here", Where(field="state"))
    assert value_problems({"state": "signed"}, RECORD) == [unknown]
    assert value_problems({}, RECORD) == []


def test_every_value_is_judged_in_the_order_in_which_it_was_given():
    found = value_problems({"name": "", "state": 1, "kind": "shared", "manager": "Head"}, RECORD)
    assert [(each.code, each.where and each.where.field) for each in found] == [
        ("REQUIRED", "name"), ("UNKNOWN_FIELD", "state"), ("UNKNOWN_VALUE", "kind"),
    ]  # fmt: skip


# --- nothing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, "", " \n\t", "\u00a0"])
def test_what_is_required_is_asked_for_and_all_else_may_be_empty(nothing):
    assert wrong(replace(LINE, required="Enter the name"), nothing) == [("REQUIRED", "Enter the name", None)]
    for each in EVERY_KIND:
        assert wrong(each, nothing) == ([("REQUIRED", "Answer yes or no", None)] if each == FLAG else [])


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        (LINE, ""), (TEXT, ""), (CHOICE, ""), (CHOICES, []), (DAY, None), (DAYS, None), (MONTHS, None),
        (PERCENT, None), (MONEY, None), (SHARES, []), (FLAG, False), (ROW, None),
    ],
)  # fmt: skip
def test_nothing_is_kept_as_each_kind_of_field_keeps_it(field, empty):
    assert kept(field, " ") == kept(field, None) == field.empty == empty
    assert type(kept(field, None)) is type(empty)


def test_an_empty_list_belongs_to_one_record_alone():
    CHOICES.empty.append("s31")
    assert CHOICES.empty == []


def test_every_kind_is_judged_kept_and_written_out_here():
    assert {each.kind for each in EVERY_KIND} == set(FieldKind)


# --- how it is kept --------------------------------------------------------------------------------------------------


def test_a_line_is_kept_with_single_blanks_and_a_text_with_its_lines():
    assert kept(LINE, "  Home \r\n  first\t now ") == "Home first now"
    assert kept(TEXT, " Home\r\n  first\rnow\n\n ") == "Home\n  first\nnow"
    assert kept(TEXT, "a  b") == "a  b"


def test_lists_are_kept_in_order_and_once_and_rows_as_they_are():
    for given in (["b", "a", "b"], ("b", "a", "b"), {"b", "a"}, frozenset("ab")):
        assert kept(CHOICES, given) == ["a", "b"]
        assert kept(ROW, given) is given
    assert kept(SHARES, ("01-10 60.00", "04-15 40.00")) == ["04-15 40.00", "01-10 60.00"]
    row = SimpleNamespace()
    assert (kept(ROW, row), kept(MONTHS, 3), kept(FLAG, False)) == (row, 3, False)
    assert kept(ROW, " x ") == " x "


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "longest", "shown"),
    [
        (LINE, 300, "300"), (replace(LINE, longest=80), 80, "80"),
        (field("Name", FieldKind.TEXT), 20_000, "20,000"),
        (field("Name", FieldKind.TEXT, longest=100_000), 100_000, "100,000"),
    ],
)  # fmt: skip
def test_a_text_has_a_greatest_length_and_an_end_of_line_counts_once(field, longest, shown):
    assert wrong(field, "x" * (longest - 1)) == wrong(field, "x" * longest) == []
    assert wrong(field, "x" * (longest - 2) + "\r\nx") == []
    long = f"Name has {longest + 1:,} characters, and at most {shown} are allowed"
    assert wrong(field, "x" * (longest + 1)) == [("TOO_LONG", long, "Shorten it, or add the long text as a document.")]
    assert wrong(field, "x" * longest + "\r\n") == [
        ("TOO_LONG", long, "Shorten it, or add the long text as a document.")
    ]


@pytest.mark.parametrize("bad", ["\x00", "a\x0bb", "\x7f", "\ud800", "x\udfff"])
def test_control_characters_and_halves_of_characters_are_not_kept(bad):
    message = "Name contains control characters, which are not allowed"
    assert wrong(LINE, f"a{bad}") == [("BAD_CHARACTERS", message, "Delete them, or type the text again.")]


@pytest.mark.parametrize("fine", ["a\nb", "a\tb", "é", "\ue000", "𝔄"])
def test_other_characters_are_kept(fine):
    assert wrong(TEXT, fine) == []


@pytest.mark.parametrize("value", [7, True, ["a"], dt.date(2024, 4, 1)])
def test_a_text_is_text(value):
    assert wrong(TEXT, value) == [("WRONG_TYPE", "Text must be text", None)]
    assert wrong(LINE, value) == [("WRONG_TYPE", "Name must be text", None)]


# --- choices ---------------------------------------------------------------------------------------------------------


def test_one_of_those_listed_is_chosen():
    assert wrong(CHOICE, "s75") == wrong(CHOICE, "s31") == []
    assert wrong(CHOICE, "s77") == [("UNKNOWN_VALUE", "Power: choose one of those listed", "Use one of: s31, s75.")]


def test_several_of_those_listed_are_chosen():
    assert wrong(CHOICES, ["s75"]) == wrong(CHOICES, []) == wrong(CHOICES, {"s31", "s75"}) == []
    unknown = ("UNKNOWN_VALUE", "Ways: 7, z is none of those listed", "Use only: s31, s75.")
    assert wrong(CHOICES, ["z", "s75", 7]) == [unknown]
    assert wrong(CHOICES, "s75") == wrong(CHOICES, 7) == [("WRONG_TYPE", "Ways must be a list", None)]


# --- days, numbers, answers ------------------------------------------------------------------------------------------

RANGE = "Day must be between 1 April 2000 and 31 December 2100"


@pytest.mark.parametrize(
    ("value", "is_within"),
    [
        (dt.date(2000, 3, 31), False),
        (dt.date(2000, 4, 1), True),
        (dt.date(2000, 4, 2), True),
        (dt.date(2100, 12, 30), True),
        (dt.date(2100, 12, 31), True),
        (dt.date(2101, 1, 1), False),
    ],
)
def test_a_day_lies_within_the_bounds_of_its_field(value, is_within):
    expected = [] if is_within else [("DATE_OUT_OF_RANGE", RANGE, "Correct the year.")]
    assert wrong(DAY, value) == expected
    assert wrong(replace(DAYS, label="Day"), [value]) == expected


@pytest.mark.parametrize("value", ["2024-04-01", 7, dt.datetime(2024, 4, 1, tzinfo=dt.UTC)])
def test_a_day_is_a_date(value):
    assert wrong(DAY, value) == [("WRONG_TYPE", "Day must be a date", None)]


def test_days_are_a_list_of_at_most_sixty():
    one = dt.date(2024, 4, 1)
    assert wrong(DAYS, [one] * 60) == wrong(DAYS, (one,)) == wrong(DAYS, []) == []
    many = ("TOO_MANY", "Review dates: at most 60 dates are allowed", NEXT_YEARS)
    assert wrong(DAYS, [one] * 61) == [many]
    assert wrong(DAYS, ["x"] * 61) == [many, *[("WRONG_TYPE", "Review dates must be a date", None)] * 61]
    assert wrong(DAYS, one) == [("WRONG_TYPE", "Review dates must be a list of dates", None)]
    assert wrong(DAYS, {one}) == [("WRONG_TYPE", "Review dates must be a list of dates", None)]


@pytest.mark.parametrize(
    ("value", "is_fine"),
    [(-1, False), (0, False), (1, True), (2, True), (119, True), (120, True), (121, False), (True, False),
     (6.0, False), ("6", False)],
)  # fmt: skip
def test_a_whole_number_lies_within_the_bounds_of_its_field(value, is_fine):
    message = "Notice, in months must be a whole number from 1 to 120"
    assert wrong(MONTHS, value) == ([] if is_fine else [("OUT_OF_RANGE", message, None)])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-0.01", "OUT_OF_RANGE"), ("0", ""), ("0.01", ""), ("99.99", ""), ("100", ""), ("100.00", ""),
        ("100.01", "OUT_OF_RANGE"), ("12.5", ""), ("12.50", ""), ("12.505", "TOO_PRECISE"), ("12.500", ""),
        ("NaN", "OUT_OF_RANGE"), ("Infinity", "OUT_OF_RANGE"), ("-Infinity", "OUT_OF_RANGE"),
    ],
)  # fmt: skip
def test_a_percentage_has_two_decimal_places(value, code):
    messages = {
        "OUT_OF_RANGE": "Irrecoverable VAT must be between 0 and 100",
        "TOO_PRECISE": "Irrecoverable VAT can have two decimal places at most",
    }
    assert wrong(PERCENT, Decimal(value)) == ([(code, messages[code], None)] if code else [])


@pytest.mark.parametrize("value", [12, 12.5, "12.5"])
def test_a_percentage_is_a_decimal(value):
    assert [code for code, *_ in wrong(PERCENT, value)] == ["OUT_OF_RANGE"]


@pytest.mark.parametrize("value", [0, 1, "yes", ["yes"]])
def test_an_answer_is_yes_or_no(value):
    assert wrong(FLAG, True) == wrong(FLAG, False) == []
    assert wrong(FLAG, value) == [("WRONG_TYPE", "Voluntary: answer yes or no", None)]


def test_a_row_is_whatever_the_caller_looked_up():
    assert wrong(ROW, object()) == wrong(ROW, 7) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", ""), ("-0.01", ""), ("1234567.89", ""), ("0.001", "TOO_PRECISE"), ("12.500", ""),
        ("NaN", "OUT_OF_RANGE"), ("Infinity", "OUT_OF_RANGE"),
    ],
)  # fmt: skip
def test_a_sum_has_pounds_and_pence(value, code):
    messages = {
        "OUT_OF_RANGE": "Sum must be an amount in pounds and pence",
        "TOO_PRECISE": "Sum can have two decimal places at most",
    }
    assert wrong(MONEY, Decimal(value)) == ([(code, messages[code], None)] if code else [])
    assert [code for code, *_ in wrong(MONEY, 12)] == ["OUT_OF_RANGE"]


@pytest.mark.parametrize(("value", "is_within"), [("0.99", False), ("1", True), ("5", True), ("5.01", False)])
def test_a_sum_lies_within_the_bounds_of_its_field_where_it_has_any(value, is_within):
    outside = [("OUT_OF_RANGE", "Sum must be between 1 and 5", None)]
    assert wrong(replace(MONEY, least=1, most=5), Decimal(value)) == ([] if is_within else outside)


@pytest.mark.parametrize(("bounds", "value"), [({"least": 1}, "0.99"), ({"most": 5}, "5.01")])
def test_one_bound_of_a_sum_is_enough_to_refuse(bounds, value):
    assert [code for code, *_ in wrong(replace(MONEY, **bounds), Decimal(value))] == ["OUT_OF_RANGE"]


# --- as people read it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        *((field, None, "") for field in EVERY_KIND), (LINE, "", ""), (CHOICE, "", ""), (CHOICES, [], ""),
        (LINE, "Ours", "Ours"), (TEXT, "One\nteam", "One\nteam"), (MONTHS, 0, "0"), (MONTHS, 6, "6"),
        (FLAG, True, "Yes"), (FLAG, False, "No"), (DAY, FIRST, "1 April 2000"),
        (DAYS, (FIRST, LAST), "1 April 2000; 31 December 2100"), (DAYS, [FIRST], "1 April 2000"), (DAYS, (), ""),
        (CHOICE, "s31", "Section 31"), (CHOICES, ("s75", "s31"), "Section 75; Section 31"),
        (MONEY, Decimal("1234.5"), "£1,234.50"), (PERCENT, Decimal("1.50"), "1.50"), (PERCENT, Decimal("1E+1"), "10"),
        (ROW, SimpleNamespace(name="The county"), "The county"), (ROW, "Community fund", "Community fund"),
        (SHARES, ("04-15 40.00", "10-15 60.00"), "15 April: 40%; 15 October: 60%"),
        (ROW, (SimpleNamespace(name="Mere"), SimpleNamespace(name="Moor")), "Mere; Moor"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_people_read_it(field, value, text):
    assert value_text(field, value) == text
