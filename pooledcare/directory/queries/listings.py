"""The lists of organisations, places and changes for the API, each as one query."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from pooledcare.directory.access import Actor
from pooledcare.directory.queries.organisations import codes_named_by
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.terms import CodeScheme, CouncilRole, OrganisationKind
from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag, moment
from pooledcare.kernel.rest.schema import (
    DATE,
    FLAG,
    MOMENT,
    TEXT,
    array,
    component,
    described,
    nullable,
    one_of,
    record,
)

_VALID = "(c.valid_from is null or c.valid_from <= %s) and (c.valid_to is null or c.valid_to >= %s)"
_CODES = """coalesce((select json_agg(json_build_object('scheme', c.scheme, 'code', c.code, 'valid_from', c.valid_from,
    'valid_to', c.valid_to) order by c.scheme, c.code, c.valid_from)
    from directory_organisationcode c where c.organisation_id = o.id), '[]')::text"""
_CODES_IN_A_CELL = """(select string_agg(c.scheme || ':' || c.code, ' ' order by c.scheme, c.code, c.valid_from)
    from directory_organisationcode c where c.organisation_id = o.id)"""
_OTHER_NAMES = """coalesce((select json_agg(n.name order by n.name, n.id)
    from directory_organisationname n where n.organisation_id = o.id), '[]')::text"""
_OTHER_NAMES_IN_A_CELL = """(select string_agg(n.name, '; ' order by n.name, n.id)
    from directory_organisationname n where n.organisation_id = o.id)"""
_NAMED = """(position(lower(%s) in lower(o.name)) > 0 or exists (select from directory_organisationname n
    where n.organisation_id = o.id and position(lower(%s) in lower(n.name)) > 0) or o.id = any(%s))"""
_COUNCILS = """coalesce((select json_agg(json_build_object('organisation', o.code, 'name', o.name, 'role', m.role,
    'valid_from', m.valid_from, 'valid_to', m.valid_to) order by m.role desc, o.name, o.id)
    from directory_placecouncil m join directory_organisation o on o.id = m.organisation_id
    where m.place_id = l.id), '[]')::text"""
_COUNCILS_IN_A_CELL = """(select string_agg(o.code, ' ' order by m.role desc, o.name, o.id)
    from directory_placecouncil m join directory_organisation o on o.id = m.organisation_id where m.place_id = l.id)"""

_ILLUSTRATIVE = described(FLAG, "Invented for the demonstration")
PERIOD = {"valid_from": nullable(DATE), "valid_to": nullable(described(DATE, "The last day"))}
_CLOSED = nullable(described(DATE, "The last day"))
_UNTIL = nullable(described(DATE, "The last day; null if it is valid still, or ended on a day that no source gives"))
_CODE = component(
    "OrganisationCode",
    record({"scheme": one_of(CodeScheme.values), "code": TEXT, "valid_from": nullable(DATE), "valid_to": _UNTIL}),
)
_COUNCIL = component(
    "PlaceCouncil", record({"organisation": TEXT, "name": TEXT, "role": one_of(CouncilRole.values), **PERIOD})
)

ORGANISATIONS = Listing(
    columns=(
        ListingColumn(
            "code",
            "o.code",
            schema=described(TEXT, "The code that is used for it here"),
            example="QSL",
        ),
        ListingColumn("name", "o.name", free=True, schema=TEXT, example="NHS Somerset Integrated Care Board"),
        ListingColumn("kind", "o.kind", schema=one_of(OrganisationKind.values), example="icb"),
        ListingColumn("opened", "o.opened", schema=nullable(DATE), example="2022-07-01"),
        ListingColumn("closed", "o.closed", schema=_CLOSED),
        ListingColumn("region", "r.code", schema=nullable(described(TEXT, "Code of the region")), example="Y58"),
        ListingColumn("region_name", "r.name", free=True, schema=nullable(TEXT), example="South West"),
        flag("illustrative", "o.illustrative", schema=_ILLUSTRATIVE, example=False),
        ListingColumn(
            "codes",
            _CODES,
            file=_CODES_IN_A_CELL,
            schema=array(_CODE),
            example=[
                {"scheme": "gss", "code": "E54000038", "valid_from": "2022-07-01", "valid_to": None},
                {"scheme": "ods", "code": "QSL", "valid_from": "2022-07-01", "valid_to": None},
            ],
            file_example="gss:E54000038 ods:QSL",
            is_json=True,
        ),
        ListingColumn(
            "other_names",
            _OTHER_NAMES,
            free=True,
            file=_OTHER_NAMES_IN_A_CELL,
            schema=array(described(TEXT, "A former name, or one that a source uses for it")),
            example=[],
            file_example="",
            is_json=True,
        ),
    ),
    tables="directory_organisation o left join directory_region r on r.id = o.region_id",
    order=("o.name", "o.id"),
)

PLACES = Listing(
    columns=(
        ListingColumn("slug", "l.slug", schema=TEXT, example="somerset"),
        ListingColumn("name", "l.name", free=True, schema=TEXT, example="Somerset"),
        ListingColumn("opened", "l.opened", schema=nullable(DATE), example="2013-04-01"),
        ListingColumn("closed", "l.closed", schema=_CLOSED),
        flag("illustrative", "l.illustrative", schema=_ILLUSTRATIVE, example=False),
        ListingColumn(
            "councils",
            _COUNCILS,
            file=_COUNCILS_IN_A_CELL,
            schema=array(_COUNCIL),
            example=[
                {
                    "organisation": "E06000066",
                    "name": "Somerset Council",
                    "role": "upper_tier",
                    "valid_from": "2023-04-01",
                    "valid_to": None,
                }
            ],
            file_example="E06000066",
            is_json=True,
        ),
    ),
    tables="directory_place l",
    order=("l.name", "l.id"),
)

CHANGES = Listing(
    columns=(
        ListingColumn("sequence", "h.sequence", schema={"type": "integer", "minimum": 1}, example=7),
        moment("at", "h.at", schema=MOMENT, example="2026-04-02T09:30:00Z"),
        ListingColumn("resource", "h.resource", schema=TEXT, example="allocations"),
        ListingColumn("reference", "h.reference", schema=TEXT, example="UP-12"),
        ListingColumn("event", "h.event", schema=TEXT, example="accepted"),
        ListingColumn(
            "organisation",
            "h.organisation",
            schema=nullable(described(TEXT, "Code of the organisation that made the change")),
            example="X24",
        ),
        ListingColumn(
            "counts",
            "h.counts::text",
            schema={"type": "object", "additionalProperties": {"type": "integer"}},
            example={"new": 42},
            is_json=True,
        ),
    ),
    tables="directory_change h",
    order=("h.sequence",),
)


def organisations(asked: dict[str, Any]) -> Listing:
    """Organisations by name, with the filters in `asked`."""
    listing = ORGANISATIONS
    if kind := asked.get("kind"):
        listing = listing.narrowed("o.kind = %s", kind)
    if region := asked.get("region"):
        listing = listing.narrowed("r.code = %s", region)
    if open_on := asked.get("open_on"):
        listing = _open_on(listing, "o", open_on)
    if name := asked.get("name"):
        listing = listing.narrowed(_NAMED, name, name, _short_named(name))
    if code := asked.get("code"):
        listing = listing.narrowed("o.id = any(%s)", organisation_ids(code, asked.get("as_at")))
    return listing


def places(asked: dict[str, Any]) -> Listing:
    """Places by name, with the filters in `asked`. A council or commissioner may have served the place in the past."""
    listing = PLACES
    if open_on := asked.get("open_on"):
        listing = _open_on(listing, "l", open_on)
    if name := asked.get("name"):
        condition = """(position(lower(%s) in lower(l.name)) > 0 or l.id in (select place_id from directory_placecouncil
            where role = 'upper_tier' and organisation_id = any(%s)))"""
        listing = listing.narrowed(condition, name, _short_named(name))
    if council := asked.get("council"):
        condition = "l.id in (select place_id from directory_placecouncil where organisation_id = any(%s))"
        listing = listing.narrowed(condition, organisation_ids(council))
    if commissioner := asked.get("commissioner"):
        condition = "l.id in (select place_id from directory_overlap where organisation_id = any(%s))"
        listing = listing.narrowed(condition, organisation_ids(commissioner))
    return listing


def changes(asked: dict[str, Any], *, actor: Actor) -> Listing:
    """The change feed in commit order: public changes, and those that only the actor's organisations may see."""
    listing = CHANGES
    if not actor.is_system:
        readable = actor.readable_organisation_ids
        own = [*(actor.organisations[pk].code for pk in readable), *codes_named_by(readable)]
        seen = "(h.public or h.organisation = any(%s) or h.reader_ids && %s::bigint[])"
        listing = listing.narrowed(seen, own, list(actor.readable_organisation_ids))
    if (after := asked.get("after")) is not None:
        listing = listing.narrowed("h.sequence > %s", after)
    if resource := asked.get("resource"):
        listing = listing.narrowed("h.resource = %s", resource)
    return listing


def organisation_ids(code: str, as_at: dt.date | None = None) -> list[int]:
    """The ids of the organisations that had the code on that day, or ever.

    The one that has it now, or had it last, comes first.
    """
    statement = f"""select o.id from directory_organisation o
        join directory_organisationcode c on c.organisation_id = o.id and c.code = %s
        {f"where {_VALID}" if as_at else ""}
        group by o.id, o.code, o.name
        order by max(coalesce(c.valid_to, 'infinity')) desc, o.name, o.id"""  # noqa: S608  fixed text of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [code, as_at, as_at] if as_at else [code])
        return [pk for (pk,) in cursor.fetchall()]


def _short_named(text: str) -> list[int]:
    """The ids of the organisations that have the text as a short name."""
    return list(short_names_typed(text).values_list("organisation_id", flat=True))


def region_id(code: str) -> int | None:
    return _single("select id from directory_region where code = %s", code)


def _single(statement: str, *values: Any) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _open_on(listing: Listing, table: str, day: dt.date) -> Listing:
    listing = listing.narrowed(f"({table}.opened is null or {table}.opened <= %s)", day)
    return listing.narrowed(f"({table}.closed is null or {table}.closed >= %s)", day)
