"""Units that a file states for its amounts: in a heading, in a title above the headings or in the name of a sheet.

Amounts of our own files are in pounds, and those of a publisher's layout in the unit of the layout. A unit that says
otherwise is refused with what to do about the figures, because a heading that is only renamed makes them wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pooledcare.kernel.characters import trim
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.tabular import Sheet, column_letter
from pooledcare.kernel.units import POUND, Unit, unit_in_heading, unit_of, units_in_title
from pooledcare.uploads.kinds import UploadColumn, normal_heading

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


def layout_problem(sheet: Sheet, header: int, figures: Iterable[tuple[int, str]], unit: Decimal) -> Problem | None:
    """The problem of a published sheet that states another unit than its layout. `figures`: columns with headings."""
    above = list(_units_above(sheet.head(header), header))
    for index, heading in figures:
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
