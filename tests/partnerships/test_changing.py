"""What every change of an agreement does around the change itself: for whom, on what, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from partnerships.changing.agreement import (
    expect_version,
    finish_change,
    lock_deed,
    only_people,
    refresh_summaries,
    refuse,
    require_deciding_organisation,
    require_organisation,
    set_state,
    starting_once,
    unchanged_since,
)
from partnerships.models import Agreement, AgreementStatus, AgreementSummary, Deed
from partnerships.rules.agreements.signing import DecidingBody
from pooledcare.directory.access import ANONYMOUS, Actor, Permission, key_actor, system_actor
from pooledcare.directory.models import AuditEvent, Change, Organisation
from pooledcare.kernel.problems import Problem, Refused
from tests import factories

pytestmark = pytest.mark.django_db
PREPARE = Permission.PREPARE_AGREEMENTS
SYSTEM = system_actor("example")
YESTERDAY = dt.date(2020, 1, 1)


@pytest.fixture
def later() -> Organisation:
    """Made first and last by name."""
    return factories.organisation(name="Zebra Board")


@pytest.fixture
def first() -> Organisation:
    return factories.council(name="Aardvark Council")


@pytest.fixture
def agreement(later: Organisation, first: Organisation) -> Agreement:
    return factories.agreement(partners=[later, first])


def member(*organisations: Organisation, role: str = "pool_manager") -> Actor:
    user = factories.member(organisation=organisations[0], roles=[role])
    for each in organisations[1:]:
        user.memberships.create(organisation=each, roles=[role])
    return factories.actor(user)


def deciding(*organisations: Organisation) -> list[Any]:
    return [DecidingBody(SimpleNamespace(pk=each.pk), frozenset({each.pk})) for each in organisations]  # type: ignore[arg-type]


def code_of(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    (problem,) = refused.value.problems
    return problem.code, problem.message


# --- for whom --------------------------------------------------------------------------------------------------------


def test_who_acts_for_several_acts_for_the_first_by_name_or_for_the_one_that_is_given(agreement, later, first):
    by = member(later, first, factories.organisation(name="A stranger"))
    assert require_organisation(agreement, permission=PREPARE, by=by) == first
    assert require_organisation(agreement, permission=PREPARE, by=by, organisation=later) == later


def test_nobody_acts_for_an_organisation_that_is_not_theirs_or_not_in_the_agreement(agreement, later, first):
    stranger = factories.organisation()
    for organisation in (first, stranger):
        with pytest.raises(PermissionDenied, match="pool manager or governance lead"):
            require_organisation(agreement, permission=PREPARE, by=member(later, stranger), organisation=organisation)


def test_out_of_reach_is_not_found_and_without_the_role_is_refused(agreement, later):
    for by in (ANONYMOUS, member(factories.organisation())):
        with pytest.raises(Http404):
            require_organisation(agreement, permission=PREPARE, by=by)
    with pytest.raises(PermissionDenied):
        require_organisation(agreement, permission=PREPARE, by=member(later, role="viewer"))


def test_what_everybody_reads_is_found_and_not_written_by_an_outsider():
    shown = factories.signed_agreement(is_published=True)
    with pytest.raises(PermissionDenied):
        require_organisation(shown, permission=PREPARE, by=member(factories.organisation()))


def test_pooledcare_itself_acts_for_whom_it_names_or_for_whoever_began_it(agreement, later, first):
    assert require_organisation(agreement, permission=PREPARE, by=SYSTEM) == later
    assert require_organisation(agreement, permission=PREPARE, by=SYSTEM, organisation=first) == first


def test_among_several_the_first_that_has_a_say_speaks(agreement, later, first):
    by = member(later, first)
    assert require_deciding_organisation(agreement, deciding(later), permission=PREPARE, by=by) == later
    assert require_deciding_organisation(agreement, deciding(first, later), permission=PREPARE, by=by) == first
    assert (
        require_deciding_organisation(agreement, deciding(later, first), permission=PREPARE, by=by, organisation=later)
        == later
    )


def test_who_has_no_say_is_told_by_name(agreement, later, first):
    told = ("NOT_A_PARTNER", "Aardvark Council is not a partner in this agreement, so it cannot decide on this")
    for organisation in (None, first):
        with pytest.raises(Refused) as refused:
            require_deciding_organisation(
                agreement, deciding(later), permission=PREPARE, by=member(first), organisation=organisation
            )  # fmt: skip
        assert code_of(refused) == told


def test_a_key_binds_nobody(later):
    maker = factories.member(organisation=later, roles=["governance_lead"])
    key, _ = factories.api_key(created_by=maker, organisation=later, permissions=["approve_agreements"])
    with pytest.raises(PermissionDenied, match="not with an API key"):
        only_people(key_actor(key))
    for by in (factories.actor(maker), SYSTEM):
        only_people(by)


# --- on what ---------------------------------------------------------------------------------------------------------


def test_a_deed_is_read_anew_with_its_agreement(agreement):
    stale = factories.open_deed(agreement)
    Deed.objects.filter(pk=stale.pk).update(version=7)
    Agreement.objects.filter(pk=agreement.pk).update(version=9)
    found = lock_deed(stale)
    assert (found.version, found.agreement.version, found.agreement.prepared_by) == (7, 9, agreement.prepared_by)


def test_nothing_is_refused_without_a_reason_and_all_reasons_are_given():
    refuse(iter(()))
    problems = [Problem("A", "One."), Problem("B", "Two.")]
    with pytest.raises(Refused) as refused:
        refuse(iter(problems))
    assert list(refused.value.problems) == problems


@pytest.mark.parametrize(("version", "is_refused"), [(None, False), (1, True), (2, False), (3, True)])
def test_what_somebody_else_has_changed_is_not_overwritten(version, is_refused):
    found = Deed(version=2)
    if not is_refused:
        expect_version(found, version)
        return
    with pytest.raises(Refused) as refused:
        expect_version(found, version)
    assert code_of(refused) == ("CHANGED_MEANWHILE", "Somebody else has changed this since you opened it")


def test_what_a_page_showed_is_compared_with_the_agreement_read_anew(agreement):
    Agreement.objects.filter(pk=agreement.pk).update(version=5)
    done = []
    with unchanged_since(agreement, "5", lambda found: str(found.version)):
        done.append("saved")
    with pytest.raises(Refused) as refused, unchanged_since(agreement, "1", lambda found: str(found.version)):
        done.append("saved again")
    assert done == ["saved"]
    assert code_of(refused) == ("CHANGED_MEANWHILE", "This has been changed since you opened the page")


@pytest.mark.parametrize("state", ["draft", "changes_requested", "approved"])
def test_an_organisation_starts_an_agreement_of_a_title_once_while_it_is_open(later, state):
    begun = factories.agreement(partners=[later, factories.council()], title="Taken")
    Deed.objects.filter(agreement=begun).update(state=state)
    with pytest.raises(Refused) as refused, starting_once(later, "Taken"):
        pytest.fail("It was started twice.")
    assert code_of(refused) == (
        "STARTED_ALREADY", f"Your organisation has already started an agreement of this title, {begun.reference}",
    )  # fmt: skip


def test_another_title_another_organisation_and_what_is_open_no_more_are_started(later, first):
    begun = factories.agreement(partners=[later, first], title="Taken")
    done = []
    for organisation, title in ((later, "Other"), (first, "Taken")):
        with starting_once(organisation, title):
            done.append(title)
    Deed.objects.filter(agreement=begun).update(state="withdrawn")
    signed = factories.signed_agreement(partners=[later, first], title="Taken")
    Deed.objects.create(agreement=signed, number=1, kind="variation", title="Taken")
    with starting_once(later, "Taken"):
        done.append("Taken")
    assert done == ["Other", "Taken", "Taken"]


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_the_next_state_is_a_row_of_history_and_a_column(agreement, first):
    set_state(agreement, "signed", by=SYSTEM, organisation=first, note="At last")
    row = AgreementStatus.objects.filter(agreement=agreement).last()
    assert (agreement.state, row.state, row.actor, row.organisation, row.note) == (
        "signed", "signed", "system:example", first, "At last",
    )  # fmt: skip
    set_state(agreement, "ended", by=SYSTEM, organisation=None)
    row = AgreementStatus.objects.filter(agreement=agreement).last()
    assert (row.state, row.organisation, row.note) == ("ended", None, "")


def all_told() -> list[tuple[Any, ...]]:
    return [(c.resource, c.reference, c.event, c.public, c.organisation, c.reader_ids) for c in Change.objects.all()]


def test_keeping_counts_the_version_and_tells_the_trail_and_the_feed(agreement, later, first):
    readers, joined = sorted([later.pk, first.pk]), factories.organisation()
    Deed.objects.filter(agreement=agreement).update(title="Otherwise")
    finish_change(agreement, by=SYSTEM, action="x.done", sentence="Done.", organisation=first, tell=[("pools", "x/y")])
    agreement.refresh_from_db()
    assert agreement.version == 2
    assert set(AgreementSummary.objects.filter(agreement=agreement).values_list("title", flat=True)) == {"Otherwise"}
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject, event.sentence, event.organisation) == (
        "system:example", "x.done", f"agreement:{agreement.reference}", "Done.", first.code,
    )  # fmt: skip
    told = (False, first.code, readers)
    assert all_told() == [
        ("agreements", agreement.reference, "changed", *told), ("pools", "x/y", "changed", *told),
    ]  # fmt: skip
    agreement.partners.filter(organisation=first).delete()
    agreement.partners.create(deed=agreement.deeds.get(), organisation=joined, role="commissioner")
    finish_change(agreement, by=SYSTEM, action="x.done", sentence="Done.", event="created", public=True)
    assert all_told()[2:] == [
        ("agreements", agreement.reference, "created", True, later.code, sorted([*readers, joined.pk]))
    ]


def test_a_change_that_everybody_can_read_is_told_to_everybody():
    shown = factories.signed_agreement(is_published=True)
    finish_change(shown, by=SYSTEM, action="x.done", sentence="Done.")
    Agreement.objects.filter(pk=shown.pk).update(state="notice_given")
    shown.refresh_from_db()
    finish_change(shown, by=SYSTEM, action="x.done", sentence="Done.")
    shown.power = "s31"
    shown.places.create(place=factories.place())
    finish_change(shown, by=SYSTEM, action="x.done", sentence="Done.")
    assert [public for _, _, _, public, _, _ in all_told()] == [False, False, True]


def test_only_what_stands_otherwise_is_said_to_have_changed(agreement):
    shown = factories.signed_agreement(is_published=True)
    AgreementSummary.objects.update(worked_out_on=YESTERDAY)
    assert refresh_summaries([agreement, shown]) == {}
    assert set(AgreementSummary.objects.values_list("agreement_id", "audience")) == {
        (agreement.pk, "partners"), (shown.pk, "partners"), (shown.pk, "public"),
    }  # fmt: skip
    assert YESTERDAY not in set(AgreementSummary.objects.values_list("worked_out_on", flat=True))
    Agreement.objects.filter(pk=agreement.pk).update(state="approved")
    agreement.refresh_from_db()
    assert refresh_summaries([agreement, shown]) == {agreement.pk: False}
    shown.places.create(place=factories.place())
    assert refresh_summaries([agreement, shown]) == {shown.pk: True}


def test_they_stand_as_on_the_day_that_is_given(agreement):
    other = factories.agreement()
    refresh_summaries([agreement], today=YESTERDAY)
    days = dict(AgreementSummary.objects.filter(audience="partners").values_list("agreement_id", "worked_out_on"))
    assert days[agreement.pk] == YESTERDAY < days[other.pk]
