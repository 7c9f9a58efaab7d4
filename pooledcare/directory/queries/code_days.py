"""Why nobody had a code on a day: who had it before or after, and which code or organisation to use instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pooledcare.directory.codes import about_unknown_code, has_a_known_form
from pooledcare.directory.models import AreaTransfer, OrganisationCode, Region, Succession
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem

MOST_NAMED = 3


def region_names() -> dict[str, str]:
    """Names of regions by code."""
    return dict(Region.objects.values_list("code", "name"))


def is_a_code(text: str) -> bool:
    """Whether some organisation has or had this code."""
    return OrganisationCode.objects.filter(code=text.strip().upper()).exists()


def nobody_had(code: str, *, on: dt.date | None = None) -> Problem:
    """The problem that nobody had the code on the day, or ever if no day is given. At most four queries."""
    code = code.strip().upper()
    held = list(OrganisationCode.objects.filter(code=code).select_related("organisation"))
    if on is None or not held:
        return about_unknown_code(code, regions=region_names(), said=f"The code {code}")
    past = [each for each in held if (last := _last(each)) is not None and last < on]
    if past:
        return _no_longer(max(past, key=lambda each: _last(each) or dt.date.min), on)
    return _not_yet(min(held, key=lambda each: _first(each) or dt.date.min), on)


def about_code(text: str) -> Problem | None:
    """What a code that no organisation has is, by its form; None if the text has no form of a code. One query."""
    code, regions = text.strip().upper(), region_names()
    if not has_a_known_form(code, regions):
        return None
    return about_unknown_code(code, regions=regions, said=f"The code {code}")


def _no_longer(held: OrganisationCode, on: dt.date) -> Problem:
    body = held.organisation
    if body.closed is not None and body.closed < on:
        after = successors_in_words(body.pk)
        fix = f"Use the code of its successor: {after}." if after else "Check the code and the day."
        return Problem(
            "ORG_CLOSED", f"{body.name} had the code {held.code} and ended on {written(body.closed)}", fix=fix
        )
    assert held.valid_to is not None
    message = f"{body.name} had the code {held.code} only until {written(held.valid_to)}"
    return Problem("CODE_ENDED", message, fix=_instead(held, on))


def _not_yet(held: OrganisationCode, on: dt.date) -> Problem:
    body = held.organisation
    if body.opened is not None and body.opened > on:
        before = Succession.objects.filter(successor=body, effective_on__gt=on).select_related("predecessor")
        names = [f"{step.predecessor.name} ({step.predecessor.code})" for step in before[:MOST_NAMED]]
        fix = f"Before it: {' and '.join(names)}." if names else "Check the code and the day."
        return Problem("ORG_NOT_OPEN", f"{body.name} ({held.code}) began only on {written(body.opened)}", fix=fix)
    assert held.valid_from is not None
    message = f"{body.name} has had the code {held.code} only since {written(held.valid_from)}"
    return Problem("CODE_NOT_YET", message, fix=_instead(held, on))


def _instead(held: OrganisationCode, on: dt.date) -> str:
    """Which code of the same kind the organisation had on the day."""
    others = OrganisationCode.objects.filter(organisation=held.organisation_id, scheme=held.scheme).valid_on(on)
    other = others.exclude(code=held.code).first()
    return f"Its code on {written(on)} was {other.code}." if other else f"Its code now is {held.organisation.code}."


def _first(held: OrganisationCode) -> dt.date | None:
    return max((day for day in (held.valid_from, held.organisation.opened) if day is not None), default=None)


def _last(held: OrganisationCode) -> dt.date | None:
    return min((day for day in (held.valid_to, held.organisation.closed) if day is not None), default=None)


def successors_in_words(organisation_id: int) -> str:
    """Who took over, in words: “Somerset ICB (QSL) on 1 July 2022”; and where parts of the area went. Two queries.

    Empty if nobody took over.
    """
    steps = list(Succession.objects.filter(predecessor_id=organisation_id).select_related("successor")[:MOST_NAMED])
    named = [f"{step.successor.name} ({step.successor.code}) on {written(step.effective_on)}" for step in steps]
    if not named:
        return ""
    parts = AreaTransfer.objects.filter(
        giver_id=organisation_id, effective_on__in=[step.effective_on for step in steps]
    ).select_related("receiver")
    return "; ".join([" and ".join(named), *_parts(parts)])


def _parts(transfers: Iterable[AreaTransfer]) -> list[str]:
    return [
        f"part of its area, {each.area}, passed to that of {each.receiver.name} ({each.receiver.code})"
        for each in transfers
    ]
