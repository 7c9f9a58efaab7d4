"""The predecessors, successors and overlaps of one organisation or one place, for the details in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

_SUCCESSORS = """select o.code, o.name, s.effective_on, s.share::text, s.share_basis from directory_succession s
    join directory_organisation o on o.id = s.successor_id where s.predecessor_id = %s
    order by s.effective_on, o.name, o.id"""
_PREDECESSORS = """select o.code, o.name, s.effective_on, s.share::text, s.share_basis from directory_succession s
    join directory_organisation o on o.id = s.predecessor_id where s.successor_id = %s
    order by s.effective_on, o.name, o.id"""
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
_COMMISSIONERS = """with recursive reached(id) as (
        select distinct organisation_id from directory_overlap where place_id = %(place)s
        union
        select s.successor_id from directory_succession s join reached on reached.id = s.predecessor_id
        where s.effective_on <= %(day)s)
    select o.code, o.name, o.kind, o.opened, o.closed from reached join directory_organisation o using (id)
    where (o.opened is null or o.opened <= %(day)s) and (o.closed is null or o.closed >= %(day)s)
    order by o.name, o.id"""
_PLACES_AFTER = """select l.slug, l.name, s.effective_on from directory_placesuccession s
    join directory_place l on l.id = s.successor_id where s.predecessor_id = %s order by s.effective_on, l.name, l.id"""
_PLACES_BEFORE = """select l.slug, l.name, s.effective_on from directory_placesuccession s
    join directory_place l on l.id = s.predecessor_id where s.successor_id = %s order by s.effective_on, l.name, l.id"""

_STEP = ("organisation", "name", "effective_on", "share", "share_basis")
_COUNTED = ("name", "measure", "as_at", "quantity", "share", "share_of_place")

Rows = list[dict[str, Any]]


def around_organisation(pk: int) -> dict[str, Rows]:
    """Its predecessors and successors, the places that it is a council of, and those with part of its population."""
    return {
        "predecessors": _rows(_PREDECESSORS, _STEP, [pk]),
        "successors": _rows(_SUCCESSORS, _STEP, [pk]),
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
