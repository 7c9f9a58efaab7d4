"""Whether a fact may be recorded about an agreement. Facts must not be in the future, and need evidence."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from partnerships.records import EVIDENCE_REQUEST, SEAT
from pooledcare.directory.terms import NHS_COMMISSIONER_KINDS, OrganisationKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.records import value_problems

if TYPE_CHECKING:
    from partnerships.models import Deed
    from pooledcare.directory.models import Organisation

MOST_SEATS = 60
COMMISSIONER_KINDS = NHS_COMMISSIONER_KINDS | {OrganisationKind.HEALTH_AUTHORITY}
# A consent may be recorded for both. The law requires one only for what an NHS trust contributes (`needs_consent` in
# `rules/law/parties.py`). For a foundation trust it decides nothing.
TRUST_KINDS = frozenset({OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST})


@dataclass(frozen=True, slots=True)
class SeatIn:
    """A seat on a board as entered: the post and the organisation it acts for."""

    organisation: Organisation
    post: str
    is_chair: bool = False
    is_voting: bool = True
    deputy: str = ""


def future_problems(values: Mapping[str, Any], today: dt.date) -> list[Problem]:
    """Days that are in the future."""
    return [
        Problem("IN_FUTURE", f"{written(value)} is in the future", Where(field=name), fix="Record it on that day.")
        for name, value in values.items()
        if isinstance(value, dt.date) and value > today
    ]


def deed_problems(agreement_id: int, deed: Deed | None) -> list[Problem]:
    """Whether the deed belongs to another agreement."""
    if deed is None or deed.agreement_id == agreement_id:
        return []
    return [Problem("DEED_NOT_THERE", "This deed belongs to another agreement", Where(field="deed"))]


def address_problems(url: str) -> list[Problem]:
    if not url:
        return []
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, url))
    except ValueError:
        is_address = False
    if not is_address:
        message = "The web address must begin with https:// or http://, and name a site"
        return [Problem("BAD_ADDRESS", message, Where(field="url"), fix="Copy it from the browser.")]
    return []


def consent_problems(
    trust: Organisation, commissioner: Organisation, *, is_partner: bool, consented_on: dt.date | None, evidence: str
) -> list[Problem]:
    """Regulations 7(2) and 9(2) ask for the consent of commissioners to what an NHS trust contributes."""
    found = []
    if trust.kind not in TRUST_KINDS:
        message = "Only what an NHS trust contributes needs its commissioners’ consent"
        found.append(Problem("NOT_A_TRUST", message, Where(field="trust"), fix="Choose the trust."))
    elif not is_partner:
        message = f"{trust.name} is not a partner in this agreement"
        found.append(Problem("NOT_A_PARTNER", message, Where(field="trust"), fix="Add it as a partner first."))
    if commissioner.kind not in COMMISSIONER_KINDS:
        message = "The consent is that of an NHS commissioner"
        fix = "Choose the body with which the trust has its contract."
        found.append(Problem("NOT_A_COMMISSIONER", message, Where(field="commissioner"), fix=fix))
    if consented_on and not evidence.strip():
        found.append(Problem("REQUIRED", EVIDENCE_REQUEST, Where(field="evidence")))
    return found


def board_problems(
    seats: Sequence[SeatIn], quorums: Mapping[Organisation, int], partners: Collection[int]
) -> list[Problem]:
    """Seats must be of partners and each post unique; a quorum must not exceed the members of that partner."""
    found = []
    if len(seats) > MOST_SEATS:
        found.append(Problem("TOO_MANY", f"A board has at most {MOST_SEATS} seats", Where(field="seats")))
    for seat in seats:
        for problem in value_problems({"post": seat.post, "deputy": seat.deputy}, SEAT):
            found.append(Problem(problem.code, problem.message, Where(field="seats"), fix=problem.fix))
    for (organisation, post), times in Counter((seat.organisation, seat.post.strip()) for seat in seats).items():
        if times > 1:
            message = f"{organisation.name} has the seat “{post}” twice"
            found.append(
                Problem("BOARD_SEAT_ONCE", message, Where(field="seats"), fix="Give each seat a different post.")
            )
    named = [seat.organisation for seat in seats] + list(quorums)
    for organisation in dict.fromkeys(named):
        if organisation.pk not in partners:
            message = f"{organisation.name} is not a partner in this agreement"
            found.append(Problem("NOT_A_PARTNER", message, Where(field="seats"), fix="Choose a partner."))
    return found + _quorum_problems(seats, quorums)


def _quorum_problems(seats: Sequence[SeatIn], quorums: Mapping[Organisation, int]) -> list[Problem]:
    found = []
    members = Counter(seat.organisation for seat in seats)
    for organisation, least in quorums.items():
        if least < 0 or least > members[organisation]:
            message = f"The quorum of {organisation.name} is {least}, but it has {members[organisation]} seats"
            fix = "Lower the quorum, or add seats."
            found.append(Problem("QUORUM_OUT_OF_REACH", message, Where(field="quorums"), fix=fix))
    return found
