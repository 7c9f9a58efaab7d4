"""Properties are judged by their answers, not by the clock: the machine may be busy with other tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture
def second(db: None) -> Iterator[BaseDatabaseWrapper]:
    """A second connection to the test's database, known to Django as "second": what another process would hold.

    It is in no transaction, sees nothing of what the test has written, and what it commits would stay.
    """
    connections["second"] = connections["default"].copy("second")
    yield connections["second"]
    connections["second"].close()
    del connections["second"]
