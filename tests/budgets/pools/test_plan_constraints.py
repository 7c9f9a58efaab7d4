"""What the database keeps of a plan, attacked past every action."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from budgets.models import PlanApproval, PlanLine, PlanMovement, PlanProfile, PoolYear, Virement, VirementDecision
from partnerships.models import Deed
from pooledcare.kernel.actions import constraint_name
from tests import factories
from tests.budgets.pools.plan_rows import line_of_another_fund

pytestmark = pytest.mark.django_db

D = Decimal
FIRST, OCTOBER, LAST = dt.date(2025, 4, 1), dt.date(2025, 10, 1), dt.date(2026, 3, 31)
DAY = dt.timedelta(1)


@pytest.fixture
def line() -> PlanLine:
    return line_of_another_fund()


def second(line: PlanLine, **fields: Any) -> PlanLine:
    values = {name: getattr(line, name) for name in ("pool_year", "scheme", "source", "commissioner")}
    return PlanLine.objects.create(**values | {"number": 2} | fields)


def moved(line: PlanLine, **fields: Any) -> PlanMovement:
    said = {"kind": "original", "expenditure": D(100), "client_income": D(0), "effective_on": FIRST}
    who = {"organisation": line.source, "actor": "user:1"}
    return PlanMovement.objects.create(line=line, **said | who | fields)


def set_state(line: PlanLine, state: str) -> None:
    PoolYear.objects.filter(pk=line.pool_year_id).update(plan_state=state)


def virement(source: PlanLine, target: PlanLine, **fields: Any) -> Virement:
    said = {"amount": D(10), "client_income": D(2), "effective_on": OCTOBER, "reason": "Demand"}
    who = {"organisation": source.source, "actor": "user:1"}
    return Virement.objects.create(from_line=source, to_line=target, **said | who | fields)


def refused(name: str, attack: Any) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        attack()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    assert constraint_name(error.value) == name


def accepted(*attempts: Any) -> None:
    for attempt in attempts:
        attempt()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def rewrite(statement: str, *values: Any) -> Any:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def as_owner_refused(name: str, statement: str, *values: Any) -> None:
    """Past the rights of the application role too, which may not even try."""
    with connection.cursor() as cursor:
        cursor.execute("reset role")
    refused(name, rewrite(statement, *values))


# --- lines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_plan_line_of_draft(line, state):
    set_state(line, state)
    line.refresh_from_db()
    refused("plan_line_of_draft", lambda: second(line))
    refused("plan_line_of_draft", rewrite("update budgets_planline set ring_fence = 'A' where id = %s", line.pk))
    refused("plan_line_of_draft", rewrite("delete from budgets_planline where id = %s", line.pk))


def test_a_line_stays_in_its_year(line):
    other = PoolYear.objects.create(pool=line.pool_year.pool, financial_year=2026, opened_by="user:1")
    move = rewrite("update budgets_planline set pool_year_id = %s where id = %s", other.pk, line.pk)
    refused("plan_line_of_draft", move)


def test_plan_line_of_agreement(line):
    other = factories.whole_agreement()
    refused("plan_line_of_agreement", lambda: second(line, scheme=other.schemes.get()))
    foreign = other.providers.create(name="A provider")
    refused("plan_line_of_agreement", lambda: second(line, provider=foreign))
    accepted(lambda: second(line, provider=line.pool_year.pool.agreement.providers.create(name="A provider")))


def test_plan_line_removed_is_empty(line):
    moved(line)
    remove = rewrite("update budgets_planline set is_removed = true where id = %s", line.pk)
    refused("plan_line_removed_is_empty", remove)
    moved(line, expenditure=D(-100))
    accepted(remove)


# --- movements -------------------------------------------------------------------------------------------------------


def test_plan_movement_append_only(line):
    row = moved(line)
    as_owner_refused(
        "plan_movement_append_only", "update budgets_planmovement set expenditure = 0 where id = %s", row.pk
    )
    as_owner_refused("plan_movement_append_only", "delete from budgets_planmovement where id = %s", row.pk)


def test_plan_movement_not_zero(line):
    accepted(lambda: moved(line, expenditure=D(0)))
    set_state(line, "approved")
    refused("plan_movement_not_zero", lambda: moved(line, kind="in_year_change", expenditure=0, effective_on=OCTOBER))


def test_plan_movement_names_virement(line):
    set_state(line, "approved")
    refused("plan_movement_names_virement", lambda: moved(line, kind="virement", effective_on=OCTOBER))


@pytest.mark.parametrize(
    ("state", "kind"),
    [("submitted", "original"), ("approved", "original"), ("draft", "in_year_change"), ("submitted", "in_year_change")],
)
def test_plan_movement_in_state(line, state, kind):
    set_state(line, state)
    refused("plan_movement_in_state", lambda: moved(line, kind=kind, effective_on=OCTOBER))


def test_plan_movement_in_year(line):
    refused("plan_movement_in_year", lambda: moved(line, effective_on=FIRST - DAY))
    refused("plan_movement_in_year", lambda: moved(line, effective_on=LAST + DAY))
    accepted(lambda: moved(line), lambda: moved(line, effective_on=LAST))
    set_state(line, "approved")
    refused("plan_movement_in_year", lambda: moved(line, kind="in_year_change", effective_on=FIRST))
    accepted(lambda: moved(line, kind="in_year_change", effective_on=FIRST + DAY))


def test_plan_movement_in_term_begins(line):
    Deed.objects.filter(agreement=line.pool_year.pool.agreement).update(effective_on=OCTOBER)
    refused("plan_movement_in_term", lambda: moved(line, effective_on=OCTOBER - DAY))
    accepted(lambda: moved(line, effective_on=OCTOBER))


def test_plan_movement_in_term_ends(line):
    Deed.objects.filter(agreement=line.pool_year.pool.agreement).update(sets_end=True, end_on=OCTOBER)
    refused("plan_movement_in_term", lambda: moved(line, effective_on=OCTOBER + DAY))
    accepted(lambda: moved(line, effective_on=OCTOBER))


@pytest.mark.parametrize(
    "amounts", [{"expenditure": D("-0.01")}, {"client_income": D("-0.01")}, {"client_income": D("100.01")}]
)
def test_plan_line_not_negative(line, amounts):
    refused("plan_line_not_negative", lambda: moved(line, **amounts))
    accepted(lambda: moved(line, client_income=D(100)))


# --- months ----------------------------------------------------------------------------------------------------------


def test_plan_profile_sums_to_line(line):
    moved(line, expenditure=D(12))
    wrong = [D(1)] * 11 + [D("1.01")]
    refused("plan_profile_sums_to_line", lambda: PlanProfile.objects.create(line=line, method="a", amounts=wrong))
    accepted(lambda: PlanProfile.objects.create(line=line, method="twelfths", amounts=[D(1)] * 12))
    refused("plan_profile_sums_to_line", lambda: PlanProfile.objects.filter(line=line).update(amounts=wrong))
    refused("plan_profile_sums_to_line", lambda: moved(line, expenditure=D("0.01")))


def test_plan_profile_of_twelve_months_and_plan_profile_once(line):
    moved(line, expenditure=D(11))
    short = [D(1)] * 11
    refused("plan_profile_of_twelve_months", lambda: PlanProfile.objects.create(line=line, method="a", amounts=short))
    whole = {"line": line, "method": "by_hand", "amounts": [*short, D(0)]}
    accepted(lambda: PlanProfile.objects.create(**whole))
    refused("plan_profile_once", lambda: PlanProfile.objects.create(**whole))


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_plan_profile_of_draft(line, state):
    moved(line, expenditure=D(12))
    PlanProfile.objects.create(line=line, method="twelfths", amounts=[D(1)] * 12)
    accepted()
    other = second(line)
    set_state(line, state)
    found = PlanProfile.objects.filter(line=line)
    refused("plan_profile_of_draft", lambda: found.update(method="by_hand"))
    refused("plan_profile_of_draft", found.delete)
    new = {"line": other, "method": "twelfths", "amounts": [D(0)] * 12}
    refused("plan_profile_of_draft", lambda: PlanProfile.objects.create(**new))


# --- decisions -------------------------------------------------------------------------------------------------------


def test_plan_approval_append_only_and_plan_approval_once(line):
    said = {"pool_year": line.pool_year, "organisation": line.source, "plan_hash": "0" * 64, "actor": "user:1"}
    row = PlanApproval.objects.create(decision="approved", **said)
    refused("plan_approval_once", lambda: PlanApproval.objects.create(decision="approved", **said))
    accepted(lambda: PlanApproval.objects.create(decision="approved", **said | {"plan_hash": "1" * 64}))
    accepted(lambda: PlanApproval.objects.create(decision="changes_requested", **said))
    as_owner_refused("plan_approval_append_only", "update budgets_planapproval set note = 'A' where id = %s", row.pk)
    as_owner_refused("plan_approval_append_only", "delete from budgets_planapproval where id = %s", row.pk)


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_plan_approved_stays(line, state):
    set_state(line, "approved")
    refused("plan_approved_stays", lambda: set_state(line, state))
    accepted(lambda: PoolYear.objects.filter(pk=line.pool_year_id).update(version=9))


# --- virements -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(line) -> tuple[PlanLine, PlanLine]:
    other = second(line)
    moved(line, expenditure=D(100), client_income=D(20))
    moved(other)
    accepted()
    set_state(line, "approved")
    return line, other


def test_virement_has_two_lines_and_virement_amount_positive(pair):
    source, target = pair
    refused("virement_has_two_lines", lambda: virement(source, source))
    refused("virement_amount_positive", lambda: virement(source, target, amount=D(0), client_income=D(0)))
    refused("virement_amount_positive", lambda: virement(source, target, client_income=D("-0.01")))
    refused("virement_amount_positive", lambda: virement(source, target, client_income=D("10.01")))
    accepted(lambda: virement(source, target, client_income=D(10)))


@pytest.mark.parametrize("difference", ["ring_fence", "nature", "source", "stream", "year"])
def test_virement_lines_match(line, difference):
    differing: dict[str, Any] = {
        "ring_fence": lambda: {"ring_fence": "Carers"},
        "nature": lambda: {"nature": "capital"},
        "source": lambda: {"source": factories.council()},
        "stream": lambda: {"stream": factories.stream()},
        "year": lambda: {
            "pool_year": PoolYear.objects.create(pool=line.pool_year.pool, financial_year=2026, opened_by="user:1")
        },
    }
    other = second(line, **differing[difference]())
    refused("virement_lines_match", lambda: virement(line, other))


HALF = {"line": 0, "expenditure": D(-10), "client_income": D(-2)}
OTHER_HALF = {"line": 1, "expenditure": D(10), "client_income": D(2)}


@pytest.mark.parametrize(
    "halves",
    [
        [],
        [HALF],
        [OTHER_HALF],
        [HALF, OTHER_HALF | {"expenditure": D("10.01")}],
        [HALF, OTHER_HALF | {"client_income": D(0)}],
        [HALF | {"client_income": D(0)}, OTHER_HALF],
        [HALF | {"client_income": D(0)}, OTHER_HALF | {"client_income": D(0)}],
        [HALF | {"line": 1}, OTHER_HALF],
        [HALF, OTHER_HALF, HALF, OTHER_HALF],
    ],
)
def test_virement_creates_no_money(pair, halves):
    def move() -> None:
        made = virement(*pair, state="agreed")
        for half in halves:
            said = {**half, "line": pair[half["line"]]}
            moved(kind="virement", virement=made, effective_on=OCTOBER, **said)

    refused("virement_creates_no_money", move)


def test_a_virement_that_is_not_agreed_moves_nothing(pair):
    def move() -> None:
        made = virement(*pair)
        for half in (HALF, OTHER_HALF):
            said = {**half, "line": pair[half["line"]]}
            moved(kind="virement", virement=made, effective_on=OCTOBER, **said)

    refused("virement_creates_no_money", move)


def test_virement_is_final(pair):
    made = virement(*pair)
    for column, value in {"amount": 11, "client_income": 1, "reason": "A", "actor": "A", "effective_on": LAST}.items():
        as_owner_refused(
            "virement_is_final", f"update budgets_virement set {column} = %s where id = %s", value, made.pk
        )
    as_owner_refused("virement_is_final", "delete from budgets_virement where id = %s", made.pk)
    accepted(rewrite("update budgets_virement set state = 'refused', version = 2 where id = %s", made.pk))
    refused("virement_is_final", rewrite("update budgets_virement set state = 'proposed' where id = %s", made.pk))


def test_virement_decision_once_and_virement_decision_append_only(pair):
    said = {"virement": virement(*pair), "organisation": pair[0].source, "decision": "approved", "actor": "user:1"}
    row = VirementDecision.objects.create(**said)
    refused("virement_decision_once", lambda: VirementDecision.objects.create(**said | {"decision": "refused"}))
    as_owner_refused(
        "virement_decision_append_only", "update budgets_virementdecision set note = 'A' where id = %s", row.pk
    )
    as_owner_refused("virement_decision_append_only", "delete from budgets_virementdecision where id = %s", row.pk)


# --- years, numbers, commissioners and providers ---------------------------------------------------------------------


def test_pool_year_once_and_pool_year_plausible(line):
    said = {"pool": line.pool_year.pool, "opened_by": "user:1"}
    refused("pool_year_once", lambda: PoolYear.objects.create(financial_year=2025, **said))
    refused("pool_year_plausible", lambda: PoolYear.objects.create(financial_year=1999, **said))
    refused("pool_year_plausible", lambda: PoolYear.objects.create(financial_year=2050, **said))


def test_plan_line_number_once(line):
    refused("plan_line_number_once", lambda: second(line, number=1))


def test_plan_line_one_commissioner_or_joint(line):
    for wrong in (
        {"nhs_share": D(50)},
        {"commissioner": None},
        {"commissioner": None, "nhs_share": D("-0.01")},
        {"commissioner": None, "nhs_share": D("100.01")},
    ):
        refused("plan_line_one_commissioner_or_joint", lambda said=wrong: second(line, **said))
    accepted(lambda: second(line, commissioner=None, nhs_share=D(0)))


def test_provider_once(line):
    agreement = line.pool_year.pool.agreement
    agreement.providers.create(name="A provider")
    refused("provider_once", lambda: agreement.providers.create(name="A PROVIDER"))


def test_provider_match_is_one_body_and_provider_match_days_in_order(line):
    provider = line.pool_year.pool.agreement.providers.create(name="A provider")
    body, said = line.source, {"first_on": FIRST, "actor": "user:1"}
    for wrong in ({}, {"organisation": body, "supplier": "A"}, {"organisation": body, "company_number": "1"}):
        refused("provider_match_is_one_body", lambda more=wrong: provider.matches.create(**said | more))
    days = {"organisation": body, "last_on": FIRST - DAY}
    refused("provider_match_days_in_order", lambda: provider.matches.create(**said | days))
    accepted(lambda: provider.matches.create(**said | {"organisation": body, "last_on": FIRST}))


def test_provider_match_append_only(line):
    provider = line.pool_year.pool.agreement.providers.create(name="A provider")
    row = provider.matches.create(supplier="A company", first_on=FIRST, actor="user:1")
    update = "update partnerships_providermatch set supplier = 'A' where id = %s"
    as_owner_refused("provider_match_append_only", update, row.pk)
    as_owner_refused("provider_match_append_only", "delete from partnerships_providermatch where id = %s", row.pk)
