"""Uploads over HTTP: compared with psql's `\\copy`, with mistakes in 1% of rows, and their memory use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench import peers
from bench.client import Unexpected
from bench.measures import Ratio, median
from bench.scale import Scale
from bench.site import Site, site
from bench.totals import check_totals

PUBLISHED_ON = "2024-04-01"
MEMORY_MB = 300
STAGES = ("sent", "read, checked, staged", "judged and previewed", "accepted")


@dataclass(frozen=True)
class Sent:
    """The times of one upload, in total and by stage."""

    reference: str
    seconds: float
    stages: dict[str, float]
    peak_mb: float

    @property
    def pk(self) -> int:
        return int(self.reference.removeprefix("UP-"))


def send(scale: Scale, on: Site, file: Path) -> Sent:
    """Send a file with one key, accept it with another person's key, and wait for the end."""
    with on.client("officer") as officer, on.client("approver") as approver:
        began = time.perf_counter()
        reference = officer.upload(file, published_on=PUBLISHED_ON)
        sent = time.perf_counter() - began
        officer.wait_for(reference, "awaiting_second_person")
        approver.accept(reference)
        officer.wait_for(reference, "accepted")
        seconds = time.perf_counter() - began
    at = _moments(on, reference)
    staged = (at["checked"] - at["received"]).total_seconds()
    judged = (at["awaiting_second_person"] - at["checked"]).total_seconds()
    stages = dict(zip(STAGES, (sent, staged, judged, seconds - sent - staged - judged), strict=True))
    return Sent(reference, seconds, stages, on.worker_peak_mb())


def send_bad(scale: Scale, on: Site, file: Path, expected: int) -> Sent:
    """Send a file with mistakes; it must be refused with every problem listed."""
    with on.client("officer") as officer:
        began = time.perf_counter()
        reference = officer.upload(file, published_on=PUBLISHED_ON)
        sent = time.perf_counter() - began
        answer = officer.wait_for(reference, "refused")
        seconds = time.perf_counter() - began
        told = answer.json()["problem_count"]
        listed = scale.home / "problems.csv"
        officer.download(f"/api/v1/uploads/{reference}/problems/", listed, Accept="text/csv")
    lines = listed.read_bytes().count(b"\r\n") - 1
    if (told, lines) != (expected, expected):
        raise Unexpected(f"{reference}: {told} problems told and {lines} listed, not {expected}.")
    stages = {"sent": sent, "read, checked, refused": seconds - sent}
    return Sent(reference, seconds, stages, on.worker_peak_mb())


def _moments(on: Site, reference: str) -> dict[str, datetime]:
    """When each state began; if several times, the last."""
    rows = on.database.urls.rows(
        "select state, at from uploads_uploadstatus where upload_id = %s order by id", int(reference[3:])
    )
    return dict(rows)


def upload(scale: Scale) -> list[Ratio]:
    """A good file compared with `\\copy` of the same rows, a bad file with the good one, and the worker's memory."""
    good, bad, copied, memory = [], [], [], []
    for turn in range(scale.runs):
        with scale.database.copy("run") as fresh:
            with site(scale.home, fresh) as on:
                good.append(send(scale, on, scale.file(scale.rows)))
            checked = check_totals(fresh.urls)
            copied.append(peers.psql_copy(scale, fresh.urls, good[-1].pk))
        with scale.database.copy("run") as fresh, site(scale.home, fresh) as on:
            bad.append(send_bad(scale, on, scale.file(scale.rows, bad_rows=scale.bad_rows), scale.bad_rows))
        with scale.database.copy("run") as fresh, site(scale.home, fresh) as on:
            memory.append(send(scale, on, scale.file(scale.fewer_rows)).peak_mb)
        scale.say(f"run {turn + 1}: {_stages(good[-1])}; \\copy {copied[-1]:.1f} s; bad {_stages(bad[-1])}; "
                  f"totals found true in {checked:.1f} s")  # fmt: skip
    ours, many = median([one.seconds for one in good]), max(one.peak_mb for one in good)
    rows = f"{scale.rows:,}"
    return [
        Ratio(f"upload of {rows} rows to accepted", ours, median(copied), 1.5, "psql \\copy of the same rows"),
        Ratio(f"{scale.bad_rows:,} bad rows of {rows}, all reported", median([one.seconds for one in bad]), ours, 0.5,
              "a good file"),
        Ratio(f"the worker's peak memory at {rows} rows", many, MEMORY_MB, 1.0, "what is allowed", "MB"),
        Ratio("the worker's peak memory, ten times the rows", many, max(memory), 1.1, f"{scale.fewer_rows:,} rows",
              "MB"),
    ]  # fmt: skip


def import_export(scale: Scale) -> list[Ratio]:
    """The same file through the whole pipeline over HTTP, and through django-import-export in bulk mode in-process."""
    file = scale.file(scale.peer_rows)
    ours, eased = [], []
    with scale.database.copy("run") as fresh:
        whole = peers.import_export(fresh.urls, file)  # takes minutes, so only once
    for turn in range(scale.runs):
        with scale.database.copy("run") as fresh, site(scale.home, fresh) as on:
            ours.append(send(scale, on, file))
        with scale.database.copy("run") as fresh:
            eased.append(peers.import_export(fresh.urls, file, "--eased"))
        scale.say(f"run {turn + 1}: {_stages(ours[-1])}; django-import-export {whole:.1f} s, eased {eased[-1]:.1f} s")
    mine, rows = median([one.seconds for one in ours]), f"{scale.peer_rows:,}"
    what, spared = f"upload of {rows} rows to accepted", "the same, spared the dry run and the look for what stands"
    return [
        Ratio(what, mine, whole, 10, "django-import-export in bulk mode", at_least=True),
        Ratio(what, mine, median(eased), None, spared, at_least=True),
    ]


def _stages(one: Sent) -> str:
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in one.stages.items())
    return f"{one.seconds:.1f} s ({parts}), worker {one.peak_mb:.0f} MB"
