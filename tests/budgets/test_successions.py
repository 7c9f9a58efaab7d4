"""What is compared where organisations followed each other: sums of all of them, never a share that nobody stated."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.allocations.successions import Compared, Group, MemberFigure, NotCompared, compare, groups_of
from budgets.models import FundingStream
from pooledcare.directory.models import AreaTransfer, Organisation, Succession
from tests import factories
from tests.budgets.ledger import STEPS, figure, put, stage

APRIL = dt.date(2023, 4, 1)
JULY = dt.date(2022, 7, 1)


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def grouped(steps: list[tuple[int, int, dt.date]], year: int) -> set[tuple[frozenset[int], frozenset[int]]]:
    return {(group.predecessors, group.successors) for group in groups_of(steps, year)}


def fs(*members: int) -> frozenset[int]:
    return frozenset(members)


@pytest.mark.parametrize(
    ("day", "year", "is_within"),
    [
        (dt.date(2022, 4, 1), 2023, False), (dt.date(2022, 4, 2), 2023, True), (APRIL, 2023, True),
        (dt.date(2024, 3, 31), 2023, True), (dt.date(2024, 4, 1), 2023, False), (JULY, 2022, True),
        (JULY, 2023, True), (JULY, 2024, False),
    ],
)  # fmt: skip
def test_a_succession_counts_after_the_first_day_of_one_year_and_until_the_last_of_the_next(day, year, is_within):
    assert grouped([(1, 2, day)], year) == ({(fs(1), fs(2))} if is_within else set())


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        ([(1, 9), (2, 9), (3, 9)], {(fs(1, 2, 3), fs(9))}),  # joined
        ([(1, 8), (1, 9)], {(fs(1), fs(8, 9))}),  # divided
        ([(1, 8), (2, 9), (1, 9)], {(fs(1, 2), fs(8, 9))}),
        ([(1, 8), (2, 9)], {(fs(1), fs(8)), (fs(2), fs(9))}),
        ([(1, 2), (2, 3)], {(fs(1, 2), fs(2, 3))}),  # twice within two years
        ([(1, 2), (3, 4), (2, 3)], {(fs(1, 2, 3), fs(2, 3, 4))}),
    ],
)
def test_all_that_hang_together_are_one_group(pairs, groups):
    assert grouped([(old, new, APRIL) for old, new in pairs], 2023) == groups


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] != pair[1]), max_size=12))
def test_groups_share_no_member_and_lose_none(pairs):
    groups = groups_of([(old, new, APRIL) for old, new in pairs], 2023)
    members = [member for group in groups for member in group.members]
    assert len(members) == len(set(members))
    assert set(members) == {member for pair in pairs for member in pair}
    for old, new in pairs:
        assert any(old in group.predecessors and new in group.successors for group in groups)


# ── Comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────

KIND = (7, "outturn", "net", "not_stated")
PUBLISHER, OTHER = 24, 25


def said(year: int, organisation: int, amount: str | None, **fields: Any) -> MemberFigure:
    values = {"kind": KIND, "source": PUBLISHER, "amount": None if amount is None else Decimal(amount)} | fields
    return MemberFigure(organisation=organisation, year=year, **values)


def compared(
    group: Group, figures: list[MemberFigure], before: frozenset[int], after: frozenset[int], source: int = PUBLISHER
) -> Any:
    holders = {group.year - 1: before, group.year: after}
    return compare(group, figures, kind=KIND, sources=(source, PUBLISHER), holders=holders)


def sums(found: Compared) -> tuple[str, str]:
    return str(found.year_before), str(found.amount)


JOINED = Group(2023, fs(1, 2, 5), fs(9))  # 5 is a district, which does not hold the stream
DIVIDED = Group(2023, fs(1), fs(8, 9))
NEW_IN_JULY = Group(2023, fs(1, 2), fs(9))  # the successor existed for a part of the year before


def test_the_year_before_is_the_sum_of_the_predecessors():
    figures = [said(2022, 1, "60.10"), said(2022, 2, "40"), said(2022, 5, "0.40"), said(2023, 9, "355.5")]
    found = compared(JOINED, figures, fs(1, 2), fs(9))
    assert sums(found) == ("100.50", "355.5")
    assert (found.year, found.kind, found.source, found.before, found.after) == (2023, KIND, PUBLISHER, (1, 2, 5), (9,))
    assert sums(compared(JOINED, figures[:2] + figures[3:], fs(1, 2), fs(9))) == ("100.10", "355.5")


@pytest.mark.parametrize("silent", [None, "..."])
def test_nothing_is_compared_while_a_predecessor_is_missing(silent):
    figures = [said(2022, 1, "60"), said(2023, 9, "355.5"), *([said(2022, 2, None)] if silent else [])]
    assert compared(JOINED, figures, fs(1, 2), fs(9)) == NotCompared(2023, KIND, PUBLISHER, (1, 2), (9,), (2,))


def test_successors_of_a_divided_area_are_compared_together_or_not_at_all():
    figures = [said(2022, 1, "100"), said(2023, 8, "40"), said(2023, 9, "70")]
    found = compared(DIVIDED, figures, fs(1), fs(8, 9))
    assert (sums(found), found.before, found.after) == (("100", "110"), (1,), (8, 9))
    assert compared(DIVIDED, figures[:2], fs(1), fs(8, 9)) == NotCompared(2023, KIND, PUBLISHER, (1,), (8, 9), (9,))
    assert compared(DIVIDED, [*figures[:2], said(2023, 9, None)], fs(1), fs(8, 9)).missing == (9,)


@pytest.mark.parametrize(
    ("before", "sum_before"),
    [
        ({1: "10", 2: "20"}, "30"),  # the whole year, or their part of it
        ({1: "10", 2: "20", 9: "90"}, "120"),  # both parts of the year
        ({9: "125"}, "125"),  # the whole year, as if the successor had been there
        ({1: "10", 9: "90"}, None), ({1: "10"}, None),
    ],
)  # fmt: skip
def test_a_year_in_which_both_existed_is_known_by_its_parts_or_as_a_whole(before, sum_before):
    figures = [said(2023, 9, "130"), *(said(2022, body, amount) for body, amount in before.items())]
    found = compared(NEW_IN_JULY, figures, fs(1, 2, 9), fs(9))
    if sum_before is None:
        assert isinstance(found, NotCompared)
        assert found.missing == (2,)
    else:
        assert sums(found) == (sum_before, "130")


@pytest.mark.parametrize(
    ("now", "amount"),
    [
        ({1: "3", 2: "4", 9: "30"}, "37"), ({9: "36"}, "36"), ({1: "3", 2: "4"}, "7"), ({1: "3", 9: "30"}, None),
        ({2: "4"}, None),
    ],
)  # fmt: skip
def test_so_is_a_year_in_which_the_one_takes_over_from_the_others(now, amount):
    group = Group(2022, fs(1, 2), fs(9))
    figures = [said(2021, 1, "10"), said(2021, 2, "20"), *(said(2022, body, text) for body, text in now.items())]
    found = compared(group, figures, fs(1, 2), fs(1, 2, 9))
    assert (isinstance(found, NotCompared), getattr(found, "amount", None)) == (
        amount is None,
        None if amount is None else Decimal(amount),
    )


@pytest.mark.parametrize(
    "other",
    [{"year": 2021}, {"kind": (8, *KIND[1:])}, {"kind": (7, "budget", *KIND[2:])}, {"source": OTHER}, {"amount": None}],
)
def test_only_the_same_kind_of_figure_of_both_years_is_compared(other):
    before, after = said(2022, 1, "60"), said(2023, 9, "70")
    group = Group(2023, fs(1), fs(9))
    assert sums(compared(group, [before, after], fs(1), fs(9))) == ("60", "70")
    values = {"year": 2022, "kind": KIND, "source": PUBLISHER, "amount": Decimal(60)} | other
    assert compared(group, [MemberFigure(organisation=1, **values), after], fs(1), fs(9)) is None
    values = {"year": 2023, "kind": KIND, "source": PUBLISHER, "amount": Decimal(70)} | (
        other if "year" not in other else {"year": 2024}
    )
    assert compared(group, [before, MemberFigure(organisation=9, **values)], fs(1), fs(9)) is None


def test_the_year_before_may_be_of_another_source():
    figures = [
        said(2022, 1, "60", source=OTHER),
        said(2022, 1, "50"),
        said(2023, 9, "70"),
        said(2023, 9, "1", source=OTHER),
    ]
    found = compared(Group(2023, fs(1), fs(9)), figures, fs(1), fs(9), source=OTHER)
    assert (sums(found), found.source) == (("60", "70"), OTHER)


def test_predecessors_that_do_not_hold_the_stream_are_compared_if_nobody_else_has_a_figure():
    figures = [said(2022, 5, "3"), said(2022, 6, "4"), said(2023, 9, "8")]
    assert sums(compared(Group(2023, fs(5, 6), fs(9)), figures, fs(), fs())) == ("7", "8")


# ── In the preview of an upload ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def care(db: None) -> FundingStream:
    return factories.stream(code="care", name="Care", holder_kinds=["county", "unitary"], included_kinds=["district"])


def council(
    name: str, kind: str = "unitary", *, until: dt.date | None = None, since: dt.date | None = None
) -> Organisation:
    return factories.organisation(name=name, code=name.upper()[:11], kind=kind, opened=since, closed=until)


def follow(successor: Organisation, *predecessors: Organisation, on: dt.date = APRIL) -> None:
    for predecessor in predecessors:
        Succession.objects.create(predecessor=predecessor, successor=successor, effective_on=on)


def shown(upload: Any) -> dict[str, Any]:
    STEPS.current_state_problems(upload)
    return STEPS.preview(upload)[1]


def moved(upload: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one["organisation_name"], one["year_before"], one["amount"], one["compared_with"])
        for one in shown(upload)["movements"]
    ]


EVE = dt.date(2023, 3, 31)
THEN, NOW = {"financial_year": 2022}, {"financial_year": 2023}


@pytest.fixture
def taken_over(care: FundingStream) -> dict[str, Organisation]:
    found = {
        "county": council("Mereshire", "county", until=EVE), "district": council("Mere", "district", until=EVE),
        "unitary": council("Mere Unitary", since=APRIL),
    }  # fmt: skip
    follow(found["unitary"], found["county"], found["district"])
    return found


@pytest.mark.parametrize(
    ("amount", "flagged"), [("125.00", False), ("125.01", True), ("75.00", False), ("74.99", True)]
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_movement_across_a_succession_is_flagged_as_any_other(care, taken_over, amount, flagged, in_file):
    publisher = factories.nhs_england()
    before = [figure(taken_over["county"], care, "90", **THEN), figure(taken_over["district"], care, "10", **THEN)]
    if not in_file:
        put(publisher, *before)
        before = []
    upload = stage(publisher, *before, figure(taken_over["unitary"], care, amount, **NOW))
    assert moved(upload) == ([("Mere Unitary", "100.00", amount, "Mere and Mereshire")] if flagged else [])


def test_what_was_taken_over_from_several_years_ago_is_compared_with_its_own_year_before(care, taken_over):
    publisher = factories.nhs_england()
    put(publisher, figure(taken_over["county"], care, "1", **THEN), figure(taken_over["unitary"], care, "100", **NOW))
    upload = stage(publisher, figure(taken_over["unitary"], care, "130", financial_year=2024))
    assert moved(upload) == [("Mere Unitary", "100.00", "130.00", "")]


def test_figures_before_and_after_are_those_of_the_upload_where_it_has_them_and_of_the_same_source(care, taken_over):
    publisher = factories.nhs_england()
    put(publisher, figure(taken_over["county"], care, "90", **THEN), figure(taken_over["unitary"], care, "9", **NOW))
    put(taken_over["county"], figure(taken_over["county"], care, "3", **THEN))
    rows = [figure(taken_over["county"], care, "100", **THEN), figure(taken_over["unitary"], care, "130", **NOW)]
    assert moved(stage(publisher, *rows)) == [("Mere Unitary", "100.00", "130.00", "Mereshire")]
    # A figure that the upload leaves as it is does not move.
    assert moved(stage(publisher, figure(taken_over["unitary"], care, "9", **NOW))) == []
    # A complete file withdraws the figure of the year before.
    rows = [figure(taken_over["unitary"], care, "400", **NOW), figure(council("Oak"), care, "1", **THEN)]
    assert moved(stage(publisher, *rows, complete=True)) == []


def test_an_area_that_was_divided_is_compared_as_a_whole_or_named(care):
    publisher = factories.nhs_england()
    county = council("Fellshire", "county", until=EVE)
    east, west = council("East Fells", since=APRIL), council("West Fells", since=APRIL)
    follow(east, county)
    follow(west, county)
    put(publisher, figure(county, care, "100", **THEN))
    one = shown(stage(publisher, figure(east, care, "40", **NOW)))
    assert (one["movements"], one["movement_count"], one["not_compared_count"]) == ([], 0, 1)
    assert one["not_compared"] == [
        {
            "stream": "care", "financial_year": "2023-24", "basis": "allocation", "predecessors": "Fellshire",
            "successors": "East Fells and West Fells", "missing": "West Fells",
        }
    ]  # fmt: skip
    both = shown(stage(publisher, figure(east, care, "40", **NOW), figure(west, care, "90", **NOW)))
    assert [(one["organisation"], one["organisation_name"]) for one in both["movements"]] == [
        ("EAST FELLS WEST FELLS", "East Fells and West Fells")
    ]
    assert moved(stage(publisher, figure(east, care, "40", **NOW), figure(west, care, "90", **NOW))) == [
        ("East Fells and West Fells", "100.00", "130.00", "Fellshire")
    ]
    assert both["not_compared"] == []
    put(publisher, figure(east, care, "40", **NOW))
    assert moved(stage(publisher, figure(west, care, "60", **NOW))) == []


@pytest.mark.parametrize(("has_ended", "day", "is_divided"), [
    (True, JULY, True), (False, JULY, False), (True, dt.date(2022, 10, 1), False),
])  # fmt: skip
def test_who_ended_and_gave_a_part_of_its_area_elsewhere_was_divided(db, has_ended, day, is_divided):
    publisher, core = factories.nhs_england(), factories.stream(code="core", holder_kinds=["ccg", "icb"])
    group, other_group, board, other = (
        factories.organisation(name="Glen", kind="ccg", closed=dt.date(2022, 6, 30) if has_ended else None),
        factories.organisation(name="Hill", kind="ccg", closed=dt.date(2022, 6, 30)),
        factories.organisation(name="Glen Board", opened=JULY), factories.organisation(name="Hill Board", opened=JULY),
    )  # fmt: skip
    follow(other, other_group, on=JULY)
    if has_ended:
        follow(board, group, on=JULY)
    AreaTransfer.objects.create(giver=group, receiver=other, effective_on=day, area="a village")
    put(publisher, *(figure(one, core, "100", financial_year=2021) for one in (group, other_group)))
    found = shown(stage(publisher, figure(other, core, "150", **THEN)))
    if is_divided:
        assert (found["movements"], [one["missing"] for one in found["not_compared"]]) == ([], ["Glen Board"])
        both = stage(publisher, figure(other, core, "150", **THEN), figure(board, core, "60", **THEN))
        assert shown(both)["movements"] == []
    else:
        assert [one["compared_with"] for one in found["movements"]] == ["Hill"]


def test_what_nobody_had_a_year_before_is_neither_compared_nor_named(care, taken_over):
    found = shown(stage(factories.nhs_england(), figure(taken_over["unitary"], care, "40", **NOW)))
    assert (found["movements"], found["not_compared"]) == ([], [])


def test_groups_that_became_a_board_within_a_year_are_compared_with_both_parts_of_it(db):
    publisher, core = factories.nhs_england(), factories.stream(code="core", holder_kinds=["ccg", "icb"])
    groups = [factories.organisation(name=name, kind="ccg", closed=dt.date(2022, 6, 30)) for name in ("Ash", "Birch")]
    board = factories.organisation(name="Mere Board", opened=JULY)
    follow(board, *groups, on=JULY)
    put(publisher, *(figure(one, core, "120", financial_year=2021) for one in groups))
    parts = [*(figure(one, core, "30", **THEN) for one in groups), figure(board, core, "180", **THEN)]
    assert moved(stage(publisher, *parts)) == []
    put(publisher, *parts)
    assert moved(stage(publisher, figure(board, core, "250", **NOW))) == []
    assert moved(stage(publisher, figure(board, core, "350", **NOW))) == [
        ("Mere Board", "240.00", "350.00", "Ash, Birch and Mere Board")
    ]


def test_however_many_follow_each_other_the_queries_are_the_same(care):
    publisher = factories.nhs_england()

    def queries(number: int) -> int:
        rows = []
        for place in range(number):
            county = council(f"C{number}{place}", "county", until=EVE)
            unitary = council(f"U{number}{place}", since=APRIL)
            follow(unitary, county)
            put(publisher, figure(county, care, "100", **THEN))
            rows.append(figure(unitary, care, "300", **NOW))
        upload = stage(publisher, *rows)
        with CaptureQueriesContext(connection) as captured:
            assert len(shown(upload)["movements"]) == number
        return len(captured)

    assert queries(1) == queries(8)
