"""Filter forms, whose values are query parameters. An invalid value is an error at its field; it is never ignored."""

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
    """A date up to today in a query parameter, such as 2024-04-01."""

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
    """A form whose values are query parameters. Refuses a choice that is not offered, and repeated single values."""

    def __init__(self, data: Mapping[str, Any], **choices: Choices) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.asked = data
        self.offer(**choices)

    def offer(self, **choices: Choices) -> None:
        """Set the choices of fields whose choices depend on the data."""
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def show(self, **values: str) -> None:
        """Show these values as chosen: those that the page uses for parameters that the address does not give."""
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
