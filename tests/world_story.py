"""One agreement of the world with everything that a page can show: a successor, deeds signed and open, a board, words.

Everything that only its partners may read says CANARY.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from partnerships.actions import deeds, drafting, operation, recording
from partnerships.changing.agreement import set_state
from partnerships.models import Agreement, Document
from tests import factories
from tests.deed_steps import SYSTEM, approve, fresh, open_deed, whole_draft

if TYPE_CHECKING:
    from tests.world import World

BEGAN = dt.date(2021, 4, 1)
VARIED = dt.date(2022, 4, 1)
AHEAD = dt.date(2027, 4, 1)


def tell(world: World) -> Agreement:
    """The clinical group began it in 2021; the board has its place; deed 1 of 2022 is signed, deed 2 is open.

    Its first two deeds were signed outside PooledCare, which recorded and published them.
    """
    assert world.icb
    made = whole_draft(
        world.ccg.organisation,
        world.council.organisation,
        by=SYSTEM,
        places=[world.place],
        title="Mereshire joint arrangements for older people",
        effective_on=BEGAN,
        end_on=dt.date(2029, 3, 31),
        review_on=[dt.date(2027, 10, 1)],
        is_integrated=True,
    )
    changes = {"summary": "Brings services for older people together."}
    drafting.edit_deed(deed=open_deed(made), changes=changes, by=SYSTEM)
    _doubt(world, made)
    signed_outside(made, 0, BEGAN - dt.timedelta(days=30))
    operation.start_operating(agreement=made, since=BEGAN, by=SYSTEM)
    _vary(world, made)
    _open(world, made)
    _record(world, made)
    _of_no_action(world, made)
    return fresh(made)


def _doubt(world: World, made: Agreement) -> None:
    """From its first day something is unlawful (surgery is pooled) and something not settled (whose function it is)."""
    factories.function("nhs-s3a", side="nhs")
    group, council = world.ccg.organisation, world.council.organisation
    functions = [
        drafting.FunctionIn("nhs-s3", group, exclusions=("surgery",)),
        drafting.FunctionIn("nhs-s3a", council),
        drafting.FunctionIn("social-services", council),
    ]
    drafting.save_scheme(deed=open_deed(made), slug="reablement", values={}, functions=functions, by=SYSTEM)


def signed_outside(made: Agreement, number: int, day: dt.date) -> None:
    deeds.record_history(agreement=made, signed={number: day}, published=True, source=None, by=SYSTEM)


def _vary(world: World, made: Agreement) -> None:
    deed = deeds.prepare_deed(agreement=made, effective_on=VARIED, summary="Adds diagnostics, ends nothing.", by=SYSTEM)
    words = "What is agreed on: aims and better outcomes for older people."
    drafting.write_clause(deed=deed, kind="aims", text=words, by=SYSTEM)
    group = world.ccg.organisation
    scheme = {
        "name": "Diagnostics nearer home", "services": "Endoscopy and imaging.", "flexibilities": ["pooled_fund"],
        "lead": group, "is_voluntary": True, "pool": made.pools.get(), "start_on": VARIED, "notice_months": 3,
    }  # fmt: skip
    functions = [drafting.FunctionIn("nhs-s3", group, exclusions=("endoscopy",))]
    drafting.save_scheme(deed=deed, values=scheme, functions=functions, by=SYSTEM)
    signed_outside(made, 1, VARIED - dt.timedelta(days=20))


def _open(world: World, made: Agreement) -> None:
    """Deed 2: the council approved it, somebody wrote on, so that its word is void, and now it asks for changes."""
    by = world.council.prepares
    deed = deeds.prepare_deed(agreement=made, effective_on=AHEAD, summary="CANARY of an open deed.", by=by)
    drafting.add_partner(deed=deed, organisation=world.trust.organisation, role="provider", by=by)
    approve(deed, world.council)
    drafting.write_clause(deed=open_deed(made), kind="exit", text="CANARY of an exit.", by=by)
    deeds.request_changes(deed=open_deed(made), note="CANARY of a note.", by=world.council.approves)


def _record(world: World, made: Agreement) -> None:
    board, council, by = world.icb.organisation, world.council.organisation, world.council.prepares
    recording.save_board(
        agreement=made,
        values={"name": "CANARY board", "form": "joint_committee", "meets": "Monthly"},
        seats=[
            recording.SeatIn(council, "Director of adult services", is_chair=True),
            recording.SeatIn(council, "Director of finance"),
            recording.SeatIn(board, "Chief finance officer", deputy="Deputy officer"),
        ],
        quorums={council: 2},
        by=by,
    )
    recording.record_decision(
        agreement=made, body="cabinet", reference="CANARY minute 12", decided_on=dt.date(2021, 2, 1), by=by
    )
    recording.record_trust_consent(
        agreement=made, trust=world.trust.organisation, commissioner=board, consented_on=None,
        evidence="CANARY letter", by=by,
    )  # fmt: skip
    operation.give_notice(
        agreement=made, scheme=made.schemes.get(slug="reablement"), given_on=dt.date(2026, 1, 5),
        takes_effect_on=dt.date(2028, 1, 5), reason="CANARY reason", by=world.council.approves,
    )  # fmt: skip
    operation.record_occurrence(
        agreement=made, kind="direction", happened_on=dt.date(2026, 2, 1), evidence="CANARY event", by=by
    )
    recording.record_impact_assessment(
        deed=made.deeds.get(number=2), assessed_on=dt.date(2026, 1, 1), text="CANARY of an impact.", by=by
    )


def _of_no_action(world: World, made: Agreement) -> None:
    """What no action writes: the mark of the demonstration, and words about a state that did not change."""
    made = fresh(made)
    made.is_illustrative = True
    set_state(made, "in_operation", by=SYSTEM, organisation=world.council.organisation, note="CANARY of a state.")
    made.save()


def papers_of(made: Agreement) -> list[Document]:
    """An open paper and an exempt one.

    Rows of the factory, because their content is a short text, which the action would not take for a PDF.
    """
    return [
        factories.document(made, title="Signed agreement", kind="signed_agreement", is_exempt=False),
        factories.document(made, title="CANARY advice"),
    ]
