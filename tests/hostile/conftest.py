"""NHS England at its desk: it publishes for invented boards, and may not speak for a council."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import settings

from tests import factories
from tests.uploads.sending import Desk

# pytest tests/hostile --hypothesis-profile nightly
settings.register_profile("nightly", max_examples=20_000, deadline=None)


@pytest.fixture
def desk(db: None) -> Desk:
    publisher = factories.nhs_england()
    factories.stream(code="nhs-core", name="Core services", holder_kinds=["icb", "ccg"])
    opened = dt.date(2013, 4, 1)
    board = factories.organisation(name="NHS Mereshire ICB (example)", code="QXM", opened=dt.date(2022, 7, 1))
    factories.organisation(name="NHS Fennmouth ICB (example)", code="01E", opened=opened)
    factories.organisation(name="NHS Dunholt ICB (example)", code="5E1", opened=opened)
    group = factories.organisation(
        name="NHS Mereshire CCG (example)", kind="ccg", code="99M", opened=opened, closed=dt.date(2022, 6, 30)
    )
    factories.succession(predecessor=group, successor=board)
    factories.organisation(name="Example NHS Trust", kind="nhs_trust", code="RXX")
    factories.council(name="Mereshire Council (example)", code="E06000001")
    return Desk(publisher, ("publisher",))
