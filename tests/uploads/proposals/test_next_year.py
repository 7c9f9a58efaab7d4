"""A layout that somebody made, and the file of the next year: what it recognises, and what it never guesses."""

from __future__ import annotations

import json

import pytest

from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import InputTable
from pooledcare.uploads.layouts import Profile, profile_from
from pooledcare.uploads.nearest import nearest
from pooledcare.uploads.proposals import outcome, propose, stated_layout
from tests.uploads.proposals.examples import KIND, all_bodies, decided, with_columns, workbook

BODIES = ("QSL", "QR1", "QVV", "QOX")


def table(heading: str, *, title: str = "", sheet: str = "Budgets", first: int = 100) -> InputTable:
    rows = [["Board", heading], *([code, first + 7 * at] for at, code in enumerate(BODIES))]
    return workbook((sheet, [[title], [], *rows] if title else rows))


def layout_of(this: InputTable, answers: dict[str, str]) -> Profile:
    decisions = decided(propose(this, KIND, all_bodies()), {**answers, "value:recurrence": ""})
    data = json.loads(json.dumps(stated_layout(decisions, this, KIND, title="Our boards")))
    return profile_from(data, "made")


def year_read(layout: Profile, file: InputTable, year: str = "") -> str:
    found = outcome(file, layout, KIND, all_bodies(), year=year)
    assert (found.figures, found.bodies) == (4, 4)
    return found.sums[0].values["financial_year"]


@pytest.mark.parametrize(
    ("this", "following"),
    [
        ({"heading": "2023/24 DFG budget (£k)"}, {"heading": "2024/25 DFG budget (£k)"}),
        ({"heading": "DFG budget 2023-24 (£k)"}, {"heading": "DFG budget 2024-25 (£k)"}),
        (
            {"heading": "DFG budget (£k)", "title": "Boards (final), 2023-24"},
            {"heading": "DFG budget (£k)", "title": "Boards (final), 2024-25"},
        ),
        (
            {"heading": "DFG budget (£k)", "sheet": "Budgets 2023-24"},
            {"heading": "DFG budget (£k)", "sheet": "Budgets 2024-25"},
        ),
    ],
)
def test_the_year_is_read_where_it_stood_the_year_before(this, following):
    layout = layout_of(table(**this), {})
    assert year_read(layout, table(**this)) == "2023-24"
    assert layout.fit(table(**following)) == 1
    assert year_read(layout, table(**following)) == "2024-25"
    with pytest.raises(Refused, match="The file says 2024-25, but the financial year 2025-26 was stated with it"):
        year_read(layout, table(**following), "2025-26")


def test_a_year_that_the_sender_stated_is_no_part_of_the_layout():
    layout = layout_of(table("DFG budget (£k)"), {"year": "2023-24"})
    following = table("DFG budget (£k)", first=300)
    assert year_read(layout, following, "2024-25") == "2024-25"
    with pytest.raises(Refused, match="The file does not say which year it is for"):
        year_read(layout, following)


def test_a_column_of_the_year_after_is_counted_from_the_stated_year():
    rows = [["Board", "DFG budget, this year (£k)", "DFG budget, next year (£k)"]]
    rows += [[code, 10 + at, 20 + 3 * at] for at, code in enumerate(BODIES)]
    this = workbook(("Budgets", rows))
    proposal = propose(this, KIND, all_bodies())
    answers = {"columns:Budgets": "yes", "year": "2023-24", "value:recurrence": ""}
    decisions = decided(proposal, answers)
    decisions = with_columns(decisions, "Budgets", {"B": "dfg", "C": "dfg"})
    later = [column for column in decisions.sheets[0].columns if column.index == 2]
    later[0].values["financial_year"] = "2024-25"
    layout = profile_from(stated_layout(decisions, this, KIND, title="Our boards"), "made")
    assert [figures.values.get("financial_year") for figures in layout.sheets[0].figures] == [None, "+1"]
    found = outcome(this, layout, KIND, all_bodies(), year="2025-26")
    assert [one.values["financial_year"] for one in found.sums] == ["2025-26", "2026-27"]


