"""The shapes of pooled and aligned funds as the API documents them, each with an example."""

from __future__ import annotations

from typing import Any

from partnerships.api_schema import changing
from partnerships.api_schema.law import one_of
from partnerships.terms import AccountingTreatment, AgreementState, Audience, PoolKind, VatRegime, VatStructure
from pooledcare.kernel.rest.schema import DATE, LINK, TEXT, component, detail_answer, list_answer, nullable, record

_HERE = "http://localhost:8000"
VERSION = nullable({"type": "integer", "description": "For partners: the version of the agreement, for If-Match"})
_POOL: dict[str, Any] = {
    "agreement": {**TEXT, "description": "Reference of its agreement"},
    "slug": TEXT,
    "name": TEXT,
    "kind": one_of(PoolKind.values, "An aligned fund is reported together and stays with its owners"),
    "host": nullable({**TEXT, "description": "Code of the body that hosts it"}),
    "manager": {**TEXT, "description": "Post of the pool manager"},
    "manager_employer": nullable({**TEXT, "description": "Code of the manager's employer"}),
    "vat_structure": nullable(one_of(VatStructure.values)),
    "vat_regime": nullable(one_of(VatRegime.values)),
    "irrecoverable_vat": nullable({"type": "string", "pattern": r"^\d{1,3}\.\d{2}$", "description": "Per cent"}),
    "vat_advice": {**TEXT, "description": "Reference of the advice taken"},
    "accounting": nullable(one_of(AccountingTreatment.values)),
}
_LINKS = {"links": record({"self": LINK, "agreement": LINK})}
POOL = component("Pool", record({**_POOL, **_LINKS}))
_LISTED = component(
    "ListedPool",
    record(
        {
            **_POOL,
            "agreement_state": one_of(AgreementState.values),
            "seen_by": one_of(Audience.values, "As whom the client reads it"),
            **_LINKS,
        }
    ),
)
POOL_DETAIL = component(
    "PoolDetail",
    record({**_POOL, **_LINKS, "as_at": {**DATE, "description": "The day of which it is given"}, "version": VERSION}),
)
POOL_EXAMPLE = {
    "agreement": "S75-0001",
    "slug": "reablement",
    "name": "Reablement fund",
    "kind": "pooled",
    "host": "QXX",
    "manager": "Head of joint commissioning",
    "manager_employer": "QXX",
    "vat_structure": "principal",
    "vat_regime": "s41",
    "irrecoverable_vat": "2.50",
    "vat_advice": "Advice of 4 March 2024",
    "accounting": "joint_operation",
    "links": {
        "self": f"{_HERE}/api/v1/pools/S75-0001/reablement/",
        "agreement": f"{_HERE}/api/v1/agreements/S75-0001/",
    },
}
POOL_PAGE = list_answer(
    "Pool",
    _LISTED,
    {**POOL_EXAMPLE, "agreement_state": "in_operation", "seen_by": "public"},
    "agreement,slug,name,kind,host,manager,manager_employer,vat_structure,vat_regime,irrecoverable_vat,vat_advice,"
    "accounting,agreement_state,seen_by\r\n",
)
_DETAIL_EXAMPLE = {**POOL_EXAMPLE, "as_at": "2024-06-30", "version": None}
POOL_ANSWER = detail_answer(POOL_DETAIL, _DETAIL_EXAMPLE)
POOL_CREATED = changing.created(POOL_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
POOL_CHANGED = changing.changed(POOL_DETAIL, {**_DETAIL_EXAMPLE, "version": 4})
POOL_CHANGE_EXAMPLE = {"manager": "Head of joint commissioning", "host": "QXX"}
POOL_NEW_EXAMPLE = {"agreement": "S75-0001", "name": "Equipment", "kind": "aligned"}
