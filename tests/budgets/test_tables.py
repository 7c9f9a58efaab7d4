"""Query rows as tables that people read: words, gaps and sums, from plain values and without a database."""

from __future__ import annotations

import datetime as dt
import doctest
import importlib
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from budgets.models import FundingStream
from budgets.queries.england import England
from budgets.queries.figures import Line, SideBySide, both_sources, lines_of, years_of
from budgets.queries.totals import Measure, Total, added_up, without_parts
from budgets.tables import england, figures, places, streams
from budgets.tables.organisations import taken_over_sentence
from budgets.tables.table import (
    amount_cell,
    basis_text,
    body_cell,
    date_text,
    head_text,
    per_head,
    reported_text,
    source_text,
    sum_cell,
    unpublished_note,
)
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import UPPER_TIER_KINDS

EXAMPLES = ["budgets.tables.table", "budgets.tables.streams", "budgets.allocations.lookups"]
TODAY = dt.date(2024, 5, 10)
A_DAY = dt.timedelta(days=1)
NHS, BOARD = 24, 7


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def body(pk: int = BOARD, name: str = "Mere Board", **fields: Any) -> Any:
    values = {
        "pk": pk, "name": name, "code": f"Q{pk}", "illustrative": False, "closed": None, "is_nhs": True, "region": None,
        "kind": "icb",
        "get_absolute_url": lambda: f"/organisations/Q{pk}/",
    }  # fmt: skip
    return SimpleNamespace(**values | fields)


CORE = FundingStream(pk=1, code="core", name="Core", position=1, holder_kinds=["icb"])


def figure(**fields: Any) -> Any:
    values: dict[str, Any] = {
        "pk": 5, "reference": "AL-5", "organisation": body(), "stream": CORE, "financial_year": 2024,
        "basis": "allocation", "gross_or_net": "not_applicable", "recurrence": "not_stated", "amount": Decimal(100),
        "published_text": "100", "published_on": TODAY, "source": body(NHS, "NHS England"), "population": None,
        "is_current": True, "withdrawn": False,
    } | fields  # fmt: skip
    values.setdefault("organisation_id", values["organisation"].pk)
    values.setdefault("source_id", values["source"].pk)
    values.setdefault("stream_id", values["stream"].pk)
    return SimpleNamespace(**values)


# ── Words and cells ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("published_on", "note"),
    [(TODAY - A_DAY, None), (TODAY, None), (TODAY + A_DAY, "not published"), (None, "not published")],
)
def test_a_figure_is_published_from_its_day_on(published_on, note):
    with time_machine.travel(dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)):
        assert unpublished_note(figure(published_on=published_on)) == note
        assert amount_cell(figure(published_on=published_on)) == {
            "value": Decimal(100),
            "url": "/allocations/AL-5/",
            "note": note,
        }


def test_a_gap_says_whether_there_is_no_figure_or_none_was_reported():
    assert amount_cell(None) == {"value": None, "missing": "No figure"}
    assert amount_cell(figure(amount=None, published_text="[x]")) == {"value": None, "missing": "Not reported ([x])"}
    assert amount_cell(figure(amount=Decimal(0)))["value"] == 0


@pytest.mark.parametrize(
    ("amount", "reported", "expected", "cell"),
    [
        (None, 0, 0, {"value": None, "missing": "No figure"}),
        (None, 0, 1_200, {"value": None, "missing": "Not reported (0 of 1,200)"}),
        (Decimal(0), 2, 2, {"value": Decimal(0), "note": None}),
        (Decimal(5), 1_000, 1_001, {"value": Decimal(5), "note": "1,000 of 1,001 reported"}),
    ],
)
def test_a_sum_says_how_many_are_in_it(amount, reported, expected, cell):
    assert sum_cell(amount, reported, expected) == cell
    assert reported_text(1_001, 1_001) == "all 1,001"


def test_an_invented_body_says_so_and_others_do_not():
    assert body_cell(body()) == {"value": "Mere Board", "url": "/organisations/Q7/", "note": None}
    assert body_cell(body(illustrative=True))["note"] == "Invented for the demonstration"


def test_a_source_is_named_unless_it_is_the_holder():
    assert source_text(figure()) == "NHS England"
    assert source_text(figure(source=body())) == "Its own figure"


