"""The columns of the API's lists of schemes and pools: every field of the record, with its agreement and links."""

from __future__ import annotations

from partnerships.queries.agreements.agreement_columns import REFERENCE
from partnerships.records import POOL, SCHEME
from partnerships.terms import AgreementState, Audience
from pooledcare.kernel.rest.listings import ListingColumn, several
from pooledcare.kernel.rest.records import listing_columns
from pooledcare.kernel.rest.schema import TEXT, described, one_of

_OF_AGREEMENT = (
    ListingColumn("agreement", REFERENCE, schema=described(TEXT, "Reference of its agreement"), example="S75-0001"),
    ListingColumn("slug", "c.slug", schema=TEXT, example="reablement"),
)
_FOR_READER = (
    ListingColumn("agreement_state", "s.state", schema=one_of(AgreementState.values), example="in_operation"),
    ListingColumn(
        "seen_by",
        "s.audience",
        schema=one_of(Audience.values, "Whether the client reads it as a partner or as the public"),
        example="public",
    ),
)
_FUNCTIONS = """array(select f.code from partnerships_schemefunction g
    join partnerships_function f on f.id = g.function_id where g.terms_id = x.id order by f.position, g.id)"""


SCHEME_COLUMNS = (
    *_OF_AGREEMENT,
    *listing_columns(SCHEME, "x", lead="lead.code", pool="k.slug"),
    several("functions", _FUNCTIONS, items=described(TEXT, "Code of a statutory function"), example=["nhs-s3"]),
    *_FOR_READER,
)
POOL_COLUMNS = (
    *_OF_AGREEMENT,
    *listing_columns(POOL, "x", host="host.code", manager_employer="employer.code"),
    *_FOR_READER,
)
