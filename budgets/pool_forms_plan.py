"""Forms about the plan of a fund's year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from budgets.actions.plans import LineIn
from budgets.models import FundingStream, PlanLine
from budgets.rules.pools.plan import Line
from budgets.terms import ProfileMethod, StreamNature, VirementAnswer
from partnerships.models import Scheme
from pooledcare.directory.models import Organisation
from pooledcare.kernel.fields import (
    DateField,
    LongTextField,
    MoneyField,
    PercentField,
    RadiosField,
    SelectField,
    TextField,
)
from pooledcare.kernel.money import parse_amount
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.records import LONGEST_LINE

LONGEST = 4_000
NO_PEOPLE = "Do not name people."
JOINT = "joint"


class PlanLineForm(forms.Form):
    """One line. The form of a line that exists also carries the version of the plan that the person read."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    scheme = SelectField(label="Scheme")
    source = RadiosField(label="Whose money pays", missing="Select whose money pays")
    stream = SelectField(label="Funding stream", required=False)
    commissioner = RadiosField(label="Who commissions it", missing="Select who commissions it")
    nhs_share = PercentField(
        label="NHS share, per cent", required=False, help_text="Only if it is commissioned jointly"
    )
    provider = TextField(label="Provider", required=False, max_length=LONGEST_LINE)
    area_of_spend = TextField(label="Area of spend", required=False, max_length=LONGEST_LINE)
    permitted_expenditure = TextField(
        label="Permitted expenditure",
        required=False,
        max_length=LONGEST_LINE,
        help_text="As the agreement permits it. For example, contract price or third party costs",
    )
    nature = RadiosField(label="Revenue or capital", choices=StreamNature.choices, missing="Select revenue or capital")
    ring_fence = TextField(label="Ring-fenced for", required=False, max_length=LONGEST_LINE)
    description = LongTextField(
        label="Description", required=False, max_length=LONGEST, help_text=f"Only partners read it. {NO_PEOPLE}"
    )
    outputs = MoneyField(label="Outputs planned", required=False, looks={"prefix": None})
    output_unit = TextField(
        label="Unit of outputs", required=False, max_length=LONGEST_LINE, help_text="For example, hours of care"
    )
    savings_expected = MoneyField(label="Savings expected", required=False)
    expenditure = MoneyField(label="Expenditure", help_text="For the year, gross")
    client_income = MoneyField(label="Client income", help_text="Part of the expenditure. Enter 0 if there is none")
    profile = RadiosField(
        label="How it falls on the months", choices=ProfileMethod.choices, missing="Select how it falls on the months"
    )
    months = LongTextField(
        label="Months by hand",
        required=False,
        max_length=LONGEST,
        help_text="Only if by hand: twelve amounts, one on each line, April first",
    )

    def __init__(
        self,
        *args: Any,
        schemes: Sequence[tuple[Scheme, str]],
        partners: Sequence[Organisation],
        streams: Sequence[FundingStream],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.schemes = {scheme.slug: scheme for scheme, _ in schemes}
        self.partners = {each.code: each for each in partners}
        self.streams = {each.code: each for each in streams}
        named = [(code, each.name) for code, each in self.partners.items()]
        own = [("", "The partner’s own money")]
        self._offer("scheme", [("", "Select a scheme"), *((scheme.slug, name) for scheme, name in schemes)])
        self._offer("source", named)
        self._offer("stream", [*own, *((code, each.name) for code, each in self.streams.items())])
        self._offer("commissioner", [*named, (JOINT, "The NHS and the council jointly")])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_months(self) -> list[Decimal] | None:
        lines = [each for each in self.cleaned_data["months"].splitlines() if each.strip()]
        try:
            return [parse_amount(each) for each in lines] or None
        except Refused as refused:
            problem = refused.problems[0]
            raise ValidationError(f"{problem.message.rstrip('.')}. Write one amount on each line.") from refused

    def said(self) -> LineIn:
        """What a valid form says."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        values["scheme"] = self.schemes[values["scheme"]]
        values["source"] = self.partners[values["source"]]
        values["stream"] = self.streams.get(values["stream"])
        values["commissioner"] = self.partners.get(values["commissioner"])
        return LineIn(**values)


def initial_of(row: PlanLine, line: Line) -> dict[str, Any]:
    """What the form of a line that exists shows first."""
    return {
        "seen": row.pool_year.version,
        "scheme": line.scheme,
        "source": line.source.partner,
        "stream": line.source.stream,
        "commissioner": line.commissioner or JOINT,
        **{
            name: getattr(line, name)
            for name in (
                "nhs_share", "provider", "area_of_spend", "permitted_expenditure", "nature", "ring_fence",
                "description", "outputs", "output_unit", "savings_expected",
            )
        },
        "expenditure": line.original.expenditure,
        "client_income": line.original.client_income,
        "profile": line.profile_method,
        "months": "\n".join(map(str, line.profile)) if line.profile_method == ProfileMethod.BY_HAND else "",
    }  # fmt: skip


class ConfirmForm(forms.Form):
    """A form that only asks whether to go on. An empty request does not."""

    confirmed = forms.CharField(max_length=3, widget=forms.HiddenInput, initial="yes")


class ApprovePlanForm(forms.Form):
    """Carries the hash of the plan that the page showed."""

    plan_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)


class PlanChangesForm(forms.Form):
    note = LongTextField(label="What should be changed", max_length=LONGEST, help_text=NO_PEOPLE)


class VirementForm(forms.Form):
    from_line = SelectField(label="From line")
    to_line = SelectField(label="To line")
    amount = MoneyField(label="Amount", help_text="Gross")
    client_income = MoneyField(
        label="Client income that moves with it", help_text="Part of the amount. Enter 0 if none of it moves"
    )
    effective_on = DateField(label="From which day it applies", help_text="For example, 1 10 2026")
    reason = LongTextField(label="Reason", max_length=LONGEST, help_text=NO_PEOPLE)

    def __init__(self, *args: Any, lines: Sequence[tuple[PlanLine, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {str(row.number): row for row, _ in lines}
        choices = [("", "Select a line"), *((str(row.number), label) for row, label in lines)]
        for name in ("from_line", "to_line"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_from_line(self) -> PlanLine:
        return self.lines[self.cleaned_data["from_line"]]

    def clean_to_line(self) -> PlanLine:
        return self.lines[self.cleaned_data["to_line"]]


class VirementDecisionForm(forms.Form):
    decision = RadiosField(
        label="Your organisation’s decision",
        choices=[(VirementAnswer.APPROVED.value, "Approve it"), (VirementAnswer.REFUSED.value, "Refuse it")],
        missing="Select a decision",
    )
    note = LongTextField(
        label="Note", required=False, max_length=LONGEST, help_text=f"Needed if you refuse it. {NO_PEOPLE}"
    )
