"""The first sentence of a page of figures, for every year, against the stored figures, read by another query.

The query joins nothing of the product's: it reads each current figure of a publisher with its holder's people, and all
that a sentence states is computed again from these rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests import databases

pytestmark = pytest.mark.slow

YEARS = range(2013, 2027)
BASES = ("allocation", "budget", "outturn")
PLACES = ("somerset", "essex", "cumberland", "derbyshire", "stockton-on-tees")
BOARDS = ("QSL", "QH8", "QHM", "QMJ", "D7T5G")
COUNCILS = ("E10000027", "E06000066", "E08000025", "E06000064", "E10000021")
ROWS = """
    select o.code, o.name, s.name, s.code, a.financial_year, a.basis, a.gross_or_net, a.recurrence, a.amount,
        o.kind = any(s.holder_kinds),
        coalesce(
            (select p.persons from directory_population p where p.organisation_id = o.id
             order by p.as_at desc, p.measure limit 1),
            (select p.persons from directory_population p
             join directory_placecouncil there on there.organisation_id = p.organisation_id
                and there.role = 'upper_tier'
             join directory_placecouncil own on own.place_id = there.place_id and own.role = 'upper_tier'
             where own.organisation_id = o.id order by p.as_at desc, p.measure limit 1)
        )
    from budgets_allocation a
    join directory_organisation o on o.id = a.organisation_id
    join directory_organisation p on p.id = a.source_id
    join budgets_fundingstream s on s.id = a.stream_id
    where a.is_current and not a.withdrawn and a.published_on <= current_date and p.id <> o.id
