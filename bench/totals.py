"""Checking that the stored totals equal the sums of the figures: done after every upload, and timed at the end."""

from __future__ import annotations

import os
import time

from bench.databases import Urls, run
from bench.measures import Ratio, median
from bench.scale import Scale

# What a page of England would need without stored totals.
SUM = """select a.stream_id, a.financial_year, o.region_id, sum(a.amount), count(*)
from budgets_allocation a join directory_organisation o on o.id = a.organisation_id
where a.is_current and not a.withdrawn group by 1, 2, 3"""


def totals(scale: Scale) -> list[Ratio]:
    """`manage.py check_totals` over all figures, compared with one plain sum of the same figures."""
    checked, summed = [], []
    for _ in range(scale.runs):
        checked.append(check_totals(scale.database.urls))
        began = time.perf_counter()
        scale.database.urls.rows(SUM)
        summed.append(time.perf_counter() - began)
    name = f"check_totals over {scale.rows:,} lines, none differ"
    return [Ratio(name, median(checked), median(summed), None, "one plain sum of them")]


def check_totals(urls: Urls) -> float:
    """Seconds that the command takes. Raises an error if it finds a difference."""
    environment = {**os.environ, "DATABASE_URL": urls.application, "DJANGO_SETTINGS_MODULE": "pooledcare.settings"}
    began = time.perf_counter()
    run(["manage.py", "check_totals"], environment)
    return time.perf_counter() - began
