"""Addresses of the pages of directory."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "directory"

urlpatterns: list[URLPattern] = []
