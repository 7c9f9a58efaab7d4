"""The actions that a page offers to a partner, in the usual order; for those not possible now, the reason.

Only what is known before anybody fills in a form is checked here; the actions themselves check everything again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from partnerships.models import Agreement, AgreementSummary, Deed, Publication
from partnerships.queries.agreements.approvals import approvals_of, editors_of
from partnerships.queries.agreements.drafts import Draft, current_notice_rows, draft_of, partners_now
from partnerships.queries.agreements.reach import Reached
from partnerships.rules.agreements.signing import ApprovalLine, second_person_problems
from partnerships.terms import OVER, RUNNING, AgreementState, Audience, DeedState
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.directory.models import Organisation
from pooledcare.kernel.names import joined

PREPARE, APPROVE = Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS

_STEPS = frozenset({"draft-detail", "deed-approve", "deed-sign", "deed-publish", "deed-prepare", "operation-start"})


@dataclass(frozen=True, slots=True)
class PossibleAction:
    """A button on the page of an agreement. `why_not` is empty if the action is possible."""

    label: str
    url: str
    why_not: str = ""
    is_step: bool = False  # leads to the next state; other actions are shown less prominently


def possible_actions(reached: Reached, actor: Actor) -> list[PossibleAction]:
    """The actions for this person; none if they are not a partner.

    The number of queries does not depend on the agreement.
    """
    if not reached.is_partner:
        return []
    asked = _Asked(reached.agreement, actor)
    return [*_of_open_deed(asked), *_of_signed_deeds(asked), *_of_agreement(asked), *_of_records(asked)]


def steps_of_draft(agreement: Agreement, actor: Actor) -> list[PossibleAction]:
    """Actions on the open deed other than editing it."""
    return [each for each in _of_open_deed(_Asked(agreement, actor)) if not each.label.startswith("Edit ")]


@dataclass(frozen=True)
class _Asked:
    agreement: Agreement
    actor: Actor

    @cached_property
    def readers(self) -> set[int]:
        found = AgreementSummary.objects.filter(agreement=self.agreement, audience=Audience.PARTNERS).first()
        return set() if found is None else set(found.reader_ids)

    def able(self, permission: Permission) -> list[Organisation]:
        if self.actor.is_system:
            return [self.agreement.prepared_by]
        return [each for each in self.actor.holds(permission) if each.pk in self.readers]

    @cached_property
    def draft(self) -> Draft | None:
        return draft_of(self.agreement)

    def offer(self, label: str, name: str, *args: object, needs: Permission, why_not: str = "") -> PossibleAction:
        url = reverse(f"partnerships:{name}", args=[self.agreement.reference, *args])
        return PossibleAction(label, url, why_not if self.able(needs) else refusal(needs), name in _STEPS)


def _of_open_deed(asked: _Asked) -> Iterator[PossibleAction]:
    draft = asked.draft
    if draft is None:
        return
    number, name = draft.deed.number, "the agreement" if draft.is_original else f"deed {draft.deed.number}"
    lines = approvals_of(draft.deed, draft.record)
    yield asked.offer(f"Edit {name}", "draft-detail", needs=PREPARE)
    why = _why_not_approve(asked, draft, lines)
    yield asked.offer(f"Approve {name}", "deed-approve", number, needs=APPROVE, why_not=why)
    yield asked.offer(f"Ask for changes to {name}", "deed-request-changes", number, needs=APPROVE)
    waiting = [line.body.name for line in lines if not line.is_approved]
    why = f"Not approved yet by {joined(waiting)}" if waiting else ""
    yield asked.offer(f"Sign {name}", "deed-sign", number, needs=APPROVE, why_not=why)
    yield asked.offer(f"Withdraw {name}", "deed-withdraw", number, needs=PREPARE)


def _why_not_approve(asked: _Asked, draft: Draft, lines: list[ApprovalLine]) -> str:
    """Why the person cannot approve the current text; empty if they can."""
    own = {each.pk for each in asked.able(APPROVE)}
    mine = [line for line in lines if line.body.pk in own]
    if mine and all(line.is_approved for line in mine):
        return "Your organisation has approved this text"
    problems = second_person_problems(editors_of(draft.deed), asked.actor.reference)
    return next((f"{each.message}. {each.fix}" for each in problems), "")


def _of_signed_deeds(asked: _Asked) -> Iterator[PossibleAction]:
    own = {each.pk for each in asked.able(APPROVE)}
    unpublished = Deed.objects.filter(agreement=asked.agreement, state=DeedState.SIGNED, published_on=None)
    done: dict[int, set[int]] = {}
    for pk, organisation in Publication.objects.filter(deed__in=unpublished).values_list("deed", "organisation"):
        done.setdefault(pk, set()).add(organisation)
    for deed in unpublished.order_by("number"):
        name = f"deed {deed.number}" if deed.number else "the agreement"
        why = "Your organisation has already published it. Waiting for the other partners"
        finished = bool(own) and own <= done.get(deed.pk, set())
        why_not = why if finished else ""
        yield asked.offer(f"Publish {name}", "deed-publish", deed.number, needs=APPROVE, why_not=why_not)


def _of_agreement(asked: _Asked) -> Iterator[PossibleAction]:
    agreement = asked.agreement
    running, over = agreement.state in RUNNING, agreement.state in OVER
    if running:
        why = "" if asked.draft is None else f"Deed {asked.draft.deed.number} is open. Sign or withdraw that one first"
        yield asked.offer("Prepare a deed of variation or termination", "deed-prepare", needs=PREPARE, why_not=why)
    if running or agreement.state in (AgreementState.ENDED, AgreementState.EXPIRED):
        yield asked.offer("Prepare a renewal", "renewal-prepare", needs=PREPARE)
    if agreement.operating_since is None and not over:
        yield asked.offer("Record that it operates", "operation-start", needs=PREPARE)
    if running:
        yield asked.offer("Give notice", "notice-give", needs=APPROVE)
        yield from _of_notices(asked)
    if running or agreement.operating_since:
        yield asked.offer("Record what happened", "occurrence-record", needs=PREPARE)
        gone = any(each.organisation.closed for each in partners_now(agreement))
        why = "" if gone else "Every partner still exists"
        yield asked.offer("Record a successor of a partner", "partner-carry-over", needs=PREPARE, why_not=why)
    if not over and agreement.is_integrated:
        yield asked.offer("Agree that the mark of an integrated arrangement is cleared", "release-agree", needs=APPROVE)
    elif not over:
        yield asked.offer("Mark as an existing integrated arrangement", "integration-mark", needs=APPROVE)


def _of_notices(asked: _Asked) -> Iterator[PossibleAction]:
    notices = current_notice_rows(asked.agreement)
    for notice in notices:
        what = f"the scheme “{notice.scheme.slug}”" if notice.scheme else "the agreement"
        mine = any(each.pk == notice.organisation_id for each in asked.able(APPROVE))
        why = (
            ""
            if mine or notice.organisation.closed
            else f"Only {notice.organisation.name}, which gave it, can withdraw it"
        )
        yield asked.offer(f"Withdraw the notice on {what}", "notice-withdraw", notice.pk, needs=APPROVE, why_not=why)
    if notices:
        why = "An existing integrated arrangement is ended by a deed of all its partners"
        yield asked.offer(
            "End after notice",
            "agreement-end",
            needs=APPROVE,
            why_not=why if asked.agreement.is_integrated else "",
        )


def _of_records(asked: _Asked) -> Iterator[PossibleAction]:
    for label, name in (
        ("Record a condition", "precondition-record"),
        ("Record a decision", "decision-record"),
        ("Record a commissioner’s consent", "consent-record"),
        ("Add a board", "board-add"),
        ("Add a document", "document-add"),
    ):
        yield asked.offer(label, name, needs=PREPARE)
