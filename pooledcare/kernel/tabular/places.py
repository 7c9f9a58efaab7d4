"""Places in a file: names of cells, as in a spreadsheet (the first column is A, the 27th AA), and numbers of lines."""

import re
from functools import lru_cache
from string import ascii_uppercase

import numpy as np

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def column_letter(index: int) -> str:
    """
    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(701), column_letter(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=20_000)
def column_index(letters: str) -> int:
    """
    >>> column_index("A"), column_index("AA"), column_index("AAA")
    (0, 26, 702)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_of(reference: str) -> int:
    """The column index, from 0, of a cell such as `D7`. Raises ValueError for other text."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} is not the name of a cell.")
    return column_index(match[1])


def split_reference(reference: str) -> tuple[int, int]:
    """The column index, from 0, and the row number of a cell such as `D7`. Raises ValueError for other text."""
    column = column_of(reference)
    return column, int(reference.lstrip(ascii_uppercase))


def count_line_ends(data: bytes) -> int:
    """The number of line ends: CRLF, LF alone and CR alone. Counting bytes in an array is the fastest way."""
    if b"\r" not in data:
        return data.count(b"\n")
    codes = np.frombuffer(data, dtype=np.uint8)
    returns = codes == 13
    newlines = codes == 10
    pairs = np.count_nonzero(returns[:-1] & newlines[1:])
    return int(np.count_nonzero(newlines) + np.count_nonzero(returns) - pairs)
