"""What a file of allocations is declared to be: its columns, who may send it, and where its books are."""

from __future__ import annotations

import pytest

from budgets.allocations.kind import ALLOCATIONS, PROFILES, register
from budgets.allocations.steps import AllocationSteps
from pooledcare.directory.access import Permission
from pooledcare.uploads import kinds, profiles
from tests import factories

# Name, label, required, in the template, amount, has choices.
COLUMNS = [
    ("financial_year", "Financial year", True, True, False, False),
    ("organisation", "Organisation", True, True, False, False),
    ("stream", "Funding stream", True, True, False, True),
    ("basis", "Basis", True, True, False, True),
    ("amount", "Amount", True, True, True, False),
    ("recurrence", "Recurrence", False, True, False, True),
    ("note", "Note", False, True, False, False),
    ("gross_or_net", "Gross or net", False, False, False, True),
    ("corrects", "Corrects", False, False, False, False),
]


def test_the_columns_of_a_file_and_which_of_them_a_template_has():
    found = [
        (one.heading, one.label, one.required, one.in_template, one.is_amount, one.choices is not None)
        for one in ALLOCATIONS.columns
    ]
    assert found == COLUMNS
    assert [one.example for one in ALLOCATIONS.columns] == [
        "2025-26", "QSL", "nhs-core", "allocation", "1055946000.00", "recurrent", "", "", "",
    ]  # fmt: skip
    assert all(one.help for one in ALLOCATIONS.columns)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("basis", ["allocation", "budget", "outturn"]),
        ("recurrence", ["recurrent", "non_recurrent", "not_stated"]),
        ("gross_or_net", ["gross", "net", "not_applicable"]),
    ],
)
def test_a_column_offers_the_words_that_are_ours(column, values):
    choices = ALLOCATIONS.column(column).choices
    assert choices is not None
    assert [value for value, _ in choices()] == values


@pytest.mark.django_db
def test_a_column_offers_the_streams_in_the_order_of_pages():
    factories.stream(code="b", name="Second", position=2)
    factories.stream(code="c", name="First", position=1)
    factories.stream(code="a", name="Another", position=2)
    choices = ALLOCATIONS.column("stream").choices
    assert choices is not None
    assert choices() == [("c", "First"), ("a", "Another"), ("b", "Second")]


def test_figures_are_prepared_and_accepted_with_different_rights_and_have_a_date_of_publication():
    assert (ALLOCATIONS.prepare, ALLOCATIONS.accept) == (Permission.UPLOAD_ALLOCATIONS, Permission.ACCEPT_ALLOCATIONS)
    assert (ALLOCATIONS.key, ALLOCATIONS.label, ALLOCATIONS.is_published) == ("allocations", "Allocations", True)
    assert ALLOCATIONS.most_rows is None
    assert isinstance(ALLOCATIONS.steps, AllocationSteps)
    assert len(ALLOCATIONS.guidance) == 5


def test_the_kind_and_the_layouts_of_publishers_are_known_to_the_engine():
    register()
    assert kinds.kind("allocations") is ALLOCATIONS
    assert profiles.exists("allocations", "nhse-icb-allocations", among_ours=False)
    assert sorted(path.stem for path in PROFILES.glob("*.toml")) == [
        "dluhc-revenue-account", "dluhc-revenue-outturn", "nhse-icb-allocations", "pooledcare-figures",
    ]  # fmt: skip
