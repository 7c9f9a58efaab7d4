"""Material for the tests of the public pages: a small England, and what a page prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import html5lib

from budgets import totals
from budgets.models import FundingStream
from pooledcare.directory.models import Organisation, Region
from tests import factories

HTML = "{http://www.w3.org/1999/xhtml}"


@dataclass
class SmallEngland:
    """Two regions, three boards, two streams, two years; in 2024-25 the third board has not reported running costs."""

    north: Region
    south: Region
    boards: list[Organisation]
    core: FundingStream
    running: FundingStream


def small_england() -> SmallEngland:
    north, south = factories.region(name="Northern"), factories.region(name="Southern")
    boards = [
        factories.organisation(name=name, region=region)
        for name, region in [("Ashmere Board", north), ("Birchmere Board", north), ("Cedarmere Board", south)]
    ]
    core = factories.stream(name="Core", code="core", expected_kinds=["icb"])
    running = factories.stream(name="Running", code="running", expected_kinds=["icb"])
    for year, factor in [(2023, 1), (2024, 2)]:
        for number, board in enumerate(boards, start=1):
            factories.allocation(
                organisation=board, stream=core, financial_year=year, amount=Decimal(1000 * number * factor)
            )
            silent = year == 2024 and number == 3
            factories.allocation(
                organisation=board,
                stream=running,
                financial_year=year,
                amount=None if silent else Decimal(10 * number * factor),
                published_text="..." if silent else "",
            )
    totals.rebuild()
    return SmallEngland(north, south, boards, core, running)


def printed_tables(response: Any) -> dict[str, list[list[str]]]:
    """Every table of a page by its caption: its rows as the words that are read."""
    document = html5lib.parse(response.content.decode())
    found = {}
    for table in document.iter(f"{HTML}table"):
        caption = _text(next(table.iter(f"{HTML}caption")))
        found[caption] = [
            [_text(cell) for cell in row if cell.tag in (f"{HTML}th", f"{HTML}td")] for row in table.iter(f"{HTML}tr")
        ]
    return found


def printed(response: Any) -> str:
    """The words of the page's main part."""
    document = html5lib.parse(response.content.decode())
    return _text(next(element for element in document.iter(f"{HTML}main")))


def _text(element: Any) -> str:
    return " ".join("".join(_words(element)).split())


def _words(element: Any) -> Iterator[str]:
    """All words but the meanings of headings, which open beside them."""
    if not isinstance(element.tag, str) or element.get("class") == "pc-term":
        return
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""


def csv_rows(response: Any) -> list[dict[str, str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
