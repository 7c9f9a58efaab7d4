"""Pools and schemes of an agreement: what they are called for ever, and what each deed says of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from partnerships.models.agreements import Agreement, Deed
from partnerships.models.law import Function
from partnerships.terms import (
    AccountingTreatment,
    Exclusion,
    Flexibility,
    PoolKind,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.directory.models import Organisation


class Pool(models.Model):
    """A fund of the agreement, by the name under which money will be kept. What it is stands in `PoolTerms`."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="pools")
    slug = models.SlugField(max_length=60)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "slug"], name="pool_slug_once")]

    def __str__(self) -> str:
        return f"{self.agreement}/{self.slug}"


class PoolTerms(models.Model):
    """What one deed says of a fund, whole: it takes the place of what earlier deeds said. `is_closed` ends the fund."""

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="pool_terms")
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="terms")
    name = models.TextField()
    kind = models.CharField(max_length=8, choices=PoolKind)
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    manager = models.TextField(blank=True, help_text="Post of the pool manager, an officer of the host")
    manager_employer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    vat_structure = models.CharField(max_length=12, choices=VatStructure, blank=True)
    vat_regime = models.CharField(max_length=8, choices=VatRegime, blank=True)
    irrecoverable_vat = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="Per cent")
    vat_advice = models.TextField(blank=True, help_text="Reference of the advice taken")
    accounting = models.CharField(max_length=16, choices=AccountingTreatment, blank=True)
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "pool"], name="pool_terms_once"),
            models.CheckConstraint(
                condition=Q(irrecoverable_vat=None) | Q(irrecoverable_vat__gte=0, irrecoverable_vat__lte=100),
                name="pool_irrecoverable_vat_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} by {self.deed}"


class Scheme(models.Model):
    """A scheme of the agreement, by its lasting name. What it is stands in `SchemeTerms`."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="schemes")
    slug = models.SlugField(max_length=60)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "slug"], name="scheme_slug_once")]

    def __str__(self) -> str:
        return f"{self.agreement}/{self.slug}"


class SchemeTerms(models.Model):
    """What one deed says of a scheme, whole (Schedule 1 of the usual agreement). `is_ended` drops the scheme.

    `start_on` and `end_on` narrow the scheme within the term; empty means as long as the agreement.
    """

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="scheme_terms")
    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="terms")
    name = models.TextField()
    aims = models.TextField(blank=True, help_text="Aims and outcomes")
    services = models.TextField(blank=True)
    client_group = models.TextField(blank=True, help_text="For whom, and who is eligible")
    geography = models.TextField(blank=True)
    providers = models.TextField(blank=True)
    governance = models.TextField(blank=True)
    exit_terms = models.TextField(blank=True, help_text="Exit, and who is liable for its cost")
    flexibilities = ArrayField(models.CharField(max_length=40, choices=Flexibility), default=list, blank=True)
    ways_of_working = ArrayField(models.CharField(max_length=30, choices=WayOfWorking), default=list, blank=True)
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="schemes")
    start_on = models.DateField(null=True, blank=True)
    end_on = models.DateField(null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField(null=True, blank=True)
    is_voluntary = models.BooleanField(default=False, help_text="Beside a mandated pool, not part of it")
    is_ended = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "scheme"], name="scheme_terms_once"),
            models.CheckConstraint(
                condition=Q(start_on=None) | Q(end_on=None) | Q(end_on__gte=F("start_on")),
                name="scheme_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} by {self.deed}"


class SchemeFunction(models.Model):
    """A statutory function that a scheme exercises, whose it is, and which excluded treatments its services contain."""

    terms = models.ForeignKey(SchemeTerms, on_delete=models.CASCADE, related_name="functions")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    exclusions = ArrayField(models.CharField(max_length=40, choices=Exclusion), default=list, blank=True)
    delegation_evidence = models.TextField(
        blank=True, help_text="Where it is recorded that the delegation lets its delegate pool the function"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["terms", "function"], name="scheme_function_once")]

    def __str__(self) -> str:
        return f"{self.terms}: {self.function_id}"
