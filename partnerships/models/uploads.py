"""The rows of an uploaded file about drafts, and what each draft said before the file was accepted."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from partnerships.models.agreements import Agreement
from pooledcare.uploads.models import Upload


class UploadedRow(models.Model):
    """One valid row of an uploaded file.

    `said` holds the values of the cells that are not empty. `deed_version` is the version of the open deed on which the
    preview is based; after acceptance, the version that acceptance produced. `before` is set on acceptance and holds
    what the deed said before, so that the upload can be reversed.
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
        """What the deed said before the row was accepted; None if the row created the agreement."""
        found: dict[str, Any] | None = (self.before or {})["stood"]
        return found
