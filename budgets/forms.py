"""The filters of the public pages. Invalid values are reported at the field, never ignored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from budgets.rules.comparing import Peers
from budgets.terms import Basis
from pooledcare.directory.terms import UPPER_TIER_KINDS, OrganisationKind
from pooledcare.kernel.fields import CheckboxesField, DateField, LongTextField, SelectField, TextField
from pooledcare.kernel.filters import ANY, Choices, DayField, FilterForm
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused


class YearField(SelectField):
    """A financial year: `2024-25` in the address, its starting year in Python."""

    def clean(self, value: Any) -> int | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return FinancialYear.parse(text).start
        except Refused as refusal:
            raise ValidationError(f"{refusal.problems[0].message}. Write it like 2025-26.") from refusal


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
    year = YearField(label="Financial year", required=False)
    as_at = DayField(label="As at", required=False)
    apportioned = SelectField(label="Apportioned", required=False, choices=[("", "No"), ("1", "Yes")])


class OrganisationFilter(FilterForm):
    q = TextField(label="Name or code", required=False, max_length=100)
    kind = SelectField(label="Kind", required=False, choices=[*ANY, *OrganisationKind.choices])
    region = SelectField(label="Region", required=False)
    as_at = DayField(label="Existing on", required=False)


class FigureFilter(FilterForm):
    """Filters the figures of one organisation. `as_at` and `known_at` choose which versions are shown."""

    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False)
    stream = SelectField(label="Funding stream", required=False)
    as_at = DayField(label="Published on or before", required=False)
    known_at = DayField(label="In PooledCare on or before", required=False)


class StreamFilter(FilterForm):
    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False, choices=Basis.choices)
    as_at = DayField(label="Published on or before", required=False)
    known_at = DayField(label="In PooledCare on or before", required=False)


class CompareFilter(FilterForm):
    """One holder of a stream, and with which others it is compared: by a measure, or those that the reader chose."""

    year = YearField(label="Financial year", required=False)
    basis = SelectField(label="Basis", required=False, choices=Basis.choices)
    body = SelectField(label="Compare", required=False)
    peers = SelectField(label="With", required=False, choices=Peers.choices)
    as_at = DayField(label="Published on or before", required=False)
    known_at = DayField(label="In PooledCare on or before", required=False)
    others = CheckboxesField(label="Those that I choose", required=False)


class VersionsFilter(FilterForm):
    """Two versions of a figure that are compared."""

    first = SelectField(label="From", required=False)
    second = SelectField(label="To", required=False)


class CorrectionForm(forms.Form):
    """Another amount for one figure. The amount stays text, because the checks of the upload read it like a cell."""

    amount = TextField(
        label="Amount",
        help_text="In pounds and pence, for example 1055946000.00.",
        looks={"prefix": "£", "width": "10"},
        max_length=40,
    )
    published_on = DateField(
        label="Date of publication",
        required=False,
        help_text="The day on which the corrected figure was published. It is needed if the figure is already "
        "published. If you leave it empty, only members of the organisation can see the correction.",
    )
    note = LongTextField(
        label="Note",
        required=False,
        max_length=4_000,
        help_text="What a reader should know, such as where the correction is published.",
    )


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The last moment of a day in London time, for `known_at`."""
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))
