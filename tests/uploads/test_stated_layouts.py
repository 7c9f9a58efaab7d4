"""Layouts as plain data: what is refused, and that no pattern of a person can be slow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.problems import Refused
from pooledcare.uploads.layouts import profile_from
from pooledcare.uploads.stated_data import YEAR_FORMS

WHOLE: dict[str, Any] = {
    "title": "Boards",
    "publisher": "Mereshire",
    "summary": "",
    "unit": "1000",
    "missing": ["NA", ""],
    "names": {"The board": "QSL"},
    "broken_pounds": "贈",
    "rounds": True,
    "decimals": "comma",
    "year": r"Budgets\ (?P<year>20\d\d\-\d\d)",
    "sheets": [
        {
            "title": r"Budgets\ 20\d\d\-\d\d",
            "to_the_end": True,
            "heading_rows": 2,
            "family": "icb",
            "code": "Board",
            "letters": {"code": "A"},
            "whole_row": ["Board", "Core"],
            "row_values": {"basis": "Basis"},
            "figures": [{"heading": "Core", "letter": "B", "stream": "nhs-core", "financial_year": "+1"}],
            "totals": [{"column": "Board", "text": "", "is_sum": True}],
            "rows_left_out": [{"column": "Board", "text": "Y58", "label": "Region", "reason": "No board", "row": 9}],
        }
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole layout with another value at a place such as `sheets.0.title`."""
    import copy

    data = copy.deepcopy(WHOLE)
    place: Any = data
    *before, last = path.split(".")
    for part in before:
        place = place[int(part) if part.isdigit() else part]
    place[last] = value
    return data


def test_everything_that_a_layout_of_a_person_can_say_is_read():
    read = profile_from(WHOLE, "made")
    assert (read.key, read.unit, read.decimals, read.broken_pounds, read.rounds) == ("made", 1000, "comma", "贈", True)
    assert (read.missing, read.names) == (frozenset({"NA", ""}), {"The board": "QSL"})
    [sheet] = read.sheets
    assert (sheet.to_the_end, sheet.heading_rows, sheet.family, sheet.letters) == (True, 2, "icb", {"code": "A"})
    assert [one.pattern for one in sheet.whole_row] == ["Board", "Core"]
    assert {name: one.pattern for name, one in sheet.row_values.items()} == {"basis": "Basis"}
    assert (sheet.figures[0].letter, sheet.figures[0].values) == ("B", {"stream": "nhs-core", "financial_year": "+1"})
    assert (sheet.totals[0].is_sum, sheet.rows_left_out[0].row) == (True, 9)
    assert profile_from({**WHOLE, "unit": 1000}, "made").unit == 1000


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("title", None, "The layout does not say “title”"),
        ("title", 1, "“title” must be a text"),
        ("colour", "red", "A layout has nothing called “colour”"),
        ("sheets.0.colour", "red", "A layout has nothing called “sheets[0].colour”"),
        ("sheets.0.totals.0.colour", "red", "A layout has nothing called “sheets[0].totals[0].colour”"),
        ("unit", 0, "“unit” must be a number above 0, such as 1000"),
        ("unit", "a lot", "“unit” must be a number above 0, such as 1000"),
        ("unit", True, "“unit” must be a number above 0, such as 1000"),
        ("unit", "NaN", "“unit” must be a number above 0, such as 1000"),
        ("missing", "NA", "“missing” must be a list of texts"),
        ("names", {"a": 1}, "“names” must be a table of texts"),
        ("rounds", "yes", "“rounds” must be true or false"),
        ("decimals", "dot", "“decimals” must be point or comma"),
        ("year", "2024", "“year” does not say where the year stands"),
        ("sheets", {}, "“sheets” must be a list"),
        ("sheets", ["a"], "“sheets[0]” must be a table of names and values"),
        ("sheets.0.heading_rows", 3, "“sheets[0].heading_rows” must be a whole number from 1 to 2"),
        ("sheets.0.letters", {"code": "a1"}, "“a1” is not the letter of a column"),
        ("sheets.0.code", "a" * 501, "“sheets[0].code” is longer than 500 characters"),
        ("sheets.0.figures.0.stream", 5, "“sheets[0].figures[0].stream” must be a text"),
        ("editions", [], "A layout needs at least one edition"),
    ],
)
def test_a_layout_that_is_not_well_formed_is_refused_with_the_place(path, value, message):
    with pytest.raises(Refused) as refused:
        profile_from(changed(path, value), "made")
    assert [problem.message for problem in refused.value.problems] == [message]
    assert refused.value.code == "BAD_LAYOUT"


@pytest.mark.parametrize("pattern", ["(a+)+b", "a.*", "a|b", "[ab]", r"\d", r"\w", "a{9}", "a?", "^a", "(?=a)", "a\\"])
def test_a_person_may_only_state_literal_texts_and_years(pattern):
    with pytest.raises(Refused) as refused:
        profile_from(changed("sheets.0.code", pattern), "made")
    assert refused.value.problems[0].message == (
        "“sheets[0].code” has a sign with a special meaning, where only a text and years are allowed"
    )


def test_our_own_files_may_state_any_pattern_that_can_be_used():
    assert profile_from(changed("sheets.0.code", "a|b"), "made", only_literals=False).sheets[0].code.pattern == "a|b"
    with pytest.raises(Refused, match="is not a pattern that can be used"):
        profile_from(changed("sheets.0.code", "(a"), "made", only_literals=False)


@given(st.text(max_size=200))
def test_every_text_can_be_stated_and_matches_itself_alone(text):
    code = profile_from(changed("sheets.0.code", re.escape(text)), "made").sheets[0].code
    assert code is not None
    assert code.fullmatch(text)
    assert not code.fullmatch(text + "x")


@pytest.mark.parametrize("form", YEAR_FORMS)
def test_a_year_of_each_form_may_stand_for_any_year(form):
    code = profile_from(changed("sheets.0.code", f"(?P<year>{form})\\ Core"), "made").sheets[0].code
    assert code is not None
    assert not code.fullmatch("2024 Core")
