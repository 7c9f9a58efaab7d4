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


def renaming() -> RunSQL:
    """The one statement of 0010 that changes rows."""
    operations = import_module("partnerships.migrations.0010_record_labels").Migration.operations
    (found,) = [each for each in operations if isinstance(each, RunSQL)]
    return found


def run(statement: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def remembered() -> list[Any]:
    return list(UploadedRow.objects.order_by("line").values_list("before", flat=True))


def test_what_accepted_rows_remember_of_a_deed_has_its_new_name_and_back():
    upload = factories.upload(organisation=factories.organisation(), kind="agreements")
    terms = {"title": "Ours", "heads": "of terms", "review_on": ["2026-10-01"], "end_on": None}
    rest = {"edited_by": "user:1", "clauses": {"aims": "heads"}, "partners": [{"pk": 1, "role": "provider"}]}
    kept_as_they_are = [
        {"deed": 2, "stood": None},
        {"deed": 3, "stood": {"edited_by": "user:1", "terms": {"name": "Home"}, "functions": []}},
        None,
    ]
    old = [{"deed": 1, "stood": {**rest, "heads": terms}}, *kept_as_they_are]
    for line, before in enumerate(old, 1):
        UploadedRow.objects.create(upload=upload, line=line, row=line + 1, said={"heads": "x"}, before=before)

    run(renaming().sql)
    assert remembered() == [{"deed": 1, "stood": {**rest, "main_terms": terms}}, *kept_as_they_are]
    assert UploadedRow.objects.get(line=1).stood["main_terms"]["title"] == "Ours"
    assert set(UploadedRow.objects.values_list("said__heads", flat=True)) == {"x"}

    run(renaming().reverse_sql)
    assert remembered() == old
