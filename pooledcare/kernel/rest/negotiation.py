"""Which format the client wants: the header Accept with its q-values, or `?format=csv` for a link in a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pooledcare.kernel.rest.problems import HttpProblem

JSON = "application/json"
CSV = "text/csv"
FORMATS = {"json": JSON, "csv": CSV}
_Q_VALUE = re.compile(r"[01](?:\.[0-9]{0,3})?")


def chosen_format(accept: str, offered: Sequence[str], wanted: str | None = None) -> str:
    """The offered type with the highest quality, the first if equal. Raises a problem 406 if none is accepted.

    >>> chosen_format("text/csv, */*;q=0.1", [JSON, CSV]), chosen_format("", [JSON, CSV])
    ('text/csv', 'application/json')
    """
    if wanted is not None:
        if FORMATS.get(wanted) not in offered:
            raise HttpProblem("not-acceptable", f"This resource is not offered as {wanted}.")
        return FORMATS[wanted]
    ranges = [_media_range(part) for part in (accept.strip() or "*/*").split(",")[:50]]
    qualities = [_quality(media_type, ranges) for media_type in offered]
    best = max(qualities)
    if best <= 0:
        raise HttpProblem("not-acceptable", f"Offered here: {', '.join(offered)}.")
    return offered[qualities.index(best)]


def _media_range(text: str) -> tuple[str, int]:
    """The media range and its quality in thousandths; a quality that is not valid counts as 0."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            return name, _thousandths(parameter[2:])
    return name, 1000


def _thousandths(text: str) -> int:
    whole, _, decimals = text.partition(".")
    if not _Q_VALUE.fullmatch(text):
        return 0
    return min(1000, int(whole) * 1000 + int((decimals + "000")[:3]))


def _quality(media_type: str, ranges: list[tuple[str, int]]) -> int:
    """The quality of the most specific range that matches, in thousandths; 0 if none does."""
    family = media_type.split("/")[0]
    for pattern in (media_type, f"{family}/*", "*/*"):
        found = [quality for name, quality in ranges if name == pattern]
        if found:
            return max(found)
    return 0
