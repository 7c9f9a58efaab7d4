"""Sentences whose parts can be links, and how shares, ranks and holders are written in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from pooledcare.directory.terms import NHS_KINDS, UPPER_TIER_KINDS, OrganisationKind
from pooledcare.kernel.formats import percent, pounds, pounds_short

# From this amount on, pounds a head of England are written without pence.
WHOLE_FROM = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a sentence, and the address that they link to."""

    text: str
    url: str | None = None


Sentence = tuple[Part, ...]


def said(*parts: str | Part) -> Sentence:
    """A sentence of these parts, without the empty ones."""
    whole = (part if isinstance(part, Part) else Part(part) for part in parts)
    return tuple(part for part in whole if part.text)


def text_of(sentence: Sentence) -> str:
    return "".join(part.text for part in sentence)


def ordinal(number: int) -> str:
    """
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th']
    """
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def rank_text(rank: int, of: int, holders: str, *, is_equal: bool) -> str:
    """A rank by amount, where the 1st is the highest; in the lower half, counted from the lowest.

    >>> rank_text(6, 42, "boards", is_equal=False), rank_text(1, 42, "boards", is_equal=True)
    ('the 6th highest of 42 boards', 'the equal highest of 42 boards')
    >>> rank_text(42, 42, "boards", is_equal=False), rank_text(40, 42, "boards", is_equal=False)
    ('the lowest of 42 boards', 'the 3rd lowest of 42 boards')
    """
    end, number = ("highest", rank)
    if 2 * rank > of and not is_equal:
        end, number = ("lowest", of - rank + 1)
    place = end if number == 1 else f"{ordinal(number)} {end}"
    return f"the {'equal ' if is_equal else ''}{place} of {of:,} {holders}"


def share_above(value: Decimal, other: Decimal) -> Decimal | None:
    """By what share of `other` the value is above it, negative if below; None if that has no meaning."""
    return (value - other) / other if other > 0 else None


def above_text(value: Decimal, other: Decimal, name: str) -> str:
    """
    >>> above_text(Decimal(106), Decimal(100), "England"), above_text(Decimal(97), Decimal(100), "England")
    ('6.0% above England', '3.0% below England')
    """
    return _differs(value, other, name, above="above", below="below", same="the same as", almost="almost the same as")


def change_text(value: Decimal, before: Decimal, year: str) -> str:
    """
    >>> change_text(Decimal(102), Decimal(100), "2023-24"), change_text(Decimal(100), Decimal(100), "2023-24")
    ('2.0% more than 2023-24', 'the same as 2023-24')
    """
    return _differs(
        value, before, year, above="more than", below="less than", same="the same as", almost="almost the same as"
    )


def _differs(value: Decimal, other: Decimal, name: str, *, above: str, below: str, same: str, almost: str) -> str:
    """How a value differs from another one, in percent; empty if a percentage has no meaning."""
    share = share_above(value, other)
    if share is None:
        return ""
    if share == 0:
        return f"{same} {name}"
    size = percent(abs(share))
    if size == percent(Decimal(0)):
        return f"{almost} {name}"
    return f"{size} {above if share > 0 else below} {name}"


def in_sentence(stream: str) -> str:
    """The name of a funding stream within a sentence. A name of several capitalised words keeps its capital.

    >>> in_sentence("Core NHS allocation"), in_sentence("Disabled Facilities Grant"), in_sentence("NHS money")
    ('core NHS allocation', 'Disabled Facilities Grant', 'NHS money')
    """
    first, *others = stream.split()
    is_proper = first.isupper() or any(word[0].isupper() and not word.strip(":,").isupper() for word in others)
    return stream if is_proper else stream[0].lower() + stream[1:]


def holders_text(kinds: Collection[str], count: int | None = None) -> str:
    """What holders of these kinds are called, in the plural unless `count` is 1.

    >>> holders_text({"icb"}), holders_text({"ccg", "icb"}), holders_text({"county", "unitary"}, 1)
    ('boards', 'NHS commissioners', 'council')
    """
    held = set(kinds)
    if held == {OrganisationKind.ICB}:
        one = "board"
    elif held == {OrganisationKind.CCG}:
        one = "clinical commissioning group"
    elif held and held <= NHS_KINDS:
        one = "NHS commissioner"
    elif held and held <= UPPER_TIER_KINDS | {OrganisationKind.DISTRICT}:
        one = "council"
    else:
        one = "organisation"
    return one if count == 1 else f"{one}s"


def a_head_text(value: Decimal, *, is_mean: bool = False) -> str:
    """Pounds a head. A mean of many is written in whole pounds where it is large.

    >>> a_head_text(Decimal("1727.82")), a_head_text(Decimal("1908.03"), is_mean=True)
    ('£1,727.82 a head', '£1,908 a head')
    """
    return f"{pounds(value, pence=not (is_mean and value >= WHOLE_FROM))} a head"


def amount_text(value: Decimal) -> str:
    return pounds_short(value)


def known_text(names: Collection[str], year: str) -> str:
    """That only these streams are known for a year, as the first sentence of an answer; empty if none is named."""
    if not names:
        return ""
    listed = " and ".join(in_sentence(name) for name in names)
    first = listed[0].upper() + listed[1:]
    return f"{first} {'is' if len(names) == 1 else 'are'} all that is known for {year}. "
