"""python -m bench.proposing ROWS RUNS: proposes how to read a workbook of twelve sheets of ROWS rows, RUNS times.

Prints its size in bytes, and the seconds and the processor's seconds of each run, as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
from io import BytesIO

import django
from openpyxl import Workbook

SEED = 12
SHEETS, COLUMNS = 12, 60


def main(rows: int, runs: int) -> None:
    django.setup()
    from pooledcare.directory.queries.bodies import all_bodies
    from pooledcare.kernel.tabular import open_table
    from pooledcare.uploads.kinds import kind
    from pooledcare.uploads.proposals import propose

    bodies = all_bodies()
    coded = [(body.codes[0].code, body.name) for body in bodies.bodies if body.family == "council" and body.codes]
    data = workbook(coded, rows)
    seconds, processor = [], []
    for _ in range(runs):
        began, began_processor = time.perf_counter(), time.process_time()
        with open_table(BytesIO(data), "figures.xlsx") as table:
            propose(table, kind("allocations"), bodies)
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - began_processor)
    print(json.dumps({"bytes": len(data), "seconds": seconds, "processor": processor}))


def workbook(bodies: list[tuple[str, str]], rows: int) -> bytes:
    """Sheets with a row for each body, then rows of places that nobody knows, up to `rows`."""
    chance = random.Random(SEED)
    book = Workbook(write_only=True)
    for number in range(SHEETS):
        sheet = book.create_sheet(f"Table {number + 1}")
        sheet.append(["Code", "Name", *(f"2024/25 Allocation {at + 1} (£k)" for at in range(COLUMNS))])
        for row in range(rows):
            named = bodies[row] if row < len(bodies) else (f"Z{row:05}", f"Place {row}")
            sheet.append([*named, *(chance.random() * 1e5 for _ in range(COLUMNS))])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
