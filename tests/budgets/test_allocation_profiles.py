"""Publishers' own layouts: read from the files as published, recognised from their content, described by data alone."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import Workbook, load_workbook

from budgets.allocations.stored_preview import stored_preview
from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.loading import load_reference
from pooledcare.uploads import profiles
from pooledcare.uploads.models import LayoutQuestion, Upload
from tests import factories
from tests.uploads.sending import Desk, codes, rows

pytestmark = pytest.mark.django_db

ICB_WORKBOOK = "allocations/nhse_icb_allocations_2023-24_2024-25.xlsx"
HEADINGS = ["R23", "Region", "ICB23", "System Name", "2023/24 COVID \n(£k)", "2023/24 Recurrent allocation \n(£k)",
            "2023/24 Additional discharge allocation\n(£k)"]  # fmt: skip


@pytest.fixture
def england(db) -> None:
    """Every organisation and stream; no figures."""
    load_reference()
    call_command("load_figures", "--without-publisher", "X24", "--without-publisher", "MHCLG")


@pytest.fixture
def nhs_england(england) -> Desk:
    return Desk(factories.nhs_england(), ("publisher",))


@pytest.fixture
def department(england) -> Desk:
    return Desk(factories.mhclg(), ("publisher",))


def thousands(lines) -> dict[tuple[str, str], Decimal]:
    return {(line.stream, line.financial_year): line.after / 1000 for line in lines}


# ── The published files themselves ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_workbook_of_nhs_england_as_published(nhs_england, shared_data):
    upload = nhs_england.send((shared_data / ICB_WORKBOOK).read_bytes(), name="allocations.xlsx")
    assert (upload.state, upload.profile, codes(upload)) == ("awaiting_second_person", "nhse-icb-allocations", [])
    assert upload.counts == {"new": 462, "changed": 0, "unchanged": 0, "withdrawn": 0, "not_reported": 0}
    preview = stored_preview(upload)
    assert thousands(preview.streams) == {
        ("nhs-core", "2023-24"): Decimal("101260119"),
        ("nhs-core", "2024-25"): Decimal("103817368"),
        ("nhs-discharge", "2023-24"): Decimal("299999.70697"),
        ("nhs-discharge", "2024-25"): Decimal("500000"),
        ("primary-medical", "2023-24"): Decimal("10611684"),
        ("primary-medical", "2024-25"): Decimal("11008325"),
        ("other-primary-care", "2023-24"): Decimal("5484993.31034"),
        ("other-primary-care", "2024-25"): Decimal("5600652.09648"),
        ("running-costs", "2023-24"): Decimal("1108760"),
        ("running-costs", "2024-25"): Decimal("908760"),
        ("running-costs", "2025-26"): Decimal("828299"),
    }
    controls = {(line.stream, line.financial_year): line for line in preview.controls}
    assert len(controls) == 11
    differing = {key: line.difference for key, line in controls.items() if line.difference}
    assert differing == {
        ("nhs-discharge", "2023-24"): Decimal("293.03"),
        ("other-primary-care", "2023-24"): Decimal("111910689.66"),
        ("other-primary-care", "2024-25"): Decimal("114266903.52"),
    }
    assert controls["other-primary-care", "2023-24"].published_text == "5,596,904"
    assert "NHS England's regions" in controls["other-primary-care", "2023-24"].note
    not_read = {(line.sheet, line.label): line.amount for line in preview.not_read}
    assert not_read["ICB Core Allocations 2023-24", "2023/24 COVID (£k)"] == Decimal("429375971.33")
    assert not_read["Other Primary Care", "NHS England's regions: 2023/24 Recurrent allocation £k"] == Decimal(
        "111910863.34"
    )


@pytest.mark.slow
def test_figures_of_the_workbook_keep_sheet_row_cell_and_text(nhs_england, shared_data):
    nhs_england.put((shared_data / ICB_WORKBOOK).read_bytes(), name="allocations.xlsx")
    somerset = Allocation.objects.get(organisation__code="QSL", stream__code="nhs-discharge", financial_year=2024)
    assert (somerset.amount, somerset.sheet, somerset.cell) == (
        Decimal("5125654.51"), "ICB Core Allocations 2024-25", "R46",
    )  # fmt: skip
    assert somerset.published_text == "5125.654508907439"


@pytest.mark.slow
def test_the_workbook_again_finds_what_the_reference_load_holds_unchanged(nhs_england, shared_data):
    call_command("load_figures", "--without-publisher", "MHCLG")
    upload = nhs_england.send((shared_data / ICB_WORKBOOK).read_bytes(), name="x.xlsx")
    assert (upload.counts["unchanged"], upload.counts["new"], upload.counts["changed"]) == (462, 0, 0)


@pytest.mark.slow
def test_the_revenue_account_as_published_names_who_made_no_return(department, shared_data):
    content = (shared_data / "la_finance/RA_2021-22_data_by_LA.csv").read_bytes()
    upload = department.send(content, name="RA.csv")
    assert (upload.state, upload.profile, codes(upload)) == ("awaiting_second_person", "dluhc-revenue-account", [])
    preview = stored_preview(upload)
    assert thousands(preview.streams) == {("adult-social-care", "2021-22"): Decimal("18368147")}
    (control,) = preview.controls
    assert (control.publishers / 1000, control.published_text) == (Decimal("18628784"), "18,628,784")
    assert [line["organisation_name"] for line in preview.not_reported] == ["Medway Council", "Shropshire Council"]
    assert [line["organisation_name"] for line in preview.not_counted] == [
        "Eden District Council", "Gravesham Borough Council", "Kent Police and Crime Commissioner and Chief Constable",
        "Staffordshire Combined Fire and Rescue Authority",
    ]  # fmt: skip
    assert (upload.counts["not_reported"], preview.streams[0].not_reported, preview.not_counted_count) == (2, 2, 4)
    staged = StagedAllocation.objects.filter(upload_id=upload.pk)
    assert {(one.basis, one.gross_or_net) for one in staged} == {("budget", "net")}


@pytest.mark.slow
def test_the_revenue_outturn_as_published(department, shared_data):
    content = (shared_data / "la_finance/RSX_2022-23_data_by_LA.csv").read_bytes()
    upload = department.send(content, name="RSX.csv")
    assert (upload.state, upload.profile, codes(upload)) == ("awaiting_second_person", "dluhc-revenue-outturn", [])
    preview = stored_preview(upload)
    assert thousands(preview.streams) == {("adult-social-care", "2022-23"): Decimal("20145450")}
    assert preview.controls[0].publishers / 1000 == Decimal("20524551")
    assert [line["organisation_name"] for line in preview.not_reported] == ["Birmingham City Council"]
    assert [line["organisation_name"] for line in preview.not_counted] == [
        "High Peak Borough Council", "North West Leicestershire District Council", "Woking Borough Council",
    ]  # fmt: skip


@pytest.mark.slow
def test_our_own_compiled_tables_give_the_same_figures_to_the_penny(england):
    call_command("load_figures")
    sums = {}
    for one in Allocation.objects.filter(amount__isnull=False).select_related("stream"):
        key = (one.stream.code, one.financial_year)
        sums[key] = sums.get(key, Decimal(0)) + one.amount
    assert sums["nhs-core", 2023] == Decimal("101260119000.00")
    assert sums["nhs-core", 2024] == Decimal("103817368000.00")
    assert sums["adult-social-care", 2021] == Decimal("18368147000.00")
    assert sums["adult-social-care", 2022] == Decimal("20145450000.00")


# Made up: what councils of April 2023 might return for their first year.
OF_2023 = rows(
    "2023-24,E06000066,adult-social-care,outturn,355500000.00,not_stated,",  # Somerset: the county before
    "2023-24,E06000065,adult-social-care,outturn,330000000.00,not_stated,",  # North Yorkshire: two before
    "2023-24,E06000063,adult-social-care,outturn,100000000.00,not_stated,",  # Cumberland, a part of Cumbria before
    "2023-24,E10000028,adult-social-care,outturn,270000000.00,not_stated,",  # Staffordshire, as ever
)


@pytest.mark.slow
def test_the_first_year_of_new_councils_is_compared_with_the_sum_of_those_before_them(england, client):
    call_command("load_figures")
    desk = Desk(factories.mhclg(), ("publisher",))
    preview = stored_preview(desk.send(OF_2023))
    assert [
        (one.organisation, one.year_before, one.amount, one.percent, one.compared_with) for one in preview.movements
    ] == [
        (
            "E06000066", Decimal("160615000.00"), Decimal("355500000.00"), Decimal("121.3"), "Somerset County Council",
        ),
        (
            "E06000065", Decimal("240655000.00"), Decimal("330000000.00"), Decimal("37.1"),
            "North Yorkshire County Council and Richmondshire District Council",
        ),
    ]  # fmt: skip
    assert preview.movement_counts == {25: 2, 50: 1, 100: 1, 200: 0}
    (divided,) = preview.not_compared
    assert (divided.predecessors, divided.successors, divided.missing) == (
        "Cumbria County Council",
        "Cumberland Council and Westmorland and Furness Council",
        "Westmorland and Furness Council",
    )
    both = OF_2023 + "2023-24,E06000064,adult-social-care,outturn,150000000.00,not_stated,\n"
    upload = desk.put(both, name="both.csv")
    preview = stored_preview(upload)
    assert [(one.organisation, one.compared_with) for one in preview.movements][2:] == [
        ("E06000063 E06000064", "Cumbria County Council")
    ]
    assert preview.not_compared == []
    page = client.get("/streams/adult-social-care/?year=2023-24&basis=outturn").content.decode()
    assert "5 of 153 reported." in page


@pytest.mark.slow
def test_who_is_counted_in_the_published_returns(england, client):
    call_command("load_figures")
    for query, counted, others, marked in [
        ("year=2021-22&basis=budget", "150 of 152 reported.", "30 figures of organisations", "not counted: 4"),
        ("year=2022-23&basis=outturn", "151 of 152 reported.", "24 figures of organisations", "not counted: 3"),
    ]:
        page = " ".join(client.get(f"/streams/adult-social-care/?{query}").content.decode().split())
        assert counted in page
        assert others in page
        assert marked in page
    england_page = client.get("/?year=2021-22&basis=budget").content.decode()
    assert "150 of 152, and 30 of others" in england_page
    assert "150 of 152 figures reported" in england_page
    assert "42 of 42" in client.get("/?year=2024-25").content.decode()
    for code, words in [
        ("E07000030", "Does not hold it (...)"), ("E31000033", "Does not hold it (...)"),
        ("E06000035", "Not reported (...)"),
    ]:  # fmt: skip
        assert words in client.get(f"/organisations/{code}/").content.decode()


@pytest.mark.slow
def test_loading_figures_again_changes_nothing(england, capsys):
    call_command("load_figures")
    before = Allocation.objects.count()
    capsys.readouterr()
    call_command("load_figures")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 3
    assert all(": unchanged (UP-" in line for line in printed)
    assert Allocation.objects.count() == before


# ── A workbook in the same layout, altered ───────────────────────────────────────────────────────────────────────────


def core_sheet(book: Workbook, body: list[list[object]], total: list[object]) -> None:
    sheet = book.create_sheet("ICB Core Allocations 2023-24")
    for line in (["Allocations"], [], HEADINGS, [], *body, [], [], ["", "Sort", *HEADINGS[:1]], total):
        sheet.append(line)


def small_workbook(body: list[list[object]], total: list[object] | None = None) -> bytes:
    """The layout with the sheets that it needs, and our rows on the first."""
    book = Workbook()
    book.remove(book.active)
    core_sheet(book, body, total or ["", "", "Total", "ENGLAND", " 0 ", " 300 ", " 0 "])
    medical = book.create_sheet("PMC Allocations 2023-24")
    others = book.create_sheet("Other Primary Care")
    for sheet, heads in (
        (medical, ["R23", "Region", "ICB23", "System Name", "2023/24 Recurrent allocation (£k)"]),
        (others, ["R23", "Region", "ICB23", "Integrated Care Board", "2023/24 Recurrent allocation £k"]),
    ):
        sheet.append(["Allocations"])
        sheet.append([])
        sheet.append(heads)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def body(
    code: str = "QXM", name: str = "NHS Mereshire ICB", core: object = 100.5, discharge: object = 1
) -> list[object]:
    return ["Y63", "North", code, name, 5, core, discharge]


@pytest.fixture
def mereshire(db) -> Desk:
    for code in ("nhs-core", "nhs-discharge", "primary-medical", "other-primary-care", "running-costs"):
        factories.stream(code=code)
    factories.organisation(code="QXM", name="NHS Mereshire Integrated Care Board")
    factories.organisation(code="QXN", name="NHS Nether Integrated Care Board")
    return Desk(factories.nhs_england(), ("publisher",))


def test_a_cell_in_thousands_is_rounded_to_the_penny_once(mereshire):
    upload = mereshire.send(
        small_workbook([body(core=0.000005), body("QXN", "NHS Nether ICB", core=1.000015)]), name="a.xlsx"
    )
    amounts = StagedAllocation.objects.filter(stream__code="nhs-core").order_by("line").values_list("amount", flat=True)
    assert upload.problem_count == 0
    assert list(amounts) == [Decimal("0.00"), Decimal("1000.02")]  # half a penny to the even one


def test_wrong_cells_are_told_by_sheet_and_cell_and_a_missing_code_ends_no_table(mereshire):
    upload = mereshire.send(
        small_workbook([body(code="QXX"), body(core="12,34"), body(code=None), body("QXN", "NHS Nether ICB")]),
        name="a.xlsx",
    )
    found = {(p.code, p.sheet, p.row, p.column) for p in upload.problems.all()}
    sheet = "ICB Core Allocations 2023-24"
    assert ("UNKNOWN_ORG", sheet, 5, "C") in found
    assert ("AMBIGUOUS_NUMBER", sheet, 6, "F") in found
    assert ("REQUIRED", sheet, 7, "C") in found
    assert not any(row == 8 for _, _, row, _ in found)


def test_c13_the_name_of_another_body_is_warned_of(mereshire):
    upload = mereshire.send(small_workbook([body(name="NHS Nether ICB"), body("QXN", "NHS Nether ICB")]), name="a.xlsx")
    warnings = {(p.severity, p.row, p.column) for p in upload.problems.filter(code="W_NAME")}
    assert warnings == {("warning", 5, "D")}
    assert upload.state == "awaiting_second_person"


def test_a_cell_that_cannot_be_read_is_to_be_written_in_the_unit_of_its_column(mereshire):
    upload = mereshire.send(small_workbook([body(core="12546k")]), name="a.xlsx")
    (problem,) = upload.problems.filter(severity="error")
    assert (problem.code, problem.column) == ("NOT_A_NUMBER", "F")
    assert problem.fix.startswith("Write the amount in thousands of pounds, as the rest of the column is,")


NETHER = ("QXN", "NHS Nether ICB")


@pytest.mark.parametrize(
    "between",
    [[], ["", "", "Total", "ENGLAND", 5, 100.5, 1]],
    ids=["a blank row", "a total"],
)
def test_bodies_below_a_blank_row_or_a_total_are_refused_and_never_left_out(mereshire, between):
    upload = mereshire.send(small_workbook([body(), between, body(*NETHER), body(*NETHER, core="lots")]), name="a.xlsx")
    found = [(p.code, p.row, p.column, p.value) for p in upload.problems.filter(code="ROW_AFTER_END").order_by("row")]
    assert found == [("ROW_AFTER_END", 7, "C", "QXN"), ("ROW_AFTER_END", 8, "C", "QXN")]
    assert (upload.state, upload.rows_read) == ("refused", 4)


@pytest.mark.parametrize("name", ["ENGLAND", "England"])
def test_a_row_with_the_code_of_a_body_is_no_total_whatever_its_name(mereshire, name):
    upload = mereshire.send(small_workbook([body(), body("QXN", name)]), name="a.xlsx")
    assert (upload.state, upload.rows_staged) == ("awaiting_second_person", 4)
    (control,) = {line.publishers for line in stored_preview(upload).controls if line.stream == "nhs-core"}
    assert control == Decimal(300_000)


def test_another_table_below_is_not_of_the_bodies_and_may_stand_there(mereshire):
    regions = [[], ["", "Sort", "Region"], ["", 1, "Y63", "North", 5, 100.5, 1], ["", 2, "QXN", "words", "", "", ""]]
    upload = mereshire.send(small_workbook([body(), *regions]), name="a.xlsx")
    assert (upload.state, upload.rows_staged) == ("awaiting_second_person", 2)


def test_figures_that_do_not_add_up_to_the_publishers_total_are_warned_of(mereshire):
    total = ["", "", "Total", "ENGLAND", " 0 ", " 200 ", "2.00"]
    upload = mereshire.send(small_workbook([body(), body(*NETHER, core=99.9)], total), name="a.xlsx")
    assert codes(upload) == []  # 200.4 printed as 200
    upload = mereshire.send(small_workbook([body(), body(*NETHER, core=99_000)], total), name="b.xlsx")
    (warning,) = upload.problems.all()
    assert (warning.code, warning.severity, warning.row, warning.column) == ("W_CONTROL_TOTAL", "warning", 10, "F")
    assert warning.value == "£200,000.00 stated, £99,100,500.00 read"
    assert (upload.state, upload.warning_count) == ("awaiting_second_person", 1)


def test_a_hidden_sheet_is_read_and_whoever_accepts_is_told(mereshire):
    book = load_workbook(BytesIO(small_workbook([body()], ["", "", "Total", "ENGLAND", 0, 100.5, 1])))
    book["ICB Core Allocations 2023-24"].sheet_state = "veryHidden"
    out = BytesIO()
    book.save(out)
    upload = mereshire.send(out.getvalue(), name="a.xlsx")
    (warning,) = upload.problems.all()
    assert (warning.code, warning.sheet) == ("W_HIDDEN_SHEET", "ICB Core Allocations 2023-24")
    assert upload.rows_staged == 2


@pytest.mark.parametrize("mark", ["", "-", "n/a", "...", "[x]", "########"])
def test_a_missing_marker_is_not_reported_and_never_nothing(mereshire, mark):
    upload = mereshire.send(small_workbook([body(discharge=mark or None)]), name="a.xlsx")
    staged = StagedAllocation.objects.get(upload_id=upload.pk, stream__code="nhs-discharge")
    assert (staged.amount, staged.published_text) == (None, mark or "(blank)")
    assert upload.counts["not_reported"] == 1
    assert mereshire.accept(upload).state == "accepted"


def test_a_column_of_money_that_the_layout_does_not_know_is_shown_with_its_sum(mereshire):
    content = small_workbook([body()])
    upload = mereshire.send(content, name="a.xlsx")
    assert {line["label"]: line["amount"] for line in upload.preview["not_read"]} == {"2023/24 COVID (£k)": "5000.00"}


def test_a_file_that_does_not_have_the_layout_asked_for_is_asked_about(mereshire):
    upload = mereshire.send("a,b\n1,2\n", profile="nhse-icb-allocations")
    assert (upload.state, codes(upload)) == ("needs_layout", [])


# ── A new profile is a new file ──────────────────────────────────────────────────────────────────────────────────────

NEW_PROFILE = """
title = "Mereshire: grants to councils"
publisher = "Mereshire County Council"
summary = "Two grants."
unit = 1_000_000
year = 'Grants for (?P<year>20\\d\\d-\\d\\d)'
missing = ["tbc"]

