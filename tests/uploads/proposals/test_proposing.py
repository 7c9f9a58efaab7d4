"""What is proposed for small tables, and what is asked: one condition at a time."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import open_table
from pooledcare.uploads.layouts import profile_from
from pooledcare.uploads.proposals import (
    Decisions,
    Proposal,
    Role,
    answered,
    default_decisions,
    open_questions,
    outcome,
    propose,
    proposing,
    samples,
    stated_layout,
)
from pooledcare.uploads.saved_layouts.toml import as_toml
from tests.uploads.proposals.examples import KIND, all_bodies, decided, read, text_file, with_columns, workbook

HEADING = ["Code", "Board", "2023/24 Primary medical care budget (£k)"]
BOARDS = (
    ("QSL", "NHS Somerset ICB", 103_692), ("QR1", "NHS Gloucestershire ICB", 117_250),
    ("QVV", "NHS Dorset ICB", 142_111), ("QOX", "NHS BSW ICB", 163_500.5),
)  # fmt: skip
ROWS = [HEADING, *map(list, BOARDS)]
TOTAL = sum(Decimal(str(row[2])) for row in BOARDS)
RECURRENCE = {"value:recurrence": ""}


def proposal_of(rows: list[list[Any]], sheet: str = "Sheet1", **options: Any) -> Proposal:
    return propose(workbook((sheet, rows)), KIND, all_bodies(), **options)


def asked(rows: list[list[Any]], sheet: str = "Sheet1") -> list[str]:
    proposal = proposal_of(rows, sheet)
    return [question.key for question in open_questions(proposal, default_decisions(proposal))]


def outcome_of(rows: list[list[Any]], answers: dict[str, str], sheet: str = "Sheet1"):
    table = workbook((sheet, rows))
    return read(table, decided(propose(table, KIND, all_bodies()), answers))


def with_heading(*headings: str) -> list[list[Any]]:
    """Boards under other headings of amounts; each further column has other amounts."""
    further = [[*row[:2], *(row[2] * (1 + 3 * at) + at for at in range(len(headings)))] for row in BOARDS]
    return [["Code", "Board", *headings], *further]


def test_a_plain_table_is_read_without_a_question_but_that_of_recurrence():
    proposal = proposal_of(ROWS)
    [sheet] = proposal.sheets
    assert [(column.letter, column.role) for column in sheet.columns] == [
        ("A", Role.CODE), ("B", Role.NAME), ("C", Role.AMOUNT),
    ]  # fmt: skip
    assert sheet.columns[2].values == {
        "stream": "primary-medical", "basis": "budget", "financial_year": "2023-24",
    }  # fmt: skip
    assert sheet.columns[2].reason == (
        "The heading names what the money is for; “primary medical care” suggests Primary medical care; “budget” "
        "suggests Budget; the heading says 2023-24"
    )
    assert (sheet.header_row, sheet.rows, sheet.known, sheet.reason) == (
        1, 4, 4, "4 rows of bodies, and figures in 1 column",
    )  # fmt: skip
    assert (proposal.unit, proposal.unit_reason) == ("1000", f"Stated by the heading “{HEADING[2]}”")
    assert asked(ROWS) == ["value:recurrence"]
    found = outcome_of(ROWS, RECURRENCE)
    assert (found.figures, found.bodies, found.sums[0].total) == (4, 4, f"{TOTAL * 1000:.2f}")
    assert [(one.cell, one.code, one.amount) for one in found.first[:1]] == [("C2", "QSL", "103692000.00")]


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("2023/24 Primary medical care budget", ["unit"]),
        ("Primary medical care budget (£k)", ["year"]),
        ("Primary medical care budget 2023 (£k)", ["year"]),
        ("2022/23 to 2023/24 Primary medical care budget (£k)", ["year"]),
        ("2023/24 Primary medical care (£k)", ["value:basis"]),
        ("2023/24 budget (£k)", ["column:Sheet1:2:stream"]),
        ("2023/24 primary medical care and dental budget (£k)", ["column:Sheet1:2:stream"]),
        ("Sum", ["columns:Sheet1", "unit", "year", "value:basis"]),
    ],
)
def test_what_a_heading_leaves_open_is_asked(heading, keys):
    found = asked([[*HEADING[:2], heading], *ROWS[1:]])
    assert [key for key in found if key != "value:recurrence"] == keys


@pytest.mark.parametrize("word", ["Population", "Growth (%)", "£ per head", "Number of beds", "Weighted patients"])
def test_what_is_no_money_is_not_read(word):
    [sheet] = proposal_of([[*HEADING[:2], word], *ROWS[1:]]).sheets
    assert (sheet.use, sheet.columns[2].role) == (False, Role.NOT_READ)
    assert "which is not an amount of money" in sheet.columns[2].reason


@pytest.mark.parametrize("place", ["title", "sheet", "remark"])
def test_unit_and_year_are_also_read_around_the_table(place):
    rows = [[*HEADING[:2], "Primary medical care budget"], *ROWS[1:]]
    says = "Budgets 2023-24 in £k"
    if place == "title":
        rows = [[says], [], *rows]
    if place == "remark":
        rows = [["For 2023-24"], *rows, [], ["All figures in £k"]]
    sheet = says if place == "sheet" else "Sheet1"
    assert asked(rows, sheet) == ["value:recurrence"]
    found = outcome_of(rows, RECURRENCE, sheet)
    assert (found.sums[0].values["financial_year"], found.sums[0].total) == ("2023-24", f"{TOTAL * 1000:.2f}")


def test_columns_that_state_different_units_are_read_in_their_own():
    rows = with_heading("2023/24 Primary medical care budget (£k)", "2023/24 DFG budget (£m)")
    assert asked(rows) == ["value:recurrence"]
    proposal = proposal_of(rows)
    units = {column.letter: column.unit for column in proposal.sheets[0].columns if column.role is Role.AMOUNT}
    assert (proposal.unit, units) == ("", {"C": "1000", "D": "1000000"})
    first, second = outcome_of(rows, RECURRENCE).sums
    columns = [[row[at] for row in rows[1:] if isinstance(row[at], int | float)] for at in (2, 3)]
    assert (first.total, second.total) == (f"{sum(columns[0]) * 1000:.2f}", f"{sum(columns[1]) * 1_000_000:.2f}")


def test_where_one_column_states_its_unit_that_of_the_others_is_asked():
    rows = with_heading("2023/24 Primary medical care budget (£k)", "2023/24 DFG budget")
    [question] = [one for one in proposal_of(rows).questions if one.key == "unit"]
    assert question.text == (
        "In which unit are the amounts? In the file, the heading “2023/24 Primary medical care budget (£k)” says "
        "thousands of pounds; nothing says it of column D “2023/24 DFG budget”."
    )
    first, second = outcome_of(rows, {**RECURRENCE, "unit": "1"}).sums
    columns = [[row[at] for row in rows[1:] if isinstance(row[at], int | float)] for at in (2, 3)]
    assert (first.total, second.total) == (f"{sum(columns[0]) * 1000:.2f}", f"{sum(columns[1]):.2f}")


def test_only_columns_in_pounds_are_rounded_to_the_penny():
    rows = [["Code", "2023/24 Primary medical care budget (£)", "2023/24 DFG budget (£k)"]]
    rows += [[code, 1.006 + at, 1.23456 + at] for at, (code, *_) in enumerate(BOARDS)]
    [question] = [one for one in proposal_of(rows).questions if one.key == "rounds"]
    assert question.text == (
        "Amounts in column B “2023/24 Primary medical care budget (£)” have parts of a penny. Round each?"
    )
    first, second = outcome_of(rows, RECURRENCE).sums
    assert (first.total, second.total) == ("10.04", "10938.24")


def test_years_of_one_heading_that_a_person_reads_in_different_units_stay_apart():
    rows = with_heading("2023/24 DFG budget", "2024/25 DFG budget")
    table = workbook(("Sheet1", rows))
    decisions = decided(propose(table, KIND, all_bodies()), {**RECURRENCE, "unit": "1000"})
    [sheet] = decisions.sheets
    columns = [replace(column, unit="1") if column.index == 3 else column for column in sheet.columns]
    decisions = replace(decisions, sheets=(replace(sheet, columns=tuple(columns)),))
    assert [one.total for one in read(table, decisions).sums] == [
        f"{sum(row[2] for row in rows[1:]) * 1000:.2f}",
        f"{sum(row[3] for row in rows[1:]):.2f}",
    ]


def test_a_saved_layout_keeps_the_units_of_its_columns_for_the_next_file():
    rows = with_heading("2023/24 Primary medical care budget (£k)", "2023/24 DFG budget (£m)")
    table = workbook(("Sheet1", rows))
    stated = stated_layout(decided(propose(table, KIND, all_bodies()), RECURRENCE), table, KIND, title="A")
    assert [figures.get("unit") for figures in stated["sheets"][0]["figures"]] == [None, "1000000"]
    layout = profile_from(tomllib.loads(as_toml(stated)), "a")
    later = workbook(("Sheet1", [[str(cell).replace("2023/24", "2024/25") for cell in rows[0]], *rows[1:]]))
    found = outcome(later, layout, KIND, all_bodies())
    assert [(one.values["financial_year"], one.total) for one in found.sums] == [
        ("2024-25", f"{sum(row[2] for row in rows[1:]) * 1000:.2f}"),
        ("2024-25", f"{sum(row[3] for row in rows[1:]) * 1_000_000:.2f}"),
    ]


def test_sheets_after_very_many_cells_are_not_looked_at_and_it_is_said(monkeypatch):
    monkeypatch.setattr(samples, "MOST_CELLS_AT_ALL", 10)
    monkeypatch.setattr(proposing, "MOST_CELLS_AT_ALL", 10)
    first, second = propose(workbook(("A", ROWS), ("B", ROWS)), KIND, all_bodies()).sheets
    assert (first.use, second.use) == (True, False)
    assert second.reason == (
        "Not looked at: the first rows of the sheets before it have more than 10 cells. To read it, send it as a file "
        "of its own"
    )


def test_columns_after_the_four_hundredth_are_not_looked_at_and_it_is_said():
    rows = [[*HEADING, *(f"Note {at}" for at in range(400))], *([*row, *["x"] * 400] for row in BOARDS)]
    [sheet] = proposal_of(rows).sheets
    assert "Only the first 400 columns were looked at: the other 3 are not read" in sheet.doubts
    assert len(sheet.columns) == 400


def test_titles_of_two_years_are_asked_about():
    rows = [["2022-23 and 2023-24"], [*HEADING[:2], "Primary medical care budget (£k)"], *ROWS[1:]]
    assert "year" in asked(rows)


def test_two_columns_that_would_hold_the_same_figures_are_asked_about():
    rows = with_heading("2023/24 DFG budget (£k)", "2023/24 DFG budget, revised (£k)")
    [sheet] = proposal_of(rows).sheets
    assert sheet.doubts == (
        "Column D “2023/24 DFG budget, revised (£k)” would hold the same figures as column C “2023/24 DFG budget "
        "(£k)” of sheet “Sheet1”",
    )
    assert "columns:Sheet1" in asked(rows)


def test_the_sum_of_other_columns_is_asked_about():
    rows = with_heading("2023/24 DFG budget (£k)", "2023/24 iBCF budget (£k)")
    rows = [[*rows[0], "2023/24 winter pressures budget (£k)"], *([*row, row[2] + row[3]] for row in rows[1:])]
    [sheet] = proposal_of(rows).sheets
    assert sheet.columns[4].role is Role.NOT_READ
    assert sheet.columns[4].reason.startswith("The sum of columns C and D")
    assert "columns:Sheet1" in asked(rows)


def test_two_columns_of_bodies_are_asked_about():
    councils = ["E10000027", "E10000013", "E06000059", "E06000054"]
    rows = [["Council", *HEADING], *([code, *row] for code, row in zip(councils, BOARDS, strict=True))]
    proposal = proposal_of(rows)
    [question] = [one for one in proposal.questions if one.key == "bodies:Sheet1"]
    assert question.text == "Several columns name different bodies. Which one says whose the figures are?"
    assert [(option.value, option.label) for option in question.options] == [
        ("0", "Column A “Council”"), ("1", "Column B “Code”"),
    ]  # fmt: skip
    decisions = answered(default_decisions(proposal), question, "1")
    sheet = decisions.sheet("Sheet1")
    assert sheet is not None
    assert [column.index for column in sheet.columns if column.role is Role.CODE] == [1]


def test_names_that_fit_two_kinds_of_body_are_asked_about():
    rows = [["Name", HEADING[2]], ["Bury", 10], ["Bexley", 20], ["Barnet", 30]]
    [question] = [one for one in proposal_of(rows).questions if one.key == "family:Sheet1"]
    assert {option.value for option in question.options} >= {"council", "ccg"}
    said = [["Local authority", HEADING[2]], *rows[1:]]
    assert "family:Sheet1" not in asked(said)
    found = outcome_of(said, RECURRENCE)
    assert [one.code for one in found.first] == ["E08000002", "E09000004", "E09000003"]


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("label", "amount", "reason", "agrees"),
    [
        ("Total", TOTAL, "Its figures are the sums of the rows of bodies", True),
        ("", TOTAL, "Its figures are the sums of the rows of bodies", True),
        ("South West", TOTAL, "Its figures are the sums of the rows of bodies", True),
        ("England", TOTAL + 5, "It calls itself a total", False),
    ],
)
def test_a_total_is_recognised_by_its_figures_or_by_its_name(label, amount, reason, agrees):
    rows = [*ROWS, ["", label, float(amount)]]
    [sheet] = proposal_of(rows).sheets
    assert [(row.row, row.label, row.reason) for row in sheet.total_rows] == [(6, label, reason)]
    found = outcome_of(rows, RECURRENCE)
    assert (found.figures, found.sums[0].publishers, found.sums[0].agrees) == (4, f"{amount * 1000:.2f}", agrees)
    assert found.sums[0].publishers_cell == "C6"


def test_a_row_without_a_name_that_is_no_sum_is_asked_about():
    rows = [*ROWS, ["", "", 17]]
    assert "row:Sheet1:6" in asked(rows)
    found = outcome_of(rows, {**RECURRENCE, "row:Sheet1:6": "left_out"})
    assert (found.figures, found.bad_count, found.unknown_count) == (4, 0, 0)


def test_a_total_without_a_name_is_none_once_it_is_no_sum():
    """Next year's file must not lose a body whose code was forgotten."""
    rows = [*ROWS, ["", "", float(TOTAL)]]
    table = workbook(("Sheet1", rows))
    layout = profile_from(
        stated_layout(decided(propose(table, KIND, all_bodies()), RECURRENCE), table, KIND, title="A"), "a"
    )
    changed = [*ROWS[:4], ["", "NHS BSW ICB", 163_500.5], ["", "", float(TOTAL)]]
    found = outcome(workbook(("Sheet1", changed)), layout, KIND, all_bodies())
    assert [(one.cell, one.message) for one in found.unknown] == [
        ("A5", "The row has figures and no code of a body"), ("A6", "The row has figures and no code of a body"),
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "label"), [("Y58", "South West"), ("", "South West")])
def test_a_region_is_left_out_with_its_sum(code, label):
    rows = [*ROWS, [code, label, 99]]
    [sheet] = proposal_of(rows).sheets
    assert [(row.row, row.reason) for row in sheet.rows_left_out] == [(6, "A region, not a body")]
    found = outcome_of(rows, RECURRENCE)
    assert (found.figures, [(one.total, one.cells) for one in found.unread]) == (4, [("99000.00", 1)])


