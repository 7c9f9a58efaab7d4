"""The sentences with which pages begin: exact, and true at every value."""

from __future__ import annotations

import datetime as dt
import doctest
import importlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from budgets.rules.answers import (
    Headline,
    Listed,
    StreamSum,
    Whole,
    england_sentence,
    from_predecessor,
    headline_cards,
    headline_sentence,
    more_sentence,
    range_cards,
    range_sentence,
    streams_sentence,
    whole_cards,
    with_figures_too,
    without_figures,
)
from budgets.rules.comparing import Holding, Peers, Standing, a_head, mean_a_head, peers_of, standing_of
from budgets.rules.words import Part, above_text, change_text, holders_text, rank_text, text_of

BOARDS = frozenset({"icb"})
MILLION = Decimal(1_000_000)


@pytest.mark.parametrize("name", ["budgets.rules.words", "budgets.rules.answers"])
def test_the_examples_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "other", "words"),
    [
        ("106.25", "100", "6.2% above England"),
        ("93.75", "100", "6.2% below England"),
        ("100", "100", "the same as England"),
        ("100.04", "100", "almost the same as England"),
        ("99.96", "100", "almost the same as England"),
        ("100.06", "100", "0.1% above England"),
        ("5", "0", ""),
        ("5", "-1", ""),
        ("0", "100", "100.0% below England"),
        ("-50", "100", "150.0% below England"),
    ],
)
def test_a_difference_is_a_percentage_only_where_that_has_a_meaning(value, other, words):
    assert above_text(Decimal(value), Decimal(other), "England") == words
    said = words.replace("above England", "more than 2023-24").replace("below England", "less than 2023-24")
    assert change_text(Decimal(value), Decimal(other), "2023-24") == said.replace("England", "2023-24")


@pytest.mark.parametrize(
    ("rank", "of", "is_equal", "words"),
    [
        (1, 42, False, "the highest of 42 boards"),
        (2, 42, False, "the 2nd highest of 42 boards"),
        (21, 42, False, "the 21st highest of 42 boards"),
        (22, 42, False, "the 21st lowest of 42 boards"),
        (22, 42, True, "the equal 22nd highest of 42 boards"),
        (41, 42, False, "the 2nd lowest of 42 boards"),
        (42, 42, False, "the lowest of 42 boards"),
        (1, 2, True, "the equal highest of 2 boards"),
        (2, 2, False, "the lowest of 2 boards"),
        (700, 1400, False, "the 700th highest of 1,400 boards"),
    ],
)
def test_a_rank_is_counted_from_the_nearer_end(rank, of, is_equal, words):
    assert rank_text(rank, of, "boards", is_equal=is_equal) == words


@pytest.mark.parametrize(
    ("kinds", "one", "many"),
    [
        ({"icb"}, "board", "boards"),
        ({"ccg"}, "clinical commissioning group", "clinical commissioning groups"),
        ({"ccg", "icb"}, "NHS commissioner", "NHS commissioners"),
        ({"unitary", "county", "district"}, "council", "councils"),
        ({"unitary", "icb"}, "organisation", "organisations"),
        (set(), "organisation", "organisations"),
    ],
)
def test_holders_are_called_by_their_kinds(kinds, one, many):
    assert (holders_text(kinds, 1), holders_text(kinds, 2), holders_text(kinds)) == (one, many, many)


# ── England ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CORE = StreamSum("Core NHS allocation", 100 * MILLION, 98 * MILLION, "/streams/nhs-core/")
RUNNING = StreamSum("Running-cost allowance", 20 * MILLION, 22 * MILLION, "/streams/running-costs/")


def whole(**fields: Any) -> Whole:
    values: dict[str, Any] = {
        "year": "2024-25", "year_before": "2023-24", "basis": "allocation", "gross_or_net": "not_applicable",
        "sources": ("NHS England",), "kinds": BOARDS, "streams": (CORE, RUNNING), "amount": 120 * MILLION,
        "reported": 84, "expected": 84, "holders": 42, "persons": 60_000,
    }  # fmt: skip
    return Whole(**values | fields)


def england(*wholes: Whole, year: str = "2024-25", basis: str = "allocation") -> str:
    return text_of(england_sentence(wholes, year=year, basis=basis))


