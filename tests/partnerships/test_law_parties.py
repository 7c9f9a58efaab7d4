"""The power and the partners: each sentence, each day, and each condition by itself."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from partnerships.rules.law import AgreementFacts, CommissionerConsent, Finding, LawRule, PartnerFact
from partnerships.rules.law.parties import (
    body_findings,
    consent_findings,
    continuation_findings,
    is_partnership,
    named_power_findings,
    power_findings,
    power_on,
    sides_findings,
)
from partnerships.terms import Confidence
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

ONE = dt.timedelta(days=1)
START, END = dt.date(2008, 4, 1), dt.date(2013, 3, 31)
POWER = a_rule("power", "p31", powers={"s31"}, valid_from=START, valid_to=BEFORE)
CONTINUED = a_rule("continuation", "c31", powers={"s31"}, subject="s75")


def facts(**given: Any) -> AgreementFacts:
    values: dict[str, Any] = {
        "power": "s31", "start": START, "end": END, "partners": frozenset(), "services": frozenset(),
    }  # fmt: skip
    return AgreementFacts(**values | given)


def said(findings: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    return [(each.about, each.rule, each.outcome.value, each.sentence) for each in findings]


# --- powers ----------------------------------------------------------------------------------------------------------


def test_a_named_power_is_said_to_be_no_pool_whatever_the_day():
    rules = a_law(a_rule("named_power", "n", powers={"s76"}, valid_from=DAY, allowed=False))
    for day in (BEFORE, DAY):
        (one,) = named_power_findings("s76", day, rules)
        assert (one.on, *said([one])[0]) == (day, "power:s76", "n", "not_settled", "The text of n.")
    assert named_power_findings("s75", DAY, rules) == []


def test_a_power_is_a_partnership_where_it_is_judged_and_not_where_it_is_named():
    rules = a_law(POWER, a_rule("named_power", powers={"s76"}))
    assert [is_partnership(power, rules) for power in ("s31", "s76", "s75")] == [True, False, False]


@pytest.mark.parametrize(
    ("day", "outcome", "sentence"),
    [
        (BEFORE, "unlawful", "Section 75 may not be used to enter an arrangement on 31 March 2010, only from 1 April"
                             " 2010."),
        (DAY, "lawful", "Section 75 may be used to enter an arrangement on 1 April 2010."),
        (AFTER, "lawful", "Section 75 may be used to enter an arrangement on 2 April 2010."),
    ],
)  # fmt: skip
def test_a_power_is_judged_on_the_day_on_which_it_is_used(day: dt.date, outcome: str, sentence: str):
    (one,) = power_findings("s75", day, a_law(a_rule("power", "p")))
    assert (one.on, *said([one])[0]) == (day, "power:s75", "p", outcome, sentence)


def test_a_power_of_which_no_rule_speaks_is_not_judged():
    assert list(power_findings("s31", DAY, a_law(a_rule("power")))) == []


@pytest.mark.parametrize(("day", "power"), [(BEFORE, "s31"), (DAY, "s75"), (AFTER, "s75")])
def test_an_agreement_has_effect_under_the_later_power_from_its_day_on(day: dt.date, power: str):
    assert power_on(facts(), day, a_law(POWER, CONTINUED)) == power


@pytest.mark.parametrize(
    ("start", "power"),
    [(START - ONE, "s31"), (START, "s75"), (BEFORE, "s75"), (DAY, "s31"), (AFTER, "s31")],
)
def test_only_what_was_made_while_the_power_stood_runs_on(start: dt.date, power: str):
    agreement, rules = facts(start=start), a_law(POWER, CONTINUED)
    assert power_on(agreement, AFTER, rules) == power
    assert bool(list(continuation_findings(agreement, rules))) is (power == "s75")


def test_an_agreement_under_a_power_of_which_no_rule_speaks_does_not_run_on():
    assert power_on(facts(), AFTER, a_law(CONTINUED)) == "s31"
    assert list(continuation_findings(facts(), a_law(CONTINUED))) == []


def test_an_agreement_keeps_its_power_where_nothing_takes_its_place():
    assert power_on(facts(), AFTER, a_law(POWER)) == "s31"
    assert power_on(facts(power="s75"), AFTER, a_law(POWER, a_rule("power"), CONTINUED)) == "s75"


def test_the_first_power_that_takes_its_place_counts():
    second = a_rule("continuation", "d31", powers={"s31"}, subject="s65Z5_65Z6", valid_from=AFTER)
    assert power_on(facts(), AFTER, a_law(POWER, second, CONTINUED)) == "s75"


def test_an_agreement_is_said_to_run_on():
    (one,) = continuation_findings(facts(), a_law(POWER, CONTINUED))
    sentence = "From 1 April 2010 the agreement has effect under section 75."
    assert (one.on, *said([one])[0]) == (DAY, "power:s31", "c31", "lawful", sentence)


@pytest.mark.parametrize(("end", "runs_on"), [(BEFORE, False), (DAY, True), (AFTER, True), (None, True)])
def test_an_agreement_that_has_ended_before_does_not_run_on(end: dt.date | None, runs_on: bool):
    assert bool(list(continuation_findings(facts(end=end), a_law(POWER, CONTINUED)))) is runs_on


@pytest.mark.parametrize(("start", "runs_on"), [(BEFORE, True), (DAY, False), (AFTER, False)])
def test_an_agreement_that_begins_under_the_later_power_does_not_run_on(start: dt.date, runs_on: bool):
    lasting = a_rule("power", "p31", powers={"s31"}, valid_from=START)
    assert bool(list(continuation_findings(facts(start=start), a_law(lasting, CONTINUED)))) is runs_on


# --- bodies ----------------------------------------------------------------------------------------------------------


def bodies(*given: tuple[str, str, str]) -> list[LawRule]:
    """One rule of a body each: its kind, its side, and what it makes of it."""
    return [
        a_rule(
            "body", kind, side=side, body_kinds={kind}, allowed=outcome != "unlawful",
            confidence=Confidence.DEFAULT if outcome == "not_settled" else Confidence.INSTRUMENT,
        )
        for kind, side, outcome in given
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "outcome", "sentence"),
    [
        (BEFORE, "unlawful", "An integrated care board may not be a partner under section 75 on 31 March 2010, only"
                             " from 1 April 2010."),
        (DAY, "lawful", "An integrated care board may be a partner under section 75 on 1 April 2010."),
    ],
)  # fmt: skip
def test_a_body_is_judged_on_the_day(day: dt.date, outcome: str, sentence: str):
    rules = a_law(*bodies(("icb", "nhs", "lawful")))
    (one,) = body_findings("s75", "icb", day, rules)
    assert (one.on, *said([one])[0]) == (day, "body:icb", "icb", outcome, sentence)
    assert body_findings("s75", "icb", day, rules) is body_findings("s75", "icb", day, rules)


def test_bodies_powers_and_days_are_not_taken_for_one_another():
    rules = a_law(
        *bodies(("icb", "nhs", "lawful"), ("county", "local_authority", "unlawful")),
        a_rule("body", "old", powers={"s31"}, body_kinds={"icb"}),
    )
    asked = [("s75", "icb"), ("s75", "county"), ("s31", "icb"), ("s31", "county")]
    assert [[each.rule for each in body_findings(*one, DAY, rules)] for one in asked] == [
        ["icb"], ["county"], ["old"], [],
    ]  # fmt: skip
    assert [body_findings("s75", "icb", day, rules)[0].outcome for day in (BEFORE, DAY)] == ["unlawful", "lawful"]


# --- both sides ------------------------------------------------------------------------------------------------------

PARTNERS = a_rule("condition", "partners", subject="partners", valid_from=START)
BODIES = bodies(
    ("icb", "nhs", "lawful"), ("foundation_trust", "nhs", "not_settled"), ("pct", "nhs", "unlawful"),
    ("county", "local_authority", "lawful"), ("combined_authority", "local_authority", "not_settled"),
    ("fire_authority", "local_authority", "unlawful"), ("provider", "", "lawful"),
)  # fmt: skip
BOTH = "An NHS body and a local authority are partners on 1 April 2010."
UNSURE = "Whether an NHS body and a local authority are partners on 1 April 2010 is not settled, as one of them is not."
NOT_BOTH = "On 1 April 2010 the partners are not at least one NHS body and one local authority that may be partners."


@pytest.mark.parametrize(
    ("kinds", "outcome", "sentence"),
    [
        ("icb county", "lawful", BOTH),
        ("icb combined_authority", "not_settled", UNSURE),
        ("foundation_trust county", "not_settled", UNSURE),
        ("foundation_trust combined_authority", "not_settled", UNSURE),
        ("icb foundation_trust pct county combined_authority fire_authority", "lawful", BOTH),
        ("foundation_trust pct combined_authority fire_authority", "not_settled", UNSURE),
        ("icb foundation_trust county combined_authority", "lawful", BOTH),
        ("icb foundation_trust fire_authority", "unlawful", NOT_BOTH),
        ("icb", "unlawful", NOT_BOTH),
        ("county", "unlawful", NOT_BOTH),
        ("pct county", "unlawful", NOT_BOTH),
        ("icb fire_authority", "unlawful", NOT_BOTH),
        ("icb provider", "unlawful", NOT_BOTH),
        ("county provider", "unlawful", NOT_BOTH),
        ("icb district", "unlawful", NOT_BOTH),
        ("", "unlawful", NOT_BOTH),
    ],
)
def test_the_best_partner_of_each_side_counts_in_whatever_order_they_are_named(kinds: str, outcome: str, sentence: str):
    rules = a_law(PARTNERS, *BODIES)
    named = kinds.split()
    orders = list(itertools.permutations(named)) if len(named) < 5 else [tuple(named), tuple(reversed(named))]
    for order in orders:
        (one,) = sides_findings("s75", order, DAY, rules)
        assert (one.on, *said([one])[0]) == (DAY, "partners", "partners", outcome, sentence), order


@pytest.mark.parametrize(("day", "outcome"), [(BEFORE, "unlawful"), (DAY, "lawful"), (AFTER, "lawful")])
def test_both_sides_are_judged_on_the_day(day: dt.date, outcome: str):
    assert [one.outcome for one in sides_findings("s75", ["icb", "county"], day, a_law(PARTNERS, *BODIES))] == [outcome]


@pytest.mark.parametrize(("day", "asked"), [(START - ONE, False), (START, True)])
def test_both_sides_are_asked_for_while_the_condition_stands(day: dt.date, asked: bool):
    assert bool(list(sides_findings("s75", ["icb"], day, a_law(PARTNERS, *BODIES)))) is asked
    assert list(sides_findings("s31", ["icb"], DAY, a_law(PARTNERS, *BODIES))) == []


def test_the_relevant_bodies_of_the_other_route_are_never_settled():
    rule = a_rule("condition", "relevant", powers={"s65Z5_65Z6"}, subject="relevant_bodies")
    (one,) = sides_findings("s65Z5_65Z6", ["icb"], DAY, a_law(rule))
    assert (one.on, *said([one])[0]) == (DAY, "partners", "relevant", "not_settled", "The text of relevant.")
    assert list(sides_findings("s65Z5_65Z6", ["icb"], BEFORE, a_law(rule))) == []


# --- consents --------------------------------------------------------------------------------------------------------

CONSENT = a_rule("consent", "consent", powers={"s31"}, flexibilities={"pooled_fund"}, body_kinds={"nhs_trust"})
CONSENTED = "The NHS trust RZZ contributes with the consent of its commissioners on 1 April 2010."


def trust(*consents: CommissionerConsent, **values: Any) -> PartnerFact:
    return PartnerFact(**{"kind": "nhs_trust", "key": "RZZ", "consents": frozenset(consents)} | values)


def consents_of(*partners: PartnerFact, day: dt.date = DAY, flexibility: str = "pooled_fund") -> list[Finding]:
    agreement = facts(partners=frozenset(partners), flexibilities=frozenset({flexibility}))
    return list(consent_findings(agreement, "s31", day, a_law(CONSENT)))


@pytest.mark.parametrize(
    ("given_on", "outcome", "sentence"),
    [
        (BEFORE, "lawful", CONSENTED),
        (DAY, "lawful", CONSENTED),
        (AFTER, "unlawful", "The NHS trust RZZ may not contribute on 1 April 2010 without the consent of 01A."),
        (None, "unlawful", "The NHS trust RZZ may not contribute on 1 April 2010 without the consent of 01A."),
    ],
)
def test_consent_counts_from_its_day_on(given_on: dt.date | None, outcome: str, sentence: str):
    (one,) = consents_of(trust(CommissionerConsent("01A", given_on)))
    assert (one.on, *said([one])[0]) == (DAY, "consent:RZZ", "consent", outcome, sentence)


def test_every_commissioner_that_has_not_consented_is_named_in_order():
    (one,) = consents_of(
        trust(*(CommissionerConsent(code, day) for code, day in [("C", AFTER), ("A", None), ("D", DAY), ("B", None)]))
    )
    assert one.sentence == "The NHS trust RZZ may not contribute on 1 April 2010 without the consent of A, B, C."


def test_a_trust_of_which_no_commissioner_is_recorded_is_not_settled():
    sentence = "The NHS trust RZZ needs its commissioners' consent to contribute, and none is recorded."
    assert said(consents_of(trust())) == [("consent:RZZ", "consent", "not_settled", sentence)]
    (unnamed,) = consents_of(trust(key=""))
    assert unnamed.about == "consent:nhs_trust"
    assert unnamed.sentence == "The NHS trust needs its commissioners' consent to contribute, and none is recorded."


@pytest.mark.parametrize(
    "exempt", [{"kind": "foundation_trust"}, {"contributes": False}, {"end": BEFORE}, {"start": AFTER}]
)
def test_no_consent_is_needed_of_another_body_one_that_pays_nothing_or_one_that_is_not_there(exempt: dict[str, Any]):
    assert len(consents_of(trust())) == 1
    assert consents_of(trust(**exempt)) == []


def test_consent_is_needed_for_the_flexibilities_of_the_rule_and_on_its_days():
    assert consents_of(trust(), flexibility="nhs_exercises_council_functions") == []
    assert consents_of(trust(), day=BEFORE) == []
    assert len(consents_of(trust(), day=AFTER)) == 1
    assert list(consent_findings(facts(partners=frozenset({trust()})), "s75", DAY, a_law(CONSENT))) == []


def test_a_rule_that_does_not_reach_the_agreement_leaves_the_next_in_place():
    other = a_rule("consent", "a-lead", powers={"s31"}, flexibilities={"lead"})
    agreement = facts(partners=frozenset({trust()}), flexibilities=frozenset({"pooled_fund"}))
    assert [one.rule for one in consent_findings(agreement, "s31", DAY, a_law(other, CONSENT))] == ["consent"]


def test_every_trust_answers_for_itself_in_the_order_of_the_trusts():
    keys = [f"R{letter}{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    given = {key: trust(CommissionerConsent("01A", DAY), key=key) if key < "RM" else trust(key=key) for key in keys}
    assert [(one.about, one.outcome) for one in consents_of(*given.values())] == [
        (f"consent:{key}", "lawful" if key < "RM" else "not_settled") for key in keys
    ]
