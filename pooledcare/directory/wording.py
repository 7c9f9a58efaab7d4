"""The words of names of organisations, for comparing names whatever their spelling."""

from __future__ import annotations

import re

_APOSTROPHES = re.compile(r"['’`]")
_NO_HELP = frozenset({"the", "of", "and", "in", "for"})
# Abbreviations that people type, and the words in names. Some names have the abbreviation too.
ABBREVIATIONS = {
    "icb": "integrated care board",
    "pct": "primary care trust",
    "ccg": "clinical commissioning group",
    "ft": "foundation trust",
    "cc": "county council",
    "mbc": "metropolitan borough council",
    "dc": "district council",
    "bc": "borough council",
    "lb": "london borough",
    "saint": "st",
}


def plain_words(name: str) -> list[str]:
    """The words of a name in small letters, without apostrophes and small words such as “of”.

    >>> plain_words("King's Lynn & West Norfolk")
    ['kings', 'lynn', 'west', 'norfolk']
    """
    return [word for word in re.findall(r"\w+", _APOSTROPHES.sub("", name.casefold())) if word not in _NO_HELP]


def place_of(wanted: list[str], words: list[str]) -> int | None:
    """The position at which the wanted words occur as consecutive words, or None.

    >>> place_of(["west", "norfolk"], ["kings", "lynn", "west", "norfolk"]), place_of(["norfolk", "west"], ["west"])
    (2, None)
    """
    size = len(wanted)
    return next((at for at in range(len(words) - size + 1) if words[at : at + size] == wanted), None)


_NOT_LETTERS = re.compile(r"[^A-Z0-9&]")


def letters_of(short_name: str) -> str:
    """A short name for comparison: in capitals, without spaces and full stops.

    >>> letters_of("B.S.W."), letters_of("B & NES"), letters_of("BSol")
    ('BSW', 'B&NES', 'BSOL')
    """
    return _NOT_LETTERS.sub("", short_name.upper())