COUNCILS = {
    "kinds": frozenset({"unitary"}), "sources": ("MHCLG",), "gross_or_net": "net", "basis": "outturn",
    "streams": (StreamSum("Adult social care", 5 * MILLION),), "amount": 5 * MILLION, "reported": 151, "expected": 152,
    "holders": None, "persons": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "NHS England allocated £120.0 million to 42 boards for 2024-25: £2,000 a head, the same as 2023-24."),
        ({"amount": 123 * MILLION},
         "NHS England allocated £123.0 million to 42 boards for 2024-25: £2,050 a head, 2.5% more than 2023-24."),
        ({"amount": 114 * MILLION, "persons": None},
         "NHS England allocated £114.0 million to 42 boards for 2024-25: 5.0% less than 2023-24."),
        ({"streams": (CORE, replace(RUNNING, before=None))},
         "NHS England allocated £120.0 million to 42 boards for 2024-25: £2,000 a head."),
        ({"holders": 1, "persons": None, "streams": (replace(CORE, before=None), RUNNING)},
         "NHS England allocated £120.0 million to 1 board for 2024-25."),
        ({"reported": 83, "holders": None, "persons": None},
         "NHS England allocated £120.0 million to boards for 2024-25: the same as 2023-24, "
         "83 of 84 figures reported."),
        ({"sources": ("NHS England", "MHCLG")},
         "Publishers allocated £120.0 million to 42 boards for 2024-25: £2,000 a head, the same as 2023-24."),
        ({"streams": (CORE,), "amount": 100 * MILLION},
         "NHS England allocated £100.0 million of core NHS allocation to 42 boards for 2024-25: £1,667 a head, "
         "2.0% more than 2023-24."),
        ({"streams": (RUNNING,), "amount": Decimal("600000.00"), "is_partial": True},
         "Running-cost allowance is all that is known for 2024-25. NHS England allocated £600,000 of it to 42 boards: "
         "£10.00 a head, 97.3% less than 2023-24."),
        ({"is_partial": True},
         "Core NHS allocation and running-cost allowance are all that is known for 2024-25. NHS England allocated "
         "£120.0 million to 42 boards for 2024-25: £2,000 a head, the same as 2023-24."),
        ({"is_partial": True, "streams": (CORE, RUNNING, replace(RUNNING, name="Third", before=Decimal(0)))},
         "NHS England allocated £120.0 million to 42 boards for 2024-25: £2,000 a head, the same as 2023-24."),
        (COUNCILS, "Councils spent £5.0 million net on adult social care in 2024-25: 151 of 152 figures reported."),
        ({**COUNCILS, "basis": "budget", "reported": 152, "holders": 152},
         "152 councils budgeted £5.0 million net for adult social care in 2024-25."),
        ({**COUNCILS, "basis": "budget", "is_partial": True},
         "Adult social care is all that is known for 2024-25. Councils budgeted £5.0 million net for it: "
         "151 of 152 figures reported."),
    ],
)  # fmt: skip
def test_what_england_has_is_said_in_one_sentence(fields, words):
    assert england(whole(**fields)) == words


def test_kinds_of_holder_are_never_added_and_have_a_clause_each():
    assert england(whole(persons=None), whole(**COUNCILS)) == (
        "NHS England allocated £120.0 million to 42 boards for 2024-25: the same as 2023-24; councils spent £5.0 "
        "million net on adult social care in 2024-25: 151 of 152 figures reported."
    )


def test_a_year_of_which_nothing_is_known_says_so():
    assert england(year="2019-20", basis="outturn") == "No outturn of 2019-20 is published here."
    assert england(whole(amount=None)) == "No allocation of 2024-25 is published here."


def test_a_stream_that_is_named_is_a_link():
    sentence = england_sentence([whole(streams=(CORE,))], year="2024-25", basis="allocation")
    assert Part("core NHS allocation", "/streams/nhs-core/") in sentence


