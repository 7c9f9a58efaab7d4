"""Test databases, cloned from templates: one that is only migrated, and two that also hold England's published data.

Cloning copies files inside PostgreSQL and takes a fraction of a second; migrating and loading take many. A template is
built by the first worker that needs it, and again when a file that went into it has changed. A test may commit to its
clone whatever it likes: nobody empties it afterwards, it is dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
APPS = ("pooledcare", "partnerships", "budgets", "consultations")
ALL_FILES = ("*.py", "*.sql", "*.csv", "*.toml")
LOCK = 7_305_101  # any number that nothing else locks


@cache
def migrated() -> str:
    """The name of the template with empty tables."""
    return _template("migrated", "template1", ["migrate"], ("migrations/*.py", "*.sql", "kernel/*.py"))


@cache
def england_without_nhs_england() -> str:
    """The name of the template with the reference data, the councils' figures and the law."""
    commands = ("load_reference", ("load_figures", "--without-publisher", "X24"), "load_law")
    return _template("councils", migrated(), commands, ALL_FILES)


@cache
def england() -> str:
    """The name of the template with the reference data, all published figures and the law."""
    return _template("england", england_without_nhs_england(), ["load_figures"], ALL_FILES)


@contextmanager
def cloned(template: str, suffix: str) -> Iterator[str]:
    """Work in a clone of `template`, named after the worker's database, until the block ends; then drop it."""
    name = f"{connection.settings_dict['NAME']}_{suffix}"
    with _server() as server:
        _drop(server, name)
        _create(server, name, template)
    with using(name):
        yield name
    with _server() as server:
        _drop(server, name)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Connect to the database `name` instead, in every thread, until the block ends."""
    before = connection.settings_dict["NAME"]
    _switch(name)
    try:
        yield
    finally:
        _switch(before)


def _switch(name: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name  # one dictionary for all threads


def _template(kind: str, base: str, commands: Iterable[str | tuple[str, ...]], patterns: Iterable[str]) -> str:
    """The template of this kind for the files as they are now; the commands fill a clone of `base`, if there is none.

    A build that is interrupted leaves a draft and no template. Templates of earlier files are dropped.
    """
    name, draft = f"pooledcare_{kind}_{_digest(patterns)}", f"pooledcare_{kind}_draft"
    with _server() as server:
        server.execute("select pg_advisory_lock(%s)", [LOCK])
        known = [row[0] for row in server.execute("select datname from pg_database")]
        if name not in known:
            for earlier in known:
                if earlier.startswith(f"pooledcare_{kind}_"):
                    _drop(server, earlier)
            _create(server, draft, base)
            with using(draft):
                for command in commands:
                    call_command(*([command] if isinstance(command, str) else command), verbosity=0)
            server.execute(
                sql.SQL("alter database {} rename to {}").format(sql.Identifier(draft), sql.Identifier(name))
            )
    return name


def _create(server: psycopg.Connection, name: str, template: str) -> None:
    server.execute(
        sql.SQL("create database {} template {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """A connection that belongs to no test, as the owner of the tables."""
    known = connection.settings_dict
    with psycopg.connect(
        dbname="postgres", user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"],
        autocommit=True,
    ) as server:  # fmt: skip
        yield server


def _digest(patterns: Iterable[str]) -> str:
    """Of the installed packages and of all files of the apps with such names."""
    found = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted({path for app in APPS for pattern in patterns for path in (ROOT / app).rglob(pattern)}):
        found.update(str(path.relative_to(ROOT)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
