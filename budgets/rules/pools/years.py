"""Which years of a fund can be opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from pooledcare.kernel.days import written
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Where

YEARS_BEFORE = 3  # of a fund that ran before its money was recorded here


def openable_years(
    *, start: dt.date | None, end: dt.date | None, opened: Collection[int], today: dt.date
) -> list[FinancialYear]:
    """Years within the agreement's term that are not open yet, from three years ago to the next one, newest first."""
    this = FinancialYear.containing(today)
    years = [FinancialYear(this.start + ahead) for ahead in range(1, -YEARS_BEFORE - 1, -1)]
    return [year for year in years if year.start not in opened and not year_problems(year, start=start, end=end)]


def year_problems(year: FinancialYear, *, start: dt.date | None, end: dt.date | None) -> list[Problem]:
    """Why a year lies outside the agreement's term. `end` is its last day; None means that it has none."""
    if start is None:
        message, fix = "The agreement has no first day yet", "Enter its first day in the draft."
    elif year.last_day < start:
        message, fix = f"{year} ends before the agreement starts, on {written(start)}", "Choose a later year."
    elif end is not None and year.first_day > end:
        message, fix = f"{year} starts after the agreement ends, on {written(end)}", "Choose an earlier year."
    else:
        return []
    return [Problem("OUTSIDE_TERM", message, Where(field="year"), str(year), fix)]
