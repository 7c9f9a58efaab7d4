"""The pages on which agreements are written, decided on and recorded: what a form sends is what the agreement says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.models import Agreement, Deed, Partner
from partnerships.queries.agreements.possible import possible_actions
from partnerships.queries.agreements.reach import Reached
from partnerships.terms import Audience
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation, OrganisationCode, User
from tests import factories
from tests.costs import cost
from tests.partnerships.editing_pages import HIDDEN, address, day, is_saved, send, started
from tests.world import World

pytestmark = pytest.mark.slow

ClientOf = Callable[[User], Client]
TITLE = "Section 75 agreement for reablement"


# --- starting --------------------------------------------------------------------------------------------------------


def test_a_title_begins_an_agreement(lead: Client, county: Organisation):
    answer = send(lead, reverse("partnerships:agreement-start"), title=TITLE, power="s75")
    made = Agreement.objects.get()
    assert is_saved(answer, address(made, "draft-detail"))
    assert made.prepared_by == county
    assert [each.body.pk for each in started(made).content.partners] == [county.pk]


def test_a_form_that_is_sent_twice_starts_one_agreement(lead: Client):
    url = reverse("partnerships:agreement-start")
    for _ in range(2):
        answer = send(lead, url, title=TITLE, power="s75")
    assert Agreement.objects.count() == 1
    assert answer.status_code == 200
    assert "already started an agreement of this title, S75-" in answer.content.decode()


def test_whoever_prepares_no_agreements_is_told_which_role_does(client_of: ClientOf, county: Organisation):
    client = client_of(factories.member(organisation=county, roles=["viewer"]))
    answer = client.get(reverse("partnerships:agreement-start"))
    assert answer.status_code == 403
    assert "pool manager or governance lead" in answer.content.decode()


# --- the head of the draft -------------------------------------------------------------------------------------------


def test_a_half_finished_head_is_saved(lead: Client, agreement: Agreement):
    answer = send(lead, address(agreement, "draft-main-terms"), title=TITLE, power="s75", notice_months="")
    assert is_saved(answer, address(agreement, "draft-detail"))
    content = started(agreement).content
    assert (content.title, content.start, content.notice_months) == (TITLE, None, None)


def test_the_head_keeps_days_notice_and_reviews(lead: Client, agreement: Agreement):
    typed = {"title": TITLE, "power": "s75", "ends": "on", "notice_months": "12"}
    typed |= day("effective_on", dt.date(2026, 4, 1)) | day("end_on", dt.date(2029, 3, 31))
    send(lead, address(agreement, "draft-main-terms"), review_on="1 October 2026\n2027-10-01\n", **typed)
    content = started(agreement).content
    assert (content.start, content.end, content.notice_months) == (dt.date(2026, 4, 1), dt.date(2029, 3, 31), 12)
    assert content.review_on == (dt.date(2026, 10, 1), dt.date(2027, 10, 1))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ends": "on"}, "Enter the last day"),
        ({"notice_months": "half a year"}, "Notice, in months must be a whole number from 1 to 120"),
        ({"review_on": "next spring"}, "“next spring” must be a real date"),
        ({"effective_on_day": "1"}, "First day must include a month and year"),
        (
            day("effective_on", dt.date(2026, 4, 1)) | day("end_on", dt.date(2026, 3, 31)) | {"ends": "on"},
            "cannot end on 31 March 2026",
        ),
    ],
)
def test_a_head_that_cannot_be_meant_is_refused_at_its_field(
    typed: dict[str, str], said: str, lead: Client, agreement: Agreement
):
    answer = send(lead, address(agreement, "draft-main-terms"), **({"title": "Other", "power": "s75"} | typed))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert started(agreement).content.title != "Other"


def test_places_are_added_by_name_and_taken_out(lead: Client, agreement: Agreement):
    url = address(agreement, "draft-places")
    factories.place(name="Westmarsh")
    assert is_saved(
        send(lead, url, kept=started(agreement).content.places[0].slug, added="westmarsh"),
        address(agreement, "draft-detail"),
    )
    assert [each.name for each in started(agreement).content.places] == ["Mereshire", "Westmarsh"]
    send(lead, url, kept=started(agreement).content.places[1].slug, added="")
    assert [each.name for each in started(agreement).content.places] == ["Westmarsh"]
    assert "There is no place called Nowhere" in send(lead, url, added="Nowhere").content.decode()


# --- partners, funds, schemes, clauses -------------------------------------------------------------------------------


def test_a_partner_is_added_by_code_changed_and_taken_out(lead: Client, agreement: Agreement):
    trust = factories.organisation(kind="nhs_trust", name="Mereshire Trust")
    home = address(agreement, "draft-detail")
    assert is_saved(
        send(lead, address(agreement, "partner-add"), organisation=trust.code.lower(), contributes="on"), home
    )
    partner = Partner.objects.get(agreement=agreement, organisation=trust)
    assert (partner.role, partner.contributes) == ("provider", True)
    assert is_saved(send(lead, address(agreement, "partner-change", trust.code), role="commissioner"), home)
    partner.refresh_from_db()
    assert (partner.role, partner.contributes) == ("commissioner", False)
    assert is_saved(send(lead, address(agreement, "partner-remove", trust.code)), home)
    assert not Partner.objects.filter(agreement=agreement, organisation=trust).exists()


def test_whoever_takes_their_own_organisation_out_is_led_to_what_they_still_see(
    lead: Client, icb: Organisation, county: Organisation
):
    begun = factories.agreement(partners=[icb, county])
    answer = send(lead, address(begun, "partner-remove", county.code))
    assert answer["Location"] == reverse("partnerships:agreement-list")
    assert f"You no longer see {begun.reference}" in lead.get(answer["Location"]).content.decode()


def test_a_code_is_looked_up_on_the_first_day_of_the_deed(lead: Client, agreement: Agreement):
    gone = factories.organisation(kind="ccg", closed=dt.date(2022, 6, 30))
    answer = send(lead, address(agreement, "partner-add"), organisation=gone.code)
    said = f"{gone.name} ({gone.code}) did not exist on 1 April 2024: it ended on 30 June 2022. "
    said += "Enter the organisation after it."
    assert said in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "E08000991",
            "Mere Council had the code E08000991 only until 31 March 2024. Its code on 1 April 2024 was E08000992.",
        ),
        ("W06000015", "The code W06000015 is from Wales, and only organisations in England are held here."),
        ("a81001", "The code A81001 has the form of a general practice’s, and practices hold no budgets here."),
        ("Nowhere", "No organisation had “Nowhere” as its name or code on 1 April 2024."),
    ],
)
def test_a_code_of_nobody_on_the_first_day_says_why(lead: Client, agreement: Agreement, typed: str, said: str):
    council = factories.council(name="Mere Council", code="E08000991", opened=dt.date(1974, 4, 1))
    council.codes.update(valid_to=dt.date(2024, 3, 31))
    OrganisationCode.objects.create(
        organisation=council, scheme="gss", code="E08000992", valid_from=dt.date(2024, 4, 1)
    )
    assert said in send(lead, address(agreement, "partner-add"), organisation=typed).content.decode()


def test_a_partner_is_found_by_its_short_name(lead: Client, agreement: Agreement):
    council = factories.council(name="Bournemouth, Christchurch and Poole Council")
    factories.short_name(organisation=council, name="BCP")
    send(lead, address(agreement, "partner-add"), organisation="bcp council")
    assert Partner.objects.filter(agreement=agreement, organisation=council).exists()


def test_a_partner_is_found_by_its_name(lead: Client, agreement: Agreement):
    council = factories.organisation(kind="county", name="Westmarch County Council")
    factories.organisation(kind="nhs_trust", name="Westmarch Hospitals NHS Trust")
    send(lead, address(agreement, "partner-add"), organisation="  westmarch  cc ")
    assert Partner.objects.filter(agreement=agreement, organisation=council).exists()


def test_a_name_that_can_mean_several_is_answered_with_their_codes(lead: Client, agreement: Agreement):
    fit = [factories.organisation(kind="district", name=f"Westmarch {part}") for part in ("East", "North", "South")]
    answer = send(lead, address(agreement, "partner-add"), organisation="westmarch")
    words = "; ".join(f"{each.name} ({each.code})" for each in fit)
    assert f"“westmarch” can mean {words}. Enter the code of the one you mean." in answer.content.decode()
    assert 'value="westmarch"' in answer.content.decode()
    assert not Partner.objects.filter(agreement=agreement, organisation__in=fit).exists()
    send(lead, address(agreement, "partner-add"), organisation=f"{fit[1].name} ({fit[1].code})")
    assert Partner.objects.filter(agreement=agreement, organisation=fit[1]).exists()


def test_of_many_that_fit_the_first_are_named(lead: Client, agreement: Agreement):
    for number in range(9):
        factories.organisation(kind="district", name=f"Westmarch {number}")
    said = send(lead, address(agreement, "partner-add"), organisation="westmarch").content.decode()
    assert "Westmarch 5 (" in said
    assert "; and others. Enter the code" in said
    assert "Westmarch 6" not in said


def test_words_from_here_and_there_in_a_name_are_never_enough(lead: Client, agreement: Agreement):
    board = factories.organisation(kind="icb", name="NHS Westmarch, North Eastmarch and South Fold ICB")
    said = send(lead, address(agreement, "partner-add"), organisation="South Eastmarch").content.decode()
    assert f"Did you mean {board.name} ({board.code})? Then enter its code." in said
    assert not Partner.objects.filter(agreement=agreement, organisation=board).exists()


@pytest.mark.parametrize("typed", ["%", "___", "of the", "'", "\\", "QSL' or 1=1"])
def test_what_names_nobody_finds_nobody(lead: Client, agreement: Agreement, typed: str):
    answer = send(lead, address(agreement, "partner-add"), organisation=typed)
    assert "as its name or code on 1 April 2024. Check the spelling" in answer.content.decode()


def test_a_partner_that_is_there_is_not_added_again(lead: Client, agreement: Agreement, icb: Organisation):
    answer = send(lead, address(agreement, "partner-add"), organisation=icb.code)
    assert f"{icb.name} is already a partner" in answer.content.decode()


def test_a_fund_is_added_changed_and_dropped(lead: Client, agreement: Agreement, county: Organisation):
    home = address(agreement, "draft-detail")
    typed = {"name": "Equipment", "kind": "pooled", "host": county.code, "irrecoverable_vat": "2.5"}
    assert is_saved(send(lead, address(agreement, "pool-add"), **typed), home)
    pool = started(agreement).content.pool("equipment")
    assert pool is not None
    assert (pool.host and pool.host.code, str(pool.irrecoverable_vat)) == (county.code, "2.50")
    again = send(lead, address(agreement, "pool-add"), **typed)
    assert "already has a fund with this name" in again.content.decode()
    assert is_saved(
        send(lead, address(agreement, "pool-change", "equipment"), name="Aids", kind="aligned", host=""), home
    )
    pool = started(agreement).content.pool("equipment")
    assert pool is not None
    assert (pool.name, pool.kind, pool.host, pool.irrecoverable_vat) == ("Aids", "aligned", None, None)
    assert is_saved(send(lead, address(agreement, "pool-drop", "equipment")), home)
    assert started(agreement).content.pool("equipment") is None


def test_a_scheme_keeps_its_functions_when_its_words_change(lead: Client, agreement: Agreement, icb: Organisation):
    before = started(agreement).content.scheme("reablement")
    assert before is not None
    typed = {"name": "Home first", "flexibilities": ["pooled_fund"], "lead": icb.code, "pool": "reablement"}
    answer = send(lead, address(agreement, "scheme-change", "reablement"), aims="At home sooner.", **typed)
    assert is_saved(answer, address(agreement, "draft-detail"))
    after = started(agreement).content.scheme("reablement")
    assert after is not None
    assert (after.name, after.aims, after.services) == ("Home first", "At home sooner.", "")
    assert after.functions == before.functions


def test_a_scheme_is_added_and_given_a_function_with_its_exclusions(
    lead: Client, agreement: Agreement, icb: Organisation
):
    factories.function("nhs-s117", name="After-care under section 117")
    answer = send(lead, address(agreement, "scheme-add"), name="Community beds", pool="reablement")
    assert is_saved(answer, address(agreement, "scheme-change", "community-beds"))
    typed = {"code": "nhs-s117", "holder": icb.code, "exclusions": ["endoscopy"]}
    url = address(agreement, "function-add", "community-beds")
    assert is_saved(send(lead, url, **typed), address(agreement, "scheme-change", "community-beds"))
    assert "already has this function" in send(lead, url, **typed).content.decode()
    scheme = started(agreement).content.scheme("community-beds")
    assert scheme is not None
    assert [(each.code, each.exclusions) for each in scheme.functions] == [("nhs-s117", ("endoscopy",))]
    change = address(agreement, "function-change", "community-beds", "nhs-s117")
    send(lead, change, code="nhs-s117", holder="", delegation_evidence="Delegation of 2023, schedule 2")
    scheme = started(agreement).content.scheme("community-beds")
    assert scheme is not None
    assert (scheme.functions[0].holder, scheme.functions[0].exclusions) == (None, ())
    assert scheme.functions[0].delegation_evidence == "Delegation of 2023, schedule 2"
    send(lead, address(agreement, "function-remove", "community-beds", "nhs-s117"))
    send(lead, address(agreement, "scheme-drop", "community-beds"))
    assert started(agreement).content.scheme("community-beds") is None


def test_a_clause_is_written_and_taken_out(lead: Client, agreement: Agreement):
    url = address(agreement, "clause-edit", "disputes")
    send(lead, url, text="To the chief officers within ten days.")
    assert started(agreement).content.clause("disputes") == "To the chief officers within ten days."
    send(lead, url, text="")
    assert started(agreement).content.clause("disputes") == ""


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("partner-change", ("ZZZ",)),
        ("pool-change", ("none",)),
        ("scheme-change", ("none",)),
        ("function-change", ("reablement", "none")),
        ("clause-edit", ("none",)),
        ("deed-approve", (7,)),
        ("board-change", (9,)),
        ("document-change", (9,)),
        ("notice-withdraw", (9,)),
    ],
)
def test_what_is_not_in_the_agreement_is_not_found(name: str, args: tuple, lead: Client, agreement: Agreement):
    assert lead.get(address(agreement, name, *args)).status_code == 404


# --- two at once -----------------------------------------------------------------------------------------------------


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(
    lead: Client, agreement: Agreement, icb: Organisation, client_of: ClientOf
):
    url = address(agreement, "clause-edit", "aims")
    page = lead.get(url).content.decode()
    other = client_of(factories.member(organisation=icb, roles=["pool_manager"]))
    send(other, url, text="Theirs")
    refused = lead.post(url, dict(HIDDEN.findall(page)) | {"text": "Ours"})
    assert "changed since you opened the page" in refused.content.decode()
    assert started(agreement).content.clause("aims") == "Theirs"
    # Their text in sight, saving again is a decision.
    lead.post(url, dict(HIDDEN.findall(refused.content.decode())) | {"text": "Ours"})
    assert started(agreement).content.clause("aims") == "Ours"


def test_two_people_write_different_clauses_at_once(
    lead: Client, agreement: Agreement, icb: Organisation, client_of: ClientOf
):
    ours, theirs = address(agreement, "clause-edit", "aims"), address(agreement, "clause-edit", "exit")
    page = lead.get(ours).content.decode()
    send(client_of(factories.member(organisation=icb, roles=["pool_manager"])), theirs, text="Theirs")
    lead.post(ours, dict(HIDDEN.findall(page)) | {"text": "Ours"})
    content = started(agreement).content
    assert (content.clause("aims"), content.clause("exit")) == ("Ours", "Theirs")


# --- who may ---------------------------------------------------------------------------------------------------------

EDITING = ["draft-detail", "draft-main-terms", "partner-add", "pool-add", "scheme-add"]


@pytest.mark.parametrize("name", EDITING)
def test_who_is_no_partner_finds_no_draft(name: str, agreement: Agreement, client_of: ClientOf, client: Client):
    stranger = client_of(factories.member(organisation=factories.council(), roles=["governance_lead"]))
    assert stranger.get(address(agreement, name)).status_code == 404
    assert client.get(address(agreement, name))["Location"].startswith("/account/login/")


@pytest.mark.parametrize("name", EDITING)
def test_a_colleague_without_the_role_is_told_which_one(
    name: str, agreement: Agreement, county: Organisation, client_of: ClientOf
):
    viewer = client_of(factories.member(organisation=county, roles=["viewer"]))
    answer = viewer.get(address(agreement, name))
    assert answer.status_code == 403
    assert "You need the role pool manager or governance lead" in answer.content.decode()


def test_of_a_published_agreement_an_outsider_may_read_and_not_write(
    icb: Organisation, county: Organisation, client_of: ClientOf
):
    public = factories.signed_agreement(partners=[icb, county], is_published=True)
    stranger = client_of(factories.member(organisation=factories.council(), roles=["governance_lead"]))
    answer = stranger.get(address(public, "deed-prepare"))
    assert answer.status_code == 403
    assert f"Only the partners of {public.reference}" in answer.content.decode()


def test_without_an_open_deed_the_draft_leads_to_the_agreement(lead: Client, icb: Organisation, county: Organisation):
    signed = factories.signed_agreement(partners=[icb, county])
    answer = lead.get(address(signed, "draft-main-terms"), follow=True)
    assert answer.redirect_chain == [(signed.get_absolute_url(), 302)]
    assert "Prepare a deed of variation" in answer.content.decode()


# --- approving, signing, publishing ----------------------------------------------------------------------------------


def approve(client: Client, agreement: Agreement, number: int = 0):  # type: ignore[no-untyped-def]
    return send(client, address(agreement, "deed-approve", number), read="on")


def test_every_partner_approves_then_it_is_signed_and_published(lead: Client, icb_lead: Client, agreement: Agreement):
    deed = address(agreement, "deed-detail", 0)
    assert is_saved(approve(lead, agreement), deed)
    assert started(agreement).deed.state == "draft"
    assert is_saved(approve(icb_lead, agreement), deed)
    assert started(agreement).deed.state == "approved"
    assert is_saved(send(lead, address(agreement, "deed-sign", 0), **day("signed_on", dt.date(2024, 3, 14))), deed)
    assert Deed.objects.get(agreement=agreement).signed_on == dt.date(2024, 3, 14)
    for client in (lead, icb_lead):
        assert is_saved(send(client, address(agreement, "deed-publish", 0)), deed)
    assert Deed.objects.get(agreement=agreement).published_on is not None


def test_approving_without_saying_that_one_has_read_it_is_refused(lead: Client, agreement: Agreement):
    answer = send(lead, address(agreement, "deed-approve", 0))
    assert "Confirm that you have read the text" in answer.content.decode()
    assert not started(agreement).deed.approvals.exists()


def test_the_text_that_was_looked_at_is_approved_and_no_other(lead: Client, icb_lead: Client, agreement: Agreement):
    url = address(agreement, "deed-approve", 0)
    looked_at = dict(HIDDEN.findall(lead.get(url).content.decode()))
    send(icb_lead, address(agreement, "clause-edit", "aims"), text="Other aims")
    refused = lead.post(url, looked_at | {"read": "on"})
    assert "The text has been changed since you looked at it" in refused.content.decode()
    assert not started(agreement).deed.approvals.exists()
    assert "Other aims" in refused.content.decode()
    again = dict(HIDDEN.findall(refused.content.decode()))
    assert again["content_hash"] != looked_at["content_hash"]
    assert lead.post(url, again | {"read": "on"}).status_code == 302


def test_whoever_edited_it_last_does_not_approve_it(lead: Client, agreement: Agreement):
    send(lead, address(agreement, "clause-edit", "aims"), text="Our aims")
    assert "last edited" in approve(lead, agreement).content.decode()


def test_a_partner_asks_for_changes_with_a_reason(icb_lead: Client, agreement: Agreement):
    url = address(agreement, "deed-request-changes", 0)
    assert "Enter what should be changed" in send(icb_lead, url, note="").content.decode()
    send(icb_lead, url, note="The notice is too short")
    assert started(agreement).deed.state == "changes_requested"


def test_a_signature_needs_every_approval(lead: Client, agreement: Agreement, icb: Organisation):
    answer = send(lead, address(agreement, "deed-sign", 0), **day("signed_on", dt.date(2024, 3, 14)))
    assert f"{icb.name} has not approved the deed" in answer.content.decode()
    assert started(agreement).deed.signed_on is None


def test_a_draft_is_withdrawn_with_a_reason(lead: Client, agreement: Agreement):
    answer = send(lead, address(agreement, "deed-withdraw", 0), reason="Another route was chosen")
    assert lead.get(answer["Location"]).status_code == 200
    agreement.refresh_from_db()
    assert agreement.state == "withdrawn"


# --- later deeds -----------------------------------------------------------------------------------------------------


def test_a_deed_says_only_what_is_changed_on_its_pages(lead: Client, signed: Agreement):
    typed = {"kind": "variation", "summary": "More people"} | day("effective_on", dt.date(2025, 4, 1))
    assert is_saved(send(lead, address(signed, "deed-prepare"), **typed), address(signed, "draft-detail"))
    before = started(signed).before
    assert before is not None
    main_terms = {"title": before.title, "summary": "More people", "ends": "open", "notice_months": "9"}
    send(lead, address(signed, "draft-main-terms"), **main_terms, **day("effective_on", dt.date(2025, 4, 1)))
    deed = started(signed).deed
    assert (deed.title, deed.sets_end, deed.notice_months, deed.review_on) == ("", False, 9, None)
    send(
        lead,
        address(signed, "draft-main-terms"),
        **main_terms | {"notice_months": "6"},
        **day("effective_on", dt.date(2025, 4, 1)),
    )
    assert started(signed).deed.notice_months is None


def test_the_task_list_of_a_deed_marks_what_it_changes(lead: Client, signed: Agreement):
    send(lead, address(signed, "deed-prepare"), kind="variation", **day("effective_on", dt.date(2025, 4, 1)))
    assert "Nothing yet." in lead.get(address(signed, "draft-detail")).content.decode()
    send(lead, address(signed, "clause-edit", "aims"), text="More people at home")
    page = lead.get(address(signed, "draft-detail")).content.decode()
    assert "Changed by this deed" in page
    assert "More people at home" in page
    approving = lead.get(address(signed, "deed-approve", 1)).content.decode()
    assert "Has effect from" in approving
    assert "1 April 2025" in approving
    assert "More people at home" in approving


def test_one_open_deed_at_a_time(lead: Client, signed: Agreement):
    send(lead, address(signed, "deed-prepare"), kind="variation")
    answer = send(lead, address(signed, "deed-prepare"), kind="variation")
    assert answer.status_code == 200
    assert Deed.objects.filter(agreement=signed).count() == 2


def test_a_partner_of_an_earlier_deed_leaves_by_this_one(lead: Client, signed: Agreement, icb: Organisation):
    send(lead, address(signed, "deed-prepare"), kind="variation", **day("effective_on", dt.date(2025, 4, 1)))
    page = lead.get(address(signed, "partner-remove", icb.code)).content.decode()
    assert f"Remove {icb.name}?" in page


def test_a_renewal_begins_with_what_the_agreement_says(lead: Client, signed: Agreement):
    answer = send(lead, address(signed, "renewal-prepare"), **day("start", dt.date(2027, 4, 1)))
    made = Agreement.objects.exclude(pk=signed.pk).get()
    assert is_saved(answer, address(made, "draft-detail"))
    content = started(made).content
    assert content.start == dt.date(2027, 4, 1)
    assert [each.slug for each in content.schemes] == ["reablement"]


# --- what may be done ------------------------------------------------------------------------------------------------


def offered(agreement: Agreement, by: Actor) -> dict[str, str]:
    found = possible_actions(Reached(agreement, Audience.PARTNERS), by)
    return {each.label: each.why_not for each in found}


def test_possible_actions_say_why_not(agreement: Agreement, icb: Organisation, county: Organisation, world: World):
    found = offered(agreement, world.council.leads)
    assert found["Edit the agreement"] == ""
    assert found["Approve the agreement"] == ""
    assert found["Sign the agreement"] == f"Not approved yet by {county.name} and {icb.name}"
    assert "You need the role" in offered(agreement, world.council.prepares)["Approve the agreement"]


def test_an_approval_that_is_given_is_not_asked_for_again(lead: Client, agreement: Agreement, world: World):
    approve(lead, agreement)
    assert offered(agreement, world.council.leads)["Approve the agreement"] == (
        "Your organisation has approved this text"
    )


def test_whoever_edited_last_reads_why_somebody_else_approves(lead: Client, agreement: Agreement, world: World):
    send(lead, address(agreement, "clause-edit", "aims"), text="Our aims")
    assert "last edited" in offered(agreement, world.council.leads)["Approve the agreement"]


def test_outsiders_are_offered_nothing(icb: Organisation, county: Organisation, world: World):
    public = factories.signed_agreement(partners=[icb, county], is_published=True)
    assert possible_actions(Reached(public, Audience.PUBLIC), world.council.leads) == []


def test_every_action_that_is_offered_has_a_page(lead: Client, agreement: Agreement, signed: Agreement, world: World):
    walked = 0
    for each in (agreement, signed):
        for action in possible_actions(Reached(each, Audience.PARTNERS), world.council.leads):
            if not action.why_not:
                walked += 1
                assert lead.get(action.url).status_code == 200, action.label
    assert walked > 20


def test_the_task_list_costs_the_same_for_one_scheme_as_for_six(lead: Client, agreement: Agreement, icb: Organisation):
    url = address(agreement, "draft-detail")
    lead.get(url)
    few = cost(lead, url)
    for number in range(5):
        send(lead, address(agreement, "scheme-add"), name=f"Scheme {number}", lead=icb.code, pool="reablement")
        send(lead, address(agreement, "pool-add"), name=f"Fund {number}", kind="pooled", host=icb.code)
    lead.get(url)  # what the last form said is shown once, and let go
    assert cost(lead, url) == few
