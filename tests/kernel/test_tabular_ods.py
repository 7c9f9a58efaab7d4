"""ODS workbooks: the text of every kind of cell, what is repeated or hidden, and every bound."""

from __future__ import annotations

import io
import time
import tracemalloc
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import FileType, Limits, Notice, open_table, recognise
from tests.kernel import ods_files as o
from tests.kernel.files import blocks_of, numbered_rows_of, opened, packed, rows_of, workbook

MILLION = 1_048_576


def read(rows: str, **options) -> list[list[str]]:
    return rows_of(o.ods(rows, **options), "plan.ods")


def the_cell(cell: str, **options) -> str:
    (cells,) = read(o.row(cell, o.text("end")), **options)
    return cells[0]


def typed(kind: str, attribute: str, displayed: str) -> str:
    return f'<table:table-cell office:value-type="{kind}" {attribute}>{o.paragraph(displayed)}</table:table-cell>'


CELLS = {
    "text": (o.text("plain"), "plain"),
    "text of two paragraphs": (o.text("two\nlines"), "two\nlines"),
    "text that looks like a number": (o.text("00123"), "00123"),
    "spaces": (o.text("a  b "), "a  b "),
    "white space of the XML": (
        '<table:table-cell office:value-type="string"><text:p> a\n  b <text:span> c</text:span><text:tab/>'
        "<text:line-break/>d\n </text:p></table:table-cell>",
        "a b c\t\nd ",
    ),
    "many spaces": (
        '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="3"/>b</text:p></table:table-cell>',
        "a   b",
    ),
    "comment, drawing and footnote": (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>me</text:p></office:annotation>'
        "<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>"
        "<text:p>a<text:note><text:note-body><text:p>note</text:p></text:note-body></text:note>b</text:p>"
        "</table:table-cell>",
        "ab",
    ),
    "stored text with other white space": (typed("string", 'office:string-value="a  b"', "a b"), "a  b"),
    "stored text that is not the one displayed": (typed("string", 'office:string-value="5"', "6"), "6"),
    "stored text that is not displayed": ('<table:table-cell office:string-value="5"/>', ""),
    "stored text alone": ('<table:table-cell office:value-type="string" office:string-value="5"/>', "5"),
    "whole number": (o.number(42, "42"), "42"),
    "number with all its digits": (o.number("39323.658807747692", "39323.66"), "39323.65880774769"),
    "small number with an exponent": (o.number("-7.1E-3", "-0.01"), "-0.0071"),
    "number without a text": (o.number("4.35"), "4.35"),
    "A23 error": (typed("string", 'office:string-value="" calcext:value-type="error"', "#REF!"), "#REF!"),
    "A23 error of an older program": (o.number(0, "#DIV/0!"), "#DIV/0!"),
    "true": (typed("boolean", 'office:boolean-value="true"', "WAHR"), "TRUE"),
    "true as a number": (o.number(1, "TRUE"), "TRUE"),
    "date": (typed("date", 'office:date-value="2025-04-01"', "1 Apr"), "2025-04-01"),
    "day without a time": (typed("date", 'office:date-value="2025-04-01T00:00:00"', "1 Apr"), "2025-04-01"),
    "date and time": (typed("date", 'office:date-value="2025-04-01T12:30:00.000"', "1 Apr"), "2025-04-01T12:30:00"),
    "time": (typed("time", 'office:time-value="PT12H30M05S"', "12:30"), "12:30:05"),
    "formula with its value": (o.number(12.5, "12.5", formula="of:=SUM([.B1:.B9])"), "12.5"),
    "formula with an empty text": (
        '<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>',
        "",
    ),
    "A24 formula without a value": ('<table:table-cell table:formula="of:=SUM([.B1:.B9])"/>', "=SUM([.B1:.B9])"),
    "text without a type": ("<table:table-cell><text:p>5 apples</text:p></table:table-cell>", "5 apples"),
}


@pytest.mark.parametrize(("cell", "text"), CELLS.values(), ids=CELLS)
def test_the_text_of_a_cell_is_what_the_workbook_shows(cell, text):
    found = the_cell(cell)
    assert (found, type(found)) == (text, str)


def text_style(name: str, properties: str) -> str:
    return f'<style:style style:name="{name}" style:family="text"><style:text-properties {properties}/></style:style>'


