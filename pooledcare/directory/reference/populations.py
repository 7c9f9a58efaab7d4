"""Populations of organisations, and the overlaps of NHS commissioners with places, as published lookups count them."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import ROUND_HALF_EVEN, Decimal

from pooledcare.directory.reference.bodies import Bodies
from pooledcare.directory.reference.places import Places
from pooledcare.directory.reference.published import Published
from pooledcare.directory.reference.tables import Row

SMALL_AREAS_AS_AT = "2021-04-01"
# The allocations file for 2025-26 does not date its numbers of patients, so the first day of that year is used.
REGISTERED_AS_AT = "2025-04-01"
MID_2020, MID_2023 = "2020-06-30", "2023-06-30"

Pairs = dict[tuple[str, str], Decimal]


def overlap_rows(published: Published, places: Places) -> list[Row]:
    small_areas: Counter[tuple[str, str]] = Counter()
    for row in published.small_areas:
        place = places.of(row["LAD21CD"], SMALL_AREAS_AS_AT)
        small_areas[f"ccg-{row['CCG21CDH'].lower()}", place.slug] += 1
    by_area = {pair: Decimal(count) for pair, count in small_areas.items()}
    registered: Pairs = defaultdict(Decimal)
    for row in published.practices:
        place = places.of(row["LAD"], REGISTERED_AS_AT)
        registered[f"icb-{row['ICB'].lower()}", place.slug] += Decimal(row["Population"])
    return [
        *_overlaps(by_area, "small_areas", SMALL_AREAS_AS_AT, "ons-lsoa-ccg-lad-2021-04"),
        *_overlaps(registered, "registered_population", REGISTERED_AS_AT, "nhse-populations-2025-26"),
    ]


def _overlaps(pairs: Pairs, measure: str, as_at: str, source: str) -> list[Row]:
    """Rows of overlaps. Shares are computed from exact sums; quantities are rounded to whole small areas or persons."""
    of_organisation: dict[str, Decimal] = defaultdict(Decimal)
    of_place: dict[str, Decimal] = defaultdict(Decimal)
    for (organisation, place), quantity in pairs.items():
        of_organisation[organisation] += quantity
        of_place[place] += quantity
    return [
        {
            "organisation": organisation, "place": place, "measure": measure, "as_at": as_at,
            "quantity": _whole(quantity),
            "share": _share(quantity, of_organisation[organisation]),
            "share_of_place": _share(quantity, of_place[place]),
            "source": source,
        }
        for (organisation, place), quantity in pairs.items()
    ]  # fmt: skip


def _whole(quantity: Decimal) -> str:
    return str(quantity.quantize(Decimal(1), ROUND_HALF_EVEN))


def _share(part: Decimal, whole: Decimal) -> str:
    return str((part / whole).quantize(Decimal("0.00000001"), ROUND_HALF_EVEN))


def population_rows(published: Published, bodies: Bodies) -> list[Row]:
    holders = {row["code"]: row["organisation"] for row in bodies.codes if row["scheme"] == "gss"}
    registered: dict[str, Decimal] = defaultdict(Decimal)
    for practice in published.practices:
        registered[practice["ICB"]] += Decimal(practice["Population"])
    rows = [
        _row(holders[row["CCG Code"]], "resident_estimate", MID_2020, row["All Ages"], "ons-mye-2020-ccg")
        for row in published.ccg_estimates_2020
    ]
    rows += [
        _row(holders[code], "resident_estimate", MID_2023, str(persons), "ons-mye-2023")
        for code, _, _, persons in published.estimates_2023
        if code[:3] in {"E06", "E07", "E08", "E09", "E10"}
    ]
    rows += [
        _row(f"icb-{code.lower()}", "registered", REGISTERED_AS_AT, _whole(persons), "nhse-populations-2025-26")
        for code, persons in registered.items()
    ]
    return rows


def _row(organisation: str, measure: str, as_at: str, persons: str, source: str) -> Row:
    return {
        "organisation": organisation, "measure": measure, "as_at": as_at, "persons": persons, "source": source,
    }  # fmt: skip
