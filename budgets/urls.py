"""Addresses of the pages of budgets."""

from __future__ import annotations

from django.urls import include, path

from budgets.views import allocations, comparing, corrections, england, organisations, places, publications, streams
from budgets.views.pools import contributions, ledger
from budgets.views.pools import plans as pool_plans
from budgets.views.pools import years as pool_years

app_name = "budgets"

# Paths below /agreements/<reference>/pools/<slug>/<year>/, for the partners of the agreement.
_of_pool_year = [
    path("", pool_years.pool_year, name="pool-year"),
    path("contributions/", contributions.contribution_list, name="contribution-list"),
    path("contributions/add/", contributions.contribution_add, name="contribution-add"),
    path("contributions/in-kind/", contributions.in_kind_add, name="in-kind-add"),
    path("contributions/outside/", contributions.outside_add, name="outside-add"),
    path("contributions/balance/", contributions.balance_confirm, name="balance-confirm"),
    path("contributions/<int:pk>/", contributions.contribution_detail, name="contribution-detail"),
    path("contributions/<int:pk>/component/", contributions.component_add, name="component-add"),
    path("contributions/<int:pk>/cut/", contributions.contribution_cut, name="contribution-cut"),
    path("contributions/<int:pk>/condition/", contributions.condition_add, name="condition-add"),
    path("contributions/<int:pk>/instalments/", contributions.instalments_set, name="instalments-set"),
    path("conditions/<int:pk>/met/", contributions.condition_met, name="condition-met"),
    path("instalments/<int:pk>/", contributions.instalment_event, name="instalment-event"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/post/", ledger.journal_post, name="journal-post"),
    path("ledger/<int:pk>/", ledger.journal_detail, name="journal-detail"),
    path("ledger/<int:pk>/reverse/", ledger.journal_reverse, name="journal-reverse"),
    path("periods/", ledger.period_list, name="period-list"),
    path("periods/<int:number>/", ledger.period_detail, name="period-detail"),
    path("plan/", pool_plans.plan, name="plan"),
    path("plan/copy/", pool_plans.plan_copy, name="plan-copy"),
    path("plan/submit/", pool_plans.plan_submit, name="plan-submit"),
    path("plan/approve/", pool_plans.plan_approve, name="plan-approve"),
    path("plan/request-changes/", pool_plans.plan_request_changes, name="plan-request-changes"),
    path("plan/lines/add/", pool_plans.plan_line_add, name="plan-line-add"),
    path("plan/lines/<int:number>/", pool_plans.plan_line_detail, name="plan-line-detail"),
    path("plan/lines/<int:number>/change/", pool_plans.plan_line_change, name="plan-line-change"),
    path("plan/lines/<int:number>/remove/", pool_plans.plan_line_remove, name="plan-line-remove"),
    path("plan/virements/add/", pool_plans.virement_add, name="virement-add"),
    path("plan/virements/<int:pk>/", pool_plans.virement_detail, name="virement-detail"),
    path("plan/virements/<int:pk>/decide/", pool_plans.virement_decide, name="virement-decide"),
    path("plan/virements/<int:pk>/withdraw/", pool_plans.virement_withdraw, name="virement-withdraw"),
]

urlpatterns = [
    path("", england.england_detail, name="england"),
    path("places/", places.place_list, name="place-list"),
    path("places/<slug:slug>/", places.place_detail, name="place-detail"),
    path("organisations/", organisations.organisation_list, name="organisation-list"),
    path("organisations/<str:code>/", organisations.organisation_detail, name="organisation-detail"),
    path("streams/", streams.stream_list, name="stream-list"),
    path("streams/<slug:code>/", streams.stream_detail, name="stream-detail"),
    path("streams/<slug:code>/a-head/", comparing.stream_a_head, name="stream-a-head"),
    path("allocations/<str:reference>/", allocations.allocation_detail, name="allocation-detail"),
    path("allocations/<str:reference>/correct/", corrections.allocation_correct, name="allocation-correct"),
    path("publications/", publications.publication_list, name="publication-list"),
    path("publications/<str:reference>/", publications.publication_detail, name="publication-detail"),
    path("agreements/<str:reference>/money/", pool_years.agreement_money, name="agreement-money"),
    path("agreements/<str:reference>/money/open/", pool_years.pool_year_open, name="pool-year-open"),
    path("agreements/<str:reference>/pools/<slug:slug>/<str:year>/", include(_of_pool_year)),
]