[defaults]
basis = "allocation"

[[sheets]]
code = 'Board'
totals = [{ column = 'Board', text = 'All' }]
[[sheets.figures]]
heading = 'Core, £m'
stream = "nhs-core"
[[sheets.figures]]
heading = 'Running, £m'
stream = "running-costs"
recurrence = "recurrent"
"""


def test_a_new_layout_needs_a_file_and_no_code(mereshire, tmp_path: Path, monkeypatch):
    (tmp_path / "mereshire-grants.toml").write_text(NEW_PROFILE, encoding="utf-8")
    monkeypatch.setattr(profiles, "_FOLDERS", {"allocations": [tmp_path]})
    out = io.StringIO()
    csv.writer(out).writerows(
        [["Grants for 2024-25"], [], ["Board", "Core, £m", "Running, £m"], ["QXM", "1.5", "tbc"], ["QXN", "2", "0.25"],
         ["All", "3.5", "0.3"]]
    )  # fmt: skip
    upload = mereshire.put(out.getvalue(), name="grants.csv")
    assert (upload.state, upload.profile) == ("accepted", "mereshire-grants")
    found = {(one.organisation.code, one.stream.code): one.amount for one in Allocation.objects.all()}
    assert found == {
        ("QXM", "nhs-core"): Decimal("1500000.00"),
        ("QXN", "nhs-core"): Decimal("2000000.00"),
        ("QXM", "running-costs"): None,
        ("QXN", "running-costs"): Decimal("250000.00"),
    }
    differences = {line.stream: line.difference for line in stored_preview(upload).controls}
    assert differences == {"nhs-core": Decimal("0.00"), "running-costs": Decimal("50000.00")}


# ── Editions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def renamed(content: bytes, names: dict[str, str], *, rows_deleted: int = 0, **headings: str) -> bytes:
    """The workbook with other names of sheets, its headings some rows higher, or other headings by their cells."""
    book = load_workbook(BytesIO(content))
    for before, after in names.items():
        book[before].title = after
    for sheet in book if rows_deleted else ():
        sheet.delete_rows(1, rows_deleted)
    for cell, text in headings.items():
        book.worksheets[0][cell] = text
    out = BytesIO()
    book.save(out)
    return out.getvalue()


NEXT_NAMES = {
    "ICB Core Allocations 2023-24": "Core services 2526",
    "PMC Allocations 2023-24": "Primary Medical Care",
    "Other Primary Care": "Other primary care services",
}


def test_the_next_edition_has_other_names_of_sheets_and_higher_headings_and_is_read_alike(mereshire):
    total = ["", "", "Total", "ENGLAND", " 0 ", " 100.5 ", " 1 "]
    first = mereshire.send(small_workbook([body()], total), name="a.xlsx")
    following = mereshire.send(renamed(small_workbook([body()], total), NEXT_NAMES, rows_deleted=1), name="b.xlsx")
    assert [codes(upload) for upload in (first, following)] == [[], []]
    assert [upload.notices[0] for upload in (first, following)] == [
        f"The file was recognised as “NHS England: ICB allocations workbook”, edition {edition}"
        for edition in ("2023-24 and 2024-25", "of another year")
    ]
    for upload in (first, following):
        staged = StagedAllocation.objects.filter(upload_id=upload.pk)
        assert {(one.stream.code, one.amount, one.cell) for one in staged} == {
            ("nhs-core", Decimal("100500.00"), "F"),
            ("nhs-discharge", Decimal("1000.00"), "G"),
        }


def nearest_of(upload: Upload) -> dict[str, Any] | None:
    """The layout that comes closest to the file of an upload, which waits for its own."""
    assert (upload.state, upload.problem_count) == ("needs_layout", 0)
    return LayoutQuestion.objects.get(upload=upload).proposal["nearest"]


def test_a_workbook_that_fits_no_edition_waits_and_is_told_which_comes_closest_and_what_differs(mereshire):
    changed = renamed(small_workbook([body()]), {"PMC Allocations 2023-24": "Doctors"}, F3="2023/24 Growth (£k)")
    found = nearest_of(mereshire.send(changed, name="a.xlsx"))
    assert found is not None
    assert (found["key"], found["title"], found["edition"]) == (
        "nhse-icb-allocations", "NHS England: ICB allocations workbook", "2023-24 and 2024-25",
    )  # fmt: skip
    told = " ".join(found["differences"])
    assert "There is no heading like “2024/25 Recurrent allocation (£k)” in row 3" in told
    assert "The sheet has the headings of “PMC Allocations 2024-25”, and another name" in told


def test_a_sheet_that_is_not_there_is_named_by_its_headings(mereshire):
    book = load_workbook(BytesIO(small_workbook([body()])))
    del book["Other Primary Care"]
    out = BytesIO()
    book.save(out)
    found = nearest_of(mereshire.send(out.getvalue(), name="a.xlsx"))
    assert found is not None
    said = "No sheet has headings like “ICB24”, “Integrated Care Board”, “2024/25 Recurrent allocation £k”"
    assert said in " ".join(found["differences"])


def test_a_file_with_most_of_our_headings_is_judged_as_the_blank_template_and_another_waits(mereshire):
    assert codes(mereshire.send("organisation,stream,basis,money\n", name="a.csv")) == [
        "MISSING_HEADER", "MISSING_HEADER", "UNKNOWN_HEADER",
    ]  # fmt: skip
    # Codes and names alone are no sign of a layout; its title is.
    assert nearest_of(mereshire.send("ONS Code,Local authority,apples\n", name="b.csv")) is None
    titled = "Revenue Account Budget (RA) 2026-27\nONS Code,Local authority,apples\n"
    found = nearest_of(mereshire.send(titled, name="c.csv"))
    assert found is not None
    assert found["key"] == "dluhc-revenue-account"
