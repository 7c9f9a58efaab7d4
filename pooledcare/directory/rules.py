"""Rules on members, invitations and keys. Each function returns the reasons against; an empty list means yes.

They use only their arguments, and no queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pooledcare.kernel.problems import Problem, Refused, Where

INVITATION_LIFE = dt.timedelta(days=7)
LONGEST_KEY_LIFE = dt.timedelta(days=366)
LONGEST_NAME = 100
KEY_MADE_ALREADY = "KEY_MADE_ALREADY"

ADMINISTRATOR = "org_admin"


def _at(field: str, code: str, message: str) -> Problem:
    return Problem(code=code, message=message, where=Where(field=field))


def refuse_if(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)


def choosing_roles_problems(*, chosen: Collection[str], allowed: Collection[str]) -> list[Problem]:
    if not chosen:
        return [_at("roles", "ROLE_MISSING", "Select at least one role")]
    if unknown := sorted(set(chosen) - set(allowed)):
        return [_at("roles", "ROLE_NOT_HELD_HERE", f"Members of this organisation cannot hold: {', '.join(unknown)}")]
    return []


def inviting_problems(*, is_member: bool, is_invited: bool, is_illustrative_address: bool) -> list[Problem]:
    if is_illustrative_address:
        return [_at("email", "ADDRESS_RESERVED", "This address belongs to the demonstration and reaches nobody")]
    if is_member:
        return [_at("email", "ALREADY_A_MEMBER", "This person is already a member of the organisation")]
    if is_invited:
        return [
            _at(
                "email",
                "ALREADY_INVITED",
                "This address already has an open invitation. Send that again, or withdraw it",
            )
        ]
    return []


def stale_problems(*, seen: int, now: int) -> list[Problem]:
    """Optimistic locking: why a change is refused if somebody else has changed the row since it was shown."""
    if seen == now:
        return []
    return [
        Problem(
            code="CHANGED_MEANWHILE",
            message="Somebody else changed this after you opened the page. Check the current values, then save again",
        )
    ]


def losing_administrator_problems(*, is_administrator: bool, stays_administrator: bool, others: int) -> list[Problem]:
    if not is_administrator or stays_administrator or others:
        return []
    return [
        Problem(
            code="LAST_ADMINISTRATOR",
            message="This is the only administrator of the organisation. Make somebody else an administrator first",
        )
    ]


def accepting_invitation_problems(*, is_open: bool, has_expired: bool) -> list[Problem]:
    if is_open and not has_expired:
        return []
    return [
        Problem(
            code="INVITATION_NOT_OPEN",
            message="This invitation has expired, was withdrawn, or has been used already. Ask for a new one",
        )
    ]


def making_key_problems(
    *, name: str, permissions: Collection[str], held: Collection[str], expires_on: dt.date, today: dt.date
) -> list[Problem]:
    found = naming_problems(name)
    if not permissions:
        found.append(_at("permissions", "PERMISSION_MISSING", "Select what the key may do"))
    if set(permissions) - set(held):
        found.append(_at("permissions", "PERMISSION_NOT_HELD", "A key can only do what you may do yourself"))
    if expires_on <= today:
        found.append(_at("expires_on", "EXPIRY_PAST", "Last day on which the key works must be in the future"))
    elif expires_on - today > LONGEST_KEY_LIFE:
        found.append(_at("expires_on", "EXPIRY_TOO_FAR", "Last day on which the key works must be within one year"))
    return found


def repeating_key_problems(*, is_first: bool) -> list[Problem]:
    """Why a form that has already made a key is refused, such as after a second click or a reload."""
    if is_first:
        return []
    return [
        Problem(
            code=KEY_MADE_ALREADY,
            message="This key has already been made, and is not shown again. If you have not copied it, revoke it. "
            "For another one, fill in the form again",
        )
    ]


def naming_problems(name: str) -> list[Problem]:
    if not name.strip():
        return [_at("name", "NAME_MISSING", "Enter a name")]
    if len(name) > LONGEST_NAME:
        return [_at("name", "NAME_TOO_LONG", f"Name must be {LONGEST_NAME} characters or fewer")]
    if any(not letter.isprintable() for letter in name):
        return [_at("name", "NAME_UNREADABLE", "Name must not contain invisible characters or line breaks")]
    return []
