"""Forms that post to the ledger of a fund and move its periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from budgets.rules.pools.ledger import SIMPLE_KINDS
from budgets.terms import JournalKind
from pooledcare.kernel.fields import DateField, LongTextField, MoneyField, RadiosField, SelectField

NOBODY = ("", "None")


class JournalForm(forms.Form):
    """One journal of a simple kind. What it needs besides the amount depends on the kind."""

    kind = RadiosField(
        label="What happened?",
        choices=[(kind, str(JournalKind(kind).label)) for kind in SIMPLE_KINDS],
        missing="Select what happened",
    )
    on = DateField(label="Day", help_text="It decides the month, for example 14 3 2026")
    amount = MoneyField(label="Amount", help_text="A minus sign for money that goes the other way")
    partner = SelectField(
        label="Partner", required=False, help_text="For contributions, and for what a partner paid for the fund"
    )
    scheme = SelectField(label="Scheme", required=False, help_text="For spending and income")
    reason = LongTextField(
        label="What is it for?", required=False, max_length=4_000, help_text="Only partners see it. Do not name people."
    )
    adjustment = RadiosField(
        label="Is it an adjustment after the end of March?",
        required=False,
        choices=[("", "No"), ("13", "Yes, put it in period 13")],
    )

    def __init__(
        self, *args: Any, partners: Sequence[tuple[str, str]], schemes: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = [NOBODY, *partners]  # type: ignore[attr-defined]
        self.fields["scheme"].choices = [NOBODY, *schemes]  # type: ignore[attr-defined]


class ReverseForm(forms.Form):
    on = DateField(label="Day of the reversal", help_text="If its month is locked, it goes to the next open one")
    reason = LongTextField(label="Why is it reversed?", max_length=4_000, help_text="Do not name people.")


class PeriodForm(forms.Form):
    """What happens to a period. `reason` is for asking to reopen it."""

    what = RadiosField(label="What do you want to do?", missing="Select what you want to do")
    reason = LongTextField(
        label="Why is it to be reopened?", required=False, max_length=4_000, help_text="Only for asking to reopen it"
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]
        if not any(key == "ask" for key, _ in choices):
            del self.fields["reason"]
