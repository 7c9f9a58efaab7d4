"""The application's role may neither change structure nor rewrite history, whatever the application asks."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from tests import factories

pytestmark = pytest.mark.django_db

REFUSED = [
    "update directory_auditevent set action = 'x'",
    "delete from directory_auditevent",
    "truncate directory_auditevent",
    "update directory_change set event = 'x'",
    "delete from directory_change",
    "truncate directory_change",
    "update uploads_uploadstatus set note = 'x'",
    "delete from uploads_uploadstatus",
    "truncate uploads_uploadstatus",
    "update budgets_allocation set amount = 1",
    "update budgets_allocation set amount = 1, is_current = false",
    "delete from budgets_allocation",
    "truncate budgets_allocation",
    "alter table budgets_allocation disable trigger allocation_append_only",
    "drop trigger allocation_append_only on budgets_allocation",
    "drop table budgets_allocation",
    "create table public.mine (id int)",
    "alter table directory_auditevent add column mine int",
    "create or replace function refuse_rewriting() returns trigger language plpgsql as 'begin return new; end'",
    "set session_replication_role = replica",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_role_is_refused(statement: str):
    factories.allocation()
    with (
        pytest.raises(ProgrammingError, match=r"must be owner|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')
        cursor.execute(statement)


def test_the_application_role_may_mark_a_figure_as_superseded():
    figure = factories.allocation()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'set local role "{settings.APPLICATION_ROLE}"')
        cursor.execute("update budgets_allocation set is_current = false where id = %s", [figure.pk])
        assert cursor.rowcount == 1
