"""Of a figure only whether it is current may change, and no figure is ever deleted: not even by the tables' owner."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from budgets.models import Allocation
from tests import factories

pytestmark = pytest.mark.django_db

OTHER: dict[str, Any] = {
    "id": 2_000_000_001,
    "financial_year": 2023,
    "basis": "budget",
    "gross_or_net": "net",
    "recurrence": "not_stated",
    "amount": Decimal("1000.01"),
    "published_text": "other",
    "sheet": "other",
    "row": 99,
    "cell": "Z9",
    "note": "other",
    "version": 7,
    "withdrawn": True,
    "published_on": dt.date(2024, 4, 2),
    "accepted_at": timezone.now() + dt.timedelta(days=1),
    "organisation_id": factories.organisation,
    "source_id": factories.organisation,
    "stream_id": factories.stream,
    "upload_id": lambda: factories.upload(organisation=factories.nhs_england()),
}
COLUMNS = [field.column for field in Allocation._meta.concrete_fields if field.column != "is_current"]


def run(statement: str, values: list[Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def refused(statement: str, values: list[Any]) -> str:
    with pytest.raises(IntegrityError) as caught:
        run(statement, values)
    return caught.value.__cause__.diag.constraint_name


def other(column: str) -> Any:
    value = OTHER[column]
    return value().pk if callable(value) else value


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_of_a_figure_is_ever_changed(column):
    figure = factories.allocation()
    for also in ("", ", is_current = false"):
        statement = f"update budgets_allocation set {column} = %s{also} where id = %s"
        assert refused(statement, [other(column), figure.pk]) == "allocation_append_only"
    before = Allocation.objects.filter(pk=figure.pk).values().get()
    assert before["is_current"]


@pytest.mark.parametrize("column", ["amount", "published_on", "row"])
def test_what_is_known_is_not_forgotten_either(column):
    figure = factories.allocation(row=4)
    assert (
        refused(f"update budgets_allocation set {column} = null where id = %s", [figure.pk]) == "allocation_append_only"
    )


def test_a_figure_is_superseded_and_may_be_said_to_be_what_it_is():
    figure = factories.allocation()
    assert run("update budgets_allocation set is_current = false where id = %s", [figure.pk]) == 1
    assert run("update budgets_allocation set is_current = true, amount = amount where id = %s", [figure.pk]) == 1
    figure.refresh_from_db()
    assert figure.is_current


def test_no_figure_is_deleted_whether_it_stands_or_not():
    for is_current in (True, False):
        figure = factories.allocation(is_current=is_current)
        assert refused("delete from budgets_allocation where id = %s", [figure.pk]) == "allocation_append_only"


def test_the_applications_role_may_not_even_try():
    figure = factories.allocation()
    for column in COLUMNS:
        with (
            pytest.raises(ProgrammingError, match="permission denied for table budgets_allocation"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')
            cursor.execute(f"update budgets_allocation set {column} = {column} where id = %s", [figure.pk])
    assert len(COLUMNS) == len(OTHER) == 19
