"""The Plan tab: what it says first, and that its forms do what the actions do."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from budgets.actions import plans
from budgets.models import PlanLine, Virement
from budgets.queries.pools import income
from budgets.queries.pools.plans import hash_of, lines_of
from budgets.rules.pools.plan import Source
from budgets.views.pools import plans as views
from tests.budgets.pools.plan_rows import PlanWorld
from tests.costs import cost
from tests.world import World

pytestmark = pytest.mark.django_db

D = Decimal
YES = {"confirmed": "yes"}


@pytest.fixture
def plan(world: World) -> PlanWorld:
    return PlanWorld(world)


@pytest.fixture
def officer(plan: PlanWorld, client_of: Any) -> Client:
    return client_of(plan.world.council.person("finance_officer"))


@pytest.fixture
def approver(plan: PlanWorld, client_of: Any) -> Client:
    return client_of(plan.world.icb.person("finance_approver"))


@pytest.fixture
def contributed(monkeypatch) -> None:
    """The council contributes £60."""
    for module in (plans, views, income):
        monkeypatch.setattr(module, "net_contributions", lambda pool_year: {Source("E10000999"): D(60)})


def at(plan: PlanWorld, path: str = "") -> str:
    return f"{plan.pool_year.get_absolute_url()}plan/{path}"


def text_of(answer: Any) -> str:
    main = answer.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def entered(**more: str) -> dict[str, str]:
    return {
        "scheme": "reablement", "source": "E10000999", "commissioner": "E10000999", "nature": "revenue",
        "expenditure": "100.00", "client_income": "40", "profile": "twelfths",
    } | more  # fmt: skip


def test_the_first_sentence_says_what_the_plan_comes_to(plan, officer):
    assert "The plan for 2025-26 has no lines yet." in text_of(officer.get(at(plan)))
    plan.line(1200, 30)
    with time_machine.travel("2025-06-01", tick=False):
        seen = text_of(officer.get(at(plan)))
    assert "The plan for 2025-26 spends £1,170.00 net of client income; it is a draft." in seen
    assert "gross £1,200.00, client income £30.00" in seen
    assert "Planned to date, gross £200.00" in seen
    assert "Mereshire County Council, own money £0.00 £1,170.00 +£1,170.00" in seen


def test_a_line_is_added_changed_and_removed_with_forms(plan, officer):
    added = officer.post(
        at(plan, "lines/add/"), entered(commissioner="joint", nhs_share="25", provider="Home care Ltd")
    )
    assert added.url == at(plan)
    (line,) = lines_of(plan.fresh)
    assert (line.nhs_share, line.commissioner, line.provider) == (D(25), None, "Home care Ltd")
    form = officer.get(at(plan, "lines/1/change/"))
    assert 'value="Home care Ltd"' in form.content.decode()
    by_hand = "\n".join(["10"] * 10 + ["0", "1.50"])
    said = entered(expenditure="101.50", profile="by_hand", months=by_hand, seen=str(plan.fresh.version))
    assert officer.post(at(plan, "lines/1/change/"), said).status_code == 302
    (line,) = lines_of(plan.fresh)
    assert (line.original.expenditure, line.profile[-2:]) == (D("101.50"), (D(0), D("1.50")))
    stale = officer.post(at(plan, "lines/1/change/"), said)
    assert "The plan has been changed since you opened the page" in text_of(stale)
    assert "Line 1: Example scheme" in text_of(officer.get(at(plan, "lines/1/")))
    assert officer.post(at(plan, "lines/1/remove/"), YES).status_code == 302
    assert officer.get(at(plan, "lines/1/")).status_code == 404
    assert lines_of(plan.fresh) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"client_income": ""}, "Enter client income"),
        ({"client_income": "100.01"}, "Client income must lie between £0.00 and the expenditure"),
        ({"profile": "by_hand", "months": "1\n2"}, "Enter an amount for each of the twelve months, April first"),
        ({"profile": "by_hand", "months": "one"}, "Write one amount on each line."),
        ({"profile": "last_year"}, "Last year’s plan has no line of this scheme and source with a profile"),
        ({"nhs_share": "50"}, "Give one commissioner, or the NHS share of a line that is commissioned jointly"),
    ],
)
def test_a_wrong_line_is_shown_again_with_a_sentence(plan, officer, wrong, message):
    answer = officer.post(at(plan, "lines/add/"), entered(**wrong))
    assert answer.status_code == 200
    assert message in text_of(answer)
    assert not PlanLine.objects.exists()


def test_a_plan_is_submitted_sent_back_and_approved_by_both(plan, officer, approver, contributed, client_of):
    plan.line(100, 40)
    assert officer.post(at(plan, "submit/"), YES).status_code == 302
    waiting = text_of(approver.get(at(plan)))
    assert "it waits for the approval of Mereshire County Council and NHS Mereshire Integrated Care Board." in waiting
    assert approver.post(at(plan, "request-changes/"), {"note": "Fewer hours"}).status_code == 302
    assert "it is a draft." in text_of(approver.get(at(plan)))
    officer.post(at(plan, "submit/"), YES)
    wrong = approver.post(at(plan, "approve/"), {"plan_hash": "0" * 64})
    assert "The plan has been changed since you opened the page" in text_of(wrong)
    shown = re.search(r'name="plan_hash" value="([0-9a-f]{64})"', approver.get(at(plan, "approve/")).content.decode())
    assert shown is not None
    for who in (approver, client_of(plan.world.council.person("finance_approver"))):
        assert who.post(at(plan, "approve/"), {"plan_hash": shown[1]}).status_code == 302
    assert "every partner has approved it." in text_of(officer.get(at(plan)))


def test_a_virement_says_before_anyone_signs_whose_approval_it_needs(plan, officer, approver, contributed, client_of):
    plan.line(60, 0)
    plan.line(40, 40)
    plan.approve()
    said = {
        "from_line": "1", "to_line": "2", "amount": "10", "client_income": "0", "reason": "Demand",
        "effective_on_day": "1", "effective_on_month": "10", "effective_on_year": "2025",
    }  # fmt: skip
    assert officer.post(at(plan, "virements/add/"), said).status_code == 302
    made = Virement.objects.get()
    page = text_of(approver.get(at(plan, f"virements/{made.pk}/")))
    assert "£10.00 with £0.00 of client income moves from line 1 to line 2 on 1 October 2025." in page
    assert "Mereshire County Council (by its own decision, as no delegated limit covers it)" in page
    for who in (approver, client_of(plan.world.council.person("finance_approver"))):
        assert who.post(at(plan, f"virements/{made.pk}/decide/"), {"decision": "approved"}).status_code == 302
    assert [each.revised.expenditure for each in lines_of(plan.fresh)] == [D(50), D(50)]
    assert "Agreed" in text_of(officer.get(at(plan)))


def test_a_refused_virement_shows_who_refused_it_and_why(plan, officer, approver, contributed):
    first, second = plan.line(60, 0), plan.line(40, 40)
    plan.approve()
    made = plan.propose(first, second, 10)
    page = at(plan, f"virements/{made.pk}/")
    assert "Enter why the virement is refused" in text_of(approver.post(f"{page}decide/", {"decision": "refused"}))
    approver.post(f"{page}decide/", {"decision": "refused", "note": "Not affordable"})
    assert "NHS Mereshire Integrated Care Board: refused on" in text_of(officer.get(page))
    assert "Not affordable" in text_of(officer.get(page))


def test_nobody_else_sees_a_plan(plan, client_of):
    plan.line()
    stranger = client_of(plan.world.outsider.person("finance_officer", "finance_approver"))
    for path in ("", "lines/1/", "lines/add/", "approve/", "virements/add/"):
        assert stranger.get(at(plan, path)).status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_lines(plan, officer):
    plan.line()
    before = cost(officer, at(plan))
    for number in range(5):
        plan.line(100 + number, ring_fence=f"Purpose {number}", provider=f"Provider {number}")
    assert cost(officer, at(plan)) == before
    assert hash_of(plan.fresh)
