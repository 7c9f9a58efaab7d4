"""Bodies of the reference tables, the kind of allocations, and files to propose layouts for. No database is needed."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from budgets.allocations.kind import ALLOCATIONS
from budgets.terms import Basis, Recurrence
from pooledcare.directory.bodies import FIRST_YEAR, LAST_YEAR, Bodies, Body, BodyCode, family_of
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tabular import InputTable, open_table

ROOT = Path(__file__).parents[3]
DIRECTORY = ROOT / "pooledcare" / "directory" / "reference"
_SCHEMES = ["ods", "gss", "e_code", "own"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def all_bodies() -> Bodies:
    """The bodies of our reference tables, as `queries.bodies.all_bodies` has them after they were loaded."""
    codes: dict[str, list[tuple[int, BodyCode]]] = defaultdict(list)
    for row in sorted(rows_of(DIRECTORY / "organisation_codes.csv"), key=lambda row: row["code"]):
        code = BodyCode(row["code"], _year(row["valid_from"], FIRST_YEAR), _year(row["valid_to"], LAST_YEAR))
        codes[row["organisation"]].append((_SCHEMES.index(row["scheme"]), code))
    names, short = defaultdict(list), defaultdict(list)
    for row in rows_of(DIRECTORY / "organisation_names.csv"):
        names[row["organisation"]].append(row["name"])
    for row in rows_of(DIRECTORY / "short_names.csv"):
        short[row["organisation"]].append(row["name"])
    return Bodies.of(
        (
            Body(
                key=number,
                name=row["name"],
                family=family_of(row["kind"]),
                codes=tuple(code for _, code in sorted(codes[row["key"]], key=lambda pair: pair[0])),
                first=_year(row["opened"], FIRST_YEAR),
                last=_year(row["closed"], LAST_YEAR),
                other_names=tuple(names[row["key"]]),
                short_names=tuple(short[row["key"]]),
            )
            for number, row in enumerate(rows_of(DIRECTORY / "organisations.csv"), start=1)
        ),
        {row["code"]: row["name"] for row in rows_of(DIRECTORY / "regions.csv")},
    )


def _year(day: str, otherwise: int) -> int:
    return FinancialYear.containing(dt.date.fromisoformat(day)).start if day else otherwise


STREAMS = tuple((row["code"], row["name"]) for row in rows_of(ROOT / "budgets" / "reference" / "funding_streams.csv"))
_CHOICES = {"stream": STREAMS, "basis": Basis.choices, "recurrence": Recurrence.choices}
# The kind of allocations, with the streams of our reference table.
KIND = replace(
    ALLOCATIONS,
    columns=tuple(
        replace(column, choices=lambda found=_CHOICES[column.heading]: found) if column.heading in _CHOICES else column
        for column in ALLOCATIONS.columns
    ),
)


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]]], name: str = "figures.xlsx") -> InputTable:
    """A workbook with these sheets: their names and rows."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return open_table(BytesIO(out.getvalue()), name)


def text_file(rows: Sequence[Sequence[Any]], name: str = "figures.csv", delimiter: str = ",") -> InputTable:
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return open_table(BytesIO(out.getvalue().encode()), name)


def stored_file(path: Path) -> InputTable:
    return open_table(BytesIO(path.read_bytes()), path.name)
