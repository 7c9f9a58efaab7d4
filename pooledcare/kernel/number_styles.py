"""Whether the amounts of a text file have a decimal point, as 1,234.50, or a decimal comma, as 1.234,50.

A point or a comma before exactly three digits can be either: 1.500 is one and a half in England, and one thousand five
hundred in Germany. Other amounts of the same file can show which is meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

_AROUND = r"[^0-9.,\n]*"
_SPACE = "[ \u00a0\u2009\u202f\u2007]"
_POINT = (
    r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"  # 1,234.5
    r"|[0-9]{1,3}(?:,[0-9]{3}){2,}"  # 1,500,000
    r"|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})"  # 12.5, 1234.56, .75
    rf"|[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+\.[0-9]{{1,2}}"  # 1 234.50
)
_COMMA = (
    r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*"  # 1.234,56
    r"|[0-9]{1,3}(?:\.[0-9]{3}){2,}"  # 1.500.000
)
# A comma before the pence is proof only where semicolons separate the cells: elsewhere it may be a mistyped 1,230.
_COMMA_WITH_SEMICOLONS = rf"{_COMMA}|[0-9]+,[0-9]{{1,2}}|[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+,[0-9]{{1,2}}"


def _alone(pattern: str) -> re.Pattern[str]:
    """The pattern as the only number of a line."""
    return re.compile(rf"^{_AROUND}(?P<number>{pattern}){_AROUND}$", re.MULTILINE)


_WITH_POINT = _alone(_POINT)
_WITH_COMMA = {True: _alone(_COMMA_WITH_SEMICOLONS), False: _alone(_COMMA)}
_UNCLEAR = {mark: _alone(rf"[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}") for mark in ".,"}
# By what separates the cells, the marks that may stand between thousands or before decimals. A semicolon speaks for a
# decimal comma; commas between the cells speak for a decimal point.
_DOUBTFUL = {";": ".,", "\t": ".", "|": ".", ",": ""}


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """What a file shows of how its amounts are written. Each field is a number with its cell, or empty.

    `point` is the first amount that can only have a decimal point, and `comma` the first that can only have a decimal
    comma. `unclear_point` and `unclear_comma` are the first with a point, or a comma, before exactly three digits, in a
    file whose delimiter leaves open what that means.
    """

    point: str = ""
    comma: str = ""
    unclear_point: str = ""
    unclear_comma: str = ""

    @property
    def is_mixed(self) -> bool:
        return bool(self.point and self.comma)

    @property
    def has_decimal_comma(self) -> bool:
        return bool(self.comma) and not self.point

    def unclear(self, mark: str) -> str:
        """The first amount in which it is not clear what the mark (a point or a comma) means; empty if it is clear."""
        example = self.unclear_point if mark == "." else self.unclear_comma
        return example if not self.point and not self.comma else ""


DECIMAL_POINT = NumberStyle()


class StyleSearch:
    """Looks through the columns of amounts of a file, a few thousand cells at a time."""

    def __init__(self, delimiter: str) -> None:
        self._with_comma = _WITH_COMMA[delimiter == ";"]
        self._doubtful = _DOUBTFUL.get(delimiter, "")
        self._found: dict[str, str] = {}

    def look(self, cells: Sequence[str], rows: Sequence[int], letter: str) -> None:
        """Look at cells of the column with this letter; `rows` are their row numbers."""
        joined = "\n".join(cell.replace("\n", " ") for cell in cells)
        self._keep("point", _WITH_POINT, joined, rows, letter)
        self._keep("comma", self._with_comma, joined, rows, letter)
        for mark in self._doubtful:
            name = "unclear_point" if mark == "." else "unclear_comma"
            self._keep(name, _UNCLEAR[mark], joined, rows, letter)

    def _keep(self, name: str, pattern: re.Pattern[str], joined: str, rows: Sequence[int], letter: str) -> None:
        if name in self._found:
            return
        match = pattern.search(joined)
        if match is not None:
            row = next(islice(rows, joined.count("\n", 0, match.start("number")), None))
            self._found[name] = f"{match['number']} in {letter}{row}"

    @property
    def style(self) -> NumberStyle:
        return NumberStyle(**self._found)
