"""What a file may be at most, and the sentences of NHS.UK for a file that may not be read."""

from dataclasses import dataclass
from typing import NoReturn

from pooledcare.kernel.problems import Refused, Where

MEGABYTE = 1_000_000

MUST_BE_CSV_OR_XLSX = "The selected file must be a CSV or XLSX"
IS_EMPTY = "The selected file is empty"
IS_PROTECTED = "The selected file is password protected"
SAVE_AS_UTF8 = "Open the file in your spreadsheet program, save it as CSV UTF-8, and select it again."


@dataclass(frozen=True, slots=True)
class Limits:
    """Each limit refuses before more is read than it allows; the defaults are those of a published layout."""

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
    only_utf8: bool = False  # text in another encoding is refused, not recognised: for files that a system made


def refuse(code: str, message: str, *, fix: str, row: int | None = None, sheet: str | None = None) -> NoReturn:
    """The file as a whole cannot be read."""
    where = Where(sheet=sheet, row=row) if row is not None or sheet is not None else None
    raise Refused.because(code, message, where=where, fix=fix)


def refuse_type(what: str) -> NoReturn:
    """
    >>> refuse_type("a PDF")
    Traceback (most recent call last):
    ...
    pooledcare.kernel.problems.Refused: The selected file must be a CSV or XLSX
    """
    fix = f"It looks like {what}. Save it as CSV UTF-8 or XLSX and select it again."
    refuse("FILE_TYPE", MUST_BE_CSV_OR_XLSX, fix=fix)


def check_size(size: int, limits: Limits) -> None:
    if size == 0:
        refuse("EMPTY_FILE", IS_EMPTY, fix="Select a file that has rows in it.")
    if size >= limits.size:
        refuse(
            "FILE_TOO_LARGE",
            f"The selected file must be smaller than {limits.size // MEGABYTE}MB",
            fix="Split the file into smaller files, or save a workbook as CSV.",
        )
