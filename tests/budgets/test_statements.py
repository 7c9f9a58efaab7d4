"""The statements of the books read little, also of rows staged a moment ago, of which there are no statistics."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection

from budgets.allocations import statements, steps
from pooledcare.directory.models import Organisation, OrganisationCode
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOLDERS = 800


@pytest.fixture
def upload(db: None) -> Upload:
    """One row for each of many bodies, read a moment ago; the planner knows the rows of an earlier upload only."""
    factories.stream(code="nhs-core")
    opened = dt.date(2013, 4, 1)
    made = Organisation.objects.bulk_create(
        Organisation(name=f"Fictional Board {number}", kind="icb", code=f"ZZ{number:04d}", opened=opened)
        for number in range(HOLDERS)
    )
    OrganisationCode.objects.bulk_create(
        OrganisationCode(organisation=one, scheme="ods", code=one.code, valid_from=opened) for one in made
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze directory_organisation")
    desk = Desk(factories.nhs_england(), ("publisher",))
    for basis in ("budget", "allocation"):
        upload = desk.send(rows(*(f"2024-25,{one.code},nhs-core,{basis},1.00,recurrent," for one in made)))
        if basis == "budget":
            with connection.cursor() as cursor:
                cursor.execute("analyze budgets_stagedallocation")
    assert upload.rows_staged == HOLDERS
    return upload


def handled(plan: dict[str, Any]) -> int:
    """How many rows the steps of a plan took into their hands, those that they threw away again included."""
    own = sum(plan.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter"))
    return int(own * plan.get("Actual Loops", 1)) + sum(map(handled, plan.get("Plans", [])))


@pytest.mark.parametrize("few", [True, False], ids=["as for few rows", "as for many rows"])
@pytest.mark.parametrize("name", ["STALE", "DUPLICATES"])
def test_no_row_is_compared_with_every_other(upload: Upload, name: str, few: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steps, "MANY_ROWS", HOLDERS + 1 if few else HOLDERS - 1)
    steps.plan_for(upload)
    source = upload.organisation_id
    asked = {
        "upload": upload.pk, "source": source, "may_prepare": True, "funded": ["icb"], "most": 1_000, "publishes": None,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {getattr(statements, name)}", asked)
        (explained,) = cursor.fetchone()
    (whole,) = json.loads(explained) if isinstance(explained, str) else explained
    assert handled(whole["Plan"]) < 30 * HOLDERS
