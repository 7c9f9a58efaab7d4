"""The audit trail as a list of lines, for tests of what an action says of itself."""

from __future__ import annotations

from pooledcare.directory.models import AuditEvent

Line = tuple[str, str, str, str, str]


def lines() -> list[Line]:
    """Actor, organisation, action, subject and sentence of every line, oldest first."""
    rows = AuditEvent.objects.order_by("pk")
    return list(rows.values_list("actor", "organisation", "action", "subject", "sentence"))
