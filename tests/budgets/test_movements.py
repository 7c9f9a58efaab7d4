"""Which movements of an upload are large, in which order they are kept, and how sums of several bodies are named."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from budgets.allocations import movements
from budgets.allocations.movements import PERCENTS, band_of, largest, over
from budgets.allocations.successions import Compared
from pooledcare.directory.models import Organisation


@pytest.mark.parametrize(
    ("year_before", "amount", "band"),
    [
        ("100", "125.00", 0), ("100", "125.01", 25), ("100", "150.00", 25), ("100", "150.01", 50),
        ("100", "200.00", 50), ("100", "200.01", 100), ("100", "300.00", 100), ("100", "300.01", 200),
        ("100", "75.00", 0), ("100", "74.99", 25), ("100", "-100.01", 200), ("-100", "-125.00", 0),
        ("-100", "-125.01", 25), ("0", "5", 0), ("0", "0", 0), ("1", "1", 0), ("0.50", "0.80", 50),
    ],
)  # fmt: skip
def test_a_movement_belongs_to_the_largest_percentage_that_it_exceeds(year_before, amount, band):
    assert band_of(Decimal(year_before), Decimal(amount)) == band


def line(name: str = "Ash", before: str = "100", amount: str = "130", **more: str) -> dict[str, Any]:
    given = {"stream": "core", "financial_year": "2024-25", "basis": "allocation", **more}
    return {"organisation_name": name, "year_before": before, "amount": amount, **given}


def test_movements_over_a_percentage_include_those_over_a_larger_one():
    of = {percent: line(amount=str(100 + percent + 1)) for percent in PERCENTS}
    for percent in PERCENTS:
        assert over(list(of.values()), percent) == [of[each] for each in PERCENTS if each >= percent]


def test_the_largest_in_pounds_come_first_then_by_name_stream_year_and_basis():
    ordered = [
        line("Yew", "-200", "100"),
        line("Ash", "100", "-30"),
        line("Ash", "100", "230", stream="dental"),
        line("Ash", "1000", "1130"),
        line("Elm", "100", "30", stream="core", financial_year="2024-25", basis="allocation"),
        line("Elm", "100", "170", stream="core", financial_year="2024-25", basis="budget"),
        line("Elm", "100", "170", stream="core", financial_year="2025-26", basis="allocation"),
        line("Elm", "100", "170", stream="other", financial_year="2023-24", basis="allocation"),
        line("Fir", "100", "170", stream="core"),
    ]
    large = [one for one in ordered if one["year_before"] != "1000"]  # 13% is no large movement
    assert largest(reversed(ordered)) == large


def test_of_each_percentage_the_largest_are_kept(monkeypatch):
    monkeypatch.setattr(movements, "MOST_MOVEMENTS", 1)
    pounds, quarter, double = line("Ash", "1000", "1300"), line("Elm", "100", "130"), line("Yew", "10", "31")
    assert largest([double, quarter, pounds]) == [pounds, double]


ASH = Organisation(pk=1, code="QAA", name="Ash Board")
ELM = Organisation(pk=2, code="QEE", name="Elm Board")
AROUND: Any = SimpleNamespace(bodies={1: ASH, 2: ELM}, streams={7: SimpleNamespace(code="core")})


@pytest.mark.parametrize(
    ("before", "after", "codes", "named", "compared_with"),
    [
        ((1,), (1,), "QAA", "Ash Board", ""),
        ((2,), (1,), "QAA", "Ash Board", "Elm Board"),
        ((2, 1), (1,), "QAA", "Ash Board", "Ash Board and Elm Board"),
        ((2, 1), (2, 1), "QAA QEE", "Ash Board and Elm Board", "Ash Board and Elm Board"),
    ],
)
def test_a_sum_names_its_bodies_and_with_whom_it_is_compared(before, after, codes, named, compared_with):
    kind: Any = (7, "allocation", "not_applicable", "recurrent")
    compared = Compared(2024, kind, 9, before, after, Decimal("5.5"), Decimal("7"))
    assert movements._of_group(compared, AROUND) == {
        "organisation": codes,
        "organisation_name": named,
        "stream": "core",
        "financial_year": "2024-25",
        "basis": "allocation",
        "year_before": "5.50",
        "amount": "7.00",
        "compared_with": compared_with,
    }