def test_a_code_that_is_not_known_waits_for_a_decision():
    rows = [*ROWS, ["Q99", "NHS Mereshire ICB", 7]]
    table = workbook(("Sheet1", rows))
    proposal = propose(table, KIND, all_bodies())
    [doubtful] = proposal.doubtful_names
    assert (doubtful.cell, doubtful.text, doubtful.reason) == ("A6", "Q99", "“Q99” is not known here")
    decisions = decided(proposal, RECURRENCE)
    assert [question.key for question in open_questions(proposal, decisions)] == ["names:Sheet1"]
    for code, figures, total in (("", 4, TOTAL), ("QUY", 5, TOTAL + 7)):
        decisions.names["Q99"] = code
        assert open_questions(proposal, decisions) == []
        found = read(table, decisions)
        assert (found.figures, found.unknown_count, found.sums[0].total) == (figures, 0, f"{total * 1000:.2f}")


def test_a_body_that_stands_twice_is_asked_about():
    rows = [*ROWS, ["QSL", "NHS Somerset ICB", 5]]
    assert "rows:Sheet1:2,6" in asked(rows)
    found = outcome_of(rows, {**RECURRENCE, "rows:Sheet1:2,6": "6"})
    assert (found.figures, found.sums[0].total) == (4, f"{TOTAL * 1000:.2f}")


