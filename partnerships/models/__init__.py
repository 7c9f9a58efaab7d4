"""The tables of partnerships, by noun."""

from partnerships.models.agreements import (
    Agreement,
    AgreementPlace,
    AgreementStatus,
    Approval,
    Clause,
    Deed,
    Partner,
    PartnerLeaving,
    Publication,
)
from partnerships.models.law import Function, Instrument, Rule
from partnerships.models.limits import DelegatedLimit, LimitDeputy
from partnerships.models.money_terms import MONEY_TERMS
from partnerships.models.providers import Provider, ProviderMatch
from partnerships.models.records import (
    AgreementSummary,
    Board,
    BoardQuorum,
    BoardSeat,
    Decision,
    Document,
    ImpactAssessment,
    IntegrationMark,
    Notice,
    Occurrence,
    Precondition,
    Reminder,
    TrustConsent,
)
from partnerships.models.schemes import Pool, PoolTerms, Scheme, SchemeFunction, SchemeTerms
from partnerships.models.uploads import UploadedRow

__all__ = [
    "MONEY_TERMS",
    "Agreement",
    "AgreementPlace",
    "AgreementStatus",
    "AgreementSummary",
    "Approval",
    "Board",
    "BoardQuorum",
    "BoardSeat",
    "Clause",
    "Decision",
    "Deed",
    "DelegatedLimit",
    "Document",
    "Function",
    "ImpactAssessment",
    "Instrument",
    "IntegrationMark",
    "LimitDeputy",
    "Notice",
    "Occurrence",
    "Partner",
    "PartnerLeaving",
    "Pool",
    "PoolTerms",
    "Precondition",
    "Provider",
    "ProviderMatch",
    "Publication",
    "Reminder",
    "Rule",
    "Scheme",
    "SchemeFunction",
    "SchemeTerms",
    "TrustConsent",
    "UploadedRow",
]  # fmt: skip
