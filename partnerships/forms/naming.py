"""Fields in which agreements name bodies, places, numbers and days; shape, and looking up what a code means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from partnerships.rules.agreements.fields import LONGEST_LINE, LONGEST_TEXT
from pooledcare.directory.queries.naming import bodies_called, bodies_of_other_days
from pooledcare.kernel.days import day_written, written
from pooledcare.kernel.fields import LongTextField, RadiosField, TextField

if TYPE_CHECKING:
    from partnerships.queries.agreements.drafts import Draft
    from pooledcare.directory.models import Organisation

NOBODY = "Not decided yet"


class SeenForm(forms.Form):
    """A form that knows what the page showed, so that nothing is saved over what somebody else has changed since."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


NAME_OR_CODE = "Its name, or its ODS or ONS code. For example, NHS Somerset ICB, QSL or E06000066."
MOST_OFFERED = 6


class OrganisationField(TextField):
    """A body by its name or its ODS or ONS code. The form sets `on`, the day on which both are looked up."""

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
        raise ValidationError(_elsewhen(typed, day) or _perhaps(typed, called.bodies) or _nobody(typed, day))


def _elsewhen(typed: str, day: dt.date) -> str:
    """When there was a body of this name or code, if not on that day."""
    for body in bodies_of_other_days(typed)[:1]:
        name = f"{body.name} ({body.code})"
        if body.opened is not None and body.opened > day:
            return f"{name} existed from {written(body.opened)}, and not on {written(day)}. Enter who came before it."
        if body.closed is not None and body.closed < day:
            return f"{name} existed until {written(body.closed)}, and not on {written(day)}. Enter who came after it."
    return ""


def _perhaps(typed: str, bodies: list[Organisation]) -> str:
    """The likeliest, with their codes."""
    offered = "; ".join(f"{each.name} ({each.code})" for each in bodies[:MOST_OFFERED])
    if len(bodies) < 2:
        return offered and f"Did you mean {offered}? Then enter its code."
    more = "; and others" if len(bodies) > MOST_OFFERED else ""
    return f"“{typed}” can mean {offered}{more}. Enter the code of the one that you mean."


def _nobody(typed: str, day: dt.date) -> str:
    return (
        f"No organisation had “{typed}” as its name or code on {written(day)}. "
        "Check how it is written, or look for it under Organisations."
    )


class PartnerField(RadiosField):
    """One of the partners, by code; an empty answer says that it is not decided yet."""

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


class WholeNumberField(TextField):
    """A whole number within bounds."""

    def __init__(self, *, label: str, least: int = 1, most: int = 120, **rest: Any) -> None:
        self.least, self.most = least, most
        looks = {"width": "3", "inputmode": "numeric"} | rest.pop("looks", {})
        super().__init__(label=label, max_length=100, looks=looks, **rest)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 9 and self.least <= int(text) <= self.most):
            raise ValidationError(f"{self.label} must be a whole number from {self.least} to {self.most}")
        return int(text)


class PercentField(TextField):
    """A percentage between 0 and 100, with up to two decimals."""

    def __init__(self, *, label: str, **rest: Any) -> None:
        super().__init__(
            label=label, max_length=100, looks={"width": "4", "suffix": "%", "inputmode": "decimal"}, **rest
        )

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).strip().removesuffix("%").strip()
        if not text:
            return None
        try:
            share = Decimal(text)
        except InvalidOperation:
            share = Decimal(-1)
        if not (share.is_finite() and 0 <= share <= 100 and share == round(share, 2)):
            raise ValidationError(f"{self.label} must be a number from 0 to 100, like 3.25")
        return share


class DaysField(LongTextField):
    """Several days, one a line, as people write them; sorted, each once."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(written(day) for day in value)
        return value

    def clean(self, value: Any) -> list[dt.date]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return sorted({self._day(line) for line in lines if line})

    def _day(self, text: str) -> dt.date:
        found = day_written(text)
        if found is None:
            raise ValidationError(f"“{text[:40]}” must be a real date, like 1 April 2027")
        return found


def line(label: str, **rest: Any) -> TextField:
    """One line that may stay empty while the draft is unfinished."""
    given: dict[str, Any] = {"required": False, "max_length": LONGEST_LINE}
    return TextField(label=label, **given | rest)


def text(label: str, rows: int = 4, **rest: Any) -> LongTextField:
    """Some lines that may stay empty while the draft is unfinished."""
    given: dict[str, Any] = {"required": False, "max_length": LONGEST_TEXT, "looks": {"rows": rows}}
    return LongTextField(label=label, **given | rest)


def offer_bodies(form: forms.Form, draft: Draft, also: Mapping[str, Organisation] | None = None) -> None:
    """Lets every field of the form know the partners of the draft, and the day on which codes are looked up."""
    for field in form.fields.values():
        if isinstance(field, PartnerField):
            field.offer({**draft.bodies, **(also or {})})
        elif isinstance(field, OrganisationField):
            field.on = draft.day