@pytest.mark.parametrize(
    ("gross_or_net", "recurrence", "words"),
    [
        ("not_applicable", "not_stated", "Budget"), ("gross", "not_stated", "Budget, gross"),
        ("not_applicable", "non_recurrent", "Budget, non-recurrent"), ("net", "recurrent", "Budget, net, recurrent"),
    ],
)  # fmt: skip
def test_a_basis_says_only_what_is_known_besides(gross_or_net, recurrence, words):
    assert basis_text("budget", gross_or_net, recurrence) == words


HEAD = Head(3, dt.date(2023, 6, 30), "resident_estimate")


def test_pounds_a_head_are_rounded_once_to_the_even_penny_and_never_invented():
    assert per_head(Decimal("10.00"), HEAD) == Decimal("3.33")
    assert [per_head(Decimal(amount), Head(1000, HEAD.as_at, HEAD.measure)) for amount in (5, 15)] == [
        Decimal("0.00"), Decimal("0.02"),
    ]  # fmt: skip
    assert [per_head(None, HEAD), per_head(Decimal(1), None), per_head(Decimal(1), Head(0, TODAY, "x"))] == [None] * 3
    assert per_head(Decimal(0), HEAD) == 0


def test_days_and_people_that_are_not_known_are_said_as_nothing():
    assert (date_text(None), date_text(TODAY), head_text(None)) == ("", "10 May 2024", "")
    assert head_text(HEAD) == "resident population estimate, 30 June 2023"


# ── Lines of figures ─────────────────────────────────────────────────────────────────────────────────────────────────

APART = {
    "organisation": body(8), "stream": FundingStream(pk=2, code="other", name="Other", position=2), "basis": "budget",
    "gross_or_net": "net", "recurrence": "recurrent", "source": body(9),
}  # fmt: skip


@pytest.mark.parametrize("part", APART)
def test_figures_that_differ_in_more_than_the_year_stand_in_lines_of_their_own(part):
    found = lines_of([figure(), figure(financial_year=2023), figure(**{part: APART[part]})])
    assert [sorted(line.cells) for line in found] == [[2023, 2024], [2024]]
    assert years_of(found) == [2023, 2024]


OWN = body()


@pytest.mark.parametrize("part", ["organisation", "stream", "basis", "gross_or_net", "recurrence", "financial_year"])
def test_two_sources_stand_side_by_side_only_for_the_same_figure(part):
    theirs, own = figure(), figure(source=OWN, amount=Decimal(90))
    assert both_sources(lines_of([own, theirs])) == [SideBySide(publishers=theirs, own=own)]
    different = {**APART, "financial_year": 2023}[part]
    changed = figure(**{part: different, "source": OWN, "source_id": 8 if part == "organisation" else BOARD})
    assert both_sources(lines_of([changed, theirs])) == []


def test_a_line_is_the_holders_own_where_it_is_its_own_source():
    assert [Line(figure()).is_own, Line(figure(source=OWN)).is_own] == [False, True]


def test_one_body_is_shown_by_stream_and_year_with_pounds_a_head():
    lines = lines_of([figure(financial_year=2023, amount=None, published_text="..."), figure(), figure(basis="budget")])
    table = figures.of_body(lines, HEAD, of_the_place=True)
    assert (table.key, table.caption) == ("figures-q7", "Mere Board: figures by stream")
    assert [(one.label, one.format) for one in table.columns] == [
        ("Funding stream", "text"), ("Basis", "text"), ("Source", "text"), ("2023-24", "pounds_whole"),
        ("2023-24 a head", "pounds"), ("2024-25", "pounds_whole"), ("2024-25 a head", "pounds"),
    ]  # fmt: skip
    stream = {"value": "Core", "url": "/streams/core/"}
    amount = {"value": Decimal(100), "url": "/allocations/AL-5/", "note": None}
    a_head = {"value": Decimal("33.33"), "missing": "Not reported"}
    nothing = {"value": None, "missing": "No figure"}
    silent = [{"value": None, "missing": "Not reported (...)"}, {"value": None, "missing": "Not reported"}]
    assert table.rows == [
        [stream, "Allocation", "NHS England", *silent, amount, a_head],
        [stream, "Budget", "NHS England", nothing, nothing, amount, a_head],
    ]
    assert table.context == [
        ("Holder", "Mere Board"), ("Holder's code", "Q7"), ("People", 3),
        ("Counted as", "resident population estimate, 30 June 2023, of the place, which is its area"),
    ]  # fmt: skip


