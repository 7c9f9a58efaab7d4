"""The parts of an ODS workbook: whether it is protected, its styles, and where its sheets are in `content.xml`.

All sheets are in one part. It is read once to find them; then each sheet is read from its own place, at any time.
"""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from pooledcare.kernel.tabular import packages
from pooledcare.kernel.tabular.batches import Notice
from pooledcare.kernel.tabular.limits import MEGABYTE, Limits, refuse_type
from pooledcare.kernel.tabular.ods_styles import CONTENT, OFFICE, STYLES, TABLE, StyleReader, Styles
from pooledcare.kernel.tabular.packages import (
    Archive,
    Attributes,
    check_parts,
    check_sheets,
    make_parser,
    parse,
    refuse_damaged,
    refuse_protected,
)

_MANIFEST, _SETTINGS = "META-INF/manifest.xml", "settings.xml"
# A library of Basic, of which LibreOffice also stores an empty list, or the folder of another language.
_MACROS = re.compile(r"^(?:basic/[^/]+/(?!script-l[bc]\.xml$)[^/]+\.xml|scripts/.+)$")
_KEPT = re.compile(r"styles\.xml|settings\.xml|meta-inf/manifest\.xml")
_PATH = (f"{OFFICE}document-content", f"{OFFICE}body", f"{OFFICE}spreadsheet")
_TABLE_NAME, _STYLE_NAME = f"{TABLE}name", f"{TABLE}style-name"
# Copies of sheets of other workbooks, as in 'file:///a.ods'#$Sheet1, which no program shows.
_COPY_OF_ANOTHER = re.compile(r"'.*'#\$?.*", re.DOTALL)
_LINKS = frozenset({f"{TABLE}table-source", f"{TABLE}cell-range-source", f"{OFFICE}dde-source"})
# The tags of tables and of links, whatever their prefix is.
_MAY_MATTER = re.compile(rb"</?(?:[^\s<>/:]{1,200}:)?(?:table|table-source|cell-range-source|dde-source)(?=[\s/>])")
_TAG_AND_TEXT = re.compile(rb"<!\[CDATA\[|<[^>\"'!]*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>|[^<]")
_LONGEST_TAG = 1 << 18
_IN_MEMORY = 8 * MEGABYTE
_UTF8 = (None, "utf-8", "us-ascii")

Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


@dataclass(frozen=True)
class SheetPlace:
    """A sheet: its name, and the bytes of `content.xml` from its start tag to its end tag."""

    name: str
    is_hidden: bool
    first: int
    end: int


@dataclass
class OdsWorkbook:
    """What is needed to read the cells of every sheet. `content` is the unpacked `content.xml`; close it.

    `start` is a start tag with the namespaces that hold around the sheets. `cells_read` counts the cells that have been
    read of each sheet, by its place: of all sheets together, because a few bytes can stand for a million cells.
    """

    content: IO[bytes]
    start: bytes = b""
    sheets: list[SheetPlace] = field(default_factory=list)
    styles: Styles = field(default_factory=Styles)
    shows_noughts: bool = True
    cells_read: dict[int, int] = field(default_factory=dict)


def read_workbook(file: BinaryIO, limits: Limits) -> tuple[OdsWorkbook, list[Notice]]:
    """The workbook without its rows, and notices. Raises Refused if it is damaged, protected or beyond a limit."""
    file.seek(0)
    workbook = OdsWorkbook(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - closed by the caller
    try:
        return workbook, _read(zipfile.ZipFile(file), workbook, limits)
    except (KeyError, ValueError, EOFError, NotImplementedError, zlib.error, expat.ExpatError, zipfile.BadZipFile):
        workbook.content.close()
        refuse_damaged()
    except BaseException:
        workbook.content.close()
        raise


def _read(file: zipfile.ZipFile, workbook: OdsWorkbook, limits: Limits) -> list[Notice]:
    archive = Archive(file)
    check_parts(file.infolist(), limits, macros=_MACROS, texts=_KEPT)
    _refuse_encrypted(archive)
    if STYLES in archive:
        reader = StyleReader(workbook.styles, STYLES, limits)
        _parse_with_namespaces(archive, STYLES, reader)
    if _SETTINGS in archive:
        workbook.shows_noughts = _shows_noughts(archive)
    content = _Content(workbook, limits)
    with archive.open(CONTENT) as stream:
        while block := stream.read(packages.BLOCK):
            workbook.content.write(block)
            content.feed(block)
        content.close()
    if not content.is_spreadsheet:
        refuse_type("an OpenDocument file that is not a spreadsheet")
    if not workbook.sheets:
        refuse_damaged()
    check_sheets(len(workbook.sheets), limits)
    if not content.links:
        return []
    return [Notice("EXTERNAL_LINKS", "The workbook has links to other workbooks; no link was followed", content.links)]


def _refuse_encrypted(archive: Archive) -> None:
    """A protected workbook keeps its parts encrypted, each by itself or all of them as one part."""
    if "encrypted-package" in archive:
        refuse_protected()
    found: list[str] = []
    if _MANIFEST in archive:
        parse(archive, _MANIFEST, lambda name, _: found.append(name) if name == "encryption-data" else None)
    if found:
        refuse_protected()


def _parse_with_namespaces(archive: Archive, part: str, reader: StyleReader) -> None:
    parser = make_parser(" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    with archive.open(part) as stream:
        while block := stream.read(packages.BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)


def _shows_noughts(archive: Archive) -> bool:
    """Whether cells with 0 are shown, or as blanks, by the settings of the workbook's window."""
    texts: list[str] = []
    is_here = [False]

    def start(name: str, attributes: Attributes) -> None:
        item = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "name"), "")
        is_here[0] = name == "config-item" and item == "ShowZeroValues"

    def characters(text: str) -> None:
        if is_here[0]:
            texts.append(text)

    parse(archive, _SETTINGS, start, lambda name: is_here.__setitem__(0, False), characters)
    return "false" not in texts


