"""One financial year of a fund: what its contributions, plan, periods and ledger belong to."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from budgets.terms import PlanState
from partnerships.models import Pool
from pooledcare.kernel.periods import FinancialYear


class PoolYear(models.Model):
    """One financial year of a fund. `financial_year` is the starting year: 2025 means 2025-26.

    Whoever changes the plan or the contributions locks this row first. `version` rises with every change of them.
    """

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="years")
    financial_year = models.PositiveSmallIntegerField()
    plan_state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pool_id", "financial_year"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "financial_year"], name="pool_year_once"),
            models.CheckConstraint(
                condition=models.Q(financial_year__gte=2000, financial_year__lte=2049), name="pool_year_plausible"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def year(self) -> FinancialYear:
        return FinancialYear(self.financial_year)

    @property
    def reference(self) -> str:
        """Such as S75-0001/integrated-care-fund/2025-26."""
        return f"{self.pool.agreement.reference}/{self.pool.slug}/{self.year}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:pool-year", args=[self.pool.agreement.reference, self.pool.slug, str(self.year)])
