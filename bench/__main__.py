"""python -m bench [name…]: every benchmark beside its peer in one run, on the database that DATABASE_OWNER_URL names.

BENCH_RUNS (3) says how often each is repeated, BENCH_ROWS (1,000,000) how large it is; `make bench` starts a database.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from bench import pages, reading, totals, uploads
from bench.measures import Machine, Ratio, as_json
from bench.scale import Scale
from bench.site import static_files
from deploy.environment import ROOT

BENCHMARKS: dict[str, Callable[[Scale], list[Ratio]]] = {
    "upload": uploads.upload,
    "import-export": uploads.import_export,
    "export": reading.export,
    "list": reading.listing,
    "pages": pages.pages,
    "totals": totals.totals,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "bench", help="where files and notes are kept")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(BENCHMARKS)}")
    home = chosen.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    machine = Machine.here()
    print(machine.line(), flush=True)
    scale = Scale.given(home)
    static_files(home)
    ratios: list[Ratio] = []
    began = time.monotonic()
    for name in chosen.names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}", flush=True)
        found = BENCHMARKS[name](scale)
        for ratio in found:
            print(ratio.line(), flush=True)
        ratios += found
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{len(ratios)} ratios, {sum(ratio.is_met for ratio in ratios)} met, in "
          f"{time.monotonic() - began:,.0f} s; load after: {load}")  # fmt: skip
    (home / "results.json").write_text(
        json.dumps(as_json(machine, ratios, notes=scale.notes, runs=scale.runs), indent=1)
    )


if __name__ == "__main__":
    main()
