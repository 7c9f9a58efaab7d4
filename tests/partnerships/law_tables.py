"""The law read straight from its tables, without a database: what the rules are tested with."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from partnerships.reference import tables
from partnerships.rules.law import LawFunction, LawRule, RuleSet
from partnerships.terms import Confidence, RuleKind

PROPOSAL = "dental-ophthalmic-pharmaceutical-2015"
TRUTH_TABLE = Path(__file__).with_name("law_truth_table.csv")


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@cache
def law(*proposals: str) -> RuleSet:
    """The law in force, with these proposals."""
    instruments = {row["slug"]: row for row in tables.INSTRUMENTS.read(tables.HERE)}
    functions = [
        LawFunction(row["code"], row["name"], row["side"], row["carries_exclusions"] == "yes")
        for row in tables.FUNCTIONS.read(tables.HERE)
    ]
    rules = []
    for row in tables.RULES.read(tables.HERE):
        proposed = instruments[row["instrument"]]["status"] == "proposed"
        if proposed and row["instrument"] not in proposals:
            continue
        rules.append(
            LawRule(
                code=row["code"],
                kind=RuleKind(row["kind"]),
                powers=frozenset(row["powers"].split()),
                valid_from=dt.date.fromisoformat(row["valid_from"]),
                valid_to=day(row["valid_to"]),
                allowed=row["allowed"] == "yes",
                confidence=Confidence(row["confidence"]),
                provision=row["provision"],
                instrument=instruments[row["instrument"]]["citation"],
                text=row["text"],
                side=row["side"],
                function=row["function"],
                needs=row["needs"],
                subject=row["subject"],
                body_kinds=frozenset(row["body_kinds"].split()),
                flexibilities=frozenset(row["flexibilities"].split()),
                ended_by=instruments[row["ended_by"]]["citation"] if row["ended_by"] else "",
                proposed=proposed,
            )
        )
    return RuleSet.of(rules, functions)


DAY = dt.date(2010, 4, 1)
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
NHS_CARE = LawFunction("nhs-care", "NHS care", "nhs", carries_exclusions=True)
HOME_CARE = LawFunction("home-care", "Home care", "local_authority")
CHARGES = LawFunction("charges", "Charges", "local_authority")


def a_rule(kind: str, code: str = "rule", **values: Any) -> LawRule:
    """The smallest rule of a kind: under section 75, allowed, read in its instrument, from `DAY` on without end."""
    given: dict[str, Any] = {
        "code": code,
        "kind": RuleKind(kind),
        "powers": {"s75"},
        "valid_from": DAY,
        "valid_to": None,
        "allowed": True,
        "confidence": Confidence.INSTRUMENT,
        "provision": f"reg {code}",
        "instrument": "SI 1/1",
        "text": f"The text of {code}.",
    } | values
    return LawRule(**{name: frozenset(value) if isinstance(value, set) else value for name, value in given.items()})


def a_law(*rules: LawRule, functions: Iterable[LawFunction] = (NHS_CARE, HOME_CARE, CHARGES)) -> RuleSet:
    """A law of these rules alone."""
    return RuleSet.of(rules, functions)


def truth_table() -> list[dict[str, str]]:
    with TRUTH_TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))
