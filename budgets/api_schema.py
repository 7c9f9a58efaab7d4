"""The schemas of funding streams, allocations and totals in the API documentation, each with an example."""

from __future__ import annotations

from budgets.queries.listing_columns import (
    ALLOCATION_COLUMNS,
    ALWAYS_APART,
    COMPARISON_COLUMNS,
    MAY_DIVIDE,
    STREAM_COLUMNS,
    SUMS,
    total_columns,
)
from pooledcare.kernel.rest.documented import csv_example_of, entry_of, example_of, links_to, properties_of
from pooledcare.kernel.rest.schema import component, detail_answer, list_answer, record

_HERE = "http://localhost:8000"
PATH_STREAM = {
    "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"},
    "description": "The code of the funding stream.",
    "example": "nhs-core",
}
PATH_REFERENCE = {
    "schema": {"type": "string", "pattern": "^AL-[1-9][0-9]{0,17}$"},
    "description": "The reference of one version of one figure.",
    "example": "AL-1",
}

_STREAM = entry_of(
    "FundingStream",
    STREAM_COLUMNS,
    links_to(
        self=f"{_HERE}/api/v1/funding-streams/nhs-core/",
        allocations=f"{_HERE}/api/v1/allocations/?stream=nhs-core",
        page=f"{_HERE}/streams/nhs-core/",
    ),
)
_ALLOCATION = entry_of(
    "Allocation",
    ALLOCATION_COLUMNS,
    links_to(
        self=f"{_HERE}/api/v1/allocations/AL-1/",
        organisation=f"{_HERE}/api/v1/organisations/QSL/",
        stream=f"{_HERE}/api/v1/funding-streams/nhs-core/",
        source=f"{_HERE}/api/v1/organisations/X24/",
        upload=f"{_HERE}/api/v1/uploads/UP-1/",
    ),
)
_COMPARED = entry_of(
    "ComparedHolder",
    COMPARISON_COLUMNS,
    links_to(
        organisation=f"{_HERE}/api/v1/organisations/QSL/",
        stream=f"{_HERE}/api/v1/funding-streams/nhs-core/",
        allocation=f"{_HERE}/api/v1/allocations/AL-1/",
        page=f"{_HERE}/streams/nhs-core/a-head/?year=2024-25&basis=allocation&body=QSL",
    ),
)
# A total has a property for each name it is divided by; the example is divided by stream and region.
_TOTAL = component(
    "Total",
    record(
        properties_of(total_columns(MAY_DIVIDE)),
        required=[*ALWAYS_APART, *SUMS],
        description="A sum of figures that share year, basis, gross or net, and source.",
    ),
)
_DIVIDED = total_columns((*ALWAYS_APART, "stream", "region"))

STREAM_PAGE, ALLOCATION_PAGE, COMPARISON_PAGE = _STREAM.page, _ALLOCATION.page, _COMPARED.page
TOTAL_PAGE = list_answer("Total", _TOTAL, example_of(_DIVIDED), csv_example_of(_DIVIDED))
STREAM_ANSWER = detail_answer(_STREAM.schema, _STREAM.example)
ALLOCATION_ANSWER = detail_answer(_ALLOCATION.schema, _ALLOCATION.example)
