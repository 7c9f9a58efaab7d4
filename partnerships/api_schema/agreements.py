"""The schemas of agreements in the API documentation, each with an example."""

from __future__ import annotations

from partnerships.api_schema import changing
from partnerships.api_schema.law import CHANGE, FINDING_EXAMPLE, FINDING_FIELDS
from partnerships.api_schema.pools import POOL, POOL_EXAMPLE
from partnerships.api_schema.schemes import SCHEME, SCHEME_EXAMPLE
from partnerships.queries.agreements.agreement_columns import AGREEMENT_COLUMNS, TODAY_COLUMNS
from partnerships.queries.law_listings import SLUG
from partnerships.terms import ClauseKind, DeedKind, DeedState, Outcome, PartnerRole
from pooledcare.kernel.rest.documented import entry_of, links_to
from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    FLAG,
    LINK,
    TEXT,
    array,
    component,
    detail_answer,
    nullable,
    one_of,
    record,
)

_HERE = "http://localhost:8000"
_ENTRY = entry_of(
    "Agreement",
    AGREEMENT_COLUMNS,
    links_to(
        self=f"{_HERE}/api/v1/agreements/S75-0001/",
        findings=f"{_HERE}/api/v1/agreements/S75-0001/findings/",
        schemes=f"{_HERE}/api/v1/schemes/?agreement=S75-0001",
        pools=f"{_HERE}/api/v1/pools/?agreement=S75-0001",
        page=f"{_HERE}/agreements/S75-0001/",
    ),
)
_PARTNER = record(
    {
        "organisation": TEXT,
        "name": TEXT,
        "role": one_of(PartnerRole.values),
        "contributes": {**FLAG, "description": "Puts money, staff or goods into the arrangements"},
        "since": nullable(DATE),
        "succeeds": nullable({**TEXT, "description": "Code of the partner whose place it has taken"}),
    }
)
_CLAUSE = record({"kind": one_of(ClauseKind.values), "text": TEXT})
_DEED = {
    "number": {**COUNT, "description": "0 is the agreement as it was made"},
    "kind": one_of(DeedKind.values),
    "state": one_of(DeedState.values),
    "summary": TEXT,
    "effective_on": nullable({**DATE, "description": "First day on which it has effect"}),
    "signed_on": nullable(DATE),
    "published_on": nullable({**DATE, "description": "Day on which the last partner published it"}),
}
_OPEN_DEED = component(
    "OpenDeed",
    record(
        {
            **_DEED,
            "title": {**TEXT, "description": "Empty in a deed that does not change it"},
            "sets_end": {
                **FLAG,
                "description": "Whether the deed sets the end; without `end` it says that there is none",
            },
            "end": nullable(DATE),
            "notice_months": nullable(COUNT),
            "review_on": nullable(array(DATE)),
            "clauses": array(_CLAUSE),
            "schemes": array({**TEXT, "description": "Of which it has terms"}),
            "pools": array({**TEXT, "description": "Of which it has terms"}),
            "ended_schemes": array(TEXT),
            "closed_pools": array(TEXT),
        }
    ),
)
AGREEMENT_DETAIL = component(
    "AgreementDetail",
    record(
        {
            **{name: _ENTRY.properties[name] for name in TODAY_COLUMNS},
            "as_at": {**DATE, "description": "The day as at which the text is given"},
            "known_at": nullable(DATE),
            "title": TEXT,
            "start": nullable(DATE),
            "end": nullable(DATE),
            "notice_months": nullable(COUNT),
            "review_on": array(DATE),
            "places": array(record({"place": TEXT, "name": TEXT, "link": LINK})),
            "partners": array(_PARTNER),
            "pools": array(POOL),
            "schemes": array(SCHEME),
            "clauses": array(_CLAUSE),
            "deeds": array(record(_DEED)),
            "open_deed": nullable(_OPEN_DEED),
            "version": nullable(
                {"type": "integer", "description": "For partners: rises with every change; send it in If-Match"}
            ),
            "links": _ENTRY.properties["links"],
        }
    ),
)
POINT = component(
    "PointOfLaw",
    record(
        {
            **FINDING_FIELDS,
            "schemes": {**array(SLUG), "description": "Slugs of the schemes that it is about"},
            "cure": {**TEXT, "description": "What to do about it; empty if it is lawful"},
        }
    ),
)
FINDINGS = component(
    "AgreementFindings",
    record(
        {
            "verdict": one_of(Outcome.values),
            "findings": array(POINT),
            "with_proposals": nullable(
                {**array(CHANGE), "description": "What would be judged differently; null if no proposal was added"}
            ),
            "with_open_deed": nullable(
                {**array(CHANGE), "description": "What the open deed would change; null if there is none"}
            ),
            "links": record({"agreement": LINK}),
        }
    ),
)

_DETAIL_EXAMPLE = {
    **{name: _ENTRY.example[name] for name in TODAY_COLUMNS},
    "as_at": "2024-06-30",
    "known_at": None,
    "title": "Mereshire joint arrangements",
    "start": "2024-04-01",
    "end": None,
    "notice_months": 6,
    "review_on": ["2025-04-01"],
    "places": [{"place": "mereshire", "name": "Mereshire", "link": f"{_HERE}/api/v1/places/mereshire/"}],
    "partners": [
        {
            "organisation": "QXX",
            "name": "NHS Mereshire Integrated Care Board",
            "role": "commissioner",
            "contributes": True,
            "since": "2024-04-01",
            "succeeds": None,
        }
    ],
    "pools": [POOL_EXAMPLE],
    "schemes": [SCHEME_EXAMPLE],
    "clauses": [{"kind": "aims", "text": "Fewer stays in hospital."}],
    "deeds": [
        {
            "number": 0,
            "kind": "original",
            "state": "signed",
            "summary": "",
            "effective_on": "2024-04-01",
            "signed_on": "2024-03-02",
            "published_on": "2024-03-20",
        }
    ],
    "open_deed": None,
    "version": None,
    "links": _ENTRY.example["links"],
}
AGREEMENT_PAGE = _ENTRY.page
AGREEMENT_ANSWER = detail_answer(AGREEMENT_DETAIL, _DETAIL_EXAMPLE)
AGREEMENT_CREATED = changing.created(AGREEMENT_DETAIL, {**_DETAIL_EXAMPLE, "seen_by": "partners", "version": 1})
AGREEMENT_CHANGED = changing.changed(AGREEMENT_DETAIL, {**_DETAIL_EXAMPLE, "seen_by": "partners", "version": 4})
NEW_EXAMPLE = {
    "power": "s75",
    "title": "Mereshire joint arrangements",
    "effective_on": "2024-04-01",
    "end": None,
    "notice_months": 6,
    "places": ["mereshire"],
    "partners": [{"organisation": "QXX"}, {"organisation": "E10000099"}],
}
DEED_EXAMPLE = {"kind": "variation", "effective_on": "2025-04-01", "summary": "The arrangements of 2025-26."}
CHANGE_EXAMPLE = {"notice_months": 12, "clauses": [{"kind": "aims", "text": "Fewer stays in hospital."}]}
FINDINGS_ANSWER = detail_answer(
    FINDINGS,
    {
        "verdict": "lawful",
        "findings": [FINDING_EXAMPLE | {"schemes": ["reablement"], "cure": ""}],
        "with_proposals": None,
        "with_open_deed": None,
        "links": {"agreement": f"{_HERE}/api/v1/agreements/S75-0001/"},
    },
)
