"""What is said of a code that no organisation has: each kind of code for what it is."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.directory import codes
from pooledcare.directory.codes import about_unknown_code, has_a_known_form

REGIONS = {"Y58": "South West", "E12000001": "North East"}


def about(code: str) -> tuple[str, str]:
    problem = about_unknown_code(code, regions=REGIONS)
    return problem.code, problem.message


ELSEWHERE = "and only organisations in England are held here"
PRACTICE = "This code has the form of a general practice’s, and practices hold no budgets here"
NO_LIST = "This code is in none of our lists of organisations"


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("W06000015", "ORG_OUTSIDE_ENGLAND", f"This code is from Wales, {ELSEWHERE}"),
        ("W11000023", "ORG_OUTSIDE_ENGLAND", f"This code is from Wales, {ELSEWHERE}"),
        ("S12000036", "ORG_OUTSIDE_ENGLAND", f"This code is from Scotland, {ELSEWHERE}"),
        ("N09000003", "ORG_OUTSIDE_ENGLAND", f"This code is from Northern Ireland, {ELSEWHERE}"),
        ("A81001", "PRACTICE_NOT_ORG", PRACTICE),
        ("E12000001", "REGION_NOT_ORG", "This code is that of the region North East, not of an organisation"),
        ("Y58", "REGION_NOT_ORG", "This code is that of the region South West, not of an organisation"),
        (
            "E08000099",
            "UNKNOWN_ORG",
            "This code has the form of an ONS code (Metropolitan district), but is in none of our lists",
        ),
        (
            "E54000099",
            "UNKNOWN_ORG",
            "This code has the form of an ONS code (Integrated care board), but is in none of our lists",
        ),
        *((code, "UNKNOWN_ORG", NO_LIST) for code in ("E99000001", "QZZ", "W0600001", "W060000155")),
        *((code, "UNKNOWN_ORG", NO_LIST) for code in ("A8100", "A810012", "")),
    ],
)
def test_each_kind_of_code_is_told_for_what_it_is(code, kind, message):
    assert about(code) == (kind, message)
    assert has_a_known_form(code, REGIONS) == (message != NO_LIST)


def test_a_sentence_can_name_the_code():
    problem = about_unknown_code("W06000015", regions={}, said="The code W06000015")
    assert problem.message.startswith("The code W06000015 is from Wales")


def test_every_answer_says_what_to_do():
    for code in ("W06000015", "A81001", "Y58", "E08000099", "QZZ"):
        assert about_unknown_code(code, regions=REGIONS).fix


@given(st.from_regex(r"[A-Z][0-9]{8}|[A-Z][0-9]{5}|[A-Z0-9]{1,9}", fullmatch=True))
def test_no_code_is_said_never_to_have_existed(code):
    kind, message = about(code)
    assert "ever" not in message.split()
    is_foreign = len(code) == 9 and code[0] in "WSN" and code[1:].isdigit()
    assert (kind == "ORG_OUTSIDE_ENGLAND") == is_foreign
    assert (kind == "PRACTICE_NOT_ORG") == (len(code) == 6 and code[0].isalpha() and code[1:].isdigit())


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(codes)
    assert (results.attempted > 0, results.failed) == (True, 0)