def test_figures_copied_under_another_name_are_asked_about():
    rows = with_heading("2023/24 DFG budget (£k)", "2023/24 iBCF budget (£k)")
    rows[4][2:] = rows[1][2:]
    [question] = [one for one in proposal_of(rows).questions if one.key.startswith("rows:")]
    assert question.text == (
        "Rows 2 (“QSL, NHS Somerset ICB”) and 5 (“QOX, NHS BSW ICB”) have the same figures in every column. Is one of "
        "them a copy that is left out?"
    )
    assert [option.value for option in question.options] == ["2", "5", "none"]


def test_several_rows_for_each_body_are_no_table_of_figures():
    rows = [*ROWS, *ROWS[1:], *ROWS[1:]]
    [sheet] = proposal_of(rows).sheets
    assert not sheet.use
    assert sheet.reason == (
        "There are several rows for one body, 9 or more, such as rows 2 and 6: one figure for each is needed"
    )


def test_a_marker_and_a_blank_cell_are_not_reported_and_other_texts_are_asked_about():
    rows = [
        *ROWS[:1],
        ["QSL", "x", "[x]"],
        ["QR1", "x", None],
        ["QVV", "x", "see note"],
        ["QOX", "x", 5],
        ["QUY", "x", 6],
    ]
    proposal = proposal_of(rows)
    assert {(marker.text, marker.cells) for marker in proposal.markers} == {("[x]", 1), ("", 1)}
    assert "marker:see note" in asked(rows)
    found = outcome_of(rows, {**RECURRENCE, "marker:see note": "no"})
    assert (found.figures, found.not_reported) == (2, 2)
    assert [(one.cell, one.text, one.message) for one in found.bad] == [("C4", "see note", "This is not an amount")]


