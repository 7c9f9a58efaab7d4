"""python -m bench [name…]: every benchmark and its peer in one run, on the server of DATABASE_OWNER_URL.

BENCH_RUNS (3) is the number of runs, BENCH_ROWS (1,000,000) the number of rows. `make bench` starts the server.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from bench import agreements, pages, proposals, reading, totals, uploads
from bench.databases import discard
from bench.measures import Machine, Ratio, as_json
from bench.report import document
from bench.scale import Scale
from bench.site import static_files
from deploy.environment import ROOT

BENCHMARKS: dict[str, Callable[[Scale], list[Ratio]]] = {
    "upload": uploads.upload,
    "import-export": uploads.import_export,
    "proposals": proposals.proposals,
    "export": reading.export,
    "list": reading.listing,
    "pages": pages.pages,
    "totals": totals.totals,
    "agreements": agreements.agreements,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "bench", help="folder for files and notes")
    parser.add_argument("--document", type=Path, metavar="FILE", help="write the results into docs/benchmarks.md too")
    parser.add_argument(
        "--discard", action="store_true", help="remove the databases afterwards; the next run is longer"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(BENCHMARKS)}")
    return chosen


def main() -> None:
    chosen = arguments()
    home = chosen.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    machine = Machine.here()
    print(machine.line(), flush=True)
    scale = Scale.given(home)
    static_files(home)
    began = time.monotonic()
    try:
        found = {name: measured(name, scale) for name in chosen.names or BENCHMARKS}
    finally:
        if chosen.discard:
            discard(home)
    ratios = [ratio for some in found.values() for ratio in some]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    met = sum(ratio.is_met for ratio in ratios)
    print(f"\n{met} of {len(ratios)} met, in {time.monotonic() - began:,.0f} s; load of the machine after: {load}")
    results = as_json(machine, ratios, notes=scale.notes, runs=scale.runs, load_after=load)
    (home / "results.json").write_text(json.dumps(results, indent=1))
    if chosen.document:
        document(chosen.document, machine, load, found, scale.notes, scale.runs)


def measured(name: str, scale: Scale) -> list[Ratio]:
    print(f"\n{name}: {BENCHMARKS[name].__doc__}", flush=True)
    found = BENCHMARKS[name](scale)
    for ratio in found:
        print(ratio.line(), flush=True)
    return found


if __name__ == "__main__":
    main()