def test_one_body_without_a_population_is_shown_in_pounds_only():
    table = figures.of_body(lines_of([figure()]), None)
    assert [one.label for one in table.columns][3:] == ["2024-25"]
    assert len(table.rows[0]) == 4
    assert table.context[2:] == [("People", "No population held"), ("Counted as", "No population held")]
    assert figures.people_text(HEAD) == "resident population estimate, 30 June 2023"


def test_bodies_of_the_nhs_come_first_and_those_that_are_gone_last():
    gone, council = body(1, closed=TODAY), body(2, is_nhs=False)
    gone_council, board = body(3, is_nhs=False, closed=TODAY), body(4)
    lines = lines_of([figure(organisation=one) for one in (gone_council, council, gone, board)])
    more = lines_of([figure(organisation=board, basis="budget")])
    found = figures.by_body([*lines, *more])
    assert [[line.first.organisation_id for line in of] for of in found] == [[4, 4], [1], [2], [3]]


def test_two_sources_show_their_difference_only_where_both_are_known():
    pairs = lines_of(
        [
            figure(), figure(source=OWN, amount=Decimal("90.50")),
            figure(financial_year=2023), figure(financial_year=2023, source=OWN, amount=None, published_text="..."),
            figure(financial_year=2022, amount=None), figure(financial_year=2022, source=OWN),
        ]
    )  # fmt: skip
    table = figures.two_sources(pairs)
    assert [(row[1], row[3], row[-1]) for row in table.rows] == [
        ("2024-25", {"value": "NHS England"}, Decimal("-9.50")),
        ("2023-24", {"value": "NHS England"}, {"value": None, "missing": "Not known"}),
        ("2022-23", {"value": "NHS England"}, {"value": None, "missing": "Not known"}),
    ]
    assert table.rows[0][0] == {"value": "Core", "url": "/streams/core/"}
    assert [cell["value"] for cell in table.rows[0][4:6]] == [Decimal(100), Decimal("90.50")]
    assert [(one.label, one.format) for one in table.columns][4:] == [
        ("Publisher's figure", "pounds_whole"), ("Its own figure", "pounds_whole"), ("Difference", "change"),
    ]  # fmt: skip


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def total(**fields: Any) -> Total:
    values: dict[str, Any] = {
        "stream": "core", "stream_name": "Core", "position": 1, "part_of": None, "holder_kinds": ("icb",), "year": 2024,
        "basis": "allocation", "gross_or_net": "not_applicable", "recurrence": "not_stated", "source": "NHS England",
        "source_code": "X24", "region": "North", "region_kind": "nhs", "amount": Decimal(10), "reported": 2,
        "not_reported": 1,
    }  # fmt: skip
    return Total(**values | fields)


def test_sums_add_amounts_and_counts_in_the_order_in_which_their_keys_come():
    one, two = total(), total(region="South", amount=Decimal("2.50"), reported=1, not_reported=4)
    other = total(stream="other", amount=None, reported=0, not_reported=3)
    found = added_up([other, one, two], key=lambda each: each.stream)
    assert [(each.stream, each.amount, each.reported, each.not_reported, each.expected) for each in found] == [
        ("other", None, 0, 3, 3),
        ("core", Decimal("12.50"), 3, 5, 8),
    ]
    silent = added_up([other, total(stream="other")], key=lambda each: each.stream)
    assert (silent[0].amount, silent[0].reported, silent[0].not_reported) == (Decimal(10), 2, 4)


@pytest.mark.parametrize("difference", [{"year": 2023}, {"basis": "budget"}, {"gross_or_net": "net"}])
def test_what_must_not_be_added_is_refused(difference):
    with pytest.raises(ValueError, match=r"^Figures of different years, bases, or gross and net are never added up\.$"):
        added_up([total(), total(**difference)], key=lambda each: "everything")
    assert len(added_up([total(), total(recurrence="recurrent", stream="x")], key=lambda each: "everything")) == 1


