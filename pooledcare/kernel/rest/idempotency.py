"""Idempotency-Key: a repeated POST has one effect. The first response is stored with its change, and sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from pooledcare.kernel.rest.problems import HttpProblem

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def once(request: Request, client: str, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """The response of `respond`, called and stored in one transaction; for a repeated request, the stored response.

    If `respond` raises, nothing is stored: the request had no effect and may be sent again with the same key. Raises a
    problem if the key is missing, was used for another request, or the first request is still running.
    """
    key = _key(request)
    fingerprint = fingerprint_of(request)
    with transaction.atomic():
        _claim(client, request.path, key)
        kept = _records().objects.filter(client=client, route=request.path, key=key).first()
        if kept is not None:
            return _replayed(kept, fingerprint)
        answer = respond()
        _remember(answer, client=client, route=request.path, key=key, fingerprint=fingerprint)
        return answer


def _records() -> Any:
    return apps.get_model(settings.API_IDEMPOTENCY_MODEL)


def _key(request: Request) -> str:
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not _KEY.fullmatch(key):
        raise HttpProblem("idempotency-key-missing")
    return key


def _claim(client: str, route: str, key: str) -> None:
    """Take a lock until the transaction ends. Raises the problem `in-progress` if another request has it."""
    digest = hashlib.blake2b(f"idempotency:{client}:{route}:{key}".encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest, signed=True)])
        (is_free,) = cursor.fetchone()
        if not is_free:
            raise HttpProblem("in-progress", headers={"Retry-After": "1"})


def _replayed(kept: Any, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise HttpProblem("idempotency-key-reused")
    answer = HttpResponse(kept.body.encode(), status=kept.status, headers=kept.headers)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _remember(answer: HttpResponse, **fields: str) -> None:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    _records().objects.create(status=answer.status_code, headers=headers, body=answer.content.decode(), **fields)


def fingerprint_of(request: Request) -> str:
    """A digest of the request that is the same for each attempt, so without details such as the boundary of a form."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if isinstance(request.data, QueryDict):
        fields = {name: texts for name, texts in request.data.lists() if name not in request.FILES}
        digest.update(repr(sorted(fields.items())).encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(repr((name, file.name, sha256_of(file))).encode())
    else:
        digest.update(repr(_canonical(request.data)).encode())
    return digest.hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _canonical(inner)) for name, inner in value.items())
    return [_canonical(inner) for inner in value] if isinstance(value, list) else value


def sha256_of(file: UploadedFile[Any]) -> str:
    """The SHA-256 of a file in hexadecimal: the one computed while it was received, or else computed now."""
    known: str | None = getattr(file, "sha256", None)
    if known is not None:
        return known
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
