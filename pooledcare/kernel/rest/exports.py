"""A whole list as CSV, copied out by the database row by row: constant memory, one instant, the first bytes at once."""

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
    """The answer, once the database has begun to answer: whatever goes wrong before that is still a problem."""
    chunks = _chunks(listing, client)
    first = next(chunks, b"")
    answer = StreamingHttpResponse(_resumed(first, chunks), content_type=CSV_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return answer


def _resumed(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _chunks(listing: Listing, client: str) -> Iterator[bytes]:
    """One COPY is one statement and so sees one instant. A client that goes away ends it with the transaction."""
    statement, values = listing.export()
    with transaction.atomic(), connection.cursor() as cursor:
        _take_a_place(cursor, client)
        # Rows come out in the order of an index at once, instead of being sorted first.
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
    """RFC 4180 ends lines with CR and LF; PostgreSQL ends them with LF."""
    return b"\r\n".join([*rows, b""])


def _take_a_place(cursor: Any, client: str) -> None:
    """At most two exports of one client run at a time; a place is given back with the end of the transaction."""
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
