"""What the text of one cell of a file about drafts means, cell by cell and edge by edge."""

from __future__ import annotations

import pytest

from partnerships.upload_kinds import cells
from partnerships.upload_kinds.cells import BLANK
from pooledcare.kernel.problems import Problem
from pooledcare.uploads.checks import Verdict

OTHER_SPELLING = "Dates were read in other spellings, such as 1 April 2026"
NOT_A_DATE = Problem("NOT_A_DATE", "This is not a date", fix="Write the date as 2026-04-01 or 1 April 2026.")
OUT_OF_DAYS = Problem(
    "DATE_OUT_OF_RANGE", "The date must be between 1 April 2000 and 31 December 2100", fix="Correct the year."
)
OUT_OF_MONTHS = Problem(
    "OUT_OF_RANGE", "The months must be a whole number from 1 to 120", fix="Write the number only, such as 6."
)
YES_OR_NO = Problem("NOT_IN_LIST", "The answer must be yes or no", fix="Write yes or no.")
TWICE = Problem("CODE_TWICE", "A code is repeated", fix="Name each organisation once.")
PLACE = Problem("UNKNOWN_PLACE", "No such place.", fix="Look again.")


@pytest.mark.parametrize(
    "judge",
    [
        cells.words, cells.line, cells.day, cells.days, cells.months, cells.yes_or_no, cells.code, cells.codes,
        cells.choice("power", "the power", ["s75"]), cells.choices("power", "the power", ["s75"]),
        cells.named({}, "", ""), cells.pairs((), "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("blank", ["", "  ", "\t\u00a0"])
def test_a_blank_cell_says_nothing(judge, blank):
    assert judge(blank) == BLANK == Verdict(None, None, "")


def test_lists_of_nothing_but_separators_say_nothing():
    for judge in (
        cells.days,
        cells.codes,
        cells.choices("x", "x", ["a"]),
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


@pytest.mark.parametrize(("length", "is_taken"), [(299, True), (300, True), (301, False)])
def test_a_line_has_at_most_three_hundred_characters(length, is_taken):
    too_long = Problem("FIELD_TOO_LONG", "The text is longer than 300 characters", fix="Shorten the text.")
    assert cells.line("x" * length) == (Verdict("x" * length) if is_taken else Verdict(problem=too_long))
    assert cells.line("\x07").problem.code == "CONTROL_CHAR"


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
    assert cells.day(text) == verdict


def test_days_are_kept_in_order_and_once_and_one_that_is_wrong_spoils_the_cell():
    assert cells.days("2027-04-01; 1 October 2026; 2027-04-01") == Verdict(["2026-10-01", "2027-04-01"])
    assert cells.days("2027-04-01; soon; 1999-01-01") == Verdict(problem=NOT_A_DATE)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("1", 1), ("6", 6), (" 12 ", 12), ("6.0", 6), ("6.00", 6), ("120", 120), ("0", None), ("121", None),
        ("1000", None), ("6.5", None), ("-1", None), ("six", None), ("6 months", None), ("6.", None), ("٦", None),
    ],
)  # fmt: skip
def test_months_are_a_whole_number_from_one_to_a_hundred_and_twenty(text, months):
    assert cells.months(text) == (Verdict(months) if months else Verdict(problem=OUT_OF_MONTHS))


@pytest.mark.parametrize(
    ("text", "answer"),
    [("yes", True), ("Y", True), ("TRUE", True), (" no ", False), ("n", False), ("False", False), ("perhaps", None)],
)
def test_an_answer_is_yes_or_no(text, answer):
    assert cells.yes_or_no(text) == (Verdict(answer) if answer is not None else Verdict(problem=YES_OR_NO))


def test_a_choice_is_one_of_its_list_and_choices_are_some_of_it_in_order_and_once():
    one = cells.choice("power", "the legal power", iter(["s31", "s75"]))
    assert [one("s75"), one("s31")] == [Verdict("s75"), Verdict("s31")]
    refused = one("s99").problem
    assert (refused.code, refused.message, refused.fix) == (
        "NOT_IN_LIST", "The legal power is not one of those allowed", "Use s31 or s75.",
    )  # fmt: skip
    assert one("S75").note == "power: “S75” was read as “s75”"
    some = cells.choices("power", "the legal power", ["s31", "s75"])
    assert some("s75; s31; s75") == Verdict(["s31", "s75"])
    assert some("s75; s99; s98") == Verdict(problem=refused)


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
