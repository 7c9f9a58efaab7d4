"""The schemas of organisations, places and changes in the API's documentation, each with an example."""

from __future__ import annotations

from typing import Any

from pooledcare.directory.queries.listings import CHANGES, ORGANISATIONS, PERIOD, PLACES
from pooledcare.directory.terms import CouncilRole, OrganisationKind, OverlapMeasure
from pooledcare.kernel.rest.documented import Added, entry_of, links_to
from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    LINK,
    TEXT,
    array,
    component,
    detail_answer,
    nullable,
    record,
)

_HERE = "http://localhost:8000"
_SHARE = {"type": "string", "pattern": r"^[01]\.\d{1,8}$", "description": "Between 0 and 1"}


def path_code(example: str) -> dict[str, Any]:
    return {
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9]{1,12}$"},
        "description": "An ODS, ONS or E-code; case does not matter.",
        "example": example,
    }


def path_slug(example: str) -> dict[str, Any]:
    return {
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,100}$"},
        "description": "The short name of the place, as in the address of its page.",
        "example": example,
    }


_LIFE = {name: ORGANISATIONS.schema_of(name) for name in ("opened", "closed")}
_ORGANISATION = entry_of(
    "Organisation",
    ORGANISATIONS.columns,
    links_to(
        self=f"{_HERE}/api/v1/organisations/QSL/",
        allocations=f"{_HERE}/api/v1/allocations/?organisation=QSL",
        page=f"{_HERE}/organisations/QSL/",
    ),
)
STEP = component(
    "Succession",
    record(
        {
            "organisation": TEXT,
            "name": TEXT,
            "effective_on": DATE,
            "extent": {
                "type": "string",
                "enum": ["whole", "part"],
                "description": "Part, if the predecessor was divided, or part of its area passed to another body",
            },
            "share": nullable({**_SHARE, "description": "Share of the predecessor; null if nobody published it"}),
            "share_basis": TEXT,
            "link": LINK,
        }
    ),
)
_AREA_TRANSFER = component(
    "AreaTransfer",
    record(
        {
            "organisation": TEXT,
            "name": TEXT,
            "effective_on": DATE,
            "area": {**TEXT, "description": "The part of the area, such as Glossop. No figures follow it"},
            "link": LINK,
        }
    ),
)
_OVERLAP = {
    "measure": {"type": "string", "enum": OverlapMeasure.values},
    "as_at": DATE,
    "quantity": {**COUNT, "description": "Small areas, or registered patients"},
    "share": {**_SHARE, "description": "Share of the organisation's population, from 0 to 1"},
    "share_of_place": {**_SHARE, "description": "Share of the place's population, from 0 to 1"},
    "link": LINK,
}
ORGANISATION_DETAIL = component(
    "OrganisationDetail",
    record(
        {
            **_ORGANISATION.properties,
            "predecessors": array(STEP),
            "successors": array(STEP),
            "areas_given": array(_AREA_TRANSFER),
            "areas_received": array(_AREA_TRANSFER),
            "places": array(
                record(
                    {
                        "place": TEXT,
                        "name": TEXT,
                        "role": {"type": "string", "enum": CouncilRole.values},
                        **PERIOD,
                        "link": LINK,
                    }
                )
            ),
            "overlaps": array(record({"place": TEXT, "name": TEXT, **_OVERLAP})),
        }
    ),
)
_PLACE = entry_of(
    "Place",
    PLACES.columns,
    links_to(self=f"{_HERE}/api/v1/places/somerset/", page=f"{_HERE}/places/somerset/"),
)
_PLACE_STEP = record({"place": TEXT, "name": TEXT, "effective_on": DATE, "link": LINK})
PLACE_DETAIL = component(
    "PlaceDetail",
    record(
        {
            **_PLACE.properties,
            "commissioners": array(
                record(
                    {
                        "organisation": TEXT,
                        "name": TEXT,
                        "kind": {"type": "string", "enum": OrganisationKind.values},
                        **_LIFE,
                        "link": LINK,
                    }
                )
            ),
            "overlaps": array(record({"organisation": TEXT, "name": TEXT, **_OVERLAP})),
            "predecessors": array(_PLACE_STEP),
            "successors": array(_PLACE_STEP),
        }
    ),
)
_CHANGE = entry_of(
    "Change",
    CHANGES.columns,
    {
        "links": Added(
            {
                "type": "object",
                "properties": {"self": LINK, "allocations": LINK},
                "description": "Link to the figures of the upload, or to the resource itself",
            },
            {"allocations": f"{_HERE}/api/v1/allocations/?upload=UP-12"},
        )
    },
)

ORGANISATION_PAGE, PLACE_PAGE, CHANGE_PAGE = _ORGANISATION.page, _PLACE.page, _CHANGE.page
ORGANISATION_ANSWER = detail_answer(
    ORGANISATION_DETAIL,
    {
        **_ORGANISATION.example,
        "predecessors": [
            {
                "organisation": "11X",
                "name": "NHS Somerset CCG",
                "effective_on": "2022-07-01",
                "extent": "whole",
                "share": None,
                "share_basis": "",
                "link": f"{_HERE}/api/v1/organisations/11X/",
            }
        ],
        "successors": [],
        "areas_given": [],
        "areas_received": [],
        "places": [],
        "overlaps": [],
    },
)
PLACE_ANSWER = detail_answer(
    PLACE_DETAIL,
    {**_PLACE.example, "commissioners": [], "overlaps": [], "predecessors": [], "successors": []},
)
