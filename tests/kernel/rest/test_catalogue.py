"""The error catalogue: which kind answers for a status that arose outside our own code."""

from __future__ import annotations

import pytest

from pooledcare.kernel.rest.catalogue import KINDS, kind_for

STATUSES = {
    "malformed-request": 400,
    "invalid-parameter": 400,
    "invalid-cursor": 400,
    "invalid-body": 400,
    "idempotency-key-missing": 400,
    "invalid-precondition": 400,
    "authentication-required": 401,
    "invalid-key": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "refused": 409,
    "in-progress": 409,
    "length-required": 411,
    "precondition-failed": 412,
    "weak-entity-tag": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "idempotency-key-reused": 422,
    "precondition-required": 428,
    "rate-limit-exceeded": 429,
    "internal-error": 500,
    "unavailable": 503,
    "storage-full": 507,
}


def test_each_kind_has_its_status():
    assert {slug: kind.status for slug, kind in KINDS.items()} == STATUSES
    assert all(kind.slug == slug for slug, kind in KINDS.items())


def test_every_kind_says_what_it_is_what_it_means_and_what_to_do():
    for kind in KINDS.values():
        assert kind.title
        assert kind.meaning.endswith(".")
        assert kind.remedy.endswith(".")
    for name in ("title", "meaning", "remedy"):
        texts = [getattr(kind, name) for kind in KINDS.values()]
        assert len(set(texts)) == len(texts)


def test_the_address_of_a_kind_is_ours(settings):
    settings.PUBLIC_URL = "https://pooled.example"
    assert KINDS["refused"].type == "https://pooled.example/api/errors/refused/"


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (400, "malformed-request"),
        (401, "authentication-required"),
        (403, "forbidden"),
        (404, "not-found"),
        (405, "method-not-allowed"),
        (406, "not-acceptable"),
        (409, "refused"),
        (412, "precondition-failed"),
        (413, "too-large"),
        (415, "unsupported-media-type"),
        (422, "idempotency-key-reused"),
        (428, "precondition-required"),
        (429, "rate-limit-exceeded"),
        (500, "internal-error"),
        (503, "unavailable"),
        (507, "storage-full"),
        (402, "malformed-request"),
        (499, "malformed-request"),
        (501, "internal-error"),
        (599, "internal-error"),
    ],
)
def test_a_status_falls_to_its_general_kind_or_the_nearest(status, slug):
    assert kind_for(status) is KINDS[slug]
