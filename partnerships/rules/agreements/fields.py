"""What may stand in each field of a deed, a fund, a scheme and a record: how long, which values, which days.

A field may always be left empty, except the names by which funds and schemes are known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices

from partnerships.rules.agreements.differences import FIELD_LABELS
from partnerships.terms import (
    AccountingTreatment,
    Flexibility,
    PoolKind,
    Power,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.kernel.characters import CONTROL, trim
from pooledcare.kernel.days import written
from pooledcare.kernel.problems import Problem, Where

LONGEST_LINE = 300
LONGEST_TEXT = 20_000
LONGEST_CLAUSE = 100_000
MOST_MONTHS = 120
MOST_REVIEWS = 60
# Section 31 of the Health Act 1999 could be used from this day on, and none of the powers before it.
EARLIEST, LATEST = dt.date(2000, 4, 1), dt.date(2100, 12, 31)
POWERS_OF_POOLING = (Power.S31, Power.S75, Power.S65Z5_65Z6)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is cleaned and judged. `empty` is what stands for nothing."""

    label: str
    problems: Callable[[Field, Any], Iterable[tuple[str, str, str]]]
    empty: Any = ""
    longest: int = LONGEST_TEXT
    choices: tuple[str, ...] = ()
    required: str = ""


def value_problems(values: Mapping[str, Any], fields: Mapping[str, Field]) -> list[Problem]:
    """What is wrong with the values given; a value that is missing is not."""
    found = []
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            found.append(Problem("UNKNOWN_FIELD", f"There is no field called “{name}” here", Where(field=name)))
        elif _is_empty(value):
            found += [Problem("REQUIRED", field.required, Where(field=name))] if field.required else []
        else:
            for code, message, fix in field.problems(field, value):
                found.append(Problem(code, message, Where(field=name), fix=fix or None))
    return found


