"""What the columns of one sheet are: codes, names, amounts with their values, or not read, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from pooledcare.kernel.names import joined
from pooledcare.kernel.tabular import column_letter
from pooledcare.kernel.units import POUND, unit_in_heading, units_in_title
from pooledcare.uploads.kinds import Hint, LayoutColumns, UploadKind, normal_heading
from pooledcare.uploads.layouts import Edition, Profile, SheetLayout
from pooledcare.uploads.proposals.looking import ColumnLook, SheetLook
from pooledcare.uploads.proposals.shapes import Role
from pooledcare.uploads.proposals.texts import hinted, money_words, other_words, plain, years_in
from pooledcare.uploads.stated_years import plain_year

_LEAST_LIKE = 0.5  # of the headings that a known layout needs
NO_WORDS = "The heading does not say whether these are amounts of money"


@dataclass
class ColumnView:
    """One column as it is proposed. `is_open` says that only a person can tell whether it holds amounts.

    `unit` is the pounds in one unit, if the heading or the cells say so.
    """

    look: ColumnLook
    role: Role = Role.NOT_READ
    reason: str = "No numbers"
    values: dict[str, str] = field(default_factory=dict)
    fills: str = ""
    is_open: bool = False
    unit: Decimal | None = None
    unit_reason: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def is_candidate(self) -> bool:
        """Whether it is read, or could be."""
        return self.role is Role.AMOUNT or self.is_open


# By the name of a column of the kind: its possible values, with their labels.
Choices = Mapping[str, Mapping[str, str]]


def choices_of(kind: UploadKind) -> Choices:
    """What each column of the kind may hold that a layout can fill. They are read once for each proposal."""
    assert kind.layout_columns is not None
    return {
        column.heading: dict(column.choices())
        for column in kind.columns
        if column.choices is not None and column.heading in kind.layout_columns.names
    }


class SheetColumns:
    """The columns of one sheet whose bodies and headings were found. `like` is a known layout of such a sheet."""

    def __init__(
        self,
        look: SheetLook,
        kind: UploadKind,
        choices: Choices,
        like: SheetLayout | None = None,
        like_profile: Profile | None = None,
    ) -> None:
        assert kind.layout_columns is not None
        self.look = look
        self.kind = kind
        self.choices = choices
        self.filled: LayoutColumns = kind.layout_columns
        self.like = like
        self.like_title = like_profile.title if like_profile is not None else ""
        self.like_defaults = dict(like_profile.defaults) if like_profile is not None else {}
        self.doubts: list[str] = []
        self.needs_choice = False  # somebody must say which columns are read

    @cached_property
    def views(self) -> list[ColumnView]:
        views = [self._view(column) for column in self.look.columns]
        self._only_column(views)
        for view in views:
            if view.is_candidate:
                self._give_values(view)
        self._doubt_sums(views)
        self._doubt_shifted(views)
        self.needs_choice |= any(view.is_open for view in views)
        return views

    @property
    def amounts(self) -> list[ColumnView]:
        return [view for view in self.views if view.role is Role.AMOUNT]

    @property
    def candidates(self) -> list[ColumnView]:
        return [view for view in self.views if view.is_candidate]

    @property
    def filled_by_rows(self) -> set[str]:
        """The kind's columns that the rows themselves state."""
        return {view.fills for view in self.views if view.role is Role.VALUE}

    # ── Roles ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _view(self, column: ColumnLook) -> ColumnView:
        marking, names = self.look.marking, self.look.name_column
        assert marking is not None
        if column.index == marking.index:
            what = "codes" if marking.by_code else "names"
            reason = f"{len(marking.found)} of {marking.texts} cells are {what} of bodies that are known here"
            return ColumnView(column, Role.CODE if marking.by_code else Role.NAME, reason)
        if names is not None and column.index == names.index:
            return ColumnView(column, Role.NAME, "Names of the same bodies as the codes")
        if (fills := self._fills(column)) is not None:
            return fills
        if column.is_percentages:
            return ColumnView(column, reason="Percentages, not amounts")
        return self._numbers(column) if column.is_numeric else ColumnView(column)

    def _numbers(self, column: ColumnLook) -> ColumnView:
        view = ColumnView(column)
        view.unit, view.unit_reason = _unit_of_column(column)
        if (known := self._as_known(column)) is not None:
            known.unit, known.unit_reason = view.unit, view.unit_reason
            return known
        heading = column.heading
        stated = unit_in_heading(heading)
        if word := other_words(heading):
            view.reason = f"The heading says “{word}”, which is not an amount of money"
        elif stated is not None and stated.pounds is None:
            view.reason = f"The heading says {stated.name}, which is not an amount of pounds"
        elif parts := self._parts(column):
            view.reason = f"The sum of columns {joined(column_letter(part) for part in parts)}"
        elif self._stream_hints(heading):
            view.role, view.reason = Role.AMOUNT, "The heading names what the money is for"
        elif word := money_words(heading) or (stated.written if stated else ""):
            view.role, view.reason = Role.AMOUNT, f"Numbers, and the heading says “{word}”"
        elif _is_only_a_year(heading):
            view.role, view.reason = Role.AMOUNT, "Numbers under a heading that is only a year"
        else:
            view.reason, view.is_open = NO_WORDS, True
        return view

    def _parts(self, column: ColumnLook) -> tuple[int, ...]:
        """The columns of which this one is the sum, if all of them may be amounts of money; none otherwise."""
        parts = self.look.sums_of_columns.get(column.index, ())
        return () if any(other_words(self.look.headings[part]) for part in parts) else parts

    def _only_column(self, views: list[ColumnView]) -> None:
        """The only column that may hold amounts is proposed, and asked about."""
        candidates = [view for view in views if view.is_candidate]
        if len(candidates) == 1 and candidates[0].is_open:
            candidates[0].role = Role.AMOUNT
            candidates[0].reason = "The only column of numbers that may be amounts"

    def _as_known(self, column: ColumnLook) -> ColumnView | None:
        """The column as the known layout has it."""
        if self.like is None:
            return None
        for figures in self.like.figures:
            match = figures.heading.fullmatch(column.heading)
            if match is not None and figures.letter in ("", column.letter):
                values = {**self.like_defaults, **figures.values}
                values = {name: value for name, value in values.items() if name in self.filled.names}
                if year := match.groupdict().get("year"):
                    values[self.filled.year] = plain_year(year)
                return ColumnView(column, Role.AMOUNT, f"“{self.like_title}” reads a column with this heading", values)
        for rule in self.like.not_read:
            if rule.heading.fullmatch(column.heading):
                return ColumnView(column, reason=rule.reason)
        return None

    def _fills(self, column: ColumnLook) -> ColumnView | None:
        """A column that states a column of the kind for each row: years, or words that the kind knows."""
        places = self.look.body_places
        texts = {text for place in places if (text := self.look.sample.text(place, column.index))}
        if not texts:
            return None
        if all(_is_a_year(text) for text in texts):
            return ColumnView(column, Role.VALUE, "Each cell is a financial year", fills=self.filled.year)
        for wanted in self.kind.columns:
            if wanted.heading not in self.choices:
                continue
            known = {value.casefold() for value in self.choices[wanted.heading]}
            named = normal_heading(column.heading) in (wanted.heading, normal_heading(wanted.label))
            if named and all(text.casefold() in known for text in texts):
                reason = f"Each cell is one of the words for {wanted.label.lower()}"
                return ColumnView(column, Role.VALUE, reason, fills=wanted.heading)
        return None

    # ── Values: stream, year, basis … ────────────────────────────────────────────────────────────────────────────────

    def _stream_hints(self, heading: str) -> bool:
        """Whether the heading suggests a value of the first required column with choices, such as the stream."""
        first = next((column for column in self.kind.columns if column.choices and column.required), None)
        return first is not None and bool(hinted(heading, self._hints(first.heading)))

    def _hints(self, name: str) -> list[Hint]:
        return [hint for hint in self.filled.hints if hint.column == name]

    def _give_values(self, view: ColumnView) -> None:
        heading = view.look.heading
        for column in self.kind.columns:
            name = column.heading
            if name not in self.choices or name in view.values:
                continue
            for text in (heading, self.look.sample.name, *(title for _, title in self.look.titles)):
                found = hinted(text, self._hints(name))
                if len(found) > 1:
                    words = joined(f"“{one.words}”" for one in found)
                    view.doubts.append(f"Column {view.look.named}: {words} suggest different values of {column.label}")
                if found:
                    if len(found) == 1:
                        view.values[name] = found[0].value
                        where = "" if text == heading else f" in “{text}”"
                        view.reason += f"; “{found[0].words}”{where} suggests {self._label(name, found[0].value)}"
                    break
        if self.filled.year not in view.values:
            self._give_year(view)

    def _label(self, name: str, value: str) -> str:
        return self.choices[name].get(value, value)

    def _give_year(self, view: ColumnView) -> None:
        for text, where in ((view.look.heading, "the heading"), (self.look.sample.name, "the name of the sheet")):
            found = {one.year for one in years_in(text)}
            if len(found) > 1:
                view.doubts.append(f"Column {view.look.named}: {where} states {joined(sorted(found))}")
                return
            if found:
                [view.values[self.filled.year]] = found
                view.reason += f"; {where} says {view.values[self.filled.year]}"
                return
        titles = {one.year for _, title in self.look.titles for one in years_in(title)}
        if len(titles) == 1:
            [view.values[self.filled.year]] = titles
            view.reason += f"; the title says {view.values[self.filled.year]}"

    # ── Doubts ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _doubt_sums(self, views: list[ColumnView]) -> None:
        by_index = {view.look.index: view for view in views}
        for view in views:
            parts = self._parts(view.look)
            if not parts:
                continue
            if self.like is not None and not view.is_candidate and view.reason in _reasons(self.like):
                continue
            if any(by_index[part].is_candidate for part in parts):
                letters = joined(column_letter(part) for part in parts)
                self.doubts.append(f"Column {view.look.named} is in every row the sum of columns {letters}")
                self.needs_choice |= not other_words(view.look.heading)
                view.is_open = view.is_open or (view.role is Role.NOT_READ and not other_words(view.look.heading))

    def _doubt_shifted(self, views: list[ColumnView]) -> None:
        if self.look.shifted and any(view.is_candidate for view in views):
            self.doubts += self.look.shifted
            self.needs_choice = True

    def doubt_same(self, needed: Sequence[str], seen: dict[tuple[str, ...], str]) -> None:
        """Ask where two columns would hold the same figures: the same values of all columns of the kind.

        `seen` are the columns of earlier sheets by their values, and gets those of this sheet.
        """
        for view in self.amounts:
            key = tuple(view.values.get(name, "") for name in needed)
            here = f"column {view.look.named}"
            if key in seen:
                self.doubts.append(f"C{here[1:]} would hold the same figures as {seen[key]}")
                self.needs_choice = True
            else:
                where = f" of sheet “{self.look.sample.name}”" if self.look.sample.name else ""
                seen[key] = f"{here}{where}"


