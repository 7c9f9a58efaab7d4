"""Addresses of the pages of partnerships."""

from __future__ import annotations

from django.urls import include, path

from partnerships.views import agreement, agreements, deeds, documents, law, proposals, schemes, summaries

app_name = "partnerships"

# Paths below /agreements/<reference>/. Other paths below /agreements/ must be listed before these.
_of_agreement = [
    path("", agreement.agreement_detail, name="agreement-detail"),
    path("schemes/", schemes.agreement_schemes, name="agreement-schemes"),
    path("schemes/<slug:slug>/", schemes.scheme_detail, name="scheme-detail"),
    path("funds/", schemes.agreement_funds, name="agreement-funds"),
    path("terms/", agreement.agreement_terms, name="agreement-terms"),
    path("findings/", agreement.agreement_findings, name="agreement-findings"),
    path("versions/", deeds.agreement_versions, name="agreement-versions"),
    path("deeds/<int:number>/", deeds.deed_detail, name="deed-detail"),
    path("tasks/", agreement.agreement_tasks, name="agreement-tasks"),
    path("governance/", agreement.agreement_governance, name="agreement-governance"),
    path("history/", agreement.agreement_history, name="agreement-history"),
    path("summary/", summaries.agreement_summary, name="agreement-summary"),
    path("summary.docx", summaries.agreement_summary_docx, name="agreement-summary-docx"),
    path("summary.pdf", summaries.agreement_summary_pdf, name="agreement-summary-pdf"),
    path("documents/<int:pk>/", documents.document_download, name="document-download"),
]

urlpatterns = [
    path("agreements/", agreements.agreement_list, name="agreement-list"),
    path("agreements/download/", agreements.agreement_download, name="agreement-download"),
    path("agreements/proposals/", proposals.agreement_proposals, name="agreement-proposals"),
    path("agreements/", include("partnerships.editing_urls")),
    path("agreements/<str:reference>/", include(_of_agreement)),
    path("law/", law.law_rules, name="law-rules"),
    path("law/check/", law.law_check, name="law-check"),
    path("law/timeline/", law.law_timeline, name="law-timeline"),
    path("law/instruments/", law.law_instruments, name="law-instruments"),
    path("law/instruments/<slug:slug>/", law.law_instrument, name="law-instrument"),
]
