"""The one world, with everything in it that the lists of the API show."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    return world.with_figures()
