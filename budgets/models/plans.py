"""The plan of a fund's year: its lines."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream
from budgets.terms import StreamNature
from partnerships.models import Provider, Scheme
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE


class PlanLine(models.Model):
    """One line of the plan of a fund's year: which scheme, from whose money, commissioned by whom.

    `source` is the partner whose money pays, `stream` its funding stream; without one it is the partner's own money.
    `nhs_share`, in per cent, is stated if and only if the commissioner is joint (`commissioner` is then null).
    `number` is given in order of creation and is never used again. Amounts are rows of their own.
    """

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    commissioner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    nhs_share = models.DecimalField(
        "NHS share of a joint line, per cent",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    area_of_spend = models.TextField(max_length=LONGEST_LINE, blank=True)
    permitted_expenditure = models.TextField(max_length=LONGEST_LINE, blank=True)
    nature = models.CharField("revenue or capital", max_length=8, choices=StreamNature, default=StreamNature.REVENUE)
    ring_fence = models.TextField("ring-fenced for", max_length=LONGEST_LINE, blank=True)
    description = models.TextField(blank=True, help_text="For partners only")
    outputs = models.DecimalField("outputs planned", max_digits=14, decimal_places=2, null=True, blank=True)
    output_unit = models.TextField("unit of outputs", max_length=LONGEST_LINE, blank=True)
    savings_expected = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["pool_year_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["pool_year", "number"], name="plan_line_number_once"),
            models.CheckConstraint(
                condition=Q(commissioner=None, nhs_share__isnull=False, nhs_share__gte=0, nhs_share__lte=100)
                | Q(commissioner__isnull=False, nhs_share=None),
                name="plan_line_one_commissioner_or_joint",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{self.pool_year.reference}/{self.number}"
