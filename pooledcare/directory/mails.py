"""E-mails to people: plain text, one template each, sent after the transaction that caused them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string


def send_after_commit(name: str, *, to: str, subject: str, robust: bool = False, **context: Any) -> None:
    """Renders `emails/<name>.txt.jinja` now and sends it once what it speaks of is certain.

    One of many is `robust`: that it could not be sent is logged, and keeps no other from being sent.
    """
    body = render_to_string(f"emails/{name}.txt.jinja", {"public_url": settings.PUBLIC_URL, **context})
    line = " ".join(subject.split())

    def send() -> None:  # Django names what has failed, and a `partial` has no name
        send_mail(line, body, None, [to])

    transaction.on_commit(send, robust=robust)


def absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path
