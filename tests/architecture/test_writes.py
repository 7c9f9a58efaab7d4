"""That writes are found in source text: each kind of write in a few lines, beside what looks like one and is none."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.architecture.writes import writes_in

STATEMENTS = ast.parse('READ = "select 1"\nWRITE = "update deed set version = 2"\n')


def kinds_in(source: str) -> list[str]:
    def module_named(name: str) -> ast.Module | None:
        return STATEMENTS if name == "app.statements" else None

    return [write.kind for write in writes_in(dedent(source), module_named=module_named)]


def run(statement: str) -> str:
    return f"def act(cursor):\n    cursor.execute({statement})\n"


@pytest.mark.parametrize(
    "source",
    [
        "def view(request, deed):\n    deed.title = 'Other'\n    deed.save()",
        "def view(request):\n    transaction.on_commit(deed.save)",
        "def query(rows):\n    rows.filter(number=1).delete()",
        "def query(rows):\n    return rows.update(state='draft')",
        "def query(rows):\n    return list(rows.select_for_update())",
        "def view(agreement, place):\n    agreement.places.create(place=place)",
        "def view(agreement):\n    agreement.places.get_or_create(place=1)",
        "Deed.objects.bulk_create([])",
        "get_model()._default_manager.bulk_update([], ['title'])",
        "super().save(*args, **kwargs)",
        "async def view(deed):\n    await deed.asave()",
        "person = User.objects.create_user(email='a@example.org')",
    ],
)
def test_a_write_through_a_model_is_found(source):
    assert kinds_in(source) == ["model"]


@pytest.mark.parametrize(
    "source",
    [
        "found = {}\nfound.update({'a': 1})",
        "seen = set()\nseen.update([1, 2])",
        "digest = hashlib.sha256()\ndigest.update(b'words')",
        "rows.filter(number=1).first()",
        "self.save = True",
        "def save(deed): ...",
        "data = request.GET.copy()",
    ],
)
def test_what_only_looks_like_a_write_is_not(source):
    assert kinds_in(source) == []


@pytest.mark.parametrize(
    "statement",
    [
        "'select 1'", "'  SELECT version from deed'", "'with a as (select 1) select * from a'", "'show work_mem'",
        "'explain select 1'", "'set local work_mem = 1'", "'declare c cursor for select 1'",
        "'(select 1) union select 2'",
        "'copy (select 1) to stdout'", "\"select 'delete from deed'\"", "'select updated_at, deleted from deed'",
        "'select 1 -- insert nothing'", "'select ' 'id from deed'", "f'select {2} from deed'",
    ],
)  # fmt: skip
def test_a_statement_that_reads_passes(statement):
    assert kinds_in(run(statement)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "'update deed set version = 2'", "'INSERT INTO deed values (1)'", "'delete from deed'", "'truncate deed'",
        "'merge into deed using x on true when matched then delete'", "'create table notes (id int)'",
        "'drop table deed'", "'copy deed from stdin'", "'select 1; delete from deed'", "'select 1 for update'",
        "'with gone as (delete from deed returning 1) select * from gone'", "'select * into notes from deed'",
        "'lock table deed'", "'set constraints all immediate'", "'explain analyze delete from deed'", "'vacuum'",
        "'do $$ begin end $$'", "sql.SQL('copy {} from stdin').format(sql.Identifier('deed'))",
        "'select 1' if quiet else 'delete from deed'", "'select 1; ' + 'delete from deed'", "f'delete from {table}'",
        "'select x'.replace('select x', 'delete from deed')",
    ],
)  # fmt: skip
def test_a_statement_that_writes_or_locks_is_found(statement):
    assert kinds_in(run(statement)) == ["sql"]


@pytest.mark.parametrize("call", ["cursor.executemany(S, [])", "cursor.copy(S)", "Deed.objects.raw(S)",
                                  "connection.cursor().execute(S)", "cursor.execute(query=S)"])  # fmt: skip
def test_every_way_to_run_a_statement_is_seen(call):
    assert kinds_in(f"S = 'update deed set version = 2'\n{call}") == ["sql"]


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ("from app.statements import READ\ncursor.execute(READ)", []),
        ("from app.statements import WRITE as W\ncursor.execute(W)", ["sql"]),
        ("from app import statements\ncursor.execute(statements.READ)", []),
        ("from app import statements as s\ncursor.execute(s.WRITE)", ["sql"]),
        ("import app.statements as s\ncursor.execute(s.WRITE)", ["sql"]),
        ("from elsewhere import READ\ncursor.execute(READ)", ["unread"]),
        ("cursor.execute(statement())", ["unread"]),
        ("T = 'deed'\ncursor.execute(f'select * from {T}')", []),
        ("S = 'select 1'\nS += more\ncursor.execute(S)", ["unread"]),
    ],
)
def test_a_named_statement_is_looked_up(lines, kinds):
    assert kinds_in(lines) == kinds


@pytest.mark.parametrize(
    ("handed", "kinds"),
    [("'select 1'", []), ("'delete from deed'", ["sql"]), ("given()", ["unread"]), ("statement='select 1'", [])],
)
def test_a_private_function_runs_what_its_module_hands_to_it(handed, kinds):
    source = f"""
        def _rows(statement, values):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)

        def query():
            return _rows({handed}{", values=[]" if "=" in handed else ", []"})
    """
    assert kinds_in(source) == kinds


def test_a_public_function_may_be_handed_anything_by_other_modules():
    source = """
        def rows_of(statement):
            cursor.execute(statement)

        rows_of("select 1")
    """
    assert kinds_in(source) == ["unread"]


def test_a_name_inside_a_function_is_what_the_function_sets_it_to():
    source = """
        S = "delete from deed"

        def query(quiet):
            S = "select 1"
            cursor.execute(S)
    """
    assert kinds_in(source) == []


def test_a_place_is_named_by_its_line_and_receiver():
    (write,) = writes_in("def view(edit):\n    edit.deed.save()\n")
    assert (write.line, write.receiver, write.what) == (2, "edit.deed", "save")
