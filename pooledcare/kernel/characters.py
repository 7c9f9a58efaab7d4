"""Characters that are white space, invisible or not allowed in a cell. Python's `str.strip` knows only some of them."""

import re
from collections.abc import Iterable

# The characters for which `str.isspace` is true, and invisible format characters (category Cf) that text copied from a
# web page or a PDF may contain: soft hyphen, zero-width characters, direction marks, byte order mark, tags.
_EDGE_RANGES = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680)),
    *((0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202A), (0x202C, 0x202D), (0x202F, 0x202F), (0x205F, 0x2064)),
    *((0x2066, 0x2066), (0x2068, 0x206F), (0x3000, 0x3000)),
    *((0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0001, 0xE0001), (0xE0020, 0xE007F)),
)
# Those that turn the text after them round (TURNING) are left out, because without them the text looks different.
EDGES = "".join(chr(point) for first, last in _EDGE_RANGES for point in range(first, last + 1))

# Control characters that no cell may contain. TAB, CR and LF are not among them: the reader of a cell decides on those.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x85\x86-\x9f\u2028\u2029]")


def trim(text: str) -> str:
    """
    >>> trim("\\ufeff 12\\u200b\\u00a0")
    '12'
    """
    return text.strip(EDGES)


# Characters that make the text after them run from right to left: what people see is then not what a program reads.
TURNING = re.compile("[\u202b\u202e\u2067]")

# Other characters that cannot be seen. Joiners and the like are among them only after a plain letter or digit: after
# any other character, as inside an emoji, they belong to it.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a\u202c\u202d\u2060-\u2066\u2068-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0001]"
)
_JOINERS = re.compile(
    "(?<![^\x00-\x7f])[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]+(?!\u20e3)"
)


def without_invisible(text: str) -> str:
    """The text without characters that cannot be seen, except those that turn it round (TURNING).

    >>> without_invisible("nhs-\\u200bcore"), without_invisible("\\u2066QSL\\u2069")
    ('nhs-core', 'QSL')
    """
    if text.isascii():
        return text
    seen = _JOINERS.sub("", _INVISIBLE.sub("", text))
    return text if seen == text else seen


def holds_any(texts: Iterable[str], characters: bytes) -> bool:
    """Whether any of the texts has any of these ASCII characters. Fast for a whole column.

    >>> holds_any(["1.50", "2"], b"abc"), holds_any(["1.50", "b"], b"abc")
    (False, True)
    """
    joined = "".join(texts).encode("utf-8", "surrogatepass")
    return len(joined.translate(None, characters)) < len(joined)
