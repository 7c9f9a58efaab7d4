"""LibreOffice, which is not our code, saves workbooks as ODS, and they are read to the same figures as the XLSX."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from pooledcare.kernel.money import read_amount
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import InputTable, Sheet, open_table
from tests.kernel.documents.test_libreoffice import converted
from tests.kernel.test_number_formats import FILLED_WITH_A_LETTER, SHOWN

pytestmark = pytest.mark.slow

FORMATS = [
    *(code for code in SHOWN if code != FILLED_WITH_A_LETTER),
    "General", "0.00", "#,##0", "£#,##0.00", '£#,##0,"k"', "0%", "0.00%", '0.0,,"m"', "#,##0;[Red]-#,##0",
    "#,##0_);(#,##0)", ";;;", "0;0", '0" patients"', "[$€-2] 0.00", '£#,##0;-£#,##0;"-"', "@", "0.00E+00", "# ?/?",
    "0000", "00-00-00", "0.##", "#", '_-£* #,##0.00_-;-£* #,##0.00_-;_-£* "-"??_-;_-@_-',
    "[$£-809]#,##0,;[Red]-[$£-809]#,##0,", '#,##0 "CR"', '[<0]-0.0,"k";0.0,"k"', '0"0"0', '#,##0.0,,"m";(#,##0.0,,"m")',
]  # fmt: skip
NOON = dt.datetime(2025, 4, 1, 12, 0)  # noqa: DTZ001 - dates in a spreadsheet have no time zone
NUMBERS = ["1234567.891", "-1234.5", "0", "0.025", "4.35", "-0.005", "999999999999.99"]


@contextmanager
def saved(book: openpyxl.Workbook, folder: Path) -> Iterator[tuple[InputTable, InputTable]]:
    """The workbook as XLSX and as ODS, both as LibreOffice saves them."""
    book.save(folder / "made.xlsx")
    with ExitStack() as stack:
        tables = []
        for ending in ("xlsx", "ods"):
            (folder / ending).mkdir()
            file = stack.enter_context(io.BytesIO(converted(folder / "made.xlsx", ending, folder / ending)))
            tables.append(stack.enter_context(open_table(file, f"made.{ending}")))
        yield tables[0], tables[1]


def cells_of(table: InputTable) -> dict[tuple[str, int, int], str]:
    return {
        (sheet.name, number, column): text
        for sheet in table.sheets
        for number, row in sheet.rows()
        for column, text in enumerate(row)
        if text or isinstance(text, ShownNumber)
    }


def meaning(text: str, unit: Decimal) -> str:
    """The amount that is read from a cell, or the code with which it is refused."""
    try:
        return f"{read_amount(text, unit).value}"
    except Refused as refused:
        return refused.code


def test_every_number_format_is_read_to_the_same_amounts(tmp_path):
    book = openpyxl.Workbook()
    for code in FORMATS:
        book.active.append([code, *map(float, NUMBERS)])
        for cell in book.active[book.active.max_row][1:]:
            cell.number_format = code
    with saved(book, tmp_path) as tables:
        xlsx, ods = map(cells_of, tables)
    assert xlsx.keys() == ods.keys()
    others = {
        (place, FORMATS[place[1] - 1], str(text), str(ods[place]))
        for place, text in xlsx.items()
        for unit in (Decimal(1), Decimal(1_000))
        if place[2] and ods[place] != "#FMT" and meaning(text, unit) != meaning(ods[place], unit)
    }
    assert not others  # LibreOffice shows #FMT for a number that is too large for a fraction


def test_texts_dates_formulas_and_what_is_hidden_are_read_alike(tmp_path):
    book = openpyxl.Workbook()
    data = book.active
    data.title = "Data & more"
    chosen = random.Random(5)
    for row in range(1, 200):
        same = chosen.random() < 0.5
        data.append(
            [
                *(("QOX", "two  spaces", 4.35) if same else (f"Q{row}", f"a line\nand a line {row // 3}", row / 7)),
                f"=C{row}*2", f'=IF(C{row}>9,"","x")', dt.date(2025, 4, 1), NOON, True, None,
            ]
        )  # fmt: skip
        data.row_dimensions[row].hidden = chosen.random() < 0.1
    data["A1"].comment = Comment("a note", "me")
    data.merge_cells("J1:K2")
    data["J1"] = "merged"
    data["A250"] = "=1/0"
    data.column_dimensions["B"].hidden = True
    away = book.create_sheet("Away")
    away["C5"] = 12
    away.sheet_state = "hidden"
    with saved(book, tmp_path) as (xlsx, ods):
        assert cells_of(xlsx) == cells_of(ods)
        assert len(cells_of(ods)) > 1_000
        assert [hidden_of(sheet) for sheet in xlsx.sheets] == [hidden_of(sheet) for sheet in ods.sheets]


def test_the_published_workbook_is_read_to_the_same_cells_as_ods(shared_data, tmp_path):
    published = shared_data / "allocations/nhse_icb_allocations_2023-24_2024-25.xlsx"
    copy = tmp_path / "published.xlsx"
    copy.write_bytes(published.read_bytes())
    data = converted(copy, "ods", tmp_path)
    with open_table(io.BytesIO(published.read_bytes()), "a.xlsx") as xlsx, open_table(io.BytesIO(data), "a.ods") as ods:
        theirs, ours = cells_of(xlsx), cells_of(ods)
        assert [hidden_of(sheet) for sheet in xlsx.sheets] == [hidden_of(sheet) for sheet in ods.sheets]
    assert len(theirs) > 7_000
    assert theirs.keys() == ours.keys()
    assert not [(place, text, ours[place]) for place, text in theirs.items() if not is_alike(text, ours[place])]


def is_alike(theirs: str, ours: str) -> bool:
    """Whether two texts are equal, as far as LibreOffice stores them.

    It keeps fifteen digits and twenty decimals of a number, and writes a space in front of a line where none counts.
    """
    numbers = [Decimal(text.rstrip("%")) for text in (theirs, ours) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?%?", text)]
    if len(numbers) < 2:
        return theirs.replace("\n ", "\n") == ours
    return abs(numbers[0] - numbers[1]) <= abs(numbers[0]).scaleb(-13) + Decimal("1e-18")


def hidden_of(sheet: Sheet) -> tuple[str, bool, Set[int], Set[int]]:
    rows: set[int] = set().union(*(batch.hidden for batch in sheet.batches()))
    return sheet.name, sheet.is_hidden, rows, sheet.hidden_columns
