"""What the text of one cell means: days, codes, choices and lists, each as a value that JSON can keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from partnerships.rules.agreements.differences import value_text
from partnerships.rules.agreements.fields import EARLIEST, LATEST, LONGEST_LINE, MOST_MONTHS
from pooledcare.kernel.characters import trim
from pooledcare.kernel.days import day_written
from pooledcare.kernel.problems import Problem
from pooledcare.kernel.tabular import unneutralise
from pooledcare.uploads.checks import Verdict, choose, judge_text, look_alike, tidy_code

Judge = Callable[[str], Verdict]
BLANK = Verdict()
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def words(text: str) -> Verdict:
    """Free text; a blank says nothing."""
    found = judge_text(unneutralise(text))
    return found if found.problem or found.value else BLANK


def line(text: str) -> Verdict:
    found = words(text)
    if found.value and len(found.value) > LONGEST_LINE:
        message = f"The text is longer than {LONGEST_LINE} characters"
        return Verdict(problem=Problem("FIELD_TOO_LONG", message, fix="Shorten the text."))
    return found


def day(text: str) -> Verdict:
    """A date as ISO 8601 or as people write it, the day first."""
    bare = trim(text)
    if not bare:
        return BLANK
    found = day_written(bare)
    if found is None:
        fix = "Write the date as 2026-04-01 or 1 April 2026."
        return Verdict(problem=Problem("NOT_A_DATE", "This is not a date", fix=fix))
    if not EARLIEST <= found <= LATEST:
        message = f"The date must lie between {value_text('', EARLIEST)} and {value_text('', LATEST)}"
        return Verdict(problem=Problem("DATE_OUT_OF_RANGE", message, fix="Correct the year."))
    note = "" if found.isoformat() == text else "Dates were read in other spellings, such as 1 April 2026"
    return Verdict(found.isoformat(), note=note)


def days(text: str) -> Verdict:
    found = []
    for part in parts_of(text):
        verdict = day(part)
        if verdict.problem is not None:
            return verdict
        found.append(verdict.value)
    return Verdict(sorted(set(found))) if found else BLANK


def months(text: str) -> Verdict:
    bare = trim(text)
    if not bare:
        return BLANK
    if not re.fullmatch(r"[0-9]{1,3}(?:\.0+)?", bare) or not 1 <= int(bare.partition(".")[0]) <= MOST_MONTHS:
        message = f"The months must be a whole number from 1 to {MOST_MONTHS}"
        return Verdict(problem=Problem("OUT_OF_RANGE", message, fix="Write the number only, such as 6."))
    return Verdict(int(bare.partition(".")[0]))


def yes_or_no(text: str) -> Verdict:
    bare = trim(text).casefold()
    if not bare:
        return BLANK
    if bare not in _YES:
        return Verdict(problem=Problem("NOT_IN_LIST", "The answer must be yes or no", fix="Write yes or no."))
    return Verdict(_YES[bare])


def choice(column: str, label: str, values: Iterable[str]) -> Judge:
    allowed = list(values)

    def judge(text: str) -> Verdict:
        return choose(text, column=column, label=label, values=allowed, aliases={}) if trim(text) else BLANK

    return judge


def choices(column: str, label: str, values: Iterable[str]) -> Judge:
    """Some of a list, with semicolons between them."""
    one = choice(column, label, values)

    def judge(text: str) -> Verdict:
        found = []
        for part in parts_of(text):
            verdict = one(part)
            if verdict.problem is not None:
                return verdict
            found.append(verdict.value)
        return Verdict(sorted(set(found))) if found else BLANK

    return judge


def code(text: str) -> Verdict:
    """One organisation code; whose it is depends on the day."""
    bare, note = tidy_code(text)
    if not bare:
        return BLANK
    unlike = look_alike(bare)
    return Verdict(problem=unlike) if unlike is not None else Verdict(bare, note=note)


def codes(text: str) -> Verdict:
    found = []
    for part in parts_of(text):
        verdict = code(part)
        if verdict.problem is not None:
            return verdict
        found.append(verdict.value)
    if len(set(found)) < len(found):
        return Verdict(problem=Problem("CODE_TWICE", "A code is there twice", fix="Name each organisation once."))
    return Verdict(found) if found else BLANK


def named(names: Mapping[str, str], message: str, fix: str) -> Judge:
    """Things by their names or addresses, with semicolons between them; as their addresses."""

    def judge(text: str) -> Verdict:
        found = [names.get(trim(part).casefold()) for part in parts_of(text)]
        if None in found:
            return Verdict(problem=Problem("UNKNOWN_PLACE", message, fix=fix))
        return Verdict(list(dict.fromkeys(found))) if found else BLANK

    return judge


def pairs(first: Collection[str], message: str, fix: str) -> Judge:
    """Words with, after a colon, what belongs to them: `nhs-s3:QXX; social-services`."""

    def judge(text: str) -> Verdict:
        found = []
        for part in parts_of(text):
            name, _, rest = (trim(each) for each in part.partition(":"))
            if name.casefold() not in first:
                return Verdict(problem=Problem("UNKNOWN_FUNCTION", f"{message}: {name[:60]}", fix=fix))
            found.append([name.casefold(), rest])
        return Verdict(found) if found else BLANK

    return judge


def parts_of(text: str) -> list[str]:
    """
    >>> parts_of(" QXX ; E10000099;")
    ['QXX', 'E10000099']
    """
    return [trim(part) for part in text.split(";") if trim(part)]
