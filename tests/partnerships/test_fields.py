"""What may stand in each field of a deed, a fund, a scheme and a record, and how it is kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest

from partnerships.rules.agreements.fields import (
    DEED,
    FLAG,
    MONTHS,
    ORIGINAL,
    POOL,
    ROW,
    SCHEME,
    Field,
    choice,
    choices,
    clause,
    cleaned,
    day,
    line,
    text,
    value_problems,
)
from partnerships.terms import ClauseKind, Flexibility, Power
from pooledcare.kernel.problems import Problem, Where


def wrong(field: Field, value: object) -> list[tuple[str, str, str | None]]:
    found = value_problems({"it": value}, {"it": field})
    assert all(each.where == Where(field="it") for each in found)
    return [(each.code, each.message, each.fix) for each in found]


def kept(field: Field, value: object) -> object:
    return cleaned({"it": value}, {"it": field})["it"]


def test_only_known_fields_are_given_and_what_is_not_given_is_not_wrong():
    unknown = Problem("UNKNOWN_FIELD", "There is no field called “state” here", Where(field="state"))
    assert value_problems({"state": "signed"}, DEED) == [unknown]
    assert value_problems({}, POOL) == []


def test_every_value_is_judged_in_the_order_in_which_it_was_given():
    found = value_problems({"name": "", "state": 1, "kind": "shared", "manager": "Head"}, POOL)
    assert [(each.code, each.where and each.where.field) for each in found] == [
        ("REQUIRED", "name"), ("UNKNOWN_FIELD", "state"), ("UNKNOWN_VALUE", "kind"),
    ]  # fmt: skip


# --- nothing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, "", " \n\t", "\u00a0"])
def test_what_is_required_is_asked_for_and_all_else_may_be_empty(nothing):
    assert wrong(line("Name", required="Enter the name"), nothing) == [("REQUIRED", "Enter the name", None)]
    for field in (line("Name"), text("Text"), clause("Clause"), choice("Power", Power), choices("Ways", Flexibility),
                  day("Day"), MONTHS, ROW, POOL["irrecoverable_vat"], DEED["review_on"]):  # fmt: skip
        assert wrong(field, nothing) == []
    assert wrong(FLAG, nothing) == [("REQUIRED", "Answer yes or no", None)]


@pytest.mark.parametrize(
    ("field", "empty"),
    [(line("A"), ""), (text("A"), ""), (clause("A"), ""), (choice("A", Power), ""), (choices("A", Flexibility), []),
     (day("A"), None), (MONTHS, None), (FLAG, False), (ROW, None), (POOL["irrecoverable_vat"], None),
     (DEED["review_on"], None)],
)  # fmt: skip
def test_nothing_is_kept_as_each_kind_of_field_keeps_it(field, empty):
    assert kept(field, " ") == kept(field, None) == empty
    assert type(kept(field, None)) is type(empty)


# --- how it is kept --------------------------------------------------------------------------------------------------


def test_a_line_is_kept_with_single_blanks_and_a_text_with_its_lines():
    assert kept(line("A"), "  Home \r\n  first\t now ") == "Home first now"
    assert kept(text("A"), " Home\r\n  first\rnow\n\n ") == "Home\n  first\nnow"
    assert kept(clause("A"), "a  b") == "a  b"


def test_lists_are_kept_in_order_and_once_and_rows_as_they_are():
    for given in (["b", "a", "b"], ("b", "a", "b"), {"b", "a"}, frozenset("ab")):
        assert kept(choices("A", Flexibility), given) == ["a", "b"]
        assert kept(ROW, given) is given
    row = SimpleNamespace()
    assert (kept(ROW, row), kept(MONTHS, 3), kept(FLAG, False)) == (row, 3, False)
    assert kept(ROW, " x ") == " x "


# --- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "longest", "shown"),
    [(line("Name"), 300, "300"), (text("Name"), 20_000, "20,000"), (clause("Name"), 100_000, "100,000")],
)
def test_a_text_has_a_greatest_length_and_an_end_of_line_counts_once(field, longest, shown):
    assert wrong(field, "x" * (longest - 1)) == wrong(field, "x" * longest) == []
    assert wrong(field, "x" * (longest - 2) + "\r\nx") == []
    long = f"Name has {longest + 1:,} characters, and at most {shown} can be kept"
    assert wrong(field, "x" * (longest + 1)) == [("TOO_LONG", long, "Shorten it, or add the long text as a document.")]
    assert wrong(field, "x" * longest + "\r\n") == [
        ("TOO_LONG", long, "Shorten it, or add the long text as a document.")
    ]


@pytest.mark.parametrize("bad", ["\x00", "a\x0bb", "\x7f", "\ud800", "x\udfff"])
def test_control_characters_and_halves_of_characters_are_not_kept(bad):
    message = "Name contains control characters that cannot be kept"
    assert wrong(line("Name"), f"a{bad}") == [("BAD_CHARACTERS", message, "Delete them, or type the text again.")]


@pytest.mark.parametrize("fine", ["a\nb", "a\tb", "é", "\ue000", "𝔄"])
def test_other_characters_are_kept(fine):
    assert wrong(text("Name"), fine) == []


@pytest.mark.parametrize("value", [7, True, ["a"], dt.date(2024, 4, 1)])
def test_a_text_is_text(value):
    assert wrong(text("Name"), value) == [("WRONG_TYPE", "Name must be text", None)]


# --- choices ---------------------------------------------------------------------------------------------------------


def test_one_of_those_listed_is_chosen():
    field = choice("Power", (Power.S31, Power.S75))
    assert wrong(field, "s75") == wrong(field, Power.S31) == []
    assert wrong(field, "s77") == [("UNKNOWN_VALUE", "Power: choose one of those listed", "Use one of: s31, s75.")]
    assert choice("Kind", ["a", "b"]).choices == ("a", "b")
    assert choice("Kind", ClauseKind).choices == tuple(ClauseKind.values)


def test_several_of_those_listed_are_chosen():
    field = choices("Ways", Flexibility)
    assert wrong(field, ["pooled_fund"]) == wrong(field, []) == wrong(field, set(Flexibility)) == []
    offer = f"Use only: {', '.join(Flexibility.values)}."
    assert wrong(field, ["z", "pooled_fund", 7]) == [("UNKNOWN_VALUE", "Ways: 7, z is none of those listed", offer)]
    assert wrong(field, "pooled_fund") == wrong(field, 7) == [("WRONG_TYPE", "Ways must be a list", None)]


# --- days, numbers, answers ------------------------------------------------------------------------------------------

RANGE = "Day must lie between 1 April 2000 and 31 December 2100"


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
def test_a_day_lies_in_the_time_of_pooling(value, is_within):
    expected = [] if is_within else [("DATE_OUT_OF_RANGE", RANGE, "Correct the year.")]
    assert wrong(day("Day"), value) == expected
    assert wrong(Field("Day", DEED["review_on"].problems), [value]) == expected


@pytest.mark.parametrize("value", ["2024-04-01", 7, dt.datetime(2024, 4, 1, tzinfo=dt.UTC)])
def test_a_day_is_a_date(value):
    assert wrong(day("Day"), value) == [("WRONG_TYPE", "Day must be a date", None)]


def test_review_dates_are_a_list_of_at_most_sixty_days():
    field, one = DEED["review_on"], dt.date(2024, 4, 1)
    assert wrong(field, [one] * 60) == wrong(field, (one,)) == wrong(field, []) == []
    many = ("TOO_MANY", "At most 60 review dates can be kept", "Keep those of the next years.")
    assert wrong(field, [one] * 61) == [many]
    assert wrong(field, ["x"] * 61) == [many, *[("WRONG_TYPE", "Review dates must be a date", None)] * 61]
    assert wrong(field, one) == [("WRONG_TYPE", "Review dates must be a list of dates", None)]
    assert wrong(field, {one}) == [("WRONG_TYPE", "Review dates must be a list of dates", None)]


@pytest.mark.parametrize(
    ("value", "is_fine"),
    [(-1, False), (0, False), (1, True), (2, True), (119, True), (120, True), (121, False), (True, False),
     (6.0, False), ("6", False)],
)  # fmt: skip
def test_notice_is_a_whole_number_of_months_up_to_ten_years(value, is_fine):
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
def test_irrecoverable_vat_is_a_percentage_with_two_places(value, code):
    messages = {
        "OUT_OF_RANGE": "Irrecoverable VAT, per cent must be between 0 and 100",
        "TOO_PRECISE": "Irrecoverable VAT, per cent can have two decimal places at most",
    }
    assert wrong(POOL["irrecoverable_vat"], Decimal(value)) == ([(code, messages[code], None)] if code else [])


@pytest.mark.parametrize("value", [12, 12.5, "12.5"])
def test_a_percentage_is_a_decimal(value):
    assert [code for code, *_ in wrong(POOL["irrecoverable_vat"], value)] == ["OUT_OF_RANGE"]


@pytest.mark.parametrize("value", [0, 1, "yes", ["yes"]])
def test_an_answer_is_yes_or_no(value):
    assert wrong(FLAG, True) == wrong(FLAG, False) == []
    assert wrong(FLAG, value) == [("WRONG_TYPE", "The answer must be yes or no", None)]


def test_a_row_is_whatever_the_caller_looked_up():
    assert wrong(ROW, object()) == wrong(ROW, 7) == []


# --- which fields there are ------------------------------------------------------------------------------------------


def kinds(fields: dict[str, Field]) -> dict[str, str]:
    return {name: f"{field.problems.__name__[1:]} {field.longest}" for name, field in fields.items()}


def test_each_form_has_its_fields_of_their_kinds():
    deed = {
        "title": "text 300", "summary": "text 20000", "effective_on": "day 20000", "sets_end": "flag 20000",
        "end_on": "day 20000", "notice_months": "months 20000", "review_on": "days 20000",
    }  # fmt: skip
    assert kinds(DEED) == deed
    assert kinds(ORIGINAL) == deed | {"power": "choice 20000", "places": "anything 20000"}
    assert kinds(POOL) == {
        "name": "text 300", "kind": "choice 20000", "host": "anything 20000", "manager": "text 300",
        "manager_employer": "anything 20000", "vat_structure": "choice 20000", "vat_regime": "choice 20000",
        "irrecoverable_vat": "percentage 20000", "vat_advice": "text 20000", "accounting": "choice 20000",
    }  # fmt: skip
    long = ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms")
    assert kinds(SCHEME) == {
        "name": "text 300", **dict.fromkeys(long, "text 20000"), "flexibilities": "choices 20000",
        "ways_of_working": "choices 20000", "lead": "anything 20000", "pool": "anything 20000",
        "start_on": "day 20000", "end_on": "day 20000", "notice_months": "months 20000", "is_voluntary": "flag 20000",
    }  # fmt: skip


def test_agreements_are_made_under_the_powers_of_pooling_alone():
    assert ORIGINAL["power"].choices == ("s31", "s75", "s65Z5_65Z6")


def test_the_names_of_funds_and_schemes_the_power_and_the_kind_of_a_fund_are_required():
    required = {
        f"{form}.{name}": field.required
        for form, fields in (("original", ORIGINAL), ("pool", POOL), ("scheme", SCHEME))
        for name, field in fields.items()
        if field.required
    }
    answer = "Answer yes or no"
    assert required == {
        "original.sets_end": answer,
        "original.power": "Choose the legal power",
        "pool.name": "Enter the name of the fund",
        "pool.kind": "Choose pooled or aligned",
        "scheme.name": "Enter the name of the scheme",
        "scheme.is_voluntary": answer,
    }
