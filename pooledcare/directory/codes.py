"""What codes say of themselves: changes of which no source gives the day, and codes that no organisation here has."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from pooledcare.directory.terms import OrganisationKind as Kind
from pooledcare.kernel.problems import Problem

UNKNOWN_ORG = "UNKNOWN_ORG"
_ONS = re.compile(r"([A-Z][0-9]{2})[0-9]{6}")
_PRACTICE = re.compile(r"[A-Z][0-9]{5}")
_NATIONS = {"W": "Wales", "S": "Scotland", "N": "Northern Ireland"}
# What the first three characters of an ONS code say.
_KINDS = {
    "E06": Kind.UNITARY.label,
    "E07": Kind.DISTRICT.label,
    "E08": Kind.METROPOLITAN_DISTRICT.label,
    "E09": Kind.LONDON_BOROUGH.label,
    "E10": Kind.COUNTY.label,
    "E31": Kind.FIRE_AUTHORITY.label,
    "E38": f"{Kind.CCG.label} or sub-ICB location",
    "E47": Kind.COMBINED_AUTHORITY.label,
    "E54": Kind.ICB.label,
}
_OURS = "Use the ODS code of an NHS body or the ONS code of a council."
_CHECK = (
    "Check the code in the list of whoever publishes it. If it is right, it is newer than the lists held here: "
    "ask the people who run this site to load newer ones."
)


def undated_change(periods: Sequence[tuple[dt.date | None, dt.date | None]]) -> tuple[int, int] | None:
    """The positions of two codes of which one followed the other on a day that is not known; None if there are not two.

    `periods` are the first and last days of the codes of one scheme of one organisation. The earlier code has no last
    day, and the later one no first day.

    >>> day = dt.date(2022, 7, 1)
    >>> undated_change([(None, None), (day, None)]), undated_change([(None, day), (day, None)])
    ((1, 0), None)
    """
    later = [place for place, (start, _) in enumerate(periods) if start is None]
    earlier = [place for place, (_, end) in enumerate(periods) if end is None and place not in later]
    if not len(earlier) == len(later) == 1:
        return None
    began, ended = periods[earlier[0]][0], periods[later[0]][1]
    is_possible = began is None or ended is None or began < ended
    return (earlier[0], later[0]) if is_possible else None


def has_a_known_form(code: str, regions: Mapping[str, str]) -> bool:
    """Whether `about_unknown_code` can say more than that the code is in no list.

    >>> has_a_known_form("W06000015", {}), has_a_known_form("A81001", {}), has_a_known_form("Leeds", {})
    (True, True, False)
    """
    ons = _ONS.fullmatch(code)
    by_ons = ons is not None and (code[0] in _NATIONS or ons[1] in _KINDS)
    return code in regions or by_ons or _PRACTICE.fullmatch(code) is not None


def about_unknown_code(code: str, *, regions: Mapping[str, str], said: str = "This code") -> Problem:
    """Why a code in capitals, which is in none of our lists, is not taken. `regions` are names of regions by code.

    `said` is what the sentence calls the code.
    """
    ons = _ONS.fullmatch(code)
    if code in regions:
        return Problem(
            "REGION_NOT_ORG", f"{said} is that of the region {regions[code]}, not of an organisation", fix=_OURS
        )
    if ons is not None and (nation := _NATIONS.get(code[0])):
        return Problem(
            "ORG_OUTSIDE_ENGLAND",
            f"{said} is from {nation}, and only organisations in England are held here",
            fix="Leave it out, or use the code of an organisation in England.",
        )
    if _PRACTICE.fullmatch(code):
        return Problem(
            "PRACTICE_NOT_ORG",
            f"{said} has the form of a general practice’s, and practices hold no budgets here",
            fix="Use the code of the integrated care board or clinical commissioning group of the practice.",
        )
    if ons is not None and (kind := _KINDS.get(ons[1])):
        message = f"{said} has the form of an ONS code ({kind}), but is in none of our lists"
        return Problem(UNKNOWN_ORG, message, fix=_CHECK)
    return Problem(UNKNOWN_ORG, f"{said} is in none of our lists of organisations", fix=f"{_OURS} {_CHECK}")
