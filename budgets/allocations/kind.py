"""The upload kinds of this app: which columns a file has, declared once."""

from __future__ import annotations

from pathlib import Path

from budgets.allocations.steps import AllocationSteps
from budgets.models import FundingStream
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.access import Permission
from pooledcare.uploads import kinds, profiles
from pooledcare.uploads.figures import FIGURES
from pooledcare.uploads.kinds import UploadColumn, UploadKind

PROFILES = Path(__file__).parent.parent / "profiles"


def _streams() -> list[tuple[str, str]]:
    return list(FundingStream.objects.order_by("position", "code").values_list("code", "name"))


ALLOCATIONS = UploadKind(
    key="allocations",
    label="Allocations",
    purpose="What an organisation has for health or care in a financial year: allocations, budgets and outturns.",
    columns=(
        UploadColumn(
            "financial_year",
            "Financial year",
            "The year from April to March, as 2025-26. 2025/26 and 2025-2026 are read too; 2025 alone is not.",
            "2025-26",
        ),
        UploadColumn(
            "organisation",
            "Organisation",
            "The ODS code of an NHS body or the ONS code of a council, as it was valid in that year.",
            "QSL",
        ),
        UploadColumn("stream", "Funding stream", "The code of the funding stream.", "nhs-core", choices=_streams),
        UploadColumn(
            "basis",
            "Basis",
            "What the figure is: an allocation made, a budget set, or an outturn spent.",
            "allocation",
            choices=lambda: Basis.choices,
        ),
        UploadColumn(
            "amount",
            "Amount",
            "Pounds and pence, as 1234.56; a minus sign or brackets for negative amounts. A blank is never read as 0.",
            "1055946000.00",
            is_amount=True,
        ),
        UploadColumn(
            "recurrence",
            "Recurrence",
            "Whether the money comes again each year. Left blank it is “not_stated”.",
            "recurrent",
            required=False,
            choices=lambda: Recurrence.choices,
        ),
        UploadColumn(
            "note",
            "Note",
            "Anything a reader should know about this figure. Up to 4,000 characters.",
            "",
            required=False,
        ),
        UploadColumn(
            "gross_or_net",
            "Gross or net",
            "Only where the figure is not what the stream usually is.",
            "",
            required=False,
            choices=lambda: GrossOrNet.choices,
            in_template=False,
        ),
        UploadColumn(
            "corrects",
            "Corrects",
            "The figure that a correction by form puts right; made by PooledCare itself.",
            "",
            required=False,
            in_template=False,
        ),
    ),
    steps=AllocationSteps(),
    prepare=Permission.UPLOAD_ALLOCATIONS,
    accept=Permission.ACCEPT_ALLOCATIONS,
    shows=FIGURES,
    guidance=(
        "One row is one figure: an organisation, a funding stream, a year and a basis.",
        "Leave the headings as they are. The order of the columns does not matter.",
        "Do not add rows with totals: they are refused, so that no money is counted twice.",
        "Figures that are not in the file stay as they are, unless you declare the file complete when you upload it.",
    ),
)


def register() -> None:
    """Make the kinds known to the upload engine."""
    kinds.register(ALLOCATIONS)
    profiles.register(ALLOCATIONS.key, PROFILES)
