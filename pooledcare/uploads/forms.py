"""The forms of the upload pages. They check formats only; the actions check everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from pooledcare.directory.models import Organisation
from pooledcare.kernel.fields import (
    CheckboxesField,
    CheckboxField,
    DateField,
    FileField,
    LongTextField,
    RadiosField,
    SelectField,
    TextField,
)
from pooledcare.uploads.kinds import Publication, UnpublishedPart, UploadKind
from pooledcare.uploads.models import KeptFile

NO_LONGER_KEPT = "Select the file again: the one that you selected before is no longer kept"


class UploadForm(forms.Form):
    """Asks for a file, which organisation uploads it, what kind of file it is and when it was published."""

    file = FileField(
        label="File",
        accept=(".csv", ".xlsx", ".ods"),
        required=False,
        help_text=(
            "CSV, Excel (.xlsx) or OpenDocument (.ods), smaller than "
            f"{settings.UPLOAD_MAX_BYTES // 1024**2}MB, as it was published."
        ),
        looks={"label_size": "m"},
    )
    pasted = LongTextField(
        label="Cells copied from a spreadsheet",
        required=False,
        strip=False,
        help_text=(
            "Copy a range with its headings, and paste it here. Up to "
            f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2}MB of text. What you paste is kept as a file."
        ),
        looks={"label_size": "m", "rows": 8},
    )
    organisation = SelectField(label="Organisation that uploads", missing="Select the organisation that uploads")
    kind = SelectField(label="What the file holds")
    financial_year = TextField(
        label="Financial year of the figures",
        required=False,
        max_length=20,
        help_text="Only if the file does not say it, for example 2025-26. A file that says another year is refused.",
        looks={"width": "10"},
    )
    is_published = RadiosField(
        label="Are the figures already published?",
        choices=[("yes", "Yes"), ("no", "No, only members of the organisation see them for now")],
        required=False,
        looks={"inline": False},
    )
    published_on = DateField(label="Date of publication", required=False)
    complete = CheckboxField(label="This file is complete", required=False)

    def __init__(
        self,
        *args: Any,
        organisations: Sequence[Organisation],
        kinds: Sequence[UploadKind],
        kept: KeptFile | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(kept)
        self.fields["organisation"].choices = [(one.code, one.name) for one in organisations]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(kind.key, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if not any(kind.layout_columns is not None for kind in kinds):
            del self.fields["financial_year"]
        self.published_kinds = {kind.key for kind in kinds if kind.is_published}
        self._add_publication_hints([kind.publication for kind in kinds if kind.publication is not None])
        for name in ("organisation", "kind"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            if len(choices) == 1:
                self.fields[name].widget = forms.HiddenInput()
                self.initial[name] = choices[0][0]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_file(said)
        self._check_publication(said)
        return said

    def _check_file(self, said: dict[str, Any]) -> None:
        """Either a file or pasted cells, but not both."""
        has_file = bool(said.get("file")) or self.kept is not None
        if said.get("pasted", "").strip():
            if has_file:
                self.add_error("pasted", "Select a file or paste cells, not both")
        elif not has_file and "file" not in self.errors:
            missing = NO_LONGER_KEPT if self.data.get("kept_file") else "Select a file, or paste cells"
            self.add_error("file", missing)

    def _check_publication(self, said: dict[str, Any]) -> None:
        """The answer about publication and its date must agree. A date alone means yes."""
        if "is_published" not in self.fields or "published_on" in self.errors:
            return
        answer, day = said.get("is_published"), said.get("published_on")
        if answer == "yes" and day is None:
            self.add_error("published_on", "Enter the date of publication")
        elif answer == "no" and day is not None:
            self.add_error("published_on", "Leave the date empty, or say that the figures are already published")
        elif not answer and day is None and said.get("kind") in self.published_kinds:
            self.add_error("is_published", "Select whether the figures are already published")

    def offer(self, kept: KeptFile | None) -> None:
        """Let the person use the file that was kept, or select another."""
        self.kept = kept
        self["file"].label = "File" if kept is None else "Another file instead"

    def _add_publication_hints(self, of_kinds: Sequence[Publication]) -> None:
        """Add the hints of the kinds that can be published. Without any, remove the fields on publication."""
        if not of_kinds:
            del self.fields["is_published"], self.fields["published_on"], self.fields["complete"]
            return
        self.fields["published_on"].help_text = " ".join(dict.fromkeys(one.date_hint for one in of_kinds))
        self.fields["complete"].help_text = " ".join(dict.fromkeys(one.complete_hint for one in of_kinds))


class PublishForm(forms.Form):
    """Asks which figures of an accepted upload become public, and since which day they are published."""

    parts = CheckboxesField(label="Figures that become public", missing="Select which figures become public")
    published_on = DateField(
        label="Date of publication",
        help_text="The day on which the figures were published: today or earlier, for example 14 3 2024.",
    )

    def __init__(self, *args: Any, parts: Sequence[UnpublishedPart], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].choices = [(part.key, part.label) for part in parts]  # type: ignore[attr-defined]
        self.initial["parts"] = [part.key for part in parts]


class PublicationDateForm(forms.Form):
    """Asks for the date of publication of a file that was refused because it had none."""

    published_on = DateField(label="Date of publication", help_text="For example 14 3 2024.")


class ReverseForm(forms.Form):
    """Asks why an accepted upload is reversed. The reason is shown in the upload's history."""

    reason = LongTextField(
        label="Why is it reversed?",
        max_length=500,
        missing="Enter why it is reversed",
        help_text="Your colleagues see the reason in the history of this upload. Do not name people.",
    )
