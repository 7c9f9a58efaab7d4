"""Papers as text: numbers of paragraphs, words of cells, and columns that fit on a page."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.documents.layout import Numbered, laid_out, plain, text_table
from pooledcare.kernel.documents.model import Paragraph, Points, Section, Subheading
from pooledcare.kernel.documents.widths import SIZES, TEXT_WIDTH, fitted
from pooledcare.kernel.tables import Column, Table
from tests.kernel.documents.papers import paper, table

FIGURE = "−£1,234,567.00"


def test_paragraphs_are_numbered_through_their_section_whatever_stands_between():
    sections = laid_out(
        paper(
            sections=[
                Section("A", [Paragraph("a"), Paragraph("b"), Points(["x"]), Paragraph("c")]),
                Section("B", [Subheading("s"), Paragraph("d")]),
            ]
        )
    ).sections
    assert [(each.number, each.heading) for each in sections] == [(1, "A"), (2, "B")]
    assert [part.kind for part in sections[0].parts] == ["paragraphs", "points", "paragraphs"]
    assert sections[0].parts[0].items == (Numbered("1.1", "a"), Numbered("1.2", "b"))
    assert sections[0].parts[2].items == (Numbered("1.3", "c"),)
    assert sections[1].parts[1].items == (Numbered("2.1", "d"),)


def test_the_footer_names_the_day_that_a_paper_describes_only_if_it_has_one():
    assert laid_out(paper()).footer == "PooledCare · As at 31 March 2026 · Printed 15 June 2026"
    assert laid_out(paper(as_at=None)).footer == "PooledCare · Printed 15 June 2026"


def test_a_paper_takes_no_other_blocks():
    with pytest.raises(TypeError, match="no blocks of type str"):
        laid_out(paper("text"))


def test_cells_are_text_with_the_words_of_a_page():
    shown = text_table(table())
    assert [(each.label, each.is_figure) for each in shown.columns] == [
        ("Scheme", False), ("Lead", False), ("Planned", True), ("Change", True), ("Share", True),
    ]  # fmt: skip
    assert shown.rows == (
        ("Scheme 1", "None named", "£1,234.50", "−£1.00", "Not applicable"),
        ("Scheme 2 provisional", "Mereshire County Council", "£1,234.50", "£0.00", "25.0%"),
        ("Scheme 3", "Mereshire County Council", "£1,234.50", "+£1.00", "25.0%"),
    )
    assert shown.foot == (("Total", "All", "£3,703.50", "£0.00", "100.0%"),)
    cells = [dt.date(2026, 4, 1), {"value": "", "missing": "Open"}, ""]
    days = Table("days", "Days", [Column("From", "date"), Column("To", "date"), Column("Then")], [cells])
    assert text_table(days).rows == (("1 April 2026", "Open", "No data"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\x00\x1f\x7f\u2028", "\ufffd" * 4),
        ("\ud800\uffff", "\ufffd\ufffd"),
        ("\t", "\t"),
    ],
)
def test_characters_that_no_file_may_contain_are_replaced(text: str, expected: str):
    assert plain(text) == expected


# --- widths ----------------------------------------------------------------------------------------------------------


def test_figures_get_the_width_they_need_and_words_share_the_rest():
    found = fitted([["Scheme", "Reablement at home"], ["Lead", "Council"], ["Sum", FIGURE]], [False, False, True])
    widths = found.widths
    assert found.size == SIZES[0]
    assert found.fits
    assert sum(widths) == pytest.approx(TEXT_WIDTH)
    # A digit of Arial is 0.556 of its size, a comma or point 0.278, the minus sign 0.584, and the padding 0.4 cm.
    assert widths[2] == pytest.approx((10 * 0.556 + 0.584 + 3 * 0.278) * 9.5 * 2.54 / 72 + 0.4, abs=0.06)
    assert widths[0] > widths[1] > 2


def test_letters_get_smaller_until_all_figures_fit():
    tables = [fitted([["Scheme"], *[[FIGURE]] * count], [False, *[True] * count]) for count in (3, 6, 7, 30)]
    assert [each.fits for each in tables] == [True, True, True, False]
    found = [each.size for each in tables]
    assert found == sorted(found, reverse=True)
    assert found[0] == SIZES[0]
    assert SIZES[0] > found[1] > found[3] == SIZES[-1]


TEXTS = st.lists(st.text("ab 1£,.", max_size=60), min_size=2, max_size=4)


@given(st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=12))
def test_the_columns_of_any_table_fill_the_page(columns: list[tuple[list[str], bool]]):
    found = fitted([texts for texts, _ in columns], [is_figure for _, is_figure in columns])
    widths = found.widths
    assert found.size in SIZES
    assert sum(widths) == pytest.approx(TEXT_WIDTH)
    assert min(widths) > 0
