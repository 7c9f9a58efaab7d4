"""The financial year that the sender of a file states, for files that do not say it, and files that say another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused, Where

if TYPE_CHECKING:
    import pandas as pd

    from pooledcare.uploads.checks import Numbers


def plain_year(text: str) -> str:
    """A year in our form, such as 2025-26. Other text is returned unchanged, and refused by the checks.

    >>> plain_year("2025/26"), plain_year("2025_26"), plain_year("spring")
    ('2025-26', '2025-26', 'spring')
    """
    try:
        return str(FinancialYear.parse(text.replace("_", "-")))
    except Refused:
        return text


def refuse_other_year(said: str, stated: str, where: Where) -> None:
    """Raise `Refused` if the file says another year than its sender. `stated` is empty if the sender says none."""
    if stated and said != stated:
        raise Refused.because(
            "OTHER_YEAR",
            f"The file says {said}, but the financial year {stated} was stated with it",
            where=where,
            value=said,
            fix="Send the file again without a financial year if the file is right. Otherwise choose the right file.",
        )


def refuse_other_years(cells: pd.Series[str], numbers: Numbers, stated: str, sheet: str) -> None:
    """The same for a column of years, with the row of the first other year. What is no year is left to the checks."""
    if not stated:
        return
    for text in cells.unique().tolist():
        year = plain_year(text)
        if _is_year(year) and year != stated:
            row = int(numbers[cells.tolist().index(text)])
            refuse_other_year(year, stated, Where(sheet or None, row))


def _is_year(text: str) -> bool:
    try:
        FinancialYear.parse(text)
    except Refused:
        return False
    return True
