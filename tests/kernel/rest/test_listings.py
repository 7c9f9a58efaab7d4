"""Lists as SQL: pages in both directions against the same list sorted in Python, ties, and the whole as CSV."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection

from pooledcare.kernel.rest.cursors import Cursor
from pooledcare.kernel.rest.listings import Listing, ListingColumn, iso_moment
from pooledcare.kernel.tabular import neutralise_sql

# Ties in the first part of the order, which the second part breaks.
ROWS = [("b", 1), ("a", 3), ("b", 2), ("a", 1), ("c", 7), ("a", 2), ("b", 9)]
TABLE = "(values " + ", ".join(f"('{name}', {number})" for name, number in ROWS) + ") t (name, number)"
THINGS = Listing(
    columns=(ListingColumn("name", "t.name", free=True), ListingColumn("twice", "t.number * 2")),
    tables=TABLE,
    order=("t.name", "t.number"),
)
RISING = sorted(ROWS)

pytestmark = pytest.mark.django_db


def shown(rows):
    return [(name, 2 * number) for name, number in rows]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_there_and_back_are_the_sorted_list(size, descending):
    listing = Listing(THINGS.columns, TABLE, THINGS.order, descending=descending)
    expected = RISING[::-1] if descending else RISING
    pieces = [expected[start : start + size] for start in range(0, len(expected), size)]
    page, pages = listing.page(size), []
    while True:
        pages.append(page)
        if page.next is None:
            break
        page = listing.page(size, page.next)
    assert [page.rows for page in pages] == [shown(piece) for piece in pieces]
    assert [page.next for page in pages] == [Cursor(piece[-1]) for piece in pieces[:-1]] + [None]
    assert [page.previous for page in pages] == [None] + [Cursor(piece[0], backwards=True) for piece in pieces[1:]]
    for before, page in itertools.pairwise(pages):
        back = listing.page(size, page.previous)
        assert back.rows == before.rows
        assert back.next == Cursor(before.next.key)
        assert back.previous == before.previous


def test_a_page_backwards_in_the_middle_has_neighbours_on_both_sides():
    page = THINGS.page(2, Cursor(("b", 9), backwards=True))
    assert page.rows == shown([("b", 1), ("b", 2)])
    assert page.next == Cursor(("b", 2))
    assert page.previous == Cursor(("b", 1), backwards=True)


def test_beyond_the_end_there_is_nothing_and_no_neighbour():
    for cursor in (Cursor(("c", 7)), Cursor(("a", 1), backwards=True)):
        page = THINGS.page(2, cursor)
        assert (page.rows, page.next, page.previous) == ([], None, None)
    assert THINGS.narrowed("false").page(2).rows == []


def test_a_row_that_has_gone_still_marks_its_place():
    assert THINGS.page(2, Cursor(("a", 0))).rows == shown([("a", 1), ("a", 2)])
    assert THINGS.page(9, Cursor(("b", 5))).rows == shown([("b", 9), ("c", 7)])


def test_a_list_is_narrowed_by_each_condition_with_its_values_in_their_order():
    narrowed = THINGS.narrowed("t.name = %s", "b").narrowed("t.number between %s and %s", 1, 2)
    assert narrowed.page(9).rows == shown([("b", 1), ("b", 2)])
    assert narrowed.page(1, Cursor(("b", 1))).rows == shown([("b", 2)])
    assert (narrowed.where, narrowed.values) == (("t.name = %s", "t.number between %s and %s"), ("b", 1, 2))
    assert THINGS.where == ()
    assert len(THINGS.page(9).rows) == 7


def test_what_comes_before_the_select_has_its_values_first():
    listing = Listing(
        columns=(ListingColumn("n", "w.n"),),
        tables="w",
        order=("w.n",),
        where=("w.n < %s",),
        values=(30,),
        before="with w as (select * from generate_series(%s, %s) n)",
        before_values=(25, 50),
    )
    assert listing.page(3).rows == [(25,), (26,), (27,)]
    assert listing.page(3, Cursor((27,))).rows == [(28,), (29,)]
    assert listing.export()[1] == [25, 50, 30]


def test_the_single_row_that_the_conditions_leave():
    assert THINGS.narrowed("t.number = %s", 7).one() == ("c", 14)
    assert THINGS.narrowed("t.number = %s", 8).one() is None
    assert THINGS.one() == ("a", 2)


def exported(listing):
    statement, values = listing.export()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [column.name for column in cursor.description], cursor.fetchall()


@pytest.mark.parametrize("descending", [False, True])
def test_the_whole_list_for_a_file_is_in_the_same_order(descending):
    listing = Listing(THINGS.columns, TABLE, THINGS.order, descending=descending)
    expected = RISING[::-1] if descending else RISING
    assert exported(listing) == (["name", "twice"], shown(expected))
    narrowed = listing.narrowed("t.name <> %s", "b")
    assert exported(narrowed)[1] == shown([row for row in expected if row[0] != "b"])


def test_free_text_is_made_harmless_in_a_file_and_a_column_may_stand_otherwise_there():
    listing = Listing(
        columns=(
            ListingColumn("free", "'=1+1'", free=True),
            ListingColumn("plain", "'-1'"),
            ListingColumn("nested", "'[]'", file="'a; b'"),
            ListingColumn("both", "'[]'", free=True, file="'=a'"),
        ),
        tables="(values (1)) t (n)",
        order=("t.n",),
    )
    assert listing.page(1).rows == [("=1+1", "-1", "[]", "[]")]
    assert exported(listing) == (["free", "plain", "nested", "both"], [("'=1+1", "-1", "a; b", "'=a")])
    statement, _ = listing.export()
    assert neutralise_sql("'=1+1'") in statement


def test_a_moment_in_a_file_is_in_utc_to_the_microsecond():
    with connection.cursor() as cursor:
        cursor.execute("set local time zone 'Europe/London'")
        cursor.execute("select " + iso_moment("timestamptz '2026-05-01 13:05:09.000012+01'"))
        assert cursor.fetchone() == ("2026-05-01T12:05:09.000012Z",)
