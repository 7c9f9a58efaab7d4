"""The vocabulary of money: bases, recurrence, what a stream is, and a sentence for every constraint."""

from __future__ import annotations

from django.db.models import TextChoices


class Basis(TextChoices):
    ALLOCATION = "allocation", "Allocation"
    BUDGET = "budget", "Budget"
    OUTTURN = "outturn", "Outturn"


class GrossOrNet(TextChoices):
    GROSS = "gross", "Gross"
    NET = "net", "Net"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class Recurrence(TextChoices):
    RECURRENT = "recurrent", "Recurrent"
    NON_RECURRENT = "non_recurrent", "Non-recurrent"
    NOT_STATED = "not_stated", "Not stated"


class StreamNature(TextChoices):
    REVENUE = "revenue", "Revenue"
    CAPITAL = "capital", "Capital"


SENTENCES: dict[str, str] = {
    "funding_stream_code_unique": "Another funding stream already has this code.",
    "funding_stream_ends_after_start": "A funding stream cannot end before it starts.",
    "funding_stream_expects_only_holders": "Only a kind of organisation that holds a stream can be expected to report.",
    "funding_stream_holds_or_includes": "A kind of organisation that holds a stream cannot just be included in it.",
    "allocation_one_current_version": (
        "Somebody else has just changed this figure. Look at the preview again before you accept."
    ),
    "allocation_version_once": "This version of the figure is already recorded.",
    "allocation_amount_or_marker": "A figure has an amount, or the publisher's mark for having none.",
    "allocation_append_only": "A figure is superseded by a new version and never changed or deleted.",
    "allocation_financial_year_plausible": "The financial year must lie between 2000-01 and 2049-50.",
    "allocation_summary_once": "This total is already recorded.",
}
