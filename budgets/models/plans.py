"""The plan of a fund's year: its lines, the dated movements that make their amounts, and decisions on them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from budgets.models.pool_years import PoolYear
from budgets.models.streams import FundingStream
from budgets.terms import MovementKind, PlanDecision, ProfileMethod, StreamNature, VirementAnswer, VirementState
from partnerships.models import Provider, Scheme
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE, LONGEST_TEXT


class PlanLine(models.Model):
    """One line of the plan of a fund's year: which scheme, from whose money, commissioned by whom.

    `source` is the partner whose money pays, `stream` its funding stream; without one it is the partner's own money.
    `nhs_share`, in per cent, is stated if and only if the commissioner is joint (`commissioner` is then null).
    `number` is given in order of creation and is never used again. Amounts are rows of their own (`PlanMovement`).
    A line that is removed while the plan is a draft keeps these rows, which sum to 0. `edited_by` last changed it.
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
    is_removed = models.BooleanField(default=False)
    edited_by = models.CharField(max_length=80, default="", blank=True)

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


def _pounds() -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=2)


class Decided(models.Model):
    """Who decided something or recorded it, for which organisation, and when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Virement(Decided):
    """A proposal to move budget, in pounds, from one line to another, with the client income that belongs to it.

    `amount` is gross; `client_income` is the part of it that clients pay. The proposer is `actor`. Rows stay; of a
    proposed one only the state changes, once, to agreed, refused or withdrawn.
    """

    from_line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="virements_out")
    to_line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="virements_in")
    amount = _pounds()
    client_income = _pounds()
    effective_on = models.DateField("from which day it applies")
    reason = models.TextField(max_length=LONGEST_TEXT)
    state = models.CharField(max_length=9, choices=VirementState, default=VirementState.PROPOSED)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_line=F("to_line")), name="virement_has_two_lines"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, client_income__gte=0, client_income__lte=F("amount")),
                name="virement_amount_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"VR-{self.pk}"


class VirementDecision(Decided):
    """One partner's decision on a virement. With the last approval the virement is agreed; one refusal refuses it."""

    virement = models.ForeignKey(Virement, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=8, choices=VirementAnswer)
    note = models.TextField(max_length=LONGEST_TEXT, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["virement", "organisation"], name="virement_decision_once")]

    def __str__(self) -> str:
        return f"{self.virement_id}: {self.decision}"


class PlanMovement(Decided):
    """A dated change of a line's amount, in pounds. The amounts of a line are the sums of its movements.

    `expenditure` is gross; `client_income` is what clients pay towards it. Reductions are negative. Several rows of the
    kind original sum to the original plan: each edit of the draft adds the difference.
    """

    line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=14, choices=MovementKind)
    expenditure = _pounds()
    client_income = _pounds()
    effective_on = models.DateField("from which day it applies")
    virement = models.ForeignKey(Virement, on_delete=models.PROTECT, null=True, blank=True, related_name="movements")
    reason = models.TextField(max_length=LONGEST_TEXT, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=MovementKind.ORIGINAL) | ~Q(expenditure=0, client_income=0),
                name="plan_movement_not_zero",
            ),
            models.CheckConstraint(
                condition=Q(kind=MovementKind.VIREMENT, virement__isnull=False)
                | (~Q(kind=MovementKind.VIREMENT) & Q(virement=None)),
                name="plan_movement_names_virement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.kind} {self.expenditure}"


class PlanProfile(models.Model):
    """How the original gross amount of a line falls on the twelve months, April first, in pounds."""

    line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="profiles")
    method = models.CharField(max_length=12, choices=ProfileMethod)
    amounts = ArrayField(_pounds(), size=12)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line"], name="plan_profile_once"),
            models.CheckConstraint(condition=Q(amounts__len=12), name="plan_profile_of_twelve_months"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.method}"


class PlanApproval(Decided):
    """One partner's decision on the plan whose hash is `plan_hash`. An edit changes the hash and makes it void."""

    pool_year = models.ForeignKey(PoolYear, on_delete=models.PROTECT, related_name="plan_approvals")
    decision = models.CharField(max_length=17, choices=PlanDecision)
    plan_hash = models.CharField(max_length=64)
    note = models.TextField(max_length=LONGEST_TEXT, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool_year", "organisation", "plan_hash"],
                condition=Q(decision=PlanDecision.APPROVED),
                name="plan_approval_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pool_year_id}: {self.decision}"
