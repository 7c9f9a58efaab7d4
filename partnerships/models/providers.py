"""Providers of services: who delivers what a fund pays for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from partnerships.models.agreements import Agreement
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE


class Provider(models.Model):
    """A provider as an agreement names it. Who it is, is said by `ProviderMatch`; without one the name is unmatched."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="providers")
    name = models.TextField(max_length=LONGEST_LINE)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("agreement", Lower("name"), name="provider_once")]

    def __str__(self) -> str:
        return self.name


class ProviderMatch(models.Model):
    """Who a named provider is, from a first to a last day: an organisation listed here, or another supplier.

    Rows are only added. For a day, the newest row that includes it counts.
    """

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="matches")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    supplier = models.TextField("registered name of the supplier", max_length=LONGEST_LINE, blank=True)
    company_number = models.CharField(max_length=8, blank=True, help_text="At Companies House, if it has one")
    first_on = models.DateField("first day")
    last_on = models.DateField("last day", null=True, blank=True)
    actor = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, supplier="", company_number="")
                | (Q(organisation=None) & ~Q(supplier="")),
                name="provider_match_is_one_body",
            ),
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")), name="provider_match_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.organisation or self.supplier}"
