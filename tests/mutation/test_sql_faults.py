"""The list of faults in SQL: what each makes of a statement, and what is no SQL."""

from __future__ import annotations

import pytest

from mutation import sql_faults


def made_of(text: str) -> list[str]:
    return [fault.put_into(text) for fault in sql_faults.faults(text)]


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ("select a from b where c <= 1", "select a from b where c < 1"),
        ("select a from b where c = d", "select a from b where c <> d"),
        ("select a from b where c and d", "select a from b where true and d"),
        ("select a from b where c and d", "select a from b where c  "),
        ("select a from b where (c or d) and e", "select a from b where (c  ) and e"),
        ("select distinct a from b", "select a from b"),
        ("select a from b order by a", "select a from b order by a desc"),
        ("select a from b order by a desc", "select a from b order by a asc"),
        ("select a from b for update of b skip locked", "select a from b "),
        ("select a from b for update skip locked", "select a from b for update "),
        ("select a from b for share", "select a from b "),
        ("select coalesce(a, b(c), 0) from d", "select (a) from d"),
        ("lock table a in share row exclusive mode", "lock table a in access share mode"),
        ("create trigger a before update or delete on b", "create trigger a before delete on b"),
        ("create trigger a before update or delete on b", "create trigger a before update  on b"),
        ("raise exception 'no'", "raise debug 'no'"),
        ("select a from b where not exists (select c)", "select a from b where exists (select c)"),
        ("select a from b limit 1", "select a from b limit 2"),
    ],
)
def test_a_fault_is_put_into_a_statement(text: str, faulty: str):
    assert faulty in made_of(text)


def test_comments_and_quoted_text_stay_as_they_are():
    assert made_of("-- where a = 1 and b\nselect 'a = 1 and b'") == []


def test_the_second_part_of_between_is_no_condition_of_its_own():
    assert "select a from d where b between 1  " not in made_of("select a from d where b between 1 and c")


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("select a from b", True),
        ("\n  and a.b = c.d", True),
        ("update a set b = c", True),
        ("Choose where the money goes, and update it.", False),
        ("The figures join what was published", False),
    ],
)
def test_sql_is_told_from_sentences(text: str, is_sql: bool):
    assert sql_faults.is_sql(text) is is_sql
