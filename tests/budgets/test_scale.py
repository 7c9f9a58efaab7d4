"""Pounds taken for thousands or millions: each figure is compared with whatever is known of the same money."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.allocations import scale
from budgets.allocations.scale import Staged, _averages, is_apart
from budgets.allocations.successions import Compared
from budgets.models import FundingStream
from pooledcare.directory.models import Organisation, Succession
from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads.models import UploadProblem
from tests import factories
from tests.budgets.ledger import STEPS, figure, put, stage
from tests.uploads.sending import Desk


@dataclass
class World:
    publisher: Organisation
    ash: Organisation
    birch: Organisation
    core: FundingStream


@pytest.fixture
def world(db: None) -> World:
    return World(
        factories.nhs_england(),
        factories.organisation(name="Ash Board", code="QAA"),
        factories.organisation(name="Birch Board", code="QBB"),
        factories.stream(code="core", name="Core", position=2, holder_kinds=["icb", "ccg"]),
    )


def warnings(upload: Any) -> list[Problem]:
    found = STEPS.current_state_problems(upload)
    assert all((one.code, one.severity) == ("W_SCALE", "warning") for one in found)
    return found


def said(upload: Any) -> list[str]:
    return [one.message for one in warnings(upload)]


LAST_YEAR = {"financial_year": 2023}


# ── How far apart ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("499.99", None), ("500.00", "500 times as large as"), ("1000.00", "1,000 times as large as"),
        ("2000.00", "2,000 times as large as"), ("2000.01", None), ("-1000.00", "1,000 times as large as"),
        ("1.00", None), ("0.00", None), ("499999.99", None), ("500000", "500,000 times as large as"),
        ("1000000", "1,000,000 times as large as"), ("2000000.00", "2,000,000 times as large as"), ("2000000.01", None),
    ],
)  # fmt: skip
def test_figures_a_thousand_or_a_million_times_as_large_are_warned_of(world, amount, told):
    put(world.publisher, figure(world.ash, world.core, "1.00"))
    found = said(stage(world.publisher, figure(world.ash, world.core, amount)))
    assert [told in message for message in found] == ([True] if told else [])
    assert is_apart(Decimal(amount), Decimal("1.00")) is bool(told)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("4.01", None), ("4.00", "500 times smaller than"), ("2.00", "1,000 times smaller than"),
        ("1.00", "2,000 times smaller than"), ("0.99", None), ("2000.00", None),
    ],
)  # fmt: skip
def test_figures_as_many_times_smaller_are_warned_of(world, amount, told):
    put(world.publisher, figure(world.ash, world.core, "2000.00"))
    found = said(stage(world.publisher, figure(world.ash, world.core, amount)))
    assert [told in message for message in found] == ([True] if told else [])


@given(st.decimals("0.01", "99999999", places=2), st.decimals("0.01", "99999999", places=2))
def test_it_does_not_matter_which_is_which_or_what_their_signs_are(one, other):
    ratio = max(one, other) / min(one, other)
    assert is_apart(one, other) is (500 <= ratio <= 2000 or 500_000 <= ratio <= 2_000_000)
    assert is_apart(one, other) is is_apart(other, one) is is_apart(-one, other) is is_apart(one, -other)


# ── What is compared ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_warning_says_which_figure_year_and_source_and_where_it_is(world):
    put(world.publisher, figure(world.ash, world.core, "1055946000.00", **LAST_YEAR))
    upload = stage(world.ash, figure(world.ash, world.core, "1055946", row=7, cell="E", sheet="Ours"))
    (warning,) = warnings(upload)
    assert warning.message == (
        "Core 2024-25: the figure of Ash Board, £1,055,946.00, is about 1,000 times smaller than the allocation of "
        "2023-24 by NHS England, £1,055,946,000.00"
    )
    assert str(warning.where) == "Ours, E7 (amount)"
    assert (warning.value, warning.fix) == (
        "1055946",
        "Check whether the file is in thousands or millions of pounds. Amounts must be in pounds.",
    )


@pytest.mark.parametrize(
    ("difference", "warned"),
    [
        ({}, True), ({"financial_year": 2023}, True), ({"financial_year": 2022}, False), ({"basis": "outturn"}, True),
        ({"organisation": "birch"}, False), ({"stream": "other"}, False), ({"amount": Decimal(0)}, False),
        ({"recurrence": "non_recurrent"}, False), ({"recurrence": "not_stated"}, True),
        ({"gross_or_net": "gross"}, True), ({"published_on": None}, False),
        ({"published_on": dt.date(2999, 1, 1)}, False), ({"published_on": None, "own": True}, True),
        ({"is_current": False}, False), ({"amount": None, "withdrawn": True}, False),
    ],
)  # fmt: skip
def test_every_source_of_the_same_body_and_stream_that_the_sender_may_see_is_compared(world, difference, warned):
    values = {"organisation": world.birch if difference.get("organisation") else world.ash, "stream": world.core,
              "amount": Decimal("1.00"), "source": world.publisher}  # fmt: skip
    fields = {name: value for name, value in difference.items() if name not in ("organisation", "stream", "own")}
    if difference.get("stream"):
        values["stream"] = factories.stream()
    factories.allocation(**values | fields)
    sender = world.ash if difference.get("own") else factories.organisation(kind="nhs_england")
    upload = stage(sender, figure(world.ash, world.core, "1000.00"))
    assert bool(said(upload)) is warned


@pytest.mark.parametrize(("one", "other", "warned"), [
    ("gross", "net", False), ("not_applicable", "net", True), ("net", "not_applicable", True), ("net", "net", True),
])  # fmt: skip
def test_gross_is_not_compared_with_net(world, one, other, warned):
    put(world.publisher, figure(world.ash, world.core, "1", gross_or_net=one, **LAST_YEAR))
    upload = stage(world.ash, figure(world.ash, world.core, "1000", gross_or_net=other))
    assert bool(said(upload)) is warned


@pytest.mark.parametrize(("one", "other", "warned"), [
    ("recurrent", "non_recurrent", False), ("not_stated", "recurrent", True), ("recurrent", "not_stated", True),
])  # fmt: skip
def test_recurrent_is_not_compared_with_one_off_money(world, one, other, warned):
    put(world.publisher, figure(world.ash, world.core, "1", recurrence=one, **LAST_YEAR))
    upload = stage(world.ash, figure(world.ash, world.core, "1000", recurrence=other))
    assert bool(said(upload)) is warned


def test_the_year_before_in_the_same_file_is_compared_too(world):
    rows = [figure(world.ash, world.core, "2", **LAST_YEAR), figure(world.ash, world.core, "2000")]
    assert said(stage(world.publisher, *rows)) == [
        "Core 2024-25: the figure of Ash Board, £2,000.00, is about 1,000 times as large as the allocation of 2023-24 "
        "in the same file, £2.00"
    ]
    stage(world.publisher, figure(world.ash, world.core, "2", **LAST_YEAR))
    assert said(stage(world.publisher, figure(world.ash, world.core, "2000"))) == []


def test_one_warning_for_each_stream_year_basis_and_direction_names_the_largest_pair(world):
    first = factories.stream(name="First", position=1)
    bodies = [factories.organisation(name=f"Board {number}") for number in range(3)]
    for place, body in enumerate(bodies, start=1):
        put(
            world.publisher, figure(body, world.core, str(place), **LAST_YEAR), figure(body, first, "5000", **LAST_YEAR)
        )
    factories.allocation(organisation=bodies[2], stream=world.core, amount=Decimal("3.01"), basis="outturn")
    upload = stage(
        world.publisher, *(figure(body, world.core, f"{place}000") for place, body in enumerate(bodies, start=1)),
        figure(bodies[0], first, "5"), figure(bodies[1], first, "5000000"), figure(bodies[2], first, "5001"),
        figure(bodies[0], first, "6", basis="budget"), figure(bodies[1], first, "7", basis="budget"),
    )  # fmt: skip
    found = said(upload)
    assert [message.split(",")[0] for message in found] == [
        "First 2024-25: the figure of Board 0", "First 2024-25: the figure of Board 1",
        "First 2024-25: the figure of Board 0", "Core 2024-25: the figure of Board 2",
    ]  # fmt: skip
    assert found[2].endswith(". The same is true of 1 more figure")
    assert found[3].endswith("the outturn of 2024-25 by NHS England, £3.01. The same is true of 2 more figures")


def test_nothing_is_compared_of_another_upload(world):
    put(world.publisher, figure(world.ash, world.core, "1.00"))
    stage(world.publisher, figure(world.ash, world.core, "1000.00"))
    assert said(stage(world.publisher, figure(world.ash, world.core, "1.00"))) == []


def test_however_many_figures_there_are_the_queries_are_the_same(world):
    def queries(number: int) -> int:
        bodies = [factories.organisation() for _ in range(number)]
        put(world.publisher, *(figure(body, world.core, "1", **LAST_YEAR) for body in bodies))
        upload = stage(world.publisher, *(figure(body, world.core, "1000") for body in bodies))
        with CaptureQueriesContext(connection) as captured:
            assert len(warnings(upload)) == 1
        return len(captured)

    assert queries(1) == queries(30)


# ── Across a succession, and on average ──────────────────────────────────────────────────────────────────────────────


def succeeded(world: World) -> Organisation:
    board = factories.organisation(name="Mere Board", opened=dt.date(2024, 4, 1))
    for body in (world.ash, world.birch):
        Organisation.objects.filter(pk=body.pk).update(closed=dt.date(2024, 3, 31))
        Succession.objects.create(predecessor=body, successor=board, effective_on=dt.date(2024, 4, 1))
    return board


def test_a_successor_is_compared_with_the_sum_of_its_predecessors_by_any_source(world):
    board = succeeded(world)
    put(
        world.publisher,
        figure(world.ash, world.core, "400000", **LAST_YEAR),
        figure(world.birch, world.core, "600000", **LAST_YEAR),
    )
    assert said(stage(board, figure(board, world.core, "1000"))) == [
        "Core 2024-25: the figure of Mere Board, £1,000.00, is about 1,000 times smaller than the allocation of "
        "2023-24 by NHS England for Ash Board and Birch Board, £1,000,000.00 together"
    ]
    assert said(stage(board, figure(board, world.core, "1000000"))) == []
    # What a source says of one of them alone is not the year before.
    put(world.ash, figure(world.ash, world.core, "1", **LAST_YEAR))
    assert said(stage(board, figure(board, world.core, "1000000"))) == []


def test_one_warning_is_enough_for_a_figure(world):
    board = succeeded(world)
    put(
        world.publisher,
        figure(world.ash, world.core, "4", **LAST_YEAR),
        figure(world.birch, world.core, "6", **LAST_YEAR),
    )
    put(world.publisher, figure(board, world.core, "10"))
    assert len(said(stage(world.publisher, figure(board, world.core, "10000")))) == 1


@pytest.mark.parametrize(
    ("stands_in", "warned"), [(2022, False), (2023, True), (2024, True), (2025, True), (2026, False)]
)
def test_bodies_without_figures_of_their_own_are_compared_on_average(world, stands_in, warned):
    put(world.publisher, figure(world.ash, world.core, "1.00", financial_year=stands_in))
    found = said(stage(world.publisher, figure(world.birch, world.core, "1000.00")))
    message = (
        "Core 2024-25: the figures are on average about 1,000 times as large as the current figures of "
        f"{stands_in}-{stands_in - 1999} by NHS England"
    )
    assert found == ([message] if warned else [])


def test_averages_are_compared_and_those_who_did_not_report_are_in_neither(world):
    put(world.publisher, figure(world.ash, world.core, "1.00"), figure(world.birch, world.core, None))
    bodies = [factories.organisation() for _ in range(5)]
    upload = stage(
        world.publisher, figure(bodies[0], world.core, "400.00"), figure(bodies[1], world.core, "600.00"),
        *(figure(body, world.core, None) for body in bodies[2:]),
    )  # fmt: skip
    assert len(said(upload)) == 1
    assert said(stage(world.publisher, *(figure(body, world.core, "400.00") for body in bodies))) == []


KEY = (1, 2024, "budget", "net", "recurrent")


def standing(**years: tuple[int, int]) -> dict[Any, tuple[Decimal, int]]:
    return {(1, int(year[1:]), *KEY[2:]): (Decimal(amount), count) for year, (amount, count) in years.items()}


@pytest.mark.parametrize(
    ("total", "reported", "there", "expected"),
    [
        (100, 2, {"_2024": (10, 2)}, (50, 5, 2024)),
        (100, 2, {"_2024": (10, 1), "_2023": (1, 1)}, (50, 10, 2024)),  # the same year first
        (100, 2, {"_2023": (25, 1), "_2025": (1, 1)}, (50, 25, 2023)),  # then the year before, then the one after
        (100, 2, {"_2025": (1, 1)}, (50, 1, 2025)),
        (100, 2, {"_2024": (0, 1), "_2023": (25, 1)}, (50, 25, 2023)),
        (100, 2, {"_2024": (0, 0)}, None), (0, 2, {"_2024": (10, 1)}, None), (0, 0, {"_2024": (10, 1)}, None),
        (100, 2, {"_2022": (10, 1)}, None),
    ],
)  # fmt: skip
def test_the_averages_that_are_compared(total, reported, there, expected):
    assert _averages(Staged(KEY, Decimal(total), reported), standing(**there)) == expected


@pytest.mark.parametrize("place", [0, 2, 3, 4])
def test_averages_are_of_the_same_stream_and_kind_of_figure(place):
    other = list(KEY)
    other[place] = 9 if place == 0 else "other"
    assert _averages(Staged(KEY, Decimal(100), 1), {tuple(other): (Decimal(1), 1)}) is None  # type: ignore[dict-item]


def test_there_is_nothing_to_compare_without_rows(world):
    assert said(stage(world.publisher)) == []


# ── The file that followed our own advice ────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("is_own", [True, False])
def test_thousands_under_the_heading_amount_are_warned_of(shared_data: Path, is_own: bool):
    somerset = factories.organisation(name="NHS Somerset Integrated Care Board", code="QSL", opened=dt.date(2022, 7, 1))
    core, publisher = factories.stream(code="nhs-core", name="Core NHS allocation"), factories.nhs_england()
    put(publisher, figure(somerset, core, "1055946000.00", financial_year=2024))
    desk = Desk(somerset) if is_own else Desk(publisher, ("publisher",))
    upload = desk.send((shared_data / "cases" / "c21c_advice_followed.csv").read_text(encoding="utf-8"))
    problem = UploadProblem.objects.get(upload=upload)
    assert (problem.code, problem.severity, problem.row, problem.value) == ("W_SCALE", "warning", 2, "1055946")
    assert problem.message == (
        "Core NHS allocation 2025-26: the figure of NHS Somerset Integrated Care Board, £1,055,946.00, is about 1,000 "
        "times smaller than the allocation of 2024-25 by NHS England, £1,055,946,000.00"
    )


# ── The words of a warning ───────────────────────────────────────────────────────────────────────────────────────────

CORE = SimpleNamespace(name="Core")
HEAD = "Core 2024-25: the figure of Ash Board, £1,000.00, is about 1,000 times as large as the budget of 2023-24"


@pytest.mark.parametrize(
    ("source", "number", "told"),
    [
        ("NHS", 1, f"{HEAD} by NHS, £1.00"),
        ("", 1, f"{HEAD} in the same file, £1.00"),
        ("NHS", 2, f"{HEAD} by NHS, £1.00. The same is true of 1 more figure"),
        ("NHS", 1_001, f"{HEAD} by NHS, £1.00. The same is true of 1,000 more figures"),
    ],
)
def test_a_warning_of_a_pair_says_how_many_more_there_are(source, number, told):
    row = (7, 2024, "budget", 1, number, "Ash Board", Decimal(1000), Decimal(1), 2023, "budget", source)
    one = scale._of_pair((*row, "", 5, "", "1,000"), {7: CORE})
    assert (one.message, one.where, one.value) == (told, Where(None, 5, None, "amount"), "1,000")
    assert scale._of_pair((*row, "Data", 5, "E", ""), {7: CORE}).where == Where("Data", 5, "E", "amount")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((1,), (2,), "the figure of Birch Board, £2.00, is about 1,000 times smaller than the budget of 2023-24 by "
         "Cedar for Ash Board, £2,000.00"),
        ((2, 1), (2,), "the figure of Birch Board, £2.00, is about 1,000 times smaller than the budget of 2023-24 by "
         "Cedar for Ash Board and Birch Board, £2,000.00 together"),
        ((1,), (2, 1), "the figures of Ash Board and Birch Board, £2.00 together, are about 1,000 times smaller than "
         "the budget of 2023-24 by Cedar for Ash Board, £2,000.00"),
    ],
)  # fmt: skip
def test_a_warning_of_sums_names_all_bodies(before, after, told):
    names = {1: "Ash Board", 2: "Birch Board", 9: "Cedar"}
    around = SimpleNamespace(bodies={pk: Organisation(pk=pk, name=name) for pk, name in names.items()},
                             streams={7: CORE})  # fmt: skip
    kind = (7, "budget", "net", "recurrent")
    one = scale._of_group(Compared(2024, kind, 9, before, after, Decimal(2000), Decimal(2)), around)
    assert one.message == f"Core 2024-25: {told}"


@pytest.mark.parametrize(
    ("amount", "other", "told"),
    [("2", "1", "about 2 times as large as"), ("1", "4", "about 4 times smaller than"),
     ("-1500", "1", "about 1,500 times as large as"), ("1", "-1500", "about 1,500 times smaller than")],
)  # fmt: skip
def test_a_size_is_said_as_a_number_of_times(amount, other, told):
    assert scale._size(Decimal(amount), Decimal(other)) == told
