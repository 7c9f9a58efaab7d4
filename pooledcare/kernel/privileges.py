"""Migration operations that grant and revoke privileges of the application's database role.

Migrations run as the owner of the tables. The application role may read and write rows and create temporary tables, but
not change the structure. On append-only tables it may not update or delete rows.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.migrations import RunPython
from psycopg import sql

GRANT = """
grant temporary on database {database} to {role};
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
alter default privileges in schema public grant select, insert, update, delete on tables to {role};
alter default privileges in schema public grant usage, select on sequences to {role};
"""
REVOKE = """
alter default privileges in schema public revoke select, insert, update, delete on tables from {role};
alter default privileges in schema public revoke usage, select on sequences from {role};
"""


def _execute(schema_editor: Any, text: str, **names: str) -> None:
    """Run the statements for the application role; do nothing if the application itself connects as the owner."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select current_user")
        if cursor.fetchone()[0] == settings.APPLICATION_ROLE:
            return
        names["database"] = schema_editor.connection.settings_dict["NAME"]
        identifiers = {key: sql.Identifier(name) for key, name in names.items()}
        statement = sql.SQL(text).format(role=sql.Identifier(settings.APPLICATION_ROLE), **identifiers)  # type: ignore[arg-type]
        cursor.execute(statement)


def grant_everyday_rights() -> RunPython:
    """Let the application role read and write the rows of every table, including those created later."""
    return RunPython(
        lambda apps, editor: _execute(editor, GRANT),
        lambda apps, editor: _execute(editor, REVOKE),
    )


def make_append_only(*tables: str) -> RunPython:
    """Let the application role only select from these tables and insert into them, so that it cannot change history."""

    def forward(apps: Any, editor: Any) -> None:
        for table in tables:
            _execute(editor, "revoke update, delete, truncate on {table} from {role}", table=table)

    def backward(apps: Any, editor: Any) -> None:
        for table in tables:
            _execute(editor, "grant update, delete on {table} to {role}", table=table)

    return RunPython(forward, backward)


def let_change_only(table: str, *columns: str) -> RunPython:
    """Let the application role update only these columns of the table, and delete no rows."""

    def forward(apps: Any, editor: Any) -> None:
        _execute(editor, "revoke update, delete, truncate on {table} from {role}", table=table)
        for column in columns:
            _execute(editor, "grant update ({column}) on {table} to {role}", table=table, column=column)

    def backward(apps: Any, editor: Any) -> None:
        _execute(editor, "grant update, delete on {table} to {role}", table=table)

    return RunPython(forward, backward)
