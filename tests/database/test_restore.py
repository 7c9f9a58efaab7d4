"""A dump can be restored: control totals, the audit trail and the rights of the roles come back the same."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from deploy.database import BIN
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import announce, record
from tests import factories

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONTROL = """
select 'allocations', count(*), coalesce(sum(amount), 0) from budgets_allocation
union all select 'current', count(*), coalesce(sum(amount), 0) from budgets_allocation where is_current
union all select 'audit', count(*), coalesce(sum(id), 0) from directory_auditevent
union all select 'changes', count(*), coalesce(max(sequence), 0) from directory_change
order by 1
"""
RIGHTS = """
select table_name, privilege_type from information_schema.role_table_grants
where grantee = 'pooledcare_app' order by 1, 2
"""


def program(name: str) -> str:
    embedded = BIN / name
    return str(embedded) if embedded.exists() else str(shutil.which(name))


def address(name: str) -> str:
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=name, user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"]
    )


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_restored"
    identifier = sql.Identifier(name)
    with psycopg.connect(address("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {}").format(identifier))
        server.execute(sql.SQL("create database {}").format(identifier))
        yield name
        server.execute(sql.SQL("drop database {} with (force)").format(identifier))


def test_a_restored_dump_has_the_same_totals_trail_and_rights(empty_database: str, tmp_path: Path):
    first = factories.allocation(amount=Decimal("101260119000.01"))
    factories.allocation(amount=None, published_text="...", source=first.source, upload=first.upload)
    record(by=system_actor("test"), action="example", subject="upload:UP-1", sentence="Upload UP-1 was accepted.")
    with transaction.atomic():
        announce(resource="allocations", reference="UP-1", event="accepted", public=True)

    dump = tmp_path / "pooledcare.dump"
    source = address(connection.settings_dict["NAME"])
    subprocess.run([program("pg_dump"), "--format=custom", f"--file={dump}", source], check=True)
    target = address(empty_database)
    subprocess.run([program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={target}", dump], check=True)

    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        for question in (CONTROL, RIGHTS):
            expected = before.execute(question).fetchall()
            assert len(expected) >= 4
            assert after.execute(question).fetchall() == expected
        with pytest.raises(psycopg.errors.CheckViolation):
            after.execute("delete from directory_auditevent")