@pytest.mark.parametrize("by", ["code", "name"])
def test_a_column_of_years_states_the_year_of_each_row(by):
    councils = {"code": ["E10000027", "E06000066"], "name": ["Somerset", "Somerset"]}[by]
    rows = [["Council", "Year", "DFG budget (£k)"], [councils[0], "2022/23", 7], [councils[1], "2023/24", 9]]
    rows += [["Barnet" if by == "name" else "E09000003", "2023/24", 11]]
    [sheet] = proposal_of(rows).sheets
    assert (sheet.columns[1].role, sheet.columns[1].fills) == (Role.VALUE, "financial_year")
    found = outcome_of(rows, RECURRENCE)
    assert [(one.code, one.values["financial_year"], one.amount) for one in found.first] == [
        ("E10000027", "2022/23", "7000.00"), ("E06000066", "2023/24", "9000.00"), ("E09000003", "2023/24", "11000.00"),
    ]  # fmt: skip


# ── Sheets without figures ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "The sheet is empty"),
        ([["Notes"], ["Nothing here"]], "No column holds codes or names of bodies that are known here"),
        (ROWS[1:], "There is no row of headings above the first body, which is in row 1"),
        ([["Code", "Class"], ["QSL", "a"]], "No row with a known body has a number"),
    ],
)
def test_a_sheet_from_which_nothing_can_be_read_says_why(rows, reason):
    proposal = proposal_of(rows)
    assert (proposal.nothing, proposal.has_figures, proposal.questions) == (reason, False, ())


