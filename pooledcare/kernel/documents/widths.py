"""How wide the columns of a printed table are, so that no figure is broken over two lines. For PDF and Word alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Centimetres between the margins of the page, and of white beside the text of each cell, both sides together.
TEXT_WIDTH = 16.2
_PADDING = 0.4
# Of letters, in points.
SIZES = (9.5, 8.5, 7.5, 6.5)
# A size, and how many characters of a text should fit on a line of its column. The first choice in which all columns
# fit is taken; the last is also taken for tables that are too wide for a page.
_CHOICES = ((9.5, 20), (8.5, 20), (8.5, 12), (7.5, 12), (7.5, 0), (6.5, 0))
# Of the size of the letters: a digit of Arial is 0.556 wide, a comma 0.278, most letters less than 0.62, even in bold.
_DIGIT, _MARK, _LETTER = 0.56, 0.28, 0.62
_CENTIMETRES = 2.54 / 72
# In a table, a word with more characters may be broken.
LONGEST_WORD = 18
# In a table that does not fit, a word or figure with more characters may be broken.
LONGEST_IN_NARROW = 5


@dataclass(frozen=True)
class Fitted:
    """The size of the letters in points, and the width of each column in centimetres.

    If not all columns fit, figures must be broken over several lines.
    """

    size: float
    widths: tuple[float, ...]
    fits: bool = True


def fitted(columns: Sequence[Sequence[str]], figures: Sequence[bool]) -> Fitted:
    """How a table is best set across the page.

    `columns` are the texts of each column from its heading to its totals; `figures` says which columns are of figures.
    They get what they need, and columns of words share the rest by the length of their texts.
    """
    for size, words in _CHOICES:
        needs = [_needed(texts, size, 0 if figure else words) for texts, figure in zip(columns, figures, strict=True)]
        if sum(needs) <= TEXT_WIDTH:
            break
    left = TEXT_WIDTH - sum(needs)
    if left < 0:
        return Fitted(size, tuple(need * TEXT_WIDTH / sum(needs) for need in needs), fits=False)
    wishes = [0 if figure else min(max(map(len, texts)), 40) for texts, figure in zip(columns, figures, strict=True)]
    if not any(wishes):
        wishes = [1] * len(columns)
    return Fitted(size, tuple(need + left * wish / sum(wishes) for need, wish in zip(needs, wishes, strict=True)))


def _needed(texts: Sequence[str], size: float, words: int) -> float:
    """The width of the longest figure or word, or of a line of `words` characters if that is wider."""
    longest = max(max(map(_width, _unbroken(text)), default=0.0) for text in texts)
    line = max(_width(text[:words]) for text in texts)
    return max(longest, line) * size * _CENTIMETRES + _PADDING


def _unbroken(text: str) -> list[str]:
    return [text] if is_amount(text) else [word[:LONGEST_WORD] for word in text.split()]


def _width(text: str) -> float:
    return sum(_MARK if each in ",. " else _LETTER if each.isalpha() else _DIGIT for each in text)


def is_amount(text: str) -> bool:
    """Whether a cell is a number with its sign and unit, and nothing else.

    >>> is_amount("−£1,234.50"), is_amount("£1.06 billion"), is_amount("2024 to 2025"), is_amount("Not reported")
    (True, True, False, False)
    """
    return any(map(str.isdigit, text)) and (" " not in text or text.endswith(("million", "billion")))
