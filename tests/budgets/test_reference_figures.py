"""The compiled figures against the published totals, to the penny, straight from our files."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from budgets.reference.compile import COLUMNS, HERE, NOT_REPORTED, compiled, main, read, write
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.reference import tables
from pooledcare.kernel.money import THOUSAND, parse_amount

ICBS, BUDGET, OUTTURN = (
    "nhs_england_icb_allocations",
    "dluhc_revenue_account_2021-22",
    "dluhc_revenue_outturn_2022-23",
)
PUBLICATIONS = tomllib.loads((HERE / "publications.toml").read_text(encoding="utf-8"))
SOURCES = {row["slug"]: row for row in tables.SOURCES.read()}
ORGANISATIONS = {row["key"]: row for row in tables.ORGANISATIONS.read()}
BY_CODE = {row["code"]: ORGANISATIONS[row["organisation"]] for row in tables.ORGANISATION_CODES.read()}
REGIONS = {"Y63": "NE&Y", "Y62": "NW", "Y60": "Midlands", "Y61": "East", "Y56": "London", "Y59": "SE", "Y58": "SW"}


def rows_of(publication: str, stream: str, year: str) -> list[dict[str, str]]:
    return [row for row in read(publication) if (row["stream"], row["financial_year"]) == (stream, year)]


def total(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows if row["amount"]), Decimal(0))


@pytest.mark.parametrize(
    ("stream", "year", "pounds"),
    [
        ("nhs-core", "2023-24", "101260119000.00"),
        ("nhs-core", "2024-25", "103817368000.00"),
        ("nhs-discharge", "2023-24", "299999706.97"),
        ("nhs-discharge", "2024-25", "500000000.00"),
        ("primary-medical", "2023-24", "10611684000.00"),
        ("primary-medical", "2024-25", "11008325000.00"),
        ("other-primary-care", "2023-24", "5484993310.34"),
        ("other-primary-care", "2024-25", "5600652096.48"),
        ("running-costs", "2023-24", "1108760000.00"),
        ("running-costs", "2024-25", "908760000.00"),
        ("running-costs", "2025-26", "828299000.00"),
    ],
)
def test_totals_of_the_42_boards(stream: str, year: str, pounds: str) -> None:
    rows = rows_of(ICBS, stream, year)
    assert len({row["organisation"] for row in rows}) == len(rows) == 42
    assert total(rows) == Decimal(pounds)


@pytest.mark.parametrize(
    ("year", "thousands"),
    [
        ("2023-24", [15_651_033, 14_040_819, 18_984_562, 11_235_396, 16_316_847, 15_146_291, 9_885_171]),
        ("2024-25", [15_986_147, 14_335_830, 19_498_959, 11_530_198, 16_749_055, 15_535_344, 10_181_835]),
    ],
)
def test_core_allocations_by_region(year: str, thousands: list[int]) -> None:
    by_region: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of(ICBS, "nhs-core", year):
        by_region[BY_CODE[row["organisation"]]["region"]] += Decimal(row["amount"])
    assert [by_region[code] for code in REGIONS] == [figure * THOUSAND for figure in thousands]


@pytest.mark.parametrize(
    ("stream", "year", "organisation", "pounds"),
    [
        ("nhs-core", "2024-25", "QSL", "1055946000.00"),
        ("nhs-core", "2024-25", "QR1", "1067817000.00"),
        ("nhs-core", "2024-25", "QHM", "5965068000.00"),
        ("nhs-discharge", "2024-25", "QSL", "5125650"),
        ("nhs-discharge", "2024-25", "QR1", "5227630"),
        ("primary-medical", "2023-24", "QSL", "103692000.00"),
        ("primary-medical", "2024-25", "QSL", "108177000.00"),
    ],
)
def test_single_boards(stream: str, year: str, organisation: str, pounds: str) -> None:
    (row,) = [row for row in rows_of(ICBS, stream, year) if row["organisation"] == organisation]
    # Discharge is printed to ten pounds in the figures that we reproduce.
    step = Decimal(10) if stream == "nhs-discharge" else Decimal("0.01")
    assert abs(Decimal(row["amount"]) - Decimal(pounds)) < step


@pytest.mark.parametrize(
    ("publication", "year", "pounds", "missing"),
    [
        (
            BUDGET,
            "2021-22",
            "18368147000.00",
            {
                "Eden District Council",
                "Gravesham Borough Council",
                "Medway Council",
                "Shropshire Council",
                "Staffordshire Combined Fire and Rescue Authority",
                "Kent Police and Crime Commissioner and Chief Constable",
            },
        ),
        (
            OUTTURN,
            "2022-23",
            "20145450000.00",
            {
                "Birmingham City Council",
                "High Peak Borough Council",
                "North West Leicestershire District Council",
                "Woking Borough Council",
            },
        ),
    ],
)
def test_adult_social_care_and_who_made_no_return(publication: str, year: str, pounds: str, missing: set[str]) -> None:
    rows = rows_of(publication, "adult-social-care", year)
    assert total(rows) == Decimal(pounds)
    unreported = [row for row in rows if not row["amount"]]
    assert {BY_CODE[row["organisation"]]["name"] for row in unreported} == missing
    assert all(row["published_text"] in NOT_REPORTED and row["note"] for row in unreported)


@pytest.mark.parametrize("publication", [BUDGET, OUTTURN])
def test_every_authority_with_social_care_duties_has_a_row(publication: str) -> None:
    duties = {"county", "unitary", "metropolitan_district", "london_borough", "city_of_london", "isles_of_scilly"}
    organisations = [BY_CODE[row["organisation"]] for row in read(publication)]
    assert len({row["key"] for row in organisations if row["kind"] in duties}) == 152


@pytest.mark.parametrize("publication", [ICBS, BUDGET, OUTTURN])
def test_each_amount_is_its_published_text_rounded_once(publication: str) -> None:
    for row in read(publication):
        if row["published_text"] in NOT_REPORTED:
            assert row["amount"] == ""
        else:
            assert Decimal(row["amount"]) == parse_amount(row["published_text"], THOUSAND)


@pytest.mark.parametrize("publication", [ICBS, BUDGET, OUTTURN])
def test_the_files_use_the_words_of_the_app_and_name_organisations_that_existed(publication: str) -> None:
    rows = read(publication)
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert row["basis"] in Basis.values
        assert row["gross_or_net"] in GrossOrNet.values
        assert row["recurrence"] in Recurrence.values
        organisation = BY_CODE[row["organisation"]]
        first, last = f"{row['financial_year'][:4]}-04-01", f"{int(row['financial_year'][:4]) + 1}-03-31"
        assert (organisation["opened"] or first) <= last, row
        assert (organisation["closed"] or last) >= first, row


@pytest.mark.parametrize("publication", [ICBS, BUDGET, OUTTURN])
def test_each_publication_is_described_as_in_the_directory_of_sources(publication: str) -> None:
    described = PUBLICATIONS[publication]
    source = SOURCES[described["source"]]
    assert (described["title"], described["licence"]) == (source["title"], source["licence"])
    assert described["file"] == f"{publication}.csv"
    assert described["publisher"] in BY_CODE
    assert described["published_on_basis"]
    assert described["published_on"].isoformat() == (source["dated"] or described["published_on"].isoformat())


@pytest.mark.parametrize(
    ("publication", "year", "difference"),
    [
        (ICBS, "2023-24", "111910689.66"),
        (ICBS, "2024-25", "114266903.52"),
        (BUDGET, "2021-22", "260637000.00"),
        (OUTTURN, "2022-23", "379101000.00"),
    ],
)
def test_what_the_publishers_own_total_has_beyond_ours(publication: str, year: str, difference: str) -> None:
    (control,) = [each for each in PUBLICATIONS[publication]["control"] if each["financial_year"] == year]
    ours = total(rows_of(publication, control["stream"], year))
    assert parse_amount(control["published_text"], THOUSAND) - ours == Decimal(difference)


@pytest.mark.slow
def test_compiling_again_gives_the_same_files_byte_for_byte(shared_data: Path, tmp_path: Path) -> None:
    found = compiled(shared_data)
    assert set(found) == set(PUBLICATIONS)
    for name, rows in found.items():
        write(name, rows, tmp_path)
        assert (tmp_path / f"{name}.csv").read_bytes() == (HERE / f"{name}.csv").read_bytes(), name


def test_the_compiler_asks_for_the_folder() -> None:
    with pytest.raises(SystemExit, match="Say where"):
        main([])