@pytest.mark.parametrize(
    ("whole", "counted"),
    [
        ({}, False), ({"year": 2023}, True), ({"basis": "budget"}, True), ({"source_code": "MHCLG"}, True),
        ({"stream": "another"}, True),
    ],
)  # fmt: skip
def test_a_part_counts_unless_its_whole_of_the_same_year_basis_and_source_does(whole, counted):
    part = total(stream="part", part_of="core")
    both = [part, total(**whole)]
    assert (part in without_parts(both)) is counted
    assert both[1] in without_parts(both)


# ── England ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def page(*totals: Total, over_years: tuple[Total, ...] = (), own: tuple[Any, ...] = (), chosen: bool = True) -> England:
    measure = Measure(2024, "allocation", 1) if chosen else None
    return England([], measure, list(totals), list(over_years), [], list(own), None)


def labels(table: Any) -> list[tuple[str, str]]:
    return [(one.label, one.format) for one in table.columns]


def test_england_by_stream_sums_regions_and_counts_no_stream_twice():
    part = total(stream="part", stream_name="Part", part_of="core", amount=Decimal(4), reported=1, not_reported=0)
    council = total(
        stream="care", stream_name="Care", holder_kinds=("unitary", "county"), gross_or_net="net", source="MHCLG",
        source_code="M", amount=Decimal(100), reported=1_000, not_reported=1,
    )  # fmt: skip
    table = england.by_stream(page(total(), total(region="South"), part, council))
    assert (table.key, table.caption) == ("streams", "2024-25 allocation, by funding stream")
    assert table.rows == [
        [
            {"value": "Core", "url": "/streams/core/", "note": None}, "NHS commissioners", "Allocation", "NHS England",
            "4 of 6", {"value": Decimal(20), "note": "4 of 6 reported"},
        ],
        [
            {"value": "Part", "url": "/streams/part/", "note": "counted inside another stream"}, "NHS commissioners",
            "Allocation", "NHS England", "1 of 1", {"value": Decimal(4), "note": None},
        ],
        [
            {"value": "Care", "url": "/streams/care/", "note": None}, "Councils", "Allocation, net", "MHCLG",
            "1,000 of 1,001", {"value": Decimal(100), "note": "1,000 of 1,001 reported"},
        ],
    ]  # fmt: skip
    assert table.foot == [
        ["All streams above", "NHS commissioners", "Allocation", "NHS England", "4 of 6",
         {"value": Decimal(20), "note": "4 of 6 reported"}],
        ["All streams above", "Councils", "Allocation, net", "MHCLG", "1,000 of 1,001",
         {"value": Decimal(100), "note": "1,000 of 1,001 reported"}],
    ]  # fmt: skip
    assert table.context == [("Year", "2024-25")]
    assert labels(table)[-1] == ("Amount", "pounds_whole")


@pytest.mark.parametrize(
    "difference", [{"gross_or_net": "gross"}, {"recurrence": "recurrent"}, {"source_code": "M"}, {"stream": "other"}]
)
def test_streams_that_differ_in_kind_or_source_have_rows_of_their_own(difference):
    assert len(england.by_stream(page(total(), total(**difference))).rows) == 2


def test_sums_of_all_streams_keep_gross_from_net_and_name_every_source():
    net, gross = total(gross_or_net="net"), total(gross_or_net="gross", source="B", source_code="B")
    more = total(gross_or_net="gross", source="A", source_code="A", stream="x")
    table = england.by_stream(page(net, gross, more))
    assert [(row[2], row[3], row[5]["value"]) for row in table.foot] == [
        ("Allocation, net", "NHS England", Decimal(10)), ("Allocation, gross", "A, B", Decimal(20)),
    ]  # fmt: skip
    assert england.gross_or_nets(page(net, gross)) == ["gross", "net"]


def test_england_by_region_has_a_table_for_each_kind_of_region():
    other = total(region="East of England", region_kind="statistical", stream="care", stream_name="Care")
    tables = england.by_region(page(other, total(region="South"), total(amount=Decimal(3), reported=3, not_reported=0)))
    assert [(table.key, table.caption) for table in tables] == [
        ("regions-nhs", "2024-25 allocation, by NHS England region"),
        ("regions-statistical", "2024-25 allocation, by English region"),
    ]  # fmt: skip
    assert labels(tables[0]) == [("NHS England region", "text"), ("Core", "pounds_whole")]
    assert tables[0].rows == [
        ["North", {"value": Decimal(3), "note": None}],
        ["South", {"value": Decimal(10), "note": "2 of 3 reported"}],
    ]
    assert tables[0].foot == [["England", {"value": Decimal(13), "note": "5 of 6 reported"}]]
    assert tables[0].context == [("Year", "2024-25"), ("Basis", "Allocation"), ("Source", "NHS England")]


