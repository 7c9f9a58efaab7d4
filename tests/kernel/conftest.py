"""Properties are judged by their answers, not by the clock: the machine may be busy with other tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@contextlib.contextmanager
def another(alias: str) -> Iterator[BaseDatabaseWrapper]:
    """One more connection to the test's database, known to Django by its alias: what another process would hold.

    It is in no transaction, sees nothing of what the test has written, and what it commits would stay.
    """
    connections[alias] = connections["default"].copy(alias)
    yield connections[alias]
    connections[alias].close()
    del connections[alias]


@pytest.fixture
def second(db: None) -> Iterator[BaseDatabaseWrapper]:
    with another("second") as connection:
        yield connection


@pytest.fixture
def third(db: None) -> Iterator[BaseDatabaseWrapper]:
    with another("third") as connection:
        yield connection
