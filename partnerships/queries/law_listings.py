"""The rules of law as rows for the API: one query in the order of their codes."""

from __future__ import annotations

from typing import Any

from partnerships.models import Instrument
from partnerships.terms import Confidence, Flexibility, InstrumentStatus, Power, RuleKind
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag, several
from pooledcare.kernel.rest.schema import DATE, FLAG, TEXT, described, nullable, one_of

SLUG = {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"}


RULES = Listing(
    columns=(
        ListingColumn("code", "r.code", schema=SLUG, example="fn-primary-medical"),
        ListingColumn("kind", "r.kind", schema=one_of(RuleKind.values), example="function"),
        several("powers", "r.powers", items=one_of(Power.values), example=["s31", "s75"]),
        ListingColumn("side", "r.side", schema=nullable(TEXT)),
        ListingColumn("function", "f.code", schema=nullable(SLUG), example="primary-medical"),
        ListingColumn(
            "needs",
            "n.code",
            schema=nullable(described(SLUG, "The function that must be in the same arrangement")),
        ),
        several("body_kinds", "r.body_kinds", items=one_of(OrganisationKind.values), example=[]),
        ListingColumn(
            "subject",
            "r.subject",
            schema=nullable(described(TEXT, "The condition, term, exclusion or duty it is about")),
        ),
        several("flexibilities", "r.flexibilities", items=one_of(Flexibility.values), example=[]),
        flag("allowed", "r.allowed", schema=FLAG, example=True),
        ListingColumn("valid_from", "r.valid_from", schema=DATE, example="2016-04-01"),
        ListingColumn("valid_to", "r.valid_to", schema=nullable(described(DATE, "The last day"))),
        ListingColumn(
            "status",
            "i.status",
            schema=one_of(InstrumentStatus.values, "A rule of a proposed instrument is not law"),
            example="in_force",
        ),
        ListingColumn(
            "instrument", "i.citation", free=True, schema=described(TEXT, "Its citation"), example="SI 2015/1940"
        ),
        ListingColumn("instrument_slug", "i.slug", example="si-2015-1940"),  # in JSON it is part of the link
        ListingColumn(
            "ended_by", "e.citation", free=True, schema=nullable(described(TEXT, "Citation of what ended it"))
        ),
        ListingColumn(
            "provision",
            "r.provision",
            free=True,
            schema=TEXT,
            example="SI 2000/617 reg 5(a) as amended by SI 2015/1940 reg 2(3)",
        ),
        ListingColumn(
            "confidence",
            "r.confidence",
            schema=one_of(Confidence.values, "Only a rule read in its instrument decides between lawful and unlawful"),
            example="instrument",
        ),
        ListingColumn(
            "text",
            "r.text",
            free=True,
            schema=described(TEXT, "The rule in one sentence"),
            example="Arranging primary medical services under section 83 may be pooled from 1 April 2016.",
        ),
    ),
    tables=(
        "partnerships_rule r join partnerships_instrument i on i.id = r.instrument_id "
        "left join partnerships_instrument e on e.id = r.ended_by_id "
        "left join partnerships_function f on f.id = r.function_id "
        "left join partnerships_function n on n.id = r.needs_id"
    ),
    order=("r.code",),
)
_CONDITIONS = {
    "power": "%s = any(r.powers)",
    "kind": "r.kind = %s",
    "body": "%s = any(r.body_kinds)",
    "function": "%s in (f.code, n.code)",
    "confidence": "r.confidence = %s",
}


def rules(asked: dict[str, Any]) -> Listing:
    """The law in force and the proposals that were asked for by name; with `as_at`, as it stood on that day."""
    listing = RULES.narrowed(
        "(i.status <> %s or i.slug = any(%s))", InstrumentStatus.PROPOSED.value, list(asked.get("proposed", ()))
    )
    if day := asked.get("as_at"):
        listing = listing.narrowed("r.valid_from <= %s and (r.valid_to is null or r.valid_to >= %s)", day, day)
    for name, condition in _CONDITIONS.items():
        if name in asked:
            listing = listing.narrowed(condition, asked[name])
    return listing


def unknown_proposals(slugs: tuple[str, ...]) -> list[str]:
    """Those that name no proposed instrument."""
    known = Instrument.objects.filter(slug__in=slugs, status=InstrumentStatus.PROPOSED).values_list("slug", flat=True)
    return sorted(set(slugs) - set(known))
