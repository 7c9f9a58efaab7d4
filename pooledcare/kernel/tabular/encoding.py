"""Finding the encoding of a text file, and checking it for what later steps cannot handle.

It can be UTF-8 (with or without a byte order mark), UTF-16 with its mark, or one of the old encodings with one byte for
each character, if nothing contradicts that. Nothing in the file tells these apart: unless somebody has chosen one,
Windows-1252 is taken where it can be, and the other possible ones are named. Anything else is refused, with the place
of the first byte that cannot be read.
"""

import codecs
import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, BinaryIO, NoReturn

import numpy as np

from pooledcare.kernel.problems import Refused, Where
from pooledcare.kernel.tabular.limits import IS_EMPTY, SAVE_AS_UTF8, Limits, refuse
from pooledcare.kernel.tabular.old_encodings import OLD_ENCODINGS, WINDOWS, EncodingChoice, possible_encodings
from pooledcare.kernel.tabular.places import column_letter, count_line_ends

BLOCK = 1 << 20
_IN_MEMORY = 8 * BLOCK

_SAFE = bytes([9, 10, 13, *range(0x20, 0x7F), *range(0x80, 0x100)])
_UNSAFE_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
# The start of a multi-byte UTF-8 character, valid or not (overlong, a surrogate, cut short).
_LIKE_UTF8 = re.compile(rb"[\xc0-\xff][\x80-\xbf]")
_UTF7_POUND = b"+AKM-"
_DELIMITERS = b",;\t|"


@dataclass(frozen=True)
class Text:
    """A file that is UTF-8 from the byte `start` on, after any byte order mark.

    `encoding` is that of the original file, and `choice` says which others are possible. The flags say what later steps
    must look for: `has_marks` is for byte order marks after the first, which are to be left out.
    """

    file: IO[bytes]
    start: int
    encoding: str
    has_controls: bool
    has_long_lines: bool
    has_quotes: bool = False
    has_marks: bool = False
    choice: EncodingChoice | None = None


@dataclass(frozen=True)
class _Broken:
    """Where the first bytes that are not UTF-8 are, and whether they are the end of the file."""

    offset: int
    at_end: bool


