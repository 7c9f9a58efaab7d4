"""Rules, findings and instruments as tables of a page: headings and cells, no markup."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from partnerships.reference.parameters import Parameter
from partnerships.rules.law import (
    Answer,
    BodyAnswer,
    Change,
    Finding,
    LawRule,
    PowerLine,
    Question,
    RuleSet,
    reason,
)
from partnerships.rules.law.wording import body_name, capital, power_name, treatment_name
from partnerships.terms import Confidence, Exclusion, Outcome, RuleKind, Side
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.days import written
from pooledcare.kernel.names import joined
from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from partnerships.models import Instrument, Rule

PROPOSED = "From the text of the proposal"
NO_END = "No end"


def rules(key: str, caption: str, found: Iterable[Rule]) -> Table:
    columns = [
        Column("Rule"),
        Column("About"),
        Column("From", "date"),
        Column("To", "date", NO_END),
        Column("Provision"),
        Column("How we know it"),
    ]
    return Table(key, caption, columns, [_rule(each) for each in found])


def rules_by_kind(found: Iterable[Rule]) -> list[Table]:
    """One table for each kind of rule, in the order of the kinds."""
    grouped = {kind: list(of_kind) for kind, of_kind in itertools.groupby(found, key=lambda rule: rule.kind)}
    return [rules(kind.value, str(kind.label), grouped[kind]) for kind in RuleKind if kind in grouped]


def _rule(rule: Rule) -> list[Cell]:
    return [
        {"value": rule.text, "note": "Proposed, not law" if rule.instrument.is_proposed else None},
        {"value": about(rule), "missing": "Every arrangement"},
        rule.valid_from,
        {"value": rule.valid_to, "note": f"ended by {rule.ended_by.citation}" if rule.ended_by else None},
        {"value": rule.provision, "url": rule.instrument.get_absolute_url()},
        PROPOSED if rule.instrument.is_proposed else str(Confidence(rule.confidence).label),
    ]


def about(rule: Rule) -> str:
    """The function, bodies or treatment that a rule is about, in words."""
    if rule.kind == RuleKind.EXCLUSION and rule.subject in Exclusion.values:
        return str(Exclusion(rule.subject).label)
    if rule.function:
        return rule.function.name
    if rule.kind in (RuleKind.BODY, RuleKind.CONSENT):
        return ", ".join(str(OrganisationKind(kind).label) for kind in rule.body_kinds)
    if rule.side:
        return f"Functions of {'NHS bodies' if rule.side == Side.NHS else 'councils'}"
    return ""


def rules_sentence(count: int, day: dt.date, *, file_url: str) -> list[dict[str, str | None]]:
    """How many rules apply, in parts {text, url}, with the address of the same rules as a file."""
    applies = "rule of pooling applies" if count == 1 else "rules of pooling apply"
    said = [{"text": f"{count:,} {applies} on {written(day)}.", "url": None}]
    return [*said, {"text": " ", "url": None}, {"text": "Download as CSV", "url": file_url}] if count else said


def file_address(asked: Mapping[str, Any], day: dt.date) -> str:
    """The same rules as a file, from the API."""
    single = {name: asked[name] for name in ("power", "kind", "body", "function", "confidence") if asked[name]}
    proposed = {"proposed": ",".join(asked["proposed"])} if asked["proposed"] else {}
    return f"/api/v1/law/rules/?{urlencode({'as_at': day.isoformat(), **single, **proposed, 'format': 'csv'})}"


def parameters(found: Iterable[Parameter]) -> Table:
    columns = [Column("Parameter"), Column("Value"), Column("Where it is from"), Column("How we know it")]
    rows: list[list[Cell]] = [
        [each.code.replace("_", " ").capitalize(), f"{each.value} {each.unit}", each.source, str(each.confidence.label)]
        for each in found
    ]
    return Table("numbers", "Numbers that the rules use", columns, rows)


def findings(key: str, caption: str, found: Iterable[Finding], instruments: Mapping[str, str]) -> Table:
    """Findings, each provision linked; `instruments` gives the slugs of instruments by citation."""
    columns = [Column("Point of law"), Column("Outcome"), Column("Provision"), Column("How we know it")]
    rows: list[list[Cell]] = [
        [each.sentence, _outcome(each.outcome), provision(each, instruments), known_by(each)] for each in found
    ]
    return Table(key, caption, columns, rows)


def provision(one: Finding | LawRule, instruments: Mapping[str, str]) -> Cell:
    """The provision of a finding or rule, linked to the page of its instrument."""
    slug = instruments.get(one.instrument)
    return {"value": one.provision, "url": reverse("partnerships:law-instrument", args=[slug]) if slug else None}


def bodies(found: Iterable[BodyAnswer], instruments: Mapping[str, str], *, caption: str = "Each body") -> Table:
    """One row for each kind of body and each provision about it."""
    columns = [
        Column("Body"),
        Column("As a partner"),
        Column("Why"),
        Column("Provision"),
        Column("Holds the function"),
    ]
    rows: list[list[Cell]] = []
    for each in found:
        holds = str(each.holding.label)
        body = capital(body_name(each.kind))
        if not each.findings:
            none: Cell = {"value": None, "missing": "No rule names this kind of body"}
            rows.append([body, _outcome(each.outcome), none, {"value": None, "missing": "None"}, holds])
        rows += [
            [body, _outcome(one.outcome), one.sentence, provision(one, instruments), holds] for one in each.findings
        ]
    return Table("bodies", caption, columns, rows)


def other_powers(found: Iterable[PowerLine], instruments: Mapping[str, str]) -> Table:
    columns = [Column("Legal power"), Column("Outcome"), Column("Why"), Column("Provision")]
    rows: list[list[Cell]] = [
        [
            str(each.power.label),
            _outcome(each.outcome) if each.is_judged else {"value": "Not judged here", "tag": "not_judged"},
            each.reason.sentence,
            provision(each.reason, instruments),
        ]
        for each in found
    ]
    return Table("powers", "Under other powers", columns, rows)


def verdict_sentence(found: Answer) -> str:
    """The verdict on an arrangement in one sentence."""
    why = reason(found)
    if why is None:
        return "PooledCare has no rule about this case."
    if found.outcome != Outcome.LAWFUL:
        return why.sentence
    count = len(found.findings)
    return "All of the points checked are lawful." if count > 1 else why.sentence


def known_by(one: Finding | LawRule) -> str:
    """How we know a rule. A proposed rule was not read in law, so it has a label of its own."""
    return PROPOSED if one.proposed else str(one.confidence.label)


def _outcome(outcome: Outcome) -> Cell:
    return {"value": str(outcome.label), "tag": outcome.value}


def needed(found: Iterable[LawRule], instruments: Mapping[str, str]) -> Table:
    rows: list[list[Cell]] = [[rule.text, provision(rule, instruments), known_by(rule)] for rule in found]
    columns = [Column("Rule"), Column("Provision"), Column("How we know it")]
    return Table("needed", "What the arrangement also needs", columns, rows)


def changes(
    found: Iterable[Change],
    instruments: Mapping[str, str],
    *,
    caption: str = "What changes",
    then: str = "With the proposal",
) -> Table:
    """What is judged differently, with the provision that is used then, or that was used until then."""
    rows: list[list[Cell]] = [
        [_said(each.before), _judged(each.before), _said(each.after), _judged(each.after), _decides(each, instruments)]
        for each in found
    ]
    columns = [Column("Now"), Column("Outcome now"), Column(then), Column("Outcome then"), Column("Provision")]
    return Table("changes", caption, columns, rows)


def _decides(change: Change, instruments: Mapping[str, str]) -> Cell:
    decides = change.after or change.before
    return provision(decides, instruments) if decides else None


def _said(one: Finding | None) -> Cell:
    return {"value": one.sentence if one else None, "missing": "Not judged"}


def _judged(one: Finding | None) -> Cell:
    return _outcome(one.outcome) if one else {"value": None, "missing": "–"}


def question_text(question: Question, rules: RuleSet) -> str:
    """The case in words."""
    function = rules.function_by_code[question.function].name
    who = joined(body_name(kind) for kind in sorted(question.bodies))
    words = f"May {who} pool “{function}” under {power_name(question.power)} on {written(question.on)}"
    if question.exclusions:
        words += f", with {', '.join(treatment_name(each).lower() for each in sorted(question.exclusions))} in it"
    if question.together_with:
        beside = sorted(rules.function_by_code[code].name for code in question.together_with)
        words += f", beside {', '.join(f'“{name}”' for name in beside)}"
    return f"{words}?"


def instruments(found: Iterable[Instrument]) -> Table:
    columns = [
        Column("Act or regulations"),
        Column("Citation"),
        Column("Status"),
        Column("Made", "date", "Not recorded"),
        Column("In force", "date", "Not recorded"),
        Column("Rules it brought", "number"),
        Column("Rules it ended", "number"),
    ]
    return Table("instruments", "Acts, regulations and proposals", columns, [_instrument(each) for each in found])


def _instrument(one: Any) -> list[Cell]:
    never = "Never" if one.is_proposed else "Not recorded"
    unread = None if one.confidence == Confidence.INSTRUMENT else str(Confidence(one.confidence).label)
    return [
        {"value": one.title, "url": reverse("partnerships:law-instrument", args=[one.slug]), "note": unread},
        one.citation,
        {"value": one.get_status_display(), "tag": one.status},
        {"value": one.made, "missing": never},
        {"value": one.in_force, "missing": never},
        one.rule_count,
        one.ended_count,
    ]
