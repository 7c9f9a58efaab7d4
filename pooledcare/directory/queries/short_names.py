"""Organisations by a short name that people type, such as BNSSG, B&NES or “NEL ICB”."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from pooledcare.directory.models import ShortName
from pooledcare.directory.terms import COUNCIL_KINDS, OrganisationKind
from pooledcare.directory.wording import letters_of

# Words after a short name that say which kind of organisation is meant.
_KINDS: dict[str, frozenset[str]] = {
    "icb": frozenset({OrganisationKind.ICB}),
    "ccg": frozenset({OrganisationKind.CCG}),
    "pct": frozenset({OrganisationKind.PCT}),
    "ft": frozenset({OrganisationKind.FOUNDATION_TRUST}),
    "trust": frozenset({OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST}),
    "council": frozenset(COUNCIL_KINDS),
}
_LONGEST = 40


def short_names_typed(text: str) -> QuerySet[ShortName]:
    """The short names that a text can be, with or without a word for the kind. None match a text of other words."""
    words = text.split()
    if words and words[0].lower() == "nhs":
        words = words[1:]
    kinds: frozenset[str] = frozenset()
    if len(words) > 1 and words[-1].lower() in _KINDS:
        kinds = _KINDS[words.pop().lower()]
    letters = letters_of("".join(words))
    if not letters or len(letters) > _LONGEST:
        return ShortName.objects.none()
    wanted = Q(letters=letters)
    if kinds:
        wanted &= Q(organisation__kind__in=kinds)
    return ShortName.objects.filter(wanted)
