"""The sections of a number format: which numbers each is for, and how it writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

from pooledcare.kernel.units import Unit, unit_of

_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|_.|\*(.)|\[([^\]]*)\]|(general)|(E[+-][0#?]+)|(.)', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]*\.?[0-9]+(?:E[+-]?[0-9]{1,3})?)", re.IGNORECASE)
_RED = re.compile(r"red|color ?3", re.IGNORECASE)
_EXACT = Context(prec=2_000, rounding=ROUND_HALF_UP)
_FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # as many as a spreadsheet shows
MINUSES = "-\u2212\u2013\u2010\u2011"


@dataclass
class Section:
    """One part of a number format, for some numbers: the text around the digits, and how the digits are written."""

    before: str = ""
    after: str = ""
    between: str = ""
    digits: str = ""  # the placeholders, commas and the point, without any other text
    texts_between: dict[int, str] = field(default_factory=dict)  # text between digits, by the placeholders before it
    condition: tuple[str, Decimal] | None = None
    is_red: bool = False
    is_general: bool = False
    is_text: bool = False
    is_approximate: bool = False  # a fraction, or scientific notation: the same number in other writing
    percents: int = 0

    @property
    def has_number(self) -> bool:
        return bool(self.digits) or self.is_general

    @property
    def scale(self) -> Decimal:
        """The number is divided by this before it is shown: 1,000 for each comma after the digits, 1/100 for each %."""
        whole, _, decimals = self.digits.partition(".")
        commas = sum(len(part) - len(part.rstrip(",")) for part in (whole, decimals))
        return Decimal(1000) ** commas / Decimal(100) ** self.percents

    @property
    def literal(self) -> str:
        return f"{self.before} {self.between} {self.after}"

    @property
    def unit(self) -> Unit:
        return unit_of(self.literal)

    @property
    def shows_nought(self) -> bool:
        return "0" in self.digits or self.is_general or self.is_approximate

    @property
    def has_minus(self) -> bool:
        before, after = self.before.strip(), self.after.strip()
        return (
            any(minus in before for minus in MINUSES)
            or after[-1:] in tuple(MINUSES)
            or ("(" in before and ")" in after)
        )

    def is_for(self, value: Decimal) -> bool:
        if self.condition is None:
            return True
        operator, limit = self.condition
        return {
            "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit,
            "=": value == limit, "<>": value != limit,
        }[operator]  # fmt: skip

    def written(self, value: Decimal, *, is_rounded: bool) -> str:
        """The digits and the text around them, without a sign. `is_rounded` keeps only the decimals that are shown."""
        if not self.has_number:
            return f"{self.before}{self.after}".strip()
        whole, _, decimals = self.digits.partition(".")
        number = self.rounded(value) if is_rounded else _digits(_EXACT.divide(abs(value), self.scale))
        has_groups = "," in whole.rstrip(",")
        text = f"{number:,f}" if has_groups else f"{number:f}"
        if is_rounded and not has_groups and not (self.is_general or self.is_approximate):
            text = _with_placeholders(text, whole.count("0"), decimals)
        return f"{self.before}{self._with_texts_between(text)}{self.after}".strip()

    def rounded(self, value: Decimal) -> Decimal:
        """The number that is shown, without its sign, with the decimals that are shown."""
        number = _EXACT.divide(abs(value), self.scale)
        if self.is_general or self.is_approximate:
            return _digits(number)
        decimals = self.digits.partition(".")[2].rstrip(",")
        return number.quantize(Decimal(1).scaleb(-len(decimals)), context=_EXACT)

    def _with_texts_between(self, text: str) -> str:
        """The digits before the point with the texts between them, counted from the right as a spreadsheet does."""
        if not self.between.strip():
            return text
        whole, point, decimals = text.partition(".")
        places = len([each for each in self.digits.partition(".")[0] if each != ","])
        for before, between in sorted(self.texts_between.items()):
            right = places - before
            if 0 < right < len(whole):
                whole = f"{whole[:-right]}{between}{whole[-right:]}"
        return f"{whole}{point}{decimals}"


def _digits(number: Decimal) -> Decimal:
    return _FIFTEEN_DIGITS.plus(number).normalize()


def sections_of(code: str) -> list[Section]:
    found = [Section()]
    for match in _TOKEN.finditer(code):
        section = found[-1]
        quoted, escaped, fill, bracket, general, exponent, plain = match.groups()
        if plain == ";":
            found.append(Section())
        elif quoted is not None or escaped is not None:
            _add_text(section, quoted if quoted is not None else escaped)
        elif bracket is not None:
            _add_bracket(section, bracket)
        elif fill is not None:
            _add_text(section, fill if fill.isalnum() else "")
        elif general:
            section.is_general = True
            _keep_between(section)
        elif exponent:
            section.is_approximate = True
        elif plain is not None:
            _add_character(section, plain, code[match.start() - 1] if match.start() else "")
    return found


def _add_character(section: Section, character: str, previous: str) -> None:
    if character in "0#?":
        _keep_between(section)
        section.digits += character
    elif character == "." or (character == "," and section.digits and previous in "0#?,."):
        section.digits += character
    elif character == "/" and section.digits and section.digits[-1] in "0#?":
        section.is_approximate = True
    elif character == "@":
        section.is_text = True
    elif character == "%":
        section.percents += 1
        _add_text(section, "%")
    else:
        _add_text(section, character)


def _keep_between(section: Section) -> None:
    """More digits follow: what was taken for the text after the digits is text between them."""
    if section.after and section.has_number:
        section.texts_between[len(section.digits.replace(",", ""))] = section.after
        section.between += section.after
        section.after = ""


def _add_text(section: Section, text: str) -> None:
    if section.has_number:
        section.after += text
    else:
        section.before += text


def _add_bracket(section: Section, text: str) -> None:
    """A colour, a condition, or a currency sign with the language of the format, such as `[$£-809]`."""
    condition = _CONDITION.fullmatch(text.strip())
    if condition:
        section.condition = condition[1], Decimal(condition[2])
    elif text.startswith("$"):
        _add_text(section, text[1:].partition("-")[0])
    elif _RED.fullmatch(text.strip()):
        section.is_red = True


def _with_placeholders(text: str, least_whole: int, decimals: str) -> str:
    """The digits with noughts in front up to `least_whole` digits, and without noughts behind that may be left out."""
    whole, _, after = text.partition(".")
    needed = len(decimals.rstrip(",").rstrip("#"))
    after = after[:needed] + after[needed:].rstrip("0")
    return f"{whole.zfill(least_whole)}.{after}" if after else whole.zfill(least_whole)
