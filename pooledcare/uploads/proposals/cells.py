"""What a cell holds, as far as proposing a layout needs it: a number, a percentage, a marker, or other text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from pooledcare.kernel.characters import trim, without_invisible
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.units import unit_of


class Kind(Enum):
    BLANK = "blank"
    NUMBER = "number"
    PERCENTAGE = "percentage"
    MARKER = "marker"  # a text that is often written for “not reported”
    BROKEN = "broken"  # a number after one strange character, which may be a broken pound sign
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is the number as it stands, without its unit; `mark` the strange character in front of it.

    `stored_in` is the pounds in one unit of the number, if the cell itself shows it: by its number format, or in its
    text. `has_pound` says whether it has a pound sign.
    """

    kind: Kind
    value: Decimal | None = None
    mark: str = ""
    stored_in: Decimal | None = None
    has_pound: bool = False


BLANK = Cell(Kind.BLANK)
TEXT = Cell(Kind.TEXT)
MARKERS = frozenset(
    {
        *("na", "n/a", "n.a.", "..", "...", "…", "-", "--", "–", "—", "[x]", "[z]", "[c]", "[low]", "x", "z", "c", ":"),
        *("*", "tbc", "tba", "tbd", "n/k", "not available", "not applicable", "not reported", "unknown", "null"),
    }
)
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-\u2212\u2013])?(?P<pound>£|GBP)?\s*(?P<sign2>[-\u2212\u2013])?"
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(?P<unit>%|k|m|mn|bn)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_COMMA_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-\u2212\u2013])?(?P<pound>£|GBP)?\s*(?P<sign2>[-\u2212\u2013])?"
    r"(?P<number>[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+(?:,[0-9]*)?)\s*(?P<unit>%)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_BROKEN = re.compile(r"([^\x00-\x7f£€]{1,3})\s*(?=[0-9])")
_LONGEST_NUMBER = 40


def look(text: str, *, comma: bool = False) -> Cell:
    """What a cell holds. With `comma`, numbers have a decimal comma.

    >>> look("£1,234.50").value, look("2.5%").kind, look("[x]").kind, look("North West").kind
    (Decimal('1234.50'), <Kind.PERCENTAGE: 'percentage'>, <Kind.MARKER: 'marker'>, <Kind.TEXT: 'text'>)
    """
    if type(text) is str and not comma and len(text) <= _LONGEST_NUMBER and _PLAIN_NUMBER.fullmatch(text):
        return Cell(Kind.NUMBER, Decimal(text))  # as most cells of workbooks are
    if isinstance(text, ShownNumber):
        if text.is_percentage:
            return Cell(Kind.PERCENTAGE)
        shown = text.unit.pounds if text.unit.written and not text.problem else None
        stored_in = shown / text.scale if shown is not None and text.scale else None
        return Cell(Kind.NUMBER, Decimal(text.stored), stored_in=stored_in, has_pound="£" in text.shown)
    return _look(str(text), comma)


@lru_cache(maxsize=100_000)
def _look(text: str, comma: bool) -> Cell:
    bare = trim(without_invisible(text))
    if not bare:
        return BLANK
    if bare.casefold() in MARKERS or (len(bare) > 2 and set(bare) == {"#"}):
        return Cell(Kind.MARKER)
    if len(bare) > _LONGEST_NUMBER:
        return TEXT
    found = (_COMMA_NUMBER if comma else _NUMBER).fullmatch(bare)
    if found is not None:
        return _number(found, comma=comma)
    broken = _BROKEN.match(bare)
    if broken is not None:
        rest = _look(bare[broken.end() :], comma)
        if rest.kind is Kind.NUMBER:
            return Cell(Kind.BROKEN, rest.value, mark=broken[1])
    return TEXT


def _number(found: re.Match[str], *, comma: bool) -> Cell:
    unit = found["unit"] or ""
    if unit == "%":
        return Cell(Kind.PERCENTAGE)
    digits = re.sub(r"[\s\u00a0\u2009\u202f]", "", found["number"])
    digits = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
    value = Decimal(digits if not digits.endswith(".") else digits[:-1])
    signs = sum(bool(found[name]) for name in ("sign", "sign2"))
    is_bracketed = bool(found["open"] and found["close"])
    if signs + is_bracketed == 1:
        value = -value
    stored_in = unit_of(unit).pounds if unit else None
    return Cell(Kind.NUMBER, value, stored_in=stored_in, has_pound=bool(found["pound"]))
