"""What a deed says about the money of a fund or a scheme: fields that both have."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from partnerships.terms import (
    MOST_MONTHS_WITHOUT_BUDGET,
    MOST_WORKING_DAYS,
    IncomeBasis,
    Instalments,
    SharedEvery,
    VarianceThatApplies,
    WithoutBudget,
)
from pooledcare.kernel.year_shares import YearSharesField


def _percent(label: str, help_text: str) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=help_text,
    )


def _whole(label: str, most: int, help_text: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(most)],
        help_text=help_text,
    )


class MoneyTerms(models.Model):
    """Terms about money. Where a scheme says nothing of a subject, what its fund says applies."""

    information_shared = models.TextField(
        "information on money that is shared",
        blank=True,
        help_text="What the partners tell each other, such as budget, spending and forecast of each scheme",
    )
    information_every = models.CharField(
        "how often information on money is shared", max_length=12, choices=SharedEvery, blank=True
    )
    information_days = _whole(
        "working days within which information on money is shared",
        MOST_WORKING_DAYS,
        "Counted from the end of the month, quarter, half year or year",
    )
    monitoring_percent = _percent(
        "variance to report, per cent", "A share of the budget: a variance of this size or more is reported"
    )
    monitoring_pounds = models.DecimalField(
        "variance to report, in pounds",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="A variance of this size or more is reported",
    )
    monitoring_rule = models.CharField(
        "which variance applies if there are two",
        max_length=8,
        choices=VarianceThatApplies,
        blank=True,
        help_text="Only if one is given as a percentage and one in pounds",
    )
    tolerance_percent = _percent(
        "tolerance, per cent", "A share of the budget: a variance up to this size needs no decision of the partners"
    )
    early_warning_percent = _percent(
        "early warning, per cent",
        "A share of the budget: from this variance on, the pool manager warns the partners",
    )
    instalments = models.CharField("instalments of the contributions", max_length=20, choices=Instalments, blank=True)
    instalment_count = _whole("number of equal instalments in a year", 12, "Only for equal instalments")
    instalment_shares = YearSharesField(
        verbose_name="days and shares of the instalments",
        default=list,
        blank=True,
        help_text="Only for instalments on given days. Each with its share, such as 15 April: 25%. They make 100%",
    )
    no_budget = models.CharField(
        "if no budget is agreed by the first day of the year", max_length=12, choices=WithoutBudget, blank=True
    )
    no_budget_months = _whole(
        "months without a budget, after which it is out of the pool",
        MOST_MONTHS_WITHOUT_BUDGET,
        "Counted from the first day of the year",
    )
    income_basis = models.CharField(
        "client income",
        max_length=8,
        choices=IncomeBasis,
        blank=True,
        help_text="Whether contributions are stated before or after what people pay towards their care is deducted",
    )

    class Meta:
        abstract = True


MONEY_TERMS = tuple(field.name for field in MoneyTerms._meta.local_fields)


def money_terms_in_range() -> Q:
    """The condition that no amount or percentage is negative and no percentage is over 100."""
    found = Q(monitoring_pounds=None) | Q(monitoring_pounds__gte=0)
    for name in ("monitoring_percent", "tolerance_percent", "early_warning_percent"):
        found &= Q(**{name: None}) | Q(**{f"{name}__gte": 0, f"{name}__lte": 100})
    return found
