"""The compiled tables against the published counts: no database, no published files."""

from __future__ import annotations

import doctest
import itertools
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from pooledcare.directory import wording
from pooledcare.directory.reference import bodies, places, published, tables
from pooledcare.directory.reference.tables import Row
from pooledcare.directory.terms import UPPER_TIER_KINDS, CodeScheme, CouncilRole, OrganisationKind, RegionKind

ORGANISATIONS = {row["key"]: row for row in tables.ORGANISATIONS.read()}
SUCCESSIONS = tables.SUCCESSIONS.read()
NAMES = tables.ORGANISATION_NAMES.read()
PLACES = {row["slug"]: row for row in tables.PLACES.read()}
OVERLAPS = tables.OVERLAPS.read()
POPULATIONS = tables.POPULATIONS.read()


def open_on(row: Row, day: str) -> bool:
    return (not row["opened"] or row["opened"] <= day) and (not row["closed"] or day <= row["closed"])


def of_kind(*kinds: str, day: str = "") -> list[Row]:
    return [row for row in ORGANISATIONS.values() if row["kind"] in kinds and (not day or open_on(row, day))]


def kinds_of(succession: Row) -> tuple[str, str]:
    return ORGANISATIONS[succession["predecessor"]]["kind"], ORGANISATIONS[succession["successor"]]["kind"]


def small_areas(organisation: str) -> dict[str, int]:
    return {
        row["place"]: int(row["quantity"])
        for row in OVERLAPS
        if row["measure"] == "small_areas" and row["organisation"] == organisation
    }


def test_every_table_is_sorted_and_says_nothing_twice() -> None:
    for table in tables.ALL:
        identities = [table.identity_of(row) for row in table.read()]
        assert identities, f"{table.name} is empty"
        assert identities == sorted(set(identities)), table.name


def test_every_row_names_a_source_that_is_explained() -> None:
    known = {row["slug"] for row in tables.SOURCES.read()}
    named = {row["source"] for table in tables.COMPILED for row in table.read()}
    assert named <= known
    assert all(row["title"] and row["publisher"] and row["licence"] for row in tables.SOURCES.read())


def test_the_register_of_councils_is_attributed_under_its_own_licence() -> None:
    sources = {row["slug"]: row for row in tables.SOURCES.read()}
    assert sources["mysociety-register"]["licence"] == "Creative Commons Attribution 4.0"
    others = {row["licence"] for slug, row in sources.items() if slug != "mysociety-register"}
    own_sites = {"None stated; only the short name was taken"}
    assert others == {"Open Government Licence v3.0"} | own_sites
    assert {slug for slug, row in sources.items() if {row["licence"]} == own_sites} == {
        "bob-icb", "bsw-icb", "solihull-minutes",
    }  # fmt: skip


def test_the_tables_use_the_words_of_the_directory() -> None:
    assert {row["kind"] for row in ORGANISATIONS.values()} <= set(OrganisationKind.values)
    assert {row["kind"] for row in tables.REGIONS.read()} == set(RegionKind.values)
    assert {row["scheme"] for row in tables.ORGANISATION_CODES.read()} == set(CodeScheme.values)
    assert {row["role"] for row in tables.PLACE_COUNCILS.read()} == set(CouncilRole.values)


def test_the_committed_tables_stay_small() -> None:
    assert sum(path.stat().st_size for path in tables.HERE.glob("*.csv")) < 3_000_000


# --- NHS ----------------------------------------------------------------------------------------------------------


def test_there_were_151_primary_care_trusts_and_they_ended_on_31_march_2013() -> None:
    trusts = of_kind("pct")
    assert len(trusts) == 151
    assert {row["closed"] for row in trusts} == {"2013-03-31"}
    assert {row["opened"] for row in trusts} == {""}, "no source gives their opening days"


def test_there_were_248_clinical_commissioning_groups_ever() -> None:
    groups = of_kind("ccg")
    assert len(groups) == 248
    assert all(row["name"].startswith("NHS ") and row["name"].endswith(" CCG") for row in groups)
    assert max(row["closed"] for row in groups) == "2022-06-30"


@pytest.mark.parametrize(
    ("year", "count"),
    list(zip(range(2013, 2023), [211, 211, 209, 209, 207, 195, 191, 135, 106, 106], strict=True)),
)
def test_clinical_commissioning_groups_on_1_april(year: int, count: int) -> None:
    assert len(of_kind("ccg", day=f"{year}-04-01")) == count


@pytest.mark.parametrize(("day", "groups", "boards"), [("2022-06-30", 106, 0), ("2022-07-01", 0, 42)])
def test_boards_took_over_from_groups_on_1_july_2022(day: str, groups: int, boards: int) -> None:
    assert (len(of_kind("ccg", day=day)), len(of_kind("icb", day=day))) == (groups, boards)