"""
HELD = re.compile(
    r"(?:(?P<partial>.+) is all that is known for (?P<of>\S+)\. )?(?P<holder>.+?) "
    r"(?:has|had|spent|budgeted) £(?P<a_head>[\d,.]+) a head (?:of|net on|net for) (?P<stream>.+?)"
    r"(?: for (?P<for>\d{4}-\d\d)| in (?P<in>\d{4}-\d\d))?"
    r", the (?P<equal>equal )?(?:(?P<rank>\d+)(?:st|nd|rd|th) )?(?P<end>highest|lowest)"
    r" of (?P<count>\d+) (?:boards|councils)"
    r" and (?P<share>[\d.]+)% (?P<side>above|below) England\."
)
WHOLE = re.compile(
    r"(?:(?P<partial>.+) is all that is known for (?P<of>\S+)\. )?"
    r"(?:NHS England allocated|Councils (?:spent|budgeted)) £(?P<amount>[\d.]+)"
    r" (?P<unit>billion|million)(?P<rest>.*)\.$"
)


@dataclass(frozen=True)
class Row:
    """One figure: its holder and stream, and what must be equal in figures that are compared."""

    code: str
    holder: str
    stream: str
    stream_code: str
    year: int
    basis: str
    gross_or_net: str
    recurrence: str
    amount: Decimal | None
    is_holder: bool
    persons: int | None

    @property
    def a_head(self) -> Decimal | None:
        return None if self.amount is None or not self.persons else self.amount / self.persons


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Row]]:
    """Every current figure of a publisher, in England as it is loaded."""
    with django_db_blocker.unblock(), databases.cloned(databases.england(), "sentences"):
        with connection.cursor() as cursor:
            cursor.execute(ROWS)
            found = [Row(*row) for row in cursor.fetchall()]
        assert len(found) > 500
        yield found


def short(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02}"


def sentence_of(address: str) -> str:
    page = Client().get(address).content.decode()
    found = re.search(r'<p class="pc-answer__sentence">(.*?)</p>', page, re.DOTALL)
    assert found is not None, address
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def near(printed: str, exact: Decimal) -> bool:
    """Whether the printed number is the exact one rounded to as many digits, either way at a half."""
    digits = len(printed.partition(".")[2])
    return abs(Decimal(printed.replace(",", "")) - exact) <= Decimal(1).scaleb(-digits) / 2 + Decimal("1e-9")


def check_holder(said: str, code: str, year: int | None, rows: list[Row]) -> None:
    """What a sentence states of one holder: its largest figure of the year, its rank, how far it is from England."""
    found = HELD.match(said)
    assert found is not None, said
    stated = found["of"] or found["for"] or found["in"]
    assert year is None or stated == short(year), said
    own = [row for row in rows if row.code == code and short(row.year) == stated]
    largest = max((row for row in own if row.amount is not None), key=lambda row: row.amount or 0)
    assert largest.holder.startswith(found["holder"]), said
    stream = found["partial"] if found["partial"] else found["stream"]
    assert stream.casefold() == largest.stream.casefold(), said
    if found["partial"]:
        assert {row.stream for row in own} == {largest.stream}, said
    same = [
        row
        for row in rows
        if row.is_holder
        and row.a_head is not None
        and (row.stream_code, row.year, row.basis, row.gross_or_net, row.recurrence)
        == (largest.stream_code, largest.year, largest.basis, largest.gross_or_net, largest.recurrence)
    ]
    pence = {row.code: round(row.a_head or Decimal(0), 2) for row in same}
    assert near(found["a_head"], largest.a_head or Decimal(0)), said
    assert int(found["count"]) == len(same), said
    beyond = [one for one in pence.values() if (one > pence[code] if found["end"] == "highest" else one < pence[code])]
    assert int(found["rank"] or 1) == len(beyond) + 1, said
    assert bool(found["equal"]) == (list(pence.values()).count(pence[code]) > 1), said
    mean = sum((row.amount or Decimal(0) for row in same), Decimal(0)) / sum(row.persons or 0 for row in same)
    share = (largest.a_head or Decimal(0)) / mean - 1
    assert (share > 0) == (found["side"] == "above"), said
    assert abs(Decimal(found["share"]) - abs(share) * 100) <= Decimal("0.06"), said


def check_nothing(said: str, code: str, year: int, rows: list[Row]) -> None:
    """That a year has no figure of the organisation, and which year is the latest that has."""
    years = {row.year for row in rows if row.code == code}
    assert year not in years, said
    assert said.startswith(f"No {short(year)} figures of "), said
    assert said.endswith(f"The latest are of {short(max(years))}."), said


@pytest.mark.parametrize("code", [*BOARDS, *COUNCILS])
def test_the_first_sentence_of_an_organisation_is_true_for_every_year(code: str, rows: list[Row]):
    own = {row.year: [each for each in rows if each.code == code and each.year == row.year] for row in rows
           if row.code == code}  # fmt: skip
    for year in YEARS:
        said = sentence_of(f"/organisations/{code}/?year={short(year)}")
        if not own:
            assert said.startswith(("No figures of ", f"No {short(year)} figures of ")), said
            if "Before it, " in said:
                check_predecessor(said, code, rows)
        elif year not in own:
            check_nothing(said, code, year, rows)
        elif all(row.amount is None for row in own[year]):
            assert f"has not reported its figure of adult social care for {short(year)}." in said
        else:
            check_holder(said, code, year, rows)


def check_predecessor(said: str, code: str, rows: list[Row]) -> None:
    """What is said of the predecessor with the largest figure."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.code from directory_succession s join directory_organisation o on o.id = s.successor_id"
            " join directory_organisation p on p.id = s.predecessor_id where o.code = %s and o.closed is null",
            [code],
        )
        before = {row[0] for row in cursor.fetchall()}
    largest = max(
        (row for row in rows if row.code in before and row.amount is not None), key=lambda row: row.amount or 0
    )
    rest = said.partition("Before it, ")[2]
    if " a head" in rest:
        check_holder(rest, largest.code, None, rows)
    else:
        assert rest.startswith(largest.holder), said
        found = re.search(r"£([\d.]+) million net on adult social care in (\d{4}-\d\d)\.", rest)
        assert found is not None, said
        (row,) = [row for row in rows if row.code == largest.code and short(row.year) == found[2]]
        assert near(found[1], (row.amount or Decimal(0)) / 1_000_000), said