def like_sheet(look: SheetLook, edition: Edition | None) -> SheetLayout | None:
    """The sheet of a known layout whose headings this sheet has: all that it needs, or most of them."""
    if edition is None:
        return None
    best: tuple[bool, int, SheetLayout] | None = None
    for layout in edition.sheets:
        needed = layout.needed()
        missing = layout.missing(look.headings)
        found = len(needed) - len(missing)
        has_figures = not layout.figures or any(one.heading not in missing for one in layout.figures)
        if not needed or not has_figures or found < _LEAST_LIKE * len(needed):
            continue
        rank = (not missing, found)
        if best is None or rank > best[:2]:
            best = (*rank, layout)
    return best[2] if best is not None else None


def _reasons(layout: SheetLayout) -> set[str]:
    return {rule.reason for rule in layout.not_read}


def _unit_of_column(column: ColumnLook) -> tuple[Decimal | None, str]:
    """The pounds in one unit of a column, and where heading or cells say it; None if they do not, or differ."""
    heading = unit_in_heading(column.heading)
    said: dict[Decimal, str] = {}
    if heading is not None and heading.pounds is not None:
        said[heading.pounds] = f"the heading “{column.heading}”"
    elif heading is None and ("£" in column.heading or {"gbp", "pounds"} & set(plain(column.heading).split())):
        said[POUND] = f"the heading “{column.heading}”"
    for pounds in column.shown_units:
        said.setdefault(pounds, f"the cells of column {column.letter}")
    if not said and column.values and column.pounds == len(column.values):
        said[POUND] = f"the pound signs in column {column.letter}"
    return next(iter(said.items())) if len(said) == 1 else (None, "")


def units_around(look: SheetLook) -> dict[Decimal, str]:
    """The units that titles, remarks and the name of the sheet state, and where."""
    found: dict[Decimal, str] = {}
    texts = [(text, f"row {number}") for number, text in (*look.titles, *look.remarks)]
    for text, where in (*texts, (look.sample.name, f"the name of the sheet “{look.sample.name}”")):
        for unit in units_in_title(text):
            if unit.pounds is not None:
                found.setdefault(unit.pounds, where)
    return found


def _is_only_a_year(heading: str) -> bool:
    found = years_in(heading)
    return len(found) == 1 and not plain(heading[: found[0].start] + heading[found[0].end :])


def _is_a_year(text: str) -> bool:
    found = years_in(text)
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))
