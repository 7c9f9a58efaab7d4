"""Which rows of a sheet are not of one body: totals, regions, rows in doubt, and bodies that stand twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pooledcare.directory.bodies import Body
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tabular import column_letter
from pooledcare.uploads.proposals.cells import Kind
from pooledcare.uploads.proposals.columns import SheetColumns
from pooledcare.uploads.proposals.looking import ColumnLook, OtherRow, SheetLook, is_total_label
from pooledcare.uploads.proposals.shapes import DoubtfulName, Option, ProposedRow, Question
from pooledcare.uploads.proposals.texts import is_total_word

MOST_ASKED = 5  # pairs of rows; more of them are named together
MOST_NAMES = 100  # of one sheet
MOST_LIKELY = 25  # of them for which likely bodies are looked up
MOST_SHOWN = 200  # characters of a text of the file
LEFT_OUT, BODY, TOTAL, NONE = "left_out", "body", "total", "none"


@dataclass
class SheetRows:
    """The rows of one sheet that need an explanation or a decision."""

    totals: list[ProposedRow] = field(default_factory=list)
    left_out: list[ProposedRow] = field(default_factory=list)
    doubtful: list[DoubtfulName] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    several: str = ""  # why the sheet cannot be read, because it has several rows for each body


def rows_of(columns: SheetColumns, family: str, year: int | None) -> SheetRows:
    """The rows of a sheet. `year` is the starting year of the figures, if it is the same for all and known."""
    found = SheetRows()
    _other_rows(columns, found)
    _bodies_that_are_totals(columns, found)
    copies = _copied(columns, found)
    _repeated(columns, copies, found)
    _doubtful_bodies(columns, family, year, found)
    return found


def _looks(columns: SheetColumns) -> list[ColumnLook]:
    return [view.look for view in columns.candidates]


def _other_rows(columns: SheetColumns, found: SheetRows) -> None:
    look, last_sum = columns.look, -1
    for row in look.other_rows:
        if not any(look.sample.cell(row.place, column.index).value is not None for column in _looks(columns)):
            continue
        is_total = is_total_label(look, row.place)
        is_sum = look.sum_of_rows(row.place, _looks(columns))
        is_part = look.sum_of_rows(row.place, _looks(columns), since=last_sum) if last_sum >= 0 or not is_sum else None
        mark = look.mark_text(row.place)
        is_region = any(look.bodies.is_region(text) and not is_total_word(text) for text in look.row_texts(row.place))
        if is_sum:
            found.totals.append(ProposedRow(row.number, row.label, "Its figures are the sums of the rows of bodies"))
            last_sum = row.place
        elif is_part and (is_total or is_region or not row.label):
            found.left_out.append(
                ProposedRow(row.number, row.label, "The sum of the rows above it, since the last sum")
            )
            last_sum = row.place
        elif is_region:
            found.left_out.append(ProposedRow(row.number, row.label, "A region, not a body"))
        elif is_total and _is_grand_total(row.label):
            found.totals.append(ProposedRow(row.number, row.label, "It calls itself a total"))
            if is_sum is False:
                found.doubts.append(
                    f"Row {row.number} calls itself a total, but its figures are not the sums of the bodies"
                )
        elif is_total:
            found.left_out.append(ProposedRow(row.number, row.label, "It calls itself a total of some of the rows"))
        elif (
            mark and len(mark) <= MOST_SHOWN and look.sample.cell(row.place, look.marking_index).kind is not Kind.MARKER
        ):
            _add_doubtful(look, row.place, row.number, f"“{mark}” is not known here", (), found)
        else:
            found.questions.append(_row_question(look, row))


def _is_grand_total(label: str) -> bool:
    """Whether the label is that of a total of all rows, not of some.

    >>> _is_grand_total("Total, ENGLAND"), _is_grand_total("London total")
    (True, False)
    """
    words = set(label.casefold().replace(",", " ").split())
    return words <= {"total", "totals", "grand", "england", "sum", "all", "overall", "national", "net", "for", "na"}


def _row_question(look: SheetLook, row: OtherRow) -> Question:
    called = f"“{row.label}” has" if row.label else "has"
    return Question(
        key=f"row:{look.sample.name}:{row.number}",
        sheet=look.sample.name,
        text=f"Row {row.number} {called} figures but names no body. What is it?",
        options=(Option(LEFT_OUT, "Not a body: leave it out"), Option(TOTAL, "A total")),
        cells=(f"A{row.number}",),
    )


def _bodies_that_are_totals(columns: SheetColumns, found: SheetRows) -> None:
    """Ask about the first or last body if its figures are the sums of all others."""
    look = columns.look
    places = look.body_places
    if len(places) < 4:
        return
    for place in (places[0], places[-1]):
        others = [at for at in places if at != place]
        sums = [
            look.sample.cell(place, column.index).value == sum(column.values.get(at, 0) for at in others)
            for column in _looks(columns)
            if column.values.get(place)
        ]
        if sums and all(sums):
            number = look.sample.numbers[place]
            found.questions.append(
                Question(
                    key=f"row:{look.sample.name}:{number}",
                    sheet=look.sample.name,
                    text=f"The figures of row {number}, “{look.label(place)}”, are the sums of all other rows. "
                    "Is it a total?",
                    options=(Option(TOTAL, "A total"), Option(BODY, "A body of its own")),
                    cells=(f"A{number}",),
                )
            )


def _repeated(columns: SheetColumns, copies: list[tuple[int, int]], found: SheetRows) -> None:
    """Ask which row of a body that stands twice is left out. `copies` are pairs of rows with the same figures."""
    look = columns.look
    stated = [view.look.index for view in columns.views if view.fills]
    pairs = [
        (first, again)
        for first, again in look.repeated
        if all(look.sample.text(first, index) == look.sample.text(again, index) for index in stated)
    ]
    if len(pairs) > MOST_ASKED:
        found.several = (
            f"There are several rows for one body, {len(pairs) + 1} or more, such as rows "
            f"{look.sample.numbers[pairs[0][0]]} and {look.sample.numbers[pairs[0][1]]}: one figure for each is needed"
        )
        return
    for first, again in pairs:
        text = f"Rows {{0}} and {{1}} are of the same body, “{look.label(first)}”. Which one is left out?"
        for pair in copies:
            for place in {first, again} & set(pair):
                other = look.label(pair[0] if place == pair[1] else pair[1])
                text += f" Row {look.sample.numbers[place]} has the same figures as “{other}” in every column."
        found.questions.append(_pair(look, first, again, text, may_keep=False))


def _copied(columns: SheetColumns, found: SheetRows) -> list[tuple[int, int]]:
    """Ask about rows of different bodies with the same figures, but for bodies that stand twice. Returns all pairs."""
    look = columns.look
    pairs = look.copied
    twice = {place for pair in look.repeated for place in pair}
    if len(pairs) > MOST_ASKED:
        numbers = ", ".join(f"{look.sample.numbers[a]} and {look.sample.numbers[b]}" for a, b in pairs[:MOST_ASKED])
        found.doubts.append(f"{len(pairs)} pairs of rows have the same figures in every column, such as {numbers}")
        return pairs
    for first, again in pairs:
        if {first, again} & twice:
            continue
        text = (
            f"Rows {{0}} (“{look.label(first)}”) and {{1}} (“{look.label(again)}”) have the same figures in every "
            "column. Is one of them a copy that is left out?"
        )
        found.questions.append(_pair(look, first, again, text, may_keep=True))
    return pairs


def _pair(look: SheetLook, first: int, again: int, text: str, *, may_keep: bool) -> Question:
    assert look.marking is not None
    numbers = [look.sample.numbers[place] for place in (first, again)]
    letter = column_letter(look.marking.index)
    options = [Option(str(number), f"Leave out row {number}") for number in numbers]
    return Question(
        key=f"rows:{look.sample.name}:{numbers[0]},{numbers[1]}",
        sheet=look.sample.name,
        text=text.format(*numbers),
        options=(*options, *([Option(NONE, "Neither: both are right")] if may_keep else [])),
        cells=tuple(f"{letter}{number}" for number in numbers),
    )


def _doubtful_bodies(columns: SheetColumns, family: str, year: int | None, found: SheetRows) -> None:
    """Names of more than one body, and codes or names of bodies of other years, if the year is known."""
    look, marking = columns.look, columns.look.marking
    assert marking is not None
    for place in look.body_places:
        text = look.mark_text(place)
        if marking.by_code:
            there: Sequence[Body] = look.bodies.with_code(text, year)
        else:
            there = look.bodies.named(text, family=family, year=year)
        if len(there) == 1 or (year is None and there and _never_together(there)):
            continue
        number = look.sample.numbers[place]
        if len(there) > 1:
            _add_doubtful(look, place, number, f"“{text}” is the name of more than one body", there, found)
        elif year is not None:
            reason = f"“{text}” is a body of other years than {FinancialYear(year)}"
            _add_doubtful(look, place, number, reason, marking.found[place], found)
        else:
            _add_doubtful(look, place, number, f"“{text}” is not known here", (), found)


def _never_together(bodies: Sequence[Body]) -> bool:
    """Whether no two of the bodies existed in the same year, so that the year says which is meant."""
    in_order = sorted(bodies, key=lambda body: body.first)
    return all(one.last < other.first for one, other in pairwise(in_order))


def _add_doubtful(
    look: SheetLook, place: int, number: int, reason: str, candidates: Sequence[Body], found: SheetRows
) -> None:
    marking = look.marking
    assert marking is not None
    text = look.mark_text(place)
    if any(one.text == text for one in found.doubtful):
        return
    if len(found.doubtful) >= MOST_NAMES:
        more = f"More than {MOST_NAMES} names or codes are not certain: is this the right column?"
        found.doubts += [more] if more not in found.doubts else []
        return
    likely: Sequence[Body] = candidates
    if not candidates and len(found.doubtful) < MOST_LIKELY:
        likely = look.bodies.likely(look.label(place), family=marking.family)
    options = tuple(Option(body.codes[0].code, f"{body.name} ({body.codes[0].code})") for body in likely if body.codes)
    cell = f"{column_letter(marking.index)}{number}"
    found.doubtful.append(DoubtfulName(look.sample.name, number, cell, text, reason, options))
