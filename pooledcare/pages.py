"""Pages that span the apps: search, glossary, sources and licences, accessibility, privacy."""

from __future__ import annotations

from importlib.metadata import version

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from budgets.queries.publications import publications
from pooledcare.directory.queries.code_days import about_code
from pooledcare.directory.queries.organisations import reference_known_to
from pooledcare.directory.queries.search import LONGEST
from pooledcare.directory.queries.sources import sources_listed
from pooledcare.glossary import GLOSSARY
from pooledcare.searching import search_everything, suggestions

# The software listed on the page of sources and licences: distribution, name, licence.
PYTHON_SOFTWARE = (
    ("django", "Django", "BSD 3-Clause"),
    ("djangorestframework", "Django REST framework", "BSD 3-Clause"),
    ("drf-spectacular", "drf-spectacular", "BSD 3-Clause"),
    ("django-allauth", "django-allauth", "MIT"),
    ("jinja2", "Jinja", "BSD 3-Clause"),
    ("nhsuk-frontend-jinja", "NHS.UK frontend for Jinja", "MIT"),
    ("psycopg", "Psycopg", "LGPL 3.0"),
    ("pandas", "pandas", "BSD 3-Clause"),
    ("openpyxl", "openpyxl", "MIT"),
    ("python-docx", "python-docx", "MIT"),
    ("celery", "Celery", "BSD 3-Clause"),
    ("gunicorn", "Gunicorn", "MIT"),
    ("whitenoise", "WhiteNoise", "MIT"),
)
OTHER_SOFTWARE = (
    ("PostgreSQL", "18", "PostgreSQL Licence"),
    ("NHS.UK frontend", "10", "MIT"),
    ("Apache ECharts", "6", "Apache 2.0"),
    ("htmx", "2", "Zero-Clause BSD"),
)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:LONGEST]
    results = search_everything(text, actor=request.actor)  # type: ignore[attr-defined]
    found = results.found
    context = {
        "text": text,
        "results": results,
        "about_code": about_code(text) if text and not (found.places or found.organisations) else None,
        "known_to": found.known_to or reference_known_to(),
    }
    return render(request, "site/search.jinja", context)


@require_safe
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """The options of the list that browsers show below a search box while somebody types in it."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = suggestions(text, actor=request.actor)  # type: ignore[attr-defined]
    return render(request, "site/search_suggestions.jinja", {"found": found})


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "site/glossary.jinja", {"terms": GLOSSARY})


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    context = {
        "sources": sources_listed(),
        "publications": publications(),
        "software": [(name, version(package), licence) for package, name, licence in PYTHON_SOFTWARE]
        + list(OTHER_SOFTWARE),
        "known_to": reference_known_to(),
    }
    return render(request, "site/sources.jinja", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.jinja")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "site/privacy.jinja")


urlpatterns: list[URLPattern] = [
    path("search/", search, name="search"),
    path("search/suggestions/", search_suggestions, name="search-suggestions"),
    path("glossary/", glossary, name="glossary"),
    path("sources/", sources, name="sources"),
    path("accessibility/", accessibility, name="accessibility"),
    path("privacy/", privacy, name="privacy"),
]
