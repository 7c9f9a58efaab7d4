"""PDFs: tagged for screen readers, with an outline, its fonts and repeated heads of tables, the same each time."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pypdf
import pypdfium2
import pytest
import typst
from pypdf.generic import ArrayObject, DictionaryObject

from pooledcare.kernel.documents import pdf as module
from pooledcare.kernel.documents.model import Paragraph, Picture, Points, Section, Subheading
from pooledcare.kernel.documents.pdf import DocumentTooLong, pdf_of, png_of
from pooledcare.kernel.tables import Column, Table
from tests.kernel.documents.papers import SVG, pages_of_pdf, paper, solid, table, whole_paper


def opened(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def tags(element: Any) -> Iterator[DictionaryObject]:
    """Every element of the structure of a PDF, in reading order."""
    element = element.get_object()
    if isinstance(element, ArrayObject):
        for each in element:
            yield from tags(each)
    elif isinstance(element, DictionaryObject):
        if "/S" in element:
            yield element
        if "/K" in element:
            yield from tags(element["/K"])


@pytest.fixture(scope="module")
def whole() -> pypdf.PdfReader:
    return opened(pdf_of(whole_paper()))


def test_a_pdf_is_tagged_and_says_its_language_title_and_author(whole):
    root = whole.root_object
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert whole.metadata.title == "Mereshire joint arrangements"
    assert whole.metadata.author == "PooledCare"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_what_a_paper_consists_of_is_tagged_as_what_it_is(whole):
    found = Counter(str(each["/S"]) for each in tags(whole.root_object["/StructTreeRoot"]))
    assert found["/Title"] + found["/H1"] + found["/H2"] == 6
    assert found["/H2"] == 1
    assert found["/Table"] == 1
    assert (found["/THead"], found["/TBody"], found["/TFoot"]) == (1, 1, 1)
    assert (found["/TH"], found["/TD"]) == (5, 20)
    assert found["/Caption"] == 2
    assert found["/Figure"] == 1
    # The pairs at the head, four lists of paragraphs around other things, and the points.
    assert found["/LI"] == found["/LBody"] == found["/Lbl"] == 2 + 4 + 2


def test_a_picture_has_its_description_for_those_who_cannot_see_it(whole):
    alternatives = [each["/Alt"] for each in tags(whole.root_object["/StructTreeRoot"]) if "/Alt" in each]
    assert alternatives == ["Bars."]


def test_the_outline_has_the_headings(whole):
    def titles(items: list[Any]) -> list[Any]:
        return [titles(each) if isinstance(each, list) else each.title for each in items]

    assert titles(whole.outline) == [
        "1. What this paper is about", "2. Money", ["By year"], "3. Later", "4. To be signed",
    ]  # fmt: skip


def test_all_fonts_are_in_the_file():
    used = {}
    for page in opened(pdf_of(paper(Paragraph("Plain, שלום and مرحبا"), Subheading("Bold")))).pages:
        for font in page["/Resources"]["/Font"].values():
            whole_font = font.get_object()
            descriptor = whole_font["/DescendantFonts"][0]["/FontDescriptor"]
            used[whole_font["/BaseFont"]] = any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))
    assert {name.partition("+")[2].partition("-")[0] for name in used} >= {"Arimo", "IBMPlexSansArabic"}
    assert all(used.values())


@pytest.mark.slow
def test_the_head_of_a_long_table_is_on_each_page_and_its_total_on_the_last_only():
    pages = [solid(page) for page in pages_of_pdf(pdf_of(paper(table(120))))]
    assert len(pages) > 2
    assert all("SchemeLeadPlannedChangeShare" in page for page in pages)
    assert [page.count("TotalAll") for page in pages] == [0] * (len(pages) - 1) + [1]


def test_the_same_paper_is_the_same_file_whatever_the_time(time_machine):
    time_machine.move_to("2026-06-15T09:00:00Z")
    first = pdf_of(whole_paper())
    time_machine.move_to("2031-01-01T00:00:00Z")
    assert pdf_of(whole_paper()) == first
    assert opened(first).metadata.creation_date.isoformat() == "2026-06-15T00:00:00+00:00"
    assert pdf_of(paper(Paragraph("Other"))) != first


def test_a_character_that_no_font_has_is_spelt_out():
    text = " ".join(pages_of_pdf(pdf_of(paper(Paragraph("Agreed 😀 中\ufe0f\ufeff and \ufdd0"), title="😀"))))
    assert solid("Agreed [U+1F600 GRINNING FACE] [U+4E2D CJK UNIFIED IDEOGRAPH-4E2D] and [U+FDD0]") in solid(text)


def test_a_character_that_no_file_may_contain_is_replaced():
    assert solid("bell \ufffd end") in solid(pages_of_pdf(pdf_of(paper(Paragraph("bell \x07 end"))))[0])


@pytest.mark.slow
def test_several_people_may_ask_for_papers_at_once():
    documents = [paper(Paragraph(f"Paper {number}"), table(20)) for number in range(8)]
    alone = [pdf_of(each) for each in documents]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pdf_of, documents)) == alone


def test_the_words_of_a_picture_can_be_selected_too():
    drawn = SVG.replace("</svg>", '<text y="90" font-family="Arial, sans-serif" font-size="16">In 2025</text></svg>')
    assert "In 2025" in pages_of_pdf(pdf_of(paper(Picture(drawn, "One", "Two"))))[0]
    assert png_of(drawn) != png_of(SVG)


@pytest.mark.parametrize("address", ["/etc/hostname", "../pdf.py", "file:///etc/hostname", "http://127.0.0.1:9/a.png"])
def test_a_picture_reaches_no_file_and_no_host(address: str):
    linked = f'<image href="{address}" width="9" height="9"/>'
    for write in (png_of, lambda svg: pdf_of(paper(Picture(svg, "One", "Two")))):
        plain = write(SVG)
        try:
            made = write(SVG.replace("</svg>", f"{linked}</svg>"))
        except typst.TypstError:
            continue
        assert len(made) < len(plain) + 200


def test_a_broken_picture_is_an_error_and_not_a_blank():
    for write in (png_of, lambda svg: pdf_of(paper(Picture(svg, "One", "Two")))):
        with pytest.raises(typst.TypstError):
            write("<svg")


def test_the_figures_of_a_table_that_is_too_wide_are_broken_and_stay_in_their_columns():
    columns = [Column("Scheme"), *(Column(f"Month {number}", "pounds") for number in range(12))]
    wide = Table("months", "By month", columns, [["One", *[Decimal("12345678.90")] * 12]])
    with pypdfium2.PdfDocument(pdf_of(paper(wide))) as document:
        page = document[0]
        words = page.get_textpage()
        text = words.get_text_range()
        marks = [place for place, letter in enumerate(text) if letter == "£"]
        # Where the letters of a figure are: from its sign to its last penny.
        spans = []
        for mark in marks:
            end = text.index("90", text.index(".", mark)) + 2
            boxes = [words.get_charbox(place) for place in range(mark, end) if text[place].strip()]
            spans.append((min(box[0] for box in boxes), max(box[2] for box in boxes)))
        words.close()
        page.close()
    assert solid(text).count("£12,345,678.90") == len(spans) == 12
    assert all(left[1] < right[0] for left, right in pairwise(spans))


def test_a_long_word_stays_on_the_page():
    pdf = pdf_of(paper(Paragraph("x" * 4_000), Points(["y" * 300]), table(0, empty="w" * 300), title="z" * 200))
    ends = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            words = page.get_textpage()
            ends += [words.get_charbox(place)[2] for place in range(words.count_chars())]
            words.close()
            page.close()
    assert len(ends) > 4_800
    # A4 is 595 points wide; its right margin begins 68 before that.
    assert 520 < max(ends) < 528


def test_a_paper_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_CHARACTERS", 2_000)
    assert pdf_of(paper(Paragraph("x" * 200)))
    with pytest.raises(DocumentTooLong):
        pdf_of(paper(Paragraph("x" * 2_000)))
    with pytest.raises(DocumentTooLong):
        png_of(SVG + " " * 2_000)


def test_a_section_may_have_nothing_but_its_heading():
    assert "1. Only a heading" in pages_of_pdf(pdf_of(paper(sections=[Section("Only a heading", [])], terms=[])))[0]