def test_two_rows_of_headings_are_joined():
    rows = [
        ["", "", "2022/23", "", "2023/24", ""],
        ["Code", "Board", "DFG budget (£k)", "iBCF budget (£k)", "DFG budget (£k)", "iBCF budget (£k)"],
        *([code, name, amount, amount * 2 + 1, amount * 3 + 5, amount * 5 + 7] for code, name, amount in BOARDS),
    ]
    [sheet] = proposal_of(rows).sheets
    assert (sheet.header_row, sheet.header_rows) == (2, 2)
    assert sheet.columns[5].heading == "2023/24 iBCF budget (£k)"
    found = outcome_of(rows, RECURRENCE)
    assert sorted((one.letter, one.values["financial_year"], one.values["stream"]) for one in found.sums) == [
        ("C", "2022-23", "dfg"), ("D", "2022-23", "ibcf"), ("E", "2023-24", "dfg"), ("F", "2023-24", "ibcf"),
    ]  # fmt: skip


def test_a_file_between_semicolons_asks_what_its_points_mean():
    rows = [["Code", HEADING[2]], *([code, f"{number}.{number + 100}"] for number, (code, *_) in enumerate(BOARDS, 1))]
    table = text_file(rows, delimiter=";")
    proposal = propose(table, KIND, all_bodies())
    assert "decimals" in [question.key for question in proposal.questions]
    for answer, first in (("point", "1101.00"), ("comma", "1101000.00")):
        found = read(table, decided(proposal, {**RECURRENCE, "decimals": answer}))
        assert (found.figures, found.first[0].amount) == (4, first)


