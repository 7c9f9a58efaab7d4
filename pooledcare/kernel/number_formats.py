"""Number formats of workbooks: what a cell shows for the number that it holds.

A cell may hold 0.5 and show 50%, or hold 1234.5 and show £1,234.5k. `shown_as` tells such cells from those that show
their own number, perhaps rounded. The codes are those of ECMA-376, part 1, section 18.8.31.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pooledcare.kernel.number_sections import MINUSES, Section, sections_of
from pooledcare.kernel.units import IN_POUNDS, Unit

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_PERCENTAGES = {9: "0%", 10: "0.00%"}
# Shown in the currency of whoever opens the workbook, whatever code the workbook states for them.
_BUILT_IN_CURRENCIES = frozenset({*range(5, 9), *range(41, 45)})
_NOT_DATE_PARTS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
_LONGEST_CODE = 255  # of a spreadsheet program
_LARGEST_EXPONENT = 400  # larger than that of any number in a workbook
_PERCENT = re.compile(r"%|per ?cent", re.IGNORECASE)
_DASH = re.compile(rf"£?\s*[{MINUSES}\u2014]+\s*£?|nil|zero", re.IGNORECASE)


class ShownNumber(str):
    """The text of a number in a workbook that is shown as something else than that number.

    As text it is what the cell shows, but with up to fifteen digits of the number: `£1,234.5k`, `2.5%`. `stored` is
    the number in the cell, and `shown` the text in the cell as it is rounded there. The number that is shown, without
    its unit, is the stored number divided by `scale`. `problem` says why the cell shows no number of that unit, if it
    does not: `hidden` if nothing is shown, `sign` if the sign that is shown is not that of the number, `words` for
    other text.
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


class NumberFormat:
    """A number format that shows numbers, not dates."""

    def __init__(self, code: str) -> None:
        self.code = code
        every = sections_of(code[:_LONGEST_CODE])
        self.sections = [section for section in every if not section.is_text][:3] or [Section(is_general=True)]
        self.is_conditional = any(section.condition for section in self.sections)
        self.shows_every_number = not self.is_conditional and self._shows_every_number()

    def _shows_every_number(self) -> bool:
        """Whether every number is shown as itself. Almost every format does."""
        if any(section.scale != 1 or section.unit != IN_POUNDS or section.between.strip() for section in self.sections):
            return False
        first, *others = self.sections
        if not first.has_number or first.has_minus or not first.shows_nought:
            return False
        if others and not (others[0].has_number and (others[0].has_minus or self._is_told_by_red(others[0]))):
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
        if not value.is_finite() or len(stored) > _LARGEST_EXPONENT or abs(value.adjusted()) > _LARGEST_EXPONENT:
            return stored  # no number that a spreadsheet keeps
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
        elif not section.shows_nought and section.rounded(value) == 0:
            problem = "hidden"
        elif self._hides_sign(section, value):
            problem = "sign"
        elif unit == IN_POUNDS and section.scale == 1:
            return stored
        return self._shown(section, value, stored, unit, problem)

    def _section_for(self, value: Decimal) -> Section:
        sections = self.sections
        if self.is_conditional:
            return next((section for section in sections if section.is_for(value)), sections[-1])
        if value == 0 and len(sections) == 3:
            return sections[2]
        return sections[1] if value < 0 and len(sections) > 1 else sections[0]

    def _hides_sign(self, section: Section, value: Decimal) -> bool:
        """Whether the sign that is shown is not that of the number. Red without a minus sign counts as negative."""
        is_second = not self.is_conditional and len(self.sections) > 1 and section is self.sections[1]
        if is_second:
            return not (section.has_minus or self._is_told_by_red(section))
        if self.is_conditional and value < 0:
            # Some programs show a minus sign here, and some do not.
            return section is not self.sections[0] and not section.has_minus
        return section.has_minus

    def _is_told_by_red(self, section: Section) -> bool:
        """Whether red says that a number is negative: not if other numbers are red too."""
        return section.is_red and not self.sections[0].is_red

    def _shown(self, section: Section, value: Decimal, stored: str, unit: Unit, problem: str) -> ShownNumber:
        is_second = not self.is_conditional and len(self.sections) > 1 and section is self.sections[1]
        hides_sign = problem == "sign" and self.is_conditional
        sign = "-" if value < 0 and not is_second and not hides_sign else ""
        exact = sign + section.written(value, is_rounded=False)
        if is_second and self._is_told_by_red(section) and not section.has_minus:
            exact = f"-{exact}"
        shows_digits = section.shows_nought or section.rounded(value) != 0
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


def _problem_of_nought(section: Section) -> str:
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


def beneath_a_merged_cell(stored: str, code: str) -> ShownNumber:
    """A number that lies beneath a merged cell, so that nobody sees it. `code` is that of its own number format."""
    found = blank_nought(stored)
    found.code, found.problem = code, "beneath"
    return found


def with_a_conditional_format(stored: str) -> ShownNumber:
    """A number that its cell may show in another way, because a conditional format has a number format."""
    found = ShownNumber(stored)
    found.stored, found.shown, found.code, found.unit, found.scale = stored, stored, "General", IN_POUNDS, Decimal(1)
    found.problem = "conditional"
    return found


@lru_cache(maxsize=1_000)
def number_format(code: str) -> NumberFormat:
    return NumberFormat(code)
