"""Word documents: styles, numbers and heads of tables of Word's own, and the same file each time."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm
from lxml import etree

from pooledcare.kernel.documents.model import Paragraph, Section
from pooledcare.kernel.documents.word import docx_of
from tests.kernel.documents.papers import paper, table, whole_paper

# The order that the standard of the format (ECMA-376) requires of what Word is strict about, as far as we write it.
ORDERS = {
    "pPr": ["pStyle", "keepNext", "keepLines", "widowControl", "numPr", "pBdr", "shd", "tabs", "spacing", "ind",
            "contextualSpacing", "jc", "outlineLvl", "rPr"],
    "tblPr": ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"],
    "tcPr": ["tcW", "gridSpan", "tcBorders", "shd", "vAlign"],
    "trPr": ["cantSplit", "trHeight", "tblHeader"],
    "rPr": ["rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "color", "spacing",
            "kern", "sz", "szCs", "u", "lang"],
    "numbering": ["abstractNum", "num"],
}  # fmt: skip
ANY_ORDER = {"trPr"}
# The other parts come from the template of python-docx.
OF_OURS = ("word/document.xml", "word/header1.xml", "word/footer1.xml", "word/styles.xml", "word/numbering.xml")


@pytest.fixture(scope="module")
def file() -> bytes:
    return docx_of(whole_paper())


@pytest.fixture
def word(file: bytes) -> Any:
    return docx.Document(io.BytesIO(file))


def names(element: Any) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


def test_the_properties_of_the_file_are_those_of_the_paper(word):
    properties = word.core_properties
    assert (properties.title, properties.author, properties.language) == (
        "Mereshire joint arrangements", "PooledCare", "en-GB",
    )  # fmt: skip
    assert properties.created == properties.modified
    assert properties.created.date().isoformat() == "2026-06-15"
    assert word.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "en-GB"


def test_headings_and_numbers_are_words_own(word):
    styles = [(each.style.name, each.text) for each in word.paragraphs if each.text]
    assert styles[:4] == [
        ("Title", "Mereshire joint arrangements"),
        ("Heading 1", "What this paper is about"),
        ("Numbered paragraph", "The first.\nIts second line."),
        ("List Bullet", "One point"),
    ]
    assert ("Heading 2", "By year") in styles
    formats = {}
    for name in ("Heading 1", "Numbered paragraph"):
        number = word.styles[name].element.pPr.numPr
        formats[name] = (number.numId.val, number.ilvl.val)
    (first, top), (second, below) = formats.values()
    assert first == second
    assert (top, below) == (0, 1)
    numbering = word.part.numbering_part.element
    kind = numbering.num_having_numId(first).abstractNumId.val
    levels = next(each for each in numbering if each.get(qn("w:abstractNumId")) == str(kind))
    assert [each.get(qn("w:val")) for each in levels.iter(qn("w:lvlText"))] == ["%1.", "%1.%2"]
    assert [each.get(qn("w:val")) for each in levels.iter(qn("w:pStyle"))] == [
        word.styles[name].style_id for name in ("Heading 1", "Numbered paragraph")
    ]


def test_each_page_says_who_may_read_it_the_source_the_days_and_its_number(word):
    section = word.sections[0]
    assert section.header.paragraphs[0].text == "Open to everybody\tStatement of a pooled fund"
    footer = section.footer.paragraphs[0]
    fields = [each.get(qn("w:instr")) for each in footer._p.iter(qn("w:fldSimple"))]
    assert footer.text.startswith("PooledCare · As at 31 March 2026 · Printed 15 June 2026\tPage ")
    assert fields == ["PAGE", "NUMPAGES"]
    assert [round(side.cm, 2) for side in (section.page_width, section.page_height)] == [21, 29.7]


def test_the_head_of_a_table_is_repeated_its_figures_stand_right_and_its_totals_are_bold(word):
    shown = word.tables[1]
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in shown.rows] == [True, *[False] * 4]
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in shown.rows)
    sides = [[cell.paragraphs[0].alignment for cell in row.cells] for row in shown.rows]
    assert all(line == [None, None, 2, 2, 2] for line in sides)
    bold = [[cell.paragraphs[0].runs[0].bold for cell in row.cells] for row in shown.rows]
    assert bold == [[True] * 5, [None] * 5, [None] * 5, [None] * 5, [True] * 5]
    assert abs(sum(column.width for column in shown.columns) - Cm(16.2)) < Cm(0.01)


def test_a_picture_has_its_description_for_those_who_cannot_see_it(word):
    (shown,) = word.inline_shapes
    assert shown._inline.docPr.get("descr") == "Bars."
    assert shown.width == Cm(16.2)


def test_the_same_paper_is_the_same_file_whatever_the_time(file, time_machine):
    time_machine.move_to("2031-01-01T12:34:56Z")
    assert docx_of(whole_paper()) == file
    assert {each.date_time for each in zipfile.ZipFile(io.BytesIO(file)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_word_is_strict_about_is_in_its_order(file):
    seen = set()
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        for name in packed.namelist():
            if name not in OF_OURS:
                continue
            for element in etree.fromstring(packed.read(name)).iter():
                kind = str(element.tag).rpartition("}")[2]
                if kind in ORDERS and not (name == "word/styles.xml" and kind.startswith("t")):
                    found = names(element)
                    unknown = set(found) - set(ORDERS[kind])
                    assert not unknown, (name, kind, unknown)
                    places = [ORDERS[kind].index(each) for each in found if each in ORDERS[kind]]
                    assert kind in ANY_ORDER or places == sorted(places), (name, kind, found)
                    seen.add(kind)
    assert seen == set(ORDERS)


def test_text_that_no_xml_may_contain_is_replaced():
    made = docx_of(
        paper(
            title="Title \x1f\ufffe",
            terms=[("Agreement", "S75-0001 \x0b")],
            sections=[Section("One \uffff", [Paragraph("A\ttab\nand \x85 more")])],
        )
    )
    word = docx.Document(io.BytesIO(made))
    assert [each.text for each in word.paragraphs if each.text] == [
        "Title \ufffd\ufffd", "One \ufffd", "A\ttab\nand \ufffd more",
    ]  # fmt: skip
    assert word.tables[0].cell(0, 1).text == "S75-0001 \ufffd"
    assert word.core_properties.title == "Title \ufffd\ufffd"


@pytest.mark.slow
def test_a_long_table_is_written_in_seconds():
    word = docx.Document(io.BytesIO(docx_of(paper(table(1_000)))))
    assert len(word.tables[1].rows) == 1_002
