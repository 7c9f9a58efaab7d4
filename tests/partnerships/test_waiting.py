"""For whom an agreement waits: kept with it, shown first to whoever speaks for them, and to nobody else."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from partnerships.actions import deeds, drafting, succession
from partnerships.models import Agreement, Standing
from partnerships.queries.agreements.records import records_of
from partnerships.queries.agreements.waiting import agreements_waiting, waiting_in
from tests import factories
from tests.partnerships.agreements_world import SYSTEM, TODAY, People, World, approve, fresh, open_deed, sign
from tests.partnerships.reading_agreements import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]


def waits(agreement: Agreement) -> tuple[str, set[str]]:
    """What for, and the names of whom."""
    standing = Standing.objects.get(agreement=agreement, audience="partners")
    bodies = factories.Organisation.objects.filter(pk__in=standing.awaited_ids)
    return standing.awaits, set(bodies.values_list("name", flat=True))


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


def test_whoever_was_not_asking_is_to_change_it(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    deeds.request_changes(deed=open_deed(agreement), note="Name the host.", by=world.icb.approves)
    assert waits(agreement) == ("changes", named(world.council))


def test_an_edit_takes_the_text_from_the_table_again(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    drafting.edit_deed(deed=open_deed(agreement), changes={"title": "Another title"}, by=world.council.prepares)
    assert waits(agreement) == ("", set())


def test_approved_by_all_it_waits_for_anybody_to_sign(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council, world.icb)
    assert waits(agreement) == ("signature", named(world.council, world.icb))


def test_signed_it_waits_for_nobody_until_a_partner_publishes(world: World):
    agreement = world.draft()
    sign(open_deed(agreement), world.council, world.icb)
    assert waits(agreement) == ("", set())
    publish(agreement, world.council)
    assert waits(agreement) == ("publication", named(world.icb))
    publish(agreement, world.icb)
    assert waits(agreement) == ("", set())


def test_an_open_deed_goes_before_what_is_to_be_published(world: World):
    agreement = world.running()
    publish(agreement, world.council)
    deed = world.deed(agreement)
    assert waits(agreement) == ("publication", named(world.icb))
    approve(deed, world.icb)
    assert waits(agreement) == ("approval", named(world.council))
    deeds.withdraw_deed(deed=open_deed(agreement), reason="Not now.", by=world.council.prepares)
    assert waits(agreement) == ("publication", named(world.icb))


def test_what_is_over_waits_for_nobody(world: World):
    agreement = world.draft()
    approve(open_deed(agreement), world.council)
    deeds.withdraw_deed(deed=open_deed(agreement), reason="Not now.", by=world.council.prepares)
    assert waits(agreement) == ("", set())


def test_whoever_succeeded_a_partner_is_waited_for_in_its_place(world: World):
    board = named(world.icb)
    agreement = world.running(world.pct, world.council, effective_on=dt.date(2012, 4, 1))
    publish(agreement, world.council)
    assert waits(agreement) == ("publication", board)
    succession.carry_over(agreement=agreement, by=SYSTEM)
    assert waits(agreement) == ("publication", board)


def test_everybody_else_is_told_nothing(world: World):
    agreement = world.running(is_published=True)
    deed = world.deed(agreement)
    approve(deed, world.icb)
    assert waits(agreement)[0] == "approval"
    public = Standing.objects.get(agreement=agreement, audience="public")
    assert (public.awaits, public.awaited_ids) == ("", [])
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
    records = list(records_of([fresh(each) for each in made]).values())
    with django_assert_num_queries(2):
        assert len(waiting_in(records[:1], TODAY)) == 1
    with django_assert_num_queries(2):
        assert len(waiting_in(records, TODAY)) == 4


# --- the first page and the list -------------------------------------------------------------------------------------


def test_the_first_page_says_what_waits_for_the_reader(world: World):
    agreement = world.draft(title="Reablement together")
    approve(open_deed(agreement), world.council)
    said = logged_in(world.icb.approves.person).get("/").content.decode()
    assert "Waiting for you" in said
    assert f'<a href="/agreements/{agreement.reference}/">Reablement together</a>' in said
    assert "waits for your approval" in said
    assert "Nothing waits for you." in logged_in(world.council.approves.person).get("/").content.decode()
    for reader in (world.icb.having("viewer"), world.icb.prepares):
        assert "aiting for you" not in logged_in(reader.person).get("/").content.decode()


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
