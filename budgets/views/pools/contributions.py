"""The Contributions tab of a fund's year, and the forms that record what is on it."""

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

from budgets.actions import contributions as do
from budgets.pool_forms_contributions import (
    BalanceForm,
    ComponentForm,
    ConditionForm,
    ConditionMetForm,
    ContributionForm,
    CutForm,
    InKindForm,
    InstalmentEventForm,
    InstalmentsForm,
    OutsideForm,
)
from budgets.queries.pools.contributions import (
    condition_of,
    contribution_of,
    contributions_of,
    instalment_of,
    partners_in,
    streams_in,
)
from budgets.queries.pools.reach import PoolYearReached
from budgets.tables.pools import contributions as tables
from budgets.views.pools.frame import address, reads_pool_year, shown
from partnerships.queries.agreements.reach import may
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from budgets.models import Contribution

TAB = "budgets:contribution-list"
FORM = require_http_methods(["GET", "POST"])


@require_safe
@reads_pool_year
def contribution_list(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    of_year = contributions_of(found.pool_year, today=timezone.localdate())

    def there(route: str, pk: int) -> str:
        return address(route, found, pk)

    return shown(
        request,
        found,
        "contribution_list",
        tab=TAB,
        sentences=tables.sentences(of_year, found.pool_year.year),
        cards=tables.cards(of_year) if of_year.contributions else [],
        notices=tables.notices(of_year),
        by_partner=tables.by_partner(of_year, there),
        instalments=tables.instalments(of_year, there),
        ageing=tables.ageing(of_year),
        others=[tables.in_kind(of_year), tables.outside(of_year), tables.confirmations(of_year)],
        links=_links(
            found,
            request,
            ("Add a contribution", "contribution-add"),
            ("Add a contribution in kind", "in-kind-add"),
            ("Add money beside the fund", "outside-add"),
            ("Confirm your balance", "balance-confirm"),
        ),
    )


@require_safe
@reads_pool_year
def contribution_detail(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    of_year = contributions_of(found.pool_year, today=timezone.localdate(), only=pk)
    if not of_year.contributions:
        raise Http404
    (one,) = of_year.contributions

    def there(route: str, pk: int) -> str:
        return address(route, found, pk)

    return shown(
        request,
        found,
        "contribution_detail",
        tab=TAB,
        one=one,
        heading=tables.contribution_name(one),
        components=tables.components(one),
        notices=tables.notices(of_year),
        instalments=tables.instalments(of_year, there),
        conditions=[
            (condition, met, address("budgets:condition-met", found, condition.pk)) for condition, met in one.conditions
        ],
        links=_links(
            found, request, ("Add a component", "component-add"), ("Cut it", "contribution-cut"),
            ("Add a condition", "condition-add"), ("Set instalments", "instalments-set"), pk=pk,
        ),
    )  # fmt: skip


@FORM
@reads_pool_year
def contribution_add(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    form = ContributionForm(
        request.POST or None, partners=partners_in(found.pool_year), streams=streams_in(found.pool_year)
    )
    return _recorded(
        request, found, form, "Add a contribution",
        lambda said, by: do.add_contribution(pool_year=found.pool_year, by=by, **said),
    )  # fmt: skip


@FORM
@reads_pool_year
def component_add(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    one = _contribution(found, pk)
    return _recorded(
        request, found, ComponentForm(request.POST or None), "Add a component",
        lambda said, by: do.add_component(contribution=one, by=by, **said), of=one,
    )  # fmt: skip


@FORM
@reads_pool_year
def contribution_cut(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    one = _contribution(found, pk)
    return _recorded(
        request, found, CutForm(request.POST or None), "Cut the contribution",
        lambda said, by: do.cut_contribution(contribution=one, by=by, **said), of=one,
        lead="Enter by how much less is contributed. The other partners have notice at once.",
    )  # fmt: skip


@FORM
@reads_pool_year
def condition_add(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    one = _contribution(found, pk)
    return _recorded(
        request, found, ConditionForm(request.POST or None), "Add a condition",
        lambda said, by: do.add_condition(contribution=one, by=by, **said), of=one,
    )  # fmt: skip


@FORM
@reads_pool_year
def condition_met(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    condition = condition_of(found.pool_year, pk)
    if condition is None:
        raise Http404
    return _recorded(
        request, found, ConditionMetForm(request.POST or None), "The condition is met",
        lambda said, by: do.meet_condition(condition=condition, by=by, **said),
        of=condition.contribution, lead=condition.what,
    )  # fmt: skip


@FORM
@reads_pool_year
def instalments_set(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    one = _contribution(found, pk)
    terms = {"method": found.terms.instalments, "count": found.terms.instalment_count}
    form = InstalmentsForm(request.POST or None, initial={**terms, "shares": found.terms.instalment_shares})
    return _recorded(
        request, found, form, "Set instalments",
        lambda said, by: do.set_instalments(contribution=one, by=by, **said), of=one,
        lead="What is not yet in instalments is spread. The deed’s terms are filled in where it has any.",
    )  # fmt: skip


@FORM
@reads_pool_year
def instalment_event(request: HttpRequest, found: PoolYearReached, pk: int) -> HttpResponse:
    instalment = instalment_of(found.pool_year, pk)
    if instalment is None:
        raise Http404
    return _recorded(
        request, found, InstalmentEventForm(request.POST or None), f"Instalment {instalment.number}",
        lambda said, by: do.record_instalment_event(instalment=instalment, by=by, **said),
        of=instalment.contribution,
    )  # fmt: skip


@FORM
@reads_pool_year
def in_kind_add(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    return _recorded(
        request, found, InKindForm(request.POST or None, partners=partners_in(found.pool_year)),
        "Add a contribution in kind", lambda said, by: do.add_in_kind(pool_year=found.pool_year, by=by, **said),
    )  # fmt: skip


@FORM
@reads_pool_year
def outside_add(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    return _recorded(
        request, found, OutsideForm(request.POST or None, partners=partners_in(found.pool_year)),
        "Add money beside the fund", lambda said, by: do.add_outside_money(pool_year=found.pool_year, by=by, **said),
    )  # fmt: skip


@FORM
@reads_pool_year
def balance_confirm(request: HttpRequest, found: PoolYearReached) -> HttpResponse:
    return _recorded(
        request, found, BalanceForm(request.POST or None), "Confirm your balance",
        lambda said, by: do.confirm_balance(pool_year=found.pool_year, by=by, **said),
    )  # fmt: skip


def _recorded(
    request: HttpRequest,
    found: PoolYearReached,
    form: forms.Form,
    heading: str,
    record: Callable[[dict[str, Any], Actor], object],
    *,
    of: Contribution | None = None,
    lead: str = "",
) -> HttpResponse:
    """Show the form, or record what it says and go back to where it was opened."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    _require(found, actor)
    back = address(TAB, found) if of is None else address("budgets:contribution-detail", found, of.pk)
    if request.method == "POST":
        # An empty body is a form sent empty: it is shown with its errors.
        form.is_bound, form.data = True, request.POST
        if form.is_valid():
            try:
                record(form.cleaned_data, actor)
            except Refused as refused:
                add_problems(form, refused)
            else:
                messages.success(request, "It has been recorded.")
                return redirect(back)
    return shown(request, found, "contribution_form", tab=TAB, form=form, heading=heading, lead=lead, back=back, of=of)


def _contribution(found: PoolYearReached, pk: int) -> Contribution:
    one = contribution_of(found.pool_year, pk)
    if one is None:
        raise Http404
    return one


def _require(found: PoolYearReached, actor: Actor) -> None:
    if not may(found.reached.agreement, actor=actor, permission=Permission.RECORD_POOL_MONEY):
        raise PermissionDenied(refusal(Permission.RECORD_POOL_MONEY))


def _links(
    found: PoolYearReached, request: HttpRequest, *links: tuple[str, str], pk: int | None = None
) -> list[tuple[str, str]]:
    """The forms of a page, for those who may record what they ask for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may(found.reached.agreement, actor=actor, permission=Permission.RECORD_POOL_MONEY):
        return []
    more = () if pk is None else (pk,)
    return [(label, address(f"budgets:{route}", found, *more)) for label, route in links]
