"""The governance and recorded facts of an agreement: boards, decisions, consents, documents, events."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Prefetch, Q, QuerySet

from partnerships.models import (
    AgreementStatus,
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
    TrustConsent,
)
from partnerships.queries.agreements.detail import Reading
from partnerships.queries.agreements.reach import Reached
from partnerships.queries.agreements.records import newest_consents
from partnerships.rules.agreements.membership import MembershipPeriod, membership_periods
from pooledcare.directory.models import AuditEvent
from pooledcare.directory.queries.audit import lines_about

MAX_AUDIT_ENTRIES = 100


@dataclass(frozen=True)
class BoardShown:
    board: Board
    seats: list[BoardSeat]
    quorums: list[BoardQuorum]


@dataclass(frozen=True)
class Governance:
    """What the page shows.

    The public sees partners and documents that are not exempt; everything else is for partners.
    """

    periods: list[MembershipPeriod]
    documents: list[Document]
    boards: list[BoardShown] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    preconditions: list[Precondition] = field(default_factory=list)
    consents: list[TrustConsent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    assessments: list[ImpactAssessment] = field(default_factory=list)
    marks: list[IntegrationMark] = field(default_factory=list)


def governance_of(page: Reading) -> Governance:
    """What the reader may see; with `known_at`, only what had been recorded by then.

    Twelve queries, or one for the public.
    """
    periods = membership_periods(page.record)
    documents = documents_of(page.reached)
    if page.known_at is not None:
        documents = documents.filter(recorded_at__date__lte=page.known_at)
    if not page.is_partner:
        return Governance(periods, list(documents))
    mine = Q(agreement=page.agreement)
    known = Q() if page.known_at is None else Q(recorded_at__date__lte=page.known_at)
    return Governance(
        periods=periods,
        documents=list(documents),
        boards=_boards(page),
        decisions=list(Decision.objects.filter(mine & known).select_related("organisation", "deed")),
        preconditions=list(Precondition.objects.filter(mine & known).select_related("organisation").order_by("-pk")),
        consents=list(
            newest_consents(
                TrustConsent.objects.filter(mine & known).select_related("organisation", "trust", "commissioner"),
                lambda each: (each.trust_id, each.commissioner_id),
            )
        ),
        notices=list(
            Notice.objects.filter(mine & known, withdraws=None)
            .select_related("organisation", "scheme")
            .prefetch_related("withdrawn_by")
        ),
        occurrences=list(Occurrence.objects.filter(mine & known).select_related("organisation", "scheme")),
        assessments=list(
            ImpactAssessment.objects.filter(known, deed__agreement=page.agreement).select_related(
                "organisation", "deed"
            )
        ),
        marks=list(IntegrationMark.objects.filter(mine & known).select_related("organisation")),
    )


def _boards(page: Reading) -> list[BoardShown]:
    found = Board.objects.filter(agreement=page.agreement).prefetch_related(
        Prefetch("seats", BoardSeat.objects.select_related("organisation").order_by("-is_chair", "pk")),
        Prefetch("quorums", BoardQuorum.objects.select_related("organisation")),
    )
    return [BoardShown(board, list(board.seats.all()), list(board.quorums.all())) for board in found]


def documents_of(reached: Reached) -> QuerySet[Document]:
    """Documents that the reader may open, newest first.

    The public gets none that is exempt or of an unpublished deed.
    """
    found = Document.objects.filter(agreement=reached.agreement, removed_at=None).select_related("organisation", "deed")
    if reached.is_partner:
        return found.order_by("-pk")
    return found.filter(Q(deed=None) | Q(deed__published_on__isnull=False), is_exempt=False).order_by("-pk")


def document_reached(reached: Reached, pk: int) -> Document | None:
    return documents_of(reached).filter(pk=pk).first()


def history_of(reached: Reached) -> list[AgreementStatus]:
    """Every change of state of the agreement, newest first."""
    return list(reached.agreement.statuses.select_related("organisation").order_by("-pk"))


def audit_entries(reached: Reached) -> list[AuditEvent]:
    """The latest `MAX_AUDIT_ENTRIES` audit entries about the agreement, newest first."""
    return lines_about(f"agreement:{reached.agreement.reference}", most=MAX_AUDIT_ENTRIES)


def decided_by(reached: Reached) -> set[str]:
    """The kinds of body whose decision is recorded."""
    return set(Decision.objects.filter(agreement=reached.agreement).values_list("body", flat=True))
