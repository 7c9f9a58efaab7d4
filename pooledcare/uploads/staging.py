"""Writing staged rows and problems with COPY, while the next rows are being checked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.db import connection, transaction
from psycopg import sql

from pooledcare.kernel.problems import Problem, shown
from pooledcare.uploads.checks import Checked, Finding, Piece, copy_column, copy_lines, copy_text
from pooledcare.uploads.models import Upload, UploadProblem

PROBLEM_COLUMNS = ("upload_id", "severity", "code", "message", "fix", "sheet", "row", "column", "column_name", "value")
AHEAD = 2  # pieces that may wait for the database


@dataclass(frozen=True)
class Load:
    """The lines for COPY from one piece: its good rows and its problems."""

    lines: str
    problems: str


class Writer:
    """Writes loads in order. From the second on, a thread writes them, so that checking and writing overlap.

    Inside a transaction it writes at once, because another connection could not see that transaction.
    """

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table, self.columns = table, columns
        self._waiting: queue.Queue[Load | None] = queue.Queue(maxsize=AHEAD)
        self._thread: threading.Thread | None = None
        self._first: Load | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def put(self, load: Load) -> None:
        if self._error is not None:
            raise self._error
        if connection.in_atomic_block:
            self._write(load)
        elif self._thread is None and self._first is None:
            self._first = load
        else:
            self._start()
            self._waiting.put(load)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="staging", daemon=True)
            self._thread.start()
            if self._first is not None:
                self._waiting.put(self._first)

    def _work(self) -> None:
        try:
            while (load := self._waiting.get()) is not None:
                if self._error is None:
                    self._try(load)
        finally:
            connection.close()

    def _try(self, load: Load) -> None:
        try:
            self._write(load)
        except BaseException as error:  # `put` raises it in the other thread
            self._error = error

    def _write(self, load: Load) -> None:
        with transaction.atomic():
            copy(self.table, self.columns, load.lines)
            copy(UploadProblem._meta.db_table, PROBLEM_COLUMNS, load.problems)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
        elif self._first is not None and error is None:
            self._write(self._first)
        if error is None and self._error is not None:
            raise self._error


def copy(table: str, columns: Sequence[str], lines: str) -> None:
    """Run COPY with lines in its text format. They must be escaped; they are never a user's bytes as received."""
    if not lines:
        return
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        stream.write(lines)


def load_of(upload: Upload, piece: Piece, checked: Checked) -> Load:
    own = [_finding_lines(upload, piece, finding) for finding in checked.findings]
    return Load(checked.lines, "".join([problem_lines(upload, piece.problems), *own]))


def _finding_lines(upload: Upload, piece: Piece, finding: Finding) -> str:
    """A finding as lines for COPY, one for each row; only the row and the value differ."""
    letter = piece.letters.get(finding.column, "")
    heading = piece.headings.get(finding.column, finding.column)
    count = len(finding.rows)
    start = "\t".join(
        [
            str(upload.pk),
            finding.severity,
            finding.code,
            copy_text(finding.message),
            copy_text(finding.fix),
            copy_text(piece.sheet),
        ]
    )
    middle = "\t".join([copy_text(letter), copy_text(heading)])
    values = copy_column([shown(value) for value in finding.values])
    return copy_lines([[start] * count, map(str, finding.rows.tolist()), [middle] * count, values])


def problem_lines(upload: Upload, problems: Iterable[Problem]) -> str:
    lines = []
    for problem in problems:
        where = problem.where
        cells = [
            str(upload.pk),
            problem.severity,
            problem.code,
            problem.message,
            problem.fix or "",
            (where.sheet if where else "") or "",
            "\\N" if where is None or where.row is None else str(where.row),
            (where.column if where else "") or "",
            (where.column_name or where.field if where else "") or "",
            shown(problem.value) if problem.value else "",
        ]
        lines.append("\t".join(cell if cell == "\\N" else copy_text(cell) for cell in cells))
    return "".join(f"{line}\n" for line in lines)


def save_problems(upload: Upload, problems: Iterable[Problem]) -> None:
    with transaction.atomic():
        copy(UploadProblem._meta.db_table, PROBLEM_COLUMNS, problem_lines(upload, problems))


def clear_problems(upload: Upload) -> None:
    UploadProblem.objects.filter(upload=upload).delete()
