"""Rows of agreements for tests of the database: the smallest valid row of each kind, written past every action."""

from __future__ import annotations

import datetime as dt
from typing import Any

from partnerships.models import (
    Agreement,
    AgreementStatus,
    AgreementSummary,
    Approval,
    Board,
    BoardQuorum,
    BoardSeat,
    Clause,
    Decision,
    Deed,
    DelegatedLimit,
    ImpactAssessment,
    IntegrationMark,
    LimitDeputy,
    Notice,
    Occurrence,
    Partner,
    PartnerLeaving,
    Pool,
    PoolTerms,
    Precondition,
    Publication,
    Reminder,
    Scheme,
    SchemeFunction,
    SchemeTerms,
    TrustConsent,
    UploadedRow,
)
from tests import factories
from tests.partnerships.law_rows import function

DAY = dt.date(2016, 4, 1)
ACTOR = "user:1"


def agreement(**fields: Any) -> Agreement:
    fields.setdefault("prepared_by", None)
    fields["prepared_by"] = fields["prepared_by"] or factories.organisation()
    return Agreement.objects.create(**{"power": "s75"} | fields)


def deed(**fields: Any) -> Deed:
    """The agreement itself, in draft; with a number, a variation of it."""
    fields["agreement"] = fields.get("agreement") or agreement()
    kind = "variation" if fields.get("number") else "original"
    return Deed.objects.create(**{"number": 0, "kind": kind} | fields)


def sign(one: Deed) -> None:
    Deed.objects.filter(pk=one.pk).update(state="signed", signed_on=DAY, effective_on=DAY)


def partner(**fields: Any) -> Partner:
    """A partner that joins by a deed; with `by_succession_of`, in place of that one."""
    if before := fields.get("by_succession_of"):
        fields = {"agreement": before.agreement, "valid_from": DAY, "deed": None} | fields
    elif "deed" not in fields:
        fields["deed"] = deed()
    fields.setdefault("organisation", None)
    fields["organisation"] = fields["organisation"] or factories.organisation()
    fields.setdefault("agreement", fields["deed"].agreement if fields["deed"] else None)
    return Partner.objects.create(**{"role": "commissioner"} | fields)


def leaving(**fields: Any) -> PartnerLeaving:
    fields["partner"] = fields.get("partner") or partner()
    fields.setdefault("deed", fields["partner"].deed)
    return PartnerLeaving.objects.create(**fields)


def clause(**fields: Any) -> Clause:
    fields["deed"] = fields.get("deed") or deed()
    return Clause.objects.create(**{"kind": "aims", "text": "An aim."} | fields)


def pool(**fields: Any) -> Pool:
    fields["agreement"] = fields.get("agreement") or agreement()
    return Pool.objects.create(**{"slug": f"fund-{factories.number()}"} | fields)


def pool_terms(**fields: Any) -> PoolTerms:
    fields["deed"] = fields.get("deed") or deed()
    fields["pool"] = fields.get("pool") or pool(agreement=fields["deed"].agreement)
    return PoolTerms.objects.create(**{"name": "Fund", "kind": "pooled"} | fields)


def delegated_limit(**fields: Any) -> DelegatedLimit:
    fields["terms"] = fields.get("terms") or pool_terms(deed=fields.pop("deed", None))
    fields["partner"] = fields.get("partner") or factories.organisation()
    said = {"office": f"Officer {factories.number()}", "power": "commit", "is_unlimited": fields.get("limit") is None}
    return DelegatedLimit.objects.create(**said | fields)


def limit_deputy(**fields: Any) -> LimitDeputy:
    fields["limit"] = fields.get("limit") or delegated_limit(deed=fields.pop("deed", None))
    return LimitDeputy.objects.create(**{"office": "Deputy", "first_on": DAY, "last_on": DAY} | fields)


def scheme(**fields: Any) -> Scheme:
    fields["agreement"] = fields.get("agreement") or agreement()
    return Scheme.objects.create(**{"slug": f"scheme-{factories.number()}"} | fields)


