"""The records that people fill in: declared once here, used by forms, files, the API, comparisons and hashes.

Types, labels and limits come from the model fields. Declared here is only what a model field cannot hold: which fields
people fill in, their names in files and in the API, an example, and an error message where “Enter the …” does not fit.
"""

from __future__ import annotations

from dataclasses import replace

from partnerships.models import (
    MONEY_TERMS,
    Agreement,
    Board,
    BoardSeat,
    Clause,
    Decision,
    Deed,
    DelegatedLimit,
    Document,
    ImpactAssessment,
    LimitDeputy,
    Partner,
    PoolTerms,
    Precondition,
    SchemeFunction,
    SchemeTerms,
    TrustConsent,
)
from partnerships.terms import EARLIEST_DAY, LATEST_DAY, POWERS_OF_POOLING
from pooledcare.kernel.records import FieldKind, Record, RecordField

_DAYS = (EARLIEST_DAY, LATEST_DAY)
EVIDENCE_REQUEST = "Enter where this is written, such as the paper and its date"

# ── The text of an agreement ─────────────────────────────────────────────────────────────────────────────────────────

DEED = Record.of(
    Deed,
    only=("title", "summary", "effective_on", "sets_end", "end_on", "notice_months", "review_on"),
    keys={"effective_on": "start", "end_on": "end"},
    examples={
        "title": "Mereshire joint arrangements",
        "effective_on": "2026-04-01",
        "end_on": "2027-03-31",
        "notice_months": "6",
        "review_on": "2026-10-01; 2027-01-05",
    },
    days=_DAYS,
)
POWER = replace(
    Record.of(Agreement, only=("power",), examples={"power": "s75"})["power"],
    choices=tuple((power.value, str(power.label)) for power in POWERS_OF_POOLING),
)
PLACES = RecordField("places", "Places", FieldKind.REFERENCE, key="places")
# Deed 0 also sets the legal power and the places of the agreement.
ORIGINAL: dict[str, RecordField] = {**DEED, "power": POWER, "places": PLACES}
PARTNER = Record.of(Partner, only=("role", "contributes"))
CLAUSE = Record.of(Clause, without=("deed",), requests={"kind": "Choose what the clause is about"})
POOL = Record.of(
    PoolTerms,
    without=("deed", "pool", "is_closed"),
    examples={
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
        "information_shared": "Budget, spending and forecast of each scheme.",
        "information_every": "month",
        "information_days": "10",
        "monitoring_percent": "2.00",
        "monitoring_pounds": "50000.00",
        "monitoring_rule": "smaller",
        "tolerance_percent": "0.50",
        "early_warning_percent": "1.00",
        "instalments": "by_hand",
        "instalment_shares": "04-15 40.00; 10-15 60.00",
        "no_budget": "last_year",
        "no_budget_months": "6",
        "income_basis": "net",
    },
    last=MONEY_TERMS,
)
SCHEME = Record.of(
    SchemeTerms,
    without=("deed", "scheme", "is_ended"),
    keys={"start_on": "start", "end_on": "end", "is_voluntary": "voluntary"},
    examples={
        "name": "Reablement at home",
        "flexibilities": "pooled_fund",
        "ways_of_working": "integrated_commissioning",
        "lead": "QXX",
        "pool": "reablement",
        "aims": "Fewer stays in hospital.",
        "services": "Reablement for up to six weeks.",
        "client_group": "Adults leaving hospital.",
        "start_on": "2026-10-01",
        "notice_months": "3",
        "is_voluntary": "no",
        "instalments": "quarterly_arrears",
        "income_basis": "gross",
    },
    days=_DAYS,
    last=MONEY_TERMS,
)
DELEGATED_LIMIT = Record.of(
    DelegatedLimit,
    without=("terms",),
    keys={"is_unlimited": "unlimited"},
    examples={"partner": "QXX", "office": "Chief finance officer", "power": "commit", "limit": "50000.00"},
)
LIMIT_DEPUTY = Record.of(
    LimitDeputy,
    without=("limit",),
    keys={"first_on": "first_day", "last_on": "last_day"},
    examples={"office": "Deputy chief finance officer", "first_on": "2026-04-01", "last_on": "2026-09-30"},
    days=_DAYS,
)
# The terms about money, which funds and schemes both have.
MONEY: dict[str, RecordField] = {name: POOL[name] for name in MONEY_TERMS}
SCHEME_FUNCTION = Record.of(SchemeFunction, without=("terms",))

# ── Recorded outside the text ──────────────────────────────────────────────────────────────────────────────────────

PRECONDITION = Record.of(
    Precondition, only=("kind", "is_met", "met_on", "evidence"), requests={"evidence": EVIDENCE_REQUEST}, days=_DAYS
)
DECISION = Record.of(Decision, only=("body", "reference", "decided_on", "url"), days=_DAYS)
CONSENT = Record.of(TrustConsent, only=("consented_on", "evidence"), days=_DAYS)
ASSESSMENT = Record.of(
    ImpactAssessment,
    only=("assessed_on", "text"),
    requests={"text": "Enter what would change for the people served"},
    days=_DAYS,
)
BOARD = Record.of(Board, only=("name", "form", "meets", "reports_to"))
SEAT = Record.of(BoardSeat, only=("post", "deputy"), requests={"post": "Enter the post of each seat"})
DOCUMENT = Record.of(Document, only=("kind", "title", "is_exempt"))
