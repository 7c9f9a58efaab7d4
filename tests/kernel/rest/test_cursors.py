"""Cursors: signed for one list, one set of filters and one client, for a day."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import signing

from pooledcare.kernel.rest import cursors
from pooledcare.kernel.rest.cursors import Cursor, binding, read_cursor, write_cursor
from tests.kernel.rest.conftest import refusal

BOUND = binding("/api/v1/things/", {"kind": "icb", "name": "x"}, "key:a")


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor((1,)),
        Cursor((1,), backwards=True),
        Cursor(("Somerset – £", 0, "2024-04-01"), backwards=True),
        Cursor((), backwards=False),
    ],
)
def test_a_cursor_is_read_back_as_it_was_written(cursor):
    assert read_cursor(write_cursor(cursor, BOUND), BOUND) == cursor
    assert type(read_cursor(write_cursor(cursor, BOUND), BOUND).backwards) is bool


def test_a_cursor_reads_forwards_unless_it_says_otherwise():
    assert Cursor((1,)) == Cursor((1,), False)


def test_the_order_of_the_filters_does_not_matter():
    assert binding("/api/v1/things/", {"name": "x", "kind": "icb"}, "key:a") == BOUND
    assert BOUND == "cursor:/api/v1/things/?kind=icb&name=x:key:a"


@pytest.mark.parametrize(
    "other",
    [
        binding("/api/v1/others/", {"kind": "icb", "name": "x"}, "key:a"),
        binding("/api/v1/things/", {"kind": "ccg", "name": "x"}, "key:a"),
        binding("/api/v1/things/", {"kind": "icb", "code": "x"}, "key:a"),
        binding("/api/v1/things/", {"kind": "icb"}, "key:a"),
        binding("/api/v1/things/", {}, "key:a"),
        binding("/api/v1/things/", {"kind": "icb", "name": "x"}, "key:b"),
    ],
)
def test_a_cursor_does_not_fit_another_list_filter_or_client(other):
    text = write_cursor(Cursor((5,)), BOUND)
    assert refusal(lambda: read_cursor(text, other)).kind.slug == "invalid-cursor"


def test_a_cursor_that_was_changed_anywhere_is_refused():
    text = write_cursor(Cursor((5, "x")), BOUND)
    for place, character in enumerate(text):
        changed = text[:place] + ("A" if character != "A" else "B") + text[place + 1 :]
        assert refusal(lambda changed=changed: read_cursor(changed, BOUND)).kind.slug == "invalid-cursor", place


@pytest.mark.parametrize("text", ["", ":", "a:b:c", "£", "x" * 1000, "x" * 1001])
def test_a_text_that_is_no_cursor_is_refused(text):
    assert refusal(lambda: read_cursor(text, BOUND)).kind.slug == "invalid-cursor"


def test_a_cursor_signed_without_its_binding_is_refused():
    for text in (signing.dumps([[1], 0]), signing.dumps([[1], 0], salt="cursor:")):
        assert refusal(lambda text=text: read_cursor(text, BOUND)).kind.slug == "invalid-cursor"


@pytest.mark.parametrize(("seconds", "is_valid"), [(0, True), (86_399, True), (86_400, True), (86_401, False)])
def test_a_cursor_lasts_for_a_day(seconds, is_valid):
    made = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    with time_machine.travel(made, tick=False):
        text = write_cursor(Cursor((5,)), BOUND)
    with time_machine.travel(made + dt.timedelta(seconds=seconds), tick=False):
        if is_valid:
            assert read_cursor(text, BOUND) == Cursor((5,))
        else:
            assert refusal(lambda: read_cursor(text, BOUND)).kind.slug == "invalid-cursor"


def test_a_cursor_of_the_greatest_length_is_read_and_one_longer_is_not(monkeypatch):
    assert cursors.LONGEST == 1000
    text = write_cursor(Cursor(("x" * 600,)), BOUND)
    monkeypatch.setattr(cursors, "LONGEST", len(text))
    assert read_cursor(text, BOUND).key == ("x" * 600,)
    monkeypatch.setattr(cursors, "LONGEST", len(text) - 1)
    assert refusal(lambda: read_cursor(text, BOUND)).kind.slug == "invalid-cursor"


def test_a_cursor_holds_what_it_says_and_is_not_compressed():
    text = write_cursor(Cursor(("x" * 100, 5), backwards=True), BOUND)
    assert signing.b64_decode(text.split(":")[0].encode()) == b'["x'.replace(b"[", b"[[") + b"x" * 99 + b'",5],1]'
