"""Facts recorded about an agreement outside its text: conditions met, decisions, consents, notices, events, documents.

Rows are added and not changed, and the newest row on a subject is the current one. The exceptions are boards, which are
edited in place, documents, whose title and exemption can change, and `AgreementSummary`, which is recalculated.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from partnerships.models.agreements import Agreement, Deed
from partnerships.models.schemes import Scheme
from partnerships.terms import (
    AgreementState,
    Audience,
    Awaited,
    BoardForm,
    DecisionBody,
    DocumentKind,
    MarkKind,
    OccurrenceKind,
    Outcome,
    PreconditionKind,
    ReminderKind,
    ScanState,
)
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import LONGEST_LINE


class Recorded(models.Model):
    """Base of the facts below: which user recorded it, for which organisation, and when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Precondition(Recorded):
    """A condition, as pages call it: what regulation 4 requires before partners enter an agreement.

    A row says whether it is met. The newest row of a kind counts.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="preconditions")
    kind = models.CharField("condition", max_length=24, choices=PreconditionKind)
    is_met = models.BooleanField("whether it is met", default=True)
    met_on = models.DateField("day since which it is met", null=True, blank=True)
    evidence = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.kind}"


class Decision(Recorded):
    """A decision on the agreement or one of its deeds, taken outside PooledCare. Only its reference is held."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="decisions")
    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions")
    body = models.CharField("body that decided", max_length=30, choices=DecisionBody)
    reference = models.TextField("reference of the decision", max_length=LONGEST_LINE)
    decided_on = models.DateField("day of the decision")
    url = models.URLField("web address", max_length=500, blank=True)

    class Meta:
        ordering = ["decided_on", "pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.reference}"


class TrustConsent(Recorded):
    """A commissioner's consent to an NHS trust's contribution (regulation 7(2)).

    A null date means not consented yet.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="trust_consents")
    trust = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    commissioner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    consented_on = models.DateField("day of the consent", null=True, blank=True)
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.commissioner} for {self.trust}"


class Notice(Recorded):
    """Notice on the agreement, or on one scheme of it. A row with `withdraws` cancels the notice it points to."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="notices")
    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    given_on = models.DateField()
    takes_effect_on = models.DateField(help_text="Last day of the agreement or scheme")
    reason = models.TextField(blank=True)
    withdraws = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawn_by")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(takes_effect_on__gte=F("given_on")) | Q(withdraws__isnull=False),
                name="notice_runs_forward",
            ),
            models.UniqueConstraint(fields=["withdraws"], name="notice_withdrawn_once"),
        ]

    def __str__(self) -> str:
        return f"Notice on {self.scheme or self.agreement}"


class Occurrence(Recorded):
    """An event, as pages call it: what happened to the arrangement, even if our policy would not have allowed it.

    `breaks_principle` marks an event that goes against "do no harm": it harmed an existing integrated arrangement
    without the agreement of all its partners.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="occurrences")
    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, null=True, blank=True, related_name="occurrences")
    kind = models.CharField(max_length=24, choices=OccurrenceKind)
    happened_on = models.DateField()
    evidence = models.TextField()
    ends_agreement = models.BooleanField(default=False)
    breaks_principle = models.BooleanField(default=False, help_text="Unpicks an arrangement without all its partners")

    class Meta:
        ordering = ["happened_on", "pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.kind}"


class ImpactAssessment(Recorded):
    """What a deed would do to the people served.

    Required before a deed takes anything from an integrated arrangement.
    """

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="impact_assessments")
    assessed_on = models.DateField("day of the assessment")
    text = models.TextField("assessment")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Impact of {self.deed}"


class IntegrationMark(Recorded):
    """A step in marking an agreement as an existing integrated arrangement, or in clearing that mark.

    Any partner can set the mark. Each partner then agrees to its release in a row of its own; with the last one the
    mark is cleared.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=16, choices=MarkKind)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.kind} by {self.organisation}"


