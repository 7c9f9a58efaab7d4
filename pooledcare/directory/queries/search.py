"""Finding bodies and places by name or code, as they are or were, also when a letter is wrong."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import BooleanField, Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from pooledcare.directory.models import Organisation, OrganisationCode, Place
from pooledcare.directory.queries.organisations import Lineage, known_to, lineage

MOST = 25
LONGEST = 100

# What people type, and what the names say.
_WRITTEN_OUT = {
    "icb": "integrated care board",
    "primary care trust": "pct",
    "clinical commissioning group": "ccg",
    "foundation trust": "nhs foundation trust",
    "ft": "nhs foundation trust",
    "cc": "county council",
    "mbc": "metropolitan borough council",
    "dc": "district council",
    "bc": "borough council",
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
    bodies = list(_ranked(Organisation.objects.select_related("region"), wanted, codes=True)[: MOST + 1])
    places = list(_ranked(Place.objects.all(), wanted, codes=False)[:MOST])
    shown = bodies[:MOST]
    closed = [body.pk for body in shown if body.closed is not None]
    return Found(
        places=places,
        organisations=shown,
        lineage=lineage(closed) if closed else Lineage(()),
        more=len(bodies) > MOST,
        known_to=(shown or places)[0].known_to if shown or places else None,
    )


def _ranked(everything: QuerySet, wanted: str, *, codes: bool) -> QuerySet:
    """Rows that match, best first: by code, by all words, by likeness; open ones before closed ones."""
    words = Q()
    for word in _words(wanted):
        words &= Q(name__icontains=word)
    whens, condition = [], Q(name__trigram_word_similar=wanted)
    if words:
        whens.append(When(words, then=Value(1)))
        condition |= words
    if codes:
        of_old = OrganisationCode.objects.filter(code=wanted.upper()).values("organisation_id")
        by_code = Q(code=wanted.upper()) | Q(pk__in=of_old)
        whens.insert(0, When(by_code, then=Value(0)))
        condition |= by_code
        matched = OrganisationCode.objects.filter(organisation=OuterRef("pk"), code=wanted.upper())
        everything = everything.annotate(matched_code=Subquery(matched.values(found=_code())[:1]))
    else:
        by_name = Q(name__iexact=wanted)
        whens.insert(0, When(by_name, then=Value(0)))
    return (
        everything.filter(condition)
        .annotate(
            rank=Case(*whens, default=Value(2), output_field=IntegerField()),
            likeness=TrigramSimilarity("name", wanted),
            is_closed=Case(When(closed=None, then=Value(False)), default=Value(True), output_field=BooleanField()),
            known_to=known_to(),
        )
        .order_by("rank", "-likeness", "is_closed", "name", "pk")
    )


def _code() -> JSONObject:
    return JSONObject(code=F("code"), scheme="scheme", valid_from="valid_from", valid_to="valid_to")


def _words(wanted: str) -> list[str]:
    """The words that must all appear in a name, abbreviations written as names write them.

    >>> _words("Somerset primary care trust"), _words("NHS Somerset ICB")
    (['somerset', 'pct'], ['somerset', 'integrated', 'care', 'board'])
    """
    plain = wanted.lower()
    for typed, written in _WRITTEN_OUT.items():
        plain = re.sub(rf"\b{typed}\b", written, plain)
    found = _WORD.findall(plain)
    return [word for word in found if word not in _NO_HELP] or found
