"""Points of law of an agreement: each finding with the schemes or partners it is about, and what cures it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from partnerships.rules.agreements.content import Body, Content, FunctionContent, SchemeContent
from partnerships.rules.agreements.legal_facts import facts_of
from partnerships.rules.agreements.reading import content_as_at
from partnerships.rules.agreements.record import AgreementRecord
from partnerships.rules.law import AgreementFacts, Finding, LawRule, RuleSet, ServiceFact
from partnerships.rules.law.functions import service_findings
from partnerships.rules.law.parties import power_on
from partnerships.rules.law.wording import treatment_name
from partnerships.terms import AgreementTerm, Exemption, Outcome, RuleKind
from pooledcare.kernel.days import written

_OF_FUNCTIONS = ("function", "exclusion", "holder", "companion")
_IN_FUNDS = (AgreementTerm.HOST, AgreementTerm.POOL_MANAGER)


@dataclass(frozen=True, slots=True)
class Point:
    """One finding. `schemes` and `partners` are those it is about; both are empty if it is about the whole agreement.

    `cure` is what to do about it, empty if it is lawful. `where` is the part of the agreement in which that is done,
    such as `schemes/reablement`.
    """

    finding: Finding
    schemes: tuple[SchemeContent, ...]
    partners: tuple[Body, ...]
    cure: str
    where: str


def points_of_law(
    record: AgreementRecord, findings: Collection[Finding], rules: RuleSet, *, including: int | None = None
) -> list[Point]:
    """The findings of `findings_of(record, rules, including=including)` as points, in the given order."""
    facts = facts_of(record, including=including)
    if facts is None:
        return []
    days = {each.on for each in findings}
    contents = {day: content_as_at(record, day, including=including) for day in days}
    about = {day: _schemes_by_finding(contents[day], facts, day, rules) for day in days}
    codes = {rule.code: rule for rule in rules.rules}
    return [_point(each, contents[each.on], about[each.on], codes[each.rule]) for each in findings]


Schemes = dict[Finding, tuple[SchemeContent, ...]]


def _schemes_by_finding(content: Content | None, facts: AgreementFacts, day: dt.date, rules: RuleSet) -> Schemes:
    """The schemes on that day to which each finding about a function applies."""
    found: dict[Finding, dict[str, SchemeContent]] = {}
    power = power_on(facts, day, rules)
    kinds = frozenset(partner.kind for partner in facts.partners_on(day))
    beside = frozenset(service.function for service in facts.services_on(day))
    for scheme, function in _functions_on(content, day):
        holder = function.holder.kind if function.holder else ""
        exclusions, evidence = frozenset(function.exclusions), function.delegation_evidence
        for each in service_findings(
            ServiceFact(function.code, holder, exclusions, delegation_evidence=evidence),
            power=power,
            day=day,
            kinds=frozenset({holder}) if holder else kinds,
            beside=beside,
            flexibilities=facts.flexibilities,
            rules=rules,
        ):
            found.setdefault(each, {})[scheme.slug] = scheme
    return {each: tuple(schemes.values()) for each, schemes in found.items()}


def _functions_on(content: Content | None, day: dt.date) -> Iterator[tuple[SchemeContent, FunctionContent]]:
    for scheme in content.schemes if content else ():
        if (scheme.start_on is None or scheme.start_on <= day) and (scheme.end_on is None or day <= scheme.end_on):
            yield from ((scheme, function) for function in scheme.functions)


def _point(finding: Finding, content: Content | None, about: Schemes, rule: LawRule) -> Point:
    kind, _, subject = finding.about.partition(":")
    schemes = about.get(finding, ())
    if kind == "change" and subject.startswith("function:"):
        code = subject.removeprefix("function:")
        named = [scheme for scheme, function in _functions_on(content, finding.on) if function.code == code]
        schemes = tuple(dict.fromkeys(named))
    body_kind = subject.removeprefix("body:") if kind in ("body", "change") else ""
    partners = content.partners if content and body_kind else ()
    bodies = tuple(each.body for each in partners if each.body.kind == body_kind)
    if finding.outcome == Outcome.LAWFUL:
        return Point(finding, schemes, bodies, "", "")
    return Point(finding, schemes, bodies, _cure(finding, kind, subject, content, rule), _where(kind, subject, schemes))


# --- what cures it ---------------------------------------------------------------------------------------------------


def _cure(finding: Finding, kind: str, subject: str, content: Content | None, rule: LawRule) -> str:
    is_unlawful = finding.outcome == Outcome.UNLAWFUL
    if kind == "function":
        return f"Take the function out of the scheme{_or_later(rule, finding.on)}." if is_unlawful else _ADVICE
    if kind == "exclusion":
        out = f"take {treatment_name(subject.rpartition(':')[2]).lower()} out of the scheme."
        return f"T{out[1:]}" if is_unlawful else f"Take legal advice, or {out}"
    if kind == "holder":
        is_delegated = rule.kind == RuleKind.DELEGATION
        return _DELEGATION if is_delegated else "Name the partner whose function it is, or take legal advice."
    if kind == "companion":
        has_parent = content is not None and rule.needs in content.function_codes
        first = "Use a pooled fund" if has_parent else "Add the service that is charged for"
        return f"{first}, or take the charging out of the scheme."
    if kind == "body":
        return f"Take this partner out{_or_later(rule, finding.on)}." if is_unlawful else _ADVICE
    if kind == "condition":
        return _condition_cure(subject, is_unlawful=is_unlawful)
    if kind == "term":
        return _TERMS.get(subject, "Write a clause on this.")
    if kind == "consent":
        return "Obtain the missing consent, and record it." if is_unlawful else "Record each commissioner’s consent."
    return _OTHERS.get(kind, _ADVICE) if is_unlawful or kind == "change" else _ADVICE


_ADVICE = "Take legal advice."
_DELEGATION = "Record in the scheme where the delegation allows it."
_TERMS: dict[str, str] = {
    AgreementTerm.IN_WRITING: "Sign the agreement.",
    AgreementTerm.HOST: "Name the host of each pooled fund.",
    AgreementTerm.POOL_MANAGER: "Name the manager of each pooled fund.",
    AgreementTerm.FUNCTIONS: "Name the functions of each scheme.",
}
_OTHERS = {
    "partners": "Add the NHS body or the council that is missing.",
    "functions": "Add a function of the NHS or of a council, whichever is missing.",
    "power": "Choose another first day, or another legal power.",
    "change": "Check this before the next deed.",
}


def _condition_cure(subject: str, *, is_unlawful: bool) -> str:
    if subject.endswith(f":{Exemption.VOLUNTARY_SCHEMES.value}"):
        return _ADVICE
    return "Meet the condition, and record how." if is_unlawful else "Record whether the condition is met."


def _or_later(rule: LawRule, day: dt.date) -> str:
    return f", or start on {written(rule.valid_from)} or later" if rule.allowed and rule.valid_from > day else ""


def _where(kind: str, subject: str, schemes: tuple[SchemeContent, ...]) -> str:
    """The part of the agreement in which the cure is written, as in `MissingItem.where`."""
    if kind in (*_OF_FUNCTIONS, "functions"):
        return f"schemes/{schemes[0].slug}" if schemes else "schemes"
    if kind in ("body", "partners"):
        return "partners"
    if kind == "consent":
        return f"consents/{subject}"
    if kind == "condition":
        return f"conditions/{subject.partition(':')[0]}"
    if kind == "term":
        if subject == AgreementTerm.IN_WRITING:
            return "signing"
        if subject in _IN_FUNDS:
            return "pools"
        return "schemes" if subject == AgreementTerm.FUNCTIONS else f"clauses/{subject}"
    return "main-terms"
