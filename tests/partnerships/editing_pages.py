"""Sending the forms of agreements as a browser does: look at the page, type, send with what the page carries along."""

from __future__ import annotations

import datetime as dt
import re

from django.test import Client
from django.urls import reverse

from partnerships.models import Agreement
from partnerships.queries.agreements.drafts import Draft, draft_of

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def address(agreement: Agreement, name: str, *args: object) -> str:
    return reverse(f"partnerships:{name}", args=[agreement.reference, *args])


def send(client: Client, url: str, /, **typed: object):  # type: ignore[no-untyped-def]
    """Looks at the page, types, and sends the form with what it carries along."""
    page = client.get(url)
    assert page.status_code == 200, url
    return client.post(url, dict(HIDDEN.findall(page.content.decode())) | typed)


def day(name: str, value: dt.date) -> dict[str, str]:
    return {f"{name}_day": str(value.day), f"{name}_month": str(value.month), f"{name}_year": str(value.year)}


def started(agreement: Agreement) -> Draft:
    found = draft_of(agreement)
    assert found is not None
    return found


def is_saved(answer, to: str) -> bool:  # type: ignore[no-untyped-def]
    return answer.status_code == 302 and answer["Location"] == to
