"""The sentences with which the list of agreements and the page of an agreement begin, in every case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.agreements.sentences import ListCounts, agreement_sentence, list_sentence

TODAY = dt.date(2026, 11, 30)
DAY = dt.timedelta(days=1)
SOON = dt.date(2027, 1, 1)
ENDLESS = "1 agreement; it does not end within a year; "


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (ListCounts(13, 0, 8, SOON), "13 agreements; 8 end within a year, the first in 32 days; none unlawful."),
        (ListCounts(2, 0, 1, TODAY), "2 agreements; 1 ends within a year, today; none unlawful."),
        (ListCounts(2, 0, 2, TODAY + DAY), "2 agreements; 2 end within a year, the first tomorrow; none unlawful."),
        (ListCounts(2), "2 agreements; none ends within a year; none unlawful."),
        (ListCounts(5, over=2), "5 agreements, 2 of them over; none ends within a year; none unlawful."),
        (ListCounts(5, unlawful=1), "5 agreements; none ends within a year; 1 unlawful."),
        (ListCounts(5, not_settled=3), "5 agreements; none ends within a year; none unlawful, 3 not settled."),
        (ListCounts(5, unlawful=2, not_settled=3), "5 agreements; none ends within a year; 2 unlawful, 3 not settled."),
        (ListCounts(1, 0, 1, SOON), "1 agreement; it ends in 32 days; it is lawful."),
        (ListCounts(1), f"{ENDLESS}it is lawful."),
        (ListCounts(1, over=1), "1 agreement; it is over; it is lawful."),
        (ListCounts(1, unlawful=1, not_settled=1), f"{ENDLESS}something in it is unlawful."),
        (ListCounts(1, not_settled=1), f"{ENDLESS}nothing in it is unlawful, but something is not settled."),
    ],
)
def test_the_list_says_how_many_what_ends_and_what_is_unlawful(counts: ListCounts, said: str):
    assert "".join(part.text for part in list_sentence(counts, TODAY)) == said


@pytest.mark.parametrize(
    ("counts", "linked"),
    [
        (ListCounts(13), []),
        (ListCounts(1, 0, 1, SOON, unlawful=1), []),
        (ListCounts(13, 0, 1, SOON), [("1 ends within a year", "ending", "12")]),
        (ListCounts(13, 0, 8, SOON), [("8 end within a year", "ending", "12")]),
        (
            ListCounts(13, unlawful=2, not_settled=3),
            [("2 unlawful", "findings", "unlawful"), ("3 not settled", "findings", "not_settled")],
        ),
    ],
)
def test_each_count_of_some_agreements_leads_to_them(counts: ListCounts, linked: list[tuple[str, str, str]]):
    found = [(part.text, part.filter, part.value) for part in list_sentence(counts, TODAY) if part.filter]
    assert found == linked


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "In operation; ends in 32 days, on 1 January 2027; lawful."),
        ({"end_on": TODAY}, "In operation; ends today, on 30 November 2026; lawful."),
        ({"end_on": TODAY - DAY}, "In operation; its last day was 29 November 2026; lawful."),
        ({"end_on": None}, "In operation; no end is set; lawful."),
        ({"state": "notice_given"}, "Notice given; ends in 32 days, on 1 January 2027; lawful."),
        ({"state": "draft", "start_on": None, "end_on": None}, "Not signed; no end is set; lawful."),
        (
            {"state": "approved", "is_operating_unsigned": True, "end_on": None},
            "In operation, but not signed; no end is set; lawful.",
        ),
        (
            {"state": "signed", "start_on": TODAY + DAY, "end_on": None},
            "Signed, starts tomorrow; no end is set; lawful.",
        ),
        ({"state": "signed", "start_on": TODAY, "end_on": None}, "Signed; no end is set; lawful."),
        ({"state": "ended", "end_on": TODAY - DAY}, "Ended on 29 November 2026; lawful."),
        ({"state": "withdrawn"}, "Withdrawn; lawful."),
        (
            {"end_on": None, "verdict": "unlawful", "unlawful": 1},
            "In operation; no end is set; 1 unlawful point of law.",
        ),
        (
            {"end_on": None, "verdict": "unlawful", "unlawful": 2, "not_settled": 1},
            "In operation; no end is set; 2 unlawful and 1 not settled points of law.",
        ),
        (
            {"end_on": None, "verdict": "not_settled"},
            "In operation; no end is set; not checked against the law yet.",
        ),
    ],
)
def test_an_agreement_says_how_it_stands_when_it_ends_and_what_the_law_says(given: dict[str, Any], said: str):
    usual: dict[str, Any] = {
        "state": "in_operation",
        "is_operating_unsigned": False,
        "start_on": dt.date(2024, 4, 1),
        "end_on": SOON,
        "verdict": "lawful",
        "unlawful": 0,
        "not_settled": 0,
        "today": TODAY,
    }
    assert agreement_sentence(**usual | given) == said
