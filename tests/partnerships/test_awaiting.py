"""For whom an agreement waits: whose word on the open deed, and whose publication of a signed one."""

from __future__ import annotations

import pytest

from partnerships.rules.agreements.signing import ApprovalLine, DecidingBody
from partnerships.rules.agreements.waiting import NOBODY, Waiting, awaited_publishers, awaited_step
from tests.partnerships.agreement_values import COUNTY, ICB, TRUST

ALL = (ICB.pk, COUNTY.pk, TRUST.pk)


def lines(*decisions: str, is_void: bool = False) -> list[ApprovalLine]:
    bodies = (TRUST, COUNTY, ICB)
    return [ApprovalLine(body, said, is_void=is_void) for body, said in zip(bodies, decisions, strict=True)]


YES, NO, SILENT = "approved", "changes_requested", ""


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ((SILENT, SILENT, SILENT), ("", ())),
        ((YES, SILENT, SILENT), ("approval", (ICB.pk, COUNTY.pk))),
        ((SILENT, YES, YES), ("approval", (TRUST.pk,))),
        ((YES, NO, SILENT), ("changes", ALL)),
        ((NO, NO, NO), ("changes", ALL)),
    ],
)
def test_an_open_deed_waits_for_changes_or_for_who_is_silent_once_somebody_has_approved(said, waits):
    assert awaited_step(lines(*said), may_be_signed=False) == waits
    assert awaited_step(lines(*said), may_be_signed=True) == waits


def test_approved_by_all_it_waits_for_anybody_to_sign_where_it_can_be_signed():
    assert awaited_step(lines(YES, YES, YES), may_be_signed=True) == ("signature", ALL)
    assert awaited_step(lines(YES, YES, YES), may_be_signed=False) == ("", ())


def test_words_on_an_earlier_text_put_nothing_before_anybody():
    assert awaited_step(lines(YES, YES, YES, is_void=True), may_be_signed=True) == ("", ())
    assert awaited_step([], may_be_signed=True) == ("", ())


def test_a_signed_deed_waits_for_who_has_not_published_once_somebody_has():
    deciding = [
        DecidingBody(TRUST, frozenset({TRUST.pk})),
        DecidingBody(COUNTY, frozenset({COUNTY.pk})),
        DecidingBody(ICB, frozenset({ICB.pk, 99})),
    ]
    assert awaited_publishers(deciding, set()) == ()
    assert awaited_publishers(deciding, {TRUST.pk}) == (ICB.pk, COUNTY.pk)
    assert awaited_publishers(deciding, [99]) == (COUNTY.pk, TRUST.pk)
    assert awaited_publishers(deciding, {TRUST.pk, COUNTY.pk, ICB.pk}) == ()


def test_nobody_waits_where_nothing_is_said():
    assert Waiting("", (), "", ()) == NOBODY
