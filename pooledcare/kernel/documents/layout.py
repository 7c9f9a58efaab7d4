"""A document with all its text as it is printed: numbered, with figures written out. The three forms print this."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pooledcare.kernel import formats
from pooledcare.kernel.characters import CONTROL
from pooledcare.kernel.documents.model import (
    Block,
    Document,
    Paragraph,
    Picture,
    Points,
    Section,
    Signatory,
    Signatures,
    Subheading,
)
from pooledcare.kernel.documents.widths import fitted
from pooledcare.kernel.tables import NUMERIC_FORMATS, Cell, Column, Table

# What XML does not allow besides control characters: lone halves of surrogate pairs, and two noncharacters.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?")


@dataclass(frozen=True)
class Numbered:
    number: str
    text: str


@dataclass(frozen=True)
class Paragraphs:
    """Numbered paragraphs with nothing between them."""

    items: tuple[Numbered, ...]
    kind: str = field(default="paragraphs", init=False)


@dataclass(frozen=True)
class TextColumn:
    """The heading of a column; `format` is as in `Column`, and `width` that on paper, in centimetres.

    `is_figure` says whether its cells stand on the right.
    """

    label: str
    format: str
    is_figure: bool
    width: float


@dataclass(frozen=True)
class TextTable:
    """A table whose cells are text. `foot` are its totals; `empty` is said in place of a table without rows.

    `size` is that of its letters on paper, in points. If it `fits` on the page, no figure need be broken over lines.
    """

    caption: str
    columns: tuple[TextColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[tuple[str, ...], ...]
    empty: str
    size: float
    fits: bool
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class PlaceToSign:
    """`lines` are pairs of a label and what is on its line already; empty, if it is to be filled in by hand."""

    organisation: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlacesToSign:
    signatories: tuple[PlaceToSign, ...]
    kind: str = field(default="signatures", init=False)


Part = Paragraphs | Points | Subheading | TextTable | Picture | PlacesToSign


@dataclass(frozen=True)
class LaidOutSection:
    number: int
    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class LaidOut:
    """A document as text. `printed_on` is for the properties of files; in the text it is in `footer`."""

    paper_type: str
    title: str
    classification: str
    source: str
    footer: str
    printed_on: dt.date
    terms: tuple[tuple[str, str], ...]
    sections: tuple[LaidOutSection, ...]


def laid_out(document: Document) -> LaidOut:
    """The document as it is printed. Characters that no file may contain become the replacement character U+FFFD."""
    return LaidOut(
        paper_type=plain(document.paper_type),
        title=plain(document.title),
        classification=plain(document.classification),
        source=plain(document.source),
        footer=plain(_footer(document)),
        printed_on=document.printed_on,
        terms=tuple((plain(label), plain(value)) for label, value in document.terms),
        sections=tuple(_section(number, each) for number, each in enumerate(document.sections, start=1)),
    )


def plain(text: str) -> str:
    """The text without characters that no file may contain, and with one kind of line break.

    >>> plain("a\\x01b\\r\\nc")
    'a�b\\nc'
    """
    return _NO_CHARACTER.sub("\ufffd", CONTROL.sub("\ufffd", _LINE_BREAK.sub("\n", text)))


def _footer(document: Document) -> str:
    as_at = f" · As at {formats.day(document.as_at)}" if document.as_at else ""
    return f"{document.source}{as_at} · Printed {formats.day(document.printed_on)}"


def _section(number: int, section: Section) -> LaidOutSection:
    parts: list[Part] = []
    so_far = 0
    for is_paragraphs, blocks in groupby(section.blocks, key=lambda block: isinstance(block, Paragraph)):
        if is_paragraphs:
            texts = [plain(block.text) for block in blocks if isinstance(block, Paragraph)]
            items = (Numbered(f"{number}.{place}", text) for place, text in enumerate(texts, start=so_far + 1))
            parts.append(Paragraphs(tuple(items)))
            so_far += len(texts)
        else:
            parts += [_part(block) for block in blocks]
    return LaidOutSection(number, plain(section.heading), tuple(parts))


def _part(block: Block) -> Part:
    match block:
        case Table():
            return text_table(block)
        case Points():
            return Points(tuple(plain(item) for item in block.items))
        case Subheading():
            return Subheading(plain(block.text))
        case Picture():
            return Picture(block.svg, plain(block.title), plain(block.description))
        case Signatures():
            return PlacesToSign(tuple(_to_sign(each) for each in block.signatories))
        case _:
            raise TypeError(f"A document has no blocks of type {type(block).__name__}.")


def _to_sign(one: Signatory) -> PlaceToSign:
    lines = (("Signature", ""), ("Name", plain(one.name)), ("Position", plain(one.position)), ("Date", ""))
    return PlaceToSign(plain(one.organisation), lines)


def text_table(table: Table) -> TextTable:
    """The table with the columns, formats and words of a page."""
    shown = table.for_page()
    labels = [plain(column.label) for column in shown.columns]
    figures = [column.format in NUMERIC_FORMATS for column in shown.columns]
    rows, foot = (_lines(lines, shown.columns) for lines in (shown.rows, shown.foot))
    on_paper = fitted(list(zip(labels, *rows, *foot, strict=True)), figures)
    columns = tuple(
        TextColumn(label, column.format, is_figure, width)
        for label, column, is_figure, width in zip(labels, shown.columns, figures, on_paper.widths, strict=True)
    )
    return TextTable(plain(shown.caption), columns, rows, foot, plain(shown.empty), on_paper.size, on_paper.fits)


def _lines(lines: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_cell(cell, column) for cell, column in zip(line, columns, strict=True)) for line in lines)


def _cell(cell: Cell, column: Column) -> str:
    """The words of a cell on a page: its value, or those for a missing value, and its note."""
    whole = cell if isinstance(cell, dict) else {"value": cell}
    value = whole["value"]
    missing = value is None or value == ""
    words = (whole.get("missing") or column.missing) if missing else formats.written(value, column.format)
    note = whole.get("note")
    return plain(f"{words} {note}" if note else str(words))