def test_the_42_boards_became_36_on_1_april_2026() -> None:
    assert len(of_kind("icb", day="2026-03-31")) == 42
    assert len(of_kind("icb", day="2026-04-01")) == 36


def test_142_successions_between_groups_and_no_group_was_split() -> None:
    between = [row for row in SUCCESSIONS if kinds_of(row) == ("ccg", "ccg")]
    assert Counter(row["effective_on"] for row in between) == {
        "2015-04-01": 3,
        "2017-04-01": 3,
        "2018-04-01": 18,
        "2019-04-01": 6,
        "2020-04-01": 74,
        "2021-04-01": 38,
    }
    assert max(Counter(row["predecessor"] for row in between).values()) == 1
    assert sum(1 for row in SUCCESSIONS if kinds_of(row) == ("ccg", "icb")) == 106


@pytest.mark.parametrize("first", ["10g", "10t", "11c"])
def test_the_chain_of_successions_into_frimley(first: str) -> None:
    following = defaultdict(list)
    for row in SUCCESSIONS:
        following[row["predecessor"]].append(row["successor"])
    assert following[f"ccg-{first}"] == ["ccg-15d"]
    assert following["ccg-15d"] == ["ccg-d4u1y"]
    assert following["ccg-d4u1y"] == ["icb-qnq"]


def test_a_body_ends_on_the_day_before_its_successor_takes_over() -> None:
    for row in SUCCESSIONS:
        assert ORGANISATIONS[row["predecessor"]]["closed"] < row["effective_on"], row


def test_no_share_of_a_succession_is_published_and_none_is_invented() -> None:
    assert {(row["share"], row["share_basis"]) for row in SUCCESSIONS} == {("", "")}


def test_no_source_says_which_group_took_over_from_which_primary_care_trust() -> None:
    assert not [row for row in SUCCESSIONS if kinds_of(row)[0] == "pct"]


def test_a_code_has_one_holder_at_a_time() -> None:
    holders: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in tables.ORGANISATION_CODES.read():
        holders[row["scheme"], row["code"]].append((row["valid_from"], row["valid_to"] or "9999-12-31"))
    for code, periods in holders.items():
        ordered = sorted(periods)
        assert all(before[1] < after[0] for before, after in itertools.pairwise(ordered)), code


def test_a_groups_code_ends_with_the_group() -> None:
    codes = {(row["scheme"], row["code"]): row for row in tables.ORGANISATION_CODES.read()}
    assert codes["ods", "11X"]["valid_to"] == "2022-06-30"
    assert codes["ods", "QSL"]["valid_from"] == "2022-07-01"
    assert ORGANISATIONS["icb-qsl"]["name"] == "NHS Somerset Integrated Care Board"


def test_groups_are_known_by_their_first_names_too() -> None:
    named = {row["organisation"]: row["name"] for row in NAMES if row["source"] == "ons-ccg-2013-04"}
    assert len(named) == 6
    assert named["ccg-01k"] == "NHS Lancashire North CCG"
    assert ORGANISATIONS["ccg-01k"]["name"] == "NHS Morecambe Bay CCG"


def test_another_name_is_never_that_of_the_body_itself() -> None:
    assert len(NAMES) == 47
    assert not [row for row in NAMES if row["name"].casefold() in ORGANISATIONS[row["organisation"]]["name"].casefold()]


# --- councils and places ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "count"), list(zip(range(2013, 2024), [152] * 6 + [151] * 2 + [152] * 2 + [153], strict=True))
)
def test_authorities_with_social_care_duties_on_1_april_each_with_its_place(year: int, count: int) -> None:
    day = f"{year}-04-01"
    assert len(of_kind(*UPPER_TIER_KINDS, day=day)) == count
    assert sum(open_on(place, day) for place in PLACES.values()) == count


def test_northamptonshire_ended_in_2021_though_one_list_says_2020() -> None:
    assert ORGANISATIONS["la-e2820"]["closed"] == "2021-03-31"


def test_cumbria_has_both_its_successors() -> None:
    after = {row["successor"] for row in SUCCESSIONS if row["predecessor"] == "la-e0920"}
    assert {ORGANISATIONS[key]["name"] for key in after} == {"Cumberland Council", "Westmorland and Furness Council"}


def test_councils_end_on_31_march() -> None:
    ends = {row["closed"] for row in of_kind("district", *UPPER_TIER_KINDS) if row["closed"]}
    assert ends == {"2019-03-31", "2020-03-31", "2021-03-31", "2023-03-31"}


def test_a_place_goes_on_where_a_council_replaced_another_on_the_same_ground() -> None:
    councils = [row for row in tables.PLACE_COUNCILS.read() if row["place"] == "somerset"]
    upper = [(row["organisation"], row["valid_to"]) for row in councils if row["role"] == "upper_tier"]
    assert upper == [("la-e3301", ""), ("la-e3320", "2023-03-31")]
    assert sum(row["role"] == "district" for row in councils) == 6
    assert PLACES["somerset"]["closed"] == ""


