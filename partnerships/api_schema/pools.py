"""The schemas of pooled and aligned funds in the API documentation. Fields are those of the record."""

from __future__ import annotations

from typing import Any

from partnerships.api_schema import changing
from partnerships.queries.agreements.part_columns import POOL_COLUMNS
from partnerships.records import DELEGATED_LIMIT, LIMIT_DEPUTY
from partnerships.records import POOL as RECORD
from pooledcare.kernel.rest.documented import entry_of, links_to
from pooledcare.kernel.rest.records import json_example, shape_of
from pooledcare.kernel.rest.schema import DATE, TEXT, array, component, described, detail_answer, nullable, record

_HERE = "http://localhost:8000"
VERSION = nullable({"type": "integer", "description": "For partners: the version of the agreement, for If-Match"})
_LINKS = links_to(self=f"{_HERE}/api/v1/pools/S75-0001/reablement/", agreement=f"{_HERE}/api/v1/agreements/S75-0001/")
_LIMIT = record(
    {
        **{field.key: shape_of(field) for field in DELEGATED_LIMIT.plain},
        "partner": described(TEXT, "Code of the partner whose officer it is"),
        "deputies": array(record({field.key: shape_of(field) for field in LIMIT_DEPUTY.plain})),
    }
)
_POOL: dict[str, Any] = {
    "agreement": described(TEXT, "Reference of its agreement"),
    "slug": TEXT,
    **{field.key: shape_of(field) for field in RECORD.values()},
    "limits": described(array(_LIMIT), "Delegated limits of the partners’ officers"),
    "links": _LINKS["links"].schema,
}
POOL = component("Pool", record(_POOL))
POOL_DETAIL = component(
    "PoolDetail", record({**_POOL, "as_at": described(DATE, "The day as at which it is given"), "version": VERSION})
)
POOL_EXAMPLE = {
    "agreement": "S75-0001",
    "slug": "reablement",
    **{field.key: json_example(field) for field in RECORD.values()},
    "limits": [
        {
            **{field.key: json_example(field) for field in DELEGATED_LIMIT.values()},
            "deputies": [{field.key: json_example(field) for field in LIMIT_DEPUTY.values()}],
        }
    ],
    "links": _LINKS["links"].example,
}
POOL_PAGE = entry_of("ListedPool", POOL_COLUMNS, _LINKS, page_name="Pool").page
_DETAIL_EXAMPLE = {**POOL_EXAMPLE, "as_at": "2024-06-30", "version": None}
POOL_ANSWER = detail_answer(POOL_DETAIL, _DETAIL_EXAMPLE)
POOL_CREATED = changing.created(POOL_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
POOL_CHANGED = changing.changed(POOL_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
POOL_CHANGE_EXAMPLE = {"manager": "Head of joint commissioning", "host": "QXX"}
POOL_NEW_EXAMPLE = {"agreement": "S75-0001", "name": "Equipment", "kind": "aligned"}
