"""Writing an agreement or a deed: starting one, its main terms, partners and clauses.

Actions on funds and schemes are in `drafting_parts` and can also be imported from here. Any edit that changes the text
makes earlier approvals void. A draft can be saved incomplete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404

from partnerships.actions.drafting_parts import FunctionIn, drop_pool, drop_scheme, save_pool, save_scheme
from partnerships.changing.agreement import finish_change, refuse, set_state
from partnerships.changing.draft_edit import Edit, begin_edit, contradictions
from partnerships.models import Agreement, AgreementPlace, Clause, Deed, IntegrationMark, Partner, PartnerLeaving
from partnerships.queries.agreements.reach import agreement_reached
from partnerships.queries.agreements.records import record_of
from partnerships.records import CLAUSE, DEED, ORIGINAL
from partnerships.rules.agreements.drafting import days_problems, effect_problems, partner_problems, role_of
from partnerships.terms import SENTENCES, AgreementState, ClauseKind, DeedKind, MarkKind
from pooledcare.directory.access import Actor, Permission, demand
from pooledcare.directory.models import Organisation, Place
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.records import cleaned, value_problems

__all__ = [
    "FunctionIn", "add_partner", "change_partner", "drop_pool", "drop_scheme", "edit_deed", "remove_partner",
    "save_pool", "save_scheme", "start_agreement", "write_clause", "write_clauses",
]  # fmt: skip


@action(SENTENCES)
def start_agreement(
    *,
    organisation: Organisation,
    power: str,
    title: str = "",
    effective_on: dt.date | None = None,
    end_on: dt.date | None = None,
    sets_end: bool = False,
    notice_months: int | None = None,
    review_on: Collection[dt.date] | None = None,
    places: Collection[Place] = (),
    follows: Agreement | None = None,
    is_integrated: bool = False,
    by: Actor,
) -> Agreement:
    """Create a draft agreement with deed 0, and `organisation` as its first partner."""
    demand(by, Permission.PREPARE_AGREEMENTS, organisation)
    role = role_of(organisation.kind)
    main_terms = {
        "power": power, "title": title, "effective_on": effective_on, "end_on": end_on,
        "sets_end": sets_end or end_on is not None, "notice_months": notice_months,
        "review_on": None if review_on is None else list(review_on),
    }  # fmt: skip
    refuse([*value_problems(main_terms, ORIGINAL), *partner_problems(organisation.kind, role)])
    refuse(_days_problems(0, effective_on, end_on))
    if follows is not None and agreement_reached(follows.reference, actor=by) is None:
        raise Http404
    kept = cleaned(main_terms, ORIGINAL)
    made = Agreement(power=kept.pop("power"), prepared_by=organisation, is_integrated=is_integrated, version=0)
    made.is_illustrative = organisation.illustrative
    made.save()
    set_state(made, AgreementState.DRAFT, by=by, organisation=organisation)
    deed = Deed.objects.create(
        agreement=made, number=0, kind=DeedKind.ORIGINAL, follows=follows, edited_by=by.reference, **kept
    )
    Partner.objects.create(agreement=made, deed=deed, organisation=organisation, role=role)
    _name_places(made, places)
    if is_integrated:
        IntegrationMark.objects.create(
            agreement=made, kind=MarkKind.MARKED, organisation=organisation, actor=by.reference
        )
    as_read = record_of(made)
    refuse(contradictions(deed, as_read))
    finish_change(
        made,
        by=by,
        action="agreement.begun",
        sentence=f"{made.reference}: started.",
        organisation=organisation,
        event="created",
        as_read=as_read,
    )
    return made


@action(SENTENCES)
def edit_deed(*, deed: Deed, changes: dict[str, Any], version: int | None = None, by: Actor) -> Deed:
    """Change the main terms of a deed; for deed 0 also the legal power and the places of the agreement."""
    edit = begin_edit(deed, by=by, version=version)
    columns = ORIGINAL if edit.is_original else DEED
    refuse([*value_problems(changes, columns), *_end_problems(changes)])
    kept = cleaned(changes, columns)
    if kept.get("end_on"):
        kept.setdefault("sets_end", True)
    elif kept.get("sets_end") is False:
        kept["end_on"] = None
    first, last = (kept.get(name, getattr(edit.deed, name)) for name in ("effective_on", "end_on"))
    refuse(_days_problems(edit.deed.number, first, last))
    if not edit.is_original:
        refuse(effect_problems(first, edit.before.original.effective_on))
    if "places" in kept:
        _name_places(edit.agreement, kept.pop("places") or ())
    if "power" in kept:
        edit.agreement.power = kept.pop("power")
        edit.agreement.save()
    for name, value in kept.items():
        setattr(edit.deed, name, value)
    edit.deed.save()
    if edit.changes_nothing:
        return edit.deed
    return edit.finish("deed.edited", "edited")


def _end_problems(changes: dict[str, Any]) -> list[Problem]:
    if changes.get("end_on") is None or changes.get("sets_end") is not False:
        return []
    message = "You gave a last day, but also said that the deed does not set the end"
    return [
        Problem(
            "END_NOT_SET", message, Where(field="end_on"), fix="Clear the last day, or say that the deed sets the end."
        )
    ]


def _days_problems(number: int, first: dt.date | None, last: dt.date | None) -> list[Problem]:
    if number:
        return days_problems(first, last, code="DEED_AFTER_END", what="The agreement as changed by this deed")
    return days_problems(first, last, code="AGREEMENT_ENDS_BEFORE_START", what="The agreement")


def _name_places(agreement: Agreement, places: Collection[Place]) -> None:
    named = {place.pk: place for place in places}
    agreement.places.exclude(place__in=named).delete()
    held = set(agreement.places.values_list("place_id", flat=True))
    AgreementPlace.objects.bulk_create(
        AgreementPlace(agreement=agreement, place=place) for pk, place in named.items() if pk not in held
    )


# --- partners --------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def add_partner(
    *, deed: Deed, organisation: Organisation, role: str = "", contributes: bool = True, by: Actor
) -> Partner:
    """Add a partner by the open deed. Raises `Refused` if it is one already.

    If the same deed removed it, with the same role and contribution, that removal is cancelled instead.
    """
    edit = begin_edit(deed, by=by)
    role = role or role_of(organisation.kind)
    refuse(partner_problems(organisation.kind, role))
    if any(each.body.pk == organisation.pk for each in edit.content_before_edit.partners):
        raise Refused.because(
            "PARTNER_ONCE",
            f"{organisation.name} is already a partner",
            where=Where(field="organisation"),
            fix="Change its role instead.",
        )
    leaving = PartnerLeaving.objects.filter(
        deed=edit.deed, partner__organisation=organisation, partner__role=role, partner__contributes=contributes
    ).first()
    if leaving is not None:
        partner = leaving.partner
        leaving.delete()
    else:
        partner = _joined(edit, organisation, role, contributes)
    edit.finish("partner.added", f"partner {organisation.code} added")
    return partner


@action(SENTENCES)
def change_partner(*, deed: Deed, partner: Partner, role: str, contributes: bool, by: Actor) -> Partner:
    """Change the role of a partner.

    A partner of an earlier deed leaves by this deed and joins again with the new role.
    """
    edit = begin_edit(deed, by=by)
    found = _partner_now(edit, partner)
    role = role or role_of(found.organisation.kind)
    refuse(partner_problems(found.organisation.kind, role))
    if (found.role, found.contributes) == (role, contributes):
        return found
    if found.deed_id == edit.deed.pk:
        found.role, found.contributes = role, contributes
        found.save()
    else:
        PartnerLeaving.objects.create(deed=edit.deed, partner=found)
        found = _joined(edit, found.organisation, role, contributes)
    edit.finish("partner.changed", f"partner {found.organisation.code} changed")
    return found


@action(SENTENCES)
def remove_partner(*, deed: Deed, partner: Partner, by: Actor) -> Deed:
    """Remove a partner: cancel its joining if it joins by this deed, otherwise let it leave by this deed."""
    edit = begin_edit(deed, by=by)
    found = _partner_now(edit, partner)
    if found.deed_id == edit.deed.pk:
        found.delete()
    else:
        PartnerLeaving.objects.create(deed=edit.deed, partner=found)
    return edit.finish("partner.removed", f"partner {found.organisation.code} removed")


def _joined(edit: Edit, organisation: Organisation, role: str, contributes: bool) -> Partner:
    return Partner.objects.create(
        agreement=edit.agreement, deed=edit.deed, organisation=organisation, role=role, contributes=contributes
    )


def _partner_now(edit: Edit, partner: Partner) -> Partner:
    """The partner, read again under the lock. Raises `Refused` if somebody else has removed it meanwhile."""
    if all(each.pk != partner.pk for each in edit.content_before_edit.partners):
        raise Refused.because(
            "NOT_A_PARTNER",
            "This organisation is no longer a partner by this deed",
            where=Where(field="organisation"),
            fix="Look at the partners again.",
        )
    return Partner.objects.select_related("organisation").get(pk=partner.pk)


# --- clauses ---------------------------------------------------------------------------------------------------------


@action(SENTENCES)
def write_clause(*, deed: Deed, kind: str, text: str, by: Actor) -> Clause | None:
    """Write a clause of the deed; an empty text deletes it. Returns the clause, or None if the deed holds none.

    In a later deed an empty text deletes the clause from the agreement. Writing the text that already applies without
    the deed removes the clause from the deed, because the deed then changes nothing there.
    """
    return _write(deed, {kind: text}, by).get(kind)


@action(SENTENCES)
def write_clauses(*, deed: Deed, texts: Mapping[str, str], by: Actor) -> dict[str, Clause]:
    """Write several clauses, each as in `write_clause`: all or none. Returns those that the deed now holds, by kind."""
    return _write(deed, texts, by)


def _write(deed: Deed, texts: Mapping[str, str], by: Actor) -> dict[str, Clause]:
    edit = begin_edit(deed, by=by)
    problems: list[Problem] = []
    words = {}
    for kind, text in texts.items():
        label = str(ClauseKind(kind).label) if kind in ClauseKind.values else "The clause"
        given, columns = (
            {"kind": kind, "text": text},
            {**CLAUSE, "text": replace(CLAUSE["text"], label=label, required="")},
        )
        problems += (found := value_problems(given, columns))
        if not found:
            words[kind] = cleaned(given, columns)["text"]
    refuse(problems)
    clauses = {}
    for kind, text in words.items():
        if text == (edit.content_without_deed.clause(kind) if edit.content_without_deed else ""):
            Clause.objects.filter(deed=edit.deed, kind=kind).delete()
        else:
            clauses[kind], _ = Clause.objects.update_or_create(deed=edit.deed, kind=kind, defaults={"text": text})
    if not edit.changes_nothing:
        done = ", ".join(f"{kind} {'written' if text else 'taken out'}" for kind, text in words.items())
        edit.finish("clause.written", f"clause {done}")
    return clauses
