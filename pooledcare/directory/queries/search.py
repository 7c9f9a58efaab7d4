"""Finding bodies and places by name or code, as they are or were, also when a letter is wrong."""

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
from django.db.models.functions import Coalesce, Greatest, JSONObject

from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName, Place
from pooledcare.directory.queries.naming import ABBREVIATIONS
from pooledcare.directory.queries.organisations import Lineage, known_to, lineage

MOST = 25
LONGEST = 100

# What people type, and what the names of the reference say.
_SHORT_IN_NAMES = ("pct", "ccg")
_AS_NAMES_SAY = {typed: full for typed, full in ABBREVIATIONS.items() if typed not in _SHORT_IN_NAMES} | {
    ABBREVIATIONS[short]: short for short in _SHORT_IN_NAMES
}
_WORD = re.compile(r"[\w'&]+")
_NO_HELP = frozenset({"the", "of", "and", "in", "for", "nhs"})


@dataclass(frozen=True)
class Found:
    """What a search found in the directory; `more` says that there was more than is shown."""

    places: list[Place]
    organisations: list[Organisation]
    lineage: Lineage
    more: bool
    known_to: dt.date | None


def directory_search(text: str) -> Found:
    """Bodies and places for what somebody typed: codes first, then whole words, then what looks alike."""
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
    return _ranked(
        Place.objects.annotate(likeness=TrigramSimilarity("name", wanted)),
        exact=Q(name__iexact=wanted),
        words=_words_in_name(wanted),
        alike=_alike(wanted),
    )


def _ranked_bodies(wanted: str) -> QuerySet:
    """Each with the code and the other name by which it was found, where it was not by its own."""
    words, alike = _words_in_name(wanted), _alike(wanted)
    codes = OrganisationCode.objects.filter(code=wanted.upper())
    names = OrganisationName.objects.filter(words | alike).annotate(likeness=TrigramSimilarity("name", wanted))
    likeliest = names.filter(organisation=OuterRef("pk")).order_by("-likeness", "name")
    other_name = Case(
        When(words | alike, then=Value(None)),
        default=Subquery(likeliest.values("name")[:1]),
        output_field=TextField(null=True),
    )
    bodies = Organisation.objects.select_related("region").annotate(
        matched_code=Subquery(codes.filter(organisation=OuterRef("pk")).values(found=_code())[:1]),
        matched_name=other_name,
        likeness=Greatest(
            TrigramSimilarity("name", wanted),
            Coalesce(Subquery(likeliest.values("likeness")[:1]), 0.0, output_field=FloatField()),
        ),
    )
    return _ranked(
        bodies,
        exact=Q(name__iexact=wanted) | Q(code=wanted.upper()) | Q(pk__in=codes.values("organisation_id")),
        words=words | Q(pk__in=names.filter(words).values("organisation_id")),
        alike=alike | Q(pk__in=names.values("organisation_id")),
    )


def _ranked(everything: QuerySet, *, exact: Q, words: Q, alike: Q) -> QuerySet:
    """Rows that match, best first: exactly, by all words, by likeness; of each, open ones before closed ones."""
    rank = Case(When(exact, then=Value(0)), When(words, then=Value(1)), default=Value(2), output_field=IntegerField())
    is_closed = Case(When(closed=None, then=Value(False)), default=Value(True), output_field=BooleanField())
    return (
        everything.filter(exact | words | alike)
        .annotate(rank=rank, is_closed=is_closed, known_to=known_to())
        .order_by("rank", "is_closed", "-likeness", "name", "pk")
    )


def _words_in_name(wanted: str) -> Q:
    """All words occur in one name; nothing does where there are no words."""
    words = Q()
    for word in _words(wanted):
        words &= Q(name__icontains=word)
    return words or Q(pk=None)


def _alike(wanted: str) -> Q:
    return Q(name__trigram_word_similar=wanted)


def _code() -> JSONObject:
    return JSONObject(code=F("code"), scheme="scheme", valid_from="valid_from", valid_to="valid_to")


def _words(wanted: str) -> list[str]:
    """The words that must all appear in a name, abbreviations written as names write them.

    >>> _words("Somerset primary care trust"), _words("NHS Somerset ICB")
    (['somerset', 'pct'], ['somerset', 'integrated', 'care', 'board'])
    """
    plain = wanted.lower()
    for typed, written in _AS_NAMES_SAY.items():
        plain = re.sub(rf"\b{typed}\b", written, plain)
    found = _WORD.findall(plain)
    return [word for word in found if word not in _NO_HELP] or found
