"""An index of rules, to find the rule that decides about a thing on a day.

A set of the law in force holds no proposed rules. In a set with proposals, a proposed rule overrides the rule in force
on the days on which it would be valid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from partnerships.rules.law.values import LawFunction, LawRule, decided
from partnerships.terms import Outcome, RuleKind

Key = tuple[str, ...]
T = TypeVar("T")
NEXT_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say about a thing on a day: the rule, whether it is valid then, and the outcome."""

    rule: LawRule
    is_valid: bool
    outcome: Outcome


@dataclass(frozen=True)
class RuleSet:
    """Rules and functions. Two sets with the same rules are equal, in whatever order they were given."""

    rules: frozenset[LawRule]
    functions: frozenset[LawFunction]

    @classmethod
    def of(cls, rules: Iterable[LawRule], functions: Iterable[LawFunction]) -> RuleSet:
        return cls(frozenset(rules), frozenset(functions))

    def in_force(self) -> RuleSet:
        return RuleSet(frozenset(rule for rule in self.rules if not rule.proposed), self.functions)

    @cached_property
    def function_by_code(self) -> Mapping[str, LawFunction]:
        return {each.code: each for each in self.functions}

    @cached_property
    def _index(self) -> Mapping[Key, tuple[LawRule, ...]]:
        found: dict[Key, list[LawRule]] = {}
        for rule in sorted(self.rules, key=lambda rule: (rule.valid_from, rule.code)):
            for key in _keys(rule):
                found.setdefault(key, []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    @cached_property
    def _memory(self) -> dict[Hashable, object]:
        return {}

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """The cached result of `make`. Judging thousands of agreements needs the same few answers again and again."""
        if key not in self._memory:
            self._memory[key] = make()
        return cast(T, self._memory[key])

    @cached_property
    def change_days(self) -> tuple[dt.date, ...]:
        """The first day of each rule, and the day after the last."""
        begins = {rule.valid_from for rule in self.rules}
        ended = {rule.valid_to + NEXT_DAY for rule in self.rules if rule.valid_to is not None}
        return tuple(sorted(begins | ended))

    def about(self, *key: str) -> tuple[LawRule, ...]:
        """All rules with this key, valid on any day."""
        return self._index.get(key, ())

    def valid(self, *key: str, on: dt.date) -> tuple[LawRule, ...]:
        return self.remembered(("valid", key, on), lambda: tuple(r for r in self.about(*key) if r.is_valid_on(on)))

    def power(self, power: str, on: dt.date) -> Judgement | None:
        return self._judged(("power", power), on, lambda: self.about(RuleKind.POWER, power))

    def body(self, power: str, kind: str, on: dt.date) -> Judgement | None:
        return self._judged(("body", power, kind), on, lambda: self.about(RuleKind.BODY, power, kind))

    def function(self, power: str, code: str, on: dt.date) -> Judgement | None:
        """Judge by the function's own rules, or, if no rule in force names it, also by those for its whole side."""

        def candidates() -> tuple[LawRule, ...]:
            own = self.about(RuleKind.FUNCTION, power, code)
            if any(not rule.proposed for rule in own):
                return own
            return own + self.about(RuleKind.FUNCTION, power, "side", self.function_by_code[code].side)

        return self._judged(("function", power, code), on, candidates)

    def exclusion(self, power: str, treatment: str, code: str, on: dt.date) -> Judgement | None:
        """Judge by the rule for the treatment in that function, if one is valid, otherwise by the general rule."""
        own = self.valid(RuleKind.EXCLUSION, power, treatment, code, on=on)
        general = self.about(RuleKind.EXCLUSION, power, treatment, "")
        return self._judged(("exclusion", power, treatment, code), on, lambda: own or general)

    def exemption(self, power: str, subject: str, on: dt.date) -> Judgement | None:
        return self._judged(("exemption", power, subject), on, lambda: self.about(RuleKind.EXEMPTION, power, subject))

    def _judged(self, key: Key, on: dt.date, candidates: Callable[[], tuple[LawRule, ...]]) -> Judgement | None:
        return self.remembered((key, on), lambda: judge(candidates(), on))

    def changes(self, judged: Callable[[dt.date], Judgement | None]) -> tuple[tuple[dt.date, Judgement], ...]:
        """The days on which the outcome differs from the day before, each with the new judgement."""
        found = ((day, judged(day - NEXT_DAY), judged(day)) for day in self.change_days)
        return tuple(
            (day, after) for day, before, after in found if before and after and before.outcome != after.outcome
        )

    def body_changes(self, power: str, kind: str) -> tuple[tuple[dt.date, Judgement], ...]:
        return self.remembered(("body changes", power, kind), lambda: self.changes(lambda d: self.body(power, kind, d)))

    def function_changes(self, power: str, code: str) -> tuple[tuple[dt.date, Judgement], ...]:
        return self.remembered(
            ("function changes", power, code), lambda: self.changes(lambda d: self.function(power, code, d))
        )


def _keys(rule: LawRule) -> list[Key]:
    """The index keys of a rule: kind, power, and then its subject."""
    parts: list[Key]
    if rule.kind == RuleKind.BODY:
        parts = [(kind,) for kind in rule.body_kinds]
    elif rule.kind in (RuleKind.FUNCTION, RuleKind.HOLDER):
        parts = [(rule.function,)] if rule.function else [("side", rule.side)]
    elif rule.kind == RuleKind.DELEGATION:
        parts = [(rule.function, kind) for kind in rule.body_kinds]
    elif rule.kind == RuleKind.EXCLUSION:
        parts = [(rule.subject, rule.function)]
    elif rule.kind == RuleKind.COMPANION:
        parts = [(rule.function,)]
    elif rule.kind in (RuleKind.CONDITION, RuleKind.EXEMPTION):
        parts = [(rule.subject,)]
    else:
        parts = [()]
    return [(rule.kind.value, power, *part) for power in rule.powers for part in parts]


def judge(candidates: Iterable[LawRule], day: dt.date) -> Judgement | None:
    """Judge by the rule valid on the day, preferring a proposed one.

    If none is valid, it is not allowed, citing the nearest.

    None if no rule in force is about the thing at all.
    """
    rules = list(candidates)
    valid = [rule for rule in rules if rule.is_valid_on(day)]
    if valid:
        rule = max(valid, key=lambda rule: (rule.proposed, rule.valid_from, rule.code))
        said = Outcome.LAWFUL if rule.allowed else Outcome.UNLAWFUL
        return Judgement(rule, is_valid=True, outcome=decided(said, rule.confidence))
    law = [rule for rule in rules if not rule.proposed]
    if not law:
        return None
    earlier = [rule for rule in law if rule.valid_to is not None and rule.valid_to < day]
    near = max(earlier, key=lambda rule: (rule.valid_to or day, rule.code)) if earlier else law[0]
    return Judgement(near, is_valid=False, outcome=decided(Outcome.UNLAWFUL, near.confidence))
