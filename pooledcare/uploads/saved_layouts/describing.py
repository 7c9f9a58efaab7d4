"""What a saved layout says, in words and as tables, and how one version differs from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads.nearest import said

if TYPE_CHECKING:
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.layouts import Edition, Pattern, Profile, RowRule, SheetLayout

Line = tuple[str, str, str]  # where, what, and what it says
_EVERYWHERE = "The file"


def says_table(profile: Profile, kind: UploadKind) -> Table:
    """All that a layout says, one line each."""
    columns = (Column("Where"), Column("What"), Column("It says"))
    rows: list[Sequence[Any]] = [list(line) for line in lines_of(profile, kind)]
    return Table("layout", "What the layout says", columns, rows)


def lines_of(profile: Profile, kind: UploadKind) -> list[Line]:
    """All that a layout says, without its name."""
    return [*_of_file(profile, kind), *(line for edition in profile.editions for line in _of_edition(edition, kind))]


def _of_file(profile: Profile, kind: UploadKind) -> Iterator[Line]:
    yield _EVERYWHERE, "Amounts are in", unit_words(profile.unit)
    for name, value in sorted(profile.defaults.items()):
        yield _EVERYWHERE, _label(kind, name), _meaning(kind, name, value)
    if profile.missing:
        marks = ", ".join(f"“{mark}”" if mark else "a blank cell" for mark in sorted(profile.missing))
        yield _EVERYWHERE, "Not reported is written as", marks
    if profile.decimals:
        yield _EVERYWHERE, "Decimals are written with a", profile.decimals
    if profile.broken_pounds:
        yield _EVERYWHERE, "Broken pound sign", profile.broken_pounds
    for name, code in sorted(profile.names.items()):
        yield _EVERYWHERE, f"The name “{name}”", f"means {code}" if code else "is left out"


def _of_edition(edition: Edition, kind: UploadKind) -> Iterator[Line]:
    for sheet in edition.sheets:
        named = said(sheet.title).strip(" …")
        where = f"Sheet “{named}”" if named else "Any sheet"
        yield from ((f"{edition.name}, {where}" if edition.name else where, *rest) for rest in _of_sheet(sheet, kind))


def _of_sheet(sheet: SheetLayout, kind: UploadKind) -> Iterator[tuple[str, str]]:
    for what, heading in (("Codes of bodies", sheet.code), ("Names of bodies", sheet.name)):
        if heading is not None:
            yield what, _column(heading)
    for name, heading in sheet.columns.items():
        yield _label(kind, name), _column(heading)
    for figures in sheet.figures:
        values = [f"{_label(kind, name)}: {_meaning(kind, name, text)}" for name, text in figures.values.items()]
        if figures.unit is not None:
            values.append(f"Amounts in {unit_words(figures.unit)}")
        yield f"Amounts: {_column(figures.heading)}", "; ".join(values) or "as for the whole file"
    for unread in sheet.not_read:
        yield f"Not read: {_column(unread.heading)}", unread.reason
    for rule in sheet.totals:
        yield "Total", _rule(rule)
    for rule in sheet.rows_left_out:
        yield "Rows left out", _rule(rule)


def _rule(rule: RowRule) -> str:
    text = f"{_column(rule.column)} has “{said(rule.text)}”"
    return f"{text}: {rule.reason}" if rule.reason else text


def _column(heading: Pattern) -> str:
    return f"column “{said(heading)}”"


def _label(kind: UploadKind, name: str) -> str:
    return next((column.label for column in kind.columns if column.heading == name), name)


def _meaning(kind: UploadKind, name: str, value: str) -> str:
    """The value as people read it: the label of the choice, or the value itself."""
    column = next((column for column in kind.columns if column.heading == name), None)
    choices: Mapping[str, str] = dict(column.choices()) if column is not None and column.choices else {}
    return str(choices.get(value, value))


def unit_words(unit: Decimal) -> str:
    """
    >>> unit_words(Decimal(1)), unit_words(Decimal(1000)), unit_words(Decimal(1000000)), unit_words(Decimal(100))
    ('pounds', 'thousands of pounds', 'millions of pounds', '£100')
    """
    words = {Decimal(1): "pounds", Decimal(1000): "thousands of pounds", Decimal(1_000_000): "millions of pounds"}
    return words.get(unit, f"£{unit:,}")


def differences(before: list[Line], after: list[Line]) -> list[str]:
    """What a version says and the one before did not, and the other way round, in sentences."""
    gone = [f"No longer: {_sentence(line)}" for line in before if line not in after]
    return [*gone, *(f"New: {_sentence(line)}" for line in after if line not in before)]


def _sentence(line: Line) -> str:
    where, what, text = line
    return f"{where}, {what[:1].lower()}{what[1:]}: {text}."
