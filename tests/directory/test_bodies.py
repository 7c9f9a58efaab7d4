"""Bodies by their codes and names in a year."""

from __future__ import annotations

import pytest

from pooledcare.directory.bodies import Bodies, family_label
from pooledcare.directory.queries.bodies import all_bodies
from tests import factories
from tests.uploads.proposals import examples


@pytest.fixture(scope="module")
def bodies() -> Bodies:
    return examples.all_bodies()


def codes(found, year: int) -> list[str]:
    return [body.code_in(year) for body in found]


@pytest.mark.parametrize(
    ("name", "family", "year", "expected"),
    [
        ("NHS Somerset ICB", "", 2023, ["QSL"]),
        ("NHS Somerset Integrated Care Board", "", 2023, ["QSL"]),
        ("NHS Somerset ICB", "", 2021, []),  # before it began
        ("NHS Somerset CCG", "", 2021, ["11X"]),
        ("NHS Somerset CCG", "icb", 2021, ["11X"]),  # its words count more than the family
        ("Somerset", "council", 2022, ["E10000027"]),  # the county council
        ("Somerset", "council", 2023, ["E06000066"]),  # the unitary council after it
        ("Brighton And Hove", "council", 2023, ["E06000043"]),
        ("Bristol, City of", "council", 2023, ["E06000023"]),
        ("City of London", "council", 2023, ["E09000001"]),
        ("Barnet", "ccg", 2019, ["07M"]),
        ("England", "", 2023, []),
        ("London", "", 2023, []),
        ("Mereshire", "", 2023, []),
    ],
)
def test_a_name_is_that_of_these_bodies(bodies, name, family, year, expected):
    assert codes(bodies.named(name, family=family, year=year), year) == expected


@pytest.mark.parametrize(
    ("code", "year", "count"), [("qsl ", 2023, 1), ("QSL", 2021, 0), ("QSL", None, 1), ("x", 2023, 0)]
)
def test_a_code_is_that_of_a_body_in_its_years(bodies, code, year, count):
    assert len(bodies.with_code(code, year)) == count


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [
        ("Hull", "council", "Hull City Council"),
        ("Sumerset", "council", "Somerset Council"),
        ("NHS West London (K&C & QPP) CCG", "", "NHS West London CCG"),
        ("BNSSG ICB", "", "NHS Bristol, North Somerset and South Gloucestershire Integrated Care Board"),
    ],
)
def test_a_name_that_is_not_certain_has_likely_bodies(bodies, name, family, expected):
    assert expected in [body.name for body in bodies.likely(name, family=family)]


def test_families_have_names_for_people():
    assert [family_label(family) for family in ("council", "icb", "nhs_england")] == [
        "councils", "integrated care boards", "NHS England",
    ]  # fmt: skip


@pytest.mark.django_db
def test_all_bodies_are_read_in_a_few_queries(django_assert_num_queries):
    body = factories.organisation(kind="unitary")
    with django_assert_num_queries(5):
        read = all_bodies()
    [found] = [each for each in read.bodies if each.key == body.pk]
    assert (found.name, found.family, found.code_in(2024)) == (body.name, "council", body.code)
    assert [each.key for each in read.with_code(body.code, 2024)] == [body.pk]
