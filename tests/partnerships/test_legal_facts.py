"""From the record of an agreement to the facts that the law is asked about: every fact, on its days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from partnerships.rules.agreements import (
    AgreementRecord,
    ConsentFact,
    DeedRecord,
    FunctionContent,
    Joined,
    PreconditionFact,
    SchemeClosed,
    SchemeContent,
    content_as_at,
    facts_of,
)
from partnerships.rules.agreements.legal_facts import terms_written
from partnerships.rules.law import AgreementFacts, CommissionerConsent, PartnerFact, ServiceFact
from partnerships.terms import AgreementTerm, ClauseKind
from tests.partnerships.draft_values import (
    CARE,
    COUNTY,
    FUND,
    ICB,
    NHS,
    START,
    TRUST,
    deed,
    record,
    scheme,
)

ONE = dt.timedelta(days=1)
SECOND, THIRD = dt.date(2027, 4, 1), dt.date(2028, 4, 1)
END = dt.date(2029, 3, 31)
SIGNED = deed(state="signed", signed_on=START - ONE)
HEIR = replace(ICB, pk=9, code="QYY")


def later(number: int, effective_on: dt.date | None, **values: Any) -> DeedRecord:
    """A signed deed that says nothing but what is given."""
    given: dict[str, Any] = {
        "pk": number + 1, "number": number, "kind": "variation", "state": "signed", "signed_on": START, "title": "",
        "effective_on": effective_on, "sets_end": False, "end_on": None, "notice_months": None, "review_on": None,
        "clauses": (), "joined": (), "pools": (), "schemes": (),
    }  # fmt: skip
    return deed(**given | values)


def judged(*deeds: DeedRecord, including: int | None = None, **values: Any) -> AgreementFacts:
    facts = facts_of(record(deeds=deeds, **values), including=including)
    assert facts is not None
    return facts


def services(*deeds: DeedRecord, **values: Any) -> list[tuple[str, dt.date | None, dt.date | None]]:
    found = judged(*deeds, **values).services
    return sorted((each.function, each.start, each.end) for each in found)


def partners(*deeds: DeedRecord, **values: Any) -> list[tuple[str, dt.date | None, dt.date | None]]:
    return sorted((each.key, each.start, each.end) for each in judged(*deeds, **values).partners)


def only_care(**values: Any) -> SchemeContent:
    return scheme(functions=(CARE,), **values)


# --- the whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "changes_requested", "approved", "signed", "withdrawn"])
def test_everything_that_is_recorded_is_asked_about_whether_or_not_it_is_signed(state: str):
    assert facts_of(record(deed(state=state, signed_on=START if state == "signed" else None))) == AgreementFacts(
        power="s75",
        start=START,
        end=END,
        partners=frozenset({PartnerFact("icb", "QXX", START), PartnerFact("county", "E10", START)}),
        services=frozenset(
            {ServiceFact("nhs-s3", "icb", start=START), ServiceFact("social-services", "county", start=START)}
        ),
        flexibilities=frozenset({"pooled_fund"}),
        improvement=True,
        consulted=True,
        terms=frozenset(AgreementTerm.values),
    )


def test_an_agreement_without_a_first_day_cannot_be_judged():
    assert facts_of(record(deed(effective_on=None))) is None
    assert facts_of(record(deed(effective_on=None)), including=0) is None
    assert facts_of(record(deed(effective_on=None), closures=(SchemeClosed("home", START),))) is None


def test_the_power_of_the_agreement_is_asked_about():
    assert judged(SIGNED, power="s65Z5_65Z6").power == "s65Z5_65Z6"


def test_facts_are_values_that_can_be_kept_by():
    assert {judged(SIGNED): 1}[judged(deed())] == 1


# --- which deeds count -----------------------------------------------------------------------------------------------

TO_SECOND = [("nhs-s3", START, SECOND - ONE), ("social-services", START, None)]
WHOLE = [("nhs-s3", START, None), ("social-services", START, None)]


@pytest.mark.parametrize(
    ("state", "including", "counts"),
    [
        ("signed", None, True),
        ("signed", 7, True),
        ("draft", None, False),
        ("draft", 1, True),
        ("draft", 2, False),
        ("approved", 1, True),
        ("withdrawn", None, False),
    ],
)
def test_signed_deeds_count_and_the_open_one_that_is_asked_for(state: str, including: int | None, counts: bool):
    varying = later(1, SECOND, state=state, schemes=(only_care(),))
    assert services(SIGNED, varying, including=including) == (TO_SECOND if counts else WHOLE)
    assert judged(SIGNED, varying, including=including).variations == ({SECOND} if counts else set())


def test_an_open_deed_without_a_day_has_no_effect_yet():
    undated = later(1, None, state="draft", schemes=(only_care(),))
    facts = judged(SIGNED, undated, including=1)
    assert facts == judged(SIGNED)
    assert facts.variations == frozenset()


def test_a_later_deed_of_an_agreement_that_is_not_signed_cannot_be_judged():
    assert facts_of(record(deeds=(deed(), later(1, SECOND, state="draft"))), including=1) is None
    succeeded = (Joined(3, HEIR, "commissioner", True, SECOND, 1),)
    undated = (deed(), later(1, None, state="draft"))
    assert facts_of(record(deeds=undated, successors=succeeded), including=1) is None


@pytest.mark.parametrize(
    ("day", "varied"), [(START - ONE, set()), (START, set()), (START + ONE, {START + ONE}), (THIRD, {THIRD})]
)
def test_a_deed_varies_from_after_the_first_day(day: dt.date, varied: set[dt.date]):
    assert judged(SIGNED, later(1, day)).variations == varied


# --- days ------------------------------------------------------------------------------------------------------------


def test_the_end_is_the_one_of_the_latest_deed_unless_the_agreement_has_ended():
    prolonged = later(1, SECOND, sets_end=True, end_on=dt.date(2031, 3, 31))
    assert judged(SIGNED, prolonged).end == dt.date(2031, 3, 31)
    assert judged(SIGNED, later(1, SECOND, sets_end=True)).end is None
    assert judged(SIGNED, prolonged, ended_on=SECOND).end == SECOND


@pytest.mark.parametrize(("day", "first"), [(SECOND - ONE, SECOND), (SECOND, SECOND + ONE), (THIRD, THIRD + ONE)])
def test_what_ended_in_the_world_is_there_to_its_last_day(day: dt.date, first: dt.date):
    closed = (SchemeClosed("home", day),)
    expected = [(code, START, day) for code in ("nhs-s3", "social-services")]
    assert services(SIGNED, closures=closed) == expected
    joined = later(1, first, schemes=(only_care(slug="new"),))
    assert services(SIGNED, joined, closures=closed) == sorted([*expected, ("social-services", first, None)])


def test_what_was_closed_before_the_agreement_moves_no_first_day():
    closed = (SchemeClosed("other", START - 2 * ONE),)
    assert services(SIGNED, closures=closed) == WHOLE
    assert partners(SIGNED, closures=closed) == [("E10", START, None), ("QXX", START, None)]


@pytest.mark.parametrize("first", [SIGNED, deed()], ids=["signed", "draft"])
@pytest.mark.parametrize("since", [START - ONE, START, START + ONE, SECOND])
def test_a_successor_is_a_partner_from_its_day_on(first: DeedRecord, since: dt.date):
    succeeded = (Joined(3, HEIR, "commissioner", True, since, 1),)
    before = [("QXX", START, since - ONE)] if since > START else []
    expected = [("E10", START, None), *before, ("QYY", max(since, START), None)]
    assert partners(first, successors=succeeded) == expected
    assert judged(first, successors=succeeded).successions == {since}


def test_a_successor_takes_its_place_between_two_deeds():
    succeeded = (Joined(3, HEIR, "commissioner", True, SECOND, 1),)
    assert partners(SIGNED, later(1, THIRD), successors=succeeded) == [
        ("E10", START, None), ("QXX", START, SECOND - ONE), ("QYY", SECOND, None),
    ]  # fmt: skip


def test_a_successor_without_a_day_takes_no_place_yet():
    undated = (Joined(3, HEIR, "commissioner", True, None, 1),)
    assert judged(SIGNED, successors=undated) == judged(SIGNED)


# --- services --------------------------------------------------------------------------------------------------------


def test_a_function_that_a_deed_takes_out_is_there_to_the_day_before():
    assert services(SIGNED, later(1, SECOND, schemes=(only_care(),))) == TO_SECOND
    assert services(SIGNED, later(1, SECOND, ended_schemes=("home",))) == [
        ("nhs-s3", START, SECOND - ONE), ("social-services", START, SECOND - ONE),
    ]  # fmt: skip


def test_a_function_that_a_deed_brings_is_there_from_its_day_on():
    brought = later(1, SECOND, schemes=(scheme(slug="new", functions=(NHS,)),))
    first = deed(state="signed", signed_on=START, schemes=(only_care(),))
    assert services(first, brought) == [("nhs-s3", SECOND, None), ("social-services", START, None)]


def test_a_function_that_goes_and_comes_back_is_there_twice():
    away, back = later(1, SECOND, schemes=(only_care(),)), later(2, THIRD, schemes=(scheme(),))
    assert services(SIGNED, away, back) == [
        ("nhs-s3", START, SECOND - ONE), ("nhs-s3", THIRD, None), ("social-services", START, None),
    ]  # fmt: skip


def test_the_same_function_of_two_schemes_is_there_on_the_days_of_each():
    second = later(1, SECOND, schemes=(scheme(slug="second", functions=(NHS,)),))
    third = later(2, THIRD, ended_schemes=("home",))
    assert services(SIGNED, second, third) == [
        ("nhs-s3", START, THIRD - ONE), ("nhs-s3", SECOND, None), ("social-services", START, THIRD - ONE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start_on", "first"), [(None, START), (START - ONE, START), (START, START), (START + ONE, START + ONE)]
)
def test_a_scheme_begins_on_its_own_day_within_the_agreement(start_on: dt.date | None, first: dt.date):
    begun = deed(schemes=(only_care(start_on=start_on),))
    assert services(begun) == [("social-services", first, None)]


@pytest.mark.parametrize("end_on", [THIRD, SECOND + ONE, SECOND, SECOND - ONE])
def test_a_scheme_ends_on_its_own_day_or_with_the_deed_that_ends_it(end_on: dt.date):
    first = deed(state="signed", signed_on=START, schemes=(only_care(end_on=end_on),))
    assert services(first) == [("social-services", START, end_on)]
    ended = later(1, SECOND + ONE, ended_schemes=("home",))
    assert services(first, ended) == [("social-services", START, min(end_on, SECOND))]


def test_a_scheme_that_begins_after_a_later_deed_keeps_its_own_first_day():
    first = deed(state="signed", signed_on=START, schemes=(only_care(start_on=THIRD),))
    assert services(first, later(1, SECOND)) == [("social-services", THIRD, None)]


@pytest.mark.parametrize(
    ("start_on", "expected"),
    [
        (SECOND - ONE, [("social-services", SECOND - ONE, SECOND - ONE)]),
        (SECOND - 2 * ONE, [("social-services", SECOND - 2 * ONE, SECOND - ONE)]),
        (SECOND, []),
    ],
)
def test_a_scheme_that_was_ended_before_it_began_is_never_there(start_on: dt.date, expected: list[Any]):
    first = deed(state="signed", signed_on=START, schemes=(only_care(start_on=start_on),))
    assert services(first, later(1, SECOND, ended_schemes=("home",))) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"start_on": THIRD}, {}, [(SECOND, None)]),
        ({"start_on": THIRD}, {"start_on": SECOND - ONE}, [(SECOND, None)]),
        ({"start_on": THIRD}, {"start_on": SECOND + ONE}, [(SECOND + ONE, None)]),
        ({"start_on": SECOND - ONE}, {}, [(SECOND - ONE, None)]),
        ({}, {"start_on": THIRD}, [(START, SECOND - ONE), (THIRD, None)]),
        ({}, {"start_on": SECOND}, [(START, None)]),
        ({"end_on": SECOND - 2 * ONE}, {}, [(START, SECOND - 2 * ONE), (SECOND, None)]),
        ({"end_on": SECOND - ONE}, {}, [(START, None)]),
        ({"end_on": THIRD}, {"end_on": SECOND}, [(START, SECOND)]),
    ],
)
def test_a_deed_may_bring_forward_put_off_or_take_up_again_a_scheme(
    first: dict[str, Any], second: dict[str, Any], expected: list[tuple[dt.date, dt.date | None]]
):
    begun = deed(state="signed", signed_on=START, schemes=(only_care(**first),))
    found = services(begun, later(1, SECOND, schemes=(only_care(**second),)))
    assert found == [("social-services", start, end) for start, end in expected]


@pytest.mark.parametrize("end_on", [SECOND - ONE, SECOND - 2 * ONE])
def test_a_scheme_that_has_ended_is_not_there_again_by_a_deed_that_does_not_speak_of_it(end_on: dt.date):
    begun = deed(state="signed", signed_on=START, schemes=(only_care(end_on=end_on),))
    assert services(begun, later(1, SECOND), later(2, THIRD)) == [("social-services", START, end_on)]


@pytest.mark.parametrize(
    "change",
    [{"code": "nhs-s3A"}, {"holder": COUNTY}, {"holder": None}, {"exclusions": ("surgery",)},
     {"delegation_evidence": "Schedule 2"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_function_that_is_said_otherwise_is_another_from_then_on(change: dict[str, Any]):
    other = replace(NHS, **change)
    facts = judged(
        deed(state="signed", signed_on=START, schemes=(scheme(functions=(NHS,)),)),
        later(1, SECOND, schemes=(scheme(functions=(other,)),)),
    )
    assert facts.services == {
        ServiceFact("nhs-s3", "icb", start=START, end=SECOND - ONE),
        ServiceFact(
            other.code, other.holder.kind if other.holder else "", frozenset(other.exclusions), SECOND, None,
            other.delegation_evidence,
        ),
    }  # fmt: skip


def test_a_function_says_its_holder_its_treatments_and_the_evidence_of_its_delegation():
    whole = FunctionContent("nhs-s3", "", None, ("surgery", "endoscopy"), "Schedule 2")
    (one,) = judged(deed(schemes=(scheme(functions=(whole,)),))).services
    assert one == ServiceFact("nhs-s3", "", frozenset({"surgery", "endoscopy"}), START, None, "Schedule 2")


def test_treatments_named_in_another_order_are_the_same():
    first = scheme(functions=(replace(NHS, exclusions=("surgery", "endoscopy")),))
    again = scheme(functions=(replace(NHS, exclusions=("endoscopy", "surgery")),))
    found = services(deed(state="signed", signed_on=START, schemes=(first,)), later(1, SECOND, schemes=(again,)))
    assert found == [("nhs-s3", START, None)]


# --- partners --------------------------------------------------------------------------------------------------------


def test_partners_join_and_leave_by_deeds():
    joining = later(1, SECOND, joined=(Joined(3, TRUST, "provider", False),))
    leaving = later(2, THIRD, left=(3,))
    facts = judged(SIGNED, joining, leaving)
    assert facts.partners == {
        PartnerFact("icb", "QXX", START),
        PartnerFact("county", "E10", START),
        PartnerFact("nhs_trust", "RXX", SECOND, THIRD - ONE, contributes=False),
    }


def test_a_partner_that_leaves_and_joins_anew_is_there_twice():
    away, back = later(1, SECOND, left=(2,)), later(2, THIRD, joined=(Joined(5, COUNTY, "commissioner", True),))
    assert partners(SIGNED, away, back) == [
        ("E10", START, SECOND - ONE), ("E10", THIRD, None), ("QXX", START, None),
    ]  # fmt: skip


def test_a_trust_has_the_consents_that_are_recorded_of_it():
    joined = (*deed().joined, Joined(3, TRUST, "provider", True))
    consents = (ConsentFact("RXX", "01A", SECOND), ConsentFact("RXX", "01B", None), ConsentFact("RYY", "01C", SECOND))
    facts = judged(deed(joined=joined), consents=consents)
    found = {each.key: each.consents for each in facts.partners}
    assert found == {
        "QXX": frozenset(), "E10": frozenset(),
        "RXX": {CommissionerConsent("01A", SECOND), CommissionerConsent("01B", None)},
    }  # fmt: skip


# --- what was recorded before entering -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [("improvement", "improvement"), ("joint_consultation", "consulted"), ("plan_fit", "plan_fit")],
)
@pytest.mark.parametrize("met", [True, False])
def test_each_condition_is_recorded_by_itself(kind: str, name: str, met: bool):
    facts = judged(SIGNED, preconditions=(PreconditionFact(kind, met, START),))
    recorded = {each: getattr(facts, each) for each in ("improvement", "consulted", "plan_fit")}
    assert recorded == {"improvement": None, "consulted": None, "plan_fit": None} | {name: met}
    assert facts.exemption is None


@pytest.mark.parametrize(
    ("recorded", "exemption"),
    [
        ({"care_trust": True}, "care_trust"),
        ({"better_care_fund": True}, "better_care_fund"),
        ({"better_care_fund": True, "care_trust": True}, "care_trust"),
        ({"better_care_fund": True, "care_trust": False}, "better_care_fund"),
        ({"better_care_fund": False}, None),
        ({}, None),
    ],
)
def test_an_exemption_counts_where_it_is_recorded_as_met(recorded: dict[str, bool], exemption: str | None):
    facts = judged(SIGNED, preconditions=tuple(PreconditionFact(kind, met, None) for kind, met in recorded.items()))
    assert facts.exemption == exemption


def test_one_voluntary_scheme_at_any_time_is_enough():
    voluntary = scheme(slug="extra", is_voluntary=True)
    assert judged(deed(schemes=(scheme(), voluntary))).has_voluntary_schemes is True
    first = deed(state="signed", signed_on=START, schemes=(scheme(), voluntary))
    assert judged(first, later(1, SECOND, ended_schemes=("extra",))).has_voluntary_schemes is True
    assert judged(SIGNED).has_voluntary_schemes is False


def test_flexibilities_of_every_scheme_at_any_time_count():
    lead = scheme(slug="lead", flexibilities=("council_exercises_nhs_functions",))
    both = {"pooled_fund", "council_exercises_nhs_functions"}
    assert judged(deed(schemes=(scheme(), lead))).flexibilities == both
    first = deed(state="signed", signed_on=START, schemes=(scheme(), lead))
    assert judged(first, later(1, SECOND, ended_schemes=("lead",))).flexibilities == both
    assert judged(SIGNED, later(1, SECOND, schemes=(lead,))).flexibilities == both


# --- terms -----------------------------------------------------------------------------------------------------------

ALL = frozenset(AgreementTerm.values)


def terms(of_deed: DeedRecord, **values: Any) -> frozenset[str]:
    one: AgreementRecord = record(of_deed, **values)
    content = content_as_at(one, START)
    assert content is not None
    return terms_written(one, content)


@pytest.mark.parametrize("kind", ClauseKind.values)
def test_a_clause_is_the_term_of_its_name(kind: str):
    without = tuple(pair for pair in deed().clauses if pair[0] != kind)
    assert terms(deed(clauses=without)) == ALL - {kind}
    assert terms(deed(clauses=(*without, (kind, " \n")))) == ALL - {kind}


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"schemes": ()}, {"functions"}),
        ({"schemes": (scheme(functions=()),)}, {"functions"}),
        ({"pools": ()}, {"host", "pool_manager"}),
        ({"pools": (replace(FUND, kind="aligned"),)}, {"host", "pool_manager"}),
        ({"pools": (replace(FUND, host=None),)}, {"host"}),
        ({"pools": (replace(FUND, manager=""),)}, {"pool_manager"}),
        ({"pools": (replace(FUND, manager=" "),)}, {"pool_manager"}),
        ({"pools": (FUND, replace(FUND, slug="b", host=None))}, {"host"}),
        ({"pools": (FUND, replace(FUND, slug="b", manager=""))}, {"pool_manager"}),
        ({"pools": (FUND, replace(FUND, slug="b", kind="aligned", host=None, manager=""))}, set()),
    ],
)
def test_functions_host_and_manager_are_terms_where_every_pooled_fund_has_them(
    change: dict[str, Any], lacking: set[str]
):
    assert terms(deed(**change)) == ALL - lacking


@pytest.mark.parametrize(
    ("state", "operating_since", "lacking"),
    [
        ("draft", None, set()),
        ("draft", START, {"in_writing"}),
        ("withdrawn", START, {"in_writing"}),
        ("signed", START, set()),
        ("signed", None, set()),
    ],
)
def test_an_agreement_that_operates_unsigned_is_not_in_writing(
    state: str, operating_since: dt.date | None, lacking: set[str]
):
    assert terms(deed(state=state, signed_on=START), operating_since=operating_since) == ALL - lacking


def test_the_terms_of_the_latest_text_are_asked_about():
    assert judged(SIGNED, later(1, SECOND, clauses=(("aims", ""),))).terms == ALL - {"aims"}
