"""Downloads for correcting an upload: its problems as a table, and the file itself with a column of problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.rich_text import RichText
from pooledcare.kernel.table_files import CSV, XLSX
from pooledcare.kernel.tabular import (
    BOM,
    OLD_ENCODINGS,
    CsvSheet,
    FileColumn,
    FileType,
    InputTable,
    Sheet,
    SheetOut,
    Value,
    neutralise,
    open_table,
    safe_csv,
    safe_xlsx,
)
from pooledcare.uploads import kinds
from pooledcare.uploads.headings import PROBLEM_HEADING
from pooledcare.uploads.models import Upload
from pooledcare.uploads.reading import is_heading

MOST_BLANK_ROWS = 10_000  # written between two rows, so that the second keeps its row number
LONGEST_CELL = 32_000
_ROWS_AT_ONCE = 500
# Numbers of up to fifteen digits without a leading zero, which a workbook can store exactly as they are written.
_NUMBER = re.compile(r"-?(?=[0-9.]{1,15}$)(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_SIGNED_AMOUNT = re.compile(r"[-+][£ ]*[0-9][0-9., \u00a0\u2009\u202f]*")
_MAY_RUN = re.compile(r"[(|!]")
PROBLEM_COLUMNS = [
    FileColumn("severity"),
    FileColumn("code"),
    FileColumn("sheet"),
    FileColumn("row", "number"),
    FileColumn("column"),
    FileColumn("column_name"),
    FileColumn("value"),
    FileColumn("message"),
    FileColumn("fix"),
]


def problem_rows(upload: Upload) -> Iterator[list[Value]]:
    """All problems and warnings of the upload, in the order in which they were found."""
    fields = [str(column.heading) for column in PROBLEM_COLUMNS]
    yield from map(list, upload.problems.values_list(*fields).iterator(chunk_size=2_000))


def problems_csv(upload: Upload, *, bom: bool) -> Iterator[bytes]:
    return safe_csv(problem_rows(upload), PROBLEM_COLUMNS, bom=bom)


def marked_file(upload: Upload) -> tuple[str, str, Iterator[bytes]]:
    """The uploaded file with a column of problems added: its name, content type and bytes.

    A workbook comes back as XLSX, also if it was ODS: the programs that write ODS open both. The cells are as they were
    read, except that text which a spreadsheet would run as a formula is neutralised.
    """
    stem = upload.filename.rsplit(".", 1)[0]
    sentences = _sentences(upload)
    with _opened(upload) as table:
        if table.file_type is not FileType.CSV:
            content = safe_xlsx([_marked_sheet(sheet, sentences) for sheet in table.sheets])
            return f"{stem} with problems.xlsx", XLSX, iter([content])
    return f"{stem} with problems.csv", CSV, _marked_csv(upload, sentences)


Sentences = dict[tuple[str, int | None], str]


@contextmanager
def _opened(upload: Upload) -> Iterator[InputTable]:
    encoding = upload.encoding if upload.encoding in OLD_ENCODINGS else ""
    kind = kinds.kind(upload.kind)
    with (
        default_storage.open(upload.stored_name) as file,
        open_table(
            cast(BinaryIO, file),
            upload.filename,
            is_heading=lambda row: is_heading(row, kind, upload.financial_year),
            encoding=encoding,
        ) as table,
    ):
        yield table


def _sentences(upload: Upload) -> Sentences:
    """The problems by sheet and row, as one text. Problems of the whole file are at its first row."""
    gathered: dict[tuple[str, int | None], list[str]] = {}
    problems = upload.problems.order_by("pk").values_list("sheet", "row", "column", "message", "fix")
    for sheet, row, column, message, fix in problems.iterator(chunk_size=2_000):
        text = f"{column}: {message}" if column else message
        gathered.setdefault((sheet, row), []).append(f"{text}. {fix}".replace("..", "."))
    return {place: " | ".join(texts)[:4_000] for place, texts in gathered.items()}


def _marked_rows(sheet: Sheet, sentences: Sentences) -> Iterator[tuple[list[str], str]]:
    """Every row of the sheet, in its place, with the text of its problems."""
    whole = sentences.get((sheet.name, None)) or sentences.get(("", None), "")
    last = 0
    for number, row in sheet.rows():
        for _ in range(min(number - last - 1, MOST_BLANK_ROWS)):
            yield [], ""
        yield row, sentences.get((sheet.name, number)) or ("" if last else whole)
        last = number


def _marked_sheet(sheet: Sheet, sentences: Sentences) -> SheetOut:
    """The sheet with our column after the widest row, so that every cell keeps its place."""
    marked = list(_marked_rows(sheet, sentences)) or [([], "")]
    width = max(len(row) for row, _ in marked)
    (first, mark), *others = marked
    headings = [*first, *[""] * (width - len(first)), _heading(mark)]
    rows = [[*map(_as_it_was, row), *[""] * (width - len(row)), mark] for row, mark in others]
    return SheetOut(sheet.name, headings, rows)


def _as_it_was(text: str) -> Value:
    """A number if a workbook can store it exactly, or else text, cut to the longest that a workbook can hold.

    A number that is shown as something else keeps its number format. Raised digits stay raised.
    """
    if isinstance(text, ShownNumber):
        return text
    if isinstance(text, RichText):
        return text.looks
    if _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    return text[:LONGEST_CELL]


def _marked_csv(upload: Upload, sentences: Sentences) -> Iterator[bytes]:
    """The rows with the delimiter and the quotation marks of the file, so that they are read as before if it is sent
    again. Our column comes after the widest row."""
    with _opened(upload) as table:
        (sheet,) = table.sheets
        assert isinstance(sheet, CsvSheet)
        lines = [BOM]
        for line in _marked_lines(sheet, sentences):
            lines.append(line)
            if len(lines) >= _ROWS_AT_ONCE:
                yield "".join(lines).encode()
                lines = []
        yield "".join(lines).encode()


def _marked_lines(sheet: CsvSheet, sentences: Sentences) -> Iterator[str]:
    mark, whole = sheet.delimiter, sentences.get(("", None), "")
    width = max((len(cells) for _, cells in sheet.rows_as_written()), default=0)
    if sheet.skips_first_line:
        yield f"sep={mark}\r\n"
    for count, (number, cells) in enumerate(sheet.rows_as_written()):
        told = sentences.get(("", number)) or ("" if count else whole)
        ours = _cell_of_csv(told if count else _heading(told), mark)
        written = [_cell_as_written(cell, mark) for cell in cells]
        yield mark.join([*written, *[""] * (width - len(cells)), ours]) + "\r\n"


def _cell_as_written(written: str, delimiter: str) -> str:
    if len(written) > 1 and written.startswith('"') and written.endswith('"'):
        return _cell_of_csv(written[1:-1].replace('""', '"'), delimiter, is_quoted=True)
    return _cell_of_csv(written, delimiter)


def _cell_of_csv(text: str, delimiter: str, *, is_quoted: bool = False) -> str:
    """The text as a cell. A formula is neutralised; an amount with a sign is none.

    A spreadsheet may split the lines of a file without commas at commas, so what follows a comma is looked at too.
    """
    safe = text if _SIGNED_AMOUNT.fullmatch(text) else neutralise(text)
    if delimiter != "," and "," in safe:
        first, *others = safe.split(",")
        safe = ",".join([first, *(neutralise(part) if _MAY_RUN.search(part) else part for part in others)])
    if is_quoted or any(mark in safe for mark in (delimiter, '"', "\r", "\n")):
        return '"' + safe.replace('"', '""') + '"'
    return safe


def _heading(mark: str) -> str:
    return f"{PROBLEM_HEADING}: {mark}" if mark else PROBLEM_HEADING
