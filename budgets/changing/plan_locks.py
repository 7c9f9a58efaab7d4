"""What every change of a plan begins and ends with: the locks, who acts, the audit line and the change feed."""

from __future__ import annotations

from typing import NoReturn

from django.db import connection

from budgets.models import PoolYear
from partnerships.changing.agreement import require_organisation
from partnerships.models import Agreement, AgreementSummary
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.history import announce, record
from pooledcare.directory.models import ApiKey, Organisation
from pooledcare.kernel.problems import Refused


def lock_pool_year(pool_year: PoolYear) -> PoolYear:
    """Lock the agreement against changes and then the year of the fund, and read the year again."""
    with connection.cursor() as cursor:
        cursor.execute("select id from partnerships_agreement where id = %s for share", [pool_year.pool.agreement_id])
    return (
        PoolYear.objects.select_for_update(of=("self",), no_key=True)
        .select_related("pool__agreement")
        .get(pk=pool_year.pk)
    )


def begin(pool_year: PoolYear, by: Actor, organisation: Organisation | None) -> tuple[PoolYear, Organisation]:
    """The locked year, and the organisation for which `by` records its money."""
    locked = lock_pool_year(pool_year)
    recording = require_organisation(
        locked.pool.agreement, permission=Permission.RECORD_POOL_MONEY, by=by, organisation=organisation
    )
    return locked, recording


def finish(
    pool_year: PoolYear, *, by: Actor, organisation: Organisation, action: str, sentence: str, event: str = "changed"
) -> None:
    """The last step: raise the version, and write the audit line and the change feed for the partners."""
    pool_year.version += 1
    pool_year.save()
    agreement = pool_year.pool.agreement
    record(
        by=by,
        action=action,
        subject=f"agreement:{agreement.reference}",
        sentence=sentence,
        organisation=organisation.code,
    )
    announce(
        resource="pools",
        reference=f"{agreement.reference}/{pool_year.pool.slug}",
        event=event,
        public=False,
        organisation=organisation.code,
        readers=readers_of(agreement),
    )


def readers_of(agreement: Agreement) -> list[int]:
    """The ids of the organisations that read the agreement as partners."""
    rows = AgreementSummary.objects.filter(agreement=agreement, audience=Audience.PARTNERS)
    return sorted({pk for found in rows.values_list("reader_ids", flat=True) for pk in found})


def people_behind(references: set[str]) -> set[str]:
    """The references, and for each API key the person who made it."""
    prefixes = [each.partition(":")[2] for each in references if each.startswith("key:")]
    makers = ApiKey.objects.filter(prefix__in=prefixes).values_list("created_by_id", flat=True) if prefixes else ()
    return references | {f"user:{pk}" for pk in makers}


def refuse_as_changed() -> NoReturn:
    raise Refused.because(
        "CHANGED_MEANWHILE",
        "The plan has been changed since you opened the page",
        fix="Read the plan as it is now, then decide.",
    )
