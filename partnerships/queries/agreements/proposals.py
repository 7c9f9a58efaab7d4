"""How proposed instruments would change the findings of agreements, checked about a hundred agreements at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from partnerships.models import AgreementSummary, Rule, SchemeFunction
from partnerships.queries.agreements.comparing import finding_changes
from partnerships.queries.agreements.reach import summaries_seen_by
from partnerships.queries.agreements.records import records_of
from partnerships.queries.law import law_with
from partnerships.rules.agreements import findings_of, published
from partnerships.rules.law import Change
from partnerships.terms import Audience, InstrumentStatus
from pooledcare.directory.access import Actor

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Changed:
    summary: AgreementSummary
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Checked:
    """One batch of checked agreements, newest first. `next_below` is the key from which the next batch continues."""

    count: int
    changed: list[Changed]
    next_below: int | None


def changed_by_proposals(
    slugs: Collection[str], *, actor: Actor, below: int | None = None, most: int = AT_ONCE
) -> Checked:
    """Check one batch of agreements. Sixteen queries, however many it holds."""
    found = _touched(slugs, actor=actor).order_by("-agreement_id")
    if below is not None:
        found = found.filter(agreement_id__lt=below)
    rows = list(found[: most + 1])
    checked = rows[:most]
    both = law_with(slugs)
    now = both.in_force()
    records = records_of([each.agreement for each in checked])
    changed = []
    for summary in checked:
        record = records[summary.agreement_id]
        if summary.audience == Audience.PUBLIC:
            record = published(record)
        changes = finding_changes(findings_of(record, now), findings_of(record, both))
        if changes:
            changed.append(Changed(summary, changes))
    return Checked(len(checked), changed, checked[-1].agreement_id if len(rows) > most else None)


def _touched(slugs: Collection[str], *, actor: Actor) -> QuerySet[AgreementSummary]:
    """Agreements that may be affected. If only rules about functions are proposed, those that name such a function."""
    seen = summaries_seen_by(actor)
    rules = Rule.objects.filter(instrument__slug__in=slugs, instrument__status=InstrumentStatus.PROPOSED)
    functions = set(rules.values_list("function_id", flat=True))
    if None in functions:
        return seen
    named = SchemeFunction.objects.filter(function__in=functions, terms__deed__agreement=OuterRef("agreement"))
    known = named.exclude(terms__deed__published_on=None)
    return seen.filter(Q(audience=Audience.PARTNERS) & Exists(named) | Exists(known))
