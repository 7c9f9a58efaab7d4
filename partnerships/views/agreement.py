"""Pages about an agreement as a whole: overview, terms, findings, governance, tasks, history."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from partnerships.forms.agreements import FindingsForm, MomentForm
from partnerships.queries import law
from partnerships.queries.agreements import governance
from partnerships.queries.agreements.comparing import judged
from partnerships.queries.agreements.detail import deeds_shown, reading, renewals_of, who_must_act
from partnerships.queries.agreements.notices import current_notice_facts
from partnerships.queries.agreements.reach import Reached, may
from partnerships.rules.agreements.missing import missing_items, not_listed_twice, unlawful_points
from partnerships.rules.agreements.noticing import due_dates
from partnerships.tables import agreements as tables
from partnerships.tables import governance as governance_tables
from partnerships.tables import law as law_tables
from partnerships.terms import ClauseKind
from partnerships.views.reading import moment_of, opened, reads_agreement, shown
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.audit_table import people_in
from pooledcare.directory.queries.people import names_known_to

PREPARE = Permission.PREPARE_AGREEMENTS


@reads_agreement()
def agreement_detail(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    context: dict[str, Any] = {"renewals": renewals_of(page, actor=request.actor)}  # type: ignore[attr-defined]
    if reached.is_partner:
        context["to_do"] = who_must_act(page, deeds_shown(page))
    if page.content is not None:
        context["glance"] = tables.glance(page.content, page.agreement)
        context["schemes"] = tables.schemes(page.content, page.agreement.reference, moment_of(page))
        context["funds"] = tables.funds(page.content)
    return shown(request, page, form, "agreement_detail", **context)


@reads_agreement()
def agreement_terms(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    written = dict(page.content.clauses) if page.content else {}
    clauses = [(str(kind.label), written[kind]) for kind in ClauseKind if kind in written]
    missing = [str(kind.label) for kind in ClauseKind if kind not in written]
    words = tables.glance(page.content, page.agreement) if page.content else None
    return shown(request, page, form, "agreement_terms", clauses=clauses, missing=missing, glance=words)


@reads_agreement()
def agreement_findings(request: HttpRequest, reached: Reached) -> HttpResponse:
    """What the law says, in force and with proposals, and what the open deed would change."""
    proposals = [(each.slug, each.title) for each in law.proposals_listed()]
    form = FindingsForm(request.GET, proposals=proposals)
    page = opened(reached, form)
    chosen = form.cleaned_data["with"] if form.is_valid() else []
    found = judged(page, proposals=chosen)
    instruments = law.slugs_by_citation()
    titles = dict(proposals)
    return shown(
        request,
        page,
        form,
        "agreement_findings",
        groups=tables.points_by_outcome(found.points, page.agreement.reference, moment_of(page), instruments),
        chosen=[titles[slug] for slug in chosen],
        with_proposals=law_tables.changes(found.with_proposals, instruments, caption="What the proposal changes"),
        with_open_deed=law_tables.changes(
            found.with_open_deed, instruments, caption="What the deed changes", then="With the deed"
        ),
        open_deed=found.open_deed,
    )


@reads_agreement()
def agreement_governance(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    found = governance.governance_of(page)
    reference = page.agreement.reference
    return shown(
        request,
        page,
        form,
        "agreement_governance",
        found=found,
        partners=governance_tables.partners(found.periods, page.day),
        documents=governance_tables.documents(found.documents, reference, is_partner=reached.is_partner),
        boards=[(each, governance_tables.seats(each)) for each in found.boards],
        decisions=governance_tables.decisions(found.decisions),
        preconditions=governance_tables.preconditions(found.preconditions),
        consents=governance_tables.consents(found.consents),
        notices=governance_tables.notices(found.notices),
        occurrences=governance_tables.occurrences(found.occurrences),
    )


@reads_agreement(partners_only=True)
def agreement_history(request: HttpRequest, reached: Reached) -> HttpResponse:
    form = MomentForm(request.GET)
    page = opened(reached, form)
    states, lines = governance.history_of(reached), governance.audit_entries(reached)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    names = names_known_to(actor, {each.actor for each in states} | people_in(lines))
    return shown(
        request,
        page,
        form,
        "agreement_history",
        history=governance_tables.history(states, names),
        audit_entries=governance_tables.audit_entries(lines, names),
        most=governance.MAX_AUDIT_ENTRIES,
    )


@reads_agreement(partners_only=True)
def agreement_tasks(request: HttpRequest, reached: Reached) -> HttpResponse:
    """What is unlawful or missing today. `as_at` is ignored, because tasks cannot be done in the past."""
    form = MomentForm(request.GET)
    page = opened(reached, form)
    now = reading(reached) if page.as_at or page.known_at else page
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]
    rules = law.law_in_force()
    unlawful = unlawful_points(now.record, today, rules)
    missing = missing_items(now.record, today, rules, decisions=governance.decided_by(reached))
    reference = page.agreement.reference
    writes = now.record.open_deed is not None and may(page.agreement, actor=actor, permission=PREPARE)
    notices, content = current_notice_facts(reached.agreement), now.content
    ahead = [(due.what(content), due.due_on) for due in due_dates(content, notices)] if content else []
    return shown(
        request,
        page,
        form,
        "agreement_tasks",
        to_do=who_must_act(now, deeds_shown(now)),
        unlawful=tables.unlawful_table(unlawful, reference, law.slugs_by_citation(), writes=writes),
        missing=tables.missing_table(not_listed_twice(missing, unlawful), reference, writes=writes),
        dates=tables.dates(ahead, today),
    )
