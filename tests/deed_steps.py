"""The steps that many tests take with an agreement, through the actions that people would use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from partnerships.actions import deeds, drafting, recording
from partnerships.models import Agreement, Deed
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_hash
from partnerships.terms import ClauseKind
from pooledcare.directory.access import Actor, system_actor
from pooledcare.directory.models import Organisation, Place
from tests import factories

if TYPE_CHECKING:
    from tests.world import People

TODAY = dt.date(2026, 6, 15)
START = dt.date(2024, 4, 1)
SYSTEM = system_actor("example")


def open_deed(agreement: Agreement) -> Deed:
    return fresh(factories.open_deed(agreement))


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def hash_now(deed: Deed) -> str:
    record = record_of(Agreement.objects.get(pk=deed.agreement_id))
    return content_hash(record, next(each for each in record.deeds if each.number == deed.number))


def approve(deed: Deed, *people: People) -> Deed:
    for each in people:
        deeds.approve_deed(deed=deed, content_hash=hash_now(deed), by=each.approves)
    return fresh(deed)


def sign(deed: Deed, *people: People, on: dt.date = TODAY) -> Deed:
    """Approved by all of them, signed by the first."""
    approve(deed, *people)
    return deeds.sign_deed(deed=deed, signed_on=on, by=people[0].approves)


def assess(deed: Deed, by: People) -> None:
    recording.record_impact_assessment(deed=deed, assessed_on=TODAY, text="Who is served, and how.", by=by.leads)


def drop_scheme(deed: Deed, slug: str, by: People) -> Deed:
    drafting.drop_scheme(deed=deed, slug=slug, by=by.prepares)
    return fresh(deed)


def whole_draft(
    nhs: Organisation, council: Organisation, *, by: Actor, places: Collection[Place], **main_terms: Any
) -> Agreement:
    """A draft that lacks nothing: the NHS body hosts a fund, one scheme has functions of both, and every clause.

    `by` begins it for the NHS body. `main_terms` are what `start_agreement` takes. The fund and the scheme are both
    called “reablement” in addresses.
    """
    for code, side in (("nhs-s3", "nhs"), ("social-services", "local_authority")):
        factories.function(code, side=side)
    made = drafting.start_agreement(
        organisation=nhs, power="s75", notice_months=6, sets_end=True, places=places, by=by, **main_terms
    )
    deed = open_deed(made)
    drafting.add_partner(deed=deed, organisation=council, by=by)
    fund = {
        "name": "Reablement", "kind": "pooled", "host": nhs, "manager": "Head of joint commissioning",
        "manager_employer": nhs,
    }  # fmt: skip
    pool = drafting.save_pool(deed=deed, values=fund, by=by).pool
    scheme = {
        "name": "Reablement", "aims": "Fewer stays in hospital.", "services": "Reablement at home.",
        "flexibilities": ["pooled_fund"], "lead": nhs, "pool": pool,
    }  # fmt: skip
    functions = [drafting.FunctionIn("nhs-s3", nhs), drafting.FunctionIn("social-services", council)]
    drafting.save_scheme(deed=deed, values=scheme, functions=functions, by=by)
    texts = {str(kind): f"What is agreed on: {kind.label.lower()}." for kind in ClauseKind}
    drafting.write_clauses(deed=deed, texts=texts, by=by)
    for condition in ("improvement", "joint_consultation"):
        recording.record_precondition(
            agreement=made, kind=condition, is_met=True, met_on=main_terms["effective_on"], evidence="Paper 1", by=by
        )
    return fresh(made)
