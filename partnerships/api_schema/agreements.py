"""The shapes of agreements as the API documents them, each with an example."""

from __future__ import annotations

from typing import Any

from partnerships.api_schema import changing
from partnerships.api_schema.law import CHANGE, FINDING, FINDING_EXAMPLE, one_of
from partnerships.api_schema.pools import POOL, POOL_EXAMPLE
from partnerships.api_schema.schemes import SCHEME, SCHEME_EXAMPLE
from partnerships.terms import (
    AgreementState,
    Audience,
    Awaited,
    ClauseKind,
    DeedKind,
    DeedState,
    Flexibility,
    Outcome,
    PartnerRole,
    Power,
)
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
FLAG = {"type": "boolean"}
LINKS = record({"self": LINK, "findings": LINK, "schemes": LINK, "pools": LINK, "page": LINK})
_STANDING: dict[str, Any] = {
    "reference": TEXT,
    "state": one_of(AgreementState.values, "As it stands today"),
    "operating_unsigned": {**FLAG, "description": "It has begun, and is not signed"},
    "power": one_of(Power.values),
    "verdict": one_of(Outcome.values, "The gravest of its findings under the law in force"),
    "unlawful_count": COUNT,
    "not_settled_count": COUNT,
    "integrated": {**FLAG, "description": "An existing integrated arrangement: no partner alone may unpick it here"},
    "illustrative": {**FLAG, "description": "Invented for the demonstration"},
    "seen_by": one_of(Audience.values, "As whom the client reads it"),
    "awaits": nullable(
        one_of(Awaited.values, "What its open deed waits for; null: nothing, or the reader is no partner")
    ),
    "awaited": array({**TEXT, "description": "Code of a body that may do what it waits for"}),
    "to_publish": array({**TEXT, "description": "Code of a body that has still to publish what another has"}),
}
AGREEMENT = component(
    "Agreement",
    record(
        {
            **_STANDING,
            "title": TEXT,
            "start": nullable(DATE),
            "end": nullable({**DATE, "description": "The last day; null: none is set"}),
            "partners": array({**TEXT, "description": "Code of a partner today"}),
            "hosts": array({**TEXT, "description": "Code of a body that hosts a fund"}),
            "places": array(TEXT),
            "functions": array(TEXT),
            "flexibilities": array(one_of(Flexibility.values)),
            "pool_count": COUNT,
            "scheme_count": COUNT,
            "links": LINKS,
        }
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
    "published_on": nullable({**DATE, "description": "Since every partner has published it"}),
}
_OPEN_DEED = component(
    "OpenDeed",
    record(
        {
            **_DEED,
            "title": {**TEXT, "description": "Empty in a deed that keeps it"},
            "sets_end": {**FLAG, "description": "Whether it says when the agreement ends; with no `end`: never"},
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
            **_STANDING,
            "as_at": {**DATE, "description": "The day of which the text is given"},
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
            "version": nullable({"type": "integer", "description": "For partners: rises with every change; If-Match"}),
            "links": LINKS,
        }
    ),
)
FINDINGS = component(
    "AgreementFindings",
    record(
        {
            "verdict": one_of(Outcome.values),
            "findings": array(FINDING),
            "with_proposals": nullable(
                {**array(CHANGE), "description": "What would be judged otherwise; null when nothing was added"}
            ),
            "with_open_deed": nullable(
                {**array(CHANGE), "description": "What the deed under work would change; null where there is none"}
            ),
            "links": record({"agreement": LINK}),
        }
    ),
)

_STANDING_EXAMPLE = {
    "reference": "S75-0001",
    "state": "in_operation",
    "operating_unsigned": False,
    "power": "s75",
    "verdict": "lawful",
    "unlawful_count": 0,
    "not_settled_count": 0,
    "integrated": False,
    "illustrative": True,
    "seen_by": "public",
    "awaits": None,
    "awaited": [],
    "to_publish": [],
}
_LINKS_EXAMPLE = {
    "self": f"{_HERE}/api/v1/agreements/S75-0001/",
    "findings": f"{_HERE}/api/v1/agreements/S75-0001/findings/",
    "schemes": f"{_HERE}/api/v1/schemes/?agreement=S75-0001",
    "pools": f"{_HERE}/api/v1/pools/?agreement=S75-0001",
    "page": f"{_HERE}/agreements/S75-0001/",
}
_EXAMPLE = {
    **_STANDING_EXAMPLE,
    "title": "Mereshire joint arrangements",
    "start": "2024-04-01",
    "end": None,
    "partners": ["QXX", "E10000099"],
    "hosts": ["QXX"],
    "places": ["mereshire"],
    "functions": ["nhs-s3", "social-services"],
    "flexibilities": ["pooled_fund"],
    "pool_count": 1,
    "scheme_count": 1,
    "links": _LINKS_EXAMPLE,
}
_DETAIL_EXAMPLE = {
    **_STANDING_EXAMPLE,
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
    "links": _LINKS_EXAMPLE,
}
AGREEMENT_PAGE = list_answer(
    "Agreement",
    AGREEMENT,
    _EXAMPLE,
    "reference,title,state,operating_unsigned,power,start,end,partners,hosts,places,functions,flexibilities,pool_count,"
    "scheme_count,verdict,unlawful_count,not_settled_count,integrated,illustrative,seen_by,awaits,awaited,to_publish\r\n",
)
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
        "findings": [FINDING_EXAMPLE],
        "with_proposals": None,
        "with_open_deed": None,
        "links": {"agreement": f"{_HERE}/api/v1/agreements/S75-0001/"},
    },
)
