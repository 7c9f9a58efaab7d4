"""What migrations make of rows that are there: as the code from now on reads them, and back as it was before."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import RunSQL

from partnerships.models import UploadedRow
from tests import factories

pytestmark = pytest.mark.django_db


def statement_of(migration: str) -> RunSQL:
    """The one statement of a migration that changes rows."""
    operations = import_module(f"partnerships.migrations.{migration}").Migration.operations
    (found,) = [each for each in operations if isinstance(each, RunSQL)]
    return found


def run(statement: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def remembered() -> list[Any]:
    return list(UploadedRow.objects.order_by("line").values_list("before", flat=True))


def accepted_rows(*before: dict[str, Any] | None) -> None:
    upload = factories.upload(organisation=factories.organisation(), kind="agreements")
    for line, each in enumerate(before, 1):
        UploadedRow.objects.create(upload=upload, line=line, row=line + 1, cell_values={"heads": "x"}, before=each)


TERMS = {"title": "Ours", "heads": "of terms", "review_on": ["2026-10-01"], "end_on": None}
REST = {"edited_by": "user:1", "clauses": {"aims": "heads"}, "partners": [{"pk": 1, "role": "provider"}]}


def test_the_main_terms_that_accepted_rows_remember_have_their_new_name_and_back():
    renaming = statement_of("0010_record_labels")
    kept_as_they_are = [
        {"deed": 2, "stood": None},
        {"deed": 3, "stood": {"edited_by": "user:1", "terms": {"name": "Home"}, "functions": []}},
        None,
    ]
    old = [{"deed": 1, "stood": {**REST, "heads": TERMS}}, *kept_as_they_are]
    accepted_rows(*old)

    run(renaming.sql)
    assert remembered() == [{"deed": 1, "stood": {**REST, "main_terms": TERMS}}, *kept_as_they_are]
    assert set(UploadedRow.objects.values_list("cell_values__heads", flat=True)) == {"x"}

    run(renaming.reverse_sql)
    assert remembered() == old


def test_the_state_before_that_accepted_rows_remember_has_its_new_name_and_back():
    renaming = statement_of("0011_plain_names")
    inner = {**REST, "main_terms": TERMS, "clauses": {"stood": "stood"}}
    old = [{"deed": 1, "stood": inner}, {"deed": 2, "stood": None}, None]
    accepted_rows(*old)

    run(renaming.sql)
    assert remembered() == [{"deed": 1, "state_before": inner}, {"deed": 2, "state_before": None}, None]
    assert UploadedRow.objects.get(line=1).state_before["main_terms"]["title"] == "Ours"
    assert UploadedRow.objects.get(line=2).state_before is None

    run(renaming.reverse_sql)
    assert remembered() == old
