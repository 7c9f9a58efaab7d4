"""The texts of numbers and dates that are stored in a workbook."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?")
# Numbers of up to fifteen digits in shortest form, whose text needs no conversion.
_SHORT_NUMBER = re.compile(r"-?(?=[0-9.]{1,15}$)(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_SECONDS_A_DAY = 86_400


def number_text(stored: str) -> str:
    """The shortest decimal text for the stored number, without an exponent.

    >>> number_text("1055946.0000000001"), number_text("4.3499999999999996"), number_text("-7.1000000000000004E-3")
    ('1055946', '4.35', '-0.0071')
    """
    if _SHORT_NUMBER.fullmatch(stored) or not _NUMBER.fullmatch(stored) or len(stored) > 40:
        return stored
    # The cell was a binary number in Excel; `repr` gives the shortest text that stands for exactly that number.
    text = repr(float(stored))
    if "e" not in text and "n" not in text:  # neither with an exponent nor infinite
        return text.removesuffix(".0")
    shortest = Decimal(text)
    return f"{shortest:f}".removesuffix(".0") if shortest.is_finite() else stored


def date_text(stored: str, *, uses_1904: bool) -> str:
    """
    >>> date_text("45748", uses_1904=False), date_text("44286", uses_1904=True), date_text("45748.5", uses_1904=False)
    ('2025-04-01', '2025-04-01', '2025-04-01T12:00:00')
    >>> date_text("2958465", uses_1904=True)
    '2958465'
    """
    if not _NUMBER.fullmatch(stored) or len(stored) > 40:
        return stored
    serial = Decimal(stored)
    if not 0 <= serial < 2_958_466:
        return number_text(stored)
    days, fraction = divmod(serial, 1)
    time = timedelta(seconds=round(fraction * _SECONDS_A_DAY))
    # Excel counts a 29 February 1900, so days before it are off by one. Dates in a spreadsheet have no time zone.
    epoch = date(1904, 1, 1) if uses_1904 else date(1899, 12, 30 if days >= 60 else 31)
    try:
        moment = datetime.combine(epoch, datetime.min.time()) + timedelta(days=int(days)) + time
    except OverflowError:  # after the year 9999
        return number_text(stored)
    if days == 0 and fraction:
        return moment.time().isoformat()
    return moment.isoformat() if fraction else moment.date().isoformat()
