"""What an uploaded file says of drafts, row by row, and what stood there before it was accepted."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from partnerships.models.agreements import Agreement
from pooledcare.uploads.models import Upload


class UploadedRow(models.Model):
    """One row of a file, read and found right. Accepted, it remembers what it changed, so that it can be taken back.

    `said` are the values of the cells that were filled in. `deed_version` is the version of the open deed that the
    preview was made of, and then the one that acceptance left.
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    sheet = models.TextField(blank=True)
    row = models.PositiveIntegerField()
    said = models.JSONField()
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    slug = models.SlugField(max_length=60, blank=True, help_text="Of the scheme; empty until a new one has its own")
    deed_version = models.PositiveIntegerField(null=True, blank=True)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["upload_id", "line"]
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="uploaded_row_once")]

    def __str__(self) -> str:
        return f"Row {self.row} of {self.upload}"

    @property
    def deed_id(self) -> int:
        """The deed to which an accepted row was written."""
        return int((self.before or {})["deed"])

    @property
    def stood(self) -> dict[str, Any] | None:
        """What the deed said before; None where the row began the agreement."""
        found: dict[str, Any] | None = (self.before or {})["stood"]
        return found
