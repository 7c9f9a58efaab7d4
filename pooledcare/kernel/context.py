"""The id of the current request, for log lines and the audit trail. Empty outside a request."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
