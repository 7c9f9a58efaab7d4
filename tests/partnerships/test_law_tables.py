"""The tables of law are whole: every body and function is spoken of, and no two rows say different things at once."""

from __future__ import annotations

import itertools

import pytest

from partnerships.reference import tables
from partnerships.reference.parameters import parameter, parameters, parameters_on
from partnerships.rules.law.ruleset import _keys
from partnerships.terms import (
    AgreementTerm,
    Condition,
    Confidence,
    Duty,
    Exclusion,
    Exemption,
    Flexibility,
    InstrumentStatus,
    Power,
    RuleKind,
)
from pooledcare.directory.terms import OrganisationKind
from tests.partnerships.law_tables import PROPOSAL, day, law

ROWS = tables.RULES.read(tables.HERE)
SUBJECTS = {
    RuleKind.CONDITION: Condition.values,
    RuleKind.EXEMPTION: Exemption.values,
    RuleKind.EXCLUSION: Exclusion.values,
    RuleKind.TERM: AgreementTerm.values,
    RuleKind.REPORT: Duty.values,
    RuleKind.AUDIT: Duty.values,
    RuleKind.CONSENT: OrganisationKind.values,
    RuleKind.CONTINUATION: Power.values,
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_a_rule_uses_the_words_of_the_vocabulary_and_cites_its_provision(row: dict[str, str]):
    assert row["kind"] in RuleKind.values
    assert set(row["powers"].split()) <= set(Power.values)
    assert set(row["body_kinds"].split()) <= set(OrganisationKind.values)
    assert set(row["flexibilities"].split()) <= set(Flexibility.values)
    assert row["confidence"] in Confidence.values
    assert row["subject"] in ["", *SUBJECTS.get(RuleKind(row["kind"]), [])]
    assert row["provision"]
    assert row["source"]
    assert row["text"].endswith(".")


def test_only_rules_read_in_an_instrument_come_from_one():
    sources = {"legislation-as-made", "hsj-2015-pooling-consultation"}
    for row in ROWS:
        assert (row["confidence"] == Confidence.INSTRUMENT) == (row["source"] in sources), row["code"]


def test_every_kind_of_body_is_judged_under_each_power_to_pool():
    for power in (Power.S31, Power.S75, Power.S65Z5_65Z6):
        for kind in OrganisationKind.values:
            assert law().about(RuleKind.BODY, power, kind), (power, kind)


def test_every_function_is_judged_under_each_power_to_pool():
    for power in (Power.S31, Power.S75, Power.S65Z5_65Z6):
        for function in law().functions:
            assert law().function(power, function.code, law().change_days[-1]), (power, function.code)


def test_no_two_rules_in_force_speak_about_the_same_on_the_same_day():
    single = (RuleKind.POWER, RuleKind.BODY, RuleKind.FUNCTION, RuleKind.EXCLUSION, RuleKind.EXEMPTION)
    keyed = sorted((key, rule.valid_from, rule) for rule in law().rules if rule.kind in single for key in _keys(rule))
    for (key, _, rule), (after, begins, other) in itertools.pairwise(keyed):
        assert key != after or (rule.valid_to is not None and rule.valid_to < begins), (rule.code, other.code)


def test_the_seven_exclusions_hold_from_the_first_day_without_end():
    for treatment in Exclusion.values:
        (rule,) = law().about(RuleKind.EXCLUSION, Power.S75, treatment, "")
        assert (rule.valid_from, rule.valid_to, rule.allowed) == (day("2000-04-01"), None, False)


def test_amending_instruments_name_what_they_amend():
    rows = {row["slug"]: row for row in tables.INSTRUMENTS.read(tables.HERE)}
    amending = [row["citation"] for row in rows.values() if row["amends"] == "si-2000-617" and row["in_force"]]
    assert len(amending) == 9
    assert rows["si-2015-1940"]["in_force"] == "2016-04-01"
    assert rows["si-2015-1940"]["made"] == "2015-11-25"
    assert rows[PROPOSAL]["status"] == InstrumentStatus.PROPOSED


def test_parameters_are_read_by_their_day():
    assert parameter("quarterly_reports_per_year", on=day("2016-04-01")) == 4
    assert parameter("annual_returns_per_year", on=day("2000-04-01")) == 1
    assert len(parameters_on(day("2016-04-01"))) == len(parameters())
    with pytest.raises(LookupError, match="0 values of quarterly_reports_per_year"):
        parameter("quarterly_reports_per_year", on=day("2000-03-31"))
