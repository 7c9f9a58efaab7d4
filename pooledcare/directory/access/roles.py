"""Permissions, roles with their permissions, and which organisations' members can have each role."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pooledcare.directory.models import Organisation


class Permission(StrEnum):
    READ_UNPUBLISHED = "read_unpublished"
    UPLOAD_ALLOCATIONS = "upload_allocations"
    ACCEPT_ALLOCATIONS = "accept_allocations"
    PUBLISH_FOR_HOLDERS = "publish_for_holders"
    PREPARE_AGREEMENTS = "prepare_agreements"
    APPROVE_AGREEMENTS = "approve_agreements"
    RECORD_POOL_MONEY = "record_pool_money"
    APPROVE_POOL_MONEY = "approve_pool_money"
    CLOSE_POOL_PERIODS = "close_pool_periods"
    WAIVE_SECOND_PERSON = "waive_second_person"
    MANAGE_MEMBERS = "manage_members"
    MAKE_KEYS = "make_keys"
    MANAGE_KEYS = "manage_keys"
    READ_AUDIT = "read_audit"


P = Permission


@dataclass(frozen=True)
class Role:
    """A role: its stable key, its label and purpose for people, and its permissions."""

    key: str
    label: str
    purpose: str
    permissions: frozenset[Permission]
    holder_codes: frozenset[str] | None = None  # only these organisations; None: any

    @property
    def writes(self) -> bool:
        return bool(self.permissions - {P.READ_UNPUBLISHED, P.READ_AUDIT})


def _role(key: str, label: str, purpose: str, *permissions: Permission, **limits: Any) -> Role:
    return Role(key, label, purpose, frozenset({P.READ_UNPUBLISHED, *permissions}), **limits)


# The permissions that an API key can have: on figures, agreements and the money of funds, not on people, keys or audit.
KEY_PERMISSIONS = frozenset(
    {
        P.READ_UNPUBLISHED,
        P.UPLOAD_ALLOCATIONS,
        P.ACCEPT_ALLOCATIONS,
        P.PUBLISH_FOR_HOLDERS,
        P.PREPARE_AGREEMENTS,
        P.APPROVE_AGREEMENTS,
        P.RECORD_POOL_MONEY,
        P.APPROVE_POOL_MONEY,
    }
)

PUBLISHERS = frozenset({"X24", "MHCLG"})

ROLES: dict[str, Role] = {
    role.key: role
    for role in [
        _role("viewer", "Viewer", "Reads what the organisation has not published yet."),
        _role(
            "finance_officer",
            "Finance officer",
            "Uploads and corrects figures, and records the money of pooled funds; a second person accepts them.",
            P.UPLOAD_ALLOCATIONS,
            P.RECORD_POOL_MONEY,
            P.CLOSE_POOL_PERIODS,
            P.MAKE_KEYS,
        ),
        _role(
            "finance_approver",
            "Finance approver",
            "Accepts and reverses what a colleague has uploaded or recorded; approves agreements, and plans of pooled "
            "funds.",
            P.ACCEPT_ALLOCATIONS,
            P.APPROVE_AGREEMENTS,
            P.APPROVE_POOL_MONEY,
            P.CLOSE_POOL_PERIODS,
            P.MAKE_KEYS,
        ),
        _role(
            "pool_manager",
            "Pool manager",
            "Runs a pooled fund; prepares agreements and deeds.",
            P.PREPARE_AGREEMENTS,
            P.RECORD_POOL_MONEY,
            P.MAKE_KEYS,
        ),
        _role(
            "governance_lead",
            "Governance lead",
            "Prepares agreements and deeds, approves, signs and publishes them; keeps the registers of interests.",
            P.PREPARE_AGREEMENTS,
            P.APPROVE_AGREEMENTS,
            P.MAKE_KEYS,
        ),
        _role("policy_officer", "Policy officer", "Runs consultations."),
        _role(
            "org_admin",
            "Organisation administrator",
            "Invites, changes and removes members; manages keys; may waive the second person for allocations.",
            P.MANAGE_MEMBERS,
            P.MANAGE_KEYS,
            P.MAKE_KEYS,
            P.WAIVE_SECOND_PERSON,
            P.READ_AUDIT,
        ),
        _role("auditor", "Auditor", "Reads the audit trail and changes nothing.", P.READ_AUDIT),
        _role("hwb_member", "Health and wellbeing board member", "Reads what the place's partners share."),
        _role(
            "publisher",
            "Publisher",
            "Publishes allocations for the holders that the organisation funds.",
            P.PUBLISH_FOR_HOLDERS,
            P.UPLOAD_ALLOCATIONS,
            P.MAKE_KEYS,
            holder_codes=PUBLISHERS,
        ),
    ]
}


def roles_for(organisation: Organisation) -> list[Role]:
    """The roles that members of this organisation can have."""
    return [role for role in ROLES.values() if role.holder_codes is None or organisation.code in role.holder_codes]


def roles_with(permission: Permission) -> Iterable[Role]:
    return (role for role in ROLES.values() if permission in role.permissions)


def has_role_that_writes(keys: Collection[str]) -> bool:
    return any(ROLES[key].writes for key in keys if key in ROLES)


def refusal(*permissions: Permission) -> str:
    """The sentence that says which roles have one of these permissions."""
    names = " or ".join(role.label.lower() for role in ROLES.values() if role.permissions & set(permissions))
    return f"You need the role {names} to do this. An administrator of your organisation can give it to you."
