"""The operations of migrations give the application's role these rights, no others, and take them back.

A role of PostgreSQL's own stands for the application's, because it has no rights here yet.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from pooledcare.kernel.privileges import grant_everyday_rights, let_change_only, make_append_only

pytestmark = pytest.mark.django_db

ROLE = "pg_monitor"
EVERYDAY = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.fixture
def clerk(settings):
    settings.APPLICATION_ROLE = ROLE
    run("create table kernel_first (id serial, name text, note text); create table kernel_second (name text)")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def asked(question: str, *values: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return {row[0] for row in cursor.fetchall()}


def rights(table: str) -> set[str]:
    """What the role may do with the table or sequence, whoever else may do it too."""
    return asked(
        "select privilege_type from pg_class, aclexplode(relacl) where relname = %s and grantee = %s::regrole",
        table,
        ROLE,
    )


def columns_to_change(table: str) -> set[str]:
    return asked(
        "select attname from pg_attribute, aclexplode(attacl) where attrelid = %s::regclass"
        " and grantee = %s::regrole and privilege_type = 'UPDATE'",
        table,
        ROLE,
    )


def forward(operation):
    operation.code(apps, SimpleNamespace(connection=connection))


def backward(operation):
    operation.reverse_code(apps, SimpleNamespace(connection=connection))


def test_everyday_rights_are_those_to_rows_of_present_and_future_tables(clerk):
    forward(grant_everyday_rights())
    run("create table kernel_later (id serial)")
    assert [rights(table) for table in ("kernel_first", "kernel_second", "kernel_later")] == [EVERYDAY] * 3
    assert [rights(f"kernel_{name}_id_seq") for name in ("first", "later")] == [{"SELECT", "USAGE"}] * 2
    database = "select privilege_type from pg_database, aclexplode(datacl) where datname = current_database()"
    assert asked(f"{database} and grantee = %s::regrole", ROLE) == {"TEMPORARY"}
    schema = "select privilege_type from pg_namespace, aclexplode(nspacl) where nspname = 'public'"
    assert asked(f"{schema} and grantee = %s::regrole", ROLE) == {"USAGE"}


def test_taken_back_they_no_longer_come_with_new_tables(clerk):
    forward(grant_everyday_rights())
    backward(grant_everyday_rights())
    run("create table kernel_later (id serial)")
    assert rights("kernel_later") == rights("kernel_later_id_seq") == set()


def test_of_append_only_tables_rows_are_read_and_added(clerk):
    forward(grant_everyday_rights())
    run(f"grant truncate on kernel_first, kernel_second to {ROLE}")
    forward(make_append_only("kernel_first", "kernel_second"))
    assert [rights(table) for table in ("kernel_first", "kernel_second")] == [{"SELECT", "INSERT"}] * 2
    backward(make_append_only("kernel_first", "kernel_second"))
    assert [rights(table) for table in ("kernel_first", "kernel_second")] == [EVERYDAY] * 2


def test_only_the_named_columns_may_change_and_nothing_may_be_deleted(clerk):
    forward(grant_everyday_rights())
    run(f"grant truncate on kernel_first to {ROLE}")
    operation = let_change_only("kernel_first", "id", "note")
    forward(operation)
    assert rights("kernel_first") == {"SELECT", "INSERT"}
    assert columns_to_change("kernel_first") == {"id", "note"}
    assert rights("kernel_second") == EVERYDAY
    backward(operation)
    assert rights("kernel_first") == EVERYDAY


def test_an_owner_who_serves_the_application_keeps_its_rights(settings):
    run("create table kernel_first (name text)")
    before = asked("select relacl::text from pg_class where relname = 'kernel_first'")
    settings.APPLICATION_ROLE = asked("select current_user").pop()
    forward(make_append_only("kernel_first"))
    forward(let_change_only("kernel_first", "name"))
    assert asked("select relacl::text from pg_class where relname = 'kernel_first'") == before
    assert columns_to_change("kernel_first") == set()
