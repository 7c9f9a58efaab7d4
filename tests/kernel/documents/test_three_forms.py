"""A paper has the same words as page, Word document and PDF."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pooledcare.kernel.documents.model import Document, Paragraph, Points, Section, Subheading
from pooledcare.kernel.documents.pdf import pdf_of
from pooledcare.kernel.documents.word import docx_of
from tests.kernel.documents.papers import (
    page_of,
    paper,
    solid,
    table,
    whole_paper,
    words_of_docx,
    words_of_page,
    words_of_pdf,
)

pytestmark = pytest.mark.slow

HOSTILE = [
    "#panic() #import \"@preview/x:1.0.0\" $x^2$ [a] {b} \\u{41} @ref <label> = * _ ` ~ // /* */ -- --- '\"",
    "<script>alert(1)</script> &amp; ]]> <!-- {{ 7*7 }} {% raw %}",
    "e\u0301 ŵ ŷ Ł ß Ж Ω ½ £ € – — … “ ” •", "x" * 10_000, "a\u00a0b no break", "zero\u200bwidth\u200djoined\u00adsoft",
]  # fmt: skip
# Text that runs from right to left. A PDF reader may give its words in the order in which they are seen.
OTHER_WAY = ["שלום עולם", "مرحبا بالعالم", "abc\u202edef\u202c \u2066ghi\u2069"]


def forms(document: Document) -> list[str]:
    return [
        solid(words_of_page(page_of(document), document)),
        solid(words_of_docx(docx_of(document))),
        solid(words_of_pdf(pdf_of(document), document)),
    ]


def test_a_paper_with_everything_has_the_same_words_in_all_forms():
    page, word, pdf = forms(whole_paper())
    assert page == word
    assert page == pdf
    for expected in (
        "Mereshire joint arrangements", "Agreement S75-0001",
        "1. What this paper is about 1.1 The first. Its second line. • One point",
        "1.2 The second. 2. Money 2.1 The plan:", "Scheme 2 provisional", "−£1.00", "+£1.00", "25.0%",

        "None named", "Not applicable", "Total All £3,703.50", "Nothing was moved. 3.1 The last.",
        "Signed for One Council Signature Name A. Person Position Director Date",
        "Signed for Two Signature Name Position Date",
    ):  # fmt: skip
        assert solid(expected) in page
    assert "hidden" not in page


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_any_text_comes_out_as_it_went_in(text: str):
    document = paper(Paragraph(text), Points([text]), Subheading(text), terms=[("Partners", text)])
    page, word, pdf = forms(document)
    assert page.count(solid(text)) == 4
    assert page == word
    assert page == pdf


@pytest.mark.parametrize("text", OTHER_WAY)
def test_text_that_runs_the_other_way_comes_out_too(text: str):
    document = paper(Paragraph(text))
    page, word, pdf = forms(document)
    assert solid(text) in page
    assert page == word
    assert Counter(letters(pdf)) == Counter(letters(page))


def letters(text: str) -> str:
    """The text without the invisible marks of direction, which a PDF reader leaves out."""
    return re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text)


def test_any_text_may_stand_in_the_head_in_headings_and_in_tables():
    text = HOSTILE[0]
    rows = table(1, empty=text)
    document = paper(
        title=text, classification=text, paper_type=text, source=text, terms=[(text, text)],
        sections=[Section(text, [table(0, empty=text), rows])],
    )  # fmt: skip
    page, word, pdf = forms(document)
    assert page.count(solid(text)) == 5
    assert page == word
    assert page == pdf
