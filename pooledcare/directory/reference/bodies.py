"""The organisations, codes and successions that a compilation has found so far."""

from __future__ import annotations

import re

from pooledcare.directory.reference import tables
from pooledcare.directory.reference.published import eve
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


def add_further_codes(bodies: Bodies) -> None:
    """Add the ONS codes of the hand-written tables: codes that are in no list of the folder, and codes that changed."""
    holders = {row["code"]: row["organisation"] for row in bodies.codes}
    for row in tables.FURTHER_CODES.read():
        bodies.add_code(holders[row["holder"]], "gss", row["code"], row["source"])
    for change in tables.CODE_CHANGES.read():
        _change_code(bodies, change)


def _change_code(bodies: Bodies, change: Row) -> None:
    """Record both codes of a change, whichever of them the lists have. Without a day, neither gets a day of change."""
    old, new, on = change["old"], change["new"], change["effective_on"]
    held = next(row for row in bodies.codes if row["code"] in (old, new))
    body = bodies.organisations[held["organisation"]]
    bodies.codes.remove(held)
    until = eve(on) if on else ""
    bodies.add_code(held["organisation"], "gss", old, change["old_source"], dates=(body["opened"], until))
    bodies.add_code(held["organisation"], "gss", new, change["new_source"], dates=(on, body["closed"]))
    if body["code"] == old:
        body["code"] = new