def test_columns_of_one_stream_are_told_apart_and_a_region_without_a_figure_says_so():
    table = england.by_region(
        page(total(), total(region="South", gross_or_net="net", source="B"), total(stream="x", stream_name="X"))
    )[0]
    assert [label for label, _ in labels(table)[1:]] == [
        "Core (Allocation, NHS England)", "Core (Allocation, net, B)", "X",
    ]  # fmt: skip
    assert table.rows[1][1] == {"value": None, "missing": "No figure"}
    assert dict(table.context)["Source"] == "B, NHS England"


def test_years_stand_side_by_side_in_a_table_for_each_basis():
    rows = (total(year=2023), total(), total(basis="outturn"), total(stream="x", stream_name="X", year=2022))
    first, second = england.over_years(page(over_years=rows))
    assert [(first.key, first.caption), (second.key, second.caption)] == [
        ("years-allocation", "Allocation over the years"), ("years-outturn", "Outturn over the years"),
    ]  # fmt: skip
    assert labels(first)[2:] == [
        ("Source", "text"), ("2022-23", "pounds_whole"), ("2023-24", "pounds_whole"), ("2024-25", "pounds_whole"),
    ]  # fmt: skip
    cell, nothing = {"value": Decimal(10), "note": "2 of 3 reported"}, {"value": None, "missing": "No figure"}
    assert first.rows == [
        [{"value": "Core", "url": "/streams/core/"}, "Allocation", "NHS England", nothing, cell, cell],
        [{"value": "X", "url": "/streams/x/"}, "Allocation", "NHS England", cell, nothing, nothing],
    ]


def test_figures_of_ones_own_are_listed_with_their_source():
    table = england.own_figures(page(own=(figure(),)))
    assert (table.key, table.caption) == ("own", "Your organisation, 2024-25")
    assert table.rows == [
        [
            {"value": "Mere Board", "url": "/organisations/Q7/", "note": None},
            {"value": "Core", "url": "/streams/core/"}, "Allocation", "NHS England",
            {"value": Decimal(100), "url": "/allocations/AL-5/", "note": None},
        ]
    ]  # fmt: skip
    assert labels(table)[-1] == ("Amount", "pounds_whole")
    assert england.own_figures(page(chosen=False)).caption == "Your organisation, "
    assert england.of_year(page(chosen=False)) == []


@pytest.mark.parametrize(
    ("kinds", "words"),
    [(("icb",), "NHS commissioners"), (("icb", "nhs_trust"), "NHS commissioners"), (("icb", "county"), "Councils")],
)
def test_holders_are_of_the_nhs_only_if_all_of_them_are(kinds, words):
    assert england.holders_text(kinds) == words


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_stream(**fields: Any) -> FundingStream:
    values = {"code": "core", "name": "Core", "holder_kinds": ["icb"], "ring_fenced": False, "first_year": 2013}
    return FundingStream(**values | fields)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(2013, None, "From 2013-14"), (2022, 2022, "2022-23"), (2022, 2024, "2022-23 to 2024-25")],
)
def test_the_years_of_a_stream(first, last, words):
    assert streams.years_text(a_stream(first_year=first, last_year=last)) == words


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["icb"], "Integrated care boards"),
        ([*UPPER_TIER_KINDS], "Councils with social care duties"),
        ([*UPPER_TIER_KINDS, "icb"], "Councils with social care duties and integrated care boards"),
        (["county", "unitary"], "County councils and unitary authorities"),
        (["nhs_trust", "city_of_london", "isles_of_scilly"], "City of London, Isles of Scilly and NHS trusts"),
        ([], ""),
    ],
)
def test_kinds_of_holder_in_words(kinds, words):
    assert streams.holder_kinds_text(kinds) == words


