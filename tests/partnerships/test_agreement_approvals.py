"""Who has a say on a deed today, in whose place, and what each has said of its text."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.models import Agreement
from partnerships.queries.agreements.approvals import (
    approvals_of,
    approvals_on,
    deed_deciding_bodies,
    deed_record,
    editors_of,
    final_successors,
    named_in,
    partner_deciding_bodies,
    steps_recorded,
    successions_today,
)
from partnerships.queries.agreements.records import body_of, record_of
from partnerships.rules.agreements import content_hash
from partnerships.rules.agreements.signing import ApprovalGiven, DecidingBody
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships.agreement_values import CCG, COUNTY, DAY, ICB, PCT, TRUST, deed, joined, record

TODAY = dt.date(2026, 6, 15)
FIRST = deed(0, joined=(joined(PCT), joined(COUNTY)))


# --- as the agreement itself has it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_known"), [(-1, True), (0, True), (1, False)])
def test_a_succession_that_partners_recorded_is_known_from_its_day(days, is_known):
    heir = joined(CCG, since=TODAY + days * DAY, succeeds=PCT.pk)
    assert steps_recorded(record(FIRST, successors=(heir,)), TODAY) == ({PCT.pk: {CCG.pk: CCG}} if is_known else {})


def test_successions_without_a_day_or_of_nobody_here_are_not_known_and_lines_and_splits_are():
    heirs = (
        joined(CCG, since=TODAY, succeeds=PCT.pk),
        joined(TRUST, since=TODAY, succeeds=PCT.pk),
        joined(ICB, since=TODAY, succeeds=CCG.pk),
        joined(ICB, pk=50, since=None, succeeds=COUNTY.pk),
        joined(ICB, pk=51, since=TODAY, succeeds=99),
    )
    found = steps_recorded(record(FIRST, successors=heirs), TODAY)
    assert found == {PCT.pk: {CCG.pk: CCG, TRUST.pk: TRUST}, CCG.pk: {ICB.pk: ICB}}
    assert named_in(found) == {CCG.pk, TRUST.pk, ICB.pk}


@pytest.mark.parametrize(
    ("known", "heirs"),
    [
        ({}, {}),
        ({PCT.pk: {CCG.pk: CCG}}, {PCT.pk: (CCG,)}),
        ({PCT.pk: {CCG.pk: CCG}, CCG.pk: {ICB.pk: ICB}}, {PCT.pk: (ICB,)}),
        ({PCT.pk: {CCG.pk: CCG, TRUST.pk: TRUST}, CCG.pk: {ICB.pk: ICB}}, {PCT.pk: (ICB, TRUST)}),
        ({PCT.pk: {CCG.pk: CCG, TRUST.pk: TRUST}, CCG.pk: {ICB.pk: ICB}, TRUST.pk: {ICB.pk: ICB}}, {PCT.pk: (ICB,)}),
        ({99: {ICB.pk: ICB}}, {}),
        ({PCT.pk: {CCG.pk: CCG}, COUNTY.pk: {TRUST.pk: TRUST}}, {PCT.pk: (CCG,), COUNTY.pk: (TRUST,)}),
    ],
)
def test_the_last_in_each_line_speaks(known, heirs):
    assert final_successors((PCT, COUNTY), record(FIRST), TODAY, known=known) == heirs


def test_a_line_that_comes_back_to_where_it_was_ends_there():
    circle = {PCT.pk: {CCG.pk: CCG}, CCG.pk: {PCT.pk: PCT, ICB.pk: ICB}}
    assert final_successors((PCT,), record(FIRST), TODAY, known=circle) == {PCT.pk: (ICB,)}
    assert final_successors((PCT,), record(FIRST), TODAY, known={PCT.pk: {PCT.pk: PCT}}) == {PCT.pk: ()}


def test_what_the_agreement_and_the_reference_know_is_put_together():
    here = record(FIRST, successors=(joined(CCG, since=TODAY, succeeds=PCT.pk),))
    assert final_successors((PCT,), here, TODAY, known={CCG.pk: {ICB.pk: ICB}}) == {PCT.pk: (ICB,)}
    assert final_successors((PCT,), here, TODAY, known={PCT.pk: {TRUST.pk: TRUST}}) == {PCT.pk: (CCG, TRUST)}


def test_a_deed_is_found_by_its_number():
    second = deed(1)
    assert deed_record(record(FIRST, second), 1) == second
    assert deed_record(record(FIRST, second), 0) == FIRST


# --- as the reference has it -----------------------------------------------------------------------------------------


@pytest.fixture
def line(db: None) -> list[Organisation]:
    """A trust that was followed by a group, the group by a board."""
    made = [factories.organisation(name=name) for name in ("Trust", "Group", "Board")]
    for old, new, on in ((made[0], made[1], TODAY - DAY), (made[1], made[2], TODAY)):
        factories.succession(predecessor=old, successor=new, effective_on=on)
    return made


def test_the_reference_knows_a_line_of_successors_by_the_day(line, django_assert_num_queries):
    trust, group, board = line
    group_alone = {trust.pk: {group.pk: body_of(group)}}
    with django_assert_num_queries(3):
        assert successions_today({trust.pk}, TODAY) == group_alone | {group.pk: {board.pk: body_of(board)}}
    assert successions_today({trust.pk}, TODAY - DAY) == group_alone
    assert successions_today({trust.pk}, TODAY - 2 * DAY) == {}
    assert successions_today({board.pk}, TODAY) == {}
    factories.succession(predecessor=board, successor=trust, effective_on=TODAY)
    with django_assert_num_queries(3):
        assert len(successions_today({trust.pk}, TODAY)) == 3


def test_successors_speak_on_a_deed_and_for_the_agreement(line):
    trust, _, board = line
    council = factories.council(name="Council")
    made = factories.agreement(partners=[trust, council], effective_on=dt.date(2020, 4, 1))
    found = record_of(made)
    expected = (
        DecidingBody(body_of(board), frozenset({trust.pk, board.pk})),
        DecidingBody(body_of(council), frozenset({council.pk})),
    )
    assert deed_deciding_bodies(found, found.deeds[0], TODAY) == partner_deciding_bodies(found, TODAY) == expected
    earlier = deed_deciding_bodies(found, found.deeds[0], TODAY - 2 * DAY)
    assert [decider.body.name for decider in earlier] == ["Council", "Trust"]


# --- what was said ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drafted(db: None) -> Agreement:
    return factories.agreement(partners=[factories.organisation(name="Board"), factories.council(name="Council")])


def test_words_are_read_oldest_first_whatever_the_clock_said(drafted):
    first = factories.open_deed(drafted)
    board = drafted.prepared_by
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    rows.approval(deed=first, organisation=board, decision="changes_requested", note="No.", given_at=at)
    rows.approval(deed=first, organisation=board, content_hash="1" * 64, given_at=at - DAY)
    rows.approval(organisation=board)
    assert approvals_on(first) == [
        ApprovalGiven(board.pk, "changes_requested", "0" * 64, at, "No."),
        ApprovalGiven(board.pk, "approved", "1" * 64, at - DAY, ""),
    ]


def test_words_are_on_the_present_text_of_an_open_deed_and_on_the_sealed_one_of_a_signed_deed(drafted):
    first, found = factories.open_deed(drafted), record_of(drafted)
    now = content_hash(found, found.deeds[0])
    council = drafted.partners.get(organisation__name="Council").organisation
    rows.approval(deed=first, organisation=drafted.prepared_by, content_hash=now)
    rows.approval(deed=first, organisation=council, content_hash="5" * 64)
    assert [(line.body.name, line.is_void) for line in approvals_of(first, found)] == [
        ("Board", False),
        ("Council", True),
    ]
    first.sealed_hash = "5" * 64
    assert [(line.body.name, line.is_void) for line in approvals_of(first, found)] == [
        ("Board", True),
        ("Council", False),
    ]


def test_the_last_editor_is_a_person_or_a_key_with_whoever_made_it(drafted):
    first, maker = factories.open_deed(drafted), factories.person()
    key, _ = factories.api_key(created_by=maker, organisation=drafted.prepared_by, permissions=[])
    factories.api_key(created_by=factories.person(), organisation=drafted.prepared_by, permissions=[])
    for edited_by, editors in (
        ("user:7", {"user:7"}),
        (f"key:{key.prefix}", {f"key:{key.prefix}", f"user:{maker.pk}"}),
        ("key:unknown", {"key:unknown"}),
        (f"user:{key.prefix}", {f"user:{key.prefix}"}),
        ("", {""}),
    ):
        first.edited_by = edited_by
        assert editors_of(first) == editors
