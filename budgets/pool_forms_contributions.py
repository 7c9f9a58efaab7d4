"""Forms about contributions to a fund."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from budgets.models import FundingStream
from budgets.terms import (
    AgreedBasis,
    ComponentKind,
    ContributionKind,
    FundedFrom,
    InKindKind,
    InstalmentEventKind,
    OutsideKind,
    Recurrence,
    StreamNature,
)
from partnerships.terms import Instalments
from pooledcare.directory.models import Organisation
from pooledcare.kernel.fields import (
    DateField,
    LongTextField,
    MoneyField,
    RadiosField,
    SelectField,
    SharesField,
    TextField,
    WholeNumberField,
)
from pooledcare.kernel.records import LONGEST_LINE

LONGEST = 4_000
NO_PEOPLE = "Do not name people."
DAY = "For example, 1 4 2026"


class PartnerForm(forms.Form):
    """A form about one of the partners."""

    partner = RadiosField(label="Partner", missing="Select the partner")

    def __init__(self, *args: Any, partners: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {each.code: each for each in partners}
        self.fields["partner"].choices = [(code, each.name) for code, each in self.partners.items()]  # type: ignore[attr-defined]

    def clean_partner(self) -> Organisation:
        return self.partners[self.cleaned_data["partner"]]


class AmountForm(forms.Form):
    gross = MoneyField(label="Gross amount", help_text="For the year, before client income is deducted")
    client_income = MoneyField(
        label="Client income", required=False, help_text="What people pay towards their care. Leave empty if none"
    )
    effective_on = DateField(label="From which day it applies", help_text=DAY)

    def clean_client_income(self) -> Any:
        return self.cleaned_data["client_income"] or Decimal(0)


class ContributionForm(PartnerForm, AmountForm):
    kind = SelectField(label="Kind", choices=ContributionKind.choices)
    funded_from = RadiosField(label="Funded from", choices=FundedFrom.choices, missing="Select what it is funded from")
    stream = SelectField(
        label="Funding stream", required=False, help_text="Needed for a contribution from an allocation"
    )
    basis = RadiosField(label="Paid gross or net", choices=AgreedBasis.choices, missing="Select gross or net")
    nature = RadiosField(label="Revenue or capital", choices=StreamNature.choices, missing="Select revenue or capital")
    recurrence = RadiosField(label="Recurrence", choices=Recurrence.choices, missing="Select the recurrence")
    ring_fence = TextField(label="Ring-fenced for", required=False, max_length=LONGEST_LINE)
    field_order = (
        "partner", "kind", "funded_from", "stream", "gross", "client_income", "basis", "effective_on", "nature",
        "recurrence", "ring_fence",
    )  # fmt: skip

    def __init__(self, *args: Any, streams: Sequence[FundingStream], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.streams = {each.code: each for each in streams}
        self.fields["stream"].choices = [("", "None"), *((code, each.name) for code, each in self.streams.items())]  # type: ignore[attr-defined]

    def clean_stream(self) -> FundingStream | None:
        return self.streams.get(self.cleaned_data["stream"])


class ComponentForm(AmountForm):
    kind = RadiosField(label="Why does it change?", choices=ComponentKind.choices, missing="Select why it changes")
    reason = LongTextField(label="Reason", required=False, max_length=LONGEST, help_text=NO_PEOPLE)
    field_order = ("kind", "gross", "client_income", "effective_on", "reason")


class CutForm(AmountForm):
    reason = LongTextField(label="Reason", max_length=LONGEST, help_text=NO_PEOPLE)
    touches = LongTextField(
        label="What the cut touches",
        max_length=LONGEST,
        help_text="Such as schemes, services and staff. The other partners read this with the notice.",
    )


class ConditionForm(forms.Form):
    what = LongTextField(label="Condition", max_length=LONGEST, help_text=NO_PEOPLE)
    owner = TextField(label="Office that answers for it", max_length=LONGEST_LINE)
    due_on = DateField(label="Day by which it is to be met", help_text=DAY)


class ConditionMetForm(forms.Form):
    met_on = DateField(label="Day on which it was met", help_text=DAY)
    evidence = LongTextField(label="Evidence", max_length=LONGEST, help_text=f"Where it is written. {NO_PEOPLE}")


class InKindForm(PartnerForm):
    kind = RadiosField(label="Kind", choices=InKindKind.choices, missing="Select the kind")
    what = LongTextField(label="What is provided", max_length=LONGEST, help_text=NO_PEOPLE)
    notional_value = MoneyField(
        label="Notional value", required=False, help_text="For the year. Leave empty if it is not valued"
    )


class OutsideForm(PartnerForm):
    kind = RadiosField(label="Kind", choices=OutsideKind.choices, missing="Select the kind")
    what = LongTextField(label="What it is for", max_length=LONGEST, help_text=NO_PEOPLE)
    amount = MoneyField(label="Amount", help_text="For the year")


class InstalmentsForm(forms.Form):
    method = RadiosField(label="Instalments", choices=Instalments.choices, missing="Select the instalments")
    count = WholeNumberField(label="Number of equal instalments", required=False, least=1, most=12)
    shares = SharesField(
        label="Days and shares", required=False, help_text="One on each line, such as 15 April: 25%. They make 100%"
    )


class InstalmentEventForm(forms.Form):
    kind = RadiosField(label="What happened?", choices=InstalmentEventKind.choices, missing="Select what happened")
    on = DateField(label="Day", help_text=DAY)
    amount = MoneyField(label="Amount received", required=False)
    reference = TextField(label="Reference", required=False, max_length=LONGEST_LINE, help_text="Such as the invoice")
    reason = LongTextField(label="Reason of a suspension", required=False, max_length=LONGEST, help_text=NO_PEOPLE)


class BalanceForm(forms.Form):
    quarter = RadiosField(
        label="Quarter",
        choices=[
            ("1", "April to June"),
            ("2", "July to September"),
            ("3", "October to December"),
            ("4", "January to March"),
        ],
        missing="Select the quarter",
    )
    amount = MoneyField(label="What your organisation owes the fund", help_text="At the end of the quarter")
    note = LongTextField(
        label="What differs", required=False, max_length=LONGEST, help_text="Needed if you do not agree"
    )

    def clean_quarter(self) -> int:
        return int(self.cleaned_data["quarter"])
