"""What the API says of an agreement in the list: each column read, documented and exampled."""

from __future__ import annotations

from partnerships.terms import AgreementState, Audience, Awaited, Flexibility, Outcome, Power
from pooledcare.kernel.rest.listings import ListingColumn, flag, several
from pooledcare.kernel.rest.schema import COUNT, DATE, FLAG, TEXT, described, nullable, one_of

REFERENCE = "'S75-' || lpad(a.id::text, greatest(4, length(a.id::text)), '0')"


def _codes(keys: str) -> str:
    who = f"directory_organisation o where o.id = any({keys})"
    return f"array(select o.code from {who} order by o.name, o.id)"  # noqa: S608  fixed text of ours


_PLACES = "array(select l.slug from directory_place l where l.id = any(s.place_ids) order by l.name, l.id)"
_AWAITS = "What its open deed waits for; null: nothing, or the reader is no partner"
_AWAITED = "Code of a body that may do what it waits for"
_TO_PUBLISH = "Code of a body that has still to publish what another has"

AGREEMENT_COLUMNS = (
    ListingColumn("reference", REFERENCE, schema=TEXT, example="S75-0001"),
    ListingColumn("title", "s.title", free=True, schema=TEXT, example="Mereshire joint arrangements"),
    ListingColumn(
        "state", "s.state", schema=one_of(AgreementState.values, "As it stands today"), example="in_operation"
    ),
    flag(
        "operating_unsigned",
        "s.is_operating_unsigned",
        schema=described(FLAG, "It has begun, and is not signed"),
        example=False,
    ),
    ListingColumn("power", "a.power", schema=one_of(Power.values), example="s75"),
    ListingColumn("start", "s.start_on", schema=nullable(DATE), example="2024-04-01"),
    ListingColumn("end", "s.end_on", schema=nullable(described(DATE, "The last day; null: none is set"))),
    several(
        "partners",
        _codes("s.partner_ids"),
        items=described(TEXT, "Code of a partner today"),
        example=["QXX", "E10000099"],
    ),
    several("hosts", _codes("s.host_ids"), items=described(TEXT, "Code of a body that hosts a fund"), example=["QXX"]),
    several("places", _PLACES, items=TEXT, example=["mereshire"]),
    several("functions", "s.function_codes", items=TEXT, example=["nhs-s3", "social-services"]),
    several("flexibilities", "s.flexibilities", items=one_of(Flexibility.values), example=["pooled_fund"]),
    ListingColumn("pool_count", "s.pool_count", schema=COUNT, example=1),
    ListingColumn("scheme_count", "s.scheme_count", schema=COUNT, example=1),
    ListingColumn(
        "verdict",
        "s.verdict",
        schema=one_of(Outcome.values, "The gravest of its findings under the law in force"),
        example="lawful",
    ),
    ListingColumn("unlawful_count", "s.unlawful_count", schema=COUNT, example=0),
    ListingColumn("not_settled_count", "s.not_settled_count", schema=COUNT, example=0),
    flag(
        "integrated",
        "a.is_integrated",
        schema=described(FLAG, "An existing integrated arrangement: no partner alone may unpick it here"),
        example=False,
    ),
    flag(
        "illustrative",
        "a.is_illustrative",
        schema=described(FLAG, "Invented for the demonstration"),
        example=True,
    ),
    ListingColumn(
        "seen_by", "s.audience", schema=one_of(Audience.values, "As whom the client reads it"), example="public"
    ),
    ListingColumn("awaits", "nullif(s.awaits, '')", schema=nullable(one_of(Awaited.values, _AWAITS))),
    several("awaited", _codes("s.awaited_ids"), items=described(TEXT, _AWAITED), example=[]),
    several("to_publish", _codes("s.unpublished_ids"), items=described(TEXT, _TO_PUBLISH), example=[]),
)

# Said of an agreement as it stands today, whatever day of it is read: the list and the detail both say it.
STANDING = (
    "reference", "state", "operating_unsigned", "power", "verdict", "unlawful_count", "not_settled_count",
    "integrated", "illustrative", "seen_by", "awaits", "awaited", "to_publish",
)  # fmt: skip
