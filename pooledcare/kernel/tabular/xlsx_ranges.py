"""Ranges of an XLSX worksheet whose numbers are not seen as they are stored: merged cells, and conditional formats.

A worksheet lists both after its rows, so they are searched before the rows are read. For merged cells its part is
unpacked once more, without being parsed; for conditional formats it is parsed, but only if one has a number format.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pooledcare.kernel.tabular import packages
from pooledcare.kernel.tabular.packages import Archive, Attributes, parse, refuse_damaged
from pooledcare.kernel.tabular.places import split_reference

_NAME = b"mergeCell"
_MERGED = re.compile(rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Za-z0-9:$]{1,40})[\"']")
_LAST_ROW, _LAST_COLUMN = 1_048_576, "XFD"
_LONGEST = 500  # bytes, of one element
_WIDE_CHARACTERS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells. Columns are indices, from 0."""

    top: int
    left: int
    bottom: int
    right: int


def merged_cells(archive: Archive, part: str) -> list[Range]:
    """The merged cells of a worksheet, by their first row. Raises Refused if the part is damaged."""
    try:
        return _in_order(_references(archive, part))
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError):
        refuse_damaged()


def conditional_ranges(archive: Archive, part: str, styles: Collection[int]) -> list[Range]:
    """The cells to which a conditional format with one of these styles applies, by their first row."""
    references: list[str] = []
    cells = [""]

    def start(name: str, attributes: Attributes) -> None:
        if name == "conditionalFormatting":
            cells[0] = attributes.get("sqref", "")
        elif name == "cfRule" and int(attributes.get("dxfId", "-1")) in styles:
            references.extend(cells[0].split())

    try:
        parse(archive, part, start)
        return _in_order(references)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError):
        refuse_damaged()


def _in_order(references: Iterable[str]) -> list[Range]:
    return sorted(map(_range, dict.fromkeys(references)), key=lambda found: (found.top, found.left))


def _references(archive: Archive, part: str) -> Iterator[str]:
    with archive.open(part) as stream:
        block = stream.read(packages.BLOCK)
        if not block.startswith(_WIDE_CHARACTERS):
            rest = b""
            while block:
                text = rest + block
                end = 0
                if _NAME in text:
                    for match in _MERGED.finditer(text):
                        end = match.end()
                        yield match[1].decode("ascii")
                rest = text[max(end, len(text) - _LONGEST) :]
                block = stream.read(packages.BLOCK)
            return
    references: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "mergeCell":
            references.append(attributes["ref"])

    parse(archive, part, start)
    yield from references


def _range(reference: str) -> Range:
    """
    >>> _range("B2:C5"), _range("$d$7")
    (Range(top=2, left=1, bottom=5, right=2), Range(top=7, left=3, bottom=7, right=3))
    >>> _range("A:B"), _range("3:4")
    (Range(top=1, left=0, bottom=1048576, right=1), Range(top=3, left=0, bottom=4, right=16383))
    """
    first, _, last = reference.replace("$", "").upper().partition(":")
    last = last or first
    if first.isalpha() and last.isalpha():
        first, last = f"{first}1", f"{last}{_LAST_ROW}"
    elif first.isdecimal() and last.isdecimal():
        first, last = f"A{first}", f"{_LAST_COLUMN}{last}"
    left, top = split_reference(first)
    right, bottom = split_reference(last)
    return Range(top, left, bottom, right)


class Within:
    """Which cells of the current row lie in some range. Rows must come in order."""

    def __init__(self, ranges: list[Range], columns: int) -> None:
        self._starts = ranges
        self._ends = sorted(ranges, key=lambda found: found.bottom)
        self._started = self._ended = 0
        self._count = np.zeros(columns, dtype=np.int32)  # for each column, the ranges in which the cell lies
        self._first: set[int] = set()  # columns in which a range has its cell at the top left in this row

    def start_row(self, number: int) -> None:
        self._first = set()
        while self._started < len(self._starts) and self._starts[self._started].top <= number:
            found = self._starts[self._started]
            self._started += 1
            self._count[found.left : found.right + 1] += 1
            if found.top == number:
                self._first.add(found.left)
        while self._ended < len(self._ends) and self._ends[self._ended].bottom < number:
            found = self._ends[self._ended]
            self._ended += 1
            self._count[found.left : found.right + 1] -= 1

    def has(self, column: int) -> bool:
        return self._ranges_over(column) > 0

    def _ranges_over(self, column: int) -> int:
        return int(self._count[column]) if column < len(self._count) else 0


class Beneath(Within):
    """Which cells of the current row lie beneath merged cells. The cell at the top left of each is seen."""

    def has(self, column: int) -> bool:
        return self._ranges_over(column) > (column in self._first)
