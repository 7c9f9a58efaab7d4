"""The filters of the public pages: shape only. What is asked wrongly is said at the field, never ignored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from budgets.terms import Basis
from pooledcare.directory.terms import UPPER_TIER_KINDS, OrganisationKind
from pooledcare.kernel.fields import DateField, LongTextField, SelectField, TextField
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

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


class YearField(SelectField):
    """A financial year, `2024-25` in the address; its starting year in Python."""

    def clean(self, value: Any) -> int | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return FinancialYear.parse(text).start
        except Refused as refusal:
            raise ValidationError(f"{refusal.problems[0].message}. Write it like 2025-26.") from refusal


class FilterForm(forms.Form):
    """A form in the address. A choice that no page offers, and a parameter given twice, are refused."""

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
        repeated = [name for name in self.fields if len(getattr(self.data, "getlist", lambda _: [])(name)) > 1]
        for name in repeated:
            self.add_error(name, f"Give {str(self.fields[name].label).lower()} only once")
        return super().clean() or self.cleaned_data

    @property
    def is_used(self) -> bool:
        """Whether any filter is set."""
        return any(self.asked.get(name) for name in self.fields)


def year_choices(years: Iterable[int], *, first: Choices | None = None) -> Choices:
    return [
        *(first or []),
        *((str(FinancialYear(year)), str(FinancialYear(year))) for year in sorted(set(years), reverse=True)),
    ]


def basis_choices(bases: Iterable[str], *, first: Choices | None = None) -> Choices:
    held = set(bases)
    return [*(first or []), *((basis.value, str(basis.label)) for basis in Basis if basis in held)]


class EnglandFilter(FilterForm):
    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False, choices=Basis.choices)


class PlaceFilter(FilterForm):
    q = TextField(label="Place, council or NHS commissioner", required=False, max_length=100)
    region = SelectField(label="Region", required=False)
    kind = SelectField(
        label="Kind of council",
        required=False,
        choices=[*ANY, *((kind.value, str(kind.label)) for kind in OrganisationKind if kind in UPPER_TIER_KINDS)],
    )
    commissioner = SelectField(label="NHS commissioner", required=False)
    coterminous = SelectField(
        label="Same boundary as one NHS commissioner",
        required=False,
        choices=[
            *ANY,
            ("now", "Yes, by registered patients today"),
            ("then", "Yes, with its clinical commissioning group (small areas)"),
            ("neither", "No"),
        ],
    )


class PlaceMoment(FilterForm):
    as_at = IsoDateField(label="As it stood on", required=False)
    apportioned = SelectField(label="Apportioned", required=False, choices=[("", "No"), ("1", "Yes")])


class OrganisationFilter(FilterForm):
    q = TextField(label="Name or code", required=False, max_length=100)
    kind = SelectField(label="Kind", required=False, choices=[*ANY, *OrganisationKind.choices])
    region = SelectField(label="Region", required=False)
    as_at = IsoDateField(label="Existing on", required=False)


class FigureFilter(FilterForm):
    """Narrows the figures of one organisation; the two moments say which versions count."""

    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False)
    stream = SelectField(label="Funding stream", required=False)
    as_at = IsoDateField(label="Published on or before", required=False)
    known_at = IsoDateField(label="In our record on or before", required=False)


class StreamFilter(FilterForm):
    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False, choices=Basis.choices)
    as_at = IsoDateField(label="Published on or before", required=False)
    known_at = IsoDateField(label="In our record on or before", required=False)


class CorrectionForm(forms.Form):
    """Another amount for one figure. The amount stays text: the upload's own checks read it like a cell."""

    amount = TextField(
        label="Amount",
        help_text="In pounds and pence, for example 1055946000.00.",
        looks={"prefix": "£", "width": "10"},
        max_length=40,
    )
    published_on = DateField(
        label="Date of publication",
        required=False,
        help_text="The day on which the corrected figure was published. Without it only members of the organisation "
        "see it.",
    )
    note = LongTextField(
        label="Note",
        required=False,
        max_length=4_000,
        help_text="What a reader should know, such as where the correction is published.",
    )


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The last moment of a day in London: what was in our record by the end of it."""
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))