def scheme_terms(**fields: Any) -> SchemeTerms:
    fields["deed"] = fields.get("deed") or deed()
    fields["scheme"] = fields.get("scheme") or scheme(agreement=fields["deed"].agreement)
    return SchemeTerms.objects.create(**{"name": "Scheme"} | fields)


def scheme_function(**fields: Any) -> SchemeFunction:
    fields["terms"] = fields.get("terms") or scheme_terms(deed=fields.pop("deed", None))
    fields["function"] = fields.get("function") or function()
    return SchemeFunction.objects.create(**fields)


def approval(**fields: Any) -> Approval:
    said = {"decision": "approved", "content_hash": "0" * 64, "actor": ACTOR}
    return Approval.objects.create(**{"deed": deed(), "organisation": factories.organisation()} | said | fields)


def publication(**fields: Any) -> Publication:
    fields["deed"] = fields.get("deed") or deed()
    fields["organisation"] = fields.get("organisation") or factories.organisation()
    return Publication.objects.create(**{"actor": ACTOR} | fields)


def status(**fields: Any) -> AgreementStatus:
    return AgreementStatus.objects.create(**{"agreement": agreement(), "state": "draft", "actor": ACTOR} | fields)


def recorded(**fields: Any) -> dict[str, Any]:
    """What every recorded fact carries."""
    return {"organisation": factories.organisation(), "actor": ACTOR} | fields


def precondition(**fields: Any) -> Precondition:
    values = {"agreement": agreement(), "kind": "improvement", "evidence": "Paper 1"}
    return Precondition.objects.create(**recorded(**values | fields))


def decision(**fields: Any) -> Decision:
    values = {"agreement": agreement(), "body": "cabinet", "reference": "CAB/1", "decided_on": DAY}
    return Decision.objects.create(**recorded(**values | fields))


def trust_consent(**fields: Any) -> TrustConsent:
    trust = factories.organisation(kind="nhs_trust")
    values = {"agreement": agreement(), "trust": trust, "commissioner": factories.organisation()}
    return TrustConsent.objects.create(**recorded(**values | fields))


def notice(**fields: Any) -> Notice:
    fields["agreement"] = fields.get("agreement") or agreement()
    return Notice.objects.create(**recorded(**{"given_on": DAY, "takes_effect_on": DAY} | fields))


def occurrence(**fields: Any) -> Occurrence:
    values = {"agreement": agreement(), "kind": "direction", "happened_on": DAY, "evidence": "Letter 1"}
    return Occurrence.objects.create(**recorded(**values | fields))


def impact_assessment(**fields: Any) -> ImpactAssessment:
    return ImpactAssessment.objects.create(**recorded(**{"deed": deed(), "assessed_on": DAY, "text": "None."} | fields))


def integration_mark(**fields: Any) -> IntegrationMark:
    return IntegrationMark.objects.create(**recorded(**{"agreement": agreement(), "kind": "marked"} | fields))


def board(**fields: Any) -> Board:
    return Board.objects.create(**{"agreement": agreement(), "name": "Board", "form": "officer_board"} | fields)


def seat(**fields: Any) -> BoardSeat:
    return BoardSeat.objects.create(**{"post": "Director"} | fields)


def quorum(**fields: Any) -> BoardQuorum:
    return BoardQuorum.objects.create(**{"least": 1} | fields)


def reminder(**fields: Any) -> Reminder:
    return Reminder.objects.create(**{"kind": "review", "due_on": DAY, "days_before": 30} | fields)


def uploaded_row(**fields: Any) -> UploadedRow:
    return UploadedRow.objects.create(**{"line": 1, "row": 2, "cell_values": {"title": "Example"}} | fields)


def summary(**fields: Any) -> AgreementSummary:
    lists = ("partner_ids", "reader_ids", "host_ids", "place_ids", "function_codes", "flexibilities")
    counts = ("pool_count", "scheme_count", "unlawful_count", "not_settled_count")
    values: dict[str, Any] = dict.fromkeys(counts, 0) | {name: [] for name in lists}
    values |= {"audience": "partners", "worked_out_on": DAY, "title": "", "state": "draft", "verdict": "not_settled"}
    return AgreementSummary.objects.create(**values | fields)
