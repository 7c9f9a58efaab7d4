"""Limits on requests a minute for each client, counted in the database so that all web processes share the count."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from rest_framework.request import Request

from pooledcare.kernel.rest.authentication import Client
from pooledcare.kernel.rest.problems import HttpProblem

WINDOW_SECONDS = 60

# One row for each client, in an unlogged table: a crash of the database resets the counts.
_COUNT = """
insert into request_count as counted (client, window_start, used) values (%s, %s, 1)
on conflict (client) do update set
    used = case when counted.window_start = excluded.window_start then counted.used + 1 else 1 end,
    window_start = excluded.window_start
returning used
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests a client may still make in the current minute."""

    limit: int
    used: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset),
        }

    def check(self) -> None:
        if self.used > self.limit:
            raise HttpProblem("rate-limit-exceeded", headers={"Retry-After": str(self.reset)})


def client_reference(request: Request, client: Client | None) -> str:
    """The reference of the key, or of the IP address if there is none. X-Forwarded-For headers are not trusted."""
    if client is None or client.is_anonymous:
        return f"address:{request.META.get('REMOTE_ADDR', '')}"
    return client.reference


def count_request(request: Request, client: Client | None) -> Allowance:
    """Count this request, and return what is left. A request with an invalid key counts for its IP address."""
    known = client is not None and not client.is_anonymous
    limit = settings.API_RATE_KEY if known else settings.API_RATE_ANONYMOUS
    now = int(time.time())
    start = now - now % WINDOW_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [client_reference(request, client)[:100], start])
        (used,) = cursor.fetchone()
    return Allowance(limit=limit, used=used, reset=start + WINDOW_SECONDS - now)


def forget_old_counts() -> int:
    """Delete the rows of clients that have made no requests for an hour, and return how many. Runs hourly."""
    with connection.cursor() as cursor:
        cursor.execute("delete from request_count where window_start < %s", [int(time.time()) - 3600])
        return int(cursor.rowcount)