LOOKS = [
    ('style:text-position="super 58%"', "1500¹"),
    ('style:text-position="33% 58%"', "1500¹"),
    ('style:text-position="sub 58%"', "1500₁"),
    ('style:text-position="-8% 58%"', "1500₁"),
    ('style:text-line-through-style="solid"', "15001\u0336"),
    ('style:text-line-through-type="double"', "15001\u0336"),
    ('style:text-position="0% 100%" style:text-line-through-style="none"', None),
    ('fo:font-weight="bold"', None),
]


@pytest.mark.parametrize("where", ["styles", "common"])
@pytest.mark.parametrize(("properties", "looks"), LOOKS)
def test_digits_that_are_raised_lowered_or_struck_out_are_known(properties, looks, where):
    inside = '1500<text:span text:style-name="odd"><text:span text:style-name="x">1</text:span></text:span><text:s/>'
    cell = f'<table:table-cell office:value-type="string"><text:p>{inside}</text:p></table:table-cell>'
    found = the_cell(cell, **{where: text_style("odd", properties) + text_style("x", 'fo:color="#123456"')})
    assert found == "15001 "
    assert getattr(found, "looks", None) == (looks and f"{looks} ")


def test_words_that_are_raised_and_digits_on_other_paragraphs_stay_as_they_are():
    raised = text_style("odd", 'style:text-position="super 58%"')
    cell = (
        '<table:table-cell office:value-type="string">'
        '<text:p>12<text:span text:style-name="odd">th</text:span></text:p>'
        '<text:p>5<text:span text:style-name="odd">6</text:span></text:p><text:p>7</text:p></table:table-cell>'
    )
    found = the_cell(cell, styles=raised)
    assert (found, found.looks) == ("12th\n56\n7", "12th\n5⁶\n7")
    assert type(the_cell(o.text("56"), styles=raised)) is str


def test_rows_keep_their_numbers_and_empty_cells_are_empty():
    rows = o.row(o.blank(16_384), rows=4) + o.row(o.blank(2), o.number(1), o.blank(16_381)) + o.row(o.blank())
    assert numbered_rows_of(o.ods(rows + o.row(o.text("x"), rows=2)), "plan.ods") == [
        (5, ["", "", "1"]), (7, ["x"]), (8, ["x"]),
    ]  # fmt: skip


def test_what_is_repeated_is_read_as_often_and_blanks_to_the_end_of_the_sheet_are_not():
    rows = o.row(o.text("a", columns=3), o.blank(), o.number(2, "2", columns=2), rows=3)
    rows += o.row(o.blank(16_384), rows=MILLION - 4) + o.row(o.text("end"))
    found = numbered_rows_of(o.ods(rows), "plan.ods")
    assert found == [(n, ["a", "a", "a", "", "2", "2"]) for n in (1, 2, 3)] + [(MILLION, ["end"])]


def test_a_million_repeated_rows_are_read_in_constant_memory():
    data = o.ods(o.row(o.text("code")) + o.row(o.number(1, "1"), rows=MILLION - 1))
    with opened(data, "plan.ods") as table:
        tracemalloc.start()
        count = sum(len(batch.rows) for batch in table.sheets[0].batches())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == MILLION
    assert peak < 2_000_000


def test_rows_and_columns_in_groups_and_headers_are_read_and_other_elements_are_not():
    columns = "<table:table-header-columns><table:table-column/></table:table-header-columns>"
    shapes = (
        f"<table:shapes><draw:frame><table:table>{o.row(o.text('drawn'))}</table:table></draw:frame></table:shapes>"
    )
    head = f"<table:table-header-rows>{o.row(o.text('head'))}</table:table-header-rows>"
    body = (
        f"<table:table-row-group><table:table-rows>{o.row(o.text('body'))}</table:table-rows></table:table-row-group>"
    )
    within = (
        f"<table:table-cell><table:table>{o.row(o.text('sub'))}</table:table><text:p>cell</text:p></table:table-cell>"
    )
    assert read(columns + shapes + head + body + o.row(within)) == [["head"], ["body"], ["cell"]]


