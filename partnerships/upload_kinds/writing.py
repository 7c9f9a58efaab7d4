"""Writing the rows of a file through the actions on drafts, and saving what the drafts said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnerships.actions import drafting
from partnerships.actions.drafting import FunctionIn
from partnerships.changing.draft_input import PartnerIn, open_draft, write_draft
from partnerships.models import Agreement, Deed, SchemeTerms
from partnerships.queries.agreements.drafts import bodies_by_pk, places_by_slug
from partnerships.records import DEED, ORIGINAL, SCHEME
from partnerships.terms import ClauseKind
from partnerships.upload_kinds.changes import Planned
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.records import stored_values
from pooledcare.uploads.cells import values_of


@dataclass(frozen=True, slots=True)
class Written:
    """The draft that a row was written to. `before` is what it said; None for an agreement that the row created."""

    agreement: Agreement
    deed: Deed
    slug: str
    before: dict[str, Any] | None


def write_row(plan: Planned, *, organisation: Organisation, by: Actor) -> Written:
    """Write one row, acting as the person who prepared the upload."""
    if plan.row.upload.kind == "schemes":
        return _write_scheme(plan, by)
    return _write_agreement(plan, organisation, by)


def _write_agreement(plan: Planned, organisation: Organisation, by: Actor) -> Written:
    main_terms = _main_terms(plan.values)
    before = None
    if plan.known is None:
        summary = {name: main_terms.pop(name) for name in ("summary",) if name in main_terms}
        made = drafting.start_agreement(organisation=organisation, by=by, **main_terms)
        draft, main_terms = open_draft(made), summary
    else:
        draft = open_draft(plan.known.agreement)
        before = deed_before(draft.deed)
    clauses = {kind: plan.values[kind] for kind in ClauseKind.values if kind in plan.values}
    write_draft(draft, main_terms=main_terms, partners=_partners(plan.values), clauses=clauses, by=by)
    return Written(draft.agreement, draft.deed, "", before)


def _main_terms(values: Mapping[str, Any]) -> dict[str, Any]:
    main_terms = values_of(values, ORIGINAL)
    if "end" in values:
        main_terms["sets_end"] = True
    if "places" in values:
        main_terms["places"] = places_by_slug(values["places"])
    return main_terms


def _partners(values: Mapping[str, Any]) -> list[PartnerIn] | None:
    if "partners" not in values:
        return None
    found = bodies_by_pk([each["pk"] for each in values["partners"]])
    return [PartnerIn(found[each["pk"]]) for each in values["partners"]]


def _write_scheme(plan: Planned, by: Actor) -> Written:
    known = plan.known
    if known is None:
        raise LookupError(f"Row {plan.row.row} names no agreement.")
    draft = open_draft(known.agreement)
    before = scheme_before(draft.deed, plan.row.slug)
    cell_values = plan.values
    values = values_of(cell_values, SCHEME)
    pks = [each["holder"]["pk"] for each in cell_values.get("functions", ()) if each["holder"]]
    bodies = bodies_by_pk([*pks, *([cell_values["lead"]["pk"]] if "lead" in cell_values else [])])
    if "pool" in cell_values:
        values["pool"] = cell_values["pool"]
    if "lead" in cell_values:
        values["lead"] = bodies[cell_values["lead"]["pk"]]
    functions = None
    if "functions" in cell_values:
        functions = [
            FunctionIn(
                code=each["code"],
                holder=bodies[each["holder"]["pk"]] if each["holder"] else None,
                exclusions=tuple(each["exclusions"]),
                delegation_evidence=each["evidence"],
            )
            for each in cell_values["functions"]
        ]
    terms = drafting.save_scheme(deed=draft.deed, slug=plan.row.slug, values=values, functions=functions, by=by)
    return Written(draft.agreement, draft.deed, terms.scheme.slug, before)


# ── What drafts said before ──────────────────────────────────────────────────────────────────────────────────────────


def deed_before(deed: Deed) -> dict[str, Any]:
    """The content of an open deed, without its funds and schemes."""
    return {
        "edited_by": deed.edited_by,
        "main_terms": DEED.plain_values(deed),
        "power": deed.agreement.power,
        "places": list(deed.agreement.places.order_by("pk").values_list("place_id", flat=True)),
        "clauses": dict(deed.clauses.values_list("kind", "text")),
        "partners": [
            {"pk": each.pk, **stored_values(each, without=("agreement", "deed"))}
            for each in deed.partners.order_by("pk")
        ],
        "leavings": list(deed.leavings.values_list("partner_id", flat=True)),
    }


def scheme_before(deed: Deed, slug: str) -> dict[str, Any]:
    """The terms of a scheme in an open deed; `terms` is None if the deed has none."""
    terms = SchemeTerms.objects.filter(deed=deed, scheme__slug=slug).first() if slug else None
    return {
        "edited_by": deed.edited_by,
        "terms": stored_values(terms, without=("deed", "scheme")) if terms else None,
        "functions": [stored_values(each, without=("terms",)) for each in terms.functions.order_by("pk")]
        if terms
        else [],
    }
