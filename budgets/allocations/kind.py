"""The upload kind of this app: the columns of its files, its guidance and its steps."""

from __future__ import annotations

from pathlib import Path

from budgets.allocations.hints import HINTS
from budgets.allocations.preview_page import FIGURES
from budgets.allocations.problem_headings import problem_heading
from budgets.allocations.samples import own_samples
from budgets.allocations.steps import AllocationSteps
from budgets.models import FundingStream
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.access import Permission
from pooledcare.uploads import kinds, profiles
from pooledcare.uploads.kinds import LayoutColumns, Publication, Sample, UploadColumn, UploadKind, UploadLink

# These files are written by `budgets.demo`.
RESTATED = "icb-allocations-restated.xlsx"
WITH_MISTAKES = "icb-allocations-with-mistakes.xlsx"
HAS_SAVED_LAYOUT = "illustrative-budgets-saved-layout.xlsx"
UNKNOWN_LAYOUT = "illustrative-running-costs-unknown-layout.xlsx"
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
            "The year from April to March, as 2025-26. 2025/26 and 2025-2026 are also accepted; 2025 alone is not.",
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
            "Whether the money recurs each year. If blank, it is “not_stated”.",
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
            "Only if it differs from what is usual for the stream.",
            "",
            required=False,
            choices=lambda: GrossOrNet.choices,
            in_template=False,
        ),
        UploadColumn(
            "corrects",
            "Corrects",
            "The figure that a form corrects. Filled in by PooledCare itself.",
            "",
            required=False,
            in_template=False,
        ),
    ),
    steps=AllocationSteps(),
    prepare=Permission.UPLOAD_ALLOCATIONS,
    accept=Permission.ACCEPT_ALLOCATIONS,
    shows=FIGURES,
    publication=Publication(
        date_hint="If the figures are published: on which day, for example 14 3 2024. A file that changes or withdraws "
        "published figures needs a date.",
        complete_hint="Figures of the same source, stream and year that are not in the file are withdrawn. You see "
        "them first.",
    ),
    problem_heading=problem_heading,
    may_waive_second_person=True,
    guidance=(
        "One row is one figure: an organisation, a funding stream, a year and a basis.",
        "Do not change the headings. The order of the columns does not matter.",
        "Do not add rows with totals: they are refused, so that no money is counted twice.",
        "Amounts are in pounds. A heading, a title or a cell that shows another unit is asked about. Hidden rows and "
        "columns are read, with a warning that gives their sum.",
        "Figures that are not in the file do not change, unless you say that the file is complete when you upload it.",
    ),
    layout_columns=LayoutColumns(
        names=("financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note", "gross_or_net"),
        code="organisation",
        amount="amount",
        year="financial_year",
        beside_totals=("stream", "financial_year"),
        hints=HINTS,
    ),
    samples=(
        Sample(
            WITH_MISTAKES,
            "ICB allocations with mistakes",
            "a few cells are wrong: see how the problems are explained",
            Permission.PUBLISH_FOR_HOLDERS,
            "X24",
        ),
        Sample(
            RESTATED,
            "ICB allocations, restated",
            "the same workbook corrected, with a few figures changed: see what would change",
            Permission.PUBLISH_FOR_HOLDERS,
            "X24",
        ),
        Sample(
            UNKNOWN_LAYOUT,
            "Running costs in a layout that nobody has described",
            "say how it should be read, and save that as a layout",
            Permission.PUBLISH_FOR_HOLDERS,
            "X24",
        ),
        Sample(
            HAS_SAVED_LAYOUT,
            "Budgets in a saved layout of NHS England",
            "it is recognised",
            Permission.PUBLISH_FOR_HOLDERS,
            "X24",
        ),
    ),
    own_samples=own_samples,
    links=(
        UploadLink(
            "allocations",
            "/allocations/?upload={reference}",
            "After an upload of allocations: its figures",
        ),
    ),
)


def register() -> None:
    """Make the kinds known to the upload engine."""
    kinds.register(ALLOCATIONS)
    profiles.register(ALLOCATIONS.key, PROFILES)
