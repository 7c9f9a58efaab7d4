"""NHS bodies: regions, primary care trusts, clinical commissioning groups, integrated care boards, trusts.

Each date comes from a list, or from the Act that created or abolished that kind of body. Other dates are left empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pooledcare.directory.reference.bodies import Bodies, natural_case
from pooledcare.directory.reference.published import Published, day, eve
from pooledcare.directory.reference.tables import Row

# Health and Social Care Act 2012: primary care trusts ended, clinical commissioning groups began.
COMMISSIONING_GROUPS_BEGIN = "2013-04-01"
# Health and Care Act 2022: clinical commissioning groups ended, integrated care boards began.
INTEGRATED_CARE_BOARDS_BEGIN = "2022-07-01"

# The lists that name clinical commissioning groups, newest first: file, source, columns of ODS code, ONS code, name.
CCG_LISTS = (
    ("organisations/ons_ref_ccg21.csv", "ons-ccg-2021-04", "CCG21CDH", "CCG21CD", "CCG21NM"),
    ("organisations/ons_ref_ccg20.csv", "ons-ccg-2020-04", "CCG20CDH", "CCG20CD", "CCG20NM"),
    ("organisations/ons_ccg_names_codes_2018-04.csv", "ons-ccg-2018-04", "CCG18CDH", "CCG18CD", "CCG18NM"),
    ("organisations/ons_CCG_APR_2013.csv", "ons-ccg-2013-04", "CCG13CDH", "CCG13CD", "CCG13NM"),
)


def region_rows(published: Published) -> list[Row]:
    """The seven NHS regions of today with the day from which their codes apply, the four of April 2013, and the nine
    statistical regions."""
    began = {new: on for old, new, on in published.ods_successions if old in {"Y54", "Y55"}}
    today = {row["Rcode"]: row["Region"].removeprefix("NHS ").replace("&", "and") for row in published.practices}
    of_2013 = {row["NHSCR13CD"]: row["NHSCR13NM"] for row in published.regions_of_2013 if row["NHSCR13CD"][0] == "E"}
    rows = [
        _region(
            code, name, "nhs", began.get(code, ""), "ods-successions" if code in began else "nhse-populations-2025-26"
        )
        for code, name in today.items()
    ]
    rows += [
        _region(code, name, "nhs", COMMISSIONING_GROUPS_BEGIN, "ons-ccg-regions-2013-04")
        for code, name in of_2013.items()
    ]
    rows += [
        _region(
            code, "East of England" if name == "EAST" else _statistical_name(name), "statistical", "", "ons-mye-2023"
        )
        for code, name, geography, _ in published.estimates_2023
        if geography == "Region"
    ]
    return rows


def _statistical_name(capitals: str) -> str:
    return natural_case(capitals).replace(" the Humber", " The Humber")


def _region(code: str, name: str, kind: str, valid_from: str, source: str) -> Row:
    return {
        "code": code, "name": name, "kind": kind, "valid_from": valid_from, "valid_to": "", "source": source,
    }  # fmt: skip


def add_nhs_bodies(bodies: Bodies, published: Published) -> None:
    _add_national_bodies(bodies)
    _add_primary_care_trusts(bodies, published)
    _add_integrated_care_boards(bodies, published)
    _add_commissioning_groups(bodies, published)
    _add_trusts(bodies, published)


def _add_national_bodies(bodies: Bodies) -> None:
    bodies.add("nhs-england", kind="nhs_england", name="NHS England", code="X24", source="pooledcare")
    bodies.add_code("nhs-england", "ods", "X24", "pooledcare")
    department = "Ministry of Housing, Communities and Local Government"
    bodies.add("mhclg", kind="government_department", name=department, code="MHCLG", source="pooledcare")
    bodies.add_code("mhclg", "own", "MHCLG", "pooledcare")


def _add_primary_care_trusts(bodies: Bodies, published: Published) -> None:
    for row in published.primary_care_trusts:
        key = f"pct-{row['PCO12CDO'].lower()}"
        bodies.add(
            key,
            kind="pct",
            name=f"{row['PCO12NM']} PCT",
            code=row["PCO12CDO"],
            closed=eve(COMMISSIONING_GROUPS_BEGIN),
            source="ons-pct-2012",
        )
        bodies.add_code(key, "ods", row["PCO12CDO"], "ons-pct-2012")
        bodies.add_code(key, "gss", row["PCO12CD"], "ons-pct-2012")


def _add_integrated_care_boards(bodies: Bodies, published: Published) -> None:
    regions = {row["ICB"]: row["Rcode"] for row in published.practices}
    listed = {row["ICB24CDH"]: row for row in published.integrated_care_boards}
    mergers = [succession for succession in published.ods_successions if succession[0] in listed]
    mergers = [merger for merger in mergers if merger[2] >= INTEGRATED_CARE_BOARDS_BEGIN]
    ended = {old: eve(on) for old, _, on in mergers}
    for code, row in listed.items():
        key = f"icb-{code.lower()}"
        bodies.add(
            key,
            kind="icb",
            name=row["ICB24NM"],
            code=code,
            opened=INTEGRATED_CARE_BOARDS_BEGIN,
            closed=ended.get(code, ""),
            region=regions[code],
            source="ons-icb-2024-12",
        )
        bodies.add_code(key, "ods", code, "ons-icb-2024-12")
        bodies.add_code(key, "gss", row["ICB24CD"], "ons-icb-2024-12")
    merged = {new: on for _, new, on in mergers if new not in listed}
    facts = {row["icb_code"]: row for row in published.trusts_by_icb}
    region_of = {name: code for code, name in {(row["Rcode"], row["Region"]) for row in published.practices}}
    for code, opened in merged.items():
        key = f"icb-{code.lower()}"
        region = region_of["NHS " + facts[code]["region"].replace(" and ", " & ")]
        name = natural_case(facts[code]["icb_name"])
        bodies.add(key, kind="icb", name=name, code=code, opened=opened, region=region, source="nhs-icb-trusts")
        bodies.add_code(key, "ods", code, "ods-successions")
    for old, new, on in mergers:
        bodies.add_succession(f"icb-{old.lower()}", f"icb-{new.lower()}", on, "ods-successions")


def _add_commissioning_groups(bodies: Bodies, published: Published) -> None:
    """All clinical commissioning groups there have been. Commissioning hubs and later sub-ICB entities are left out."""
    groups = {
        line[0]: line
        for line in published.ods_commissioners
        if line[13] not in {"RO218", "RO327"} and day(line[10]) < INTEGRATED_CARE_BOARDS_BEGIN
    }
    names, gss = _commissioning_group_lists(published)
    for code, line in groups.items():
        key = f"ccg-{code.lower()}"
        bodies.add(
            key,
            kind="ccg",
            name=names[code],
            code=code,
            opened=day(line[10]),
            # If the code is still in use, it is that of a sub-ICB location. The group itself ended with the Act.
            closed=day(line[11]) or eve(INTEGRATED_CARE_BOARDS_BEGIN),
            region=line[2],
            source="ods-ccgs",
        )
        bodies.add_code(key, "ods", code, "ods-ccgs")
        _add_gss_codes(bodies, key, gss[code])
    for old, new, on in published.ods_successions:
        if old in groups and new in groups:
            bodies.add_succession(f"ccg-{old.lower()}", f"ccg-{new.lower()}", on, "ods-successions")
    for code, line in groups.items():
        if not line[11]:
            icb = f"icb-{line[3].lower()}"
            bodies.add_succession(f"ccg-{code.lower()}", icb, INTEGRATED_CARE_BOARDS_BEGIN, "ods-ccgs")


def _commissioning_group_lists(published: Published) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """The newest printed name of each group, and its ONS codes, newest first, each with the newest list that has it.

    The newest of several codes has the oldest list instead, which shows by when the code had changed.
    """
    names: dict[str, str] = {}
    newest: dict[str, dict[str, str]] = {}
    oldest: dict[str, str] = {}
    for group in printed_groups(published):
        names.setdefault(group.code, group.name)
        newest.setdefault(group.code, {}).setdefault(group.gss, group.source)
        oldest[group.gss] = group.source
    for known in newest.values():
        if len(known) > 1:
            last = next(iter(known))
            known[last] = oldest[last]
    return names, {code: list(known.items()) for code, known in newest.items()}


@dataclass(frozen=True)
class PrintedGroup:
    """A clinical commissioning group in one list."""

    code: str
    gss: str
    name: str
    source: str


def printed_groups(published: Published) -> Iterator[PrintedGroup]:
    """Every English group of every list, newest list first."""
    for path, source, ods_column, gss_column, name_column in CCG_LISTS:
        for row in published.rows(path):
            if row[gss_column].startswith("E"):
                name = f"{row[name_column].removesuffix(' CCG')} CCG"
                yield PrintedGroup(row[ods_column], row[gss_column], name, source)


def _add_gss_codes(bodies: Bodies, key: str, newest_first: list[tuple[str, str]]) -> None:
    """Add the ONS codes of a group. No dates: if a boundary change led to a new code, no list says on which day."""
    body = bodies.organisations[key]
    for position, (code, source) in enumerate(newest_first):
        last, first = position == 0, position == len(newest_first) - 1
        dates = (body["opened"] if first else "", body["closed"] if last else "")
        bodies.add_code(key, "gss", code, source, dates=dates)


def _add_trusts(bodies: Bodies, published: Published) -> None:
    """English NHS trusts and foundation trusts. Their kind is today's, as the list has no date of authorisation."""
    english = {line[0]: line for line in published.ods_trusts if line[2]}
    successions = [each for each in published.ods_successions if each[0] in english and each[1] in english]
    ended = {old: eve(on) for old, _, on in successions}
    for code, line in english.items():
        key = f"trust-{code.lower()}"
        kind = "foundation_trust" if "FOUNDATION TRUST" in line[1] else "nhs_trust"
        bodies.add(
            key,
            kind=kind,
            name=natural_case(line[1]),
            code=code,
            opened=day(line[10]),
            closed=day(line[11]) or ended.get(code, ""),
            region=line[2],
            source="ods-trusts",
        )
        bodies.add_code(key, "ods", code, "ods-trusts")
    for old, new, on in successions:
        bodies.add_succession(f"trust-{old.lower()}", f"trust-{new.lower()}", on, "ods-successions")
