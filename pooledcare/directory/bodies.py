"""Bodies by code and by name in a financial year, for files that name bodies in columns. Pure: no queries.

`queries.bodies.all_bodies` reads them from the database.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pooledcare.directory.terms import COUNCIL_KINDS, OrganisationKind
from pooledcare.directory.wording import ABBREVIATIONS, letters_of, plain_words

FIRST_YEAR, LAST_YEAR = 1900, 2999
COUNCILS = "council"
TRUSTS = "trust"
# Which bodies publishers list together, and what such a list is called.
FAMILIES: dict[str, str] = {
    COUNCILS: "councils",
    TRUSTS: "NHS trusts",
    OrganisationKind.ICB.value: "integrated care boards",
    OrganisationKind.CCG.value: "clinical commissioning groups",
    OrganisationKind.PCT.value: "primary care trusts",
}
_TRUST_KINDS = frozenset({OrganisationKind.NHS_TRUST, OrganisationKind.FOUNDATION_TRUST})
# Words of a name that say to which family its body belongs.
_SAYS_FAMILY: tuple[tuple[tuple[str, ...], str], ...] = (
    (("integrated", "care", "board"), OrganisationKind.ICB.value),
    (("clinical", "commissioning", "group"), OrganisationKind.CCG.value),
    (("primary", "care", "trust"), OrganisationKind.PCT.value),
    (("foundation", "trust"), TRUSTS),
    (("nhs", "trust"), TRUSTS),
    (("council",), COUNCILS),
    (("borough",), COUNCILS),
)
_KIND_WORDS = frozenset(
    {
        *("nhs", "integrated", "care", "board", "primary", "trust", "foundation", "clinical", "commissioning", "group"),
        *("council", "county", "city", "borough", "metropolitan", "district", "london", "royal", "unitary", "upon"),
        *("authority", "ua", "corporation", "on"),
    }
)
_CLOSE = 0.75  # the least likeness (difflib ratio) of a name that is offered for another


def family_of(kind: str) -> str:
    """The family of a kind of organisation.

    >>> family_of("county"), family_of("foundation_trust"), family_of("icb")
    ('council', 'trust', 'icb')
    """
    if kind in COUNCIL_KINDS:
        return COUNCILS
    return TRUSTS if kind in _TRUST_KINDS else kind


def family_label(family: str) -> str:
    """What a list of bodies of a family is called; the kind in words if it is no family of several."""
    return FAMILIES.get(family) or OrganisationKind(family).label


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, abbreviations written out.

    >>> words_of("NHS Barnet CCG")
    ('nhs', 'barnet', 'clinical', 'commissioning', 'group')
    """
    return tuple(" ".join(ABBREVIATIONS.get(word, word) for word in plain_words(name.replace("_", " "))).split())


def own_words(name: str) -> tuple[str, ...]:
    """The words of a name that do not only say what kind of body it is; all words if there are no others.

    >>> own_words("London Borough of Barnet"), own_words("City of London")
    (('barnet',), ('city', 'london'))
    """
    words = words_of(name)
    own = tuple(word for word in words if word not in _KIND_WORDS)
    return own or tuple(word for word in words if word not in ("council", "corporation")) or words


def family_said(name: str) -> str:
    """The family that the words of a name state; empty if they state none.

    >>> family_said("Barnet CCG"), family_said("Barnet")
    ('ccg', '')
    """
    words = set(words_of(name))
    return next((family for needed, family in _SAYS_FAMILY if words.issuperset(needed)), "")


@dataclass(frozen=True)
class BodyCode:
    """A code, with the first and last financial year (starting years) in which it was valid."""

    code: str
    first: int = FIRST_YEAR
    last: int = LAST_YEAR


@dataclass(frozen=True)
class Body:
    """`first` and `last` are the financial years (starting years) in which it existed for at least one day."""

    key: int
    name: str
    family: str
    codes: tuple[BodyCode, ...]
    first: int = FIRST_YEAR
    last: int = LAST_YEAR
    other_names: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()

    def existed_in(self, year: int | None) -> bool:
        return year is None or self.first <= year <= self.last

    def code_in(self, year: int) -> str:
        """Its code in a year, the first of several; empty if it had none."""
        return next((each.code for each in self.codes if each.first <= year <= each.last), "")


