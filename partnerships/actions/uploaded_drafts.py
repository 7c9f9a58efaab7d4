"""Accepting and reversing uploads about drafts, after a second person has approved the upload.

An upload changes open deeds only: it never signs, approves or publishes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from partnerships.changing.agreement import finish_change, lock_deed, refuse, set_state
from partnerships.changing.draft_edit import is_marked_draft, refuse_reductions
from partnerships.models import (
    Agreement,
    AgreementPlace,
    Clause,
    Deed,
    Partner,
    PartnerLeaving,
    Scheme,
    SchemeFunction,
    SchemeTerms,
    UploadedRow,
)
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import AgreementRecord
from partnerships.rules.agreements.harming import alone_problem
from partnerships.terms import SENTENCES, AgreementState, DeedState
from partnerships.upload_kinds.changes import counts_of, planned
from partnerships.upload_kinds.writing import Written, write_row
from pooledcare.directory.access import Actor
from pooledcare.directory.history import record
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.models import Upload


@action(SENTENCES)
def write_rows(*, upload: Upload, by: Actor) -> dict[str, int]:
    """Write every row that changes a draft.

    Raises `Refused` if a draft was edited since the preview. Returns counts.
    """
    plans = planned(upload)
    for plan in plans:
        if plan.known is not None and plan.known.version != plan.row.deed_version:
            raise Refused.because(
                "CHANGED_MEANWHILE",
                f"{plan.known.agreement.reference} has been edited since the preview was made",
                fix="Look at the new preview before you accept it.",
            )
    done: list[tuple[UploadedRow, Written]] = [
        (plan.row, write_row(plan, organisation=upload.organisation, by=by)) for plan in plans if plan.changes
    ]
    versions = dict(Deed.objects.filter(pk__in=[w.deed.pk for _, w in done]).values_list("pk", "version"))
    for row, written in done:
        row.agreement, row.slug = written.agreement, written.slug
        row.deed_version = versions[written.deed.pk]
        row.before = {"deed": written.deed.pk, "state_before": written.before}
        row.save()
    record(
        by=by,
        action="upload.drafts_written",
        subject=f"upload:{upload.reference}",
        sentence=f"{upload.reference} ({upload.kind}): {len(done)} rows written to drafts.",
        organisation=upload.organisation.code,
    )
    return counts_of(plans)


@action(SENTENCES)
def reverse_rows(*, upload: Upload, by: Actor) -> dict[str, int]:
    """Restore what the drafts said before the upload, and withdraw agreements that it created. Returns counts."""
    rows = list(UploadedRow.objects.filter(upload=upload).exclude(before=None).order_by("-line"))
    counts = {"restored": 0, "withdrawn": 0}
    deeds: dict[int, Deed] = {}
    before: dict[int, AgreementRecord] = {}
    for row in rows:
        if row.deed_id not in deeds:
            deeds[row.deed_id] = lock_deed(Deed.objects.get(pk=row.deed_id))
            if is_marked_draft(deeds[row.deed_id]):
                before[row.deed_id] = record_of(deeds[row.deed_id].agreement)
        deed, state_before = deeds[row.deed_id], row.state_before
        if state_before is None:
            works = deed.pk in before and deed.agreement.is_operating_unsigned
            refuse([alone_problem("withdraw it while it operates")] if works else [])
            _withdraw(deed, upload, by)
            counts["withdrawn"] += 1
        else:
            restore = _restore_scheme if upload.kind == "schemes" else _restore_deed
            restore(deed, row.slug, state_before)
            deed.edited_by = state_before["edited_by"]
            counts["restored"] += 1
    for deed in deeds.values():
        if deed.pk in before and deed.state != DeedState.WITHDRAWN:
            refuse_reductions(deed, before[deed.pk], record_of(deed.agreement))
        _finish(deed, upload, by, [row for row in rows if row.deed_id == deed.pk])
    return counts


def _finish(deed: Deed, upload: Upload, by: Actor, rows: Iterable[UploadedRow]) -> None:
    deed.version += 1
    deed.save()
    reference = deed.agreement.reference
    finish_change(
        deed.agreement,
        by=by,
        action="agreement.upload_reversed",
        sentence=f"{deed.reference}: what {upload.reference} wrote was reversed.",
        organisation=upload.organisation,
        tell=[("schemes", f"{reference}/{row.slug}") for row in rows if row.slug],
    )


def _withdraw(deed: Deed, upload: Upload, by: Actor) -> None:
    deed.state = DeedState.WITHDRAWN
    note = f"{upload.reference}, which created it, was reversed"
    set_state(deed.agreement, AgreementState.WITHDRAWN, by=by, organisation=upload.organisation, note=note)


def _restore_deed(deed: Deed, slug: str, state_before: dict[str, Any]) -> None:
    for name, value in state_before["main_terms"].items():
        setattr(deed, name, value)
    _restore_agreement(deed.agreement, state_before)
    Clause.objects.filter(deed=deed).delete()
    Clause.objects.bulk_create(
        Clause(deed=deed, kind=kind, text=text) for kind, text in state_before["clauses"].items()
    )
    PartnerLeaving.objects.filter(deed=deed).delete()
    Partner.objects.filter(deed=deed).exclude(pk__in=[each["pk"] for each in state_before["partners"]]).delete()
    for each in state_before["partners"]:
        values = {name: value for name, value in each.items() if name != "pk"}
        Partner.objects.update_or_create(pk=each["pk"], agreement=deed.agreement, deed=deed, defaults=values)
    PartnerLeaving.objects.bulk_create(PartnerLeaving(deed=deed, partner_id=pk) for pk in state_before["leavings"])


def _restore_agreement(agreement: Agreement, state_before: dict[str, Any]) -> None:
    agreement.power = state_before["power"]
    agreement.places.exclude(place__in=state_before["places"]).delete()
    held = set(agreement.places.values_list("place_id", flat=True))
    AgreementPlace.objects.bulk_create(
        AgreementPlace(agreement=agreement, place_id=pk) for pk in state_before["places"] if pk not in held
    )


def _restore_scheme(deed: Deed, slug: str, state_before: dict[str, Any]) -> None:
    SchemeTerms.objects.filter(deed=deed, scheme__slug=slug).delete()
    scheme = Scheme.objects.get(agreement=deed.agreement, slug=slug)
    if state_before["terms"] is not None:
        terms = SchemeTerms.objects.create(deed=deed, scheme=scheme, **state_before["terms"])
        SchemeFunction.objects.bulk_create(SchemeFunction(terms=terms, **each) for each in state_before["functions"])
    elif not scheme.terms.exists():
        scheme.delete()
