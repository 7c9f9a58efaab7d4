"""The rules of law as rows for the API: one query in the order of their codes."""

from __future__ import annotations

from typing import Any

from partnerships.models import Instrument
from partnerships.terms import InstrumentStatus
from pooledcare.kernel.rest.listings import Listing, ListingColumn


def _array(name: str) -> ListingColumn:
    return ListingColumn(name, f"r.{name}", file=f"array_to_string(r.{name}, ' ')")


RULES = Listing(
    columns=(
        ListingColumn("code", "r.code"),
        ListingColumn("kind", "r.kind"),
        _array("powers"),
        ListingColumn("side", "r.side"),
        ListingColumn("function", "f.code"),
        ListingColumn("needs", "n.code"),
        _array("body_kinds"),
        ListingColumn("subject", "r.subject"),
        _array("flexibilities"),
        ListingColumn("allowed", "r.allowed", file="r.allowed::text"),
        ListingColumn("valid_from", "r.valid_from"),
        ListingColumn("valid_to", "r.valid_to"),
        ListingColumn("status", "i.status"),
        ListingColumn("instrument", "i.citation", free=True),
        ListingColumn("instrument_slug", "i.slug"),
        ListingColumn("ended_by", "e.citation", free=True),
        ListingColumn("provision", "r.provision", free=True),
        ListingColumn("confidence", "r.confidence"),
        ListingColumn("text", "r.text", free=True),
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
