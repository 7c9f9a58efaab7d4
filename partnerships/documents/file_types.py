"""The type of an uploaded document, recognised by its content. The extension of its name must match."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from django.core.files import File

from pooledcare.kernel.problems import Refused, Where
from pooledcare.kernel.tabular.recognise import extension


@dataclass(frozen=True, slots=True)
class FileType:
    label: str
    content_type: str
    extensions: frozenset[str]


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = FileType("a PDF", "application/pdf", frozenset({"pdf"}))
DOCX = FileType("a Word document", f"{_OFFICE}.wordprocessingml.document", frozenset({"docx"}))
XLSX = FileType("an Excel workbook", f"{_OFFICE}.spreadsheetml.sheet", frozenset({"xlsx"}))
ODT = FileType("an OpenDocument text", "application/vnd.oasis.opendocument.text", frozenset({"odt"}))
PNG = FileType("a PNG image", "image/png", frozenset({"png"}))
JPEG = FileType("a JPEG image", "image/jpeg", frozenset({"jpg", "jpeg"}))
TYPES = (PDF, DOCX, XLSX, ODT, PNG, JPEG)
ACCEPTED = tuple(sorted(f".{each}" for paper in TYPES for each in paper.extensions))
IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), OpenDocument text (.odt), PNG or JPEG"

_BEGINNINGS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_MAIN_PARTS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX))
_CONTENTS = "[Content_Types].xml"
_MACROS = (b"macroenabled", b"vbaproject")
_OF_MACROS = ("Basic/", "Scripts/")
_MACROS_SAID = ("The selected file contains macros", "Save it without macros, or as PDF.")
_MOST_CONTENTS = 1 << 20


def paper_type(file: BinaryIO | File[bytes], name: str) -> FileType:
    """The type of the file. Raises `Refused` for other types, macros, passwords, or a name with another extension."""
    found = _by_content(file)
    if found is None:
        message = f"The selected file must be one of these: {IN_WORDS}"
        _refuse("WRONG_FILE_TYPE", message, "Save it as PDF and select that file.")
    ending = extension(name)
    if ending not in found.extensions:
        named = f"named .{ending}" if ending else "named without an extension"
        message = f"The selected file is {found.label}, but is {named}"
        _refuse("NAME_AND_CONTENT_DIFFER", message, f"Name it .{min(found.extensions)} or select another file.")
    return found


def _by_content(file: BinaryIO | File[bytes]) -> FileType | None:
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _archived(file)
    return next((paper for beginning, paper in _BEGINNINGS if head.startswith(beginning)), None)


def _archived(file: BinaryIO | File[bytes]) -> FileType | None:
    """The type of a ZIP archive, by its list of files and the short file in which each format names itself."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {part.filename: part for part in archive.infolist()}
            if any(part.flag_bits & 1 for part in parts.values()):
                _refuse("PASSWORD_PROTECTED", "The selected file is password protected", "Remove the password.")
            if any(name.lower().endswith("vbaproject.bin") or name.startswith(_OF_MACROS) for name in parts):
                _refuse("HAS_MACROS", *_MACROS_SAID)
            if _CONTENTS in parts:
                if parts[_CONTENTS].file_size > _MOST_CONTENTS:
                    return None
                with archive.open(_CONTENTS) as contents:
                    listed = contents.read(_MOST_CONTENTS).lower().replace(b"\0", b"")
                if any(word in listed for word in _MACROS):
                    _refuse("HAS_MACROS", *_MACROS_SAID)
                return next((paper for part, paper in _MAIN_PARTS if part in parts), None)
            stated = parts.get("mimetype")
            if stated is not None and stated.compress_type == zipfile.ZIP_STORED and stated.file_size < 100:
                return ODT if archive.read(stated).decode("ascii", "replace") == ODT.content_type else None
            return None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError):
        return None
    finally:
        file.seek(0)


def _refuse(code: str, message: str, fix: str) -> NoReturn:
    raise Refused.because(code, message, where=Where(field="file"), fix=fix)
