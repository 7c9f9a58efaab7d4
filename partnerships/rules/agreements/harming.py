"""Do no harm: what a deed would take from an existing integrated arrangement, and what that requires. Pure functions.

This is our policy, not a rule of law: no partner alone can take anything from such an arrangement through PooledCare.
If it happens anyway, it can be recorded, and is shown as a breach of the principle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from partnerships.rules.agreements.content import Body, Content, SchemeContent
from partnerships.rules.agreements.differences import Difference, FieldChange
from partnerships.rules.agreements.noticing import NoticeFact
from partnerships.rules.agreements.reading import deeds_in_effect
from partnerships.rules.agreements.record import AgreementRecord
from partnerships.terms import PoolKind
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem

_DAY = dt.timedelta(days=1)
CODE = "DO_NO_HARM"
TOGETHER = (
    "Prepare a deed together: it needs an impact assessment, notice that has run out, and every partner’s approval. "
    "If something has already happened, record what happened."
)


@dataclass(frozen=True, slots=True)
class Harm:
    """One loss, after `last_day`. It is covered by notice on the agreement or on one of `schemes`."""

    sentence: str
    last_day: dt.date
    schemes: frozenset[str] = frozenset()

    def is_covered_by(self, notice: NoticeFact) -> bool:
        return (not notice.scheme or notice.scheme in self.schemes) and notice.takes_effect_on <= self.last_day


def harms_between(before: Content, after: Content, day: dt.date) -> list[Harm]:
    """What the arrangement would lose by a deed that has effect from `day`."""
    return [
        *_endings(before, after),
        *_partners_lost(before, after, day - _DAY),
        *_funds_lost(before, after, day - _DAY),
        *_schemes_lost(before, after, day - _DAY),
    ]


def _is_sooner(before: dt.date | None, after: dt.date) -> bool:
    return before is None or after < before


def _endings(before: Content, after: Content) -> Iterator[Harm]:
    if after.end is not None and _is_sooner(before.end, after.end):
        yield Harm(f"The arrangement would end on {written(after.end)}", after.end)


def _partners_lost(before: Content, after: Content, last_day: dt.date) -> Iterator[Harm]:
    staying = {each.body.pk for each in after.partners}
    for each in before.partners:
        if each.body.pk not in staying:
            yield Harm(f"{each.body.name} would leave", last_day)


def _funds_lost(before: Content, after: Content, last_day: dt.date) -> Iterator[Harm]:
    for was in before.pools:
        now = after.pool(was.slug)
        inside = frozenset(scheme.slug for scheme in before.schemes if scheme.pool == was.slug)
        if now is None:
            yield Harm(f"The fund “{was.name}” would be closed", last_day, inside)
        elif _is_other(was.host, now.host):
            yield Harm(f"The fund “{was.name}” would have another host", last_day, inside)
        elif was.kind == PoolKind.POOLED and now.kind != PoolKind.POOLED:
            yield Harm(f"The fund “{was.name}” would no longer be pooled", last_day, inside)


def _is_other(before: Body | None, after: Body | None) -> bool:
    return before is not None and (after is None or after.pk != before.pk)


def _schemes_lost(before: Content, after: Content, last_day: dt.date) -> Iterator[Harm]:
    for was in before.schemes:
        if was.end_on is not None and was.end_on <= last_day:
            continue
        now, alone = after.scheme(was.slug), frozenset({was.slug})
        if now is None:
            yield Harm(f"The scheme “{was.name}” would be dropped", last_day, alone)
        elif now.end_on is not None and _is_sooner(was.end_on, now.end_on):
            yield Harm(f"The scheme “{was.name}” would end on {written(now.end_on)}", now.end_on, alone)
        elif was.functions and not now.functions:
            yield Harm(f"The scheme “{was.name}” would have no function left", last_day, alone)
        elif was.pool != now.pool and _is_other(_host(before, was), _host(after, now)):
            yield Harm(f"The scheme “{was.name}” would have another host", last_day, alone)


def _host(content: Content, scheme: SchemeContent) -> Body | None:
    pool = content.pool(scheme.pool)
    return pool.host if pool else None


def harming_problems(
    harms: Collection[Harm], *, is_assessed: bool, notices: Collection[NoticeFact]
) -> Iterator[Problem]:
    """What is missing, besides approvals, before a deed may take something from an integrated arrangement."""
    if harms and not is_assessed:
        yield Problem(
            CODE, f"{harms_in_words(harms)}, and no impact assessment of the deed is recorded",
            fix="Record what the deed would change for the people served, then sign it.",
        )  # fmt: skip
    for harm in harms:
        if not any(harm.is_covered_by(notice) for notice in notices):
            yield Problem(
                CODE, f"{harm.sentence}, and no notice runs out by {written(harm.last_day)}",
                fix="Give notice first, or choose a later first day for the deed.",
            )  # fmt: skip


def harms_in_words(harms: Collection[Harm]) -> str:
    return "; ".join(harm.sentence for harm in harms)


def alone_problem(what: str) -> Problem:
    """`what` continues "no partner alone can"."""
    return Problem(CODE, f"This is an existing integrated arrangement: no partner alone can {what}", fix=TOGETHER)


def unsigned_problems(harms: Iterable[Harm], found: Iterable[Difference]) -> Iterator[Problem]:
    """Refuse an edit that removes or replaces text of a draft under which an arrangement already operates."""
    sentences = [harm.sentence for harm in harms] or [lost for each in found if (lost := _lost(each))]
    for sentence in sentences:
        yield Problem(
            CODE, f"{sentence}, and this existing integrated arrangement already operates under this draft",
            fix="Sign the draft as it is and change it by a deed, or clear the mark together first.",
        )  # fmt: skip


def _lost(found: Difference) -> str:
    labels = [change.label.lower() for change in found.fields if _takes(change)]
    return f"{found.group} “{found.name}” would lose or change {', '.join(labels)}" if labels else ""


def _takes(change: FieldChange) -> bool:
    """Whether the change removes or replaces text; for a list, whether it removes an item."""
    return bool(change.before) and not {*change.before.split("; ")} <= {*change.after.split("; ")}


def marked_problems(before: Content, after: Content) -> Iterator[Problem]:
    """Refuse to remove a partner from the draft of a marked arrangement: its consent is needed to clear the mark."""
    staying = {each.body.pk for each in after.partners}
    for each in before.partners:
        if each.body.pk not in staying:
            yield Problem(
                CODE, f"{each.body.name} would leave, and this draft records an existing integrated arrangement",
                fix="Clear the mark together first, or withdraw this draft and begin another.",
            )  # fmt: skip


def was_agreed(record: AgreementRecord, assessed: Collection[int], *, last_day: dt.date, scheme: str = "") -> bool:
    """Whether a signed deed with an impact assessment ends the agreement, or the scheme, by that day.

    A later deed that repeats the end changes nothing; one with a later end cancels what was agreed.
    """
    whole = alone = False
    for deed in deeds_in_effect(record, last_day + _DAY):
        is_assessed = deed.number in assessed
        if deed.sets_end:
            whole = (whole or is_assessed) and deed.end_on is not None and deed.end_on <= last_day
        for end in [each.end_on for each in deed.schemes if each.slug == scheme]:
            alone = (alone or is_assessed) and end is not None and end <= last_day
        if scheme in deed.ended_schemes:
            alone = alone or is_assessed
    return whole or alone
