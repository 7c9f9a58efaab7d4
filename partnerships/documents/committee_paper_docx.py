"""A committee paper as a Word document: A4, numbered paragraphs, and headings that screen readers can navigate."""

from __future__ import annotations

import io
import re

from docx import Document
from docx.shared import Cm, Pt

from partnerships.documents.committee_paper import Paper
from pooledcare.kernel.characters import CONTROL

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


def docx_of(paper: Paper) -> bytes:
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.2)
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Arial", Pt(11)
    document.core_properties.title = _plain(paper.title)
    document.core_properties.author, document.core_properties.language = "PooledCare", "en-GB"
    document.add_heading(_plain(paper.title), level=0)
    table = document.add_table(rows=0, cols=2)
    for label, value in paper.main_terms:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(4.5), Cm(12)
        cells[0].paragraphs[0].add_run(_plain(label)).bold = True
        cells[1].text = _plain(value)
    for number, section in enumerate(paper.sections, start=1):
        document.add_heading(f"{number}. {_plain(section.heading)}", level=1)
        for place, text in enumerate(section.paragraphs, start=1):
            paragraph = document.add_paragraph(f"{number}.{place}\t{_plain(text)}")
            paragraph.paragraph_format.left_indent = Cm(1.2)
            paragraph.paragraph_format.first_line_indent = Cm(-1.2)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(1.2))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _plain(text: str) -> str:
    """The text without the control characters and noncharacters that XML does not allow."""
    return _NO_CHARACTER.sub("\ufffd", CONTROL.sub("\ufffd", text))
