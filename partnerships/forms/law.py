"""Forms in the address of pages on the law: filters of rules, and a case to check."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict

from partnerships.terms import Confidence, Exclusion, Power, RuleKind
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.fields import CheckboxesField, SelectField
from pooledcare.kernel.filters import DayField

Choices = list[tuple[str, str]]
ANY = [("", "All")]
FIRST, LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
BODIES = sorted(OrganisationKind.choices, key=lambda choice: choice[1])
USUAL_BODIES = frozenset(
    {
        OrganisationKind.NHS_ENGLAND,
        OrganisationKind.ICB,
        OrganisationKind.NHS_TRUST,
        OrganisationKind.FOUNDATION_TRUST,
        OrganisationKind.COUNTY,
        OrganisationKind.UNITARY,
        OrganisationKind.METROPOLITAN_DISTRICT,
        OrganisationKind.LONDON_BOROUGH,
        OrganisationKind.DISTRICT,
    }
)


class FutureDayField(DayField):
    """A day in the address that may be in the future."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(first=FIRST, last=LAST, **rest)


class AddressForm(forms.Form):
    """A form in the address. Giving a parameter twice is an error, unless it can have several values."""

    def __init__(self, data: QueryDict | None, **choices: Choices) -> None:
        super().__init__(data, auto_id="law-%s")
        for name, offered in choices.items():
            self._offer(name, offered)

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        if isinstance(field, CheckboxesField):
            field.choices = choices
        else:
            field.choices = [("", "Choose one") if field.required else ANY[0], *choices]

    def clean(self) -> dict[str, Any]:
        for name, field in self.fields.items():
            given = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
            if len(given) > 1 and not isinstance(field, CheckboxesField):
                self.add_error(name, f"Give {str(field.label).lower()} only once")
        return super().clean() or self.cleaned_data


class RuleFilter(AddressForm):
    as_at = FutureDayField(label="As at", required=False)
    power = SelectField(label="Legal power", required=False, choices=[*ANY, *Power.choices])
    kind = SelectField(label="About", required=False, choices=[*ANY, *RuleKind.choices])
    body = SelectField(label="Kind of body", required=False, choices=[*ANY, *BODIES])
    function = SelectField(label="Function", required=False)
    confidence = SelectField(label="How we know it", required=False, choices=[*ANY, *Confidence.choices])
    proposed = CheckboxesField(label="Also show what is proposed", required=False)


class CheckForm(AddressForm):
    body = CheckboxesField(
        label="Who would be partners?",
        choices=BODIES,
        missing="Select at least one kind of body",
        help_text="Select every kind of body in the arrangement",
    )
    function = SelectField(label="Function", missing="Select a function")
    on = FutureDayField(
        label="Day", help_text="The day on which the arrangement starts or is varied", looks={"width": "10"}
    )
    power = SelectField(label="Legal power", choices=Power.choices, initial=Power.S75)
    exclusions = CheckboxesField(
        label="Does the service contain any of these?", required=False, choices=Exclusion.choices
    )
    together_with = CheckboxesField(
        label="Is any of these in the same arrangement?",
        required=False,
        help_text="Only charging for services depends on it",
    )
    proposed = CheckboxesField(
        label="Compare with a proposal?", required=False, help_text="The answer under the law in force stays the same"
    )

    def __init__(self, data: QueryDict | None, *, today: dt.date, **choices: Choices) -> None:
        super().__init__(data, **choices)
        self.fields["on"].initial = today

    @property
    def usual_bodies(self) -> list[dict[str, Any]]:
        """The choices of `body` that most arrangements are about."""
        return [item for item in self["body"].items if item["value"] in USUAL_BODIES]  # type: ignore[attr-defined]

    @property
    def further_bodies(self) -> list[dict[str, Any]]:
        return [item for item in self["body"].items if item["value"] not in USUAL_BODIES]  # type: ignore[attr-defined]
