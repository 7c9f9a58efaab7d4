"""Whatever is asked: excluded treatments are never lawful, proposals never change the law, and the same facts in
other words never get another answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerships.rules.law import (
    AgreementFacts,
    CommissionerConsent,
    LawRule,
    PartnerFact,
    Question,
    RuleSet,
    ServiceFact,
    answer,
    legal_findings,
    verdict,
)
from partnerships.terms import (
    AgreementTerm,
    Confidence,
    Exclusion,
    Exemption,
    Flexibility,
    Outcome,
    Power,
    RuleKind,
)
from pooledcare.directory.terms import OrganisationKind
from tests.partnerships.law_tables import PROPOSAL, law

pytestmark = pytest.mark.slow

FUNCTIONS = sorted(function.code for function in law().functions)
EDGES = sorted({day - dt.timedelta(days=n) for day in law().change_days for n in (0, 1)})
days = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)) | st.sampled_from(EDGES)
kinds = st.sampled_from(OrganisationKind.values)
functions = st.sampled_from(FUNCTIONS)
treatments = st.frozensets(st.sampled_from(Exclusion.values), max_size=3)
powers = st.sampled_from(Power.values)
questions = st.builds(
    Question,
    power=powers,
    on=days,
    bodies=st.frozensets(kinds, min_size=1, max_size=3),
    function=functions,
    exclusions=treatments,
    together_with=st.frozensets(functions, max_size=2),
)
consents = st.builds(CommissionerConsent, st.sampled_from(["01A", "01B"]), st.none() | days)
partners = st.builds(
    PartnerFact,
    kind=kinds,
    key=st.sampled_from(["", "A", "B"]),
    start=st.none() | days,
    end=st.none() | days,
    consents=st.frozensets(consents, max_size=2),
)
services = st.builds(
    ServiceFact, function=functions, holder=st.just("") | kinds, exclusions=treatments, start=st.none() | days
)
yes_no_unknown = st.sampled_from([True, False, None])
agreements = st.builds(
    AgreementFacts,
    power=powers,
    start=days,
    partners=st.frozensets(partners, max_size=4),
    services=st.frozensets(services, max_size=4),
    end=st.none() | days,
    variations=st.frozensets(days, max_size=2),
    flexibilities=st.frozensets(st.sampled_from(Flexibility.values)),
    improvement=yes_no_unknown,
    consulted=yes_no_unknown,
    plan_fit=yes_no_unknown,
    exemption=st.none() | st.sampled_from([Exemption.CARE_TRUST, Exemption.BETTER_CARE_FUND]),
    has_voluntary_schemes=st.booleans(),
    terms=st.none() | st.frozensets(st.sampled_from(AgreementTerm.values)),
)
# Any rule at all, as a proposal that somebody might make.
proposed_rules = st.builds(
    LawRule,
    code=st.uuids().map(lambda value: f"proposed-{value}"),
    kind=st.sampled_from([RuleKind.FUNCTION, RuleKind.BODY, RuleKind.EXCLUSION, RuleKind.POWER]),
    powers=st.frozensets(powers, min_size=1),
    valid_from=days,
    valid_to=st.none(),
    allowed=st.booleans(),
    confidence=st.sampled_from(Confidence),
    provision=st.just("Proposed reg 1"),
    instrument=st.just("Proposal"),
    text=st.just("A proposal."),
    side=st.just("nhs"),
    function=functions,
    subject=st.sampled_from(Exclusion.values),
    body_kinds=st.frozensets(kinds, min_size=1),
    proposed=st.just(True),
)


@settings(max_examples=400, deadline=None)
@given(questions, st.sampled_from(Exclusion.values), st.sampled_from([Power.S31, Power.S75]))
def test_no_excluded_treatment_is_ever_lawful(question: Question, treatment: str, power: str):
    asked = dataclasses.replace(question, power=power, exclusions=question.exclusions | {treatment})
    for rules in (law(), law(PROPOSAL)):
        assert answer(asked, rules).outcome != Outcome.LAWFUL


def test_no_excluded_treatment_is_lawful_in_any_function_on_any_day_on_which_a_rule_changes():
    walked = 0
    for day in EDGES:
        for function in FUNCTIONS:
            for treatment in Exclusion.values:
                walked += 1
                judged = law().exclusion(Power.S75, treatment, function, day)
                assert judged is not None
                assert judged.outcome != Outcome.LAWFUL
    assert walked > 10_000


@settings(max_examples=200, deadline=None)
@given(questions, agreements, st.frozensets(proposed_rules, max_size=4))
def test_nothing_proposed_changes_the_law_in_force(
    question: Question, agreement: AgreementFacts, proposals: frozenset[LawRule]
):
    both = RuleSet(law().rules | proposals, law().functions)
    in_force = both.in_force()
    assert in_force == law()
    assert answer(question, in_force) == answer(question, law())
    assert legal_findings(agreement, in_force) == legal_findings(agreement, law())
    assert not any(finding.proposed for finding in legal_findings(agreement, in_force))


@settings(max_examples=200, deadline=None)
@given(questions)
def test_a_proposal_that_is_switched_on_touches_only_what_it_is_about(question: Question):
    now, then = answer(question, law()), answer(question, law(PROPOSAL))
    if question.function not in ("primary-dental", "primary-ophthalmic", "pharmaceutical") or question.power != "s75":
        assert now == then


@settings(max_examples=300, deadline=None)
@given(agreements, st.randoms())
def test_the_order_in_which_things_are_said_does_not_matter(agreement: AgreementFacts, shuffle: random.Random):
    def again(values):
        listed = list(values)
        shuffle.shuffle(listed)
        return frozenset(listed)

    shuffled = dataclasses.replace(
        agreement,
        partners=again(agreement.partners),
        services=again(agreement.services),
        variations=again(agreement.variations),
    )
    rules = RuleSet.of(again(law().rules), again(law().functions))
    assert legal_findings(shuffled, rules) == legal_findings(agreement, law())


@settings(max_examples=300, deadline=None)
@given(agreements)
def test_saying_a_thing_twice_changes_nothing(agreement: AgreementFacts):
    twice = frozenset(
        each for service in agreement.services for each in (service, dataclasses.replace(service, end=agreement.end))
    )
    usual = {(f.on, f.about, f.outcome) for f in legal_findings(agreement, law())}
    repeated = {
        (f.on, f.about, f.outcome) for f in legal_findings(dataclasses.replace(agreement, services=twice), law())
    }
    assert repeated == usual


@settings(max_examples=300, deadline=None)
@given(agreements)
def test_an_agreement_split_by_service_is_judged_as_the_whole(agreement: AgreementFacts):
    """What is said about a function does not depend on the agreement it stands in, save its companions."""

    def about_functions(part: AgreementFacts):
        return {
            (f.on, f.about, f.outcome, f.sentence)
            for f in legal_findings(part, law())
            if f.about.startswith(("function:", "exclusion:", "holder:")) and f.on == part.start
        }

    parts = [dataclasses.replace(agreement, services=frozenset({service})) for service in agreement.services]
    assert about_functions(agreement) == {said for part in parts for said in about_functions(part)}


@settings(max_examples=300, deadline=None)
@given(agreements)
def test_findings_never_contradict_one_another(agreement: AgreementFacts):
    said: dict[tuple[object, ...], Outcome] = {}
    for finding in legal_findings(agreement, law()):
        if finding.about.startswith(("consent:", "holder:", "exclusion:")):
            continue  # two trusts, two holders or two services of the same name may fare differently
        key = (finding.on, finding.about, finding.rule)
        assert said.setdefault(key, finding.outcome) == finding.outcome


@settings(max_examples=300, deadline=None)
@given(agreements)
def test_the_question_and_the_agreement_agree(agreement: AgreementFacts):
    whole = {(f.about, f.outcome) for f in legal_findings(agreement, law()) if f.on == agreement.start}
    for service in agreement.services_on(agreement.start):
        for partner in agreement.partners_on(agreement.start):
            asked = answer(
                Question(agreement.power, agreement.start, frozenset({partner.kind}), service.function), law()
            )
            told = {
                (f.about, f.outcome) for f in asked.findings if f.about.startswith(("body:", "function:", "power:"))
            }
            assert told <= whole


@settings(max_examples=300, deadline=None)
@given(agreements)
def test_a_rule_that_was_not_read_in_an_instrument_settles_nothing(agreement: AgreementFacts):
    for finding in legal_findings(agreement, law(PROPOSAL)):
        if finding.confidence != Confidence.INSTRUMENT:
            assert finding.outcome == Outcome.NOT_SETTLED
        assert (finding.severity == "blocking") == (finding.outcome == Outcome.UNLAWFUL)
        assert finding.sentence.endswith(".")


@settings(max_examples=200, deadline=None)
@given(questions)
def test_the_verdict_is_the_gravest_finding(question: Question):
    asked = answer(question, law())
    assert asked.outcome == verdict(asked.findings)
    outcomes = {finding.outcome for finding in asked.findings}
    expected = next((o for o in ("unlawful", "not_settled", "lawful") if o in outcomes), "not_settled")
    assert asked.outcome == expected


@pytest.mark.slow
def test_a_thousand_agreements_are_checked_in_seconds():
    """In seconds of the processor, so that a busy machine does not fail it: half a second, and six when traced."""
    rules = RuleSet.of(law().rules, law().functions)
    chance = random.Random(617)
    many = [_agreement(chance) for _ in range(1_000)]
    began = time.process_time()
    outcomes = {verdict(legal_findings(agreement, rules)) for agreement in many}
    assert time.process_time() - began < 12
    assert outcomes == set(Outcome)


def _agreement(chance: random.Random) -> AgreementFacts:
    """An agreement of some years with a few partners, eight services and three variations."""
    start = dt.date(chance.randint(2002, 2024), 4, 1)
    return AgreementFacts(
        power="s75" if start.year > 2006 else "s31",
        start=start,
        end=start.replace(year=start.year + chance.randint(1, 10)),
        partners=frozenset({PartnerFact(chance.choice(["pct", "ccg", "icb"])), PartnerFact("county")}),
        services=frozenset(ServiceFact(chance.choice(FUNCTIONS)) for _ in range(8 if chance.random() > 0.2 else 0)),
        variations=frozenset(start + dt.timedelta(days=365 * n) for n in range(1, 4)),
        flexibilities=frozenset({Flexibility.POOLED_FUND}),
        improvement=True,
        consulted=True,
        plan_fit=True,
        terms=frozenset(AgreementTerm.values),
    )


@settings(max_examples=300, deadline=None)
@given(questions)
def test_each_body_is_judged_as_it_is_alone_and_never_graver_than_the_arrangement(question: Question):
    gravity = [Outcome.LAWFUL, Outcome.NOT_SETTLED, Outcome.UNLAWFUL]
    whole = answer(question, law())
    for each in whole.bodies:
        alone = answer(dataclasses.replace(question, bodies=frozenset({each.kind})), law())
        assert alone.bodies == (each,)
        assert set(each.findings) <= set(whole.findings)
        assert gravity.index(each.outcome) <= gravity.index(whole.outcome)
