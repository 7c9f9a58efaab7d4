"""The rows of an uploaded file about drafts, and what each draft said before the file was accepted."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from partnerships.models.agreements import Agreement
from pooledcare.uploads.models import Upload


class UploadedRow(models.Model):
    """One valid row of an uploaded file.

    `cell_values` holds the values of the cells that are not empty, by column name. `deed_version` is the version of the
    open deed on which the preview is based; after acceptance, the version that acceptance produced. `before` is set on
    acceptance, so that the upload can be reversed: `{"deed": key of the deed, "state_before": what the deed said}`.
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    sheet = models.TextField(blank=True)
    row = models.PositiveIntegerField()
    cell_values = models.JSONField()
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
    def state_before(self) -> dict[str, Any] | None:
        """What the deed said before the row was accepted; None if the row created the agreement."""
        found: dict[str, Any] | None = (self.before or {})["state_before"]
        return found
