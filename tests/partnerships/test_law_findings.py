"""Findings on whole agreements: on which days, about what, with which outcome and which regulation."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import (
    AgreementFacts,
    CommissionerConsent,
    Finding,
    PartnerFact,
    Question,
    RuleSet,
    ServiceFact,
    answer,
    changes_between,
    legal_findings,
    verdict,
)
from partnerships.terms import AgreementTerm, Exemption, Flexibility
from tests.partnerships.law_tables import PROPOSAL, law

D = dt.date.fromisoformat
POOL = frozenset({Flexibility.POOLED_FUND})
LEAD = frozenset({Flexibility.COUNCIL_EXERCISES_NHS_FUNCTIONS})
ALL_TERMS = frozenset(AgreementTerm.values)


def facts(**given: Any) -> AgreementFacts:
    """A lawful pooled fund of 2016 between a commissioning group and a county, for three years."""
    values: dict[str, Any] = {
        "power": "s75",
        "start": D("2016-04-01"),
        "end": D("2019-03-31"),
        "partners": {PartnerFact("ccg"), PartnerFact("county")},
        "services": {ServiceFact("nhs-s3"), ServiceFact("social-services")},
        "flexibilities": POOL,
        "improvement": True,
        "consulted": True,
        "terms": ALL_TERMS,
    } | given
    return AgreementFacts(**{name: frozenset(v) if isinstance(v, set) else v for name, v in values.items()})


def found(agreement: AgreementFacts, about: str, on: str | None = None) -> list[Finding]:
    return [f for f in legal_findings(agreement, law()) if f.about == about and (on is None or f.on == D(on))]


def only(agreement: AgreementFacts, about: str, on: str | None = None) -> Finding:
    (one,) = found(agreement, about, on)
    return one


def test_a_whole_agreement_is_lawful_and_says_why():
    findings = legal_findings(facts(), law())
    assert verdict(findings) == "lawful"
    assert {f.about for f in findings} == {
        "power:s75", "body:ccg", "body:county", "partners", "function:nhs-s3", "function:social-services",
        "condition:improvement", "condition:joint_consultation",
    }  # fmt: skip
    assert all(f.severity == "note" and f.on == D("2016-04-01") for f in findings)
    assert only(facts(), "function:nhs-s3").provision == "SI 2000/617 reg 5(a) as amended by SI 2012/3094 reg 12(5)"


def test_sentences_are_plain_and_complete():
    early = facts(
        start=D("2016-03-31"), services={ServiceFact("primary-medical"), ServiceFact("social-services")},
        partners={PartnerFact("nhs_england"), PartnerFact("county")},
    )  # fmt: skip
    one = only(early, "function:primary-medical", "2016-03-31")
    assert one.sentence == (
        "“Primary medical services (section 83)” may not be pooled under section 75 on 31 March 2016."
    )
    assert (one.outcome, one.severity) == ("unlawful", "blocking")


def test_findings_stand_in_the_order_of_days_and_of_what_they_are_about():
    agreement = facts(variations={D("2017-04-01")}, end=None)
    found_on = {day: [f.about for f in legal_findings(agreement, law()) if f.on == D(day)]
                for day in ("2016-04-01", "2017-04-01", "2022-07-01")}  # fmt: skip
    on_each_day = ["body:ccg", "body:county", "function:nhs-s3", "function:social-services", "partners"]
    assert found_on == {
        "2016-04-01": sorted([*on_each_day, "condition:improvement", "condition:joint_consultation", "power:s75"]),
        "2017-04-01": on_each_day,
        "2022-07-01": ["change:body:ccg"],
    }
    assert [f.on for f in legal_findings(agreement, law())] == sorted(f.on for f in legal_findings(agreement, law()))


def test_the_holder_that_a_service_names_is_asked_about_and_else_every_partner():
    partners = {PartnerFact("ccg"), PartnerFact("nhs_england"), PartnerFact("county")}

    def held_by(holder: str) -> list[Finding]:
        services = {ServiceFact("primary-medical", holder), ServiceFact("social-services")}
        return found(facts(partners=partners, services=services, end=D("2017-03-31")), "holder:primary-medical")

    assert [f.outcome for f in held_by("county")] == ["not_settled"]
    assert held_by("nhs_england") == held_by("") == []


def test_only_partners_and_services_of_the_day_are_judged_together():
    """The parent service of the charges ends, and so does the partner that held the function, before a variation."""
    services = {
        ServiceFact("nhs-s3"), ServiceFact("charging-care-act"), ServiceFact("meeting-needs", end=D("2017-03-31")),
        ServiceFact("primary-medical"),
    }  # fmt: skip
    partners = {PartnerFact("ccg"), PartnerFact("county"), PartnerFact("nhs_england", end=D("2017-03-31"))}
    agreement = facts(services=services, partners=partners, variations={D("2017-03-31"), D("2017-04-01")})

    def outcomes(about: str) -> dict[str, str]:
        return {str(f.on): f.outcome.value for f in found(agreement, about)}

    assert outcomes("companion:charging-care-act") == {
        "2016-04-01": "lawful", "2017-03-31": "lawful", "2017-04-01": "unlawful",
    }  # fmt: skip
    assert outcomes("holder:primary-medical") == {"2017-04-01": "not_settled"}
    assert set(outcomes("body:nhs_england")) == {"2016-04-01", "2017-03-31"}


def test_terms_are_asked_for_under_the_power_of_the_day():
    agreement = facts(
        power="s31", start=D("2005-04-01"), end=D("2010-03-31"), variations={D("2008-04-01")}, plan_fit=True,
        partners={PartnerFact("pct"), PartnerFact("county")}, terms=ALL_TERMS - {AgreementTerm.AIMS},
        services={ServiceFact("nhs-1977-services"), ServiceFact("social-services")},
    )  # fmt: skip
    rules = [
        dataclasses.replace(rule, powers=rule.powers - {"s31"}) if rule.kind == "term" else rule for rule in law().rules
    ]
    findings = legal_findings(agreement, RuleSet.of(rules, law().functions))
    assert [f.on for f in findings if f.about == "term:aims"] == [D("2008-04-01")]


# --- parties ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"ccg", "county"}, "lawful"),
        ({"ccg"}, "unlawful"),
        ({"county"}, "unlawful"),
        ({"ccg", "provider"}, "unlawful"),
        ({"foundation_trust", "county"}, "not_settled"),
        ({"foundation_trust", "ccg", "county"}, "lawful"),
        ({"icb", "county"}, "unlawful"),
        ({"ccg", "combined_authority"}, "not_settled"),
        (set(), "unlawful"),
    ],
)
def test_both_sides_must_be_there(kinds: set[str], expected: str):
    agreement = facts(partners={PartnerFact(kind) for kind in kinds}, end=D("2017-03-31"))
    assert only(agreement, "partners").outcome == expected


def test_a_partner_is_judged_only_while_it_is_one():
    group = PartnerFact("ccg", end=D("2022-06-30"))
    board = PartnerFact("icb", start=D("2022-07-01"))
    agreement = facts(partners={group, board, PartnerFact("county")}, end=None, successions={D("2022-07-01")})
    assert only(agreement, "body:icb").outcome == "lawful"
    assert only(agreement, "body:icb").on == D("2022-07-01")
    assert only(agreement, "body:ccg").on == D("2016-04-01")
    assert verdict(legal_findings(agreement, law())) == "lawful"


def test_a_partner_without_its_successor_is_announced_when_the_rule_changes():
    agreement = facts(end=D("2023-03-31"))
    one = only(agreement, "change:body:ccg")
    assert (one.on, one.outcome, one.severity) == (D("2022-07-01"), "not_settled", "warning")
    assert "within the term" in one.sentence


def test_a_trust_contributes_with_the_consent_of_its_commissioners():
    def consent(*consents: CommissionerConsent, **fields: Any) -> AgreementFacts:
        trust = PartnerFact("nhs_trust", key="RZZ", consents=frozenset(consents))
        return facts(partners={PartnerFact("ccg"), PartnerFact("county"), trust}, **fields)

    yes = CommissionerConsent("01A", D("2016-03-01"))
    assert only(consent(yes), "consent:RZZ").outcome == "lawful"
    assert only(consent(), "consent:RZZ").outcome == "not_settled"
    assert only(consent(yes, CommissionerConsent("01B")), "consent:RZZ").outcome == "unlawful"
    late = only(consent(CommissionerConsent("01B", D("2016-04-02"))), "consent:RZZ")
    assert (late.outcome, late.provision) == ("unlawful", "SI 2000/617 reg 7(2) and 9(2)")
    assert found(consent(flexibilities=frozenset({Flexibility.NHS_EXERCISES_COUNCIL_FUNCTIONS})), "consent:RZZ") == []


def test_a_trust_that_does_not_contribute_needs_no_consent():
    trust = PartnerFact("nhs_trust", key="RZZ", contributes=False)
    assert found(facts(partners={PartnerFact("ccg"), PartnerFact("county"), trust}), "consent:RZZ") == []


def test_consent_between_2002_and_2013_is_not_settled_as_its_instrument_was_not_read():
    trust = PartnerFact("nhs_trust", consents=frozenset({CommissionerConsent("5AB")}))
    agreement = facts(
        start=D("2010-04-01"), end=D("2011-03-31"), partners={PartnerFact("pct"), PartnerFact("county"), trust},
        services={ServiceFact("nhs-1977-services"), ServiceFact("social-services")}, plan_fit=True,
    )  # fmt: skip
    assert only(agreement, "consent:nhs_trust").outcome == "not_settled"


# --- powers ----------------------------------------------------------------------------------------------------------


def test_an_agreement_under_section_31_runs_on_under_section_75():
    agreement = facts(
        power="s31", start=D("2005-04-01"), end=D("2010-03-31"), variations={D("2008-04-01")}, plan_fit=True,
        partners={PartnerFact("pct"), PartnerFact("county")},
        services={ServiceFact("nhs-1977-services"), ServiceFact("social-services")},
    )  # fmt: skip
    findings = legal_findings(agreement, law())
    assert verdict(findings) == "lawful"
    (runs_on,) = [f for f in findings if f.rule == "s31-continues-as-s75"]
    assert runs_on.sentence == "From 1 March 2007 the agreement has effect under section 75."
    varied = only(agreement, "function:social-services", "2008-04-01")
    assert "under section 75" in varied.sentence
    assert "under section 31" in only(agreement, "function:social-services", "2005-04-01").sentence


def test_an_agreement_cannot_be_made_under_section_31_after_its_end():
    agreement = facts(power="s31", start=D("2008-04-01"), end=D("2009-03-31"), plan_fit=True)
    assert only(agreement, "power:s31").outcome == "unlawful"
    assert [f for f in legal_findings(agreement, law()) if f.rule == "s31-continues-as-s75"] == []


def test_a_power_that_is_not_pooling_is_named_and_not_judged():
    (one,) = legal_findings(facts(power="s13Z"), law())
    assert (one.on, one.about, one.outcome, one.severity) == (
        D("2016-04-01"), "power:s13Z", "not_settled", "warning",
    )  # fmt: skip
    assert "not pooling" in one.sentence


def test_the_other_route_is_never_settled_except_by_its_exclusions():
    agreement = facts(
        power="s65Z5_65Z6", start=D("2023-04-01"), end=None,
        partners={PartnerFact("icb"), PartnerFact("nhs_england")}, services={ServiceFact("primary-dental")},
    )  # fmt: skip
    assert verdict(legal_findings(agreement, law())) == "not_settled"
    assert only(agreement, "partners").rule == "condition-s65z5-parties"
    excluded = dataclasses.replace(agreement, services=frozenset({ServiceFact("integration-spending")}))
    assert only(excluded, "function:integration-spending").provision == "SI 2022/642 reg 2"
    assert verdict(legal_findings(excluded, law())) == "unlawful"


# --- conditions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fact", "expected"), [(True, "lawful"), (False, "unlawful"), (None, "not_settled")])
def test_what_is_not_recorded_is_not_the_same_as_not_met(fact: bool | None, expected: str):
    assert only(facts(improvement=fact), "condition:improvement").outcome == expected
    assert only(facts(consulted=fact), "condition:joint_consultation").outcome == expected


def test_the_exemption_of_the_better_care_fund_begins_on_1_april_2016():
    early = facts(start=D("2016-03-31"), consulted=False, exemption=Exemption.BETTER_CARE_FUND)
    refused = only(early, "condition:joint_consultation")
    assert refused.outcome == "unlawful"
    assert "only from 1 April 2016" in refused.sentence
    on_the_day = facts(consulted=False, exemption=Exemption.BETTER_CARE_FUND)
    one = only(on_the_day, "condition:joint_consultation")
    assert (one.outcome, one.rule) == ("lawful", "exemption-better-care-fund")


def test_voluntary_schemes_beside_the_mandated_pool_are_not_settled():
    agreement = facts(consulted=None, exemption=Exemption.BETTER_CARE_FUND, has_voluntary_schemes=True)
    one = only(agreement, "condition:joint_consultation:voluntary_schemes")
    assert (one.outcome, one.severity) == ("not_settled", "warning")


def test_an_exemption_is_not_needed_where_they_consulted():
    one = only(facts(consulted=True, exemption=Exemption.CARE_TRUST), "condition:joint_consultation")
    assert one.rule == "condition-consultation"


def test_the_plan_fit_test_ends_on_31_march_2013():
    before = facts(
        start=D("2013-03-31"), end=D("2013-03-31"), partners={PartnerFact("pct"), PartnerFact("county")},
        services={ServiceFact("nhs-1977-services"), ServiceFact("social-services")},
    )  # fmt: skip
    assert only(before, "condition:plan_fit").outcome == "not_settled"
    after = facts(start=D("2013-04-01"), end=D("2014-03-31"))
    assert found(after, "condition:plan_fit") == []


# --- functions -------------------------------------------------------------------------------------------------------


def test_a_function_is_judged_again_at_every_variation():
    services = {ServiceFact("nhs-s3"), ServiceFact("social-services"), ServiceFact("primary-medical", "nhs_england")}
    agreement = facts(
        start=D("2015-04-01"), services=services, variations={D("2016-03-31"), D("2016-04-01")},
        partners={PartnerFact("ccg"), PartnerFact("county"), PartnerFact("nhs_england")},
    )  # fmt: skip
    outcomes = {str(f.on): f.outcome for f in found(agreement, "function:primary-medical")}
    assert outcomes == {"2015-04-01": "unlawful", "2016-03-31": "unlawful", "2016-04-01": "lawful"}


def test_a_service_that_joins_by_deed_is_judged_from_that_day():
    services = {
        ServiceFact("nhs-s3"), ServiceFact("social-services"),
        ServiceFact("primary-medical", "nhs_england", start=D("2016-04-01")),
    }  # fmt: skip
    partners = {PartnerFact("ccg"), PartnerFact("county"), PartnerFact("nhs_england", start=D("2016-04-01"))}
    agreement = facts(start=D("2014-04-01"), services=services, partners=partners)
    assert [str(f.on) for f in found(agreement, "function:primary-medical")] == ["2016-04-01"]
    assert verdict(legal_findings(agreement, law())) == "lawful"


def test_a_change_of_rule_within_the_term_is_announced():
    services = {ServiceFact("nhs-s3"), ServiceFact("social-services"), ServiceFact("primary-medical", "nhs_england")}
    partners = {PartnerFact("nhs_england"), PartnerFact("ccg"), PartnerFact("county")}
    agreement = facts(start=D("2015-04-01"), services=services, partners=partners)
    one = only(agreement, "change:function:primary-medical")
    assert (one.on, one.outcome, one.severity) == (D("2016-04-01"), "lawful", "note")
    audit = only(agreement, "change:audit:appropriate_person")
    assert "Local Audit and Accountability Act 2014" in audit.sentence


def test_new_terms_within_the_term_are_announced_for_the_flexibilities_in_use():
    agreement = facts(
        start=D("2012-04-01"), end=D("2014-03-31"), flexibilities=LEAD, plan_fit=True,
        partners={PartnerFact("pct"), PartnerFact("county")},
        services={ServiceFact("nhs-1977-services"), ServiceFact("social-services")},
    )  # fmt: skip
    assert only(agreement, "change:term:information_sharing").on == D("2013-04-01")
    assert found(dataclasses.replace(agreement, flexibilities=POOL), "change:term:information_sharing") == []


def test_delegation_is_not_pooling_until_evidence_is_recorded():
    services = {ServiceFact("primary-medical", "icb"), ServiceFact("social-services")}
    partners = {PartnerFact("icb"), PartnerFact("county")}
    agreement = facts(start=D("2023-04-01"), end=None, services=services, partners=partners)
    one = only(agreement, "holder:primary-medical")
    assert (one.outcome, one.rule) == ("not_settled", "delegation-primary-medical-icb")
    evidence = ServiceFact("primary-medical", "icb", delegation_evidence="Delegation agreement, schedule 2")
    recorded = dataclasses.replace(agreement, services=frozenset({evidence, ServiceFact("social-services")}))
    assert verdict(legal_findings(recorded, law())) == "lawful"


def test_one_scheme_with_endoscopy_makes_the_agreement_unlawful():
    services = {ServiceFact("nhs-s3", "ccg", frozenset({"endoscopy"})), ServiceFact("social-services")}
    one = only(facts(services=services), "exclusion:nhs-s3:endoscopy")
    assert (one.outcome, one.severity, one.provision) == ("unlawful", "blocking", "SI 2000/617 reg 5(a)")
    assert verdict(legal_findings(facts(services=services), law())) == "unlawful"


def test_charging_needs_its_parent_service_and_its_term():
    alone = {ServiceFact("nhs-s3"), ServiceFact("charging-care-act")}
    assert only(facts(services=alone), "companion:charging-care-act").outcome == "unlawful"
    beside = alone | {ServiceFact("meeting-needs")}
    assert only(facts(services=beside), "companion:charging-care-act").outcome == "lawful"
    wrong = only(facts(services=beside, flexibilities=LEAD), "companion:charging-care-act")
    assert wrong.outcome == "unlawful"
    nhs_leads = frozenset({Flexibility.NHS_EXERCISES_COUNCIL_FUNCTIONS})
    without = facts(services=beside, flexibilities=nhs_leads, terms=ALL_TERMS - {AgreementTerm.CHARGING})
    assert only(without, "term:charging").provision == "SI 2000/617 reg 8(2)(h) as inserted by SI 2003/629"
    assert found(facts(flexibilities=nhs_leads, terms=ALL_TERMS - {AgreementTerm.CHARGING}), "term:charging") == []


# --- terms -----------------------------------------------------------------------------------------------------------


def test_each_missing_term_is_named_with_its_regulation():
    agreement = facts(terms=frozenset())
    lacking = {f.provision for f in legal_findings(agreement, law()) if f.about.startswith("term:")}
    assert lacking == {
        "SI 2000/617 reg 7(3)", "SI 2000/617 reg 7(4)", *(f"SI 2000/617 reg 7(3)({letter})" for letter in "abcdefg"),
    }  # fmt: skip


def test_terms_that_nobody_looked_at_are_not_missing():
    assert [f for f in legal_findings(facts(terms=None), law()) if f.about.startswith("term:")] == []


def test_a_pooled_fund_needs_functions_of_both_sides():
    assert only(facts(services={ServiceFact("nhs-s3")}), "functions").outcome == "unlawful"
    assert found(facts(services={ServiceFact("nhs-s3")}, flexibilities=LEAD), "functions") == []


# --- questions and proposals -----------------------------------------------------------------------------------------


def test_a_proposal_changes_what_it_is_about_and_nothing_else():
    question = Question("s75", D("2023-04-01"), frozenset({"nhs_england"}), "primary-dental")
    now, then = answer(question, law()), answer(question, law(PROPOSAL))
    assert (now.outcome, then.outcome) == ("unlawful", "lawful")
    (change,) = changes_between(now, then)
    assert change.about == "function:primary-dental"
    assert change.after is not None
    assert change.after.proposed
    assert change.after.sentence.startswith("If the proposal were law: “Primary dental")
    assert changes_between(now, now) == []


def test_an_answer_says_what_else_is_needed():
    needed = answer(Question("s75", D("2016-04-01"), frozenset({"nhs_trust"}), "provide-services"), law()).also_needed
    assert [rule.code for rule in needed] == [
        "condition-partners", "condition-improvement", "condition-consultation", "consent-ccg",
    ]  # fmt: skip


def test_a_body_after_its_time_is_told_until_when():
    asked = answer(Question("s75", D("2013-04-01"), frozenset({"pct"}), "nhs-s3"), law())
    sentences = [f.sentence for f in asked.findings]
    assert (
        "A primary care trust may not be a partner under section 75 on 1 April 2013, only until 31 March 2013."
    ) in sentences
    (body,) = [f for f in asked.findings if f.about == "body:pct"]
    assert body.provision.endswith("ended by SI 2012/3094")


def test_where_no_rule_speaks_nothing_is_found():
    powers = RuleSet.of([rule for rule in law().rules if rule.kind == "power"], law().functions)
    assert [f.about for f in legal_findings(facts(), powers)] == ["power:s75"]
    assert [
        f.about for f in answer(Question("s75", D("2016-04-01"), frozenset({"ccg"}), "nhs-s3"), powers).findings
    ] == ["power:s75"]


def test_the_verdict_on_nothing_is_not_settled():
    assert verdict([]) == "not_settled"
