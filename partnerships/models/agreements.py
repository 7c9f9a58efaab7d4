"""Agreements and their deeds: who pools what with whom, and from when.

The text of an agreement is the sum of its deeds. Deed 0 is the agreement as first made; each later deed holds only what
it changes. A signed deed is never edited, so the agreement can be read *as at* any day, using only the deeds that had
been signed by another day (*known at*), by selecting deeds.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from partnerships.terms import (
    BEFORE_SIGNING,
    LONGEST_CLAUSE,
    MOST_MONTHS,
    OPEN_DEEDS,
    AgreementState,
    ApprovalDecision,
    ClauseKind,
    DeedKind,
    DeedState,
    PartnerRole,
    Power,
)
from pooledcare.directory.models import Organisation, Place, Source
from pooledcare.kernel.records import LONGEST_LINE

ENDINGS = [AgreementState.ENDED, AgreementState.EXPIRED]


class Agreement(models.Model):
    """One arrangement between partners.

    The row holds the state of the agreement (draft, signed, in operation, ended and so on) and its dates. The text is
    in its deeds. `ended_on` is set exactly when the state is ended or expired. `version` rises with every change.
    """

    power = models.CharField("legal power", max_length=20, choices=Power)
    prepared_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=AgreementState, default=AgreementState.DRAFT)
    operating_since = models.DateField(null=True, blank=True, help_text="First day of operation, signed or not")
    ended_on = models.DateField(null=True, blank=True, help_text="Last day, once it has ended")
    is_integrated = models.BooleanField(
        default=False,
        help_text="An existing integrated arrangement: no single partner can end it or take anything out of it in "
        "PooledCare",
    )
    is_illustrative = models.BooleanField(default=False, help_text="Invented for the demonstration")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ENDINGS, ended_on__isnull=False) | (~Q(state__in=ENDINGS) & Q(ended_on=None)),
                name="agreement_over_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(operating_since=None) | Q(ended_on=None) | Q(ended_on__gte=F("operating_since")),
                name="agreement_term_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"S75-{self.pk:04d}"

    @property
    def is_operating_unsigned(self) -> bool:
        return self.operating_since is not None and self.state in BEFORE_SIGNING

    def get_absolute_url(self) -> str:
        return reverse("partnerships:agreement-detail", args=[self.reference])


class AgreementStatus(models.Model):
    """One change of an agreement's state: who made it, when and why.

    Rows are only added; the newest is the current state.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="statuses")
    state = models.CharField(max_length=20, choices=AgreementState)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.state}"


