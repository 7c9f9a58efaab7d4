"""Pages of a list in both directions, rising and falling, by a field with ties and by the key alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.http import Http404
from django.test import RequestFactory

from pooledcare.directory.models import Place
from pooledcare.kernel.paging import Order, Page, address, number_in, page_of
from tests import factories

ORDERS = [Order("name"), Order("name", descending=True), Order(), Order(key="id", descending=True)]


def request(query: str = "") -> Any:
    return RequestFactory().get(f"/list/{query}")


@pytest.fixture
def places(db: None) -> list[Place]:
    return [factories.place(name=name) for name in "BACBABB"]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_there_and_back_are_the_whole_list(order: Order, size: int, places: list[Place]):
    expected = sorted(places, key=lambda one: ((one.name if order.field else ""), one.pk), reverse=order.descending)
    pieces = [expected[start : start + size] for start in range(0, len(expected), size)]
    there, query = [], "?q=a"
    while query is not None:
        there.append(page_of(request(query), Place.objects.all(), order=order, size=size))
        query = there[-1].next_url
    assert [page.rows for page in there] == pieces
    back, query = [], there[-1].previous_url
    while query is not None:
        assert query.startswith("?q=a&before=")
        back.append(page_of(request(query), Place.objects.all(), order=order, size=size))
        query = back[-1].previous_url
    assert [page.rows for page in reversed(back)] == pieces[:-1]
    assert all(page.next_url for page in back)


def test_a_list_without_rows_is_one_empty_page_and_a_place_beyond_it_is_not_there(db: None):
    assert page_of(request(), Place.objects.all()) == Page([], None, None)
    for query in ("?after=999999999", "?before=999999999"):
        with pytest.raises(Http404):
            page_of(request(query), Place.objects.all())


def test_by_the_key_alone_a_row_that_has_gone_still_marks_its_place(places: list[Place]):
    gone, *rest = sorted(places, key=lambda one: one.pk)
    key = gone.pk
    gone.delete()
    assert page_of(request(f"?after={key}"), Place.objects.all(), order=Order()).rows == rest


@pytest.mark.parametrize("query", ["?after=x", "?after=0", "?before=-1", "?after=", "?after=+5", f"?after={'9' * 19}"])
def test_what_names_no_row_is_refused_in_the_words_of_the_list(query: str, db: None):
    with pytest.raises(BadRequest, match=r"” does not name an agreement\.$"):
        page_of(request(query), Place.objects.all(), what="an agreement")


def test_a_page_is_after_a_row_or_before_one(db: None):
    with pytest.raises(BadRequest, match=r"^Ask for the page after a row or before one, not both\.$"):
        page_of(request("?after=1&before=2"), Place.objects.all())


def test_an_address_keeps_the_filters_and_one_place():
    assert address(request("?q=a&after=1&before=2"), "after", 7) == "?q=a&after=7"
    assert number_in(request("?after=12"), "after") == 12
    assert number_in(request(), "after") is None


def test_the_key_of_an_order_is_read_from_the_row():
    rows = SimpleNamespace()
    assert Order(key="id").terms(backwards=False) == ["id"]
    assert Order("name", descending=True).terms(backwards=False) == ["-name", "-pk"]
    assert Order("name", descending=True).terms(backwards=True) == ["name", "pk"]
    assert Order(key="id", descending=True).beyond(rows, 3, backwards=True).children == [("id__gt", 3)]  # type: ignore[arg-type]
