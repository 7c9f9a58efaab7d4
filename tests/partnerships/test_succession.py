"""Partners that are no more are followed by successors, by dated rows; what was there before stays as it was."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import Http404

from partnerships.actions import deeds, succession
from partnerships.changing.copying import add_successors
from partnerships.models import Agreement, Partner, PartnerLeaving
from partnerships.queries.agreements.approvals import approvals_of, partner_deciding_bodies
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import law_in_force
from partnerships.reference.law_loading import load_law
from partnerships.rules.agreements import content_as_at, facts_of, findings_of
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.deed_steps import SYSTEM, TODAY, fresh, sign
from tests.partnerships.test_deeds import refusal
from tests.world import People, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = dt.timedelta(days=1)
IN_2012 = dt.date(2012, 4, 1)


@pytest.fixture
def world() -> World:
    made = World()
    assert made.icb
    return made


def partners_on(agreement: Agreement, day: dt.date) -> list[str]:
    content = content_as_at(record_of(fresh(agreement)), day)
    return sorted(each.body.name for each in content.partners) if content else []


# --- as the reference has it -----------------------------------------------------------------------------------------


def test_a_trust_of_2012_reads_as_its_group_in_2013_and_as_its_board_in_2022(world):
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    made = succession.add_known_successors(agreement=agreement, by=SYSTEM)
    assert [row.organisation for row in made] == [world.ccg.organisation, world.icb.organisation]
    for day, people in (
        (dt.date(2013, 3, 31), world.pct),
        (dt.date(2013, 4, 1), world.ccg),
        (dt.date(2022, 6, 30), world.ccg),
        (dt.date(2022, 7, 1), world.icb),
    ):
        assert partners_on(agreement, day) == sorted([people.organisation.name, "Mereshire County Council"])
    assert content_as_at(record_of(fresh(agreement)), TODAY).pools[0].host.name == world.icb.organisation.name


def test_carrying_over_twice_finds_nothing_to_do_and_leaves_no_trace(world):
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    succession.add_known_successors(agreement=agreement, by=world.council.prepares)
    assert succession.add_known_successors(agreement=agreement, by=world.council.prepares) == []
    event = AuditEvent.objects.get(action="partner.carried_over")
    codes = sorted([world.ccg.organisation.code, world.icb.organisation.code])
    assert event.sentence == f"{agreement.reference}: carried over to {', '.join(codes)}."


def test_the_law_is_asked_again_on_the_day_of_every_successor(world):
    load_law()
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    succession.add_known_successors(agreement=agreement, by=SYSTEM)
    record = record_of(fresh(agreement))
    assert facts_of(record).successions == {dt.date(2013, 4, 1), dt.date(2022, 7, 1)}
    days = {finding.on for finding in findings_of(record, law_in_force())}
    assert {IN_2012, dt.date(2013, 4, 1), dt.date(2022, 7, 1)} <= days


def test_members_of_a_successor_reach_the_history_even_before_it_is_carried_over(world):
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    assert agreement_reached(agreement.reference, actor=world.icb.having("viewer")).is_partner
    assert agreement_reached(agreement.reference, actor=world.outsider.approves) is None


def test_a_split_is_followed_by_several_successors_that_both_speak(world):
    other = world.body("NHS Eastwold CCG", "ccg", "2013-04-01")
    world.followed(world.pct, other, "2013-04-01")
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    succession.add_known_successors(agreement=agreement, by=SYSTEM)
    names = [world.ccg.organisation.name, "NHS Eastwold CCG", "Mereshire County Council"]
    assert partners_on(agreement, dt.date(2014, 1, 1)) == sorted(names)
    deciding = [decider.body.name for decider in partner_deciding_bodies(record_of(fresh(agreement)), TODAY)]
    assert deciding == sorted([world.icb.organisation.name, "NHS Eastwold CCG", "Mereshire County Council"])
    deed = world.deed(agreement)
    sign(deed, world.icb, world.council, other)


def test_two_groups_that_become_one_board_are_one_partner_with_one_approval(world):
    other = world.body("NHS Eastwold CCG", "ccg", "2013-04-01", "2022-06-30")
    world.followed(other, world.icb, "2022-07-01")
    agreement = world.running(world.ccg, world.council, other, effective_on=dt.date(2015, 4, 1))
    assert len(succession.add_known_successors(agreement=agreement, by=SYSTEM)) == 2
    assert partners_on(agreement, TODAY) == ["Mereshire County Council", world.icb.organisation.name]
    deed = world.deed(agreement)
    assert len(approvals_of(deed, record_of(fresh(agreement)))) == 2
    assert sign(deed, world.icb, world.council).state == "signed"


def leaves(world: World, agreement: Agreement, people: People, on: dt.date) -> None:
    deed = world.deed(agreement, effective_on=on)
    rows = Partner.objects.filter(agreement=agreement, organisation=people.organisation)
    PartnerLeaving.objects.create(deed=deed, partner=rows.latest("pk"))
    signed = {deed.number: on - 30 * DAY}
    deeds.record_history(agreement=agreement, signed=signed, published=False, source=None, by=SYSTEM)


def test_who_has_left_by_deed_is_not_followed(world):
    agreement = world.running(world.ccg, world.council, world.district, effective_on=dt.date(2015, 4, 1))
    leaves(world, agreement, world.ccg, dt.date(2020, 4, 1))
    assert not agreement.partners.filter(deed=None).exists()
    assert partners_on(agreement, TODAY) == ["Mereshire County Council", "Moorside District Council"]


def test_who_was_followed_and_left_later_was_followed_all_the_same(world):
    agreement = world.running(world.pct, world.council, world.district, effective_on=IN_2012)
    assert succession.add_known_successors(agreement=agreement, by=SYSTEM)
    leaves(world, agreement, world.icb, dt.date(2024, 4, 1))
    assert world.icb.organisation.name in partners_on(agreement, dt.date(2024, 3, 31))
    assert partners_on(agreement, TODAY) == ["Mereshire County Council", "Moorside District Council"]
    other = world.running(world.pct, world.council, world.district, effective_on=IN_2012)
    leaves(world, other, world.pct, dt.date(2013, 4, 1))
    assert not other.partners.filter(deed=None).exists()


def test_a_successor_that_left_on_its_first_day_is_not_followed(world):
    agreement = world.running(world.pct, world.council, world.district, effective_on=IN_2012)
    add_successors(agreement, dt.date(2014, 1, 1))
    leaves(world, agreement, world.ccg, dt.date(2013, 4, 1))
    assert agreement.partners.filter(deed=None).count() == 1


def test_an_agreement_that_ended_before_is_not_carried_over(world):
    agreement = world.running(world.pct, world.council, effective_on=IN_2012, end_on=dt.date(2013, 3, 31))
    assert succession.add_known_successors(agreement=agreement, by=SYSTEM) == []


def test_a_body_that_was_gone_before_it_joined_is_left_as_written_and_its_successor_speaks(world):
    agreement = world.running(world.pct, world.council, effective_on=dt.date(2015, 4, 1))
    assert succession.add_known_successors(agreement=agreement, by=SYSTEM) == []
    assert {decider.body.name for decider in partner_deciding_bodies(record_of(agreement), TODAY)} == {
        world.icb.organisation.name, "Mereshire County Council",
    }  # fmt: skip


def test_signing_carries_partners_over_by_itself(world):
    agreement = world.draft(world.pct, world.council, effective_on=IN_2012)
    deed = agreement.deeds.get()
    sign(deed, world.icb, world.council)
    assert partners_on(agreement, TODAY) == ["Mereshire County Council", world.icb.organisation.name]


def test_a_draft_has_no_successors_yet(world):
    agreement = world.draft(world.pct, world.council, effective_on=IN_2012)
    assert succession.add_known_successors(agreement=agreement, by=world.council.prepares) == []


def test_a_line_of_successors_that_comes_back_to_itself_ends(world):
    world.followed(world.icb, world.ccg, "2023-04-01")
    agreement = world.running(world.ccg, world.council, effective_on=dt.date(2015, 4, 1))
    deciding = {decider.body.name for decider in partner_deciding_bodies(record_of(agreement), TODAY)}
    assert "Mereshire County Council" in deciding
    assert len(deciding) == 2


def test_nobody_outside_carries_anything_over(world):
    agreement = world.running(world.pct, world.council, effective_on=IN_2012)
    with pytest.raises(Http404):
        succession.add_known_successors(agreement=agreement, by=world.outsider.prepares)


# --- where the reference has none ------------------------------------------------------------------------------------


@pytest.fixture
def lost(world) -> People:
    """A body that is gone, and the reference does not know to whom."""
    return world.body("Mereshire Care Agency", "other_authority", "2010-04-01", "2020-03-31")


@pytest.fixture
def heir(world) -> People:
    return world.body("Mereshire Care Office", "other_authority", "2020-04-01")


def claim(world: World, agreement: Agreement, old: People, *new: People, **fields) -> list[Partner]:
    partner = Partner.objects.get(agreement=agreement, organisation=old.organisation)
    given = {"effective_on": dt.date(2020, 4, 1), "evidence": "Order of 2020", "by": world.council.prepares, **fields}
    return succession.record_successors(
        agreement=agreement, partner=partner, successors=[each.organisation for each in new], **given
    )


def test_a_partner_whose_successor_is_unknown_is_followed_by_whom_another_names(world, lost, heir):
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    (row,) = claim(world, agreement, lost, heir)
    assert (row.by_succession_of.organisation, row.valid_from) == (lost.organisation, dt.date(2020, 4, 1))
    assert claim(world, agreement, lost, heir) == [row]
    assert "Mereshire Care Agency" in partners_on(agreement, dt.date(2020, 3, 31))
    assert "Mereshire Care Office" in partners_on(agreement, dt.date(2020, 4, 1))
    assert fresh(agreement).statuses.last().note.endswith(": Order of 2020")
    assert AuditEvent.objects.filter(action="partner.carried_over").count() == 1
    assert agreement_reached(agreement.reference, actor=heir.approves).is_partner
    deed = world.deed(agreement)
    sign(deed, world.icb, world.council, heir)


def named(world: World, agreement: Agreement, old: People, *new: People, **fields) -> list[str]:
    """The codes of what is refused, in their order; empty where it is let through."""
    try:
        claim(world, agreement, old, *new, **fields)
    except Refused as refused:
        return [problem.code for problem in refused.problems]
    return []


@pytest.mark.parametrize(("days", "codes"), [(-1, []), (0, ["NOT_A_PARTNER"]), (1, ["NOT_A_PARTNER"])])
def test_who_is_succeeded_was_a_partner_on_the_day_before(world, lost, heir, days, codes):
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2020, 4, 1) + days * DAY)
    assert named(world, agreement, lost, heir) == codes


@pytest.mark.parametrize(("days", "codes"), [(-1, ["NOT_A_PARTNER"]), (0, []), (1, [])])
def test_who_has_left_by_the_day_before_is_not_succeeded(world, lost, heir, days, codes):
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    leaves(world, agreement, lost, dt.date(2020, 4, 1) + days * DAY)
    assert named(world, agreement, lost, heir) == codes


@pytest.mark.parametrize(("days", "codes"), [(-1, []), (0, []), (1, ["NOT_THERE_YET"])])
def test_a_successor_exists_on_the_day(world, lost, days, codes):
    new = People(factories.organisation(kind="other_authority", opened=dt.date(2020, 4, 1) + days * DAY))
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    assert named(world, agreement, lost, new) == codes


def test_the_same_successors_on_the_same_day_are_named_once(world, lost, heir):
    other = world.body("Mereshire Care Bureau", "other_authority", "2020-04-01")
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    made = claim(world, agreement, lost, heir, other, heir)
    assert [row.organisation for row in made] == [heir.organisation, other.organisation]
    assert claim(world, agreement, lost, other, heir, evidence="Another order") == made
    assert named(world, agreement, lost, heir) == ["ALREADY_SUCCEEDED"]
    later_day = {"effective_on": dt.date(2020, 4, 2)}
    assert named(world, agreement, lost, heir, other, **later_day) == ["NOT_A_PARTNER", "ALREADY_SUCCEEDED"]
    assert agreement.partners.filter(deed=None).count() == 2


def test_who_names_a_successor_names_not_the_one_it_acts_for(world, lost, heir):
    user = world.council.prepares.person
    user.memberships.create(organisation=world.icb.organisation, roles=["pool_manager"])
    by = factories.actor(user)
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    given = {"by": by, "organisation": world.council.organisation}
    assert named(world, agreement, lost, world.council, **given) == ["NOT_YOURSELF"]
    (row,) = claim(world, agreement, lost, heir, **given)
    assert fresh(agreement).statuses.last().organisation == world.council.organisation
    assert row.organisation == heir.organisation


def test_a_successor_that_was_named_here_speaks_for_older_deeds(world, lost, heir):
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    claim(world, agreement, lost, heir)
    original = agreement.deeds.get(number=0)
    names = [line.body.name for line in approvals_of(original, record_of(fresh(agreement)))]
    assert names == sorted([world.icb.organisation.name, "Mereshire Care Office", "Mereshire County Council"])


def test_nobody_names_themselves_and_what_still_exists_is_not_succeeded(world, lost, heir):
    agreement = world.running(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    assert refusal(claim, world=world, agreement=agreement, old=lost).code == "REQUIRED"
    for old, new, fields, code in (
        (lost, world.council, {}, "NOT_YOURSELF"),
        (world.icb, heir, {"effective_on": dt.date(2023, 4, 1)}, "STILL_THERE"),
        (lost, heir, {"effective_on": dt.date(2020, 3, 31)}, "STILL_THERE"),
        (lost, heir, {"effective_on": TODAY + DAY}, "NOT_YET"),
        (lost, heir, {"evidence": " "}, "REQUIRED"),
        (lost, world.icb, {}, "NOT_THERE_YET"),
    ):
        with pytest.raises(Refused) as refused:
            claim(world, agreement, old, new, **fields)
        assert code in [problem.code for problem in refused.value.problems]
    assert not Partner.objects.filter(agreement=agreement, deed=None).exists()


def test_what_the_reference_knows_and_what_was_said_before_stands(world, lost, heir):
    agreement = world.running(world.pct, world.council, lost, effective_on=IN_2012)
    early = {"effective_on": dt.date(2013, 4, 1)}
    with pytest.raises(Refused, match="The reference data names its successors: NHS Mereshire CCG"):
        claim(world, agreement, world.pct, heir, **early)
    claim(world, agreement, lost, heir)
    other = world.body("Mereshire Care Bureau", "other_authority", "2020-04-01")
    with pytest.raises(Refused, match="Mereshire Care Office has already taken its place"):
        claim(world, agreement, lost, other)


def test_a_partner_of_another_agreement_or_of_a_draft_is_not_succeeded_here(world, lost, heir):
    agreement, draft = world.running(), world.draft(world.icb, world.council, lost, effective_on=dt.date(2015, 4, 1))
    partner = Partner.objects.get(agreement=draft, organisation=lost.organisation)
    for there in (agreement, draft):
        refused = refusal(
            succession.record_successors, agreement=there, partner=partner, successors=[heir.organisation],
            effective_on=dt.date(2020, 4, 1), evidence="Order", by=world.council.prepares,
        )  # fmt: skip
        assert refused.code == "NOT_A_PARTNER"
