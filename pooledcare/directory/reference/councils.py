"""Councils, fire and other authorities in England from 2013 to 2023: their kinds, dates, codes and successors.

They come from two lists, which must agree: the department's list of the structure of local government (a row for each
authority of 2013, a column for each year), and the public register (official names, dates, successors). Known errors in
the lists are corrected here.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from pooledcare.directory.reference.bodies import Bodies
from pooledcare.directory.reference.published import Published, eve
from pooledcare.directory.reference.tables import Row

FIRST_YEAR, LAST_YEAR = 2013, 2023
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
KINDS = {
    "SC": "county",
    "UA": "unitary",
    "MD": "metropolitan_district",
    "LB": "london_borough",
    "SD": "district",
    "FRA": "fire_authority",
}
KINDS_BY_CODE = {"E31": "fire_authority", "E47": "combined_authority"}
KINDS_OF_ONE = {"E09000001": "city_of_london", "E06000053": "isles_of_scilly"}
UPPER_TIER = {"county", "unitary", "metropolitan_district", "london_borough", "city_of_london", "isles_of_scilly"}
# The structure list ends this county a year early; the register and the districts' rows say 31 March 2021.
NORTHAMPTONSHIRE = "E10000021"


def _first_of_april(year: int) -> str:
    return f"{year}-04-01"


class Authorities:
    """The authorities in the structure list, by ONS code, with the first and last year in which they appear."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.rows = published.structure
        self.register = {row["gss-code"]: row for row in published.register}
        self.by_register_code = {row["local-authority-code"]: row["gss-code"] for row in published.register}

    @cached_property
    def years(self) -> dict[str, list[int]]:
        years: dict[str, set[int]] = defaultdict(set)
        for row in self.rows:
            for year in YEARS:
                years[row[f"ons_code_{year}"]].add(year)
        years.pop("Abolished")
        years[NORTHAMPTONSHIRE].add(2020)
        return {code: sorted(found) for code, found in years.items()}

    @cached_property
    def latest(self) -> dict[str, Row]:
        """E-code, name and class of each authority, as in the last year in which it appears."""
        found: dict[str, Row] = {}
        for year in YEARS:
            for row in self.rows:
                code, e_code = row[f"ons_code_{year}"], row[f"ecode_{year}"]
                if code != "Abolished":
                    kept = found.get(code, {}).get("e_code", "") if e_code == "#N/A" else e_code
                    found[code] = {"e_code": kept, "name": row[f"authority_{year}"], "class": row[f"class_{year}"]}
        return found

    def closed(self, code: str) -> str:
        last = self.years[code][-1]
        return eve(_first_of_april(last + 1)) if last < LAST_YEAR else ""

    def opened(self, code: str) -> str:
        """The first year in which it appears, or the register's date if that is a 1 April; other dates are not used."""
        first = self.years[code][0]
        if first > FIRST_YEAR:
            return _first_of_april(first)
        start = self.register[code]["start-date"] if code in self.register else ""
        return start if start.endswith("-04-01") else ""

    def kind(self, code: str) -> str:
        return KINDS_OF_ONE.get(code) or KINDS[self.latest[code]["class"]]

    @cached_property
    def atoms(self) -> dict[str, set[str]]:
        """For each authority of any year, the districts and single-tier authorities of 2013 in its area.

        The E-codes of a county's districts begin with the same three characters as the county's. This is checked
        against the lookup of 2021.
        """
        atoms: dict[str, set[str]] = defaultdict(set)
        counties = {
            row[f"ecode_{year}"][:3]: row[f"ons_code_{year}"]
            for row in self.rows
            for year in YEARS
            if row[f"class_{year}"] == "SC"
        }
        for row in self.rows:
            if row["class_2013"] in {"SC", "FRA"}:
                continue
            atom = row["ons_code_2013"]
            for year in YEARS:
                atoms[row[f"ons_code_{year}"]].add(atom)
            if row["class_2013"] == "SD":
                atoms[counties[row["ecode_2013"][:3]]].add(atom)
        self._check_counties(atoms)
        return dict(atoms)

    def _check_counties(self, atoms: dict[str, set[str]]) -> None:
        for row in self.published.counties_of_districts:
            district, county = row["LAD21CD"], row["CTY21CD"]
            if county.startswith("E10") and not atoms[district] <= atoms[county]:
                raise ValueError(f"{district} lies in {county} by the lookup of 2021, not by its E-code")

    @cached_property
    def regions(self) -> dict[str, str]:
        """The statistical region of each authority: its own, or else that of its successor."""
        regions: dict[str, str] = {}
        region = ""
        for code, _, geography, _ in self.published.estimates_2023:
            region = code if geography == "Region" else region
            regions[code] = region
        for predecessor, successor, _ in sorted(self.successions, key=lambda each: each[2], reverse=True):
            regions.setdefault(predecessor, regions.get(successor, ""))
        return regions

    @cached_property
    def successions(self) -> list[tuple[str, str, str]]:
        """Predecessor, successor, first day: from the register for councils, from the structure for fire."""
        found = set()
        for code, row in self.register.items():
            for register_code in filter(None, row["replaced-by"].split(",")):
                found.add((code, self.by_register_code[register_code]))
        self._check_successions(found)
        fire = {
            (row[f"ons_code_{year}"], row[f"ons_code_{year + 1}"])
            for row in self.rows
            for year in YEARS[:-1]
            if row["class_2013"] == "FRA" and row[f"ons_code_{year}"] != row[f"ons_code_{year + 1}"]
        }
        return sorted((old, new, _first_of_april(self.years[old][-1] + 1)) for old, new in found | fire)

    def _check_successions(self, register: set[tuple[str, str]]) -> None:
        structure = {
            (row[f"ons_code_{year}"], row[f"ons_code_{year + 1}"])
            for row in self.rows
            for year in YEARS[:-1]
            if row["class_2013"] != "FRA" and row[f"ons_code_{year}"] != row[f"ons_code_{year + 1}"]
        }
        structure = {(old, new) for old, new in structure if new != "Abolished"}
        only_register = {old for old, _ in register - structure}
        # A county's row names no successor or, as it is one row, only one of two (Cumbria).
        counties = {code for code in only_register if self.kind(code) == "county"}
        if structure - register or only_register - counties:
            raise ValueError(f"The lists disagree on {structure ^ register}")


