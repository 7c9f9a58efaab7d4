"""The published figures, read back through the public API by nobody in particular.

The figures are those that the publications themselves print; thousands of pounds, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

pytestmark = pytest.mark.slow

REGIONS = {"NE&Y": "Y63", "NW": "Y62", "Midlands": "Y60", "East": "Y61", "London": "Y56", "SE": "Y59", "SW": "Y58"}
CORE = {
    "2023-24": {
        "NE&Y": 15_651_033, "NW": 14_040_819, "Midlands": 18_984_562, "East": 11_235_396, "London": 16_316_847,
        "SE": 15_146_291, "SW": 9_885_171, "England": 101_260_119,
    },
    "2024-25": {
        "NE&Y": 15_986_147, "NW": 14_335_830, "Midlands": 19_498_959, "East": 11_530_198, "London": 16_749_055,
        "SE": 15_535_344, "SW": 10_181_835, "England": 103_817_368,
    },
}  # fmt: skip
ENGLAND = [
    ("nhs-core", "2023-24", "allocation", "101260119"),
    ("nhs-core", "2024-25", "allocation", "103817368"),
    ("nhs-discharge", "2023-24", "allocation", "299999.71"),
    ("nhs-discharge", "2024-25", "allocation", "500000.00"),
    ("primary-medical", "2023-24", "allocation", "10611684"),
    ("primary-medical", "2024-25", "allocation", "11008325"),
    ("other-primary-care", "2023-24", "allocation", "5484993.31"),
    ("other-primary-care", "2024-25", "allocation", "5600652.10"),
    ("running-costs", "2023-24", "allocation", "1108760"),
    ("running-costs", "2024-25", "allocation", "908760"),
    ("running-costs", "2025-26", "allocation", "828299"),
    ("adult-social-care", "2021-22", "budget", "18368147"),
    ("adult-social-care", "2022-23", "outturn", "20145450"),
]
BOARDS = [
    ("QSL", "nhs-core", "2024-25", "1055946"),
    ("QR1", "nhs-core", "2024-25", "1067817"),
    ("QHM", "nhs-core", "2024-25", "5965068"),
    ("QSL", "nhs-discharge", "2024-25", "5125.65"),
    ("QR1", "nhs-discharge", "2024-25", "5227.63"),
    ("QSL", "primary-medical", "2023-24", "103692"),
    ("QSL", "primary-medical", "2024-25", "108177"),
]
CCGS = {2013: 211, 2014: 211, 2015: 209, 2016: 209, 2017: 207, 2018: 195, 2019: 191, 2020: 135, 2021: 106, 2022: 106}
SOCIAL_CARE = {**dict.fromkeys(range(2013, 2019), 152), 2019: 151, 2020: 151, 2021: 152, 2022: 152, 2023: 153}
UPPER_TIER = ("county", "unitary", "metropolitan_district", "london_borough", "city_of_london", "isles_of_scilly")

Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def england(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The reference data and figures as `make run` loads them, once for all questions, taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        call_command("load_figures", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def ask(england: None) -> Ask:
    client = Client()

    def results(path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        address: str | None = f"/api/v1{path}"
        while address:
            answer = client.get(address)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            found += page["results"]
            address = page.get("next")
        return found

    return results


def thousands(amount: str) -> Decimal:
    """As printed: two decimals where the publication has them."""
    return (Decimal(amount) / 1000).quantize(Decimal("0.01"))


@pytest.mark.parametrize(("stream", "year", "basis", "printed"), ENGLAND)
def test_englands_totals_are_those_of_the_publications(ask: Ask, stream: str, year: str, basis: str, printed: str):
    (total,) = ask(f"/allocations/totals/?by=stream&stream={stream}&financial_year={year}&basis={basis}")
    assert thousands(total["amount"]) == Decimal(printed)


@pytest.mark.parametrize("year", CORE)
def test_core_allocations_of_the_regions_are_those_of_the_workbook(ask: Ask, year: str):
    found = ask(f"/allocations/totals/?by=region,stream&stream=nhs-core&financial_year={year}")
    by_region = {row["region"]: thousands(row["amount"]) for row in found}
    assert by_region == {REGIONS[name]: figure for name, figure in CORE[year].items() if name != "England"}
    assert sum(by_region.values()) == CORE[year]["England"]


@pytest.mark.parametrize(("board", "stream", "year", "printed"), BOARDS)
def test_figures_of_boards_are_those_of_the_workbook(ask: Ask, board: str, stream: str, year: str, printed: str):
    (figure,) = ask(f"/allocations/?organisation={board}&stream={stream}&financial_year={year}")
    assert thousands(figure["amount"]) == Decimal(printed)
    assert figure["source"] == "X24"
    assert figure["lineage"]["sheet"]
    assert figure["lineage"]["cell"]


@pytest.mark.parametrize(
    ("year", "basis", "missing", "counts"),
    [("2021-22", "budget", 6, (150, 2, 30, "12921000.00")), ("2022-23", "outturn", 4, (151, 1, 24, "13128000.00"))],
)
def test_authorities_that_made_no_return_are_named_and_never_zero(
    ask: Ask, year: str, basis: str, missing: int, counts: tuple[object, ...]
):
    figures = ask(f"/allocations/?stream=adult-social-care&financial_year={year}&basis={basis}&page_size=1000")
    absent = {row["organisation"]: row["not_reported"] for row in figures if row["amount"] is None}
    assert len(absent) == missing
    assert all(absent.values())
    (total,) = ask(f"/allocations/totals/?by=stream&stream=adult-social-care&financial_year={year}&basis={basis}")
    assert tuple(total[name] for name in ("reported", "not_reported", "included", "included_amount")) == counts
    assert sum(Decimal(row["amount"]) for row in figures if row["amount"]) == Decimal(total["amount"])


def test_birmingham_made_no_return_of_its_outturn(ask: Ask):
    (figure,) = ask("/allocations/?organisation=E08000025&stream=adult-social-care&financial_year=2022-23")
    assert figure["amount"] is None


@pytest.mark.parametrize(("year", "count"), CCGS.items())
def test_commissioning_groups_on_each_first_of_april(ask: Ask, year: int, count: int):
    assert len(ask(f"/organisations/?kind=ccg&open_on={year}-04-01&page_size=1000")) == count


def test_248_commissioning_groups_ever(ask: Ask):
    assert len(ask("/organisations/?kind=ccg&page_size=1000")) == 248


@pytest.mark.parametrize(("year", "count"), SOCIAL_CARE.items())
def test_authorities_with_social_care_duties_on_each_first_of_april(ask: Ask, year: int, count: int):
    found = sum(len(ask(f"/organisations/?kind={kind}&open_on={year}-04-01&page_size=1000")) for kind in UPPER_TIER)
    assert found == count


def test_a_two_step_succession_can_be_followed(england: None):
    client = Client()
    first = client.get("/api/v1/organisations/10G/?as_at=2015-01-01").json()
    assert [one["organisation"] for one in first["successors"]] == ["15D"]
    second = client.get("/api/v1/organisations/15D/?as_at=2019-01-01").json()
    assert [one["organisation"] for one in second["successors"]] == ["D4U1Y"]


@pytest.mark.parametrize(
    ("slug", "small_areas"),
    [
        ("stockton-on-tees", 120),
        ("redcar-and-cleveland", 88),
        ("middlesbrough", 86),
        ("darlington", 65),
        ("hartlepool", 58),
    ],
)
def test_tees_valley_shares_its_population_as_the_lookup_counts_it(england: None, slug: str, small_areas: int):
    place = Client().get(f"/api/v1/places/{slug}/").json()
    counted = [one for one in place["overlaps"] if one["organisation"] == "16C" and one["measure"] == "small_areas"]
    assert [one["quantity"] for one in counted] == [small_areas]


def test_loading_again_changes_nothing(england: None, capsys: pytest.CaptureFixture[str]):
    call_command("load_figures")
    said = capsys.readouterr().out
    assert said.count("unchanged") >= 3
    assert "accepted" not in said.replace("already accepted", "")


def test_totals_equal_the_sum_of_their_lines(england: None):
    call_command("check_totals")
