"""Why nobody had a code on a day: who had it before or after, since when, and what to use instead."""

from __future__ import annotations

import datetime as dt

import pytest

from pooledcare.directory.models import OrganisationCode
from pooledcare.directory.queries.code_days import about_code, is_a_code, nobody_had, successors_in_words
from tests import factories

pytestmark = pytest.mark.django_db
CHANGED = dt.date(2025, 4, 1)
EVE = dt.date(2025, 3, 31)


@pytest.fixture
def recoded():
    """A council whose code changed on 1 April 2025; its E-code did not."""
    council = factories.council(name="Mere Council", code="E08000091", opened=dt.date(1974, 4, 1))
    council.codes.update(valid_to=EVE)
    OrganisationCode.objects.create(organisation=council, scheme="gss", code="E08000092", valid_from=CHANGED)
    OrganisationCode.objects.create(organisation=council, scheme="e_code", code="E0001")
    council.code = "E08000092"
    council.save()
    return council


def test_a_code_that_ended_says_until_when_and_what_follows(recoded, django_assert_num_queries):
    with django_assert_num_queries(2):
        problem = nobody_had("e08000091 ", on=CHANGED)
    assert (problem.code, problem.message, problem.fix) == (
        "CODE_ENDED",
        "Mere Council had the code E08000091 only until 31 March 2025",
        "Its code on 1 April 2025 was E08000092.",
    )


def test_a_code_that_came_later_says_since_when_and_what_was_before(recoded):
    problem = nobody_had("E08000092", on=EVE)
    assert (problem.code, problem.message, problem.fix) == (
        "CODE_NOT_YET",
        "Mere Council has had the code E08000092 only since 1 April 2025",
        "Its code on 31 March 2025 was E08000091.",
    )


def test_a_body_that_ended_says_who_took_over_and_where_parts_of_its_area_went():
    group = factories.organisation(name="Mere CCG", kind="ccg", code="99M", closed=dt.date(2022, 6, 30))
    board, other = (
        factories.organisation(name="Mere ICB", code="QM1"),
        factories.organisation(name="Ald ICB", code="QA1"),
    )
    problem = nobody_had("99M", on=dt.date(2022, 7, 1))
    assert (problem.message, problem.fix) == (
        "Mere CCG had the code 99M and ended on 30 June 2022", "Check the code and the day.",
    )  # fmt: skip
    factories.succession(predecessor=group, successor=board)
    factories.area_transfer(giver=group, receiver=other, area="Glossop")
    factories.area_transfer(giver=group, receiver=other, area="Of another day", effective_on=dt.date(2020, 4, 1))
    problem = nobody_had("99M", on=dt.date(2022, 7, 1))
    assert problem.code == "ORG_CLOSED"
    assert problem.fix == (
        "Use the code of its successor: Mere ICB (QM1) on 1 July 2022; part of its area, Glossop, passed to that of "
        "Ald ICB (QA1)."
    )
    assert successors_in_words(board.pk) == ""


def test_a_body_that_began_later_says_when_and_who_was_before():
    board = factories.organisation(name="Mere ICB", code="QM1", opened=dt.date(2022, 7, 1))
    problem = nobody_had("QM1", on=dt.date(2022, 6, 30))
    assert (problem.code, problem.message, problem.fix) == (
        "ORG_NOT_OPEN", "Mere ICB (QM1) began only on 1 July 2022", "Check the code and the day.",
    )  # fmt: skip
    factories.succession(predecessor=factories.organisation(name="Mere CCG", code="99M"), successor=board)
    assert nobody_had("QM1", on=dt.date(2022, 6, 30)).fix == "Before it: Mere CCG (99M)."


def test_of_two_holders_the_last_one_before_the_day_is_named():
    for name, first, last in (("B", 2013, 2015), ("A", 2016, 2019), ("C", 2024, 2025)):
        body = factories.organisation(name=name, opened=dt.date(2000, 4, 1))
        OrganisationCode.objects.create(
            organisation=body, scheme="own", code="TWO", valid_from=dt.date(first, 4, 1), valid_to=dt.date(last, 3, 31)
        )
    assert nobody_had("TWO", on=dt.date(2022, 4, 1)).message.startswith("A had the code TWO only until 31 March 2019")
    assert nobody_had("TWO", on=dt.date(2012, 4, 1)).message == "B has had the code TWO only since 1 April 2013"


def test_a_code_of_nobody_is_told_for_what_it_is():
    factories.region(code="Y58", name="South West")
    assert nobody_had("Y58", on=EVE).message == "The code Y58 is that of the region South West, not of an organisation"
    assert nobody_had("QZZ").message == "The code QZZ is in none of our lists of organisations"
    assert not is_a_code("QZZ")


def test_only_what_has_the_form_of_a_code_is_explained(django_assert_num_queries):
    with django_assert_num_queries(1):
        found = about_code(" w06000015")
    assert found is not None
    assert found.code == "ORG_OUTSIDE_ENGLAND"
    assert about_code("Leeds") is None
