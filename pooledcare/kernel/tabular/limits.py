"""Limits on files, and error messages in the words of NHS.UK for files that cannot be read."""

from dataclasses import dataclass
from typing import NoReturn

from pooledcare.kernel.problems import Refused, Where

MEGABYTE = 1_000_000

MUST_BE_A_TABLE = "The selected file must be a CSV, XLSX or ODS"
IS_EMPTY = "The selected file is empty"
IS_PROTECTED = "The selected file is password protected"
SAVE_AS_UTF8 = "Open the file in your spreadsheet program, save it as CSV UTF-8, and select it again."


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on a file: `size` and `unpacked` in bytes, `cell` and `line` in characters, the others are counts.

    A file beyond a limit is refused before more of it is read. The defaults are for files of publishers.
    """

    size: int = 100 * MEGABYTE
    rows: int = 2_000_000
    columns: int = 1_000
    cell: int = 4_000
    line: int = 65_536
    sheets: int = 100
    cells: int = 20_000_000
    unpacked: int = 1_000 * MEGABYTE
    unpacked_texts: int = 100 * MEGABYTE
    expansion: int = 200
    parts: int = 5_000
    styles: int = 100_000
    only_utf8: bool = False  # refuse text in other encodings: for files that a system made


def refuse(code: str, message: str, *, fix: str, row: int | None = None, sheet: str | None = None) -> NoReturn:
    """Raise Refused for the file as a whole."""
    where = Where(sheet=sheet, row=row) if row is not None or sheet is not None else None
    raise Refused.because(code, message, where=where, fix=fix)


def refuse_type(what: str) -> NoReturn:
    """
    >>> refuse_type("a PDF")
    Traceback (most recent call last):
    ...
    pooledcare.kernel.problems.Refused: The selected file must be a CSV, XLSX or ODS
    """
    fix = f"It looks like {what}. Save it as CSV UTF-8, XLSX or ODS and select it again."
    refuse("FILE_TYPE", MUST_BE_A_TABLE, fix=fix)


def check_size(size: int, limits: Limits) -> None:
    if size == 0:
        refuse("EMPTY_FILE", IS_EMPTY, fix="Select a file that has rows in it.")
    if size >= limits.size:
        refuse(
            "FILE_TOO_LARGE",
            f"The selected file must be smaller than {limits.size // MEGABYTE}MB",
            fix="Split the file into smaller files, or save a workbook as CSV.",
        )
