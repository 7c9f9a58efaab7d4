"""The law as rows: instruments, the functions that may or may not be pooled, and dated rules.

Rows with a source are loaded from the reference tables (`partnerships/reference`). Rows without one were created in
PooledCare, and loading never changes them. A rule of a proposed instrument is not law: it is used only where a request
names that proposal.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from partnerships.terms import Confidence, InstrumentStatus, Power, RuleKind, Side
from pooledcare.directory.models import Source
from pooledcare.directory.terms import OrganisationKind


class Instrument(models.Model):
    """An Act, a statutory instrument, or a proposal for one. A proposal has no dates; a revoked one has `revoked`."""

    slug = models.SlugField(max_length=80)
    title = models.TextField()
    citation = models.CharField(max_length=80)
    made = models.DateField(null=True, blank=True)
    in_force = models.DateField(null=True, blank=True, help_text="Empty where the day was not read")
    revoked = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=InstrumentStatus)
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="amendments")
    confidence = models.CharField(max_length=10, choices=Confidence, help_text="How we know its dates and effect")
    note = models.TextField(blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["in_force", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="instrument_slug_unique"),
            models.UniqueConstraint(fields=["citation"], name="instrument_citation_unique"),
            models.CheckConstraint(
                condition=~Q(status=InstrumentStatus.PROPOSED) | Q(made=None, in_force=None, revoked=None),
                name="instrument_proposed_has_no_dates",
            ),
            models.CheckConstraint(
                condition=Q(status=InstrumentStatus.REVOKED, revoked__isnull=False)
                | (~Q(status=InstrumentStatus.REVOKED) & Q(revoked=None)),
                name="instrument_revoked_has_its_date",
            ),
            models.CheckConstraint(
                condition=(Q(made=None) | Q(in_force=None) | Q(made__lte=F("in_force")))
                & (Q(in_force=None) | Q(revoked=None) | Q(in_force__lte=F("revoked"))),
                name="instrument_dates_in_order",
            ),
            models.CheckConstraint(condition=~Q(amends=F("id")), name="instrument_not_of_itself"),
        ]

    def __str__(self) -> str:
        return self.citation

    @property
    def is_proposed(self) -> bool:
        return self.status == InstrumentStatus.PROPOSED

    def get_absolute_url(self) -> str:
        return reverse("partnerships:law-instrument", args=[self.slug])


class Function(models.Model):
    """A statutory function that an agreement may name."""

    code = models.SlugField(max_length=60)
    name = models.TextField()
    side = models.CharField(max_length=16, choices=Side)
    provision = models.TextField(help_text="The section that gives the function")
    carries_exclusions = models.BooleanField(
        default=False, help_text="Its services stand in the paragraph that leaves out surgery and the other treatments"
    )
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(help_text="Order on pages")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="function_code_unique")]

    def __str__(self) -> str:
        return self.name


class RuleQuerySet(models.QuerySet["Rule"]):
    def on(self, day: dt.date) -> RuleQuerySet:
        """Rules that apply on this day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def in_force(self) -> RuleQuerySet:
        """Rules that are law: those of proposed instruments are left out."""
        return self.exclude(instrument__status=InstrumentStatus.PROPOSED)


_OF_BODIES = Q(kind=RuleKind.BODY, body_kinds__len__gt=0)
_OF_FUNCTIONS = Q(kind=RuleKind.FUNCTION) & (Q(function__isnull=False) | ~Q(side=""))
_OF_HOLDERS = Q(kind=RuleKind.HOLDER, body_kinds__len__gt=0) & (Q(function__isnull=False) | ~Q(side=""))
_OF_DELEGATION = Q(kind=RuleKind.DELEGATION, body_kinds__len__gt=0, function__isnull=False)
_OF_COMPANIONS = Q(kind=RuleKind.COMPANION, function__isnull=False, needs__isnull=False)
_OF_POWERS = Q(kind__in=[RuleKind.POWER, RuleKind.NAMED_POWER])
_OF_SUBJECTS = ~Q(subject="") & Q(
    kind__in=[
        RuleKind.CONTINUATION,
        RuleKind.CONDITION,
        RuleKind.EXEMPTION,
        RuleKind.EXCLUSION,
        RuleKind.TERM,
        RuleKind.CONSENT,
        RuleKind.REPORT,
        RuleKind.AUDIT,
    ]
)


class Rule(models.Model):
    """One rule that applies from `valid_from` to `valid_to`, both included, to arrangements under the powers it names.

    The kind decides which of the other fields are set: see the constraint `rule_names_its_subject`. A null `valid_to`
    means that the rule has not ended.
    """

    code = models.SlugField(max_length=80)
    kind = models.CharField(max_length=12, choices=RuleKind)
    powers = ArrayField(models.CharField(max_length=20, choices=Power))
    side = models.CharField(max_length=16, choices=Side, blank=True, help_text="With no function: all of this side")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, null=True, blank=True, related_name="rules")
    needs = models.ForeignKey(Function, on_delete=models.PROTECT, null=True, blank=True, related_name="companions")
    body_kinds = ArrayField(models.CharField(max_length=30, choices=OrganisationKind), default=list, blank=True)
    subject = models.CharField(
        max_length=40, blank=True, help_text="The condition, term, exclusion or duty it is about"
    )
    flexibilities = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="Empty means any")
    allowed = models.BooleanField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="rules")
    ended_by = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, blank=True, related_name="rules_ended"
    )
    provision = models.TextField()
    confidence = models.CharField(max_length=10, choices=Confidence)
    text = models.TextField(help_text="The rule in one plain sentence")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["valid_from", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="rule_code_unique"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="rule_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(powers__len__gt=0), name="rule_has_a_power"),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(valid_to__isnull=False), name="rule_ended_by_needs_an_end"
            ),
            models.CheckConstraint(
                condition=_OF_BODIES
                | _OF_FUNCTIONS
                | _OF_HOLDERS
                | _OF_DELEGATION
                | _OF_COMPANIONS
                | _OF_POWERS
                | _OF_SUBJECTS,
                name="rule_names_its_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.code
