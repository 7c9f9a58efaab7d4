"""What people take away from an upload: its problems as a table, and their own file with a column of problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from pooledcare.kernel.tabular import Column, FileType, Sheet, SheetOut, Table, Value, open_table, safe_csv, safe_xlsx
from pooledcare.uploads.models import Upload

HEADING = "PooledCare: what to mend"
PROBLEM_COLUMNS = [
    Column("severity"),
    Column("code"),
    Column("sheet"),
    Column("row", "number"),
    Column("column"),
    Column("column_name"),
    Column("value"),
    Column("message"),
    Column("fix"),
]


def problem_rows(upload: Upload) -> Iterator[list[Value]]:
    """All problems and warnings of the upload in the order in which they were found, none left out."""
    fields = [str(column.heading) for column in PROBLEM_COLUMNS]
    yield from map(list, upload.problems.values_list(*fields).iterator(chunk_size=2_000))


def problems_csv(upload: Upload, *, bom: bool) -> Iterator[bytes]:
    return safe_csv(problem_rows(upload), PROBLEM_COLUMNS, bom=bom)


def marked_file(upload: Upload) -> tuple[str, str, Iterator[bytes]]:
    """The uploaded file with one more column: its name, its content type and its bytes.

    The rows come back as they were read; what a spreadsheet would run as a formula is neutralised.
    """
    stem = upload.filename.rsplit(".", 1)[0]
    sentences = _sentences(upload)
    with _opened(upload) as table:
        if table.file_type is FileType.XLSX:
            content = safe_xlsx([_marked_sheet(sheet, sentences) for sheet in table.sheets])
            return f"{stem} with problems.xlsx", XLSX, iter([content])
    return f"{stem} with problems.csv", "text/csv; charset=utf-8", _marked_csv(upload, sentences)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Sentences = dict[tuple[str, int | None], str]


@contextmanager
def _opened(upload: Upload) -> Iterator[Table]:
    with default_storage.open(upload.stored_name) as file, open_table(cast(BinaryIO, file), upload.filename) as table:
        yield table


def _sentences(upload: Upload) -> Sentences:
    """By sheet and row, everything wrong there; a problem of the whole file stands at its first row."""
    gathered: dict[tuple[str, int | None], list[str]] = {}
    problems = upload.problems.order_by("pk").values_list("sheet", "row", "column", "message", "fix")
    for sheet, row, column, message, fix in problems.iterator(chunk_size=2_000):
        text = f"{column}: {message}" if column else message
        gathered.setdefault((sheet, row), []).append(f"{text}. {fix}".replace("..", "."))
    return {place: " | ".join(texts)[:4_000] for place, texts in gathered.items()}


def _marked_rows(sheet: Sheet, sentences: Sentences) -> Iterator[list[str]]:
    whole = sentences.get((sheet.name, None)) or sentences.get(("", None), "")
    for position, (number, row) in enumerate(sheet.rows()):
        mark = sentences.get((sheet.name, number)) or (whole if position == 0 else "")
        yield [mark, *row]


def _marked_sheet(sheet: Sheet, sentences: Sentences) -> SheetOut:
    """The column of problems stands first, so that it lines up however wide the rows are."""
    rows = list(_marked_rows(sheet, sentences))
    width = max(map(len, rows), default=1)
    headings = [HEADING, *("" for _ in range(width - 1))]
    return SheetOut(sheet.name, headings, [row + [""] * (width - len(row)) for row in rows])


def _marked_csv(upload: Upload, sentences: Sentences) -> Iterator[bytes]:
    with _opened(upload) as table:
        (sheet,) = table.sheets
        rows = _marked_rows(sheet, sentences)
        first = next(rows, [HEADING])
        heading = [first[0] or HEADING, *first[1:]]
        yield from safe_csv(_same_width(rows, len(heading)), heading, bom=True)


def _same_width(rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Cells beyond the heading are joined into the last one: nothing is lost, and the file stays a table."""
    for row in rows:
        yield row + [""] * (width - len(row)) if len(row) <= width else [*row[: width - 1], ", ".join(row[width - 1 :])]
