"""Which column of a sheet says which body a row is about: by codes, or else by names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from pooledcare.directory.bodies import FAMILIES, Bodies, Body, family_label
from pooledcare.uploads.proposals.cells import Kind
from pooledcare.uploads.proposals.samples import Sample
from pooledcare.uploads.proposals.texts import plain

_LEAST_SHARE = 0.5  # of the cells with text in the column
_CLEARLY_MORE = 2  # bodies, by which one family has to be ahead of another
_LONGEST_CODE = 12
_LONGEST_NAME = 200


@dataclass(frozen=True)
class BodyColumn:
    """A column of codes or names: `found` are the bodies of the rows of the sample that have any, of any year."""

    index: int
    by_code: bool
    found: dict[int, tuple[Body, ...]]
    texts: int  # cells with text at or below the first that is known
    family: str = ""

    @property
    def share(self) -> float:
        return len(self.found) / self.texts if self.texts else 0.0

    @cached_property
    def different(self) -> int:
        """How many different bodies it names."""
        return len({self.keys(place) for place in self.found})

    def keys(self, place: int) -> frozenset[int]:
        return frozenset(body.key for body in self.found.get(place, ()))


@dataclass
class BodySearch:
    """Looks for the columns of codes and names of one sheet. `year` is a starting year if it is known."""

    sample: Sample
    bodies: Bodies
    year: int | None = None
    _names: dict[str, tuple[Body, ...]] = field(default_factory=dict, repr=False)

    def _named(self, text: str) -> tuple[Body, ...]:
        if text not in self._names:
            self._names[text] = tuple(self.bodies.named(text)) if len(text) <= _LONGEST_NAME else ()
        return self._names[text]

    @cached_property
    def _texts(self) -> dict[int, list[tuple[int, str, bool]]]:
        """By column: the places of its cells with a text, the text, and whether it is no number."""
        found: dict[int, list[tuple[int, str, bool]]] = {index: [] for index in range(self.sample.width)}
        for place in range(len(self.sample.rows)):
            row = zip(self.sample.texts(place), self.sample.cells(place), strict=True)
            for index, (text, cell) in enumerate(row):
                if text and cell.kind is not Kind.MARKER:
                    found[index].append((place, text, cell.kind is Kind.TEXT))
        return found

    @cached_property
    def codes(self) -> list[BodyColumn]:
        """The columns of codes, left to right."""
        every = (self._column(index, by_code=True) for index in range(self.sample.width))
        return [column for column in every if column.found and column.share >= _LEAST_SHARE]

    @cached_property
    def names(self) -> list[BodyColumn]:
        """The columns of names, left to right."""
        every = (self._column(index, by_code=False) for index in range(self.sample.width))
        return [column for column in every if column.found and column.share >= _LEAST_SHARE]

    def _column(self, index: int, *, by_code: bool) -> BodyColumn:
        found: dict[int, tuple[Body, ...]] = {}
        texts: list[int] = []
        for place, text, is_text in self._texts[index]:
            # A code such as 06M can be read as an amount too.
            if not is_text and not (by_code and text.isalnum()):
                continue
            there: tuple[Body, ...] = ()
            if not by_code:
                there = self._named(text)
            elif len(text) <= _LONGEST_CODE:
                there = tuple(self.bodies.with_code(text))
            texts.append(place)
            if there:
                found[place] = there
        if not found:
            return BodyColumn(index, by_code, {}, 0)
        first, last = min(found), max(found)
        return BodyColumn(index, by_code, found, sum(first <= place <= last for place in texts))

    def families(self, column: BodyColumn) -> list[tuple[str, int]]:
        """How many rows of a column of names fit bodies of each family, the most first."""
        counts: Counter[str] = Counter()
        for found in column.found.values():
            counts.update({body.family for body in found if body.existed_in(self.year)})
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def same_bodies(one: BodyColumn, other: BodyColumn) -> bool:
    """Whether two columns name the same bodies, in every row in which both name any."""
    both = one.found.keys() & other.found.keys()
    return bool(both) and all(one.keys(place) & other.keys(place) for place in both)


def clear_family(counts: list[tuple[str, int]], heading: str) -> tuple[str, str]:
    """The family that is clearly meant, and why; empty if two are possible."""
    if not counts:
        return "", ""
    said = _family_of_heading(heading)
    if said and any(family == said for family, _ in counts):
        return said, f"the heading “{heading}” says {family_label(said)}"
    family, most = counts[0]
    others = counts[1][1] if len(counts) > 1 else 0
    if most - others >= _CLEARLY_MORE or (most and not others):
        return family, f"{most} of the names are {family_label(family)}"
    return "", ""


_HEADING_WORDS = {
    "council": ("local authority", "local authorities", "council", "councils", "la name", "authority", "borough"),
    "icb": ("icb", "integrated care board", "integrated care boards"),
    "ccg": ("ccg", "clinical commissioning group", "clinical commissioning groups"),
    "trust": ("trust", "trust name", "provider"),
    "pct": ("pct", "primary care trust"),
}
assert set(_HEADING_WORDS) <= set(FAMILIES)


def _family_of_heading(heading: str) -> str:
    words = plain(heading)
    fitting = [family for family, phrases in _HEADING_WORDS.items() if any(f" {each} " in words for each in phrases)]
    return fitting[0] if len(fitting) == 1 else ""
