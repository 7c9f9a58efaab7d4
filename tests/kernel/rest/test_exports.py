"""A whole list as CSV: every row, once, in pieces; at most two exports of a client at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from django.db import DataError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from pooledcare.kernel.rest import exports
from pooledcare.kernel.rest.exports import csv_answer
from pooledcare.kernel.rest.listings import Listing, ListingColumn
from pooledcare.kernel.rest.problems import HttpProblem
from tests.kernel.rest.conftest import refusal

pytestmark = pytest.mark.django_db


def numbers(count: int) -> Listing:
    return Listing(
        columns=(ListingColumn("n", "t.n"), ListingColumn("text", "'a' || t.n", free=True)),
        tables=f"generate_series(1, {count}) t (n)",
        order=("t.n",),
    )


def pieces(listing: Listing, client: str = "key:a") -> list[bytes]:
    return list(csv_answer(listing, filename="numbers", client=client).streaming_content)


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [1]), (1, [2]), (498, [499]), (499, [500, 0]), (500, [500, 1]), (1200, [500, 500, 201])]
)
def test_every_row_comes_once_and_in_order_in_pieces_of_five_hundred(count, sizes):
    found = pieces(numbers(count))
    assert b"".join(found) == b"n,text\r\n" + b"".join(b"%d,a%d\r\n" % (n, n) for n in range(1, count + 1))
    assert [piece.count(b"\r\n") for piece in found] == sizes


def test_the_answer_says_what_it_is_and_is_saved_under_its_name():
    answer = csv_answer(numbers(1), filename="numbers", client="key:a")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="numbers.csv"'
    assert b"".join(answer.streaming_content) == b"n,text\r\n1,a1\r\n"


def test_values_are_passed_and_not_pasted():
    listing = numbers(9).narrowed("'a' || t.n = %s", "a7").narrowed("t.n %% 2 = %s", 1)
    assert b"".join(pieces(listing)) == b"n,text\r\n7,a7\r\n"


def test_what_goes_wrong_before_the_first_byte_is_raised_before_there_is_an_answer():
    with transaction.atomic(), pytest.raises((DataError, psycopg.DataError)):
        csv_answer(numbers(1).narrowed("1 / (t.n - %s) > 0", 1), filename="a", client="key:a")


def test_an_export_may_take_a_quarter_of_an_hour_and_is_not_sorted_first():
    settings = [ListingColumn(name, f"current_setting('{name}')") for name in ("statement_timeout", "enable_sort")]
    listing = Listing(columns=tuple(settings), tables="(values (1)) t (n)", order=("t.n",))
    assert b"".join(pieces(listing)) == b"statement_timeout,enable_sort\r\n15min,off\r\n"


def test_after_an_export_the_connection_is_as_it_was_and_its_place_is_free(second, monkeypatch):
    monkeypatch.setattr(exports, "connection", second)
    monkeypatch.setattr(exports, "transaction", SimpleNamespace(atomic=lambda: transaction.atomic(using="second")))
    state = (
        "select current_setting('statement_timeout'), current_setting('enable_sort'),"
        " (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')"
    )
    with second.cursor() as cursor:
        cursor.execute(state)
        before = cursor.fetchone()
        assert len(pieces(numbers(3))) == 1
        cursor.execute(state)
        assert cursor.fetchone() == before
        assert before[1:] == ("on", 0)


@contextlib.contextmanager
def underway(other: BaseDatabaseWrapper, client: str) -> Iterator[None]:
    """An export of the client that has begun on another connection."""
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            exports._take_a_place(cursor, client)
        yield
    finally:
        other.rollback()
        other.set_autocommit(True)


def test_two_exports_of_a_client_run_at_a_time_and_a_place_is_given_back_at_the_end(second, third):
    with underway(second, "key:a"):
        with underway(third, "key:a"):
            problem = refusal(lambda: csv_answer(numbers(1), filename="a", client="key:a"))
            assert problem.kind.slug == "rate-limit-exceeded"
            assert problem.detail == "2 exports of yours are running already. Wait until one has ended."
            assert problem.headers == {"Retry-After": "30"}
            assert pieces(numbers(0), "key:b") == [b"n,text\r\n"]
        assert pieces(numbers(0), "key:a") == [b"n,text\r\n"]
        # What this test has exported keeps its place to the end of the test's transaction.
        with pytest.raises(HttpProblem, match="running already"), underway(third, "key:a"):
            pass
