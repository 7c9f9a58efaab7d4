"""Published files without a layout: what is proposed, what is asked, and that the sums are those that are printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from pooledcare.uploads import profiles
from pooledcare.uploads.proposals import Role, default_decisions, open_questions, outcome, propose
from tests.uploads.proposals.examples import KIND, all_bodies, decided, read, stored_file, workbook

CCG = "allocations/ccg_core_allocations_209ccgs_probably_2018-19.csv"
IBCF = "bcf/ibcf_grant_determination_annex_a_first_15_of_about_150.csv"
BROKEN = "bcf/ibcf_annex_a_mojibake_pound_sample.csv"
BOARDS = "bcf/hf_bcf_planned_intermediate_care_by_hwb.csv"


def proposed(path: Path):
    table = stored_file(path)
    return table, propose(table, KIND, all_bodies())


def keys(proposal) -> list[str]:
    return [question.key for question in open_questions(proposal, default_decisions(proposal))]


def test_core_allocations_of_groups_need_six_decisions(shared_data: Path):
    table, proposal = proposed(shared_data / CCG)
    assert keys(proposal) == ["columns:", "names:", "rows::102,103", "unit", "year", "value:recurrence"]
    [sheet] = proposal.sheets
    assert sheet.doubts[0] == (
        "Column J “Final closing DfT” holds numbers, but column B “Opening DfT” holds percentages under a heading of "
        "the same kind: the headings may stand one column off"
    )
    questions = {question.key: question for question in proposal.questions}
    assert questions["rows::102,103"].text == (
        "Rows 102 and 103 are of the same body, “NHS Leicester City CCG”. Which one is left out? Row 102 has the same "
        "figures as “NHS East Leicestershire and Rutland CCG” in every column."
    )
    assert questions["year"].reason.endswith("all its bodies existed from 2013-14 to 2016-17")
    [doubtful] = proposal.doubtful_names
    assert (doubtful.cell, [option.value for option in doubtful.candidates]) == ("A159", ["08Y"])

    answers = {"columns:": "yes", "rows::102,103": "102", "unit": "1000", "year": "2016-17", "names:": "yes"}
    decisions = decided(proposal, {**answers, "value:recurrence": "recurrent"}, {"E": "nhs-core"})
    decisions.names[doubtful.text] = "08Y"
    assert open_questions(proposal, decisions) == []
    found = read(table, decisions)
    assert (found.figures, found.bodies, found.unknown_count, found.bad_count) == (208, 208, 0, 0)
    assert [one.total for one in found.sums] == ["74498870000.00"]
    assert {(one.label, one.total) for one in found.unread if one.reason.startswith("Whoever")} == {
        ("Left out by decision: Final allocation", "379783000.00")
    }


def test_the_improved_better_care_fund_needs_two(shared_data: Path):
    table, proposal = proposed(shared_data / IBCF)
    assert keys(proposal) == ["value:basis", "value:recurrence"]
    found = read(table, decided(proposal, {"value:basis": "allocation", "value:recurrence": "not_stated"}))
    assert [(one.values["financial_year"], one.values["stream"], one.total) for one in found.sums] == [
        ("2023-24", "ibcf", "211876691.00"),
        ("2024-25", "ibcf", "211876691.00"),
    ]
    assert (found.first[0].code, found.first[0].body) == ("E09000002", "London Borough of Barking and Dagenham")


@pytest.mark.parametrize(("answer", "figures", "bad"), [("yes", 15, 0), ("no", 0, 15)])
def test_a_broken_pound_sign_is_read_only_if_the_sender_says_so(shared_data: Path, answer, figures, bad):
    table, proposal = proposed(shared_data / BROKEN)
    assert keys(proposal) == ["unit", "pounds", "value:basis", "value:recurrence"]
    answers = {"unit": "1", "pounds": answer, "value:basis": "allocation", "value:recurrence": "not_stated"}
    found = read(table, decided(proposal, answers))
    assert (found.figures, found.bad_count) == (figures, bad)
    assert found.sums[0].total == ("211876691.00" if figures else "0.00")
    if figures:
        assert (found.first[0].text, found.first[0].amount) == ("贈10,707,003", "10707003.00")


def test_spending_by_board_is_compared_with_the_total_of_the_file(shared_data: Path):
    table, proposal = proposed(shared_data / BOARDS)
    assert keys(proposal) == ["columns:", "unit", "year", "value:basis", "value:recurrence"]
    assert [(marker.text, marker.cells) for marker in proposal.markers] == [("NA", 42)]
    answers = {"columns:": "yes", "unit": "1", "year": "2022-23", "value:basis": "budget"}
    streams = {"C": "bcf-nhs-minimum", "D": "adult-social-care"}
    found = read(table, decided(proposal, {**answers, "value:recurrence": "not_stated"}, streams))
    assert [(one.figures, one.not_reported, one.total, one.publishers, one.agrees) for one in found.sums] == [
        (122, 29, "624155185.27", "624155185.28", True),  # each figure is rounded once
        (139, 12, "579656507.75", "579656507.75", True),
    ]
    assert (found.bodies, found.unknown_count, found.sums[0].publishers_cell) == (151, 0, "C153")


def test_weighted_populations_hold_no_amounts(shared_data: Path):
    _, proposal = proposed(shared_data / "allocations/icb_place_practice_weighted_populations_2025-26.csv")
    assert not proposal.has_figures
    assert proposal.nothing.startswith("No column of numbers holds amounts of money. ")
    assert "The heading says “population”, which is not an amount of money" in proposal.nothing
    assert keys(proposal) == []


def test_spending_power_is_listed_with_its_sums_and_asked_about(shared_data: Path):
    table, proposal = proposed(shared_data / "la_finance/CSP_2019.csv")
    [sheet] = proposal.sheets
    sums = {column.heading: column.sum for column in sheet.columns if column.numbers}
    assert (sums["sfa_2019"], sums["ct_total_2019"]) == ("13369.06", "26807.21")
    assert not [column for column in sheet.columns if column.role is Role.AMOUNT]
    assert {"columns:", "unit", "year", "value:basis"} <= set(keys(proposal))
    answers = {"columns:": "yes", "row::139": "left_out", "rows::237,238": "237", "rows::317,319": "317"}
    answers |= {"unit": "1000000", "year": "2019-20", "value:basis": "allocation", "value:recurrence": ""}
    found = read(table, decided(proposal, answers, {"I": "adult-social-care"}))
    assert [(one.total, one.not_reported) for one in found.sums] == [("81000000.00", 0)]


def test_the_workbook_of_nhs_england_under_other_names_is_proposed_as_its_layout_reads_it(shared_data: Path):
    published = shared_data / "allocations/nhse_icb_allocations_2023-24_2024-25.xlsx"
    book = load_workbook(published, data_only=True)
    sheets = [
        (f"Table {number}", [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)])
        for number, sheet in enumerate(book, start=1)
    ]
    table = workbook(*sheets)
    proposal = propose(table, KIND, all_bodies())
    assert proposal.nearest is not None
    assert proposal.nearest.title == "NHS England: ICB allocations workbook"
    assert (
        "The sheet has the headings of “ICB Core Allocations 2024-25”, and another name" in proposal.nearest.differences
    )
    assert keys(proposal) == []
    found = read(table, default_decisions(proposal))
    sums = {(one.values["stream"], one.values["financial_year"]): (one.total, one.agrees) for one in found.sums}
    assert sums == {
        ("nhs-core", "2023-24"): ("101260119000.00", True),
        ("nhs-core", "2024-25"): ("103817368000.00", True),
        ("nhs-discharge", "2023-24"): ("299999706.97", True),
        ("nhs-discharge", "2024-25"): ("500000000.00", True),
        ("primary-medical", "2023-24"): ("10611684000.00", True),
        ("primary-medical", "2024-25"): ("11008325000.00", True),
        ("other-primary-care", "2023-24"): ("5484993310.34", False),
        ("other-primary-care", "2024-25"): ("5600652096.48", False),
        ("running-costs", "2023-24"): ("1108760000.00", True),
        ("running-costs", "2024-25"): ("908760000.00", True),
        ("running-costs", "2025-26"): ("828299000.00", True),
    }
    assert (found.bodies, found.unknown_count, found.bad_count) == (42, 0, 0)
    known = outcome(stored_file(published), profiles.named("allocations", "nhse-icb-allocations"), KIND, all_bodies())
    assert [(one.values, one.total) for one in known.sums] == [(one.values, one.total) for one in found.sums]
