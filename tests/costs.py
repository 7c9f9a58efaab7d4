"""How many questions a page asks of the database."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def cost(client: Client, address: str) -> int:
    """Of the page itself: now and then a visit also writes down when the session was last used."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    about_session = ("django_session", "SAVEPOINT")
    return sum(not any(word in query["sql"] for word in about_session) for query in captured)