def add_councils(bodies: Bodies, published: Published) -> Authorities:
    authorities = Authorities(published)
    keys = {code: f"la-{facts['e_code'].lower()}" for code, facts in authorities.latest.items()}
    for code, facts in authorities.latest.items():
        fire = authorities.kind(code) == "fire_authority"
        bodies.add(
            keys[code],
            kind=authorities.kind(code),
            name=_fire_name(published, facts) if fire else authorities.register[code]["official-name"],
            code=code,
            opened=authorities.opened(code),
            closed=authorities.closed(code),
            region=authorities.regions.get(code, ""),
            source="dluhc-structure" if fire else "mysociety-register",
        )
        bodies.add_code(keys[code], "gss", code, "dluhc-structure")
        bodies.add_code(keys[code], "e_code", facts["e_code"], "dluhc-structure")
    for old, new, on in authorities.successions:
        source = "dluhc-structure" if authorities.kind(old) == "fire_authority" else "mysociety-register"
        bodies.add_succession(keys[old], keys[new], on, source)
    _add_other_authorities(bodies, published, authorities)
    return authorities


def _fire_name(published: Published, facts: Row) -> str:
    returned = published.revenue_returns.get(facts["e_code"])
    return returned[1] if returned else f"{facts['name']} Fire and Rescue Authority"


def _add_other_authorities(bodies: Bodies, published: Published, authorities: Authorities) -> None:
    """Combined, police, park and waste authorities, from the revenue returns. No list has reliable dates for them."""
    known = {facts["e_code"] for facts in authorities.latest.values()}
    for e_code, (gss, name, source) in published.revenue_returns.items():
        if e_code in known:
            continue
        # One return gives the code of a region instead of that of its authority, which the register has.
        gss = next((row["gss-code"] for row in published.register if row["ecode"] == e_code), gss)
        registered = authorities.register.get(gss, {}).get("official-name", "")
        key = f"la-{e_code.lower()}"
        bodies.add(
            key,
            kind=KINDS_BY_CODE.get(gss[:3], "other_authority"),
            name=registered if registered.endswith("Authority") else name,
            code=gss,
            source=source,
        )
        if gss != e_code:  # one park authority has no ONS code: the column has its E-code
            bodies.add_code(key, "gss", gss, source)
        bodies.add_code(key, "e_code", e_code, source)
