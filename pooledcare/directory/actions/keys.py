"""Making and revoking API keys. The maker of a key is accountable for it; its secret is shown once."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from pooledcare.directory import history, rules
from pooledcare.directory.access import KEY_PERMISSIONS, Actor, Permission, can, demand, key_hash, refusal
from pooledcare.directory.models import ApiKey, IdempotencyRecord, Organisation
from pooledcare.directory.rules import refuse_if
from pooledcare.directory.terms import SENTENCES
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem

PREFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@action(SENTENCES)
def make_key(
    *,
    organisation: Organisation,
    name: str,
    permissions: Collection[str],
    expires_on: dt.date,
    once: str | None = None,
    by: Actor,
) -> tuple[ApiKey, str]:
    """Make a key with some of its maker's permissions. Returns the key and its token, which is not stored.

    The key works until the end of the day `expires_on`. `once` identifies a form, so that sending it again is refused.
    """
    demand(by, Permission.MAKE_KEYS, organisation)
    if by.person is None or by.key is not None:
        raise PermissionDenied("Only a person can make a key.")
    _refuse_a_repeat(once, by)
    held = KEY_PERMISSIONS & by.grants.get(organisation.pk, frozenset())
    refuse_if(
        rules.making_key_problems(
            name=name,
            permissions=permissions,
            held=[permission.value for permission in held],
            expires_on=expires_on,
            today=timezone.localdate(),
        )
    )
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(8))
    token = f"pc_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        organisation=organisation,
        name=name.strip(),
        prefix=prefix,
        secret_hash=key_hash(token),
        permissions=sorted(permissions),
        created_by=by.person,
        expires_at=timezone.make_aware(dt.datetime.combine(expires_on + dt.timedelta(days=1), dt.time.min)),
    )
    allowed = ", ".join(key.permissions)
    _record(key, by, "key.made", f"Made key:{prefix} for {allowed}, until the end of {key.last_day.isoformat()}")
    return key, token


@action(SENTENCES)
def revoke_key(*, key: ApiKey, by: Actor) -> ApiKey:
    """Revoke a key at once. Its maker and managers of the organisation's keys may do so; an API key may not."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=key.pk)
    is_own = by.person is not None and by.key is None and by.person.pk == key.created_by_id
    if not (is_own and key.organisation_id in by.grants) and not can(by, Permission.MANAGE_KEYS, key.organisation):
        raise PermissionDenied(refusal(Permission.MANAGE_KEYS))
    if key.revoked_at is not None:
        refuse_if([Problem("KEY_REVOKED", "This key has been revoked already")])
    key.revoked_at = timezone.now()
    key.version += 1
    key.save()
    _record(key, by, "key.revoked", f"Revoked key:{key.prefix}")
    return key


def _refuse_a_repeat(once: str | None, by: Actor) -> None:
    """Refuse if a key was made with this `once` before. If two run at once, the second waits for the first to end.

    The record is rolled back if no key is made, and deleted after a week, by when the session of the form has ended.
    """
    if once is None:
        return
    _, is_first = IdempotencyRecord.objects.get_or_create(client=by.reference, route="directory:key-make", key=once)
    refuse_if(rules.repeating_key_problems(is_first=is_first))


def _record(key: ApiKey, by: Actor, name: str, sentence: str) -> None:
    history.record(
        by=by,
        action=name,
        subject=f"key:{key.prefix}",
        sentence=f"{sentence} at {key.organisation.code}.",
        organisation=key.organisation.code,
    )
