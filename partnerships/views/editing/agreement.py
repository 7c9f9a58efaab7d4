"""Starting an agreement, the task list of its open deed, its main terms and its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partnerships.actions import drafting
from partnerships.changing.agreement import starting_once
from partnerships.forms.drafting import MainTermsForm, PlacesForm, StartForm
from partnerships.queries.agreements.approvals import approvals_of
from partnerships.queries.agreements.drafts import Draft, fingerprint, place_named, places_by_slug
from partnerships.queries.agreements.possible import steps_of_draft
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import differences, findings_of
from partnerships.rules.agreements.missing import missing_items
from partnerships.rules.law import verdict
from partnerships.tables.drafts import address_of, draft_sections
from partnerships.tables.word_changes import with_marked_words
from partnerships.terms import Outcome
from partnerships.views.editing.frame import METHODS, Work, carried_out, on_draft, part_of_draft
from pooledcare.directory.access import Permission, refusal, requires
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused, Where

if TYPE_CHECKING:
    from pooledcare.directory.models import Place

PREPARE = Permission.PREPARE_AGREEMENTS


@require_http_methods(METHODS)
@requires()
def agreement_start(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    able = actor.holds(PREPARE)
    if not able:
        raise PermissionDenied(refusal(PREPARE))
    form = StartForm(request.POST if request.method == "POST" else None, organisations=able)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        organisation = next(each for each in able if each.code == said["organisation"])
        try:
            with starting_once(organisation, said["title"]):
                agreement = drafting.start_agreement(
                    organisation=organisation,
                    power=said["power"],
                    title=said["title"],
                    effective_on=said["effective_on"],
                    is_integrated=said["is_integrated"],
                    by=actor,
                )
        except Refused as refused:
            add_problems(form, refused)
        else:
            messages.success(request, f"{agreement.reference} has been started. Only your organisation sees it so far.")
            return redirect("partnerships:draft-detail", agreement.reference)
    return render(request, "partnerships/agreement_start.jinja", {"form": form})


@on_draft
def draft_detail(work: Work, draft: Draft) -> HttpResponse:
    """The task list: what is done, what the law still asks for, and what may be done next."""
    law = law_in_force()
    findings = findings_of(draft.record, law, including=draft.deed.number)
    return work.show(
        "draft_detail",
        draft=draft,
        deed=draft.deed,
        sections=draft_sections(draft, work.url),
        missing=[
            (each, address_of(each.where, work.url))
            for each in missing_items(draft.record, timezone.localdate(), law, decisions=draft.decisions)
        ],
        unlawful=[each for each in findings if each.outcome == Outcome.UNLAWFUL],
        unsettled=sum(each.outcome == Outcome.NOT_SETTLED for each in findings),
        verdict=verdict(findings),
        judged=draft.content.start is not None,
        changes=[] if draft.before is None else with_marked_words(differences(draft.before, draft.content)),
        approvals=approvals_of(draft.deed, draft.record),
        actions=steps_of_draft(work.agreement, work.actor),
    )


def _main_terms_shown(draft: Draft) -> str:
    content, deed = draft.content, draft.deed
    main_terms = (content.title, content.power, content.start, content.end, content.notice_months, content.review_on)
    return fingerprint((*main_terms, deed.effective_on, deed.summary, deed.sets_end))


@on_draft
def draft_main_terms(work: Work, draft: Draft) -> HttpResponse:
    form = MainTermsForm(work.posted, draft=draft)
    done = carried_out(
        work,
        form,
        lambda _: drafting.edit_deed(deed=draft.deed, changes=form.changes(draft), by=work.actor),
        now=part_of_draft(_main_terms_shown),
    )
    if done:
        return work.go("Title, dates and notice have been saved.", "draft-detail")
    return work.show("draft_main_terms", form=form, draft=draft)


@on_draft
def draft_places(work: Work, draft: Draft) -> HttpResponse:
    """The places of the agreement. They can be changed until it is signed; a deed of variation cannot change them."""
    if not draft.is_original:
        messages.info(work.request, "A deed of variation cannot change the places of an agreement.")
        return redirect(work.url("draft-detail"))
    form = PlacesForm(work.posted, draft=draft)

    def save(said: dict[str, Any]) -> None:
        places = places_by_slug(said.get("kept", []))
        if said["added"]:
            places.append(_place(said["added"], draft))
        changes = {"places": list({place.pk: place for place in places}.values())}
        drafting.edit_deed(deed=draft.deed, changes=changes, by=work.actor)

    if carried_out(work, form, save, now=part_of_draft(lambda one: fingerprint(one.content.places))):
        again = "add_another" in work.request.POST
        return work.go("The places have been saved.", "draft-places" if again else "draft-detail")
    return work.show("draft_places", form=form, draft=draft)


def _place(text: str, draft: Draft) -> Place:
    found = place_named(text, on=draft.day)
    if found is None:
        raise Refused.because(
            "PLACE_UNKNOWN",
            f"There is no place called {text}",
            where=Where(field="added"),
            fix="Look for it under Places.",
        )
    return found
