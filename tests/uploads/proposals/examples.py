"""Bodies of the reference tables, the kind of allocations, and files to propose layouts for. No database is needed."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from pooledcare.kernel.tabular import InputTable, column_index, open_table
from pooledcare.uploads.layouts import profile_from
from pooledcare.uploads.proposals import (
    ColumnDecision,
    Decisions,
    Outcome,
    Proposal,
    Role,
    answered,
    default_decisions,
    open_questions,
    outcome,
    stated_layout,
)

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


def decided(
    proposal: Proposal, answers: Mapping[str, str], streams: Mapping[str, str] | None = None, sheet: str = ""
) -> Decisions:
    """The proposed decisions with answers by the keys of questions. Every key must be that of an open question.

    `streams` are the columns of amounts of a sheet by letter, if others are read than proposed.
    """
    decisions, left = default_decisions(proposal), dict(answers)
    if streams is not None:
        decisions = with_columns(decisions, sheet, streams)
    while asked := [question for question in open_questions(proposal, decisions) if question.key in left]:
        decisions = answered(decisions, asked[0], left.pop(asked[0].key))
    assert not left, f"nobody asks {sorted(left)}"
    return decisions


def with_columns(decisions: Decisions, sheet: str, streams: Mapping[str, str]) -> Decisions:
    """The decisions with other columns of amounts on one sheet: their letters, each with its stream."""
    found = decisions.sheet(sheet)
    assert found is not None
    others = [column for column in found.columns if column.role is not Role.AMOUNT]
    before = {column.index: column for column in found.columns if column.role is Role.AMOUNT}
    amounts = [
        ColumnDecision(index, Role.AMOUNT, {**(before[index].values if index in before else {}), "stream": stream})
        for letter, stream in streams.items()
        for index in [column_index(letter)]
    ]
    changed = replace(found, columns=(*others, *amounts))
    return replace(decisions, sheets=tuple(changed if each is found else each for each in decisions.sheets))


def read(table: InputTable, decisions: Decisions) -> Outcome:
    """What the layout of these decisions reads. The layout goes through JSON, as it is stored."""
    data = stated_layout(Decisions.from_json(decisions.as_json()), table, KIND, title="Figures")
    layout = profile_from(json.loads(json.dumps(data)), "made")
    return outcome(table, layout, KIND, all_bodies(), year=decisions.year)
