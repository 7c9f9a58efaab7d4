"""Funding streams: named sources of money, who holds them, and in which years."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from budgets.terms import GrossOrNet, StreamNature
from pooledcare.directory.models import Source


class FundingStream(models.Model):
    """A named source of money, such as the NHS core allocation.

    `first_year` and `last_year` are starting years of financial years: 2024 means 2024-25. A stream that is `part_of`
    another is included in the published figures of that one, and is not added to it in sums.
    """

    code = models.SlugField(max_length=40)
    name = models.TextField()
    description = models.TextField()
    holder_kinds = ArrayField(models.CharField(max_length=30), help_text="Kinds of organisation that hold it")
    funder = models.CharField(max_length=12, blank=True, help_text="Code of the body that publishes it for its holders")
    functions = models.TextField(help_text="The statutory functions that it pays for, in words")
    ring_fenced = models.BooleanField()
    nature = models.CharField(max_length=8, choices=StreamNature)
    gross_or_net = models.CharField(max_length=16, choices=GrossOrNet)
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField(null=True, blank=True)
    part_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", help_text="Published together in"
    )
    position = models.PositiveSmallIntegerField(help_text="Order on pages")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="funding_stream_code_unique"),
            models.CheckConstraint(
                condition=Q(last_year=None) | Q(last_year__gte=F("first_year")), name="funding_stream_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:stream-detail", args=[self.code])
