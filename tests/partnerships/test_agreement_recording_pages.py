"""The pages on which conditions, decisions, boards, papers, notices and events of an agreement are recorded."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from partnerships.models import Agreement, Board, Decision, Document, Notice, Occurrence, Partner, TrustConsent
from partnerships.queries.agreements.drafts import current_notice_rows
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships.editing_pages import address, day, is_saved, send
from tests.partnerships.papers import PDF

pytestmark = pytest.mark.slow
SPRING = dt.date(2024, 3, 14)


def test_a_condition_is_recorded_with_its_evidence(lead: Client, agreement: Agreement):
    url = address(agreement, "precondition-record")
    refused = send(lead, url, kind="plan_fit", is_met="no")
    assert "Enter evidence" in refused.content.decode()
    answer = send(lead, url, kind="plan_fit", is_met="no", evidence="Letter of May")
    assert is_saved(answer, address(agreement, "agreement-governance"))
    newest = agreement.preconditions.latest("pk")
    assert (newest.kind, newest.is_met, newest.evidence) == ("plan_fit", False, "Letter of May")


def test_a_decision_is_recorded_once_however_often_the_form_is_sent(lead: Client, agreement: Agreement):
    url = address(agreement, "decision-record")
    page = lead.get(url).content.decode()
    typed = {"body": "cabinet", "reference": "Minute 12", **day("decided_on", SPRING), "about_deed": "on"}
    typed["seen"] = page.split('name="seen" value="')[1].split('"')[0]
    answers = [lead.post(url, typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "changed since you opened the page" in answers[1].content.decode()
    decision = Decision.objects.get(agreement=agreement)
    assert decision.deed == factories.open_deed(agreement)


def test_an_address_that_is_none_is_refused(lead: Client, agreement: Agreement):
    typed = {"body": "cabinet", "reference": "Minute 12", "url": "javascript:alert(1)", **day("decided_on", SPRING)}
    answer = send(lead, address(agreement, "decision-record"), **typed)
    assert "Enter a valid URL" in answer.content.decode()
    assert not Decision.objects.exists()


def test_consent_is_asked_for_where_a_trust_is_a_partner(lead: Client, agreement: Agreement, icb: Organisation):
    url = address(agreement, "consent-record")
    assert "No NHS trust is a partner" in lead.get(url).content.decode()
    trust = factories.organisation(kind="nhs_trust")
    send(lead, address(agreement, "partner-add"), organisation=trust.code, contributes="on")
    send(lead, url, trust=trust.code, commissioner=icb.code, evidence="Asked on 1 May")
    consent = TrustConsent.objects.get(agreement=agreement)
    assert (consent.trust, consent.commissioner, consent.consented_on) == (trust, icb, None)


def test_an_impact_assessment_belongs_to_the_open_deed(lead: Client, agreement: Agreement):
    typed = {"text": "Nobody loses a service.", **day("assessed_on", SPRING)}
    assert is_saved(send(lead, address(agreement, "impact-record"), **typed), address(agreement, "draft-detail"))
    assert factories.open_deed(agreement).impact_assessments.get().text == "Nobody loses a service."


# --- boards and papers -----------------------------------------------------------------------------------------------


def test_a_board_has_seats_and_a_quorum_by_partner(
    lead: Client, agreement: Agreement, icb: Organisation, county: Organisation
):
    typed = {"name": "Joint board", "form": "officer_board", "meets": "Monthly"}
    seats = {"post_1": "Director of adults", "whose_1": county.code, "chair_1": "on", "voting_1": "on"}
    seats |= {"post_2": "Place director", "whose_2": icb.code, "deputy_2": "Head of contracts", "voting_2": "on"}
    quorum = {f"quorum_{icb.pk}": "1", f"quorum_{county.pk}": "1"}
    answer = send(lead, address(agreement, "board-add"), **typed, **seats, **quorum)
    assert is_saved(answer, address(agreement, "agreement-governance"))
    board = Board.objects.get(agreement=agreement)
    assert [(seat.post, seat.is_chair, seat.is_voting) for seat in board.seats.all()] == [
        ("Director of adults", True, True),
        ("Place director", False, True),
    ]
    assert dict(board.quorums.values_list("organisation", "least")) == {icb.pk: 1, county.pk: 1}

    # An empty post takes its seat away
    url = address(agreement, "board-change", board.pk)
    send(lead, url, **typed, **seats | {"post_1": ""}, **quorum | {f"quorum_{county.pk}": ""})
    assert [seat.post for seat in board.seats.all()] == ["Place director"]
    send(lead, address(agreement, "board-remove", board.pk))
    assert not Board.objects.exists()


def test_a_seat_acts_for_somebody(lead: Client, agreement: Agreement):
    answer = send(lead, address(agreement, "board-add"), name="Board", form="officer_board", post_1="Chair")
    assert "Select who seat 1 acts for" in answer.content.decode()


def test_a_paper_is_added_retitled_and_removed(lead: Client, agreement: Agreement):
    file = SimpleUploadedFile("minutes.pdf", PDF, "application/pdf")
    home = address(agreement, "agreement-governance")
    answer = send(lead, address(agreement, "document-add"), file=file, kind="decision_paper", title="Minutes")
    assert is_saved(answer, home)
    paper = Document.objects.get(agreement=agreement)
    assert (paper.filename, paper.is_exempt) == ("minutes.pdf", False)
    change = address(agreement, "document-change", paper.pk)
    assert is_saved(send(lead, change, title="Minutes of May", is_exempt="on"), home)
    paper.refresh_from_db()
    assert (paper.title, paper.is_exempt) == ("Minutes of May", True)
    assert is_saved(send(lead, address(agreement, "document-remove", paper.pk)), home)
    assert lead.get(change).status_code == 404


def test_a_paper_of_another_partner_is_theirs_to_change(lead: Client, icb_lead: Client, agreement: Agreement):
    file = SimpleUploadedFile("minutes.pdf", PDF, "application/pdf")
    send(icb_lead, address(agreement, "document-add"), file=file, kind="other", title="Theirs", is_exempt="on")
    paper = Document.objects.get(agreement=agreement)
    answer = send(lead, address(agreement, "document-change", paper.pk), title="Ours")
    assert "only its members may change it" in answer.content.decode()
    assert (
        "only its members may change it" in send(lead, address(agreement, "document-remove", paper.pk)).content.decode()
    )


# --- at work ---------------------------------------------------------------------------------------------------------


def test_an_agreement_operates_before_it_is_signed(lead: Client, agreement: Agreement):
    assert "It is not signed" in lead.get(address(agreement, "operation-start")).content.decode()
    send(lead, address(agreement, "operation-start"), **day("since", dt.date(2024, 4, 1)))
    agreement.refresh_from_db()
    assert agreement.is_operating_unsigned


def test_notice_is_given_on_a_scheme_and_taken_back(lead: Client, icb_lead: Client, signed: Agreement):
    typed = {"scheme": "reablement", "reason": "The funding ends"}
    typed |= day("given_on", dt.date(2025, 1, 1)) | day("takes_effect_on", dt.date(2025, 7, 1))
    answer = send(lead, address(signed, "notice-give"), **typed)
    assert is_saved(answer, address(signed, "agreement-governance"))
    notice = Notice.objects.get(agreement=signed)
    assert notice.scheme is not None
    refused = send(icb_lead, address(signed, "notice-withdraw", notice.pk))
    assert "Only the partner that gave notice can withdraw it" in refused.content.decode()
    send(lead, address(signed, "notice-withdraw", notice.pk))
    assert current_notice_rows(signed) == []


def test_notice_that_is_too_short_is_refused_at_its_day(lead: Client, signed: Agreement):
    typed = day("given_on", dt.date(2025, 1, 1)) | day("takes_effect_on", dt.date(2025, 2, 1))
    answer = send(lead, address(signed, "notice-give"), **typed)
    assert 'href="#id_takes_effect_on_day"' in answer.content.decode()
    assert not Notice.objects.exists()


def test_an_agreement_ends_when_its_notice_has_run_out(lead: Client, signed: Agreement):
    typed = day("given_on", dt.date(2025, 1, 1)) | day("takes_effect_on", dt.date(2025, 7, 1))
    send(lead, address(signed, "notice-give"), **typed)
    answer = send(lead, address(signed, "agreement-end"), **day("on", dt.date(2025, 7, 1)))
    assert is_saved(answer, signed.get_absolute_url())
    signed.refresh_from_db()
    assert (signed.state, signed.ended_on) == ("ended", dt.date(2025, 7, 1))


def test_an_integrated_arrangement_is_not_ended_by_one_partner(lead: Client, icb: Organisation, county: Organisation):
    marked = factories.signed_agreement(partners=[icb, county], of_agreement={"is_integrated": True})
    typed = day("given_on", dt.date(2025, 1, 1)) | day("takes_effect_on", dt.date(2025, 7, 1))
    send(lead, address(marked, "notice-give"), **typed)
    answer = send(lead, address(marked, "agreement-end"), **day("on", dt.date(2025, 7, 1)))
    assert "every partner" in answer.content.decode()
    marked.refresh_from_db()
    assert marked.state == "notice_given"


def test_what_happened_is_recorded_all_the_same(lead: Client, icb: Organisation, county: Organisation):
    marked = factories.signed_agreement(partners=[icb, county], of_agreement={"is_integrated": True})
    typed = {"kind": "notice_served", "evidence": "Letter of 1 May", "ends_agreement": "on"}
    send(lead, address(marked, "occurrence-record"), **typed, **day("happened_on", dt.date(2025, 5, 1)))
    assert Occurrence.objects.get(agreement=marked).breaks_principle


def test_the_mark_is_cleared_by_all_partners_together(lead: Client, icb_lead: Client, signed: Agreement):
    send(lead, address(signed, "integration-mark"))
    signed.refresh_from_db()
    assert signed.is_integrated
    for client, is_left in ((lead, True), (icb_lead, False)):
        send(client, address(signed, "release-agree"))
        signed.refresh_from_db()
        assert signed.is_integrated is is_left


def test_a_successor_that_the_reference_does_not_know_is_recorded(lead: Client, county: Organisation):
    trust = factories.organisation(kind="pct", opened=dt.date(2002, 4, 1), closed=dt.date(2013, 3, 31))
    group = factories.organisation(kind="ccg", opened=dt.date(2013, 4, 1), closed=dt.date(2022, 6, 30))
    old = factories.signed_agreement(partners=[trust, county], effective_on=dt.date(2012, 4, 1))
    partner = Partner.objects.get(agreement=old, organisation=trust)
    typed = {"partner": str(partner.pk), "successor": group.code, "evidence": "Transfer scheme of 2013"}
    answer = send(lead, address(old, "partner-carry-over"), **typed, **day("effective_on", dt.date(2013, 4, 1)))
    assert is_saved(answer, old.get_absolute_url())
    made = Partner.objects.get(agreement=old, organisation=group)
    assert (made.by_succession_of, made.valid_from) == (partner, dt.date(2013, 4, 1))
