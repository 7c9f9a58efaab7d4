"""A form field for the deputies of an officer: an office and its first and last day on each line."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from partnerships.rules.agreements.limits import DeputyIn
from pooledcare.kernel.days import day_written, written
from pooledcare.kernel.fields import LongTextField
from pooledcare.kernel.records import LONGEST_TEXT

_LINE = re.compile(r"(?P<office>.+):\s*(?P<first>.+?)\s+to\s+(?P<last>.+)", re.IGNORECASE)
EXAMPLE = "Deputy chief finance officer: 1 April 2026 to 30 September 2026"


class DeputiesField(LongTextField):
    """The value is a list of `DeputyIn`, in the order of the lines."""

    def __init__(self, **rest: Any) -> None:
        given: dict[str, Any] = {
            "label": "Deputies",
            "help_text": f"One a line, with the first and the last day. For example, {EXAMPLE}",
            "required": False,
            "max_length": LONGEST_TEXT,
            "looks": {"rows": 3},
        }
        super().__init__(**given | rest)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(f"{one.office}: {written(one.first_on)} to {written(one.last_on)}" for one in value)
        return value

    def clean(self, value: Any) -> list[DeputyIn]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        return [_deputy(line) for line in lines if line]


def _deputy(line: str) -> DeputyIn:
    found = _LINE.fullmatch(line)
    first, last = (day_written(found["first"]), day_written(found["last"])) if found else (None, None)
    if found is None or first is None or last is None:
        raise ValidationError(f"“{line[:80]}” must be an office and two real dates, like {EXAMPLE}")
    return DeputyIn(found["office"].strip(), first, last)
