"""Tools with which kinds of upload check their rows, column by column: each distinct text is checked only once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pooledcare.kernel.characters import CONTROL, EDGES, TURNING, trim, without_invisible
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.problems import Problem, Where, shown

if TYPE_CHECKING:
    import pandas as pd

Objects = np.ndarray[Any, np.dtype[np.object_]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]

LONGEST_TEXT = 4_000


@dataclass
class Piece:
    """Rows of one sheet under one layout, as text columns by canonical name.

    `numbers` are the row numbers, as in a spreadsheet; `letters` and `headings` are the letter and heading of each
    canonical column in the file. `unit` is the number of pounds in one unit of the amounts, such as 1,000. `missing`
    are the publisher's marks for an amount that is not reported. With `has_lineage`, the file itself states from which
    published cell each row comes. `style` is how the file writes its amounts.
    """

    sheet: str
    numbers: Numbers
    frame: pd.DataFrame
    letters: dict[str, str]
    headings: dict[str, str]
    unit: Decimal = Decimal(1)
    missing: frozenset[str] = frozenset()
    has_lineage: bool = False
    style: NumberStyle = DECIMAL_POINT
    rows_read: int = 0
    refused_before: int = 0
    problems: list[Problem] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)
    # Shared by pieces made from the same rows, so that a problem of a cell is reported once, not once for each figure.
    already_reported: set[tuple[str, str, int]] | None = None


@dataclass
class Finding:
    """The same problem in one column of many rows: `rows` are row numbers, `values` the texts that were read."""

    code: str
    message: str
    fix: str
    column: str
    rows: Numbers
    values: Sequence[str]
    severity: str = "error"


@dataclass
class Checked:
    """The result of checking a piece: the good rows as lines for COPY, the numbers of rows, and what is wrong."""

    lines: str
    staged: int
    refused: int
    findings: list[Finding]
    notices: Counter[str]


@dataclass(frozen=True)
class Verdict:
    """The result of checking one text: a value or a problem, and a note if something was tidied."""

    value: Any = None
    problem: Problem | None = None
    note: str = ""


class Distinct:
    """The distinct texts of a column, with the verdict on each. `memory` keeps verdicts from piece to piece.

    `judge` gets the texts without characters that cannot be seen.
    """

    def __init__(self, column: pd.Series[str], judge: Callable[[str], Verdict], memory: dict[str, Verdict]) -> None:
        import pandas as pd

        cells = column.to_numpy(dtype=object)
        texts = {} if set(map(type, cells)) <= {str} else {_told_apart(cell): cell for cell in cells}
        keys = np.array([_told_apart(cell) for cell in cells], dtype=object) if texts else cells
        self.codes, uniques = pd.factorize(keys)
        self.texts: list[str] = [texts.get(key, key) for key in uniques]
        for key, text in zip(uniques, self.texts, strict=True):
            if key not in memory:
                memory[key] = judged(text, judge)
        self.verdicts = [memory[key] for key in uniques]

    @cached_property
    def bad(self) -> Flags:
        return self.of([verdict.problem is not None for verdict in self.verdicts], bool)

    def of(self, per_text: Sequence[Any], dtype: Any = object) -> Any:
        """An array for the rows, from a list with one element for each distinct text."""
        if len(per_text) == 0:
            return np.empty(0, dtype=dtype)
        table = np.empty(len(per_text), dtype=dtype)
        table[:] = per_text
        return table[self.codes]

    def values(self, dtype: Any = object, missing: Any = None) -> Any:
        return self.of([missing if v.value is None else v.value for v in self.verdicts], dtype)

    def notes(self) -> Counter[str]:
        """What was tidied, with the number of rows."""
        found: Counter[str] = Counter()
        noted = [index for index, verdict in enumerate(self.verdicts) if verdict.note]
        if noted:
            sizes = np.bincount(self.codes, minlength=len(self.verdicts))
            for index in noted:
                found[self.verdicts[index].note] += int(sizes[index])
        return found


def _told_apart(text: str) -> str:
    """A key for a cell of a workbook. Cells may have the same text and hold different numbers, as 5 and 5000 shown as 5
    do, or look different."""
    slots: tuple[str, ...] = getattr(type(text), "__slots__", ())
    return "\0".join([str(text), *(str(getattr(text, name)) for name in slots)]) if slots else text


INVISIBLE_REMOVED = "Invisible characters were removed"


def judged(text: str, judge: Callable[[str], Verdict]) -> Verdict:
    """The verdict on the text as people see it. Text that is turned round is refused, because it looks different."""
    if text.isascii():
        return judge(text)
    if TURNING.search(text):
        return Verdict(problem=_turned())
    seen = without_invisible(text) if type(text) is str else text
    verdict = judge(seen)
    if seen == text or verdict.problem is not None:
        return verdict
    return replace(verdict, note=verdict.note or INVISIBLE_REMOVED)


def _turned() -> Problem:
    return Problem(
        "BIDI_CONTROL",
        "The text has a character in it that changes the direction of writing",
        fix="Type the text again without pasting it from elsewhere.",
    )


def groups(values: Numbers, positions: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Each distinct value with its positions. Sorts once, and does not loop over the rows."""
    if not len(values):
        return
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(values[order]) != 0)))
    yield from zip(values[order][starts].tolist(), np.split(positions[order], starts[1:]), strict=True)


