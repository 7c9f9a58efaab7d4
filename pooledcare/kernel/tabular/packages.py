"""What XLSX and ODS workbooks have in common: zip archives of XML parts, checked before any part is unpacked."""

import re
import zipfile
from collections.abc import Callable
from typing import IO, NoReturn
from xml.parsers import expat

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular.limits import IS_PROTECTED, MEGABYTE, Limits, refuse
from pooledcare.kernel.tabular.places import column_letter

BLOCK = 1 << 18
# The ways of compressing that Python can undo: not at all, Deflate, bzip2 and LZMA.
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_SAVE_RESULTS = (
    "Open the workbook in your spreadsheet program, save it and select it again, or replace the formula by its value."
)

Attributes = dict[str, str]


class Archive:
    """The parts of a workbook by name. As in Excel, capitals do not matter, and a backslash counts as a slash."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._parts = {plain_name(part.filename): part for part in file.infolist()}

    def __contains__(self, name: str) -> bool:
        return plain_name(name) in self._parts

    def open(self, name: str) -> IO[bytes]:
        """Raises KeyError if there is no such part."""
        return self._file.open(self._parts[plain_name(name)])


def plain_name(name: str) -> str:
    """
    >>> plain_name("xl\\\\SharedStrings.xml")
    'xl/sharedstrings.xml'
    """
    return name.replace("\\", "/").casefold()


def refuse_damaged() -> NoReturn:
    refuse(
        "DAMAGED_WORKBOOK",
        "The selected file could not be read: the workbook is damaged",
        fix="Open it in your spreadsheet program, save it as XLSX, ODS or CSV UTF-8, and select it again.",
    )


def refuse_protected() -> NoReturn:
    refuse("PASSWORD_PROTECTED", IS_PROTECTED, fix="Remove the password and save the file again.")


def check_parts(
    parts: list[zipfile.ZipInfo], limits: Limits, *, macros: re.Pattern[str], texts: re.Pattern[str]
) -> None:
    """Check what the archive's directory declares. No more than that is read later, when a part is unpacked.

    `macros` and `texts` match the names of parts that hold macros, and of those that are kept in memory while a
    workbook is read.
    """
    names = [plain_name(part.filename) for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        refuse_protected()
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        refuse_damaged()
    if any(part.compress_type not in _COMPRESSIONS for part in parts):
        refuse(
            "UNREADABLE_WORKBOOK",
            "The selected file could not be read: the workbook is compressed in an unusual way",
            fix="Open it in your spreadsheet program, save it as XLSX, ODS or CSV UTF-8, and select it again.",
        )
    if any(macros.search(name) for name in names):
        refuse(
            "MACROS",
            "The selected file must not contain macros",
            fix="Save it as a workbook (XLSX or ODS) without macros, or as CSV UTF-8, and select it again.",
        )
    _check_expansion(parts, limits, texts)


def _check_expansion(parts: list[zipfile.ZipInfo], limits: Limits, texts: re.Pattern[str]) -> None:
    unpacked = sum(part.file_size for part in parts)
    kept = sum(part.file_size for part in parts if texts.fullmatch(plain_name(part.filename)))
    swollen = any(
        part.file_size > MEGABYTE and part.file_size > limits.expansion * max(part.compress_size, 1) for part in parts
    )
    if len(parts) > limits.parts or unpacked > limits.unpacked or kept > limits.unpacked_texts or swollen:
        refuse(
            "EXPANDS_TOO_FAR",
            f"The selected file must unpack to less than {limits.unpacked // MEGABYTE:,}MB",
            fix="Save the sheet that is needed as CSV UTF-8 and select that file.",
        )


def check_sheets(count: int, limits: Limits) -> None:
    if count > limits.sheets:
        fix = "Delete the sheets that are not needed."
        refuse("TOO_MANY_SHEETS", f"The workbook must have at most {limits.sheets:,} sheets", fix=fix)


def refuse_cells(limits: Limits, sheet: str) -> NoReturn:
    fix = "Split the file, or delete the cells that are not needed."
    refuse("TOO_MANY_CELLS", f"The selected file must have at most {limits.cells:,} cells", fix=fix, sheet=sheet)


def too_long(limits: Limits, where: Where, text: str) -> Problem:
    fix = f"Use at most {limits.cell:,} characters."
    return Problem("FIELD_TOO_LONG", f"The cell is longer than {limits.cell:,} characters", where, text[:100], fix)


def from_another_workbook(where: Where, text: str) -> Problem:
    fix = "Replace the formula by its value: copy the cell, then paste it as values."
    return Problem("EXTERNAL_LINK", "The cell takes its value from another workbook", where, text, fix)


def without_result(where: Where, formula: str) -> Problem:
    message = "The cell holds a formula, and the workbook does not hold its result"
    return Problem("FORMULA", message, where, formula, _SAVE_RESULTS)


def place(sheet: str, row: int, column: int) -> Where:
    """Where a cell is; `column` is its index, from 0."""
    return Where(sheet=sheet, row=row, column=column_letter(column))


def make_parser(namespace_separator: str | None = None) -> expat.XMLParserType:
    """A parser that refuses document type declarations, and so any entity that could expand or be fetched."""
    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = lambda *declaration: refuse_damaged()
    return parser


def parse(
    archive: Archive,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Parse one small part. The handlers get element names without their prefix."""
    parser = make_parser()
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if characters is not None:
        parser.CharacterDataHandler = characters
    try:
        with archive.open(part) as stream:
            while block := stream.read(BLOCK):
                parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        refuse_damaged()
