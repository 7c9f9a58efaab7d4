"""The shapes of schemes as the API documents them, each with an example."""

from __future__ import annotations

from typing import Any

from partnerships.api_schema import changing
from partnerships.api_schema.law import one_of
from partnerships.api_schema.pools import VERSION
from partnerships.terms import AgreementState, Audience, Exclusion, Flexibility, WayOfWorking
from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    LINK,
    TEXT,
    array,
    component,
    detail_answer,
    list_answer,
    nullable,
    record,
)

_HERE = "http://localhost:8000"
_SCHEME: dict[str, Any] = {
    "agreement": {**TEXT, "description": "Reference of its agreement"},
    "slug": TEXT,
    "name": TEXT,
    "flexibilities": array(one_of(Flexibility.values)),
    "ways_of_working": array(one_of(WayOfWorking.values)),
    "lead": nullable({**TEXT, "description": "Code of the lead"}),
    "pool": nullable({**TEXT, "description": "The fund from which it is paid"}),
    "services": TEXT,
    "client_group": {**TEXT, "description": "For whom, and who is eligible"},
    "geography": TEXT,
    "providers": TEXT,
    "start": nullable({**DATE, "description": "Null: as long as the agreement"}),
    "end": nullable(DATE),
    "notice_months": nullable(COUNT),
    "voluntary": {"type": "boolean", "description": "Beside a mandated pool, not part of it"},
}
_FUNCTION = record(
    {
        "function": {**TEXT, "description": "Code of a statutory function"},
        "name": TEXT,
        "holder": nullable({**TEXT, "description": "Code of the body whose function it is"}),
        "exclusions": array(one_of(Exclusion.values, "A treatment that the services contain")),
        "delegation_evidence": TEXT,
    }
)
_WHOLE = {
    **_SCHEME,
    "aims": {**TEXT, "description": "Aims and outcomes"},
    "governance": TEXT,
    "exit_terms": {**TEXT, "description": "Exit, and who is liable for its cost"},
    "functions": array(_FUNCTION),
    "links": record({"self": LINK, "agreement": LINK}),
}
SCHEME = component("Scheme", record(_WHOLE))
SCHEME_DETAIL = component(
    "SchemeDetail",
    record({**_WHOLE, "as_at": {**DATE, "description": "The day of which it is given"}, "version": VERSION}),
)
_LISTED = component(
    "ListedScheme",
    record(
        {
            **_SCHEME,
            "functions": array({**TEXT, "description": "Code of a statutory function"}),
            "agreement_state": one_of(AgreementState.values),
            "seen_by": one_of(Audience.values, "As whom the client reads it"),
            "links": record({"self": LINK, "agreement": LINK}),
        }
    ),
)
_EXAMPLE = {
    "agreement": "S75-0001",
    "slug": "reablement",
    "name": "Reablement at home",
    "flexibilities": ["pooled_fund"],
    "ways_of_working": ["integrated_commissioning"],
    "lead": "QXX",
    "pool": "reablement",
    "services": "Reablement for up to six weeks.",
    "client_group": "Adults leaving hospital.",
    "geography": "",
    "providers": "",
    "start": None,
    "end": None,
    "notice_months": None,
    "voluntary": False,
    "links": {
        "self": f"{_HERE}/api/v1/schemes/S75-0001/reablement/",
        "agreement": f"{_HERE}/api/v1/agreements/S75-0001/",
    },
}
SCHEME_EXAMPLE = {
    **_EXAMPLE,
    "aims": "Fewer stays in hospital.",
    "governance": "",
    "exit_terms": "",
    "functions": [
        {
            "function": "nhs-s3",
            "name": "Hospital, community and other services (section 3)",
            "holder": "QXX",
            "exclusions": [],
            "delegation_evidence": "",
        }
    ],
}
SCHEME_PAGE = list_answer(
    "Scheme",
    _LISTED,
    {**_EXAMPLE, "functions": ["nhs-s3"], "agreement_state": "in_operation", "seen_by": "public"},
    "agreement,slug,name,functions,flexibilities,ways_of_working,lead,pool,services,client_group,geography,providers,"
    "start,end,notice_months,voluntary,agreement_state,seen_by\r\n",
)
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
