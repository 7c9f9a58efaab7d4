"""Encodings from before UTF-8, in which spreadsheets still save CSV. Nothing in a file says which of them it has.

The same byte is a pound sign in one and œ in another, so a person has to look at the text. This module finds the texts
to look at, and which encodings are possible.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pooledcare.kernel.tabular.places import column_letter, count_line_ends

WINDOWS = "windows-1252"
# By their names at IANA, which are also Python's names. Where two read a file alike, only the first is offered.
OLD_ENCODINGS = {
    WINDOWS: "Windows-1252",
    "ibm850": "MS-DOS (850)",
    "macintosh": "Macintosh",
    "ibm437": "MS-DOS (437)",
}
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", **OLD_ENCODINGS}

# Characters beyond ASCII that English text about money and places often has, and those that it may have. Used only to
# say which encoding is likely.
_OFTEN = frozenset("£–’‘“”•éèêëáàâíîïóôöúûüçñ½°\u00a0")
_SOMETIMES = frozenset("€—…·×¼¾²³©®™§äãåìòõùøæßÉÀÂÄÅÇÖÜØ")
_STRANGE_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
MOST_TEXTS = 20
_LONGEST_TEXT = 300


@dataclass(frozen=True)
class StrangeText:
    """The bytes of a cell with characters beyond ASCII, as Latin-1, which keeps every byte; and the cell's place."""

    row: int
    column: str
    raw: str

    def read_as(self, encoding: str) -> str:
        return self.raw.encode("latin-1").decode(encoding, errors="replace")


@dataclass(frozen=True)
class EncodingChoice:
    """How a file in an old encoding can be read: the possible encodings, the likeliest first.

    `is_doubtful` says that Windows-1252, which is most common by far, is not the likeliest or not possible.
    """

    possible: tuple[str, ...]
    is_doubtful: bool
    texts: tuple[StrangeText, ...] = ()


def possible_encodings(counts: Mapping[int, int]) -> EncodingChoice:
    """The encodings that can read these bytes; `counts` says how often each byte above 127 occurs.

    >>> possible_encodings({0x9C: 1}).possible, possible_encodings({0xA3: 1}).is_doubtful
    (('ibm850', 'macintosh', 'windows-1252'), False)
    """
    readings: dict[str, str] = {}
    for encoding in OLD_ENCODINGS:
        try:
            reading = bytes(counts).decode(encoding)
        except UnicodeDecodeError:
            continue
        if reading not in readings.values():
            readings[encoding] = reading
    scores = {
        encoding: sum(count * _likelihood(character) for character, count in zip(reading, counts.values(), strict=True))
        for encoding, reading in readings.items()
    }
    ranked = sorted(scores, key=lambda encoding: -scores[encoding])
    return EncodingChoice(tuple(ranked), ranked[0] != WINDOWS)


def _likelihood(character: str) -> int:
    return 2 if character in _OFTEN else 1 if character in _SOMETIMES else -1


def strange_texts(blocks: Iterable[bytes], delimiter: str) -> tuple[StrangeText, ...]:
    """The first different cells with characters beyond ASCII. `blocks` are pieces of the file that end at line ends."""
    found: dict[str, StrangeText] = {}
    row = 1
    for block in blocks:
        position = 0
        for match in _STRANGE_LINE.finditer(block):
            row += count_line_ends(block[position : match.start()])
            position = match.start()
            for index, cell in enumerate(_cells(match.group(), delimiter)):
                raw = cell.decode("latin-1")[:_LONGEST_TEXT]
                if not raw.isascii() and raw not in found:
                    found[raw] = StrangeText(row, column_letter(index), raw)
                    if len(found) == MOST_TEXTS:
                        return tuple(found.values())
        row += count_line_ends(block[position:])
    return tuple(found.values())


def _cells(line: bytes, delimiter: str) -> list[bytes]:
    mark = re.escape(delimiter.encode())
    cells = re.findall(rb"(?:^|" + mark + rb')(?:"((?:[^"]|"")*)"?|([^' + mark + rb"]*))", line)
    return [quoted.replace(b'""', b'"') or plain for quoted, plain in cells]
