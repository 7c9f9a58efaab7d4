"""A slow and obvious twin of the movements of an upload and of the warnings of scale, with and without successions.

The twin looks at every pair of figures. It knows no SQL, and shares no code with the engine.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.budgets import ledger

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NEW_YEAR = dt.date(2023, 4, 1)
# Who there is: from when, until when. C and D became X; E was divided into Y and Z; A and B stay as they are.
BODIES = {
    "A": (None, None), "B": (None, None), "C": (None, dt.date(2023, 3, 31)), "D": (None, dt.date(2023, 3, 31)),
    "X": (NEW_YEAR, None), "E": (None, dt.date(2022, 9, 30)), "Y": (dt.date(2022, 10, 1), None),
    "Z": (dt.date(2022, 10, 1), None),
}  # fmt: skip
STEPS = [("C", "X", NEW_YEAR), ("D", "X", NEW_YEAR), ("E", "Y", dt.date(2022, 10, 1)), ("E", "Z", dt.date(2022, 10, 1))]
AMOUNTS = ["100.00", "126.00", "60.00", "-100.00", "0.00", "100000.00", "0.10", "350.00", None]


@dataclass(frozen=True)
class Figure:
    body: str
    year: int
    source: str
    basis: str
    amount: Decimal | None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.body, self.year, self.basis)


@st.composite
def figures(draw: st.DrawFn, sources: list[str]) -> list[Figure]:
    found = []
    for _ in range(draw(st.integers(1, 9))):
        year = draw(st.sampled_from([2021, 2022, 2023, 2024]))
        bodies = [body for body in BODIES if exists(body, year)]
        amount = draw(st.sampled_from(AMOUNTS))
        found.append(
            Figure(
                draw(st.sampled_from(bodies)), year, draw(st.sampled_from(sources)),
                draw(st.sampled_from(["budget", "budget", "outturn"])), None if amount is None else Decimal(amount),
            )
        )  # fmt: skip
    return list({(one.key, one.source): one for one in found}.values())


def exists(body: str, year: int) -> bool:
    since, until = BODIES[body]
    return (since is None or since < dt.date(year + 1, 4, 1)) and (until is None or until >= dt.date(year, 4, 1))


# ── The twin ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def together(body: str, year: int) -> tuple[set[str], set[str]]:
    """Predecessors and successors that hang together with a body between the beginning of a year's last and its end."""
    steps = [(old, new) for old, new, day in STEPS if dt.date(year - 1, 4, 1) < day < dt.date(year + 1, 4, 1)]
    members = {body}
    for _ in BODIES:
        members |= {one for step in steps if members & set(step) for one in step}
    return {old for old, _ in steps if old in members}, {new for _, new in steps if new in members}


def in_whole(amounts: dict[str, Decimal], predecessors: set[str], successors: set[str], year: int) -> bool:
    """Whether the year is known: of all who existed in it, or of all predecessors, or of all successors."""
    there = [{one for one in some if exists(one, year)} for some in (predecessors, successors)]
    known = set(amounts)
    wholes = [there[0] | there[1], *(some for some in there if some)]
    return any(known == whole for whole in wholes if whole)


