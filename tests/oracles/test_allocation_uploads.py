"""A slow and obvious twin of the check of allocations, over files that chance has damaged: both must say the same.

The twin reads with `csv` and `Decimal`, row by row, knows nothing of pandas or SQL, and shares no code with the engine.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from budgets import totals
from budgets.models import Allocation, StagedAllocation
from pooledcare.directory.models import Organisation
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, codes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HEADINGS = ["financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note"]
OPEN = {"QXA": (2013, 9999), "QXB": (2022, 9999), "CCG": (2013, 2022)}
STREAMS = {"nhs-core": (2013, 9999), "nhs-discharge": (2022, 2024)}
BASES = {"allocation", "budget", "outturn"}
RECURRENCES = {"recurrent", "non_recurrent", "not_stated", ""}

CELLS = {
    "financial_year": ["2024-25", "2023-24", "2021-22", "2024/25", "2024", "2024-26", ""],
    "organisation": ["QXA", "QXB", "CCG", "qxa", "QZZ", "", "TRUST"],
    "stream": ["nhs-core", "nhs-discharge", "nhs-cure", ""],
    "basis": ["allocation", "budget", "outturn", "guess", ""],
    "amount": ["1.00", "250.10", "-7", "(3.50)", "1,234.56", "1,23", "1.005", "", "x", "1e5"],
    "recurrence": ["recurrent", "non_recurrent", "", "sometimes"],
    "note": ["", "so, so", 'a "word"'],
}
LIKELY = {
    "financial_year": "2024-25", "organisation": "QXA", "stream": "nhs-core", "basis": "allocation", "amount": "10.00",
    "recurrence": "recurrent", "note": "",
}  # fmt: skip


def plain_amount(text: str) -> Decimal | None:
    """None for whatever is not one amount in pounds and pence."""
    match = re.fullmatch(r"(\()?(-)?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?)(\))?", text)
    if match is None or bool(match[1]) != bool(match[4]) or (match[1] and match[2]):
        return None
    value = Decimal(match[3].replace(",", ""))
    return -value if match[1] or match[2] else value


def plain_year(text: str) -> int | None:
    match = re.fullmatch(r"(20[0-9]{2})[-/]([0-9]{2})", text)
    return int(match[1]) if match and (int(match[1]) + 1) % 100 == int(match[2]) else None


def is_good(row: dict[str, str]) -> bool:
    year, code = plain_year(row["financial_year"]), row["organisation"].upper()
    if year is None or code not in OPEN or row["stream"] not in STREAMS or plain_amount(row["amount"]) is None:
        return False
    if row["basis"] not in BASES or row["recurrence"] not in RECURRENCES:
        return False
    return all(first <= year <= last for first, last in (OPEN[code], STREAMS[row["stream"]]))


def key(row: dict[str, str]) -> tuple[object, ...]:
    recurrence = row["recurrence"] or "not_stated"
    return plain_year(row["financial_year"]), row["organisation"].upper(), row["stream"], row["basis"], recurrence


Figures = dict[tuple[object, ...], Decimal]


def twin(text: str, standing: Figures) -> tuple[int, int, Figures]:
    """How many rows are bad, how many are doubled, and the figures that stand after acceptance."""
    rows = [row for row in csv.DictReader(io.StringIO(text)) if any(row.values())]
    good = [row for row in rows if is_good(row)]
    doubled = len(good) - len({key(row) for row in good})
    return len(rows) - len(good), doubled, standing | {key(row): plain_amount(row["amount"]) for row in good}


@st.composite
def files(draw: st.DrawFn) -> str:
    """A good file in which a few cells were put wrong, and perhaps a row doubled."""
    size = draw(st.integers(1, 12))
    places = st.tuples(st.integers(0, size - 1), st.sampled_from(HEADINGS))
    rows = []
    for number in range(size):
        year = 2013 + number
        rows.append(LIKELY | {"financial_year": f"{year}-{(year + 1) % 100:02d}", "amount": f"{number}.10"})
    for place, column in draw(st.lists(places, max_size=4)):
        rows[place] = rows[place] | {column: draw(st.sampled_from(CELLS[column]))}
    if draw(st.booleans()) and draw(st.booleans()):
        rows.append(rows[draw(st.integers(0, size - 1))])
    out = io.StringIO()
    writer = csv.DictWriter(out, draw(st.permutations(HEADINGS)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def desk() -> Desk:
    publisher = factories.organisation(kind="nhs_england", code="X24")
    factories.stream(code="nhs-core", holder_kinds=["icb", "ccg"])
    factories.stream(code="nhs-discharge", holder_kinds=["icb", "ccg"], first_year=2022, last_year=2024)
    factories.organisation(code="QXA", opened=dt.date(2013, 4, 1))
    factories.organisation(code="QXB", opened=dt.date(2022, 7, 1))
    factories.organisation(code="CCG", kind="ccg", opened=dt.date(2013, 4, 1), closed=dt.date(2022, 6, 30))
    factories.organisation(code="TRUST", kind="nhs_trust")
    desk = Desk(publisher, ("publisher",))
    assert desk.officer.person != desk.approver.person
    return desk


def stand() -> Figures:
    found = Allocation.objects.filter(is_current=True, withdrawn=False).select_related("organisation", "stream")
    return {
        (one.financial_year, one.organisation.code, one.stream.code, one.basis, one.recurrence): one.amount
        for one in found
    }


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_outcome_and_figures_are_those_of_the_obvious_twin(desk, data):
    standing = stand()
    text = data.draw(files())
    assume(not Upload.objects.filter(state="accepted", sha256=hashlib.sha256(text.encode()).hexdigest()).exists())
    bad, doubled, after = twin(text, standing)
    upload = desk.send(text)
    twice = sum(code in ("DUPLICATE_IN_FILE", "CONFLICT_IN_FILE") for code in codes(upload))
    assert (upload.rows_read - upload.rows_staged, twice) == (bad, doubled), codes(upload)
    if bad or doubled:
        assert upload.state == "refused"
        assert stand() == standing
        return
    assert upload.state == "awaiting_second_person"
    previewed = {
        (int(line["financial_year"][:4]), line["stream"], line["basis"], line["recurrence"]): Decimal(line["after"])
        for line in upload.preview["streams"]
    }
    for (year, stream, basis, recurrence), amount in previewed.items():
        kind = (year, stream, basis, recurrence)
        assert amount == sum(one for (y, _, s, b, r), one in after.items() if (y, s, b, r) == kind)
    assert desk.accept(upload).state == "accepted"
    assert stand() == after
    assert totals.differences() == 0


def test_the_twin_itself_tells_good_from_bad():
    assert is_good(LIKELY)
    assert not is_good(LIKELY | {"organisation": "CCG"})
    assert is_good(LIKELY | {"organisation": "CCG", "financial_year": "2022-23"})
    assert [plain_amount(text) for text in ("1,234.56", "1,23", "(3.50)", "1.005", "-7")] == [
        Decimal("1234.56"), None, Decimal("-3.50"), None, Decimal("-7"),
    ]  # fmt: skip
    assert Organisation.objects.count() == StagedAllocation.objects.count() == 0
