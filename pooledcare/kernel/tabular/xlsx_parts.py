"""The parts that all sheets of an XLSX workbook share: its list of sheets, its shared texts and its styles."""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from pooledcare.kernel.number_formats import NumberFormat, code_of, is_date_format, number_format
from pooledcare.kernel.rich_text import joined, look_of
from pooledcare.kernel.tabular.batches import Notice
from pooledcare.kernel.tabular.limits import Limits
from pooledcare.kernel.tabular.packages import Archive, Attributes, check_parts, parse, plain_name, refuse_damaged

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MACROS = re.compile(r"(?:^|/)(?:vbaProject[^/]*\.bin|macrosheets/.*)$", re.IGNORECASE)
_LINKS = re.compile(r"xl/externallinks/[^/]*\.xml")
_TEXTS = re.compile(r"xl/sharedstrings[0-9]*\.xml")


@dataclass(frozen=True)
class SheetPart:
    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True)
class Styles:
    """The cell styles whose numbers are not shown as they are, by index: as dates, or by the number format given.

    `conditional` are the formats of conditional styles that show numbers otherwise; None stands for dates.
    """

    dates: frozenset[int] = frozenset()
    formats: Mapping[int, NumberFormat] = field(default_factory=dict)
    conditional: Mapping[int, NumberFormat | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Workbook:
    """What is needed to read the cells of every sheet."""

    archive: Archive
    sheets: list[SheetPart]
    texts: list[str]
    styles: Styles
    uses_1904: bool


def read_workbook(file: BinaryIO, limits: Limits) -> tuple[Workbook, list[Notice]]:
    """The workbook without its rows, and notices. Raises Refused if it is damaged, protected or beyond a limit."""
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
        parts = archive.infolist()
        check_parts(parts, limits, macros=_MACROS, texts=_TEXTS)
        return _read(Archive(archive)), _links(parts)
    except (KeyError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zipfile.LargeZipFile):
        refuse_damaged()


def _links(parts: list[zipfile.ZipInfo]) -> list[Notice]:
    links = sum(1 for part in parts if _LINKS.fullmatch(plain_name(part.filename)))
    if not links:
        return []
    return [Notice("EXTERNAL_LINKS", "The workbook has links to other workbooks; no link was followed", links)]


def _read(archive: Archive) -> Workbook:
    root = _targets(archive, "", "officeDocument")
    part = next((target for target in root.values() if target in archive), "xl/workbook.xml")
    sheet_parts = _targets(archive, part, "worksheet")
    sheets: list[SheetPart] = []
    flags: list[bool] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet" and (target := sheet_parts.get(_relationship_id(attributes))):
            sheets.append(SheetPart(attributes["name"], target, attributes.get("state", "visible") != "visible"))
        elif name == "workbookPr":
            flags.append(attributes.get("date1904", "0") in ("1", "true"))

    parse(archive, part, start)
    if not sheets:
        refuse_damaged()
    texts = [_read_texts(archive, target) for target in _present(archive, part, "sharedStrings")]
    styles = [_read_styles(archive, target) for target in _present(archive, part, "styles")]
    return Workbook(archive, sheets, texts[0] if texts else [], styles[0] if styles else Styles(), any(flags))


def _present(archive: Archive, part: str, kind: str) -> list[str]:
    """The targets that the archive holds. A workbook without texts may name a part for them and not hold it."""
    return [target for target in _targets(archive, part, kind).values() if target in archive]


def _relationship_id(attributes: Attributes) -> str:
    return next((value for name, value in attributes.items() if name == "id" or name.endswith(":id")), "")


def _targets(archive: Archive, part: str, kind: str) -> Mapping[str, str]:
    """The parts to which a part refers, by relationship id; only those inside the archive."""
    folder, file = posixpath.split(part)
    relationships = posixpath.join(folder, "_rels", f"{file}.rels")
    found: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        is_inside = attributes.get("TargetMode", "Internal") == "Internal"
        if name == "Relationship" and is_inside and attributes["Type"].rpartition("/")[2] == kind:
            target = attributes["Target"].replace("\\", "/")
            found[attributes["Id"]] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )

    if relationships in archive:
        parse(archive, relationships, start)
    return found


def _read_texts(archive: Archive, part: str) -> list[str]:
    """The shared texts. The runs of a rich text are joined; its phonetic guide is left out."""
    texts: list[str] = []
    runs: list[tuple[list[str], str]] = []
    state = {"phonetic": False, "text": False}
    look = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal look
        if name == "si":
            runs.clear()
            look = ""
        elif name == "r":
            look = ""
        elif name in ("vertAlign", "strike"):
            look = look_of(name, attributes) or look
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["text"] = not state["phonetic"]
            runs.append(([], look))

    def end(name: str) -> None:
        if name == "si":
            texts.append(joined([(unescape("".join(pieces)), its_look) for pieces, its_look in runs]))
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "t":
            state["text"] = False

    def characters(text: str) -> None:
        if state["text"]:
            runs[-1][0].append(text)

    parse(archive, part, start, end, characters)
    return texts


def _read_styles(archive: Archive, part: str) -> Styles:
    """How cell styles and conditional styles show numbers. Conditional styles have format ids of their own."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    conditional: list[tuple[int, str | None]] = []
    within: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        within.append(name)
        if name == "numFmt" and "numFmts" in within:
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "dxf":
            conditional.append((0, None))
        elif name == "numFmt" and conditional:
            conditional[-1] = int(attributes.get("numFmtId", "0")), attributes.get("formatCode")
        elif name == "xf" and "cellXfs" in within:
            formats.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        within.pop()

    parse(archive, part, start, end)
    dates = {style for style, number in enumerate(formats) if is_date_format(number, codes.get(number))}
    shown = {
        style: number_format(code_of(number, codes.get(number)))
        for style, number in enumerate(formats)
        if style not in dates
    }
    return Styles(
        frozenset(dates),
        {style: found for style, found in shown.items() if not found.shows_every_number},
        {
            style: None if is_date_format(number, code) else number_format(code_of(number, code))
            for style, (number, code) in enumerate(conditional)
            if is_date_format(number, code) or not number_format(code_of(number, code)).shows_every_number
        },
    )


def unescape(text: str) -> str:
    """The text with `_x0000_` to `_xFFFF_` replaced by their characters, except halves of surrogate pairs.

    >>> unescape("a_x000D_b_x005F_x000D_"), unescape("_xD83D_")
    ('a\\rb_x000D_', '_xD83D_')
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)