class _Content:
    """One pass over `content.xml`, which must be well-formed: its styles, and the places of its sheets.

    Within a sheet, handlers would cost most of the time. There the parser gets them only where a tag may begin that
    matters (`_MAY_MATTER`), up to its next event.
    """

    def __init__(self, workbook: OdsWorkbook, limits: Limits) -> None:
        self.workbook = workbook
        self.limits = limits
        self.styles = StyleReader(workbook.styles, CONTENT, limits)
        self.path: list[str] = []  # the names of the elements that are open, outside sheets
        self.declared: list[dict[str, str]] = [{}]  # the namespaces that each of them declares, and the next one
        self.is_spreadsheet = False
        self.links = 0
        self.sheet: tuple[str, bool, int] | None = None
        self.tables = 0  # how many tables are open: a sheet, and tables within it
        self.unfed = b""
        self.parser = make_parser(" ")
        self.parser.XmlDeclHandler = self._declaration
        self._handle(self._start, self._end)

    def feed(self, block: bytes) -> None:
        """Parse a block, but for what follows the last `<`, which may be a tag that is not whole yet."""
        data = self.unfed + block
        cut = max(data.rfind(b"<"), 0)
        if len(data) - cut > _LONGEST_TAG:
            if not _TAG_AND_TEXT.match(data, cut):
                refuse_damaged()
            cut = len(data)
        self.unfed = data[cut:]
        self._parse(data[:cut])

    def close(self) -> None:
        self._parse(self.unfed)
        self.parser.Parse(b"", True)

    def _parse(self, data: bytes) -> None:
        """Parse in pieces that begin where a tag that matters may begin."""
        first = 0
        for match in _MAY_MATTER.finditer(data):
            self.parser.Parse(data[first : match.start()], False)
            first = match.start()
            if self.tables:
                self._handle(self._start_in_sheet, self._end_in_sheet)
        self.parser.Parse(data[first:], False)

    def _handle(self, start: Start | None, end: End | None) -> None:
        self.parser.StartElementHandler, self.parser.EndElementHandler = start, end
        is_outside = start == self._start
        self.parser.StartNamespaceDeclHandler = self._namespace if is_outside else None
        self.parser.CharacterDataHandler = self.styles.characters if is_outside else None

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        """Places are counted in bytes of UTF-8, which every program writes."""
        if encoding is not None and encoding.casefold() not in _UTF8:
            refuse_damaged()

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self.declared[-1][f"xmlns:{prefix}" if prefix else "xmlns"] = uri or ""

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == f"{TABLE}table" and tuple(self.path) == _PATH:
            is_hidden = self.workbook.styles.is_hidden("table", attributes.get(_STYLE_NAME, ""))
            self.sheet = attributes.get(_TABLE_NAME, ""), is_hidden, self.parser.CurrentByteIndex
            self.tables = 1
            self.declared[-1] = {}
            self._handle(None, self._end_in_sheet)  # a sheet without anything in it ends at once
            return
        self.path.append(name)
        self.declared.append({})
        if len(self.path) > 2 and self.path[1].endswith("styles"):
            self.styles.start(name, attributes)
        self.is_spreadsheet |= tuple(self.path) == _PATH

    def _end(self, name: str) -> None:
        self.path.pop()
        self.declared.pop()
        self.declared[-1] = {}
        if len(self.path) >= 2 and self.path[1].endswith("styles"):
            self.styles.end(name)

    def _start_in_sheet(self, name: str, attributes: Attributes) -> None:
        self.tables += name == f"{TABLE}table"
        self.links += name in _LINKS
        self._handle(None, self._end_in_sheet if name == f"{TABLE}table" else None)

    def _end_in_sheet(self, name: str) -> None:
        self._handle(None, None)
        self.tables -= name == f"{TABLE}table"
        if not self.tables and self.sheet is not None:
            self._end_sheet(*self.sheet)
            self._handle(self._start, self._end)

    def _end_sheet(self, name: str, is_hidden: bool, first: int) -> None:
        if _COPY_OF_ANOTHER.fullmatch(name):
            return
        if not self.workbook.start:
            found = {key: uri for declared in self.declared[: len(_PATH)] for key, uri in declared.items()}
            self.workbook.start = f"<x {' '.join(f'{key}={quoteattr(uri)}' for key, uri in found.items())}>".encode()
        self.workbook.sheets.append(SheetPlace(name, is_hidden, first, self.parser.CurrentByteIndex))
        check_sheets(len(self.workbook.sheets), self.limits)
