"""Authentication by API key. Only a hash of the key is stored, and it is compared in constant time."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from hmac import compare_digest
from typing import Any

from django.db import connection, models
from django.utils import timezone

from pooledcare.directory.access.actors import Actor, key_actor
from pooledcare.directory.models import ApiKey, Organisation, User

KEY_FORM = re.compile(r"pc_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")


def key_hash(token: str) -> str:
    """The hash of a key that is stored. One round of SHA-256 is enough, because the secret has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_key(token: str) -> ApiKey | None:
    """The key for a token, or None if it is unknown, wrong, expired or revoked."""
    form = KEY_FORM.fullmatch(token)
    if form is None:
        return None
    key = _key_with_prefix(form[1])
    if key is None or not compare_digest(key.secret_hash, key_hash(token)):
        return None
    if key.revoked_at is not None or key.expires_at <= timezone.now():
        return None
    return key


def authenticate_key(token: str) -> Actor | None:
    """The actor for a key's token, or None if the key is not valid. Records the day on which the key was last used."""
    key = find_key(token)
    if key is None:
        return None
    actor = key_actor(key)
    if not actor.grants[key.organisation_id]:
        return None
    ApiKey.objects.note_use(key)
    return actor


# Every request to the API runs this query. It is plain SQL because building it with the ORM took longer than the whole
# of a request for a short list.
_READ: tuple[tuple[str, type[models.Model]], ...] = (("k", ApiKey), ("o", Organisation), ("u", User))


@cache
def _statement() -> str:
    columns = (f"{table}.{field.column}" for table, model in _READ for field in model._meta.concrete_fields)
    return (
        f"select {', '.join(columns)} from directory_apikey k"  # noqa: S608  names of our own columns
        " join directory_organisation o on o.id = k.organisation_id"
        " join directory_user u on u.id = k.created_by_id where k.prefix = %s"
    )


def _key_with_prefix(prefix: str) -> ApiKey | None:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [prefix])
        row = cursor.fetchone()
    if row is None:
        return None
    found: list[Any] = []
    for _, model in _READ:
        names = [field.attname for field in model._meta.concrete_fields]
        found.append(model.from_db(connection.alias, names, row[: len(names)]))
        row = row[len(names) :]
    key: ApiKey = found[0]
    key.organisation, key.created_by = found[1], found[2]
    return key
