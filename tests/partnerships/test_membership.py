"""Who was a partner from when until when, how each came, and in whose place."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements.membership import MembershipPeriod, membership_periods
from tests.partnerships.agreement_values import CCG, COUNTY, DAY, ICB, SECOND, START, TRUST, deed, joined, record

FIRST = deed(0, joined=(joined(CCG), joined(COUNTY, role="provider", contributes=False)))
SINCE = dt.date(2022, 7, 1)
HEIR = joined(ICB, since=SINCE, succeeds=CCG.pk, role="provider", contributes=False)


def period(body, **values) -> MembershipPeriod:
    given = {"role": "commissioner", "contributes": True, "since": START, "until": None, "deed": 0, "succeeds": None}
    return MembershipPeriod(**{"body": body, "is_agreed": True} | given | values)


COUNTYS = period(COUNTY, role="provider", contributes=False)


def test_partners_by_the_first_deed_are_there_from_its_first_day():
    assert membership_periods(record(FIRST)) == [COUNTYS, period(CCG)]


@pytest.mark.parametrize("state", ["draft", "changes_requested", "approved", "signed", "withdrawn"])
def test_what_a_withdrawn_deed_said_counts_for_nothing_and_an_open_one_is_not_agreed(state):
    later = deed(1, state=state, joined=(joined(TRUST),))
    found = [each for each in membership_periods(record(FIRST, later)) if each.body == TRUST]
    joins = period(TRUST, since=SECOND, deed=1, is_agreed=state == "signed")
    assert found == ([] if state == "withdrawn" else [joins])


def test_a_partner_ends_on_the_day_before_it_is_succeeded_and_its_successor_begins():
    assert membership_periods(record(FIRST, successors=(HEIR,))) == [
        COUNTYS,
        period(CCG, until=SINCE - DAY),
        period(ICB, since=SINCE, deed=None, succeeds=CCG, role="provider", contributes=False),
    ]


def test_a_line_of_successors_is_followed_and_a_successor_of_nobody_here_is_not():
    then = joined(TRUST, since=SINCE + DAY, succeeds=ICB.pk)
    found = membership_periods(record(FIRST, successors=(then, replace(HEIR, pk=5), replace(HEIR, pk=6, succeeds=99))))
    assert [(each.body, each.since, each.until, each.succeeds) for each in found[1:]] == [
        (CCG, START, SINCE - DAY, None),
        (ICB, SINCE, None, CCG),
    ]
    found = membership_periods(record(FIRST, successors=(replace(then, succeeds=HEIR.pk), HEIR)))
    assert [(each.body, each.until, each.succeeds) for each in found[2:]] == [
        (ICB, SINCE, CCG),
        (TRUST, None, ICB),
    ]


def test_a_partner_ends_on_the_day_before_it_leaves_by_a_signed_deed():
    leaving = deed(1, left=(CCG.pk,))
    for made, until in (
        (leaving, SECOND - DAY),
        (replace(leaving, state="draft"), None),
        (replace(leaving, effective_on=None), None),
        (replace(leaving, left=(TRUST.pk,)), None),
    ):
        assert membership_periods(record(FIRST, made)) == [COUNTYS, period(CCG, until=until)]


@pytest.mark.parametrize("left_on", [SINCE - DAY, SINCE, SINCE + DAY])
def test_what_came_first_ended_it(left_on):
    leaving = deed(1, effective_on=left_on, left=(CCG.pk,))
    (found,) = [each for each in membership_periods(record(FIRST, leaving, successors=(HEIR,))) if each.body == CCG]
    assert found.until == min(left_on, SINCE) - DAY


def test_whoever_did_not_leave_was_there_until_the_agreement_ended():
    over = dt.date(2024, 3, 31)
    leaving = deed(1, left=(CCG.pk,))
    assert [each.until for each in membership_periods(record(FIRST, leaving, ended_on=over))] == [over, SECOND - DAY]


def test_a_successor_without_a_day_ends_nobody():
    undated = replace(HEIR, since=None)
    found = membership_periods(record(FIRST, successors=(undated,)))
    assert found[1] == period(CCG)
    assert found[-1].body == ICB


def test_partners_are_named_in_the_order_in_which_they_joined_and_then_by_name():
    undated = deed(1, state="draft", effective_on=None, joined=(joined(TRUST),))
    early = deed(2, effective_on=START + DAY, joined=(joined(ICB),))
    found = membership_periods(record(FIRST, undated, early))
    assert [each.body for each in found] == [COUNTY, CCG, ICB, TRUST]


@pytest.mark.parametrize(("days", "is_there"), [(-1, False), (0, True), (1, True), (9, True), (10, True), (11, False)])
def test_a_partner_is_there_from_its_first_to_its_last_day(days, is_there):
    day = START + days * DAY
    assert period(CCG, until=START + 10 * DAY).is_there_on(day) is is_there
    assert period(CCG, since=None, until=START + 10 * DAY).is_there_on(day) is (days <= 10)
    assert period(CCG, until=None).is_there_on(day) is (days >= 0)
