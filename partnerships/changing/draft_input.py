"""Writing what an API client or a file says about a draft, through the actions on drafts. Only differences are written.

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
    """A partner as entered. A None leaves the current value; for a new partner it means the usual one for its kind."""

    organisation: Organisation
    role: str | None = None
    contributes: bool | None = None


def open_draft(agreement: Agreement) -> Draft:
    """The open deed and what the agreement would say with it. Raises `Refused` if no deed is open."""
    found = draft_of(agreement)
    if found is None:
        raise Refused.because(
            "NO_OPEN_DEED",
            f"{agreement.reference} has no open deed, and signed text cannot be changed",
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
    """Write the main terms, the full list of partners if given, and the clauses. An empty clause is deleted."""
    if main_terms:
        drafting.edit_deed(deed=draft.deed, changes=dict(main_terms), by=by)
    if partners is not None:
        _write_partners(draft, partners, by)
    texts = {kind: text for kind, text in clauses.items() if draft.content.clause(kind) != text.strip()}
    if texts:
        drafting.write_clauses(deed=draft.deed, texts=texts, by=by)


def _write_partners(draft: Draft, partners: Sequence[PartnerIn], by: Actor) -> None:
    """Add partners before removing others, so that the draft always has at least one."""
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
