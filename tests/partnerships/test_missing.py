"""The task list: what an agreement still lacks, each with the regulation that asks for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.queries.agreements.records import record_of
from partnerships.queries.law import law_in_force
from partnerships.reference.law_loading import load_law
from partnerships.rules.agreements import (
    AgreementRecord,
    ConsentFact,
    DeedRecord,
    FunctionContent,
    Joined,
    PoolContent,
    PreconditionFact,
    findings_of,
)
from partnerships.rules.agreements.missing import GOOD_PRACTICE, MissingItem, missing_items
from partnerships.rules.law import RuleSet, verdict
from partnerships.terms import AgreementTerm, ClauseKind
from tests import factories
from tests.partnerships.draft_values import (
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


def lacking(of: AgreementRecord, decisions: set[str] | None = None) -> list[MissingItem]:
    return missing_items(of, TODAY, law(), decisions=DECIDED if decisions is None else decisions)


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
    label = ClauseKind(kind).label if provision == GOOD_PRACTICE else AgreementTerm(kind).label
    sentence = f"There is no clause on this: {label.lower().split(':')[0]}."
    assert lacking(without(kind)) == [MissingItem(sentence, provision, f"clauses/{kind}")]


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
    ("pools", "sentence", "place"),
    [
        ((), "The agreement has no pooled fund.", "pools"),
        ((replace(FUND, kind="aligned", host=None, manager=""),), "The agreement has no pooled fund.", "pools"),
        ((replace(FUND, host=None),), "The fund “Care fund” has no host.", "pools/fund"),
        ((replace(FUND, manager=""),), "The fund “Care fund” has no pool manager.", "pools/fund"),
        ((FUND, replace(FUND, slug="b", name="Second", host=None)), "The fund “Second” has no host.", "pools/b"),
    ],
)
def test_a_pooled_fund_needs_a_host_and_a_manager(pools: tuple[PoolContent, ...], sentence: str, place: str):
    assert lacking(record(deed(pools=pools))) == [MissingItem(sentence, "SI 2000/617 reg 7(4)", place)]


def test_an_aligned_fund_and_a_fund_of_no_scheme_need_neither():
    aligned = replace(FUND, slug="b", kind="aligned", host=None, manager="")
    assert lacking(record(deed(pools=(FUND, aligned)))) == []
    lead = scheme(flexibilities=("nhs_exercises_council_functions",), pool="")
    assert lacking(record(deed(pools=(replace(FUND, host=None, manager=""),), schemes=(lead,)))) == []


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
    assert lack == MissingItem(sentence, "SI 2000/617 reg 2(1)", "partners")


@pytest.mark.parametrize(
    ("kinds", "lacking_there"),
    [
        (("icb", "county"), []),
        (("foundation_trust", "combined_authority"), []),
        (("icb", "provider"), ["a council"]),
        (("provider", "county"), ["an NHS body"]),
        (("ccg", "combined_authority"), ["an NHS body"]),
        (("icb", "fire_authority"), ["a council"]),
        (("pct", "fire_authority"), ["an NHS body", "a council"]),
    ],
)
def test_a_body_that_may_or_might_be_a_partner_stands_for_its_side(kinds: tuple[str, ...], lacking_there: list[str]):
    joined = tuple(Joined(n, replace(ICB, pk=n, code=kind, kind=kind), "commissioner", True)
                   for n, kind in enumerate(kinds))  # fmt: skip
    assert [each.sentence for each in lacking(record(deed(joined=joined))) if each.where == "partners"] == [
        f"The agreement needs {who} that may be a partner on 1 April 2026." for who in lacking_there
    ]


@pytest.mark.parametrize(
    ("functions", "missing"),
    [((NHS,), "a health-related function of a council"), ((CARE,), "an NHS function"),
     ((NHS, replace(CARE, code="unknown")), "a health-related function of a council")],
)  # fmt: skip
def test_a_pooled_fund_needs_functions_on_both_sides(functions: tuple[FunctionContent, ...], missing: str):
    assert lacking(record(deed(schemes=(scheme(functions=functions),)))) == [
        MissingItem(f"A pooled fund needs {missing} among its functions too.", "SI 2000/617 reg 7(3)(c)", "schemes")
    ]


def test_functions_on_both_sides_are_asked_for_only_of_a_pooled_fund_whose_functions_are_known():
    lead = scheme(functions=(NHS,), flexibilities=("nhs_exercises_council_functions",))
    assert lacking(record(deed(schemes=(lead,)))) == []
    assert lacking(record(deed(schemes=(scheme(functions=(replace(NHS, code="unknown"),)),)))) == []


@pytest.mark.parametrize(
    ("values", "sentence", "provision"),
    [
        ({"functions": ()}, "The scheme “Home first” names no function.", "SI 2000/617 reg 7(3)(c)"),
        (
            {"functions": (NHS, replace(CARE, holder=None))},
            "The scheme “Home first” does not say whose each of its functions is.",
            GOOD_PRACTICE,
        ),
        ({"pool": ""}, "The scheme “Home first” does not say which fund it is paid from.", GOOD_PRACTICE),
        (
            {"flexibilities": ()},
            "The scheme “Home first” does not say which flexibility it uses. What the agreement must specify depends"
            " on that.",
            "SI 2000/617 regs 7, 8 and 9",
        ),
    ],
)
def test_a_scheme_says_its_functions_its_fund_and_its_flexibility(
    values: dict[str, object], sentence: str, provision: str
):
    assert lacking(record(deed(schemes=(scheme(**values),)))) == [MissingItem(sentence, provision, "schemes/home")]


def test_a_scheme_that_is_no_pooled_fund_is_paid_from_none():
    assert lacking(record(deed(schemes=(scheme(flexibilities=("nhs_exercises_council_functions",), pool=""),)))) == []


def test_each_scheme_is_asked_by_itself():
    second = scheme(slug="meals", name="Meals", functions=(), flexibilities=(), pool="")
    assert [(each.where, each.sentence[:19]) for each in lacking(record(deed(schemes=(scheme(), second))))] == [
        ("schemes/meals", "The scheme “Meals” "), ("schemes/meals", "The scheme “Meals” "),
    ]  # fmt: skip


def test_a_draft_that_has_just_begun_is_told_everything_in_the_order_of_a_written_agreement():
    bare = deed(
        title="", effective_on=None, sets_end=False, end_on=None, notice_months=None, review_on=None, clauses=(),
        joined=(Joined(1, ICB, "commissioner", True),), pools=(), schemes=(),
    )  # fmt: skip
    assert lacking(record(bare, places=(), preconditions=()), decisions=set()) == [
        MissingItem("The agreement has no title.", GOOD_PRACTICE, "main-terms/title"),
        MissingItem("The agreement has no first day.", GOOD_PRACTICE, "main-terms/effective_on"),
        MissingItem(
            "The agreement does not say whether it ends, and on which day.", GOOD_PRACTICE, "main-terms/end_on"
        ),
        MissingItem("No period of notice is set.", GOOD_PRACTICE, "main-terms/notice_months"),
        MissingItem("No day of review is set.", GOOD_PRACTICE, "main-terms/review_on"),
        MissingItem("No place is named.", GOOD_PRACTICE, "main-terms/places"),
        MissingItem(
            "The agreement needs a council that may be a partner on 5 January 2026.", "SI 2000/617 reg 2(1)", "partners"
        ),
        MissingItem("The agreement has no scheme, and so names no function.", GOOD_PRACTICE, "schemes"),
        MissingItem(
            "There is no clause on this: why the arrangements are likely to be an improvement.",
            GOOD_PRACTICE,
            "clauses/improvement",
        ),
        MissingItem("There is no clause on this: disputes.", GOOD_PRACTICE, "clauses/disputes"),
        MissingItem("There is no clause on this: exit.", GOOD_PRACTICE, "clauses/exit"),
        MissingItem(
            "Nothing is recorded on the condition “improvement”.", "SI 2000/617 reg 4(1)", "conditions/improvement"
        ),
        MissingItem(
            "Nothing is recorded on the condition “joint consultation”.",
            "SI 2000/617 reg 4(2)",
            "conditions/joint_consultation",
        ),
        MissingItem("No decision of an NHS body to enter the agreement is recorded.", GOOD_PRACTICE, "decisions"),
        MissingItem("No decision of a council to enter the agreement is recorded.", GOOD_PRACTICE, "decisions"),
    ]


def test_an_agreement_whose_flexibility_is_said_is_told_everything_that_its_regulation_asks_for():
    bare = deed(
        title="", sets_end=False, end_on=None, notice_months=None, review_on=None, pools=(),
        clauses=tuple((kind.value, "Agreed.") for kind in ClauseKind if kind != ClauseKind.AIMS),
        joined=(*deed().joined, Joined(3, TRUST, "provider", True)),
        schemes=(scheme(functions=(NHS,), pool=""),),
    )  # fmt: skip
    found = lacking(record(bare, places=(), preconditions=(MET[0],)), decisions={"cabinet"})
    duration, functions = "SI 2000/617 reg 7(3)(f)", "SI 2000/617 reg 7(3)(c)"
    assert [(each.where, each.provision) for each in found] == [
        ("main-terms/title", GOOD_PRACTICE),
        ("main-terms/end_on", duration),
        ("main-terms/notice_months", duration),
        ("main-terms/review_on", duration),
        ("main-terms/places", GOOD_PRACTICE),
        ("pools", "SI 2000/617 reg 7(4)"),
        ("schemes/home", GOOD_PRACTICE),
        ("schemes", functions),
        ("clauses/aims", "SI 2000/617 reg 7(3)(a)"),
        ("conditions/joint_consultation", "SI 2000/617 reg 4(2)"),
        ("consents/RXX", "SI 2000/617 reg 7(2) and 9(2)"),
        ("decisions", GOOD_PRACTICE),
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": ""}, "main-terms/title"),
        ({"effective_on": None}, "main-terms/effective_on"),
        ({"sets_end": False}, "main-terms/end_on"),
        ({"notice_months": None}, "main-terms/notice_months"),
        ({"review_on": None}, "main-terms/review_on"),
        ({"review_on": ()}, "main-terms/review_on"),
    ],
)
def test_each_of_the_heads_is_asked_for_by_itself(change: dict[str, object], place: str):
    assert where(record(deed(**change))) == [place]
    assert where(record(places=())) == ["main-terms/places"]


def test_what_is_said_is_not_lacking_however_little_it_is():
    assert lacking(record(deed(notice_months=0))) == []
    assert lacking(record(deed(end_on=None))) == []


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


def test_a_condition_that_is_not_met_is_said_to_be_so():
    not_met = (PreconditionFact("improvement", False, START), MET[1])
    text = "The condition “improvement” is recorded as not met."
    assert lacking(record(preconditions=not_met)) == [
        MissingItem(text, "SI 2000/617 reg 4(1)", "conditions/improvement")
    ]


def joined_by(kind: str) -> tuple[Joined, ...]:
    return (Joined(1, replace(ICB, kind=kind), "commissioner", True), Joined(2, COUNTY, "commissioner", True))


@pytest.mark.parametrize(("day", "counts"), [("2016-03-31", False), ("2016-04-01", True), ("2016-04-02", True)])
def test_an_exemption_counts_only_on_the_days_on_which_it_is_one(day: str, counts: bool):
    one = deed(effective_on=dt.date.fromisoformat(day), joined=joined_by("ccg"))
    found = where(record(one, preconditions=(MET[0], PreconditionFact("better_care_fund", True, None))))
    assert found == ([] if counts else ["conditions/joint_consultation"])


@pytest.mark.parametrize(("day", "asked"), [("2013-03-30", True), ("2013-03-31", True), ("2013-04-01", False)])
def test_the_plan_was_a_condition_until_2013(day: str, asked: bool):
    one = deed(effective_on=dt.date.fromisoformat(day), joined=joined_by("pct"))
    assert ("conditions/plan_fit" in where(record(one))) is asked
    met = (*MET, PreconditionFact("plan_fit", True, None))
    assert "conditions/plan_fit" not in where(record(one, preconditions=met))


WITH_TRUST = (*deed().joined, Joined(3, TRUST, "provider", True))
AWAITED = ConsentFact("RXX", ICB.name, None)
NOT_YET = MissingItem(
    f"{ICB.name} has not consented to what {TRUST.name} contributes.", "SI 2000/617 reg 7(2) and 9(2)", "consents/RXX"
)
NONE_RECORDED = MissingItem(
    f"No commissioner’s consent to what {TRUST.name} contributes is recorded.",
    "SI 2000/617 reg 7(2) and 9(2)",
    "consents/RXX",
)


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ((), [NONE_RECORDED]),
        ((AWAITED,), [NOT_YET]),
        ((replace(AWAITED, consented_on=START),), []),
        ((AWAITED, ConsentFact("RXX", "NHS Elsewhere", START)), [NOT_YET]),
        ((AWAITED, AWAITED), [NOT_YET]),
        ((replace(AWAITED, trust="RYY"),), [NONE_RECORDED]),
        ((replace(AWAITED, consented_on=START), replace(AWAITED, trust="RYY")), []),
    ],
)
def test_a_trust_that_contributes_needs_each_of_its_commissioners(
    consents: tuple[ConsentFact, ...], expected: list[MissingItem]
):
    assert lacking(record(deed(joined=WITH_TRUST), consents=consents)) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"joined": (*deed().joined, Joined(3, TRUST, "provider", False))},
        {"joined": (*deed().joined, Joined(3, replace(TRUST, kind="foundation_trust"), "provider", True))},
        {"joined": WITH_TRUST, "schemes": (scheme(flexibilities=("nhs_exercises_council_functions",), pool=""),)},
    ],
)
def test_no_consent_is_asked_for_otherwise(change: dict[str, object]):
    assert lacking(record(deed(**change))) == []


def test_no_consent_is_asked_for_under_a_power_without_the_rule():
    found = lacking(record(deed(joined=WITH_TRUST), power="s65Z5_65Z6"))
    assert [each for each in found if each.where.startswith("consents")] == []


@pytest.mark.parametrize(
    ("decisions", "lacking_there"),
    [
        ({"cabinet", "nhs_board"}, []),
        ({"council_committee", "nhs_board"}, []),
        ({"officer"}, []),
        ({"cabinet"}, ["an NHS body"]),
        ({"council_committee"}, ["an NHS body"]),
        ({"nhs_board"}, ["a council"]),
        ({"health_and_wellbeing_board"}, ["an NHS body", "a council"]),
        (set(), ["an NHS body", "a council"]),
    ],
)
def test_decisions_of_both_sides_are_good_practice(decisions: set[str], lacking_there: list[str]):
    assert lacking(record(), decisions=decisions) == [
        MissingItem(f"No decision of {who} to enter the agreement is recorded.", GOOD_PRACTICE, "decisions")
        for who in lacking_there
    ]


def test_of_decisions_that_are_not_known_nothing_is_said():
    assert missing_items(record(), TODAY, law()) == []


def test_an_agreement_that_runs_unsigned_is_not_in_writing():
    text = "The arrangements are in operation, but the agreement is not signed."
    assert lacking(record(operating_since=START)) == [MissingItem(text, "SI 2000/617 reg 7(3)", "signing")]


def a_later_deed(**values) -> DeedRecord:
    """A variation that says nothing but what is given."""
    given = {
        "pk": 2, "number": 1, "kind": "variation", "effective_on": None, "title": "", "sets_end": False, "end_on": None,
        "notice_months": None, "review_on": None, "clauses": (), "joined": (), "pools": (), "schemes": (),
    }  # fmt: skip
    return deed(**given | values)


def signed(**values) -> DeedRecord:
    return deed(**{"state": "signed", "signed_on": TODAY} | values)


def test_a_later_deed_lacks_what_the_agreement_would_lack_by_it():
    found = lacking(record(deeds=(signed(), a_later_deed(clauses=(("aims", ""),)))))
    assert [each.where for each in found] == ["main-terms/effective_on", "clauses/aims"]
    assert found[0] == MissingItem("The deed has no first day.", "SI 2000/617 reg 7(3)(f)", "main-terms/effective_on")


def test_what_a_later_deed_brings_is_asked_about():
    lead = scheme(slug="lead", flexibilities=("nhs_exercises_council_functions",), pool="")
    unpaid = tuple(pair for pair in deed().clauses if pair[0] != "payments")
    both = (signed(clauses=unpaid), a_later_deed(effective_on=START, schemes=(lead,)))
    assert where(record(deeds=both)) == ["clauses/payments"]
    assert where(record(deeds=(both[0], replace(both[1], state="withdrawn")))) == []


def test_a_later_deed_may_set_the_end_that_the_agreement_left_open():
    first = signed(sets_end=False)
    assert where(record(deeds=(first, a_later_deed(effective_on=START)))) == ["main-terms/end_on"]
    assert where(record(deeds=(first, a_later_deed(effective_on=START, sets_end=True)))) == []


def test_a_later_deed_that_was_withdrawn_lacks_nothing_and_brings_nothing():
    """Neither is its first day asked for, nor does it say when an agreement ends that does not say so itself."""
    gone = a_later_deed(state="withdrawn")
    assert lacking(record(deeds=(signed(), gone))) == []
    assert where(record(deeds=(signed(sets_end=False), replace(gone, sets_end=True)))) == ["main-terms/end_on"]
    kept = a_later_deed(state="signed", signed_on=START, effective_on=START, sets_end=True)
    assert lacking(record(deeds=(signed(sets_end=False), kept, replace(gone, number=2)))) == []


GROUP = signed(effective_on=dt.date(2016, 4, 1), signed_on=dt.date(2016, 3, 1), joined=joined_by("ccg"))


@pytest.mark.parametrize("today", ["2016-01-01", "2022-06-30", "2022-07-01", "2022-07-02"])
def test_a_deed_without_a_day_is_asked_about_today_or_the_first_day_of_the_agreement(today: str):
    found = missing_items(record(deeds=(GROUP, a_later_deed())), dt.date.fromisoformat(today), law())
    sides = [each.sentence for each in found if each.where == "partners"]
    said = {"2022-07-01": "1 July 2022", "2022-07-02": "2 July 2022"}.get(today)
    assert sides == ([f"The agreement needs an NHS body that may be a partner on {said}."] if said else [])


@pytest.mark.parametrize(("day", "lacks_it"), [("2022-06-30", False), ("2022-07-01", True)])
def test_a_deed_with_a_day_is_asked_about_that_day_whatever_the_day_is_today(day: str, lacks_it: bool):
    both = (GROUP, a_later_deed(effective_on=dt.date.fromisoformat(day)))
    for today in (dt.date(2016, 1, 1), TODAY):
        found = missing_items(record(deeds=both), today, law())
        assert [each.where for each in found] == (["partners"] if lacks_it else [])


@pytest.mark.parametrize(("today", "lacks_it"), [("2022-06-30", False), ("2022-07-01", True)])
def test_an_agreement_without_an_open_deed_is_asked_about_today_within_its_term(today: str, lacks_it: bool):
    found = missing_items(record(GROUP), dt.date.fromisoformat(today), law())
    assert [each.where for each in found] == (["partners"] if lacks_it else [])
    assert missing_items(record(GROUP, ended_on=dt.date(2022, 6, 30)), dt.date.fromisoformat(today), law()) == []


@pytest.mark.parametrize(("today", "asked"), [("2013-03-30", True), ("2013-03-31", True), ("2013-04-01", False)])
def test_a_draft_without_a_day_is_asked_about_today(today: str, asked: bool):
    one = deed(effective_on=None, joined=joined_by("pct"))
    found = [each.where for each in missing_items(record(one), dt.date.fromisoformat(today), law())]
    assert ("conditions/plan_fit" in found) is asked
    assert ("partners" in found) is not asked
    assert "main-terms/effective_on" in found


@pytest.mark.parametrize(("day", "lacks_it"), [("2007-02-28", False), ("2007-03-01", True), ("2007-03-02", True)])
def test_an_agreement_is_asked_under_the_power_of_the_day(day: str, lacks_it: bool):
    """With rules that know no partner under section 75, partners are missing from the day on which it counts."""
    rules = RuleSet.of(
        (replace(rule, powers=rule.powers - {"s75"}) if rule.kind == "body" else rule for rule in law().rules),
        law().functions,
    )
    old = signed(effective_on=dt.date(2005, 4, 1), signed_on=dt.date(2005, 3, 1), joined=joined_by("pct"))
    one = record(deeds=(old, a_later_deed(effective_on=dt.date.fromisoformat(day))), power="s31")
    assert ("partners" in [each.where for each in missing_items(one, TODAY, rules)]) is lacks_it


@pytest.mark.parametrize("state", ["signed", "withdrawn"])
def test_an_agreement_that_is_no_draft_is_asked_as_it_reads(state: str):
    one = deed(state=state, signed_on=TODAY if state == "signed" else None, title="")
    assert where(record(one, state=state)) == ["main-terms/title"]


def test_a_draft_that_was_withdrawn_without_a_first_day_lacks_nothing():
    assert lacking(record(deed(state="withdrawn", effective_on=None, title=""), state="withdrawn")) == []


def test_a_power_without_these_regulations_asks_for_none_of_their_terms():
    found = lacking(record(deed(clauses=()), power="s65Z5_65Z6", preconditions=()))
    assert [each.where for each in found] == ["clauses/improvement", "clauses/disputes", "clauses/exit"]


@pytest.mark.django_db
def test_a_whole_agreement_is_lawful_and_lacks_only_its_days_of_review_and_its_places():
    load_law()
    found = record_of(factories.whole_agreement())
    assert [each.where for each in missing_items(found, TODAY, law_in_force())] == [
        "main-terms/review_on",
        "main-terms/places",
    ]
    assert verdict(findings_of(found, law_in_force())) == "lawful"
