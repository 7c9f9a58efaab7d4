"""Addresses of pages that change agreements; all begin with /agreements/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from partnerships.views.editing import (
    agreement,
    boards,
    clauses,
    deeds,
    documents,
    limits,
    operation,
    partners,
    pools,
    records,
    schemes,
)

_DRAFT = [
    path("", agreement.draft_detail, name="draft-detail"),
    path("main-terms/", agreement.draft_main_terms, name="draft-main-terms"),
    path("places/", agreement.draft_places, name="draft-places"),
    path("impact/", records.impact_record, name="impact-record"),
    path("partners/add/", partners.partner_add, name="partner-add"),
    path("partners/<str:code>/", partners.partner_change, name="partner-change"),
    path("partners/<str:code>/remove/", partners.partner_remove, name="partner-remove"),
    path("pools/add/", pools.pool_add, name="pool-add"),
    path("pools/<slug:slug>/", pools.pool_change, name="pool-change"),
    path("pools/<slug:slug>/drop/", pools.pool_drop, name="pool-drop"),
    path("pools/<slug:slug>/limits/add/", limits.limit_add, name="limit-add"),
    path("pools/<slug:slug>/limits/<int:position>/", limits.limit_change, name="limit-change"),
    path("pools/<slug:slug>/limits/<int:position>/remove/", limits.limit_remove, name="limit-remove"),
    path("schemes/add/", schemes.scheme_add, name="scheme-add"),
    path("schemes/<slug:slug>/", schemes.scheme_change, name="scheme-change"),
    path("schemes/<slug:slug>/drop/", schemes.scheme_drop, name="scheme-drop"),
    path("schemes/<slug:slug>/functions/add/", schemes.function_add, name="function-add"),
    path("schemes/<slug:slug>/functions/<slug:code>/", schemes.function_change, name="function-change"),
    path("schemes/<slug:slug>/functions/<slug:code>/remove/", schemes.function_remove, name="function-remove"),
    path("clauses/<str:kind>/", clauses.clause_edit, name="clause-edit"),
]
_DEED = [
    path("approve/", deeds.deed_approve, name="deed-approve"),
    path("request-changes/", deeds.deed_request_changes, name="deed-request-changes"),
    path("sign/", deeds.deed_sign, name="deed-sign"),
    path("withdraw/", deeds.deed_withdraw, name="deed-withdraw"),
    path("publish/", deeds.deed_publish, name="deed-publish"),
]
_AGREEMENT: list[URLPattern | URLResolver] = [
    path("draft/", include(_DRAFT)),
    path("deeds/new/", deeds.deed_prepare, name="deed-prepare"),
    path("deeds/<int:number>/", include(_DEED)),
    path("renewal/", deeds.renewal_prepare, name="renewal-prepare"),
    path("conditions/new/", records.precondition_record, name="precondition-record"),
    path("decisions/new/", records.decision_record, name="decision-record"),
    path("consents/new/", records.consent_record, name="consent-record"),
    path("boards/new/", boards.board_add, name="board-add"),
    path("boards/<int:pk>/", boards.board_change, name="board-change"),
    path("boards/<int:pk>/remove/", boards.board_remove, name="board-remove"),
    path("documents/new/", documents.document_add, name="document-add"),
    path("documents/<int:pk>/change/", documents.document_change, name="document-change"),
    path("documents/<int:pk>/remove/", documents.document_remove, name="document-remove"),
    path("operation/", operation.operation_start, name="operation-start"),
    path("notices/new/", operation.notice_give, name="notice-give"),
    path("notices/<int:pk>/withdraw/", operation.notice_withdraw, name="notice-withdraw"),
    path("end/", operation.agreement_end, name="agreement-end"),
    path("occurrences/new/", operation.occurrence_record, name="occurrence-record"),
    path("integrated/", operation.integration_mark, name="integration-mark"),
    path("release/", operation.release_agree, name="release-agree"),
    path("successors/new/", operation.partner_carry_over, name="partner-carry-over"),
]

urlpatterns = [
    path("new/", agreement.agreement_start, name="agreement-start"),
    path("<str:reference>/", include(_AGREEMENT)),
]
