"""How an agreement stands on a day: for its partners, for everybody else, and who may read it at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from partnerships.rules.agreements import (
    Body,
    FunctionContent,
    Joined,
    SummaryValues,
    facts_of,
    findings_of,
    read_on,
    reading_day,
    shown_state,
    summary_on,
)
from partnerships.rules.law import Finding, legal_findings
from partnerships.terms import AgreementState, Audience
from tests.partnerships.agreement_values import (
    CCG,
    COUNTY,
    DAY,
    ICB,
    SECOND,
    START,
    TRUST,
    deed,
    joined,
    pool,
    record,
    scheme,
)
from tests.partnerships.law_tables import law
from tests.partnerships.test_approved_hash import PLACE

TODAY = dt.date(2026, 6, 15)
FIRST = deed(
    0, joined=(joined(ICB), joined(COUNTY)), pools=(pool(), pool("second", host=COUNTY), pool("third", host=None)),
    schemes=(scheme(flexibilities=("pooled_fund", "a")), scheme("second")), sets_end=True, end_on=dt.date(2030, 3, 31),
    published_on=START,
)  # fmt: skip
RUNS = record(FIRST, places=(replace(PLACE, pk=9), replace(PLACE, pk=8, slug="second")))


def finding(outcome: str) -> Finding:
    return Finding(START, "a", "r", outcome, "warning", "Sentence", "reg 1", "si", "instrument")


def summary(agreement=RUNS, audience=Audience.PARTNERS, **given: Any) -> SummaryValues | None:
    plain = {"findings": (), "successors": {}, "drafted_by": COUNTY.pk}
    return summary_on(agreement, TODAY, audience=audience, **plain | given)


def test_an_agreement_stands_as_it_reads():
    found = [finding(each) for each in ("unlawful", "not_settled", "not_settled", "not_settled", "lawful")]
    assert summary(findings=found) == SummaryValues(
        title="Mereshire joint arrangements",
        state="in_operation",
        is_operating_unsigned=False,
        start_on=START,
        end_on=dt.date(2030, 3, 31),
        partner_ids=[ICB.pk, COUNTY.pk],
        reader_ids=[ICB.pk, COUNTY.pk],
        host_ids=[ICB.pk, COUNTY.pk],
        place_ids=[8, 9],
        function_codes=["nhs-s3"],
        flexibilities=["a", "pooled_fund"],
        pool_count=3,
        scheme_count=2,
        verdict="unlawful",
        unlawful_count=1,
        not_settled_count=3,
    )


def test_every_key_and_code_is_named_once_and_in_order():
    """Small numbers come out of a set in another order than their own: 10 before 3."""
    far = Body(10, "E99", "Faraway Council", "county")
    codes = tuple(FunctionContent(code, code, None, (), "") for code in "hgfedcba")
    funds = (pool(host=far), pool("second", host=ICB), pool("third", host=far))
    first = deed(0, joined=(joined(far), joined(ICB)), pools=funds, schemes=(scheme(functions=codes),))
    found = summary(record(first), drafted_by=ICB.pk, successors={ICB.pk: [11]})
    assert found is not None
    assert (found.partner_ids, found.host_ids, found.reader_ids) == ([3, 10], [3, 10], [3, 10, 11])
    assert found.function_codes == list("abcdefgh")


def test_the_public_sees_the_published_text_and_never_who_reads_it():
    hidden = deed(1, title="Wider", joined=(joined(TRUST),))
    whole, shown = summary(record(FIRST, hidden)), summary(record(FIRST, hidden), Audience.PUBLIC)
    assert whole is not None
    assert shown is not None
    assert (whole.title, whole.partner_ids, whole.reader_ids) == ("Wider", [3, 4, 7], [3, 4, 7])
    assert (shown.title, shown.partner_ids, shown.reader_ids) == ("Mereshire joint arrangements", [3, 4], [])
    assert summary(record(replace(FIRST, published_on=None)), Audience.PUBLIC) is None


@pytest.mark.parametrize(
    ("state", "since", "is_unsigned"),
    [
        ("draft", START, True),
        ("changes_requested", START, True),
        ("approved", START, True),
        ("draft", None, False),
        ("signed", START, False),
        ("in_operation", START, False),
        ("withdrawn", START, False),
    ],
)
def test_what_operates_before_it_is_signed_operates_unsigned(state, since, is_unsigned):
    found = summary(replace(RUNS, state=state, operating_since=since))
    assert found is not None
    assert found.is_operating_unsigned is is_unsigned


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("state", AgreementState.values)
def test_a_notice_is_between_the_partners(state, audience):
    hidden = state == "notice_given" and audience == "public"
    assert shown_state(state, audience) == ("in_operation" if hidden else state)
    found = summary(replace(RUNS, state=state), audience)
    assert found is not None
    assert found.state == ("in_operation" if hidden else state)


def test_an_agreement_that_is_over_ended_on_its_day_and_not_at_the_end_of_its_term():
    found = summary(replace(RUNS, ended_on=dt.date(2025, 3, 31)))
    assert found is not None
    assert found.end_on == dt.date(2025, 3, 31)


def test_an_agreement_that_is_over_reads_as_on_its_last_day():
    over = record(FIRST, deed(1, title="Later", effective_on=dt.date(2025, 4, 1)), ended_on=dt.date(2025, 3, 31))
    found = summary(over)
    assert found is not None
    assert found.title == "Mereshire joint arrangements"


@pytest.mark.parametrize(
    ("start", "ended_on", "day"),
    [
        (START, None, TODAY),
        (None, None, TODAY),
        (TODAY + DAY, None, TODAY + DAY),
        (TODAY, None, TODAY),
        (START, TODAY - DAY, TODAY - DAY),
        (START, TODAY + DAY, TODAY),
        (None, TODAY - DAY, TODAY - DAY),
        (TODAY + DAY, TODAY - DAY, TODAY + DAY),
    ],
)
def test_an_agreement_is_shown_as_today_within_its_term(start, ended_on, day):
    assert reading_day(record(replace(FIRST, effective_on=start), ended_on=ended_on), TODAY) == day


def test_partners_read_it_as_on_that_day():
    over = record(FIRST, deed(1, title="Later", effective_on=TODAY), ended_on=TODAY - DAY)
    assert read_on(over, TODAY).title == "Mereshire joint arrangements"
    assert read_on(replace(over, ended_on=None), TODAY).title == "Later"


def test_partners_ever_of_any_deed_the_drafter_successors_and_all_their_heirs_may_read():
    left = deed(1, left=(COUNTY.pk,))
    opened = deed(2, state="draft", signed_on=None, joined=(joined(TRUST),))
    successor = Joined(50, CCG, "commissioner", True, SECOND, COUNTY.pk)
    agreement = record(FIRST, left, opened, successors=(successor,))
    successors = {COUNTY.pk: {60, 61}, CCG.pk: {62}, 99: {63}, 70: {71}, 1: {64}}
    found = summary(agreement, successors=successors, drafted_by=70)
    assert found is not None
    assert found.reader_ids == sorted([ICB.pk, COUNTY.pk, TRUST.pk, CCG.pk, 70, 60, 61, 62, 71])


def test_the_law_is_asked_about_the_agreement_and_about_an_open_deed_where_that_is_asked():
    opened = deed(1, state="draft", signed_on=None, joined=(joined(TRUST),))
    agreement = record(FIRST, opened)
    now, then = findings_of(agreement, law()), findings_of(agreement, law(), including=1)
    assert now == legal_findings(facts_of(agreement), law())
    assert then == legal_findings(facts_of(agreement, including=1), law())
    assert now
    assert now != then
    assert findings_of(record(replace(FIRST, state="draft", effective_on=None)), law()) == []


def test_what_partners_cannot_read_is_our_mistake_and_said_so():
    with pytest.raises(ValueError, match=r"^Agreement 1 cannot be read\.$"):
        read_on(record(replace(FIRST, effective_on=None)), TODAY)
