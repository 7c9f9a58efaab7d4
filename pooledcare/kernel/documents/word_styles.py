"""How a Word document looks: its styles, and numbers that Word itself counts, so that a reader can go on writing."""

from __future__ import annotations

import re
from typing import cast

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from pooledcare.kernel.documents.widths import SIZES

INK = RGBColor(0x21, 0x2B, 0x32)
QUIET = RGBColor(0x4C, 0x62, 0x72)
BLUE = RGBColor(0x00, 0x30, 0x87)
RULE = "768692"
PARAGRAPH = "Numbered paragraph"
TERM = "Paper term"
SMALL = "Header and footer"
HANG = Cm(1.3)
_FONT = "Arial"
_LIST = 75  # the number of our list; any that the template of python-docx does not use
_TWIPS = round(HANG.twips)
_CELL_PADDING = 108  # of the template's tables, on each side, in twips

# Sections are numbered 1., 2. and the paragraphs in them 1.1, 1.2.
_NUMBERING = f"""
<w:abstractNum {nsdecls("w")} w:abstractNumId="{_LIST}">
  <w:multiLevelType w:val="multilevel"/>
  <w:lvl w:ilvl="0">
    <w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading1"/><w:lvlText w:val="%1."/>
    <w:lvlJc w:val="left"/>
    <w:pPr><w:tabs><w:tab w:val="num" w:pos="{_TWIPS}"/></w:tabs><w:ind w:left="{_TWIPS}" w:hanging="{_TWIPS}"/></w:pPr>
  </w:lvl>
  <w:lvl w:ilvl="1">
    <w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Numberedparagraph"/><w:lvlText w:val="%1.%2"/>
    <w:lvlJc w:val="left"/>
    <w:pPr><w:tabs><w:tab w:val="num" w:pos="{_TWIPS}"/></w:tabs><w:ind w:left="{_TWIPS}" w:hanging="{_TWIPS}"/></w:pPr>
  </w:lvl>
</w:abstractNum>
"""


def dress(word: WordDocument) -> None:
    """Give a new document A4 paper, the language British English, our styles and our numbering."""
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.4)
    page.top_margin, page.bottom_margin, page.header_distance = Cm(2.9), Cm(2.5), Cm(1.6)
    _style(word, "Normal", 10.5, INK, after=6)
    for name in (PARAGRAPH, TERM, SMALL, *map(table_style, SIZES)):
        added = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        added.base_style = word.styles["Normal"]
        added.element.styleId = _style_id(name)
    _style(word, "Title", 20, BLUE, after=10, is_bold=True)
    _style(word, "Heading 1", 13.5, BLUE, before=16, after=8, is_bold=True)
    _style(word, "Heading 2", 11, BLUE, before=10, after=6, is_bold=True)
    _style(word, "Caption", 10.5, INK, before=8, after=4, is_bold=True).paragraph_format.keep_with_next = True
    _style(word, "List Bullet", 10.5, INK, after=4).paragraph_format.left_indent = HANG + Cm(0.6)
    word.styles["List Bullet"].paragraph_format.first_line_indent = Cm(-0.6)
    _style(word, PARAGRAPH, 10.5, INK, after=8)
    _style(word, TERM, 10.5, INK, before=1, after=2)
    for size in SIZES:
        _style(word, table_style(size), size, INK, before=2, after=2).paragraph_format.line_spacing = 1
    _style(word, SMALL, 9, QUIET, after=0)
    _number(word)


def table_style(size: float) -> str:
    """The name of the style of the text of tables, whose letters are of one of the SIZES."""
    return f"Table text {size}"


def set_style(paragraph: WordParagraph, name: str) -> None:
    """Give a paragraph a style. Asking python-docx by name reads all styles of the document every time."""
    paragraph._p.style = _style_id(name)


def stand_at_margin(table: WordTable) -> None:
    """Put the lines of a table at the margins of the page. Word puts its text there, and its lines outside."""
    indent = OxmlElement("w:tblInd")
    indent.set(qn("w:w"), str(_CELL_PADDING))
    indent.set(qn("w:type"), "dxa")
    table._tbl.tblPr.insert_element_before(indent, "w:tblBorders", *_BORDERS["w:tblPr"][1])


# For each kind of properties: the name of its borders, and what may only stand after them.
_BORDERS = {
    "w:pPr": ("w:pBdr", ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr")),
    "w:tcPr": ("w:tcBorders", ("w:shd", "w:noWrap", "w:tcMar", "w:vAlign")),
    "w:tblPr": ("w:tblBorders", ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")),
}
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def border(properties: BaseOxmlElement, **sides: tuple[int, str]) -> None:
    """Add borders to the properties of a paragraph, cell or table.

    `sides` are named as in _SIDES; each has its width in eighths of a point and its colour as six hexadecimal digits.
    """
    name, successors = _BORDERS[f"w:{properties.tag.rpartition('}')[2]}"]
    borders = OxmlElement(name)
    for side in _SIDES:
        if side in sides:
            width, colour = sides[side]
            line = OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", str(width)), ("space", "1"), ("color", colour)):
                line.set(qn(f"w:{key}"), value)
            borders.append(line)
    properties.insert_element_before(borders, *successors)


def _style(
    word: WordDocument, name: str, size: float, colour: RGBColor, *, before: int = 0, after: int, is_bold: bool = False
) -> ParagraphStyle:
    """Set a paragraph style in points. The template's own fonts, colours and lines are removed."""
    style = cast("ParagraphStyle", word.styles[name])
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), is_bold
    style.font.color.rgb = colour
    fonts = properties.find(qn("w:rFonts"))
    for script in ("cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    language = OxmlElement("w:lang")
    for script, code in (("val", "en-GB"), ("eastAsia", "en-GB"), ("bidi", "ar-SA")):
        language.set(qn(f"w:{script}"), code)
    properties.append(language)
    layout = style.element.get_or_add_pPr()
    for child in layout.findall(qn("w:pBdr")) + layout.findall(qn("w:contextualSpacing")):
        layout.remove(child)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.15
    return style


def _number(word: WordDocument) -> None:
    """Add the list of sections and paragraphs, and number the two styles by it."""
    numbering = word.part.numbering_part.element
    numbering.insert(0, parse_xml(_NUMBERING))
    number = numbering.add_num(_LIST).numId
    for name, level in (("Heading 1", 0), (PARAGRAPH, 1)):
        properties = word.styles[name].element.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = number


def _style_id(name: str) -> str:
    """By which paragraphs name their style; python-docx leaves out the spaces too."""
    return re.sub("[ .]", "", name)
