"""Forms about a running agreement: first day of operation, notices, events, successors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from partnerships.forms.deeds import ForOrganisationForm
from partnerships.forms.naming import NAME_OR_CODE, OrganisationField
from partnerships.terms import OccurrenceKind
from pooledcare.kernel.fields import CheckboxField, DateField, LongTextField, RadiosField

WHOLE = ("", "The whole agreement")


class AboutForm(ForOrganisationForm):
    """A form about the whole agreement or one of its schemes."""

    scheme = RadiosField(label="What is it about?", required=False)

    def __init__(self, *args: Any, schemes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [WHOLE, *((slug, f"The scheme “{name}”") for slug, name in schemes)]
        self.fields["scheme"].choices = choices  # type: ignore[attr-defined]


class OperatingForm(ForOrganisationForm):
    since = DateField(label="First day of operation", help_text="For example, 1 4 2026")


class NoticeForm(AboutForm):
    given_on = DateField(label="Day on which notice is given", help_text="For example, 14 3 2026")
    takes_effect_on = DateField(
        label="Last day of the agreement or scheme", help_text="On or after the end of the notice period"
    )
    reason = LongTextField(label="Reason", required=False, max_length=4_000, help_text="Do not name people.")
    field_order = ("seen", "acting_for", "scheme", "given_on", "takes_effect_on", "reason")


class EndForm(AboutForm):
    on = DateField(label="Last day", help_text="The day on which the notice has run out")


class OccurrenceForm(AboutForm):
    """Record an event. It can be recorded even if it breaks the principle of doing no harm."""

    kind = RadiosField(label="What happened?", choices=OccurrenceKind.choices, missing="Select what happened")
    happened_on = DateField(label="Day on which it happened", help_text="For example, 31 3 2026")
    evidence = LongTextField(
        label="Evidence",
        max_length=4_000,
        help_text="Where it is written, such as a letter and its date. Do not name people.",
    )
    ends_agreement = CheckboxField(label="This ended the agreement", required=False)
    field_order = ("seen", "acting_for", "kind", "scheme", "happened_on", "evidence", "ends_agreement")


class MarkForm(ForOrganisationForm):
    """A button that acts for the person's own organisation."""


class CarryOverForm(ForOrganisationForm):
    """Record who succeeded a partner, if the reference tables do not say."""

    partner = RadiosField(label="Which partner was succeeded?", missing="Select the partner")
    successor = OrganisationField(
        label="Successor", missing="Enter the name or the code of the successor", help_text=NAME_OR_CODE
    )
    second = OrganisationField(label="Second successor", required=False)
    third = OrganisationField(label="Third successor", required=False)
    effective_on = DateField(label="First day of the successor", help_text="For example, 1 4 2013")
    evidence = LongTextField(
        label="Evidence", max_length=4_000, help_text="Such as the transfer scheme and its date. Do not name people."
    )
    field_order = (
        "seen", "acting_for", "partner", "effective_on", "successor", "second", "third", "evidence"
    )  # fmt: skip

    def __init__(self, *args: Any, partners: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = list(partners)  # type: ignore[attr-defined]
        day = self._first_day() if self.is_bound else None
        for name in ("successor", "second", "third"):
            self.fields[name].on = day  # type: ignore[attr-defined]

    def _first_day(self) -> dt.date | None:
        """The first day of the successor, on which its name or code is looked up."""
        field = self["effective_on"]
        try:
            found: dt.date | None = field.field.clean(field.data)
        except ValidationError:
            return None
        return found
