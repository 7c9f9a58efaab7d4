"""Papers to be printed in the tests, and the words of each of their forms."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import docx
import html5lib
import pypdfium2
from django.template import engines
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from pooledcare.kernel.documents.layout import laid_out
from pooledcare.kernel.documents.model import (
    Document,
    Paragraph,
    Picture,
    Points,
    Section,
    Signatory,
    Signatures,
    Subheading,
)
from pooledcare.kernel.tables import Column, Table

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="240">'
    '<rect width="300" height="90" fill="#005eb8"/></svg>'
)
COLUMNS = [
    Column("Scheme"),
    Column("Lead", missing="None named"),
    Column("Planned", "pounds"),
    Column("Change", "change"),
    Column("Share", "percent", "Not applicable"),
    Column("Code", on_page=False),
]


def table(rows: int = 3, **given: Any) -> Table:
    lines = [
        [
            {"value": f"Scheme {number}", "note": "provisional"} if number == 2 else f"Scheme {number}",
            None if number == 1 else "Mereshire County Council",
            Decimal("1234.50"),
            Decimal(number - 2),
            None if number == 1 else Decimal("0.25"),
            "hidden",
        ]
        for number in range(1, rows + 1)
    ]
    total = ["Total", "All", Decimal("1234.50") * rows, Decimal(0), Decimal(1), "hidden"]
    return Table("schemes", "Planned spending by scheme", COLUMNS, lines, foot=[total], **given)


def paper(*blocks: Any, **given: Any) -> Document:
    """A paper with one section of these blocks."""
    values = {
        "paper_type": "Statement of a pooled fund", "title": "Mereshire joint arrangements",
        "classification": "Open to everybody", "source": "PooledCare", "printed_on": dt.date(2026, 6, 15),
        "as_at": dt.date(2026, 3, 31), "terms": [("Agreement", "S75-0001"), ("Partners", "One; Two")],
        "sections": [Section("What this paper is about", blocks)],
    }  # fmt: skip
    return Document(**{**values, **given})


def whole_paper() -> Document:
    """A paper with everything that a paper can have."""
    return paper(
        sections=[
            Section(
                "What this paper is about",
                [Paragraph("The first.\nIts second line."), Points(["One point", "Another"]), Paragraph("The second.")],
            ),
            Section(
                "Money", [Paragraph("The plan:"), table(), Subheading("By year"), Picture(SVG, "Spending", "Bars.")]
            ),
            Section("Later", [table(0, empty="Nothing was moved."), Paragraph("The last.")]),
            Section(
                "To be signed", [Signatures([Signatory("One Council", "A. Person", "Director"), Signatory("Two")])]
            ),
        ]
    )


def solid(text: str) -> str:
    """The text without white space: where lines end is a matter of each form."""
    return re.sub(r"\s+", "", text)


# --- words -----------------------------------------------------------------------------------------------------------


def pages_of_pdf(pdf: bytes) -> list[str]:
    """The text of each page, as Chromium's reader of PDFs lets people select it."""
    with pypdfium2.PdfDocument(pdf) as opened:
        texts = []
        for number in range(len(opened)):
            page = opened[number]
            words = page.get_textpage()
            texts.append(words.get_text_range())
            words.close()
            page.close()
        return texts


def words_of_pdf(pdf: bytes, document: Document) -> str:
    """The words of a PDF, without white space and what is repeated on each page, which must be there and be right."""
    paper = laid_out(document)
    head, foot = solid(f"{paper.classification}{paper.paper_type}"), solid(paper.footer)
    pages = [solid(page) for page in pages_of_pdf(pdf)]
    words = ""
    for place, page in enumerate(pages, start=1):
        foot_here = f"{foot}Page{place}of{len(pages)}"
        assert page.startswith(head), page[:200]
        assert page.endswith(foot_here), page[-200:]
        words += page[len(head) : -len(foot_here)]
    return words


def words_of_docx(file: bytes) -> str:
    """The words of a Word document, with the numbers that Word counts for its two numbered styles."""
    return " ".join(_body_of(docx.Document(io.BytesIO(file))))


def _body_of(word: Any) -> Iterator[str]:
    section = paragraph = 0
    for block in word.iter_inner_content():
        if isinstance(block, WordTable):
            yield from (cell.text for row in block.rows for cell in row.cells)
            continue
        assert isinstance(block, WordParagraph)
        style = block.style.name if block.style else ""
        if style == "Heading 1":
            section, paragraph = section + 1, 0
            yield f"{section}."
        elif style == "Numbered paragraph":
            paragraph += 1
            yield f"{section}.{paragraph}"
        elif style == "List Bullet":
            yield "•"
        yield block.text


def page_of(document: Document) -> str:
    """The HTML of the document as part of a page."""
    source = '{% from "components/document.jinja" import document %}{{ document(paper) }}'
    return engines["jinja2"].from_string(source).render({"paper": laid_out(document)})


def words_of_page(html: str, document: Document) -> str:
    """The words of the document on a page, without what files repeat on each page, which must be there."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    article = next(each for each in tree.iter("article") if each.get("class") == "pc-paper")
    for bullet in article.iter("ul"):
        for item in bullet.iter("li"):
            item.text = f"• {item.text}"
    paper = laid_out(document)
    head, foot = article[0], article[-1]
    assert solid("".join(head.itertext())) == solid(f"{paper.classification}{paper.paper_type}")
    assert "".join(foot.itertext()) == paper.footer
    return " ".join("".join(each.itertext()) for each in article[1:-1])
