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
    version_in,
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
    ("tag", "version"),
    [
        ('"3"', 3),
        ('"3.abc09"', 3),
        ('"0"', 0),
        ('"123456789"', 123456789),
        ('"1234567890"', None),
        ('W/"3"', None),
        ('"3."', None),
        ('"3.xyz"', None),
        ('"3.AB"', None),
        ('"a3"', None),
        ('"-3"', None),
        ('""', None),
    ],
)
def test_the_version_in_a_tag(tag, version):
    assert version_in(tag) == version


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "precondition-required"),
        ("", "invalid-precondition"),
        ("3", "invalid-precondition"),
        ('"2"', "precondition-failed"),
        ('"4"', "precondition-failed"),
        ('"other"', "precondition-failed"),
        ('"33"', "precondition-failed"),
        ('"2", "4"', "precondition-failed"),
        ('W/"2"', "precondition-failed"),
        ('W/"2.abc", W/"4.abc"', "precondition-failed"),
        ('W/"3"', "weak-entity-tag"),
        ('W/"3.abc"', "weak-entity-tag"),
        ('"2", W/"3.abc"', "weak-entity-tag"),
        ('W/"2", W/"3"', "weak-entity-tag"),
        ('W/"made-by-a-proxy"', "weak-entity-tag"),
    ],
)
def test_without_the_version_in_a_strong_tag_nothing_may_be_changed(header, kind):
    request = get(**({} if header is None else {"HTTP_IF_MATCH": header}))
    assert refusal(lambda: require_version(request, 3)).kind.slug == kind


def test_a_weak_tag_is_told_what_to_send_instead():
    problem = refusal(lambda: require_version(get(HTTP_IF_MATCH='"1", W/"3.abc"'), 3))
    assert problem.detail == (
        'W/"3.abc" in If-Match is a weak entity tag, which never matches. It does not say that the resource has '
        'changed. If you have seen version 3, send its number in quotes: "3".'
    )


@pytest.mark.parametrize("header", ["*", '"3"', '"3.abc"', '"2", "3"', 'W/"3", "3"'])
def test_a_version_that_was_seen_may_be_changed(header):
    require_version(get(HTTP_IF_MATCH=header), 3)
