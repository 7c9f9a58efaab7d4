"""Ten thousand agreements: response times of the list, and the time to recalculate all findings."""

from __future__ import annotations

import os
import time

from bench.databases import run
from bench.measures import Ratio, median, percentile
from bench.scale import Scale
from bench.site import site

FIGURES_FOR_ONE = 100  # ten thousand agreements in a run of a million figures
LIST_MS, ALL_SECONDS = 300.0, 60.0
LISTS = {
    "the list of agreements": "/agreements/",
    "the list by function and flexibility": "/agreements/?function=nhs-s3&flexibility=pooled_fund",
    "the list of what ends within a year": "/agreements/?ending_within=12",
}


def agreements(scale: Scale) -> list[Ratio]:
    """Times of pages of the list, and of recalculating every finding, compared with their limits."""
    count = scale.rows // FIGURES_FOR_ONE
    with scale.small_database.copy("agreements") as database:
        environment = {
            **os.environ,
            "DATABASE_URL": database.urls.application,
            "DATABASE_OWNER_URL": database.urls.owner,
            "DJANGO_SETTINGS_MODULE": "pooledcare.settings",
        }
        run(["manage.py", "load_law"], environment)
        run(["-m", "bench.agreeing", str(count)], environment)
        database.urls.execute("vacuum (analyze)")
        checked = []
        for _ in range(scale.runs):
            began = time.perf_counter()
            run(["manage.py", "check_agreements"], environment)
            checked.append(time.perf_counter() - began)
        times: dict[str, list[float]] = {name: [] for name in LISTS}
        with site(scale.home, database, worker=False) as on, on.client() as client:
            for name, path in LISTS.items():
                for _ in range(3):
                    client.ask(path)
                times[name] = [client.ask(path).seconds * 1000 for _ in range(scale.requests)]
    found = [Ratio(f"findings of {count:,} agreements", median(checked), ALL_SECONDS, 1.0, "what is allowed")]
    found += [
        Ratio(f"{name}, p95 of {count:,}", percentile(each, 0.95), LIST_MS, 1.0, "what is allowed", "ms")
        for name, each in times.items()
    ]
    return found
