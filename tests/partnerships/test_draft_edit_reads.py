"""How often an edit of a draft reads its agreement: once before and once after, and its summary is right all the same.

The numbers of queries are held too: one that grows says which action has begun to read something again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.actions.drafting import add_partner, edit_deed, save_pool, save_scheme, start_agreement, write_clause
from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, AgreementSummary, Deed
from partnerships.queries.agreements.record_statements import DEEDS
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]

FIRST_LINE_OF_A_READ = DEEDS.split("where")[0].strip()  # one of the twelve statements that read a record


@pytest.fixture
def icb():
    return factories.organisation(kind="icb", name="NHS Example Integrated Care Board")


@pytest.fixture
def lead(icb):
    return factories.actor(factories.member(organisation=icb, roles=["governance_lead"]))


@pytest.fixture
def deed(icb) -> Deed:
    return factories.open_deed(factories.agreement(partners=[icb, factories.council(name="Example Council")]))


def approved(deed: Deed) -> Deed:
    deed.state = "approved"
    deed.save()
    if deed.number == 0:
        Agreement.objects.filter(pk=deed.agreement_id).update(state="approved")
    return Deed.objects.get(pk=deed.pk)


def edits(deed: Deed, by) -> dict[str, Callable[[], object]]:
    joining = factories.council(name="Joining Council")
    return {
        "save_scheme": partial(save_scheme, deed=deed, values={"name": "Home from hospital"}, by=by),
        "save_pool": partial(save_pool, deed=deed, values={"name": "Equipment fund"}, by=by),
        "edit_deed": partial(edit_deed, deed=deed, changes={"title": "Another title"}, by=by),
        "add_partner": partial(add_partner, deed=deed, organisation=joining, by=by),
        "write_clause": partial(write_clause, deed=deed, kind="aims", text="Fewer people in hospital.", by=by),
    }


def statements_of(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"].strip() for query in captured.captured_queries]


def reads_in(statements: list[str]) -> int:
    return sum(statement.startswith(FIRST_LINE_OF_A_READ) for statement in statements)


@pytest.mark.parametrize(
    ("name", "queries"),
    [("save_scheme", 68), ("save_pool", 68), ("edit_deed", 56), ("add_partner", 57), ("write_clause", 61)],
)
def test_an_edit_reads_its_agreement_twice(name, queries, deed, lead):
    statements = statements_of(edits(deed, lead)[name])
    assert reads_in(statements) == 2
    assert len(statements) == queries


def test_an_edit_that_says_nothing_new_reads_its_agreement_twice_too(deed, lead):
    save_pool(deed=deed, values={"name": "Equipment fund"}, by=lead)
    again = partial(save_pool, deed=deed, slug="equipment-fund", values={"name": "Equipment fund"}, by=lead)
    assert reads_in(statements_of(again)) == 2


def test_beginning_an_agreement_reads_it_once(icb, lead):
    begin = partial(start_agreement, organisation=icb, power="s75", title="Begun", by=lead)
    assert reads_in(statements_of(begin)) == 1


@pytest.mark.parametrize("name", ["save_scheme", "save_pool", "edit_deed", "add_partner", "write_clause"])
@pytest.mark.parametrize("number", [0, 1])
def test_the_summary_after_an_edit_is_the_one_that_a_new_reading_gives(name, number, deed, icb, lead):
    """The edit of something approved makes it a draft again, which the record read before that does not say itself."""
    if number:
        signed = factories.signed_agreement(partners=[icb, factories.council()], is_published=True)
        later = dt.date(2027, 4, 1)
        deed = Deed.objects.create(agreement=signed, number=1, kind="variation", effective_on=later)
    edited = approved(deed)
    refresh_summaries([edited.agreement])
    edits(edited, lead)[name]()
    agreement = Agreement.objects.get(pk=deed.agreement_id)
    kept = AgreementSummary.objects.filter(agreement=agreement)
    assert {summary.state for summary in kept} == {agreement.state}
    assert Deed.objects.get(pk=deed.pk).state == "draft"
    assert refresh_summaries([agreement]) == {}
