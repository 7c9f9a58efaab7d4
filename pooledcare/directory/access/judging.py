"""Checks of permissions: `can`, and functions that use it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from pooledcare.directory.access.actors import ENGLAND, Actor, Scope
from pooledcare.directory.access.roles import P, Permission, refusal
from pooledcare.directory.models import Organisation
from pooledcare.directory.terms import AUTHORITY_KINDS, NHS_KINDS, OrganisationKind


def can(actor: Actor, permission: Permission, scope: Scope | Organisation = ENGLAND) -> bool:
    """Whether `actor` has `permission` in `scope`. For England, one organisation with the permission is enough."""
    if actor.is_system:
        return True
    organisation_id = scope.pk if isinstance(scope, Organisation) else scope.organisation_id
    if organisation_id is None:
        return any(permission in granted for granted in actor.grants.values())
    return permission in actor.grants.get(organisation_id, frozenset())


def may_submit_for(actor: Actor, *, submitting: Organisation, holder: Organisation) -> bool:
    """Whether the actor may upload figures about `holder` on behalf of `submitting`.

    An organisation may submit figures about itself. NHS England may also submit for NHS bodies, and MHCLG for councils.
    """
    if holder.pk == submitting.pk:
        return True
    if not can(actor, P.PUBLISH_FOR_HOLDERS, submitting):
        return False
    return holder.kind in holder_kinds_funded_by(submitting)


def holder_kinds_funded_by(publisher: Organisation) -> frozenset[str]:
    """The kinds of organisation about which a publisher may submit figures."""
    if publisher.kind == OrganisationKind.NHS_ENGLAND:
        return frozenset(NHS_KINDS)
    if publisher.kind == OrganisationKind.GOVERNMENT_DEPARTMENT:
        return frozenset(AUTHORITY_KINDS)
    return frozenset()


def demand(actor: Actor, permission: Permission, scope: Scope | Organisation) -> None:
    """Raise PermissionDenied, with the role that is needed, unless the actor has the permission in the scope."""
    if not can(actor, permission, scope):
        raise PermissionDenied(refusal(permission))


def scope_of(actor: Actor, permission: Permission, code: str = "") -> Organisation:
    """The organisation that a page is about: the one named by `code`, or the first in which the actor has permission.

    Raises Http404 if the actor is not a member of the organisation, whether or not it exists; PermissionDenied if the
    actor is a member without the permission.
    """
    if code:
        named = {organisation.code: organisation for organisation in actor.organisations.values()}.get(code.upper())
        if named is None:
            raise Http404
        demand(actor, permission, named)
        return named
    allowed = actor.holds(permission)
    if not allowed:
        raise PermissionDenied(refusal(permission))
    return allowed[0]
