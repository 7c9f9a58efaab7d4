"""The site's own addresses, and the hand-written view."""

from __future__ import annotations

from django.urls import path

from bench.handwritten import allocation_page
from pooledcare import urls
from pooledcare.urls import handler400, handler403, handler404, handler429, handler500

urlpatterns = [path("bench/allocations/", allocation_page), *urls.urlpatterns]

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]
