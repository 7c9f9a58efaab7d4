"""What partners contribute to a year of a fund. Every row here is added once and never changed."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream
from budgets.terms import (
    AgreedBasis,
    ComponentKind,
    ContributionKind,
    FundedFrom,
    InKindKind,
    InstalmentEventKind,
    OutsideKind,
    Recurrence,
    StreamNature,
)
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE, LONGEST_TEXT


def _pounds(label: str | None = None, **rest: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, **rest)  # type: ignore[arg-type]


class Recorded(models.Model):
    """Who recorded a row, for which organisation, and when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class AllocationDraw(models.Model):
    """What all funds draw on one organisation's allocation of one stream in one year.

    The row holds no amount: it is the row that is locked while the sum of the components is compared with the
    allocation. `version` rises with every comparison.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "stream", "financial_year"], name="allocation_draw_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}, {self.stream_id}, {self.financial_year}"


class AllocationShortfall(Recorded):
    """An allocation became less than what funds draw on it. The database writes `drawn` and `limit` itself, in pounds.

    `organisation` is the one whose upload lowered the allocation.
    """

    draw = models.ForeignKey(AllocationDraw, on_delete=models.PROTECT, related_name="shortfalls")
    limit = _pounds()
    drawn = _pounds()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.draw}: {self.drawn} of {self.limit}"

    @property
    def short_by(self) -> Decimal:
        return self.drawn - self.limit


class Contribution(Recorded):
    """What one partner puts into one year of a fund, from one source of money. Its amount is the sum of its components.

    `stream` is null for money of its own that belongs to no stream. `draw` is set by the database for a contribution
    from an allocation. `basis` says whether the partner pays the gross or the net amount into the fund; only the net
    amount is drawn on its allocation, as client income pays for the rest.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="contributions")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    draw = models.ForeignKey(
        AllocationDraw, on_delete=models.PROTECT, null=True, blank=True, related_name="contributions"
    )
    kind = models.CharField(max_length=20, choices=ContributionKind)
    funded_from = models.CharField(max_length=10, choices=FundedFrom)
    nature = models.CharField("revenue or capital", max_length=8, choices=StreamNature)
    recurrence = models.CharField(max_length=16, choices=Recurrence)
    ring_fence = models.TextField("ring-fenced for", max_length=LONGEST_LINE, blank=True)
    basis = models.CharField("paid gross or net", max_length=8, choices=AgreedBasis)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool_year", "partner", "stream", "kind", "funded_from", "nature", "recurrence", "ring_fence"],
                nulls_distinct=False,
                name="contribution_once",
            ),
            models.CheckConstraint(
                condition=Q(funded_from=FundedFrom.OWN) | Q(stream__isnull=False),
                name="contribution_allocation_has_stream",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"CN-{self.pk}"


class ContributionComponent(Recorded):
    """A dated part of the amount of a contribution, in pounds. Reductions are negative. `net` is gross less income."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="components")
    kind = models.CharField(max_length=16, choices=ComponentKind)
    gross = _pounds()
    client_income = _pounds(default=0)
    net = models.GeneratedField(
        expression=F("gross") - F("client_income"),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )
    effective_on = models.DateField("from which day it applies")
    reason = models.TextField(max_length=LONGEST_TEXT, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(gross=0, client_income=0), name="component_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id}: {self.kind} {self.gross}"


class ContributionNotice(Recorded):
    """A partner told the others that it contributes less, and what that touches."""

    component = models.ForeignKey(ContributionComponent, on_delete=models.PROTECT, related_name="notices")
    touches = models.TextField("what the cut touches", max_length=LONGEST_TEXT)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["component"], name="contribution_notice_once")]

    def __str__(self) -> str:
        return f"Notice of {self.component_id}"


class ContributionCondition(Recorded):
    """Something on which a contribution depends. It is met once a `ConditionMet` says so."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="conditions")
    what = models.TextField("condition", max_length=LONGEST_TEXT)
    owner = models.TextField("office that answers for it", max_length=LONGEST_LINE)
    due_on = models.DateField("day by which it is to be met")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.contribution_id}: {self.what[:40]}"


class ConditionMet(Recorded):
    condition = models.ForeignKey(ContributionCondition, on_delete=models.PROTECT, related_name="met")
    met_on = models.DateField("day on which it was met")
    evidence = models.TextField(max_length=LONGEST_TEXT)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["condition"], name="condition_met_once")]

    def __str__(self) -> str:
        return f"{self.condition_id} on {self.met_on}"


class InKindContribution(Recorded):
    """Staff, premises, goods, equipment or services that a partner provides. Its value is never added to cash.

    `notional_value` is in pounds for the year; null means not valued.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="in_kind")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=InKindKind)
    what = models.TextField("what is provided", max_length=LONGEST_TEXT)
    notional_value = _pounds(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.partner_id}"


class OutsideMoney(Recorded):
    """Money beside the fund, never in it: aligned to it, or outside it for the same purpose. In pounds for the year."""

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="outside_money")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=OutsideKind)
    what = models.TextField("what it is for", max_length=LONGEST_TEXT)
    amount = _pounds()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.partner_id}"


class Instalment(Recorded):
    """A part of a contribution that is due on a day, in pounds. Negative after a cut: to be credited."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField("day on which it is due")
    amount = _pounds()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "number"], name="instalment_number_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="instalment_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id}/{self.number}"


class InstalmentEvent(Recorded):
    """What happened to an instalment: invoiced, money received (perhaps a part), suspended, resumed."""

    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=InstalmentEventKind)
    on = models.DateField("day", db_column="on_day")
    amount = _pounds(null=True, blank=True)
    reason = models.TextField(max_length=LONGEST_TEXT, blank=True)
    reference = models.TextField("reference, such as the number of the invoice", max_length=LONGEST_LINE, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind=InstalmentEventKind.RECEIVED, amount__isnull=False)
                    | (~Q(kind=InstalmentEventKind.RECEIVED) & Q(amount=None))
                )
                & (~Q(kind=InstalmentEventKind.SUSPENDED) | ~Q(reason="")),
                name="instalment_event_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instalment_id}: {self.kind}"


class BalanceConfirmation(Recorded):
    """A partner says what it owes the fund at the end of a quarter, and whether it agrees with what the page showed.

    `amount` is in pounds, as the partner has it; `shown` is what the page showed. The newest of a quarter counts.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="confirmations")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    quarter = models.PositiveSmallIntegerField()
    amount = _pounds()
    shown = _pounds()
    agrees = models.BooleanField()
    note = models.TextField(max_length=LONGEST_TEXT, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="balance_quarter_of_year"),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(note=""), name="balance_difference_explained"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_year_id}, {self.partner_id}, quarter {self.quarter}"