def test_a_place_ends_where_its_ground_was_divided_or_joined() -> None:
    successions = {(row["predecessor"], row["successor"]) for row in tables.PLACE_SUCCESSIONS.read()}
    joined = "bournemouth-christchurch-and-poole"
    assert successions == {
        ("bournemouth", joined),
        ("poole", joined),
        ("dorset-to-2019", joined),
        ("dorset-to-2019", "dorset"),
        ("northamptonshire", "north-northamptonshire"),
        ("northamptonshire", "west-northamptonshire"),
        ("cumbria", "cumberland"),
        ("cumbria", "westmorland-and-furness"),
    }


def test_a_place_has_exactly_one_council_with_social_care_duties_on_each_day() -> None:
    for day in ("2013-04-01", "2019-03-31", "2019-04-01", "2021-04-01", "2023-03-31", "2023-04-01"):
        upper = Counter(
            row["place"]
            for row in tables.PLACE_COUNCILS.read()
            if row["role"] == "upper_tier"
            and row["valid_from"] <= day
            and (not row["valid_to"] or day <= row["valid_to"])
        )
        assert set(upper.values()) == {1}
        assert set(upper) == {slug for slug, place in PLACES.items() if open_on(place, day)}


# --- overlaps and populations -------------------------------------------------------------------------------------


def test_coterminosity_of_groups_and_places_in_april_2021() -> None:
    pairs = [(row["organisation"], row["place"]) for row in OVERLAPS if row["measure"] == "small_areas"]
    places_of, groups_of = Counter(group for group, _ in pairs), Counter(place for _, place in pairs)
    assert len(pairs) == 187
    assert sum(count == 1 for count in places_of.values()) == 70
    assert sum(count == 1 for count in groups_of.values()) == 133
    assert sum(places_of[group] == 1 == groups_of[place] for group, place in pairs) == 42


def test_overlaps_by_small_area() -> None:
    assert small_areas("ccg-16c") == {
        "stockton-on-tees": 120,
        "redcar-and-cleveland": 88,
        "middlesbrough": 86,
        "darlington": 65,
        "hartlepool": 58,
    }
    assert small_areas("ccg-03w") == {"leicestershire": 169, "rutland": 23}


@pytest.mark.parametrize("measure", ["small_areas", "registered_population"])
def test_the_shares_of_an_organisation_and_of_a_place_sum_to_one(measure: str) -> None:
    of_organisation: dict[str, Decimal] = defaultdict(Decimal)
    of_place: dict[str, Decimal] = defaultdict(Decimal)
    for row in OVERLAPS:
        if row["measure"] == measure:
            of_organisation[row["organisation"]] += Decimal(row["share"])
            of_place[row["place"]] += Decimal(row["share_of_place"])
    assert of_organisation
    assert all(abs(total - 1) < Decimal("0.000001") for total in (*of_organisation.values(), *of_place.values()))


def test_registered_overlaps_cover_the_42_boards_and_every_place_of_their_date() -> None:
    rows = [row for row in OVERLAPS if row["measure"] == "registered_population"]
    assert len({row["organisation"] for row in rows}) == 42
    day = rows[0]["as_at"]
    living = {slug for slug, place in PLACES.items() if open_on(place, day)}
    assert {row["place"] for row in rows} <= living
    # No practice of the file lies in these two.
    assert living - {row["place"] for row in rows} <= {"city-of-london", "isles-of-scilly"}


def persons(as_at: str, *kinds: str) -> dict[str, int]:
    return {
        row["organisation"]: int(row["persons"])
        for row in POPULATIONS
        if row["as_at"] == as_at and ORGANISATIONS[row["organisation"]]["kind"] in kinds
    }


def test_population_of_england_by_clinical_commissioning_group() -> None:
    mid_2020 = persons("2020-06-30", "ccg")
    assert len(mid_2020) == 106
    assert sum(mid_2020.values()) == 56_550_138
    london = [count for key, count in mid_2020.items() if ORGANISATIONS[key]["region"] == "Y56"]
    assert sum(london) == 9_002_488


def test_population_of_england_by_authority_with_social_care_duties() -> None:
    mid_2023 = persons("2023-06-30", *UPPER_TIER_KINDS)
    assert len(mid_2023) == 153
    assert sum(mid_2023.values()) == 57_690_323


# --- how the tables are made --------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [bodies, places, published, wording])
def test_the_examples_in_the_compilers_docstrings_hold(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_a_table_refuses_to_say_the_same_thing_twice(tmp_path: Path) -> None:
    row = {"predecessor": "a", "successor": "b", "effective_on": "2020-04-01", "source": "s"}
    with pytest.raises(ValueError, match="has two rows for"):
        tables.PLACE_SUCCESSIONS.write([row, dict(row)], tmp_path)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text("code,title\nY56,London\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has the columns"):
        tables.REGIONS.read(tmp_path)
