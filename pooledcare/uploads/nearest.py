"""The published layout that a file comes closest to, where it fits none: which one, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pooledcare.kernel.names import joined
from pooledcare.kernel.problems import Problem, Where
from pooledcare.uploads import profiles
from pooledcare.uploads.layouts import headings_of_rows

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable, Sheet
    from pooledcare.uploads.layouts import Edition, Pattern, Profile, SheetLayout

_LEAST_HEADINGS = 2
_MOST_HEADINGS, _LONGEST_HEADING = 10, 200  # in one sentence
_TITLE_ROWS = 20
_READ_ROWS = 30  # at once, so that the top of a sheet is read only once
_LEAST_SHARE = 0.5  # of the headings that the sheets of a layout need
# Parts of patterns, and what people read for them.
_YEARS = (
    (r"20\d\d/20\d\d", "2024/2025"),
    (r"20\d\d\-20\d\d", "2024-2025"),
    (r"20\d\d\-\d\d", "2024-25"),
    (r"20\d\d–\d\d", "2024–25"),
    (r"20\d\d_\d\d", "2024_25"),
    (r"20\d\d-\d\d", "2024-25"),
    (r"20\d\d/\d\d", "2024/25"),
    (r"\d\d", "24"),
)
_GROUP = re.compile(r"\((?:\?P<\w+>)?([^()|]*)\)\??")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")
_CONDITION = re.compile(r"\(\?![^)]*\)")


@dataclass
class Likeness:
    """How a file compares with one edition of a layout."""

    profile: Profile
    edition: Edition
    found: int = 0  # needed headings that the file has
    needed: int = 0
    has_sign: bool = False  # a heading of figures or a title of the layout is in the file: other files have codes too
    differences: list[Problem] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.found / self.needed if self.needed else 0.0

    def problems(self) -> list[Problem]:
        """The layout, and each difference."""
        edition = f", edition {self.edition.name}" if self.edition.name else ""
        looks_like = Problem(
            "LIKE_LAYOUT",
            f"This looks like “{self.profile.title}”{edition}, but these sheets or headings differ",
            fix="Send the file as it was published. If the publisher has changed it, copy the figures into the blank "
            "template, or ask the people who run the service to add the new edition.",
        )
        return [looks_like, *self.differences]


class _Heads:
    """The rows at the top of each sheet with their headings on one line, which are compared with many layouts."""

    def __init__(self, table: InputTable) -> None:
        self.sheets = list(table.sheets)
        self._rows: dict[tuple[int, int, int], list[tuple[int, list[str], str]]] = {}

    def rows(self, sheet: Sheet, within: int, heading_rows: int) -> list[tuple[int, list[str], str]]:
        """The number of each row, the headings that it would give, and all of them as lines of one text."""
        key = (id(sheet), within, heading_rows)
        if key not in self._rows:
            found = headings_of_rows(sheet.head(max(within, _READ_ROWS))[:within], heading_rows)
            self._rows[key] = [(number, headings, "\n".join(headings)) for number, headings in found]
        return self._rows[key]

    @cached_property
    def lines(self) -> str:
        """Every cell at the top of the sheets as a line of its own."""
        rows = (text for sheet in self.sheets for _, _, text in self.rows(sheet, _TITLE_ROWS, 1))
        return "\n".join(rows)


@lru_cache(maxsize=5_000)
def _in_lines(pattern: Pattern) -> Pattern:
    """The pattern for a whole line. To look for it in all headings of a row at once is faster than in each."""
    return re.compile(f"^(?:{pattern.pattern})$", pattern.flags | re.MULTILINE)


def nearest(kind: str, table: InputTable, known: Sequence[Profile] = ()) -> Likeness | None:
    """The layout and edition with the largest share of its headings in the file; None if none is close.

    Compared are the published layouts, and those in `known`, such as the layouts that an organisation has made.
    """
    published = [profile for profile in profiles.profiles(kind) if profile.is_published]
    heads = _Heads(table)
    every = [_compared(profile, edition, heads) for profile in (*published, *known) for edition in profile.editions]
    best = max(
        (each for each in every if each.has_sign),
        key=lambda each: (each.share, -len(each.differences)),
        default=None,
    )
    if best is None or best.share < _LEAST_SHARE:
        return None
    if best.found < _LEAST_HEADINGS and best.profile not in known:
        return None
    return best


def compared(profile: Profile, table: InputTable) -> Likeness:
    """How the file compares with one layout, in the edition that comes closest."""
    heads = _Heads(table)
    every = [_compared(profile, edition, heads) for edition in profile.editions]
    return max(every, key=lambda each: (each.share, -len(each.differences)))


def _compared(profile: Profile, edition: Edition, heads: _Heads) -> Likeness:
    likeness = Likeness(profile, edition, has_sign=_has_title(profile, heads))
    taken: set[int] = set()
    for layout in edition.sheets:
        if layout.required:
            likeness.needed += len(layout.needed())
            _compare_sheet(likeness, layout, heads, taken)
    return likeness


def _compare_sheet(likeness: Likeness, layout: SheetLayout, heads: _Heads, taken: set[int]) -> None:
    """Find the sheet that comes closest to a layout of a sheet, by its name and by its headings."""
    rows = [
        (layout.title.fullmatch(sheet.name) is not None, *_best_row(layout, sheet, heads), sheet)
        for sheet in heads.sheets
        if id(sheet) not in taken
    ]
    if not rows:
        likeness.differences.append(_no_sheet(layout))
        return
    is_named, found, number, missing, sheet = max(rows, key=lambda row: (row[1], row[0]))
    if not found:
        likeness.differences.append(_no_sheet(layout))
        return
    taken.add(id(sheet))
    likeness.found += found
    likeness.has_sign |= any(figures.required and figures.heading not in missing for figures in layout.figures)
    likeness.differences += _differences(layout, sheet, number, missing, is_named=is_named)


def _has_title(profile: Profile, heads: _Heads) -> bool:
    """Whether a cell at the top of a sheet is the layout's title with its year."""
    if profile.year is None or profile.year.search(heads.lines) is None:
        return False
    return any(profile.year.search(line) for line in heads.lines.split("\n"))