def test_each_stream_is_listed_with_its_latest_total_and_those_without_say_so():
    table = streams.stream_list(
        [
            a_stream(ring_fenced=True),
            a_stream(code="quiet", name="Quiet", part_of=a_stream(name="Whole", last_year=2020)),
        ],
        [total(year=2023, amount=Decimal(1)), total(), total(region="South"), total(basis="budget"), total(year=2022)],
    )
    assert table.rows == [
        [
            {"value": "Core", "url": "/streams/core/", "note": None}, "Integrated care boards", "From 2013-14", "Yes",
            "2024-25", "Budget", "NHS England", {"value": Decimal(10), "note": "2 of 3 reported"},
        ],
        [
            {"value": "Quiet", "url": "/streams/quiet/", "note": "published together in Whole"},
            "Integrated care boards", "From 2013-14", "No", None, None, None, None,
        ],
    ]  # fmt: skip
    assert [one.missing for one in table.columns][4:] == ["No figures held"] * 4
    only_regions = streams.stream_list([a_stream()], [total(), total(region="South")])
    assert only_regions.rows[0][-1] == {"value": Decimal(20), "note": "4 of 6 reported"}


@pytest.mark.parametrize(
    "difference", [{"year": 2023}, {"basis": "aaa"}, {"gross_or_net": "net"}, {"source_code": "M"}]
)
def test_what_is_listed_of_a_stream_is_one_kind_of_figure_of_one_source(difference):
    row = streams.stream_list([a_stream()], [total(), total(amount=Decimal(7), **difference)]).rows[0]
    assert row[-1]["value"] == Decimal(10)


def test_a_stream_over_the_years_has_a_row_for_each_basis_and_source():
    table = streams.over_years(
        [
            total(year=2023), total(), total(region="South"), total(basis="budget", year=2022),
            total(source_code="A", source="A"),
        ],
        stream=a_stream(),
    )  # fmt: skip
    cell, nothing = {"value": Decimal(10), "note": "2 of 3 reported"}, {"value": None, "missing": "No figure"}
    both = {"value": Decimal(20), "note": "4 of 6 reported"}
    assert labels(table)[2:] == [(year, "pounds_whole") for year in ("2022-23", "2023-24", "2024-25")]
    assert table.rows == [
        ["Allocation", "A", nothing, nothing, cell],
        ["Allocation", "NHS England", nothing, cell, both],
        ["Budget", "NHS England", cell, nothing, nothing],
    ]
    assert (table.key, table.context) == ("years", [("Funding stream", "Core")])


@pytest.mark.parametrize("difference", [{"gross_or_net": "net"}, {"recurrence": "recurrent"}])
def test_a_stream_over_the_years_adds_no_kinds_together(difference):
    assert len(streams.over_years([total(), total(**difference)], stream=a_stream()).rows) == 2


def test_a_stream_by_region_ends_with_the_sum_of_the_chosen_year_and_basis():
    table = streams.by_region(
        [total(), total(region="South", amount=None, reported=0), total(year=2023), total(basis="budget")],
        stream=a_stream(), year=2024, basis="allocation",
    )  # fmt: skip
    assert table.rows == [
        ["North", "Allocation", "NHS England", "2 of 3", {"value": Decimal(10), "note": "2 of 3 reported"}],
        ["South", "Allocation", "NHS England", "0 of 1", {"value": None, "missing": "Not reported (0 of 1)"}],
    ]
    assert table.foot == [
        ["England", "Allocation", "NHS England", "2 of 4", {"value": Decimal(10), "note": "2 of 4 reported"}]
    ]
    assert (table.key, table.caption) == ("regions", "2024-25 allocation, by region")
    assert table.context == [("Funding stream", "Core"), ("Year", "2024-25")]


def test_holders_are_listed_with_people_and_pounds_a_head():
    found = {"persons": 3, "as_at": "2023-06-30", "measure": "resident_estimate"}
    north = body(region=SimpleNamespace(name="North"))
    table = streams.holders(
        [figure(organisation=north, population=found), figure(), figure(amount=None, population=found)],
        stream=a_stream(), year=2024, basis="allocation",
    )  # fmt: skip
    amount = {"value": Decimal(100), "url": "/allocations/AL-5/", "note": None}
    name = {"value": "Mere Board", "url": "/organisations/Q7/", "note": None}
    start = [name, "Q7", "North", "Allocation", "NHS England", TODAY]
    assert table.rows == [
        [*start, HEAD.as_at, amount, Decimal("33.33"), 3],
        [*start[:2], None, *start[3:], None, amount, None, None],
        [*start[:2], None, *start[3:], HEAD.as_at, {"value": None, "missing": "Not reported (100)"},
         {"value": None, "missing": "Not reported"}, 3],
    ]  # fmt: skip
    assert [(one.format, one.missing) for one in table.columns][5:] == [
        ("date", "Not published"), ("date", "No population held"), ("pounds_whole", "No data"),
        ("pounds", "No population held"), ("number", "No population held"),
    ]  # fmt: skip


