"""The columns of agreements in the API's list: the SQL, schema and example of each."""

from __future__ import annotations

from partnerships.terms import AgreementState, Audience, Awaited, Flexibility, Outcome, Power
from pooledcare.kernel.rest.listings import ListingColumn, flag, several
from pooledcare.kernel.rest.schema import COUNT, DATE, FLAG, TEXT, described, nullable, one_of

REFERENCE = "'S75-' || lpad(a.id::text, greatest(4, length(a.id::text)), '0')"


def _codes(keys: str) -> str:
    who = f"directory_organisation o where o.id = any({keys})"
    return f"array(select o.code from {who} order by o.name, o.id)"  # noqa: S608  fixed text of ours


_PLACES = "array(select l.slug from directory_place l where l.id = any(s.place_ids) order by l.name, l.id)"
_AWAITS = "What its open deed is waiting for; null if nothing, or if the client is not a partner"
_AWAITED = "Code of an organisation that can take the awaited step"
_TO_PUBLISH = "Code of a partner that has not yet published what another has"

AGREEMENT_COLUMNS = (
    ListingColumn("reference", REFERENCE, schema=TEXT, example="S75-0001"),
    ListingColumn("title", "s.title", free=True, schema=TEXT, example="Mereshire joint arrangements"),
    ListingColumn("state", "s.state", schema=one_of(AgreementState.values, "State today"), example="in_operation"),
    flag(
        "operating_unsigned",
        "s.is_operating_unsigned",
        schema=described(FLAG, "It is in operation but not signed"),
        example=False,
    ),
    ListingColumn("power", "a.power", schema=one_of(Power.values), example="s75"),
    ListingColumn("start", "s.start_on", schema=nullable(DATE), example="2024-04-01"),
    ListingColumn("end", "s.end_on", schema=nullable(described(DATE, "The last day; null if no end is set"))),
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
        schema=one_of(Outcome.values, "The most serious of its findings under the law in force"),
        example="lawful",
    ),
    ListingColumn("unlawful_count", "s.unlawful_count", schema=COUNT, example=0),
    ListingColumn("not_settled_count", "s.not_settled_count", schema=COUNT, example=0),
    flag(
        "integrated",
        "a.is_integrated",
        schema=described(
            FLAG,
            "An existing integrated arrangement: no single partner can end it or take anything out of it in PooledCare",
        ),
        example=False,
    ),
    flag(
        "illustrative",
        "a.is_illustrative",
        schema=described(FLAG, "Invented for the demonstration"),
        example=True,
    ),
    ListingColumn(
        "seen_by",
        "s.audience",
        schema=one_of(Audience.values, "Whether the client reads it as a partner or as the public"),
        example="public",
    ),
    ListingColumn("awaits", "nullif(s.awaits, '')", schema=nullable(one_of(Awaited.values, _AWAITS))),
    several("awaited", _codes("s.awaited_ids"), items=described(TEXT, _AWAITED), example=[]),
    several("to_publish", _codes("s.unpublished_ids"), items=described(TEXT, _TO_PUBLISH), example=[]),
)

# These describe the agreement as at today, even where it is read as at another day. The list and the detail both have
# them.
TODAY_COLUMNS = (
    "reference", "state", "operating_unsigned", "power", "verdict", "unlawful_count", "not_settled_count",
    "integrated", "illustrative", "seen_by", "awaits", "awaited", "to_publish",
)  # fmt: skip