def test_tracked_changes_and_copies_of_other_workbooks_are_no_sheets():
    old = f"<table:deletion><table:table>{o.row(o.text('old'))}</table:table></table:deletion>"
    old = f"<table:tracked-changes>{old}</table:tracked-changes>"
    source = '<table:table-source table:mode="copy-results-only"/>'
    parts = o.parts_of_ods(
        {"Data": o.row(o.text("new")), "'file:///tmp/other.ods'#$Data": source + o.row(o.text("copy"))}, before=old
    )
    with opened(packed(parts), "plan.ods") as table:
        assert [sheet.name for sheet in table.sheets] == ["Data"]
        message = "The workbook has links to other workbooks; no link was followed"
        assert table.notices == [Notice("EXTERNAL_LINKS", message, 1)]
        assert list(table.sheets[0].rows()) == [(1, ["new"])]


HIDDEN_STYLES = "".join(
    f'<style:style style:name="{name}" style:family="{family}"><style:{family}-properties {shown}/></style:style>'
    for name, family, shown in (
        ("flat", "table-row", 'style:row-height="0in"'),
        ("high", "table-row", 'style:row-height="0.1in"'),
        ("thin", "table-column", 'style:column-width="0.00cm"'),
        ("away", "table", 'table:display="false"'),
        ("here", "table", 'table:display="true"'),
    )
)


def test_hidden_rows_columns_and_sheets_are_known():
    rows = "".join(
        [
            '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>',
            '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>',
            '<table:table-column table:style-name="thin"/><table:table-column table:number-columns-repeated="16379"/>',
            o.row(o.text("1")),
            o.row(o.text("2"), visibility="collapse", rows=2),
            o.row(o.text("4"), visibility="filter"),
            f'<table:table-row-group table:display="false">{o.row(o.text("5"))}</table:table-row-group>',
            o.row(o.text("6"), style="flat"),
            o.row(o.text("7"), style="high"),
            f"<table:table-row-group>{o.row(o.text('8'))}</table:table-row-group>",
        ]
    )
    parts = o.parts_of_ods({"Data": rows, "Away": o.row(o.text("x"))}, styles=HIDDEN_STYLES)
    for name, style in (("Data", "here"), ("Away", "away")):
        parts["content.xml"] = parts["content.xml"].replace(
            f'table:name="{name}"', f'table:name="{name}" table:style-name="{style}"'
        )
    with opened(packed(parts), "plan.ods") as table:
        data, away = table.sheets
        hidden = set().union(*(batch.hidden for batch in data.batches(2)))
        assert (hidden, data.hidden_columns, data.is_hidden, away.is_hidden) == (
            {2, 3, 4, 5, 6},
            {1, 2, 3, 4},
            False,
            True,
        )


def test_a_number_beneath_a_merged_cell_is_not_seen_and_a_text_is_read():
    covered = [o.number(5, "5", style="pounds"), o.text("QOX"), o.blank(2)]
    cells = [cell.replace("table:table-cell", "table:covered-table-cell") for cell in covered]
    ((merged, amount, code, *rest),) = read(o.row(o.text("merged"), *cells, o.text("x")))
    assert isinstance(amount, ShownNumber)
    assert (merged, code, rest, amount.problem, amount.stored) == ("merged", "QOX", ["", "", "x"], "beneath", "5")


# ── What numbers show ────────────────────────────────────────────────────────────────────────────────────────────────

