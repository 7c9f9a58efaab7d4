"""Reading the cells of a file as values of the fields of a record, by the field's kind. Values are stored as JSON.

A kind of upload makes its columns from a record with `upload_columns`, and checks their cells with `judges_of`.
References to rows of other models are left to each kind of upload, which decides by which codes to name them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Context, Decimal
from typing import Any

from pooledcare.kernel.amounts import PENNY, read_amount
from pooledcare.kernel.characters import trim
from pooledcare.kernel.days import day_written, written
from pooledcare.kernel.number_formats import ShownNumber
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.records import FieldKind, RecordField
from pooledcare.kernel.tabular import unneutralise
from pooledcare.kernel.year_shares import read_shares, shares_problem
from pooledcare.uploads.checks import Verdict, choose, judge_text, look_alike, tidy_code
from pooledcare.uploads.kinds import UploadColumn

Judge = Callable[[str], Verdict]
BLANK = Verdict()
_PERCENTAGE = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]{1,20})?)\s*(?:%|per ?cent)?", re.IGNORECASE)
_FIFTEEN_DIGITS = Context(prec=15)  # as many as a spreadsheet keeps of a number that somebody types
_HOW_MANY_PER_CENT = "Write the percentage as 2.5 or 2.5%."
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


# ── A record as columns of a file ────────────────────────────────────────────────────────────────────────────────────


def upload_column(field: RecordField, *, help: str = "", required: bool = False) -> UploadColumn:
    """The column of a file for the field, with a hint on how to write its cells. `help` replaces the field's hint."""
    said = (help or field.help or field.label).rstrip(".")
    text = ". ".join(filter(None, (said, how_written(field)))) + "."
    choices = (lambda: field.choices) if field.kind == FieldKind.CHOICE else None
    is_amount = field.kind == FieldKind.MONEY
    return UploadColumn(field.key, field.label, text, field.example, required, choices, is_amount=is_amount)


def upload_columns(fields: Iterable[RecordField]) -> tuple[UploadColumn, ...]:
    return tuple(upload_column(field) for field in fields)


def how_written(field: RecordField) -> str:
    """How to write a cell of the field's kind; empty for plain text."""
    match field.kind:
        case FieldKind.CHOICE:
            return f"One of {', '.join(field.values)}"
        case FieldKind.CHOICES:
            return f"Some of {', '.join(field.values)}, with ; between them"
        case FieldKind.DAY:
            return "A date, as 2026-04-01"
        case FieldKind.DAYS:
            return "Dates, with ; between them"
        case FieldKind.WHOLE:
            return f"A whole number from {field.least} to {field.most}"
        case FieldKind.MONEY:
            return "Pounds and pence, as 1234.56"
        case FieldKind.PERCENT:
            return "A percentage, as 2.5 or 2.5%"
        case FieldKind.SHARES:
            return "Days with percentages and ; between them, as 15 April: 25%; 15 October: 75%"
        case FieldKind.FLAG:
            return "Yes or no"
        case _:
            return ""


def judges_of(fields: Iterable[RecordField], style: NumberStyle = DECIMAL_POINT) -> dict[str, Judge]:
    """The function that checks the cells of each field, by the name of its column."""
    return {field.key: judge_of(field, style) for field in fields}


def judge_of(field: RecordField, style: NumberStyle = DECIMAL_POINT) -> Judge:
    """The function that checks a cell of the field: text in, `Verdict` out. `style` is how the file writes amounts.

    Raises TypeError for references, which each kind of upload must handle itself.
    """
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            return text_within(field.longest)
        case FieldKind.CHOICE:
            return choice(field.key, f"the {_bare(field)}", field.values)
        case FieldKind.CHOICES:
            return choices(field.key, f"a value of {_bare(field)}", field.values)
        case FieldKind.DAY:
            return day_between(field.least, field.most)
        case FieldKind.DAYS:
            return days_between(field.least, field.most)
        case FieldKind.WHOLE:
            return whole_between(field.label, field.least, field.most)
        case FieldKind.MONEY:
            return money_between(field.label, field.least, field.most, style)
        case FieldKind.PERCENT:
            return percentage_between(field.label, field.least, field.most)
        case FieldKind.SHARES:
            return shares_called(field.label)
        case FieldKind.FLAG:
            return yes_or_no
    raise TypeError(f"A kind of upload must declare itself how {field.label} is written.")


