"""The one world, with everything in it that the lists of the API show."""

from __future__ import annotations

from typing import Any

import pytest

from pooledcare.uploads import pipeline, queueing
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    return world.with_figures()


@pytest.fixture
def server(live_server, settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server whose uploads are worked on at once, as if the worker never waited."""
    settings.PUBLIC_URL = live_server.url
    monkeypatch.setattr(queueing, "_send", pipeline.work)
    return live_server