DIGITS = '<number:number number:decimal-places="{0}" number:min-integer-digits="1" number:grouping="true"{1}/>'
WHOLE = DIGITS.format(0, "")
THOUSANDS = DIGITS.format(0, ' number:display-factor="1000"')
STYLES = {
    "plain": ("number", WHOLE),
    "pounds": ("currency", f"<number:currency-symbol>£</number:currency-symbol>{WHOLE}"),
    "euro": ("currency", f"<number:currency-symbol>€</number:currency-symbol>{WHOLE}"),
    "k": ("number", f"<number:text>£</number:text>{THOUSANDS}<number:text>k</number:text>"),
    "thousands": ("number", THOUSANDS),
    "percentage": ("percentage", f"{WHOLE}<number:text>%</number:text>"),
    "percentage without its sign": ("percentage", WHOLE),
    "hundreds": ("number", DIGITS.format(0, ' number:display-factor="100"')),
    "nothing": ("number", "<number:text/>"),
    "date": ("date", "<number:day/>"),
    "boolean": ("boolean", "<number:boolean/>"),
}  # fmt: skip
STYLES_WRITTEN = "".join(
    o.number_style(f"N {name}", inside, kind) + o.cell_style(name, f"N {name}")
    for name, (kind, inside) in STYLES.items()
)
SHOWN = {
    # style, number, displayed, kind: text, problem; None if the number itself is read
    ("k", "1234500", "£1,235k", "float"): ("£1,234.5k", ""),
    ("k", "1234500", None, "float"): ("£1,234.5k", ""),
    ("k", "0", "£0k", "float"): None,
    ("thousands", "1234500", "1,235", "float"): ("1,234.5", ""),
    ("pounds", "1234.5", "£1,235", "currency"): None,
    ("pounds", "1234.5", "£ 1 235", "currency"): None,
    ("euro", "5", "€5", "currency"): ("€5", ""),
    ("percentage", "0.025", "3%", "percentage"): ("2.5%", ""),
    ("percentage without its sign", "0.025", "3", "percentage"): ("3", "words"),
    ("plain", "0.025", "2.5%", "percentage"): ("2.5%", ""),
    ("hundreds", "500", "5", "float"): ("5", "words"),
    ("nothing", "5", "", "float"): ("", "hidden"),
    ("boolean", "1", "TRUE", "float"): ("TRUE", None),
    ("boolean", "0", None, "float"): ("FALSE", None),
    ("date", "45748", "1", "float"): ("2025-04-01", None),
    ("no such style", "5", "5", "float"): None,
    # Without a style that says so, the text that is displayed counts.
    ("plain", "1234.5", "1.235", "float"): None,
    ("plain", "1234.5", "1'234,50", "float"): None,
    ("plain", "-1234.5", "(1,235)", "float"): None,
    ("plain", "123456", "1.2E+05", "float"): None,
    ("plain", "0", "-", "float"): None,
    ("plain", "5", "###", "float"): ("###", None),
    ("plain", "1234500", "1,235", "float"): ("1,235", "words"),
    ("plain", "1234.5", "1235k", "float"): ("1235k", "words"),
    ("plain", "0.5", "50%", "float"): ("50%", "words"),
    ("plain", "5", "-5", "float"): ("-5", "words"),
    ("plain", "5", "5 patients", "float"): ("5 patients", "words"),
    ("plain", "0.02", "1", "float"): ("1", "words"),
    ("plain", "5", "n/a", "float"): ("n/a", None),
    ("plain", "0", "Err:502", "float"): ("Err:502", None),
    ("plain", "0", "0 patients", "float"): ("0 patients", "words"),
}


@pytest.mark.parametrize(("case", "expected"), SHOWN.items(), ids=lambda each: str(each)[:60])
def test_what_a_number_shows_is_what_is_read(case, expected):
    style, stored, displayed, kind = case
    found = the_cell(o.number(stored, displayed, kind, style=style), styles=STYLES_WRITTEN)
    if expected is None:
        assert (found, type(found)) == (stored, str)
    else:
        text, problem = expected
        assert (str(found), getattr(found, "problem", None)) == (text, problem)
        if problem is not None:
            assert found.stored == stored


def test_a_currency_counts_where_the_style_shows_none():
    for currency, text in {"GBP": "5", "EUR": "5 EUR", "": "5"}.items():
        cell = o.number(5, None, "currency").replace("office:value=", f'office:currency="{currency}" office:value=')
        assert the_cell(cell) == text


def test_the_style_of_a_cell_is_its_own_or_that_of_its_row_or_its_column():
    columns = '<table:table-column table:default-cell-style-name="k"/><table:table-column/>'
    rows = columns + o.row(
        o.number(5000), o.number(5000), o.number(5000, style="percentage"), o.number(5000, style="plain")
    )
    rows += o.row(o.number(5000), o.number(5000, style="k"), default_cell_style_name="percentage")
    assert read(rows, styles=STYLES_WRITTEN) == [["£5k", "5000", "500,000%", "5000"], ["500,000%", "£5k"]]


