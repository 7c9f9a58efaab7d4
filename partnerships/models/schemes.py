"""Pools and schemes of an agreement: their permanent identifiers, and their terms in each deed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from partnerships.models.agreements import Agreement, Deed
from partnerships.models.law import Function
from partnerships.models.money_terms import MoneyTerms, money_terms_in_range
from partnerships.terms import (
    MOST_MONTHS,
    AccountingTreatment,
    Exclusion,
    Flexibility,
    PoolKind,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE


class Pool(models.Model):
    """A fund, as pages call it: a pool of the agreement, identified by a slug that never changes.

    Its name and terms are in `PoolTerms`.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="pools")
    slug = models.SlugField(max_length=60)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "slug"], name="pool_slug_once")]

    def __str__(self) -> str:
        return f"{self.agreement}/{self.slug}"


class PoolTerms(MoneyTerms):
    """The full terms of a fund in one deed. They replace those of earlier deeds. `is_closed` closes the fund."""

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="pool_terms")
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="terms")
    name = models.TextField("name of the fund", max_length=LONGEST_LINE)
    kind = models.CharField(
        "kind of fund",
        max_length=8,
        choices=PoolKind,
        help_text="An aligned fund is reported together, and its money stays with its owners",
    )
    host = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="host partner",
        help_text="Responsible for the accounts and audit of the fund (regulation 7(4))",
    )
    manager = models.TextField(
        "pool manager",
        max_length=LONGEST_LINE,
        blank=True,
        help_text="The post, not the person: an officer of the host (regulation 7(4)(b))",
    )
    manager_employer = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="employer of the pool manager",
    )
    vat_structure = models.CharField("VAT structure", max_length=12, choices=VatStructure, blank=True)
    vat_regime = models.CharField("VAT regime", max_length=8, choices=VatRegime, blank=True)
    irrecoverable_vat = models.DecimalField(
        "irrecoverable VAT, per cent",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    vat_advice = models.TextField("VAT advice", blank=True, help_text="The reference of the advice that was taken")
    accounting = models.CharField("accounting treatment", max_length=16, choices=AccountingTreatment, blank=True)
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "pool"], name="pool_terms_once"),
            models.CheckConstraint(
                condition=Q(irrecoverable_vat=None) | Q(irrecoverable_vat__gte=0, irrecoverable_vat__lte=100),
                name="pool_irrecoverable_vat_is_a_share",
            ),
            models.CheckConstraint(condition=money_terms_in_range(), name="pool_money_terms_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.pool} by {self.deed}"


class Scheme(models.Model):
    """A scheme of the agreement, identified by a slug that never changes. Its name and terms are in `SchemeTerms`."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="schemes")
    slug = models.SlugField(max_length=60)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "slug"], name="scheme_slug_once")]

    def __str__(self) -> str:
        return f"{self.agreement}/{self.slug}"


class SchemeTerms(MoneyTerms):
    """The full terms of a scheme in one deed (Schedule 1 of the usual agreement). They replace those of earlier deeds.

    `start_on` and `end_on` limit the scheme to part of the agreement's term; null means the same day as the agreement.
    `is_ended` ends the scheme.
    """

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="scheme_terms")
    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="terms")
    name = models.TextField("name of the scheme", max_length=LONGEST_LINE)
    flexibilities = ArrayField(
        models.CharField(max_length=40, choices=Flexibility),
        default=list,
        blank=True,
        help_text="Regulations 7, 8 and 9",
    )
    ways_of_working = ArrayField(models.CharField(max_length=30, choices=WayOfWorking), default=list, blank=True)
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="schemes", verbose_name="fund"
    )
    aims = models.TextField("aims and outcomes", blank=True)
    services = models.TextField(blank=True)
    client_group = models.TextField(blank=True, help_text="For whom it is, and who is eligible")
    geography = models.TextField("area", blank=True)
    providers = models.TextField(blank=True)
    governance = models.TextField(blank=True)
    exit_terms = models.TextField("exit, and who is liable for its cost", blank=True)
    start_on = models.DateField(
        "first day of the scheme", null=True, blank=True, help_text="Only if it starts later than the agreement"
    )
    end_on = models.DateField(
        "last day of the scheme", null=True, blank=True, help_text="Only if it ends sooner than the agreement"
    )
    notice_months = models.PositiveSmallIntegerField(
        "notice on the scheme, in months",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
        help_text="Only if it differs from the agreement’s",
    )
    is_voluntary = models.BooleanField("voluntary, in addition to a mandatory pooled fund", default=False)
    is_ended = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "scheme"], name="scheme_terms_once"),
            models.CheckConstraint(
                condition=Q(start_on=None) | Q(end_on=None) | Q(end_on__gte=F("start_on")),
                name="scheme_ends_after_start",
            ),
            models.CheckConstraint(condition=money_terms_in_range(), name="scheme_money_terms_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} by {self.deed}"


class SchemeFunction(models.Model):
    """A statutory function that a scheme exercises, whose it is, and which excluded treatments its services contain."""

    terms = models.ForeignKey(SchemeTerms, on_delete=models.CASCADE, related_name="functions")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="body whose function it is",
    )
    exclusions = ArrayField(
        models.CharField(max_length=40, choices=Exclusion),
        verbose_name="excluded treatments that its services contain",
        default=list,
        blank=True,
        help_text="Regulation 5 leaves them out of every arrangement",
    )
    delegation_evidence = models.TextField(
        "evidence of a delegation",
        blank=True,
        help_text="Where the function is delegated: where it is recorded that the delegate may pool it",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["terms", "function"], name="scheme_function_once")]

    def __str__(self) -> str:
        return f"{self.terms}: {self.function_id}"
