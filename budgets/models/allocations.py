"""Allocations as versions, the totals kept beside them, and the rows of uploads waiting to be accepted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from budgets.models.streams import FundingStream
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.models import Organisation, Region
from pooledcare.uploads.models import Upload

KEY = ["organisation", "stream", "financial_year", "basis", "gross_or_net", "recurrence", "source"]


class Figure(models.Model):
    """What an allocation and its staged row have in common: the key, the amount, and where it was published.

    `amount` is pounds; null means *not reported*, with the publisher's mark in `published_text`.
    `financial_year` is the starting year. `source` is the organisation whose figure it is: the publisher, or the
    holder itself.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    financial_year = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis)
    gross_or_net = models.CharField(max_length=16, choices=GrossOrNet)
    recurrence = models.CharField(max_length=16, choices=Recurrence)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    published_text = models.TextField(blank=True)
    sheet = models.TextField(blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    cell = models.CharField(max_length=12, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


class Allocation(Figure):
    """One version of one figure. A new version supersedes it; nothing about it is ever edited.

    Bitemporal: `published_on` says since when the world could know it (null: the organisation's members only),
    `accepted_at` since when we do. `is_current` marks the version that stands now.
    """

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    withdrawn = models.BooleanField(default=False, help_text="The publisher took the figure back")
    published_on = models.DateField(null=True, blank=True)
    accepted_at = models.DateTimeField(default=timezone.now)
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["stream", "financial_year", "id"], condition=Q(is_current=True), name="allocation_of_stream"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=[*KEY, "version"], name="allocation_version_once"),
            models.UniqueConstraint(fields=KEY, condition=Q(is_current=True), name="allocation_one_current_version"),
            models.CheckConstraint(
                condition=Q(amount__isnull=False) | ~Q(published_text="") | Q(withdrawn=True),
                name="allocation_amount_or_marker",
            ),
            models.CheckConstraint(
                condition=Q(financial_year__gte=2000, financial_year__lte=2049),
                name="allocation_financial_year_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"AL-{self.pk}"


class StagedAllocation(Figure):
    """A row of an upload that passed every check and waits for acceptance. Emptied after the upload ends.

    No foreign keys in the database: rows are written in bulk, and acceptance checks them all again. Its key is the
    upload and the line, so that a single index serves, and grows at its end only.
    """

    pk = models.CompositePrimaryKey("upload_id", "line")
    line = models.PositiveIntegerField()
    organisation = models.ForeignKey(
        Organisation, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    stream = models.ForeignKey(
        FundingStream, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    source = models.ForeignKey(
        Organisation, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    upload = models.ForeignKey(
        Upload, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        ordering = ["upload_id", "line"]

    def __str__(self) -> str:
        return f"UP-{self.upload_id}, line {self.line}"


class AllocationTotal(models.Model):
    """Sum of the current published figures of one stream, year, basis, source and region: kept with every acceptance.

    Pages of England read these few rows instead of a million figures. `manage.py check_totals` proves them equal.
    """

    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis)
    gross_or_net = models.CharField(max_length=16, choices=GrossOrNet)
    recurrence = models.CharField(max_length=16, choices=Recurrence)
    source = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    reported = models.PositiveIntegerField(help_text="Figures with an amount")
    not_reported = models.PositiveIntegerField(help_text="Figures that the publisher marks as missing")

    class Meta:
        ordering = ["stream_id", "financial_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "stream",
                    "financial_year",
                    "basis",
                    "gross_or_net",
                    "recurrence",
                    "source",
                    "region",
                ],
                nulls_distinct=False,
                name="allocation_summary_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.financial_year}: {self.amount}"