class Findings:
    """Collects what is wrong with a piece. `bad` marks rows with an error, so that later checks can skip them."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.bad: Flags = np.zeros(len(piece.numbers), dtype=bool)
        self.found: list[Finding] = []

    def add(self, column: str, where: Numbers, problem: Problem, values: Sequence[str] | None = None) -> None:
        """Add a problem of one column at the positions `where` in the piece."""
        if len(where) == 0:
            return
        if values is None:
            values = self.piece.frame[column].to_numpy(dtype=object)[where].tolist()
        if problem.severity == "error":
            self.bad[where] = True
        if self.piece.already_reported is not None:
            where, values = self._not_reported_yet(column, problem.code, where, values)
        self.found.append(
            Finding(
                problem.code,
                problem.message,
                problem.fix or "",
                column,
                self.piece.numbers[where],
                values,
                problem.severity,
            )
        )

    def _not_reported_yet(
        self, column: str, code: str, where: Numbers, values: Sequence[str]
    ) -> tuple[Numbers, Sequence[str]]:
        already_reported = self.piece.already_reported
        assert already_reported is not None
        places = [(self.piece.letters.get(column, ""), code, row) for row in self.piece.numbers[where].tolist()]
        fresh = [index for index, place in enumerate(places) if place not in already_reported]
        already_reported.update(places)
        return where[fresh], [values[index] for index in fresh]

    def add_distinct(self, column: str, distinct: Distinct, among: Flags) -> None:
        """Add the problems of distinct texts, at the rows where `among` is true: one finding for each problem."""
        sentences: dict[Problem, int] = {}
        numbers = [
            -1 if v.problem is None else sentences.setdefault(v.problem, len(sentences)) for v in distinct.verdicts
        ]
        if not sentences:
            return
        problem_of_row = distinct.of(numbers, np.int64)
        where = np.flatnonzero((problem_of_row >= 0) & among)
        problems = list(sentences)
        for number, positions in groups(problem_of_row[where], where):
            self.add(column, np.sort(positions), problems[number])

    def problems(self) -> Iterable[Problem]:
        for finding in self.found:
            yield from as_problems(finding, self.piece)


def as_problems(finding: Finding, piece: Piece) -> Iterable[Problem]:
    letter, heading = piece.letters.get(finding.column, ""), piece.headings.get(finding.column, finding.column)
    for row, value in zip(finding.rows.tolist(), finding.values, strict=True):
        where = Where(sheet=piece.sheet or None, row=row, column=letter or None, column_name=heading)
        yield Problem(finding.code, finding.message, where, shown(value), finding.fix, finding.severity)  # type: ignore[arg-type]


# ── Helpers shared by the kinds of upload ────────────────────────────────────────────────────────────────────────────

TOTAL_LABELS = re.compile(
    r"(?:grand |sub[- ]?|overall |england |national |regional |region )?totals?(?: (?:for |of )?[\w ]+)?|sum|england",
    re.IGNORECASE,
)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EXCEL_DATE = re.compile(
    r"(?:[0-9]{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4})(?:-[0-9]{2,4})?"
)
_WIDE_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile(r"[\t\r\n]+")


def is_total_label(text: str) -> bool:
    """
    >>> is_total_label("Grand Total"), is_total_label("Total for QSL"), is_total_label("Totnes")
    (True, True, False)
    """
    return TOTAL_LABELS.fullmatch(trim(without_invisible(text))) is not None


def required(column: str, label: str) -> Problem:
    return Problem(
        "REQUIRED", f"Enter {label}", fix=f"Fill in {column}. A blank is never filled down from the row above."
    )


def look_alike(text: str) -> Problem | None:
    """The problem with a code that has a character which only looks like a letter or digit, such as Cyrillic О."""
    for character in text:
        if not character.isascii():
            name = unicodedata.name(character, "an unnamed character").lower()
            return Problem(
                "NON_ASCII_CODE",
                f"A character in the code only looks like a letter or digit: {name} (U+{ord(character):04X})",
                fix="Type the code again with plain letters and digits.",
            )
    return None


def tidy_code(text: str) -> tuple[str, str]:
    """The code trimmed and in capitals, and a note if that changed it."""
    trimmed = trim(text)
    seen = _WIDE_SPACES.sub("", without_invisible(trimmed))
    bare = seen.upper()
    if bare == text:
        return bare, ""
    if seen != trimmed:
        return bare, "Invisible characters in codes were removed"
    if trim(text) != text:
        return bare, "Spaces around codes were removed"
    return bare, "Codes in small letters were read as capitals"


def looks_like_an_excel_date(text: str) -> bool:
    return _EXCEL_DATE.fullmatch(text) is not None


def choose(
    text: str, *, column: str, label: str, values: Iterable[str], aliases: dict[str, str], default: str = ""
) -> Verdict:
    """One of a list of values. Case, spaces and hyphens do not matter."""
    bare = trim(text)
    if not bare:
        return Verdict(default) if default else Verdict(problem=required(column, label))
    known = list(values)
    if bare in known:
        return Verdict(bare, note="" if bare == text else "Spaces around words were removed")
    plain = re.sub(r"[\s_\-]+", "_", bare.casefold())
    for value in known:
        if plain == value.replace("-", "_"):
            return Verdict(value, note=f"{column}: “{shown(bare)}” was read as “{value}”")
    if plain in aliases:
        return Verdict(aliases[plain], note=f"{column}: “{shown(bare)}” was read as “{aliases[plain]}”")
    nearest = get_close_matches(plain, known, n=1, cutoff=0.75)
    fix = f"Use {_listed(known)}." + (f" Did you mean {nearest[0]}?" if nearest else "")
    return Verdict(
        problem=Problem("NOT_IN_LIST", f"{label[:1].upper()}{label[1:]} is not one of those allowed", fix=fix)
    )


def _listed(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def judge_text(text: str) -> Verdict:
    """Free text. Line ends become spaces and letters are composed (NFC). Control characters are refused."""
    value = trim(text)
    if _BREAKS.search(value):
        value = _BREAKS.sub(" ", value)
    if CONTROL.search(value):
        return Verdict(
            problem=Problem("CONTROL_CHAR", "The text has a control character in it", fix="Type the text again.")
        )
    if _BIDI.search(text):
        return Verdict(problem=_turned())
    value = unicodedata.normalize("NFC", value)
    if len(value) > LONGEST_TEXT:
        return Verdict(
            problem=Problem(
                "FIELD_TOO_LONG", f"The text is longer than {LONGEST_TEXT:,} characters", fix="Shorten the text."
            )
        )
    return Verdict(value, note="" if value == text else "Spaces, line breaks and accents in text were tidied")


_PLAIN_TEXT = re.compile(r"[ -\[\]-~\n]*")


def is_plain(cells: list[str]) -> bool:
    """Whether all cells of a column are short plain ASCII with nothing to tidy."""
    joined = "\n".join(cells)
    return (
        (len(joined) < LONGEST_TEXT or max(map(len, cells)) <= LONGEST_TEXT)
        and joined.count("\n") == max(0, len(cells) - 1)
        and _PLAIN_TEXT.fullmatch(joined) is not None
        and not ("\n " in joined or " \n" in joined or joined.startswith(" ") or joined.endswith(" "))
    )


def did_you_mean(code: str, known: Iterable[str], numeric: dict[int, list[str]]) -> str:
    """The known code that a spreadsheet could have changed into this text, if there is exactly one; else empty."""
    candidates: set[str] = set()
    number = _as_number(code)
    if number is not None:
        candidates.update(numeric.get(number, ()))
    padded = code.zfill(3)
    if padded != code:
        candidates.update(one for one in (padded,) if one in known)
    return candidates.pop() if len(candidates) == 1 else ""


_SCIENTIFIC = re.compile(r"([0-9]+)(?:\.([0-9]+))?[eE]\+?([0-9]{1,3})")


def _as_number(text: str) -> int | None:
    """
    >>> _as_number("5.00E+01"), _as_number("100000"), _as_number("01E")
    (50, 100000, None)
    """
    if re.fullmatch(r"[0-9]{1,12}", text):
        return int(text)
    match = _SCIENTIFIC.fullmatch(text)
    if match is None or int(match.group(3)) > 30:
        return None
    whole, decimals, power = match.group(1), (match.group(2) or "").rstrip("0"), int(match.group(3))
    if len(decimals) > power:
        return None
    return int(whole + decimals) * 10 ** (power - len(decimals))


def numeric_readings(codes: Iterable[str]) -> dict[int, list[str]]:
    """Codes that a spreadsheet would take for numbers, by the number: 5E1 is 50, 00123 is 123."""
    found: dict[int, list[str]] = {}
    for code in codes:
        number = _as_number(code)
        if number is not None:
            found.setdefault(number, []).append(code)
    return found


def is_mangled(code: str) -> bool:
    """Whether the text looks like a code that a spreadsheet changed, such as 5.00E+01, rather than an unknown code."""
    return _as_number(code) is not None or looks_like_an_excel_date(code) or (len(code) < 3 and code[:1].isdigit())


_COPY_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


def copy_text(text: str) -> str:
    """A text escaped for COPY's text format."""
    return text.translate(_COPY_ESCAPES) if not text.isalnum() else text


def copy_column(cells: list[str]) -> list[str]:
    """A column of texts escaped for COPY's text format. Fast, because almost no cell needs escaping."""
    joined = "".join(cells)
    if "\\" in joined or "\t" in joined or "\n" in joined or "\r" in joined:
        return [copy_text(cell) for cell in cells]
    return cells


def copy_lines(columns: Sequence[Iterable[str]]) -> str:
    """Columns of equal length, already escaped, as lines for COPY."""
    lines = "\n".join(map("\t".join, zip(*columns, strict=True)))
    return f"{lines}\n" if lines else ""


EDGE_CHARACTERS = EDGES
