"""Which summaries wait for somebody: what the database narrows by and what a page says of one are the same."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest

from partnerships.models import AgreementSummary
from partnerships.queries.agreements.waiting import (
    MOST_SHOWN,
    Decider,
    _deeds_not_finished,
    agreements_waiting,
    decider,
    waiting_for,
    waits,
)
from pooledcare.directory.access import ANONYMOUS, system_actor
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships.agreement_values import COUNTY, ICB, START, deed, joined, record

FIRST = deed(0, joined=(joined(ICB), joined(COUNTY)), published_on=START)
ME = Decider(frozenset({1, 2}), frozenset({3}), frozenset({"user:1", "key:a"}))


# --- what is on its way ----------------------------------------------------------------------------------------------


def on_their_way(*deeds, **of_record) -> list[int]:
    return [each.number for each in _deeds_not_finished(record(*deeds, **of_record))]


def test_the_open_deed_comes_before_the_signed_ones_that_not_everybody_may_read_the_newest_first():
    hidden = [deed(number) for number in (1, 3)]
    opened, gone = deed(2, state="draft", signed_on=None), deed(4, state="withdrawn", signed_on=None)
    assert on_their_way(FIRST, *hidden, opened, gone) == [2, 3, 1]
    assert on_their_way(FIRST) == []
    assert on_their_way(deed(0, published_on=None)) == [0]


@pytest.mark.parametrize("state", ["ended", "expired", "withdrawn"])
def test_an_open_deed_of_what_is_over_is_on_its_way_to_nowhere(state):
    opened = deed(2, state="draft", signed_on=None)
    assert on_their_way(FIRST, deed(1), opened, state=state) == [1]


# --- who decides -----------------------------------------------------------------------------------------------------


def test_whoever_decides_nothing_is_waited_for_by_nothing(db, django_assert_num_queries):
    assert not Decider(frozenset(), frozenset(), frozenset({"user:1"}))
    assert Decider(frozenset({1}), frozenset(), frozenset())
    assert Decider(frozenset(), frozenset({1}), frozenset())
    viewer = factories.actor(factories.member(organisation=factories.organisation(), roles=["viewer"]))
    with django_assert_num_queries(0):
        for nobody in (ANONYMOUS, viewer, system_actor("example")):
            found = agreements_waiting(nobody)
            assert (found.rows, found.more, bool(found.who)) == ([], False, False)


def test_a_decider_approves_and_prepares_for_its_organisations_under_its_own_names_and_its_keys(db):
    one, two = factories.organisation(), factories.organisation()
    user = factories.member(organisation=one, roles=["finance_approver"])
    user.memberships.create(organisation=two, roles=["pool_manager"])
    key, _ = factories.api_key(created_by=user, organisation=one, permissions=[])
    factories.api_key(created_by=factories.person(), organisation=one, permissions=[])
    own = {f"user:{user.pk}", f"key:{key.prefix}"}
    assert decider(factories.actor(user)) == Decider(frozenset({one.pk}), frozenset({two.pk}), frozenset(own))
    manager = factories.member(organisation=two, roles=["pool_manager"])
    factories.api_key(created_by=manager, organisation=two, permissions=[])
    assert decider(factories.actor(manager)).names == {f"user:{manager.pk}"}


# --- what waits for them ---------------------------------------------------------------------------------------------


def combinations() -> Iterator[dict[str, object]]:
    for what, whom, edited, unpublished in itertools.product(
        ("", "approval", "changes", "signature"), ([], [1], [3], [9, 2], [9]), ("", "user:1", "key:a", "user:9"),
        ([], [2], [3]),
    ):  # fmt: skip
        yield {"awaits": what, "awaited_ids": whom, "edited_by": edited, "unpublished_ids": unpublished}


def expected(awaits, awaited_ids, edited_by, unpublished_ids) -> tuple[str, bool]:
    """The same, said plainly."""
    approves, prepares = bool({1, 2} & set(awaited_ids)), 3 in awaited_ids
    what = ""
    if (awaits == "changes" and prepares) or (awaits == "signature" and approves):
        what = awaits
    if awaits == "approval" and approves and edited_by not in ("user:1", "key:a"):
        what = "approval"
    return what, bool({1, 2} & set(unpublished_ids))


def test_what_waits_for_somebody_is_said_of_each_and_found_among_many(db):
    agreements = rows.Agreement.objects.bulk_create(
        rows.Agreement(power="s75", prepared_by=each) for each in [factories.organisation()] for _ in combinations()
    )
    names = ("partner_ids", "reader_ids", "host_ids", "place_ids", "function_codes", "flexibilities")
    lists: dict[str, list[int]] = {name: [] for name in names}
    counts = dict.fromkeys(("pool_count", "scheme_count", "unlawful_count", "not_settled_count"), 0)
    plain = {"audience": "partners", "worked_out_on": dt.date(2024, 4, 1), "verdict": "lawful", "state": "draft"}
    made = [
        AgreementSummary(agreement=agreement, **plain, **lists, **counts, **values)
        for agreement, values in zip(agreements, combinations(), strict=True)
    ]
    AgreementSummary.objects.bulk_create(made)
    found = set(AgreementSummary.objects.filter(waiting_for(ME)).values_list("agreement_id", flat=True))
    wanted = set()
    for summary, values in zip(made, combinations(), strict=True):
        said = expected(**values)
        assert waits(summary, ME) == said, values
        if said != ("", False):
            wanted.add(summary.agreement_id)
    assert found == wanted
    assert 0 < len(found) < len(made)


def test_of_what_waits_the_newest_are_shown_and_that_there_is_more(db):
    own = factories.organisation()
    actor = factories.actor(factories.member(organisation=own, roles=["finance_approver"]))
    made = []
    for number in range(MOST_SHOWN + 1):
        made.append(rows.summary(agreement=rows.agreement(), reader_ids=[own.pk], unpublished_ids=[own.pk]))
        found = agreements_waiting(actor)
        assert found.rows == list(reversed(made))[:MOST_SHOWN]
        assert found.more is (number == MOST_SHOWN)
    rows.summary(agreement=rows.agreement(), reader_ids=[own.pk])
    rows.summary(agreement=rows.agreement(), unpublished_ids=[own.pk])
    assert agreements_waiting(actor).rows == list(reversed(made))[:MOST_SHOWN]
