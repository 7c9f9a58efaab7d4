"""Permissions and roles, and the check `can(actor, permission, scope)`.

Views are guarded with `@requires`, and every action checks again. A person's permissions come only from their
memberships. Anybody may read what has been published, without logging in.
"""

from pooledcare.directory.access.actors import (
    ANONYMOUS,
    ENGLAND,
    Actor,
    Scope,
    actor_for,
    key_actor,
    person_actor,
    request_actor,
    system_actor,
)
from pooledcare.directory.access.guard import AFTER_SECOND_FACTOR, ActorMiddleware, ask_to_log_in, requires
from pooledcare.directory.access.judging import can, demand, holder_kinds_funded_by, may_submit_for, scope_of
from pooledcare.directory.access.keys import authenticate_key, find_key, key_hash
from pooledcare.directory.access.roles import (
    KEY_PERMISSIONS,
    PUBLISHERS,
    ROLES,
    P,
    Permission,
    Role,
    has_role_that_writes,
    refusal,
    roles_for,
    roles_with,
)

__all__ = [
    "AFTER_SECOND_FACTOR", "ANONYMOUS", "ENGLAND", "KEY_PERMISSIONS", "PUBLISHERS", "ROLES", "Actor", "ActorMiddleware",
    "P", "Permission", "Role", "Scope", "actor_for", "ask_to_log_in", "authenticate_key", "can", "demand", "find_key",
    "has_role_that_writes", "holder_kinds_funded_by", "key_actor", "key_hash", "may_submit_for", "person_actor",
    "refusal", "request_actor", "requires", "roles_for", "roles_with", "scope_of", "system_actor",
]  # fmt: skip
