"""What becomes of each cell of an allocations file: the hostile cases of codes, years, amounts, text and duplicates.

The identifiers are those of the quality bars §7, so that a case can be found from there.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.models import AuditEvent, OrganisationCode
from pooledcare.uploads.models import UploadProblem
from tests import factories
from tests.uploads.sending import Desk, codes, rows, told

pytestmark = pytest.mark.django_db

MIXED = "Amount, Financial Year ,ORGANISATION,Stream,Basis,note,Recurrence"
GOOD = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"


@pytest.fixture
def desk() -> Desk:
    """NHS England publishes for three boards and a closed group that one of them succeeded."""
    publisher = factories.organisation(name="NHS England", kind="nhs_england", code="X24")
    factories.stream(code="nhs-core", name="Core services", holder_kinds=["icb", "ccg"])
    factories.stream(code="nhs-discharge", name="Discharge", first_year=2022, last_year=2024)
    mereshire = factories.organisation(name="NHS Mereshire ICB", code="QXM", opened=dt.date(2022, 7, 1))
    factories.organisation(name="NHS Fennmouth ICB", code="01E", opened=dt.date(2013, 4, 1))
    factories.organisation(name="NHS Dunholt ICB", code="5E1", opened=dt.date(2013, 4, 1))
    group = factories.organisation(
        name="NHS Mereshire CCG", kind="ccg", code="99M", opened=dt.date(2013, 4, 1), closed=dt.date(2022, 6, 30)
    )
    factories.succession(predecessor=group, successor=mereshire)
    factories.organisation(name="Example NHS Trust", kind="nhs_trust", code="RXX")
    factories.council(name="Mereshire Council", code="E06000001")
    return Desk(publisher, ("publisher",))


def row(**cells: str) -> str:
    values = {
        "financial_year": "2024-25", "organisation": "QXM", "stream": "nhs-core", "basis": "allocation",
        "amount": "1000.00", "recurrence": "recurrent", "note": "",
    } | cells  # fmt: skip
    return ",".join(f'"{text}"' if set(text) & set(',"\n\r') else text for text in values.values())


ONE_WRONG_CELL = [
    # amounts
    ("A03", {"amount": "1,23"}, "AMBIGUOUS_NUMBER", "E"),
    ("A04", {"amount": "1.234,56"}, "AMBIGUOUS_NUMBER", "E"),
    ("A06", {"amount": "1234CR"}, "SIGN_UNCLEAR", "E"),
    ("A07", {"amount": "1.23E+07"}, "SCIENTIFIC", "E"),
    ("A08", {"amount": "NaN"}, "NOT_A_NUMBER", "E"),
    ("A09", {"amount": "Infinity"}, "NOT_A_NUMBER", "E"),
    ("A11", {"amount": "2.675"}, "TOO_MANY_DECIMALS", "E"),
    ("A14", {"amount": "1000000000000.00"}, "TOO_LARGE", "E"),
    ("A15", {"amount": "１２３.４５"}, "NON_ASCII_DIGITS", "E"),
    ("A16", {"amount": "1_000"}, "NOT_A_NUMBER", "E"),
    ("A17", {"amount": "1/2"}, "NOT_A_NUMBER", "E"),
    ("A17 percentage", {"amount": "50%"}, "PERCENTAGE", "E"),
    ("A17 unit", {"amount": "1.5m"}, "UNIT", "E"),
    ("A22 blank", {"amount": ""}, "REQUIRED", "E"),
    ("A22 mark", {"amount": "n/a"}, "REQUIRED", "E"),
    ("A23", {"amount": "#REF!"}, "EXCEL_ERROR", "E"),
    ("A24", {"amount": "=SUM(A1:A9)"}, "FORMULA", "E"),
    ("A25", {"amount": "TRUE"}, "NOT_A_NUMBER", "E"),
    ("A26", {"amount": "$100"}, "CURRENCY", "E"),
    # codes
    ("C01 cut", {"organisation": "1E"}, "UNKNOWN_CODE", "B"),
    ("C01 number", {"organisation": "5.00E+01"}, "UNKNOWN_CODE", "B"),
    ("C02", {"organisation": "NA"}, "UNKNOWN_ORG", "B"),
    ("C03", {"organisation": "QZZ"}, "UNKNOWN_ORG", "B"),
    ("C04", {"organisation": "RXX"}, "WRONG_ORG_TYPE", "B"),
    ("C05", {"organisation": "99M"}, "ORG_CLOSED", "B"),
    ("C06", {"organisation": "QXM", "financial_year": "2019-20"}, "ORG_NOT_OPEN", "B"),
    ("C08", {"organisation": "QХM"}, "NON_ASCII_CODE", "B"),
    ("C12", {"organisation": "Ｅ０６"}, "NON_ASCII_CODE", "B"),
    ("S14 quotes", {"organisation": "“QXM”"}, "NON_ASCII_CODE", "B"),
    ("C15", {"organisation": "E06000001"}, "NOT_PERMITTED", "B"),
    ("C20", {"organisation": "01-Mar"}, "UNKNOWN_CODE", "B"),
    ("C10", {"note": "safe \u202etxt"}, "BIDI_CONTROL", "G"),
    ("C18", {"note": "x" * 4_001}, "FIELD_TOO_LONG", "G"),
    ("F10", {"note": "be\x1bll"}, "CONTROL_CHAR", "G"),
    ("S17", {"organisation": ""}, "REQUIRED", "B"),
    ("stream", {"stream": "nhs-cure"}, "UNKNOWN_STREAM", "C"),
    ("stream year", {"stream": "nhs-discharge", "financial_year": "2025-26"}, "STREAM_NOT_IN_YEAR", "A"),
    ("basis", {"basis": "guess"}, "NOT_IN_LIST", "D"),
    ("recurrence", {"recurrence": "sometimes"}, "NOT_IN_LIST", "F"),
    # years
    ("F41 short", {"financial_year": "15-16"}, "AMBIGUOUS_FY", "A"),
    ("F41 one", {"financial_year": "2015"}, "AMBIGUOUS_FY", "A"),
    ("F42 gap", {"financial_year": "2015-17"}, "BAD_FY", "A"),
    ("F42 back", {"financial_year": "2016-15"}, "BAD_FY", "A"),
    ("F42 cut", {"financial_year": "2015-6"}, "BAD_FY", "A"),
    ("F43", {"financial_year": "Nov-10"}, "BAD_FY", "A"),
    ("D10", {"financial_year": "1999-00"}, "FY_OUT_OF_RANGE", "A"),
    ("D11", {"financial_year": "２０２４-25"}, "BAD_FY", "A"),
    # totals
    ("S11", {"organisation": "Total", "amount": "123"}, "LOOKS_LIKE_TOTAL", "B"),
    ("S12", {"organisation": "Subtotal North"}, "LOOKS_LIKE_TOTAL", "B"),
]


@pytest.mark.parametrize(("case", "cells", "code", "column"), ONE_WRONG_CELL, ids=[case[0] for case in ONE_WRONG_CELL])
def test_a_wrong_cell_refuses_the_file_with_its_place(desk, case, cells, code, column):
    upload = desk.send(rows(GOOD, row(**cells)))
    assert (upload.state, told(upload)) == ("refused", [(code, 3, column)])
    assert Allocation.objects.count() == 0
    assert StagedAllocation.objects.count() == 0


TIDIED = [
    ("A01", {"amount": "£1,234.56"}, "1234.56"),
    ("A02", {"amount": "1,234.56"}, "1234.56"),
    ("A05", {"amount": "(£1,234.00)"}, "-1234.00"),
    ("A10", {"amount": "-0.00"}, "0.00"),
    ("A12", {"amount": "10.500"}, "10.50"),
    ("A13", {"amount": "999999999999.99"}, "999999999999.99"),
    ("A18", {"amount": "−5"}, "-5.00"),
    ("A19", {"amount": "12\u200b"}, "12.00"),
    ("A20", {"amount": "+5"}, "5.00"),
    ("A21", {"amount": "1 234.56"}, "1234.56"),
    ("C07", {"organisation": "qxm"}, "1000.00"),
    ("C09", {"organisation": "Q\u200bXM"}, "1000.00"),
    ("C14", {"organisation": "QXM\n"}, "1000.00"),
    ("C11", {"note": "cafe\u0301"}, "1000.00"),
    ("C16", {"note": "=cmd|' /C calc'!A0"}, "1000.00"),
    ("C17", {"note": "<script>{{7*7}}</script>"}, "1000.00"),
    ("F41 slash", {"financial_year": "2024/25"}, "1000.00"),
    ("F41 long", {"financial_year": "2024-2025"}, "1000.00"),
    ("F41 dash", {"financial_year": "2024–25"}, "1000.00"),
    ("F41 FY", {"financial_year": "FY2024-25"}, "1000.00"),
    ("S15", {"stream": " nhs-core\u00a0"}, "1000.00"),
    ("words", {"basis": "Allocation", "recurrence": "Non-recurrent"}, "1000.00"),
]


@pytest.mark.parametrize(("case", "cells", "amount"), TIDIED, ids=[case[0] for case in TIDIED])
def test_a_cell_is_tidied_and_the_preview_says_so(desk, case, cells, amount):
    upload = desk.send(rows(row(**cells)))
    assert codes(upload) == []
    staged = StagedAllocation.objects.get(upload_id=upload.pk)
    assert (staged.amount, staged.organisation.code, staged.financial_year) == (Decimal(amount), "QXM", 2024)
    plain = case in ("A13", "C16", "C17")
    assert bool(upload.notices) is not plain, upload.notices


def test_text_is_kept_as_it_was_written_and_composed(desk):
    desk.send(
        rows(
            row(note="cafe\u0301 “so”"),
            row(note="two\nlines", organisation="01E"),
            row(note="'=1+1", organisation="5E1"),
        )
    )
    assert list(StagedAllocation.objects.values_list("note", flat=True)) == ["café “so”", "two lines", "=1+1"]


def test_a_mangled_code_suggests_the_only_one_it_can_have_been(desk):
    upload = desk.send(rows(row(organisation="1E"), row(organisation="50"), row(organisation="01-Mar")))
    fixes = list(UploadProblem.objects.filter(upload=upload).order_by("row").values_list("fix", flat=True))
    assert fixes[0].startswith("Did you mean 01E?")
    assert fixes[1].startswith("Did you mean 5E1?")
    assert fixes[2].startswith("Excel may have changed this to a date.")


def test_a_closed_body_names_its_successor_and_the_day(desk):
    upload = desk.send(rows(row(organisation="99M")))
    problem = UploadProblem.objects.get(upload=upload)
    assert problem.message == "NHS Mereshire CCG closed on 30 June 2022, before 2024-25"
    assert problem.fix == "Use the code of its successor: NHS Mereshire ICB (QXM) on 1 July 2022."


def test_in_the_year_of_a_succession_both_bodies_may_hold_money(desk):
    upload = desk.send(rows(row(organisation="99M", financial_year="2022-23"), row(financial_year="2022-23")))
    assert codes(upload) == []


def test_the_year_decides_which_body_a_code_means(desk):
    younger = factories.organisation(name="Successor of the code", code="QYY", opened=dt.date(2023, 4, 1))
    OrganisationCode.objects.create(organisation=younger, scheme="ods", code="99M", valid_from=dt.date(2023, 4, 1))
    upload = desk.send(rows(row(organisation="99M", financial_year="2020-21"), row(organisation="99M")))
    assert codes(upload) == []
    staged = StagedAllocation.objects.filter(upload_id=upload.pk)
    assert [one.organisation.name for one in staged] == ["NHS Mereshire CCG", "Successor of the code"]


def test_a_code_that_ended_names_the_one_that_took_its_place(desk):
    board = factories.organisation(name="NHS Newcode ICB", code="QNN", opened=dt.date(2013, 4, 1))
    OrganisationCode.objects.create(
        organisation=board, scheme="ods", code="QOO", valid_from=dt.date(2013, 4, 1), valid_to=dt.date(2020, 3, 31)
    )
    upload = desk.send(rows(row(organisation="QOO")))
    problem = UploadProblem.objects.get(upload=upload)
    assert (problem.code, problem.fix) == ("CODE_ENDED", "Its code was then QNN.")


def test_a_row_without_organisation_that_adds_up_the_others_is_a_total(desk):
    upload = desk.send(rows(GOOD, row(organisation="01E", amount="500.25"), row(organisation="", amount="1500.25")))
    assert told(upload) == [("LOOKS_LIKE_TOTAL", 4, "B")]


def test_of_a_total_nothing_else_is_said(desk):
    upload = desk.send(rows(GOOD, "Grand total,,,,5,,"))
    assert codes(upload) == ["LOOKS_LIKE_TOTAL"]


def test_every_problem_of_a_row_is_told_at_once(desk):
    upload = desk.send(rows(row(financial_year="2015", organisation="QZZ", stream="x", basis="y", amount="z")))
    assert sorted(codes(upload)) == ["AMBIGUOUS_FY", "NOT_A_NUMBER", "NOT_IN_LIST", "UNKNOWN_ORG", "UNKNOWN_STREAM"]
    assert (upload.rows_read, upload.rows_staged, upload.problem_count) == (1, 0, 5)


def test_b01_the_same_row_twice_names_both_lines(desk):
    upload = desk.send(rows(GOOD, row(organisation="01E"), GOOD))
    problem = UploadProblem.objects.get(upload=upload)
    assert (problem.code, problem.row, problem.value) == ("DUPLICATE_IN_FILE", 4, "1000.00, also in row 2")


def test_b02_the_same_figure_with_two_amounts_is_a_conflict(desk):
    upload = desk.send(rows(GOOD, row(amount="1000.01")))
    problem = UploadProblem.objects.get(upload=upload)
    assert (problem.code, problem.row, problem.value) == ("CONFLICT_IN_FILE", 3, "1000.01, also in row 2")


def test_c21_spellings_of_one_code_are_one_figure(desk):
    upload = desk.send(rows(GOOD, row(organisation="qxm ")))
    assert codes(upload) == ["DUPLICATE_IN_FILE"]


def test_an_attempt_to_submit_for_others_is_in_the_audit_trail(desk):
    upload = desk.send(rows(row(organisation="E06000001")))
    event = AuditEvent.objects.get(action="upload.not_permitted")
    assert event.subject == f"upload:{upload.reference}"
    assert "1 rows" in event.sentence


def test_a_board_speaks_for_itself_only(desk):
    own = Desk(OrganisationCode.objects.get(code="QXM").organisation)
    upload = own.send(rows(GOOD, row(organisation="01E")))
    assert told(upload) == [("NOT_PERMITTED", 3, "B")]


@pytest.mark.parametrize("scale", [1_000, Decimal("0.001")])
def test_a27_figures_in_thousands_are_warned_of_with_the_ratio(desk, scale):
    desk.put(rows(row(amount="5000000.00"), row(organisation="01E", amount="7000000.00")))
    upload = desk.send(rows(row(amount=str(5_000_000 * scale)), row(organisation="01E", amount=str(7_000_000 * scale))))
    problem = UploadProblem.objects.get(upload=upload)
    assert (problem.code, problem.severity, upload.state) == ("W_SCALE", "warning", "awaiting_second_person")
    assert "1,000" in problem.message


def test_a28_a_million_pennies_are_exactly_ten_thousand_pounds(desk):
    names = [f"Y{number:03d}" for number in range(100)]
    for name in names:
        factories.organisation(code=name)
    upload = desk.put(rows(*(row(organisation=name, amount="0.01") for name in names)))
    assert upload.preview["streams"][0]["after"] == "1.00"


def test_headings_may_vary_in_case_space_and_order(desk):
    upload = desk.send(rows("1000.00,2024-25,QXM,nhs-core,allocation,,recurrent", headings=MIXED))
    assert (upload.state, upload.counts["new"]) == ("awaiting_second_person", 1)


def test_a_file_with_ten_thousand_bad_rows_is_reported_completely(desk):
    bad = [row(organisation=f"BAD{number}", amount="x") for number in range(2_000)]
    upload = desk.send(rows(*bad))
    assert upload.problem_count == 4_000
    assert UploadProblem.objects.filter(upload=upload).values("message").distinct().count() == 2


@pytest.mark.parametrize(
    ("included", "also"),
    [([], ""), (["district"], " Figures are also accepted of: District council.")],
)
def test_who_holds_a_stream_and_whose_figures_are_also_accepted_is_said(desk, included, also):
    factories.stream(code="example", name="Example", holder_kinds=["icb"], included_kinds=included)
    upload = desk.send(rows(row(stream="example", organisation="RXX")))
    asked = UploadProblem.objects.get(upload=upload)
    assert (asked.code, asked.fix) == ("WRONG_ORG_TYPE", f"Example is held by: Integrated care board.{also}")
