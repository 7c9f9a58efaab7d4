"""Financial years and words in headings and titles, and the patterns by which a layout knows them again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads.kinds import Hint

# A financial year with both years, such as 2023/24. A date such as 2011-12-01 is none.
_TOKEN = re.compile(
    r"(?<![0-9])(?P<first>20[0-9]{2})(?P<mark>[/\-–_])(?P<second>20[0-9]{2}|[0-9]{2})(?![0-9]|[/\-–][0-9])"
)
_SHORT = re.compile(r"(?<![0-9/\-–])(?P<first>[0-9]{2})[/\-–](?P<second>[0-9]{2})(?![0-9]|[/\-–][0-9])")
_SINGLE = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_FORMS = {"/": r"20\d\d/", "-": r"20\d\d\-", "–": r"20\d\d–", "_": r"20\d\d_"}


@dataclass(frozen=True)
class YearText:
    """A financial year as it stands in a text: from `start` to `end`, and the pattern for any year in this form."""

    year: str
    start: int
    end: int
    form: str


def years_in(text: str) -> list[YearText]:
    """The financial years that a text states with both of their years.

    >>> [found.year for found in years_in("2022/23 to 2023-24, as at 2023-03-31")]
    ['2022-23', '2023-24']
    """
    found = []
    for match in _TOKEN.finditer(text):
        first, second = int(match["first"]), match["second"]
        if second != f"{first + 1}"[-len(second) :]:
            continue
        if len(second) == 4 and match["mark"] in "–_":
            continue
        tail = r"20\d\d" if len(second) == 4 else r"\d\d"
        form = f"{_FORMS[match['mark']]}{tail}"
        found.append(YearText(str(FinancialYear(first)), match.start(), match.end(), form))
    return found


def unclear_years(text: str) -> list[str]:
    """Financial years that a text may mean, where it states only one of the two years, or neither in full.

    >>> unclear_years("Spending power 2019"), unclear_years("Plan 23/24")
    (['2019-20', '2018-19'], ['2023-24'])
    """
    if years_in(text):
        return []
    short = [
        str(FinancialYear(2000 + int(match["first"])))
        for match in _SHORT.finditer(text)
        if int(match["second"]) == (int(match["first"]) + 1) % 100
    ]
    if short:
        return list(dict.fromkeys(short))
    return [str(FinancialYear(year)) for match in _SINGLE.finditer(text) for year in (int(match[1]), int(match[1]) - 1)]


def literal(text: str, year: str = "") -> str:
    """A pattern for exactly this text. If it has one financial year and that is `year`, any year may stand there.

    >>> literal("2023/24 Core (£k)", "2023-24"), literal("Core (£k)")
    ('(?P<year>20\\\\d\\\\d/\\\\d\\\\d)\\\\ Core\\\\ \\\\(£k\\\\)', 'Core\\\\ \\\\(£k\\\\)')
    """
    found = years_in(text)
    if len(found) != 1 or found[0].year != year:
        return re.escape(text)
    [one] = found
    return f"{re.escape(text[: one.start])}(?P<year>{one.form}){re.escape(text[one.end :])}"


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def plain(text: str) -> str:
    """The words of a text in small letters, each between spaces.

    >>> plain("Adult_Social Care (net)")
    ' adult social care net '
    """
    words = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(words)} " if words else ""


@dataclass(frozen=True)
class Hinted:
    """A value that the words of a text suggest."""

    value: str
    words: str


def hinted(text: str, hints: Iterable[Hint]) -> list[Hinted]:
    """What the words of a text suggest. A phrase inside a longer one that also fits does not count.

    >>> hints = [Hint("recurrence", "recurrent", ("recurrent",)), Hint("recurrence", "no", ("non recurrent",))]
    >>> hinted("Non-recurrent money", hints)
    [Hinted(value='no', words='non recurrent')]
    """
    words = plain(text)
    fitting = [Hinted(hint.value, phrase) for hint in hints for phrase in hint.words if f" {phrase} " in words]
    longest = [
        one
        for one in fitting
        if not any(f" {one.words} " in f" {other.words} " and one.words != other.words for other in fitting)
    ]
    return list({one.value: one for one in longest}.values())


_MONEY = (
    *("allocation", "allocations", "amount", "amounts", "budget", "budgets", "spend", "spending", "expenditure"),
    *("grant", "grants", "funding", "fund", "funds", "cost", "costs", "contribution", "contributions", "allowance"),
    *("outturn", "gbp", "pounds", "pound", "money", "payment", "payments"),
)
# Words that say it only as the whole heading.
_LABELS = ("date", "year", "row", "line", "order", "sort", "id", "code", "age")
_NO_MONEY = (
    *("growth", "population", "populations", "pop", "patients", "weighted", "wp", "wps", "index"),
    *(
        "rank",
        "ratio",
        "share",
        "percent",
        "percentage",
        "per cent",
        "per head",
        "per capita",
        "percapita",
        "per cap",
        "head",
        "sq",
    ),
    *("episodes", "headcount", "latitude", "longitude", "number", "count", "distance"),
    *("change", "increase", "decrease", "difference", "uplift", "convergence", "rate", "fte", "wte"),
    *("per65s", "per person", "over 65", "under 65", "target"),
)


def money_words(text: str) -> str:
    """The first word of a heading that says money; empty if none does.

    >>> money_words("Core allocation"), money_words("Core £"), money_words("Region")
    ('allocation', '£', '')
    """
    if "£" in text:
        return "£"
    words = plain(text)
    return next((word for word in _MONEY if f" {word} " in words), "")


def other_words(text: str) -> str:
    """The first word of a heading that says something else than money, such as people or shares of 100.

    >>> other_words("Weighted population"), other_words("Growth (%)"), other_words("Core allocation")
    ('population', '%', '')
    """
    if "%" in text:
        return "%"
    words = plain(text)
    last = (words.split() or [""])[-1]
    if last in ("code", "id") or words.strip() in _LABELS:  # codes also as the last word, as in “Area code”
        return last
    return next((word for word in sorted(_NO_MONEY, key=lambda word: _place(words, word)) if f" {word} " in words), "")


def _place(words: str, word: str) -> int:
    at = words.find(f" {word} ")
    return -at if at >= 0 else 1


_TOTAL = frozenset(
    {"total", "totals", "england", "sum", "subtotal", "all", "overall", "national", "sub total", "net total"}
)


def is_total_word(text: str) -> bool:
    """Whether the label of a row is that of a total.

    >>> is_total_word("Grand Total"), is_total_word("ENGLAND"), is_total_word("Total by NHS Region"), is_total_word("A")
    (True, True, True, False)
    """
    words = plain(text).split()
    if not words or len(words) > 8:
        return False
    return words[0] in _TOTAL or words[-1] in ("total", "totals") or " ".join(words) in _TOTAL
