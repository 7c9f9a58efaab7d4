#!/usr/bin/env python
"""Run a command with an embedded PostgreSQL for tests: `with_database.py [--home DIR] -- command…`.

It is for test data only: without `--durable` it does not wait for writes to reach the disk.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.database import FAST_AND_LOOSE, Database, DatabaseFailed  # noqa: E402
from deploy.lock import AlreadyRunning, only_one  # noqa: E402
from deploy.processes import die_with_parent  # noqa: E402
from deploy.unprivileged import CannotRunUnprivileged  # noqa: E402


def environment(database: Database) -> dict[str, str]:
    """The environment of the command. The caller's variables override the defaults, but not the database URLs."""
    defaults = {"SECRET_KEY": secrets.token_urlsafe(48), "EMBEDDED": "1", "BIND": "127.0.0.1:8000"}
    urls = {"DATABASE_URL": database.urls.application, "DATABASE_OWNER_URL": database.urls.owner}
    return {**defaults, **os.environ, **urls}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "test-postgres")
    parser.add_argument(
        "--durable", action="store_true", help="wait for writes to reach the disk, as a real installation does"
    )
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a PostgreSQL setting")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- command and its arguments")
    found = parser.parse_args()
    found.command = found.command[1:] if found.command[:1] == ["--"] else found.command
    if not found.command:
        parser.error("no command given")
    return found


def run(options: argparse.Namespace) -> int:
    settings = ({} if options.durable else FAST_AND_LOOSE) | dict(pair.split("=", 1) for pair in options.set)
    database = Database(options.home.resolve(), log=options.home.resolve() / "postgres.log", settings=settings)
    server = database.prepare()
    server.start()
    try:
        database.wait_until_ready(server)
        database.ensure_roles()
        command = subprocess.Popen(
            options.command, env=environment(database), preexec_fn=die_with_parent(signal.SIGTERM)
        )
        for signum in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda received, _: command.send_signal(received))
        while True:
            try:
                return command.wait()
            except KeyboardInterrupt:  # the terminal has sent Ctrl-C to the command too
                continue
    finally:
        server.stop()


def main() -> int:
    options = arguments()
    options.home.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(options.home / "lock"):
            return run(options)
    except AlreadyRunning:
        sys.exit(f"Another command is using the database in {options.home}. Wait for it, or give another --home.")
    except (DatabaseFailed, CannotRunUnprivileged) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    sys.exit(main())
