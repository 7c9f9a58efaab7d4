"""Allocations as versions, their totals, and the rows of uploads that wait to be accepted."""

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
    """The fields that an allocation and its staged row share: the key, the amount, and where it was published.

    The key is organisation (the holder of the money), stream, financial year, basis, gross or net, recurrence and
    source. `source` is the organisation that states the figure: the publisher, or the holder itself. `financial_year`
    is the starting year: 2024 means 2024-25. `amount` is in pounds; null means *not reported*, never 0, with the
    publisher's mark in `published_text`. `sheet`, `row` and `cell` say where in the file the figure is.
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
    """One version of one figure, from an accepted upload.

    A figure is changed by adding a version with the next number. Rows are never deleted, and only `is_current` ever
    changes. Exactly one version of each key is current; if that one is `withdrawn`, the figure has no current amount.
    Bitemporal: `published_on` is the day from which the public may know the version (null: only members of the holder),
    `accepted_at` the moment from which PooledCare had it.
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
    """A row of an upload that passed every check and waits for acceptance. Rows are deleted when the upload has ended.

    The foreign keys are not enforced by the database, because rows are written in bulk and acceptance checks them
    again. The primary key is (upload, line), so that one index is enough and new rows go to its end.
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
    """Sum of the current published figures that share stream, year, basis, gross or net, recurrence, source and region.

    Holders are organisations of the stream's `holder_kinds`, others those of any other kind (`FundingStream`). A mark
    instead of an amount is only counted for a holder.

    Every acceptance and reversal updates it in the same transaction, so that pages about England need not read a
    million figures. `manage.py check_totals` compares the totals with the figures.
    """

    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis)
    gross_or_net = models.CharField(max_length=16, choices=GrossOrNet)
    recurrence = models.CharField(max_length=16, choices=Recurrence)
    source = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    reported = models.PositiveIntegerField(help_text="Figures of holders with an amount")
    not_reported = models.PositiveIntegerField(help_text="Figures of holders that the publisher marks as missing")
    included = models.PositiveIntegerField(default=0, help_text="Figures of others in the amount")
    included_amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="The part of the amount that others have"
    )

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
