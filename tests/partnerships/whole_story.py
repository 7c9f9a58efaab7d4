"""One agreement with everything that a page can show: successors, deeds signed and open, a board, papers, words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from partnerships.changing.agreement import refresh_summaries
from partnerships.models import (
    Agreement,
    AgreementStatus,
    Approval,
    Board,
    BoardQuorum,
    BoardSeat,
    Clause,
    Decision,
    Deed,
    Document,
    ImpactAssessment,
    IntegrationMark,
    Notice,
    Occurrence,
    Partner,
    Scheme,
    SchemeFunction,
    SchemeTerms,
    TrustConsent,
)
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_hash
from pooledcare.directory.models import Organisation
from tests import factories

ACTOR = "system:example"
SUCCEEDED = dt.date(2025, 7, 1)
VARIED = dt.date(2025, 4, 1)
AHEAD = dt.date(2027, 4, 1)


@dataclass(frozen=True)
class Story:
    """`group` began the agreement and was succeeded by `board`; deed 1 is signed, deed 2 is open."""

    agreement: Agreement
    group: Organisation
    board: Organisation
    county: Organisation
    trust: Organisation
    paper: Document
    exempt: Document


def story(*, is_published: bool = True) -> Story:
    group = factories.organisation(name="NHS Mereshire Group", code="16X", kind="ccg", closed=dt.date(2025, 6, 30))
    board = factories.organisation(name="NHS Mereshire Integrated Care Board", code="QMS", opened=SUCCEEDED)
    county = factories.council(name="Mereshire County Council", kind="county", code="E10000999")
    trust = factories.organisation(name="Mereshire Hospitals NHS Trust", kind="nhs_trust", code="RMS")
    factories.succession(predecessor=group, successor=board, effective_on=SUCCEEDED)
    made = factories.signed_agreement(
        partners=[group, county],
        places=[factories.place(name="Mereshire", slug="mereshire")],
        title="Mereshire joint arrangements for older people",
        is_published=is_published,
        of_agreement={"is_illustrative": True, "is_integrated": True},
        end_on=dt.date(2029, 3, 31),
        review_on=[dt.date(2027, 10, 1)],
        summary="Brings services for older people together.",
    )
    first = made.partners.get(organisation=group)
    Partner.objects.create(
        agreement=made, organisation=board, role="commissioner", valid_from=SUCCEEDED, by_succession_of=first
    )
    _vary(made, group, is_published=is_published)
    _open_deed(made, county, trust)
    paper, exempt = _recorded(made, board, county, trust)
    refresh_summaries([made])
    return Story(made, group, board, county, trust, paper, exempt)


def _vary(made: Agreement, group: Organisation, *, is_published: bool) -> None:
    deed = Deed.objects.create(
        agreement=made, number=1, kind="variation", effective_on=VARIED, summary="Adds diagnostics, ends nothing."
    )
    Clause.objects.create(deed=deed, kind="aims", text="What is agreed on: aims and better outcomes for older people.")
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug="diagnostics"), name="Diagnostics nearer home",
        services="Endoscopy and imaging.", flexibilities=["pooled_fund"], lead=group, is_voluntary=True,
        pool=made.pools.get(), start_on=VARIED, notice_months=3,
    )  # fmt: skip
    SchemeFunction.objects.create(
        terms=terms, function=factories.function("nhs-s3"), holder=group, exclusions=["endoscopy"]
    )
    deed.state, deed.signed_on = "signed", VARIED - dt.timedelta(days=20)
    deed.published_on = deed.signed_on if is_published else None
    deed.save()


def _open_deed(made: Agreement, county: Organisation, trust: Organisation) -> None:
    deed = Deed.objects.create(
        agreement=made, number=2, kind="variation", effective_on=AHEAD, summary="CANARY of an open deed."
    )
    Partner.objects.create(agreement=made, deed=deed, organisation=trust, role="provider")
    Clause.objects.create(deed=deed, kind="exit", text="CANARY of an exit.")
    said = {"deed": deed, "organisation": county, "actor": ACTOR}
    Approval.objects.create(**said, decision="approved", content_hash="0" * 64)
    record = record_of(made)
    Approval.objects.create(
        **said, decision="changes_requested", note="CANARY of a note.",
        content_hash=content_hash(record, record.deeds[-1]),
    )  # fmt: skip


def _recorded(
    made: Agreement, board: Organisation, county: Organisation, trust: Organisation
) -> tuple[Document, Document]:
    mine = {"agreement": made, "organisation": county, "actor": ACTOR}
    panel = Board.objects.create(agreement=made, name="CANARY board", form="joint_committee", meets="Monthly")
    BoardSeat.objects.create(board=panel, organisation=county, post="Director of adult services", is_chair=True)
    BoardSeat.objects.create(board=panel, organisation=board, post="Chief finance officer", deputy="Deputy officer")
    BoardQuorum.objects.create(board=panel, organisation=county, least=2)
    Decision.objects.create(**mine, body="cabinet", reference="CANARY minute 12", decided_on=dt.date(2024, 2, 1))
    TrustConsent.objects.create(**mine, trust=trust, commissioner=board, evidence="CANARY letter")
    Notice.objects.create(
        **mine, given_on=dt.date(2026, 1, 5), takes_effect_on=dt.date(2028, 1, 5), reason="CANARY reason"
    )
    Occurrence.objects.create(
        **mine, kind="direction", happened_on=dt.date(2026, 2, 1), evidence="CANARY event", breaks_principle=True
    )
    IntegrationMark.objects.create(**mine, kind="marked")
    ImpactAssessment.objects.create(
        deed=made.deeds.get(number=2), organisation=county, actor=ACTOR, assessed_on=dt.date(2026, 1, 1),
        text="CANARY of an impact.",
    )  # fmt: skip
    AgreementStatus.objects.create(agreement=made, state="in_operation", actor=ACTOR, note="CANARY of a state.")
    open_paper = factories.document(made, title="Signed agreement", kind="signed_agreement", is_exempt=False)
    return open_paper, factories.document(made, title="CANARY advice")
