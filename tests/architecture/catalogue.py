"""What the walking tests know by name: which models may be rewritten, and where sentences for constraints stand."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent.parent
OUR_APPS = ("directory", "uploads", "partnerships", "budgets", "consultations")
TERMS = ("pooledcare.directory.terms", "pooledcare.uploads.terms", "partnerships.terms", "budgets.terms")

# Written once; corrected only by writing more.
APPEND_ONLY = {
    "directory.AuditEvent",
    "directory.Change",
    "uploads.UploadStatus",
    "uploads.UploadLayout",
    "uploads.UploadLayoutVersion",
    "partnerships.AgreementStatus",
    "partnerships.Approval",
    "partnerships.Publication",
    "partnerships.Precondition",
    "partnerships.Decision",
    "partnerships.TrustConsent",
    "partnerships.Notice",
    "partnerships.Occurrence",
    "partnerships.ImpactAssessment",
    "partnerships.IntegrationMark",
    "partnerships.ProviderMatch",
    "budgets.AllocationShortfall",
    "budgets.Contribution",
    "budgets.ContributionComponent",
    "budgets.ContributionNotice",
    "budgets.ContributionCondition",
    "budgets.ConditionMet",
    "budgets.InKindContribution",
    "budgets.OutsideMoney",
    "budgets.Instalment",
    "budgets.InstalmentEvent",
    "budgets.BalanceConfirmation",
    "budgets.PeriodStatus",
    "budgets.Journal",
    "budgets.Entry",
    "budgets.PlanMovement",
    "budgets.PlanApproval",
    "budgets.VirementDecision",
}
# New versions as rows; of the old one only the mark of being current changes.
SUPERSEDED = {"budgets.Allocation"}
# Edited in place by people, so each row carries a `version` for optimistic locking.
EDITABLE = {
    "directory.User",
    "directory.Membership",
    "directory.Invitation",
    "directory.ApiKey",
    "uploads.Upload",
    "partnerships.Agreement",
    "partnerships.Deed",
    "partnerships.Board",
    "partnerships.Document",
    "budgets.PoolYear",
    "budgets.Virement",
}
# Parts of an editable row, changed with it and under its version: they have none of their own.
PARTS = {
    "partnerships.AgreementPlace",
    "partnerships.Partner",
    "partnerships.PartnerLeaving",
    "partnerships.Clause",
    "partnerships.Pool",
    "partnerships.PoolTerms",
    "partnerships.DelegatedLimit",
    "partnerships.LimitDeputy",
    "partnerships.Scheme",
    "partnerships.SchemeTerms",
    "partnerships.SchemeFunction",
    "partnerships.Provider",
    "partnerships.BoardSeat",
    "partnerships.BoardQuorum",
    "partnerships.UploadedRow",
    "budgets.PlanLine",
    "budgets.Period",
    "budgets.PlanProfile",
    "uploads.LayoutQuestion",
}
# Loaded from published tables.
REFERENCE = {
    "directory.Source",
    "directory.Region",
    "directory.Organisation",
    "directory.OrganisationCode",
    "directory.OrganisationName",
    "directory.ShortName",
    "directory.AreaTransfer",
    "directory.Succession",
    "directory.Population",
    "directory.Place",
    "directory.PlaceCouncil",
    "directory.PlaceSuccession",
    "directory.Overlap",
    "partnerships.Instrument",
    "partnerships.Function",
    "partnerships.Rule",
    "budgets.FundingStream",
}
# Kept by the machinery itself, never by a person: counters, totals, queues and memories that can be made anew.
DERIVED = {
    "directory.ChangeHead",
    "directory.IdempotencyRecord",
    "directory.Heartbeat",
    "uploads.UploadProblem",
    "uploads.KeptFile",
    "budgets.StagedAllocation",
    "budgets.AllocationTotal",
    "budgets.AllocationDraw",
    "budgets.PoolTotal",
    "partnerships.Reminder",
    "partnerships.AgreementSummary",
}


def our_models() -> list[type[Model]]:
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def sentences() -> dict[str, str]:
    """Every app's constraint sentences in one table."""
    return {name: text for module in TERMS for name, text in import_module(module).SENTENCES.items()}


def source_files(*, below: str = "*") -> Iterator[Path]:
    """Python files of the apps, migrations left out."""
    for top in ("pooledcare", "partnerships", "budgets", "consultations"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts and path.match(below):
                yield path