def as_utf8(file: BinaryIO, limits: Limits, chosen: str = "") -> Text:
    """The whole file as UTF-8 text, checked without holding it in memory. Raises Refused.

    `chosen` is the old encoding that somebody chose for the file, if anybody did.
    """
    file.seek(0)
    head = file.read(BLOCK)
    if chosen:
        return _as_chosen(file, head, chosen, limits)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        _refuse_encoding("UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse_guess(limits, "UTF-16")
        return _transcoded(file, "utf-16", limits)
    _refuse_other_encodings(head)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    broken = _first_break(file, start)
    if broken is None:
        return _scan(file, start, "utf-8", limits)
    _check_old_encoding(file, broken, marked=start > 0)
    choice = possible_encodings(_high_bytes(file))
    encoding = WINDOWS if WINDOWS in choice.possible else choice.possible[0]
    _refuse_guess(limits, OLD_ENCODINGS[encoding])
    return replace(_transcoded(file, encoding, limits), choice=choice)


def _as_chosen(file: BinaryIO, head: bytes, chosen: str, limits: Limits) -> Text:
    """The file in the encoding that somebody chose. Refused if it is UTF-8 or UTF-16, which files are not by chance."""
    counts = _high_bytes(file)
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if is_utf16 or (counts and _first_break(file, 0) is None):
        what = (
            f"The file is {'UTF-16' if is_utf16 else 'UTF-8'}, but {OLD_ENCODINGS[chosen]} was stated as its encoding"
        )
        refuse("ENCODING", what, fix="Leave the encoding out.")
    return replace(_transcoded(file, chosen, limits), choice=possible_encodings(counts) if counts else None)


def _refuse_encoding(what: str, *, row: int | None = None) -> NoReturn:
    refuse("ENCODING", f"The selected file is not text that we can read: {what}", fix=SAVE_AS_UTF8, row=row)


def _refuse_guess(limits: Limits, encoding: str) -> None:
    if limits.only_utf8:
        what = f"The file looks like {encoding}, but files sent by a system must be UTF-8"
        names = ", ".join(OLD_ENCODINGS)
        fix = f"Send it as UTF-8, or state its encoding in the field encoding, which may be {names}."
        refuse("ENCODING", what, fix=fix if encoding in OLD_ENCODINGS.values() else "Send it as UTF-8.")


def _refuse_other_encodings(head: bytes) -> None:
    if head.startswith((b"+/v8", b"+/v9", b"+/v+", b"+/v/")) or _UTF7_POUND in head:
        _refuse_encoding("UTF-7")
    if head.count(0) * 5 > len(head):
        _refuse_encoding("UTF-16 or UTF-32 without its mark")
    high = len(head.translate(None, bytes(range(0x80))))
    if len(head) >= 8 and high * 10 > len(head) * 4 and not _is_utf8(head):
        _refuse_encoding("neither UTF-8, UTF-16 nor Windows-1252")


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(file: IO[bytes], start: int = 0) -> Iterator[bytes]:
    file.seek(start)
    while block := file.read(BLOCK):
        yield block


def _first_break(file: BinaryIO, start: int) -> _Broken | None:
    """Where the file first is not UTF-8; None if all of it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, pending = start, b""
    for block in _blocks(file, start):
        try:
            if pending or not block.isascii():
                decoder.decode(block)
        except UnicodeDecodeError as error:
            # The position counts from the bytes of the block before that the decoder had kept.
            return _Broken(offset - len(pending) + error.start, at_end=False)
        offset += len(block)
        pending = decoder.getstate()[0]
    return _Broken(offset - len(pending), at_end=True) if pending else None


def _row_at(file: IO[bytes], start: int, offset: int) -> int:
    """The number of the line with the byte at `offset`, for error messages."""
    row, after_return = 1, False
    for block in _blocks(file, start):
        part = block[: max(offset - start, 0)]
        row += count_line_ends(part) - (after_return and part.startswith(b"\n"))
        after_return = part.endswith(b"\r")
        start += len(block)
        if start >= offset:
            break
    return row


def _high_bytes(file: BinaryIO) -> dict[int, int]:
    """How often each byte above 127 occurs."""
    counts = sum(
        (np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256) for block in _blocks(file)),
        start=np.zeros(256, dtype=np.int64),
    )
    return {byte: int(counts[byte]) for byte in range(0x80, 0x100) if counts[byte]}


def _check_old_encoding(file: BinaryIO, broken: _Broken, *, marked: bool) -> None:
    """Refuse unless the file is very likely in an old encoding: no UTF-8 characters and no control characters."""
    row = _row_at(file, 0, broken.offset)
    where = f"byte {broken.offset:,} on line {row:,} is not UTF-8"
    if marked or broken.at_end:
        _refuse_encoding(where, row=row)
    last = b""
    for block in _blocks(file):
        if _LIKE_UTF8.search(last + block):
            _refuse_encoding(f"{where}, but other bytes of the file are", row=row)
        if block.translate(None, _SAFE):
            _refuse_encoding(f"{where}, and the file holds control characters", row=row)
        last = block[-1:]


def _transcoded(file: BinaryIO, encoding: str, limits: Limits) -> Text:
    """A temporary copy in UTF-8, on disk if it is large. It is deleted if the file is refused."""
    with contextlib.ExitStack() as unless_kept:
        copy = unless_kept.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
            for block in _blocks(file):
                copy.write(decoder.decode(block).encode("utf-8"))
            copy.write(decoder.decode(b"", final=True).encode("utf-8"))
        except UnicodeError:
            utf16 = "it is marked as UTF-16, but is not"
            _refuse_encoding(f"it is not {OLD_ENCODINGS[encoding]}" if encoding in OLD_ENCODINGS else utf16)
        text = _scan(copy, 0, encoding, limits)
        unless_kept.pop_all()
    return text


def _scan(file: IO[bytes], start: int, encoding: str, limits: Limits) -> Text:
    """Read all bytes once: refuse NUL and lines that are too long, and note what later steps have to look for."""
    has_controls = has_long_lines = has_content = has_quotes = has_marks = False
    position, tail = start, b""
    for block in _blocks(file, start):
        if 0 in block:
            _refuse_nul(file, start, position + block.index(0))
        has_content = has_content or bool(block.strip())
        has_quotes = has_quotes or b'"' in block
        has_marks = has_marks or (not block.isascii() and codecs.BOM_UTF8 in tail[-2:] + block)
        has_controls = has_controls or bool(block.translate(None, _SAFE)) or _has_unsafe_utf8(tail[-2:] + block)
        data = tail + block
        end, is_long = _walk_lines(data, limits.cell)
        has_long_lines = has_long_lines or is_long
        if is_long and _walk_lines(data, limits.line)[1]:
            _refuse_long_line(file, start, position - len(tail), data, limits)
        position += len(block)
        tail = data[end:]
    if not has_content:
        refuse("EMPTY_FILE", IS_EMPTY, fix="Select a file that has rows in it.")
    return Text(file, start, encoding, has_controls, has_long_lines, has_quotes, has_marks)


def _has_unsafe_utf8(data: bytes) -> bool:
    return not data.isascii() and _UNSAFE_IN_UTF8.search(data) is not None


def _last_line_end(data: bytes, start: int, stop: int) -> int:
    found = data.rfind(b"\n", start, stop)
    return found if found >= 0 else data.rfind(b"\r", start, stop)


def _walk_lines(data: bytes, longest: int) -> tuple[int, bool]:
    """Where the last line starts, and whether any line is longer than `longest`. Jumps by up to `longest` bytes."""
    position, size, failed = 0, len(data), False
    while size - position > longest:
        end = _last_line_end(data, position, position + longest + 1)
        if end < 0:
            failed = True
            end = min(
                (found for found in (data.find(b"\n", position), data.find(b"\r", position)) if found >= 0), default=-1
            )
            if end < 0:
                return position, True
        position = end + 1
    # A carriage return at the very end may be the first half of CRLF.
    return max(position, _last_line_end(data, position, size - data.endswith(b"\r")) + 1), failed


def _refuse_nul(file: IO[bytes], start: int, offset: int) -> NoReturn:
    row = _row_at(file, start, offset)
    file.seek(max(start, offset - BLOCK))
    before = file.read(min(BLOCK, offset - start))
    line = before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :]
    column = column_letter(max(line.count(mark) for mark in _DELIMITERS))
    raise Refused.because(
        "NUL_BYTE",
        "The selected file has a NUL character in it, so it is damaged or not text",
        where=Where(row=row, column=column),
        fix=SAVE_AS_UTF8,
    )


def _refuse_long_line(file: IO[bytes], start: int, above: int, data: bytes, limits: Limits) -> NoReturn:
    position = 0
    while (end := _last_line_end(data, position, position + limits.line + 1)) >= 0:
        position = end + 1
    row = _row_at(file, start, above + position)
    widest = max(data.count(mark, position, position + limits.line) for mark in _DELIMITERS)
    if widest >= limits.columns:
        refuse_columns(limits, row=row)
    line = data[position : position + limits.line]
    if row > 1 and max(map(len, re.split(rb"[,;\t|]", line))) > limits.cell:
        fix = f"Use at most {limits.cell:,} characters in a cell."
        refuse("FIELD_TOO_LONG", f"A cell on line {row:,} is too long", fix=fix, row=row)
    refuse(
        "LINE_TOO_LONG",
        f"Line {row:,} is longer than {limits.line:,} characters",
        fix="Check that the lines of the file end where the rows end.",
        row=row,
    )


def refuse_columns(limits: Limits, *, row: int, sheet: str | None = None) -> NoReturn:
    refuse(
        "TOO_MANY_COLUMNS",
        f"The selected file must have at most {limits.columns:,} columns",
        fix="Delete the columns that are not needed.",
        row=row,
        sheet=sheet,
    )
