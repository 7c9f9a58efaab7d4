"""The shapes of organisations, places and changes as the API documents them, each with an example."""

from __future__ import annotations

from typing import Any

from pooledcare.directory.terms import CodeScheme, CouncilRole, OrganisationKind, OverlapMeasure
from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    LINK,
    MOMENT,
    TEXT,
    Answer,
    array,
    component,
    detail_answer,
    list_answer,
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


_PERIOD = {"valid_from": nullable(DATE), "valid_to": nullable({**DATE, "description": "The last day"})}
_LIFE = {"opened": nullable(DATE), "closed": nullable({**DATE, "description": "The last day"})}
CODE = component(
    "OrganisationCode", record({"scheme": {"type": "string", "enum": CodeScheme.values}, "code": TEXT, **_PERIOD})
)
_ORGANISATION = {
    "code": {**TEXT, "description": "The code by which the body is named here"},
    "name": TEXT,
    "kind": {"type": "string", "enum": OrganisationKind.values},
    **_LIFE,
    "region": nullable({**TEXT, "description": "Code of the region"}),
    "region_name": nullable(TEXT),
    "illustrative": {"type": "boolean", "description": "Invented for the demonstration"},
    "codes": array(CODE),
    "other_names": array({**TEXT, "description": "A name that it had before, or by which a source also knows it"}),
    "links": record({"self": LINK, "allocations": LINK, "page": LINK}),
}
ORGANISATION = component("Organisation", record(_ORGANISATION))
STEP = component(
    "Succession",
    record(
        {
            "organisation": TEXT,
            "name": TEXT,
            "effective_on": DATE,
            "share": nullable({**_SHARE, "description": "Of the predecessor; null where nobody published it"}),
            "share_basis": TEXT,
            "link": LINK,
        }
    ),
)
_OVERLAP = {
    "measure": {"type": "string", "enum": OverlapMeasure.values},
    "as_at": DATE,
    "quantity": {**COUNT, "description": "Small areas, or registered patients"},
    "share": {**_SHARE, "description": "Of the organisation"},
    "share_of_place": {**_SHARE, "description": "Of the place"},
    "link": LINK,
}
ORGANISATION_DETAIL = component(
    "OrganisationDetail",
    record(
        {
            **_ORGANISATION,
            "predecessors": array(STEP),
            "successors": array(STEP),
            "places": array(
                record(
                    {
                        "place": TEXT,
                        "name": TEXT,
                        "role": {"type": "string", "enum": CouncilRole.values},
                        **_PERIOD,
                        "link": LINK,
                    }
                )
            ),
            "overlaps": array(record({"place": TEXT, "name": TEXT, **_OVERLAP})),
        }
    ),
)
COUNCIL = component(
    "PlaceCouncil",
    record({"organisation": TEXT, "name": TEXT, "role": {"type": "string", "enum": CouncilRole.values}, **_PERIOD}),
)
_PLACE = {
    "slug": TEXT,
    "name": TEXT,
    **_LIFE,
    "illustrative": {"type": "boolean", "description": "Invented for the demonstration"},
    "councils": array(COUNCIL),
    "links": record({"self": LINK, "page": LINK}),
}
PLACE = component("Place", record(_PLACE))
_PLACE_STEP = record({"place": TEXT, "name": TEXT, "effective_on": DATE, "link": LINK})
PLACE_DETAIL = component(
    "PlaceDetail",
    record(
        {
            **_PLACE,
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
CHANGE = component(
    "Change",
    record(
        {
            "sequence": {"type": "integer", "minimum": 1},
            "at": MOMENT,
            "resource": TEXT,
            "reference": TEXT,
            "event": TEXT,
            "organisation": nullable({**TEXT, "description": "Code of the organisation that made the change"}),
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "links": {
                "type": "object",
                "properties": {"self": LINK, "allocations": LINK},
                "additionalProperties": False,
                "description": "To the figures that an upload brought, or to the thing itself",
            },
        }
    ),
)

_SOMERSET = {
    "code": "QSL",
    "name": "NHS Somerset Integrated Care Board",
    "kind": "icb",
    "opened": "2022-07-01",
    "closed": None,
    "region": "Y58",
    "region_name": "South West",
    "illustrative": False,
    "codes": [
        {"scheme": "gss", "code": "E54000038", "valid_from": "2022-07-01", "valid_to": None},
        {"scheme": "ods", "code": "QSL", "valid_from": "2022-07-01", "valid_to": None},
    ],
    "other_names": [],
    "links": {
        "self": f"{_HERE}/api/v1/organisations/QSL/",
        "allocations": f"{_HERE}/api/v1/allocations/?organisation=QSL",
        "page": f"{_HERE}/organisations/QSL/",
    },
}
_SOMERSET_PLACE = {
    "slug": "somerset",
    "name": "Somerset",
    "opened": "2013-04-01",
    "closed": None,
    "illustrative": False,
    "councils": [
        {
            "organisation": "E06000066",
            "name": "Somerset Council",
            "role": "upper_tier",
            "valid_from": "2023-04-01",
            "valid_to": None,
        }
    ],
    "links": {"self": f"{_HERE}/api/v1/places/somerset/", "page": f"{_HERE}/places/somerset/"},
}
_CHANGE = {
    "sequence": 7,
    "at": "2026-04-02T09:30:00Z",
    "resource": "allocations",
    "reference": "UP-12",
    "event": "accepted",
    "organisation": "X24",
    "counts": {"new": 42},
    "links": {"allocations": f"{_HERE}/api/v1/allocations/?upload=UP-12"},
}

ORGANISATION_PAGE: Answer = list_answer(
    "Organisation",
    ORGANISATION,
    _SOMERSET,
    "code,name,kind,opened,closed,region,region_name,illustrative,codes,other_names\r\n"
    "QSL,NHS Somerset Integrated Care Board,icb,2022-07-01,,Y58,South West,false,gss:E54000038 ods:QSL,\r\n",
)
ORGANISATION_ANSWER = detail_answer(
    ORGANISATION_DETAIL,
    {
        **_SOMERSET,
        "predecessors": [
            {
                "organisation": "11X",
                "name": "NHS Somerset CCG",
                "effective_on": "2022-07-01",
                "share": None,
                "share_basis": "",
                "link": f"{_HERE}/api/v1/organisations/11X/",
            }
        ],
        "successors": [],
        "places": [],
        "overlaps": [],
    },
)
PLACE_PAGE = list_answer(
    "Place",
    PLACE,
    _SOMERSET_PLACE,
    "slug,name,opened,closed,illustrative,councils\r\nsomerset,Somerset,2013-04-01,,false,E06000066\r\n",
)
PLACE_ANSWER = detail_answer(
    PLACE_DETAIL,
    {**_SOMERSET_PLACE, "commissioners": [], "overlaps": [], "predecessors": [], "successors": []},
)
CHANGE_PAGE = list_answer(
    "Change",
    CHANGE,
    _CHANGE,
    "sequence,at,resource,reference,event,organisation,counts\r\n"
    '7,2026-04-02T09:30:00.000000Z,allocations,UP-12,accepted,X24,"{""new"": 42}"\r\n',
)