def test_a_style_has_the_number_format_of_its_parents():
    common = o.number_style("N1", f"{THOUSANDS}<number:text>k</number:text>") + o.cell_style("Money", "N1")
    common += '<style:style style:name="Child" style:family="table-cell" style:parent-style-name="Money"/>'
    common += '<style:style style:name="Loop" style:family="table-cell" style:parent-style-name="Loop"/>'
    # Its own number style of the same name is another one.
    styles = o.number_style("N1", WHOLE) + o.cell_style("ce1", "N1", "Money")
    styles += '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="Child"/>'
    cells = [o.number(5000, style=name) for name in ("ce1", "ce2", "Child", "Loop")]
    assert read(o.row(*cells), styles=styles, common=common) == [["5000", "5k", "5k", "5000"]]
    default = o.cell_style("Default", "N1") + o.number_style("N1", f"{THOUSANDS}<number:text>k</number:text>")
    assert read(o.row(o.number(5000)), common=default) == [["5k"]]


def test_noughts_that_the_workbook_does_not_show_are_hidden():
    for shows in ("true", "false"):
        parts = o.parts_of_ods({"Data": o.row(o.number(0), o.number(1), o.text("0"))})
        parts["settings.xml"] = (
            f'<x xmlns:config="{o.NAMESPACES["config"]}"><config:config-item config:name="ShowGrid">false'
            f'</config:config-item><config:config-item config:name="ShowZeroValues">{shows}</config:config-item></x>'
        )
        ((nought, *others),) = rows_of(packed(parts), "plan.ods")
        assert (nought, others) == ("0" if shows == "true" else "", ["1", "0"])
        assert getattr(nought, "problem", None) == (None if shows == "true" else "hidden")


# ── Problems of cells ────────────────────────────────────────────────────────────────────────────────────────────────


def problems_of(rows: str, **limits) -> list[tuple[str, int, str]]:
    with opened(o.ods(rows), "plan.ods", limits=Limits(**limits)) as table:
        found = [problem for chunk in table.sheets[0].chunks(width=3) for problem in chunk.problems]
    return [(each.code, each.where.row, each.where.column) for each in found]


def test_problems_of_cells_say_where_also_in_repeated_rows():
    linked = o.number(5, "5", formula="of:=['file:///tmp/a b.ods'#$Sheet1.A1]")
    local = o.number(5, "5", formula="of:=['Sheet #1'.A1]")
    bare = '<table:table-cell table:formula="of:=[.A1]"/>'
    rows = o.row(o.text("a"), linked, local, rows=2) + o.row(o.text("x" * 4_001), o.text("a"), bare)
    assert problems_of(rows) == [
        ("EXTERNAL_LINK", 1, "B"), ("EXTERNAL_LINK", 2, "B"), ("FIELD_TOO_LONG", 3, "A"), ("FORMULA", 3, "C"),
    ]  # fmt: skip
    assert problems_of(o.row(o.text("x" * 4_000), o.text("a"), o.text("a"))) == []


def test_a_cell_of_spaces_without_end_is_too_long():
    spaces = 'a<text:s text:c="2000000000"/>b'
    cell = f'<table:table-cell office:value-type="string"><text:p>{spaces}</text:p></table:table-cell>'
    assert problems_of(o.row(cell, o.text("a"), o.text("a"))) == [("FIELD_TOO_LONG", 1, "A")]


# ── Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def refusal(data: bytes, **limits) -> str:
    with pytest.raises(Refused) as refused, opened(data, "plan.ods", limits=Limits(**limits)) as table:
        for sheet in table.sheets:
            for _ in sheet.batches():
                pass
    assert refused.value.problems[0].fix
    return refused.value.code


def test_at_the_bounds_a_workbook_is_read_and_beyond_them_refused():
    two = packed(o.parts_of_ods({"A": o.row(o.text("a"), rows=3), "B": o.row(o.text("b", columns=3))}))
    within = {"rows": 2, "columns": 3, "sheets": 2, "cells": 6}
    with opened(two, "plan.ods", limits=Limits(**within)) as table:
        assert [len(list(sheet.rows())) for sheet in table.sheets] == [3, 1]
    for name, limit, code in (
        *(("rows", 1, "TOO_MANY_ROWS"), ("columns", 2, "TOO_MANY_COLUMNS"), ("sheets", 1, "TOO_MANY_SHEETS")),
        ("cells", 5, "TOO_MANY_CELLS"),
    ):
        assert refusal(two, **{**within, name: limit}) == code
    styles = packed(o.parts_of_ods({"A": o.row(o.text("a"))}, styles=STYLES_WRITTEN))
    assert refusal(styles, styles=2 * len(STYLES) - 1) == "TOO_MANY_STYLES"
    with opened(styles, "plan.ods", limits=Limits(styles=2 * len(STYLES))) as table:
        assert list(table.sheets[0].rows()) == [(1, ["a"])]


