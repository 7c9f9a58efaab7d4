"""A plan from its first line to its approval, and virements in it, by the actions of the partners."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from budgets.actions import plans, virements
from budgets.models import PlanLine, PlanMovement, PoolYear, Virement
from budgets.queries.pools import income
from budgets.queries.pools.plans import hash_of, lines_by_year, lines_of
from budgets.rules.pools.plan import Source, scheme_years
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.budgets.pools.plan_rows import PlanWorld
from tests.world import World

pytestmark = pytest.mark.django_db

D = Decimal
OCTOBER = dt.date(2025, 10, 1)


@pytest.fixture
def plan(world: World) -> PlanWorld:
    return PlanWorld(world)


@pytest.fixture
def contributed(monkeypatch) -> Any:
    """Lets a test say what each source contributes, as the record of contributions does."""

    def say(**by_partner: int) -> None:
        given = {Source(code): D(amount) for code, amount in by_partner.items()}
        for module in (plans, income):
            monkeypatch.setattr(module, "net_contributions", lambda pool_year: given)

    return say


def why(attempt: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        attempt()
    return refused.value.code, refused.value.problems[0].message


# --- lines -----------------------------------------------------------------------------------------------------------


def test_a_line_is_added_with_its_amount_and_months(plan):
    row = plan.line(1200, 30, provider="Home  care Ltd")
    (line,) = lines_of(plan.fresh)
    assert (row.number, line.original.expenditure, line.original.client_income) == (1, D(1200), D(30))
    assert (line.provider, line.profile) == ("Home care Ltd", (D(100),) * 12)
    (movement,) = row.movements.all()
    assert (movement.effective_on, movement.actor) == (dt.date(2025, 4, 1), plan.officer.reference)
    event = AuditEvent.objects.get(action="plan_line.added")
    assert event.sentence == f"Line 1 of the plan {plan.pool_year.reference} was added."
    change = Change.objects.latest("pk")
    pool = plan.pool_year.pool
    assert (change.resource, change.reference) == ("pools", f"{pool.agreement.reference}/{pool.slug}")
    readers = {plan.world.council.organisation.pk, plan.world.icb.organisation.pk}
    assert (change.event, change.public, set(change.reader_ids)) == ("created", False, readers)


def test_an_edit_of_the_draft_adds_the_difference(plan):
    row = plan.line(1200, 30)
    plans.change_line(line=row, said=plan.said("1200.01", 20, profile="quarterly"), by=plan.officer)
    assert [(each.expenditure, each.client_income) for each in row.movements.all()] == [
        (D(1200), D(30)),
        (D("0.01"), D(-10)),
    ]
    (line,) = lines_of(plan.fresh)
    assert (line.original.expenditure, sum(line.profile), line.profile[0]) == (D("1200.01"), D("1200.01"), D(0))


def test_an_edit_of_something_else_moves_nothing(plan):
    row = plan.line(0)
    plans.change_line(line=row, said=plan.said(0, nature="capital", ring_fence="DFG"), by=plan.officer)
    assert row.movements.count() == 1
    (line,) = lines_of(plan.fresh)
    assert (line.nature, line.ring_fence) == ("capital", "DFG")


def test_an_edit_of_what_somebody_else_has_changed_is_refused(plan):
    row = plan.line()
    seen = plan.fresh.version
    plan.line()
    again = {"line": row, "said": plan.said(5), "by": plan.officer}
    assert why(lambda: plans.change_line(version=seen, **again))[0] == "CHANGED_MEANWHILE"
    plans.change_line(version=plan.fresh.version, **again)


def test_a_removed_line_is_gone_and_its_number_is_not_used_again(plan):
    row = plan.line(100, 10)
    for _twice in range(2):
        plans.remove_line(line=row, by=plan.officer)
    assert lines_of(plan.fresh) == []
    assert sum(each.expenditure for each in row.movements.all()) == 0
    assert plan.line().number == 2


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"scheme": "foreign"}, "scheme", "Choose a scheme of the agreement"),
        ({"source": "foreign"}, "source", "Faraway Council is not a partner"),
        ({"commissioner": None}, "commissioner",
         "Give one commissioner, or the NHS share of a line that is commissioned jointly"),
        ({"nhs_share": D(50)}, "commissioner",
         "Give one commissioner, or the NHS share of a line that is commissioned jointly"),
        ({"expenditure": D("-0.01")}, "expenditure", "The expenditure cannot be negative"),
        ({"client_income": D("-0.01")}, "client_income", "Client income must lie between £0.00 and the expenditure"),
        ({"client_income": D("100.01")}, "client_income", "Client income must lie between £0.00 and the expenditure"),
    ],
)  # fmt: skip
def test_other_lines_are_refused(plan, wrong, field, message):
    foreign = {
        "scheme": lambda: factories.whole_agreement().schemes.get(),
        "source": lambda: plan.world.outsider.organisation,
    }
    values = {"expenditure": D(100)} | wrong
    values |= {key: make() for key, make in foreign.items() if values.get(key) == "foreign"}
    with pytest.raises(Refused) as refused:
        plans.add_line(pool_year=plan.pool_year, said=plan.said(**values), by=plan.officer)
    (problem,) = refused.value.problems
    assert (problem.message, problem.where.field) == (message, field)
    assert not PlanLine.objects.exists()


def test_only_officers_of_partners_record_money(plan):
    pool_year, said = plan.pool_year, plan.said()
    with pytest.raises(Http404):
        plans.add_line(pool_year=pool_year, said=said, by=plan.world.outsider.having("finance_officer"))
    with pytest.raises(PermissionDenied):
        plans.add_line(pool_year=pool_year, said=said, by=plan.world.council.approves)


def test_a_plan_begins_with_last_years_lines_as_revised(plan):
    row = plan.line(1200, 30, profile="quarterly", provider="A provider", ring_fence="Carers")
    following = PoolYear.objects.create(pool=plan.pool, financial_year=2026, opened_by="user:1")
    (made,) = plans.copy_last_year(pool_year=following, by=plan.officer)
    (line,) = lines_of(following)
    assert (line.original.expenditure, line.original.client_income) == (D(1200), D(30))
    assert (line.provider, line.ring_fence, line.profile_method) == ("A provider", "Carers", "last_year")
    assert line.profile == (D(0), D(0), D(300)) * 4
    assert made.pk != row.pk
    found = scheme_years(lines_by_year(plan.pool), plan.scheme.slug)  # D27
    assert [(str(each.year), each.so_far.expenditure) for each in found] == [("2025-26", D(1200)), ("2026-27", D(2400))]
    assert why(lambda: plans.copy_last_year(pool_year=following, by=plan.officer))[0] == "HAS_LINES"


def test_without_a_plan_of_last_year_there_is_nothing_to_copy(plan):
    assert why(lambda: plans.copy_last_year(pool_year=plan.pool_year, by=plan.officer)) == (
        "NO_LAST_YEAR",
        "The fund has no plan for 2024-25",
    )


# --- approval --------------------------------------------------------------------------------------------------------


def test_a_plan_whose_income_is_not_its_expenditure_is_not_submitted(plan):
    plan.line(100, 40)
    assert why(lambda: plans.submit_plan(pool_year=plan.fresh, by=plan.officer)) == (
        "INCOME_IS_NOT_EXPENDITURE",
        "E10000999, own money: the plan spends £60.00 net and £0.00 is contributed, so it spends £60.00 more",
    )
    assert plan.fresh.plan_state == "draft"


def test_every_partner_approves_and_the_last_approval_approves_the_plan(plan, contributed):
    contributed(E10000999=60)
    plan.line(100, 40)
    plans.submit_plan(pool_year=plan.fresh, by=plan.officer)
    approvals = []
    for body, state in ((plan.world.council, "submitted"), (plan.world.icb, "approved")):
        for _double_click in range(2):
            approvals.append(plans.approve_plan(pool_year=plan.fresh, plan_hash=hash_of(plan.fresh), by=body.approves))
        assert plan.fresh.plan_state == state
    assert len({each.pk for each in approvals}) == 2
    assert why(lambda: plan.line())[0] == "PLAN_LINE_OF_DRAFT"


def test_an_approval_is_of_the_plan_that_was_read(plan, contributed):
    contributed(E10000999=60)
    row = plan.line(100, 40)
    read = hash_of(plan.fresh)
    plans.change_line(line=row, said=plan.said(100, 40, description="Changed"), by=plan.officer)
    plans.submit_plan(pool_year=plan.fresh, by=plan.officer)
    approver = plan.world.council.approves
    refused = why(lambda: plans.approve_plan(pool_year=plan.fresh, plan_hash=read, by=approver))
    assert refused == ("CHANGED_MEANWHILE", "The plan has been changed since you opened the page")


def test_who_changed_a_line_cannot_approve(plan, contributed):
    contributed(E10000999=100)
    both = plan.world.council.having("finance_officer", "finance_approver")
    row = plans.add_line(pool_year=plan.pool_year, said=plan.said(), by=both)
    plans.change_line(line=row, said=plan.said(), by=plan.officer)
    plans.submit_plan(pool_year=plan.fresh, by=plan.officer)
    now = hash_of(plan.fresh)
    assert why(lambda: plans.approve_plan(pool_year=plan.fresh, plan_hash=now, by=both)) == (
        "FOUR_EYES",
        "A person who has changed a line of the plan cannot also approve it",
    )


def test_a_contribution_that_changed_after_submission_keeps_the_plan_from_approval(plan, contributed):
    contributed(E10000999=100)
    plan.line()
    plans.submit_plan(pool_year=plan.fresh, by=plan.officer)
    contributed(E10000999=99)
    approver = plan.world.council.approves
    attempt = {"pool_year": plan.fresh, "plan_hash": hash_of(plan.fresh), "by": approver}
    assert why(lambda: plans.approve_plan(**attempt))[0] == "INCOME_IS_NOT_EXPENDITURE"


def test_a_draft_is_not_approved(plan):
    plan.line()
    attempt = {"pool_year": plan.fresh, "plan_hash": hash_of(plan.fresh), "by": plan.world.icb.approves}
    assert why(lambda: plans.approve_plan(**attempt)) == (
        "PLAN_NOT_SUBMITTED",
        "The plan is still a draft, so nobody can decide on it",
    )


def test_a_partner_asks_for_changes_and_the_plan_is_a_draft_again(plan, contributed):
    contributed(E10000999=100)
    plan.line()
    plans.submit_plan(pool_year=plan.fresh, by=plan.officer)
    approver = plan.world.icb.approves
    ask = {"pool_year": plan.fresh, "by": approver}
    assert why(lambda: plans.request_plan_changes(note=" ", **ask))[1] == "Enter what should be changed"
    plans.request_plan_changes(note="Less", **ask)
    assert plan.fresh.plan_state == "draft"
    assert why(lambda: plans.request_plan_changes(note="Less", **ask))[0] == "PLAN_NOT_SUBMITTED"


# --- virements -------------------------------------------------------------------------------------------------------


@pytest.fixture
def approved(plan, contributed) -> tuple[PlanLine, PlanLine]:
    """78,000 with 18,000 of client income, and 99,000, approved by both partners."""
    contributed(E10000999=159000)
    lines = plan.line(78000, 18000), plan.line(99000, scheme=plan.other_scheme)
    plan.approve()
    return lines


def decide(made: Virement, who: Any, decision: str = "approved", **more: Any) -> Any:
    return virements.decide_virement(virement=made, decision=decision, by=who, **more)


def test_a_virement_signed_by_both_moves_spend_with_its_income(plan, approved):
    """P06, F11: 21,000 of spend moves with an income target of 18,000, and no money is made."""
    made = plan.propose(*approved, 21000, client_income=D(18000))
    before = [each.revised for each in lines_of(plan.fresh)]
    decide(made, plan.world.council.approves)
    assert [each.revised for each in lines_of(plan.fresh)] == before
    decide(made, plan.world.icb.approves)
    first, second = lines_of(plan.fresh)
    assert (first.revised.expenditure, first.revised.client_income) == (D(57000), D(0))
    assert (second.revised.expenditure, second.revised.client_income) == (D(120000), D(18000))
    assert (first.original.expenditure, second.original.expenditure) == (D(78000), D(99000))
    assert first.movements[-1].virement == made.reference
    made.refresh_from_db()
    assert made.state == "agreed"
    decide(made, plan.world.icb.approves)  # a double click
    assert PlanMovement.objects.filter(virement=made).count() == 2


def test_spend_without_its_income_is_refused(plan, approved):
    assert why(lambda: plan.propose(*approved, 70000))[0] == "INCOME_LEFT_BEHIND"
    assert why(lambda: plan.propose(*approved, 21000, client_income=None))[0] == "INCOME_NOT_STATED"
    assert not Virement.objects.exists()


def test_one_refusal_refuses_a_virement(plan, approved):
    made = plan.propose(*approved, 1)
    board = plan.world.icb.approves
    assert why(lambda: decide(made, board, "refused"))[1] == "Enter why the virement is refused"
    decide(made, board, "refused", note="No")
    assert why(lambda: decide(made, plan.world.council.approves)) == (
        "VIREMENT_IS_FINAL",
        f"{made.reference} is already refused",
    )
    assert not PlanMovement.objects.filter(kind="virement").exists()


def test_the_proposer_does_not_decide(plan, approved):
    both = plan.world.council.having("finance_officer", "finance_approver")
    made = virements.propose_virement(
        from_line=approved[0], to_line=approved[1], amount=D(1), client_income=D(0), effective_on=OCTOBER,
        reason="Demand", by=both,
    )  # fmt: skip
    assert why(lambda: decide(made, both))[0] == "FOUR_EYES"


def test_two_virements_of_the_same_money(plan, approved):
    """Each could be made alone; the second is looked at again when it is decided."""
    first = plan.propose(*approved, 60000, client_income=D(18000))
    second = plan.propose(*approved, 50000, client_income=D(18000))
    assert why(lambda: plan.propose(*approved, 50000, client_income=D(18000)))[0] == "PROPOSED_ALREADY"
    for body in (plan.world.council, plan.world.icb):
        decide(first, body.approves)
    assert why(lambda: decide(second, plan.world.council.approves))[0] == "MORE_THAN_THE_LINE_HAS"


def test_only_the_proposing_partner_withdraws(plan, approved):
    made = plan.propose(*approved, 1)
    with pytest.raises(PermissionDenied):
        virements.withdraw_virement(virement=made, by=plan.world.icb.having("finance_officer"))
    for _twice in range(2):
        assert virements.withdraw_virement(virement=made, by=plan.officer).state == "withdrawn"
    assert why(lambda: decide(made, plan.world.icb.approves))[0] == "VIREMENT_IS_FINAL"


def test_there_is_no_virement_in_a_draft(plan):
    assert why(lambda: plan.propose(plan.line(), plan.line(), 1))[0] == "PLAN_NOT_APPROVED"
