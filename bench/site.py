"""The site as `make run` runs it, on a free port and one of the benchmarks' databases: gunicorn and a Celery worker."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.client import Client, Unexpected
from bench.databases import Filled, run
from deploy.environment import ROOT, Place, base_environment
from deploy.processes import Child

READY_WITHIN = 60.0


@dataclass(frozen=True)
class Site:
    port: int
    database: Filled
    web: Child
    worker: Child | None

    def client(self, who: str | None = None) -> Client:
        return Client(self.port, self.database.keys[who] if who else None)

    def worker_peak_mb(self) -> float:
        """The peak memory of any process of the worker. Files are processed in a child of it."""
        if self.worker is None:
            raise ValueError("This site has no worker.")
        return peak_mb(self.worker.pid)

    def web_peak_mb(self) -> float:
        return peak_mb(self.web.pid)


def peak_mb(pid: int) -> float:
    """VmHWM of a process or of any of its children, whichever is largest."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    peaks = []
    for process in family:
        with suppress(FileNotFoundError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def static_files(home: Path) -> None:
    """Collect static files, once for all sites: pages refer to bundled files by their hash."""
    run(
        [str(ROOT / "manage.py"), "collectstatic", "--noinput", "--clear", "--verbosity=0"],
        {**os.environ, "STATIC_ROOT": str(home / "static")},
    )


def environment(home: Path, place: Place, database: Filled) -> dict[str, str]:
    """The environment that the supervisor would make, with rate limits that are active but too high to be reached."""
    given = base_environment(place)
    own = {
        "VAR_DIR": str(place.var),
        "MEDIA_ROOT": str(place.var / "files"),
        "BROKER_DIR": str(place.var / "broker"),
        "EMAIL_URL": f"file:{place.var / 'mail'}",
        "STATIC_ROOT": str(home / "static"),
        "PUBLIC_URL": place.url,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DATABASE_URL": database.urls.application,
        "CELERY_BROKER_URL": "filesystem://",
        "DJANGO_SETTINGS_MODULE": "bench.site_settings",
        "API_RATE_ANONYMOUS": "1000000000",
        "API_RATE_KEY": "1000000000",
        "LOG_LEVEL": "WARNING",
        "DEBUG": "0",
    }
    return {name: value for name, value in (given | own).items() if name != "DATABASE_OWNER_URL"}


@contextmanager
def site(home: Path, database: Filled, *, worker: bool = True) -> Iterator[Site]:
    port = free_port()
    place = Place(home / f"site-{port}", port)
    place.make_folders()
    env = environment(home, place, database)
    celery = [
        sys.executable, "-m", "celery", "-A", "pooledcare", "worker", "--loglevel=WARNING", "--concurrency=1",
        "--hostname=worker@bench", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    gunicorn = [
        sys.executable, "-m", "gunicorn", "--config", ROOT / "deploy" / "gunicorn.conf.py", "pooledcare.wsgi",
    ]  # fmt: skip
    web = Child("web", gunicorn, place.log("web"), env=env | {"DATABASE_POOL": "1"}, cwd=ROOT)
    helper = Child("worker", celery, place.log("worker"), env=env, cwd=ROOT) if worker else None
    children = [child for child in (web, helper) if child is not None]
    try:
        for child in children:
            child.start()
        _wait_until_ready(port, children)
        yield Site(port, database, web, helper)
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
        for path in sorted(place.var.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        place.var.rmdir()


def _wait_until_ready(port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        for child in children:
            if not child.is_running():
                raise Unexpected(f"The {child.name} stopped:\n{child.tail()}")
        # On a busy machine it may answer that it is not ready yet.
        with suppress(OSError, Unexpected), Client(port) as client:
            client.ask("/health/ready")
            return
        if time.monotonic() > deadline:
            raise Unexpected(f"The site was not ready:\n{children[0].tail()}")
        time.sleep(0.1)