@pytest.mark.parametrize("slug", PLACES)
def test_the_first_sentence_of_a_place_is_true_for_every_year(slug: str, rows: list[Row]):
    with connection.cursor() as cursor:
        cursor.execute(
            "select o.code, o.closed is null, v.share_of_place from directory_overlap v join directory_place p on"
            " p.id = v.place_id join directory_organisation o on o.id = v.organisation_id"
            " where p.slug = %s and v.measure = 'registered_population'",
            [slug],
        )
        boards = cursor.fetchall()
        cursor.execute(
            "select o.code from directory_placecouncil c join directory_place p on p.id = c.place_id"
            " join directory_organisation o on o.id = c.organisation_id where p.slug = %s and c.role = 'upper_tier'",
            [slug],
        )
        councils = {row[0] for row in cursor.fetchall()}
    held: dict[str, set[int]] = {}
    for row in rows:
        held.setdefault(row.code, set()).add(row.year)
    board = max((one for one in boards if one[0] in held), key=lambda one: (one[1], one[2]))[0]
    council = max((code for code in councils if code in held), key=lambda code: max(held[code]), default=None)
    for year in YEARS:
        said = sentence_of(f"/places/{slug}/?year={short(year)}")
        leads = [code for code in (board, council) if code and year in held[code]]
        if leads:
            check_holder(said, leads[0], year, rows)
        else:
            assert said.startswith((f"No {short(year)} figures of the organisations of ", "No figures of ")), said


@pytest.mark.parametrize("basis", BASES)
def test_the_first_sentence_of_england_is_true_for_every_year(basis: str, rows: list[Row]):
    def of(year: int, streams: set[str] | None = None) -> list[Row]:
        found = [row for row in rows if (row.year, row.basis) == (year, basis)]
        return [row for row in found if streams is None or row.stream_code in streams]

    for year in YEARS:
        said = sentence_of(f"/?year={short(year)}&basis={basis}")
        now = of(year)
        if not now:
            assert said == f"No {basis} of {short(year)} is published here."
            continue
        found = WHOLE.match(said)
        assert found is not None, said
        amount = sum((row.amount or Decimal(0) for row in now), Decimal(0))
        unit = {"billion": 1_000_000_000, "million": 1_000_000}[found["unit"]]
        assert near(found["amount"], amount / unit), said
        assert bool(found["partial"]) == (len({row.stream for row in now}) == 1 and basis == "allocation"), said
        holders = {row.code: row for row in now if row.is_holder}
        if basis == "allocation":
            assert f"to {len(holders)} boards" in found["rest"], said
            persons = sum(row.persons or 0 for row in holders.values())
            heads = re.search(r"£([\d,.]*\d) a head", found["rest"])
            assert heads is not None, said
            assert near(heads[1], amount / persons), said
            before = of(year - 1, {row.stream_code for row in now})
            change = re.search(r"([\d.]+)% (more|less) than", found["rest"])
            assert (change is not None) == bool(before), said
            if change:
                share = amount / sum((row.amount or Decimal(0) for row in before), Decimal(0)) - 1
                assert abs(Decimal(change[1]) - abs(share) * 100) <= Decimal("0.06"), said
                assert (share > 0) == (change[2] == "more"), said
        else:
            reported = sum(row.amount is not None for row in holders.values())
            assert f"{reported} of {len(holders)} figures reported" in found["rest"], said


def test_the_checks_notice_a_wrong_number(rows: list[Row]):
    said = sentence_of("/organisations/QSL/?year=2024-25")
    for right, wrong in (
        ("1,727.82", "1,727.83"),
        ("6th", "7th"),
        ("of 42", "of 41"),
        ("6.3%", "6.5%"),
        ("above", "below"),
    ):
        assert right in said
        with pytest.raises(AssertionError):
            check_holder(said.replace(right, wrong, 1), "QSL", 2024, rows)
