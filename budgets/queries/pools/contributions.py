"""The contributions to a year of a fund as its partners read them. The number of queries is always the same."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from django.db.models import F, Func, Q

from budgets.models import (
    Allocation,
    AllocationDraw,
    BalanceConfirmation,
    ConditionMet,
    Contribution,
    ContributionComponent,
    ContributionCondition,
    ContributionNotice,
    FundingStream,
    InKindContribution,
    Instalment,
    InstalmentEvent,
    OutsideMoney,
    PoolYear,
)
from budgets.rules.pools.contributions import Sums, why_provisional
from budgets.rules.pools.instalments import Event, Standing, standing
from budgets.terms import Basis, FundedFrom
from partnerships.models import Deed
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements.membership import membership_periods
from partnerships.terms import DeedState
from pooledcare.directory.models import Organisation

NOTHING = Decimal(0)


@dataclass(frozen=True)
class InstalmentShown:
    instalment: Instalment
    standing: Standing


@dataclass
class ContributionShown:
    """One contribution with all that is recorded of it. Amounts are in pounds for the year."""

    contribution: Contribution
    provisional: str  # why it is provisional; empty if it is not
    components: list[ContributionComponent] = field(default_factory=list)
    conditions: list[tuple[ContributionCondition, ConditionMet | None]] = field(default_factory=list)
    instalments: list[InstalmentShown] = field(default_factory=list)

    @property
    def sums(self) -> Sums:
        whole = Sums()
        for each in self.components:
            whole += Sums(each.gross, each.client_income)
        return whole

    @property
    def paid(self) -> Decimal:
        """What the partner pays into the fund."""
        return self.sums.paid(self.contribution.basis)

    @property
    def not_in_instalments(self) -> Decimal:
        return self.paid - sum((each.instalment.amount for each in self.instalments), NOTHING)


@dataclass(frozen=True)
class Short:
    """An allocation that is less than what funds draw on it, and by how many pounds."""

    draw: AllocationDraw
    by: Decimal


@dataclass(frozen=True)
class ContributionsShown:
    """Everything about the contributions to one year of a fund, as at a day."""

    contributions: list[ContributionShown]
    notices: list[ContributionNotice]
    short: list[Short]
    in_kind: list[InKindContribution]
    outside: list[OutsideMoney]
    confirmations: list[BalanceConfirmation]

    @property
    def agreed(self) -> Decimal:
        return sum((each.paid for each in self.contributions), NOTHING)

    def by_partner(self) -> list[tuple[Organisation, list[ContributionShown]]]:
        """The partners by name, each with its contributions."""
        found: dict[int, tuple[Organisation, list[ContributionShown]]] = {}
        for each in self.contributions:
            partner = each.contribution.partner
            found.setdefault(partner.pk, (partner, []))[1].append(each)
        return sorted(found.values(), key=lambda pair: (pair[0].name, pair[0].pk))


def partners_in(pool_year: PoolYear) -> list[Organisation]:
    """The organisations that are partners of the agreement on any day of the year, by name."""
    year = pool_year.year
    periods = membership_periods(record_of(pool_year.pool.agreement))
    there = {
        period.body.pk
        for period in periods
        if (period.since is None or period.since <= year.last_day)
        and (period.until is None or period.until >= year.first_day)
    }
    return list(Organisation.objects.filter(pk__in=there).order_by("name", "pk"))


def contributions_of(pool_year: PoolYear, *, today: dt.date, only: int | None = None) -> ContributionsShown:
    """As at `today`. With `only`, of the contribution with this key."""
    rows = Contribution.objects.filter(pool_year=pool_year).select_related("partner", "stream")
    if only is not None:
        rows = rows.filter(pk=only)
    published, is_signed = _published(pool_year), _is_signed(pool_year)
    shown = {
        row.pk: ContributionShown(
            row,
            why_provisional(
                funded_from=row.funded_from,
                is_published=(row.partner_id, row.stream_id) in published,
                is_signed=is_signed,
            ),
        )
        for row in rows
    }
    for component in ContributionComponent.objects.filter(contribution__in=shown):
        shown[component.contribution_id].components.append(component)
    met = {each.condition_id: each for each in ConditionMet.objects.filter(condition__contribution__in=shown)}
    for condition in ContributionCondition.objects.filter(contribution__in=shown):
        shown[condition.contribution_id].conditions.append((condition, met.get(condition.pk)))
    for each in _instalments(list(shown), today):
        shown[each.instalment.contribution_id].instalments.append(each)
    of_year = {"pool_year": pool_year}
    notices = ContributionNotice.objects.filter(component__contribution__in=shown)
    return ContributionsShown(
        contributions=list(shown.values()),
        notices=list(notices.select_related("component__contribution__partner", "organisation")),
        short=_short(list(shown)),
        in_kind=list(InKindContribution.objects.filter(**of_year).select_related("partner")),
        outside=list(OutsideMoney.objects.filter(**of_year).select_related("partner")),
        confirmations=list(BalanceConfirmation.objects.filter(**of_year).select_related("partner")),
    )


def contribution_of(pool_year: PoolYear, pk: int) -> Contribution | None:
    rows = Contribution.objects.select_related("pool_year__pool", "partner")
    return rows.filter(pk=pk, pool_year=pool_year).first()


def condition_of(pool_year: PoolYear, pk: int) -> ContributionCondition | None:
    rows = ContributionCondition.objects.select_related("contribution__pool_year__pool", "contribution__partner")
    return rows.filter(pk=pk, contribution__pool_year=pool_year).first()


def instalment_of(pool_year: PoolYear, pk: int) -> Instalment | None:
    rows = Instalment.objects.select_related("contribution__pool_year__pool", "contribution__partner")
    return rows.filter(pk=pk, contribution__pool_year=pool_year).first()


def components_of(pk: int) -> list[ContributionComponent]:
    return list(ContributionComponent.objects.filter(contribution=pk))


def streams_in(pool_year: PoolYear) -> list[FundingStream]:
    """The funding streams that there are in the year."""
    year = pool_year.financial_year
    return list(FundingStream.objects.filter(Q(last_year=None) | Q(last_year__gte=year), first_year__lte=year))


def stream_with(pk: int) -> FundingStream:
    return FundingStream.objects.get(pk=pk)


def owed_on(pool_year: PoolYear, partner: Organisation, day: dt.date) -> Decimal:
    """What the partner owed the fund at the end of a day: instalments due by then, less what was received of them."""
    keys = list(Contribution.objects.filter(pool_year=pool_year, partner=partner).values_list("pk", flat=True))
    return sum((each.standing.due - each.standing.received for each in _instalments(keys, day)), NOTHING)


def _instalments(keys: list[int], day: dt.date) -> list[InstalmentShown]:
    events: defaultdict[int, list[Event]] = defaultdict(list)
    for event in InstalmentEvent.objects.filter(instalment__contribution__in=keys).order_by("pk"):
        events[event.instalment_id].append(Event(event.kind, event.on, event.amount, event.reason))
    return [
        InstalmentShown(each, standing(each.due_on, each.amount, events[each.pk], today=day))
        for each in Instalment.objects.filter(contribution__in=keys).select_related("contribution__partner")
    ]


def _short(keys: list[int]) -> list[Short]:
    """The allocations on which these contributions draw that are less, now, than what all funds draw on them."""
    pounds = models.DecimalField(max_digits=14, decimal_places=2)
    place = (F("organisation"), F("stream"), F("financial_year"))
    found = AllocationDraw.objects.filter(contributions__in=keys).select_related("organisation", "stream").distinct()
    over = found.annotate(
        drawn=Func(F("pk"), function="allocation_drawn", output_field=pounds),
        limit=Func(*place, function="allocation_limit", output_field=pounds),
    ).filter(drawn__gt=F("limit"))
    return [Short(each, each.drawn - each.limit) for each in over]


def _published(pool_year: PoolYear) -> set[tuple[int, int]]:
    """Holder and stream of the contributions whose allocation of the year its publisher has published."""
    drawn = Contribution.objects.filter(pool_year=pool_year, funded_from=FundedFrom.ALLOCATION)
    pairs = set(drawn.values_list("partner_id", "stream_id"))
    if not pairs:
        return set()
    figures = Allocation.objects.filter(
        organisation__in={holder for holder, _ in pairs},
        stream__in={stream for _, stream in pairs},
        financial_year=pool_year.financial_year,
        basis__in=(Basis.ALLOCATION, Basis.BUDGET),
        is_current=True,
        withdrawn=False,
        amount__isnull=False,
        published_on__isnull=False,
    ).exclude(Q(source=F("organisation")))
    return set(figures.values_list("organisation_id", "stream_id").distinct())


def _is_signed(pool_year: PoolYear) -> bool:
    """Whether a deed that takes effect in the year is signed."""
    year = pool_year.year
    return Deed.objects.filter(
        agreement=pool_year.pool.agreement_id,
        state=DeedState.SIGNED,
        effective_on__range=(year.first_day, year.last_day),
    ).exists()