# ── Decisions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_proposal_and_decisions_come_back_from_json():
    proposal = proposal_of([*ROWS, ["", "Total", float(TOTAL)]])
    assert Proposal.from_json(proposal.as_json()) == proposal
    decisions = default_decisions(proposal)
    assert Decisions.from_json(decisions.as_json()) == decisions


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "“The data” must be an object"),
        ({}, "“sheets” is missing"),
        ({"sheets": {}}, "“sheets” must be a list"),
        ({"sheets": [], "unit": 1}, "“unit” must be a text"),
        ({"sheets": [], "colour": "red"}, "“colour” is not known here"),
        ({"sheets": [{"name": "A", "use": "yes"}]}, "“sheets[0].use” must be true or false"),
        ({"sheets": [{"name": "A", "use": True, "header_row": True}]}, "“sheets[0].header_row” must be a whole number"),
        (
            {"sheets": [{"name": "A", "use": True, "columns": [{"index": 0, "role": "x"}]}]},
            "“sheets[0].columns[0].role” must be one of code, name, amount, value, not_read",
        ),
    ],
)
def test_decisions_that_are_not_well_formed_are_refused(data, message):
    with pytest.raises(Refused, match=message.replace("[", r"\[").replace("]", r"\]")):
        Decisions.from_json(data)


def test_an_answer_that_is_none_of_the_options_is_refused():
    proposal = proposal_of([*ROWS, ["QSL", "NHS Somerset ICB", 5]])
    question = next(one for one in proposal.questions if one.key.startswith("rows:"))
    with pytest.raises(Refused, match="“none” is not an answer to: Rows 2 and 6 are of the same body"):
        answered(default_decisions(proposal), question, "none")


def test_the_year_stated_with_the_file_is_not_asked_again():
    rows = [[*HEADING[:2], "Primary medical care budget (£k)"], *ROWS[1:]]
    proposal = proposal_of(rows, year="2022-23")
    assert (proposal.year, [one.key for one in proposal.questions]) == ("2022-23", ["value:recurrence"])


def test_a_column_that_somebody_chooses_is_asked_for_what_it_lacks():
    proposal = proposal_of(ROWS)
    decisions = with_columns(default_decisions(proposal), "Sheet1", {"C": ""})
    [question] = [one for one in open_questions(proposal, decisions) if one.key.startswith("column:")]
    assert question.text == f"Funding stream: what are the figures in column C “{HEADING[2]}”?"


def test_a_proposal_for_a_file_of_endless_texts_can_still_be_stored():
    rows = [
        ["Code", "H" * 9_000, *(f"{at} allocation {'x' * 500}" for at in range(60))],
        *([code, *(amount + 10 * at for at in range(61))] for code, _, amount in BOARDS),
        ["y" * 9_000, "z" * 9_000, 5],
        *([f"Q{at:03}{'w' * 300}", *range(61)] for at in range(150)),
    ]
    proposal = proposal_of(rows)
    assert Proposal.from_json(proposal.as_json()) == proposal


def test_a_hidden_sheet_and_a_hidden_column_are_pointed_out():
    book = Workbook()
    book.active.title = "Shown"
    sheet = book.create_sheet("Hidden")
    for row in ROWS:
        sheet.append(row)
    sheet.sheet_state = "hidden"
    sheet.column_dimensions["C"].hidden = True
    out = BytesIO()
    book.save(out)
    proposal = propose(open_table(BytesIO(out.getvalue()), "a.xlsx"), KIND, all_bodies())
    assert proposal.sheets[1].doubts == (
        "The sheet is hidden in the workbook",
        f"Hidden in the workbook: column C “{HEADING[2]}”",
    )
    assert [column.is_hidden for column in proposal.sheets[1].columns] == [False, False, True]
