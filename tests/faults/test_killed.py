"""Whatever is killed in the middle of an upload: one complete acceptance within a minute, never half, never twice."""

from __future__ import annotations

import http.client
import os
import time

import pytest

from tests.deploy.test_run import wait_for
from tests.faults.files import write_unknown
from tests.faults.installation import ACCEPTANCE, PRODUCTION, SHORT, Installation, multipart

pytestmark = [pytest.mark.fault, pytest.mark.slow]

PROPOSAL = 0.3  # seconds for which a worker is at least busy with a proposal
READ = {"awaiting_second_person"}
DONE = {"accepted"}


def test_the_worker_is_killed_in_every_state_before_acceptance(installation: Installation):
    """Several uploads wait for their leases to run out at the same time, so that the test does not take all day."""
    struck = []
    with installation.without_worker():
        figures = installation.figures()
        struck.append(("worker killed, received", installation.send(figures), figures, time.monotonic()))
    for state in ("reading", "checked"):
        for name, kill in (
            ("worker", lambda: installation.kill("worker")),
            ("worker's child", installation.kill_child_of_worker),
        ):
            wait_for(installation.worker_is_back, seconds=60, what="the worker")
            figures = installation.figures()
            upload = installation.send(figures)
            installation.catch(upload, state)
            since = kill()
            assert installation.state(upload) == state
            struck.append((f"{name} killed, {state}", upload, figures, since))
    for what, upload, _, since in struck:
        installation.recovered(what, upload, since, READ)
    for _, upload, figures, _ in struck:
        assert installation.accept(upload).status == 202
        installation.wait_for_state(upload, DONE)
        installation.check_accepted_once(upload, figures)


def test_the_worker_is_killed_while_it_proposes_how_an_unknown_file_is_read(installation: Installation):
    """The proposal is computed again by the next worker, and asked about once."""
    unknown = write_unknown(installation.files / "unknown.csv", rows=1_900, columns=60)
    struck = []
    for number in range(2):
        wait_for(installation.worker_is_back, seconds=60, what="the worker")
        with unknown.path.open("a") as file:
            file.write(f"Source {number}\n")  # so that it is another file
        upload = installation.send(unknown)
        moment = installation.chance.uniform(0, PROPOSAL)
        installation.catch(upload, "reading", delay=moment)
        since = installation.kill_child_of_worker() if number else installation.kill("worker")
        assert installation.state(upload) == "reading"
        assert installation.value("select count(*) from uploads_layoutquestion where upload_id = %s", upload) == 0
        struck.append((f"{'worker’s child' if number else 'worker'} killed after {moment:.1f} s", upload, since))
    for what, upload, since in struck:
        installation.recovered(f"{what} of proposing", upload, since, {"needs_layout"})
        asked = "select count(*) from uploads_uploadstatus where state = 'needs_layout' and upload_id = %s"
        assert installation.value(asked, upload) == 1
        proposed = "select proposal->'sheets'->0->>'known' from uploads_layoutquestion where upload_id = %s"
        assert installation.value(proposed, upload) == str(unknown.rows)
        installation.check_history(upload)


def test_the_worker_is_killed_at_any_moment_of_acceptance(installation: Installation):
    waiting = [(upload, figures) for figures in _some(installation, 4) for upload in [installation.send(figures)]]
    for upload, _ in waiting:
        installation.wait_for_state(upload, READ)
    struck = []
    for number, (upload, figures) in enumerate(waiting):
        wait_for(installation.worker_is_back, seconds=60, what="the worker")
        name = "worker's child" if number % 2 else "worker"
        moment = installation.chance.uniform(0, ACCEPTANCE)
        assert installation.accept(upload).status == 202
        installation.catch_at_work(upload)
        time.sleep(moment)
        since = installation.kill_child_of_worker() if number % 2 else installation.kill("worker")
        state = installation.state(upload)
        struck.append((f"{name} killed, {state} for {moment:.1f} s", upload, figures, since))
    assert any("accepting" in what for what, *_ in struck)
    for what, upload, figures, since in struck:
        installation.recovered(what, upload, since, DONE)
        installation.check_accepted_once(upload, figures)