class Document(Recorded):
    """A file added to the agreement.

    Only partners can open an exempt one. Once removed, the row stays but not the file.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="documents")
    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, null=True, blank=True, related_name="documents")
    kind = models.CharField("kind of document", max_length=20, choices=DocumentKind)
    title = models.TextField("title of the document", max_length=LONGEST_LINE)
    filename = models.TextField()
    stored_name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    is_exempt = models.BooleanField("kept from the public", default=True)
    scan = models.CharField(max_length=12, choices=ScanState)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.filename}"


class Board(models.Model):
    """The board that runs the arrangements. It is edited in place; earlier states are not kept, only audit entries."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="boards")
    name = models.TextField("name of the board", max_length=LONGEST_LINE)
    form = models.CharField("form of the board", max_length=24, choices=BoardForm)
    meets = models.TextField("how often it meets", max_length=LONGEST_LINE, blank=True)
    reports_to = models.TextField("to whom it reports", max_length=LONGEST_LINE, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(version__gte=1), name="board_version_is_positive")]

    def __str__(self) -> str:
        return self.name


class BoardSeat(models.Model):
    """A seat on the board: the post that holds it, and the organisation it acts for."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    post = models.TextField(max_length=LONGEST_LINE)
    is_chair = models.BooleanField(default=False)
    is_voting = models.BooleanField(default=True)
    deputy = models.TextField("post of the deputy", max_length=LONGEST_LINE, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["board", "organisation", "post"], name="board_seat_once")]

    def __str__(self) -> str:
        return f"{self.post} on {self.board}"


class BoardQuorum(models.Model):
    """How many of one partner's members must be present for the board to decide."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="quorums")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    least = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["board", "organisation"], name="board_quorum_once")]

    def __str__(self) -> str:
        return f"{self.least} of {self.organisation}"


class Reminder(models.Model):
    """A reminder that was sent. The unique constraint prevents sending it twice."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=8, choices=ReminderKind)
    scheme = models.SlugField(max_length=60, blank=True, help_text="Of the scheme; empty for the whole agreement")
    due_on = models.DateField()
    days_before = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "scheme", "due_on", "days_before"], name="reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.kind} due {self.due_on}"


class AgreementSummary(models.Model):
    """The current state of an agreement as one audience sees it, calculated from its deeds so that lists are quick.

    There is one row for partners and, once anything is published, one for the public. Both are recalculated by every
    action on the agreement, and once a day because deeds take effect and terms end with time. The `_ids` fields hold
    keys of organisations and places.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="summaries")
    audience = models.CharField(max_length=8, choices=Audience)
    worked_out_on = models.DateField()
    title = models.TextField()
    state = models.CharField(max_length=20, choices=AgreementState)
    is_operating_unsigned = models.BooleanField(default=False)
    start_on = models.DateField(null=True, blank=True)
    end_on = models.DateField(null=True, blank=True)
    partner_ids = ArrayField(models.BigIntegerField(), help_text="Partners today")
    reader_ids = ArrayField(models.BigIntegerField(), help_text="Partners ever, and who has succeeded them")
    host_ids = ArrayField(models.BigIntegerField())
    place_ids = ArrayField(models.BigIntegerField())
    function_codes = ArrayField(models.CharField(max_length=60))
    flexibilities = ArrayField(models.CharField(max_length=40))
    pool_count = models.PositiveSmallIntegerField()
    scheme_count = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=12, choices=Outcome)
    unlawful_count = models.PositiveSmallIntegerField()
    not_settled_count = models.PositiveSmallIntegerField()
    awaits = models.CharField(max_length=12, choices=Awaited, blank=True, help_text="For its partners alone")
    awaited_ids = ArrayField(models.BigIntegerField(), default=list, help_text="Who may do what it waits for")
    edited_by = models.CharField(max_length=80, blank=True, help_text="Who does not approve what waits for approval")
    unpublished_ids = ArrayField(models.BigIntegerField(), default=list, help_text="Who has still to publish")

    class Meta:
        ordering = ["agreement_id", "audience"]
        indexes = [
            GinIndex(fields=["reader_ids"], name="summary_by_reader"),
            GinIndex(fields=["partner_ids"], name="summary_by_partner"),
            GinIndex(fields=["place_ids"], name="summary_by_place"),
            GinIndex(fields=["host_ids"], name="summary_by_host"),
            GinIndex(fields=["function_codes"], name="summary_by_function"),
            GinIndex(fields=["awaited_ids"], name="summary_by_awaited"),
            GinIndex(fields=["unpublished_ids"], name="summary_by_unpublished"),
        ]
        constraints = [models.UniqueConstraint(fields=["agreement", "audience"], name="agreement_summary_once")]

    def __str__(self) -> str:
        return f"{self.agreement} for {self.audience}"
