"""Units of money as people state them in headings, titles and number formats: £k, £000, in thousands, £m, pence.

A unit that is not stated is pounds. A unit that is not a number of pounds (€, %, patients) is kept by its name only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

PENCE, POUND = Decimal("0.01"), Decimal(1)
THOUSAND, MILLION, BILLION = Decimal(1_000), Decimal(1_000_000), Decimal(1_000_000_000)

_NAMES = {
    PENCE: "pence",
    POUND: "pounds",
    THOUSAND: "thousands of pounds",
    MILLION: "millions of pounds",
    BILLION: "billions of pounds",
}
_WORDS = {
    PENCE: ("p", "pence"),
    POUND: ("pound", "pounds"),
    THOUSAND: ("k", "th", "ths", "thou", "thousand", "thousands", "000", "000s", ",000", ",000s"),
    MILLION: ("m", "mn", "mil", "mill", "million", "millions", ",000,000"),
    BILLION: ("b", "bn", "billion", "billions", ",000,000,000"),
}
_POUNDS = {word: pounds for pounds, words in _WORDS.items() for word in words}
_QUOTES = "'’‘`´′"
_POUND_SIGN = re.compile(r"£|gbp", re.IGNORECASE)
# Characters around a unit that say nothing about it: white space, signs, brackets.
_AROUND = re.compile(rf"[\s()\[\]+\-\u2010-\u2015\u2212{_QUOTES}]+")
_NOT_POUNDS = {"$", "€", "%", "eur", "euro", "euros", "usd", "percent"}
# The words of a heading or title: a currency sign goes with what follows it, and 1,000 is one word.
_HEADING_WORDS = re.compile(rf"£?[{_QUOTES}]?[0-9]+(?:,[0-9]{{3}})*(?:k|m|bn|s)?|£?[^\W\d_]+|[£€$%]")
_COUNTED = {"1000": THOUSAND, "1000s": THOUSAND, "1000000": MILLION, "1000000s": MILLION}
# Words that say a unit without anything about money beside them, unless people or things are counted in them.
_PLURALS = ("thousands", "millions", "billions")
_LAST_LETTER = re.compile(r"(?:[(\[,:/_]|\bin\b)\s*([kmp]|th|mn|bn)\s*[)\]]?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """A unit: as it was written, and the pounds in one of it. `pounds` is None if it is not an amount of pounds."""

    written: str
    pounds: Decimal | None

    @property
    def name(self) -> str:
        """
        >>> Unit("£k", THOUSAND).name, Unit("€", None).name
        ('thousands of pounds', '€')
        """
        return self.written if self.pounds is None else _NAMES[self.pounds]


IN_POUNDS = Unit("", POUND)


def unit_of(literal: str) -> Unit:
    """The unit of an amount, from the text that is shown before and after its digits.

    >>> unit_of("£k"), unit_of("£"), unit_of(" million ").pounds, unit_of("€").pounds, unit_of(" (*)").written
    (Unit(written='k', pounds=Decimal('1000')), Unit(written='', pounds=Decimal('1')), Decimal('1000000'), None, '')
    """
    bare = _AROUND.sub(" ", _POUND_SIGN.sub(" ", literal)).strip()
    if not any(_says_something(character) for character in bare):
        return IN_POUNDS
    return Unit(bare, _POUNDS.get(bare.casefold()))


def _says_something(character: str) -> bool:
    return character.isalnum() or character in ".,%‰‱" or unicodedata.category(character) == "Sc"


def unit_in_heading(heading: str) -> Unit | None:
    """The unit that the heading of a column of amounts states; None if it states none, or pounds.

    A letter counts without a pound sign too if it stands apart at the end, as in `Amount (k)`.

    >>> unit_in_heading("Amount (£'000)").name, unit_in_heading("amount_in_millions").name, unit_in_heading("Amount £")
    ('thousands of pounds', 'millions of pounds', None)
    """
    text = heading.replace("_", " _ ")
    last = _LAST_LETTER.search(text)
    if last is not None:
        return Unit(last[1], _POUNDS[last[1].casefold()])
    return next(_stated(text, is_heading=True), None)


def units_in_title(title: str) -> list[Unit]:
    """The units other than pounds that a title or the name of a sheet states.

    >>> [unit.name for unit in units_in_title("Allocations in £ million, budgets in £k")]
    ['millions of pounds', 'thousands of pounds']
    >>> units_in_title("Table M: the 2 million people we serve")
    []
    """
    return list(_stated(title, is_heading=False))


def _stated(text: str, *, is_heading: bool) -> Iterator[Unit]:
    words = _HEADING_WORDS.findall(text)
    before = ""
    for index, word in enumerate(words):
        found = _unit_of_word(word, before, words[index + 1 : index + 3], is_heading)
        if found is not None:
            yield found
        before = word.casefold()


def _unit_of_word(word: str, before: str, after: list[str], is_heading: bool) -> Unit | None:
    bare = word.casefold()
    if bare in _NOT_POUNDS:
        return Unit(word, None) if is_heading else None
    has_pound = bare.startswith("£") or before in ("£", "gbp")
    bare = bare.removeprefix("£")
    if bare != "gbp" and (bare.startswith("gbp") or bare.endswith("gbp")):
        has_pound, bare = True, bare.replace("gbp", "")
    is_quoted = bare[:1] in tuple(_QUOTES)
    plain = bare.strip(_QUOTES).replace(",", "")
    pounds = _POUNDS.get(plain, _COUNTED.get(plain))
    if pounds is None or pounds == POUND:
        return None
    next_words = [each.casefold() for each in after]
    says_money = has_pound or before == "in" or next_words[:1] == ["pounds"] or next_words == ["of", "pounds"]
    is_apart = plain in ("000s", "1000s") or (is_quoted and plain == "000")
    is_apart = is_apart or (plain in _PLURALS and next_words[:1] != ["of"])
    is_plain = is_heading and len(plain) > 2 and plain not in _COUNTED
    if (says_money and (has_pound or len(plain) > 1)) or is_apart or is_plain:
        return Unit(f"£{plain}" if has_pound else word, pounds)
    return None
