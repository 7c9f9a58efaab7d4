"""A whole PooledCare of its own, driven over HTTP and watched in its database, whose processes tests may kill."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import psycopg

from pooledcare.uploads.terms import FOLLOWS, OPEN_STATES, UploadState
from tests.deploy.test_run import ROOT, Site, environment, wait_for
from tests.faults.files import Figures, write_figures

RECOVERY = 60.0  # what the bars allow, from the kill to the end of the work
ENDS = {"awaiting_second_person", "accepted", "refused", "failed"}
LARGE = 100_000  # bytes: no other temporary file of the site is
ROWS = int(os.environ.get("FAULT_ROWS", "10000"))
ACCEPTANCE = ROWS / 15_000  # seconds that a worker is at least busy with accepting so many rows
SEED = int(os.environ.get("FAULT_SEED", "20250401"))
# How long a lease lasts, and how often the sweep and the tidying come. The bound on recovery is the same for both.
SHORT = {"UPLOAD_LEASE_SECONDS": "4", "UPLOAD_SWEEP_SECONDS": "1", "UPLOAD_TIDY_SECONDS": "5"}
PRODUCTION: dict[str, str] = {}  # nothing is set, so the defaults of pooledcare/settings.py hold


class Answer:
    """What the server said."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class Installation(Site):
    """The site, the keys of two people in it, and a connection by which everything is seen as it is."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.files = var.parent
        self.temporary = var.parent / "temporary"
        self.temporary.mkdir()
        self.periods = SHORT
        self.chance = random.Random(SEED)
        self.recoveries: dict[str, float] = {}
        self.blows: list[float] = []
        self._numbers = iter(range(54))
        self._database: psycopg.Connection | None = None

    def start(self) -> None:
        with mock.patch.dict(os.environ, {**self.periods, "TMPDIR": str(self.temporary)}):
            super().start()

    def populate(self) -> None:
        made = self.command([sys.executable, "-m", "tests.faults.people"], as_owner=True)
        self.keys: dict[str, str] = json.loads(made.splitlines()[-1])

    def command(self, command: list[str], *, as_owner: bool = False) -> str:
        """Run beside the installation, with its settings."""
        beside = [sys.executable, str(ROOT / "deploy" / "beside.py"), "--var", str(self.var), "--"]
        if as_owner:
            url = self.run_file()["environment"]["DATABASE_OWNER_URL"]
            beside += ["env", f"DATABASE_URL={url}"]
        done = subprocess.run(beside + command, env=environment(), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, method: str, path: str, *, who: str = "officer", body: bytes | None = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.keys[who]}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        address = f"http://localhost:{self.port}/api/v1{path}"
        request = urllib.request.Request(address, data=body, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own host
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def figures(self, rows: int = 0) -> Figures:
        number = next(self._numbers)
        return write_figures(self.files / f"figures-{number}.csv", number, rows or ROWS)

    def post(self, figures: Figures, *, key: str = "") -> Answer:
        boundary, body = multipart(figures.path)
        content_type = f"multipart/form-data; boundary={boundary}"
        headers = {"Content_Type": content_type, "Idempotency_Key": key or uuid.uuid4().hex}
        return self.ask("POST", "/uploads/", body=body, **headers)

    def send(self, figures: Figures) -> int:
        """The number of the upload."""
        answer = self.post(figures)
        assert answer.status == 202, answer.body
        return int(answer.json()["reference"].removeprefix("UP-"))

    def accept(self, upload: int) -> Answer:
        tag = self.ask("GET", f"/uploads/UP-{upload}/", who="approver").headers["ETag"]
        return self.ask("POST", f"/uploads/UP-{upload}/accept/", who="approver", If_Match=tag)

    # ── As it is in the database ─────────────────────────────────────────────────────────────────────────────────────

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asks again on a new connection when the database has been away."""
        deadline = time.monotonic() + 60
        while True:
            try:
                if self._database is None or self._database.closed:
                    url = self.run_file()["environment"]["DATABASE_OWNER_URL"]
                    self._database = psycopg.connect(url, autocommit=True, connect_timeout=5)
                return self._database.execute(statement, values).fetchall()
            except psycopg.OperationalError:
                if self._database is not None:
                    self._database.close()
                assert time.monotonic() < deadline, "the database does not answer"
                time.sleep(0.1)

    def value(self, statement: str, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    def state(self, upload: int) -> str:
        return str(self.value("select state from uploads_upload where id = %s", upload))

    def wait_for_state(self, upload: int, states: set[str], *, seconds: float = RECOVERY) -> str:
        wait_for(lambda: self.state(upload) in states, seconds=seconds, what=f"UP-{upload} is one of {states}")
        return self.state(upload)

    # ── Faults ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def kill(self, name: str) -> float:
        """End a process of ours outright; returns when that was."""
        os.kill(self.run_file()["processes"][name], signal.SIGKILL)
        return self._struck()

    def kill_child_of_worker(self) -> float:
        """End only the processes that do the work; their parent lives."""
        parent = psutil.Process(self.run_file()["processes"]["worker"])
        for child in parent.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        return self._struck()

    def _struck(self) -> float:
        self.blows.append(time.monotonic())
        return self.blows[-1]

    def catch(self, upload: int, state: str, *, delay: float = 0.0) -> None:
        """Return while the upload is in that state, as exactly as asking the database every few milliseconds can."""
        deadline = time.monotonic() + RECOVERY
        order = list(UploadState)
        while (now := self.state(upload)) != state:
            assert order.index(UploadState(now)) < order.index(UploadState(state)), f"{state} was missed: {now}"
            assert time.monotonic() < deadline, f"UP-{upload} never came to be {state}: {now}"
            time.sleep(0.002)
        time.sleep(delay)

    def recovered(self, what: str, upload: int, since: float, states: set[str]) -> None:
        """Wait until the upload has got there, within what the bars allow, and note how long it took.

        A kill that came while the upload was still recovering from an earlier one begins its minute anew.
        """
        left = RECOVERY - (time.monotonic() - max([since, *self.blows]))
        self.wait_for_state(upload, states, seconds=left)
        ago = self.value("select extract(epoch from now() - state_at) from uploads_upload where id = %s", upload)
        finished = time.monotonic() - float(ago)
        last = max([since, *(blow for blow in self.blows if blow <= finished)])
        self.recoveries[what] = max(0.0, finished - last)

    def catch_at_work(self, upload: int) -> None:
        """Return once a worker has begun to write the figures."""
        busy = "select lease_token is not null or state <> 'accepting' from uploads_upload where id = %s"
        deadline = time.monotonic() + RECOVERY
        while not self.value(busy, upload):
            assert time.monotonic() < deadline, f"nobody works on UP-{upload}"
            time.sleep(0.002)

    def worker_is_back(self) -> bool:
        """A worker answers that has not been there before the last kill: its children wait for work."""
        pid = self.run_file()["processes"]["worker"]
        # A message that somebody takes while they are read is not there any more.
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
            if len(psutil.Process(pid).children()) >= 2:
                return not any("work_upload" in path.read_text() for path in self.messages())
        return False

    def messages(self) -> list[Path]:
        return list((self.var / "broker" / "queue").rglob("*.msg"))

    def lose_messages(self) -> int:
        lost = self.messages()
        for message in lost:
            message.unlink()
        return len(lost)

    def repeat_messages(self, times: int) -> None:
        """The broker delivers what it delivers more than once."""
        for message in self.messages():
            for number in range(times - 1):
                (message.parent / f"{number}{message.name}").write_bytes(message.read_bytes())

    @contextlib.contextmanager
    def without_broker(self) -> Iterator[None]:
        """Nobody can leave or find a message."""
        queue, away = self.var / "broker" / "queue", self.var / "broker" / "away"
        queue.rename(away)
        try:
            yield
        finally:
            away.rename(queue)

    def stored_files(self) -> set[str]:
        return {path.name for path in (self.var / "files").rglob("*") if path.is_file()}

    def half_received_files(self) -> list[str]:
        return [path.name for path in self.temporary.rglob("*") if path.is_file() and path.stat().st_size > LARGE]

    def is_receiving(self) -> bool:
        """Some web process has written a good part of a file that is still coming in; the file has no name."""
        web = psutil.Process(self.run_file()["processes"]["web"])
        for process in [web, *web.children()]:
            for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    is_ours = str(self.temporary) in str(descriptor.readlink())
                    if is_ours and descriptor.stat().st_size > LARGE:
                        return True
        return False

    def leave(self) -> None:
        """Stop, and let nobody outlive the test, however it ended."""
        if self._database is not None:
            self._database.close()
        if self.process.poll() is None:
            self.stop()

    @contextlib.contextmanager
    def without_worker(self) -> Iterator[None]:
        """The worker is away: stopped where it stands, then killed and brought back by its supervisor."""
        pid = self.run_file()["processes"]["worker"]
        members = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for member in members:
            member.suspend()
        try:
            yield
        finally:
            members[0].kill()

    # ── What must be true afterwards ─────────────────────────────────────────────────────────────────────────────────

    def check_accepted_once(self, upload: int, figures: Figures) -> None:
        """All of the file stands, to the penny, and nothing of it twice."""
        assert self.state(upload) == "accepted"
        count, total, first_versions, current = self.rows(
            "select count(*), sum(amount), count(*) filter (where version = 1), count(*) filter (where is_current)"
            " from budgets_allocation where upload_id = %s",
            upload,
        )[0]
        assert (count, total) == (figures.rows, figures.total)
        assert first_versions == current == figures.rows
        counts = self.value("select counts from uploads_upload where id = %s", upload)
        assert counts["new"] == figures.rows
        told = (
            ("directory_auditevent", "action = 'upload.accepted' and subject", f"upload:UP-{upload}"),
            ("uploads_uploadstatus", "state = 'accepted' and upload_id", upload),
            ("directory_change", "resource = 'allocations' and reference", f"UP-{upload}"),
        )
        for table, where, what in told:
            assert self.value(f"select count(*) from {table} where {where} = %s", what) == 1, table
        self.check_history(upload)

    def check_history(self, upload: int) -> None:
        steps = [state for (state,) in self.rows(
            "select state from uploads_uploadstatus where upload_id = %s order by id", upload
        )]  # fmt: skip
        assert steps[0] == "received"
        assert steps[-1] == self.state(upload)
        for earlier, later in pairwise(steps):
            assert later in FOLLOWS[earlier], steps

    def check_everything(self) -> None:
        """Totals equal their figures, every figure has an upload that stands, and no staged row is left behind."""
        assert "Every total equals" in self.command([sys.executable, "manage.py", "check_totals"])
        homeless = "select count(*) from budgets_allocation a join uploads_upload u on u.id = a.upload_id where u.state"
        assert self.value(f"{homeless} not in ('accepted', 'reversed')") == 0
        needed = [str(state) for state in OPEN_STATES]
        left_over = (
            "select count(*) from budgets_stagedallocation s join uploads_upload u on u.id = s.upload_id"
            " where u.state <> all(%s)"
        )
        wait_for(lambda: self.value(left_over, needed) == 0, seconds=90, what="staged rows are tidied away")
        assert self.stored_files() == {name for (name,) in self.rows("select stored_name from uploads_upload")}


def multipart(path: Path) -> tuple[str, bytes]:
    boundary = uuid.uuid4().hex
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in {"kind": "allocations", "published_on": "2025-04-01"}.items()
    )
    head = (
        f'{parts}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return boundary, head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
