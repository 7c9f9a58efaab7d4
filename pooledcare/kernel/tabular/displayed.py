"""Whether the text that a workbook stores for a cell shows the number that it stores, as an ODS workbook does."""

import re
from decimal import Decimal, InvalidOperation

from pooledcare.kernel.number_formats import NumberFormat, ShownNumber
from pooledcare.kernel.number_sections import MINUSES
from pooledcare.kernel.units import IN_POUNDS, Unit, unit_of

_DIGITS = re.compile(r"[0-9]")
# Digits with separators of any language between them: 1,234.50 and 1.234,50 and 1 234,50.
_NUMBER = re.compile(r"[0-9](?:[0-9.,'’٬\s]*[0-9])?|[.,][0-9]+")
_LAST_PART = re.compile(r"[.,]([0-9]+)$")
_ERROR = re.compile(r"#|Err:", re.IGNORECASE)
_OTHER_WRITING = re.compile(r"[0-9.,]+E[+-]?[0-9]+|[0-9]+\s*/\s*[0-9]+", re.IGNORECASE)
_NOUGHTS = re.compile(rf"[0.,\u2014{re.escape(MINUSES)}]")
_LONGEST = 100  # characters, of a number with its unit
_HALF = Decimal("0.500001")  # of the last digit that is shown, with room for how programs round


def as_displayed(number: str, displayed: str, found: NumberFormat) -> str:
    """The text of a cell with the stored number, a number format, and the text that the workbook says it displays.

    The format decides what the cell shows. If the workbook says that it displays something else, that is what the
    sender saw: other words, such as #DIV/0!, are then the text of the cell, and another number is a `ShownNumber` with
    the problem `words`.
    """
    if displayed == number and found.shows_every_number:
        return number
    text = found.shown_as(number)
    shown = " ".join(displayed.split())
    if not shown or (isinstance(text, ShownNumber) and (text.problem or shown == text.shown)):
        return text
    if _agrees(number, text, shown):
        return text
    if not _DIGITS.search(shown) or _ERROR.match(shown):
        return shown
    other = ShownNumber(shown)
    other.stored, other.shown, other.code, other.unit, other.scale = number, shown, "General", IN_POUNDS, Decimal(1)
    other.problem = "words"
    return other


def _agrees(number: str, text: str, shown: str) -> bool:
    try:
        stored = Decimal(number)
    except InvalidOperation:
        return True
    if not stored.is_finite():
        return True
    if len(shown) > _LONGEST:
        return False
    if isinstance(text, ShownNumber):
        unit, value = text.unit, abs(stored / text.scale)
        if _digits(shown) == _digits(text.shown):
            return _same_unit(unit, _without_number(shown))
    else:
        unit, value = IN_POUNDS, abs(stored)
    if value == 0 and _shows_nought(shown, unit):
        return True
    if _OTHER_WRITING.search(shown):
        return True  # 1.2E+05, or a fraction: the same number in other writing
    match = _NUMBER.search(shown)
    if match is None or not _same_unit(unit, f"{shown[: match.start()]} {shown[match.end() :]}"):
        return False
    if stored > 0 and (shown[0] in MINUSES or shown.startswith("(")):
        return False
    return any(abs(_digits_of(match[0]) - value.scaleb(places)) <= _HALF for places in _places(match[0]))


def _shows_nought(shown: str, unit: Unit) -> bool:
    """Whether a dash, or only noughts, are shown for 0. Whether they are pounds or thousands does not matter."""
    said = unit_of(_NOUGHTS.sub(" ", shown))
    return said.pounds is not None and unit.pounds is not None


def _digits(text: str) -> str:
    return "".join(_DIGITS.findall(text))


def _digits_of(text: str) -> Decimal:
    return Decimal(_digits(text))


def _without_number(shown: str) -> str:
    return _NUMBER.sub(" ", shown, count=1)


def _places(text: str) -> tuple[int, ...]:
    """How many decimals the text may have: three digits behind the last separator may be decimals, or a thousand."""
    last = _LAST_PART.search(text)
    if last is None:
        return (0,)
    return (3, 0) if len(last[1]) == 3 else (len(last[1]),)


def _same_unit(unit: Unit, around: str) -> bool:
    said = unit_of(around)
    return said.pounds == unit.pounds and (
        said.pounds is not None or said.written.casefold() == unit.written.casefold()
    )