def test_a_heading_whose_year_another_column_has_too_stays_as_it_is():
    rows = [["Board", "2022/23 DFG budget (£k)", "2023/24 DFG budget (£k)"]]
    rows += [[code, 10 + at, 20 + 3 * at] for at, code in enumerate(BODIES)]
    this = workbook(("Budgets", rows))
    decisions = decided(propose(this, KIND, all_bodies()), {"value:recurrence": ""})
    decisions = with_columns(decisions, "Budgets", {"C": "dfg"})
    layout = profile_from(stated_layout(decisions, this, KIND, title="Our boards"), "made")
    found = outcome(this, layout, KIND, all_bodies())
    assert [(one.letter, one.values["financial_year"], one.figures) for one in found.sums] == [("C", "2023-24", 4)]


def test_a_changed_heading_offers_the_layout_with_the_difference():
    layout = layout_of(table("2023/24 DFG budget (£k)"), {})
    changed = workbook(
        ("Budgets", [["Board code", "2024/25 DFG budget (£k)"], *([c, 5 + n] for n, c in enumerate(BODIES))])
    )
    assert layout.fit(changed) == 0
    assert nearest("allocations", changed) is None
    proposal = propose(changed, KIND, all_bodies(), known=[layout])
    assert proposal.nearest is not None
    assert (proposal.nearest.key, proposal.nearest.title) == ("made", "Our boards")
    assert proposal.nearest.differences == ("There is no heading like “Board” in row 1",)
    [sheet] = proposal.sheets
    assert sheet.columns[1].reason.startswith("“Our boards” reads a column with this heading")
    assert sheet.columns[1].values == {"stream": "dfg", "basis": "budget", "financial_year": "2024-25"}


def test_another_name_of_the_sheet_offers_the_layout_too():
    layout = layout_of(table("2023/24 DFG budget (£k)"), {})
    renamed = table("2024/25 DFG budget (£k)", sheet="Data")
    assert layout.fit(renamed) == 0
    like = nearest("allocations", renamed, [layout])
    assert like is not None
    assert [problem.message for problem in like.differences] == [
        "The sheet has the headings of “Budgets”, and another name"
    ]


def test_a_heading_that_stands_twice_is_found_by_its_letter_and_only_in_the_same_row_of_headings():
    rows = [["Board", "Budget (£k)", "Budget (£k)"], *([code, 10 + at, 20 + 3 * at] for at, code in enumerate(BODIES))]
    this = workbook(("Budgets", rows))
    answers = {"columns:Budgets": "yes", "year": "2023-24", "value:recurrence": ""}
    decisions = decided(propose(this, KIND, all_bodies()), answers, {"B": "dfg", "C": "ibcf"}, "Budgets")
    layout = profile_from(stated_layout(decisions, this, KIND, title="Our boards"), "made")
    found = outcome(this, layout, KIND, all_bodies(), year="2023-24")
    assert [(one.letter, one.values["stream"], one.total) for one in found.sums] == [
        ("B", "dfg", "46000.00"), ("C", "ibcf", "98000.00"),
    ]  # fmt: skip
    moved = [[row[0], "Budget (£k)" if not at else 1, *row[1:]] for at, row in enumerate(rows)]
    assert layout.fit(workbook(("Budgets", moved))) == 0


def test_a_column_that_two_rules_would_read_is_refused():
    this = table("2023/24 DFG budget (£k)")
    decisions = decided(propose(this, KIND, all_bodies()), {"value:recurrence": ""})
    data = stated_layout(decisions, this, KIND, title="Our boards")
    data["sheets"][0]["figures"] *= 2
    with pytest.raises(Refused, match="The layout reads this column twice"):
        outcome(this, profile_from(data, "made"), KIND, all_bodies())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": ""}, "The unit of the amounts is not decided"),
        ({"sheets": ()}, "No sheet is read"),
    ],
)
def test_decisions_that_are_not_complete_make_no_layout(change, message):
    from dataclasses import replace

    this = table("2023/24 DFG budget (£k)")
    decisions = decided(propose(this, KIND, all_bodies()), {"value:recurrence": ""})
    with pytest.raises(Refused, match=message):
        stated_layout(replace(decisions, **change), this, KIND, title="Our boards")
