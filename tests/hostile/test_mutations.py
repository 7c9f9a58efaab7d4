"""A valid file with one to three hostile edits: no fault of ours, and either the money it states or a problem there.

The oracle reads the file again, slowly and obviously, with `csv` and `Decimal` alone.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets.models import StagedAllocation
from pooledcare.uploads.models import UploadProblem
from tests.hostile.cases import NO_YEARS, TIDIED_AMOUNTS, WRONG_AMOUNTS
from tests.uploads.sending import HEADINGS, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROWS = [
    ["2024-25", holder, "nhs-core", basis, f"{number * 137}.{number:02d}", recurrence, f"row {number}"]
    for number, (holder, basis, recurrence) in enumerate(
        (
            (holder, basis, recurrence)
            for holder in ("QXM", "01E", "5E1")
            for basis in ("allocation", "budget")
            for recurrence in ("recurrent", "non_recurrent")
        ),
        start=1,
    )
]
HOSTILE_CELLS = st.one_of(
    st.sampled_from([text for _, texts in WRONG_AMOUNTS.values() for text in texts if len(text) < 50]),
    st.sampled_from([text for _, pairs in TIDIED_AMOUNTS.values() for text, _ in pairs]),
    st.sampled_from([text for texts in NO_YEARS.values() for text in texts]),
    st.sampled_from(["\\.", "\x1b", "\u202e", "=1+1", "Total", "NULL", "qxm", "1E", "99M", "E06000001", '"', "“", "'"]),
    st.text(max_size=8),
)
CELL = st.tuples(st.just("cell"), st.integers(0, 11), st.integers(0, 6), HOSTILE_CELLS)
SHAPE = st.tuples(
    st.sampled_from(["drop cell", "add cell", "double row", "blank row", "raw quote", "raw bytes"]),
    st.integers(0, 11),
    st.integers(0, 6),
    st.sampled_from(["x", "5", ""]),
)
EDITS = st.lists(st.one_of(CELL, SHAPE), min_size=1, max_size=3)


class Edited:
    """The file after its edits: its bytes, and which of its lines were touched."""

    def __init__(self, edits: list[Any]) -> None:
        rows = [list(row) for row in ROWS]
        raw: dict[int, bytes] = {}
        doubled: list[int] = []
        self.touched: set[int] = set()
        for kind, row, column, text in edits:
            self.touched.add(row)
            if kind == "cell" and column < len(rows[row]):
                rows[row][column] = text
            elif kind == "drop cell":
                rows[row] = rows[row][:-1]
            elif kind == "add cell":
                rows[row] = [*rows[row], text]
            elif kind == "double row":
                doubled.append(row)
            elif kind == "blank row":
                rows[row] = [""] * len(rows[row])
            elif kind == "raw quote":
                raw[row] = b'5"'
            elif kind == "raw bytes":
                raw[row] = b"\xff\xfe\x00"
        written = [_written(row) + raw.get(number, b"") for number, row in enumerate(rows)]
        written += [written[row] for row in doubled]
        self.bytes = b"\n".join([HEADINGS.encode(), *written, b""])

    def total(self) -> Decimal:
        """What the file states, for a file that was found good."""
        rows = list(csv.reader(io.StringIO(self.bytes.decode("utf-8"), newline="")))[1:]
        stated = [row[4] for row in rows if any(map(_visible, row))]
        return sum((_stated(text) for text in stated), Decimal(0))


def _written(row: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode("utf-8", "replace")


def _visible(text: str) -> bool:
    return bool(re.sub(r"[\s\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\u00ad\u061c\u180e\u1680]", "", text))


def _stated(text: str) -> Decimal:
    """The digits and the sign, nothing else; whatever else stood there was found harmless."""
    negative = re.search(r"^\W*[-−–‐‑﹣－(]", text) is not None
    digits = re.sub(r"[^0-9.]", "", text)
    return -Decimal(digits) if negative else Decimal(digits)


@given(EDITS)
@settings(
    max_examples=max(150, settings().max_examples),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
def test_a_mutated_file_is_either_exact_or_refused_where_it_was_touched(desk: Desk, edits: list[Any]):
    edited, preparer = Edited(edits), desk.officer  # who stays, while everything below is undone
    with transaction.atomic():
        upload = desk.send(edited.bytes, by=preparer)
        assert upload.failure == "", upload.failure
        problems = list(UploadProblem.objects.filter(upload=upload, severity="error").values_list("row", flat=True))
        if upload.state == "awaiting_second_person":
            staged = StagedAllocation.objects.filter(upload_id=upload.pk).aggregate(total=Sum("amount"))["total"]
            assert staged == edited.total()
            assert problems == []
        else:
            assert upload.state == "refused"
            lines = {number + 2 for number in edited.touched} | set(range(len(ROWS) + 2, len(ROWS) + 6))
            shifted = {line + extra for line in lines for extra in range(4)}  # a cell may hold line ends
            assert None in problems or shifted & set(problems), (problems, edited.bytes)
        transaction.set_rollback(True)
