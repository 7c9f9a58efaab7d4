"""Rules that change within the term: on which days they are announced, under which power, and how gravely."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.rules.law import AgreementFacts, Finding, LawRule, PartnerFact, ServiceFact
from partnerships.rules.law.changes import change_findings
from partnerships.terms import Confidence
from tests.partnerships.law_tables import AFTER, BEFORE, DAY, a_law, a_rule

ONE = dt.timedelta(days=1)
START, END = dt.date(2008, 4, 1), dt.date(2013, 3, 31)
LONG_AGO = dt.date(2001, 4, 1)
BOARD = a_rule("body", "icb", body_kinds={"icb"})
CARE = a_rule("function", "care", function="nhs-care")


def facts(**given: Any) -> AgreementFacts:
    values: dict[str, Any] = {
        "power": "s75", "start": START, "end": END, "partners": {PartnerFact("icb")},
        "services": {ServiceFact("nhs-care")}, "flexibilities": {"pooled_fund"},
    } | given  # fmt: skip
    return AgreementFacts(**{name: frozenset(v) if isinstance(v, set) else v for name, v in values.items()})


def announced(*rules: LawRule, **given: Any) -> list[Finding]:
    return list(change_findings(facts(**given), a_law(*rules)))


def days(*rules: LawRule, **given: Any) -> list[dt.date]:
    return sorted(one.on for one in announced(*rules, **given))


# --- bodies and functions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "about", "what"),
    [
        (BOARD, "change:body:icb", "An integrated care board as a partner"),
        (CARE, "change:function:nhs-care", "“NHS care”"),
    ],
)
def test_a_change_is_announced_with_its_day_and_what_is_so_from_then_on(rule: LawRule, about: str, what: str):
    (one,) = announced(rule)
    assert (one.on, one.about, one.rule, one.outcome, one.severity, one.sentence) == (
        DAY, about, rule.code, "lawful", "note",
        f"The rule changes on 1 April 2010, within the term: {what} is lawful from then on.",
    )  # fmt: skip


@pytest.mark.parametrize("rule", [BOARD, CARE])
def test_a_change_for_the_worse_warns_and_settles_nothing_as_it_bites_at_the_next_variation(rule: LawRule):
    kind = {"body_kinds": {"icb"}} if rule is BOARD else {"function": "nhs-care"}
    (one,) = announced(a_rule(rule.kind, "old", valid_from=LONG_AGO, valid_to=BEFORE, **kind))
    assert (one.on, one.rule, one.outcome, one.severity) == (DAY, "old", "not_settled", "warning")
    assert one.sentence.endswith(" is unlawful from then on.")
    assert one.provision == "reg old"


def test_a_change_to_what_is_not_settled_warns():
    old = a_rule("body", "old", body_kinds={"icb"}, valid_from=LONG_AGO, valid_to=BEFORE)
    unread = a_rule("body", "new", body_kinds={"icb"}, confidence=Confidence.DEFAULT)
    (one,) = announced(old, unread)
    assert (one.rule, one.outcome, one.severity) == ("new", "not_settled", "warning")
    assert one.sentence == (
        "The rule changes on 1 April 2010, within the term: An integrated care board as a partner is not settled from"
        " then on."
    )


@pytest.mark.parametrize("rule", [BOARD, CARE])
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ({"start": BEFORE}, [DAY]),
        ({"start": DAY}, []),
        ({"start": AFTER}, []),
        ({"end": BEFORE}, []),
        ({"end": DAY}, [DAY]),
        ({"end": AFTER}, [DAY]),
        ({"end": None}, [DAY]),
    ],
)
def test_a_change_is_announced_after_the_first_day_and_up_to_the_last(
    rule: LawRule, term: dict[str, Any], expected: list[dt.date]
):
    assert days(rule, **term) == expected


@pytest.mark.parametrize("rule", [BOARD, CARE])
@pytest.mark.parametrize(("varied", "expected"), [(BEFORE, [DAY]), (DAY, []), (AFTER, [DAY])])
def test_a_change_on_a_day_on_which_the_agreement_is_judged_anyway_is_not_announced(
    rule: LawRule, varied: dt.date, expected: list[dt.date]
):
    assert days(rule, variations={varied}) == expected
    assert days(rule, successions={varied}) == expected


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"end": BEFORE}, []),
        ({"end": DAY}, [DAY]),
        ({"end": AFTER}, [DAY]),
        ({"start": BEFORE}, [DAY]),
        ({"start": AFTER}, []),
    ],
)
def test_a_change_is_announced_while_the_body_or_the_function_is_there(there: dict[str, Any], expected: list[dt.date]):
    other, elsewhere = PartnerFact("county"), ServiceFact("home-care")
    assert days(BOARD, partners={PartnerFact("icb", **there), other}) == expected
    assert days(CARE, services={ServiceFact("nhs-care", **there), elsewhere}) == expected


def test_one_of_two_that_is_there_is_enough_and_is_told_once():
    boards = {PartnerFact("icb", "A", end=BEFORE), PartnerFact("icb", "B"), PartnerFact("icb", "C")}
    assert days(BOARD, partners=boards) == [DAY]
    services = {ServiceFact("nhs-care", end=BEFORE), ServiceFact("nhs-care", "icb"), ServiceFact("nhs-care", "ccg")}
    assert days(CARE, services=services) == [DAY]


def test_changes_of_other_bodies_functions_and_powers_are_not_announced():
    others = [
        a_rule("body", "a", body_kinds={"ccg"}), a_rule("function", "b", function="home-care"),
        a_rule("body", "c", body_kinds={"icb"}, powers={"s31"}), a_rule("function", "d", function="nhs-care",
                                                                       powers={"s31"}),
    ]  # fmt: skip
    assert announced(*others) == []
    assert announced() == []


def test_each_of_several_changes_is_announced():
    first = a_rule("body", "first", body_kinds={"icb"}, valid_from=BEFORE, valid_to=DAY)
    assert days(first) == [BEFORE, AFTER]


# --- duties ----------------------------------------------------------------------------------------------------------


def duty(kind: str, **values: Any) -> LawRule:
    return a_rule(kind, "duty", **{"subject": "aims", "flexibilities": {"pooled_fund", "lead"}} | values)


@pytest.mark.parametrize("kind", ["term", "report", "audit"])
def test_a_duty_that_begins_within_the_term_is_a_note(kind: str):
    (one,) = announced(duty(kind))
    assert (one.on, one.about, one.rule, one.outcome, one.severity, one.sentence) == (
        DAY, f"change:{kind}:aims", "duty", "lawful", "note",
        "A rule begins on 1 April 2010, within the term: The text of duty.",
    )  # fmt: skip


def test_a_duty_that_was_not_read_is_a_note_too():
    (one,) = announced(duty("report", confidence=Confidence.DEFAULT))
    assert (one.outcome, one.severity) == ("not_settled", "note")


@pytest.mark.parametrize("kind", ["condition", "consent", "exemption", "exclusion"])
def test_other_rules_that_begin_within_the_term_are_not_announced(kind: str):
    assert announced(duty(kind)) == []


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ({"start": BEFORE}, [DAY]),
        ({"start": DAY}, []),
        ({"start": AFTER}, []),
        ({"end": BEFORE}, []),
        ({"end": DAY}, [DAY]),
        ({"end": AFTER}, [DAY]),
        ({"end": None}, [DAY]),
        ({"flexibilities": {"lead"}}, [DAY]),
        ({"flexibilities": {"other"}}, []),
        ({"flexibilities": set()}, []),
        ({"power": "s31"}, []),
    ],
)
def test_a_duty_is_announced_within_the_term_for_the_flexibilities_in_use(
    term: dict[str, Any], expected: list[dt.date]
):
    assert days(duty("term"), **term) == expected


def test_a_duty_of_no_flexibility_is_announced_to_nobody():
    assert announced(duty("term", flexibilities=set())) == []


# --- under a later power ---------------------------------------------------------------------------------------------

POWER = a_rule("power", "p31", powers={"s31"}, valid_from=LONG_AGO)
CONTINUED = a_rule("continuation", "c31", powers={"s31"}, subject="s75")


def under(power: str, day: dt.date, kind: str) -> LawRule:
    if kind == "term":
        return a_rule("term", f"{power} {day}", powers={power}, subject="aims", flexibilities={"pooled_fund"},
                      valid_from=day)  # fmt: skip
    about = {"body_kinds": {"icb"}} if kind == "body" else {"function": "nhs-care"}
    return a_rule(kind, f"{power} {day}", powers={power}, valid_from=day, **about)


@pytest.mark.parametrize("kind", ["term", "body", "function"])
@pytest.mark.parametrize(
    ("power", "day", "told"),
    [
        ("s31", START, False),
        ("s31", START + ONE, True),
        ("s31", BEFORE, True),
        ("s31", DAY, False),
        ("s31", AFTER, False),
        ("s75", START + ONE, False),
        ("s75", BEFORE, False),
        ("s75", DAY, True),
        ("s75", AFTER, True),
        ("s75", END, True),
        ("s75", END + ONE, False),
    ],
)
def test_changes_count_under_the_first_power_until_the_later_takes_its_place(
    kind: str, power: str, day: dt.date, told: bool
):
    found = days(POWER, CONTINUED, under(power, day, kind), power="s31")
    assert found == ([day] if told else [])


@pytest.mark.parametrize(
    ("start", "end", "power"),
    [
        (BEFORE, None, "s75"),
        (BEFORE, DAY, "s75"),
        (BEFORE, BEFORE, "s31"),
        (DAY, None, "s31"),
        (AFTER, None, "s31"),
    ],
)
def test_the_later_power_takes_its_place_only_within_the_term(start: dt.date, end: dt.date | None, power: str):
    """Told by the rules of two powers that begin on one late day, or on the first on which the later power counts."""
    day = end or END
    rules = [POWER, CONTINUED, under("s31", day, "term"), under("s75", day, "term")]
    expected = [f"{power} {day}"] if day > start else []
    assert [one.rule for one in announced(*rules, power="s31", start=start, end=end)] == expected


def test_an_agreement_that_was_not_lawfully_made_does_not_run_on_under_the_later_power():
    ended = a_rule("power", "p31", powers={"s31"}, valid_from=LONG_AGO, valid_to=START - ONE)
    late = [under("s31", AFTER, "term"), under("s75", AFTER, "term")]
    assert [one.rule for one in announced(ended, CONTINUED, *late, power="s31")] == [f"s31 {AFTER}"]


def test_the_first_later_power_that_the_agreement_is_under_counts():
    second = a_rule("continuation", "d31", powers={"s31"}, subject="s76", valid_from=AFTER)
    late = [under(power, END, "term") for power in ("s31", "s75", "s76")]
    assert [one.rule for one in announced(POWER, second, CONTINUED, *late, power="s31")] == [f"s75 {END}"]
