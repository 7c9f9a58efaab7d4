"""Whose figures anybody may read, and which version of each stood when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from budgets.models import Allocation
from budgets.queries.visibility import allocations_visible_to, as_at, current
from pooledcare.directory.access import ANONYMOUS, system_actor
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
