"""Recognising the type of a file by its content. Its name is only a hint, and is never used as a path."""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import BinaryIO

from pooledcare.kernel.characters import trim
from pooledcare.kernel.tabular.limits import IS_PROTECTED, refuse, refuse_type
from pooledcare.kernel.tabular.packages import plain_name

LONGEST_NAME = 100
EXTENSIONS = frozenset({"", "csv", "txt", "tsv", "xlsx", "ods"})

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x89PNG\r\n\x1a\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"RIFF", "an image, a sound or a film"),
    (b"MZ\x90\x00", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
)
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|style|script|div|!--)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml|\s*<[A-Za-z][A-Za-z0-9:_-]*[\s/>]")
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_WORKBOOK = re.compile(r"xl/workbook[0-9]*\.xml")
_OTHER_ARCHIVES = (
    ({"word/document.xml"}, "a Word document"),
    ({"ppt/presentation.xml"}, "a PowerPoint presentation"),
)
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_DOCUMENT_PARTS = {"content.xml", "meta-inf/manifest.xml"}
_OPEN_DOCUMENTS = {
    "text": "an OpenDocument text",
    "presentation": "an OpenDocument presentation",
    "graphics": "an OpenDocument drawing",
    "formula": "an OpenDocument formula",
    "base": "an OpenDocument database",
}
_HEAD = 4_096
_LONGEST_MIMETYPE = 100


class FileType(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"


def recognise(file: BinaryIO, name: str = "") -> FileType:
    """Whether the file is CSV text, or an XLSX or ODS workbook. Raises Refused, with the likely type, for any other."""
    if extension(name) not in EXTENSIONS:
        refuse_type(f"a .{extension(name)} file")
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(b"PK"):
        return _type_of_archive(file)
    if head.startswith(_OLE):
        _refuse_compound_file(file)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            refuse_type(what)
    text = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, what in ((_HTML, "a web page (HTML)"), (_XML, "an XML file"), (_JSON, "a JSON file")):
        if pattern.match(text):
            refuse_type(what)
    return FileType.CSV


def _type_of_archive(file: BinaryIO) -> FileType:
    """Which workbook a zip archive is, by its directory and, for OpenDocument, by its part `mimetype`."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {plain_name(part.filename): part for part in archive.infolist()}
            mimetype = _mimetype(archive, parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        refuse_type("a damaged workbook or archive")
    finally:
        file.seek(0)
    names = parts.keys()
    if "xl/workbook.bin" in names:
        refuse_type("a binary workbook (XLSB)")
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return FileType.XLSX
    if any(_WORKBOOK.fullmatch(name) for name in names):
        return FileType.XLSX
    if mimetype.startswith(_OPEN_DOCUMENT):
        what = mimetype.removeprefix(_OPEN_DOCUMENT)
        if what in ("spreadsheet", "spreadsheet-template"):
            return FileType.ODS
        refuse_type(_OPEN_DOCUMENTS.get(what.partition("-")[0], "an OpenDocument file"))
    if not mimetype and names >= _OPEN_DOCUMENT_PARTS:
        return FileType.ODS  # some programs write no such part; the reader refuses what is no spreadsheet
    return refuse_type(next((what for marks, what in _OTHER_ARCHIVES if marks <= names), "a zip archive"))


def _mimetype(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]) -> str:
    """The start of the part `mimetype`; empty if there is none, or if it is itself protected by a password."""
    part = parts.get("mimetype")
    if part is None or part.flag_bits & 1:
        return ""
    with archive.open(part) as stream:
        return stream.read(_LONGEST_MIMETYPE).decode("ascii", "replace").strip()


def _refuse_compound_file(file: BinaryIO) -> None:
    """Refuse an old Excel workbook (XLS) or an encrypted workbook, which have the same container format."""
    last = b""
    while block := file.read(1 << 20):
        if _ENCRYPTED_PACKAGE in last + block:
            refuse(
                "PASSWORD_PROTECTED",
                IS_PROTECTED,
                fix="Open it in Excel, remove the password under File, Info, Protect Workbook, and save it again.",
            )
        last = block[-len(_ENCRYPTED_PACKAGE) :]
    refuse_type("an old Excel workbook (XLS)")


def extension(name: str) -> str:
    """
    >>> extension("Plan.Final.CSV"), extension("no-extension"), extension(r"C:\\\\my.files\\\\plan")
    ('csv', '', '')
    """
    last = re.split(r"[/\\]", name)[-1]
    return trim(last.rpartition(".")[2]).casefold() if "." in last else ""


def display_name(name: str) -> str:
    """The name of a file, safe to show: no path, no invisible characters, at most 100 characters.

    >>> display_name("../../plan\\r\\n2025.csv"), display_name("   ")
    ('plan2025.csv', 'file')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '\u2028\u2029"')
    shown = trim(visible).lstrip(".")
    stem, dot, suffix = shown.rpartition(".")
    keep = LONGEST_NAME - len(suffix) - 1
    shown = f"{stem[:keep]}.{suffix}" if dot and 0 < len(suffix) <= 8 else shown[:LONGEST_NAME]
    return shown or "file"


def size_of(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
