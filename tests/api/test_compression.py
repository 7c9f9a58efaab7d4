"""Pages are compressed; the API and downloads are not, because their ETags and their streams must stay as they are."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from tests.budgets.public import small_england

pytestmark = pytest.mark.django_db
ASKED = {"HTTP_ACCEPT_ENCODING": "gzip"}


def test_a_page_is_compressed_for_who_accepts_it():
    small_england()
    client = Client()
    plain, packed = client.get("/"), client.get("/", **ASKED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.content) < len(plain.content) / 3
    assert gzip.decompress(packed.content).decode().count("<h1") == 1


def test_the_length_of_a_compressed_page_differs_from_time_to_time():
    """Django adds up to a hundred random bytes, against guessing secrets by length (BREACH)."""
    small_england()
    assert len({len(Client().get("/", **ASKED).content) for _ in range(12)}) > 3


def test_the_api_and_downloads_are_sent_as_they_are():
    small_england()
    client = Client()
    for address in ("/api/v1/funding-streams/", "/?format=csv&table=flows"):
        answer = client.get(address, **ASKED)
        assert answer.status_code == 200, address
        assert "Content-Encoding" not in answer.headers
