"""Agreements as plain values, for tests of pure rules: bodies, funds, schemes, deeds, contents. No database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    Content,
    DeedRecord,
    FunctionContent,
    Joined,
    PartnerContent,
    PoolContent,
    SchemeContent,
)
from partnerships.rules.agreements.noticing import NoticeFact
from partnerships.rules.agreements.signing import ApprovalLine

DAY = dt.timedelta(days=1)
PCT = Body(1, "5XX", "Mereshire Primary Care Trust", "pct")
CCG = Body(2, "00X", "NHS Mereshire Clinical Commissioning Group", "ccg")
ICB = Body(3, "QXX", "NHS Mereshire Integrated Care Board", "icb")
COUNTY = Body(4, "E10", "Mereshire County Council", "county")
START = dt.date(2012, 4, 1)
SECOND = dt.date(2016, 4, 1)


def scheme(slug: str = "reablement", **values) -> SchemeContent:
    plain = dict.fromkeys(
        ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms", "pool"), ""
    )
    given = {"pk": 1, "slug": slug, "name": slug.title(), "flexibilities": ("pooled_fund",), "ways_of_working": ()}
    rest = {"lead": PCT, "start_on": None, "end_on": None, "notice_months": None, "is_voluntary": False}
    functions = (FunctionContent("nhs-s3", "Services under section 3", PCT, (), ""),)
    return SchemeContent(**plain | given | rest | {"functions": functions} | values)


def deed(number: int, **values) -> DeedRecord:
    given = {
        "pk": number + 10,
        "number": number,
        "kind": "variation" if number else "original",
        "state": "signed",
        "title": "" if number else "Mereshire joint arrangements",
        "summary": "",
        "effective_on": SECOND if number else START,
        "sets_end": False,
        "end_on": None,
        "notice_months": None if number else 6,
        "review_on": None,
        "signed_on": dt.date(2016, 5, 1) if number else dt.date(2012, 3, 1),
        "published_on": None if number else dt.date(2012, 4, 2),
    }
    return DeedRecord(**given | values)


TRUST = Body(7, "RXX", "Mereshire Trust", "nhs_trust")


def pool(slug: str = "community", **values) -> PoolContent:
    given = {"pk": 1, "slug": slug, "name": slug.title(), "kind": "pooled", "host": ICB, "manager": ""}
    rest = {"manager_employer": None, "vat_structure": "", "vat_regime": "", "irrecoverable_vat": None}
    return PoolContent(**given | rest | {"vat_advice": "", "accounting": ""} | values)


def partner(body: Body, **values) -> PartnerContent:
    return PartnerContent(
        **{"pk": body.pk, "body": body, "role": "commissioner", "contributes": True, "since": START} | values
    )


def content(**values) -> Content:
    """An agreement of the board and the county, with a fund hosted by the board and a scheme that is paid from it."""
    given = {
        "title": "Mereshire joint arrangements",
        "power": "s75",
        "start": START,
        "end": None,
        "notice_months": 6,
        "review_on": (),
        "places": (),
        "partners": (partner(ICB), partner(COUNTY)),
        "pools": (pool(),),
        "schemes": (scheme(pool="community", lead=ICB),),
        "clauses": (),
    }
    return Content(**given | values)


def joined(body: Body, pk: int | None = None, **values) -> Joined:
    """A partner that joins; its row has the number of its body unless another is said."""
    given = {"pk": pk or body.pk, "body": body, "role": "commissioner", "contributes": True}
    return Joined(**given | values)


def record(*deeds: DeedRecord, **values) -> AgreementRecord:
    """In operation since its first day; with no deeds given, the agreement itself between the board and the county."""
    given = {
        "pk": 1,
        "power": "s75",
        "state": "in_operation",
        "operating_since": START,
        "ended_on": None,
        "is_integrated": False,
        "places": (),
        "deeds": deeds or (deed(0, joined=(joined(ICB), joined(COUNTY))),),
    }
    return AgreementRecord(**given | values)


def notice(takes_effect_on: dt.date, scheme: str = "", **values) -> NoticeFact:
    given = {"pk": 1, "organisation": COUNTY.pk, "given_on": START, "takes_effect_on": takes_effect_on}
    return NoticeFact(**given | {"scheme": scheme} | values)


def approved(*bodies: Body) -> list[ApprovalLine]:
    return [ApprovalLine(body, "approved") for body in bodies]


# Terms about money as a fund or a scheme keeps them: something in every field but the shares of instalments.
MONEY: dict[str, Any] = {
    "information_shared": "Budget", "information_every": "month", "information_days": 10,
    "monitoring_percent": Decimal("2.00"), "monitoring_pounds": Decimal("50000.00"), "monitoring_rule": "smaller",
    "tolerance_percent": Decimal("0.50"), "early_warning_percent": Decimal("1.00"), "instalments": "equal",
    "instalment_count": 4, "instalment_shares": [], "no_budget": "last_year", "no_budget_months": 6,
    "income_basis": "net",
}  # fmt: skip
# The same as a file says it.
MONEY_IN_A_FILE: dict[str, Any] = MONEY | {
    name: f"{MONEY[name]}"
    for name in ("monitoring_percent", "monitoring_pounds", "tolerance_percent", "early_warning_percent")
}
