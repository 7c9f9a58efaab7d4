"""Files that do not say which year they are for: the sender states it, and a file that says another year is refused."""

from __future__ import annotations

import pytest

from budgets.models import StagedAllocation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.asking.actions import choose_layout
from pooledcare.uploads.models import LayoutQuestion, UploadProblem
from tests import factories
from tests.uploads.sending import HEADINGS, Desk, codes, worked

pytestmark = pytest.mark.django_db

OUTTURN = "Worksheet 2: Revenue Outturn (RO) {}: Service Expenditure Summary (RSX) data,,,"
RSX = (
    '{}\nONS Code,Local authority,Class,"Adult Social Care - Net Current Expenditure"\nE10000099,Mereshire,SC,"1,250"\n'
)
HEADED = f"{HEADINGS}\n{{}},QXM,nhs-core,allocation,1000.00,recurrent,\n"
WITHOUT = HEADED.replace("financial_year,", "").replace("{},", "")


@pytest.fixture
def department(db) -> Desk:
    factories.stream(code="adult-social-care", holder_kinds=["county"])
    factories.organisation(code="E10000099", name="Mereshire", kind="county")
    return Desk(factories.mhclg(), ("publisher",))


@pytest.fixture
def board(db) -> Desk:
    factories.stream(code="nhs-core")
    return Desk(factories.organisation(code="QXM", name="NHS Mereshire Integrated Care Board"))


def years_of(upload) -> set[int]:
    return set(StagedAllocation.objects.filter(upload_id=upload.pk).values_list("financial_year", flat=True))


@pytest.mark.parametrize(
    "year", ["2021-22", "2021-22 Final", "2021-22 **Final**", "2021-22 Provisional", "2021-22 revised"]
)
def test_a_title_says_its_year_also_if_it_is_final(department, year):
    upload = department.send(RSX.format(OUTTURN.format(year)))
    assert (upload.state, upload.profile, years_of(upload)) == (
        "awaiting_second_person", "dluhc-revenue-outturn", {2021},
    )  # fmt: skip


def test_where_only_the_year_is_missing_it_is_asked_for_and_stated(department):
    content = RSX.format("Data by authority,,,")
    upload = department.send(content)
    question = LayoutQuestion.objects.get(upload=upload)
    assert (upload.state, question.asked, question.fitting) == ("needs_layout", "year", ["dluhc-revenue-outturn"])
    layout = question.fitting[0]
    answered = choose_layout(upload=upload, layout=layout, financial_year="2021/22", by=department.officer)
    read = worked(answered)
    assert (read.state, read.financial_year, years_of(read)) == ("awaiting_second_person", "2021-22", {2021})


def test_a_year_that_is_stated_with_the_file_is_not_asked_for(department):
    sent = department.send(RSX.format("Data by authority,,,"), financial_year="2021/22")
    assert (sent.state, sent.financial_year, years_of(sent)) == ("awaiting_second_person", "2021-22", {2021})


def test_a_file_without_its_title_rows_is_read_for_the_year_stated(department):
    content = RSX.format("").lstrip()
    assert years_of(department.send(content, financial_year="2021-22")) == {2021}


@pytest.mark.parametrize(("stated", "found"), [("2021-22", []), ("2022-23", ["OTHER_YEAR"]), ("", [])])
def test_a_file_that_says_another_year_than_its_sender_is_refused_with_both_named(department, stated, found):
    upload = department.send(RSX.format(OUTTURN.format("2021-22")), financial_year=stated)
    assert codes(upload) == found
    if found:
        (problem,) = UploadProblem.objects.filter(upload=upload)
        assert problem.message == "The file says 2021-22, but the financial year 2022-23 was stated with it"
        assert (problem.row, problem.column, problem.value) == (2, "D", "2021-22")
        assert not years_of(upload)


def test_a_file_with_our_headings_and_no_column_of_years_is_for_the_year_stated(board):
    upload = board.send(WITHOUT)
    (problem,) = UploadProblem.objects.filter(upload=upload)
    assert (problem.code, problem.fix) == (
        "MISSING_HEADER",
        "Add a column with the heading financial_year. Or state the financial year when you send the file.",
    )
    assert years_of(board.send(WITHOUT, financial_year="2024-25")) == {2024}


def test_a_row_of_another_year_than_the_one_stated_is_named(board):
    assert codes(board.send(HEADED.format("2024/25"), financial_year="2024-25")) == []
    upload = board.send(HEADED.format("2023/24"), financial_year="2024-25")
    (problem,) = UploadProblem.objects.filter(upload=upload)
    assert (problem.code, problem.row, problem.value) == ("OTHER_YEAR", 2, "2023-24")
    # What is no year at all is a problem of its cell, as always.
    assert codes(board.send(HEADED.format("2024"), financial_year="2024-25")) == ["AMBIGUOUS_FY"]
    assert codes(board.send(HEADED.format(""), financial_year="2024-25")) == ["REQUIRED"]


@pytest.mark.parametrize(
    ("year", "code"), [("2024", "AMBIGUOUS_FY"), ("2024-26", "BAD_FY"), ("1998-99", "FY_OUT_OF_RANGE")]
)
def test_what_is_no_year_cannot_be_stated(board, year, code):
    with pytest.raises(Refused) as refused:
        board.receive(WITHOUT, financial_year=year)
    (problem,) = refused.value.problems
    assert (problem.code, problem.where.field) == (code, "financial_year")


def test_no_year_is_stated_with_a_file_whose_rows_say_their_dates(board):
    with pytest.raises(Refused) as refused:
        Desk(board.organisation, ("governance_lead",)).receive(
            "a", kind="agreements", published_on=None, financial_year="2024-25"
        )
    assert refused.value.code == "YEAR_NOT_USED"
