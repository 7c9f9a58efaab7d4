"""Places: each is the area of one health and wellbeing board, that is, of one council with social care duties.

If another such council takes over exactly the same area, the place stays the same. If the area differs, there are two
places, and one succeeds the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pooledcare.directory.reference.councils import UPPER_TIER, Authorities
from pooledcare.directory.reference.tables import Row

# Health and Social Care Act 2012, section 194: each council with social care duties has a board from this day.
BOARDS_BEGIN = "2013-04-01"
# Usual names of places, where the register's short name differs.
NAMES = {"City of Bristol": "Bristol", "St. Helens": "St Helens"}


@dataclass
class Place:
    slug: str
    name: str
    ground: frozenset[str]
    councils: list[str] = field(default_factory=list)
    opened: str = BOARDS_BEGIN
    closed: str = ""


def slugged(name: str) -> str:
    """
    >>> slugged("Stockton-on-Tees"), slugged("Bournemouth, Christchurch and Poole")
    ('stockton-on-tees', 'bournemouth-christchurch-and-poole')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Places:
    def __init__(self, authorities: Authorities) -> None:
        self.authorities = authorities
        self.keys = {code: f"la-{facts['e_code'].lower()}" for code, facts in authorities.latest.items()}
        self.all = self._found()
        self.by_council = {council: place for place in self.all for council in place.councils}

    def _found(self) -> list[Place]:
        by_ground: dict[frozenset[str], Place] = {}
        upper = [code for code in self.authorities.years if self.authorities.kind(code) in UPPER_TIER]
        for code in sorted(upper, key=lambda code: (self.authorities.years[code][0], code)):
            ground = frozenset(self.authorities.atoms[code])
            name = self._name(code)
            place = by_ground.setdefault(ground, Place(slugged(name), name, ground))
            if not place.councils:
                place.opened = max(BOARDS_BEGIN, self.authorities.opened(code))
            place.councils.append(code)
            place.name, place.slug = name, slugged(name)
            place.closed = self.authorities.closed(code)
        self._tell_apart(list(by_ground.values()))
        return sorted(by_ground.values(), key=lambda place: place.slug)

    def _name(self, code: str) -> str:
        short = self.authorities.register[code]["nice-name"]
        return NAMES.get(short) or short.removesuffix(" Council").removesuffix(" County")

    @staticmethod
    def _tell_apart(places: list[Place]) -> None:
        """Give a place that has ended another slug if an open place has the same name."""
        living = {place.slug for place in places if not place.closed}
        for place in places:
            if place.closed and place.slug in living:
                year = place.closed[:4]
                place.slug, place.name = f"{place.slug}-to-{year}", f"{place.name} (to {year})"

    def of(self, code: str, day: str) -> Place:
        """The place that contains the area of an authority of any year on a day. Raises ValueError unless it is one."""
        ground = self.authorities.atoms[code]
        found = [place for place in self.all if ground <= place.ground and self.is_open(place, day)]
        if len(found) != 1:
            raise ValueError(f"{code} lies in {[place.slug for place in found]} on {day}")
        return found[0]

    @staticmethod
    def is_open(place: Place, day: str) -> bool:
        return place.opened <= day and (not place.closed or day <= place.closed)

    # --- rows --------------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        return [
            {
                "slug": place.slug, "name": place.name, "opened": place.opened, "closed": place.closed,
                "source": "mysociety-register",
            }
            for place in self.all
        ]  # fmt: skip

    def council_rows(self) -> list[Row]:
        rows = []
        for place in self.all:
            rows += [self._council_row(place, code, "upper_tier", "dluhc-structure") for code in place.councils]
            if any(self.authorities.kind(code) == "county" for code in place.councils):
                rows += [
                    self._council_row(place, code, "district", "dluhc-structure") for code in self._districts(place)
                ]
        return rows

    def _districts(self, place: Place) -> list[str]:
        districts = [code for code in self.authorities.years if self.authorities.kind(code) == "district"]
        return [code for code in districts if self.authorities.atoms[code] <= place.ground and self._meet(place, code)]

    def _meet(self, place: Place, code: str) -> bool:
        """Whether the district and the place existed at the same time."""
        opened, closed = self.authorities.opened(code), self.authorities.closed(code)
        return not (closed and closed < place.opened) and not (place.closed and opened > place.closed)

    def _council_row(self, place: Place, code: str, role: str, source: str) -> Row:
        closed = [day for day in (self.authorities.closed(code), place.closed) if day]
        return {
            "place": place.slug, "organisation": self.keys[code], "role": role,
            "valid_from": max(place.opened, self.authorities.opened(code)),
            "valid_to": min(closed) if closed else "",
            "source": source,
        }  # fmt: skip

    def succession_rows(self) -> list[Row]:
        """Successions of places that ended: to each place that covers some of their area from the next day."""
        rows = []
        for old in (place for place in self.all if place.closed):
            for new in self.all:
                if new.opened > old.closed and new.ground & old.ground:
                    rows.append(
                        {
                            "predecessor": old.slug, "successor": new.slug, "effective_on": new.opened,
                            "source": "dluhc-structure",
                        }
                    )  # fmt: skip
        return rows
