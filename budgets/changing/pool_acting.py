"""Steps of the actions on a fund's year: for whom somebody acts, and the periods of a year that is opened."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from budgets.models import Period, PoolYear
from partnerships.queries.agreements.reach import organisations_with_permission
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.directory.models import Organisation


def acting_for(
    pool_year: PoolYear, permission: Permission, *, by: Actor, organisation: Organisation | None = None
) -> Organisation:
    """The organisation for which `by` acts on the fund. Raises PermissionDenied if there is none."""
    agreement = pool_year.pool.agreement
    able = organisations_with_permission(agreement, actor=by, permission=permission)
    if organisation is not None and not by.is_system:
        able = [each for each in able if each.pk == organisation.pk]
    if not able:
        raise PermissionDenied(refusal(permission))
    return organisation or able[0]


def make_periods(pool_year: PoolYear) -> None:
    """The twelve months and the adjustments of a year that is being opened. Called by its action."""
    Period.objects.bulk_create([Period(pool_year=pool_year, number=number) for number in range(1, 14)])
