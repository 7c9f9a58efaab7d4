"""Agreements as a list: each filter by itself, what filters offer, what is found by words, and how much is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.models import Agreement
from partnerships.queries.agreements.listing import (
    MOST_ABOUT,
    MOST_FOUND,
    AgreementFilters,
    agreements_found,
    agreements_in,
    agreements_listed,
    agreements_of,
    counted,
    in_order,
    names_in,
    offered_to,
    readable_of,
)
from partnerships.queries.agreements.waiting import Decider
from partnerships.rules.agreements.sentences import ListCounts
from pooledcare.directory.access import ANONYMOUS, system_actor
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships.law_rows import function

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("example")
DAY = dt.timedelta(days=1)
END = dt.date(2027, 3, 31)
TODAY, IN_A_YEAR = dt.date(2026, 11, 30), dt.date(2027, 11, 30)


@pytest.fixture
def drafter() -> Organisation:
    return factories.organisation()


def stands(drafter: Organisation, power: str = "s75", **columns: Any) -> Agreement:
    made = rows.agreement(prepared_by=drafter, power=power)
    rows.summary(agreement=made, **columns)
    return made


def listed(actor=SYSTEM, **asked: Any) -> list[Agreement]:
    return [each.agreement for each in in_order(agreements_listed(AgreementFilters(**asked), actor=actor))]


def test_the_first_to_end_comes_first_and_what_is_over_comes_last(drafter):
    earlier, endless = stands(drafter, end_on=END - DAY, state="ended"), stands(drafter)
    withdrawn = stands(drafter, state="withdrawn")
    later, also_later = stands(drafter, end_on=END), stands(drafter, end_on=END)
    over, first = stands(drafter, end_on=END, state="expired"), stands(drafter, end_on=END - DAY)
    assert listed() == [first, later, also_later, endless, over, earlier, withdrawn]


@pytest.mark.parametrize(
    ("end_on", "state", "is_counted"),
    [
        (TODAY - DAY, "in_operation", False),
        (TODAY, "in_operation", True),
        (TODAY + DAY, "in_operation", True),
        (IN_A_YEAR - DAY, "in_operation", True),
        (IN_A_YEAR, "draft", True),
        (IN_A_YEAR + DAY, "in_operation", False),
        (None, "in_operation", False),
        (TODAY + DAY, "ended", False),
    ],
)
def test_what_ends_within_a_year_is_counted(drafter, end_on, state, is_counted):
    stands(drafter, end_on=end_on, state=state)
    counts = counted(agreements_listed(AgreementFilters(), actor=SYSTEM), TODAY)
    assert (counts.ending, counts.first_end) == ((1, end_on) if is_counted else (0, None))
    assert (counts.total, counts.over) == (1, int(state == "ended"))


def test_points_of_law_are_counted_by_agreement(drafter, django_assert_num_queries):
    for end_on, values in [
        (TODAY + DAY, {"verdict": "unlawful", "unlawful_count": 2, "not_settled_count": 3}),
        (TODAY, {"verdict": "not_settled", "not_settled_count": 1}),
        (None, {"verdict": "lawful"}),
    ]:
        stands(drafter, end_on=end_on, **values)
    found = agreements_listed(AgreementFilters(), actor=SYSTEM)
    with django_assert_num_queries(1):
        assert counted(found, TODAY) == ListCounts(3, 0, 2, TODAY, 1, 2)


def test_only_what_one_may_read_is_listed(drafter):
    stands(drafter)
    public = stands(drafter, audience="public")
    assert listed(ANONYMOUS) == [public]


def test_a_list_is_narrowed_by_each_thing_alone(drafter):
    place, elsewhere = factories.place(slug="mere"), factories.place(slug="else")
    body, other = factories.organisation(code="QAA"), factories.organisation(code="QBB")
    columns: dict[str, Any] = {
        "place_ids": [elsewhere.pk, place.pk], "partner_ids": [body.pk], "host_ids": [other.pk],
        "function_codes": ["a", "b"], "flexibilities": ["pooled_fund", "x"], "state": "signed",
        "is_operating_unsigned": True, "title": "Care at Home",
    }  # fmt: skip
    other_way: dict[str, Any] = {
        "place_ids": [elsewhere.pk], "partner_ids": [other.pk], "host_ids": [body.pk], "function_codes": ["b"],
        "flexibilities": ["x"], "title": "Equipment",
    }  # fmt: skip
    wanted, _ = stands(drafter, "s31", **columns), stands(drafter, **other_way)
    for asked in (
        {"text": "care at"}, {"place": "mere"}, {"partner": "QAA"}, {"host": "QBB"}, {"function": "a"},
        {"flexibility": "pooled_fund"}, {"power": "s31"}, {"status": "signed"}, {"unsigned": True},
        {"text": f"S75-{wanted.pk:04d}"},
    ):  # fmt: skip
        assert listed(**asked) == [wanted], asked
    for nothing in ({"place": "none"}, {"partner": "none"}, {"host": "none"}, {"place": "mere", "power": "s75"}):
        assert listed(**nothing) == []


@pytest.mark.parametrize(
    ("end_on", "state", "is_found"),
    [
        (END - 9 * DAY, "in_operation", False),
        (END - 8 * DAY, "in_operation", True),
        (END, "notice_given", True),
        (END + DAY, "in_operation", False),
        (None, "in_operation", False),
        (END, "ended", False),
        (END, "expired", False),
        (END, "withdrawn", False),
    ],
)
def test_what_ends_soon_ends_between_two_days_and_is_not_over(drafter, end_on, state, is_found):
    made = stands(drafter, end_on=end_on, state=state)
    found = listed(ending_from=END - 8 * DAY, ending_by=END)
    assert found == ([made] if is_found else [])


@pytest.mark.parametrize("asked", ["lawful", "not_settled", "unlawful", ""])
def test_a_list_is_narrowed_by_what_the_law_says(drafter, asked):
    """What has unlawful findings and unsettled ones is found by both."""
    fine = stands(drafter, verdict="lawful")
    unsettled = stands(drafter, verdict="not_settled", not_settled_count=1)
    both = stands(drafter, verdict="unlawful", unlawful_count=1, not_settled_count=2)
    expected = {"lawful": [fine], "not_settled": [unsettled, both], "unlawful": [both], "": [fine, unsettled, both]}
    assert listed(findings=asked) == expected[asked]


def test_a_list_is_narrowed_to_what_waits_for_somebody(drafter):
    made, _ = stands(drafter, unpublished_ids=[7]), stands(drafter, unpublished_ids=[8])
    assert listed(waiting_for=Decider(frozenset({7}), frozenset(), frozenset())) == [made]
    nobody = Decider(frozenset(), frozenset(), frozenset())
    assert listed(waiting_for=nobody) == []


def test_a_reference_is_a_number_with_or_without_its_letters(drafter):
    made = stands(drafter, title="Title")
    stands(drafter, title="Other")
    for text in (str(made.pk), f"S75-{made.pk:04d}", f"s75-{made.pk}", "000" + str(made.pk)):
        assert listed(text=text) == [made], text
    for text in (f"75-{made.pk}", f"S75-{made.pk}x", "S75-", "٣", "²", "1" * 10, "9" * 9):
        assert listed(text=text) == [], text


def test_a_number_is_looked_for_in_titles_too(drafter):
    made = stands(drafter, title="Plan 0000012345 of 2024")
    assert listed(text="0000012345") == listed(text="12345") == [made]


# --- what filters offer ----------------------------------------------------------------------------------------------


def test_filters_offer_what_occurs_in_what_one_may_read_by_name(drafter, django_assert_num_queries):
    bodies = [factories.organisation(name=name) for name in ("Zeta", "Alpha", "Mid", "Hidden")]
    places = [factories.place(name=name) for name in ("Zedshire", "Aldshire", "Hidden")]
    codes = [function(position=position).code for position in (9, 3, 1)]
    zeta, alpha, mid, hidden = (each.pk for each in bodies)
    public = {"audience": "public"}
    stands(drafter, partner_ids=[zeta, alpha], host_ids=[mid], place_ids=[places[0].pk], **public)
    stands(drafter, partner_ids=[zeta], host_ids=[alpha, mid], place_ids=[places[1].pk, places[0].pk],
           function_codes=codes[:2], **public)  # fmt: skip
    stands(drafter, partner_ids=[hidden], host_ids=[hidden], place_ids=[places[2].pk], function_codes=codes[2:])
    with django_assert_num_queries(7):
        found = offered_to(ANONYMOUS)
    assert [each.name for each in found.places] == ["Aldshire", "Zedshire"]
    assert [each.name for each in found.partners] == ["Alpha", "Zeta"]
    assert [each.name for each in found.hosts] == ["Alpha", "Mid"]
    assert [each.code for each in found.functions] == [codes[1], codes[0]]


def test_everything_that_summaries_name_is_known_by_its_key(drafter, django_assert_num_queries):
    bodies = [factories.organisation() for _ in range(5)]
    there, law = factories.place(), function()
    one, two, three, four, _ = (each.pk for each in bodies)
    factories.place()
    function()
    made = [
        rows.summary(agreement=rows.agreement(prepared_by=drafter), partner_ids=[one], host_ids=[two]),
        rows.summary(
            agreement=rows.agreement(prepared_by=drafter), awaited_ids=[three], unpublished_ids=[four],
            place_ids=[there.pk], function_codes=[law.code],
        ),
    ]  # fmt: skip
    with django_assert_num_queries(3):
        found = names_in(made)
    assert found.organisations == {each.pk: each for each in bodies[:4]}
    assert (found.places, found.functions) == ({there.pk: there}, {law.code: law.name})


# --- about one thing -------------------------------------------------------------------------------------------------


def test_the_newest_agreements_about_an_organisation_or_a_place_are_shown_and_that_there_are_more(drafter):
    body, there = factories.organisation(), factories.place()
    made = [
        stands(drafter, partner_ids=[1, body.pk], place_ids=[there.pk], audience="public") for _ in range(MOST_ABOUT)
    ]
    stands(drafter, partner_ids=[1], host_ids=[body.pk], audience="public")
    stands(drafter, partner_ids=[body.pk], place_ids=[there.pk])
    for found in (agreements_of(body, actor=ANONYMOUS), agreements_in(there, actor=ANONYMOUS)):
        assert ([each.agreement for each in found.rows], found.more) == (made[::-1], False)
    newest = stands(drafter, partner_ids=[body.pk], place_ids=[there.pk], audience="public")
    for found in (agreements_of(body, actor=ANONYMOUS), agreements_in(there, actor=ANONYMOUS)):
        assert ([each.agreement for each in found.rows], found.more) == ([newest, *made[:0:-1]], True)


def found_by(text: str, actor=ANONYMOUS) -> list[Agreement]:
    return [each.agreement for each in agreements_found(text, actor=actor).rows]


def test_agreements_are_found_by_title_reference_and_partner(drafter):
    body = factories.organisation(name="NHS Mereshire Board", code="QMS")
    titled = stands(drafter, title="Care at Home", audience="public")
    joined = stands(drafter, title="Other", partner_ids=[body.pk], audience="public")
    stands(drafter, title="Care at home", partner_ids=[body.pk])
    assert found_by(" care AT ") == [titled]
    assert found_by(joined.reference) == [joined]
    assert found_by("mereshire") == found_by("qms") == [joined]
    assert found_by("QM") == found_by("nothing") == []
    both = agreements_found("mereshire", actor=ANONYMOUS)
    assert both.names.organisations == {body.pk: body}


def test_agreements_are_found_by_a_scheme_that_the_reader_may_know(drafter):
    made = rows.agreement(prepared_by=drafter)
    first = rows.deed(agreement=made)
    rows.scheme_terms(deed=first, name="Reablement at Home")
    rows.summary(agreement=made, audience="public", title="Title")
    rows.summary(agreement=made, title="Title", reader_ids=[drafter.pk])
    partner = factories.actor(factories.member(organisation=drafter, roles=["viewer"]))
    for actor in (partner, SYSTEM):
        assert found_by("reablement AT", actor) == [made]
        assert found_by("equipment", actor) == []
    assert found_by("reablement at") == []
    type(first).objects.filter(pk=first.pk).update(state="signed", signed_on=rows.DAY, effective_on=rows.DAY,
                                                   published_on=rows.DAY)  # fmt: skip
    assert found_by("reablement at") == [made]
    assert found_by("equipment") == []


def test_nothing_is_found_by_no_word(drafter, django_assert_num_queries):
    stands(drafter, audience="public")
    with django_assert_num_queries(0):
        found = agreements_found(" \n", actor=ANONYMOUS)
    assert (found.rows, found.more, found.names.organisations) == ([], False, {})
    assert (found.names.places, found.names.functions) == ({}, {})


def test_the_newest_that_are_found_are_shown_and_that_there_are_more(drafter):
    made = Agreement.objects.bulk_create(Agreement(power="s75", prepared_by=drafter) for _ in range(MOST_FOUND + 1))
    for each in made[:MOST_FOUND]:
        rows.summary(agreement=each, audience="public", title="Care")
    found = agreements_found("care", actor=ANONYMOUS)
    assert ([each.agreement for each in found.rows], found.more) == (made[MOST_FOUND - 1 :: -1], False)
    rows.summary(agreement=made[-1], audience="public", title="Care")
    found = agreements_found("care", actor=ANONYMOUS)
    assert ([each.agreement for each in found.rows], found.more) == (made[:0:-1], True)


def test_of_several_agreements_those_that_one_may_read_are_known_by_their_key(drafter):
    hidden, shown, _ = stands(drafter), stands(drafter, audience="public"), stands(drafter, audience="public")
    found = readable_of([hidden.pk, shown.pk, shown.pk], actor=ANONYMOUS)
    assert {pk: each.agreement for pk, each in found.items()} == {shown.pk: shown}
