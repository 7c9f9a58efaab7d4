"""What one sheet shows by itself: its bodies, headings, columns of numbers, totals, and what looks odd."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, islice

from pooledcare.directory.bodies import Bodies
from pooledcare.kernel.names import joined
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads.layouts import headings_of_rows
from pooledcare.uploads.proposals.cells import Kind
from pooledcare.uploads.proposals.finding_bodies import BodyColumn, BodySearch, clear_family, same_bodies
from pooledcare.uploads.proposals.samples import HEAD_ROWS, Sample
from pooledcare.uploads.proposals.texts import is_total_word, plain
from pooledcare.uploads.text_amounts import style_of, styles_of

_NUMBERISH = re.compile(r"[£\s()+\-\u2212\u2013]*[0-9][0-9.,\s]*\)?")
_THREE_AFTER_A_COMMA = re.compile(r"[^0-9]*[1-9][0-9]{0,2},[0-9]{3}[^0-9]*")
_LEAST_NUMBERS = 0.5  # of the filled cells of a column of numbers
_SUMMED_ROWS = 3  # the least number of rows that a sum is recognised by
_TRIED_ROWS = 2
_MOST_SUMMED = 80  # columns that are compared with sums of others
_COPIED_DIGITS = 7  # of a single figure that two bodies cannot have by chance
_LONGEST_LABEL = 200
_ONLY_YEARS = (2000, 2100)


@dataclass
class ColumnLook:
    """A column below the headings. `values` are its numbers in the rows of bodies, by place in the sample."""

    index: int
    heading: str
    kinds: Counter[Kind]
    values: dict[int, Decimal] = field(default_factory=dict)
    markers: Counter[str] = field(default_factory=Counter)
    odd: dict[str, int] = field(default_factory=dict)  # other texts among numbers, with their first place
    marks: Counter[str] = field(default_factory=Counter)  # strange characters in front of numbers
    pounds: int = 0
    shown_units: Counter[Decimal] = field(default_factory=Counter)

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    @property
    def named(self) -> str:
        """The column as sentences name it."""
        return f"{self.letter} “{self.heading[:_LONGEST_LABEL]}”" if self.heading else self.letter

    @property
    def filled(self) -> int:
        return sum(count for kind, count in self.kinds.items() if kind is not Kind.BLANK)

    @property
    def is_numeric(self) -> bool:
        numbers = self.kinds[Kind.NUMBER] + self.kinds[Kind.BROKEN]
        usable = numbers + self.kinds[Kind.MARKER]
        return numbers > 0 and usable >= _LEAST_NUMBERS * self.filled and numbers >= self.kinds[Kind.PERCENTAGE]

    @property
    def is_percentages(self) -> bool:
        return self.kinds[Kind.PERCENTAGE] > 0 and self.kinds[Kind.PERCENTAGE] >= _LEAST_NUMBERS * self.filled

    @property
    def total(self) -> Decimal:
        return sum(self.values.values(), Decimal(0))

    @property
    def has_parts_of_a_penny(self) -> bool:
        return any(value != round(value, 2) for value in self.values.values())


@dataclass(frozen=True)
class OtherRow:
    """A row with numbers that is not one of a body. `place` is its place in the sample."""

    place: int
    number: int
    label: str


class SheetLook:
    """One sheet. `year` is the starting year of the figures if it is known."""

    def __init__(self, sample: Sample, bodies: Bodies, year: int | None = None) -> None:
        self.sample = sample
        self.bodies = bodies
        self.search = BodySearch(sample, bodies, year)
        self.style: NumberStyle = DECIMAL_POINT
        if sample.sheet.delimiter:
            self.style = style_of(sample.sheet, self._numberish_columns(), after=0)
            sample.comma = self.style.has_decimal_comma

    def _numberish_columns(self) -> list[int]:
        """Columns of a text file in which most cells look like numbers, however their decimals are written."""
        found = []
        for index in range(self.sample.width):
            texts = [text for place in range(len(self.sample.rows)) if (text := self.sample.text(place, index))]
            like = sum(_NUMBERISH.fullmatch(text) is not None for text in texts)
            if texts and like >= _LEAST_NUMBERS * len(texts):
                found.append(index)
        return found

    def decimals_unclear(self, columns: Sequence[int]) -> str:
        """A number in these columns of which they do not show what its point or comma means; empty if it is clear."""
        if not self.sample.sheet.delimiter or self.header is None:
            return ""
        style = style_of(self.sample.sheet, columns, after=self.sample.numbers[self.header])
        if style.has_decimal_comma:
            return next(
                (
                    f"{self.sample.text(place, column)} in {column_letter(column)}{self.sample.numbers[place]}"
                    for place in self.body_places
                    for column in columns
                    if _THREE_AFTER_A_COMMA.fullmatch(self.sample.text(place, column))
                ),
                "",
            )
        if unclear := style.unclear(".") or style.unclear(","):
            return unclear
        # Somebody may choose only some of the columns, and a column that is not read shows nothing.
        alone = styles_of(self.sample.sheet, columns, after=self.sample.numbers[self.header])
        return next((found for each in alone.values() if (found := each.unclear(".") or each.unclear(","))), "")

    # ── Bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def body_columns(self) -> list[BodyColumn]:
        """The columns that may say which body a row is about, the likeliest first. Empty if there is none.

        A column with few different bodies says something else, such as the region. Columns that name the same bodies as
        an earlier one are left out.
        """
        every = self.search.codes or self.search.names
        most = max((column.different for column in every), default=0)
        found = [column for column in every if column.different * 2 >= most]
        kept: list[BodyColumn] = []
        for column in sorted(found, key=lambda each: each.index):
            if not any(same_bodies(column, other) for other in kept):
                kept.append(column)
        return sorted(kept, key=lambda each: (-each.different, each.index))

    @cached_property
    def marking(self) -> BodyColumn | None:
        return self.body_columns[0] if self.body_columns else None

    @cached_property
    def name_column(self) -> BodyColumn | None:
        """A column of names beside the codes, of the same bodies."""
        if self.marking is None or not self.marking.by_code:
            return None
        agreeing = [column for column in self.search.names if self._mostly_agrees(column)]
        return max(agreeing, key=lambda each: (len(each.found), -each.index), default=None)

    def _mostly_agrees(self, names: BodyColumn) -> bool:
        assert self.marking is not None
        both = self.marking.found.keys() & names.found.keys()
        return bool(both) and sum(bool(self.marking.keys(at) & names.keys(at)) for at in both) * 2 > len(both)

    # ── Headings ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def first_body(self) -> int | None:
        """The place of the first row with a body and a number."""
        if self.marking is None:
            return None
        return next((at for at in sorted(self.marking.found) if self.sample.has_number(at)), None)

    @cached_property
    def header(self) -> int | None:
        """The place of the row of headings: the nearest row of texts above the first body that has several."""
        if self.first_body is None:
            return None
        numeric = self._numeric_below(self.first_body)
        for place in range(self.first_body - 1, -1, -1):
            if self.sample.numbers[place] > HEAD_ROWS or (self.marking is not None and place in self.marking.found):
                continue
            filled = self.sample.filled(place)
            if len(filled) < 2 or any(self._is_plain_number(place, column) for column in filled):
                continue
            if len(set(filled) & numeric) * 2 >= len(numeric):
                return place
        return None

    def _numeric_below(self, first: int) -> set[int]:
        kinds: dict[int, Counter[Kind]] = defaultdict(Counter)
        for place in range(first, min(first + 200, len(self.sample.rows))):
            for column, cell in enumerate(self.sample.cells(place)):
                kinds[column][cell.kind] += 1
        return {
            column
            for column, counts in kinds.items()
            if counts[Kind.NUMBER] + counts[Kind.BROKEN] > max(counts[Kind.TEXT], counts[Kind.PERCENTAGE])
        }

    def _is_plain_number(self, place: int, column: int) -> bool:
        cell = self.sample.cell(place, column)
        if cell.kind is Kind.PERCENTAGE:
            return True
        return cell.value is not None and not _ONLY_YEARS[0] <= cell.value < _ONLY_YEARS[1]

    @cached_property
    def heading_rows(self) -> int:
        """2 if the headings of numbers are only different together with the row above them, and else 1."""
        assert self.header is not None
        assert self.first_body is not None
        if not self.header or self.sample.numbers[self.header - 1] != self.sample.numbers[self.header] - 1:
            return 1
        above = self.sample.filled(self.header - 1)
        if len(above) < 2 or any(self._is_plain_number(self.header - 1, column) for column in above):
            return 1
        numeric = sorted(self._numeric_below(self.first_body))
        own = [self.sample.text(self.header, column) for column in numeric]
        both = [self._joined[column] for column in numeric if column < len(self._joined)]
        return 2 if len(set(own)) < len(own) and len(set(both)) > len(set(own)) else 1

    @cached_property
    def _joined(self) -> list[str]:
        assert self.header is not None
        lines = [(self.sample.numbers[at], self.sample.rows[at]) for at in (self.header - 1, self.header)]
        return next(iter(headings_of_rows(lines, 2)))[1]

    @cached_property
    def headings(self) -> list[str]:
        assert self.header is not None
        found = (
            self._joined
            if self.heading_rows == 2
            else [self.sample.text(self.header, column) for column in range(self.sample.width)]
        )
        return [*found, *[""] * (self.sample.width - len(found))]

    @cached_property
    def titles(self) -> list[tuple[int, str]]:
        """The texts above the headings, with their row numbers."""
        assert self.header is not None
        first = self.header - self.heading_rows + 1
        return [
            (self.sample.numbers[place], text)
            for place in range(first)
            for column in self.sample.filled(place)
            if (text := self.sample.text(place, column))
        ]

    @cached_property
    def remarks(self) -> list[tuple[int, str]]:
        """Single texts in rows below the headings, such as “All figures in £000”, with their row numbers."""
        assert self.header is not None
        found = []
        for place in range(self.header + 1, len(self.sample.rows)):
            filled = self.sample.filled(place)
            if len(filled) == 1 and self.sample.cell(place, filled[0]).kind is Kind.TEXT:
                found.append((self.sample.numbers[place], self.sample.text(place, filled[0])))
        return found

    # ── Columns and rows ─────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def body_places(self) -> list[int]:
        """The places of the rows below the headings that have a body."""
        if self.marking is None or self.header is None:
            return []
        return [place for place in sorted(self.marking.found) if place > self.header]

    @cached_property
    def columns(self) -> list[ColumnLook]:
        """All columns, by the rows of bodies."""
        return [self._column(index) for index in range(self.sample.width)]

    def _column(self, index: int) -> ColumnLook:
        look = ColumnLook(index, self.headings[index], Counter())
        counts: dict[Kind, int] = {}
        for place in self.body_places:
            cell = self.sample.cell(place, index)
            counts[cell.kind] = counts.get(cell.kind, 0) + 1
            if cell.value is not None:
                look.values[place] = cell.value
                look.pounds += cell.has_pound
                if cell.stored_in is not None:
                    look.shown_units[cell.stored_in] += 1
            if cell.kind in (Kind.MARKER, Kind.BLANK):
                look.markers[self.sample.text(place, index)] += 1
            elif cell.kind is Kind.BROKEN:
                look.marks[cell.mark] += 1
            elif cell.kind is Kind.TEXT:
                look.odd.setdefault(self.sample.text(place, index), place)
        look.kinds.update(counts)
        return look

    @cached_property
    def numeric(self) -> list[ColumnLook]:
        marking = self.marking
        return [
            column for column in self.columns if column.is_numeric and (not marking or column.index != marking.index)
        ]

    @cached_property
    def other_rows(self) -> list[OtherRow]:
        """Rows below the headings with a number in a column of numbers, but without a known body."""
        assert self.header is not None
        bodies = set(self.body_places)
        found = []
        for place in range(self.header + 1, len(self.sample.rows)):
            if place in bodies or self._stands_again(place):
                continue
            if any(self.sample.cell(place, column.index).value is not None for column in self.numeric):
                found.append(OtherRow(place, self.sample.numbers[place], self.label(place)))
        return found

    def _stands_again(self, place: int) -> bool:
        texts = [self.sample.text(place, column.index) for column in self.numeric]
        return texts == [column.heading for column in self.numeric]

    def label(self, place: int) -> str:
        """What a row calls itself: its code and name, or else its first text."""
        assert self.marking is not None
        columns = [self.marking.index] + ([self.name_column.index] if self.name_column else [])
        texts = [text for column in columns if (text := self.sample.text(place, column))]
        if texts:
            return ", ".join(dict.fromkeys(texts))[:_LONGEST_LABEL]
        return next(iter(self.row_texts(place)), "")[:_LONGEST_LABEL]

    def row_texts(self, place: int) -> list[str]:
        """The texts of a row outside the columns of numbers."""
        numeric = {column.index for column in self.numeric}
        return [self.sample.text(place, at) for at in self.sample.filled(place) if at not in numeric]

    @property
    def marking_index(self) -> int:
        assert self.marking is not None
        return self.marking.index

    def mark_text(self, place: int) -> str:
        """The text in the column that says which body a row is about."""
        assert self.marking is not None
        return self.sample.text(place, self.marking.index)

    def sum_of_rows(self, place: int, columns: Sequence[ColumnLook], *, since: int = -1) -> bool | None:
        """Whether the numbers of a row are the sums of the bodies above it, from the place `since`; None if unknown.

        A row above all bodies is compared with all of them.
        """
        above = [at for at in self.body_places if since < at < place]
        summed = above or [at for at in self.body_places if at > place]
        if len(summed) < 2:
            return None
        agrees = differs = 0
        for column in columns:
            value = self.sample.cell(place, column.index).value
            if value is None or not any(at in column.values for at in summed):
                continue
            total = sum((column.values.get(at, Decimal(0)) for at in summed), Decimal(0))
            if abs(value - total) <= rounding(value, len(summed)):
                agrees += total != 0
            else:
                differs += 1
        return None if not agrees and not differs else agrees > 0 and agrees >= differs

    # ── What looks odd ───────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def sums_of_columns(self) -> dict[int, tuple[int, ...]]:
        """Columns of numbers that are in every row the sum of two or more columns beside one another, with these."""
        found: dict[int, tuple[int, ...]] = {}
        columns = self.numeric[:_MOST_SUMMED]
        if len(self.body_places) < _SUMMED_ROWS:
            return found
        tried = self._tried(columns)
        for at, column in enumerate(columns):
            if not any(column.values.values()):
                continue
            for first, last in self._runs(len(columns), at):
                if not all(_may_be_sum(values[at], sums[last] - sums[first], last - first) for values, sums in tried):
                    continue
                parts = columns[first:last]
                if self._is_sum(column, parts):
                    found[column.index] = tuple(part.index for part in parts)
                    break
        return found

    def _tried(self, columns: Sequence[ColumnLook]) -> list[tuple[list[Decimal], list[Decimal]]]:
        """Of the first rows with a number in every column: the numbers, and the sums of the first 0, 1, 2 … of them.

        With them most runs of columns are ruled out without adding up.
        """
        whole = (place for place in self.body_places if all(place in column.values for column in columns))
        rows = [[column.values[place] for column in columns] for place in islice(whole, _TRIED_ROWS)]
        return [(row, list(accumulate(row, initial=Decimal(0)))) for row in rows]

    def _runs(self, count: int, at: int) -> Iterator[tuple[int, int]]:
        """Two or more columns that end before or begin after the one at `at`, the longest first: from, and up to."""
        yield from ((first, at) for first in range(at - 1))
        yield from ((at + 1, last) for last in range(count, at + 2, -1))

    def _is_sum(self, column: ColumnLook, parts: Sequence[ColumnLook]) -> bool:
        rows = 0
        for place, value in column.values.items():
            if not all(place in part.values for part in parts):
                continue
            if abs(value - sum(part.values[place] for part in parts)) > rounding(value, len(parts)):
                return False
            rows += value != 0
        moving = [part for part in parts if any(part.values.values())]
        return rows >= _SUMMED_ROWS and len(moving) >= 2

    @cached_property
    def repeated(self) -> list[tuple[int, int]]:
        """Pairs of places of rows with the same body: the first row and each further one."""
        assert self.marking is not None
        first: dict[frozenset[int], int] = {}
        found = []
        for place in self.body_places:
            key = self.marking.keys(place)
            if key in first:
                found.append((first[key], place))
            else:
                first[key] = place
        return found

    @cached_property
    def copied(self) -> list[tuple[int, int]]:
        """Pairs of places of rows of different bodies that have the same number in every column."""
        assert self.marking is not None
        first: dict[tuple[Decimal | None, ...], int] = {}
        found = []
        for place in self.body_places:
            values = tuple(column.values.get(place) for column in self.numeric)
            known = [value for value in values if value]
            is_telling = len(known) >= 2 and max(map(abs, known)) >= 1000
            is_telling |= any(len(value.as_tuple().digits) >= _COPIED_DIGITS for value in known)
            if not is_telling:
                continue
            if values in first and self.marking.keys(first[values]) != self.marking.keys(place):
                found.append((first[values], place))
            first.setdefault(values, place)
        return found

    @cached_property
    def shifted(self) -> list[str]:
        """Sentences on columns whose cells do not fit their heading, which may stand one column off."""
        by_word: dict[str, list[ColumnLook]] = defaultdict(list)
        for column in self.columns:
            words = plain(column.heading).split()
            if words and (column.is_numeric or column.is_percentages) and not re.search(r"[%£(]", column.heading):
                by_word[words[-1]].append(column)
        found = []
        for columns in by_word.values():
            shares = [column for column in columns if column.is_percentages]
            numbers = [column for column in columns if column.is_numeric]
            if shares and numbers:
                holds = "hold" if len(numbers) > 1 else "holds"
                found.append(
                    f"{_columns(numbers)} {holds} numbers, but {_columns(shares, 'column')} "
                    f"{'hold' if len(shares) > 1 else 'holds'} percentages under a heading of the same kind: "
                    "the headings may stand one column off"
                )
        for column in self.columns:
            if column.is_percentages and "£" in column.heading:
                found.append(f"Column {column.named} holds percentages, but its heading says pounds")
            elif column.is_numeric and "%" in column.heading and any(abs(v) >= 1000 for v in column.values.values()):
                found.append(f"Column {column.named} holds large numbers, but its heading says percentages")
        return found

    def family(self) -> tuple[str, str, list[tuple[str, int]]]:
        """Which bodies are meant by the names, why, and how many rows fit each family; empty if it is not clear."""
        assert self.marking is not None
        counts = self.search.families(self.marking)
        heading = self.headings[self.marking.index]
        return *clear_family(counts, heading), counts


def _columns(columns: Sequence[ColumnLook], word: str = "Column") -> str:
    return f"{word}{'s' if len(columns) > 1 else ''} {joined(column.named for column in columns)}"


def _may_be_sum(value: Decimal, total: Decimal, parts: int) -> bool:
    return abs(value - total) <= rounding(value, parts)


def rounding(value: Decimal, parts: int) -> Decimal:
    """By how much rounding may change a sum of `parts` numbers, printed as `value`.

    >>> rounding(Decimal("1234"), 3), rounding(Decimal("12.34"), 3)
    (Decimal('2'), Decimal('0.02'))
    """
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(parts + 1) / 2 * Decimal(1).scaleb(min(exponent, 0))


def is_total_label(look: SheetLook, place: int) -> bool:
    """Whether a row calls itself a total, in any of its texts."""
    return any(is_total_word(text) for text in look.row_texts(place))
