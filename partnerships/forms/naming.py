"""Form fields for organisations, partners and texts; codes are looked up when a field is cleaned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pooledcare.directory.queries.code_days import about_code, is_a_code, nobody_had
from pooledcare.directory.queries.naming import bodies_called, bodies_of_other_days
from pooledcare.kernel.days import written
from pooledcare.kernel.fields import LongTextField, RadiosField, TextField
from pooledcare.kernel.records import LONGEST_LINE, LONGEST_TEXT, RecordField

if TYPE_CHECKING:
    from partnerships.queries.agreements.drafts import Draft
    from pooledcare.directory.models import Organisation

NOBODY = "Not decided yet"


class SeenForm(forms.Form):
    """A form that carries what the page showed (`seen`), so as not to overwrite later changes by other people."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


NAME_OR_CODE = "Its name, or its ODS or ONS code. For example, NHS Somerset ICB, QSL or E06000066."
MOST_OFFERED = 6


class OrganisationField(TextField):
    """An organisation, by name or by ODS or ONS code. The form sets `on`, the day on which these are looked up."""

    on: dt.date | None = None

    def __init__(self, *, label: str = "Organisation", **rest: Any) -> None:
        looks = {"width": "30", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(label=label, max_length=300, looks=looks | rest.pop("looks", {}), **rest)

    def clean(self, value: Any) -> Organisation | None:
        typed = " ".join(super().clean(value).split())
        if not typed:
            return None
        day = self.on or timezone.localdate()
        called = bodies_called(typed, on=day)
        if called.is_sure:
            return called.bodies[0]
        raise ValidationError(
            _elsewhen(typed, day) or _perhaps(typed, called.bodies) or _as_a_code(typed, day) or _nobody(typed, day)
        )


def _elsewhen(typed: str, day: dt.date) -> str:
    """A message about an organisation with this name or code that existed on another day, or an empty text."""
    for body in bodies_of_other_days(typed)[:1]:
        name = f"{body.name} ({body.code})"
        if body.opened is not None and body.opened > day:
            when = f"it began on {written(body.opened)}. Enter the organisation before it."
            return f"{name} did not exist on {written(day)}: {when}"
        if body.closed is not None and body.closed < day:
            when = f"it ended on {written(body.closed)}. Enter the organisation after it."
            return f"{name} did not exist on {written(day)}: {when}"
    return ""


def _perhaps(typed: str, bodies: list[Organisation]) -> str:
    """A message that offers the most likely organisations, with their codes."""
    offered = "; ".join(f"{each.name} ({each.code})" for each in bodies[:MOST_OFFERED])
    if len(bodies) < 2:
        return offered and f"Did you mean {offered}? Then enter its code."
    more = "; and others" if len(bodies) > MOST_OFFERED else ""
    return f"“{typed}” can mean {offered}{more}. Enter the code of the one you mean."


def _as_a_code(typed: str, day: dt.date) -> str:
    """A message about a code that nobody had on the day, or an empty text if it does not look like a code."""
    problem = nobody_had(typed, on=day) if is_a_code(typed) else about_code(typed)
    return f"{problem.message}. {problem.fix}" if problem else ""


def _nobody(typed: str, day: dt.date) -> str:
    return (
        f"No organisation had “{typed}” as its name or code on {written(day)}. "
        "Check the spelling, or look for it under Organisations."
    )


class PartnerField(RadiosField):
    """A choice of one partner, by code. An empty answer means not decided yet."""

    def __init__(self, *, label: str, nobody: str = NOBODY, **rest: Any) -> None:
        super().__init__(label=label, **rest)
        self.nobody = nobody
        self.bodies: Mapping[str, Organisation] = {}

    def offer(self, bodies: Mapping[str, Organisation]) -> None:
        self.bodies = bodies
        unset = [] if self.required else [("", self.nobody)]
        self.choices = [*unset, *((code, body.name) for code, body in bodies.items())]

    def clean(self, value: Any) -> Organisation | None:
        return self.bodies.get(super().clean(value))


def partner_field(field: RecordField, *, label: str = "") -> PartnerField:
    """An optional `PartnerField` for a field of a record."""
    return PartnerField(label=label or field.label, help_text=field.help, required=False)


def line(label: str, **rest: Any) -> TextField:
    """An optional text field of one line."""
    given: dict[str, Any] = {"required": False, "max_length": LONGEST_LINE}
    return TextField(label=label, **given | rest)


def text(label: str, rows: int = 4, **rest: Any) -> LongTextField:
    """An optional text field of several lines."""
    given: dict[str, Any] = {"required": False, "max_length": LONGEST_TEXT, "looks": {"rows": rows}}
    return LongTextField(label=label, **given | rest)


def offer_bodies(form: forms.Form, draft: Draft, also: Mapping[str, Organisation] | None = None) -> None:
    """Give the fields of the form the partners of the draft, and the day on which codes are looked up."""
    for field in form.fields.values():
        if isinstance(field, PartnerField):
            field.offer({**draft.bodies, **(also or {})})
        elif isinstance(field, OrganisationField):
            field.on = draft.day
