"""The embedded server: made once, restarted after every kind of end, two roles with exactly their rights."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy.database import Database
from deploy.processes import Child

pytestmark = pytest.mark.slow


@contextmanager
def running(home: Path) -> Iterator[tuple[Database, Child]]:
    database = Database(home, log=home.parent / "postgres.log", settings={"shared_buffers": "16MB"})
    server = database.prepare()
    server.start()
    try:
        database.wait_until_ready(server)
        database.ensure_roles()
        yield database, server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only its maker may enter the directory above, so that as root this is the hardest case."""
    above = tmp_path_factory.mktemp("private")
    above.chmod(0o700)
    return above / "postgres"


def test_what_was_written_is_there_after_a_restart_on_the_same_port(home: Path):
    with running(home) as (database, _):
        port = database.port
        with psycopg.connect(database.urls.owner) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 'Mereshire' AS name")
    with running(home) as (database, _):
        assert database.port == port
        with psycopg.connect(database.urls.owner) as owner:
            assert owner.execute("SELECT name FROM kept").fetchone() == ("Mereshire",)
            owner.execute("DROP TABLE kept")


def test_the_application_role_may_neither_make_nor_read_tables_until_it_is_granted_them(home: Path):
    with running(home) as (database, _):
        with psycopg.connect(database.urls.owner) as owner:
            owner.execute("CREATE TABLE owned (a int)")
        with psycopg.connect(database.urls.application, autocommit=True) as application:
            for attempt in (
                "CREATE TABLE mine (a int)",
                "SELECT * FROM owned",
                "DROP TABLE owned",
                "SET ROLE pooledcare_owner",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    application.execute(attempt)
        with psycopg.connect(database.urls.owner) as owner:
            owner.execute("SET ROLE pooledcare_app")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("SELECT * FROM owned")


def test_text_is_utf8_and_sorts_the_same_on_every_machine(home: Path):
    with running(home) as (database, _), psycopg.connect(database.urls.owner) as owner:
        found = owner.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        assert found == ("UTF8", "b", "C.UTF-8")
        assert owner.execute("SELECT upper('ŷ £')").fetchone() == ("Ŷ £",)


def test_it_starts_again_after_being_killed(home: Path):
    with running(home) as (database, server):
        with psycopg.connect(database.urls.owner, autocommit=True) as owner:
            owner.execute("CREATE TABLE survivor AS SELECT 1")
        os.kill(server.pid, signal.SIGKILL)
        assert server.process is not None
        server.process.wait()
        again = database.prepare()
        again.start()
        try:
            database.wait_until_ready(again)
            with psycopg.connect(database.urls.owner) as owner:
                assert owner.execute("SELECT count(*) FROM survivor").fetchone() == (1,)
        finally:
            again.stop()


def test_a_lock_file_that_names_another_living_process_is_no_obstacle(home: Path):
    with running(home):
        pass
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n1700000000\n5432\n\n127.0.0.1\n")
    with running(home) as (database, _), psycopg.connect(database.urls.owner) as owner:
        assert owner.execute("SELECT 1").fetchone() == (1,)


def test_passwords_are_kept_from_others(home: Path):
    with running(home) as (database, _):
        assert stat.S_IMODE((home / "passwords.json").stat().st_mode) == 0o600
        wrong = database.urls.application.replace(database.passwords["pooledcare_app"], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_it_listens_on_the_loopback_only(home: Path):
    with running(home) as (database, _), psycopg.connect(database.urls.superuser) as superuser:
        found = superuser.execute(
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        )
        assert found.fetchone() == ("127.0.0.1", "")