def test_few_bytes_that_stand_for_more_cells_than_a_file_may_have_are_refused_at_once():
    cells = o.row(o.text("x", columns=1_000), rows=MILLION)
    sheets = packed(o.parts_of_ods({f"S{n}": o.row(o.text("x", columns=50), rows=300_000) for n in range(2)}))
    began = time.monotonic()
    assert refusal(o.ods(cells)) == "TOO_MANY_CELLS"
    assert refusal(o.ods(o.row(o.text("x", columns=16_384)))) == "TOO_MANY_COLUMNS"
    assert refusal(o.ods(o.row(o.text("x"), rows=2_000_000_000))) == "TOO_MANY_CELLS"
    with opened(sheets, "plan.ods") as table, pytest.raises(Refused, match="at most 20,000,000 cells"):
        for sheet in table.sheets:
            next(sheet.batches())
    assert time.monotonic() - began < 5


def altered(change) -> bytes:
    parts = o.parts_of_ods({"Data": o.row(o.text("a"))})
    change(parts)
    return packed(parts)


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
ENCRYPTED = '<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'
WRONG = {
    "entities": (lambda p: p.update({"content.xml": DOCTYPE + p["content.xml"]}), "DAMAGED_WORKBOOK"),
    "entities of styles": (lambda p: p.update({"styles.xml": DOCTYPE + p["styles.xml"]}), "DAMAGED_WORKBOOK"),
    "not well-formed": (lambda p: p.update({"content.xml": p["content.xml"][:-5]}), "DAMAGED_WORKBOOK"),
    "no content": (lambda p: p.pop("content.xml"), "DAMAGED_WORKBOOK"),
    "no sheets": (lambda p: p.update(o.parts_of_ods({})), "DAMAGED_WORKBOOK"),
    "text document": (
        lambda p: p.update({"content.xml": p["content.xml"].replace("office:spreadsheet", "office:text")}),
        "FILE_TYPE",
    ),
    "another encoding": (
        lambda p: p.update({"content.xml": '<?xml version="1.0" encoding="iso-8859-1"?>' + p["content.xml"]}),
        "DAMAGED_WORKBOOK",
    ),
    "password": (lambda p: p.update({"META-INF/manifest.xml": o.MANIFEST.format(ENCRYPTED)}), "PASSWORD_PROTECTED"),
    "password of the whole": (
        lambda p: (p.pop("content.xml"), p.update({"encrypted-package": "x"})), "PASSWORD_PROTECTED",
    ),
    "macro": (lambda p: p.update({"Basic/Standard/Module1.xml": "x"}), "MACROS"),
    "script": (lambda p: p.update({"Scripts/python/a.py": "x"}), "MACROS"),
    "part outside": (lambda p: p.update({"../x": "x"}), "DAMAGED_WORKBOOK"),
    "bomb": (lambda p: p.update({"Pictures/x.png": "0" * 60_000_000}), "EXPANDS_TOO_FAR"),
    "repeated nought times": (
        lambda p: p.update(o.parts_of_ods({"Data": o.row(o.text("a"), rows=0)})), "DAMAGED_WORKBOOK",
    ),
    "repeated minus once": (
        lambda p: p.update(o.parts_of_ods({"Data": o.row(o.text("a", columns=-1))})), "DAMAGED_WORKBOOK",
    ),
    "tag without end": (
        lambda p: p.update(o.parts_of_ods({"Data": o.row(o.text("a", style="x" * 600_000)).replace(">", "", 2)})),
        "DAMAGED_WORKBOOK",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code"), WRONG.values(), ids=WRONG)
def test_a_damaged_protected_or_hostile_workbook_is_refused(change, code):
    assert refusal(altered(change)) == code


def test_an_empty_library_of_macros_is_no_macro_and_macros_of_the_program_are_not_in_the_file():
    data = altered(lambda p: p.update({"Basic/script-lc.xml": "x", "Basic/Standard/script-lb.xml": "x"}))
    assert rows_of(data, "plan.ods") == [["a"]]


def test_what_looks_like_a_table_in_a_comment_or_a_text_is_none():
    tricks = "<!-- <table:table table:name='x'> </table:table> --><![CDATA[ </table:table> ]]><?x <table:table ?>"
    rows = o.row(f'<table:table-cell office:value-type="string"><text:p>{tricks}a</text:p></table:table-cell>')
    parts = o.parts_of_ods(
        {"A": rows + tricks.replace("<![CDATA[ </table:table> ]]>", ""), "B": o.row(o.text("b")), "C": ""}
    )
    for size in (1, 7, 1 << 18):
        with blocks_of(size), opened(packed(parts), "plan.ods") as table:
            assert [[cells for _, cells in sheet.rows()] for sheet in table.sheets] == [
                [["</table:table> a"]],
                [["b"]],
                [],
            ]


def test_a_workbook_is_known_by_its_content_and_under_its_name_nothing_is_said():
    data = o.ods(o.row(o.text("a")))
    assert recognise(io.BytesIO(data), "plan.csv") is FileType.ODS
    template = packed(o.parts_of_ods({"A": ""}) | {"mimetype": f"{o.MIMETYPE}-template\n"})
    assert recognise(io.BytesIO(template)) is FileType.ODS
    without = o.parts_of_ods({"A": ""})
    del without["mimetype"]
    assert recognise(io.BytesIO(packed(without))) is FileType.ODS
    del without["META-INF/manifest.xml"]
    with pytest.raises(Refused, match="must be a CSV, XLSX or ODS"):
        recognise(io.BytesIO(packed(without)))
    for name, told in {"plan.ods": 0, "": 0, "plan.xlsx": 1, "plan.csv": 1}.items():
        with opened(data, name) as table:
            assert len(table.notices) == told
            assert all("OpenDocument spreadsheet, though its name ends in" in each.message for each in table.notices)
    with opened(b"a,b\n1,2\n", "plan.ods") as table:
        assert [each.message for each in table.notices] == ["The file is a CSV file, though its name ends in .ods"]


def test_the_temporary_copy_is_closed_with_the_table_and_the_file_is_not():
    file = io.BytesIO(o.ods(o.row(o.text("a"))))
    with open_table(file, "plan.ods") as table:
        copy = table._copy
    assert copy is not None
    assert copy.closed
    assert not file.closed


# ── Properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = st.integers(-(10**9), 10**9).map(lambda pence: f"{Decimal(pence).scaleb(-2).normalize():f}")
WORDS = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff_"), min_size=1, max_size=8
)
GRID = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.lists(st.tuples(st.integers(1, 3), st.one_of(st.none(), NUMBERS.map(Decimal), WORDS)), max_size=5),
    ),
    min_size=1,
    max_size=6,
)


