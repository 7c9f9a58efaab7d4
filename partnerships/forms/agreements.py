"""Forms in the address of pages about agreements: filters, days, proposals and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partnerships.forms.law import FutureDayField
from partnerships.terms import AgreementState, Flexibility, Outcome, Power
from pooledcare.kernel.fields import CheckboxesField, SelectField, TextField
from pooledcare.kernel.filters import ANY, Choices, DayField, FilterForm

WITHIN = [(str(months), f"{months} months") for months in (3, 6, 12, 24)]
FINDINGS = [
    (Outcome.UNLAWFUL, "Something is unlawful"),
    (Outcome.NOT_SETTLED, "Something is not settled"),
    (Outcome.LAWFUL, "Lawful throughout"),
]


class AgreementFilter(FilterForm):
    q = TextField(label="Title or reference", required=False, max_length=100)
    place = SelectField(label="Place", required=False)
    partner = SelectField(label="Partner", required=False)
    function = SelectField(label="Function", required=False)
    flexibility = SelectField(label="Flexibility", required=False, choices=[*ANY, *Flexibility.choices])
    host = SelectField(label="Host of a fund", required=False)
    power = SelectField(label="Legal power", required=False, choices=[*ANY, *Power.choices])
    status = SelectField(label="Status", required=False, choices=[*ANY, *AgreementState.choices])
    ending = SelectField(label="Ending within", required=False, choices=[("", "Any time"), *WITHIN])
    unsigned = SelectField(label="Operating unsigned", required=False, choices=[*ANY, ("1", "Only these")])
    findings = SelectField(label="Law", required=False, choices=[*ANY, *FINDINGS])
    waiting = SelectField(label="Waiting for you", required=False, choices=[*ANY, ("1", "Only these")])

    def __init__(self, data: Mapping[str, Any], *, decides: bool, **offered: Choices) -> None:
        """The filter `waiting` is removed for people who decide for no organisation."""
        super().__init__(data, **offered)
        if not decides:
            del self.fields["waiting"]


class MomentForm(FilterForm):
    """The day as at which an agreement is read, possibly in the future, and the day by which deeds had been signed."""

    as_at = FutureDayField(label="As at", required=False)
    known_at = DayField(label="Signed by", required=False)


class ProposalsForm(FilterForm):
    """Proposed instruments (`with`) whose rules are added to the law in force."""

    def __init__(self, data: Mapping[str, Any], *, proposals: Choices) -> None:
        super().__init__(data)
        self.fields["with"] = CheckboxesField(label="Add proposed rules", required=False, choices=proposals)


class FindingsForm(MomentForm, ProposalsForm):
    """The findings of law about an agreement as at a day, with proposals."""


class ComparisonForm(MomentForm):
    """Two days to compare. `from` is a keyword of Python, so the fields are added by name."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["from"] = FutureDayField(label="Compare", required=False)
        self.fields["to"] = FutureDayField(label="With", required=False)
