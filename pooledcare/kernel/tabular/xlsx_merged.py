"""The cells of an XLSX worksheet that lie beneath merged cells, where nobody sees what they hold.

A worksheet lists its merged cells after its rows, so they are searched before the rows are read: its part is unpacked
once more, without being parsed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pooledcare.kernel.tabular import packages
from pooledcare.kernel.tabular.packages import Archive, Attributes, parse, refuse_damaged
from pooledcare.kernel.tabular.places import split_reference

_NAME = b"mergeCell"
_MERGED = re.compile(rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?\bref\s*=\s*[\"']([A-Z0-9:]{1,40})[\"']")
_LONGEST = 500  # bytes, of one element
_WIDE_CHARACTERS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class MergedCells:
    """A block of merged cells. Columns are indices; the cell at its top left is the one that is seen."""

    top: int
    left: int
    bottom: int
    right: int


def merged_cells(archive: Archive, part: str) -> list[MergedCells]:
    """The merged cells of a worksheet, by their first row. Raises Refused if the part is damaged."""
    try:
        found = [_block(reference) for reference in _references(archive, part)]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError):
        refuse_damaged()
    return sorted(found, key=lambda block: (block.top, block.left))


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


def _block(reference: str) -> MergedCells:
    """
    >>> _block("B2:C5")
    MergedCells(top=2, left=1, bottom=5, right=2)
    """
    first, _, last = reference.partition(":")
    left, top = split_reference(first)
    right, bottom = split_reference(last or first)
    return MergedCells(top, left, bottom, right)


class Beneath:
    """Which cells of the current row lie beneath merged cells. Rows must come in order."""

    def __init__(self, blocks: list[MergedCells], columns: int) -> None:
        self._starts = blocks
        self._ends = sorted(blocks, key=lambda block: block.bottom)
        self._started = self._ended = 0
        self._count = np.zeros(columns, dtype=np.int32)  # for each column, the blocks that lie over the row
        self._seen: set[int] = set()  # columns in which the row has the cell that is seen

    def start_row(self, number: int) -> None:
        self._seen = set()
        while self._started < len(self._starts) and self._starts[self._started].top <= number:
            block = self._starts[self._started]
            self._started += 1
            self._count[block.left : block.right + 1] += 1
            if block.top == number:
                self._seen.add(block.left)
        while self._ended < len(self._ends) and self._ends[self._ended].bottom < number:
            block = self._ends[self._ended]
            self._ended += 1
            self._count[block.left : block.right + 1] -= 1

    def has(self, column: int) -> bool:
        over = self._count[column] if column < len(self._count) else 0
        return bool(over > (column in self._seen))