def _some(installation: Installation, count: int) -> list:
    return [installation.figures() for _ in range(count)]


def test_postgresql_is_killed_while_a_file_is_read_and_while_one_is_accepted(installation: Installation):
    accepted, read = _some(installation, 2)
    first = installation.send(accepted)
    installation.wait_for_state(first, READ)
    second = installation.send(read)
    installation.catch(second, "reading")
    since = installation.kill("postgres")
    installation.recovered("PostgreSQL killed, reading", second, since, READ)
    assert installation.accept(first).status == 202
    installation.catch_at_work(first)
    time.sleep(installation.chance.uniform(0, ACCEPTANCE / 2))
    since = installation.kill("postgres")
    installation.recovered("PostgreSQL killed, accepting", first, since, DONE)
    installation.check_accepted_once(first, accepted)
    assert installation.accept(second).status == 202
    installation.wait_for_state(second, DONE)
    installation.check_accepted_once(second, read)


def test_the_web_server_is_killed_in_the_middle_of_receiving(installation: Installation):
    """The client sees its connection break, nothing of the half file is kept, and sending it again is welcome."""
    figures = installation.figures()
    boundary, body = multipart(figures.path)
    before = installation.value("select count(*) from uploads_upload")
    stored = installation.stored_files()
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
    connection.putrequest("POST", "/api/v1/uploads/", skip_host=True)
    for name, value in (
        ("Host", f"localhost:{installation.port}"),
        ("Authorization", f"Bearer {installation.keys['officer']}"),
        ("Content-Type", f"multipart/form-data; boundary={boundary}"),
        ("Content-Length", str(len(body))),
        ("Idempotency-Key", "cut-short"),
    ):
        connection.putheader(name, value)
    connection.endheaders(body[: len(body) // 2])
    wait_for(installation.is_receiving, seconds=30, what="the web server has begun to receive")
    since = installation.kill("web")
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.getresponse()
    connection.close()
    wait_for(installation.is_ready, seconds=60, what="the web server answers again")
    assert installation.value("select count(*) from uploads_upload") == before
    assert installation.stored_files() == stored
    assert installation.half_received_files() == []
    answer = installation.post(figures, key="cut-short")
    assert answer.status == 202, answer.body
    upload = int(answer.json()["reference"].removeprefix("UP-"))
    installation.recovered("web server killed, receiving", upload, since, READ)
    assert installation.accept(upload).status == 202
    installation.wait_for_state(upload, DONE)
    installation.check_accepted_once(upload, figures)


def test_the_worker_is_killed_with_the_lease_and_the_sweep_of_a_real_installation(installation: Installation):
    assert installation.stop() == 0
    installation.periods = PRODUCTION
    installation.start()
    figures = installation.figures()
    upload = installation.send(figures)
    installation.catch(upload, "reading")
    lease = installation.value("select lease_until - now() from uploads_upload where id = %s", upload)
    assert lease.total_seconds() > 10
    since = installation.kill("worker")
    installation.recovered("worker killed, reading, lease of 20 s", upload, since, READ)
    assert installation.accept(upload).status == 202
    installation.wait_for_state(upload, DONE)
    installation.check_accepted_once(upload, figures)


def test_a_clean_stop_in_the_middle_of_work_goes_on_after_the_start(installation: Installation):
    accepted, read = _some(installation, 2)
    first = installation.send(accepted)
    installation.wait_for_state(first, READ)
    second = installation.send(read)
    assert installation.accept(first).status == 202
    installation.catch_at_work(first)
    began = time.monotonic()
    assert installation.stop() == 0
    since = time.monotonic()
    assert since - began < 60
    installation.periods = SHORT
    installation.start()
    installation.recovered("stopped and started, accepting", first, since, DONE)
    installation.recovered("stopped and started, reading", second, since, READ)
    installation.check_accepted_once(first, accepted)
    assert installation.accept(second).status == 202
    installation.wait_for_state(second, DONE)
    installation.check_accepted_once(second, read)


def test_after_all_of_it_the_books_are_whole(installation: Installation):
    assert os.getpid() != installation.process.pid
    installation.check_everything()
