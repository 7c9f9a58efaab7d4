"""An upload (one uploaded file), its history of states, and the problems found in it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from pooledcare.directory.models import Organisation, User
from pooledcare.uploads.terms import Asked, Channel, LayoutStep, Severity, UploadState

_OPEN = ["received", "reading", "needs_layout", "checked", "ready", "awaiting_second_person", "accepting"]
_OPEN_OR_ACCEPTED = [*_OPEN, "accepted"]


class Upload(models.Model):
    """One uploaded file. Its bytes are in Django's storage under `stored_name`.

    `state` changes only through `states.move`, which also adds a row of `UploadStatus` and increases `version`. Rows
    and their figures are written only when the state becomes accepted. At most one upload of the same bytes, kind and
    organisation is open or accepted at a time.

    `prepared_by` and `accepted_by` are the people accountable for the two steps: whoever acted, or the maker of the API
    key that acted. They differ unless the second person is waived. `lease_token` and `lease_until` say which worker
    processes the upload, and until when it may do so without renewing its lease.

    `encoding` was recognised from the file, or chosen by `encoding_chosen_actor`. `encoding_choice` is filled if
    nothing in the file tells possible encodings apart, so that a person should look at its texts.

    A publication is an upload without a file of its own: it gives a date of publication to figures of the accepted
    upload `publishes`, in the parts `published_parts` (keys of `kinds.UnpublishedPart`), and shares its stored file. It
    passes through the same states, needs a second person in the same way, and is reversed like any upload.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=40)
    profile = models.CharField(
        max_length=80,
        blank=True,
        help_text="The layout by which the file is read: a publisher's, version 2 of the saved layout UL-3 (UL-3.2), "
        "or the one confirmed for this file only (confirmed); empty for canonical files",
    )
    channel = models.CharField(max_length=12, choices=Channel)
    complete = models.BooleanField(default=False, help_text="Declared complete: what is absent is withdrawn")
    published_on = models.DateField(null=True, blank=True, help_text="Empty: seen by the organisation's members only")
    financial_year = models.CharField(
        max_length=7, blank=True, help_text="Stated by the sender, such as 2025-26; used where the file says no year"
    )
    publishes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="publications", db_index=False
    )
    published_parts = models.JSONField(default=list, help_text="Keys of the parts of `publishes` that become public")
    filename = models.CharField(max_length=100)
    stored_name = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    encoding = models.CharField(
        max_length=20, blank=True, help_text="Encoding in which a text file is read; empty for workbooks"
    )
    encoding_choice = models.JSONField(
        default=dict, help_text="Other encodings that are possible, and the texts that tell them apart"
    )
    encoding_chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    encoding_chosen_actor = models.CharField(max_length=60, blank=True)

    state = models.CharField(max_length=24, choices=UploadState, default=UploadState.RECEIVED)
    state_at = models.DateTimeField(default=timezone.now)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0, help_text="Rows done in the present step")
    progress_text = models.TextField(blank=True)

    rows_read = models.PositiveIntegerField(default=0)
    rows_staged = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="new, changed, unchanged, withdrawn, not_reported")
    preview = models.JSONField(default=dict, help_text="What would change, shown before anything changes")
    notices = models.JSONField(default=list, help_text="What reading the file normalised, in sentences")
    failure = models.TextField(blank=True, help_text="What went wrong on our side, for the people who run the service")

    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_actor = models.CharField(max_length=60)
    prepared_at = models.DateTimeField(default=timezone.now)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_actor = models.CharField(max_length=60, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    second_person_waived = models.BooleanField(default=False)
    reversed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="upload_of_organisation"),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["received", "reading", "checked", "accepting"]),
                name="upload_waiting_for_work",
            ),
            models.Index(fields=["publishes"], condition=Q(publishes__isnull=False), name="upload_publications"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "sha256"],
                condition=Q(state__in=_OPEN_OR_ACCEPTED, publishes=None),
                name="upload_same_file_once",
            ),
            models.UniqueConstraint(
                fields=["publishes"], condition=Q(state__in=_OPEN), name="upload_one_open_publication"
            ),
            models.CheckConstraint(
                condition=Q(accepted_actor="")
                | Q(second_person_waived=True)
                | (~Q(accepted_actor=F("prepared_actor")) & (Q(accepted_by=None) | ~Q(accepted_by=F("prepared_by")))),
                name="upload_accepted_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_size_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.filename}"

    @property
    def reference(self) -> str:
        return f"UP-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("uploads:upload-detail", args=[self.reference])


class UploadStatus(models.Model):
    """One state that an upload has been in, with when and by whom. Rows are never changed or deleted."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="history")
    state = models.CharField(max_length=24, choices=UploadState)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=60)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.state}"


class UploadProblem(models.Model):
    """One problem or warning of an upload, with the cell where it was found. Replaced when the upload is read again."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="problems")
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.ERROR)
    code = models.CharField(max_length=40)
    message = models.TextField()
    fix = models.TextField(blank=True)
    sheet = models.TextField(blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    column = models.CharField(max_length=4, blank=True)
    column_name = models.TextField(blank=True)
    value = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.code} at {self.sheet}!{self.column}{self.row}"


class UploadLayout(models.Model):
    """A layout of files that an organisation has saved. What it says is in its versions; neither is ever changed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="upload_layouts")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("organisation", "kind", Lower("name"), name="upload_layout_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    @property
    def reference(self) -> str:
        return f"UL-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("uploads:layout-detail", args=[self.reference])


class UploadLayoutVersion(models.Model):
    """One version of a saved layout: all that it says, whether it is shared and retired, and who did what.

    `stated` has the shape of a profile file (`layouts.profile_from`). Sharing and retiring are versions too, with the
    same `stated` as the one before. `upload` is the reference of the upload whose file it was made for.
    """

    layout = models.ForeignKey(UploadLayout, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=12, choices=LayoutStep)
    stated = models.JSONField()
    is_shared = models.BooleanField(default=False, help_text="Whether other organisations see and use it")
    is_retired = models.BooleanField(default=False, help_text="Whether no more files are read by it")
    upload = models.CharField(max_length=20, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_actor = models.CharField(max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["layout", "number"]
        constraints = [models.UniqueConstraint(fields=["layout", "number"], name="upload_layout_version_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """How an upload says that its file is read by this version: `Upload.profile`."""
        return f"UL-{self.layout_id}.{self.number}"


class LayoutQuestion(models.Model):
    """What a person is asked about the file of an upload, the proposal for it, and what the person has decided.

    `proposal`, `decisions` and `stated` have the shapes of `uploads.proposals`. `stated` is the layout that was
    confirmed for this file, and empty until then. `fitting` are the keys of the layouts that fit the file: several that
    read it differently, or the one that only lacks its year.
    """

    upload = models.OneToOneField(Upload, on_delete=models.CASCADE, primary_key=True, related_name="question")
    asked = models.CharField(max_length=12, choices=Asked)
    proposal = models.JSONField(default=dict)
    fitting = models.JSONField(default=list)
    decisions = models.JSONField(default=dict)
    stated = models.JSONField(default=dict)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_actor = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"UP-{self.upload_id} {self.asked}"


class KeptFile(models.Model):
    """A file that waits for another field of the upload form to be corrected. It is deleted after a day.

    `session` is a hash of the key of the session in which the file was sent.
    """

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=64)
    filename = models.CharField(max_length=100)
    stored_name = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="kept_file_one_per_person")]

    def __str__(self) -> str:
        return self.filename
