"""Amounts with a unit: cells that show something else than the number they hold, and texts such as £1.2m or 50%."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.number_sections import MINUSES
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.units import IN_POUNDS, POUND, Unit, unit_of

READ_WHOLE = "the whole number read, which the workbook shows in thousands or millions"
_SHOW_IT = "Choose a number format that shows the number as it is, such as 0.00"
_PERCENTAGE = "This is a percentage, not an amount"
_AROUND_A_NUMBER = re.compile(r"([^0-9]*?)([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)([^0-9]*)")
_COMMAS_BETWEEN_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DEBIT_OR_CREDIT = re.compile(r"\W*(?:CR|DR|credit|debit|deficit|surplus)\W*", re.IGNORECASE)
_UNIT_ALONE = re.compile(r"[^1-9]*[^0-9.,\s-][^1-9]*")


def unit_of_stored(cell: ShownNumber, unit: Decimal) -> Decimal:
    """The pounds in one unit of the number that a cell holds, if what the cell shows is that amount.

    `unit` is the number of pounds in one unit of the column. With £#,##0,"k" a cell that holds 1234500 shows £1,235k,
    so it is in pounds. Raises `Refused`, with what the cell shows and what it holds, if the two are not one amount.
    """
    if cell.is_percentage:
        fix = "Write the amount in pounds and pence, in a cell with a number format such as 0.00."
        raise Refused.because("PERCENTAGE", _PERCENTAGE, value=cell, fix=fix)
    if cell.unit.pounds is not None and not cell.problem:
        shown_in = unit if cell.unit == IN_POUNDS else cell.unit.pounds
        for stored_in in (POUND, unit):
            if shown_in == cell.scale * stored_in:
                return stored_in
    if _DEBIT_OR_CREDIT.fullmatch(cell.unit.written):
        message = f"The cell shows {cell.shown}, so it is not clear whether the amount is negative"
        fix = f"Put one minus sign in front of a negative amount, and choose a format without “{cell.unit.written}”."
        raise Refused.because("SIGN_UNCLEAR", message, value=cell, fix=fix)
    shown = f"shows {cell.shown}" if cell.shown else "shows nothing"
    message = f"The cell {shown}, but holds the number {cell.stored}"
    if cell.problem == "beneath":
        message = f"The cell lies beneath a merged cell, where nobody sees it, but holds the number {cell.stored}"
    if cell.problem == "conditional":
        message = f"The cell holds the number {cell.stored}, and a conditional format may show it in another way"
    if cell.problem == "sign" and cell.stored.startswith("-"):
        message = f"The number format of the cell may hide that its number is negative: {cell.stored}"
    raise Refused.because(_code(cell), message, value=cell, fix=_fix(cell, unit))


def _code(cell: ShownNumber) -> str:
    if cell.problem or cell.unit == IN_POUNDS:
        return "SHOWN_OTHERWISE"
    return "CURRENCY" if _is_currency(cell.unit) else "UNIT"


def _fix(cell: ShownNumber, unit: Decimal) -> str:
    if cell.problem == "beneath":
        return "Split the merged cell, then clear this one or correct its amount."
    if cell.problem == "conditional":
        return "Remove the number format from the conditional format, and check the amount."
    if cell.problem == "hidden":
        return "Clear the cell, or choose a number format that shows the amount."
    if cell.problem:
        return f"{_SHOW_IT}, and correct the amount."
    if cell.unit == IN_POUNDS or unit != POUND:
        return f"{_SHOW_IT}, and check that it is in the unit of the column."
    without = f"choose a number format without “{cell.unit.written}”"
    if cell.unit.pounds is None:
        return f"Write the amount in pounds, and {without}."
    meant = _plain(Decimal(cell.stored) / cell.scale * cell.unit.pounds)
    return f"If {cell} is right, enter {meant}; if {cell.stored} pounds are right, only {without}."


def refuse_unit(text: str, unit: Decimal, style: NumberStyle = DECIMAL_POINT) -> None:
    """Raise `Refused` for a text that is a percentage, a unit alone, or a number with a unit. Others are left alone.

    The advice names the amount only if it is clear which number was meant; `style` is how the file writes its numbers.

    >>> refuse_unit("1.2m", POUND)
    Traceback (most recent call last):
    ...
    pooledcare.kernel.problems.Refused: The amount is written in millions of pounds
    """
    if _UNIT_ALONE.fullmatch(text) and _is_other_than_pounds(stated := unit_of(text)):
        fix = f"If the amounts are in {stated.name}, multiply each of them to pounds first, then delete this cell."
        raise Refused.because("UNIT", f"The cell holds a unit, {stated.name}, and not an amount", value=text, fix=fix)
    match = _AROUND_A_NUMBER.fullmatch(text)
    if match is None or unit_of(match[1]) != IN_POUNDS:
        return
    stated = unit_of(match[3])
    if "%" in stated.written:
        raise Refused.because("PERCENTAGE", _PERCENTAGE, value=text, fix="Write the amount in pounds and pence.")
    if _is_other_than_pounds(stated) and unit == POUND:
        fix = "Write it in pounds with digits only."
        if _is_clear(match[2], style):
            is_negative = "(" in match[1] or any(minus in text for minus in MINUSES)
            number = Decimal(match[2].replace(",", "")) * (-1 if is_negative else 1)
            fix = f"{fix[:-1]}: {_plain(number * (stated.pounds or POUND))} if {text} is right."
        raise Refused.because("UNIT", f"The amount is written in {stated.name}", value=text, fix=fix)


def _is_clear(number: str, style: NumberStyle) -> bool:
    """Whether the digits, commas and points can mean only one number.

    >>> _is_clear("1,234.5", DECIMAL_POINT), _is_clear("12,5", DECIMAL_POINT)
    (True, False)
    """
    if style.comma or style.unclear_point or style.unclear_comma:
        return number.isdigit()
    return "," not in number or bool(_COMMAS_BETWEEN_THOUSANDS.fullmatch(number))


def _is_other_than_pounds(stated: Unit) -> bool:
    return stated.pounds not in (None, POUND)


def _is_currency(stated: Unit) -> bool:
    return any(unicodedata.category(character) == "Sc" for character in stated.written)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
