"""How `make lighthouse` judges what Lighthouse measured: medians, limits, and pages that could not be measured."""

from __future__ import annotations

import pytest

from bench.lighthouse import __main__ as lighthouse
from bench.lighthouse.__main__ import NotMeasured, Visit, is_good, measure, median_of


def report(score: float, size: int = 70_000) -> dict[str, object]:
    numbers = {
        "largest-contentful-paint": 1500.4,
        "total-blocking-time": 90.0,
        "total-byte-weight": size,
        "cumulative-layout-shift": 0.0,
    }
    return {
        "categories": {"performance": {"score": score}},
        "audits": {name: {"numericValue": number} for name, number in numbers.items()},
    }


def test_a_report_is_read():
    assert Visit.of(report(0.97)) == Visit(points=97, largest_paint=1500.4, blocked=90, bytes=70_000, shift=0)


def test_a_page_that_failed_is_not_measured():
    with pytest.raises(NotMeasured, match="status code: 500"):
        Visit.of({**report(1.0), "runtimeError": {"code": "ERRORED_DOCUMENT_REQUEST", "message": "status code: 500"}})


def test_medians_are_of_each_number():
    visits = [Visit(90, 1, 30, 5, 0), Visit(99, 3, 20, 5, 0), Visit(96, 2, 10, 5, 0.1)]
    assert median_of(visits) == Visit(96, 2, 20, 5, 0)


@pytest.mark.parametrize(
    ("points", "size", "good"),
    [(95, 150_000, True), (94, 70_000, False), (94.5, 70_000, False), (100, 150_001, False)],
)
def test_the_limits(points, size, good):
    assert is_good(Visit(points, 1, 1, size, 0)) is good


def test_one_bad_page_fails_all_and_is_marked(capsys):
    found = {"/": iter([0.99, 0.5, 0.98]), "/places/": iter([0.9, 0.99, 0.94])}
    pages = {"England": "/", "places": "/places/"}

    assert measure(pages, 3, lambda path: Visit.of(report(next(found[path])))) is False

    *rounds, heading, england, places = capsys.readouterr().out.splitlines()
    assert len(rounds) == 3
    assert heading.split() == ["points", "of", "all", "largest", "blocked", "first", "shift"]
    assert england.split() == ["England", "98", "50–99", "1.50", "s", "90", "ms", "70", "KB", "0.000"]
    assert places.split()[1:3] == ["94", "90–99"]
    assert places.endswith("too low")


def test_ten_pages_are_measured_each_once():
    assert len(lighthouse.PAGES) == len(set(lighthouse.PAGES.values())) == 10
