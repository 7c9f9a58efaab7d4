"""Whose figures anybody may read, and which version of each stood when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from budgets.models import Allocation
from budgets.queries import listings
from budgets.queries.visibility import allocations_visible_to, as_at, current
from pooledcare.directory.access import ANONYMOUS, system_actor
from pooledcare.directory.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db


def moment(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2024, 5, day, hour, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture
def versions() -> dict[str, Any]:
    """Published on the 1st and restated on the 10th; each was in our record a day later."""
    holder, stream = factories.organisation(), factories.stream()
    first_upload = factories.upload(organisation=factories.nhs_england())
    second_upload = factories.upload(organisation=factories.nhs_england())
    common = {"organisation": holder, "stream": stream}
    first = factories.allocation(
        **common,
        amount=Decimal(100),
        published_on=dt.date(2024, 5, 1),
        accepted_at=moment(2),
        is_current=False,
        upload=first_upload,
    )
    second = factories.allocation(
        **common,
        amount=Decimal(120),
        published_on=dt.date(2024, 5, 10),
        accepted_at=moment(11),
        version=2,
        upload=second_upload,
    )
    return {"first": first, "second": second, **common, "second_upload": second_upload}


def amounts(**when: Any) -> list[Decimal | None]:
    return [figure.amount for figure in as_at(allocations_visible_to(ANONYMOUS), **when)]


def test_anonymous_visitors_see_published_figures_only():
    published = factories.allocation()
    factories.allocation(published_on=None)

    assert list(allocations_visible_to(ANONYMOUS)) == [published]


def test_a_figure_published_tomorrow_is_not_public_today():
    factories.allocation(published_on=timezone.localdate() + dt.timedelta(days=1))

    assert not allocations_visible_to(ANONYMOUS).exists()


def test_members_see_the_unpublished_figures_of_their_own_organisation_and_of_no_other():
    own, other = factories.organisation(), factories.organisation()
    mine = factories.allocation(organisation=own, published_on=None)
    factories.allocation(organisation=other, published_on=None)
    member = factories.actor(factories.member(organisation=own, roles=["viewer"]))

    assert list(allocations_visible_to(member)) == [mine]


def test_the_system_sees_everything():
    factories.allocation(published_on=None)

    assert allocations_visible_to(system_actor("test")).count() == 1


def test_current_is_the_version_that_stands(versions):
    assert list(current(Allocation.objects.all())) == [versions["second"]]


def test_a_withdrawn_figure_has_no_current_version():
    factories.allocation(amount=None, withdrawn=True)

    assert not current(Allocation.objects.all()).exists()


def test_without_a_moment_the_current_versions_stand(versions):
    assert amounts() == [Decimal(120)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2024, 4, 30), []),
        (dt.date(2024, 5, 1), [100]),
        (dt.date(2024, 5, 9), [100]),
        (dt.date(2024, 5, 10), [120]),
    ],
)
def test_as_at_asks_what_had_been_published(versions, day, expected):
    assert amounts(as_at=day) == expected


@pytest.mark.parametrize(("known_at", "expected"), [(1, []), (3, [100]), (10, [100]), (12, [120])])
def test_known_at_asks_what_was_in_our_record(versions, known_at, expected):
    assert amounts(known_at=moment(known_at)) == expected


def test_both_moments_together(versions):
    """Published on the 10th, but on the 10th we did not have it yet."""
    assert amounts(as_at=dt.date(2024, 5, 10), known_at=moment(10, 18)) == [100]


def test_a_figure_of_a_publication_before_another_loses_to_the_later_publication_however_late_it_came_in(versions):
    """An old file loaded afterwards restates nothing."""
    factories.allocation(
        organisation=versions["organisation"],
        stream=versions["stream"],
        amount=Decimal(90),
        published_on=dt.date(2024, 5, 5),
        accepted_at=moment(20),
        version=3,
        is_current=False,
    )

    assert amounts(as_at=dt.date(2024, 5, 31)) == [120]
    assert amounts(as_at=dt.date(2024, 5, 6)) == [90]


def test_an_upload_stood_until_the_moment_at_which_it_was_reversed(versions):
    versions["second_upload"].reversed_at = moment(15)
    versions["second_upload"].save()

    assert amounts(as_at=dt.date(2024, 5, 31), known_at=moment(14)) == [120]
    assert amounts(as_at=dt.date(2024, 5, 31), known_at=moment(16)) == [100]
    assert amounts(as_at=dt.date(2024, 5, 31)) == [100]


def test_unpublished_figures_have_no_place_in_a_question_about_publication():
    own = factories.organisation()
    factories.allocation(organisation=own, published_on=None, accepted_at=moment(1))
    member = factories.actor(factories.member(organisation=own, roles=["viewer"]))
    visible = allocations_visible_to(member)

    assert not as_at(visible, as_at=dt.date(2024, 5, 31)).exists()
    assert as_at(visible, known_at=moment(2)).count() == 1


# ── The day before, on and after ─────────────────────────────────────────────────────────────────────────────────────

TODAY = dt.date(2024, 5, 10)
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("published_on", "public"), [(YESTERDAY, True), (TODAY, True), (TOMORROW, False), (None, False)]
)
def test_a_figure_is_everybodys_from_the_day_of_its_publication(published_on, public):
    own, other = factories.organisation(), factories.organisation()
    reader = factories.actor(factories.member(organisation=own, roles=["viewer"]))
    theirs = factories.allocation(organisation=other, published_on=published_on)
    mine = factories.allocation(organisation=own, published_on=published_on)
    with time_machine.travel(moment(10)):
        assert list(allocations_visible_to(ANONYMOUS)) == ([theirs, mine] if public else [])
        assert list(allocations_visible_to(reader)) == ([theirs, mine] if public else [mine])
        assert list(allocations_visible_to(system_actor("test"))) == [theirs, mine]
        for actor, seen in ((ANONYMOUS, public), (reader, public), (system_actor("test"), True)):
            assert (listings.allocation(theirs.pk, actor=actor) is not None) is seen
        assert listings.allocation(mine.pk, actor=reader) is not None


def test_lists_of_the_api_hold_exactly_the_figures_that_pages_may_show():
    """The rule is written twice, as a `Q` and as SQL; every kind of reader gets the same figures by both."""
    bodies = [factories.organisation() for _ in range(3)]
    of_one = factories.member(organisation=bodies[0], roles=["viewer"])
    of_two = factories.member(organisation=bodies[0], roles=["viewer"])
    Membership.objects.create(user=of_two, organisation=bodies[1], roles=["viewer"])
    actors = [ANONYMOUS, system_actor("test"), factories.actor(of_one), factories.actor(of_two)]
    for body in bodies:
        for day in (YESTERDAY, TODAY, TOMORROW, None):
            factories.allocation(organisation=body, published_on=day)
    reference = [column.name for column in listings.ALLOCATIONS.columns].index("reference")
    counts = []
    with time_machine.travel(moment(10)):
        for actor in actors:
            rows = listings.allocations(listings.Asked(), actor=actor).page(50).rows
            listed = [row[reference] for row in rows]
            assert listed == [each.reference for each in allocations_visible_to(actor).order_by("pk")]
            counts.append(len(listed))
    assert counts == [6, 12, 8, 10]


@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_the_day_is_that_of_london_and_not_of_greenwich(hour):
    """In summer the first hour of a day in London is still the day before in Greenwich."""
    factories.allocation(published_on=TODAY)
    with time_machine.travel(moment(10, hour)):
        assert allocations_visible_to(ANONYMOUS).count() == 1
    with time_machine.travel(moment(9, hour)):
        assert allocations_visible_to(ANONYMOUS).count() == 0


def test_a_figure_of_ones_own_is_the_holders_and_not_the_publishers():
    publisher, holder = factories.nhs_england(), factories.organisation()
    factories.allocation(organisation=holder, source=publisher, published_on=None)
    reader = factories.actor(factories.member(organisation=publisher, roles=["viewer"]))
    assert not allocations_visible_to(reader).exists()


def test_members_read_the_unpublished_figures_of_each_of_their_organisations():
    bodies = [factories.organisation() for _ in range(3)]
    user = factories.member(organisation=bodies[0], roles=["viewer"])
    Membership.objects.create(user=user, organisation=bodies[1], roles=["viewer"])
    figures = [factories.allocation(organisation=body, published_on=None) for body in bodies]
    assert list(allocations_visible_to(factories.actor(user))) == figures[:2]


@pytest.mark.parametrize(
    ("is_current", "withdrawn", "stands"),
    [(True, False, True), (False, False, False), (True, True, False), (False, True, False)],
)
def test_a_version_stands_if_it_is_current_and_not_withdrawn(is_current, withdrawn, stands):
    factories.allocation(is_current=is_current, withdrawn=withdrawn)
    assert current(Allocation.objects.all()).exists() is stands
    assert (listings.allocations(listings.Asked(), actor=ANONYMOUS).one() is not None) is stands


@pytest.mark.parametrize(("hours", "stands"), [(-1, False), (0, True), (1, True)])
def test_a_version_is_in_our_record_from_the_moment_of_its_acceptance(hours, stands):
    factories.allocation(accepted_at=moment(10), published_on=dt.date(2024, 5, 1))
    asked = moment(10) + dt.timedelta(hours=hours)
    assert as_at(Allocation.objects.all(), known_at=asked).exists() is stands


@pytest.mark.parametrize(("hours", "stands"), [(-1, True), (0, False), (1, False)])
def test_a_version_is_taken_back_from_the_moment_of_its_uploads_reversal(hours, stands):
    upload = factories.upload(organisation=factories.nhs_england(), reversed_at=moment(10))
    factories.allocation(upload=upload, accepted_at=moment(2), published_on=dt.date(2024, 5, 1))
    asked = moment(10) + dt.timedelta(hours=hours)
    assert as_at(Allocation.objects.all(), known_at=asked).exists() is stands


def test_a_figure_that_was_withdrawn_by_the_moment_did_not_stand_though_an_earlier_version_did(versions):
    factories.allocation(
        organisation=versions["organisation"],
        stream=versions["stream"],
        amount=None,
        withdrawn=True,
        published_on=dt.date(2024, 5, 20),
        accepted_at=moment(21),
        version=3,
        is_current=False,
    )
    assert amounts(as_at=dt.date(2024, 5, 19)) == [120]
    assert amounts(as_at=dt.date(2024, 5, 20)) == []
    assert amounts(known_at=moment(20)) == [120]
    assert amounts(known_at=moment(21)) == []


def version(key: dict[str, Any], number: int, published_on: dt.date | None, accepted: int, amount: int) -> None:
    factories.allocation(
        **key, version=number, published_on=published_on, accepted_at=moment(accepted), amount=Decimal(amount),
        is_current=False,
    )  # fmt: skip


def test_of_versions_of_one_publication_the_one_accepted_last_stands_and_of_one_moment_the_highest(db):
    key = {"organisation": factories.organisation(), "stream": factories.stream()}
    version(key, 1, TODAY, 12, 1)
    version(key, 2, TODAY, 11, 2)
    assert amounts(known_at=moment(20)) == [1]
    version(key, 3, TODAY, 12, 3)
    assert amounts(known_at=moment(20)) == [3]


def test_an_unpublished_version_counts_from_the_day_on_which_it_came_in(db):
    key = {"organisation": factories.organisation(), "stream": factories.stream()}
    version(key, 1, dt.date(2024, 5, 5), 6, 1)
    version(key, 2, None, 4, 2)
    whole = Allocation.objects.all()
    assert [one.amount for one in as_at(whole, known_at=moment(20))] == [1]
    version(key, 3, None, 7, 3)
    assert [one.amount for one in as_at(whole, known_at=moment(20))] == [3]
    assert [one.amount for one in as_at(whole, as_at=dt.date(2024, 5, 31), known_at=moment(20))] == [1]


@pytest.mark.parametrize("column", ["organisation", "stream", "source", "financial_year", "basis", "gross_or_net",
                                    "recurrence"])  # fmt: skip
def test_figures_that_differ_in_any_part_of_their_key_all_stood(column):
    key = {"organisation": factories.organisation(), "stream": factories.stream(), "source": factories.nhs_england()}
    other: dict[str, Any] = {
        "organisation": factories.organisation, "stream": factories.stream, "source": factories.mhclg,
        "financial_year": lambda: 2023, "basis": lambda: "budget", "gross_or_net": lambda: "net",
        "recurrence": lambda: "not_stated",
    }  # fmt: skip
    factories.allocation(**key)
    factories.allocation(**key | {column: other[column]()})
    assert len(amounts(known_at=timezone.now() + dt.timedelta(days=1))) == 2
