"""The organisations, codes and successions that a compilation has found so far."""

from __future__ import annotations

import re

from pooledcare.directory.reference.tables import Row

SMALL_WORDS = {"and", "of", "the", "for", "in", "on", "with", "upon", "under"}


def natural_case(capitals: str) -> str:
    """The usual spelling of a name that the source prints in capitals.

    >>> natural_case("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST")
    "Guy's and St Thomas' NHS Foundation Trust"
    >>> natural_case("NORTH STAFFORDSHIRE AND STOKE-ON-TRENT NHS TRUST")
    'North Staffordshire and Stoke-on-Trent NHS Trust'
    """

    def word(match: re.Match[str]) -> str:
        text = match.group()
        if text == "NHS":
            return text
        if text.lower() in SMALL_WORDS and match.start() > 0:
            return text.lower()
        return text.capitalize()

    return re.sub(r"[\w'’]+", word, capitals)


class Bodies:
    """The organisations, codes and successions found so far."""

    def __init__(self) -> None:
        self.organisations: dict[str, Row] = {}
        self.codes: list[Row] = []
        self.successions: list[Row] = []

    def add(self, key: str, **facts: str) -> None:
        if key in self.organisations:
            raise ValueError(f"{key} is listed twice")
        self.organisations[key] = {"key": key, "opened": "", "closed": "", "region": "", **facts}

    def add_code(self, key: str, scheme: str, code: str, source: str, *, dates: tuple[str, str] | None = None) -> None:
        body = self.organisations[key]
        valid_from, valid_to = dates or (body["opened"], body["closed"])
        self.codes.append(
            {
                "organisation": key, "scheme": scheme, "code": code.upper(),
                "valid_from": valid_from, "valid_to": valid_to, "source": source,
            }
        )  # fmt: skip

    def add_succession(self, predecessor: str, successor: str, effective_on: str, source: str) -> None:
        for key in (predecessor, successor):
            if key not in self.organisations:
                raise ValueError(f"{predecessor} → {successor}: {key} is not among the organisations")
        self.successions.append(
            {
                "predecessor": predecessor, "successor": successor, "effective_on": effective_on,
                "share": "", "share_basis": "", "source": source,
            }
        )  # fmt: skip
