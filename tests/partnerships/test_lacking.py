"""The task list: what an agreement still lacks, each with the regulation that asks for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.loading import load_law
from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import law_in_force
from partnerships.rules.agreements import (
    AgreementRecord,
    ConsentFact,
    FunctionContent,
    Joined,
    PreconditionFact,
    findings_of,
)
from partnerships.rules.agreements.lacking import GOOD_PRACTICE, Lack, lacks
from partnerships.rules.law import verdict
from tests import factories
from tests.partnerships.agreement_values import (
    CARE,
    CHARGING,
    COUNTY,
    FUND,
    ICB,
    MET,
    NHS,
    START,
    TRUST,
    deed,
    record,
    scheme,
)
from tests.partnerships.law_tables import law

TODAY = dt.date(2026, 1, 5)
DECIDED = {"cabinet", "nhs_board"}


def lacking(of: AgreementRecord, decisions: set[str] | None = None) -> list[Lack]:
    return lacks(of, TODAY, law(), decisions=DECIDED if decisions is None else decisions)


def where(of: AgreementRecord) -> list[str]:
    return [each.where for each in lacking(of)]


def test_an_agreement_that_says_all_it_must_lacks_nothing():
    assert lacking(record()) == []


def without(kind: str) -> AgreementRecord:
    return record(deed(clauses=tuple(pair for pair in deed().clauses if pair[0] != kind)))


@pytest.mark.parametrize(
    ("kind", "provision"),
    [
        ("aims", "SI 2000/617 reg 7(3)(a)"),
        ("contributions", "SI 2000/617 reg 7(3)(b)"),
        ("persons_and_services", "SI 2000/617 reg 7(3)(d)"),
        ("resources", "SI 2000/617 reg 7(3)(e)"),
        ("duration", "SI 2000/617 reg 7(3)(f)"),
        ("fund_management", "SI 2000/617 reg 7(3)(g)"),
        ("improvement", GOOD_PRACTICE),
        ("disputes", GOOD_PRACTICE),
        ("exit", GOOD_PRACTICE),
    ],
)
def test_a_pooled_fund_needs_the_terms_of_regulation_7_and_usual_clauses_besides(kind: str, provision: str):
    assert [(each.provision, each.where) for each in lacking(without(kind))] == [(provision, f"clauses/{kind}")]


@pytest.mark.parametrize("kind", ["payments", "monitoring", "information_sharing", "charging"])
def test_a_pooled_fund_alone_does_not_need_the_terms_of_regulations_8_and_9(kind: str):
    assert lacking(without(kind)) == []


@pytest.mark.parametrize(
    ("flexibility", "regulation"),
    [("nhs_exercises_council_functions", "8(2)"), ("council_exercises_nhs_functions", "9(3)")],
)
@pytest.mark.parametrize(
    ("kind", "letter"),
    [("aims", "a"), ("payments", "b"), ("persons_and_services", "d"), ("resources", "e"), ("duration", "f"),
     ("monitoring", "g"), ("information_sharing", "i")],
)  # fmt: skip
def test_a_lead_needs_the_terms_of_its_regulation(flexibility: str, regulation: str, kind: str, letter: str):
    one = without(kind)
    lead = replace(one.original, schemes=(scheme(flexibilities=(flexibility,), pool=""),), pools=())
    (lack,) = lacking(replace(one, deeds=(lead,)))
    assert lack.where == f"clauses/{kind}"
    assert lack.provision.startswith(f"SI 2000/617 reg {regulation}({letter})")


def test_one_clause_answers_to_every_regulation_that_asks_for_it():
    both = ("pooled_fund", "nhs_exercises_council_functions", "council_exercises_nhs_functions")
    one = without("aims")
    (lack,) = lacking(replace(one, deeds=(replace(one.original, schemes=(scheme(flexibilities=both),)),)))
    assert lack.provision == "SI 2000/617 reg 7(3)(a); SI 2000/617 reg 8(2)(a); SI 2000/617 reg 9(3)(a)"


def test_charging_needs_its_clause_only_where_a_function_of_charging_is_included():
    plain = without("charging")
    lead = replace(plain.original, schemes=(scheme(flexibilities=("nhs_exercises_council_functions",)),), pools=())
    assert "clauses/charging" not in where(replace(plain, deeds=(lead,)))
    charged = scheme(flexibilities=("nhs_exercises_council_functions",), functions=(NHS, CARE, CHARGING))
    assert "clauses/charging" in where(replace(plain, deeds=(replace(lead, schemes=(charged,)),)))


def test_information_sharing_was_not_asked_for_before_2013():
    early = without("information_sharing")
    old = replace(
        early.original, effective_on=dt.date(2012, 4, 1),
        schemes=(scheme(flexibilities=("nhs_exercises_council_functions",)),),
    )  # fmt: skip
    assert "clauses/information_sharing" not in where(replace(early, deeds=(old,)))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"pools": ()}, "pools"),
        ({"pools": (replace(FUND, kind="aligned"),)}, "pools"),
        ({"pools": (replace(FUND, host=None),)}, "pools/fund"),
        ({"pools": (replace(FUND, manager=""),)}, "pools/fund"),
    ],
)
def test_a_pooled_fund_needs_a_host_and_a_manager(change: dict[str, object], place: str):
    (lack,) = lacking(record(deed(**change)))
    assert (lack.provision, lack.where) == ("SI 2000/617 reg 7(4)", place)


@pytest.mark.parametrize(
    ("joined", "sentence"),
    [
        (
            (Joined(1, ICB, "commissioner", True),),
            "The agreement needs a council that may be a partner on 1 April 2026.",
        ),
        (
            (Joined(2, COUNTY, "commissioner", True),),
            "The agreement needs an NHS body that may be a partner on 1 April 2026.",
        ),
        (
            (Joined(1, replace(ICB, kind="ccg"), "commissioner", True), Joined(2, COUNTY, "commissioner", True)),
            "The agreement needs an NHS body that may be a partner on 1 April 2026.",
        ),
    ],
)
def test_an_nhs_body_and_a_council_are_partners_on_the_first_day(joined: tuple[Joined, ...], sentence: str):
    (lack,) = lacking(record(deed(joined=joined)))
    assert lack == Lack(sentence, "SI 2000/617 reg 2(1)", "partners")


@pytest.mark.parametrize(("function", "missing"), [(NHS, "a health-related function of a council"), (CARE, "an NHS")])
def test_a_pooled_fund_needs_functions_on_both_sides(function: FunctionContent, missing: str):
    (lack,) = lacking(record(deed(schemes=(scheme(functions=(function,)),))))
    assert missing in lack.sentence
    assert lack.provision == "SI 2000/617 reg 7(3)(c)"


@pytest.mark.parametrize(
    ("values", "sentences"),
    [
        ({"functions": ()}, ["names no function"]),
        ({"functions": (NHS, replace(CARE, holder=None))}, ["does not say whose each of its functions is"]),
        ({"pool": ""}, ["does not say which fund it is paid from"]),
        ({"flexibilities": ()}, ["does not say which flexibility it uses"]),
    ],
)
def test_a_scheme_says_its_functions_its_fund_and_its_flexibility(values: dict[str, object], sentences: list[str]):
    found = [each for each in lacking(record(deed(schemes=(scheme(**values),)))) if each.where == "schemes/home"]
    assert len(found) == len(sentences)
    assert sentences[0] in found[0].sentence


def test_a_draft_that_has_just_begun_is_told_everything_and_breaks_nothing():
    bare = deed(
        title="", effective_on=None, sets_end=False, end_on=None, notice_months=None, review_on=None, clauses=(),
        joined=(Joined(1, ICB, "commissioner", True),), pools=(), schemes=(),
    )  # fmt: skip
    found = lacking(record(bare, places=(), preconditions=()))
    assert [each.where for each in found] == [
        "heads/title", "heads/effective_on", "heads/end_on", "heads/notice_months", "heads/review_on", "heads/places",
        "partners", "schemes", "clauses/improvement", "clauses/disputes", "clauses/exit", "conditions/improvement",
        "conditions/joint_consultation",
    ]  # fmt: skip
    assert all(each.sentence.endswith(".") and each.provision for each in found)


@pytest.mark.parametrize(
    ("conditions", "lacking_there"),
    [
        ((), ["conditions/improvement", "conditions/joint_consultation"]),
        ((MET[0], PreconditionFact("joint_consultation", False, START)), ["conditions/joint_consultation"]),
        ((MET[0], PreconditionFact("care_trust", True, START)), []),
        ((MET[0], PreconditionFact("better_care_fund", True, START)), []),
        ((MET[0], PreconditionFact("better_care_fund", False, START)), ["conditions/joint_consultation"]),
    ],
)
def test_the_conditions_of_regulation_4_are_recorded(conditions, lacking_there: list[str]):
    found = lacking(record(preconditions=conditions))
    assert [each.where for each in found] == lacking_there
    assert all(each.provision.startswith("SI 2000/617 reg 4(") for each in found)


def test_an_exemption_counts_only_on_the_days_on_which_it_is_one():
    conditions = (MET[0], PreconditionFact("better_care_fund", True, None))
    fit = PreconditionFact("plan_fit", True, None)
    early = deed(effective_on=dt.date(2016, 3, 31), joined=(Joined(1, replace(ICB, kind="ccg"), "commissioner", True),
                                                           Joined(2, COUNTY, "commissioner", True)))  # fmt: skip
    assert where(record(early, preconditions=(*conditions, fit))) == ["conditions/joint_consultation"]
    later = replace(early, effective_on=dt.date(2016, 4, 1))
    assert where(record(later, preconditions=conditions)) == []


def test_the_plan_was_a_condition_until_2013():
    pct = (Joined(1, replace(ICB, kind="pct"), "commissioner", True), Joined(2, COUNTY, "commissioner", True))
    assert "conditions/plan_fit" in where(record(deed(effective_on=dt.date(2013, 3, 31), joined=pct)))
    assert "conditions/plan_fit" not in where(record(deed(effective_on=dt.date(2013, 4, 1), joined=pct)))


def test_a_trust_that_contributes_needs_its_commissioners():
    joined = (*deed().joined, Joined(3, TRUST, "provider", True))
    one = record(deed(joined=joined))
    (lack,) = lacking(one)
    assert (lack.provision, lack.where) == ("SI 2000/617 reg 7(2) and 9(2)", "consents/RXX")
    awaited = ConsentFact("RXX", ICB.name, None)
    (lack,) = lacking(replace(one, consents=(awaited,)))
    assert lack.sentence == f"{ICB.name} has not consented to what {TRUST.name} contributes."
    assert lacking(replace(one, consents=(replace(awaited, consented_on=START),))) == []
    idle = (*deed().joined, Joined(3, TRUST, "provider", False))
    assert lacking(record(deed(joined=idle))) == []


def test_decisions_of_both_sides_are_good_practice():
    found = lacking(record(), decisions={"cabinet"})
    assert [(each.provision, each.where) for each in found] == [(GOOD_PRACTICE, "decisions")]
    assert "an NHS body" in found[0].sentence
    assert len(lacking(record(), decisions=set())) == 2
    assert lacking(record(), decisions={"officer"}) == []
    assert lacks(record(), TODAY, law()) == []


def test_an_agreement_that_runs_unsigned_is_not_in_writing():
    (lack,) = lacking(record(operating_since=START))
    assert (lack.provision, lack.where) == ("SI 2000/617 reg 7(3)", "signing")


def test_a_later_deed_lacks_what_the_agreement_would_lack_by_it():
    signed = deed(state="signed", signed_on=TODAY)
    empty = {"title": "", "sets_end": False, "end_on": None, "notice_months": None, "review_on": None}
    later = deed(
        pk=2, number=1, kind="variation", effective_on=None, joined=(), pools=(), schemes=(),
        clauses=(("aims", ""),), **empty,
    )  # fmt: skip
    found = lacking(record(signed, deeds=(signed, later)))
    assert [each.where for each in found] == ["heads/effective_on", "clauses/aims"]
    assert found[0].sentence == "The deed has no first day."


@pytest.mark.parametrize("state", ["signed", "withdrawn"])
def test_an_agreement_that_is_no_draft_is_asked_as_it_reads(state: str):
    one = deed(state=state, signed_on=TODAY if state == "signed" else None, title="")
    assert where(record(one, state=state)) == ["heads/title"]


def test_a_draft_that_was_withdrawn_without_a_first_day_lacks_nothing():
    assert lacking(record(deed(state="withdrawn", effective_on=None, title=""), state="withdrawn")) == []


def test_a_power_without_these_regulations_asks_for_none_of_their_terms():
    found = lacking(record(deed(clauses=()), power="s65Z5_65Z6", preconditions=()))
    assert [each.where for each in found] == ["clauses/improvement", "clauses/disputes", "clauses/exit"]


@pytest.mark.django_db
def test_a_whole_agreement_is_lawful_and_lacks_only_its_days_of_review_and_its_places():
    load_law()
    found = record_of(factories.whole_agreement())
    assert [each.where for each in lacks(found, TODAY, law_in_force())] == ["heads/review_on", "heads/places"]
    assert verdict(findings_of(found, law_in_force())) == "lawful"
