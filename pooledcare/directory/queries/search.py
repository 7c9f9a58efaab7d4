"""Search for organisations and places by current, former or short name or code, also if it is misspelt.

Results have a `rank`: `EXACT`, `BEGINS` (an open one whose name begins with the text), `WORDS` or `ALIKE`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import (
    BooleanField,
    Case,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, JSONObject, Length

from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName, Place, PlaceCouncil
from pooledcare.directory.queries.naming import ABBREVIATIONS
from pooledcare.directory.queries.organisations import Lineage, known_to, lineage
from pooledcare.directory.queries.short_names import short_names_typed
from pooledcare.directory.terms import CouncilRole

MOST = 25
LONGEST = 100
MOST_NAMES = 8
EXACT, BEGINS, WORDS, ALIKE = range(4)

# Words that people type, and the words for them in the names of the reference tables.
_SHORT_IN_NAMES = ("pct", "ccg")
_AS_NAMES_SAY = {typed: full for typed, full in ABBREVIATIONS.items() if typed not in _SHORT_IN_NAMES} | {
    ABBREVIATIONS[short]: short for short in _SHORT_IN_NAMES
}
_WORD = re.compile(r"[\w'&]+")
_NO_HELP = frozenset({"the", "of", "and", "in", "for", "nhs"})


@dataclass(frozen=True)
class Found:
    """The results of a search of the directory. `more`: there are more organisations than are shown."""

    places: list[Place]
    organisations: list[Organisation]
    lineage: Lineage
    more: bool
    known_to: dt.date | None


def directory_search(text: str) -> Found:
    """Organisations and places for a text.

    By exact code, name or short name, then by the first words of a name, then by whole words, then by likeness.
    """
    wanted = text.strip()[:LONGEST]
    if not wanted:
        return Found([], [], Lineage(()), more=False, known_to=None)
    bodies = list(_ranked_bodies(wanted)[: MOST + 1])
    places = list(_ranked_places(wanted)[:MOST])
    shown = bodies[:MOST]
    closed = [body.pk for body in shown if body.closed is not None]
    return Found(
        places=places,
        organisations=shown,
        lineage=lineage(closed) if closed else Lineage(()),
        more=len(bodies) > MOST,
        known_to=(shown or places)[0].known_to if shown or places else None,
    )


def _ranked_places(wanted: str) -> QuerySet:
    councils = PlaceCouncil.objects.filter(
        role=CouncilRole.UPPER_TIER, organisation__in=short_names_typed(wanted).values("organisation")
    )
    return _ranked(
        Place.objects.annotate(likeness=TrigramSimilarity("name", wanted)),
        exact=Q(name__iexact=wanted) | Q(pk__in=councils.values("place")),
        begins=_begins(wanted),
        words=_words_in_name(wanted),
        alike=_alike(wanted),
    )


def _ranked_bodies(wanted: str) -> QuerySet:
    """Organisations, each with the code, the short name or the other name that matched, if that is not its main one."""
    words, alike = _words_in_name(wanted), _alike(wanted)
    codes = OrganisationCode.objects.filter(code=wanted.upper())
    short_names = short_names_typed(wanted)
    names = OrganisationName.objects.filter(words | alike).annotate(likeness=TrigramSimilarity("name", wanted))
    likeliest = names.filter(organisation=OuterRef("pk")).order_by("-likeness", "name")
    other_name = Case(
        When(words | alike, then=Value(None)),
        default=Subquery(likeliest.values("name")[:1]),
        output_field=TextField(null=True),
    )
    bodies = Organisation.objects.select_related("region").annotate(
        matched_code=Subquery(codes.filter(organisation=OuterRef("pk")).values(found=_code())[:1]),
        matched_short_name=Subquery(short_names.filter(organisation=OuterRef("pk")).values("name")[:1]),
        matched_name=other_name,
        likeness=Greatest(
            TrigramSimilarity("name", wanted),
            Coalesce(Subquery(likeliest.values("likeness")[:1]), 0.0, output_field=FloatField()),
        ),
    )
    return _ranked(
        bodies,
        exact=Q(name__iexact=wanted)
        | Q(code=wanted.upper())
        | Q(pk__in=codes.values("organisation_id"))
        | Q(pk__in=short_names.values("organisation")),
        begins=_begins(wanted)
        | Q(pk__in=OrganisationName.objects.filter(name__istartswith=wanted).values("organisation_id"), closed=None),
        words=words | Q(pk__in=names.filter(words).values("organisation_id")),
        alike=alike | Q(pk__in=names.values("organisation_id")),
    )


def names_beginning(text: str) -> list[tuple[str, str]]:
    """Names of places and organisations that still exist, to suggest while a text is typed, each with its kind.

    Those that begin with the text come first, then those that contain its words. Two queries.
    """
    wanted = text.strip()[:LONGEST]
    if not wanted:
        return []
    begins, words = _begins(wanted), _words_in_name(wanted)
    found: list[tuple[int, int, str, str]] = []
    for model in (Place, Organisation):
        rows = model.objects.filter(begins | words, closed=None).annotate(
            rank=Case(When(begins, then=Value(BEGINS)), default=Value(WORDS), output_field=IntegerField()),
            letters=Length("name"),
        )
        for row in rows.order_by("rank", "letters", "name")[:MOST_NAMES]:
            kind = "Place" if isinstance(row, Place) else row.get_kind_display()
            found.append((row.rank, row.letters, row.name, kind))
    return [(name, kind) for _, _, name, kind in sorted(found)[:MOST_NAMES]]


def _begins(wanted: str) -> Q:
    """The condition that a name begins with the text, with or without “NHS”, and is of something that still exists."""
    return (Q(name__istartswith=wanted) | Q(name__istartswith=f"NHS {wanted}")) & Q(closed=None)


def _ranked(everything: QuerySet, *, exact: Q, begins: Q, words: Q, alike: Q) -> QuerySet:
    """Rows that match, best first: exactly, by the first words, by all words, by likeness.

    Among those that match in the same way, open ones come before closed ones.
    """
    rank = Case(
        When(exact, then=Value(EXACT)),
        When(begins, then=Value(BEGINS)),
        When(words, then=Value(WORDS)),
        default=Value(ALIKE),
        output_field=IntegerField(),
    )
    is_closed = Case(When(closed=None, then=Value(False)), default=Value(True), output_field=BooleanField())
    return (
        everything.filter(exact | begins | words | alike)
        .annotate(rank=rank, is_closed=is_closed, known_to=known_to())
        .order_by("rank", "is_closed", "-likeness", "name", "pk")
    )


def _words_in_name(wanted: str) -> Q:
    """The condition that all words occur in one name. It matches nothing if there are no words."""
    words = Q()
    for word in _words(wanted):
        words &= Q(name__icontains=word)
    return words or Q(pk=None)


def _alike(wanted: str) -> Q:
    return Q(name__trigram_word_similar=wanted)


def _code() -> JSONObject:
    return JSONObject(code=F("code"), scheme="scheme", valid_from="valid_from", valid_to="valid_to")


def _words(wanted: str) -> list[str]:
    """The words that must all appear in a name, with abbreviations replaced by what the names use.

    >>> _words("Somerset primary care trust"), _words("NHS Somerset ICB")
    (['somerset', 'pct'], ['somerset', 'integrated', 'care', 'board'])
    """
    plain = wanted.lower()
    for typed, written in _AS_NAMES_SAY.items():
        plain = re.sub(rf"\b{typed}\b", written, plain)
    found = _WORD.findall(plain)
    return [word for word in found if word not in _NO_HELP] or found
