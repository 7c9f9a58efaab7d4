"""Reading plain data (from TOML or JSON) strictly: every name must be known and every value of the right type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pooledcare.kernel.problems import Refused

LONGEST_PATTERN = 500
MOST_ENTRIES = 2_000
# The forms of a financial year in headings and titles. Each may stand for any year in a pattern of literal texts.
YEAR_FORMS = (
    r"20\d\d/20\d\d",
    r"20\d\d\-20\d\d",
    r"20\d\d/\d\d",
    r"20\d\d\-\d\d",
    r"20\d\d–\d\d",
    r"20\d\d_\d\d",
)
_YEAR = "|".join(re.escape(form) for form in YEAR_FORMS)
_LITERAL = re.compile(rf"(?:\(\?P<year>(?:{_YEAR})\)|{_YEAR}|\\[^A-Za-z0-9]|[^\\.^$*+?{{}}\[\]|()])*+")


class Stated:
    """One mapping of the data, at a place such as `sheets[0]`. Take what is wanted, then `close` it.

    With `only_literals`, patterns may only be texts as `re.escape` writes them, and the forms of a year.
    """

    def __init__(self, data: Any, place: str = "", *, only_literals: bool = True) -> None:
        if not isinstance(data, Mapping):
            raise _wrong(place, "a table of names and values", data)
        self.data = data
        self.place = place
        self.only_literals = only_literals
        self.taken: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def has(self, name: str) -> bool:
        return name in self.data

    def take(self, name: str, default: Any = None) -> Any:
        self.taken.add(name)
        return self.data.get(name, default)

    def close(self) -> None:
        """Raise `Refused` if there are names that nobody has taken."""
        for name in self.data:
            if name not in self.taken:
                raise Refused.because(
                    "BAD_LAYOUT", f"A layout has nothing called “{self.at(str(name))}”", fix="Delete it, or correct it."
                )

    def rest(self) -> dict[str, str]:
        """All names that nobody has taken yet, with texts as their values."""
        return {name: self.text(name) for name in list(self.data) if name not in self.taken}

    def text(self, name: str, default: str | None = None) -> str:
        value = self.take(name, default)
        if value is None:
            raise Refused.because("BAD_LAYOUT", f"The layout does not say “{self.at(name)}”", fix="Add it as a text.")
        if not isinstance(value, str):
            raise _wrong(self.at(name), "a text", value)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise _wrong(self.at(name), "true or false", value)
        return value

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _wrong(self.at(name), f"a whole number from {least} to {most}", value)
        return value

    def amount(self, name: str, default: int) -> Decimal:
        """A positive number: whole, Decimal, or a text such as 0.01."""
        value = self.take(name, default)
        try:
            read = Decimal(value) if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool) else None
        except InvalidOperation:
            read = None
        if read is None or not read.is_finite() or read <= 0:
            raise _wrong(self.at(name), "a number above 0, such as 1000", value)
        return read

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.take(name, ())
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise _wrong(self.at(name), "a list of texts", value)
        return tuple(value)

    def texts_by_name(self, name: str) -> dict[str, str]:
        value = self.take(name, {})
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            raise _wrong(self.at(name), "a table of texts", value)
        return dict(value)

    def parts(self, name: str) -> Iterable[Stated]:
        """The mappings in a list."""
        value = self.take(name, ())
        if not isinstance(value, (list, tuple)):
            raise _wrong(self.at(name), "a list", value)
        if len(value) > MOST_ENTRIES:
            raise Refused.because("BAD_LAYOUT", f"“{self.at(name)}” has more than {MOST_ENTRIES:,} entries")
        return [
            Stated(each, f"{self.at(name)}[{number}]", only_literals=self.only_literals)
            for number, each in enumerate(value)
        ]

    # ── Patterns ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def pattern(self, name: str, default: str | None = None) -> re.Pattern[str]:
        is_stated = self.has(name)
        return self._compiled(self.at(name), self.text(name, default), may_be_any=not is_stated)

    def optional_pattern(self, name: str) -> re.Pattern[str] | None:
        return self.pattern(name) if self.has(name) else None

    def patterns_by_name(self, name: str) -> dict[str, re.Pattern[str]]:
        return {key: self._compiled(self.at(f"{name}.{key}"), text) for key, text in self.texts_by_name(name).items()}

    def patterns(self, name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(self._compiled(f"{self.at(name)}[{n}]", text) for n, text in enumerate(self.texts(name)))

    def _compiled(self, place: str, text: str, *, may_be_any: bool = False) -> re.Pattern[str]:
        if len(text) > LONGEST_PATTERN:
            raise Refused.because(
                "BAD_LAYOUT", f"“{place}” is longer than {LONGEST_PATTERN} characters", value=text, fix="Shorten it."
            )
        if self.only_literals and not may_be_any and _LITERAL.fullmatch(text) is None:
            raise Refused.because(
                "BAD_LAYOUT",
                f"“{place}” has a sign with a special meaning, where only a text and years are allowed",
                value=text,
                fix=r"Put \ before each sign that is meant as it stands, such as \( for a bracket.",
            )
        try:
            return re.compile(text, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError):
            raise Refused.because(
                "BAD_LAYOUT", f"“{place}” is not a pattern that can be used", value=text, fix="Correct the pattern."
            ) from None


def _wrong(place: str, wanted: str, value: Any) -> Refused:
    return Refused.because("BAD_LAYOUT", f"“{place or 'The layout'}” must be {wanted}", value=repr(value))
