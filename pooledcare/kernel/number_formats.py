"""Number formats of workbooks: what a cell shows for the number that it holds.

A cell may hold 0.5 and show 50%, or hold 1234.5 and show £1,234.5k. `shown_as` tells such cells from those that show
their own number, perhaps rounded. The codes are those of ECMA-376, part 1, section 18.8.31.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from pooledcare.kernel.units import IN_POUNDS, Unit, unit_of

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_PERCENTAGES = {9: "0%", 10: "0.00%"}
# Shown in the currency of whoever opens the workbook, whatever code the workbook states for them.
_BUILT_IN_CURRENCIES = frozenset({*range(5, 9), *range(41, 45)})
_NOT_DATE_PARTS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|_.|\*(.)|\[([^\]]*)\]|(general)|(E[+-][0#?]+)|(.)', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+(?:E[+-]?[0-9]+)?)", re.IGNORECASE)
_PERCENT = re.compile(r"%|per ?cent", re.IGNORECASE)
_RED = re.compile(r"red|color ?3", re.IGNORECASE)
MINUSES = "-\u2212\u2013\u2010\u2011"
_DASH = re.compile(rf"£?\s*[{MINUSES}\u2014]+\s*£?|nil|zero", re.IGNORECASE)


class ShownNumber(str):
    """The text of a number in a workbook that is shown as something else than that number.

    As text it is what the cell shows, but with all decimals of the number: `£1,234.5k`, `2.5%`. `stored` is the number
    in the cell, and `shown` the text in the cell as it is rounded there. The number that is shown, without its unit, is
    the stored number divided by `scale`. `problem` says why the cell shows no number of that unit, if it does not:
    `hidden` if nothing is shown, `sign` if the sign that is shown is not that of the number, `words` for other text.
    """

    __slots__ = ("code", "problem", "scale", "shown", "stored", "unit")

    stored: str
    shown: str
    code: str
    unit: Unit
    scale: Decimal
    problem: str

    @property
    def is_percentage(self) -> bool:
        return bool(_PERCENT.search(self.unit.written))


def is_date_format(number: int, code: str | None) -> bool:
    """Whether a number format shows dates or times: `number` is its id, and `code` its code if the workbook states it.

    >>> is_date_format(14, None), is_date_format(164, "[h]:mm"), is_date_format(164, '0" days"')
    (True, True, False)
    """
    return number in _BUILT_IN_DATES or (code is not None and bool(_DATE_LETTER.search(_NOT_DATE_PARTS.sub("", code))))


def code_of(number: int, code: str | None) -> str:
    """The code of a number format, by its id and the code that the workbook states. General shows plain numbers."""
    if number in _BUILT_IN_CURRENCIES:
        return "General"
    return code or _BUILT_IN_PERCENTAGES.get(number, "General")


@dataclass
class _Section:
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
        number = abs(value) / self.scale
        whole, _, decimals = self.digits.rstrip(",").partition(".")
        if is_rounded and not self.is_general and not self.is_approximate:
            number = number.quantize(Decimal(1).scaleb(-len(decimals.rstrip(","))), rounding=ROUND_HALF_UP)
        else:
            number = number.normalize()
        text = f"{number:,f}" if "," in whole.rstrip(",") else f"{number:f}"
        return f"{self.before}{self._with_texts_between(text)}{self.after}".strip()

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


class NumberFormat:
    """A number format that shows numbers, not dates."""

    def __init__(self, code: str) -> None:
        self.code = code
        every = _sections(code)
        self.sections = [section for section in every if not section.is_text][:3] or [_Section(is_general=True)]
        self.is_conditional = any(section.condition for section in self.sections)
        self.shows_every_number = not self.is_conditional and self._shows_every_number()

    def _shows_every_number(self) -> bool:
        """Whether every number is shown as itself. Almost every format does."""
        if any(section.scale != 1 or section.unit != IN_POUNDS or section.between.strip() for section in self.sections):
            return False
        first, *others = self.sections
        if not first.has_number or first.has_minus or not first.shows_nought:
            return False
        if others and not (others[0].has_number and (others[0].has_minus or others[0].is_red)):
            return False
        return len(others) < 2 or others[1].shows_nought or bool(_DASH.fullmatch(others[1].literal.strip()))

    def shown_as(self, stored: str) -> str:
        """The text of a cell with the stored number: the number itself if the cell shows it, or a `ShownNumber`."""
        if self.shows_every_number:
            return stored
        try:
            value = Decimal(stored)
        except InvalidOperation:
            return stored
        section = self._section_for(value)
        unit, problem = section.unit, ""
        if value == 0:
            problem = _problem_of_nought(section)
            is_nought = not section.shows_nought or (not section.percents and unit.pounds is not None)
            if not problem and is_nought:
                return stored
        elif not section.has_number:
            problem = "words" if section.literal.strip() else "hidden"
        elif section.between.strip():
            problem = "words"
        elif self._hides_sign(section, value):
            problem = "sign"
        elif unit == IN_POUNDS and section.scale == 1:
            return stored
        return self._shown(section, value, stored, unit, problem)

    def _section_for(self, value: Decimal) -> _Section:
        sections = self.sections
        if self.is_conditional:
            return next((section for section in sections if section.is_for(value)), sections[-1])
        if value == 0 and len(sections) == 3:
            return sections[2]
        return sections[1] if value < 0 and len(sections) > 1 else sections[0]

    def _hides_sign(self, section: _Section, value: Decimal) -> bool:
        """Whether the sign that is shown is not that of the number. Red without a minus sign counts as negative."""
        is_second = not self.is_conditional and len(self.sections) > 1 and section is self.sections[1]
        if is_second:
            return not (section.has_minus or section.is_red)
        return section.has_minus and not (self.is_conditional and value < 0)

    def _shown(self, section: _Section, value: Decimal, stored: str, unit: Unit, problem: str) -> ShownNumber:
        is_second = not self.is_conditional and len(self.sections) > 1 and section is self.sections[1]
        sign = "-" if value < 0 and not is_second else ""
        exact = sign + section.written(value, is_rounded=False)
        if is_second and section.is_red and not section.has_minus:
            exact = f"-{exact}"
        shows_digits = value != 0 or section.shows_nought
        found = ShownNumber(exact if shows_digits else section.literal.strip())
        found.stored, found.code, found.unit, found.scale, found.problem = (
            stored,
            self.code,
            unit,
            section.scale,
            problem,
        )
        found.shown = sign + section.written(value, is_rounded=True) if shows_digits else str(found)
        return found


def _problem_of_nought(section: _Section) -> str:
    """Why a cell with 0 does not show a 0, or a dash that stands for it; empty if it does."""
    if section.shows_nought:
        return ""
    literal = section.literal.strip()
    if not literal:
        return "hidden"
    return "" if _DASH.fullmatch(literal) else "words"


def blank_nought(stored: str) -> ShownNumber:
    """A cell with 0 on a sheet that shows noughts as blanks."""
    found = ShownNumber("")
    found.stored, found.shown, found.code, found.unit, found.scale = stored, "", "General", IN_POUNDS, Decimal(1)
    found.problem = "hidden"
    return found


def _sections(code: str) -> list[_Section]:
    found = [_Section()]
    for match in _TOKEN.finditer(code):
        section = found[-1]
        quoted, escaped, fill, bracket, general, exponent, plain = match.groups()
        if plain == ";":
            found.append(_Section())
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


def _add_character(section: _Section, character: str, previous: str) -> None:
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


def _keep_between(section: _Section) -> None:
    """More digits follow: what was taken for the text after the digits is text between them."""
    if section.after and section.has_number:
        section.texts_between[len(section.digits.replace(",", ""))] = section.after
        section.between += section.after
        section.after = ""


def _add_text(section: _Section, text: str) -> None:
    if section.has_number:
        section.after += text
    else:
        section.before += text


def _add_bracket(section: _Section, text: str) -> None:
    """A colour, a condition, or a currency sign with the language of the format, such as `[$£-809]`."""
    condition = _CONDITION.fullmatch(text.strip())
    if condition:
        section.condition = condition[1], Decimal(condition[2])
    elif text.startswith("$"):
        _add_text(section, text[1:].partition("-")[0])
    elif _RED.fullmatch(text.strip()):
        section.is_red = True


@lru_cache(maxsize=1_000)
def number_format(code: str) -> NumberFormat:
    return NumberFormat(code)
