"""The Plan tab of a fund's year, its lines and virements, and the forms that change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions import plans as do
from budgets.actions import virements as move
from budgets.pool_forms_plan import (
    ApprovePlanForm,
    ConfirmForm,
    PlanChangesForm,
    PlanLineForm,
    VirementDecisionForm,
    VirementForm,
    initial_of,
)
from budgets.queries.pools import plans as read
from budgets.queries.pools.income import net_contributions
from budgets.queries.pools.reach import PoolYearReached
from budgets.rules.pools.plan import Line, balances, plan_hash, scheme_years
from budgets.tables.pools import plans as tables
from budgets.terms import PlanState, VirementState
from budgets.views.pools.frame import address, reads_pool_year, shown
from partnerships.queries.agreements.reach import may
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from budgets.models import PlanLine, Virement

TAB = "budgets:plan"
FORM = require_http_methods(["GET", "POST"])
RECORD, APPROVE = Permission.RECORD_POOL_MONEY, Permission.APPROVE_POOL_MONEY


@require_safe
@reads_pool_year
def plan(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    """The lines by scheme, what each source contributes, and who has approved the plan."""
    pool_year = found.pool_year
    lines = read.lines_of(pool_year)
    decisions = read.decisions_on(pool_year, plan_hash(pool_year.reference, lines))
    names = read.scheme_names(found.reached.agreement)
    held = balances(lines, net_contributions(pool_year))
    partners = read.names_of({each.source.partner for each in held})
    return shown(
        request,
        found,
        "plan",
        tab=TAB,
        sentences=[tables.sentence(lines, pool_year.year, pool_year.plan_state, decisions)],
        cards=tables.cards(lines, pool_year.year, timezone.localdate()) if lines else [],
        lines=tables.lines_table(lines, names, partners, _there(found)),
        others=[
            tables.balances_table(held, partners),
            *([] if pool_year.plan_state == PlanState.DRAFT else [tables.decisions_table(decisions)]),
            tables.virements_table(read.virements_of(pool_year), _there(found)),
        ],
        links=_links(request, found, _steps(pool_year.plan_state, bool(lines))),
    )


def _steps(state: str, has_lines: bool) -> list[tuple[Permission, str, str]]:
    """The forms that make sense in a state: which permission they need, their label and their route."""
    if state == PlanState.DRAFT:
        more = [(RECORD, "Submit the plan", "plan-submit")] if has_lines else []
        copy = [] if has_lines else [(RECORD, "Begin with last year’s lines", "plan-copy")]
        return [(RECORD, "Add a line", "plan-line-add"), *copy, *more]
    if state == PlanState.SUBMITTED:
        return [
            (APPROVE, "Approve the plan", "plan-approve"),
            (APPROVE, "Ask for changes", "plan-request-changes"),
        ]
    return [(RECORD, "Propose a virement", "virement-add")]


@require_safe
@reads_pool_year
def plan_line_detail(request: HttpRequest, found: PoolYearReached, number: int) -> HttpResponse:
    row, line = _line(found, number)
    by_year = read.lines_by_year(found.pool_year.pool)
    is_draft = found.pool_year.plan_state == PlanState.DRAFT
    steps = [(RECORD, "Change this line", "plan-line-change"), (RECORD, "Remove this line", "plan-line-remove")]
    return shown(
        request,
        found,
        "plan_line",
        tab=TAB,
        row=row,
        line=line,
        scheme=read.scheme_names(found.reached.agreement).get(line.scheme, line.scheme),
        others=[
            tables.movements_table(read.movements_of(row)),
            tables.months_table(line, found.pool_year.year),
            tables.years_table(scheme_years(by_year, line.scheme)),
        ],
        links=_links(request, found, steps if is_draft else [], number),
    )


@FORM
@reads_pool_year
def plan_line_add(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    form = PlanLineForm(**_offered(found))

    def add(by: Actor) -> None:
        do.add_line(pool_year=found.pool_year, said=form.said(), by=by)

    return _filled(request, found, form, add, "Add a line", RECORD)


@FORM
@reads_pool_year
def plan_line_change(request: HttpRequest, found: PoolYearReached, number: int) -> HttpResponse:
    row, line = _line(found, number)
    form = PlanLineForm(initial=initial_of(row, line), **_offered(found))

    def change(by: Actor) -> None:
        do.change_line(line=row, said=form.said(), version=form.cleaned_data["seen"], by=by)

    return _filled(request, found, form, change, f"Change line {number}", RECORD)


@FORM
@reads_pool_year
def plan_line_remove(request: HttpRequest, found: PoolYearReached, number: int) -> HttpResponse:
    row, _ = _line(found, number)
    lead = "Its number is not used again, and its history stays."
    return _filled(
        request, found, ConfirmForm(), lambda by: do.remove_line(line=row, by=by), f"Remove line {number}", RECORD, lead
    )


@FORM
@reads_pool_year
def plan_copy(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    last = found.pool_year.year.previous
    lead = f"Each line of {last} is copied with its revised amount and the shape of its months."

    def copy(by: Actor) -> None:
        do.copy_last_year(pool_year=found.pool_year, by=by)

    return _filled(request, found, ConfirmForm(), copy, f"Begin with the lines of {last}", RECORD, lead)


@FORM
@reads_pool_year
def plan_submit(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    lead = "Every partner is then asked to approve it, and its lines cannot be changed meanwhile."

    def submit(by: Actor) -> None:
        do.submit_plan(pool_year=found.pool_year, by=by)

    return _filled(request, found, ConfirmForm(), submit, "Submit the plan", RECORD, lead)


@FORM
@reads_pool_year
def plan_approve(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    form = ApprovePlanForm(initial={"plan_hash": read.hash_of(found.pool_year)})
    lead = "You approve the plan as it is now, for your organisation. Afterwards it changes only by virements."

    def approve(by: Actor) -> None:
        do.approve_plan(pool_year=found.pool_year, plan_hash=form.cleaned_data["plan_hash"], by=by)

    return _filled(request, found, form, approve, "Approve the plan", APPROVE, lead)


@FORM
@reads_pool_year
def plan_request_changes(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    form = PlanChangesForm()
    lead = "The plan becomes a draft again."

    def ask(by: Actor) -> None:
        do.request_plan_changes(pool_year=found.pool_year, note=form.cleaned_data["note"], by=by)

    return _filled(request, found, form, ask, "Ask for changes to the plan", APPROVE, lead)


# --- virements -------------------------------------------------------------------------------------------------------


@FORM
@reads_pool_year
def virement_add(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    names = read.scheme_names(found.reached.agreement)
    rows = read.line_rows(found.pool_year)
    form = VirementForm(lines=[(row, f"Line {row.number}, {names.get(row.scheme.slug)}") for row in rows])

    def propose(by: Actor) -> None:
        move.propose_virement(by=by, **form.cleaned_data)

    lead = "Every partner must approve a virement before the budget moves."
    return _filled(request, found, form, propose, "Propose a virement", RECORD, lead)


@require_safe
@reads_pool_year
def virement_detail(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    """What a virement moves, whose approval it needs while it is proposed, and what partners decided."""
    virement = _virement(found, pk)
    is_open = virement.state == VirementState.PROPOSED
    steps = [(APPROVE, "Approve or refuse it", "virement-decide"), (RECORD, "Withdraw it", "virement-withdraw")]
    return shown(
        request,
        found,
        "virement",
        tab=TAB,
        virement=virement,
        what=tables.virement_text(virement),
        needed=[str(each) for each in read.approvals_for(found.pool_year, virement.amount)] if is_open else [],
        links=_links(request, found, steps if is_open else [], pk),
    )


@FORM
@reads_pool_year
def virement_decide(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    virement = _virement(found, pk)
    form = VirementDecisionForm()

    def decide(by: Actor) -> None:
        move.decide_virement(virement=virement, by=by, **form.cleaned_data)

    lead = tables.virement_text(virement)
    return _filled(request, found, form, decide, f"Decide on {virement.reference}", APPROVE, lead)


@FORM
@reads_pool_year
def virement_withdraw(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    virement = _virement(found, pk)

    def withdraw(by: Actor) -> None:
        move.withdraw_virement(virement=virement, by=by)

    return _filled(request, found, ConfirmForm(), withdraw, f"Withdraw {virement.reference}", RECORD)


# --- shared ----------------------------------------------------------------------------------------------------------


def _filled(
    request: HttpRequest,
    found: PoolYearReached,
    form: forms.Form,
    change: Callable[[Actor], None],
    heading: str,
    permission: Permission,
    lead: str = "",
) -> HttpResponse:
    """Show the form, or make the change that it says and go back to the plan."""
    _require(found, request.actor, permission)  # type: ignore[attr-defined]
    if request.method == "POST" and _done(request, form, change):
        return redirect(address(TAB, found))
    back = address(TAB, found)
    return shown(request, found, "plan_form", tab=TAB, form=form, heading=heading, lead=lead, back=back)


def _done(request: HttpRequest, form: forms.Form, change: Callable[[Actor], Any]) -> bool:
    """Whether the form was valid and the change was made; otherwise the form has its errors."""
    form.is_bound, form.data = True, request.POST
    if not form.is_valid():
        return False
    try:
        change(request.actor)  # type: ignore[attr-defined]
    except Refused as refused:
        add_problems(form, refused)
        return False
    messages.success(request, "It has been recorded.")
    return True


def _require(found: PoolYearReached, actor: Actor, permission: Permission) -> None:
    if not may(found.reached.agreement, actor=actor, permission=permission):
        raise PermissionDenied(refusal(permission))


def _line(found: PoolYearReached, number: int) -> tuple[PlanLine, Line]:
    row = next((each for each in read.line_rows(found.pool_year) if each.number == number), None)
    if row is None:
        raise Http404
    row.pool_year = found.pool_year
    return row, read.line_of(row)


def _virement(found: PoolYearReached, pk: int) -> Virement:
    virement = next((each for each in read.virements_of(found.pool_year) if each.pk == pk), None)
    if virement is None:
        raise Http404
    return virement


def _offered(found: PoolYearReached) -> dict[str, Any]:
    agreement = found.reached.agreement
    return {
        "schemes": read.schemes_of(agreement),
        "partners": read.partners_of(agreement),
        "streams": read.streams(),
    }


def _there(found: PoolYearReached) -> Callable[[str, int], str]:
    return lambda route, number: address(f"budgets:{route}", found, number)


def _links(
    request: HttpRequest, found: PoolYearReached, steps: list[tuple[Permission, str, str]], *more: object
) -> list[tuple[str, str]]:
    """Label and address of the forms for which the person has the permission."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    held = {each for each in (RECORD, APPROVE) if may(found.reached.agreement, actor=actor, permission=each)}
    return [(label, address(f"budgets:{route}", found, *more)) for needed, label, route in steps if needed in held]