def as_ods(grid, prefix: str) -> bytes:
    def cell(count, value) -> str:
        if value is None:
            return o.blank(count)
        if isinstance(value, Decimal):
            return o.number(value, f"{value:,f}", columns=count)
        return o.text(value, columns=count)

    rows = "".join(o.row(*(cell(*each) for each in cells), rows=count) for count, cells in grid)
    parts = o.parts_of_ods({"Data": rows})
    content = parts["content.xml"]
    for before in ("xmlns:table=", "<table:", "</table:", " table:"):
        content = content.replace(before, before.replace("table", prefix))
    parts["content.xml"] = content
    return packed(parts)


def as_xlsx(grid) -> bytes:
    def cell(value) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, Decimal):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    rows = [[value for count, value in cells for _ in range(count)] for times, cells in grid for _ in range(times)]
    return workbook("".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows))


@given(GRID, st.sampled_from(["table", "t", "täble-1"]), st.integers(1, 2_000))
def test_the_same_cells_are_read_to_the_same_texts_from_ods_and_xlsx(grid, prefix, size):
    with blocks_of(size):
        ours = numbered_rows_of(as_ods(grid, prefix), "plan.ods")
    theirs = [(number, row) for number, row in numbered_rows_of(as_xlsx(grid), "plan.xlsx") if row]
    assert ours == theirs