def values_of(said: Mapping[str, Any], fields: Mapping[str, RecordField]) -> dict[str, Any]:
    """The values of a row (`said`: by column, as stored in JSON) as Python values, by the names of the model.

    References are left to the caller.
    """
    found = {}
    for field in fields.values():
        if field.key in said and field.kind != FieldKind.REFERENCE:
            found[field.name] = _as_python(field, said[field.key])
    return found


def _as_python(field: RecordField, value: Any) -> Any:
    """The Python value of a stored JSON value."""
    match field.kind:
        case FieldKind.DAY:
            return None if value is None else dt.date.fromisoformat(value)
        case FieldKind.DAYS:
            return [dt.date.fromisoformat(each) for each in value]
        case FieldKind.MONEY | FieldKind.PERCENT:
            return None if value is None else Decimal(value)
    return value


def as_json(field: RecordField, value: Any) -> Any:
    """A field's value as JSON, in the same form as `judge_of` gives for a cell, so that the two can be compared."""
    match field.kind:
        case FieldKind.DAY:
            return value.isoformat() if value else None
        case FieldKind.DAYS:
            return [each.isoformat() for each in value or ()]
        case FieldKind.MONEY | FieldKind.PERCENT:
            return None if value is None else f"{value:.2f}"
        case FieldKind.CHOICES | FieldKind.SHARES:
            return list(value)
    return value


def _bare(field: RecordField) -> str:
    """The label within a sentence, such as “The legal power is not one of those allowed”."""
    is_acronym = field.label[1:2].isupper()  # as in “VAT regime”
    return field.label if is_acronym else f"{field.label[:1].lower()}{field.label[1:]}"


# ── Kinds of cell ────────────────────────────────────────────────────────────────────────────────────────────────────


def words(text: str) -> Verdict:
    """Free text. A blank cell means no value."""
    found = judge_text(unneutralise(text))
    return found if found.problem or found.value else BLANK


def text_within(longest: int) -> Judge:
    """Free text of at most so many characters, and of no more than any cell may have."""

    def judge(text: str) -> Verdict:
        found = words(text)
        if found.value and len(found.value) > longest:
            message = f"The text is longer than {longest:,} characters"
            return Verdict(problem=Problem("FIELD_TOO_LONG", message, fix="Shorten the text."))
        return found

    return judge


def day_between(first: dt.date, last: dt.date) -> Judge:
    """A date, as ISO 8601 or as people write it with the day first."""

    def judge(text: str) -> Verdict:
        bare = trim(text)
        if not bare:
            return BLANK
        found = day_written(bare)
        if found is None:
            fix = "Write the date as 2026-04-01 or 1 April 2026."
            return Verdict(problem=Problem("NOT_A_DATE", "This is not a date", fix=fix))
        if not first <= found <= last:
            message = f"The date must be between {written(first)} and {written(last)}"
            return Verdict(problem=Problem("DATE_OUT_OF_RANGE", message, fix="Correct the year."))
        note = "" if found.isoformat() == text else "Dates were read in other spellings, such as 1 April 2026"
        return Verdict(found.isoformat(), note=note)

    return judge


def several(one: Judge) -> Judge:
    """A judge of several values separated by semicolons, each of which `one` judges.

    The value is a sorted list without duplicates. If a part is wrong, the verdict is that of the first wrong part.
    """

    def judge(text: str) -> Verdict:
        found = []
        for part in parts_of(text):
            verdict = one(part)
            if verdict.problem is not None:
                return verdict
            found.append(verdict.value)
        return Verdict(sorted(set(found))) if found else BLANK

    return judge


def days_between(first: dt.date, last: dt.date) -> Judge:
    return several(day_between(first, last))


