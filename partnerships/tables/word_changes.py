"""Word-by-word comparison of two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from partnerships.rules.agreements import Difference

MOST_WORDS = 2_000
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of one `kind`: `same`, `gone` or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangedField:
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class MarkedDifference:
    """One thing that differs, with its fields marked."""

    group: str
    name: str
    what: str
    fields: tuple[ChangedField, ...]


def with_marked_words(found: Iterable[Difference]) -> list[MarkedDifference]:
    return [
        MarkedDifference(
            each.group,
            each.name,
            each.what.value,
            tuple(ChangedField(field.label, tuple(pieces(field.before, field.after))) for field in each.fields),
        )
        for each in found
    ]


def pieces(before: str, after: str) -> list[Piece]:
    """Compare two texts.

    Long texts, and texts that share less than half of their words, are shown whole, one after another.

    >>> [(one.kind, one.text) for one in pieces("Six months of notice", "Twelve months of notice")]
    [('gone', 'Six '), ('new', 'Twelve '), ('same', 'months of notice')]
    >>> [(one.kind, one.text) for one in pieces("", "Twelve")]
    [('new', 'Twelve')]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > MOST_WORDS or matcher.ratio() < 0.5:
        return [Piece(kind, text) for kind, text in (("gone", before), ("new", after)) if text]
    found = []
    for what, first, last, start, stop in matcher.get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(new[start:stop])))
            continue
        found += [Piece("gone", "".join(old[first:last]))] if last > first else []
        found += [Piece("new", "".join(new[start:stop]))] if stop > start else []
    return found
