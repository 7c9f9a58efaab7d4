"""A code whose day of change no source gives, by small rows: which years are read, asked about or refused."""

from __future__ import annotations

import datetime as dt

import pytest

from pooledcare.directory.models import OrganisationCode
from pooledcare.uploads.models import UploadProblem
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def desk() -> Desk:
    """A list of March 2014 shows the first code, one of April 2018 the second; nobody says when it changed."""
    publisher = factories.organisation(name="NHS England", kind="nhs_england", code="X24")
    factories.stream(code="nhs-core", name="Core services", first_year=2000, holder_kinds=["icb"])
    body = factories.organisation(name="NHS Mereshire ICB", code="QXM", opened=None)
    OrganisationCode.objects.filter(organisation=body).delete()
    for code, start, dated in (("OLD", D(2010, 4, 1), D(2014, 3, 1)), ("NEW", None, D(2018, 4, 1))):
        OrganisationCode.objects.create(
            organisation=body, scheme="ods", code=code, valid_from=start, source=factories.source(dated=dated)
        )
    return Desk(publisher, ("publisher",))


def told(desk: Desk, content: str) -> dict[int, UploadProblem]:
    """The problem of each row of the file."""
    upload = desk.send(content)
    return {problem.row: problem for problem in UploadProblem.objects.filter(upload=upload)}


def lines(*pairs: tuple[str, str]) -> str:
    return rows(*(f"{year},{code},nhs-core,allocation,1.00,," for year, code in pairs))


@pytest.mark.parametrize(
    ("code", "year", "problem"),
    [
        ("OLD", "2009-10", "CODE_NOT_YET"),
        ("OLD", "2010-11", None),
        ("OLD", "2013-14", None),
        ("OLD", "2014-15", "W_CODE_DAY"),
        ("OLD", "2017-18", "W_CODE_DAY"),
        ("OLD", "2018-19", "CODE_ENDED"),
        ("NEW", "2012-13", "CODE_NOT_YET"),
        ("NEW", "2013-14", "W_CODE_DAY"),
        ("NEW", "2017-18", "W_CODE_DAY"),
        ("NEW", "2018-19", None),
        ("NEW", "2024-25", None),
    ],
)
def test_a_year_is_sure_asked_about_or_refused(desk, code, year, problem):
    assert [each.code for each in told(desk, lines((year, code))).values()] == ([problem] if problem else [])


def test_each_year_of_a_file_is_judged_by_itself(desk):
    years = ["2013-14", "2014-15", "2015-16", "2018-19"]
    found = told(desk, lines(*((year, "NEW") for year in years)))
    assert {row: each.code for row, each in found.items()} == {2: "W_CODE_DAY", 3: "W_CODE_DAY", 4: "W_CODE_DAY"}


def test_a_code_that_was_somebody_else_s_before_is_asked_about_too(desk):
    """Two holders of one code: the years of each are looked at one by one."""
    earlier = factories.organisation(name="NHS Former ICB", code="5E9")
    OrganisationCode.objects.create(
        organisation=earlier, scheme="gss", code="NEW", valid_from=D(2005, 4, 1), valid_to=D(2012, 3, 31)
    )
    years = ["2011-12", "2012-13", "2013-14", "2018-19"]
    found = told(desk, lines(*((year, "NEW") for year in years)))
    assert {row: each.code for row, each in found.items()} == {3: "CODE_ENDED", 4: "W_CODE_DAY"}
    assert "NHS Mereshire ICB" in found[4].message
