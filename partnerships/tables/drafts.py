"""The task list of a draft: each part of the agreement, its status, and the page where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnerships.rules.agreements import PartnerContent, PoolContent, SchemeContent
from partnerships.terms import ClauseKind, PartnerRole, PoolKind
from pooledcare.kernel.days import written

if TYPE_CHECKING:
    from partnerships.queries.agreements.drafts import Draft

Url = Callable[..., str]
WRITTEN, EMPTY, CHANGED, ADDED = "Written", "Not written yet", "Changed by this deed", "Added by this deed"
UNCHANGED, JOINS = "As before", "Joins"


@dataclass(frozen=True)
class Item:
    title: str
    url: str
    status: str
    hint: str = ""

    @property
    def colour(self) -> str | None:
        """The colour of the status tag; None shows plain text, for parts that need no attention."""
        return {EMPTY: "blue", CHANGED: "yellow", ADDED: "green"}.get(self.status)


@dataclass(frozen=True)
class Section:
    title: str
    items: list[Item]
    add: tuple[str, str] | None = None
    empty: str = ""


def draft_sections(draft: Draft, url: Url) -> list[Section]:
    """The sections of the task list, in the usual order of a written agreement."""
    content = draft.content
    return [
        Section("The agreement" if draft.is_original else "The deed", list(_main_terms(draft, url))),
        Section(
            "Partners",
            [_partner(draft, each, url) for each in content.partners],
            add=("Add a partner", url("partner-add")),
        ),
        Section(
            "Funds",
            [_pool(draft, each, url) for each in content.pools],
            add=("Add a fund", url("pool-add")),
            empty="The agreement has no fund.",
        ),
        Section(
            "Schemes",
            [_scheme(draft, each, url) for each in content.schemes],
            add=("Add a scheme", url("scheme-add")),
            empty="The agreement has no scheme. A scheme says which functions are exercised, for whom and by whom.",
        ),
        Section("Clauses", [_clause(draft, kind, url) for kind in ClauseKind]),
    ]


def _main_terms(draft: Draft, url: Url) -> Iterator[Item]:
    content, deed = draft.content, draft.deed
    days = " to ".join(written(day) for day in (content.start, content.end) if day)
    if draft.is_original:
        whole = bool(content.title and content.start and content.notice_months)
        yield Item("Title, dates and notice", url("draft-main-terms"), WRITTEN if whole else EMPTY, days)
        named = ", ".join(place.name for place in content.places)
        yield Item("Places", url("draft-places"), WRITTEN if named else EMPTY, named)
        return
    from_day = f"Has effect from {written(deed.effective_on)}" if deed.effective_on else ""
    whole = bool(deed.summary and deed.effective_on)
    yield Item(
        "What it does, from when, dates and notice", url("draft-main-terms"), WRITTEN if whole else EMPTY, from_day
    )
    if draft.agreement.is_integrated:
        assessed = WRITTEN if draft.is_assessed else EMPTY
        yield Item("Impact assessment", url("impact-record"), assessed, "Needed if the deed reduces the arrangement")


def _status(draft: Draft, was: object, now: object) -> str:
    if draft.before is None:
        return WRITTEN
    return ADDED if was is None else UNCHANGED if was == now else CHANGED


def _partner(draft: Draft, each: PartnerContent, url: Url) -> Item:
    before = draft.before.partners if draft.before else ()
    was = next((other for other in before if other.body.code == each.body.code), None)
    role = str(PartnerRole(each.role).label) + ("" if each.contributes else ", contributes nothing")
    status = JOINS if draft.before is None else _status(draft, was, each)
    return Item(each.body.name, url("partner-change", each.body.code), status, role)


def _pool(draft: Draft, each: PoolContent, url: Url) -> Item:
    was = draft.before.pool(each.slug) if draft.before else None
    host = f"hosted by {each.host.name}" if each.host else "no host yet"
    hint = f"{PoolKind(each.kind).label}, {host}"
    return Item(each.name, url("pool-change", each.slug), _status(draft, was, each), hint)


def _scheme(draft: Draft, each: SchemeContent, url: Url) -> Item:
    was = draft.before.scheme(each.slug) if draft.before else None
    count = len(each.functions)
    hint = f"{count} function{'' if count == 1 else 's'}" if count else "No functions yet"
    status = EMPTY if draft.is_original and not count else _status(draft, was, each)
    return Item(each.name, url("scheme-change", each.slug), status, hint)


def _clause(draft: Draft, kind: ClauseKind, url: Url) -> Item:
    text = draft.content.clause(kind)
    if draft.before is None or not (text or draft.before.clause(kind)):
        status = WRITTEN if text else EMPTY
    else:
        was = draft.before.clause(kind)
        status = UNCHANGED if was == text else CHANGED
    return Item(str(kind.label), url("clause-edit", kind.value), status)


_PAGES = {
    "main-terms": "draft-main-terms", "partners": "partner-add", "pools": "pool-add", "schemes": "scheme-add",
    "decisions": "decision-record", "consents": "consent-record",
}  # fmt: skip
_PAGES_OF_ONE = {"pools": "pool-change", "schemes": "scheme-change", "clauses": "clause-edit"}


def address_of(where: str, url: Url) -> str:
    """The page on which a missing item is written or recorded; empty if there is none."""
    part, _, one = where.partition("/")
    if where == "main-terms/places":
        return url("draft-places")
    if part in ("preconditions", "conditions"):
        return f"{url('precondition-record')}?kind={one}"
    if one and part in _PAGES_OF_ONE:
        return url(_PAGES_OF_ONE[part], one)
    return url(_PAGES[part]) if part in _PAGES else ""
