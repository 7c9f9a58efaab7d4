"""Finding the organisation that somebody means by a name or code: one that is certain, or a list of likely ones."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from pooledcare.directory.models import Organisation, OrganisationName
from pooledcare.directory.models.organisations import OrganisationQuerySet
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.wording import ABBREVIATIONS, place_of, plain_words

CLOSE = 0.8  # the minimum likeness (difflib ratio) of a name that is offered for a misspelt one
# Words that say only what kind of organisation it is. A name without them still identifies the organisation.
_KIND_WORDS = frozenset(
    {
        *("nhs", "integrated", "care", "board", "primary", "trust", "foundation", "clinical", "commissioning", "group"),
        *("council", "county", "city", "borough", "metropolitan", "district", "london", "royal"),
    }
)
_CODE_LAST = re.compile(r"\(([A-Za-z0-9]{2,12})\)\s*$")


@dataclass(frozen=True)
class Called:
    """The organisations that match, likeliest first.

    `is_sure`: there is only one, and it matches by code or by words in the right order.
    """

    bodies: list[Organisation]
    is_sure: bool = False


def bodies_called(text: str, *, on: dt.date) -> Called:
    """The organisations that existed on a day and match a text. At most three queries.

    Tried in this order: code; whole name; short name, or consecutive words of one of its names; the same words in any
    order; likeness.
    """
    there = _with_other_names(Organisation.objects.open_on(on).order_by("name", "pk"))
    if coded := list(there.with_code(_code_in(text), on=on)):
        return Called(coded, is_sure=len(coded) == 1)
    return _fitting(text, list(there), set(short_names_typed(text).values_list("organisation_id", flat=True)))


def bodies_of_other_days(text: str) -> list[Organisation]:
    """Organisations with exactly this code or name on any day, the latest first. At most two queries."""
    ever = _with_other_names(Organisation.objects.order_by("-closed", "name", "pk"))
    coded = list(ever.with_code(_code_in(text)).distinct())
    return coded or [each for each in ever if _words(text) in _all_words(each)]


def _with_other_names(bodies: OrganisationQuerySet) -> OrganisationQuerySet:
    names = OrganisationName.objects.filter(organisation=OuterRef("pk")).order_by("name").values("name")
    return bodies.annotate(also_called=ArraySubquery(names))


def _all_words(body: Organisation) -> list[list[str]]:
    """The words of each name of the organisation, its main name first."""
    return [_words(name) for name in (body.name, *body.also_called)]  # type: ignore[attr-defined]


def _code_in(text: str) -> str:
    """The code in brackets at the end of the text, as suggestions show it, or else the whole text."""
    last = _CODE_LAST.search(text)
    return last[1] if last else text


def _fitting(text: str, bodies: Sequence[Organisation], by_short_name: Collection[int] = ()) -> Called:
    """`by_short_name`: the keys of organisations that have the text as a short name."""
    wanted = _words(_CODE_LAST.sub("", text))
    if not wanted:
        return Called([])
    named = {body.pk: _all_words(body) for body in bodies}
    words = {pk: names[0] for pk, names in named.items()}
    for needless in ("", "nhs"):
        if whole := [body for body in bodies if [word for word in words[body.pk] if word != needless] == wanted]:
            return Called(whole, is_sure=len(whole) == 1)
    places = {pk: at for pk, names in named.items() if (at := _first_place(wanted, names)) is not None}
    places |= {body.pk: 0 for body in bodies if body.pk in by_short_name}
    if in_order := [body for body in bodies if body.pk in places]:
        in_order.sort(key=lambda body: (places[body.pk], len(words[body.pk]), body.name))
        is_sure = len(in_order) == 1 and (
            in_order[0].pk in by_short_name
            or any(_is_all_but_its_kind(wanted, words) for words in named[in_order[0].pk])
        )
        return Called(in_order, is_sure=is_sure)
    if all_words := [body for body in bodies if set(wanted) <= set(words[body.pk])]:
        return Called(sorted(all_words, key=lambda body: (len(words[body.pk]), body.name)))
    alike = difflib.get_close_matches(" ".join(wanted), _joined(named.values()), n=3, cutoff=CLOSE)
    likely = [body for near in alike for body in bodies if near in map(" ".join, named[body.pk])]
    return Called(list(dict.fromkeys(likely)))


def _first_place(wanted: list[str], names: Iterable[list[str]]) -> int | None:
    """The position of the wanted words, as consecutive words, in the first name that has them; None if none has."""
    return next((at for words in names if (at := place_of(wanted, words)) is not None), None)


def _is_all_but_its_kind(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the name has no more words than were typed, except words for the kind of organisation."""
    return set(wanted) <= set(words) and set(words) - set(wanted) <= _KIND_WORDS


def _joined(bodies: Iterable[Iterable[Sequence[str]]]) -> list[str]:
    return sorted({" ".join(words) for names in bodies for words in names})


def _words(name: str) -> list[str]:
    """The words of a name, for comparison: abbreviations written out, small words and apostrophes left out.

    >>> _words("Guy's & St Thomas' NHS FT")
    ['guys', 'st', 'thomas', 'nhs', 'foundation', 'trust']
    """
    return " ".join(ABBREVIATIONS.get(word, word) for word in plain_words(name)).split()