def test_the_cards_of_a_sum_say_what_each_is_compared_with():
    assert [(card.label, card.figure, card.note) for card in whole_cards(whole(reported=83))] == [
        ("Boards, allocation", "£120.0 million", "The same as 2023-24"),
        ("A head", "£2,000", "Of 60,000 people"),
        ("Figures reported", "83 of 84", "1 is missing"),
        ("Largest stream", "83.3%", "Core NHS allocation"),
    ]
    alone = whole(streams=(replace(CORE, before=None),), persons=None, reported=80, gross_or_net="net")
    assert [(card.label, card.figure, card.note) for card in whole_cards(alone)] == [
        ("Boards, allocation, net", "£120.0 million", "No year before to compare with"),
        ("Figures reported", "80 of 84", "4 are missing"),
    ]
    assert whole_cards(whole())[2].note == "None is missing"
    assert whole_cards(whole(amount=None)) == []
    assert [card.label for card in whole_cards(whole(expected=0, reported=0, amount=Decimal(0), persons=None))] == [
        "Boards, allocation",
    ]


# ── One organisation ─────────────────────────────────────────────────────────────────────────────────────────────────

STANDING = Standing(Decimal("1727.82"), rank=6, of=42, is_equal=False, mean=Decimal("1625.97"), peers=10, above_peers=9)


def headline(**fields: Any) -> Headline:
    values: dict[str, Any] = {
        "holder": "NHS Somerset Integrated Care Board", "url": "/organisations/QSL/", "stream": "Core NHS allocation",
        "stream_url": "/streams/nhs-core/", "year": "2024-25", "basis": "allocation", "gross_or_net": "not_applicable",
        "amount": Decimal("1055946000.00"), "kinds": BOARDS, "a_head": Decimal("1727.82"), "standing": STANDING,
        "before": Decimal("1028615000.00"), "year_before": "2023-24", "persons": 611_142,
    }  # fmt: skip
    return Headline(**values | fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the 6th highest of 42 boards and "
             "6.3% above England."),
        ({"standing": replace(STANDING, mean=Decimal("1727.82"))},
         "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the 6th highest of 42 boards and "
         "the same as England."),
        ({"standing": replace(STANDING, mean=Decimal(0))},
         "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25, the 6th highest of 42 boards."),
        ({"standing": None}, "NHS Somerset has £1,727.82 a head of core NHS allocation for 2024-25."),
        ({"standing": None, "a_head": None},
         "NHS Somerset has £1.06 billion of core NHS allocation for 2024-25."),
        ({"standing": None, "closed": dt.date(2026, 3, 31)},
         "NHS Somerset had £1,727.82 a head of core NHS allocation for 2024-25."),
        ({"standing": None, "amount": None, "a_head": None},
         "NHS Somerset has not reported its figure of core NHS allocation for 2024-25."),
        ({"standing": None, "basis": "budget", "gross_or_net": "gross"},
         "NHS Somerset budgeted £1,727.82 a head gross for core NHS allocation in 2024-25."),
        ({"standing": None, "basis": "outturn", "gross_or_net": "net"},
         "NHS Somerset spent £1,727.82 a head net on core NHS allocation in 2024-25."),
        ({"standing": None, "only": ("Running-cost allowance",), "stream": "Running-cost allowance"},
         "Running-cost allowance is all that is known for 2024-25. NHS Somerset has £1,727.82 a head of it."),
        ({"standing": None, "only": ("Running-cost allowance", "Core NHS allocation")},
         "Running-cost allowance and core NHS allocation are all that is known for 2024-25. NHS Somerset has £1,727.82 "
         "a head of core NHS allocation for 2024-25."),
    ],
)  # fmt: skip
def test_what_an_organisation_has_is_said_in_one_sentence(fields, words):
    assert text_of(headline_sentence(headline(**fields))) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "NHS Somerset has more a head than 9 of the 10 boards nearest in population."),
        ({"standing": replace(STANDING, above_peers=10)},
         "NHS Somerset has more a head than all 10 boards nearest in population."),
        ({"standing": replace(STANDING, above_peers=0)},
         "None of the 10 boards nearest in population has less a head."),
        ({"standing": replace(STANDING, peers=1, above_peers=1)},
         "NHS Somerset has more a head than the one board nearest in population."),
        ({"standing": replace(STANDING, peers=1, above_peers=0)},
         "Not even the one board nearest in population has less a head."),
        ({"standing": replace(STANDING, peers=0, above_peers=0)}, ""),
        ({"peers": "of the same region", "closed": dt.date(2026, 3, 31)},
         "NHS Somerset had more a head than 9 of the 10 boards of the same region."),
        ({"basis": "outturn", "kinds": frozenset({"unitary"})},
         "NHS Somerset spent more a head than 9 of the 10 councils nearest in population."),
        ({"standing": None}, ""),
        ({"standing": None, "is_own": True}, "This is its own figure."),
        ({"standing": None, "is_restated": True}, "The figure was restated."),
        ({"standing": None, "is_published": False}, "It is not published yet."),
        ({"is_restated": True},
         "NHS Somerset has more a head than 9 of the 10 boards nearest in population. The figure was restated."),
    ],
)  # fmt: skip
def test_what_else_a_reader_must_know_follows(fields, words):
    assert text_of(more_sentence(headline(**fields))) == words


