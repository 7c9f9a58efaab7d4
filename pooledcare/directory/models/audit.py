"""The audit trail and the change feed: append-only, written inside the action that they describe.

No foreign keys: a line must outlive what it speaks of.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One action in words, with references and never private names or free text."""

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
    """The single row that hands out sequence numbers in commit order, so that the feed has no gaps."""

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sequence)


class Change(models.Model):
    """One entry of the change feed: what was published or changed, in commit order."""

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
