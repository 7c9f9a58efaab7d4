"""The audit trail and the change feed. Their rows are written in the transaction of the change, and never changed.

They have no foreign keys, because a line must stay when what it is about is deleted.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One line of the audit trail: who did what to what, and when. It has references, and no names or free text."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=60, help_text="user:12, key:ab12cd34 or system:reference-load")
    organisation = models.CharField(max_length=12, blank=True, db_index=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, help_text="kind:reference, such as upload:UP-12")
    sentence = models.TextField()
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject", "-id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return self.sentence


class ChangeHead(models.Model):
    """A single row with the last sequence number of the change feed.

    It is locked until commit, so that numbers are in commit order and without gaps.
    """

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sequence)


class Change(models.Model):
    """One entry of the change feed: something that was published or changed. `sequence` is in commit order.

    If it is not `public`, only members of `organisation` and of the organisations in `reader_ids` see it.
    """

    sequence = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    resource = models.CharField(max_length=40)
    reference = models.CharField(max_length=120)
    event = models.CharField(max_length=40)
    public = models.BooleanField()
    organisation = models.CharField(max_length=12, blank=True, help_text="Whose members see it before publication")
    reader_ids = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Organisations whose members see it as well"
    )
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["sequence"], name="change_sequence_unique")]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.resource} {self.reference} {self.event}"
