"""The Jinja environment of every page, with the filters, globals and context that pages share.

In our templates an undefined name is an error. The NHS.UK macros expect a missing parameter to be empty, so they are
rendered in a separate environment; our templates call them through `nhsuk("button", text="Continue")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from jinja2 import ChainableUndefined, Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Undefined
from markupsafe import Markup

from pooledcare.directory import sessions
from pooledcare.glossary import term_named
from pooledcare.kernel import drawing, formats
from pooledcare.kernel.fields import error_links
from pooledcare.kernel.tables import NUMERIC_FORMATS

# Label and public path; a test checks that each path resolves.
NAVIGATION = (
    ("England", "/"),
    ("Places", "/places/"),
    ("Organisations", "/organisations/"),
    ("Agreements", "/agreements/"),
    ("Funding streams", "/streams/"),
    ("Publications", "/publications/"),
    ("Law", "/law/"),
    ("Glossary", "/glossary/"),
)
MEMBER_NAVIGATION = (("Uploads", "/uploads/"),)
FOOTER = (
    ("Accessibility", "/accessibility/"),
    ("Privacy", "/privacy/"),
    ("Sources and licences", "/sources/"),
    ("Glossary", "/glossary/"),
    ("API documentation", "/api/docs/"),
)
SESSION_WARNING_SECONDS = 120
IDLE_SECONDS = int(settings.SESSION_IDLE.total_seconds())


def environment(**options: Any) -> Environment:
    """Called by Django's Jinja2 backend, which adds request, csrf_input and csrf_token to every context."""
    strict = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    env = Environment(**{**options, **strict})  # noqa: S701 - autoescape is on, one line above
    env.filters.update(
        pounds=formats.pounds,
        pounds_short=formats.pounds_short,
        percent=formats.percent,
        number=formats.number,
        date=formats.day,
        datetime=formats.moment,
        financial_year=formats.financial_year,
        written=formats.written,
        slug=slugify,
    )
    env.globals.update(
        url=url, static=static, nhsuk=nhsuk, error_links=error_links, FOOTER=FOOTER, NUMERIC_FORMATS=NUMERIC_FORMATS,
        pictures=drawing.pictures, term_named=term_named,
    )  # fmt: skip
    env.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": str}
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def nhsuk(component: str, **parameters: Any) -> Markup:
    """The HTML of one component of the NHS.UK library; `component` is the name of its folder in the library."""
    return Markup(_library_macro(component)(_without_none(parameters)).strip())


@cache
def _library_macro(component: str) -> Callable[[Any], str]:
    module = _library().get_template(f"nhsuk/components/{component}/macro.jinja").module
    first, *others = component.split("-")
    macro: Callable[[Any], str] = getattr(module, first + "".join(word.title() for word in others))
    return macro


@cache
def _library() -> Environment:
    return Environment(loader=PackageLoader("nhsuk_frontend_jinja"), undefined=ChainableUndefined, autoescape=True)


def _without_none(value: Any) -> Any:
    """The parameters without those that are None, which the library would print; raises for an undefined name."""
    if isinstance(value, Undefined):
        str(value)
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value if item is not None]
    return value


def page_context(request: HttpRequest) -> dict[str, Any]:
    """The context that base.jinja needs on every page; it makes no queries of its own."""
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    return bare_context(request.path, NAVIGATION + MEMBER_NAVIGATION if known else NAVIGATION) | {
        "user": user,
        "actor": getattr(request, "actor", None),
        "signed_in": known,
        "session_left": _seconds_left(request) if known else IDLE_SECONDS,
        "messages": get_messages(request),
    }


def bare_context(here: str = "", navigation: tuple[tuple[str, str], ...] = NAVIGATION) -> dict[str, Any]:
    """The context of base.jinja for an anonymous visitor, for pages that must not use the session or the database."""
    return {
        "user": None,
        "actor": None,
        "signed_in": False,
        "messages": [],
        "navigation": [
            {"label": label, "url": address, "current": _is_current(address, here)} for label, address in navigation
        ],
        "demo": settings.DEMO,
        "session_left": IDLE_SECONDS,
        "session_warning_seconds": SESSION_WARNING_SECONDS,
    }


def _seconds_left(request: HttpRequest) -> int:
    return int((sessions.deadline(request) - timezone.now()).total_seconds())


def _is_current(address: str, here: str) -> bool:
    return here == address if address == "/" else here.startswith(address)
