"""What pages of one agreement say of it: who must act, what differs between days, what a change of law changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from partnerships.queries.agreements.comparing import changed_by, compared, finding_changes
from partnerships.queries.agreements.detail import Reading, _have, _missing_approvals, _missing_publications, _shown
from partnerships.queries.agreements.reach import Reached
from partnerships.rules.agreements import AgreementRecord, Difference, FieldChange, What, content_as_at, content_hash
from partnerships.rules.agreements.signing import ApprovalLine, DecidingBody
from partnerships.rules.law import Change, Finding
from partnerships.terms import Audience
from tests.partnerships.agreement_values import (
    CCG,
    COUNTY,
    DAY,
    ICB,
    SECOND,
    START,
    TRUST,
    approved,
    deed,
    joined,
    record,
)

FIRST = deed(0, joined=(joined(ICB), joined(COUNTY)), published_on=START)
WIDER = deed(1, title="Wider")


def page(agreement: AgreementRecord, audience: Audience = Audience.PARTNERS, **given: Any) -> Reading:
    plain: dict[str, Any] = {"day": SECOND, "as_at": None, "known_at": None, "summary": SimpleNamespace(title="Kept")}
    reached = Reached(None, audience)  # type: ignore[arg-type]
    return Reading(**plain | {"reached": reached, "whole": agreement, "record": agreement} | given)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_page_reads_the_agreement_on_its_day_for_its_audience():
    made = record(FIRST, WIDER)
    assert page(made).content == content_as_at(made, SECOND)
    assert page(made).title == "Wider"
    assert page(made, day=SECOND - DAY).title == "Mereshire joint arrangements"
    assert page(made, Audience.PUBLIC).title == "Mereshire joint arrangements"
    assert page(made, known_at=SECOND).title == "Mereshire joint arrangements"
    assert (page(made).is_partner, page(made, Audience.PUBLIC).is_partner) == (True, False)


def test_a_page_before_the_first_day_has_the_title_of_its_standing_or_says_that_there_is_none():
    early = page(record(FIRST), day=START - DAY)
    assert (early.content, early.title) == (None, "Kept")
    assert page(record(FIRST), day=START - DAY, summary=SimpleNamespace(title="")).title == "Agreement without a title"
    assert page(record(replace(FIRST, title=""))).title == "Agreement without a title"


def test_later_deeds_alone_say_nothing():
    alone = page(record(WIDER))
    assert (alone.is_readable, alone.content) == (False, None)
    assert page(record(FIRST)).is_readable


# --- who must act ----------------------------------------------------------------------------------------------------


def line(body, decision: str = "", **values) -> ApprovalLine:
    return ApprovalLine(body, decision, **values)


@pytest.mark.parametrize(
    ("lines", "can_be_signed", "sentences"),
    [
        (approved(ICB, COUNTY), True, ["Every partner has approved deed 1. It can be signed."]),
        (approved(ICB, COUNTY), False,
         ["Every partner has approved deed 1. It cannot be signed yet: the tasks say why."]),
        ([], True, []),
        ([*approved(ICB), line(COUNTY)], True, [f"{COUNTY.name} has not approved deed 1 yet."]),
        ([line(ICB, "approved", is_void=True), line(COUNTY), line(TRUST)], True,
         [f"{ICB.name}, {COUNTY.name} and {TRUST.name} have not approved deed 1 yet."]),
        ([line(ICB, "changes_requested"), line(COUNTY, "changes_requested")], True,
         [f"{ICB.name} and {COUNTY.name} have asked for changes to deed 1."]),
        ([line(ICB, "changes_requested"), *approved(TRUST), line(COUNTY)], True,
         [f"{ICB.name} has asked for changes to deed 1.", f"{COUNTY.name} has not approved deed 1 yet."]),
    ],
)  # fmt: skip
def test_partners_are_told_whose_word_is_missing(lines, can_be_signed, sentences):
    assert _missing_approvals(lines, "deed 1", can_be_signed) == sentences


def test_partners_are_told_whose_publication_is_missing():
    deciding = (DecidingBody(ICB, frozenset({ICB.pk, CCG.pk})), DecidingBody(COUNTY, frozenset({COUNTY.pk})))

    def missing(*done: int) -> list[str]:
        published = tuple(SimpleNamespace(organisation_id=pk) for pk in done)
        return _missing_publications(deciding, SimpleNamespace(publications=published), "the agreement")

    assert missing() == ["No partner has published the agreement yet."]
    assert missing(COUNTY.pk) == [f"{ICB.name} has not published the agreement yet."]
    assert missing(CCG.pk) == [f"{COUNTY.name} has not published the agreement yet."]
    assert missing(99) == [f"{ICB.name} and {COUNTY.name} have not published the agreement yet."]
    assert missing(CCG.pk, COUNTY.pk) == []


def test_one_partner_has_and_several_have():
    assert [_have(["A"]), _have(["A", "B"])] == ["has", "have"]


@pytest.mark.parametrize(
    ("sealed", "state", "hash_of"),
    [("5" * 64, "signed", "sealed"), ("5" * 64, "draft", "sealed"), ("", "draft", "now"), ("", "signed", "none"),
     ("", "withdrawn", "none")],
)  # fmt: skip
def test_a_deed_is_shown_with_its_seal_or_that_of_its_present_text_and_words_that_are_void(sealed, state, hash_of):
    opened = replace(WIDER, state=state)
    made = record(FIRST, opened)
    now = content_hash(made, opened)
    given = [SimpleNamespace(content_hash=each) for each in ("5" * 64, now, "")]
    shown = _shown(made, opened, SimpleNamespace(sealed_hash=sealed), given, [])
    expected = {"sealed": sealed, "now": now, "none": ""}[hash_of]
    assert shown.hash == expected
    assert [word.is_void for word in shown.approvals] == [each.content_hash != expected for each in given]
    assert [word.approval for word in shown.approvals] == given


def test_a_deed_without_the_agreement_has_no_text_to_hash():
    opened = replace(WIDER, state="draft")
    assert _shown(record(opened), opened, SimpleNamespace(sealed_hash=""), [], []).hash == ""


# --- what differs ----------------------------------------------------------------------------------------------------

RENAMED = [
    Difference(
        "Agreement", "Wider", What.CHANGED, (FieldChange("Title", "Mereshire joint arrangements", "Wider"),)
    )
]  # fmt: skip


def test_two_days_are_compared_for_the_audience_as_known_then():
    made = record(FIRST, WIDER)
    found = compared(page(made), START, SECOND)
    assert (found.before, found.after) == (content_as_at(made, START), content_as_at(made, SECOND))
    assert found.differences == RENAMED
    assert compared(page(made, Audience.PUBLIC), START, SECOND).differences == []
    assert compared(page(made, known_at=SECOND), START, SECOND).differences == []
    nothing = compared(page(made), SECOND, START - DAY)
    assert (nothing.after, nothing.differences) == (None, [])
    unreadable = compared(page(record(WIDER)), START, SECOND)
    assert (unreadable.before, unreadable.after, unreadable.differences) == (None, None, [])


def test_a_deed_is_compared_with_the_agreement_without_it():
    made = record(FIRST, WIDER)
    found = changed_by(page(made), WIDER)
    assert found.differences == RENAMED
    assert found.before == content_as_at(made, SECOND - DAY)
    assert changed_by(page(made), FIRST).before is None


# --- what is judged otherwise ----------------------------------------------------------------------------------------


def finding(outcome: str, about: str = "a", on: dt.date = START, **values: Any) -> Finding:
    given = {"rule": "r", "severity": "blocking", "sentence": "Sentence", "provision": "p", "instrument": "i"}
    return Finding(**{"on": on, "about": about, "outcome": outcome, "confidence": "instrument"} | given | values)


BAD, OPEN, FINE = finding("unlawful"), finding("not_settled"), finding("lawful")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([], [], []),
        ([BAD], [BAD], []),
        ([BAD], [replace(BAD, sentence="Another")], []),
        ([BAD], [OPEN], [Change("a", BAD, OPEN)]),
        ([BAD], [FINE], [Change("a", BAD, FINE)]),
        ([BAD], [], [Change("a", BAD, None)]),
        ([], [BAD], [Change("a", None, BAD)]),
        ([FINE], [], []),
        ([], [FINE], []),
        ([FINE, BAD], [BAD, OPEN], []),
        ([FINE, OPEN], [FINE, BAD], [Change("a", OPEN, BAD)]),
    ],
)
def test_findings_are_compared_by_the_gravest_of_each_thing(before, after, changes):
    assert finding_changes(before, after) == changes


def test_findings_are_compared_thing_by_thing_and_day_by_day():
    later, other = finding("unlawful", on=SECOND), finding("unlawful", "b")
    assert finding_changes([BAD], [later]) == [Change("a", BAD, None), Change("a", None, later)]
    assert finding_changes([other, later], [BAD]) == [
        Change("a", None, BAD), Change("b", other, None), Change("a", later, None),
    ]  # fmt: skip
