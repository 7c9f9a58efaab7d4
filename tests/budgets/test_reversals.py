"""What reversing would do, in words and as a table: from rows that the database gives, without one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budgets.allocations.reversal import MOST_LINES, reversal

NOTHING = "No figure would change: every figure in the file was already current when it was accepted."


def row(restored: int = 1, withdrawn: int = 0, *, lines: int = 1, all_: tuple[int, int, int] | None = None) -> Any:
    line = ("Core", 2024, "budget", "net", "recurrent", Decimal("10.50"), Decimal("-3.25"), restored, withdrawn)
    return (*line, lines, *(all_ or (restored, withdrawn, 0)))


def test_a_line_says_what_stands_now_and_what_would_then():
    said = reversal([row(1, 2)])
    assert said.table.rows == [
        ["Core", "2024-25", "Budget, net, recurrent", Decimal("10.50"), Decimal("7.25"), Decimal("-3.25"), 1, 2]
    ]
    assert said.table.caption == "Figures after reversal, by stream, year and basis"
    assert [(one.label, one.format) for one in said.table.columns] == [
        ("Stream", "text"), ("Year", "year"), ("Basis", "text"), ("Current", "pounds"),
        ("After reversing", "pounds"), ("Change", "change"), ("Restored", "number"), ("Withdrawn", "number"),
    ]  # fmt: skip
    assert said.more == 0


@pytest.mark.parametrize(
    ("counted", "sentences"),
    [
        ((0, 0, 0), (NOTHING,)),
        ((1, 0, 0), ("1 earlier figure would be restored, as a new version.",)),
        ((2, 0, 0), ("2 earlier figures would be restored, as new versions.",)),
        ((1_234, 0, 0), ("1,234 earlier figures would be restored, as new versions.",)),
        ((0, 1, 0), ("1 figure would be withdrawn, because there was no figure before it.",)),
        ((0, 2, 0), ("2 figures would be withdrawn, because there were no figures before them.",)),
        ((0, 5_000, 0), ("5,000 figures would be withdrawn, because there were no figures before them.",)),
        (
            (1, 1, 1),
            (
                "1 earlier figure would be restored, as a new version.",
                "1 figure would be withdrawn, because there was no figure before it.",
                "1 of those that would be restored is marked as not reported. It is never counted as zero.",
            ),
        ),
        (
            (2_000, 0, 1_500),
            (
                "2,000 earlier figures would be restored, as new versions.",
                "1,500 of those that would be restored are marked as not reported. They are never counted as zero.",
            ),
        ),
    ],
)
def test_the_sentences_count_the_whole_upload_and_not_only_the_lines_shown(counted, sentences):
    assert reversal([row(9, 9, all_=counted)]).sentences == sentences


def test_an_upload_that_changed_nothing_says_so():
    said = reversal([])
    assert (said.sentences, said.table.rows, said.more) == ((NOTHING,), [], 0)


def test_lines_that_are_not_shown_are_counted():
    assert reversal([row(lines=7), row(lines=7)]).more == 5
    assert MOST_LINES == 100