def expected(sent: list[Figure], current: list[Figure]) -> tuple[set[tuple[Any, ...]], set[str]]:
    """The movements (who, year, basis, before, now), and for which years and bases scale is warned of."""
    mine = {one.key for one in sent}
    stands = {(one.key, one.source): one for one in current}
    own = sent + [one for one in current if one.source == "NHS" and one.key not in mine]
    moved, warned = set(), set()
    for one in sent:
        there = stands.get((one.key, "NHS"))
        unchanged = there is not None and there.amount == one.amount
        predecessors, successors = together(one.body, one.year)
        if one.amount is None:
            continue
        alike = [two for two in current if two.body == one.body and two.year in (one.year, one.year - 1)]
        alike += [two for two in sent if two.body == one.body and two.year == one.year - 1]
        if any(far(one.amount, two.amount) for two in alike if two.amount is not None):
            warned.add((one.year, one.basis))
        if unchanged:
            continue
        if not predecessors:
            befores = [two for two in own if two.key == (one.body, one.year - 1, one.basis) and two.amount is not None]
            for two in befores:
                if two.amount and abs(one.amount - two.amount) > abs(two.amount) / 4:
                    moved.add((one.body, one.year, one.basis, two.amount, one.amount))
            continue
        members = predecessors | successors
        of_year = [two for two in own if two.body in members and (two.year, two.basis) == (one.year, one.basis)]
        now = {two.body: two.amount for two in of_year if two.amount is not None}
        for source in ("NHS", "A"):
            among = own if source == "NHS" else current
            before = {
                two.body: two.amount for two in among
                if two.body in members and two.source == source and (two.year, two.basis) == (one.year - 1, one.basis)
                and two.amount is not None
            }  # fmt: skip
            if not before or not in_whole(before, predecessors, successors, one.year - 1):
                continue
            if not in_whole(now, predecessors, successors, one.year):
                continue
            was, is_now = sum(before.values()), sum(now.values())
            if far(is_now, was):
                warned.add((one.year, one.basis))
            if source == "NHS" and was and abs(is_now - was) > abs(was) / 4:
                moved.add((" and ".join(sorted(now)), one.year, one.basis, was, is_now))
    return moved, {f"{year}-{(year + 1) % 100} {basis}" for year, basis in warned}


def far(one: Decimal, other: Decimal) -> bool:
    low, high = sorted((abs(one), abs(other)))
    return low != 0 and (500 <= high / low <= 2_000 or 500_000 <= high / low <= 2_000_000)


# ── The same from the database ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    bodies = {
        name: factories.organisation(name=name, code=f"Q{name}", opened=since, closed=until)
        for name, (since, until) in BODIES.items()
    }
    for old, new, day in STEPS:
        factories.succession(predecessor=bodies[old], successor=bodies[new], effective_on=day)
    return {"NHS": factories.nhs_england(), "stream": factories.stream(name="Core"), **bodies}


def rows(world: dict[str, Any], some: list[Figure]) -> list[Any]:
    return [
        ledger.figure(world[one.body], world["stream"], one.amount, financial_year=one.year, basis=one.basis)
        for one in some
    ]


@given(sent=figures(["NHS"]), current=figures(["NHS", "NHS", "A"]))
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_movements_and_warnings_of_scale_are_those_of_the_twin(world, sent, current):
    with transaction.atomic():
        for source in ("NHS", "A"):
            said = [one for one in current if one.source == source]
            if said:
                ledger.put(world[source], *rows(world, said))
        upload = ledger.stage(world["NHS"], *rows(world, sent))
        problems = ledger.STEPS.current_state_problems(upload)
        preview = ledger.STEPS.preview(upload)[1]
        transaction.set_rollback(True)
    moved, warned = expected(sent, current)
    found = {
        (
            one["organisation_name"], int(one["financial_year"][:4]), one["basis"], Decimal(one["year_before"]),
            Decimal(one["amount"]),
        )
        for one in preview["movements"]
    }  # fmt: skip
    assert found == moved
    assert preview["movement_count"] == len(preview["movements"]) == len(moved)
    sizes = [abs(Decimal(one["amount"]) - Decimal(one["year_before"])) for one in preview["movements"]]
    assert sizes == sorted(sizes, reverse=True)
    told = {one.message.split(":")[0].removeprefix("Core ") for one in problems if " on average " not in one.message}
    assert told == {year.split()[0] for year in warned}


def test_the_twin_knows_who_hangs_together():
    assert together("X", 2023) == ({"C", "D"}, {"X"})
    assert together("X", 2024) == together("A", 2023) == (set(), set())
    assert together("Y", 2022) == together("E", 2023) == ({"E"}, {"Y", "Z"})
    assert {body for body, year in product(BODIES, [2022]) if not exists(body, year)} == {"X"}