def cleaned(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values as they are kept: text without edges and with one kind of line end, lists in order and once."""
    return {name: _clean(value, fields[name]) for name, value in values.items()}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not trim(value))


def _clean(value: Any, field: Field) -> Any:
    if _is_empty(value):
        return field.empty
    if field.problems is _anything:
        return value
    if isinstance(value, str):
        plain = trim(_with_plain_ends(value))
        return " ".join(plain.split()) if field.longest == LONGEST_LINE else plain
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(set(value))
    return value


def _with_plain_ends(value: str) -> str:
    """A browser sends every end of a line as two characters, and counts it as one."""
    return value.replace("\r\n", "\n").replace("\r", "\n")


# --- what may stand there --------------------------------------------------------------------------------------------

Reasons = Iterator[tuple[str, str, str]]


def _text(field: Field, value: Any) -> Reasons:
    if not isinstance(value, str):
        yield "WRONG_TYPE", f"{field.label} must be text", ""
        return
    if CONTROL.search(value) or _SURROGATE.search(value):
        message = f"{field.label} contains control characters that cannot be kept"
        yield "BAD_CHARACTERS", message, "Delete them, or type the text again."
    length = len(_with_plain_ends(value))
    if length > field.longest:
        message = f"{field.label} has {length:,} characters, and at most {field.longest:,} can be kept"
        yield "TOO_LONG", message, "Shorten it, or add the long text as a document."


def _choice(field: Field, value: Any) -> Reasons:
    if value not in field.choices:
        yield "UNKNOWN_VALUE", f"{field.label}: choose one of those listed", f"Use one of: {', '.join(field.choices)}."


def _choices(field: Field, value: Any) -> Reasons:
    if isinstance(value, str) or not isinstance(value, Collection):
        yield "WRONG_TYPE", f"{field.label} must be a list", ""
    elif unknown := sorted(str(each) for each in value if each not in field.choices):
        message = f"{field.label}: {', '.join(unknown)} is none of those listed"
        yield "UNKNOWN_VALUE", message, f"Use only: {', '.join(field.choices)}."


def _day(field: Field, value: Any) -> Reasons:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        yield "WRONG_TYPE", f"{field.label} must be a date", ""
    elif not EARLIEST <= value <= LATEST:
        message = f"{field.label} must lie between {written(EARLIEST)} and {written(LATEST)}"
        yield "DATE_OUT_OF_RANGE", message, "Correct the year."


def _days(field: Field, value: Any) -> Reasons:
    if not isinstance(value, (list, tuple)):
        yield "WRONG_TYPE", f"{field.label} must be a list of dates", ""
        return
    if len(value) > MOST_REVIEWS:
        yield "TOO_MANY", f"At most {MOST_REVIEWS} review dates can be kept", "Keep those of the next years."
    for each in value:
        yield from _day(field, each)


def _months(field: Field, value: Any) -> Reasons:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_MONTHS:
        yield "OUT_OF_RANGE", f"{field.label} must be a whole number from 1 to {MOST_MONTHS}", ""


def _percentage(field: Field, value: Any) -> Reasons:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= 100:
        yield "OUT_OF_RANGE", f"{field.label} must be between 0 and 100", ""
    elif value != value.quantize(Decimal("0.01")):
        yield "TOO_PRECISE", f"{field.label} can have two decimal places at most", ""


def _flag(field: Field, value: Any) -> Reasons:
    if not isinstance(value, bool):
        yield "WRONG_TYPE", f"{field.label} must be yes or no", ""


def _anything(field: Field, value: Any) -> Reasons:
    """Rows that the caller has looked up: whether they belong there is judged with the whole agreement."""
    yield from ()


def line(label: str, required: str = "") -> Field:
    return Field(label, _text, longest=LONGEST_LINE, required=required)


def text(label: str, required: str = "") -> Field:
    return Field(label, _text, required=required)


def clause(label: str) -> Field:
    return Field(label, _text, longest=LONGEST_CLAUSE)


def choice(label: str, values: type[TextChoices] | Iterable[str], required: str = "") -> Field:
    return Field(label, _choice, choices=_names(values), required=required)


def choices(label: str, values: type[TextChoices]) -> Field:
    return Field(label, _choices, empty=[], choices=_names(values))


def day(label: str, required: str = "") -> Field:
    return Field(label, _day, empty=None, required=required)


def _names(values: type[TextChoices] | Iterable[str]) -> tuple[str, ...]:
    return tuple(str(each) for each in values)


_L = FIELD_LABELS
MONTHS = Field(_L["notice_months"], _months, empty=None)
FLAG = Field("The answer", _flag, empty=False, required="Answer yes or no")
ROW = Field("", _anything, empty=None)

DEED: dict[str, Field] = {
    "title": line(_L["title"]),
    "summary": text("Summary"),
    "effective_on": day("First day"),
    "sets_end": FLAG,
    "end_on": day(_L["end"]),
    "notice_months": MONTHS,
    "review_on": Field(_L["review_on"], _days, empty=None),
}
ORIGINAL: dict[str, Field] = {
    **DEED,
    "power": choice(_L["power"], POWERS_OF_POOLING, required="Choose the legal power"),
    "places": ROW,
}
POOL: dict[str, Field] = {
    "name": line(_L["name"], required="Enter the name of the fund"),
    "kind": choice(_L["kind"], PoolKind, required="Choose pooled or aligned"),
    "host": ROW,
    "manager": line(_L["manager"]),
    "manager_employer": ROW,
    "vat_structure": choice(_L["vat_structure"], VatStructure),
    "vat_regime": choice(_L["vat_regime"], VatRegime),
    "irrecoverable_vat": Field(_L["irrecoverable_vat"], _percentage, empty=None),
    "vat_advice": text(_L["vat_advice"]),
    "accounting": choice(_L["accounting"], AccountingTreatment),
}
SCHEME: dict[str, Field] = {
    "name": line(_L["name"], required="Enter the name of the scheme"),
    **{
        name: text(_L[name])
        for name in ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms")
    },
    "flexibilities": choices(_L["flexibilities"], Flexibility),
    "ways_of_working": choices(_L["ways_of_working"], WayOfWorking),
    "lead": ROW,
    "pool": ROW,
    "start_on": day("First day of the scheme"),
    "end_on": day("Last day of the scheme"),
    "notice_months": MONTHS,
    "is_voluntary": FLAG,
}
