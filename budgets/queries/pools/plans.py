"""Plans of funds by value: their lines, the movements of these, and what partners decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils import timezone

from budgets.models import FundingStream, PlanApproval, PlanLine, PlanMovement, PlanProfile, PoolYear, Virement
from budgets.rules.pools.plan import Amounts, Line, Movement, Source, plan_hash
from budgets.rules.pools.virements import ApprovalNeeded, approvals_needed
from budgets.terms import PlanDecision
from partnerships.models import Agreement, Pool, Scheme, SchemeTerms
from partnerships.queries.agreements.approvals import partner_deciding_bodies
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import Body, read_on
from partnerships.rules.agreements.signing import DecidingBody
from partnerships.terms import DeedState
from pooledcare.directory.models import Organisation

_PARTS = ("scheme", "source", "stream", "commissioner", "provider")


def line_rows(*pool_years: PoolYear) -> list[PlanLine]:
    """The lines of the plans that are not removed, with their movements and profiles. Three queries."""
    found = PlanLine.objects.filter(pool_year__in=pool_years, is_removed=False).select_related(*_PARTS)
    movements = Prefetch("movements", PlanMovement.objects.select_related("virement"))
    return list(found.prefetch_related(movements, "profiles").order_by("pool_year_id", "number"))


def line_of(row: PlanLine) -> Line:
    profile: PlanProfile | None = next(iter(row.profiles.all()), None)
    return Line(
        number=row.number,
        scheme=row.scheme.slug,
        source=Source(row.source.code, row.stream.code if row.stream else ""),
        commissioner=row.commissioner.code if row.commissioner else None,
        nhs_share=row.nhs_share,
        provider=row.provider.name if row.provider else "",
        area_of_spend=row.area_of_spend,
        permitted_expenditure=row.permitted_expenditure,
        nature=row.nature,
        ring_fence=row.ring_fence,
        description=row.description,
        outputs=row.outputs,
        output_unit=row.output_unit,
        savings_expected=row.savings_expected,
        movements=tuple(_movement(each) for each in row.movements.all()),
        profile_method=profile.method if profile else "",
        profile=tuple(profile.amounts) if profile else (),
    )


def _movement(row: PlanMovement) -> Movement:
    amounts = Amounts(row.expenditure, row.client_income)
    virement = row.virement.reference if row.virement else ""
    return Movement(row.kind, amounts, row.effective_on, row.reason, virement)


def lines_of(pool_year: PoolYear) -> list[Line]:
    return [line_of(each) for each in line_rows(pool_year)]


def hash_of(pool_year: PoolYear) -> str:
    return plan_hash(pool_year.reference, lines_of(pool_year))


def lines_by_year(pool: Pool) -> dict[int, list[Line]]:
    """The lines of every year of the fund, by starting year. Four queries."""
    years = {each.pk: each.financial_year for each in PoolYear.objects.filter(pool=pool)}
    found: dict[int, list[Line]] = defaultdict(list)
    for row in line_rows(*PoolYear.objects.filter(pk__in=years)):
        found[years[row.pool_year_id]].append(line_of(row))
    return dict(found)


def scheme_names(agreement: Agreement) -> dict[str, str]:
    """The name of each scheme by its slug, in its newest terms that are signed or of deed 0."""
    terms = SchemeTerms.objects.filter(scheme__agreement=agreement).select_related("scheme", "deed")
    found: dict[str, str] = {}
    for each in terms.order_by("deed__number"):
        if each.deed.number == 0 or each.deed.state == DeedState.SIGNED:
            found[each.scheme.slug] = each.name
    return found


def movements_of(row: PlanLine) -> list[PlanMovement]:
    """In the order of recording."""
    return list(row.movements.select_related("virement", "organisation").order_by("pk"))


def schemes_of(agreement: Agreement) -> list[tuple[Scheme, str]]:
    """The schemes with their names, by name."""
    names = scheme_names(agreement)
    found = [(each, names[each.slug]) for each in agreement.schemes.all() if each.slug in names]
    return sorted(found, key=lambda pair: pair[1])


def partners_of(agreement: Agreement) -> list[Organisation]:
    """The partners who decide on the money of the agreement's funds today, by name."""
    keys = [each.body.pk for each in deciders_of(agreement)]
    return list(Organisation.objects.filter(pk__in=keys).order_by("name"))


def names_of(codes: Collection[str]) -> dict[str, str]:
    """The names of organisations, by code."""
    return dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))


def streams() -> list[FundingStream]:
    return list(FundingStream.objects.order_by("name"))


def deciders_of(agreement: Agreement) -> tuple[DecidingBody, ...]:
    """Who decides on the money of the agreement's funds today: its partners, or their successors."""
    return partner_deciding_bodies(record_of(agreement), timezone.localdate())


def approvals_for(pool_year: PoolYear, amount: Decimal) -> list[ApprovalNeeded]:
    """Whose approval a virement of this amount needs, by the delegated limits in the terms of the fund today."""
    record, today = record_of(pool_year.pool.agreement), timezone.localdate()
    pool = read_on(record, today).pool(pool_year.pool.slug)
    partners = [each.body for each in partner_deciding_bodies(record, today)]
    return approvals_needed(partners, () if pool is None else pool.limits, amount, today)


@dataclass(frozen=True, slots=True)
class PartnerDecision:
    """A partner and its newest decision on the plan as it is now, if it made one."""

    partner: Body
    approval: PlanApproval | None

    @property
    def is_approved(self) -> bool:
        return self.approval is not None and self.approval.decision == PlanDecision.APPROVED


def decisions_on(pool_year: PoolYear, plan_hash_now: str) -> list[PartnerDecision]:
    """One for each partner."""
    newest = {
        each.organisation_id: each
        for each in PlanApproval.objects.filter(pool_year=pool_year, plan_hash=plan_hash_now).order_by("pk")
    }
    return [PartnerDecision(each.body, newest.get(each.body.pk)) for each in deciders_of(pool_year.pool.agreement)]


def virements_of(pool_year: PoolYear) -> list[Virement]:
    """The newest first."""
    found = Virement.objects.filter(from_line__pool_year=pool_year).select_related(
        "from_line__scheme", "to_line__scheme", "organisation"
    )
    return list(found.prefetch_related("decisions__organisation").order_by("-pk"))
