"""Which body somebody means who types a name or a code: taken where it can be no other, else offered."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pooledcare.directory.models import Organisation

CLOSE = 0.8  # how alike a name must be to be offered for one that is misspelt
_WRITTEN_OUT = {
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
_NO_HELP = frozenset({"the", "of", "and", "in", "for"})
_CODE_LAST = re.compile(r"\(([A-Za-z0-9]{2,12})\)\s*$")


@dataclass(frozen=True)
class Called:
    """The bodies that fit, the likeliest first. `is_sure`: the only one, by its code or by words in their order."""

    bodies: list[Organisation]
    is_sure: bool = False


def bodies_called(text: str, *, on: dt.date) -> Called:
    """Bodies that existed on a day. By code; by the whole name; by words as they follow one another in a name; by the
    same words in any order; by likeness. Two queries at most."""
    there = Organisation.objects.open_on(on).order_by("name", "pk")
    if coded := list(there.with_code(_code_in(text), on=on)):
        return Called(coded, is_sure=len(coded) == 1)
    return _fitting(text, list(there))


def bodies_of_other_days(text: str) -> list[Organisation]:
    """Bodies of exactly this code or name on whatever day, the latest first. Two queries at most."""
    ever = Organisation.objects.order_by("-closed", "name", "pk")
    coded = list(ever.with_code(_code_in(text)).distinct())
    return coded or [each for each in ever if _words(each.name) == _words(text)]


def _code_in(text: str) -> str:
    """What was typed, or the code in brackets at its end, as codes are offered."""
    last = _CODE_LAST.search(text)
    return last[1] if last else text


def _fitting(text: str, bodies: Sequence[Organisation]) -> Called:
    wanted = _words(_CODE_LAST.sub("", text))
    if not wanted:
        return Called([])
    words = {body.pk: _words(body.name) for body in bodies}
    for needless in ("", "nhs"):
        if whole := [body for body in bodies if [word for word in words[body.pk] if word != needless] == wanted]:
            return Called(whole, is_sure=len(whole) == 1)
    places = {body.pk: at for body in bodies if (at := _place_of(wanted, words[body.pk])) is not None}
    if in_order := [body for body in bodies if body.pk in places]:
        in_order.sort(key=lambda body: (places[body.pk], len(words[body.pk]), body.name))
        return Called(in_order, is_sure=len(in_order) == 1)
    if all_words := [body for body in bodies if set(wanted) <= set(words[body.pk])]:
        return Called(sorted(all_words, key=lambda body: (len(words[body.pk]), body.name)))
    alike = difflib.get_close_matches(" ".join(wanted), _joined(words.values()), n=3, cutoff=CLOSE)
    return Called([body for near in alike for body in bodies if " ".join(words[body.pk]) == near])


def _place_of(wanted: Sequence[str], words: Sequence[str]) -> int | None:
    """Where the wanted words begin to follow one another."""
    size = len(wanted)
    return next((at for at in range(len(words) - size + 1) if words[at : at + size] == wanted), None)


def _joined(names: Iterable[Sequence[str]]) -> list[str]:
    return sorted({" ".join(words) for words in names})


def _words(name: str) -> list[str]:
    """The words of a name as they are compared: abbreviations written out, small words and apostrophes left out.

    >>> _words("Guy's & St Thomas' NHS FT")
    ['guys', 'st', 'thomas', 'nhs', 'foundation', 'trust']
    """
    plain = re.sub(r"['’`]", "", name.casefold())
    words = [_WRITTEN_OUT.get(word, word) for word in re.findall(r"\w+", plain)]
    return [word for word in " ".join(words).split() if word not in _NO_HELP]
