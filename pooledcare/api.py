"""/api/v1/: which resources there are; their view sets live beside the apps that own them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
