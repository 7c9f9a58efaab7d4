"""`make run`'s supervisor: starts everything, brings back what is killed, stops all of it and leaves nobody."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = [sys.executable, str(ROOT / "deploy" / "run.py")]
ERROR = re.compile(r"\b(?:ERROR|CRITICAL)\b|^Traceback")
OUTSIDE = {"DATABASE_URL", "DATABASE_OWNER_URL", "EMBEDDED", "BIND", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def environment() -> dict[str, str]:
    """As on a machine where nothing is set: the supervisor makes its own database."""
    return {name: value for name, value in os.environ.items() if name not in OUTSIDE}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


class Site:
    """A supervisor in a directory of its own, without the demonstration."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.output = var.parent / "output.txt"

    def start(self) -> None:
        command = [*RUN, "--var", str(self.var), "--port", str(self.port), "--no-demo"]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(command, env=environment(), stdout=output, stderr=output)
        wait_for(self.has_announced_itself, seconds=180, what="the address is printed")

    def has_announced_itself(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        return "Ctrl-C stops" in self.output.read_text()

    def run_file(self) -> dict:
        return json.loads((self.var / "run.json").read_text())

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def members(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def logged(self) -> dict[str, int]:
        """How many bytes the programs have written to each log."""
        return {name: (self.var / "log" / f"{name}.log").stat().st_size for name in ("worker", "beat", "web")}

    def lines_since(self, then: dict[str, int]) -> list[str]:
        """What the programs have written to their logs since, and all that the supervisor has printed."""
        lines = self.output.read_text().splitlines()
        for name, size in then.items():
            lines += (self.var / "log" / f"{name}.log").read_bytes()[size:].decode().splitlines()
        return lines

    def errors_since(self, then: dict[str, int]) -> list[str]:
        return [line for line in self.lines_since(then) if ERROR.search(line)]

    def has_a_worker(self) -> bool:
        """Its processes wait for work. The site is ready without them."""
        return len(psutil.Process(self.run_file()["processes"]["worker"]).children()) >= 2

    def stop(self, signum: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(signum)
        return self.process.wait(60)


@pytest.fixture
def site(installation: Site) -> Site:
    """The one that the tests of faults kill next."""
    return installation


@pytest.mark.parametrize("name", ["worker", "beat", "web", "postgres"])
def test_whoever_is_killed_comes_back_within_a_minute(site: Site, name: str):
    before = site.run_file()["processes"][name]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: site.run_file()["processes"][name] != before, seconds=60, what=f"a new {name}")
    wait_for(site.is_ready, seconds=60, what="ready again")
    assert f"The {name} ended (killed by SIGKILL); starting it again." in site.output.read_text()


def test_the_web_server_and_the_worker_do_not_hold_the_owner(site: Site):
    processes = site.run_file()["processes"]
    for name in ("web", "worker", "beat"):
        environ = psutil.Process(processes[name]).environ()
        assert "pooledcare_app" in environ["DATABASE_URL"]
        assert "DATABASE_OWNER_URL" not in environ


def test_what_the_web_server_forks_from_has_no_connection(site: Site):
    """Two processes at one connection would read each other's answers."""
    parent = psutil.Process(site.run_file()["processes"]["web"])

    def serves_from_the_database() -> bool:
        connections = [one for child in parent.children() for one in child.net_connections()]
        return site.is_ready() and any(one.status == psutil.CONN_ESTABLISHED for one in connections)

    wait_for(serves_from_the_database, seconds=60, what="a web process with a connection")
    assert {one.status for one in parent.net_connections()} == {psutil.CONN_LISTEN}


def test_a_second_run_says_that_there_is_one(site: Site):
    second = subprocess.run([*RUN, "--var", str(site.var)], env=environment(), capture_output=True, text=True)
    assert second.returncode == 1
    assert second.stderr == (
        f"PooledCare is already running from this directory (process {site.process.pid}). Stop that one first.\n"
    )


def test_a_port_in_use_is_named(site: Site, tmp_path: Path):
    command = [*RUN, "--var", str(tmp_path / "var"), "--port", str(site.port)]
    other = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert other.returncode == 1
    assert f"Port {site.port} is in use by another program." in other.stderr


def test_a_database_elsewhere_needs_its_owner_too(tmp_path: Path):
    command = [*RUN, "--var", str(tmp_path / "var"), "--port", str(free_port())]
    elsewhere = environment() | {"DATABASE_URL": "postgresql://app@db.example/pooledcare"}
    refused = subprocess.run(command, env=elsewhere, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "DATABASE_URL is set but DATABASE_OWNER_URL, which migrates it, is not." in refused.stderr


def test_half_a_configuration_is_refused_in_a_sentence_and_leaves_no_process(tmp_path: Path):
    command = [*RUN, "--var", str(tmp_path / "var"), "--port", str(free_port())]
    wrong = environment() | {"EMAIL_URL": "carrier-pigeon://loft"}
    refused = subprocess.run(command, env=wrong, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "EMAIL_URL must begin with file:, smtp:// or smtps://." in refused.stderr
    assert [
        one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or [])
    ] == []


def test_a_run_that_was_killed_outright_is_followed_by_one_that_works(site: Site):
    left_behind = site.members()
    site.process.kill()
    site.process.wait()
    site.start()
    assert site.is_ready()
    wait_for(lambda: not [one for one in left_behind if one.is_running()], seconds=30, what="the old ones are gone")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_process_and_the_next_start_is_quick_and_no_log_tells_of_an_error(
    site: Site, signum: signal.Signals
):
    wait_for(site.has_a_worker, seconds=60, what="the worker")
    members, logged = site.members(), site.logged()
    assert len(members) > 6
    assert site.stop(signum) == 0
    assert [one for one in members if one.is_running()] == []
    assert not (site.var / "run.json").exists()
    began = time.monotonic()
    site.start()
    # Twenty seconds of two cores: other tests run beside this one, and a busier machine gives it a smaller share.
    crowding = max(1.0, os.getloadavg()[0] / 2)
    assert time.monotonic() - began < 20 * crowding
    wait_for(site.has_a_worker, seconds=60, what="the worker")
    assert "worker: Warm shutdown (MainProcess)" in site.lines_since(logged)
    assert site.errors_since(logged) == []