def test_an_organisation_is_a_link_except_on_its_own_page():
    assert headline_sentence(headline())[0] == Part("NHS Somerset", "/organisations/QSL/")
    assert headline_sentence(headline(), is_linked=False)[0] == Part("NHS Somerset")


def test_the_cards_of_an_organisation_say_what_each_is_compared_with():
    cards = headline_cards(headline(compare_url="/compare/", figure_url="/figure/"))
    assert [(card.label, card.figure, card.note, card.url) for card in cards] == [
        ("Core NHS allocation a head", "£1,727.82", "England £1,625.97 a head", None),
        ("Core NHS allocation, 2024-25", "£1.06 billion", "2.7% more than 2023-24", "/figure/"),
        ("Rank, highest first", "6 of 42", "6.3% above England", "/compare/"),
    ]
    equal = headline_cards(headline(standing=replace(STANDING, is_equal=True)))
    assert equal[2].label == "Equal rank, highest first"
    alone = headline_cards(headline(standing=None, before=None))
    assert [(card.figure, card.note) for card in alone] == [
        ("£1,727.82", "Of 611,142 people"), ("£1.06 billion", "No year before to compare with"),
    ]  # fmt: skip
    assert headline_cards(headline(standing=None, persons=None))[0].note == ""
    assert headline_cards(headline(standing=None, amount=None, a_head=None)) == []


def test_an_organisation_without_figures_says_so_and_what_it_can_instead():
    assert text_of(without_figures("Somerset Council")) == "No figures of Somerset Council are held."
    assert text_of(without_figures("Somerset Council", is_past=True)) == (
        "No figures of Somerset Council are held at that time."
    )
    sentence = without_figures("Somerset Council", year="2024-25", latest=Part("2022-23", "?year=2022-23"))
    assert text_of(sentence) == "No 2024-25 figures of Somerset Council are held. The latest are of 2022-23."
    heirs = [Part(name, f"/{name}/") for name in "ABC"]
    assert text_of(without_figures("X", became=heirs[:1])).endswith("Its functions are now with A.")
    assert text_of(without_figures("X", became=heirs)).endswith("Its functions are now with A, B and C.")
    earlier = headline(holder="Somerset County Council", basis="outturn", stream="Adult social care", standing=None)
    sentence = from_predecessor("Somerset Council", earlier)
    assert text_of(sentence) == (
        "No figures of Somerset Council are held. Before it, Somerset County Council spent £1,727.82 a head on adult "
        "social care in 2024-25."
    )
    assert Part("Somerset County Council", "/organisations/QSL/") in sentence


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", ""),
        ("B", "B has figures too."),
        ("BC", "B and C have figures too."),
        ("BCD", "3 other predecessors have figures too."),
    ],
)
def test_every_further_predecessor_with_figures_is_named_or_counted(names: str, said: str):
    sentence = with_figures_too([Part(name, f"/{name}/") for name in names], "#all")
    assert text_of(sentence) == said
    links = [part.url for part in sentence if part.url]
    assert links == (["#all"] if len(names) > 2 else [f"/{name}/" for name in names])


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_streams_says_how_many_have_figures_and_which_is_the_largest():
    found = Listed(18, 6, "2025-26", CORE, "2024-25")
    assert text_of(streams_sentence(found)) == (
        "18 funding streams; 6 have figures, the latest for 2025-26. The largest is core NHS allocation, "
        "£100.0 million for 2024-25."
    )
    assert text_of(streams_sentence(replace(found, streams=1, with_figures=1))).startswith(
        "1 funding stream; 1 has figures, the latest for 2025-26."
    )
    assert text_of(streams_sentence(Listed(18, 0))) == "18 funding streams; no figures of them are published here."


