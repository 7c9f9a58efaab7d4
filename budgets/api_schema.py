"""The shapes of funding streams, allocations and totals as the API documents them, each with an example."""

from __future__ import annotations

from budgets.queries.listings import ALWAYS_APART
from budgets.terms import Basis, GrossOrNet, Recurrence, StreamNature
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.rest.parameters import YEARS
from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    LINK,
    MOMENT,
    MONEY,
    TEXT,
    array,
    component,
    detail_answer,
    list_answer,
    nullable,
    record,
)

_HERE = "http://localhost:8000"
YEAR = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
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

STREAM = component(
    "FundingStream",
    record(
        {
            "code": TEXT,
            "name": TEXT,
            "description": TEXT,
            "holder_kinds": array({"type": "string", "enum": OrganisationKind.values}),
            "funder": nullable({**TEXT, "description": "Code of the body that publishes it for its holders"}),
            "functions": {**TEXT, "description": "The statutory functions that it pays for"},
            "ring_fenced": {"type": "boolean"},
            "nature": {"type": "string", "enum": StreamNature.values},
            "gross_or_net": {"type": "string", "enum": GrossOrNet.values},
            "first_year": YEAR,
            "last_year": nullable(YEAR),
            "part_of": nullable({**TEXT, "description": "Code of the stream in which it is published together"}),
            "links": record({"self": LINK, "allocations": LINK, "page": LINK}),
        }
    ),
)
_MEASURE = {
    "financial_year": {**YEAR, "examples": YEARS[24:25]},
    "basis": {"type": "string", "enum": Basis.values},
    "gross_or_net": {"type": "string", "enum": GrossOrNet.values},
}
_AMOUNT = nullable({**MONEY, "description": "Pounds and pence; null where none was reported"})
ALLOCATION = component(
    "Allocation",
    record(
        {
            "reference": {**TEXT, "description": "Of this version of the figure"},
            "organisation": {**TEXT, "description": "Code of the holder"},
            "stream": TEXT,
            **_MEASURE,
            "recurrence": {"type": "string", "enum": Recurrence.values},
            "amount": _AMOUNT,
            "not_reported": nullable({**TEXT, "description": "The publisher's own mark, where there is no amount"}),
            "version": {"type": "integer", "minimum": 1},
            "source": {**TEXT, "description": "Code of whose figure it is: the publisher, or the holder itself"},
            "published_on": nullable({**DATE, "description": "Null until published: for the holder's members only"}),
            "accepted_at": {**MOMENT, "description": "Since when it is in our record"},
            "published_text": {**TEXT, "description": "The cell as it was published"},
            "note": TEXT,
            "lineage": record(
                {
                    "upload": {**TEXT, "description": "Reference of the upload that brought it"},
                    "file": TEXT,
                    "sheet": nullable(TEXT),
                    "row": nullable(COUNT),
                    "cell": nullable(TEXT),
                }
            ),
            "links": record({"self": LINK, "organisation": LINK, "stream": LINK, "source": LINK, "upload": LINK}),
        }
    ),
)
TOTAL = component(
    "Total",
    {
        "type": "object",
        "description": "Only figures of one year, basis, gross or net, and source are ever added up.",
        "properties": {
            **_MEASURE,
            "source": TEXT,
            "stream": TEXT,
            "region": nullable({**TEXT, "description": "Code; null for holders without one"}),
            "organisation": TEXT,
            "recurrence": {"type": "string", "enum": Recurrence.values},
            "amount": _AMOUNT,
            "reported": {**COUNT, "description": "Figures with an amount: those that are in the sum"},
            "not_reported": {**COUNT, "description": "Figures that the publisher marks as missing"},
        },
        "required": [*ALWAYS_APART, "amount", "reported", "not_reported"],
        "additionalProperties": False,
    },
)

_CORE = {
    "code": "nhs-core",
    "name": "NHS core allocation",
    "description": "The recurrent allocation of an integrated care board, or of a clinical commissioning group.",
    "holder_kinds": ["ccg", "icb"],
    "funder": "X24",
    "functions": "Commissioning of hospital, community, mental health and ambulance services",
    "ring_fenced": False,
    "nature": "revenue",
    "gross_or_net": "not_applicable",
    "first_year": "2013-14",
    "last_year": None,
    "part_of": None,
    "links": {
        "self": f"{_HERE}/api/v1/funding-streams/nhs-core/",
        "allocations": f"{_HERE}/api/v1/allocations/?stream=nhs-core",
        "page": f"{_HERE}/streams/nhs-core/",
    },
}
_SOMERSET = {
    "reference": "AL-1",
    "organisation": "QSL",
    "stream": "nhs-core",
    "financial_year": "2024-25",
    "basis": "allocation",
    "gross_or_net": "not_applicable",
    "recurrence": "recurrent",
    "amount": "1055946000.00",
    "not_reported": None,
    "version": 1,
    "source": "X24",
    "published_on": "2023-06-19",
    "accepted_at": "2026-04-02T09:30:00Z",
    "published_text": "1055946",
    "note": "",
    "lineage": {"upload": "UP-1", "file": "icb-allocations.xlsx", "sheet": "Core", "row": 45, "cell": "F45"},
    "links": {
        "self": f"{_HERE}/api/v1/allocations/AL-1/",
        "organisation": f"{_HERE}/api/v1/organisations/QSL/",
        "stream": f"{_HERE}/api/v1/funding-streams/nhs-core/",
        "source": f"{_HERE}/api/v1/organisations/X24/",
        "upload": f"{_HERE}/api/v1/uploads/UP-1/",
    },
}
_TOTAL = {
    "financial_year": "2024-25",
    "basis": "allocation",
    "gross_or_net": "not_applicable",
    "source": "X24",
    "stream": "nhs-core",
    "region": "Y58",
    "amount": "10181835000.00",
    "reported": 7,
    "not_reported": 0,
}

STREAM_PAGE = list_answer(
    "FundingStream",
    STREAM,
    _CORE,
    "code,name,description,holder_kinds,funder,functions,ring_fenced,nature,gross_or_net,first_year,last_year,part_of\r\n"
    "nhs-core,NHS core allocation,The recurrent allocation,ccg icb,X24,Commissioning,false,revenue,not_applicable,"
    "2013-14,,\r\n",
)
STREAM_ANSWER = detail_answer(STREAM, _CORE)
ALLOCATION_PAGE = list_answer(
    "Allocation",
    ALLOCATION,
    _SOMERSET,
    "reference,organisation,stream,financial_year,basis,gross_or_net,recurrence,amount,not_reported,version,source,"
    "published_on,accepted_at,published_text,upload,file,sheet,row,cell,note\r\n"
    "AL-1,QSL,nhs-core,2024-25,allocation,not_applicable,recurrent,1055946000.00,,1,X24,2023-06-19,"
    "2026-04-02T09:30:00.000000Z,1055946,UP-1,icb-allocations.xlsx,Core,45,F45,\r\n",
)
ALLOCATION_ANSWER = detail_answer(ALLOCATION, _SOMERSET)
TOTAL_PAGE = list_answer(
    "Total",
    TOTAL,
    _TOTAL,
    "financial_year,basis,gross_or_net,source,stream,region,amount,reported,not_reported\r\n"
    "2024-25,allocation,not_applicable,X24,nhs-core,Y58,10181835000.00,7,0\r\n",
)
