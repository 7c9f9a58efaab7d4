"""What is wrong with something that a user gave us. Pages, reports of uploads and the API show the same `Problem`."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pooledcare.kernel.names import joined

Severity = Literal["error", "warning"]

LONGEST_VALUE_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Where:
    """A place in what the user gave us: a cell of a file, or a field of a form or of a JSON body.

    Rows are numbered from 1, as in a spreadsheet, so the header is usually row 1. What is not known is None.
    """

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    column_name: str | None = None
    field: str | None = None

    @property
    def cell(self) -> str | None:
        """
        >>> Where(row=7, column="D").cell
        'D7'
        """
        if self.column is None or self.row is None:
            return None
        return f"{self.column}{self.row}"

    def __str__(self) -> str:
        """
        >>> str(Where(sheet="ICB core", row=7, column="D", column_name="Amount"))
        'ICB core, D7 (Amount)'
        """
        place = self.cell or (f"row {self.row}" if self.row is not None else self.column or self.field or "")
        if self.column_name and place:
            place = f"{place} ({self.column_name})"
        return ", ".join(part for part in (self.sheet, place or self.column_name) if part)

    def as_dict(self) -> dict[str, str | int]:
        """The parts that are known, ready for JSON."""
        known = {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "column_name": self.column_name,
            "cell": self.cell,
            "field": self.field,
        }
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, a sentence, where it is, what was read and how to put it right."""

    code: str
    message: str
    where: Where | None = None
    value: str | None = None
    fix: str | None = None
    severity: Severity = "error"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def as_dict(self) -> dict[str, object]:
        """The problem as problem+json and the stored reports of uploads have it, ready for JSON."""
        shape: dict[str, object] = {"code": self.code, "message": self.message, "severity": self.severity}
        if self.where is not None:
            shape["where"] = self.where.as_dict()
        if self.value is not None:
            shape["value"] = shown(self.value)
        if self.fix is not None:
            shape["fix"] = self.fix
        return shape


class Refused(Exception):
    """Raised when something cannot be done, with every reason as a `Problem`. Nothing has been changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        if not self.problems:
            raise ValueError("A refusal needs at least one problem.")
        super().__init__("; ".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Problem]]]:
        return type(self), (self.problems,)

    @classmethod
    def because(
        cls,
        code: str,
        message: str,
        *,
        where: Where | None = None,
        value: str | None = None,
        fix: str | None = None,
    ) -> Self:
        """A refusal for one reason."""
        return cls([Problem(code=code, message=message, where=where, value=value, fix=fix)])

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].code


@dataclass(frozen=True, slots=True)
class Group:
    """Problems with the same sentence at different places, grouped so that people can read a long report."""

    code: str
    message: str
    fix: str | None
    severity: Severity
    places: tuple[Where, ...]
    values: tuple[str, ...]
    count: int

    def summary(self, most: int = 5) -> str:
        """
        >>> Group("A", "b", None, "error", tuple(Where(row=n, column="D") for n in range(2, 9)), (), 7).summary(3)
        'D2, D3, D4 and 4 more'
        """
        named = [str(place) for place in self.places[:most]]
        more = self.count - len(named)
        if not named:
            return ""
        if more > 0:
            return f"{', '.join(named)} and {more:,} more"
        return joined(named)


def grouped(problems: Iterable[Problem]) -> list[Group]:
    """The problems grouped by sentence: errors before warnings, then in order of first appearance."""
    gathered: dict[tuple[Severity, str, str, str | None], list[Problem]] = {}
    for problem in problems:
        key = (problem.severity, problem.code, problem.message, problem.fix)
        gathered.setdefault(key, []).append(problem)
    groups = [_group(members) for members in gathered.values()]
    return sorted(groups, key=lambda group: group.severity != "error")


def _group(members: Sequence[Problem]) -> Group:
    first = members[0]
    return Group(
        code=first.code,
        message=first.message,
        fix=first.fix,
        severity=first.severity,
        places=tuple(problem.where for problem in members if problem.where is not None),
        values=tuple(problem.value for problem in members if problem.value is not None),
        count=len(members),
    )


def shown(value: str, longest: int = LONGEST_VALUE_SHOWN) -> str:
    """A value that was read, safe to show: at most 80 characters, with invisible and control characters spelt out.

    >>> shown("12\\u200b\\n")
    '12<U+200B><U+000A>'
    """
    cut = value[:longest]
    text = "".join(_visible(character) for character in cut)
    return f"{text}…" if len(value) > longest else text


def _visible(character: str) -> str:
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    return f"<U+{ord(character):04X}>"
