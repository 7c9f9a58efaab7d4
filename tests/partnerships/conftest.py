"""Parts of the one world for the pages of agreements, and the rights with which the application writes."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

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


@pytest.fixture(scope="module")
def told_once(law: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world with its story, made once for all tests of a file and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            made = World()
            assert made.story
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def told(db: None, told_once: World) -> World:
    """The world with its story and papers; a copy, so that what a test adds is as little kept as the rows it writes."""
    made = copy.deepcopy(told_once)
    assert made.papers
    return made


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
    return world.agreement


@pytest.fixture
def signed(world: World) -> Agreement:
    return world.running()
