"""Filter forms, whose values are query parameters. An invalid value is an error at its field; it is never ignored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pooledcare.kernel.days import day_written, written
from pooledcare.kernel.fields import CheckboxesField, TextField

Choices = list[tuple[str, str]]
ANY = [("", "All")]


class DayField(TextField):
    """A date in a query parameter: 2024-04-01, which browsers send, or as people write it, such as 1 April 2024.

    It must be within `first` and `last`, or up to today if there is no `last`.
    """

    widget = forms.DateInput(attrs={"type": "date"})

    def __init__(self, *, first: dt.date = dt.date(1900, 1, 1), last: dt.date | None = None, **rest: Any) -> None:
        self.first, self.last = first, last
        super().__init__(**rest)

    def to_python(self, value: Any) -> dt.date | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        day = day_written(text)
        if day is None:
            raise ValidationError(f"{self.label} must be a real date, like 1 April 2024")
        if not self.first <= day <= (self.last or timezone.localdate()):
            last = "today" if self.last is None else str(self.last.year)
            raise ValidationError(f"{self.label} must be a date from {self.first.year} to {last}")
        return day

    def prepare_value(self, value: Any) -> Any:
        """As 2024-04-01, the only form that browsers show in an input for dates."""
        day = day_written(value.strip()) if isinstance(value, str) else None
        return value if day is None else day.isoformat()


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
    def chosen(self) -> list[str]:
        """The filters that are set, or shown as chosen, in words: for the line that a folded filter is."""
        return [
            _in_words(field, str(value))
            for name, field in self.fields.items()
            if not isinstance(field, CheckboxesField) and (value := self.data.get(name))
        ]

    @property
    def is_used(self) -> bool:
        """Whether any filter is set."""
        return any(self.asked.get(name) for name in self.fields)


def _in_words(field: forms.Field, value: str) -> str:
    """The choice alone, unless it says nothing without its question."""
    offered = dict(getattr(field, "choices", []))
    if value in offered and str(offered[value]).split(",")[0] not in ("Yes", "No"):
        return str(offered[value])
    day = day_written(value) if isinstance(field, DayField) else None
    return f"{field.label}: {offered.get(value, value if day is None else written(day))}"
