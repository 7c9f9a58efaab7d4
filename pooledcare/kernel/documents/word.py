"""A document as a Word file (DOCX): headings and numbers of Word's own, heads of tables repeated, British English."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row
from docx.shared import Cm, Length
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph

from pooledcare.kernel.documents.layout import LaidOut, Paragraphs, Part, PlacesToSign, PlaceToSign, TextTable, laid_out
from pooledcare.kernel.documents.model import Document, Picture, Points, Subheading
from pooledcare.kernel.documents.pdf import png_of
from pooledcare.kernel.documents.widths import TEXT_WIDTH
from pooledcare.kernel.documents.word_styles import (
    BLUE,
    PARAGRAPH,
    RULE,
    SMALL,
    TERM,
    border,
    dress,
    set_style,
    stand_at_margin,
    table_style,
)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TEXT_WIDTH = Cm(TEXT_WIDTH)
_LABEL_WIDTH = Cm(4)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def docx_of(document: Document) -> bytes:
    """The document as a Word file. The same document gives the same bytes."""
    paper = laid_out(document)
    word = docx.Document()
    dress(word)
    _describe(word, paper)
    _head_and_foot(word, paper)
    _add_paragraph(word, paper.title, "Title")
    if paper.terms:
        _terms(word, paper.terms)
    for section in paper.sections:
        _add_paragraph(word, section.heading, "Heading 1")
        for part in section.parts:
            _add(word, part)
    file = io.BytesIO()
    word.save(file)
    return _without_times(file.getvalue())


def _describe(word: WordDocument, paper: LaidOut) -> None:
    """The properties of the file. Its times are those of the paper, as the clock must not change its bytes."""
    midnight = dt.datetime.combine(paper.printed_on, dt.time())
    properties = word.core_properties
    properties.title, properties.subject = paper.title[:255], paper.paper_type[:255]
    properties.author, properties.last_modified_by = paper.source[:255], paper.source[:255]
    properties.language, properties.comments, properties.keywords = "en-GB", "", ""
    properties.created = properties.modified = midnight


def _head_and_foot(word: WordDocument, paper: LaidOut) -> None:
    """On each page: who may read it and what it is, then the source, the days and the number of the page."""
    section = word.sections[0]
    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    for paragraph in (header, footer):
        set_style(paragraph, SMALL)
        paragraph.paragraph_format.tab_stops.add_tab_stop(_TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    header.add_run(paper.classification).bold = True
    header.add_run(f"\t{paper.paper_type}")
    border(footer._p.get_or_add_pPr(), top=(6, RULE))
    footer.add_run(f"{paper.footer}\tPage ")
    _field(footer, "PAGE")
    footer.add_run(" of ")
    _field(footer, "NUMPAGES")


def _field(paragraph: WordParagraph, name: str) -> None:
    """A number that Word fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    field.append(OxmlElement("w:r"))
    text = OxmlElement("w:t")
    text.text = "1"
    field[0].append(text)
    paragraph._p.append(field)


def _terms(word: WordDocument, terms: Sequence[tuple[str, str]]) -> None:
    table = word.add_table(rows=len(terms), cols=2)
    blue = (8, str(BLUE))
    border(table._tbl.tblPr, top=blue, bottom=blue)
    for row, (label, value) in zip(table.rows, terms, strict=True):
        _write(row.cells[0], label, style=TERM, is_bold=True)
        _write(row.cells[1], value, style=TERM)
    _set_widths(table, [_LABEL_WIDTH, Length(_TEXT_WIDTH - _LABEL_WIDTH)])
    word.add_paragraph().paragraph_format.space_after = Cm(0)


def _add(word: WordDocument, part: Part) -> None:
    match part:
        case Paragraphs():
            for item in part.items:
                _add_paragraph(word, item.text, PARAGRAPH)
        case Points():
            for text in part.items:
                _add_paragraph(word, text, "List Bullet")
        case Subheading():
            _add_paragraph(word, part.text, "Heading 2")
        case TextTable():
            _add_paragraph(word, part.caption, "Caption")
            if part.rows:
                _table(word, part)
            else:
                word.add_paragraph(part.empty)
        case Picture():
            _picture(word, part)
        case PlacesToSign():
            for one in part.signatories:
                _signature(word, one)


def _table(word: WordDocument, part: TextTable) -> None:
    style = table_style(part.size)
    lines = [tuple(column.label for column in part.columns), *part.rows, *part.foot]
    table = word.add_table(rows=len(lines), cols=len(part.columns))
    # `rows` and `cells` of python-docx search the whole table each time, which takes minutes for a long one.
    rows = [[WordCell(cell, table) for cell in row.tc_lst] for row in table._tbl.tr_lst]
    first_of_foot = len(lines) - len(part.foot)
    for place, (cells, line) in enumerate(zip(rows, lines, strict=True)):
        is_head, is_foot = place == 0, place >= first_of_foot
        for cell, text, column in zip(cells, line, part.columns, strict=True):
            _write(cell, text, style=style, is_bold=is_head or is_foot, on_the_right=column.is_figure)
            if is_head:
                border(cell._tc.get_or_add_tcPr(), top=(8, "212B32"), bottom=(6, RULE))
            elif is_foot:
                border(cell._tc.get_or_add_tcPr(), top=(6, RULE))
        _keep_whole(table._tbl.tr_lst[place], is_head=is_head)
    border(table._tbl.tblPr, bottom=(8, "212B32"), insideH=(2, "D8DDE0"))
    _set_widths(table, [Cm(column.width) for column in part.columns])
    word.add_paragraph().paragraph_format.space_after = Cm(0)


def _set_widths(table: WordTable, widths: Sequence[Length]) -> None:
    """Fix the width of each column, in the grid of the table for LibreOffice and in its cells for Word."""
    table.autofit = False
    stand_at_margin(table)
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = width


def _add_paragraph(word: WordDocument, text: str, style: str) -> None:
    set_style(word.add_paragraph(text), style)


def _write(cell: WordCell, text: str, *, style: str, is_bold: bool = False, on_the_right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    set_style(paragraph, style)
    paragraph.add_run(text).bold = is_bold or None
    if on_the_right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _keep_whole(row: CT_Row, *, is_head: bool) -> None:
    """Do not break the row over two pages; if it is the head, repeat it on each page."""
    properties = row.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader") if is_head else ("w:cantSplit",):
        properties.append(OxmlElement(name))


def _picture(word: WordDocument, picture: Picture) -> None:
    _add_paragraph(word, picture.title, "Caption")
    shown = word.add_picture(io.BytesIO(png_of(picture.svg)), width=_TEXT_WIDTH)
    properties = shown._inline.docPr
    properties.set("descr", picture.description)
    properties.set("title", picture.title)


def _signature(word: WordDocument, one: PlaceToSign) -> None:
    _add_paragraph(word, f"Signed for {one.organisation}", "Caption")
    table = word.add_table(rows=len(one.lines), cols=2)
    for row, (label, value) in zip(table.rows, one.lines, strict=True):
        _write(row.cells[0], label, style=TERM)
        _write(row.cells[1], value, style=TERM)
        if not value:
            border(row.cells[1]._tc.get_or_add_tcPr(), bottom=(6, RULE))
        row.height = Cm(0.9)
        _keep_whole(row._tr, is_head=False)
    _set_widths(table, [_LABEL_WIDTH, Cm(8)])


def _without_times(file: bytes) -> bytes:
    """The same ZIP archive, each of whose parts has the earliest time there is in place of the time of writing."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, _ZIP_EPOCH), old.read(part), zipfile.ZIP_DEFLATED)
    return made.getvalue()
