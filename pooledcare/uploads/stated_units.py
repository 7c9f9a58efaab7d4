"""Units that a file states: in a heading, a title, a remark below the figures, the name of a sheet or of the file.

Amounts of our own files are in pounds, and those of a publisher's layout in the unit of the layout. A unit that says
otherwise is refused with what to do about the figures, because a heading that is only renamed makes them wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pooledcare.kernel.characters import trim
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular import Sheet, column_letter
from pooledcare.kernel.units import POUND, Unit, unit_in_heading, unit_of, units_in_title
from pooledcare.uploads.kinds import UploadColumn, normal_heading

if TYPE_CHECKING:
    import pandas as pd

    from pooledcare.uploads.checks import Numbers

CODE = "UNIT_IN_HEADING"
_FULL_WORDS = ("k", "m", "mn", "bn", "b", "p", "pence", "%", "€", "$")


def heading_problem(sheet: Sheet, index: int, heading: str, amounts: Sequence[UploadColumn]) -> Problem | None:
    """The problem of an unknown heading that states a unit; None if it states none. `amounts`: our amount columns."""
    stated = _after_our_heading(heading, amounts) or unit_in_heading(heading)
    if stated is None or not amounts:
        return None
    ours = next((column.heading for column in amounts if column.heading in normal_heading(heading)), amounts[0].heading)
    where = Where(sheet.name or None, 1, column_letter(index), trim(heading))
    if stated.pounds is None:
        if not _begins_with_ours(heading, amounts):
            return None
        fix = f"Write the amounts in pounds. Only then write {ours} as the heading."
    else:
        fix = f"{in_pounds(stated)} Only then write {ours} as the heading."
    return Problem(CODE, f"The heading says {stated.name}, and amounts must be in pounds", where, heading, fix)


def _begins_with_ours(heading: str, amounts: Sequence[UploadColumn]) -> bool:
    name = normal_heading(heading)
    return any(column.heading in name for column in amounts)


def _after_our_heading(heading: str, amounts: Sequence[UploadColumn]) -> Unit | None:
    """The unit that stands beside one of our headings, such as that of `Amount K`."""
    name = normal_heading(heading).replace("_", " ")
    for column in amounts:
        before, found, after = name.partition(column.heading.replace("_", " "))
        stated = unit_of(f"{before} {after}") if found else None
        if stated is not None and (stated.pounds not in (None, POUND) or stated.written in _FULL_WORDS):
            return stated
    return None


def in_pounds(stated: Unit) -> str:
    """How to change amounts in the unit into pounds.

    >>> in_pounds(Unit("£k", Decimal(1000)))
    'Multiply each amount by 1,000, so that 12.50 becomes 12500.00.'
    """
    assert stated.pounds is not None
    example = Decimal("12.50") * stated.pounds
    how = "Divide each amount by 100" if stated.pounds < 1 else f"Multiply each amount by {stated.pounds:,}"
    return f"{how}, so that 12.50 becomes {example:.2f}."


def sheet_problem(sheet: Sheet, number: int) -> Problem | None:
    """The problem of a sheet whose name states another unit than pounds."""
    stated = next(iter(units_in_title(sheet.name or "")), None)
    if stated is None:
        return None
    message = f"The name of the sheet says {stated.name}, and amounts must be in pounds"
    fix = f"If that is so: {_lowered(in_pounds(stated))} Then give the sheet a name without a unit."
    return Problem(CODE, message, Where(sheet.name, number), sheet.name, fix)


def file_problem(filename: str) -> Problem | None:
    """The problem of a file whose name states another unit than pounds."""
    stated = next(iter(units_in_title(filename.rpartition(".")[0])), None)
    if stated is None:
        return None
    message = f"The name of the file says {stated.name}, and amounts must be in pounds"
    fix = f"If that is so: {_lowered(in_pounds(stated))} Then give the file a name without a unit."
    return Problem(CODE, message, None, filename, fix)


def unit_rows(sheet: Sheet, numbers: Numbers, frame: pd.DataFrame, amounts: Sequence[int]) -> dict[int, Problem]:
    """A problem for each row that has only one cell with text, and that states a unit, by its position.

    Such a row is a remark about the amounts, such as “All figures in £000”, and must not be deleted unread. The columns
    of the frame are named by index, and `amounts` are those of amounts.
    """
    found: dict[int, Problem] = {}
    if not amounts:
        return found
    blank = [position for position, text in enumerate(frame[amounts[0]].tolist()) if not text]
    for position in blank:
        cells = [cell for cell in map(trim, frame.iloc[position].tolist()) if cell]
        stated = units_in_title(cells[0]) if len(cells) == 1 else []
        if stated:
            message = f"The row says {stated[0].name}, and amounts must be in pounds"
            fix = f"If that is so: {_lowered(in_pounds(stated[0]))} Then delete the row."
            where = Where(sheet.name or None, int(numbers[position]))
            found[position] = Problem("UNIT", message, where, cells[0], fix)
    return found


def is_plainly_pounds(heading: str, column: UploadColumn) -> bool:
    """Whether an unknown heading says nothing but the name of our column of amounts and pounds.

    >>> amount = UploadColumn("amount", "Amount", "", "", True, is_amount=True)
    >>> is_plainly_pounds("Amounts in £", amount), is_plainly_pounds("Amount (x1000)", amount)
    (True, False)
    """
    words = set(re.findall(r"\w+", normal_heading(heading).replace("_", " ")))
    return words <= {*column.heading.split("_"), f"{column.heading}s", "in", "gbp", "pounds", "sterling", "s"}


def unit_above(rows: Iterable[tuple[int, Sequence[str]]], header: int) -> tuple[int, Unit] | None:
    """The first unit that the rows above the headings state, with the number of its row."""
    return next(iter(_units_above(rows, header)), None)


def _units_above(rows: Iterable[tuple[int, Sequence[str]]], header: int) -> Iterator[tuple[int, Unit]]:
    for number, row in rows:
        for cell in row if number < header else ():
            for stated in units_in_title(cell):
                yield number, stated


def title_advice(rows: Iterable[tuple[int, Sequence[str]]], header: int) -> str:
    """What to do first if a title above the headings states a unit; empty if none does."""
    found = unit_above(rows, header)
    if found is None:
        return ""
    number, stated = found
    return f"Row {number} says {stated.name}: amounts must be in pounds. {in_pounds(stated)} "


def layout_problem(sheet: Sheet, header: int, figures: Iterable[tuple[int, str, Decimal]]) -> Problem | None:
    """The problem of a published sheet that states another unit than its layout.

    `figures` are the indexes of columns, their headings, and their units according to the layout.
    """
    above = list(_units_above(sheet.head(header), header))
    for index, heading, unit in figures:
        own = unit_in_heading(heading)
        stated = [(header, own)] if own is not None else above
        units = {each.pounds for _, each in stated if each.pounds is not None}
        if units and unit not in units:
            number, wrong = next((row, each) for row, each in stated if each.pounds is not None)
            column = column_letter(index) if own is not None else None
            return Problem(
                "WRONG_UNIT",
                f"The file says {wrong.name}, and its layout has {Unit('', unit).name}",
                Where(sheet.name or None, number, column, heading if own is not None else None),
                heading if own is not None else None,
                "Use the blank template, and write the amounts in pounds.",
            )
    return None


def _lowered(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"
