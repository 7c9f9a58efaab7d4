"""The statements of the books read little, also of rows staged a moment ago, of which there are no statistics."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection

from budgets import statements
from pooledcare.directory.models import Organisation, OrganisationCode
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOLDERS = 800


def test_the_second_look_at_references_does_not_read_every_row_for_every_body():
    factories.stream(code="nhs-core")
    opened = dt.date(2013, 4, 1)
    made = Organisation.objects.bulk_create(
        Organisation(name=f"Fictional Board {number}", kind="icb", code=f"ZZ{number:04d}", opened=opened)
        for number in range(HOLDERS)
    )
    OrganisationCode.objects.bulk_create(
        OrganisationCode(organisation=one, scheme="ods", code=one.code, valid_from=opened) for one in made
    )
    desk = Desk(factories.nhs_england(), ("publisher",))
    upload = desk.send(rows(*(f"2024-25,{one.code},nhs-core,allocation,1.00,recurrent," for one in made)))
    assert upload.rows_staged == HOLDERS
    asked = {"upload": upload.pk, "source": desk.organisation.pk, "may_prepare": True, "funded": ["icb"]}
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = on")
        cursor.execute(f"explain (analyze, buffers, format json) {statements.STALE}", asked)
        (explained,) = cursor.fetchone()
    plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 20 * HOLDERS
