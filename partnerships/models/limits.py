"""Delegated limits: up to which amount an officer of a partner may decide about a fund, and who deputises."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from partnerships.models.schemes import PoolTerms
from partnerships.terms import OfficerPower
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE


class DelegatedLimit(models.Model):
    """What one office of a partner may do with the money of a fund, in the terms of one deed."""

    terms = models.ForeignKey(PoolTerms, on_delete=models.CASCADE, related_name="limits")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    office = models.TextField(max_length=LONGEST_LINE, help_text="The post, not the person")
    power = models.CharField("power of the officer", max_length=8, choices=OfficerPower)
    limit = models.DecimalField(
        "limit, in pounds",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="For one decision",
    )
    is_unlimited = models.BooleanField("without limit", default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("terms", "partner", Lower("office"), "power", name="delegated_limit_once"),
            models.CheckConstraint(
                condition=Q(is_unlimited=True, limit=None) | Q(is_unlimited=False, limit__isnull=False, limit__gte=0),
                name="delegated_limit_is_an_amount_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} of {self.partner}: {self.power}"


class LimitDeputy(models.Model):
    """An office that may use a delegated limit in place of its holder, from its first to its last day."""

    limit = models.ForeignKey(DelegatedLimit, on_delete=models.CASCADE, related_name="deputies")
    office = models.TextField("office of the deputy", max_length=LONGEST_LINE)
    first_on = models.DateField("first day of the deputy")
    last_on = models.DateField("last day of the deputy")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="limit_deputy_days_in_order"),
            models.UniqueConstraint("limit", Lower("office"), "first_on", name="limit_deputy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.office} for {self.limit}"
