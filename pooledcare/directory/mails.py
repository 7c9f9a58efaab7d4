"""Sending e-mails: plain text from a template, sent after the transaction commits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string


def send_after_commit(name: str, *, to: str, subject: str, robust: bool = False, **context: Any) -> None:
    """Render `emails/<name>.txt.jinja` now, and send it after the transaction commits.

    If `robust`, a failure to send is logged and does not keep other e-mails from being sent.
    """
    body = render_to_string(f"emails/{name}.txt.jinja", {"public_url": settings.PUBLIC_URL, **context})
    line = " ".join(subject.split())

    def send() -> None:  # Django names what has failed, and a `partial` has no name
        send_mail(line, body, None, [to])

    transaction.on_commit(send, robust=robust)


def absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path
