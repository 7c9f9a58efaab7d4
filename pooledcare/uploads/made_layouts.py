"""What only layouts that people made need of the reader: bodies found by name, and amounts repaired as they decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING

from pooledcare.directory.bodies import Bodies, Body, family_label
from pooledcare.kernel.characters import trim
from pooledcare.kernel.money import to_the_penny
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads.layouts import squeezed

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import Sheet
    from pooledcare.uploads.layouts import Profile

CONFIRMED = "confirmed"  # the key of a layout that the sender of a file confirmed for that file alone
AS_WRITTEN = "as_written"  # the column of a piece with the amounts as the file has them, where they were repaired
_PARTS_OF_A_PENNY = re.compile(r"-?[0-9]{1,12}\.[0-9]{3,}")
_WITH_COMMA = re.compile(r"[^0-9.,]*(?:[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?|[0-9]+,[0-9]*|,[0-9]+)[^0-9.,]*")
_OFFSET = re.compile(r"[+-][0-9]{1,2}")


class NamedBodies:
    """Finds the codes of bodies by their names. `decided` are codes by name that somebody stated for doubtful names."""

    def __init__(self, bodies: Bodies, family: str, decided: Mapping[str, str]) -> None:
        self.bodies = bodies
        self.family = family
        self.decided = {squeezed(name).casefold(): code for name, code in decided.items()}
        self._found: dict[tuple[str, int], str] = {}
        self._ever: dict[str, bool] = {}

    def is_left_out(self, name: str) -> bool:
        """Whether somebody decided that rows with this name are left out."""
        return self.decided.get(squeezed(name).casefold()) == ""

    def corrected(self, code: str) -> str:
        """The code that somebody stated for this one, or else the code itself."""
        return self.decided.get(squeezed(code).casefold(), code)

    def is_known(self, name: str) -> bool:
        """Whether the name is that of a body in some year, or was decided."""
        if name not in self._ever:
            is_decided = squeezed(name).casefold() in self.decided
            self._ever[name] = is_decided or bool(self.bodies.named(name, family=self.family))
        return self._ever[name]

    def code(self, name: str, year: int) -> str:
        """The code that the body of this name had in a year; empty if there was none, or more than one."""
        key = (name, year)
        if key not in self._found:
            self._found[key] = self._code(name, year)
        return self._found[key]

    def _code(self, name: str, year: int) -> str:
        decided = self.decided.get(squeezed(name).casefold())
        if decided is not None:
            return decided
        there = self.bodies.named(name, family=self.family, year=year)
        return there[0].code_in(year) if len(there) == 1 else ""

    def problem(self, name: str, year: int, where: Where) -> Problem:
        """Why no code is known for a name in a year."""
        when = str(FinancialYear(year))
        there = self.bodies.named(name, family=self.family, year=year)
        which = f"the {family_label(self.family)}" if self.family else "the bodies held here"
        if len(there) > 1:
            message = f"“{name}” is the name of more than one body in {when}"
            fix = f"Say which is meant: {_listed(there)}."
        elif ever := self.bodies.named(name, family=self.family):
            message = f"“{name}” is a body of other years than {when}"
            fix = f"Check the year, or say which body is meant. Known are {_listed(ever)}."
        elif not name:
            message, fix = "The row has figures and no name of a body", "Enter the name, or leave the row out."
        else:
            message = f"“{name}” is not the name of one of {which} in {when}"
            likely = self.bodies.likely(name, family=self.family, year=year, most=3)
            fix = "Say which body is meant, or leave the row out."
            fix += f" Similar are {_listed(likely)}." if likely else ""
        return Problem("UNKNOWN_NAME", message, where, name, fix)


def _listed(bodies: list[Body]) -> str:
    return "; ".join(f"{body.name} ({body.codes[0].code})" if body.codes else body.name for body in bodies)


def offset_year(said: str, stated: str) -> str:
    """A year that a layout counts from the stated one, such as +1 for the year after it; other texts unchanged.

    >>> offset_year("+1", "2024-25"), offset_year("2023-24", "2024-25"), offset_year("+1", "")
    ('2025-26', '2023-24', '')
    """
    if _OFFSET.fullmatch(said) is None:
        return said
    return str(FinancialYear(FinancialYear.parse(stated).start + int(said))) if stated else ""


class Repairs:
    """Changes the texts of amounts as the layout says: broken pound signs, decimal commas, and parts of a penny."""

    def __init__(self, profile: Profile, sheet: Sheet) -> None:
        self.pounds = profile.broken_pounds
        self.rounds = profile.rounds
        self.has_comma = profile.decimals == "comma" and sheet.delimiter != ""

    @cached_property
    def any(self) -> bool:
        return bool(self.pounds) or self.rounds or self.has_comma

    def repaired(self, text: str, unit: Decimal) -> str:
        """The text of an amount in units of `unit` pounds. Only amounts in pounds are rounded."""
        if isinstance(text, ShownNumber):
            return text
        if self.pounds:
            bare = trim(text)
            sign = "-" if bare[:1] == "-" else ""
            rest = bare[len(sign) :]
            if rest.startswith(self.pounds):
                text = f"{sign}{rest[len(self.pounds) :]}"
        if self.has_comma and _WITH_COMMA.fullmatch(trim(text)):
            text = text.replace(".", "").replace(",", ".")
        if self.rounds and unit == 1:
            text = _rounded(text)
        return text


def _rounded(text: str) -> str:
    bare = trim(text)
    if _PARTS_OF_A_PENNY.fullmatch(bare) is None:
        return text
    try:
        return f"{to_the_penny(Decimal(bare)):f}"
    except InvalidOperation:
        return text


def style_as_stated(profile: Profile, found: NumberStyle, sheet: Sheet) -> NumberStyle:
    """How amounts are written, once they were changed as the layout says.

    Raises `Refused` if the file clearly shows the other way.
    """
    if not profile.decimals or sheet.delimiter == "":
        return found
    other = found.comma if profile.decimals == "point" else found.point
    if other:
        raise Refused.because(
            "OTHER_DECIMALS",
            f"The layout says that amounts have a decimal {profile.decimals}, but the file has {other}",
            fix="Read the file with another layout, or correct the amount.",
        )
    return DECIMAL_POINT
