"""The predecessors, successors and overlaps of one organisation or one place, for the details in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

# Part of the predecessor, if others took over from it on the same day, or part of its area passed to another body.
_EXTENT = """case when exists (select from directory_succession also where also.predecessor_id = s.predecessor_id
            and also.effective_on = s.effective_on and also.id <> s.id)
        or exists (select from directory_areatransfer t where t.giver_id = s.predecessor_id
            and t.effective_on = s.effective_on)
    then 'part' else 'whole' end"""
_STEP_COLUMNS = f"o.code, o.name, s.effective_on, {_EXTENT}, s.share::text, s.share_basis"
_SUCCESSORS = f"""select {_STEP_COLUMNS} from directory_succession s
    join directory_organisation o on o.id = s.successor_id where s.predecessor_id = %s
    order by s.effective_on, o.name, o.id"""  # noqa: S608  fixed text of ours
_PREDECESSORS = f"""select {_STEP_COLUMNS} from directory_succession s
    join directory_organisation o on o.id = s.predecessor_id where s.successor_id = %s
    order by s.effective_on, o.name, o.id"""  # noqa: S608  fixed text of ours
_AREAS = """select t.giver_id = %s, o.code, o.name, t.effective_on, t.area from directory_areatransfer t
    join directory_organisation o on o.id = case when t.giver_id = %s then t.receiver_id else t.giver_id end
    where %s in (t.giver_id, t.receiver_id) order by t.effective_on, o.name, o.id"""
_PLACES_OF_COUNCIL = """select l.slug, l.name, m.role, m.valid_from, m.valid_to from directory_placecouncil m
    join directory_place l on l.id = m.place_id where m.organisation_id = %s order by l.name, l.id, m.role"""
_OVERLAP = "v.measure, v.as_at, v.quantity, v.share::text, v.share_of_place::text"
_OVERLAPS_OF_ORGANISATION = f"""select l.slug, l.name, {_OVERLAP} from directory_overlap v
    join directory_place l on l.id = v.place_id where v.organisation_id = %s
    order by v.as_at desc, v.measure, v.share desc, l.name, l.id"""  # noqa: S608  fixed text of ours
_OVERLAPS_OF_PLACE = f"""select o.code, o.name, {_OVERLAP} from directory_overlap v
    join directory_organisation o on o.id = v.organisation_id where v.place_id = %s
    order by v.as_at desc, v.measure, v.share_of_place desc, o.name, o.id"""  # noqa: S608  fixed text of ours
# The organisations whose population was counted in the place, and their successors up to the day, if open on the day.
# Where the part of the place that an organisation had passed to another one than its successor, that one is taken.
_COMMISSIONERS = """with recursive step(giver, receiver, effective_on) as (
        select t.giver_id, t.receiver_id, t.effective_on from directory_areatransfer t where t.place_id = %(place)s
        union
        select s.predecessor_id, s.successor_id, s.effective_on from directory_succession s
        where not exists (select from directory_areatransfer t where t.place_id = %(place)s
            and t.giver_id = s.predecessor_id and t.effective_on = s.effective_on)
    ), reached(id) as (
        select distinct organisation_id from directory_overlap where place_id = %(place)s
        union
        select step.receiver from step join reached on reached.id = step.giver where step.effective_on <= %(day)s)
    select o.code, o.name, o.kind, o.opened, o.closed from reached join directory_organisation o using (id)
    where (o.opened is null or o.opened <= %(day)s) and (o.closed is null or o.closed >= %(day)s)
    order by o.name, o.id"""
_PLACES_AFTER = """select l.slug, l.name, s.effective_on from directory_placesuccession s
    join directory_place l on l.id = s.successor_id where s.predecessor_id = %s order by s.effective_on, l.name, l.id"""
_PLACES_BEFORE = """select l.slug, l.name, s.effective_on from directory_placesuccession s
    join directory_place l on l.id = s.predecessor_id where s.successor_id = %s order by s.effective_on, l.name, l.id"""

_STEP = ("organisation", "name", "effective_on", "extent", "share", "share_basis")
_AREA = ("organisation", "name", "effective_on", "area")
_COUNTED = ("name", "measure", "as_at", "quantity", "share", "share_of_place")

Rows = list[dict[str, Any]]


def around_organisation(pk: int) -> dict[str, Rows]:
    """Its predecessors and successors, parts of areas that passed from or to it, the places that it is a council of,
    and those with part of its population."""
    areas: dict[bool, Rows] = {True: [], False: []}
    for area in _rows(_AREAS, ("is_given", *_AREA), [pk, pk, pk]):
        areas[area.pop("is_given")].append(area)
    return {
        "predecessors": _rows(_PREDECESSORS, _STEP, [pk]),
        "successors": _rows(_SUCCESSORS, _STEP, [pk]),
        "areas_given": areas[True],
        "areas_received": areas[False],
        "places": _rows(_PLACES_OF_COUNCIL, ("place", "name", "role", "valid_from", "valid_to"), [pk]),
        "overlaps": _rows(_OVERLAPS_OF_ORGANISATION, ("place", *_COUNTED), [pk]),
    }


def around_place(pk: int, *, as_at: dt.date | None = None) -> dict[str, Rows]:
    """Its NHS commissioners on a day (today by default), its published overlaps, predecessors and successors."""
    day = as_at or timezone.localdate()
    bodies = ("organisation", "name", "kind", "opened", "closed")
    return {
        "commissioners": _rows(_COMMISSIONERS, bodies, {"place": pk, "day": day}),
        "overlaps": _rows(_OVERLAPS_OF_PLACE, ("organisation", *_COUNTED), [pk]),
        "predecessors": _rows(_PLACES_BEFORE, ("place", "name", "effective_on"), [pk]),
        "successors": _rows(_PLACES_AFTER, ("place", "name", "effective_on"), [pk]),
    }


def place_id(slug: str) -> int | None:
    found = _rows("select id from directory_place where slug = %s", ("id",), [slug])
    return found[0]["id"] if found else None


def _rows(statement: str, names: tuple[str, ...], values: Any) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
