"""python -m bench.lighthouse [page…]: Lighthouse's mobile profile on ten pages of the site as `make run` runs it.

Each page is visited several times with an empty cache, and the medians count. The exit code is 1 if a page has fewer
than 95 points, or if its first visit needs more than 150 KB before anybody points at a chart. The machine must be
quiet, because Lighthouse measures its processor.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.site import free_port
from deploy.environment import ROOT
from deploy.processes import Child

PAGES = {
    "England": "/",
    "places": "/places/",
    "a place": "/places/somerset/",
    "organisations": "/organisations/",
    "an organisation": "/organisations/QSL/",
    "agreements": "/agreements/",
    "an agreement": "/agreements/S75-0020/",
    "a funding stream": "/streams/nhs-core/",
    "the law": "/law/",
    "glossary": "/glossary/",
}
LEAST_POINTS = 95
MOST_BYTES = 150_000
READY_WITHIN = 900.0  # the first time, the demonstration is loaded
ONE_VISIT = 180.0
PROGRAM = Path(__file__).parent / "node_modules" / "lighthouse" / "cli" / "index.js"
CHROME_FLAGS = "--headless --no-sandbox --disable-gpu"


class NotMeasured(Exception):
    """Lighthouse could not measure a page; the message says why."""


@dataclass(frozen=True)
class Visit:
    """One visit: points of 100, milliseconds, bytes as transferred, and how far the page shifted."""

    points: float
    largest_paint: float
    blocked: float
    bytes: float
    shift: float

    @classmethod
    def of(cls, report: dict[str, Any]) -> Visit:
        """From Lighthouse's JSON. Raises NotMeasured if it says that the page failed."""
        if report.get("runtimeError"):
            raise NotMeasured(report["runtimeError"]["message"])

        def measured(audit: str) -> float:
            value: float = report["audits"][audit]["numericValue"]
            return value

        return cls(
            points=round(100 * report["categories"]["performance"]["score"]),
            largest_paint=measured("largest-contentful-paint"),
            blocked=measured("total-blocking-time"),
            bytes=measured("total-byte-weight"),
            shift=measured("cumulative-layout-shift"),
        )


def median_of(visits: Sequence[Visit]) -> Visit:
    """The median of each number by itself."""
    names = ("points", "largest_paint", "blocked", "bytes", "shift")
    return Visit(**{name: statistics.median(getattr(visit, name) for visit in visits) for name in names})


def is_good(visit: Visit) -> bool:
    return visit.points >= LEAST_POINTS and visit.bytes <= MOST_BYTES


def line(name: str, visits: Sequence[Visit]) -> str:
    middle = median_of(visits)
    spread = f"{min(v.points for v in visits):.0f}–{max(v.points for v in visits):.0f}"
    return (
        f"{name:<18}{middle.points:>7.0f}{spread:>9}{middle.largest_paint / 1000:>11.2f} s{middle.blocked:>9.0f} ms"
        f"{middle.bytes / 1000:>9.0f} KB{middle.shift:>8.3f}{'' if is_good(middle) else '   too low'}"
    )


HEADING = f"{'':<18}{'points':>7}{'of all':>9}{'largest':>13}{'blocked':>12}{'first':>12}{'shift':>8}"


def visit(address: str, chrome: str) -> Visit:
    """One visit in a new browser with an empty cache. Raises NotMeasured."""
    command = ["node", str(PROGRAM), address, "--quiet", "--only-categories=performance", "--output=json",
               "--disable-full-page-screenshot", f"--chrome-flags={CHROME_FLAGS}"]  # fmt: skip
    done = subprocess.run(
        command,
        env={**os.environ, "CHROME_PATH": chrome},
        capture_output=True,
        text=True,
        timeout=ONE_VISIT,
        check=False,
    )
    if done.returncode:
        raise NotMeasured(done.stderr.strip()[-500:])
    return Visit.of(json.loads(done.stdout))


def measure(pages: dict[str, str], runs: int, once: Callable[[str], Visit]) -> bool:
    """Prints a line for each page; whether all are good. Each run visits all pages, so that a busy minute hits all."""
    visits: dict[str, list[Visit]] = {name: [] for name in pages}
    for run in range(1, runs + 1):
        for name, path in pages.items():
            visits[name].append(once(path))
        print(f"Visited all of them {run} of {runs} times.", flush=True)
    print(HEADING)
    for name in pages:
        print(line(name, visits[name]), flush=True)
    return all(is_good(median_of(some)) for some in visits.values())


def wait_until_ready(address: str, site: Child) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if not site.is_running():
            break
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=5):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise NotMeasured(f"The site did not start. {site.tail()}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.lighthouse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="page", help=f"some of: {', '.join(PAGES)}; all by default")
    parser.add_argument("--runs", type=int, default=5, help="visits of each page")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "lighthouse", help="folder of its own site")
    parser.add_argument("--site", metavar="ADDRESS", help="measure a site that runs already, for example on a port")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(PAGES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(PAGES)}")
    return chosen


def main() -> int:
    chosen = arguments()
    chrome = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chrome is None:
        sys.exit("Lighthouse needs Debian's Chromium: apt-get install chromium-headless-shell")
    pages = {name: path for name, path in PAGES.items() if not chosen.names or name in chosen.names}
    port = free_port()
    site = Child(
        "site",
        [sys.executable, ROOT / "deploy" / "run.py", "--port", str(port), "--var", chosen.home.resolve()],
        chosen.home.resolve() / "site.log",
        stop_signal=signal.SIGINT,
        patience=60.0,
    )
    address = chosen.site or f"http://localhost:{port}"
    try:
        if chosen.site is None:
            print("Starting the site; the first time it loads the demonstration …", flush=True)
            site.start()
            wait_until_ready(address, site)
        for path in pages.values():  # as on any site, somebody was there before
            urllib.request.urlopen(address + path, timeout=60).close()  # noqa: S310 - loopback
        print(f"Load of the machine before: {os.getloadavg()[0]:.1f}. Medians of {chosen.runs}.", flush=True)
        is_all_good = measure(pages, chosen.runs, lambda path: visit(address + path, chrome))
    except NotMeasured as failure:
        sys.exit(f"Lighthouse could not measure. {failure}")
    finally:
        site.stop()
    print(f"Load of the machine after: {os.getloadavg()[0]:.1f}.")
    return 0 if is_all_good else 1


if __name__ == "__main__":
    sys.exit(main())
