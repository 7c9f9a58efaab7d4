"""The sentences of findings."""

from __future__ import annotations

import datetime as dt
from functools import cache

from partnerships.rules.law.ruleset import Judgement
from partnerships.rules.law.values import LawRule
from partnerships.terms import Confidence, Exclusion, Outcome, Power
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.days import written

_NAMES = {
    OrganisationKind.NHS_ENGLAND: "NHS England",
    OrganisationKind.NHS_TRUST: "an NHS trust",
    OrganisationKind.FOUNDATION_TRUST: "an NHS foundation trust",
    OrganisationKind.CITY_OF_LONDON: "the City of London",
    OrganisationKind.ISLES_OF_SCILLY: "the Council of the Isles of Scilly",
    OrganisationKind.COUNTY_BOROUGH: "a county borough council",
    OrganisationKind.LONDON_BOROUGH: "a London borough council",
    OrganisationKind.OTHER_AUTHORITY: "an authority of another kind",
    OrganisationKind.PROVIDER: "a provider that is no NHS trust",
}
_WHY = {
    Confidence.INFERENCE: "the rule is a conclusion from the text, not its words",
    Confidence.DEFAULT: "the rule was taken over and not read in an instrument",
}
_SHORT_POWERS = {
    Power.S31: "section 31",
    Power.S75: "section 75",
    Power.S65Z5_65Z6: "sections 65Z5 and 65Z6",
    Power.S13Z: "section 13Z",
    Power.S76: "section 76",
    Power.S77: "section 77",
    Power.S256: "section 256",
    Power.S10_CHILDREN_ACT: "section 10 of the Children Act 2004",
}


@cache
def body_name(kind: str) -> str:
    """
    >>> body_name("icb"), body_name("county"), body_name("nhs_england")
    ('an integrated care board', 'a county council', 'NHS England')
    """
    known = OrganisationKind(kind)
    if known in _NAMES:
        return _NAMES[known]
    label = known.label.lower()
    return f"an {label}" if label[0] in "aeio" else f"a {label}"


@cache
def power_name(power: str) -> str:
    return _SHORT_POWERS[Power(power)]


@cache
def treatment_name(treatment: str) -> str:
    return Exclusion(treatment).label


def capital(text: str) -> str:
    """
    >>> capital("an NHS trust")
    'An NHS trust'
    """
    return text[:1].upper() + text[1:]


def sentence(judged: Judgement, *, who: str, may: str, day: dt.date) -> str:
    """One sentence: who may or may not do what on the day. If no rule is valid then, it says from or until when one is.

    `may` continues "may": "be a partner", "be pooled".
    """
    lead = "If the proposal were law: " if judged.rule.proposed else ""
    when = written(day)
    if judged.outcome == Outcome.NOT_SETTLED:
        why = _WHY[judged.rule.confidence]
        return f"{lead}Whether {who} may {may} on {when} is not settled: {why}."
    if judged.outcome == Outcome.LAWFUL:
        return f"{lead}{capital(who)} may {may} on {when}."
    return f"{lead}{capital(who)} may not {may} on {when}{_days(judged, day)}."


def _days(judged: Judgement, day: dt.date) -> str:
    """From or until when the nearest rule is valid, if none is valid on the day."""
    if judged.is_valid or not judged.rule.allowed:
        return ""
    return f", {days_of(judged.rule, day)}"


def days_of(rule: LawRule, day: dt.date) -> str:
    if rule.valid_to is not None and rule.valid_to < day:
        return f"only until {written(rule.valid_to)}"
    return f"only from {written(rule.valid_from)}"
