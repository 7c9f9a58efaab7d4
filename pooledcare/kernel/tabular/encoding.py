"""Finding the encoding of a text file, and checking it for what later steps cannot handle.

It can be UTF-8 (with or without a byte order mark), UTF-16 with its mark, or Windows-1252 if nothing contradicts that.
Anything else is refused, with the place of the first byte that cannot be read.
"""

import codecs
import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, NoReturn

import numpy as np

from pooledcare.kernel.problems import Refused, Where
from pooledcare.kernel.tabular.limits import IS_EMPTY, SAVE_AS_UTF8, Limits, refuse
from pooledcare.kernel.tabular.places import column_letter

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

    `encoding` is that of the original file. `has_controls` and `has_long_lines` say what later steps must look for.
    """

    file: IO[bytes]
    start: int
    encoding: str
    has_controls: bool
    has_long_lines: bool


@dataclass(frozen=True)
class _Broken:
    """Where the first bytes that are not UTF-8 are, and whether they are the end of the file."""

    offset: int
    at_end: bool


def as_utf8(file: BinaryIO, limits: Limits) -> Text:
    """The whole file as UTF-8 text, checked without holding it in memory. Raises Refused."""
    file.seek(0)
    head = file.read(BLOCK)
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
    _check_windows_1252(file, broken, marked=start > 0)
    _refuse_guess(limits, "Windows-1252")
    return _transcoded(file, "cp1252", limits)


def _refuse_encoding(what: str, *, row: int | None = None) -> NoReturn:
    refuse("ENCODING", f"The selected file is not text that we can read: {what}", fix=SAVE_AS_UTF8, row=row)


def _refuse_guess(limits: Limits, encoding: str) -> None:
    if limits.only_utf8:
        what = f"The file looks like {encoding}, but files sent by a system must be UTF-8"
        refuse("ENCODING", what, fix="Send it as UTF-8.")


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


def count_line_ends(data: bytes) -> int:
    """The number of line ends: CRLF, LF alone and CR alone. Counting bytes in an array is the fastest way."""
    if b"\r" not in data:
        return data.count(b"\n")
    codes = np.frombuffer(data, dtype=np.uint8)
    returns = codes == 13
    newlines = codes == 10
    pairs = np.count_nonzero(returns[:-1] & newlines[1:])
    return int(np.count_nonzero(newlines) + np.count_nonzero(returns) - pairs)


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


def _check_windows_1252(file: BinaryIO, broken: _Broken, *, marked: bool) -> None:
    """Refuse unless the file is very likely Windows-1252: no UTF-8 characters and no bytes that it does not define."""
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
        if len(block.translate(None, b"\x81\x8d\x8f\x90\x9d")) < len(block):
            _refuse_encoding(f"{where}, nor Windows-1252", row=row)
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
            _refuse_encoding(f"it is marked as {encoding.upper()}, but is not")
        text = _scan(copy, 0, encoding, limits)
        unless_kept.pop_all()
    return text


def _scan(file: IO[bytes], start: int, encoding: str, limits: Limits) -> Text:
    """Read all bytes once: refuse NUL and lines that are too long, and note what later steps have to look for."""
    has_controls = has_long_lines = has_content = False
    position, tail = start, b""
    for block in _blocks(file, start):
        if 0 in block:
            _refuse_nul(file, start, position + block.index(0))
        has_content = has_content or bool(block.strip())
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
    return Text(file, start, encoding, has_controls, has_long_lines)


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
