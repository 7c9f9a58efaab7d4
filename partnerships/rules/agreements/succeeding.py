"""Why a successor cannot be recorded for a partner whose successor is not in the reference data. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim that `successors` took the place of a partner on a day.

    An unknown first or last day of a body is None.
    """

    name: str
    closed: dt.date | None
    successors: Collection[tuple[int, str, bool]]  # key, name, and whether it existed on the day
    effective_on: dt.date
    evidence: str


def succeeding_problems(
    claim: Claim,
    *,
    is_partner: bool,
    known: Collection[str],
    already: Collection[str],
    claimed_by: int,
    today: dt.date,
) -> Iterator[Problem]:
    """Why the claim is refused.

    `known` are successors in the reference data, `already` those recorded in the agreement.
    """
    yield from _partner_problems(claim, is_partner=is_partner, known=known, already=already)
    day = Where(field="effective_on")
    if claim.effective_on > today:
        yield Problem("NOT_YET", "The day must be today or in the past", day)
    if claim.closed is not None and claim.effective_on <= claim.closed:
        yield Problem(
            "STILL_THERE", f"{claim.name} existed until {written(claim.closed)}", day, fix="Enter a later day."
        )
    if not claim.evidence.strip():
        yield Problem("REQUIRED", "Enter where the succession is written down", Where(field="evidence"))
    where = Where(field="successors")
    if not claim.successors:
        yield Problem("REQUIRED", "Choose who has taken its place", where)
    for pk, name, existed in claim.successors:
        if pk == claimed_by:
            yield Problem(
                "NOT_YOURSELF", f"{name} cannot name itself as the successor of another partner", where,
                fix="Let another partner record it, or prepare a deed together.",
            )  # fmt: skip
        if not existed:
            yield Problem("NOT_THERE_YET", f"{name} did not exist on {written(claim.effective_on)}", where)


def _partner_problems(
    claim: Claim, *, is_partner: bool, known: Collection[str], already: Collection[str]
) -> Iterator[Problem]:
    where = Where(field="partner")
    if not is_partner:
        yield Problem("NOT_A_PARTNER", f"{claim.name} was not a partner by a signed deed on the day before", where)
    if claim.closed is None:
        yield Problem(
            "STILL_THERE", f"{claim.name} still exists, according to the reference data", where,
            fix="Prepare a deed by which one leaves and the other joins.",
        )  # fmt: skip
    if known:
        names = ", ".join(known)
        yield Problem(
            "SUCCESSOR_KNOWN",
            f"The reference data names its successors: {names}",
            where,
            fix="They take its place automatically.",
        )
    if already:
        yield Problem("ALREADY_SUCCEEDED", f"{', '.join(already)} has already taken its place", where)