def test_all_holders_go_from_the_lowest_to_the_highest():
    low, high = (Part("NHS Kent", "/kent/"), Decimal("1388.10")), (Part("NHS Sussex", "/sussex/"), Decimal("1870.20"))
    sentence = range_sentence(Part("Core NHS allocation", "/core/"), "2024-25", (low, high), Decimal("1625.97"))
    assert text_of(sentence) == (
        "Core NHS allocation for 2024-25 goes from £1,388.10 a head (NHS Kent) to £1,870.20 a head (NHS Sussex). "
        "England’s mean is £1,625.97 a head."
    )
    cards = range_cards(low, high, Decimal("1625.97"), holders="boards", count=42)
    assert [(card.figure, card.note, card.url) for card in cards] == [
        ("£1,625.97", "Of 42 boards together", None),
        ("£1,870.20", "NHS Sussex", "/sussex/"),
        ("£1,388.10", "NHS Kent", "/kent/"),
    ]


# ── Comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def holding(number: int, amount: str | None, persons: int | None, **fields: Any) -> Holding:
    values: dict[str, Any] = {
        "organisation_id": number, "name": f"Board {number}", "code": f"Q{number}", "kind": "icb", "region": "North",
        "measure": "registered",
    }  # fmt: skip
    return Holding(**values | fields, amount=None if amount is None else Decimal(amount), persons=persons)


def test_pounds_a_head_are_rounded_half_to_even_and_never_invented():
    assert [a_head(Decimal(amount), 1000) for amount in ("5", "15")] == [Decimal("0.00"), Decimal("0.02")]
    assert [a_head(None, 5), a_head(Decimal(5), None), a_head(Decimal(5), 0)] == [None, None, None]


def test_the_mean_is_all_amounts_divided_by_all_people_and_not_a_mean_of_means():
    held = [holding(1, "100", 10), holding(2, "100", 90), holding(3, None, 1000), holding(4, "7", None)]
    assert mean_a_head(held) == Decimal("2.00")
    assert mean_a_head([holding(3, None, 1000)]) is None


def test_ranks_begin_with_the_highest_and_equal_amounts_are_equal():
    held = [holding(1, "30", 10), holding(2, "20", 10), holding(3, "20", 10), holding(4, "10", 10), holding(5, None, 1)]
    standings = [standing_of(number, held) for number in range(1, 6)]
    assert [(one.rank, one.is_equal, one.of) for one in standings if one] == [
        (1, False, 4), (2, True, 4), (2, True, 4), (4, False, 4),
    ]  # fmt: skip
    assert [one.above_peers for one in standings if one] == [3, 1, 1, 0]
    assert standings[4] is None
    assert standing_of(9, held) is None
    assert standing_of(1, held[:1]) is None, "nobody to compare with"


def test_people_who_were_counted_in_another_way_are_not_compared():
    held = [holding(1, "30", 10), holding(2, "20", 10), holding(3, "90", 10, measure="resident_estimate")]
    one = standing_of(1, held)
    assert one is not None
    assert (one.rank, one.of, one.mean) == (1, 2, Decimal("2.50"))
    assert standing_of(3, held) is None


def test_peers_are_those_of_a_stated_measure():
    own = holding(1, "30", 100)
    others = [holding(number, "1", 100 + 7 * number) for number in range(2, 15)]
    others[0] = replace(others[0], region="South", kind="ccg")
    others[1] = replace(others[1], region="")
    everyone = [own, *reversed(others)]
    assert [one.organisation_id for one in peers_of(own, everyone, Peers.NEAREST)] == list(range(2, 12))
    assert {one.organisation_id for one in peers_of(own, everyone, Peers.REGION)} == set(range(4, 15))
    assert {one.organisation_id for one in peers_of(own, everyone, Peers.KIND)} == set(range(3, 15))
    assert [one.code for one in peers_of(own, everyone, Peers.CHOSEN, ["Q3", "Q1", "Q99"])] == ["Q3"]
    assert peers_of(replace(own, region=""), everyone, Peers.REGION) == []
    assert peers_of(replace(own, persons=None), everyone, Peers.NEAREST) == []
    standing = standing_of(1, everyone, peers_of(own, everyone, Peers.CHOSEN, ["Q3"]))
    assert standing is not None
    assert (standing.peers, standing.above_peers) == (1, 1)
