"""A document as a PDF for everybody: tagged, titled, in English, with an outline (PDF/UA-1). Typst sets it.

Typst refuses to write a file that breaks a rule of PDF/UA-1 which a program can check. Its templates are fixed files of
ours. They get the document as JSON, so that no text of a document is ever read as code, and can read no other files.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import typst

from pooledcare.kernel.documents import widths
from pooledcare.kernel.documents.fonts import FAMILIES, fonts, showable
from pooledcare.kernel.documents.layout import LaidOut, laid_out
from pooledcare.kernel.documents.model import Document

PDF = "application/pdf"
# Characters of one document, with its pictures, as JSON. Typst cannot be interrupted. For so many it needs 1.5 seconds
# if they are text (130 pages), and 15 if they are a table (3,000 rows) or one word. Other threads run meanwhile.
MOST_CHARACTERS = 500_000
STANDARD: typst.PDFStandard = "ua-1"
_TEMPLATES = Path(__file__).with_name("typst")
# Outside tables, a word with more characters may be broken. No English word has so many.
_LONGEST_WORD = 32
_WORD = re.compile(r"\S+")
_PIXELS_PER_INCH = 220
# Fields of the laid-out document that paper.typ reads but does not print.
_NOT_PRINTED = frozenset({"kind", "number", "format", "svg", "description"})


class DocumentTooLong(Exception):
    """The document has more than MOST_CHARACTERS."""


def pdf_of(document: Document) -> bytes:
    """The document as a PDF. The same document gives the same bytes. Raises `DocumentTooLong`."""
    paper = laid_out(document)
    midnight = dt.datetime.combine(paper.printed_on, dt.time(), tzinfo=dt.UTC)
    text = json.dumps(_as_data(paper))
    if len(text) > MOST_CHARACTERS:
        raise DocumentTooLong
    return _compiled("paper.typ", {"paper": text}, format="pdf", pdf_standards=[STANDARD], timestamp=midnight)


def png_of(svg: str) -> bytes:
    """An SVG image as PNG, 16 cm wide, for files that cannot hold SVG. Raises `DocumentTooLong`."""
    if len(svg) > MOST_CHARACTERS:
        raise DocumentTooLong
    inputs = {"svg": svg, "fonts": json.dumps(FAMILIES)}
    return _compiled("picture.typ", inputs, format="png", ppi=_PIXELS_PER_INCH)


def _compiled(template: str, inputs: dict[str, str], **options: Any) -> bytes:
    """What Typst makes of one of our templates. It may read files of their folder only, and loads no packages."""
    compiler = typst.Compiler(
        _template(template),
        root=_TEMPLATES,
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        package_path=_TEMPLATES,
        package_cache_path=_TEMPLATES,
    )
    # Without the name of a file it returns the file. Several pages as PNG would be a list; picture.typ has one page.
    return cast("bytes", compiler.compile(**options))


@cache
def _template(name: str) -> bytes:
    return (_TEMPLATES / name).read_bytes()


def _as_data(paper: LaidOut) -> dict[str, Any]:
    """The document for paper.typ: printed texts as lists of pieces, and the properties of the file as they are."""
    data: dict[str, Any] = _pieced(asdict(paper))
    del data["printed_on"]
    return data | {"title_property": paper.title, "author_property": paper.source, "fonts": FAMILIES}


def _pieced(value: Any, longest_word: int = _LONGEST_WORD) -> Any:
    match value:
        case str():
            return _pieces(showable(value), longest_word)
        case dict():
            longest = _longest_in_table(value) if value.get("kind") == "table" else longest_word
            return {name: part if name in _NOT_PRINTED else _pieced(part, longest) for name, part in value.items()}
        case list() | tuple():
            return [_pieced(part, longest_word) for part in value]
        case _:
            return value


def _longest_in_table(table: dict[str, Any]) -> int:
    return widths.LONGEST_WORD if table["fits"] else widths.LONGEST_IN_NARROW


def _pieces(text: str, longest_word: int) -> list[str]:
    """The text in pieces between which a line may end, so that a long word does not run off the page or into a column.

    >>> _pieces("a bbbbbbbb", 6)
    ['a bbbbbb', 'bb']
    """
    cuts = [
        cut for word in _WORD.finditer(text) for cut in range(word.start() + longest_word, word.end(), longest_word)
    ]
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)]) if end > start]
