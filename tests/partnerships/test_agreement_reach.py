"""Who reaches which agreement, as whom, and for whom somebody may act on it."""

from __future__ import annotations

import pytest

from partnerships.models import Agreement, AgreementSummary
from partnerships.queries.agreements.reach import (
    Reached,
    agreement_reached,
    may,
    organisations_with_permission,
    summaries_seen_by,
)
from partnerships.terms import Audience
from pooledcare.directory.access import ANONYMOUS, Actor, Permission, system_actor
from pooledcare.directory.models import Membership, Organisation
from tests import factories
from tests.partnerships import agreement_rows as rows

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("example")
PREPARE, APPROVE = Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS


@pytest.fixture
def own() -> Organisation:
    return factories.organisation(name="Own")


@pytest.fixture
def other() -> Organisation:
    return factories.organisation(name="Other")


def reader(*organisations: Organisation, role: str = "viewer") -> Actor:
    user = factories.member(organisation=organisations[0], roles=[role])
    for each in organisations[1:]:
        Membership.objects.create(user=user, organisation=each, roles=[role])
    return factories.actor(user)


def stands(*readers: Organisation, audiences: tuple[str, ...] = ("partners",)) -> Agreement:
    made = rows.agreement()
    for audience in audiences:
        rows.summary(agreement=made, audience=audience, reader_ids=[each.pk for each in readers])
    return made


def seen(actor: Actor) -> set[tuple[int, str]]:
    found = summaries_seen_by(actor)
    assert len(found) == len({each.agreement_id for each in found})
    return {(each.agreement_id, each.audience) for each in found}


BOTH = ("partners", "public")


def test_one_standing_of_each_agreement_is_seen_as_partner_or_as_anybody(own, other):
    mine, mine_public = stands(own), stands(own, other, audiences=BOTH)
    theirs, theirs_public = stands(other), stands(other, audiences=BOTH)
    public = {(mine_public.pk, "public"), (theirs_public.pk, "public")}
    assert seen(ANONYMOUS) == public
    assert seen(reader(factories.organisation())) == public
    assert seen(reader(own)) == {(mine.pk, "partners"), (mine_public.pk, "partners"), (theirs_public.pk, "public")}
    everything = {(each.pk, "partners") for each in (mine, mine_public, theirs, theirs_public)}
    assert seen(SYSTEM) == everything
    assert seen(reader(own, other)) == everything


def test_who_may_read_nothing_unpublished_for_a_partner_reads_as_anybody(own):
    made = stands(own, audiences=BOTH)
    by = reader(own)
    by.grants[own.pk] = frozenset()
    assert seen(Actor(person=by.person, grants=by.grants, organisations=by.organisations)) == {(made.pk, "public")}


def test_a_standing_comes_with_its_agreement_and_who_drafted_it(own, django_assert_num_queries):
    made = stands(own)
    by = reader(own)
    with django_assert_num_queries(1):
        (found,) = summaries_seen_by(by)
        assert (found.agreement, found.agreement.prepared_by) == (made, made.prepared_by)
    for everybody in (SYSTEM, ANONYMOUS):
        AgreementSummary.objects.update(audience="public" if everybody is ANONYMOUS else "partners")
        with django_assert_num_queries(1):
            assert [each.agreement.prepared_by for each in summaries_seen_by(everybody)] == [made.prepared_by]


def test_an_agreement_is_reached_by_its_reference_as_whom_one_reads_it(own, other):
    made = stands(own, audiences=BOTH)
    assert agreement_reached(made.reference, actor=reader(own)) == Reached(made, Audience.PARTNERS)
    assert agreement_reached(made.reference, actor=ANONYMOUS) == Reached(made, Audience.PUBLIC)
    assert agreement_reached(f"S75-{made.pk:09d}", actor=SYSTEM) == Reached(made, Audience.PARTNERS)
    hidden = stands(own)
    for nobody in (ANONYMOUS, reader(other)):
        assert agreement_reached(hidden.reference, actor=nobody) is None


def test_an_agreement_is_read_as_partner_or_not():
    made = Agreement(pk=1)
    assert Reached(made, Audience.PARTNERS).is_partner
    assert not Reached(made, Audience.PUBLIC).is_partner


def test_what_is_no_reference_reaches_nothing(own):
    made = stands(own)
    number = f"{made.pk:04d}"
    for text in (number, f"s75-{number}", f"S75-{number} ", f"S75-{number}\n", f"XS75-{number}", f"S75-{number}x",
                 f"S75-{made.pk:010d}", "S75-1", "S75-", "", "S75-٠٠٠١", f"S75-{made.pk + 1:04d}"):  # fmt: skip
        assert agreement_reached(text, actor=SYSTEM) is None, text


def test_one_acts_for_the_organisations_that_read_it_as_partners_where_one_has_the_role(own, other):
    made = stands(own, other)
    rows.summary(agreement=made, audience="public")
    third = factories.organisation(name="A third")
    by = reader(own, other, third, role="pool_manager")
    assert organisations_with_permission(made, actor=by, permission=PREPARE) == [other, own]
    assert organisations_with_permission(made, actor=by, permission=APPROVE) == []
    assert organisations_with_permission(made, actor=ANONYMOUS, permission=PREPARE) == []
    assert (
        organisations_with_permission(stands(third), actor=reader(own, role="pool_manager"), permission=PREPARE) == []
    )
    assert organisations_with_permission(rows.agreement(), actor=by, permission=PREPARE) == []
    assert organisations_with_permission(made, actor=SYSTEM, permission=PREPARE) == [made.prepared_by]


def test_the_public_standing_lets_nobody_act(own):
    made = rows.agreement()
    rows.summary(agreement=made, audience="public", reader_ids=[own.pk])
    assert organisations_with_permission(made, actor=reader(own, role="pool_manager"), permission=PREPARE) == []


def test_whoever_acts_for_a_partner_may(own, other):
    made = stands(own)
    assert may(made, actor=reader(own, role="pool_manager"), permission=PREPARE)
    assert may(made, actor=SYSTEM, permission=PREPARE)
    assert not may(made, actor=reader(own, role="pool_manager"), permission=APPROVE)
    assert not may(made, actor=reader(other, role="pool_manager"), permission=PREPARE)
    assert not may(made, actor=ANONYMOUS, permission=PREPARE)
