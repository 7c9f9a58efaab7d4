"""What an API client or a file says of a draft, handed to the actions that write drafts: only what is otherwise now.

Called inside a transaction, so that all of it is written or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnerships.actions import drafting
from partnerships.queries.agreements.drafts import Draft, draft_of
from partnerships.rules.agreements.drafting import role_of
from pooledcare.kernel.problems import Refused

if TYPE_CHECKING:
    from partnerships.models import Agreement
    from pooledcare.directory.access import Actor
    from pooledcare.directory.models import Organisation


@dataclass(frozen=True, slots=True)
class PartnerIn:
    """A partner as somebody names it; what is None stays as it is, or is what such a body usually does."""

    organisation: Organisation
    role: str | None = None
    contributes: bool | None = None


def open_draft(agreement: Agreement) -> Draft:
    """The draft under work; refused where there is none, because what was signed is never changed."""
    found = draft_of(agreement)
    if found is None:
        raise Refused.because(
            "NO_OPEN_DEED",
            f"{agreement.reference} has no deed under work, and what is signed is never changed",
            fix="Prepare a deed of variation first.",
        )
    return found


def write_draft(
    draft: Draft,
    *,
    main_terms: Mapping[str, Any],
    partners: Sequence[PartnerIn] | None = None,
    clauses: Mapping[str, str],
    by: Actor,
) -> None:
    """The main terms, all the partners where they are given, and clauses; an empty clause is taken out."""
    if main_terms:
        drafting.edit_deed(deed=draft.deed, changes=dict(main_terms), by=by)
    if partners is not None:
        _write_partners(draft, partners, by)
    texts = {kind: text for kind, text in clauses.items() if draft.content.clause(kind) != text.strip()}
    if texts:
        drafting.write_clauses(deed=draft.deed, texts=texts, by=by)


def _write_partners(draft: Draft, partners: Sequence[PartnerIn], by: Actor) -> None:
    """Joining before leaving, so that an agreement is never without partners in between."""
    held = {each.body.code: each for each in draft.content.partners}
    for each in partners:
        code = each.organisation.code
        contributes = True if each.contributes is None else each.contributes
        if code not in held:
            role = each.role or role_of(each.organisation.kind)
            drafting.add_partner(
                deed=draft.deed, organisation=each.organisation, role=role, contributes=contributes, by=by
            )
            continue
        now = held[code]
        role = each.role or now.role
        contributes = now.contributes if each.contributes is None else each.contributes
        found = draft.partner(code)
        if found is not None and (now.role, now.contributes) != (role, contributes):
            drafting.change_partner(deed=draft.deed, partner=found, role=role, contributes=contributes, by=by)
    wanted = {each.organisation.code for each in partners}
    for code in held:
        if code not in wanted and (found := draft.partner(code)) is not None:
            drafting.remove_partner(deed=draft.deed, partner=found, by=by)
