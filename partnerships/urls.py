"""Addresses of the pages of partnerships."""

from __future__ import annotations

from django.urls import path

from partnerships.views import law

app_name = "partnerships"

urlpatterns = [
    path("law/", law.law_rules, name="law-rules"),
    path("law/check/", law.law_check, name="law-check"),
    path("law/timeline/", law.law_timeline, name="law-timeline"),
    path("law/instruments/", law.law_instruments, name="law-instruments"),
    path("law/instruments/<slug:slug>/", law.law_instrument, name="law-instrument"),
]
