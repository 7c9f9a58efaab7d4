"""Entity tags: an answer that has not changed is not sent again, and nobody changes what they have not seen."""

from __future__ import annotations

import hashlib

import pytest
from django.http import HttpResponse

from pooledcare.kernel.rest.conditional import (
    conditional,
    entity_tag,
    require_version,
    tags,
    unchanged,
    versions_wanted,
)
from tests.kernel.rest.conftest import get, refusal


def test_a_tag_is_made_of_every_byte_and_begins_with_the_version():
    digest = hashlib.blake2b(b"body", digest_size=12).hexdigest()
    assert entity_tag(b"body") == f'"{digest}"'
    assert entity_tag(b"body", 7) == f'"7.{digest}"'
    assert entity_tag(b"body", 0) == f'"0.{digest}"'
    assert len({entity_tag(b"body"), entity_tag(b"bodz"), entity_tag(b"body", 1), entity_tag(b"body", 2)}) == 4


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("*", ["*"]),
        (" * ", ["*"]),
        ('"a"', ['"a"']),
        ('  "a"\t', ['"a"']),
        ('W/"a"', ['W/"a"']),
        ('"a", W/"b","c"', ['"a"', 'W/"b"', '"c"']),
        ('""', ['""']),
        ('"!#~\x80\xff"', ['"!#~\x80\xff"']),
        ("", None),
        ("a", None),
        ('"a', None),
        ('a"', None),
        ('w/"a"', None),
        ('"a" "b"', None),
        ('"a",', None),
        ('"a", *', None),
        ('"a b"', None),
        ('"a\x7f"', None),
        ('"a""', None),
        ('"a", b', None),
    ],
)
def test_tags_are_read_whole_or_not_at_all(header, found):
    assert tags(header) == found


TAG = '"7.abc"'


@pytest.mark.parametrize(
    ("header", "is_held"),
    [
        (None, False),
        (TAG, True),
        (f"W/{TAG}", True),
        (f'"x", {TAG}', True),
        ("*", True),
        ('"x"', False),
        ('"7"', False),
        ("7.abc", False),
        (f"{TAG}, broken", False),
        ("", False),
    ],
)
def test_an_answer_is_held_when_its_tag_is_named_weak_or_strong(header, is_held):
    request = get(**({} if header is None else {"HTTP_IF_NONE_MATCH": header}))
    assert unchanged(request, TAG) is is_held
    answer = HttpResponse(b"body", status=202, content_type="text/plain")
    tag = entity_tag(b"body", 7)
    asked = get(**({} if header is None else {"HTTP_IF_NONE_MATCH": header.replace(TAG, tag)}))
    given = conditional(asked, answer, 7)
    assert given.headers["ETag"] == tag
    if is_held:
        assert (given.status_code, given.content, dict(given.headers)) == (304, b"", {"ETag": tag})
    else:
        assert given is answer
        assert (given.status_code, given.content, given.headers["Content-Type"]) == (202, b"body", "text/plain")


def test_without_a_version_the_tag_is_of_the_body_alone():
    assert conditional(get(), HttpResponse(b"body")).headers["ETag"] == entity_tag(b"body")


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ("*", None),
        ('"3"', {3}),
        ('"3.abc09"', {3}),
        ('"3", "4.ab"', {3, 4}),
        ('"0"', {0}),
        ('"123456789"', {123456789}),
        ('"1234567890"', set()),
        ('W/"3"', set()),
        ('W/"3", "4"', {4}),
        ('"3."', set()),
        ('"3.xyz"', set()),
        ('"3.AB"', set()),
        ('"a3"', set()),
        ('"-3"', set()),
        ('""', set()),
    ],
)
def test_the_versions_that_were_seen(header, versions):
    found = versions_wanted(get(HTTP_IF_MATCH=header))
    assert found == (None if versions is None else frozenset(versions))


@pytest.mark.parametrize(
    ("header", "kind"),
    [(None, "precondition-required"), ("", "invalid-precondition"), ("3", "invalid-precondition")],
)
def test_what_was_seen_must_be_said(header, kind):
    request = get(**({} if header is None else {"HTTP_IF_MATCH": header}))
    assert refusal(lambda: versions_wanted(request)).kind.slug == kind
    assert refusal(lambda: require_version(request, 3)).kind.slug == kind


@pytest.mark.parametrize("header", ["*", '"3"', '"3.abc"', '"2", "3"'])
def test_a_version_that_was_seen_may_be_changed(header):
    require_version(get(HTTP_IF_MATCH=header), 3)


@pytest.mark.parametrize("header", ['"2"', '"4"', 'W/"3"', '"other"', '"33"', '"2", "4"'])
def test_another_version_may_not(header):
    assert refusal(lambda: require_version(get(HTTP_IF_MATCH=header), 3)).kind.slug == "precondition-failed"
