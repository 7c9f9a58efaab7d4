"""The steps around every change of an agreement: lock it, check who acts, set its state, and finish the change.

Called by actions, inside their transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from partnerships.models import Agreement, AgreementStatus, AgreementSummary, Board, Deed, Document
from partnerships.queries.agreements.reach import agreement_reached, organisations_with_permission
from partnerships.queries.agreements.summaries import summaries_on
from partnerships.rules.agreements import AgreementRecord
from partnerships.rules.agreements.signing import DecidingBody
from partnerships.terms import OPEN_DEEDS, Audience
from pooledcare.directory.access import Actor, Permission, refusal
from pooledcare.directory.history import announce, record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.problems import Problem, Refused, Where


def lock_agreement(agreement: Agreement) -> Agreement:
    """Lock the agreement's row and read it again. Everything that changes an agreement takes this lock first."""
    return Agreement.objects.select_for_update(of=("self",)).select_related("prepared_by").get(pk=agreement.pk)


def lock_deed(deed: Deed) -> Deed:
    """Lock the agreement and the deed, and read the deed again."""
    agreement = lock_agreement(deed.agreement)
    found = Deed.objects.select_for_update(of=("self",)).get(pk=deed.pk)
    found.agreement = agreement
    return found


def require_organisation(
    agreement: Agreement, *, permission: Permission, by: Actor, organisation: Organisation | None = None
) -> Organisation:
    """The organisation for which `by` acts on the agreement; the first by name if none is given.

    Raises Http404 if `by` may not see the agreement, and PermissionDenied with the reason if the role is missing.
    """
    if agreement_reached(agreement.reference, actor=by) is None:
        raise Http404
    able = organisations_with_permission(agreement, actor=by, permission=permission)
    if organisation is not None and not by.is_system:
        able = [each for each in able if each.pk == organisation.pk]
    if not able:
        raise PermissionDenied(refusal(permission))
    return organisation or able[0]


def require_deciding_organisation(
    agreement: Agreement,
    deciding: Collection[DecidingBody],
    *,
    permission: Permission,
    by: Actor,
    organisation: Organisation | None = None,
) -> Organisation:
    """As `require_organisation`, but only among the organisations in `deciding`.

    An organisation that has left the agreement, or only drafted it, can read it but not decide on it. Raises Refused if
    `organisation` is none of those in `deciding`.
    """
    having = {decider.body.pk for decider in deciding}
    if organisation is None:
        able = organisations_with_permission(agreement, actor=by, permission=permission)
        organisation = next((each for each in able if each.pk in having), None)
    chosen = require_organisation(agreement, permission=permission, by=by, organisation=organisation)
    if chosen.pk not in having:
        raise Refused.because(
            "NOT_A_PARTNER", f"{chosen.name} is not a partner in this agreement, so it cannot decide on this"
        )
    return chosen


def only_people(by: Actor) -> None:
    """Refuse API keys: decisions that bind an organisation must be made by a person on the site."""
    if by.key is not None:
        raise PermissionDenied("This is done by people on the site, not with an API key.")


def refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(found)


def expect_version(found: Agreement | Board | Deed | Document, version: int | None) -> None:
    """Optimistic locking: somebody else has changed it since `version` was read."""
    if version is not None and found.version != version:
        raise Refused.because(
            "CHANGED_MEANWHILE",
            "Somebody else has changed this since you opened it",
            fix="Look at it again, then make your change.",
        )


@contextmanager
def unchanged_since(agreement: Agreement, seen: str, now: Callable[[Agreement], str]) -> Iterator[None]:
    """Run the block only if the agreement has not changed since a page was shown.

    `seen` is the fingerprint that the page showed; `now` computes it again under the agreement's lock. Raises Refused
    if they differ.
    """
    with transaction.atomic():
        if now(lock_agreement(agreement)) != seen:
            raise Refused.because(
                "CHANGED_MEANWHILE",
                "This has been changed since you opened the page",
                fix="Compare what you typed with what it says now, then save again.",
            )
        yield


@contextmanager
def starting_once(organisation: Organisation, title: str) -> Iterator[None]:
    """Allow one open draft with this title in the organisation, so that a form sent twice starts one agreement."""
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        found = Deed.objects.filter(
            number=0, title=title, state__in=sorted(OPEN_DEEDS), agreement__prepared_by=organisation
        ).first()
        if found is not None:
            raise Refused.because(
                "STARTED_ALREADY",
                f"Your organisation has already started an agreement of this title, {found.agreement.reference}",
                where=Where(field="title"),
                fix="Go on with that one, or give this one another title.",
            )
        yield


def set_state(
    agreement: Agreement, state: str, *, by: Actor, organisation: Organisation | None, note: str = ""
) -> None:
    """Set the state of the agreement and add a row to its history. The caller saves the agreement."""
    agreement.state = state
    AgreementStatus.objects.create(
        agreement=agreement, state=state, organisation=organisation, actor=by.reference, note=note
    )


def finish_change(
    agreement: Agreement,
    *,
    by: Actor,
    action: str,
    sentence: str,
    organisation: Organisation | None = None,
    event: str = "changed",
    tell: Collection[tuple[str, str]] = (),
    public: bool = False,
    as_read: AgreementRecord | None = None,
) -> None:
    """The last step of every action: raise the version, refresh the summaries, write audit line and change feed.

    `tell` lists the schemes and pools that changed, as pairs of resource and reference. Everybody sees the change in
    the feed if the public summary has changed or `public` is true (a text was published). Otherwise only those see it
    who may read the agreement as a partner, before or after the change. `as_read` is the agreement as read after the
    change; if not given, it is read here.
    """
    agreement.version += 1
    agreement.save()
    readers = _readers(agreement)
    records = None if as_read is None else {agreement.pk: as_read}
    public = refresh_summaries([agreement], records=records).get(agreement.pk, False) or public
    readers |= _readers(agreement)
    code = organisation.code if organisation else agreement.prepared_by.code
    record(by=by, action=action, subject=f"agreement:{agreement.reference}", sentence=sentence, organisation=code)
    for resource, reference in (("agreements", agreement.reference), *tell):
        announce(resource=resource, reference=reference, event=event, public=public, organisation=code, readers=readers)


def _readers(agreement: Agreement) -> set[int]:
    rows = AgreementSummary.objects.filter(agreement=agreement, audience=Audience.PARTNERS)
    return {pk for found in rows.values_list("reader_ids", flat=True) for pk in found}


def refresh_summaries(
    agreements: Collection[Agreement],
    *,
    today: dt.date | None = None,
    records: Mapping[int, AgreementRecord] | None = None,
) -> dict[int, bool]:
    """Compute the summaries again. Returns, for each agreement of which one changed, whether the public one did."""
    kept = AgreementSummary.objects.filter(agreement__in=[each.pk for each in agreements])
    before = _values(kept)
    new = list(summaries_on(agreements, today or timezone.localdate(), records=records))
    kept.delete()
    AgreementSummary.objects.bulk_create(new, batch_size=500)
    after = _values(new)
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return {pk: (pk, Audience.PUBLIC) in changed for pk, _ in changed}


def _values(summaries: Iterable[AgreementSummary]) -> dict[tuple[int, str], list[object]]:
    names = [f.attname for f in AgreementSummary._meta.concrete_fields if f.name not in ("id", "worked_out_on")]
    return {(each.agreement_id, each.audience): [getattr(each, name) for name in names] for each in summaries}
