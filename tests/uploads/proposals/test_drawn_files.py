"""Files drawn at random: each is read to exactly the figures that were drawn, once its questions are answered truly.

What the proposal decides by itself is never corrected here. So a wrong choice that nobody was asked about fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pooledcare.directory.bodies import Body
from pooledcare.kernel.money import read_amounts
from pooledcare.kernel.tabular import InputTable, column_index, open_table
from pooledcare.uploads.layouts import profile_from
from pooledcare.uploads.proposals import (
    ColumnDecision,
    Decisions,
    Proposal,
    Question,
    Role,
    answered,
    default_decisions,
    open_questions,
    propose,
    stated_layout,
)
from pooledcare.uploads.published import PublishedFile
from tests.kernel import ods_files as o
from tests.kernel.files import packed
from tests.uploads.proposals.examples import KIND, all_bodies, text_file, workbook

YEARS = ("2018-19", "2022-23", "2023-24", "2024-25")
UNITS = {"1": "£", "1000": "£k", "1000000": "£m"}
# Headings, the stream that they name, and whether the words alone say that the column holds money.
HEADINGS = (
    ("Improved Better Care Fund", "ibcf"), ("Public health grant", "public-health"), ("DFG", "dfg"),
    ("Primary medical care", "primary-medical"), ("Running cost allowance", "running-costs"),
    ("Allocation", ""), ("Main budget", ""), ("Bed based services", ""), ("Sum for the board", ""),
)  # fmt: skip
STREAMS = ("nhs-core", "adult-social-care", "specialised")
FIELDS = ("organisation", "financial_year", "stream", "basis", "recurrence")


@dataclass
class Drawn:
    """A file, what it means, and what its questions have to be answered."""

    table: InputTable
    figures: dict[tuple[str, ...], str | None]  # amount in pounds, or None, by the fields of FIELDS
    unit: str
    year: str
    basis: str
    streams: dict[str, tuple[str, str]]  # stream and year by the letter of a column of amounts
    names: dict[str, str]
    rows: dict[int, str] = field(default_factory=dict)  # what rows are, by their number
    leave_out: frozenset[int] = frozenset()
    body_column: int = 0
    family: str = ""
    decimals: str = "point"
    units: dict[str, str] = field(default_factory=dict)  # by letter, where columns have different ones


@cache
def holders(family: str, year: int) -> tuple[Body, ...]:
    """The bodies of a family whose names say which they are, and that existed in the year and one around it."""
    bodies = all_bodies()
    return tuple(
        body
        for body in bodies.bodies
        if body.family == family
        and body.first < year < body.last
        and len(bodies.named(body.name, family=family, year=year)) == 1
        and len(bodies.with_code(body.code_in(year), year)) == 1
    )


def cell_of(amount: Decimal, style: str) -> Any:
    if style == "number":
        return float(amount) if amount != int(amount) else int(amount)
    if style == "comma":
        return f"{amount:,}".translate(str.maketrans(",.", ".,"))
    return f"{ {'pounds': '£', 'broken': '贈'}.get(style, '') }{amount:,}"


@st.composite
def files(draw) -> Drawn:
    year = draw(st.sampled_from(YEARS))
    start = int(year[:4])
    family = draw(st.sampled_from(["council", "icb" if start > 2022 else "ccg" if start < 2021 else "council"]))
    some = draw(st.lists(st.sampled_from(holders(family, start)), min_size=3, max_size=8, unique_by=lambda b: b.key))
    kind = draw(st.sampled_from(["xlsx", "ods", "csv", "tsv", "semicolons"]))
    by = draw(st.sampled_from(["code", "name", "both"]))
    unit = draw(st.sampled_from(list(UNITS)))
    unit_in = (
        draw(st.sampled_from(["heading", "title", "nowhere"]))
        if unit != "1"
        else draw(st.sampled_from(["heading", "nowhere"]))
    )
    year_in = draw(st.sampled_from(["heading", "title", "sheet", "nowhere"]))
    if kind not in ("xlsx", "ods") and year_in == "sheet":
        year_in = "nowhere"
    has_title = "title" in (unit_in, year_in) or draw(st.booleans())
    two_rows = has_title and draw(st.booleans()) and year_in == "heading"
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=3, unique=True))
    later = year_in == "heading" and draw(st.booleans())  # each stream for two years

    has_units = unit != "1" and unit_in == "heading" and draw(st.integers(0, 2)) == 0  # each column has its own

    columns: list[tuple[str, str, str, str]] = []  # heading above, heading, stream, year
    units: list[str] = []
    for number, (heading, stream) in enumerate(headings):
        for one in [year, f"{start + 1}-{(start + 2) % 100}"] if later else [year]:
            written = one.replace("-", draw(st.sampled_from(["/", "-"])))
            units.append(draw(st.sampled_from(["1000", "1000000"])) if has_units else unit)
            of_unit = f" ({UNITS[units[-1]]})" if unit_in == "heading" else ""
            above = written if two_rows else ""
            own = heading if two_rows or year_in != "heading" else f"{written} {heading}"
            columns.append((above, f"{own}{of_unit}", stream or STREAMS[number], one))

    if len(columns) > 1 and not later and draw(st.integers(0, 5)) == 0:  # all columns have the same heading
        same = columns[0][1].replace(headings[0][0], "Allocation")
        columns = [(each[0], same, STREAMS[at], each[3]) for at, each in enumerate(columns)]
        units = [units[0]] * len(columns)

    # Noise between the columns: text, shares, people.
    noise = draw(st.lists(st.sampled_from(["Region", "Growth %", "Population", "Remarks"]), max_size=3, unique=True))
    marks = ([("code", "Code")] if by != "name" else []) + ([("name", "Name of the body")] if by != "code" else [])
    has_sum = len(columns) > 1 and len(set(units)) == 1 and draw(st.integers(0, 3)) == 0
    sums = [("sum", "Total for the body")] if has_sum else []
    plan: list[tuple[str, Any]] = [
        *marks,
        *(("amount", at) for at in range(len(columns))),
        *sums,
        *(("noise", n) for n in noise),
    ]
    plan = plan if has_sum else draw(st.permutations(plan))
    if draw(st.booleans()):
        plan = [*marks, *(each for each in plan if each not in marks)]

    precise = unit != "1"
    digits = st.decimals(min_value=1, max_value=99_999, places=3 if precise else 2, allow_nan=False)
    style = draw(st.sampled_from(["number", "number", "text", "pounds" if unit == "1" else "text", "broken"]))
    if style == "broken" and (unit != "1" or kind not in ("xlsx", "ods")):
        style = "text"
    if kind == "semicolons":
        style = draw(st.sampled_from(["comma", "text"]))
    missing = draw(st.sampled_from([None, "NA", "[x]", "..", ""]))
    values: list[list[Decimal | None]] = []
    used: set[Decimal] = set()
    for _ in some:
        line: list[Decimal | None] = []
        for _ in columns:
            amount = draw(digits.filter(lambda each: each not in used))
            used.add(amount)
            line.append(amount)
        if missing is not None and draw(st.integers(0, 4)) == 0 and len(values) > 1:
            line[draw(st.integers(0, len(line) - 1))] = None
        values.append(line)

    def cells(code: str, name: str, amounts: list[Any], place: int) -> list[Any]:
        texts = {
            "Region": "North",
            "Growth %": f"{place}.5%",
            "Population": 10_000 + 17 * place,
            "Remarks": "as agreed",
        }
        found: list[Any] = []
        for what, which in plan:
            found.append(
                {"code": code, "name": name, "sum": amounts[-1]}.get(what) if what != "amount" else amounts[which]
            )
            if what == "noise":
                found[-1] = texts[which] if code or name else ""
        return found

    rows: list[list[Any]] = []
    if has_title:
        words = ["Table 1: what each body has"]
        words += [f"for {year}"] if year_in == "title" else []
        words += [f"in {UNITS[unit]}"] if unit_in == "title" else []
        rows.append([" ".join(words)])
        rows += [[]] * draw(st.integers(0, 2))
    if two_rows:
        rows.append([columns[which][0] if what == "amount" else "" for what, which in plan])
    rows.append([columns[which][1] if what == "amount" else which for what, which in plan])
    header = len(rows)
    rows += [[]] * draw(st.integers(0, 1)) if kind in ("xlsx", "ods") else []

    figures: dict[tuple[str, ...], str | None] = {}
    names: dict[str, str] = {}
    basis = draw(st.sampled_from(["allocation", "budget"]))
    said = {"Allocation": "allocation", "Main budget": "budget", "Running cost allowance": "allocation"}
    gap = draw(st.integers(2, 9))
    has_part = draw(st.booleans())
    for place, (body, line) in enumerate(zip(some, values, strict=True)):
        if place == gap:
            if has_part and place > 1:
                parts = [
                    sum((each[at] or Decimal(0) for each in values[:place]), Decimal(0)) for at in range(len(columns))
                ]
                written = [cell_of(amount, style) for amount in [*parts, sum(parts, Decimal(0))]]
                rows.append(
                    cells("North total" if by == "code" else "", "North total" if by != "code" else "", written, 96)
                )
            rows.append([])
        amounts = [missing if amount is None else cell_of(amount, style) for amount in line]
        amounts.append(cell_of(sum((amount for amount in line if amount), Decimal(0)), style))
        rows.append(cells(body.code_in(start), body.name, amounts, place))
        names[body.name] = names[body.code_in(start)] = body.code_in(start)
        for (_, heading, stream, one), amount, in_unit in zip(columns, line, units, strict=True):
            of_heading = next((value for word, value in said.items() if word in heading), basis)
            # A code is read as it stands in the file, also if the body has another one in the year of the column.
            code = body.code_in(int(one[:4]) if by == "name" else start)
            key = (code, one, stream, of_heading, "")
            figures[key] = None if amount is None else f"{round(amount * Decimal(in_unit), 2):.2f}"
    total = draw(st.sampled_from(["none", "Total", "England", "blank"]))
    meant: dict[int, str] = {}
    if total != "none":
        label = "" if total == "blank" else total
        of_columns = [sum((line[at] or Decimal(0) for line in values), Decimal(0)) for at in range(len(columns))]
        totals = [cell_of(amount, style) for amount in [*of_columns, sum(of_columns, Decimal(0))]]
        rows += [[]] * draw(st.integers(0, 1))
        rows.append(cells(label if by == "code" else "", label if by != "code" else "", totals, 99))
        if label and draw(st.integers(0, 3)) == 0:
            rows.insert(header, rows.pop())
            meant[header + 1] = "total"
        else:
            meant[len(rows)] = "total"
    if draw(st.integers(0, 3)) == 0:  # a region, below the rest
        region = [cell_of(draw(digits), style) for _ in range(len(columns) + 1)]
        code = "E12000007" if family == "council" else "Y56"
        rows.append(cells(code if by != "name" else "", "London" if by != "code" else "", region, 98))
    if draw(st.integers(0, 3)) == 0:  # somebody who is not known here
        unknown = [cell_of(draw(digits), style) for _ in range(len(columns) + 1)]
        rows.append(cells("ZZ9" if by != "name" else "", "Board of Mereshire" if by != "code" else "", unknown, 97))
    if draw(st.booleans()):
        rows += [[], ["Source: published returns of the bodies"]]
    leave_out = set()
    if draw(st.integers(0, 5)) == 0:  # one body stands twice, with other figures
        body = some[0]
        again = [cell_of(draw(digits.filter(lambda each: each not in used)), style) for _ in range(len(columns) + 1)]
        rows.insert(header + 1, cells(body.code_in(start), body.name, again, 50))
        leave_out.add(header + 2)
        meant = {number + 1: what for number, what in meant.items()}
    return Drawn(
        table=_table(kind, rows, f"Figures {year}" if year_in == "sheet" else "Figures"),
        figures=figures,
        unit=units[0],
        year=year,
        basis=basis,
        streams={_letter(plan.index(("amount", at))): (columns[at][2], columns[at][3]) for at in range(len(columns))},
        names=names,
        rows=meant,
        leave_out=frozenset(leave_out),
        family=family,
        decimals="comma" if style == "comma" else "point",
        units={_letter(plan.index(("amount", at))): one for at, one in enumerate(units) if len(set(units)) > 1},
    )


def _letter(index: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]


def _table(kind: str, rows: list[list[Any]], sheet: str) -> InputTable:
    if kind == "xlsx":
        return workbook(("About", [["What this is about"]]), (sheet, rows))
    if kind == "ods":
        return open_table(BytesIO(packed(o.parts_of_ods({sheet: "".join(map(_ods_row, rows))}))), "figures.ods")
    return text_file(rows, "figures.csv", {"csv": ",", "tsv": "\t", "semicolons": ";"}[kind])


def _ods_row(row: list[Any]) -> str:
    return o.row(
        *(
            o.blank()
            if value in ("", None)
            else o.text(value)
            if isinstance(value, str)
            else o.number(value, str(value))
            for value in row
        )
    )


# ── Answers and what is read ─────────────────────────────────────────────────────────────────────────────────────────


def answer(drawn: Drawn, proposal: Proposal, decisions: Decisions, question: Question) -> Decisions:
    """The decisions with the true answer to a question."""
    what, _, rest = question.key.partition(":")
    if what == "columns":
        decisions = _with_true_columns(drawn, decisions, question.sheet)
    if what == "names":
        names = {one.text: drawn.names.get(one.text, "") for one in proposal.doubtful_names}
        decisions = replace(decisions, names=names)
    answers = {
        "unit": drawn.unit,
        "year": drawn.year,
        "columns": "yes",
        "names": "yes",
        "rounds": "yes",
        "pounds": "yes",
        "marker": "yes",
        "family": drawn.family,
        "value": drawn.basis if rest == "basis" else "",
    }
    if what == "decimals":
        answers[what] = drawn.decimals
    if what == "column":
        _, index, name = question.key.rsplit(":", 2)
        answers[what] = {"stream": drawn.streams[_letter(int(index))][0], "basis": drawn.basis}[name]
    if what == "row":
        answers[what] = drawn.rows.get(int(rest.rpartition(":")[2]), "left_out")
    if what == "rows":
        numbers = {int(number) for number in rest.rpartition(":")[2].split(",")}
        answers[what] = next((str(number) for number in numbers & drawn.leave_out), "none")
    return answered(decisions, question, answers[what])


def _with_true_columns(drawn: Drawn, decisions: Decisions, name: str) -> Decisions:
    sheet = decisions.sheet(name)
    assert sheet is not None
    others = [column for column in sheet.columns if column.role is not Role.AMOUNT]
    before = {column.index: column for column in sheet.columns if column.role is Role.AMOUNT}
    amounts = []
    for letter, (stream, year) in drawn.streams.items():
        index = column_index(letter)
        values = dict(before[index].values) if index in before else {}
        values |= {"stream": stream, "financial_year": year}
        amounts.append(ColumnDecision(index, Role.AMOUNT, values, unit=drawn.units.get(letter, "")))
    changed = replace(sheet, columns=(*others, *amounts))
    return replace(decisions, sheets=tuple(changed if each is sheet else each for each in decisions.sheets))


def figures_read(drawn: Drawn, decisions: Decisions) -> dict[tuple[str, ...], str | None]:
    """Every figure that the layout of these decisions reads, by the fields of FIELDS."""
    data = stated_layout(decisions, drawn.table, KIND, title="Figures")
    layout = profile_from(json.loads(json.dumps(data)), "made")
    assert KIND.layout_columns is not None
    found: dict[tuple[str, ...], str | None] = {}
    for piece in PublishedFile(layout, KIND.layout_columns, drawn.table, decisions.year, all_bodies()).pieces():
        assert piece.problems == []
        amounts = read_amounts(piece.frame["amount"], piece.unit, piece.style)
        for place, row in enumerate(piece.frame.to_dict("records")):
            key = tuple(str(row[name]) for name in FIELDS)
            assert key not in found, "a figure was read twice"
            if row["amount"].strip() in piece.missing:
                found[key] = None
            else:
                assert amounts.ok[place], row
                found[key] = f"{Decimal(amounts.text[place]):.2f}"
    return found


def check(drawn: Drawn) -> None:
    with drawn.table:
        _check(drawn)


def _check(drawn: Drawn) -> None:
    proposal = propose(drawn.table, KIND, all_bodies())
    proposal = Proposal.from_json(json.loads(json.dumps(proposal.as_json())))
    assert proposal.has_figures, proposal.nothing
    decisions = default_decisions(proposal)
    for _ in range(30):
        asked = open_questions(proposal, decisions)
        if not asked:
            break
        decisions = answer(drawn, proposal, decisions, asked[0])
    assert open_questions(proposal, decisions) == []
    decisions = Decisions.from_json(json.loads(json.dumps(decisions.as_json())))
    found = figures_read(drawn, decisions)
    without_recurrence = {(*key[:4], ""): amount for key, amount in found.items()}
    assert without_recurrence == drawn.figures


RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
@given(files())
def test_a_drawn_file_is_read_to_its_figures_or_asked_about(drawn: Drawn):
    check(drawn)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=RELAXED)
@given(files())
def test_many_drawn_files_are_read_to_their_figures_or_asked_about(drawn: Drawn):
    check(drawn)
