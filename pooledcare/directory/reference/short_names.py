"""Short names of organisations: their initials, as people write them, and those that they use of themselves.

Initials are computed and never say that only one organisation has them: a search lists all that do.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from pooledcare.directory.reference import tables
from pooledcare.directory.reference.bodies import Bodies
from pooledcare.directory.reference.tables import Row
from pooledcare.directory.wording import letters_of

COMPUTED = "pooledcare-initials"
# Two letters mean too many organisations.
FEWEST = 3
# Words that people count in initials or leave out: HIOW has the “of” of Isle of Wight, BANES its “and”.
_OPTIONAL = ("and", "of", "with", "upon", "on", "in", "under", "le", "for")
_NEVER = frozenset({"the"})
# What follows or comes before the name of the place.
_KIND_AFTER = re.compile(
    r" (?:integrated care board|ccg|(?:teaching )?pct|(?:nhs )?(?:foundation )?trust|"
    r"(?:(?:city and district|metropolitan borough|metropolitan district|borough|county|city|district) )?council)$"
)
_COUNCIL = re.compile(r"\bcouncil\b|^(?:london|royal) borough of |^city of ")
_KIND_BEFORE = re.compile(r"^(?:nhs|(?:london|royal) borough of|city of|borough of)\s+")


def short_name_rows(bodies: Bodies, other_names: Iterable[Row]) -> list[Row]:
    """One row for each organisation and short name. A published one is kept where it equals the initials."""
    keys = {row["code"]: row["organisation"] for row in bodies.codes}
    found = {
        (keys[row["code"]], letters_of(row["name"])): _row(keys[row["code"]], row["name"], row["source"])
        for row in tables.PUBLISHED_SHORT_NAMES.read()
    }
    names = [(key, body["name"]) for key, body in bodies.organisations.items()]
    names += [(row["organisation"], row["name"]) for row in other_names]
    for key, name in names:
        for short in sorted(initials(name)):
            found.setdefault((key, letters_of(short)), _row(key, short, COMPUTED))
    return list(found.values())


def _row(organisation: str, name: str, source: str) -> Row:
    return {"organisation": organisation, "letters": letters_of(name), "name": name, "source": source}


def initials(name: str) -> set[str]:
    """The initials of a name, with and without small words and words for its kind.

    >>> sorted(initials("Bath and North East Somerset Council"))
    ['B&NES', 'B&NESC', 'BANES', 'BANESC', 'BNES', 'BNESC']
    >>> sorted(initials("London Borough of Hammersmith & Fulham"))
    ['H&F', 'HAF', 'LBH&F', 'LBHAF', 'LBHF', 'LBOH&F', 'LBOHAF', 'LBOHF']
    >>> initials("Leeds City Council"), initials("NHS Leeds CCG")
    ({'LCC'}, set())
    """
    plain = re.sub(r"[’']", "", name.casefold()).replace("&", " and ")
    plain = re.sub(r"[^\w]+", " ", plain).strip()
    texts = [_KIND_BEFORE.sub("", _KIND_AFTER.sub("", plain))]
    if _COUNCIL.search(plain):
        texts.append(plain)
    return {short for text in texts for short in _spelt(text.split()) if len(short) >= FEWEST}


def _spelt(words: list[str]) -> Iterator[str]:
    """The initials with each choice of small words to keep; a kept “and” is A or &."""
    present = [word for word in _OPTIONAL if word in words]
    for size in range(len(present) + 1):
        for kept in itertools.combinations(present, size):
            counted = [word for word in words if word not in _NEVER and (word not in _OPTIONAL or word in kept)]
            yield "".join(word[0] for word in counted).upper()
            yield "".join("&" if word == "and" else word[0] for word in counted).upper()