def tidied(text: str) -> str:
    """A code as it is compared.

    >>> tidied(" qsl ")
    'QSL'
    """
    return text.strip().upper()


@dataclass
class Bodies:
    """All bodies. `regions` are names of regions by code: rows with such a code are of no body."""

    bodies: tuple[Body, ...]
    regions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, bodies: Iterable[Body], regions: Mapping[str, str] | None = None) -> Bodies:
        return cls(tuple(bodies), regions or {})

    @cached_property
    def _by_code(self) -> dict[str, list[tuple[Body, BodyCode]]]:
        found: dict[str, list[tuple[Body, BodyCode]]] = defaultdict(list)
        for body in self.bodies:
            for code in body.codes:
                found[code.code].append((body, code))
        return dict(found)

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], list[Body]]:
        """By all words of a name, whole names and other names."""
        return self._indexed(words_of)

    @cached_property
    def _by_own_words(self) -> dict[tuple[str, ...], list[Body]]:
        return self._indexed(own_words)

    def _indexed(self, key_of: Callable[[str], tuple[str, ...]]) -> dict[tuple[str, ...], list[Body]]:
        found: dict[tuple[str, ...], list[Body]] = defaultdict(list)
        for body in self.bodies:
            for key in {key_of(name) for name in (body.name, *body.other_names)}:
                found[key].append(body)
        return dict(found)

    @cached_property
    def _by_letters(self) -> dict[str, list[Body]]:
        found: dict[str, list[Body]] = defaultdict(list)
        for body in self.bodies:
            for short in body.short_names:
                found[letters_of(short)].append(body)
        return dict(found)

    @cached_property
    def region_words(self) -> frozenset[tuple[str, ...]]:
        return frozenset(plain for name in self.regions.values() if (plain := words_of(name)))

    def with_code(self, text: str, year: int | None = None) -> list[Body]:
        """The bodies that had a code in a year, or ever if no year is given."""
        held = self._by_code.get(tidied(text), [])
        return list(
            {
                body.key: body
                for body, code in held
                if year is None or (code.first <= year <= code.last and body.existed_in(year))
            }.values()
        )

    def named(self, text: str, *, family: str = "", year: int | None = None) -> list[Body]:
        """The bodies with this name: all its words, or else all words that do not only say the kind of body.

        A family that the words state counts more than the one that is given. The name of a region, or England, is that
        of no body.
        """
        wanted = family_said(text) or family
        whole = _fitting(self._by_words.get(words_of(text), []), wanted, year)
        if whole or self.is_region(text):
            return whole
        return _fitting(self._by_own_words.get(own_words(text), []), wanted, year)

    def likely(self, text: str, *, family: str = "", year: int | None = None, most: int = 5) -> list[Body]:
        """The bodies that may be meant by a text that names none for certain, likeliest first."""
        wanted = family_said(text) or family
        by_letters = _fitting(self._by_letters.get(letters_of(" ".join(own_words(text))), []), wanted, year)
        there = {key: fit for key, all_ in self._by_own_words.items() if (fit := _fitting(all_, wanted, year))}
        own = own_words(text)
        parts = [key for key in there if key and (set(key) <= set(own) or set(own) <= set(key))]
        alike = difflib.get_close_matches(" ".join(own), [" ".join(key) for key in there], n=most, cutoff=_CLOSE)
        found = [*by_letters]
        for key in [*(tuple(each.split()) for each in alike), *sorted(parts)]:
            found += there.get(key, [])
        return list({body.key: body for body in found}.values())[:most]

    def is_region(self, text: str) -> bool:
        """Whether a text is the code or the name of a region, or England."""
        return tidied(text) in self.regions or words_of(text) in self.region_words or words_of(text) == ("england",)


def _fitting(bodies: Iterable[Body], family: str, year: int | None) -> list[Body]:
    return [body for body in bodies if (not family or body.family == family) and body.existed_in(year)]
