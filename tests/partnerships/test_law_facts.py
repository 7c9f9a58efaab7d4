"""The facts of an agreement: who and what is there on a day, and on which days the law is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import AgreementFacts, PartnerFact, ServiceFact
from tests.partnerships.law_tables import AFTER, BEFORE, DAY

LAST = dt.date(2013, 3, 31)
ONE = dt.timedelta(days=1)
MIDDLE = [dt.date(2011, 7, 1), dt.date(2011, 10, 1), dt.date(2012, 1, 1), dt.date(2012, 4, 1)]


def facts(**given: Any) -> AgreementFacts:
    values = {"power": "s75", "start": DAY, "end": LAST, "partners": frozenset(), "services": frozenset()} | given
    return AgreementFacts(**values)


@pytest.mark.parametrize("make", [PartnerFact, ServiceFact])
@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        (None, None, [True, True, True]),
        (DAY, None, [False, True, True]),
        (None, DAY, [True, True, False]),
        (DAY, DAY, [False, True, False]),
    ],
)
def test_a_partner_or_service_is_there_from_its_first_to_its_last_day(
    make: type[PartnerFact | ServiceFact], start: dt.date | None, end: dt.date | None, there: list[bool]
):
    one = make("icb", start=start, end=end)
    assert [one.is_there_on(day) for day in (BEFORE, DAY, AFTER)] == there


@pytest.mark.parametrize(
    ("end", "held"), [(None, [False, True, True]), (AFTER, [False, True, True]), (DAY, [False, True, False])]
)
def test_an_agreement_holds_the_days_from_its_first_to_its_last(end: dt.date | None, held: list[bool]):
    assert [facts(end=end).contains(day) for day in (BEFORE, DAY, AFTER)] == held


def test_partners_and_services_on_a_day_are_those_that_are_there():
    board, group = PartnerFact("icb", start=DAY), PartnerFact("ccg", end=BEFORE)
    care, meals = ServiceFact("care", end=DAY), ServiceFact("meals", start=AFTER)
    agreement = facts(partners=frozenset({board, group}), services=frozenset({care, meals}))
    assert [agreement.partners_on(day) for day in (BEFORE, DAY)] == [[group], [board]]
    assert [agreement.services_on(day) for day in (DAY, AFTER)] == [[care], [meals]]


def asked_on(name: str, day: dt.date | None, **given: Any) -> list[dt.date]:
    """The days on which the law is asked where this day is the only one given under this name."""
    if name == "partners":
        return facts(partners=frozenset({PartnerFact("icb", start=day)}), **given).days_to_check()
    if name == "services":
        return facts(services=frozenset({ServiceFact("care", start=day)}), **given).days_to_check()
    return facts(**{name: frozenset({day})}, **given).days_to_check()


@pytest.mark.parametrize("name", ["variations", "successions", "partners", "services"])
def test_the_law_is_asked_on_days_within_the_term(name: str):
    for day, asked in (
        (BEFORE, [DAY]), (DAY, [DAY]), (AFTER, [DAY, AFTER]),
        (LAST - ONE, [DAY, LAST - ONE]), (LAST, [DAY, LAST]), (LAST + ONE, [DAY]),
    ):  # fmt: skip
        assert asked_on(name, day) == asked, day
    assert asked_on(name, LAST + ONE, end=None) == [DAY, LAST + ONE]


def test_a_partner_or_service_of_the_whole_term_asks_for_no_other_day():
    assert asked_on("partners", None) == asked_on("services", None) == [DAY]


def test_the_days_are_asked_in_their_order_and_each_once():
    agreement = facts(
        variations=frozenset({MIDDLE[3], MIDDLE[0]}),
        successions=frozenset({MIDDLE[2], MIDDLE[0]}),
        partners=frozenset({PartnerFact("icb", start=MIDDLE[1]), PartnerFact("pct", start=MIDDLE[2])}),
        services=frozenset({ServiceFact("care", start=MIDDLE[3]), ServiceFact("meals", end=MIDDLE[1] + ONE)}),
    )
    assert agreement.days_to_check() == [DAY, *MIDDLE]


def test_what_is_not_said_is_not_recorded():
    bare = facts()
    assert (bare.improvement, bare.consulted, bare.exemption, bare.plan_fit, bare.terms) == (None,) * 5
    assert bare.has_voluntary_schemes is False
    assert PartnerFact("icb").contributes is True
    assert (PartnerFact("icb").key, ServiceFact("care").holder, ServiceFact("care").delegation_evidence) == ("",) * 3
