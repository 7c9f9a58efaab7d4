"""Every constraint, unique index and trigger of ours has a sentence for the person who meets it, and a test."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.architecture import catalogue

OUR_TABLES = "(directory|uploads|partnerships|budgets|consultations)_"
# Names that PostgreSQL gives: not-null and foreign keys of Django, primary keys, and fields' own checks (such as >= 0).
GIVEN = "_pkey$|_not_null|_fk_|_check$"


@pytest.fixture
def names(db: None) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint c join pg_class t on t.oid = c.conrelid "
            "where t.relname ~ %(ours)s and c.contype <> 'n' and conname !~ %(given)s "
            "union select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid "
            "join pg_class t on t.oid = x.indrelid "
            "where t.relname ~ %(ours)s and x.indisunique and i.relname !~ %(given)s "
            "union select tgname from pg_trigger g join pg_class t on t.oid = g.tgrelid "
            "where t.relname ~ %(ours)s and not tgisinternal",
            {"ours": f"^{OUR_TABLES}", "given": GIVEN},
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_constraint_has_a_sentence(names: set[str]):
    assert len(names) > 25
    assert names - set(catalogue.sentences()) == set()


def test_no_sentence_speaks_of_a_constraint_that_is_gone(names: set[str]):
    assert set(catalogue.sentences()) - names == set()


def test_every_constraint_is_attacked_by_a_test(names: set[str]):
    tests = "".join(path.read_text() for path in (catalogue.ROOT / "tests").rglob("test_*.py"))
    assert {name for name in names if name not in tests} == set()
