"""Reading the law: rule sets for judging, lists for browsing, the timeline, instruments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from partnerships.models import Function, Instrument, Rule
from partnerships.rules.law import LawFunction, LawRule, RuleSet
from partnerships.terms import Confidence, InstrumentStatus, Power, RuleKind, Side

REGULATIONS = "si-2000-617"
_AS_READ = (
    "code", "kind", "powers", "side", "function__code", "needs__code", "subject", "body_kinds", "flexibilities",
    "allowed", "valid_from", "valid_to", "instrument__citation", "instrument__status", "ended_by__citation",
    "provision", "confidence", "text",
)  # fmt: skip


def law_in_force() -> RuleSet:
    """The rules that are law, without proposals. Two queries."""
    return _rule_set(Rule.objects.in_force())


def law_with(proposals: Collection[str]) -> RuleSet:
    """The law in force and the rules of the proposed instruments with these slugs."""
    chosen = Q(instrument__status=InstrumentStatus.PROPOSED, instrument__slug__in=list(proposals))
    return _rule_set(Rule.objects.filter(~Q(instrument__status=InstrumentStatus.PROPOSED) | chosen))


def _rule_set(rules: QuerySet[Rule]) -> RuleSet:
    functions = Function.objects.values_list("code", "name", "side", "carries_exclusions")
    return RuleSet.of(map(_law_rule, rules.values(*_AS_READ)), (LawFunction(*row) for row in functions))


def _law_rule(row: Mapping[str, Any]) -> LawRule:
    return LawRule(
        code=row["code"],
        kind=RuleKind(row["kind"]),
        powers=frozenset(row["powers"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        allowed=row["allowed"],
        confidence=Confidence(row["confidence"]),
        provision=row["provision"],
        instrument=row["instrument__citation"],
        text=row["text"],
        side=row["side"],
        function=row["function__code"] or "",
        needs=row["needs__code"] or "",
        subject=row["subject"],
        body_kinds=frozenset(row["body_kinds"]),
        flexibilities=frozenset(row["flexibilities"]),
        ended_by=row["ended_by__citation"] or "",
        proposed=row["instrument__status"] == InstrumentStatus.PROPOSED,
    )


# --- browsing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleFilters:
    """Filters of the list of rules.

    An empty value does not filter; without `proposals` only the law in force is listed.
    """

    on: dt.date | None = None
    power: str = ""
    kind: str = ""
    body: str = ""
    function: str = ""
    confidence: str = ""
    proposals: tuple[str, ...] = ()


def rules_found(filters: RuleFilters) -> QuerySet[Rule]:
    """Rules by kind, then by the position of their function, then by date."""
    chosen = Q(instrument__slug__in=filters.proposals)
    found = Rule.objects.filter(~Q(instrument__status=InstrumentStatus.PROPOSED) | chosen)
    if filters.on is not None:
        found = found.on(filters.on)
    if filters.power:
        found = found.filter(powers__contains=[filters.power])
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.body:
        found = found.filter(body_kinds__contains=[filters.body])
    if filters.function:
        found = found.filter(Q(function__code=filters.function) | Q(needs__code=filters.function))
    if filters.confidence:
        found = found.filter(confidence=filters.confidence)
    return found.select_related("instrument", "ended_by", "function", "needs").order_by(
        "kind", "function__position", "valid_from", "code"
    )


def functions_listed() -> list[Function]:
    return list(Function.objects.order_by("position", "code"))


def parents_listed() -> list[Function]:
    """Functions without which some charging function may not be pooled."""
    return list(Function.objects.filter(companions__kind=RuleKind.COMPANION).distinct().order_by("position", "code"))


def proposals_listed() -> list[Instrument]:
    """Proposed instruments by title; each carries the number of its rules as `rule_count`."""
    return list(
        Instrument.objects.filter(status=InstrumentStatus.PROPOSED)
        .annotate(rule_count=Count("rules"))
        .order_by("title", "slug")
    )


def instruments_listed() -> list[Instrument]:
    """Every instrument by date, those without a date last; each carries `rule_count` and `ended_count`."""
    return list(
        Instrument.objects.annotate(
            rule_count=Count("rules", distinct=True), ended_count=Count("rules_ended", distinct=True)
        ).order_by("in_force", "citation")
    )


def slugs_by_citation() -> dict[str, str]:
    """The slug of each instrument, for links to its page."""
    return dict(Instrument.objects.values_list("citation", "slug"))


def instrument_by_slug(slug: str) -> Instrument | None:
    return Instrument.objects.filter(slug=slug).select_related("amends", "source").first()


@dataclass(frozen=True, slots=True)
class InstrumentRules:
    """The rules that an instrument introduced and ended, and the instruments that amended it."""

    brought: list[Rule]
    ended: list[Rule]
    amended_by: list[Instrument]


def rules_of(instrument: Instrument) -> InstrumentRules:
    """The rules of the instrument. Three queries."""
    related = ("instrument", "ended_by", "function", "needs")
    order = ("kind", "function__position", "valid_from", "code")
    return InstrumentRules(
        brought=list(instrument.rules.select_related(*related).order_by(*order)),
        ended=list(instrument.rules_ended.select_related(*related).order_by(*order)),
        amended_by=list(instrument.amendments.order_by("in_force", "citation")),
    )


# --- the timeline of regulations 5 and 6 -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """The rules about functions that began or ended on one day, and the instruments responsible."""

    day: dt.date
    began: list[Rule]
    ended: list[Rule]
    instruments: list[Instrument]


def timeline(side: Side) -> list[Event]:
    """Regulation 5 (the NHS) or 6 (councils): the days on which a rule about a function begins or ends. Two queries."""
    found = list(
        Rule.objects.in_force()
        .filter(kind=RuleKind.FUNCTION, powers__contains=[Power.S75])
        .filter(Q(function__side=side) | Q(function=None, side=side))
        .select_related("instrument", "ended_by", "function")
        .order_by("function__position", "code")
    )
    amending = list(Instrument.objects.filter(amends__slug=REGULATIONS, status=InstrumentStatus.IN_FORCE))
    begins = {rule.valid_from for rule in found}
    ends = {rule.valid_to + dt.timedelta(days=1) for rule in found if rule.valid_to}
    named = {instrument.in_force for instrument in amending if instrument.in_force}
    return [_event(day, found, amending) for day in sorted(begins | ends | named)]


def undated_amendments() -> list[Instrument]:
    """Instruments that amend the regulations and whose date we have not read."""
    found = Instrument.objects.filter(amends__slug=REGULATIONS, status=InstrumentStatus.IN_FORCE, in_force=None)
    return list(found.order_by("citation"))


def _event(day: dt.date, rules: Iterable[Rule], amending: Iterable[Instrument]) -> Event:
    began = [rule for rule in rules if rule.valid_from == day]
    ended = [rule for rule in rules if rule.valid_to and rule.valid_to + dt.timedelta(days=1) == day]
    named = {i.pk: i for i in amending if i.in_force == day}
    named |= {rule.instrument.pk: rule.instrument for rule in began}
    named |= {rule.ended_by.pk: rule.ended_by for rule in ended if rule.ended_by}
    return Event(day, began, ended, sorted(named.values(), key=lambda i: i.citation))


# --- search ----------------------------------------------------------------------------------------------------------

_SECTION = re.compile(r"\bs(?:ec|ect)?\.? ?(?=[0-9])")
_LAW_WORDS = re.compile(r"[\w/-]+")


@dataclass(frozen=True, slots=True)
class LawFound:
    """A legal power, a function, or an Act or regulations that a search found, and the page that is about it.

    `is_exact`: the text is its section or citation.
    """

    title: str
    kind: str
    url: str
    is_exact: bool


def law_found(text: str) -> list[LawFound]:
    """The law by the beginnings of words of its section, name or citation. Two queries.

    What is exact comes first; then legal powers, functions, and Acts and regulations, in this order.
    """
    wanted = _SECTION.sub("section ", text.strip().lower())
    words = _LAW_WORDS.findall(wanted)
    if not words:
        return []
    rules = reverse("partnerships:law-rules")

    def has(*texts: str) -> bool:
        there = set(_LAW_WORDS.findall(" ".join(texts).lower().replace("sections", "section")))
        return all(any(each.startswith(word) for each in there) for word in words)

    powers = [
        LawFound(label, "Legal power", f"{rules}?power={value}", label.lower().startswith(wanted))
        for value, label in Power.choices
        if has(label)
    ]
    functions = [
        LawFound(each.name, "Function", f"{rules}?function={each.code}", each.name.lower() == wanted)
        for each in functions_listed()
        if has(each.name, each.provision)
    ]
    instruments = [
        LawFound(each.title, each.citation, each.get_absolute_url(), each.citation.lower() == wanted)
        for each in Instrument.objects.order_by("in_force", "citation")
        if has(each.title, each.citation)
    ]
    return sorted([*powers, *functions, *instruments], key=lambda found: not found.is_exact)
