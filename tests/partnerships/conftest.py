"""Two partners and their people for the pages of agreements, and the rights with which the application writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client

from partnerships.models import Agreement
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.world import World

MORNING = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)  # of the day that the world calls today
ClientOf = Callable[[User], Client]


@pytest.fixture
def on_that_day() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def as_application(db: None) -> None:
    """Tests run as the owner of the tables. With this one they hold only the rights of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')


@pytest.fixture
def icb(db: None) -> Organisation:
    return factories.organisation(name="NHS Mereshire Integrated Care Board")


@pytest.fixture
def county(db: None) -> Organisation:
    return factories.council(name="Mereshire County Council", kind="county")


@pytest.fixture
def lawyer(county: Organisation) -> User:
    return factories.member(organisation=county, roles=["governance_lead"])


@pytest.fixture
def desk(lawyer: User, client_of: ClientOf) -> Client:
    return client_of(lawyer)


@pytest.fixture
def agreement(icb: Organisation, county: Organisation) -> Agreement:
    """A draft that lacks nothing; the board began it."""
    return factories.whole_agreement(partners=[icb, county], places=[factories.place(name="Mereshire")])


@pytest.fixture
def board_lead(icb: Organisation, client_of: ClientOf) -> Client:
    return client_of(factories.member(organisation=icb, roles=["governance_lead"]))


@pytest.fixture
def signed(icb: Organisation, county: Organisation) -> Agreement:
    return factories.signed_agreement(partners=[icb, county])
