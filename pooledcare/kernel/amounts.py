"""Reading one amount as people and publishers write it. An unclear amount is refused, not guessed; no floats are used.

`amount_columns` reads whole columns with the same results. Import both from `pooledcare.kernel.money`.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NoReturn

from pooledcare.kernel.characters import EDGES, TURNING, without_invisible
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.rich_text import RichText
from pooledcare.kernel.shown_amounts import READ_WHOLE, refuse_unit, unit_of_stored
from pooledcare.kernel.units import MILLION, THOUSAND

PENNY = Decimal("0.01")
LARGEST = Decimal("999999999999.99")

# Precise enough that multiplying and quantising never round more than we ask for.
_EXACT = Context(prec=5_000, rounding=ROUND_HALF_EVEN)
_FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)


_MINUSES = "\u2212\u2013\u2010\u2011\ufe63\uff0d"
_GROUP_SPACES = " \u00a0\u2009\u202f\u2007"
_MISSING = frozenset({"", "-", "--", "–", "—", "−", ".", "..", "...", "…", "n/a", "na", "n.a.", "null", "nil", "none"})
_MISSING_WORDS = frozenset(
    {"tbc", "tba", "tbd", "[x]", "[z]", "[c]", "x", "not applicable", "not available", "unknown"}
)

_PLAIN = re.compile(r"([0-9]*)(?:\.([0-9]*))?")
_COMMA_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_SPACE_GROUPS = re.compile(rf"[1-9][0-9]{{0,2}}(?:([{_GROUP_SPACES}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:\.[0-9]*)?")
_NUMBER_WITH_SEPARATORS = re.compile(rf"[0-9][0-9.,'’{_GROUP_SPACES}]*")
_POINT_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?")
_DECIMAL_COMMA = re.compile(rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:[{_GROUP_SPACES}][0-9]{{3}})+),[0-9]*")
_BEFORE_THREE_DIGITS = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
_SCIENTIFIC = re.compile(r"(?=\.?[0-9])[0-9]*+\.?+[0-9]*+[eE][+-]?[0-9]+")
_TRAILING_SIGN = re.compile(r"£?[0-9][0-9,. ]*(?:[-+]| ?(?:CR|DR))", re.IGNORECASE)
_ARITHMETIC = re.compile(r"[+-].*[0-9)][+*^-].+")
_OTHER_CURRENCY = re.compile(r"[^0-9A-Za-z£]|(?:USD|EUR|JPY|CHF|AUD|CAD|INR)", re.IGNORECASE)

_UNITS = {
    Decimal(1): "in pounds and pence",
    THOUSAND: "in thousands of pounds, as the rest of the column is,",
    MILLION: "in millions of pounds, as the rest of the column is,",
}


def how_to_write_an_amount(unit: Decimal = Decimal(1)) -> str:
    """Advice for somebody whose amount cannot be read; `unit` is the number of pounds in one unit of the column.

    >>> how_to_write_an_amount()
    'Write the amount in pounds and pence with digits only, like 1234.56 or -1234.56.'
    """
    meant = _UNITS.get(unit, f"in units of £{unit:,}, as the rest of the column is,")
    return f"Write the amount {meant} with digits only, like 1234.56 or -1234.56."


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in pounds, to the penny. `normalised` says what was tidied in order to read it; None if nothing was."""

    value: Decimal
    normalised: str | None = None


def parse_amount(text: str, unit: Decimal = Decimal(1)) -> Decimal:
    """The amount in a cell or a field, in pounds. Raises `Refused`, as `read_amount` does.

    >>> parse_amount("(£1,234)")
    Decimal('-1234.00')
    """
    return read_amount(text, unit).value


def read_amount(text: str, unit: Decimal = Decimal(1), style: NumberStyle = DECIMAL_POINT) -> Amount:
    """The amount in pounds, and what was tidied to read it. Raises `Refused` with one problem, with a stable code.

    `unit` is 1 for a column in pounds and 1,000 for one in £k. In pounds, parts of a penny are refused, because
    rounding would change the amount. In other units any number of decimals is allowed, and the product is rounded once,
    half-even, to the penny.

    The number in a workbook that is shown as something else (`ShownNumber`) is read only if what is shown is the same
    amount, such as £1,235k for 1234500.

    `style` is what the file around it shows of how its amounts are written.
    """
    if isinstance(text, ShownNumber):
        read = _Reading(text.stored, unit_of_stored(text, unit), DECIMAL_POINT).amount()
        return Amount(read.value, "; ".join(filter(None, (READ_WHOLE, read.normalised))))
    if isinstance(text, RichText):
        message = f"The cell shows {text.looks}: some of its digits are raised, lowered or struck out"
        fix = "Write only the amount, all in the same way, and put remarks into another cell."
        raise Refused.because("SHOWN_OTHERWISE", message, value=text.looks, fix=fix)
    return _Reading(text, unit, style).amount()


