"""The publications of the reference figures, and the totals that they print."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pooledcare.kernel.periods import FinancialYear

_FILE = Path(__file__).parent.parent / "reference" / "publications.toml"
THOUSAND = Decimal(1000)  # every publication here prints £ thousand


@dataclass(frozen=True)
class Control:
    """A total that a publication prints for England, in pounds, and why our sum may differ."""

    stream: str
    year: int
    amount: Decimal
    says: str


@dataclass(frozen=True)
class Publication:
    file: str  # our compiled table
    title: str
    publisher: str
    licence: str
    published_on: dt.date
    published_on_basis: str
    note: str
    controls: tuple[Control, ...]


@cache
def publications() -> tuple[Publication, ...]:
    with _FILE.open("rb") as file:
        return tuple(_publication(entry) for entry in tomllib.load(file).values())


def compiled_from(file: str) -> Publication | None:
    """The publication of one of our canonical files; None for a file that somebody else uploaded."""
    return next((one for one in publications() if one.file == file), None)


def _publication(entry: dict[str, Any]) -> Publication:
    return Publication(
        file=entry["file"],
        title=entry["title"],
        publisher=entry["publisher"],
        licence=entry["licence"],
        published_on=entry["published_on"],
        published_on_basis=entry["published_on_basis"],
        note=entry["note"],
        controls=tuple(_control(control) for control in entry.get("control", [])),
    )


def _control(entry: dict[str, str]) -> Control:
    return Control(
        stream=entry["stream"],
        year=FinancialYear.parse(entry["financial_year"]).start,
        amount=Decimal(entry["published_text"].replace(",", "")) * THOUSAND,
        says=entry["says"],
    )


def controls_of(stream: str, year: int, publisher: str) -> list[tuple[Publication, Control]]:
    """Totals that the publisher prints for one stream and year."""
    return [
        (publication, control)
        for publication in publications()
        for control in publication.controls
        if (control.stream, control.year, publication.publisher) == (stream, year, publisher)
    ]