UPLOAD = SimpleNamespace(reference="UP-3", reversed_at=None)
ACCEPTED = dt.datetime(2024, 5, 11, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Current"), ({"is_current": False}, "Superseded"), ({"withdrawn": True}, "Withdrawn"),
        ({"withdrawn": True, "is_current": False}, "Withdrawn"), ({"published_on": None}, "Current, not published"),
        (
            {"is_current": False, "upload": SimpleNamespace(reversed_at=ACCEPTED)},
            "Superseded, its upload reversed on 11 May 2024",
        ),
    ],
)  # fmt: skip
def test_how_a_version_stands(fields, words):
    assert streams.state_text(figure(**{"upload": UPLOAD} | fields)) == words


def test_versions_lead_to_each_other_and_not_to_the_page_that_is_read():
    one, two = (
        figure(pk=pk, reference=f"AL-{pk}", version=pk, amount=Decimal(amount), accepted_at=ACCEPTED, upload=UPLOAD)
        for pk, amount in ((1, 120), (2, 100))
    )
    silent = figure(pk=3, version=3, amount=None, published_text="[x]", accepted_at=ACCEPTED, upload=UPLOAD)
    gone = figure(pk=4, version=4, amount=None, withdrawn=True, accepted_at=ACCEPTED, upload=UPLOAD)
    rows = streams.versions([gone, silent, two, one], shown=two).rows
    assert [row[0] for row in rows[2:]] == [
        {"value": "Version 2", "url": None, "note": "this page"},
        {"value": "Version 1", "url": "/allocations/AL-1/", "note": None},
    ]
    assert [row[1]["missing"] for row in rows[:2]] == ["Withdrawn", "Not reported ([x])"]
    assert rows[2][1:] == [
        {"value": Decimal(100), "missing": "Not reported (100)"},
        {"value": Decimal(-20), "note": "−16.67%"},
        TODAY,
        ACCEPTED.date(),
        "Current",
        {"value": "UP-3", "url": "/publications/UP-3/"},
    ]
    assert [row[2] for row in (*rows[:2], rows[3])] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "amount", "words"),
    [
        ("1,234.50", "1234.50", "1,234.50 (in pounds)"),
        ("£5", "5.00", "£5 (in pounds)"),
        ("5.125", "5125.00", "5.125 (in £ thousand: multiplied by 1,000)"),
        ("5.0000005", "5000.00", "5.0000005 (in £ thousand: multiplied by 1,000 and rounded to the penny once)"),
        ("5", "7.00", "5"),
        ("about 5", "5.00", "about 5"),
        ("", "5.00", "Not held"),
        ("...", None, "..."),
        ("", None, "Not held"),
    ],
)
def test_a_publishers_own_text_is_said_with_its_unit(text, amount, words):
    assert streams.published_as(figure(published_text=text, amount=amount and Decimal(amount))) == words


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_part_of_a_figure_is_a_share_to_the_penny_and_a_gap_stays_a_gap():
    line = Line(figure(), {2024: figure(amount=Decimal("100.01")), 2023: figure(amount=None)})
    assert places._part(line, 2024, Decimal("0.25")) == {"value": Decimal("25.00"), "note": "apportioned"}
    nothing = {"value": None, "missing": "No figure"}
    assert [places._part(line, year, Decimal("0.25")) for year in (2023, 2022)] == [nothing, nothing]


# ── Organisations ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_took_over_is_named_with_the_day_or_nobody_is():
    steps = [SimpleNamespace(successor=body(name=name), effective_on=TODAY) for name in ("A", "B")]
    assert taken_over_sentence(steps) == "A (10 May 2024) and B (10 May 2024)"
    assert taken_over_sentence([]) is None
