"""What all API views of agreements share: finding the agreement, its text as at a day, and the codes in filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from partnerships.queries.agreements.api_listings import is_function
from partnerships.queries.agreements.detail import reading
from partnerships.queries.agreements.drafts import draft_of
from partnerships.queries.agreements.reach import Reached, agreement_reached
from partnerships.rules.agreements import AgreementRecord, Content
from partnerships.terms import Flexibility
from pooledcare.directory.api import actor_of, known_organisations
from pooledcare.directory.queries import neighbours
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import client_of, require_key
from pooledcare.kernel.rest.problems import HttpProblem

REFERENCE = "S75-[0-9]{4,9}"
SLUG = "[a-z0-9-]{1,60}"
PATH_REFERENCE = {
    "schema": {"type": "string", "pattern": f"^{REFERENCE}$"},
    "description": "The reference of the agreement.",
    "example": "S75-0001",
}
PATH_SLUG = {
    "schema": {"type": "string", "pattern": f"^{SLUG}$"},
    "description": "The last part of its address within the agreement.",
    "example": "reablement",
}
DAYS = (
    p.day("as_at", "As at this day. The default is today, or the nearest day within its term."),
    p.day("known_at", "Only deeds that had been signed by the end of this day.", "2026-04-30"),
    p.flag("draft", "For partners: as it would read on the first day of the open deed. `as_at` is then ignored."),
)
OF_AGREEMENT = (
    p.pattern("agreement", "Only of this agreement.", grammar=REFERENCE, example="S75-0001"),
    p.pattern("place", "Only of agreements about this place.", grammar="[a-z0-9-]{1,80}", example="somerset"),
    p.code("partner", "Only of agreements to which the body with this code is a partner today."),
)
FUNCTION = p.pattern("function", "Only with this statutory function.", grammar="[a-z0-9-]{1,60}", example="nhs-s3")
FLEXIBILITY = p.choice("flexibility", Flexibility, "Only with this flexibility.")


def reached_for(request: Request, reference: str) -> Reached:
    """An agreement that the client may read. Otherwise raises 401 without a key and 404 with one, even if it exists."""
    found = agreement_reached(reference, actor=actor_of(request))
    if found is None:
        require_key(client_of(request))
        raise HttpProblem("not-found")
    return found


@dataclass(frozen=True, slots=True)
class Text:
    """The content of an agreement as at a day, and the record from which it was read."""

    content: Content
    record: AgreementRecord
    day: dt.date


def text_of(reached: Reached, asked: dict[str, Any]) -> Text:
    """The requested text. Raises 404 if there is none to read."""
    if asked.get("draft"):
        draft = draft_of(reached.agreement) if reached.is_partner else None
        if draft is None:
            raise HttpProblem("not-found", "This agreement has no open deed.")
        return Text(draft.content, draft.record, draft.day)
    page = reading(reached, as_at=asked.get("as_at"), known_at=asked.get("known_at"))
    if page.content is None:
        raise HttpProblem("not-found", "This agreement has no text on that day.")
    return Text(page.content, page.record, page.day)


def known(asked: dict[str, Any], request: Request) -> dict[str, Any]:
    """The filters with codes replaced by keys. Raises 404 for an unknown code, rather than giving an empty list."""
    found = {name: value for name, value in asked.items() if name not in ("agreement", "place", "partner")}
    if reference := asked.get("agreement"):
        found["agreement_id"] = reached_for(request, reference).agreement.pk
    if slug := asked.get("place"):
        found["place_id"] = known_place(slug)
    if code := asked.get("partner"):
        found["partner_ids"] = known_organisations(code, "partner")
    for name in ("host", "lead"):
        if code := asked.get(name):
            found[name] = known_organisations(code, name)
    if (function := asked.get("function")) and not is_function(function):
        raise HttpProblem("not-found", f"There is no function {function} (function).")
    return found


def known_place(slug: str) -> int:
    found = neighbours.place_id(slug)
    if found is None:
        raise HttpProblem("not-found", f"There is no place {slug} (place).")
    return found
