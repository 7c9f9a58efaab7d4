"""The story of the world in lists, searches and proposals, and what lists cost."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from bench.agreeing import write_agreements
from partnerships import models
from partnerships.changing.agreement import refresh_summaries
from partnerships.models import (
    Agreement,
    AgreementSummary,
    Deed,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from pooledcare.directory.models import Place
from tests import factories
from tests.budgets.public import printed, printed_tables
from tests.costs import cost
from tests.partnerships.reading_agreements import PROPOSED, dental, listed, logged_in
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

VARIED = dt.date(2025, 4, 1)
LISTS = ("/agreements/", "/agreements/download/?format=csv", PROPOSED, "/search/?q=mere")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"place": "mereshire"}, True),
        ({"partner": "QMS"}, True),
        ({"host": "QMS"}, True),
        ({"function": "nhs-s3"}, True),
        ({"flexibility": "pooled_fund"}, True),
        ({"flexibility": "nhs_exercises_council_functions"}, False),
        ({"power": "s75"}, True),
        ({"power": "s31"}, False),
        ({"status": "in_operation"}, True),
        ({"status": "draft"}, False),
        ({"findings": "unlawful"}, True),
        ({"findings": "not_settled"}, True),
        ({"findings": "lawful"}, False),
        ({"unsigned": "1"}, False),
        ({"q": "OLDER people"}, True),
        ({"q": "s75-"}, False),
        ({"q": "younger"}, False),
    ],
)
def test_the_list_can_be_narrowed(client, asked, found: bool, told: World):
    assert told.story
    assert (len(listed(client, **asked)) == 1) is found


def test_a_policy_officer_sees_which_findings_of_which_agreements_a_proposal_changes(client, told: World):
    story = told.story
    dental(told)
    factories.signed_agreement(is_published=True)
    officer = logged_in(factories.member(organisation=factories.organisation(), roles=["policy_officer"]))
    page = officer.get(PROPOSED)
    assert "1 agreement is affected; 1 would be judged differently." in printed(page)
    (_, row) = printed_tables(page)[f"What changes in {story.reference}"]
    assert row[1::2] == ["Unlawful", "Lawful"]
    assert client.get(PROPOSED).status_code == 302
    assert officer.get("/agreements/proposals/").status_code == 200
    assert officer.get("/agreements/proposals/?with=nonsense").status_code == 400


@pytest.mark.parametrize("text", ["older people", "diagnostics nearer", "Mereshire County", "E10000999"])
def test_search_finds_agreements_by_title_scheme_and_partner(client, text: str, told: World):
    story = told.story
    assert story.reference in printed(client.get("/search/", {"q": text}))


@pytest.mark.slow
def test_lists_cost_the_same_queries_for_three_agreements_and_for_three_hundred(told: World):
    dental(told)
    reader = logged_in(factories.member(organisation=told.icb.organisation, roles=["viewer"]))
    for _ in range(2):
        another(told)
    few = {address: cost(reader, address) for address in LISTS}
    functions = {each.code: each for each in models.Function.objects.all()}
    partners = (told.council.organisation, told.icb.organisation)
    made = write_agreements(models, [partners] * 297, functions, random.Random(300))
    here = Place.objects.get(slug="mereshire")
    models.AgreementPlace.objects.bulk_create(models.AgreementPlace(agreement=each, place=here) for each in made)
    refresh_summaries(made)
    assert AgreementSummary.objects.filter(audience="partners").count() == 300
    assert {address: cost(reader, address) for address in LISTS} == few
    assert max(few.values()) < 30


def another(told: World) -> Agreement:
    """One more that every list shows: with dental services, for the place."""
    board = told.icb.organisation
    made = factories.signed_agreement(
        partners=[board, factories.council()], is_published=True, title="Mere", places=[factories.place()]
    )
    deed = Deed.objects.create(agreement=made, number=1, kind="variation", effective_on=VARIED)
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug="dental"), name="Dental"
    )
    SchemeFunction.objects.create(terms=terms, function=factories.function("primary-dental"), holder=board)
    refresh_summaries([made])
    return made
