"""Compiles our reference tables from a folder of published files.

    python -m pooledcare.directory.reference.compile ../shared/data

The same files always give the same tables, byte for byte. The tables of `tables.BY_HAND` are written by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pooledcare.directory.reference import tables
from pooledcare.directory.reference.bodies import Bodies, add_further_codes
from pooledcare.directory.reference.councils import add_councils
from pooledcare.directory.reference.names import name_rows
from pooledcare.directory.reference.nhs import add_nhs_bodies, region_rows
from pooledcare.directory.reference.places import Places
from pooledcare.directory.reference.populations import overlap_rows, population_rows
from pooledcare.directory.reference.published import Published
from pooledcare.directory.reference.short_names import short_name_rows
from pooledcare.directory.reference.tables import ReferenceTable, Row


def compiled(folder: Path) -> dict[ReferenceTable, list[Row]]:
    """Every table but the sources, from the published files in `folder`."""
    published = Published(folder)
    bodies = Bodies()
    add_nhs_bodies(bodies, published)
    places = Places(add_councils(bodies, published))
    add_further_codes(bodies)
    names = name_rows(published, bodies)
    return {
        tables.REGIONS: region_rows(published),
        tables.ORGANISATIONS: list(bodies.organisations.values()),
        tables.ORGANISATION_CODES: bodies.codes,
        tables.ORGANISATION_NAMES: names,
        tables.SHORT_NAMES: short_name_rows(bodies, names),
        tables.SUCCESSIONS: bodies.successions,
        tables.PLACES: places.rows(),
        tables.PLACE_COUNCILS: places.council_rows(),
        tables.PLACE_SUCCESSIONS: places.succession_rows(),
        tables.OVERLAPS: overlap_rows(published, places),
        tables.POPULATIONS: population_rows(published, bodies),
    }


def unknown_sources(found: dict[ReferenceTable, list[Row]]) -> list[str]:
    """Sources that rows name but that are not in `sources.csv`."""
    known = {row["slug"] for row in tables.SOURCES.read()}
    named = {row["source"] for rows in (*found.values(), tables.AREA_TRANSFERS.read()) for row in rows}
    return sorted(named - known)


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        raise SystemExit("Say where the published files are: python -m pooledcare.directory.reference.compile FOLDER")
    found = compiled(Path(arguments[0]))
    if unknown := unknown_sources(found):
        raise SystemExit(f"sources.csv does not explain {', '.join(unknown)}")
    for table, rows in found.items():
        sys.stdout.write(f"{table.name}.csv: {table.write(rows)} rows\n")


if __name__ == "__main__":
    main(sys.argv[1:])
