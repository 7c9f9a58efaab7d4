"""Whole lists as CSV, streamed from PostgreSQL with COPY: constant memory, one snapshot, and it starts at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection, transaction
from django.http import StreamingHttpResponse

from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem

CSV_TYPE = "text/csv; charset=utf-8; header=present"
ROWS_A_CHUNK = 500
AT_A_TIME = 2
LONGEST = "15min"


def csv_answer(listing: Listing, *, filename: str, client: str) -> StreamingHttpResponse:
    """The streaming response. It waits for the first rows, so that an error before them still becomes a problem."""
    chunks = _chunks(listing, client)
    first = next(chunks, b"")
    answer = StreamingHttpResponse(_resumed(first, chunks), content_type=CSV_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return answer


def _resumed(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _chunks(listing: Listing, client: str) -> Iterator[bytes]:
    """One COPY, so one snapshot of the data. If the client disconnects, the transaction and the COPY end."""
    statement, values = listing.export()
    with transaction.atomic(), connection.cursor() as cursor:
        _take_a_place(cursor, client)
        # Makes PostgreSQL read rows in the order of an index, so that the first come at once, instead of sorting them.
        cursor.execute(f"set local enable_sort = off; set local statement_timeout = '{LONGEST}'")
        database: psycopg.Cursor[Any] = cursor.cursor
        with database.copy(f"copy ({statement}) to stdout (format csv, header)", values or None) as rows:
            gathered: list[bytes] = []
            for row in rows:
                gathered.append(bytes(row)[:-1])
                if len(gathered) == ROWS_A_CHUNK:
                    yield _lines(gathered)
                    gathered = []
            yield _lines(gathered)


def _lines(rows: list[bytes]) -> bytes:
    """The rows with CR and LF as line ends, as RFC 4180 requires; PostgreSQL writes LF only."""
    return b"\r\n".join([*rows, b""])


def _take_a_place(cursor: Any, client: str) -> None:
    """Take one of the client's AT_A_TIME advisory locks, which are released when the transaction ends.

    Raises a problem 429 if that many exports of the client are running already.
    """
    for place in range(AT_A_TIME):
        digest = hashlib.blake2b(f"export:{client}:{place}".encode(), digest_size=8).digest()
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest, signed=True)])
        if cursor.fetchone()[0]:
            return
    raise HttpProblem(
        "rate-limit-exceeded",
        f"{AT_A_TIME} exports of yours are running already. Wait until one has ended.",
        headers={"Retry-After": "30"},
    )
