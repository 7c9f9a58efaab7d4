"""The ledger of a fund: periods, journals in double entry, and totals kept beside them.

Journals and entries are only added. The rules that must always hold are triggers in budgets/sql/ledger.sql: a journal
balances, nothing is posted to a locked period or outside the agreement's term, and totals equal the sum of entries.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from budgets.models.plans import PlanLine
from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream
from budgets.terms import Account, JournalKind, PeriodState
from partnerships.models import Provider, Scheme
from pooledcare.directory.models import Organisation
from pooledcare.kernel.periods import Month
from pooledcare.kernel.records import LONGEST_LINE, LONGEST_TEXT
from pooledcare.uploads.models import Upload


class Period(models.Model):
    """One month of a fund's year: 1 is April, 12 is March; 13 is for adjustments.

    `figures_hash` is the SHA-256 of its totals when it was last locked. `version` rises with every change of state.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="periods")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=PeriodState, default=PeriodState.OPEN)
    figures_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pool_year_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["pool_year", "number"], name="period_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=13), name="period_number_plausible"),
        ]

    def __str__(self) -> str:
        return str(self.month)

    @property
    def month(self) -> Month:
        return Month(self.pool_year.year, self.number)


class PeriodStatus(models.Model):
    """One change of a period's state, or a request to reopen it (`asks_to_reopen`): who, when and why."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="statuses")
    state = models.CharField(max_length=8, choices=PeriodState)
    asks_to_reopen = models.BooleanField(default=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    reason = models.TextField(max_length=LONGEST_TEXT, blank=True)
    figures_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.period_id}: {self.state}"


class Journal(models.Model):
    """What happened to the money of a fund on one day. Its entries sum to 0.00.

    `source_key` identifies the row of a file or system from which it comes, once in a fund. `reason` and the
    descriptions of its entries are for partners only. `transaction_id` is set by the database: entries can be added
    only in the transaction that posts the journal.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="journals")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="journals")
    kind = models.CharField(max_length=24, choices=JournalKind)
    on = models.DateField("day")
    reason = models.TextField(max_length=LONGEST_TEXT, blank=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversals")
    source_key = models.CharField(max_length=200, blank=True)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    posted_at = models.DateTimeField(default=timezone.now)
    transaction_id = models.BigIntegerField(db_default=models.Func(function="txid_current"), editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["pool_year", "id"], name="journal_of_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="journal_reversed_once"
            ),
            models.UniqueConstraint(
                fields=["pool_year", "source_key"], condition=~Q(source_key=""), name="journal_source_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"JN-{self.pk}"


class Entry(models.Model):
    """One line of a journal, in pounds: debits are positive, credits negative.

    `partner` is whose contribution or debt it is, `paid_by` the partner that paid a provider for the fund. `vat` is
    the part of `amount` that is VAT; `vat_recoverable` the part of that which is recovered.
    """

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=24, choices=Account)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    plan_line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    paid_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    vat = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    vat_recoverable = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    description = models.TextField(max_length=LONGEST_LINE, blank=True)
    sheet = models.TextField(blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="entry_not_zero")]

    def __str__(self) -> str:
        return f"{self.journal_id}: {self.account} {self.amount}"


class PoolTotal(models.Model):
    """Sum of the entries of one period that share account, partner, scheme and stream. A trigger keeps it."""

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=24, choices=Account)
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, null=True, related_name="+")
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    entries = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool_year", "period", "account", "partner", "scheme", "stream"],
                nulls_distinct=False,
                name="pool_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.account}: {self.amount}"
