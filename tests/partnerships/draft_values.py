"""Agreements as frozen values: a draft that says all it must, for tests of rules that read no database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    DeedRecord,
    FunctionContent,
    Joined,
    PoolContent,
    PreconditionFact,
    SchemeContent,
)
from partnerships.rules.agreements.content import PlaceNamed
from partnerships.terms import ClauseKind

START = dt.date(2026, 4, 1)
ICB = Body(1, "QXX", "NHS Mereshire Integrated Care Board", "icb")
COUNTY = Body(2, "E10", "Mereshire County Council", "county")
TRUST = Body(3, "RXX", "Mereshire NHS Trust", "nhs_trust")
NHS = FunctionContent("nhs-s3", "Services under section 3", ICB, (), "")
CARE = FunctionContent("social-services", "Social services", COUNTY, (), "")
CHARGING = FunctionContent("charging-care-act", "Charging", COUNTY, (), "")
FUND = PoolContent(1, "fund", "Care fund", "pooled", ICB, "Head of care", ICB, "", "", None, "", "")
MET = (PreconditionFact("improvement", True, START), PreconditionFact("joint_consultation", True, START))


def scheme(**values: Any) -> SchemeContent:
    texts = ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms")
    given: dict[str, Any] = {
        "pk": 1, "slug": "home", "name": "Home first", "flexibilities": ("pooled_fund",), "ways_of_working": (),
        "lead": ICB, "pool": "fund", "start_on": None, "end_on": None, "notice_months": None, "is_voluntary": False,
        "functions": (NHS, CARE),
    }  # fmt: skip
    return SchemeContent(**dict.fromkeys(texts, "") | given | values)


def deed(**values: Any) -> DeedRecord:
    given: dict[str, Any] = {
        "pk": 1, "number": 0, "kind": "original", "state": "draft", "title": "Care at home", "summary": "",
        "effective_on": START, "sets_end": True, "end_on": dt.date(2029, 3, 31), "notice_months": 6,
        "review_on": (dt.date(2027, 4, 1),), "signed_on": None, "published_on": None,
        "clauses": tuple((kind.value, "Agreed.") for kind in ClauseKind),
        "joined": (Joined(1, ICB, "commissioner", True), Joined(2, COUNTY, "commissioner", True)),
        "pools": (FUND,), "schemes": (scheme(),),
    }  # fmt: skip
    return DeedRecord(**given | values)


def record(of_deed: DeedRecord | None = None, **values: Any) -> AgreementRecord:
    given: dict[str, Any] = {
        "pk": 1, "power": "s75", "state": "draft", "operating_since": None, "ended_on": None, "is_integrated": False,
        "places": (PlaceNamed(1, "mereshire", "Mereshire"),), "deeds": (of_deed or deed(),), "preconditions": MET,
    }  # fmt: skip
    return AgreementRecord(**given | values)