class AgreementPlace(models.Model):
    """A place that the agreement covers. Places belong to the agreement; a deed of variation cannot change them."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="places")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "place"], name="place_once")]

    def __str__(self) -> str:
        return f"{self.agreement} in {self.place}"


class Deed(models.Model):
    """The agreement as it was made (number 0), a variation of it, or its termination.

    A null or empty field makes no change: what earlier deeds say still applies. An empty `title`, for example, leaves
    the title as it was. `effective_on` of deed 0 is the first day of the agreement. `end_on` is the last day of the
    agreement and is used only if `sets_end` is true; `sets_end` without `end_on` means that the agreement has no end.
    An agreement has at most one open deed. A deed has `signed_on` exactly when its state is signed, and its text does
    not change after that.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="deeds")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=DeedKind)
    state = models.CharField(max_length=20, choices=DeedState, default=DeedState.DRAFT)
    title = models.TextField(max_length=LONGEST_LINE, blank=True)
    summary = models.TextField(
        "what the deed does", blank=True, help_text="A sentence or two, for those who approve and read it"
    )
    effective_on = models.DateField("first day", null=True, blank=True)
    sets_end = models.BooleanField("whether it says when the agreement ends", default=False)
    end_on = models.DateField("last day", null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField(
        "notice, in months",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )
    review_on = ArrayField(models.DateField(), verbose_name="review dates", null=True, blank=True)
    follows = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="renewals",
        help_text="The agreement that this one renews",
    )  # fmt: skip
    signed_on = models.DateField(null=True, blank=True)
    sealed_hash = models.CharField(max_length=64, blank=True, help_text="What was signed, as SHA-256 of its content")
    published_on = models.DateField(null=True, blank=True, help_text="Since every partner has published it")
    edited_by = models.CharField(max_length=80, blank=True, help_text="Who last changed its text")
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["agreement_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="deed_number_once"),
            models.CheckConstraint(
                condition=Q(number=0, kind=DeedKind.ORIGINAL) | (Q(number__gt=0) & ~Q(kind=DeedKind.ORIGINAL)),
                name="deed_first_is_the_agreement",
            ),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(state__in=sorted(OPEN_DEEDS)), name="deed_one_open"
            ),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(effective_on=None) | Q(end_on__gte=F("effective_on")),
                name="deed_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state=DeedState.SIGNED, signed_on__isnull=False, effective_on__isnull=False)
                | (~Q(state=DeedState.SIGNED) & Q(signed_on=None)),
                name="deed_signed_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(notice_months=None) | Q(notice_months__gte=1), name="deed_notice_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{self.agreement.reference}/{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_DEEDS


class Partner(models.Model):
    """An organisation that joins the agreement, either by a deed or as the successor of an earlier partner.

    A row has `deed`, or both `by_succession_of` and `valid_from`, never all three. Rows of signed deeds and of
    successors are never changed or removed; leaving is recorded by `PartnerLeaving`.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="partners")
    deed = models.ForeignKey(
        Deed, on_delete=models.CASCADE, null=True, blank=True, related_name="partners",
        help_text="The deed by which it joins; empty for a successor",
    )  # fmt: skip
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=PartnerRole)
    contributes = models.BooleanField(default=True, help_text="Puts money, staff or goods into the arrangements")
    valid_from = models.DateField(null=True, blank=True, help_text="Of a successor; else the deed’s first day")
    by_succession_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "organisation", "deed", "valid_from", "by_succession_of"],
                nulls_distinct=False,
                name="partner_once",
            ),
            models.CheckConstraint(condition=~Q(by_succession_of=F("id")), name="partner_not_of_itself"),
            models.CheckConstraint(
                condition=Q(deed__isnull=False, by_succession_of=None, valid_from=None)
                | Q(deed=None, by_succession_of__isnull=False, valid_from__isnull=False),
                name="partner_joins_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.agreement}"


class PartnerLeaving(models.Model):
    """A partner that leaves by this deed. The deed’s `effective_on` is the first day on which it is not a partner."""

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="leavings")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="leavings")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["deed", "partner"], name="partner_leaves_once")]

    def __str__(self) -> str:
        return f"{self.partner} leaves by {self.deed}"


class Clause(models.Model):
    """The text of a deed on one subject.

    It replaces what earlier deeds say on that subject; an empty text deletes it.
    """

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="clauses")
    kind = models.CharField("subject of the clause", max_length=24, choices=ClauseKind)
    text = models.TextField("text of the clause", max_length=LONGEST_CLAUSE)

    class Meta:
        ordering = ["pk"]
        indexes = [GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="clause_words")]
        constraints = [models.UniqueConstraint(fields=["deed", "kind"], name="clause_once")]

    def __str__(self) -> str:
        return f"{self.deed}: {self.kind}"


class Approval(models.Model):
    """An organisation approved a deed, or asked for changes to it.

    `content_hash` identifies the text that was decided on. If the deed is edited so that its hash differs, the row
    stays but no longer counts (it is shown as void). For each organisation the newest row counts.
    """

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="approvals")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=ApprovalDecision)
    content_hash = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    actor = models.CharField(max_length=80)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.organisation} on {self.deed}: {self.decision}"


class Publication(models.Model):
    """A partner has published a signed deed. Once every partner of the deed has, anybody may read it."""

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="publications")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["deed", "organisation"], name="publication_once")]

    def __str__(self) -> str:
        return f"{self.deed} by {self.organisation}"
