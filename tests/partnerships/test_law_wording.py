"""The sentences of findings, word for word."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.rules.law.ruleset import Judgement
from partnerships.rules.law.wording import body_name, capital, days_of, power_name, sentence, treatment_name
from partnerships.terms import Confidence, Exclusion, Outcome, Power
from pooledcare.directory.terms import OrganisationKind
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_rule

BODIES = {
    "nhs_england": "NHS England",
    "health_authority": "a health authority",
    "strategic_health_authority": "a strategic health authority",
    "pct": "a primary care trust",
    "ccg": "a clinical commissioning group",
    "icb": "an integrated care board",
    "nhs_trust": "an NHS trust",
    "foundation_trust": "an NHS foundation trust",
    "commissioning_support_unit": "a commissioning support unit",
    "county": "a county council",
    "unitary": "a unitary authority",
    "metropolitan_district": "a metropolitan district",
    "london_borough": "a London borough council",
    "city_of_london": "the City of London",
    "isles_of_scilly": "the Council of the Isles of Scilly",
    "county_borough": "a county borough council",
    "district": "a district council",
    "combined_authority": "a combined authority",
    "fire_authority": "a fire and rescue authority",
    "other_authority": "an authority of another kind",
    "government_department": "a government department",
    "provider": "a provider that is no NHS trust",
}
POWERS = {
    "s31": "section 31",
    "s75": "section 75",
    "s65Z5_65Z6": "sections 65Z5 and 65Z6",
    "s13Z": "section 13Z",
    "s76": "section 76",
    "s77": "section 77",
    "s256": "section 256",
    "s10_children_act": "section 10 of the Children Act 2004",
}


def test_every_kind_of_body_and_every_power_and_treatment_has_its_name():
    assert {kind: body_name(kind) for kind in OrganisationKind.values} == BODIES
    assert {power: power_name(power) for power in Power.values} == POWERS
    assert {one: treatment_name(one) for one in Exclusion.values} == dict(Exclusion.choices)


def test_a_capital_changes_the_first_letter_alone():
    assert [capital(text) for text in ("an NHS trust", "“é”", "")] == ["An NHS trust", "“é”", ""]


@pytest.mark.parametrize(
    ("day", "said"), [(BEFORE, "only from 1 April 2003"), (DAY, "only from 1 April 2003"),
                      (AFTER, "only until 1 April 2010")]
)  # fmt: skip
def test_the_days_of_a_rule_are_said_from_the_day_that_is_asked_about(day: dt.date, said: str):
    assert days_of(a_rule("body", valid_from=dt.date(2003, 4, 1), valid_to=DAY), day) == said


def test_a_rule_without_end_has_only_a_first_day():
    assert days_of(a_rule("body"), AFTER) == "only from 1 April 2010"


def said(outcome: str, day: dt.date = AFTER, *, is_valid: bool = True, **rule: object) -> str:
    judged = Judgement(a_rule("body", **rule), is_valid=is_valid, outcome=Outcome(outcome))
    return sentence(judged, who="a board", may="be a partner", day=day)


def test_a_sentence_says_who_may_or_may_not_on_which_day():
    assert said("lawful") == "A board may be a partner on 2 April 2010."
    assert said("unlawful", allowed=False) == "A board may not be a partner on 2 April 2010."


def test_a_sentence_says_the_days_of_the_rule_only_where_none_is_valid_and_the_nearest_allows_it():
    until, start = "only until 1 April 2010", "only from 1 April 2010"
    may_not = "A board may not be a partner on"
    assert said("unlawful", valid_from=BEFORE, valid_to=DAY, is_valid=False) == f"{may_not} 2 April 2010, {until}."
    assert said("unlawful", BEFORE, is_valid=False) == f"{may_not} 31 March 2010, {start}."
    assert said("unlawful", valid_to=DAY, is_valid=False, allowed=False) == f"{may_not} 2 April 2010."
    assert said("unlawful", valid_to=DAY) == f"{may_not} 2 April 2010."


def test_a_sentence_on_what_is_not_settled_says_why():
    lead = "Whether a board may be a partner on 2 April 2010 is not settled:"
    inferred = said("not_settled", confidence=Confidence.INFERENCE)
    assert inferred == f"{lead} the rule is a conclusion from the text, not its words."
    taken_over = said("not_settled", confidence=Confidence.DEFAULT)
    assert taken_over == f"{lead} the rule was taken over and not read in an instrument."


def test_a_sentence_of_a_proposal_says_that_it_is_not_law():
    lead = "If the proposal were law: "
    assert said("lawful", proposed=True) == f"{lead}A board may be a partner on 2 April 2010."
    assert said("unlawful", proposed=True, allowed=False) == f"{lead}A board may not be a partner on 2 April 2010."
    assert said("not_settled", proposed=True, confidence=Confidence.DEFAULT).startswith(f"{lead}Whether a board may ")
