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

    `first_year`, `last_year` and `expected_from` are starting years of financial years: 2024 means 2024-25. A stream
    that is `part_of` another is included in the published figures of that one, and is not added to it in sums.

    Who can hold it in a year is said by kind of organisation; the days from when until when an organisation exists say
    the rest. Figures of holders are counted (“150 of 152 reported”). Figures of `included_kinds`, such as what a few
    districts spend on adult social care, are in the sums and listed apart, but are not counted.
    """

    code = models.SlugField(max_length=40)
    name = models.TextField()
    description = models.TextField()
    holder_kinds = ArrayField(models.CharField(max_length=30), help_text="Kinds of organisation that hold it")
    expected_kinds = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        help_text="Those of the holders' kinds of which every organisation has a figure",
    )
    expected_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="First year in which every one of them has a figure; empty for all years"
    )
    included_kinds = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        help_text="Kinds that do not hold it, but whose figures the publisher includes in its sums",
    )
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
            models.CheckConstraint(
                condition=Q(expected_kinds__contained_by=F("holder_kinds")), name="funding_stream_expects_only_holders"
            ),
            models.CheckConstraint(
                condition=~Q(included_kinds__overlap=F("holder_kinds")), name="funding_stream_holds_or_includes"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reporting_kinds(self) -> list[str]:
        """The kinds of organisation that can have a figure of it, as holders or included."""
        return [*self.holder_kinds, *self.included_kinds]

    def expects_in(self, year: int) -> bool:
        """Whether every organisation of `expected_kinds` is expected to have a figure of that year."""
        return bool(self.expected_kinds) and (self.expected_from is None or year >= self.expected_from)

    def get_absolute_url(self) -> str:
        return reverse("budgets:stream-detail", args=[self.code])
