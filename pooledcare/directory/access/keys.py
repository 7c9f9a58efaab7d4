"""From the token that a client sends to the actor it may be: compared in constant time, stored only as a hash."""

from __future__ import annotations

import hashlib
import re
from hmac import compare_digest

from django.utils import timezone

from pooledcare.directory.access.actors import Actor, key_actor
from pooledcare.directory.models import ApiKey

KEY_FORM = re.compile(r"pc_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")


def key_hash(token: str) -> str:
    """What is stored of a key: the secret has 256 random bits, so that one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_key(token: str) -> ApiKey | None:
    """The key that a client sent, unless it is unknown, wrong, expired or revoked."""
    form = KEY_FORM.fullmatch(token)
    if form is None:
        return None
    key = ApiKey.objects.select_related("organisation", "created_by").filter(prefix=form[1]).first()
    if key is None or not compare_digest(key.secret_hash, key_hash(token)):
        return None
    if key.revoked_at is not None or key.expires_at <= timezone.now():
        return None
    return key


def authenticate_key(token: str) -> Actor | None:
    """The actor of an API request, from the key it carries; notes on which day the key was last used."""
    key = find_key(token)
    if key is None:
        return None
    actor = key_actor(key)
    if not actor.grants[key.organisation_id]:
        return None
    ApiKey.objects.note_use(key)
    return actor
