"""The databases of the benchmarks: filled once through the upload pipeline, then copied for every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from deploy.database import BIN
from deploy.environment import ROOT
from deploy.preparation import APPS, fingerprint

SOURCES = (
    *(f"{app}/{name}" for app in APPS for name in ("migrations", "sql", "reference", "models", "models.py")),
    "bench/data.py",
    "bench/populate.py",
)


@dataclass(frozen=True)
class Urls:
    """One database under its two roles."""

    application: str
    owner: str

    @classmethod
    def given(cls) -> Urls:
        return cls(os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"])

    @property
    def name(self) -> str:
        return urlsplit(self.owner).path.lstrip("/")

    def named(self, name: str) -> Urls:
        return Urls(*(urlsplit(url)._replace(path=f"/{name}").geturl() for url in (self.application, self.owner)))

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.owner, autocommit=True)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(statement, values or None).fetchall()

    def value(self, statement: str, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def psql(self, command: str, *, into: Path | None = None) -> None:
        """Run a psql command as the owner of the database; its output goes into the file `into`."""
        parts = urlsplit(self.owner)
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
            "PGDATABASE": self.name,
        }
        program = [str(BIN / "psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", command]
        with (into or Path(os.devnull)).open("wb") as output:
            subprocess.run(program, env=env, check=True, stdout=output)


@dataclass(frozen=True)
class Filled:
    """A database with `rows` allocations of fictional organisations, and the API keys of two people."""

    urls: Urls
    rows: int
    organisations: int
    keys: dict[str, str] = field(repr=False)

    @contextmanager
    def copy(self, suffix: str):  # type: ignore[no-untyped-def]
        """A temporary copy of the database, dropped afterwards. Nobody may be connected to the original meanwhile."""
        urls = self.urls.named(f"{self.urls.name}_{suffix}")
        create(urls, like=self.urls)
        try:
            yield Filled(urls, self.rows, self.organisations, self.keys)
        finally:
            drop(urls.name)


def filled(home: Path, *, rows: int, organisations: int) -> Filled:
    """The database of that size; that of an earlier run is used again unless what it was made from has changed."""

    def fill(urls: Urls) -> dict[str, str]:
        print(f"Making a database of {rows:,} allocations over {organisations:,} fictional organisations …", flush=True)
        create(urls, like=_bare(home))
        with tempfile.TemporaryDirectory() as files:
            as_owner = _environment(urls) | {"DATABASE_URL": urls.owner, "MEDIA_ROOT": files}
            made = run(["-m", "bench.populate", str(rows), str(organisations)], as_owner)
        keys: dict[str, str] = json.loads(made.splitlines()[-1])
        return keys

    urls, keys = _kept(home, str(rows), fill)
    return Filled(urls, rows, organisations, keys)


def _bare(home: Path) -> Urls:
    """A migrated database with only the reference organisations and places; all others start as copies of it."""

    def prepare(urls: Urls) -> dict[str, str]:
        create(urls)
        run([str(ROOT / "manage.py"), "migrate", "--verbosity=0"], _environment(urls))
        run([str(ROOT / "manage.py"), "load_reference"], _environment(urls))
        return {}

    return _kept(home, "bare", prepare)[0]


def _kept(home: Path, suffix: str, make: Callable[[Urls], dict[str, str]]) -> tuple[Urls, dict[str, str]]:
    """A database and its API keys, made again if what it is made from has changed."""
    urls = Urls.given().named(f"{Urls.given().name}_bench_{suffix}")
    note = home / f"{urls.name}.json"
    wanted = fingerprint(SOURCES)
    there = Urls.given().value("select count(*) from pg_database where datname = %s", urls.name)
    if there and note.exists() and (kept := json.loads(note.read_text()))["made_of"] == wanted:
        return urls, kept["keys"]
    note.unlink(missing_ok=True)
    keys = make(urls)
    urls.execute("vacuum (analyze)")
    note.touch(mode=0o600)
    note.write_text(json.dumps({"made_of": wanted, "keys": keys}))
    return urls, keys


def _environment(urls: Urls) -> dict[str, str]:
    own = {"DATABASE_URL": urls.application, "DATABASE_OWNER_URL": urls.owner}
    return {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "pooledcare.settings"}


def create(urls: Urls, *, like: Urls | None = None) -> None:
    """Create a database of this name, empty or as a copy of `like`; an existing one is dropped."""
    drop(urls.name)
    copied = sql.SQL(" template {} strategy file_copy").format(sql.Identifier(like.name)) if like else sql.SQL("")
    with Urls.given().connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(urls.name)) + copied)


def discard(home: Path) -> None:
    """Drop every database that runs have left for later ones."""
    for note in home.glob("*_bench_*.json"):
        drop(note.stem)
        note.unlink()


def drop(name: str) -> None:
    """Drop a database that is no longer used; waits if the server is running a vacuum in it."""
    for attempts_left in reversed(range(5)):
        try:
            with Urls.given().connect() as connection:
                connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
            return
        except psycopg.errors.ObjectInUse:
            if not attempts_left:
                raise


def run(arguments: Sequence[str], environment: dict[str, str]) -> str:
    """Run a Python program of the project to its end; returns its output."""
    done = subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
