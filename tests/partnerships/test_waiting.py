"""For whom an agreement waits: kept with it, shown first to whoever speaks for them, and to nobody else."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from partnerships.actions import deeds, drafting, succession
from partnerships.models import Agreement, AgreementSummary
from partnerships.queries.agreements.records import records_of
from partnerships.queries.agreements.waiting import agreements_waiting, waiting_in
from partnerships.queries.law import law_in_force
from partnerships.reference.law_loading import load_law
from pooledcare.directory.access import Actor, key_actor
from pooledcare.directory.models import Organisation
from tests import factories
from tests.deed_steps import SYSTEM, TODAY, approve, fresh, open_deed, sign
from tests.partnerships.reading_agreements import logged_in
from tests.world import People, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]


def standing_of(agreement: Agreement) -> AgreementSummary:
    return AgreementSummary.objects.get(agreement=agreement, audience="partners")


def names_of(keys: list[int]) -> set[str]:
    return set(Organisation.objects.filter(pk__in=keys).values_list("name", flat=True))


def waits(agreement: Agreement) -> tuple[str, set[str]]:
    """What the open deed waits for, and the names of whom."""
    summary = standing_of(agreement)
    return summary.awaits, names_of(summary.awaited_ids)


def unpublished(agreement: Agreement) -> set[str]:
    return names_of(standing_of(agreement).unpublished_ids)


def asked_to_change(world: World) -> Agreement:
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    deeds.request_changes(deed=open_deed(agreement), note="Name the host.", by=world.icb.approves)
    return agreement


def waiting(actor: Actor) -> list[Agreement]:
    return [row.agreement for row in agreements_waiting(actor).rows]


def named(*people: People) -> set[str]:
    return {each.organisation.name for each in people}


def publish(agreement: Agreement, *people: People) -> None:
    for each in people:
        deeds.publish_deed(deed=agreement.deeds.get(number=0), by=each.approves)


def test_what_is_still_being_written_waits_for_nobody(world: World):
    assert waits(world.draft()) == ("", set())


def test_the_first_approval_puts_the_text_before_the_others(world: World):
    agreement = world.draft(world.icb, world.council, world.district)
    approve(open_deed(agreement), world.council)
    assert waits(agreement) == ("approval", named(world.icb, world.district))
    approve(open_deed(agreement), world.icb)
    assert waits(agreement) == ("approval", named(world.district))


def test_changes_wait_for_whoever_prepares(world: World):
    agreement = asked_to_change(world)
    assert waits(agreement) == ("changes", named(world.council, world.icb))
    for there in (world.council, world.icb):
        assert waiting(there.prepares) == [agreement]
        assert waiting(there.approves) == []


def test_an_edit_takes_the_text_from_the_table_again(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    drafting.edit_deed(deed=open_deed(agreement), changes={"title": "Another title"}, by=world.council.prepares)
    assert waits(agreement) == ("", set())


def test_approved_by_all_it_waits_for_anybody_to_sign(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council, world.icb)
    assert waits(agreement) == ("signature", named(world.council, world.icb))
    said = logged_in(world.council.approves.person).get(agreement.get_absolute_url()).content.decode()
    assert "It can be signed." in said


def test_nobody_is_called_to_sign_what_cannot_be_signed(world: World):
    load_law()
    alone, unlawful = world.draft(world.council), world.draft(world.council, world.district)
    for agreement, people in ((alone, [world.council]), (unlawful, [world.council, world.district])):
        approve(open_deed(agreement), *people)
        assert open_deed(agreement).state == "approved"
        assert waits(agreement) == ("", set())
        said = logged_in(world.council.approves.person).get(agreement.get_absolute_url()).content.decode()
        assert "It cannot be signed yet" in said


def test_signed_it_waits_for_nobody_until_a_partner_publishes(world: World):
    agreement = world.draft()
    sign(open_deed(agreement), world.council, world.icb)
    assert (waits(agreement), unpublished(agreement)) == (("", set()), set())
    publish(agreement, world.council)
    assert unpublished(agreement) == named(world.icb)
    assert waiting(world.icb.approves) == [agreement]
    assert waiting(world.icb.prepares) == []
    publish(agreement, world.icb)
    assert unpublished(agreement) == set()


def test_an_open_deed_and_a_publication_wait_side_by_side(world: World):
    agreement = world.running()
    publish(agreement, world.council)
    deed = world.deed(agreement)
    approve(deed, world.icb)
    assert waits(agreement) == ("approval", named(world.council))
    assert unpublished(agreement) == named(world.icb)
    assert waiting(world.council.approves) == waiting(world.icb.approves) == [agreement]
    deeds.withdraw_deed(deed=open_deed(agreement), reason="Not now.", by=world.council.prepares)
    assert (waits(agreement), unpublished(agreement)) == (("", set()), named(world.icb))


def test_two_deeds_to_publish_wait_for_everybody_who_has_not(world: World):
    agreement = world.running()
    publish(agreement, world.council)
    second = sign(world.deed(agreement), world.council, world.icb)
    deeds.publish_deed(deed=second, by=world.icb.approves)
    assert unpublished(agreement) == named(world.council, world.icb)


def test_nobody_is_called_to_approve_what_they_edited_last(world: World):
    agreement = world.draft()
    both = world.icb.having("governance_lead")
    drafting.edit_deed(deed=open_deed(agreement), changes={"title": "Another title"}, by=both)
    approve(open_deed(agreement), world.council)
    assert waits(agreement) == ("approval", named(world.icb))
    assert waiting(both) == []
    assert waiting(world.icb.approves) == [agreement]
    said = logged_in(both.person).get("/agreements/").content.decode()
    assert "Waits for your approval" not in said
    assert "Nothing is waiting for you." in logged_in(both.person).get("/").content.decode()


def test_what_a_key_edited_its_maker_does_not_approve(world: World):
    agreement, maker = world.draft(), world.icb.having("governance_lead")
    rights = ["read_unpublished", "prepare_agreements"]
    key, _ = factories.api_key(created_by=maker.person, organisation=world.icb.organisation, permissions=rights)
    drafting.edit_deed(deed=open_deed(agreement), changes={"title": "Another title"}, by=key_actor(key))
    approve(open_deed(agreement), world.council)
    assert waiting(maker) == []
    assert waiting(world.icb.approves) == [agreement]


def test_what_is_over_waits_for_nobody(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    deeds.withdraw_deed(deed=open_deed(agreement), reason="Not now.", by=world.council.prepares)
    assert waits(agreement) == ("", set())


def test_whoever_succeeded_a_partner_is_waited_for_in_its_place(world: World):
    board = named(world.icb)
    agreement = world.running(world.pct, world.council, effective_on=dt.date(2012, 4, 1))
    publish(agreement, world.council)
    assert unpublished(agreement) == board
    succession.add_known_successors(agreement=agreement, by=SYSTEM)
    assert unpublished(agreement) == board


def test_everybody_else_is_told_nothing(world: World):
    agreement = world.running(is_published=True)
    deed = world.deed(agreement)
    approve(deed, world.icb)
    assert waits(agreement)[0] == "approval"
    public = AgreementSummary.objects.get(agreement=agreement, audience="public")
    assert (public.awaits, public.awaited_ids, public.edited_by, public.unpublished_ids) == ("", [], "", [])
    assert agreements_waiting(world.outsider.approves).rows == []


def test_only_who_speaks_for_an_organisation_is_waited_for(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    assert [row.agreement for row in agreements_waiting(world.icb.approves).rows] == [agreement]
    for other in (world.icb.having("viewer"), world.icb.prepares, world.council.approves, world.outsider.approves):
        assert agreements_waiting(other).rows == []


def test_many_are_worked_out_with_as_many_questions_as_one(world: World, django_assert_num_queries):
    made = [world.draft() for _ in range(4)]
    for agreement in made:
        approve(open_deed(agreement), world.council)
    law = law_in_force()
    records = list(records_of([fresh(each) for each in made]).values())
    with django_assert_num_queries(2):
        assert len(waiting_in(records[:1], TODAY, law)) == 1
    with django_assert_num_queries(2):
        assert len(waiting_in(records, TODAY, law)) == 4


# --- the first page and the list -------------------------------------------------------------------------------------


def test_the_first_page_says_what_waits_for_the_reader(world: World):
    agreement = world.draft(title="Reablement together")
    approve(open_deed(agreement), world.council)
    said = logged_in(world.icb.approves.person).get("/").content.decode()
    assert "Waiting for you" in said
    assert f'<a href="/agreements/{agreement.reference}/">Reablement together</a>' in said
    assert "waits for your approval" in said
    assert "Nothing is waiting for you." in logged_in(world.council.approves.person).get("/").content.decode()
    assert "Nothing is waiting for you." in logged_in(world.icb.prepares.person).get("/").content.decode()
    assert "aiting for you" not in logged_in(world.icb.having("viewer").person).get("/").content.decode()


def test_nobody_is_told_on_the_first_page_what_waits_for_others(client, world: World):
    agreement = world.draft(title="Reablement together")
    approve(open_deed(agreement), world.council)
    for reader in (client, logged_in(world.outsider.approves.person)):
        assert "Reablement together" not in reader.get("/").content.decode()


def test_of_many_the_newest_are_shown_and_the_list_has_all(world: World):
    for number in range(7):
        approve(open_deed(world.draft(title=f"Example {number}")), world.council)
    reader = logged_in(world.icb.approves.person)
    first = reader.get("/").content.decode()
    assert [f"Example {number}" in first for number in range(7)] == [False] * 2 + [True] * 5
    assert "/agreements/?waiting=1" in first
    every = reader.get("/agreements/?waiting=1").content.decode()
    assert all(f"Example {number}" in every for number in range(7))
    assert "Waits for your approval" in every


def test_the_list_is_narrowed_to_what_waits_for_the_reader(world: World):
    waiting, other = world.draft(title="It waits"), world.draft(title="It does not")
    approve(open_deed(waiting), world.council)
    reader = logged_in(world.icb.approves.person)
    said = reader.get("/agreements/?waiting=1").content.decode()
    assert ("It waits" in said, "It does not" in said) == (True, False)
    everything = reader.get("/agreements/").content.decode()
    assert other.reference in everything
    for somebody in (world.icb.having("viewer"), world.outsider.approves):
        answer = logged_in(somebody.person).get("/agreements/?waiting=1")
        assert answer.status_code == 200
        assert "Waits for your" not in answer.content.decode()


def test_the_file_says_for_whom_each_waits(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    reader = logged_in(world.icb.having("viewer").person)
    answer = reader.get(reverse("partnerships:agreement-download"))
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Waits for"] for row in rows] == [f"Approval: {world.icb.organisation.name}"]
