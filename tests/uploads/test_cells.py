"""What the text of one cell means, kind by kind and edge by edge, and how a record becomes columns of a file."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from pooledcare.kernel.number_formats import NumberFormat
from pooledcare.kernel.number_styles import NumberStyle
from pooledcare.kernel.problems import Problem
from pooledcare.kernel.records import FieldKind, RecordField
from pooledcare.uploads import cells
from pooledcare.uploads.cells import BLANK, as_json, judge_of, judges_of, upload_column, upload_columns, values_of
from pooledcare.uploads.checks import Verdict

OTHER_SPELLING = "Dates were read in other spellings, such as 1 April 2026"
NOT_A_DATE = Problem("NOT_A_DATE", "This is not a date", fix="Write the date as 2026-04-01 or 1 April 2026.")
OUT_OF_DAYS = Problem(
    "DATE_OUT_OF_RANGE", "The date must be between 1 April 2000 and 31 December 2100", fix="Correct the year."
)
OUT_OF_MONTHS = Problem(
    "OUT_OF_RANGE", "Notice must be a whole number from 1 to 120", fix="Write the number only, such as 6."
)
YES_OR_NO = Problem("NOT_IN_LIST", "The answer must be yes or no", fix="Write yes or no.")
TWICE = Problem("CODE_TWICE", "A code is repeated", fix="Name each organisation once.")
PLACE = Problem("UNKNOWN_PLACE", "No such place.", fix="Look again.")

FIRST, LAST = dt.date(2000, 4, 1), dt.date(2100, 12, 31)
POWERS = (("s31", "Section 31"), ("s75", "Section 75"))


def field(name: str, label: str, kind: FieldKind, **said: Any) -> RecordField:
    return RecordField(name, label, kind, **{"key": name} | said)


LINE = field("title", "Title", FieldKind.LINE, longest=300, help="As on its first page", example="Ours")
TEXT = field("aims", "Aims and outcomes", FieldKind.TEXT)
CHOICE = field("power", "Legal power", FieldKind.CHOICE, choices=POWERS)
CHOICES = field("powers", "Legal powers", FieldKind.CHOICES, choices=POWERS)
DAY = field("end_on", "Last day", FieldKind.DAY, key="end", least=FIRST, most=LAST)
DAYS = field("review_on", "Review dates", FieldKind.DAYS, least=FIRST, most=LAST)
WHOLE = field("notice_months", "Notice", FieldKind.WHOLE, least=1, most=120)
MONEY = field("sum", "Sum", FieldKind.MONEY)
SHARES = field("paid", "Instalments", FieldKind.SHARES)
FLAG = field("is_voluntary", "Voluntary", FieldKind.FLAG, key="voluntary")
PERCENT = field("share", "Share", FieldKind.PERCENT, least=0, most=100)
REFERENCE = field("lead", "Lead", FieldKind.REFERENCE)
JUDGED = (LINE, TEXT, CHOICE, CHOICES, DAY, DAYS, WHOLE, MONEY, SHARES, FLAG, PERCENT)
day, days, whole = (judge_of(each) for each in (DAY, DAYS, WHOLE))


# --- a record as columns of a file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FieldKind)
def test_the_cells_of_every_kind_are_judged_but_references(kind):
    known = {each.kind: each for each in (*JUDGED, REFERENCE)}[kind]
    if kind == FieldKind.REFERENCE:
        with pytest.raises(TypeError, match=f"A kind of upload must declare itself how {known.label} is written"):
            judge_of(known)
    else:
        assert judge_of(known)("") == BLANK
    assert upload_column(known).heading == known.key


def test_judges_stand_under_the_names_of_their_columns():
    judges = judges_of(JUDGED)
    assert [*judges] == [
        "title",
        "aims",
        "power",
        "powers",
        "end",
        "review_on",
        "notice_months",
        "sum",
        "paid",
        "voluntary",
        "share",
    ]
    assert judges["end"]("2026-04-01") == Verdict("2026-04-01")


def test_a_column_says_what_its_field_is_and_how_its_cells_are_written():
    helps = {each.heading: each.help for each in upload_columns((*JUDGED, REFERENCE))}
    assert helps == {
        "title": "As on its first page.",
        "aims": "Aims and outcomes.",
        "power": "Legal power. One of s31, s75.",
        "powers": "Legal powers. Some of s31, s75, with ; between them.",
        "end": "Last day. A date, as 2026-04-01.",
        "review_on": "Review dates. Dates, with ; between them.",
        "notice_months": "Notice. A whole number from 1 to 120.",
        "sum": "Sum. Pounds and pence, as 1234.56.",
        "paid": "Instalments. Days with percentages and ; between them, as 15 April: 25%; 15 October: 75%.",
        "voluntary": "Voluntary. Yes or no.",
        "share": "Share. A percentage, as 2.5 or 2.5%.",
        "lead": "Lead.",
    }
    column = upload_column(LINE, help="Its title.", required=True)
    assert (column.label, column.help, column.example, column.required, column.choices) == (
        "Title", "Its title.", "Ours", True, None,
    )  # fmt: skip
    assert upload_column(CHOICE).choices() == POWERS
    assert {each.kind for each in JUDGED if upload_column(each).is_amount} == {FieldKind.MONEY}
    assert (upload_column(CHOICE).required, upload_column(CHOICES).choices) == (False, None)


KEPT: list[tuple[RecordField, str, Any, Any]] = [
    (LINE, "Ours", "Ours", "Ours"),
    (TEXT, "One team", "One team", "One team"),
    (CHOICE, "s75", "s75", "s75"),
    (CHOICES, "s75; s31", ["s31", "s75"], ["s31", "s75"]),
    (DAY, "2026-04-01", "2026-04-01", dt.date(2026, 4, 1)),
    (DAYS, "2026-04-01", ["2026-04-01"], [dt.date(2026, 4, 1)]),
    (WHOLE, "6", 6, 6),
    (MONEY, "1234.5", "1234.50", Decimal("1234.50")),
    (SHARES, "15 October: 60%; 15 April: 40", ["04-15 40.00", "10-15 60.00"], ["04-15 40.00", "10-15 60.00"]),
    (FLAG, "no", False, False),
    (PERCENT, "2.5%", "2.50", Decimal("2.50")),
]


@pytest.mark.parametrize(("field", "text", "kept", "value"), KEPT, ids=lambda one: getattr(one, "name", None))
def test_a_cell_is_kept_as_json_and_read_again_as_the_value_of_its_field(field, text, kept, value):
    assert judge_of(field)(text).value == kept
    assert json.loads(json.dumps(kept)) == kept
    (found,) = values_of({field.key: kept}, {field.name: field}).items()
    assert found == (field.name, value)
    assert type(found[1]) is type(value)
    assert as_json(field, value) == kept


def test_every_kind_with_cells_is_kept_and_read_again():
    assert {field.kind for field, *_ in KEPT} == set(FieldKind) - {FieldKind.REFERENCE}


def shown(code: str, stored: str) -> str:
    return NumberFormat(code).shown_as(stored)


PERCENTAGES = [
    ("2.5", "2.50"), ("2.50%", "2.50"), (" 2.5 % ", "2.50"), ("2.5 per cent", "2.50"), ("0", "0.00"), ("-0", "0.00"),
    ("100", "100.00"), (shown("0.0%", "0.025"), "2.50"), (shown("0%", "0.025"), "2.50"), (shown("0%", "1"), "100.00"),
    (shown("0%", "0"), "0.00"), (shown("0.00%", "0.07000000000000001"), "7.00"), (shown('0.0" %"', "2.5"), "2.50"),
    (shown('0" per cent"', "5"), "5.00"), ("0.025", "TOO_MANY_DECIMALS"), ("2.555%", "TOO_MANY_DECIMALS"),
    ("100.01", "OUT_OF_RANGE"), ("-1%", "OUT_OF_RANGE"), (shown("0%", "2.5"), "OUT_OF_RANGE"),
    *((text, "NOT_A_PERCENTAGE") for text in (shown("0,", "2000"), shown('0"k"', "2"), shown("0%;0%", "-0.5"))),
    *((text, "NOT_A_PERCENTAGE") for text in ("half", "2,5", "%", "5%%", "1e1")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PERCENTAGES)
def test_a_percentage_is_what_its_sender_sees(text, expected):
    verdict = judge_of(PERCENT)(text)
    code = None if verdict.problem is None else verdict.problem.code
    assert (verdict.value or code) == expected


@pytest.mark.parametrize(("field", "nothing", "kept"), [(DAY, None, None), (DAYS, None, []), (DAYS, (), []),
                                                        (MONEY, None, None), (CHOICES, (), []), (WHOLE, None, None),
                                                        (LINE, "", "")])  # fmt: skip
def test_nothing_is_kept_as_nothing(field, nothing, kept):
    assert as_json(field, nothing) == kept
    assert values_of({field.key: kept}, {field.name: field})[field.name] == (kept if field != DAYS else [])


def test_only_what_a_row_says_is_read_and_references_are_left_to_the_caller():
    fields = {each.name: each for each in (LINE, DAY, REFERENCE)}
    assert values_of({"title": "Ours", "lead": {"pk": 1}, "other": "x"}, fields) == {"title": "Ours"}
    assert values_of({"end_on": "2026-04-01"}, fields) == {}
    assert as_json(REFERENCE, row := SimpleNamespace()) is row


# --- kinds of cell ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judge",
    [
        cells.words, *(judge_of(each) for each in JUDGED), cells.code, cells.codes,
        cells.named({}, "", ""), cells.pairs((), "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("blank", ["", "  ", "\t\u00a0"])
def test_a_blank_cell_says_nothing(judge, blank):
    assert judge(blank) == BLANK == Verdict(None, None, "")


def test_lists_of_nothing_but_separators_say_nothing():
    for judge in (
        days,
        cells.codes,
        judge_of(CHOICES),
        cells.named({}, "", ""),
        cells.pairs((), "", ""),
    ):
        assert judge(" ; ;") == BLANK
    assert cells.parts_of(" a;; b ;") == ["a", "b"]


def test_words_are_tidied_and_a_formula_is_text():
    assert cells.words("By mediation.") == Verdict("By mediation.")
    assert cells.words(" By\nmediation. ").value == "By mediation."
    assert cells.words("'=1+1").value == "=1+1"
    assert cells.words("\x07").problem.code == "CONTROL_CHAR"


@pytest.mark.parametrize("longest", [80, 300, 2_000])
@pytest.mark.parametrize(("more", "is_taken"), [(-1, True), (0, True), (1, False)])
def test_a_text_has_at_most_as_many_characters_as_its_field(longest, more, is_taken):
    text = "x" * (longest + more)
    too_long = Problem("FIELD_TOO_LONG", f"The text is longer than {longest:,} characters", fix="Shorten the text.")
    for kind in (FieldKind.LINE, FieldKind.TEXT):
        judge = judge_of(field("title", "Title", kind, longest=longest))
        assert judge(text) == (Verdict(text) if is_taken else Verdict(problem=too_long))
        assert judge("\x07").problem.code == "CONTROL_CHAR"


def test_no_cell_has_more_than_four_thousand_characters_however_long_its_field():
    assert judge_of(TEXT)("x" * 4_000).value == "x" * 4_000
    assert judge_of(TEXT)("x" * 4_001).problem.message == "The text is longer than 4,000 characters"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2026-04-01", Verdict("2026-04-01")),
        (" 2026-04-01", Verdict("2026-04-01", note=OTHER_SPELLING)),
        ("1 April 2026", Verdict("2026-04-01", note=OTHER_SPELLING)),
        ("01/04/2026", Verdict("2026-04-01", note=OTHER_SPELLING)),
        ("soon", Verdict(problem=NOT_A_DATE)),
        ("2026-02-30", Verdict(problem=NOT_A_DATE)),
        ("2000-03-31", Verdict(problem=OUT_OF_DAYS)),
        ("2000-04-01", Verdict("2000-04-01")),
        ("2100-12-31", Verdict("2100-12-31")),
        ("2101-01-01", Verdict(problem=OUT_OF_DAYS)),
    ],
)
def test_a_day_is_read_as_people_write_it_within_our_years(text, verdict):
    assert day(text) == verdict


def test_days_are_kept_in_order_and_once_and_one_that_is_wrong_spoils_the_cell():
    assert days("2027-04-01; 1 October 2026; 2027-04-01") == Verdict(["2026-10-01", "2027-04-01"])
    assert days("2027-04-01; soon; 1999-01-01") == Verdict(problem=NOT_A_DATE)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("1", 1), ("6", 6), (" 12 ", 12), ("6.0", 6), ("6.00", 6), ("120", 120), ("0", None), ("121", None),
        ("1000", None), ("6.5", None), ("-1", None), ("six", None), ("6 months", None), ("6.", None), ("٦", None),
    ],
)  # fmt: skip
def test_a_whole_number_lies_within_the_bounds_of_its_field(text, months):
    assert whole(text) == (Verdict(months) if months else Verdict(problem=OUT_OF_MONTHS))


@pytest.mark.parametrize(
    ("text", "answer"),
    [("yes", True), ("Y", True), ("TRUE", True), (" no ", False), ("n", False), ("False", False), ("perhaps", None)],
)
def test_an_answer_is_yes_or_no(text, answer):
    assert judge_of(FLAG)(text) == (Verdict(answer) if answer is not None else Verdict(problem=YES_OR_NO))


def test_a_choice_is_one_of_its_list_and_choices_are_some_of_it_in_order_and_once():
    one = judge_of(CHOICE)
    assert [one("s75"), one("s31")] == [Verdict("s75"), Verdict("s31")]
    refused = one("s99").problem
    assert (refused.code, refused.message, refused.fix) == (
        "NOT_IN_LIST", "The legal power is not one of those allowed", "Use s31 or s75.",
    )  # fmt: skip
    assert one("S75").note == "power: “S75” was read as “s75”"
    regime = judge_of(field("vat_regime", "VAT regime", FieldKind.CHOICE, choices=POWERS))
    assert regime("s99").problem.message == "The VAT regime is not one of those allowed"
    some = judge_of(CHOICES)
    assert some("s75; s31; s75") == Verdict(["s31", "s75"])
    assert some("s75; s99; s98").problem.message == "A value of legal powers is not one of those allowed"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("1234.56", "1234.56"), ("£1,234.50", "1234.50"), ("-5", "-5.00"), ("0", "0.00"), ("12.345", None), ("ten", None)],
)
def test_a_sum_is_read_as_strictly_as_every_amount(text, kept):
    found = judge_of(MONEY)(text)
    assert found.value == kept
    assert (found.problem is None) is (kept is not None)


@pytest.mark.parametrize(
    ("bounds", "text", "is_within"),
    [
        ({"least": 1, "most": 5}, "1", True), ({"least": 1, "most": 5}, "5", True),
        ({"least": 1, "most": 5}, "0.99", False), ({"least": 1, "most": 5}, "5.01", False),
        ({"least": 1}, "0.99", False), ({"most": 5}, "5.01", False), ({"least": 1}, "9", True),
    ],
)  # fmt: skip
def test_a_sum_lies_within_the_bounds_of_its_field(bounds, text, is_within):
    problem = judge_of(field("sum", "Sum", FieldKind.MONEY, **bounds))(text).problem
    assert (problem.code if problem else "") == ("" if is_within else "OUT_OF_RANGE")


def test_a_code_is_read_in_capitals_and_one_that_only_looks_like_it_is_refused():
    assert cells.code("QXX") == Verdict("QXX")
    assert cells.code("qxx") == Verdict("QXX", note="Codes in small letters were read as capitals")
    assert cells.code(" QXX") == Verdict("QXX", note="Spaces around codes were removed")
    assert cells.code("QХХ").problem.code == "NON_ASCII_CODE"  # in Cyrillic


def test_codes_keep_their_order_and_none_is_there_twice():
    assert cells.codes("QXX; E10000099;") == Verdict(["QXX", "E10000099"])
    assert cells.codes("QXX; E10000099; qxx") == Verdict(problem=TWICE)
    assert cells.codes("QXX; QХХ").problem.code == "NON_ASCII_CODE"


def test_places_are_found_by_name_or_address_each_once():
    judge = cells.named({"mereshire": "mere", "mere": "mere", "northwold": "north"}, PLACE.message, PLACE.fix or "")
    assert judge("Northwold; MERESHIRE; mere") == Verdict(["north", "mere"])
    assert judge("Mereshire; Nowhere") == Verdict(problem=PLACE)


def test_pairs_are_a_known_word_and_what_stands_behind_its_colon():
    judge = cells.pairs({"nhs-s3", "social-services"}, "There is no such function", "Look again.")
    assert judge("NHS-s3 : qxx; social-services; nhs-s3:a:b") == Verdict(
        [["nhs-s3", "qxx"], ["social-services", ""], ["nhs-s3", "a:b"]]
    )
    name = "x" * 61
    unknown = Problem("UNKNOWN_FUNCTION", f"There is no such function: {name[:60]}", fix="Look again.")
    assert judge(f"nhs-s3; {name}:QXX") == Verdict(problem=unknown)


def test_money_is_read_as_the_file_writes_it():
    unclear, comma = NumberStyle(unclear_point="1.500 in B2"), NumberStyle(comma="1.234,56 in B3")
    judge = cells.money_between("The cost", Decimal(0), Decimal(10_000), unclear)
    assert judge("1.500").problem.code == "AMBIGUOUS_NUMBER"
    assert cells.money_between("The cost", Decimal(0), Decimal(10_000), comma)("1.500").value == "1500.00"
    assert cells.money_between("The cost", Decimal(0), Decimal(10_000))("1.500").value == "1.50"
