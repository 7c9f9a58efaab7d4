"""The schemas of schemes in the API documentation. Fields and examples are those of the record."""

from __future__ import annotations

from typing import Any

from partnerships.api_schema import changing
from partnerships.api_schema.pools import VERSION
from partnerships.queries.agreements.part_columns import SCHEME_COLUMNS
from partnerships.records import SCHEME as RECORD
from partnerships.records import SCHEME_FUNCTION
from pooledcare.kernel.rest.documented import entry_of, links_to
from pooledcare.kernel.rest.records import json_example, shape_of
from pooledcare.kernel.rest.schema import DATE, TEXT, array, component, described, detail_answer, nullable, record

_HERE = "http://localhost:8000"
_LINKS = links_to(self=f"{_HERE}/api/v1/schemes/S75-0001/reablement/", agreement=f"{_HERE}/api/v1/agreements/S75-0001/")
_FUNCTION = record(
    {
        "function": described(TEXT, "Code of a statutory function"),
        "name": TEXT,
        "holder": nullable(described(TEXT, "Code of the body whose function it is")),
        **{field.key: shape_of(field) for field in SCHEME_FUNCTION.plain},
    }
)
_WHOLE: dict[str, Any] = {
    "agreement": described(TEXT, "Reference of its agreement"),
    "slug": TEXT,
    **{field.key: shape_of(field) for field in RECORD.values()},
    "functions": array(_FUNCTION),
    "links": _LINKS["links"].schema,
}
SCHEME = component("Scheme", record(_WHOLE))
SCHEME_DETAIL = component(
    "SchemeDetail", record({**_WHOLE, "as_at": described(DATE, "The day as at which it is given"), "version": VERSION})
)
SCHEME_EXAMPLE = {
    "agreement": "S75-0001",
    "slug": "reablement",
    **{field.key: json_example(field) for field in RECORD.values()},
    "functions": [
        {
            "function": "nhs-s3",
            "name": "Hospital, community and other services (section 3)",
            "holder": "QXX",
            "exclusions": [],
            "delegation_evidence": "",
        }
    ],
    "links": _LINKS["links"].example,
}
SCHEME_PAGE = entry_of("ListedScheme", SCHEME_COLUMNS, _LINKS, page_name="Scheme").page
_DETAIL_EXAMPLE = {**SCHEME_EXAMPLE, "as_at": "2024-06-30", "version": None}
SCHEME_ANSWER = detail_answer(SCHEME_DETAIL, _DETAIL_EXAMPLE)
SCHEME_CREATED = changing.created(SCHEME_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
SCHEME_CHANGED = changing.changed(SCHEME_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
SCHEME_CHANGE_EXAMPLE = {"name": "Reablement at home", "end": None}
SCHEME_NEW_EXAMPLE = {
    "agreement": "S75-0001",
    "name": "Equipment",
    "flexibilities": ["pooled_fund"],
    "functions": [{"function": "nhs-s3", "holder": "QXX"}],
}
