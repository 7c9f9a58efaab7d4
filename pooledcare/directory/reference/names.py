"""Other names of organisations: from earlier lists, and other names of councils in the register.

A name is left out if its words are consecutive words of the main name ("Leeds" for Leeds City Council). Short forms
used in statistics are left out too ("Leeds district", "Derby UA").
"""

from __future__ import annotations

import re

from pooledcare.directory.reference.bodies import Bodies, natural_case
from pooledcare.directory.reference.nhs import printed_groups
from pooledcare.directory.reference.published import Published
from pooledcare.directory.reference.tables import Row
from pooledcare.directory.wording import place_of, plain_words

REGISTER = "mysociety-register"
SHORTHAND = re.compile(r" (?:ua|ca|cc|mdc|district|borough|boro|city)$", re.IGNORECASE)
# Errors in the register: the joint name of two councils, given to one of them.
NOT_ITS_NAME = {"adur and worthing borough council"}
_BETWEEN_NAMES = re.compile(r",(?! )")  # a comma followed by a space is part of a name


def name_rows(published: Published, bodies: Bodies) -> list[Row]:
    """One row for each other name of an organisation, from the first list that has it."""
    rows: list[Row] = []
    known = {key: [plain_words(body["name"])] for key, body in bodies.organisations.items()}
    for key, name, source in [*_of_groups(published), *_of_councils(published, bodies)]:
        words = plain_words(name)
        if all(place_of(words, others) is None for others in known[key]):
            known[key].append(words)
            rows.append({"organisation": key, "name": name, "source": source})
    return rows


def _of_groups(published: Published) -> list[tuple[str, str, str]]:
    """Former names of clinical commissioning groups that changed their name but not their code."""
    return [(f"ccg-{group.code.lower()}", group.name, group.source) for group in printed_groups(published)]


def _of_councils(published: Published, bodies: Bodies) -> list[tuple[str, str, str]]:
    holders = {row["code"]: row["organisation"] for row in bodies.codes if row["scheme"] == "gss"}
    return [
        (holders[row["gss-code"]], name, REGISTER)
        for row in published.register
        if row["gss-code"] in holders
        for name in map(_as_written, [row["nice-name"], *_BETWEEN_NAMES.split(row["alt-names"])])
        if name.casefold() not in NOT_ITS_NAME and not SHORTHAND.search(name)
    ]


def _as_written(name: str) -> str:
    return natural_case(name.upper()) if name.islower() else name
