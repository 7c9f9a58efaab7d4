"""Reading a million figures: all as CSV compared with `COPY TO`, and one page compared with a view written by hand."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from urllib.parse import urlencode

from bench.client import Client, Unexpected
from bench.databases import run
from bench.measures import Ratio, median, percentile
from bench.scale import Scale
from bench.site import site

FIRST_BYTE_S = 0.5
WEB_MEMORY_MB = 300
EXPORT = "/api/v1/allocations/"
# The list is filtered to one stream; its first and last pages are measured.
FILTERS = {"stream": "nhs-core", "basis": "allocation"}
PAGE = 100


def export(scale: Scale) -> list[Ratio]:
    """Every figure as CSV over the API, compared with psql's COPY TO of the same joined columns."""
    statement = """copy (
        select 'AL-' || a.id as reference, o.code as organisation, s.code as stream,
            a.financial_year || '-' || lpad(mod(a.financial_year + 1, 100)::text, 2, '0') as financial_year, a.basis,
            a.gross_or_net, a.recurrence, a.amount::text, case when a.amount is null then a.published_text end,
            a.version, p.code as source, a.published_on, a.accepted_at, a.published_text, 'UP-' || a.upload_id,
            u.filename, a.sheet, a.row, a.cell, a.note
        from budgets_allocation a
        join directory_organisation o on o.id = a.organisation_id
        join directory_organisation p on p.id = a.source_id
        join budgets_fundingstream s on s.id = a.stream_id
        join uploads_upload u on u.id = a.upload_id
        where a.is_current and not a.withdrawn and a.published_on <= current_date
        order by a.id) to stdout with (format csv, header)"""
    target = scale.home / "files" / "export.csv"
    ours, copied, first, grown = [], [], [], []
    with site(scale.home, scale.database, worker=False) as on:
        for _ in range(scale.runs):
            with on.client("officer") as client:
                client.ask(f"{EXPORT}?page_size=1")
                before = on.web_peak_mb()
                found = client.download(EXPORT, target, Accept="text/csv")
            ours.append(found.seconds)
            first.append(found.first_byte)
            grown.append(on.web_peak_mb())
            lines = _lines(target)
            began = time.perf_counter()
            scale.database.urls.psql(statement, into=target)
            copied.append(time.perf_counter() - began)
            if (lines, _lines(target)) != (scale.rows + 1, scale.rows + 1):
                raise Unexpected(f"{lines} lines exported and {_lines(target)} copied, not {scale.rows + 1}.")
            scale.say(
                f"{found.seconds:.1f} s for {found.size / 1e6:.0f} MB, first byte {found.first_byte * 1000:.0f} ms, "
                f"web process {before:.0f} MB before and {grown[-1]:.0f} MB at most; COPY TO {copied[-1]:.1f} s"
            )
    target.unlink()
    rows = f"{scale.rows:,}"
    return [
        Ratio(f"export of {rows} rows as CSV", median(ours), median(copied), 2.5, "psql's COPY TO of the same rows"),
        Ratio("its first byte", median(first), FIRST_BYTE_S, 1.0, "what is allowed"),
        Ratio("the web process's peak memory", max(grown), WEB_MEMORY_MB, 1.0, "what is allowed", "MB"),
    ]


def _lines(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
    return count


def listing(scale: Scale) -> list[Ratio]:
    """A page of a hundred figures of one stream, by the API's list and by a view written by hand; and its last page."""
    last = _last_page(scale)
    theirs = f"/bench/allocations/?{urlencode(FILTERS)}"
    mine = f"{EXPORT}?{urlencode({**FILTERS, 'page_size': PAGE})}"
    times: dict[str, list[float]] = {mine: [], theirs: [], last: []}
    with site(scale.home, scale.database, worker=False) as on, on.client("officer") as client:
        _require_the_same(scale, client, mine, theirs, last)
        for _ in range(scale.runs):
            take_turns(client, times, scale.requests)
    ours, beside, end = (times[path] for path in (mine, theirs, last))
    scale.say(
        "medians: list {:.2f} ms, by hand {:.2f} ms, last page {:.2f} ms".format(
            *(median(found) * 1000 for found in (ours, beside, end))
        )
    )
    return [
        Ratio(f"a list page of {PAGE} rows, p95", *_p95(ours, beside), 2.0, "a psycopg view by hand, p95", "ms"),
        Ratio("the last page, median", median(end) * 1000, median(ours) * 1000, 1.1, "the first", "ms"),
    ]


def take_turns(client: Client, times: dict[str, list[float]], requests: int) -> None:
    """Request each path in turn, so that other work of the machine affects all of them."""
    for path in times:
        for _ in range(3):
            client.ask(path)
    for _ in range(requests):
        for path, found in times.items():
            found.append(client.ask(path).seconds)


def _p95(ours: list[float], beside: list[float]) -> tuple[float, float]:
    return percentile(ours, 0.95) * 1000, percentile(beside, 0.95) * 1000


def _last_page(scale: Scale) -> str:
    """The address of the last page that a client reaches by following `next`, made without following it."""
    urls = scale.database.urls
    found = urls.rows(
        "select id from budgets_allocation where is_current and basis = %s and stream_id ="
        " (select id from budgets_fundingstream where code = %s) order by id desc offset %s limit 1",
        FILTERS["basis"],
        FILTERS["stream"],
        PAGE,
    )
    after = found[0][0] if found else 0
    environment = {**os.environ, "DATABASE_URL": urls.application, "DJANGO_SETTINGS_MODULE": "pooledcare.settings"}
    given = json.dumps([EXPORT, FILTERS, f"key:{scale.database.keys['officer'][3:11]}", after])
    cursor = run(["-m", "bench.cursor", given], environment).strip()
    return f"{EXPORT}?{urlencode({**FILTERS, 'page_size': PAGE, 'cursor': cursor})}"


def _require_the_same(scale: Scale, client: Client, mine: str, theirs: str, last: str) -> None:
    """Check that both return the same rows, and that the last page is full and has no next page."""
    ours, beside, end = (client.ask(path).json() for path in (mine, theirs, last))
    if ours["results"] != beside["results"]:
        raise Unexpected(f"The list and the view differ: {ours['results'][:1]} {beside['results'][:1]}")
    if scale.rows > 10_000 and (len(end["results"]) != PAGE or end["next"] is not None):
        raise Unexpected(f"Not the last page: {len(end['results'])} rows, next {end['next']}")
