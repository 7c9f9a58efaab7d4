"""An existing integrated arrangement is not unpicked by one partner alone, from whatever role and by whatever road.

What has happened in the world is recorded all the same, and shown as a breach of the principle.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from partnerships.actions import deeds, drafting, operation
from partnerships.actions.drafting import FunctionIn
from partnerships.models import Agreement, Deed, Occurrence
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_as_at, content_of
from partnerships.tasks import advance_agreements
from pooledcare.directory.access import ROLES, Actor
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.deed_steps import START, TODAY, approve, assess, fresh, open_deed, sign
from tests.partnerships.test_deeds import refusal
from tests.partnerships.test_operation import later, notice, occur, scheme_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = dt.timedelta(days=1)
LAST_DAY = dt.date(2026, 12, 15)
FROM_THEN = LAST_DAY + DAY


def as_it_stands(agreement: Agreement) -> tuple[Any, ...]:
    """What an attack would have to change: the state, and how the arrangement reads then and long after."""
    found = fresh(agreement)
    record = record_of(found)
    readings = [content_as_at(record, day) for day in (TODAY, FROM_THEN, dt.date(2030, 1, 1))]
    return (
        found.ended_on, found.is_integrated, found.state in ("in_operation", "notice_given"),
        *[(r.end, [p.body for p in r.partners], [(p.slug, p.host) for p in r.pools], [s.slug for s in r.schemes])
          for r in readings if r],
    )  # fmt: skip


# --- attacks ---------------------------------------------------------------------------------------------------------


def end_after_notice(agreement: Agreement, by: Actor) -> None:
    operation.end_after_notice(agreement=agreement, on=LAST_DAY, by=by)


def end_a_scheme_after_notice(agreement: Agreement, by: Actor) -> None:
    operation.end_after_notice(agreement=agreement, scheme=scheme_of(agreement), on=LAST_DAY, by=by)


def _alone(agreement: Agreement, by: Actor, change: Callable[[Deed], Any], **fields: Any) -> None:
    """Everything that one person can do with a deed: prepare, write, approve and sign it."""
    from partnerships.rules.agreements import content_hash

    deed = deeds.prepare_deed(agreement=agreement, effective_on=TODAY, by=by, **fields)
    change(deed)
    record = record_of(fresh(agreement))
    seen = content_hash(record, record.open_deed)
    with contextlib.suppress(Refused):  # whoever wrote it may not approve it as well
        deeds.approve_deed(deed=deed, content_hash=seen, by=by)
    deeds.sign_deed(deed=deed, signed_on=TODAY, by=by)


def drop_a_scheme_by_deed(agreement: Agreement, by: Actor) -> None:
    slug = scheme_of(agreement).slug
    _alone(agreement, by, lambda deed: drafting.drop_scheme(deed=deed, slug=slug, by=by))


def take_over_the_fund_by_deed(agreement: Agreement, by: Actor) -> None:
    slug, host = agreement.pools.get().slug, next(iter(by.organisations.values()))
    _alone(agreement, by, lambda deed: drafting.save_pool(deed=deed, slug=slug, values={"host": host}, by=by))


def end_it_by_deed(agreement: Agreement, by: Actor) -> None:
    _alone(agreement, by, lambda deed: None, kind="termination")


def end_it_by_an_earlier_end(agreement: Agreement, by: Actor) -> None:
    _alone(agreement, by, lambda deed: drafting.edit_deed(deed=deed, changes={"end_on": LAST_DAY}, by=by))


def clear_the_mark(agreement: Agreement, by: Actor) -> None:
    operation.agree_release(agreement=agreement, by=by)


def take_a_place_by_succession(agreement: Agreement, by: Actor) -> None:
    from partnerships.actions import succession

    other = agreement.partners.exclude(organisation__in=by.organisations).first()
    assert other is not None
    succession.record_successors(
        agreement=agreement, partner=other, successors=list(by.organisations.values()), effective_on=TODAY,
        evidence="None.", by=by,
    )  # fmt: skip


ATTACKS = [
    end_after_notice,
    end_a_scheme_after_notice,
    drop_a_scheme_by_deed,
    take_over_the_fund_by_deed,
    end_it_by_deed,
    end_it_by_an_earlier_end,
    clear_the_mark,
    take_a_place_by_succession,
]


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_role_of_one_partner_and_no_outsider_unpicks_an_integrated_arrangement(world, attack):
    """Notice on it and on its scheme has run out by then, so that nothing but the principle stands in the way."""
    agreement = world.integrated(world.icb, world.council, world.district, is_published=True)
    notice(world, agreement)
    notice(world, agreement, scheme=scheme_of(agreement))
    before, tried = as_it_stands(agreement), 0
    everyone = [*ROLES]
    with later(LAST_DAY):
        for people in (world.icb, world.council, world.district, world.outsider):
            for roles in (*([role] for role in everyone), everyone):
                tried += 1
                actor = people.having(*roles)
                try:
                    attack(agreement, actor)
                except (Refused, PermissionDenied, Http404):
                    pass
                else:
                    assert attack is clear_the_mark, f"{attack.__name__} by {roles} was let through"
                for deed in agreement.deeds.filter(number__gt=0).exclude(state="withdrawn"):
                    deeds.withdraw_deed(deed=deed, reason="Next attack.", by=world.council.prepares)
                if attack is clear_the_mark:
                    operation.mark_integrated(agreement=agreement, by=world.council.leads)
                assert as_it_stands(agreement) == before
    assert tried == 4 * (len(everyone) + 1)


@pytest.mark.parametrize("attack", [end_after_notice, end_a_scheme_after_notice])
def test_the_refusal_says_what_it_takes(world, attack):
    agreement = world.integrated()
    notice(world, agreement)
    notice(world, agreement, scheme=scheme_of(agreement))
    with later(LAST_DAY):
        refused = refusal(attack, agreement=agreement, by=world.council.approves)
    assert refused.code == "DO_NO_HARM"
    assert "no partner alone can" in refused.problems[0].message
    assert "impact assessment, notice that has run out, and every partner’s approval" in refused.problems[0].fix


def test_the_same_by_one_partner_is_allowed_where_nothing_is_marked(world):
    agreement = world.running()
    notice(world, agreement)
    with later(LAST_DAY):
        end_after_notice(agreement, world.council.approves)
    assert fresh(agreement).state == "ended"


# --- what a deed of all partners needs -------------------------------------------------------------------------------


def dropping(world: World, agreement: Agreement, **fields: Any) -> Deed:
    deed = world.deed(agreement, **{"effective_on": FROM_THEN} | fields)
    drafting.drop_scheme(deed=deed, slug=scheme_of(agreement).slug, by=world.council.prepares)
    return fresh(deed)


def codes(world: World, deed: Deed) -> list[str]:
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    return [problem.code for problem in refused.problems]


def test_a_scheme_goes_with_assessment_notice_and_every_approval_and_with_nothing_less(world):
    agreement = world.integrated()
    deed = dropping(world, agreement)
    assert codes(world, deed) == ["APPROVAL_MISSING", "APPROVAL_MISSING", "DO_NO_HARM", "DO_NO_HARM"]
    approve(deed, world.icb, world.council)
    assert codes(world, deed) == ["DO_NO_HARM", "DO_NO_HARM"]
    assess(deed, world.council)
    assert codes(world, deed) == ["DO_NO_HARM"]
    late = notice(world, agreement, scheme=scheme_of(agreement), takes_effect_on=FROM_THEN)
    assert codes(world, deed) == ["DO_NO_HARM"]
    operation.withdraw_notice(notice=late, by=world.council.approves)
    notice(world, agreement, scheme=scheme_of(agreement), takes_effect_on=LAST_DAY)
    assert deeds.sign_deed(deed=deed, signed_on=TODAY, by=world.icb.approves).state == "signed"
    assert not content_as_at(record_of(fresh(agreement)), FROM_THEN).schemes


def test_notice_on_the_whole_agreement_covers_its_schemes_and_notice_taken_back_covers_nothing(world):
    agreement = world.integrated()
    deed = dropping(world, agreement)
    assess(deed, world.council)
    given = notice(world, agreement)
    approve(deed, world.icb, world.council)
    operation.withdraw_notice(notice=given, by=world.council.approves)
    assert codes(world, deed) == ["DO_NO_HARM"]
    notice(world, agreement)
    assert deeds.sign_deed(deed=deed, signed_on=TODAY, by=world.icb.approves).state == "signed"


@pytest.mark.slow
def test_an_assessment_of_another_deed_says_nothing_of_this_one(world):
    agreement = world.integrated()
    notice(world, agreement, scheme=scheme_of(agreement))
    earlier = dropping(world, agreement)
    assess(earlier, world.council)
    deeds.withdraw_deed(deed=earlier, reason="Another comes.", by=world.council.prepares)
    deed = approve(dropping(world, agreement), world.icb, world.council)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    assert [problem.message for problem in refused.problems] == [
        "The scheme “Example scheme” would be dropped, and no impact assessment of the deed is recorded"
    ]
    assess(deed, world.council)
    assert deeds.sign_deed(deed=deed, signed_on=TODAY, by=world.icb.approves).state == "signed"


@pytest.mark.slow
def test_a_deed_of_an_agreement_that_is_not_marked_needs_neither(world):
    deed = dropping(world, world.running())
    assert sign(deed, world.icb, world.council).state == "signed"


def rehost(deed: Deed, world: World) -> None:
    slug = deed.agreement.pools.get().slug
    drafting.save_pool(deed=deed, slug=slug, values={"host": world.council.organisation}, by=world.council.prepares)


def close_the_fund(deed: Deed, world: World) -> None:
    slug = deed.agreement.schemes.get().slug
    drafting.save_scheme(deed=deed, slug=slug, values={"pool": None}, by=world.council.prepares)
    drafting.drop_pool(deed=fresh(deed), slug=deed.agreement.pools.get().slug, by=world.council.prepares)


def align_the_fund(deed: Deed, world: World) -> None:
    slug = deed.agreement.pools.get().slug
    drafting.save_pool(deed=deed, slug=slug, values={"kind": "aligned"}, by=world.council.prepares)


def move_the_scheme(deed: Deed, world: World) -> None:
    values = {"name": "Another", "kind": "pooled", "host": world.council.organisation}
    made = drafting.save_pool(deed=deed, values=values, by=world.council.prepares)
    slug = deed.agreement.schemes.get().slug
    drafting.save_scheme(deed=fresh(deed), slug=slug, values={"pool": made.pool}, by=world.council.prepares)


def empty_the_scheme(deed: Deed, world: World) -> None:
    slug = deed.agreement.schemes.get().slug
    drafting.save_scheme(deed=deed, slug=slug, values={}, functions=[], by=world.council.prepares)


def shorten_the_scheme(deed: Deed, world: World) -> None:
    slug = deed.agreement.schemes.get().slug
    values = {"end_on": deed.effective_on}
    drafting.save_scheme(deed=deed, slug=slug, values=values, by=world.council.prepares)


def let_a_partner_go(deed: Deed, world: World) -> None:
    leaving = deed.agreement.partners.get(organisation=world.district.organisation)
    drafting.remove_partner(deed=deed, partner=leaving, by=world.council.prepares)


def set_an_end(deed: Deed, world: World) -> None:
    drafting.edit_deed(deed=deed, changes={"end_on": deed.effective_on}, by=world.council.prepares)


@pytest.mark.parametrize(
    ("unpick", "words"),
    [
        (rehost, "The fund “Example fund” would have another host"),
        (close_the_fund, "The fund “Example fund” would be closed"),
        (align_the_fund, "The fund “Example fund” would no longer be pooled"),
        (move_the_scheme, "The scheme “Example scheme” would have another host"),
        (empty_the_scheme, "The scheme “Example scheme” would have no function left"),
        (shorten_the_scheme, "The scheme “Example scheme” would end on 16 December 2026"),
        (let_a_partner_go, "Moorside District Council would leave"),
        (set_an_end, "The arrangement would end on 16 December 2026"),
    ],
)
def test_every_way_to_unpick_it_by_deed_needs_assessment_and_notice(world, unpick, words):
    partners = (world.icb, world.council, world.district)
    agreement = world.integrated(*partners)
    deed = world.deed(agreement, effective_on=FROM_THEN)
    unpick(deed, world)
    deed = approve(deed, *partners)
    refused = refusal(deeds.sign_deed, deed=deed, signed_on=TODAY, by=world.council.approves)
    assert {problem.code for problem in refused.problems} == {"DO_NO_HARM"}
    assert refused.problems[0].message.startswith(words)
    assess(deed, world.council)
    notice(world, agreement)
    assert deeds.sign_deed(deed=deed, signed_on=TODAY, by=world.icb.approves).state == "signed"


def test_what_takes_nothing_away_needs_neither(world):
    agreement = world.integrated(end_on=dt.date(2027, 3, 31))
    deed = world.deed(agreement)
    drafting.write_clause(deed=deed, kind="aims", text="More.", by=world.council.prepares)
    drafting.edit_deed(deed=fresh(deed), changes={"end_on": dt.date(2030, 3, 31)}, by=world.council.prepares)
    assert sign(fresh(deed), world.icb, world.council).state == "signed"


def test_a_scheme_that_has_ended_anyway_may_be_dropped(world):
    agreement = world.draft(of_agreement={"is_integrated": True})
    open_deed(agreement).scheme_terms.update(end_on=dt.date(2025, 3, 31))
    sign(open_deed(agreement), world.icb, world.council)
    assert sign(dropping(world, agreement, effective_on=TODAY), world.icb, world.council).state == "signed"


def test_an_integrated_arrangement_that_operates_unsigned_is_not_withdrawn_by_one_partner(world):
    agreement = world.draft(of_agreement={"is_integrated": True})
    operation.start_operating(agreement=agreement, since=START, by=world.icb.prepares)
    refused = refusal(deeds.withdraw_deed, deed=open_deed(agreement), reason="Enough.", by=world.council.prepares)
    assert refused.code == "DO_NO_HARM"
    assert fresh(agreement).state == "draft"


@pytest.fixture
def unsigned(world: World) -> Agreement:
    agreement = world.draft(
        world.icb, world.council, world.district, of_agreement={"is_integrated": True}, places=[factories.place()]
    )
    operation.start_operating(agreement=agreement, since=START, by=world.icb.prepares)
    return fresh(agreement)


def leave_it(deed: Deed, by: Actor) -> None:
    drafting.remove_partner(deed=deed, partner=deed.partners.get(organisation__in=by.organisations), by=by)


UNSIGNED_ATTACKS = {
    "drop a scheme": lambda deed, by: drafting.drop_scheme(deed=deed, slug="reablement", by=by),
    "end a scheme": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={"end_on": LAST_DAY}, by=by
    ),
    "empty a scheme": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={}, functions=[], by=by
    ),
    "pool no longer": lambda deed, by: drafting.save_pool(
        deed=deed, slug="reablement", values={"kind": "aligned"}, by=by
    ),
    "take the fund": lambda deed, by: drafting.save_pool(
        deed=deed, slug="reablement", values={"host": next(iter(by.organisations.values()))}, by=by
    ),
    "end it sooner": lambda deed, by: drafting.edit_deed(deed=deed, changes={"sets_end": True, "end_on": TODAY}, by=by),
    "leave": leave_it,
    "take one function": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={}, functions=[FunctionIn(code="nhs-s3")], by=by
    ),
    "drop the flexibility": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={"flexibilities": []}, by=by
    ),
    "empty its services": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={"services": ""}, by=by
    ),
    "lead it": lambda deed, by: drafting.save_scheme(
        deed=deed, slug="reablement", values={"lead": next(iter(by.organisations.values()))}, by=by
    ),
    "begin later": lambda deed, by: drafting.edit_deed(deed=deed, changes={"effective_on": TODAY}, by=by),
    "shorter notice": lambda deed, by: drafting.edit_deed(deed=deed, changes={"notice_months": 1}, by=by),
    "no place": lambda deed, by: drafting.edit_deed(deed=deed, changes={"places": []}, by=by),
    "no aims": lambda deed, by: drafting.write_clause(deed=deed, kind="aims", text="", by=by),
    "no contribution": lambda deed, by: drafting.change_partner(
        deed=deed, partner=deed.partners.order_by("pk").first(), role="commissioner", contributes=False, by=by
    ),
}


@pytest.mark.parametrize("attack", UNSIGNED_ATTACKS.values(), ids=UNSIGNED_ATTACKS)
def test_an_edit_takes_nothing_from_an_integrated_arrangement_that_operates_unsigned(world, unsigned, attack):
    before = record_of(unsigned)
    with pytest.raises(Refused) as refused:
        attack(open_deed(unsigned), world.district.prepares)
    assert {problem.code for problem in refused.value.problems} == {"DO_NO_HARM"}
    assert "Sign the draft as it is" in refused.value.problems[0].fix
    assert record_of(fresh(unsigned)) == before


def test_an_edit_adds_to_it_and_every_partner_together_may_clear_the_mark(world, unsigned):
    drafting.save_scheme(
        deed=open_deed(unsigned), values={"name": "Equipment"}, functions=[], by=world.district.prepares
    )
    with pytest.raises(Refused, match="would be dropped"):
        drafting.drop_scheme(deed=open_deed(unsigned), slug="equipment", by=world.council.prepares)
    for people in (world.icb, world.council, world.district):
        operation.agree_release(agreement=fresh(unsigned), by=people.leads)
    drafting.drop_scheme(deed=open_deed(unsigned), slug="equipment", by=world.council.prepares)
    assert len(content_of(record_of(fresh(unsigned)), record_of(fresh(unsigned)).open_deed).schemes) == 1


def test_a_marked_draft_that_does_not_operate_may_lose_a_scheme_and_one_that_is_not_marked_a_partner(world):
    marked = world.draft(of_agreement={"is_integrated": True})
    drafting.drop_scheme(deed=open_deed(marked), slug="reablement", by=world.council.prepares)
    plain = world.draft(
        world.icb, world.council, world.district, slug="plain", of_agreement={"operating_since": START}
    )  # fmt: skip
    leave_it(open_deed(plain), world.district.prepares)
    assert plain.partners.count() == 2


def test_no_partner_puts_another_out_of_a_marked_draft_to_clear_the_mark_alone(world):
    agreement = world.draft(world.icb, world.council, world.district, of_agreement={"is_integrated": True})
    deed = open_deed(agreement)
    other = deed.partners.get(organisation=world.district.organisation)
    refused = refusal(drafting.remove_partner, deed=deed, partner=other, by=world.council.prepares)
    assert refused.code == "DO_NO_HARM"
    operation.agree_release(agreement=agreement, by=world.council.leads)
    assert fresh(agreement).is_integrated


# --- what happens in the world ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["notice_served", "expiry", "abolition", "direction"])
def test_what_happened_is_always_recorded_and_shown_as_a_breach(world, kind):
    agreement = world.integrated()
    made = occur(world, agreement, kind=kind, ends_agreement=True)
    assert made.breaks_principle
    assert fresh(agreement).state in ("ended", "expired")


@pytest.mark.parametrize(("kind", "has_scheme"), [("closure_of_scheme", True), ("change_of_host", False)])
def test_a_closed_scheme_and_a_taken_fund_are_breaches_too(world, kind, has_scheme):
    agreement = world.integrated()
    made = occur(world, agreement, kind=kind, scheme=scheme_of(agreement) if has_scheme else None)
    assert (made.breaks_principle, fresh(agreement).state) == (True, "in_operation")


def test_a_term_that_runs_out_is_recorded_as_a_breach_by_the_passing_of_days(world):
    agreement = world.integrated(end_on=TODAY)
    with later(TODAY + DAY):
        advance_agreements()
    found = Occurrence.objects.get(agreement=agreement)
    assert (found.kind, found.breaks_principle, found.ends_agreement) == ("expiry", True, True)
    assert fresh(agreement).state == "expired"


def test_what_all_partners_agreed_with_its_impact_assessed_is_no_breach(world):
    agreement = world.integrated()
    notice(world, agreement)
    deed = world.deed(agreement, effective_on=TODAY)
    drafting.edit_deed(deed=deed, changes={"end_on": LAST_DAY}, by=world.council.prepares)
    assess(fresh(deed), world.icb)
    sign(fresh(deed), world.icb, world.council)
    with later(LAST_DAY + DAY):
        advance_agreements()
    assert (fresh(agreement).state, Occurrence.objects.get().breaks_principle) == ("expired", False)


@pytest.mark.slow
def test_an_assessment_in_another_agreement_does_not_make_it_agreed(world):
    """The deeds of both have the same number."""
    agreement, other = world.integrated(), world.integrated(slug="other")
    notice(world, agreement)
    for each in (agreement, other):
        deed = world.deed(each, effective_on=TODAY)
        drafting.edit_deed(deed=deed, changes={"end_on": LAST_DAY}, by=world.council.prepares)
        assess(fresh(deed), world.icb)
    deed = agreement.deeds.get(number=1)
    sign(deed, world.icb, world.council)
    unassessed = world.integrated(slug="third")
    Deed.objects.filter(
        pk=Deed.objects.create(agreement=unassessed, number=1, kind="variation", effective_on=TODAY, sets_end=True,
                               end_on=LAST_DAY).pk
    ).update(state="signed", signed_on=TODAY)  # fmt: skip
    with later(LAST_DAY):
        made = [
            occur(world, each, kind="direction", happened_on=LAST_DAY, ends_agreement=True)
            for each in (agreement, unassessed)
        ]
    assert [each.breaks_principle for each in made] == [False, True]


@pytest.mark.parametrize("unpick", ["drop", "shorten"])
def test_a_scheme_that_all_let_go_is_no_breach_and_another_is(world, unpick):
    agreement = world.integrated()
    scheme = scheme_of(agreement)
    notice(world, agreement)
    deed = world.deed(agreement, effective_on=LAST_DAY)
    if unpick == "drop":
        drafting.edit_deed(deed=deed, changes={"effective_on": FROM_THEN}, by=world.council.prepares)
        drafting.drop_scheme(deed=fresh(deed), slug=scheme.slug, by=world.council.prepares)
    else:
        values = {"end_on": LAST_DAY}
        drafting.save_scheme(deed=deed, slug=scheme.slug, values=values, by=world.council.prepares)
    assess(fresh(deed), world.icb)
    sign(fresh(deed), world.icb, world.council)
    other = world.integrated()
    with later(FROM_THEN):
        agreed = occur(world, agreement, kind="closure_of_scheme", scheme=scheme, happened_on=LAST_DAY)
        alone = occur(world, other, kind="closure_of_scheme", scheme=scheme_of(other), happened_on=LAST_DAY)
        whole = occur(world, agreement, kind="direction", happened_on=LAST_DAY, ends_agreement=True)
    assert (agreed.breaks_principle, alone.breaks_principle, whole.breaks_principle) == (False, True, True)


# --- the mark --------------------------------------------------------------------------------------------------------


def test_one_partner_marks_and_only_all_together_clear_the_mark(world):
    agreement = world.running(world.icb, world.council, world.district)
    operation.mark_integrated(agreement=agreement, by=world.icb.leads)
    operation.mark_integrated(agreement=agreement, by=world.council.leads)
    assert agreement.marks.count() == 1
    for people in (world.icb, world.icb, world.council):
        assert operation.agree_release(agreement=agreement, by=people.approves).is_integrated
    assert operation.agree_release(agreement=agreement, by=world.district.approves).is_integrated is False
    assert [mark.kind for mark in agreement.marks.all()] == ["marked", *["release_agreed"] * 3]
    assert operation.agree_release(agreement=agreement, by=world.icb.approves).is_integrated is False


def test_a_new_mark_takes_back_what_was_agreed_of_a_release(world):
    agreement = world.integrated()
    operation.agree_release(agreement=agreement, by=world.icb.approves)
    operation.mark_integrated(agreement=agreement, by=world.icb.leads)
    assert operation.agree_release(agreement=agreement, by=world.council.approves).is_integrated


def test_what_is_not_marked_is_not_released(world):
    assert refusal(operation.agree_release, agreement=world.running(), by=world.icb.approves).code == "NOT_MARKED"