class _Reading:
    """Reads one cell step by step: `rest` is the text still to be read, `notes` say what was tidied so far."""

    def __init__(self, text: str, unit: Decimal, style: NumberStyle) -> None:
        self.original = text
        self.unit = unit
        self.style = style
        self.notes: list[str] = []
        self.negative: bool  # set by _take_brackets_signs_and_pounds
        trimmed = text.strip(EDGES)
        if trimmed != text:
            self.notes.append("spaces around the amount removed")
        self.rest = without_invisible(trimmed)
        if self.rest != trimmed:
            self.notes.append("invisible characters removed")

    def amount(self) -> Amount:
        self._refuse_what_is_not_a_number()
        self._take_brackets_signs_and_pounds()
        self._take_groups()
        value = self._plain()
        if value == 0 and self.negative:
            self.notes.append("minus sign of zero removed")
        value = -value if self.negative else value
        return Amount(value, "; ".join(dict.fromkeys(self.notes)) or None)

    def _refuse(self, code: str, message: str, fix: str = "") -> NoReturn:
        raise Refused.because(code, message, value=self.original, fix=fix or how_to_write_an_amount(self.unit))

    def _refuse_what_is_not_a_number(self) -> None:
        text = self.rest
        if text.casefold() in _MISSING or text.casefold() in _MISSING_WORDS:
            self._refuse(
                "REQUIRED", "Enter an amount", "Enter the amount. A blank is never read as 0: enter 0 if it is nil."
            )
        if "\u00ad" in self.original:
            self._refuse(
                "SIGN_UNCLEAR",
                "There is a soft hyphen in the amount (U+00AD), which some programs show as a minus sign",
                "Type the amount again, with a minus sign in front if it is negative.",
            )
        if turning := TURNING.search(text):
            self._refuse(
                "NOT_A_NUMBER",
                f"The amount has a hidden character in it (U+{ord(turning.group()):04X})",
                "Type the amount again.",
            )
        if text.startswith("#"):
            self._refuse(
                "EXCEL_ERROR",
                "The cell holds a spreadsheet error, not an amount",
                "Correct the formula, or enter the amount.",
            )
        if text[0] in "=@＝＠" or _ARITHMETIC.fullmatch(text):
            self._refuse(
                "FORMULA", "The cell holds a formula, not an amount", "Enter the amount that the formula gives."
            )
        refuse_unit(text, self.unit, self.style)
        if any(character.isnumeric() and not character.isascii() for character in text):
            self._refuse("NON_ASCII_DIGITS", "The amount is written with digits other than 0 to 9")

    def _take_brackets_signs_and_pounds(self) -> None:
        """Take off one pair of brackets, one sign and one pound sign, in any order, and set `negative`."""
        self._take_pounds()
        bracketed = self.rest.startswith("(") and self.rest.endswith(")")
        if bracketed:
            self._tidy(self.rest[1:-1], "brackets read as a minus sign")
            self._take_pounds()
        signed = self._take_sign()
        if signed:
            self._take_pounds()
        if (bracketed and signed) or self.rest[:1] in set("+-" + _MINUSES) or _TRAILING_SIGN.fullmatch(self.rest):
            self._refuse(
                "SIGN_UNCLEAR",
                "It is not clear whether the amount is negative",
                "Put one minus sign in front of a negative amount, like -1234.56.",
            )
        self.negative = bracketed or signed == "-"

    def _take_sign(self) -> str:
        first = self.rest[:1]
        if first == "-":
            rest = self.rest[1:].lstrip(EDGES)
            if rest != self.rest[1:]:
                self.notes.append("spaces after the minus sign removed")
            self.rest = rest
            return "-"
        if first and first in _MINUSES:
            self._tidy(self.rest[1:], "dash read as a minus sign")
            return "-"
        if first == "+":
            self._tidy(self.rest[1:], "plus sign removed")
            return "+"
        return ""

    def _take_pounds(self) -> None:
        if self.rest.startswith("£"):
            self._tidy(self.rest[1:], "pound sign removed")
        elif self.rest[:3].upper() == "GBP":
            self._tidy(self.rest[3:], "GBP removed")
        elif self.rest[-3:].upper() == "GBP":
            self._tidy(self.rest[:-3], "GBP removed")

    def _tidy(self, rest: str, note: str) -> None:
        self.rest = rest.strip(EDGES)
        self.notes.append(note)

    def _take_groups(self) -> None:
        text = self.rest
        self._refuse_doubtful_style(text)
        if self.style.has_decimal_comma:
            self._take_decimal_comma(text)
            return
        if _PLAIN.fullmatch(text):
            return
        if _COMMA_GROUPS.fullmatch(text):
            self._tidy(text.replace(",", ""), "commas between thousands removed")
        elif _SPACE_GROUPS.fullmatch(text):
            self._tidy(re.sub(f"[{_GROUP_SPACES}]", "", text), "spaces between thousands removed")
        else:
            self._refuse_unreadable(text)

    def _refuse_doubtful_style(self, text: str) -> None:
        """Refuse an amount whose point or comma can mean either thousands or decimals, as far as the file shows."""
        style, match = self.style, _BEFORE_THREE_DIGITS.fullmatch(text)
        if style.is_mixed and (match or _POINT_GROUPS.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text)):
            self._refuse(
                "AMBIGUOUS_NUMBER",
                f"The file has a decimal point in one amount ({style.point}) and a decimal comma in another "
                f"({style.comma}), so this amount could mean more than one number",
            )
        if match and (example := style.unclear(match[1])):
            mark = "point" if match[1] == "." else "comma"
            number = example.partition(" ")[0]
            thousands, decimal = number.replace(".", ","), number.replace(",", ".")
            if decimal.endswith("0"):
                decimal = decimal[:-1]
            self._refuse(
                "AMBIGUOUS_NUMBER",
                f"It is not clear what a {mark} before three digits means in this file: {example} could be "
                f"{thousands} or {decimal}",
            )

    def _take_decimal_comma(self, text: str) -> None:
        """Read the amount as written with a decimal comma, and perhaps with points between thousands."""
        if text.isascii() and text.isdigit():
            return
        if _BEFORE_THREE_DIGITS.fullmatch(text) and "," in text:
            self._refuse(
                "AMBIGUOUS_NUMBER",
                f"The file has a decimal comma ({self.style.comma}), so this amount could mean thousands or decimals",
            )
        if _POINT_GROUPS.fullmatch(text):
            self._tidy(text.replace(".", ""), "points between thousands removed")
        elif "." in text and _NUMBER_WITH_SEPARATORS.fullmatch(text):
            self._refuse(
                "AMBIGUOUS_NUMBER",
                f"The file has a decimal comma ({self.style.comma}), so the point in this amount is not clear",
            )
        if _DECIMAL_COMMA.fullmatch(self.rest):
            bare = re.sub(f"[{_GROUP_SPACES}]", "", self.rest)
            if bare != self.rest:
                self.notes.append("spaces between thousands removed")
            self._tidy(bare.replace(",", "."), "decimal comma read as a decimal point")
        elif _SPACE_GROUPS.fullmatch(self.rest):
            self._tidy(re.sub(f"[{_GROUP_SPACES}]", "", self.rest), "spaces between thousands removed")
        elif not _PLAIN.fullmatch(self.rest):
            self._refuse_unreadable(self.rest)

    def _refuse_unreadable(self, text: str) -> None:
        """Refuse with a particular reason if there is one; `_plain` refuses anything else that is not a number."""
        if _SCIENTIFIC.fullmatch(text):
            self._refuse(
                "SCIENTIFIC",
                "The amount is in scientific notation, so some of its digits may be lost",
                "Format the column as a number with 2 decimal places and save the file again.",
            )
        if _NUMBER_WITH_SEPARATORS.fullmatch(text):
            self._refuse(
                "AMBIGUOUS_NUMBER", "The commas, points or spaces in the amount could mean more than one number"
            )
        if self._names_another_currency(text):
            self._refuse(
                "CURRENCY",
                "The amount has a sign that is not the pound sign",
                "Enter the amount with £ or no sign. If the sign was a £, save the file as CSV UTF-8.",
            )
        hidden = [character for character in text if unicodedata.category(character) in ("Cf", "Cc")]
        if hidden:
            self._refuse(
                "NOT_A_NUMBER",
                f"The amount has a hidden character in it (U+{ord(hidden[0]):04X})",
                "Type the amount again.",
            )

    def _names_another_currency(self, text: str) -> bool:
        """Whether it has another currency, as in `$100` or `100 EUR`, or a pound sign in a wrong encoding (`Â£100`)."""
        bare = text.lstrip("Â").lstrip("£") if text.startswith("Â£") else text
        for mark, number in (
            (bare[:1], bare[1:]),
            (bare[:3], bare[3:]),
            (bare[-1:], bare[:-1]),
            (bare[-3:], bare[:-3]),
        ):
            number = number.strip(EDGES)
            is_mark = bool(_OTHER_CURRENCY.fullmatch(mark)) and (len(mark) == 3 or not mark.isascii() or mark == "$")
            if is_mark and _NUMBER_WITH_SEPARATORS.fullmatch(number):
                return True
        return bool(_NUMBER_WITH_SEPARATORS.fullmatch(bare))

    def _plain(self) -> Decimal:
        match = _PLAIN.fullmatch(self.rest)
        whole, decimals = (match.group(1), match.group(2)) if match else ("", None)
        if not whole and not decimals:
            self._refuse("NOT_A_NUMBER", "This is not an amount")
        if not whole or decimals == "":
            self.notes.append("written with digits on both sides of the point")
        if len(whole.lstrip("0")) > 12:
            self._refuse_too_large()
        if len(whole) > 12:
            self.notes.append("leading zeros removed")
        number = Decimal(f"{whole}.{decimals or '0'}")
        if self.unit == 1:
            number = self._without_parts_of_a_penny(number, decimals or "")
        value = to_the_penny(_EXACT.multiply(number, self.unit))
        if value > LARGEST:
            self._refuse_too_large()
        return value

    def _without_parts_of_a_penny(self, number: Decimal, decimals: str) -> Decimal:
        """The number if it is in whole pennies, or else a refusal: an amount in pounds is never rounded."""
        if len(decimals.rstrip("0")) <= 2:
            if len(decimals) > 2:
                self.notes.append("zeros after the pence removed")
            return number
        # A spreadsheet keeps only the first 15 digits that somebody types. If a stored number has 16 or 17 digits, the
        # last ones come from binary arithmetic (0.1 + 0.2 is stored as 0.30000000000000004) and are not displayed.
        as_displayed = _FIFTEEN_DIGITS.plus(number)
        if len(number.as_tuple().digits) not in (16, 17) or to_the_penny(as_displayed) != as_displayed:
            fix = "Round the amount to pounds and pence."
            if _BEFORE_THREE_DIGITS.fullmatch(self.rest):
                fix += f" If the point stands between thousands, write {self.rest.replace('.', '')}."
            self._refuse("TOO_MANY_DECIMALS", "The amount has parts of a penny", fix)
        self.notes.append("digits beyond the fifteenth, left by the spreadsheet's arithmetic, removed")
        return as_displayed

    def _refuse_too_large(self) -> NoReturn:
        self._refuse("TOO_LARGE", "The amount is larger than £999,999,999,999.99", "Check the amount and its unit.")


def to_the_penny(amount: Decimal) -> Decimal:
    """Round half-even to the penny. All rounding of money uses this."""
    return amount.quantize(PENNY, context=_EXACT)


def as_text(amount: Decimal) -> str:
    """An amount as the API and files write it: two decimals, no separators. Raises ValueError for parts of a penny.

    >>> as_text(Decimal("1234.5"))
    '1234.50'
    """
    if to_the_penny(amount) != amount:
        raise ValueError(f"{amount} is not in whole pennies.")
    value = to_the_penny(amount)
    return f"{abs(value) if value == 0 else value:f}"


def thousands(text: str) -> Decimal:
    """The amount in pounds of a published cell in £k, rounded once, half-even, to the penny. Raises `Refused`.

    >>> thousands(" 101,260,119 "), thousands("5125.6543")
    (Decimal('101260119000.00'), Decimal('5125654.30'))
    """
    return parse_amount(text, THOUSAND)


def millions(text: str) -> Decimal:
    """The amount in pounds of a published cell in £m; otherwise like `thousands`."""
    return parse_amount(text, MILLION)
