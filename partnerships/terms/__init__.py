"""The vocabulary of partnerships, and a sentence for every constraint: of the law, and of agreements under it."""

from __future__ import annotations

from partnerships.terms import agreements, law
from partnerships.terms.agreements import (
    BEFORE_SIGNING,
    EARLIEST_DAY,
    LATEST_DAY,
    LONGEST_CLAUSE,
    MOST_MONTHS,
    OPEN_DEEDS,
    OVER,
    POWERS_OF_POOLING,
    RUNNING,
    AccountingTreatment,
    AgreementState,
    ApprovalDecision,
    Audience,
    Awaited,
    BoardForm,
    ClauseKind,
    DecisionBody,
    DeedKind,
    DeedState,
    DocumentKind,
    MarkKind,
    OccurrenceKind,
    PartnerRole,
    PoolKind,
    PreconditionKind,
    ReminderKind,
    ScanState,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from partnerships.terms.law import (
    AgreementTerm,
    Condition,
    Confidence,
    Duty,
    Exclusion,
    Exemption,
    FindingSeverity,
    Flexibility,
    Holding,
    InstrumentStatus,
    Outcome,
    Power,
    RuleKind,
    Side,
)
from partnerships.terms.money import (
    MOST_MONTHS_WITHOUT_BUDGET,
    MOST_WORKING_DAYS,
    IncomeBasis,
    Instalments,
    OfficerPower,
    SharedEvery,
    VarianceThatApplies,
    WithoutBudget,
)

SENTENCES: dict[str, str] = law.SENTENCES | agreements.SENTENCES

__all__ = [
    "BEFORE_SIGNING", "EARLIEST_DAY", "LATEST_DAY", "LONGEST_CLAUSE", "MOST_MONTHS", "MOST_MONTHS_WITHOUT_BUDGET",
    "MOST_WORKING_DAYS", "OPEN_DEEDS", "OVER", "POWERS_OF_POOLING", "RUNNING", "SENTENCES", "AccountingTreatment",
    "AgreementState", "AgreementTerm", "ApprovalDecision", "Audience", "Awaited", "BoardForm", "ClauseKind",
    "Condition", "Confidence", "DecisionBody", "DeedKind", "DeedState", "DocumentKind", "Duty", "Exclusion",
    "Exemption", "FindingSeverity", "Flexibility", "Holding", "IncomeBasis", "Instalments", "InstrumentStatus",
    "MarkKind", "OccurrenceKind", "OfficerPower", "Outcome", "PartnerRole", "PoolKind", "Power", "PreconditionKind",
    "ReminderKind", "RuleKind", "ScanState", "SharedEvery", "Side", "VarianceThatApplies", "VatRegime", "VatStructure",
    "WayOfWorking", "WithoutBudget",
]  # fmt: skip
