"""Addresses of the pages of uploads."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "uploads"

urlpatterns: list[URLPattern] = []
