"""The law as it is read from the database: rule sets, lists and their order, the timeline, what instruments did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.models import Function, Instrument, Rule
from partnerships.queries import law as queries
from partnerships.queries.law import RuleFilters, law_in_force, law_with, rules_found
from partnerships.queries.law_listings import RULES, rules, unknown_proposals
from partnerships.rules.law import LawFunction, LawRule
from partnerships.terms import Confidence, RuleKind
from tests.partnerships import law_rows as make

pytestmark = pytest.mark.django_db

ONE = dt.timedelta(days=1)
DAY = make.DAY
BEFORE, AFTER = DAY - ONE, DAY + ONE
LONG_AGO = dt.date(2001, 4, 1)


def codes(found: Iterable[Any]) -> list[str]:
    return [each.code for each in found]


# --- sets of rules ---------------------------------------------------------------------------------------------------


def test_every_column_of_a_rule_is_read():
    needed = make.function(code="needed", name="Needed", side="local_authority", carries_exclusions=True)
    function = make.function(code="care", name="Care")
    make.rule(
        code="whole", kind="companion", powers=["s75", "s31"], side="nhs", function=function, needs=needed,
        body_kinds=["icb", "ccg"], subject="aims", flexibilities=["pooled_fund"], allowed=False, valid_from=BEFORE,
        valid_to=DAY, instrument=make.instrument(citation="SI 1/1"), ended_by=make.instrument(citation="SI 2/2"),
        provision="reg 1", confidence="inference", text="The text.",
    )  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        found = law_in_force()
    assert len(captured) == 2
    assert found.functions == {
        LawFunction("care", "Care", "nhs", False), LawFunction("needed", "Needed", "local_authority", True),
    }  # fmt: skip
    assert found.rules == {
        LawRule(
            code="whole",
            kind=RuleKind.COMPANION,
            powers=frozenset({"s75", "s31"}),
            valid_from=BEFORE,
            valid_to=DAY,
            allowed=False,
            confidence=Confidence.INFERENCE,
            provision="reg 1",
            instrument="SI 1/1",
            text="The text.",
            side="nhs",
            function="care",
            needs="needed",
            subject="aims",
            body_kinds=frozenset({"icb", "ccg"}),
            flexibilities=frozenset({"pooled_fund"}),
            ended_by="SI 2/2",
            proposed=False,
        )
    }
    (rule,) = found.rules
    assert (type(rule.kind), type(rule.confidence)) == (RuleKind, Confidence)


def test_what_a_rule_does_not_name_is_empty():
    make.rule(kind="power")
    (rule,) = law_in_force().rules
    assert (rule.side, rule.function, rule.needs, rule.subject, rule.ended_by) == ("",) * 5
    assert (rule.valid_to, rule.body_kinds, rule.flexibilities) == (None, frozenset(), frozenset())


@pytest.fixture
def three() -> None:
    """A rule of the law, one of a revoked instrument, which is law on its days too, and one each of two proposals."""
    make.rule(code="law", instrument=make.instrument(slug="law"))
    make.rule(code="revoked", instrument=make.instrument(slug="revoked", status="revoked", revoked=AFTER))
    make.rule(code="first", instrument=make.proposal(slug="first"))
    make.rule(code="second", instrument=make.proposal(slug="second"))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("proposals", "expected"),
    [
        ((), ["law", "revoked"]),
        (("first",), ["first", "law", "revoked"]),
        (("second", "first"), ["first", "law", "revoked", "second"]),
        (("law",), ["law", "revoked"]),
        (("nothing",), ["law", "revoked"]),
    ],
)
def test_proposed_rules_are_read_only_by_the_name_of_their_proposal(proposals: tuple[str, ...], expected: list[str]):
    found = law_with(proposals)
    assert sorted(codes(found.rules)) == expected
    assert sorted(codes(each for each in found.rules if each.proposed)) == sorted({"first", "second"} & set(proposals))
    assert sorted(codes(law_in_force().rules)) == ["law", "revoked"]
    assert sorted(codes(Rule.objects.in_force())) == ["law", "revoked"]
    assert sorted(codes(rules_found(RuleFilters(proposals=proposals)))) == expected
    listed = rules({"proposed": proposals}).page(10).rows
    assert [row[0] for row in listed] == expected


# --- lists of rules --------------------------------------------------------------------------------------------------

CASES: dict[str, dict[str, list[str]]] = {
    "power": {"s75": ["one", "two"], "s31": ["two"], "s76": []},
    "kind": {"companion": ["one"], "body": ["two"], "term": []},
    "body": {"icb": ["two"], "ccg": ["two"], "county": []},
    "function": {"charges": ["one"], "home": ["one"], "nothing": []},
    "confidence": {"instrument": ["one"], "default": ["two"], "inference": []},
}


@pytest.fixture
def two() -> None:
    charges, home = make.function(code="charges"), make.function(code="home")
    make.rule(code="one", kind="companion", function=charges, needs=home)
    make.rule(code="two", kind="body", powers=["s31", "s75"], body_kinds=["icb", "ccg"], confidence="default")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [(name, value, expected) for name, values in CASES.items() for value, expected in values.items()],
)
def test_rules_are_narrowed_by_each_filter(name: str, value: str, expected: list[str]):
    assert sorted(codes(rules_found(RuleFilters(**{name: value})))) == expected
    assert [row[0] for row in rules({name: value}).page(10).rows] == expected


@pytest.mark.usefixtures("two")
def test_filters_narrow_together():
    assert codes(rules_found(RuleFilters(power="s31", kind="companion"))) == []
    assert rules({"power": "s31", "kind": "companion"}).page(10).rows == []
    assert [row[0] for row in rules({"power": "s75", "as_at": DAY, "kind": "body"}).page(10).rows] == ["two"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (BEFORE, ["ends"]),
        (DAY, ["begins", "ends", "one-day"]),
        (AFTER, ["begins"]),
    ],
)
def test_rules_stand_from_their_first_to_their_last_day(day: dt.date, expected: list[str]):
    make.rule(code="ends", valid_from=LONG_AGO, valid_to=DAY)
    make.rule(code="begins")
    make.rule(code="one-day", valid_to=DAY)
    assert sorted(codes(Rule.objects.on(day))) == expected
    assert sorted(codes(rules_found(RuleFilters(on=day)))) == expected
    assert [row[0] for row in rules({"as_at": day}).page(10).rows] == expected


def test_without_a_day_rules_of_every_day_are_listed():
    make.rule(code="past", valid_from=LONG_AGO, valid_to=BEFORE)
    make.rule(code="coming", valid_from=dt.date(2099, 4, 1))
    assert sorted(codes(rules_found(RuleFilters()))) == ["coming", "past"]
    assert [row[0] for row in rules({}).page(10).rows] == ["coming", "past"]


def in_every_order(instrument: Instrument | None = None, **fields: Any) -> list[str]:
    """Rules that differ in kind, position, day and code, and the order in which a list has them."""
    late, early = make.function(position=2), make.function(position=1)
    given = fields | ({"instrument": instrument} if instrument else {})
    make.rule(code="z-term", kind="term", subject="aims", **given)
    make.rule(code="b-late", function=late, **given)
    make.rule(code="a-late", function=late, **given)
    make.rule(code="c-late-first", function=late, valid_from=LONG_AGO, **given)
    make.rule(code="z-early", function=early, **given)
    make.rule(code="a-body", kind="body", body_kinds=["icb"], **given)
    return ["a-body", "z-early", "c-late-first", "a-late", "b-late", "z-term"]


def test_rules_are_listed_by_kind_position_day_and_code_in_one_query():
    expected = in_every_order(ended_by=make.instrument(), valid_to=AFTER)
    with CaptureQueriesContext(connection) as captured:
        found = list(rules_found(RuleFilters()))
        for rule in found:
            assert rule.instrument.citation
            assert rule.ended_by is not None
            assert (rule.function is None) is (rule.kind != "function")
            assert rule.needs is None
    assert codes(found) == expected
    assert len(captured) == 1


def test_a_rule_is_listed_for_systems_with_every_column():
    function, needed = make.function(code="care"), make.function(code="needed")
    make.rule(
        code="whole", kind="companion", powers=["s75", "s31"], side="nhs", function=function, needs=needed,
        body_kinds=["icb", "ccg"], subject="aims", flexibilities=["a", "b"], allowed=False, valid_from=BEFORE,
        valid_to=DAY, instrument=make.instrument(slug="si-1", citation="=SI 1/1"),
        ended_by=make.instrument(citation="=SI 2/2"), provision="=reg 1", confidence="inference", text="=Text.",
    )  # fmt: skip
    (row,) = rules({}).page(10).rows
    names = [column.name for column in RULES.columns]
    whole = {
        "code": "whole", "kind": "companion", "powers": ["s75", "s31"], "side": "nhs", "function": "care",
        "needs": "needed", "body_kinds": ["icb", "ccg"], "subject": "aims", "flexibilities": ["a", "b"],
        "allowed": False, "valid_from": BEFORE, "valid_to": DAY, "status": "in_force", "instrument": "=SI 1/1",
        "instrument_slug": "si-1", "ended_by": "=SI 2/2", "provision": "=reg 1", "confidence": "inference",
        "text": "=Text.",
    }  # fmt: skip
    assert list(zip(names, row, strict=True)) == list(whole.items())
    statement, values = rules({}).export()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        in_file = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    free = {"instrument": "'=SI 1/1", "ended_by": "'=SI 2/2", "provision": "'=reg 1", "text": "'=Text."}
    nested = {"powers": "s75 s31", "body_kinds": "icb ccg", "flexibilities": "a b", "allowed": "false"}
    assert in_file == whole | free | nested


def test_rules_are_listed_for_systems_by_code_and_without_what_they_do_not_name():
    for code in ("b", "c", "a"):
        make.rule(code=code, kind="power")
    rows = rules({}).page(10).rows
    assert [row[0] for row in rows] == ["a", "b", "c"]
    named = dict(zip((column.name for column in RULES.columns), rows[0], strict=True))
    assert [named[name] for name in ("function", "needs", "valid_to", "ended_by")] == [None] * 4


@pytest.mark.usefixtures("three")
def test_names_that_are_no_proposal_are_told_in_order_and_once():
    assert unknown_proposals(("z", "first", "law", "a", "z", "second", "revoked")) == ["a", "law", "revoked", "z"]
    assert unknown_proposals(("first",)) == unknown_proposals(()) == []


# --- functions and instruments ---------------------------------------------------------------------------------------


def test_functions_are_listed_by_position_and_then_by_code():
    make.function(code="b", position=2)
    make.function(code="c", position=1)
    make.function(code="a", position=2)
    assert codes(queries.functions_listed()) == ["c", "a", "b"]
    assert codes(Function.objects.all()) == ["c", "a", "b"]
    assert str(Function.objects.get(code="a")) == Function.objects.get(code="a").name


def test_parents_are_the_functions_that_some_charging_function_needs_each_once():
    first, second, third = (make.function(code=code, position=1) for code in ("b", "a", "c"))
    early, other = make.function(code="z", position=0), make.function(code="other")
    for parent in (first, second, early, first):
        make.rule(kind="companion", function=other, needs=parent)
    make.rule(kind="function", function=third, needs=third)
    assert codes(queries.parents_listed()) == ["z", "a", "b"]


def test_proposals_are_listed_by_title_with_the_number_of_their_rules():
    for slug, title in (("c", "Beta"), ("b", "Alpha"), ("a", "Alpha")):
        made = make.proposal(slug=slug, title=title)
        for _ in range({"a": 0, "b": 2, "c": 1}[slug]):
            make.rule(instrument=made)
    make.rule()
    make.instrument(status="revoked", revoked=AFTER)
    assert [(each.slug, each.rule_count) for each in queries.proposals_listed()] == [("a", 0), ("b", 2), ("c", 1)]


def test_instruments_are_listed_by_day_those_without_one_last_with_what_they_brought_and_ended():
    undated = make.proposal(citation="A")
    second = make.instrument(citation="C")
    first = make.instrument(citation="B")
    make.instrument(citation="D", in_force=BEFORE)
    for _ in range(3):
        make.rule(instrument=first, ended_by=second, valid_to=AFTER)
    for _ in range(2):
        make.rule(instrument=second, ended_by=first, valid_to=AFTER)
    make.rule(instrument=undated)
    found = [(each.citation, each.rule_count, each.ended_count) for each in queries.instruments_listed()]
    assert found == [("D", 0, 0), ("B", 3, 2), ("C", 2, 3), ("A", 1, 0)]


def test_an_instrument_is_found_by_its_slug_with_what_it_amends_in_one_query():
    amended = make.instrument(slug="amended")
    make.instrument(slug="amending", amends=amended)
    with CaptureQueriesContext(connection) as captured:
        found = queries.instrument_by_slug("amending")
        assert found is not None
        assert found.amends == amended
        assert found.source is None
    assert len(captured) == 1
    assert queries.instrument_by_slug("nothing") is None


def test_an_instrument_has_the_rules_that_it_brought_and_ended_and_its_amendments_in_order():
    one, other = make.instrument(), make.instrument()
    brought = in_every_order(one)
    make.rule(code="b-ended", kind="term", subject="aims", instrument=other, valid_to=DAY, ended_by=one)
    make.rule(code="a-ended", kind="term", subject="aims", instrument=other, valid_to=DAY, ended_by=one)
    make.rule(code="other", instrument=other, valid_to=DAY, ended_by=other)
    for citation, day in (("A", None), ("C", DAY), ("B", DAY), ("D", BEFORE)):
        make.instrument(citation=citation, in_force=day, amends=one)
    make.instrument(amends=other)
    with CaptureQueriesContext(connection) as captured:
        found = queries.rules_of(one)
        for rule in found.brought + found.ended:
            assert (rule.instrument.pk, rule.ended_by is None, rule.needs) == (
                (one.pk, True, None) if rule in found.brought else (other.pk, False, None)
            )
            assert (rule.function is None) is (rule.kind != "function")
    assert len(captured) == 3
    assert codes(found.brought) == brought
    assert codes(found.ended) == ["a-ended", "b-ended"]
    assert [each.citation for each in found.amended_by] == ["D", "B", "C", "A"]


def test_an_instrument_and_a_rule_are_known_by_citation_and_code():
    proposed, law = make.proposal(citation="B", slug="b"), make.instrument(citation="A", slug="z")
    assert [str(each) for each in (proposed, law)] == ["B", "A"]
    assert [each.is_proposed for each in (proposed, law)] == [True, False]
    make.instrument(slug="y")
    assert [each.slug for each in Instrument.objects.all()] == ["y", "z", "b"]
    for code, day in (("b", DAY), ("a", DAY), ("c", BEFORE)):
        make.rule(code=code, valid_from=day, instrument=law)
    assert [str(each) for each in Rule.objects.all()] == ["c", "a", "b"]


# --- the timeline ----------------------------------------------------------------------------------------------------


def events(side: str = "nhs") -> list[tuple[str, list[str], list[str], list[str]]]:
    return [
        (str(each.day), codes(each.began), codes(each.ended), [one.citation for one in each.instruments])
        for each in queries.timeline(side)
    ]


def test_the_timeline_has_the_days_on_which_a_rule_begins_or_has_ended_with_their_instruments():
    late, early = make.function(position=2), make.function(position=1)
    bringing, other, ending = (make.instrument(citation=citation) for citation in ("B", "A", "C"))
    make.rule(code="z", function=early, instrument=bringing, valid_to=AFTER, ended_by=ending)
    make.rule(code="b", function=late, instrument=other, valid_to=AFTER)
    make.rule(code="a", function=late, instrument=bringing)
    with CaptureQueriesContext(connection) as captured:
        found = events()
    assert found == [("2016-04-01", ["z", "a", "b"], [], ["A", "B"]), ("2016-04-03", [], ["z", "b"], ["C"])]
    assert len(captured) == 2


def test_a_rule_that_takes_the_place_of_another_begins_on_the_day_after():
    old, new = make.instrument(citation="B"), make.instrument(citation="A")
    make.rule(code="old", instrument=old, valid_to=AFTER, ended_by=new)
    make.rule(code="new", instrument=new, valid_from=AFTER + ONE)
    assert events() == [("2016-04-01", ["old"], [], ["B"]), ("2016-04-03", ["new"], ["old"], ["A"])]


def test_the_timeline_of_a_side_has_the_functions_of_that_side_and_the_rules_for_all_of_it():
    make.rule(code="own", function=make.function(side="nhs"))
    make.rule(code="side", side="nhs")
    make.rule(code="council", function=make.function(side="local_authority"))
    make.rule(code="councils", side="local_authority")
    make.rule(code="odd", function=make.function(side="local_authority"), side="nhs")
    assert [sorted(began) for _, began, _, _ in events("nhs")] == [["own", "side"]]
    assert [sorted(began) for _, began, _, _ in events("local_authority")] == [["council", "councils", "odd"]]


def test_the_timeline_is_of_the_law_in_force_on_functions_under_section_75():
    make.rule(code="both", powers=["s31", "s75"])
    make.rule(powers=["s31"])
    make.rule(kind="body", side="nhs", body_kinds=["icb"])
    make.rule(kind="holder", function=make.function(), body_kinds=["icb"])
    make.rule(instrument=make.proposal())
    assert [began for _, began, _, _ in events()] == [["both"]]


def test_the_timeline_names_the_days_of_amendments_that_changed_no_function():
    regulations, other = make.instrument(slug="si-2000-617"), make.instrument()
    make.instrument(citation="Amending", amends=regulations)
    make.instrument(citation="Amending on another day", amends=regulations, in_force=AFTER)
    make.instrument(citation="Amending another", amends=other, in_force=BEFORE)
    make.instrument(citation="Revoked", amends=regulations, status="revoked", revoked=AFTER, in_force=LONG_AGO)
    make.proposal(citation="Proposed", amends=regulations)
    make.instrument(citation="Undated", amends=regulations, in_force=None)
    make.instrument(citation="Also undated", amends=regulations, in_force=None)
    make.instrument(citation="Undated of another", amends=other, in_force=None)
    assert events() == [("2016-04-01", [], [], ["Amending"]), ("2016-04-02", [], [], ["Amending on another day"])]
    assert [each.citation for each in queries.undated_amendments()] == ["Also undated", "Undated"]


def test_an_instrument_that_brings_ends_and_amends_on_a_day_is_named_once():
    regulations = make.instrument(slug="si-2000-617", in_force=LONG_AGO)
    one = make.instrument(citation="One", amends=regulations)
    make.rule(code="new", instrument=one)
    make.rule(code="old", instrument=regulations, valid_from=LONG_AGO, valid_to=BEFORE, ended_by=one)
    assert events()[1] == ("2016-04-01", ["new"], ["old"], ["One"])