def _best_row(layout: SheetLayout, sheet: Sheet, heads: _Heads) -> tuple[int, int, list[Pattern]]:
    """Of the rows at the top, the one with most of the needed headings: how many, its number, and which it misses."""
    needed = layout.needed()
    best: tuple[int, int, list[Pattern]] = (0, 0, needed)
    for number, headings, lines in heads.rows(sheet, layout.header_within, layout.heading_rows):
        if sum(_in_lines(wanted).search(lines) is not None for wanted in needed) <= best[0]:
            continue
        missing = layout.missing(headings)
        if len(needed) - len(missing) > best[0]:
            best = (len(needed) - len(missing), number, missing)
    return best


def _differences(
    layout: SheetLayout, sheet: Sheet, number: int, missing: list[Pattern], *, is_named: bool
) -> Iterator[Problem]:
    if not is_named:
        message = f"The sheet has the headings of “{said(layout.title)}”, and another name"
        yield Problem("OTHER_SHEET", message, Where(sheet=sheet.name), sheet.name, "Give it the name as published.")
    for heading in missing:
        message = f"There is no heading like “{said(heading)}” in row {number}"
        where = Where(sheet.name or None, number)
        yield Problem("OTHER_HEADING", message, where, None, "Correct the heading if it was changed.")
    if layout.whole_row and not missing:
        yield from _other_row(layout, sheet, number)


def _other_row(layout: SheetLayout, sheet: Sheet, number: int) -> Iterator[Problem]:
    """What differs in a row that must have exactly the headings of the layout, and has all that are read."""
    rows = headings_of_rows(sheet.head(layout.header_within), layout.heading_rows)
    headings = next(found for row, found in rows if row == number)
    if layout.is_whole_row(headings):
        return
    others = [text for text in headings if text and not any(one.fullmatch(text) for one in layout.whole_row)]
    message = f"The headings in row {number} are not exactly those of the layout, or are in another order"
    if others:
        message = f"Row {number} also has {joined(f'“{text[:_LONGEST_HEADING]}”' for text in others[:_MOST_HEADINGS])}"
    yield Problem("OTHER_HEADING", message, Where(sheet.name or None, number), None, "Correct the headings.")


def _no_sheet(layout: SheetLayout) -> Problem:
    headings = ", ".join(f"“{said(heading)}”" for heading in layout.needed())
    return Problem("NO_SHEET", f"No sheet has headings like {headings}", fix="Add the sheet if it was deleted.")


def said(pattern: Pattern) -> str:
    """An example of what a pattern matches, for people.

    >>> said(re.compile(r"(?P<year>20\\\\d\\\\d/\\\\d\\\\d) Recurrent allocation \\\\(£k\\\\)"))
    '2024/25 Recurrent allocation (£k)'
    >>> said(re.compile(r"(?!.*baseline).*\\\\bcore\\\\b.*")), said(re.compile("System Name|Board"))
    ('… core …', 'System Name or Board')
    """
    text = _CONDITION.sub("", pattern.pattern).replace(r"\b", "").replace(r"\*", "*")
    text = text.replace(r"\(", "\x00").replace(r"\)", "\x01").replace("\x00?", "\x00").replace("\x01?", "\x01")
    for written, example in _YEARS:
        text = text.replace(written, example)
    while (plain := _GROUP.sub(r"\1", text)) != text:
        text = plain
    text = text.replace("|", " or ").replace(".*", " … ").replace("s?", "s").replace("\x00", "(").replace("\x01", ")")
    text = _ESCAPED.sub(r"\1", text)
    return " ".join(text.split())
