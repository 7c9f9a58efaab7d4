"""The sentence with which the list of agreements, and an agreement's own page, begin. Pure functions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from partnerships.terms import BEFORE_SIGNING, OVER, AgreementState, Outcome
from pooledcare.kernel.days import written


@dataclass(frozen=True, slots=True)
class ListCounts:
    """Counts over a list of agreements.

    `over` have ended or were withdrawn. `ending` are not over and end within a year; `first_end` is the earliest of
    their last days. `unlawful` and `not_settled` have at least one such point; an agreement can be in both.
    """

    total: int
    over: int = 0
    ending: int = 0
    first_end: dt.date | None = None
    unlawful: int = 0
    not_settled: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a sentence, and the filter of the list that leaves only what it counts; an empty name for none."""

    text: str
    filter: str = ""
    value: str = ""


def list_sentence(counts: ListCounts, today: dt.date) -> list[Words]:
    """The sentence in parts, of which those that count some of the agreements have a filter.

    >>> said = list_sentence(ListCounts(13, ending=8, first_end=dt.date(2027, 1, 1)), dt.date(2026, 11, 30))
    >>> "".join(part.text for part in said)
    '13 agreements; 8 end within a year, the first in 32 days; none unlawful.'
    >>> said[1]
    Words(text='8 end within a year', filter='ending', value='12')
    """
    if counts.total == 1:
        return [Words(_of_one(counts, today))]
    over = f", {counts.over} of them over" if counts.over else ""
    unlawful = Words("none unlawful")
    if counts.unlawful:
        unlawful = Words(f"{counts.unlawful} unlawful", "findings", Outcome.UNLAWFUL.value)
    said = [Words(f"{counts.total} agreements{over}; "), *_ending(counts, today), Words("; "), unlawful]
    if counts.not_settled:
        said += [Words(", "), Words(f"{counts.not_settled} not settled", "findings", Outcome.NOT_SETTLED.value)]
    return [*said, Words(".")]


def _ending(counts: ListCounts, today: dt.date) -> list[Words]:
    if not counts.ending or counts.first_end is None:
        return [Words("none ends within a year")]
    soon = in_days(counts.first_end, today)
    if counts.ending == 1:
        return [Words("1 ends within a year", "ending", "12"), Words(f", {soon}")]
    return [Words(f"{counts.ending} end within a year", "ending", "12"), Words(f", the first {soon}")]


def _of_one(counts: ListCounts, today: dt.date) -> str:
    if counts.over:
        ends = "it is over"
    elif counts.first_end is not None:
        ends = f"it ends {in_days(counts.first_end, today)}"
    else:
        ends = "it does not end within a year"
    return f"1 agreement; {ends}; {_law_of_one(counts)}."


def _law_of_one(counts: ListCounts) -> str:
    if counts.unlawful:
        return "something in it is unlawful"
    return "nothing in it is unlawful, but something is not settled" if counts.not_settled else "it is lawful"


def in_days(day: dt.date, today: dt.date) -> str:
    """
    >>> today = dt.date(2026, 11, 30)
    >>> in_days(today, today), in_days(dt.date(2026, 12, 1), today), in_days(dt.date(2026, 12, 2), today)
    ('today', 'tomorrow', 'in 2 days')
    """
    left = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def agreement_sentence(
    *,
    state: str,
    is_operating_unsigned: bool,
    start_on: dt.date | None,
    end_on: dt.date | None,
    verdict: str,
    unlawful: int,
    not_settled: int,
    today: dt.date,
) -> str:
    """Whether the agreement is signed, when it ends, and what the law says, as one reader sees it today."""
    parts = [_stands(state, is_operating_unsigned, start_on, today)]
    if state not in OVER:
        parts.append(_ends(end_on, today))
    elif end_on is not None and state != AgreementState.WITHDRAWN:
        parts = [f"{parts[0]} on {written(end_on)}"]
    parts.append(_law(verdict, unlawful, not_settled))
    return "; ".join(parts) + "."


def _stands(state: str, is_operating_unsigned: bool, start_on: dt.date | None, today: dt.date) -> str:
    if state in BEFORE_SIGNING:
        return "In operation, but not signed" if is_operating_unsigned else "Not signed"
    if state == AgreementState.SIGNED and start_on is not None and start_on > today:
        return f"Signed, starts {in_days(start_on, today)}"
    return str(AgreementState(state).label)


def _ends(end_on: dt.date | None, today: dt.date) -> str:
    if end_on is None:
        return "no end is set"
    if end_on < today:
        return f"its last day was {written(end_on)}"
    return f"ends {in_days(end_on, today)}, on {written(end_on)}"


def _law(verdict: str, unlawful: int, not_settled: int) -> str:
    if verdict == Outcome.LAWFUL:
        return "lawful"
    counted = [f"{unlawful} unlawful"] if unlawful else []
    counted += [f"{not_settled} not settled"] if not_settled else []
    if not counted:
        return "not checked against the law yet"
    many = unlawful + not_settled > 1
    return f"{' and '.join(counted)} {'points' if many else 'point'} of law"
