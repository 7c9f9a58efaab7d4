"""Opening a file: its type, notices of how it was read, and its sheets."""

from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import IO, BinaryIO, Self

from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular.batches import Notice
from pooledcare.kernel.tabular.csv_reading import CsvSheet, IsHeading, blocks_of_lines
from pooledcare.kernel.tabular.encoding import as_utf8
from pooledcare.kernel.tabular.limits import Limits, check_size
from pooledcare.kernel.tabular.ods_reading import open_ods
from pooledcare.kernel.tabular.old_encodings import ENCODING_NAMES, EncodingChoice, strange_texts
from pooledcare.kernel.tabular.recognise import FileType, display_name, extension, recognise, size_of
from pooledcare.kernel.tabular.sheets import Sheet
from pooledcare.kernel.tabular.xlsx_reading import open_workbook

_TYPES = {
    FileType.CSV: "a CSV file",
    FileType.XLSX: "an Excel workbook",
    FileType.ODS: "an OpenDocument spreadsheet",
}
_WORKBOOKS = (FileType.XLSX.value, FileType.ODS.value)


@dataclass
class InputTable:
    """An open file. Close it or use `with`, which deletes the temporary copy of a file that was not UTF-8, or of ODS.

    `choice` is set if the file is in an old encoding: nothing in it says in which, so a person should look at it.
    """

    name: str
    file_type: FileType
    sheets: list[Sheet]
    encoding: str | None = None
    notices: list[Notice] = field(default_factory=list)
    choice: EncodingChoice | None = None
    _copy: IO[bytes] | None = None

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def close(self) -> None:
        if self._copy is not None:
            self._copy.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_table(
    file: BinaryIO,
    name: str = "",
    limits: Limits | None = None,
    is_heading: IsHeading | None = None,
    encoding: str = "",
) -> InputTable:
    """Recognise the type of the file, check it as a whole, and return its sheets. Raises Refused with one problem.

    The file must be seekable, and the caller must close it. `is_heading` says whether a row is the heading row, which
    is used to find the delimiter of a CSV file. `encoding` is the old encoding that somebody chose for a CSV file.
    """
    limits = limits or Limits()
    check_size(size_of(file), limits)
    kind = recognise(file, name)
    if kind is FileType.XLSX:
        sheets, notices = open_workbook(file, limits)
        table = InputTable(display_name(name), kind, sheets, notices=notices)
    elif kind is FileType.ODS:
        sheets, notices, copy = open_ods(file, limits)
        table = InputTable(display_name(name), kind, sheets, notices=notices, _copy=copy)
    else:
        table = _open_csv(file, name, limits, is_heading, encoding)
    named = extension(name)
    if named not in ("", kind.value) and (kind is not FileType.CSV or named in _WORKBOOKS):
        table.notices.append(Notice("FILE_NAME", f"The file is {_TYPES[kind]}, though its name ends in .{named}"))
    return table


def _open_csv(file: BinaryIO, name: str, limits: Limits, is_heading: IsHeading | None, encoding: str) -> InputTable:
    text = as_utf8(file, limits, encoding)
    copy = None if text.file is file else text.file
    try:
        sheet = CsvSheet(text, limits, is_heading)
    except Refused:
        if copy is not None:
            copy.close()
        raise
    notices = list(sheet.notices)
    if text.encoding != "utf-8":
        notices.insert(0, Notice("ENCODING", f"The file was read as {ENCODING_NAMES[text.encoding]}"))
    choice = text.choice
    if choice is not None:
        as_sent = blocks_of_lines(replace(text, file=file))
        choice = replace(choice, texts=strange_texts(as_sent, sheet.delimiter))
    return InputTable(display_name(name), FileType.CSV, [sheet], text.encoding, notices, choice, copy)
