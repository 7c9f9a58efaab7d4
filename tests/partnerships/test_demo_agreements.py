"""The illustrative agreements of the demonstration tell the story that they promise, and exist once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from partnerships.demo.loading import make_demo_agreements
from partnerships.models import Agreement, AgreementSummary
from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import law_in_force
from partnerships.reference.law_loading import load_law
from partnerships.reference.past_agreements import load_past_agreements
from partnerships.rules.agreements import content_as_at, findings_of
from partnerships.terms import Audience, Outcome
from pooledcare.directory.demo import make_demo_people
from pooledcare.directory.models import Organisation, User
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Agreement]]:
    """Made once for all questions, and taken back afterwards."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        yield _made()
        transaction.set_rollback(True)


@pytest.fixture
def stories(demo: dict[str, Agreement], settings: Any) -> dict[str, Agreement]:
    settings.DEMO = True
    return demo


def _made() -> dict[str, Agreement]:
    load_law()
    for code, kind in (
        ("X24", "nhs_england"),
        ("MHCLG", "government_department"),
        ("QSL", "icb"),
        ("E06000066", "unitary"),
    ):
        factories.organisation(code=code, kind=kind)
    make_demo_people()
    return {_title(each): each for each in make_demo_agreements()}


def _title(agreement: Agreement) -> str:
    return AgreementSummary.objects.get(agreement=agreement, audience=Audience.PARTNERS).title


def _unlawful(agreement: Agreement) -> list[str]:
    found = findings_of(record_of(agreement), law_in_force())
    return [each.about for each in found if each.outcome == Outcome.UNLAWFUL]


def test_there_are_nineteen_and_a_second_load_makes_no_more(stories):
    assert len(stories) == 19
    assert len(make_demo_agreements()) == 19
    assert Agreement.objects.count() == 19
    assert Agreement.objects.filter(is_illustrative=False).count() == 0


def test_every_body_and_place_in_them_is_invented_but_nhs_england(stories):
    real = Organisation.objects.filter(
        pk__in={pk for summary in AgreementSummary.objects.all() for pk in summary.partner_ids}, illustrative=False
    )
    assert [body.code for body in real] == ["X24"]


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (dt.date(2013, 3, 31), ["Z0L1", "Z0P1"]),
        (dt.date(2013, 4, 1), ["Z0C1", "Z0L1"]),
        (dt.date(2016, 4, 1), ["X24", "Z0C1", "Z0L1"]),
        (dt.date(2022, 7, 1), ["X24", "Z0B1", "Z0L1"]),
    ],
)
def test_the_arrangement_of_2012_is_carried_from_trust_to_group_to_board(stories, day, codes):
    content = content_as_at(record_of(stories["Mereshire integrated health and care agreement"]), day)
    assert content is not None
    assert sorted(partner.body.code for partner in content.partners) == codes


def test_general_practice_is_pooled_lawfully_from_april_2016(stories):
    agreement = stories["Mereshire integrated health and care agreement"]
    found = findings_of(record_of(agreement), law_in_force())
    about = {each.on: each.outcome for each in found if each.about == "function:primary-medical"}
    assert about[dt.date(2016, 4, 1)] == Outcome.LAWFUL
    assert _unlawful(agreement) == []


def test_endoscopy_is_refused_and_charging_lacks_its_service(stories):
    assert _unlawful(stories["Mereshire planned care closer to home"]) == ["exclusion:nhs-s3:endoscopy"]
    assert _unlawful(stories["Mereshire care charging team"]) == ["companion:charging-care-act"]


def test_the_trusts_contribution_waits_for_its_commissioner(stories):
    assert _unlawful(stories["Mereshire therapies"]) == ["consent:Z0T1"]


def test_one_approval_is_outstanding_and_one_agreement_operates_unsigned(stories):
    waiting = stories["Mereshire carers’ support"]
    assert [each.organisation.code for each in waiting.deeds.get().approvals.all()] == ["Z0L1"]
    assert waiting.state == "draft"
    unsigned = stories["Mereshire hospital discharge"]
    unsigned.refresh_from_db()
    assert unsigned.is_operating_unsigned
    assert "term:in_writing" in _unlawful(unsigned)


def test_one_scheme_is_unlawful_today_and_would_be_lawful_by_what_was_proposed_in_2015(stories):
    agreement = stories["Mereshire mouth care for older people"]
    assert _unlawful(agreement) == ["function:primary-dental"]
    client = Client()
    factories.log_in(client, User.objects.get(email__startswith="vic@"))
    page = client.get("/agreements/proposals/?with=dental-ophthalmic-pharmaceutical-2015").content.decode()
    assert "1 agreement is affected; 1 would be judged differently." in page
    assert f"/agreements/{agreement.reference}/" in page


def test_the_neighbours_are_lawful_and_eleven_of_them_public(stories):
    neighbours = [each for title, each in stories.items() if not title.startswith("Mereshire") or "homes" in title]
    assert len(neighbours) == 12
    for each in neighbours:
        assert _unlawful(each) == []
    public = AgreementSummary.objects.filter(audience=Audience.PUBLIC, agreement__in=neighbours)
    assert public.count() == 11


def test_blackburn_with_darwen_is_recorded_once_with_its_source():
    load_law()
    factories.organisation(code="TAP", kind="pct", closed=dt.date(2013, 3, 31))
    factories.organisation(code="E06000008", kind="unitary")
    recorded = list(load_past_agreements())
    agreement = Agreement.objects.get(source__isnull=False)
    name = "Blackburn with Darwen Care Trust Plus"
    assert recorded == [f"{name}: recorded as {agreement.reference}."]
    assert list(load_past_agreements()) == [f"{name}: unchanged, {agreement.reference}."]
    deed, start = agreement.deeds.get(), dt.date(2010, 4, 1)
    assert (agreement.power, agreement.operating_since, agreement.prepared_by.code) == ("s77", start, "E06000008")
    assert (deed.effective_on, deed.signed_on, deed.published_on is None) == (start, start, False)
    assert deed.summary.startswith("Approved in February 2010.")
    partners = agreement.partners.order_by("pk").values_list("organisation__code", flat=True)
    assert list(partners) == ["E06000008", "TAP"]
    ended = agreement.occurrences.get()
    assert (ended.kind, ended.happened_on, ended.ends_agreement, ended.evidence, ended.actor) == (
        "abolition", dt.date(2013, 3, 31), True, "The primary care trust was abolished on 31 March 2013.",
        "system:reference",
    )  # fmt: skip
    assert agreement.source.publisher.startswith("Community Care")
    assert (agreement.state, agreement.ended_on, agreement.is_integrated) == ("ended", dt.date(2013, 3, 31), True)
    assert agreement.occurrences.get().breaks_principle
    assert (
        AgreementSummary.objects.get(agreement=agreement, audience=Audience.PUBLIC).title
        == "Blackburn with Darwen Care Trust Plus"
    )


def test_every_agreement_is_checked_anew_when_the_law_has_changed(stories):
    AgreementSummary.objects.update(unlawful_count=99)
    out = StringIO()
    call_command("check_agreements", stdout=out)
    assert out.getvalue() == f"{Agreement.objects.count()} agreements were checked.\n"
    assert not AgreementSummary.objects.filter(unlawful_count=99).exists()
