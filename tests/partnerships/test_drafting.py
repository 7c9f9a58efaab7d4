"""Writing drafts: they save half-finished, refuse only what is wrong, and every edit voids what was approved."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from partnerships.actions.drafting import (
    FunctionIn,
    add_partner,
    change_partner,
    drop_pool,
    drop_scheme,
    edit_deed,
    remove_partner,
    save_pool,
    save_scheme,
    start_agreement,
    write_clause,
    write_clauses,
)
from partnerships.models import (
    Agreement,
    AgreementSummary,
    Clause,
    Deed,
    Partner,
    PartnerLeaving,
    Pool,
    PoolTerms,
    Scheme,
)
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import Content, content_of
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.partnerships.agreement_values import MONEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]

DAY = factories.FIRST_DAY
SIGNED_BEFORE = DAY - dt.timedelta(days=30)
LATER = dt.date(2025, 4, 1)


@pytest.fixture
def icb():
    return factories.organisation(kind="icb", name="NHS Example Integrated Care Board")


@pytest.fixture
def council():
    return factories.council(name="Example Council")


@pytest.fixture
def lead(icb):
    return factories.actor(factories.member(organisation=icb, roles=["governance_lead"]))


@pytest.fixture
def deed(icb, council) -> Deed:
    return factories.open_deed(factories.agreement(partners=[icb, council]))


@pytest.fixture
def variation(icb, council) -> Deed:
    """The open second deed of a signed agreement."""
    made = factories.signed_agreement(partners=[icb, council])
    return Deed.objects.create(agreement=made, number=1, kind="variation", effective_on=LATER)


def reads(deed: Deed) -> Content:
    record = record_of(Agreement.objects.get(pk=deed.agreement_id))
    part = record.deed(deed.number)
    assert part is not None
    return content_of(record, part)


def refusal(action, **given) -> list[str]:
    with pytest.raises(Refused) as caught:
        action(**given)
    return [problem.code for problem in caught.value.problems]


def approved(deed: Deed) -> Deed:
    Deed.objects.filter(pk=deed.pk).update(state="approved")
    if deed.number == 0:
        Agreement.objects.filter(pk=deed.agreement_id).update(state="approved")
    return Deed.objects.get(pk=deed.pk)


# --- beginning -------------------------------------------------------------------------------------------------------


def test_the_least_that_begins_an_agreement_is_an_organisation_and_a_power(icb, lead):
    made = start_agreement(organisation=icb, power="s75", by=lead)
    deed = made.deeds.get()
    assert (made.state, made.version, deed.number, deed.kind, deed.edited_by) == (
        "draft", 1, 0, "original", lead.reference,
    )  # fmt: skip
    assert [(each.organisation, each.role) for each in made.partners.all()] == [(icb, "commissioner")]
    assert AgreementSummary.objects.get(agreement=made).reader_ids == [icb.pk]
    assert [(each.reference, each.event, each.public) for each in Change.objects.all()] == [
        (made.reference, "created", False)
    ]


def test_everything_known_at_the_beginning_is_kept(council):
    by = factories.actor(factories.member(organisation=council, roles=["pool_manager"]))
    earlier = factories.agreement(partners=[council, factories.organisation()])
    there = factories.place()
    made = start_agreement(
        organisation=council, power="s75", title="  Reablement\n in  Mereshire ", effective_on=DAY,
        end_on=LATER, notice_months=6, review_on=[LATER, DAY, DAY], places=[there], follows=earlier,
        is_integrated=True, by=by,
    )  # fmt: skip
    deed = made.deeds.get()
    assert (deed.title, deed.sets_end, deed.end_on, deed.follows) == ("Reablement in Mereshire", True, LATER, earlier)
    assert deed.review_on == [DAY, LATER]
    assert [each.place for each in made.places.all()] == [there]
    assert [each.kind for each in made.marks.all()] == ["marked"]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"power": "s256"}, ["UNKNOWN_VALUE"]),
        ({"power": ""}, ["REQUIRED"]),
        ({"effective_on": LATER, "end_on": DAY}, ["AGREEMENT_ENDS_BEFORE_START"]),
        ({"effective_on": dt.date(2000, 3, 31)}, ["DATE_OUT_OF_RANGE"]),
        ({"effective_on": "2024-04-01"}, ["WRONG_TYPE"]),
        ({"notice_months": 0}, ["OUT_OF_RANGE"]),
        ({"notice_months": True}, ["OUT_OF_RANGE"]),
        ({"title": "x" * 301, "review_on": [dt.date(3024, 1, 1)]}, ["TOO_LONG", "DATE_OUT_OF_RANGE"]),
        ({"review_on": [DAY] * 61}, ["TOO_MANY"]),
        ({"title": "Nul\x00"}, ["BAD_CHARACTERS"]),
        ({"title": "Half \ud800"}, ["BAD_CHARACTERS"]),
    ],
)
def test_what_is_wrong_at_the_beginning_is_refused(icb, lead, values, codes):
    assert refusal(start_agreement, **{"organisation": icb, "power": "s75", "by": lead} | values) == codes
    assert not Agreement.objects.exists()


def test_what_is_not_given_at_the_beginning_is_left_open(icb, lead):
    made = start_agreement(organisation=icb, power="s31", by=lead)
    deed = made.deeds.get()
    assert (made.power, made.prepared_by, made.is_integrated, made.is_illustrative, made.marks.count()) == (
        "s31", icb, False, False, 0,
    )  # fmt: skip
    assert (deed.title, deed.effective_on, deed.sets_end, deed.end_on, deed.notice_months, deed.review_on) == (
        "", None, False, None, None, None,
    )  # fmt: skip
    assert (deed.follows, deed.state, made.places.count()) == (None, "draft", 0)
    status = made.statuses.get()
    assert (status.state, status.organisation, status.actor, status.note) == ("draft", icb, lead.reference, "")
    ends_never = start_agreement(organisation=icb, power="s75", sets_end=True, by=lead).deeds.get()
    assert (ends_never.sets_end, ends_never.end_on) == (True, None)
    reviewed = start_agreement(organisation=icb, power="s75", review_on=(), by=lead).deeds.get()
    assert reviewed.review_on == []


def test_an_agreement_of_an_invented_organisation_is_invented_and_a_marked_one_says_who_marked_it():
    invented = factories.organisation(illustrative=True, kind="nhs_trust")
    by = factories.actor(factories.member(organisation=invented, roles=["governance_lead"]))
    made = start_agreement(organisation=invented, power="s75", is_integrated=True, by=by)
    assert (made.is_illustrative, made.partners.get().role, made.partners.get().contributes) == (True, "provider", True)
    mark = made.marks.get()
    assert (mark.kind, mark.organisation, mark.actor) == ("marked", invented, by.reference)


def test_a_body_that_was_not_there_on_the_first_day_begins_nothing(lead, icb):
    icb.opened = LATER
    icb.save()
    codes = refusal(start_agreement, organisation=icb, power="s75", effective_on=DAY, by=lead)
    assert codes == ["PARTNER_NOT_OPEN"]


def test_a_place_that_had_ended_is_refused(lead, icb):
    gone = factories.place(closed=SIGNED_BEFORE)
    codes = refusal(start_agreement, organisation=icb, power="s75", effective_on=DAY, places=[gone], by=lead)
    assert codes == ["PLACE_NOT_OPEN"]


def test_a_provider_begins_no_agreement():
    provider = factories.organisation(kind="provider")
    by = factories.actor(factories.member(organisation=provider, roles=["governance_lead"]))
    assert refusal(start_agreement, organisation=provider, power="s75", by=by) == ["NOT_A_PARTNER_KIND"]


def test_an_agreement_out_of_reach_cannot_be_followed(icb, lead):
    with pytest.raises(Http404):
        start_agreement(organisation=icb, power="s75", follows=factories.agreement(), by=lead)


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "finance_officer", "finance_approver", "auditor", "org_admin"])
def test_only_who_prepares_agreements_writes(icb, deed, role):
    by = factories.actor(factories.member(organisation=icb, roles=[role]))
    for attempt in (
        lambda: start_agreement(organisation=icb, power="s75", by=by),
        lambda: edit_deed(deed=deed, changes={"title": "Mine"}, by=by),
        lambda: write_clause(deed=deed, kind="aims", text="Mine", by=by),
    ):
        with pytest.raises(PermissionDenied, match="pool manager or governance lead"):
            attempt()


def test_an_outsider_finds_nothing_to_edit(deed):
    other = factories.organisation()
    by = factories.actor(factories.member(organisation=other, roles=["governance_lead", "pool_manager"]))
    for attempt in (
        lambda: edit_deed(deed=deed, changes={"title": "Mine"}, by=by),
        lambda: add_partner(deed=deed, organisation=other, by=by),
        lambda: save_pool(deed=deed, values={"name": "Mine"}, by=by),
        lambda: save_scheme(deed=deed, values={"name": "Mine"}, functions=[], by=by),
    ):
        with pytest.raises(Http404):
            attempt()


def test_another_partner_edits_too(deed, council):
    by = factories.actor(factories.member(organisation=council, roles=["pool_manager"]))
    assert edit_deed(deed=deed, changes={"title": "Ours"}, by=by).edited_by == by.reference


def test_whoever_has_left_reads_and_writes_no_more(icb, council, lead):
    trust = factories.organisation(kind="nhs_trust")
    made = factories.signed_agreement(partners=[icb, council, trust])
    leaving = Deed.objects.create(agreement=made, number=1, kind="variation", effective_on=LATER)
    remove_partner(deed=leaving, partner=made.partners.get(organisation=trust), by=lead)
    theirs = factories.actor(factories.member(organisation=trust, roles=["pool_manager"]))
    assert write_clause(deed=leaving, kind="exit", text="The trust keeps its staff.", by=theirs) is not None
    Deed.objects.filter(pk=leaving.pk).update(state="signed", signed_on=LATER)
    later = Deed.objects.create(agreement=made, number=2, kind="variation", effective_on=dt.date(2025, 10, 1))
    assert refusal(write_clause, deed=later, kind="exit", text="Mine", by=theirs) == ["NOT_A_PARTNER"]
    assert write_clause(deed=later, kind="exit", text="Ours", by=lead) is not None


def test_a_successor_writes_in_the_place_of_the_partner_before_it_is_carried_over(council):
    ccg, heir = factories.organisation(kind="ccg"), factories.organisation()
    deed = factories.open_deed(factories.agreement(partners=[council, ccg]))
    factories.succession(predecessor=ccg, successor=heir)
    theirs = factories.actor(factories.member(organisation=council, roles=["pool_manager"]))
    edit_deed(deed=deed, changes={"title": "Theirs"}, by=theirs)
    before, after = (factories.actor(factories.member(organisation=one, roles=["pool_manager"])) for one in (ccg, heir))
    assert edit_deed(deed=deed, changes={"title": "Ours"}, by=after).edited_by == after.reference
    assert refusal(edit_deed, deed=deed, changes={"title": "Old"}, by=before) == ["NOT_A_PARTNER"]


# --- editing ---------------------------------------------------------------------------------------------------------


def test_heads_are_changed_one_by_one(deed, lead):
    there = factories.place()
    edit_deed(deed=deed, changes={"title": "Ours", "places": [there], "power": "s65Z5_65Z6"}, by=lead)
    edit_deed(deed=deed, changes={"end_on": LATER, "notice_months": 3}, by=lead)
    content = reads(deed)
    assert (content.title, content.start, content.end, content.notice_months) == ("Ours", DAY, LATER, 3)
    assert (content.power, [each.slug for each in content.places]) == ("s65Z5_65Z6", [there.slug])
    edit_deed(deed=deed, changes={"sets_end": False, "effective_on": None, "places": [], "title": ""}, by=lead)
    content = reads(deed)
    assert (content.title, content.start, content.end, content.places) == ("", None, None, ())


def test_an_edit_says_who_and_voids_the_approvals(deed, lead):
    edited = edit_deed(deed=approved(deed), changes={"title": "Ours"}, by=lead)
    assert (edited.state, edited.version, edited.edited_by) == ("draft", 2, lead.reference)
    assert edited.agreement.state == "draft"
    assert [each.state for each in edited.agreement.statuses.all()] == ["draft", "draft"]
    event = AuditEvent.objects.get()
    assert (event.action, event.sentence) == ("deed.edited", f"{deed.reference}: edited.")


def test_an_edit_of_a_draft_leaves_its_state_without_a_line_of_history(deed, lead):
    edited = edit_deed(deed=deed, changes={"title": "Ours"}, by=lead)
    assert (edited.state, edited.agreement.statuses.count()) == ("draft", 1)


def test_what_was_sent_back_is_a_draft_again_by_whoever_edits_it(deed, lead, icb):
    Deed.objects.filter(pk=deed.pk).update(state="changes_requested")
    Agreement.objects.filter(pk=deed.agreement_id).update(state="changes_requested")
    edit_deed(deed=deed, changes={"title": "Ours"}, by=lead)
    status = deed.agreement.statuses.last()
    assert (status.state, status.organisation, status.actor, status.note) == ("draft", icb, lead.reference, "")


def test_an_edit_is_refused_for_what_it_makes_wrong_and_not_for_what_was_wrong_before(deed, lead, council):
    stranger = factories.organisation(name="A stranger")
    scheme = Scheme.objects.create(agreement=deed.agreement, slug="scheme")
    terms = scheme.terms.create(deed=deed, name="Scheme", lead=stranger)
    assert edit_deed(deed=deed, changes={"title": "Ours"}, by=lead).title == "Ours"
    fund = Pool.objects.create(agreement=deed.agreement, slug="fund")
    fund.terms.create(deed=deed, name="Fund", kind="pooled", host=council)
    partner = deed.partners.get(organisation=council)
    assert refusal(remove_partner, deed=deed, partner=partner, by=lead) == ["HOST_NOT_A_PARTNER"]
    assert refusal(save_scheme, deed=deed, values={"name": "Other", "lead": stranger}, by=lead) == [
        "LEAD_NOT_A_PARTNER"
    ]
    terms.delete()


@pytest.mark.slow
def test_an_end_is_set_by_its_day_and_taken_away_with_it(variation, lead):
    ends = edit_deed(deed=variation, changes={"end_on": LATER, "effective_on": LATER}, by=lead)
    assert (ends.sets_end, ends.end_on, ends.version) == (True, LATER, 2)
    same = edit_deed(deed=variation, changes={"summary": "As decided."}, by=lead)
    assert (same.sets_end, same.end_on, same.summary) == (True, LATER, "As decided.")
    never = edit_deed(deed=variation, changes={"sets_end": True, "end_on": None}, by=lead)
    assert (never.sets_end, never.end_on) == (True, None)
    edit_deed(deed=variation, changes={"sets_end": True, "end_on": LATER}, by=lead)
    unsaid = edit_deed(deed=variation, changes={"sets_end": False}, by=lead)
    assert (unsaid.sets_end, unsaid.end_on) == (False, None)
    assert refusal(edit_deed, deed=variation, changes={"end_on": LATER, "sets_end": False}, by=lead) == ["END_NOT_SET"]


@pytest.mark.parametrize(("days", "codes"), [(-1, ["DEED_BEFORE_START"]), (0, []), (1, [])])
def test_a_later_deed_has_effect_from_the_first_day_of_the_agreement_on(variation, lead, days, codes):
    changes = {"effective_on": DAY + dt.timedelta(days=days)}
    if codes:
        assert refusal(edit_deed, deed=variation, changes=changes, by=lead) == codes
    else:
        assert edit_deed(deed=variation, changes=changes, by=lead).effective_on == changes["effective_on"]


@pytest.mark.parametrize("is_original", [True, False])
def test_an_end_before_the_first_day_is_refused_in_the_words_of_the_deed(deed, variation, lead, is_original):
    one, start = (deed, DAY) if is_original else (variation, LATER)
    early = {"end_on": start - dt.timedelta(days=1)}
    with pytest.raises(Refused) as refused:
        edit_deed(deed=one, changes=early, by=lead)
    what = "The agreement" if is_original else "The agreement as changed by this deed"
    code = "AGREEMENT_ENDS_BEFORE_START" if is_original else "DEED_AFTER_END"
    (problem,) = refused.value.problems
    assert (problem.code, problem.message.startswith(f"{what} cannot end on")) == (code, True)
    assert edit_deed(deed=one, changes={"end_on": start}, by=lead).end_on == start


@pytest.mark.slow
def test_places_that_are_named_again_stay_and_others_go(deed, lead):
    one, two, three = (factories.place() for _ in range(3))
    edit_deed(deed=deed, changes={"places": [one, two]}, by=lead)
    row = deed.agreement.places.get(place=two)
    edit_deed(deed=deed, changes={"places": [two, three, three]}, by=lead)
    assert list(deed.agreement.places.values_list("pk", "place")) == [
        (row.pk, two.pk), (deed.agreement.places.get(place=three).pk, three.pk),
    ]  # fmt: skip
    other = factories.agreement(places=[one])
    edit_deed(deed=deed, changes={"places": []}, by=lead)
    assert (deed.agreement.places.count(), other.places.count()) == (0, 1)


def test_who_drafts_for_others_writes_until_it_is_signed(icb, council):
    drafter = factories.organisation(name="Drafter")
    by = factories.actor(factories.member(organisation=drafter, roles=["pool_manager"]))
    given = {"partners": [icb, council], "of_agreement": {"prepared_by": drafter}}
    assert write_clause(deed=factories.open_deed(factories.agreement(**given)), kind="exit", text="x", by=by)
    signed = factories.signed_agreement(**given)
    deed = Deed.objects.create(agreement=signed, number=1, kind="variation", effective_on=LATER)
    assert refusal(write_clause, deed=deed, kind="exit", text="x", by=by) == ["NOT_A_PARTNER"]


def test_who_would_join_by_an_open_deed_writes_it(variation, lead):
    other = factories.organisation()
    theirs = factories.actor(factories.member(organisation=other, roles=["pool_manager"]))
    add_partner(deed=variation, organisation=other, by=lead)
    assert write_clause(deed=variation, kind="exit", text="Ours.", by=theirs).text == "Ours."


def test_an_edit_that_says_nothing_new_voids_nothing(deed, lead):
    before = reads(deed)
    edited = edit_deed(deed=approved(deed), changes={"title": before.title, "effective_on": before.start}, by=lead)
    assert (edited.state, edited.version) == ("approved", 1)
    assert not AuditEvent.objects.exists()


def test_an_edit_of_a_later_deed_leaves_the_agreement_in_operation(variation, lead):
    edited = edit_deed(deed=approved(variation), changes={"title": "Wider"}, by=lead)
    assert (edited.state, edited.agreement.state) == ("draft", "in_operation")


def test_an_edit_of_what_somebody_else_has_changed_is_refused(deed, lead):
    edit_deed(deed=deed, changes={"title": "Ours"}, version=1, by=lead)
    assert refusal(edit_deed, deed=deed, changes={"title": "Mine"}, version=1, by=lead) == ["CHANGED_MEANWHILE"]
    assert reads(deed).title == "Ours"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"end_on": SIGNED_BEFORE}, ["AGREEMENT_ENDS_BEFORE_START"]),
        ({"end_on": LATER, "sets_end": False}, ["END_NOT_SET"]),
        ({"state": "signed"}, ["UNKNOWN_FIELD"]),
        ({"summary": "x" * 20_001}, ["TOO_LONG"]),
        ({"power": "s13Z"}, ["UNKNOWN_VALUE"]),
        ({"sets_end": "yes"}, ["WRONG_TYPE"]),
        ({"review_on": DAY}, ["WRONG_TYPE"]),
    ],
)
def test_what_is_wrong_in_an_edit_is_refused(deed, lead, changes, codes):
    assert refusal(edit_deed, deed=deed, changes=changes, by=lead) == codes


def test_the_legal_power_and_the_places_belong_to_the_agreement_itself(variation, lead):
    changes = {"power": "s75", "places": []}
    assert refusal(edit_deed, deed=variation, changes=changes, by=lead) == ["UNKNOWN_FIELD", "UNKNOWN_FIELD"]


def test_a_deed_has_effect_within_the_agreement(variation, lead):
    early = {"effective_on": DAY - dt.timedelta(days=1)}
    assert refusal(edit_deed, deed=variation, changes=early, by=lead) == ["DEED_BEFORE_START"]
    ends_sooner = {"end_on": LATER - dt.timedelta(days=1)}
    assert refusal(edit_deed, deed=variation, changes=ends_sooner, by=lead) == ["DEED_AFTER_END"]


def test_a_deed_has_effect_before_earlier_ones_end_the_agreement(icb, council, lead):
    made = factories.signed_agreement(partners=[icb, council], end_on=LATER)
    late = Deed.objects.create(agreement=made, number=1, kind="variation")
    after = {"effective_on": LATER + dt.timedelta(days=1)}
    assert refusal(edit_deed, deed=late, changes=after, by=lead) == ["DEED_AFTER_END"]
    longer = {**after, "end_on": dt.date(2026, 3, 31)}
    assert edit_deed(deed=late, changes=longer, by=lead).end_on == dt.date(2026, 3, 31)


@pytest.mark.parametrize("state", ["signed", "withdrawn"])
def test_a_deed_that_is_not_open_is_never_edited(variation, lead, state):
    day = LATER if state == "signed" else None
    Deed.objects.filter(pk=variation.pk).update(state=state, signed_on=day)
    expected = ["DEED_SIGNED" if state == "signed" else "DEED_WITHDRAWN"]
    for given in ({"changes": {"title": "x"}}, {"changes": {}}):
        assert refusal(edit_deed, deed=variation, by=lead, **given) == expected
    assert refusal(write_clause, deed=variation, kind="aims", text="x", by=lead) == expected
    assert refusal(save_pool, deed=variation, values={"name": "x"}, by=lead) == expected
    assert refusal(drop_scheme, deed=variation, slug="reablement", by=lead) == expected


# --- partners --------------------------------------------------------------------------------------------------------


def test_partners_come_and_go_before_signing(deed, lead):
    trust = factories.organisation(kind="nhs_trust")
    added = add_partner(deed=deed, organisation=trust, by=lead)
    assert (added.role, added.contributes) == ("provider", True)
    change_partner(deed=deed, partner=added, role="commissioner", contributes=False, by=lead)
    assert [(each.body.code, each.role, each.contributes) for each in reads(deed).partners][-1] == (
        trust.code, "commissioner", False,
    )  # fmt: skip
    remove_partner(deed=deed, partner=added, by=lead)
    assert not Partner.objects.filter(pk=added.pk).exists()
    assert refusal(remove_partner, deed=deed, partner=added, by=lead) == ["NOT_A_PARTNER"]


def test_members_of_a_partner_that_was_added_reach_the_draft(deed, lead):
    other = factories.organisation()
    theirs = factories.actor(factories.member(organisation=other, roles=["governance_lead"]))
    add_partner(deed=deed, organisation=other, by=lead)
    assert edit_deed(deed=deed, changes={"title": "Ours"}, by=theirs).title == "Ours"


@pytest.mark.parametrize("kind", ["provider", "government_department", "fire_authority", "other_authority"])
def test_only_nhs_bodies_and_councils_are_partners(deed, lead, kind):
    other = factories.organisation(kind=kind)
    assert refusal(add_partner, deed=deed, organisation=other, by=lead) == ["NOT_A_PARTNER_KIND"]


def test_a_partner_joins_once_in_a_known_role_while_it_is_there(deed, lead, council):
    assert refusal(add_partner, deed=deed, organisation=council, by=lead) == ["PARTNER_ONCE"]
    gone = factories.organisation(kind="ccg", closed=dt.date(2022, 6, 30))
    assert refusal(add_partner, deed=deed, organisation=gone, by=lead) == ["PARTNER_NOT_OPEN"]
    other = factories.organisation()
    assert refusal(add_partner, deed=deed, organisation=other, role="host", by=lead) == ["UNKNOWN_VALUE"]
    earlier = {"effective_on": dt.date(2022, 6, 30)}
    new = factories.organisation(opened=dt.date(2022, 7, 1))
    add_partner(deed=deed, organisation=new, by=lead)
    assert refusal(edit_deed, deed=deed, changes=earlier, by=lead) == ["PARTNER_NOT_OPEN"]


def test_a_partner_of_a_signed_deed_leaves_by_a_later_one_and_may_stay_after_all(variation, lead):
    trust = factories.organisation(kind="nhs_trust")
    district = add_partner(deed=variation, organisation=trust, by=lead)
    assert district.deed == variation
    council = variation.agreement.partners.get(organisation__kind="unitary")
    save_scheme(deed=variation, slug="reablement", values={}, functions=[], by=lead)
    remove_partner(deed=variation, partner=council, by=lead)
    assert council.organisation.code not in [each.body.code for each in reads(variation).partners]
    assert Partner.objects.filter(pk=council.pk).exists()
    assert add_partner(deed=variation, organisation=council.organisation, by=lead) == council
    assert not PartnerLeaving.objects.exists()


def test_a_partner_of_a_signed_deed_changes_its_part_by_leaving_and_joining(variation, lead, icb):
    before = variation.agreement.partners.get(organisation=icb)
    after = change_partner(deed=variation, partner=before, role="commissioner", contributes=False, by=lead)
    assert after.pk != before.pk
    assert [(each.body.code, each.contributes) for each in reads(variation).partners if each.body.pk == icb.pk] == [
        (icb.code, False)
    ]
    unchanged = change_partner(deed=variation, partner=after, role="commissioner", contributes=False, by=lead)
    assert unchanged == after


@pytest.mark.slow
def test_who_leaves_by_a_deed_and_joins_again_in_another_part_joins_anew(variation, lead, council):
    partner = variation.agreement.partners.get(organisation=council)
    save_scheme(deed=variation, slug="reablement", values={}, functions=[], by=lead)
    for other in ({"role": "provider"}, {"contributes": False}):
        remove_partner(deed=variation, partner=partner, by=lead)
        again = add_partner(deed=variation, organisation=council, by=lead, **other)
        assert (again.pk != partner.pk, PartnerLeaving.objects.get().partner) == (True, partner)
        assert (again.role, again.contributes) == (other.get("role", "commissioner"), other.get("contributes", True))
        remove_partner(deed=variation, partner=again, by=lead)
        assert add_partner(deed=variation, organisation=council, by=lead) == partner


@pytest.mark.slow
def test_a_partner_changes_in_either_part_or_not_at_all(deed, lead, council):
    partner = deed.partners.get(organisation=council)
    same = {"role": "commissioner", "contributes": True}
    for other in ({"contributes": False}, {"role": "provider"}):
        changed = change_partner(deed=deed, partner=partner, by=lead, **same | other)
        assert (changed.pk, {"role": changed.role, "contributes": changed.contributes}) == (partner.pk, same | other)
        assert change_partner(deed=deed, partner=partner, by=lead, **same | other) == changed
        change_partner(deed=deed, partner=partner, by=lead, **same)
    assert AuditEvent.objects.filter(action="partner.changed").count() == 4
    assert change_partner(deed=deed, partner=partner, role="", contributes=True, by=lead).role == "commissioner"
    assert refusal(change_partner, deed=deed, partner=partner, role="host", contributes=True, by=lead) == [
        "UNKNOWN_VALUE"
    ]


def test_a_partner_of_another_agreement_is_none_here(deed, lead, council):
    theirs = factories.agreement(partners=[factories.organisation(), council]).partners.get(organisation=council)
    with pytest.raises(Refused) as refused:
        remove_partner(deed=deed, partner=theirs, by=lead)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.where.field) == (
        "NOT_A_PARTNER", "This organisation is no longer a partner by this deed", "organisation",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        add_partner(deed=deed, organisation=council, by=lead)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.where.field) == (
        "PARTNER_ONCE", "Example Council is already a partner", "organisation",
    )  # fmt: skip


def test_a_partner_that_is_named_in_the_text_does_not_leave_before_it_is_replaced(variation, lead, icb):
    host = variation.agreement.partners.get(organisation=icb)
    assert refusal(remove_partner, deed=variation, partner=host, by=lead) == [
        "HOST_NOT_A_PARTNER", "EMPLOYER_NOT_A_PARTNER", "LEAD_NOT_A_PARTNER", "HOLDER_NOT_A_PARTNER",
    ]  # fmt: skip


# --- clauses ---------------------------------------------------------------------------------------------------------


def test_a_clause_is_written_and_taken_out_before_signing(deed, lead):
    written = write_clause(deed=deed, kind="aims", text=" Fewer stays\r\nin hospital. ", by=lead)
    assert written is not None
    assert written.text == "Fewer stays\nin hospital."
    assert write_clause(deed=deed, kind="aims", text="  ", by=lead) is None
    assert not Clause.objects.exists()


def test_several_clauses_are_written_together_or_not_at_all(deed, lead):
    before = deed.version
    written = write_clauses(deed=deed, texts={"aims": "Fewer stays", "exit": "As it came", "disputes": " "}, by=lead)
    assert {kind: clause.text for kind, clause in written.items()} == {"aims": "Fewer stays", "exit": "As it came"}
    deed.refresh_from_db()
    assert deed.version == before + 1
    with pytest.raises(Refused):
        write_clauses(deed=deed, texts={"aims": "Other aims", "poetry": "Roses"}, by=lead)
    assert Clause.objects.get(deed=deed, kind="aims").text == "Fewer stays"


def test_a_later_deed_strikes_a_clause_out_or_restores_it(variation, lead):
    words = reads(variation).clause("aims")
    struck = write_clause(deed=variation, kind="aims", text="", by=lead)
    assert struck is not None
    assert (struck.text, reads(variation).clause("aims")) == ("", "")
    assert write_clause(deed=variation, kind="aims", text=words, by=lead) is None
    assert reads(variation).clause("aims") == words
    assert not Clause.objects.filter(deed=variation).exists()


def test_words_that_say_nothing_new_void_no_approval(variation, lead):
    words = reads(variation).clause("aims")
    assert write_clause(deed=approved(variation), kind="aims", text=words, by=lead) is None
    assert Deed.objects.get(pk=variation.pk).state == "approved"
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("poetry", "Roses", "UNKNOWN_VALUE"),
        ("", "Roses", "REQUIRED"),
        ("aims", "\x00", "BAD_CHARACTERS"),
        ("aims", "x" * 100_001, "TOO_LONG"),
    ],
)
def test_a_clause_that_cannot_be_kept_is_refused(deed, lead, kind, text, code):
    assert refusal(write_clause, deed=deed, kind=kind, text=text, by=lead) == [code]


# --- funds -----------------------------------------------------------------------------------------------------------


def test_a_fund_saves_half_finished_and_is_known_by_its_name(deed, lead, icb):
    first = save_pool(deed=deed, values={"name": "Equipment & aids", "kind": "pooled"}, by=lead)
    second = save_pool(deed=deed, values={"name": "Equipment aids"}, by=lead)
    nameless = save_pool(deed=deed, values={"name": "£££"}, by=lead)
    assert [each.pool.slug for each in (first, second, nameless)] == ["equipment-aids", "equipment-aids-2", "fund"]
    saved = save_pool(
        deed=deed, slug="fund", values={"host": icb, "irrecoverable_vat": Decimal("12.5"), "accounting": "lead"},
        by=lead,
    )  # fmt: skip
    assert (saved.pk, saved.name, saved.host, saved.kind) == (nameless.pk, "£££", icb, "pooled")
    assert [each.reference for each in Change.objects.filter(resource="pools")][-1] == f"{deed.agreement}/fund"


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"name": ""}, ["REQUIRED"]),
        ({}, ["REQUIRED"]),
        ({"name": "x" * 301}, ["TOO_LONG"]),
        ({"name": "Fund", "kind": "shared"}, ["UNKNOWN_VALUE"]),
        ({"name": "Fund", "kind": None}, ["REQUIRED"]),
        ({"name": "Fund", "irrecoverable_vat": Decimal("100.01")}, ["OUT_OF_RANGE"]),
        ({"name": "Fund", "irrecoverable_vat": Decimal("NaN")}, ["OUT_OF_RANGE"]),
        ({"name": "Fund", "irrecoverable_vat": Decimal("1.005")}, ["TOO_PRECISE"]),
        ({"name": "Fund", "is_closed": True}, ["UNKNOWN_FIELD"]),
        ({"name": 7}, ["WRONG_TYPE"]),
    ],
)
def test_a_fund_that_is_wrong_is_refused(deed, lead, values, codes):
    assert refusal(save_pool, deed=deed, values=values, by=lead) == codes
    assert not Pool.objects.exists()


@pytest.mark.slow
def test_what_a_later_deed_does_not_say_of_a_fund_goes_into_it_whole(variation, lead, icb, council):
    PoolTerms.objects.bulk_create(
        [PoolTerms(deed=variation, pool=Pool.objects.create(agreement=variation.agreement, slug="full"), **FULL_FUND,
                   host=icb, manager_employer=council)]
    )  # fmt: skip
    Deed.objects.filter(pk=variation.pk).update(state="signed", signed_on=LATER)
    last = Deed.objects.create(agreement=variation.agreement, number=2, kind="variation", effective_on=LATER)
    made = save_pool(deed=last, slug="full", values={"name": "Other"}, by=lead)
    columns = {field.attname for field in PoolTerms._meta.concrete_fields} - {"id", "deed_id", "pool_id", "is_closed"}
    assert {name: getattr(made, name) for name in columns} == {
        **FULL_FUND, "name": "Other", "host_id": icb.pk, "manager_employer_id": council.pk,
    }  # fmt: skip
    drop_pool(deed=last, slug="full", by=lead)
    drop_pool(deed=last, slug="full", by=lead)
    closed = PoolTerms.objects.get(deed=last, pool__slug="full")
    assert (closed.is_closed, closed.name, closed.kind) == (True, "Fund", "aligned")
    again = save_pool(deed=last, slug="", values={"name": "Full"}, by=lead)
    assert (again.pool.slug, again.is_closed, again.kind) == ("full-2", False, "pooled")


FULL_FUND = {
    "name": "Fund", "kind": "aligned", "manager": "Head", "vat_structure": "agency", "vat_regime": "s33",
    "irrecoverable_vat": Decimal("12.50"), "vat_advice": "Letter", "accounting": "lead",
    **MONEY,
}  # fmt: skip


def test_a_host_and_the_employer_of_the_manager_are_partners(deed, lead):
    values = {"name": "Fund", "host": factories.organisation(), "manager_employer": factories.organisation()}
    assert refusal(save_pool, deed=deed, values=values, by=lead) == ["HOST_NOT_A_PARTNER", "EMPLOYER_NOT_A_PARTNER"]


def test_a_fund_that_is_not_there_is_neither_changed_nor_dropped(deed, lead):
    assert refusal(save_pool, deed=deed, slug="none", values={"name": "x"}, by=lead) == ["NOT_THERE"]
    assert refusal(drop_pool, deed=deed, slug="none", by=lead) == ["NOT_THERE"]


def test_a_fund_is_gone_before_signing_unless_a_scheme_is_paid_from_it(deed, lead):
    save_pool(deed=deed, values={"name": "Fund"}, by=lead)
    slug = Pool.objects.get().slug
    save_scheme(deed=deed, values={"name": "Scheme", "pool": slug}, functions=[], by=lead)
    assert refusal(drop_pool, deed=deed, slug=slug, by=lead) == ["POOL_NOT_THERE"]
    save_scheme(deed=deed, slug="scheme", values={"pool": None}, by=lead)
    drop_pool(deed=deed, slug=slug, by=lead)
    assert reads(deed).pools == ()
    assert save_pool(deed=deed, values={"name": "Fund"}, by=lead).pool.slug == slug


def test_a_later_deed_changes_a_fund_takes_that_back_and_closes_it(variation, lead):
    changed = save_pool(deed=variation, slug="reablement", values={"manager": "Director of care"}, by=lead)
    assert (changed.name, changed.manager) == ("Example fund", "Director of care")
    assert PoolTerms.objects.get(deed__number=0).manager == "Head of joint commissioning"
    drop_pool(deed=variation, slug="reablement", by=lead)
    assert reads(variation).pool("reablement").manager == "Head of joint commissioning"
    save_scheme(deed=variation, slug="reablement", values={"pool": ""}, by=lead)
    drop_pool(deed=variation, slug="reablement", by=lead)
    assert reads(variation).pool("reablement") is None
    drop_pool(deed=variation, slug="reablement", by=lead)
    assert reads(variation).pool("reablement") is not None


# --- schemes ---------------------------------------------------------------------------------------------------------


def functions(icb, council) -> list[FunctionIn]:
    factories.function("nhs-s3")
    factories.function("social-services", side="local_authority")
    return [
        FunctionIn("nhs-s3", icb, ("surgery", "endoscopy"), "Schedule 2 "),
        FunctionIn("social-services", council),
    ]


def test_a_scheme_saves_with_its_functions_and_keeps_what_is_left_out(deed, lead, icb, council):
    save_pool(deed=deed, values={"name": "Fund"}, by=lead)
    values = {
        "name": "New", "flexibilities": ["pooled_fund"], "ways_of_working": ["lead_commissioning"], "lead": council,
        "pool": Pool.objects.get(), "start_on": DAY, "end_on": LATER, "is_voluntary": True, "aims": "More at home.",
    }  # fmt: skip
    saved = save_scheme(deed=deed, values=values, functions=functions(icb, council), by=lead)
    assert saved.scheme.slug == "scheme"
    (scheme,) = reads(deed).schemes
    assert [(each.code, each.exclusions, each.delegation_evidence) for each in scheme.functions] == [
        ("nhs-s3", ("endoscopy", "surgery"), "Schedule 2"), ("social-services", (), ""),
    ]  # fmt: skip
    save_scheme(deed=deed, slug="scheme", values={"services": "Reablement."}, by=lead)
    assert reads(deed).schemes == (replace(scheme, services="Reablement."),)
    save_scheme(deed=deed, slug="scheme", values={}, functions=[], by=lead)
    assert reads(deed).schemes[0].functions == ()


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"name": " "}, ["REQUIRED"]),
        ({"flexibilities": ["surgery"]}, ["UNKNOWN_VALUE"]),
        ({"flexibilities": "pooled_fund"}, ["WRONG_TYPE"]),
        ({"ways_of_working": ["alone"]}, ["UNKNOWN_VALUE"]),
        ({"start_on": LATER, "end_on": DAY}, ["SCHEME_ENDS_AFTER_START"]),
        ({"start_on": SIGNED_BEFORE}, ["SCHEME_BEFORE_START"]),
        ({"pool": "none"}, ["POOL_NOT_THERE"]),
        ({"aims": "More\x0bat home"}, ["BAD_CHARACTERS"]),
        ({"notice_months": 121}, ["OUT_OF_RANGE"]),
        ({"is_ended": True}, ["UNKNOWN_FIELD"]),
    ],
)
def test_a_scheme_that_is_wrong_is_refused(deed, lead, values, codes):
    assert refusal(save_scheme, deed=deed, values={"name": "Scheme"} | values, functions=[], by=lead) == codes
    assert not Scheme.objects.exists()


def test_functions_that_are_wrong_are_refused_all_at_once(deed, lead, icb, council):
    known = functions(icb, council)
    wrong = [
        *known, known[0], FunctionIn("witchcraft"), FunctionIn("social-services-2", exclusions=("dentistry",)),
    ]  # fmt: skip
    codes = refusal(save_scheme, deed=deed, values={"name": "Scheme"}, functions=wrong, by=lead)
    assert codes == ["SCHEME_FUNCTION_ONCE", "UNKNOWN_FUNCTION", "UNKNOWN_FUNCTION", "UNKNOWN_EXCLUSION"]


def test_the_lead_and_the_holders_are_partners_and_the_fund_is_of_this_agreement(deed, lead):
    factories.function("nhs-s3")
    stranger = factories.organisation()
    named = [FunctionIn("nhs-s3", stranger)]
    codes = refusal(save_scheme, deed=deed, values={"name": "Scheme", "lead": stranger}, functions=named, by=lead)
    assert codes == ["LEAD_NOT_A_PARTNER", "HOLDER_NOT_A_PARTNER"]
    save_pool(deed=deed, values={"name": "Fund"}, by=lead)
    twin = Pool.objects.create(agreement=factories.agreement(), slug=Pool.objects.get().slug)
    codes = refusal(save_scheme, deed=deed, values={"name": "Scheme", "pool": twin}, functions=[], by=lead)
    assert codes == ["POOL_NOT_THERE"]


def test_a_scheme_stays_within_the_agreement_when_its_end_moves(deed, lead):
    save_scheme(deed=deed, values={"name": "Scheme", "end_on": dt.date(2026, 3, 31)}, functions=[], by=lead)
    assert refusal(edit_deed, deed=deed, changes={"end_on": LATER}, by=lead) == ["SCHEME_AFTER_END"]


def test_a_later_deed_changes_a_scheme_takes_that_back_and_ends_it(variation, lead):
    before = reads(variation).scheme("reablement")
    save_scheme(deed=variation, slug="reablement", values={"name": "Home first"}, by=lead)
    assert reads(variation).scheme("reablement") == replace(before, name="Home first")
    drop_scheme(deed=variation, slug="reablement", by=lead)
    assert reads(variation).scheme("reablement") == before
    drop_scheme(deed=variation, slug="reablement", by=lead)
    assert reads(variation).schemes == ()
    drop_scheme(deed=variation, slug="reablement", by=lead)
    assert reads(variation).schemes == (before,)
    added = save_scheme(deed=variation, values={"name": "Reablement"}, functions=[], by=lead)
    assert added.scheme.slug == "reablement-2"
    drop_scheme(deed=variation, slug="reablement-2", by=lead)
    assert reads(variation).schemes == (before,)
    again = save_scheme(deed=variation, values={"name": "Reablement"}, functions=[], by=lead)
    assert again.scheme == added.scheme


# --- people at once --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_people_who_edit_at_once_take_turns_and_lose_nothing():
    icb, council = factories.organisation(), factories.council()
    deed = factories.open_deed(factories.agreement(partners=[icb, council]))
    actors = [factories.actor(factories.member(organisation=one, roles=["pool_manager"])) for one in (icb, council)]
    start, outcomes = threading.Barrier(4), []

    def work(edit):
        start.wait()
        try:
            edit()
            outcomes.append("saved")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    edits = [
        lambda: save_pool(deed=deed, values={"name": "Fund"}, by=actors[0]),
        lambda: save_pool(deed=deed, values={"name": "Fund"}, by=actors[1]),
        lambda: edit_deed(deed=deed, changes={"title": "First"}, version=1, by=actors[0]),
        lambda: write_clause(deed=deed, kind="aims", text="An aim.", by=actors[1]),
    ]
    threads = [threading.Thread(target=work, args=(edit,)) for edit in edits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(outcomes)) in (["saved"], ["CHANGED_MEANWHILE", "saved"])
    assert {each.slug for each in Pool.objects.all()} == {"fund", "fund-2"}
    saved = Deed.objects.get(pk=deed.pk)
    assert saved.version == 1 + outcomes.count("saved")
    assert Agreement.objects.get(pk=deed.agreement_id).version == 1 + outcomes.count("saved")
