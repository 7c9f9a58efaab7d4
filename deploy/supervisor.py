"""Starts the database, the worker, the beat and the web server in order, restarts any that end, and stops them all."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import psutil

from deploy import preparation
from deploy.database import Database, DatabaseFailed
from deploy.environment import ROOT, Place, base_environment
from deploy.preparation import Stamps, Step
from deploy.processes import Child, describe_exit

READY_WITHIN = 90.0
QUICK_DEATH = 3.0
PATIENT_DEATHS = 6
DATABASE_SETTINGS = ("DATABASE_URL", "DATABASE_OWNER_URL", "EMBEDDED")


class Unusable(Exception):
    """PooledCare cannot run like this; the message says why and what to do."""


class Stopped(Exception):
    """Raised by `_tick` after a signal to stop."""


class Supervisor:
    def __init__(self, place: Place, *, demo: bool) -> None:
        self.place = place
        self.demo = demo
        self.environment = base_environment(place)
        self.database: Database | None = None
        self.children: dict[str, Child] = {}
        self.deaths: dict[str, int] = {}
        self.stopping = False
        self.announced = False

    def run(self) -> int:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._stop)
        self._end_previous_run()
        self._require_free_port()
        try:
            self._start_database()
            self._prepare()
            for child in self._programs():
                self._launch(child)
            self._wait_until_ready()
            self._announce()
            while True:
                self._tick(0.3)
        except Stopped:
            print("\nStopping …", flush=True)
            return 0
        finally:
            self._stop_everything()

    # ── Starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _start_database(self) -> None:
        if self.environment.get("DATABASE_URL"):
            if not self.environment.get("DATABASE_OWNER_URL"):
                raise Unusable("DATABASE_URL is set but DATABASE_OWNER_URL, which migrates it, is not.")
            return
        self._say("Starting PostgreSQL")
        self.database = Database(self.place.var / "postgres", log=self.place.log("postgres"))
        server = self.database.prepare()
        self._launch(server)
        self.database.wait_until_ready(server)
        self.database.ensure_roles()
        urls = self.database.urls
        self.environment |= {"DATABASE_URL": urls.application, "DATABASE_OWNER_URL": urls.owner, "EMBEDDED": "1"}

    def _prepare(self) -> None:
        steps = [
            preparation.MIGRATE,
            preparation.REFERENCE,
            preparation.LAW,
            preparation.AGREEMENTS,
            preparation.FIGURES,
        ]
        if self.demo and self.database:
            steps.append(preparation.DEMO)
        self._run_steps([preparation.COLLECT], Stamps(self.place.var / "static.stamps.json"))
        # An external database may have changed since the last run, so no step is skipped.
        home = self.database.home if self.database else None
        self._run_steps(steps, Stamps(home / "stamps.json") if home else None)

    def _run_steps(self, steps: Iterable[Step], stamps: Stamps | None) -> None:
        for step in steps:
            if stamps and stamps.is_fresh(step):
                continue
            self._say(step.says)
            child = Child(step.command[0], step.arguments(), self.place.log(step.command[0]), env=self.environment)
            child.start()
            try:
                while (code := child.exit_code()) is None:
                    self._tick(0.05)
            finally:
                child.stop()
            if code != 0:
                raise Unusable(f"`manage.py {step.command[0]}` failed ({describe_exit(code)}):\n{child.tail(30)}")
            if stamps:
                stamps.record(step)

    def _programs(self) -> list[Child]:
        celery = [sys.executable, "-m", "celery", "-A", "pooledcare", "--workdir", str(ROOT)]
        concurrency = self.environment.get("WORKER_CONCURRENCY", "2")
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        commands: dict[str, list[str | Path]] = {
            "worker": [
                *celery,
                "worker",
                "--loglevel=INFO",
                f"--concurrency={concurrency}",
                "--hostname=worker@pooledcare",
                *quiet,
            ],
            "beat": [
                *celery,
                "beat",
                "--loglevel=INFO",
                "--pidfile=",
                "--schedule",
                self.place.var / "beat" / "schedule",
            ],
            "web": [
                sys.executable,
                "-m",
                "gunicorn",
                "--config",
                ROOT / "deploy" / "gunicorn.conf.py",
                "pooledcare.wsgi",
            ],
        }
        # Web server and worker connect as the application role, so they do not get the owner's password.
        environment = {name: value for name, value in self.environment.items() if name != "DATABASE_OWNER_URL"}
        own = {"web": {"DATABASE_POOL": "1"}}
        return [
            Child(name, command, self.place.log(name), env=environment | own.get(name, {}), cwd=ROOT)
            for name, command in commands.items()
        ]

    def _launch(self, child: Child) -> None:
        child.start()
        self.children[child.name] = child
        self._write_run_file()

    def _wait_until_ready(self) -> None:
        self._say("Starting the worker and the web server")
        deadline = time.monotonic() + READY_WITHIN
        while self._status_of("/health/ready") != 200:
            if time.monotonic() > deadline:
                raise Unusable(
                    f"The site was not ready within {READY_WITHIN:.0f} seconds:\n{self.children['web'].tail()}"
                )
            self._tick(0.4)

    def _announce(self) -> None:
        print(f"\nPooledCare is at {self.place.url}\n", flush=True)
        if self.demo and self.database:
            command = [sys.executable, str(ROOT / "manage.py"), "demo_logins", "--skip-checks"]
            subprocess.run(command, env=self.environment, cwd=ROOT, check=False)
        print("\nCtrl-C stops all of it.", flush=True)
        self.announced = True

    # ── Watching ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tick(self, seconds: float) -> None:
        """Wait, then restart any child that has ended. Raises Stopped if a signal to stop has arrived."""
        time.sleep(seconds)
        if self.stopping:
            raise Stopped
        for child in list(self.children.values()):
            code = child.exit_code()
            if code is not None:
                self._restart(child, code)

    def _restart(self, child: Child, code: int) -> None:
        """Restart a child. Raises Unusable if it keeps ending soon after it starts, or ended during start-up."""
        quick = time.monotonic() - child.started_at < QUICK_DEATH
        self.deaths[child.name] = self.deaths.get(child.name, 0) + 1 if quick else 0
        child.end_group()
        if self.deaths[child.name] >= (PATIENT_DEATHS if self.announced else 1):
            raise Unusable(f"The {child.name} does not keep running ({describe_exit(code)}):\n{child.tail(30)}")
        print(f"The {child.name} ended ({describe_exit(code)}); starting it again.\n{child.tail(5)}", flush=True)
        time.sleep(0.5 * self.deaths[child.name])
        if child.name == "postgres" and self.database:
            child = self._same_database(self.database)
        self._launch(child)

    def _same_database(self, database: Database) -> Child:
        """The server again, on the same port, because web and worker cannot change theirs. Raises DatabaseFailed."""
        port = database.port
        server = database.prepare()
        if database.port != port:
            raise DatabaseFailed(
                f"Port {port}, which PostgreSQL used, was taken by another program while PostgreSQL was not running."
            )
        return server

    def _status_of(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": urlsplit(self.environment["PUBLIC_URL"]).netloc})
            return connection.getresponse().status
        return 0

    # ── Stopping ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _stop_everything(self) -> None:
        """Stop the programs that use the database, all at the same time; then stop the database."""
        users = [child for child in self.children.values() if child.name != "postgres"]
        for child in users:
            child.ask_to_stop()
        for child in users:
            child.stop()
        if "postgres" in self.children:
            self.children["postgres"].stop()
        if self.database:
            self.database.end_leftovers()
        (self.place.var / "run.json").unlink(missing_ok=True)

    # ── The run file, and other runs ─────────────────────────────────────────────────────────────────────────────────

    def _write_run_file(self) -> None:
        """Write run.json: what is running, and how to reach it. Used by `beside.py`, the next run and fault tests."""
        running = {name: child.pid for name, child in self.children.items()}
        content = {
            "pid": os.getpid(),
            "port": self.place.port,
            "url": self.place.url,
            "ready": f"{self.place.url}/health/ready",
            "processes": running,
            "started": {
                name: psutil.Process(pid).create_time() for name, pid in running.items() if psutil.pid_exists(pid)
            },
            "log": str(self.place.var / "log"),
            "environment": {name: self.environment[name] for name in DATABASE_SETTINGS if name in self.environment},
        }
        path = self.place.var / "run.json"
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(content, indent=1))
        draft.replace(path)

    def _end_previous_run(self) -> None:
        """Kill processes left over from a run that was itself killed, and delete its run.json."""
        path = self.place.var / "run.json"
        if not path.exists():
            return
        previous = json.loads(path.read_text())
        for name, pid in previous["processes"].items():
            reused = psutil.pid_exists(pid) and psutil.Process(pid).create_time() != previous["started"].get(name)
            if name != "postgres" and not reused:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
        path.unlink()

    def _require_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.place.port))
            except OSError:
                raise Unusable(
                    f"Port {self.place.port} is in use by another program. Choose another: PORT=8001 make run."
                ) from None

    def _say(self, text: str) -> None:
        print(f"{text} …", flush=True)
