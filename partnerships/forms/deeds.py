"""Forms to prepare, approve, send back, sign, withdraw and publish a deed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from partnerships.forms.naming import SeenForm
from partnerships.terms import DeedKind
from pooledcare.kernel.fields import CheckboxField, DateField, LongTextField, RadiosField
from pooledcare.kernel.records import LONGEST_TEXT

if TYPE_CHECKING:
    from pooledcare.directory.models import Organisation


class ForOrganisationForm(SeenForm):
    """Asks for which organisation the person acts, if they may act for several."""

    acting_for = RadiosField(label="For which organisation?", missing="Select the organisation")

    def __init__(self, *args: Any, able: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["acting_for"]
        field.choices = [(each.code, each.name) for each in able]  # type: ignore[attr-defined]
        if len(able) == 1:
            field.widget = forms.HiddenInput()
            field.required = False
            self.initial["acting_for"] = able[0].code


class DeedForm(ForOrganisationForm):
    """Prepare a deed that varies or ends the agreement."""

    kind = RadiosField(
        label="What should the deed do?",
        choices=[
            (DeedKind.VARIATION, "Vary the agreement, or carry it into the next year"),
            (DeedKind.TERMINATION, "End the agreement"),
        ],
        missing="Select what the deed should do",
    )
    effective_on = DateField(
        label="First day on which it has effect",
        required=False,
        help_text="For example, 1 4 2026. You can add it later.",
    )
    summary = LongTextField(
        label="What the deed does", required=False, max_length=LONGEST_TEXT, help_text="In a sentence or two"
    )


class RenewalForm(ForOrganisationForm):
    """Prepare a new agreement with the current content, which renews this one."""

    start = DateField(label="First day of the new agreement", help_text="For example, 1 4 2027")
    end_on = DateField(
        label="Last day of the new agreement", required=False, help_text="Leave it empty if no end is set"
    )


class ApproveForm(ForOrganisationForm):
    """Approve exactly the text that the page showed. The form carries its hash."""

    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    read = CheckboxField(
        label="I have read the text shown on this page, and approve it",
        missing="Confirm that you have read the text",
    )


class ChangesForm(ForOrganisationForm):
    note = LongTextField(
        label="What should be changed?",
        missing="Enter what should be changed",
        max_length=4_000,
        help_text="All partners see it. Do not name people.",
    )


class SignForm(ForOrganisationForm):
    signed_on = DateField(
        label="Day on which it was signed",
        missing="Enter the day on which it was signed",
        help_text="The day of the last signature on paper, for example 14 3 2026",
    )


class WithdrawForm(ForOrganisationForm):
    reason = LongTextField(
        label="Why is it withdrawn?",
        missing="Enter why it is withdrawn",
        max_length=4_000,
        help_text="All partners see it. Do not name people.",
    )


class PublishForm(ForOrganisationForm):
    """A button that publishes for the person's own organisation."""
