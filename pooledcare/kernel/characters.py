"""Characters that are white space, invisible or not allowed in a cell. Python's `str.strip` knows only some of them."""

import re

# The characters for which `str.isspace` is true, and invisible format characters (category Cf) that text copied from a
# web page or a PDF may contain: soft hyphen, zero-width characters, direction marks, byte order mark, tags.
_EDGE_RANGES = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680)),
    *((0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2064), (0x2066, 0x206F), (0x3000, 0x3000)),
    *((0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0001, 0xE0001), (0xE0020, 0xE007F)),
)
EDGES = "".join(chr(point) for first, last in _EDGE_RANGES for point in range(first, last + 1))

# Control characters that no cell may contain. TAB, CR and LF are not among them: the reader of a cell decides on those.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x85\x86-\x9f\u2028\u2029]")


def trim(text: str) -> str:
    """
    >>> trim("\\ufeff 12\\u200b\\u00a0")
    '12'
    """
    return text.strip(EDGES)