def whole_between(label: str, least: int, most: int) -> Judge:
    def judge(text: str) -> Verdict:
        bare = trim(text)
        if not bare:
            return BLANK
        digits = len(str(most))
        if not re.fullmatch(rf"[0-9]{{1,{digits}}}(?:\.0+)?", bare) or not least <= int(bare.partition(".")[0]) <= most:
            message = f"{label} must be a whole number from {least} to {most}"
            return Verdict(problem=Problem("OUT_OF_RANGE", message, fix="Write the number only, such as 6."))
        return Verdict(int(bare.partition(".")[0]))

    return judge


def money_between(label: str, least: Decimal | None, most: Decimal | None, style: NumberStyle = DECIMAL_POINT) -> Judge:
    """An amount in pounds, read by the same rules as every amount. Its value is text with two decimal places."""

    def judge(text: str) -> Verdict:
        if not trim(text):
            return BLANK
        try:
            found = read_amount(text, style=style)
        except Refused as refused:
            return Verdict(problem=refused.problems[0])
        if (least is not None and found.value < least) or (most is not None and found.value > most):
            message = f"{label} must be between {least} and {most}"
            return Verdict(problem=Problem("OUT_OF_RANGE", message, fix="Correct the amount."))
        return Verdict(f"{found.value:.2f}", note=found.normalised or "")

    return judge


def percentage_between(label: str, least: Decimal, most: Decimal) -> Judge:
    """A percentage, with or without its sign: 2.5 and 2.5% are both two and a half per cent, as text with two decimals.

    A number that a workbook shows as 2.5% is that percentage, although 0.025 is stored for it.
    """

    def judge(text: str) -> Verdict:
        bare = trim(text)
        if not bare:
            return BLANK
        found = _PERCENTAGE.fullmatch(bare)
        if found is None or (isinstance(text, ShownNumber) and (text.problem or not text.is_percentage)):
            return Verdict(problem=Problem("NOT_A_PERCENTAGE", "This is not a percentage", fix=_HOW_MANY_PER_CENT))
        value = _FIFTEEN_DIGITS.create_decimal(found[1])
        if value != value.quantize(PENNY):
            message = f"{label} must have at most two decimal places"
            return Verdict(problem=Problem("TOO_MANY_DECIMALS", message, fix=_HOW_MANY_PER_CENT))
        if not least <= value <= most:
            message = f"{label} must be between {least:f} and {most:f}"
            return Verdict(problem=Problem("OUT_OF_RANGE", message, fix=_HOW_MANY_PER_CENT))
        return Verdict(f"{abs(value) if value == 0 else value:.2f}")

    return judge


def shares_called(label: str) -> Judge:
    """Days of the year with percentages, separated by semicolons."""

    def judge(text: str) -> Verdict:
        parts = parts_of(text)
        if not parts:
            return BLANK
        try:
            found = read_shares(parts)
        except Refused as refused:
            return Verdict(problem=refused.problems[0])
        return Verdict(problem=wrong) if (wrong := shares_problem(label, found)) is not None else Verdict(found)

    return judge


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
    """Some of a list of values, separated by semicolons."""
    return several(choice(column, label, values))


def code(text: str) -> Verdict:
    """One organisation code. Which organisation has it depends on the date, so it is looked up later."""
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
        return Verdict(problem=Problem("CODE_TWICE", "A code is repeated", fix="Name each organisation once."))
    return Verdict(found) if found else BLANK


def named(names: Mapping[str, str], message: str, fix: str) -> Judge:
    """Things named by their names or slugs, separated by semicolons. The value is a list of slugs."""

    def judge(text: str) -> Verdict:
        found = [names.get(trim(part).casefold()) for part in parts_of(text)]
        if None in found:
            return Verdict(problem=Problem("UNKNOWN_PLACE", message, fix=fix))
        return Verdict(list(dict.fromkeys(found))) if found else BLANK

    return judge


def pairs(first: Collection[str], message: str, fix: str) -> Judge:
    """Words from `first`, each perhaps with a colon and a second part: `nhs-s3:QXX; social-services`."""

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
