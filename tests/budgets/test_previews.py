"""What an upload would change, shown before it changes anything; and pounds taken for thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from budgets.allocations import movements, preview
from budgets.models import FundingStream
from pooledcare.directory.models import Organisation
from tests import factories
from tests.budgets.ledger import STEPS, figure, put, stage


@dataclass
class World:
    publisher: Organisation
    ash: Organisation
    birch: Organisation
    core: FundingStream
    running: FundingStream


@pytest.fixture
def world(db: None) -> World:
    return World(
        factories.nhs_england(),
        factories.organisation(name="Ash Board", code="QAA"),
        factories.organisation(name="Birch Board", code="QBB"),
        factories.stream(code="core", name="Core", position=2),
        factories.stream(code="running", name="Running", position=1),
    )


def shown(upload: Any) -> dict[str, Any]:
    STEPS.current_state_problems(upload)
    return STEPS.preview(upload)[1]


def moved(upload: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one["organisation"], one["financial_year"], one["year_before"], one["amount"])
        for one in shown(upload)["movements"]
    ]


# ── By stream and by organisation ────────────────────────────────────────────────────────────────────────────────────


def test_a_line_of_a_stream_says_before_and_after_and_how_many_figures_of_each_class(world):
    cedar, dale = factories.organisation(), factories.organisation()
    put(
        world.publisher, figure(world.ash, world.core, "10.00"), figure(world.birch, world.core, "20.00"),
        figure(cedar, world.core, "40.00"), figure(world.ash, world.core, "7", financial_year=2023),
    )  # fmt: skip
    upload = stage(
        world.publisher, figure(world.ash, world.core, "10.00"), figure(world.birch, world.core, "25.50"),
        figure(dale, world.core, None), figure(world.ash, world.running, "1.00", basis="budget"), complete=True,
    )  # fmt: skip
    common = {"financial_year": "2024-25", "gross_or_net": "not_applicable", "recurrence": "recurrent"}
    assert shown(upload)["streams"] == [
        common | {
            "stream": "running", "stream_name": "Running", "basis": "budget", "before": "0.00", "after": "1.00",
                "new": 1, "changed": 0, "unchanged": 0, "withdrawn": 0, "not_reported": 0, "had_figure": False,
        },
        common | {
            "stream": "core", "stream_name": "Core", "basis": "allocation", "before": "70.00", "after": "35.50",
                "new": 1, "changed": 1, "unchanged": 1, "withdrawn": 1, "not_reported": 1, "had_figure": True,
        },
    ]  # fmt: skip


def test_a_line_of_which_everything_is_withdrawn_is_shown_too(world):
    put(world.publisher, figure(world.ash, world.core, "9", recurrence="not_stated"), figure(world.birch, world.core))
    lines = shown(stage(world.publisher, figure(world.birch, world.core), complete=True))["streams"]
    assert [(one["recurrence"], one["before"], one["after"], one["new"], one["withdrawn"]) for one in lines] == [
        ("not_stated", "9.00", "0.00", 0, 1),
        ("recurrent", "100.00", "100.00", 0, 0),
    ]


def test_lines_are_in_the_order_of_streams_years_bases_and_recurrence(world):
    keys = [
        (world.core, 2024, "allocation", "recurrent"), (world.core, 2023, "budget", "recurrent"),
        (world.core, 2023, "allocation", "recurrent"), (world.core, 2023, "allocation", "not_stated"),
        (world.running, 2024, "allocation", "recurrent"),
    ]  # fmt: skip
    rows = [
        figure(world.ash, stream, financial_year=year, basis=basis, recurrence=recurrence)
        for stream, year, basis, recurrence in keys
    ]
    lines = shown(stage(world.publisher, *rows))["streams"]
    found = [(one["stream"], one["financial_year"][:4], one["basis"], one["recurrence"]) for one in lines]
    expected = sorted(keys, key=lambda key: (key[0].position, *key[1:]))
    assert found == [(stream.code, str(year), basis, recurrence) for stream, year, basis, recurrence in expected]


def test_what_stands_of_another_source_or_is_not_published_by_it_is_not_before(world):
    put(world.ash, figure(world.ash, world.core, "77"))
    upload = stage(world.publisher, figure(world.ash, world.core, "5"))
    preview = shown(upload)
    assert [(one["before"], one["after"]) for one in preview["streams"]] == [("0.00", "5.00")]
    assert [(one["before"], one["after"]) for one in preview["organisations"]] == [("0.00", "5.00")]


def test_organisations_come_by_the_size_of_their_change_then_by_name(world):
    put(world.publisher, figure(world.ash, world.core, "10"), figure(world.birch, world.core, "10"))
    upload = stage(
        world.publisher, figure(world.birch, world.core, "15"), figure(world.ash, world.core, "5"),
        figure(world.ash, world.running, "100", financial_year=2023),
        figure(world.ash, world.core, "1", basis="budget"),
    )  # fmt: skip
    preview = shown(upload)
    assert preview["organisations"] == [
        {
            "organisation": code, "organisation_name": name, "financial_year": year, "basis": basis, "before": before,
                "after": after, "had_figure": before != "0.00",
        }
        for code, name, year, basis, before, after in [
            ("QAA", "Ash Board", "2023-24", "allocation", "0.00", "100.00"),
            ("QAA", "Ash Board", "2024-25", "allocation", "10.00", "5.00"),
            ("QBB", "Birch Board", "2024-25", "allocation", "10.00", "15.00"),
            ("QAA", "Ash Board", "2024-25", "budget", "0.00", "1.00"),
        ]
    ]  # fmt: skip
    assert preview["others"] == 0


def test_organisations_that_are_not_shown_are_counted(world, monkeypatch):
    monkeypatch.setattr(preview, "MOST_ORGANISATIONS", 1)
    upload = stage(world.publisher, figure(world.ash, world.core, "1"), figure(world.birch, world.core, "2"))
    found = shown(upload)
    assert ([one["organisation"] for one in found["organisations"]], found["others"]) == (["QBB"], 1)


def test_an_organisation_that_gains_by_one_stream_what_another_loses_does_not_change(world):
    put(world.publisher, figure(world.ash, world.core, "10"), figure(world.birch, world.running, "4"))
    upload = stage(
        world.publisher, figure(world.ash, world.running, "10"), figure(world.birch, world.core, "1"), complete=True
    )
    by_body = {
        one["organisation"]: (one["before"], one["after"]) for one in shown(upload)["organisations"]
    }  # fmt: skip
    assert by_body == {"QAA": ("10.00", "10.00"), "QBB": ("4.00", "1.00")}


def test_limits_are_as_generous_as_they_are_said_to_be():
    assert (preview.MOST_ORGANISATIONS, movements.MOST_MOVEMENTS, preview.MOST_UNREPORTED) == (100, 100, 500)


# ── Movements ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "amount", "flagged"),
    [
        ("100.00", "125.00", False), ("100.00", "125.01", True), ("100.00", "75.00", False), ("100.00", "74.99", True),
        ("-100.00", "-125.01", True), ("-100.00", "-125.00", False), ("0.00", "5.00", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("in_file", [True, False])
def test_a_movement_over_a_quarter_is_flagged(world, before, amount, flagged, in_file):
    last_year, this_year = (
        figure(world.ash, world.core, before, financial_year=2023),
        figure(world.ash, world.core, amount),
    )
    if in_file:
        upload = stage(world.publisher, this_year, last_year)
    else:
        put(world.publisher, last_year)
        upload = stage(world.publisher, this_year)
    assert moved(upload) == ([("QAA", "2024-25", before, amount)] if flagged else [])


def test_the_year_before_in_the_file_counts_and_not_the_one_that_stands(world):
    put(world.publisher, figure(world.ash, world.core, "100", financial_year=2023))
    rows = [figure(world.ash, world.core, "1000"), figure(world.ash, world.core, "900", financial_year=2023)]
    assert moved(stage(world.publisher, *rows)) == []
    silent = figure(world.ash, world.core, None, financial_year=2023)
    assert moved(stage(world.publisher, rows[0], silent)) == []


@pytest.mark.parametrize(
    "difference",
    [{"financial_year": 2022}, {"financial_year": 2025}, {"basis": "budget"}, {"gross_or_net": "net"},
     {"recurrence": "not_stated"}, {"organisation": "birch"}, {"stream": "running"}],
)  # fmt: skip
@pytest.mark.parametrize("in_file", [True, False])
def test_only_the_same_figure_of_the_year_before_is_compared(world, difference, in_file):
    difference = {name: getattr(world, value) if isinstance(value, str) and hasattr(world, value) else value
                  for name, value in difference.items()}  # fmt: skip
    other = figure(world.ash, world.core, "100", financial_year=2023) | difference
    # The year before of the same stream and kind stands too, of a third body, so that the books are looked into.
    there = figure(factories.organisation(), world.core, "100", financial_year=2023)
    if in_file:
        upload = stage(world.publisher, figure(world.ash, world.core, "1000"), other)
    else:
        put(world.publisher, other, there)
        upload = stage(world.publisher, figure(world.ash, world.core, "1000"))
    assert [one for one in moved(upload) if one[1] == "2024-25"] == []


def test_what_stood_once_or_stands_of_another_source_is_not_compared(world):
    last_year = {"financial_year": 2023}
    put(world.ash, figure(world.ash, world.core, "10", **last_year))
    first = put(
        world.publisher, figure(world.ash, world.core, "10", **last_year), figure(world.birch, world.core, **last_year)
    )
    assert first
    put(world.publisher, figure(world.ash, world.core, "950", **last_year))
    put(world.publisher, figure(world.birch, world.core, "100.00", **last_year), complete=True)
    assert moved(stage(world.publisher, figure(world.ash, world.core, "1000"))) == []


def test_a_figure_that_stands_already_is_not_flagged_again(world):
    put(
        world.publisher, figure(world.ash, world.core, "100", financial_year=2023), figure(world.ash, world.core, "900")
    )
    upload = stage(world.publisher, figure(world.ash, world.core, "900"), figure(world.birch, world.core, "1"))
    assert moved(upload) == []
    assert moved(stage(world.publisher, figure(world.ash, world.core, "901"))) == [
        ("QAA", "2024-25", "100.00", "901.00")
    ]


def test_movements_come_by_size_with_all_their_columns_and_are_counted(world, monkeypatch):
    rows = [
        figure(world.ash, world.core, "100", financial_year=2023), figure(world.ash, world.core, "200"),
        figure(world.birch, world.running, "100", financial_year=2023), figure(world.birch, world.running, "500"),
    ]  # fmt: skip
    upload = stage(world.publisher, *rows)
    made = shown(upload)
    assert [(one["organisation"], one["stream"]) for one in made["movements"]] == [
        ("QBB", "running"),
        ("QAA", "core"),
    ]
    assert made["movements"][0] == {
        "organisation": "QBB", "organisation_name": "Birch Board", "stream": "running", "financial_year": "2024-25",
        "basis": "allocation", "year_before": "100.00", "amount": "500.00", "compared_with": "",
    }  # fmt: skip
    assert made["movement_count"] == 2
    monkeypatch.setattr(movements, "MOST_MOVEMENTS", 1)
    made = shown(upload)
    assert ([one["organisation"] for one in made["movements"]], made["movement_count"]) == (["QBB"], 2)


def test_without_movements_none_are_counted(world):
    preview = shown(stage(world.publisher, figure(world.ash, world.core)))
    assert (preview["movements"], preview["movement_count"]) == ([], 0)


# ── Not reported ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_has_not_reported_is_named_in_order_with_the_mark(world, monkeypatch):
    upload = stage(
        world.publisher, figure(world.birch, world.core, None),
        figure(world.ash, world.running, None, published_text="[x]"),
        figure(world.ash, world.core, None), figure(world.ash, world.core, None, financial_year=2023),
        figure(world.birch, world.running, "0.00"),
    )  # fmt: skip
    stage(world.publisher, figure(world.birch, world.running, None))
    found = shown(upload)["not_reported"]
    assert found[0] == {
        "organisation": "QAA", "organisation_name": "Ash Board", "stream": "core", "financial_year": "2023-24",
        "published_text": "...",
    }  # fmt: skip
    short = ("organisation", "stream", "financial_year", "published_text")
    assert [tuple(one[name] for name in short) for one in found[1:]] == [
        ("QAA", "core", "2024-25", "..."), ("QAA", "running", "2024-25", "[x]"), ("QBB", "core", "2024-25", "..."),
    ]  # fmt: skip
    monkeypatch.setattr("budgets.allocations.preview.MOST_UNREPORTED", 2)
    assert len(shown(upload)["not_reported"]) == 2


def test_the_changes_come_by_size_changed_and_withdrawn_before_new(db):
    core = factories.stream(code="core", name="Core")
    source, *bodies = (factories.organisation(name=f"Board {letter}") for letter in "SABCD")
    put(source, figure(bodies[0], core, "10"), figure(bodies[1], core, "20"), figure(bodies[2], core, "5"))
    waits = stage(
        source, figure(bodies[0], core, "11"), figure(bodies[1], core, "20"), figure(bodies[3], core, "900"),
        complete=True,
    )  # fmt: skip
    STEPS.current_state_problems(waits)
    counts, preview = STEPS.preview(waits)
    assert counts == {"new": 1, "changed": 1, "unchanged": 1, "withdrawn": 1, "not_reported": 0}
    assert [
        (one["organisation_name"], one["before"], one["after"], one["withdrawn"]) for one in preview["changes"]
    ] == [
        ("Board C", "5.00", None, True),
        ("Board A", "10.00", "11.00", False),
        ("Board D", None, "900.00", False),
    ]
