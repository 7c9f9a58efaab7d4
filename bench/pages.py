"""Pages with a hundred times as many figures in the database: the same number of queries, and no slower."""

from __future__ import annotations

import json
import os

from bench.databases import Filled, run
from bench.measures import Ratio, median, percentile
from bench.scale import Scale
from bench.site import site

PAGES = {"England": "/", "a place": "/places/fictional-place/"}
MOST_QUERIES = 6


def pages(scale: Scale) -> list[Ratio]:
    """England and a place, with 1,000,000 figures and with 10,000; as many figures for each organisation in both."""
    large, small = scale.database, scale.small_database
    many, few = queries(large), queries(small)
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PAGES}
    with (
        site(scale.home, large, worker=False) as one,
        site(scale.home, small, worker=False) as other,
        one.client() as here,
        other.client() as there,
    ):
        for _ in range(scale.runs):
            for name, path in PAGES.items():
                for client in (here, there):
                    for _ in range(3):
                        client.ask(path)
                for _ in range(scale.requests):
                    times[name][0].append(here.ask(path).seconds)
                    times[name][1].append(there.ask(path).seconds)
    found = []
    for name in PAGES:
        ours, beside = times[name]
        at = f"at {large.rows:,} figures"
        scale.say(f"{name}: {many[name]} queries {at}, {few[name]} at {small.rows:,}; medians "
                  f"{median(ours) * 1000:.1f} and {median(beside) * 1000:.1f} ms")  # fmt: skip
        found += [
            Ratio(f"{name} {at}: data queries", many[name], MOST_QUERIES, 1.0, "what is allowed", ""),
            Ratio(f"{name} {at}: data queries", many[name], few[name], 1.0, f"{small.rows:,} figures", ""),
            Ratio(f"{name} {at}, p95", percentile(ours, 0.95) * 1000, percentile(beside, 0.95) * 1000, 1.2,
                  f"{small.rows:,} figures, p95", "ms"),
        ]  # fmt: skip
    return found


def queries(database: Filled) -> dict[str, int]:
    """The number of queries of each page for an anonymous visitor."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.urls.application,
        "DJANGO_SETTINGS_MODULE": "pooledcare.settings",
        "DEBUG": "1",
    }
    counted: dict[str, int] = json.loads(run(["-m", "bench.counting", json.dumps(PAGES)], environment))
    return counted
