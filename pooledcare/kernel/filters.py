"""Forms in the address: shape only. What is asked wrongly is said at the field, never ignored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pooledcare.kernel.fields import CheckboxesField, TextField

Choices = list[tuple[str, str]]
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
ANY = [("", "All")]


class IsoDateField(TextField):
    """A past or present day from the address, written 2024-04-01 as browsers send it."""

    widget = forms.DateInput(attrs={"type": "date"})

    def to_python(self, value: Any) -> dt.date | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            if not _ISO.fullmatch(text):
                raise ValueError
            day = dt.date.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(f"{self.label} must be a real date, like 2024-04-01") from error
        if not day.year >= 1900 or day > timezone.localdate():
            raise ValidationError(f"{self.label} must be a date from 1900 to today")
        return day


class FilterForm(forms.Form):
    """A form in the address. A choice that no page offers, and a parameter with one answer given twice, are refused."""

    def __init__(self, data: Mapping[str, Any], **choices: Choices) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.asked = data
        self.offer(**choices)

    def offer(self, **choices: Choices) -> None:
        """Sets what selects offer, as far as only the data know it."""
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def show(self, **values: str) -> None:
        """What the page chose where the address does not say; shown as chosen, so that the form says what is seen."""
        self.data = {**{name: self.asked.get(name, "") for name in self.fields}, **values}

    def clean(self) -> dict[str, Any]:
        given: Callable[[str], list[str]] = getattr(self.data, "getlist", lambda _: [])
        one = [name for name, field in self.fields.items() if not isinstance(field, CheckboxesField)]
        repeated = [name for name in one if len(given(name)) > 1]
        for name in repeated:
            self.add_error(name, f"Give {str(self.fields[name].label).lower()} only once")
        return super().clean() or self.cleaned_data

    @property
    def is_used(self) -> bool:
        """Whether any filter is set."""
        return any(self.asked.get(name) for name in self.fields)
