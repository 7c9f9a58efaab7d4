"""Parts of the one world for the pages of agreements, and the rights with which the application writes."""

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
from tests.world import World

MORNING = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)  # of the day that the world calls today
ClientOf = Callable[[User], Client]


@pytest.fixture
def on_that_day() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def as_application(db: None) -> None:
    """Tests run as the owner of the tables. With this one they hold only the rights of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')


# --- parts of the world -----------------------------------------------------------------------------------------------


@pytest.fixture
def icb(world: World) -> Organisation:
    return world.icb.organisation


@pytest.fixture
def county(world: World) -> Organisation:
    return world.council.organisation


@pytest.fixture
def lead(world: World, client_of: ClientOf) -> Client:
    """The governance lead of the council, logged in."""
    return client_of(world.council.person("governance_lead"))


@pytest.fixture
def icb_lead(world: World, client_of: ClientOf) -> Client:
    return client_of(world.icb.person("governance_lead"))


@pytest.fixture
def agreement(world: World) -> Agreement:
    """A draft that lacks nothing; the board began it."""
    return world.draft(places=[world.place])


@pytest.fixture
def signed(world: World) -> Agreement:
    return world.running()
