"""Messages may be refused, lost or doubled: the row in the database decides, and the work is done once."""

from __future__ import annotations

import time

import pytest

from tests.deploy.test_run import wait_for
from tests.faults.installation import Installation

pytestmark = [pytest.mark.fault, pytest.mark.slow]

READ = {"awaiting_second_person"}
DONE = {"accepted"}


def test_uploads_are_taken_while_the_broker_is_away_and_read_when_it_is_back(installation: Installation):
    wait_for(installation.worker_is_back, seconds=60, what="the worker")
    figures = [installation.figures(2_000) for _ in range(3)]
    worker = installation.run_file()["processes"]["worker"]
    with installation.without_broker():
        uploads = [installation.send(one) for one in figures]
        assert installation.is_ready()
        time.sleep(5)
        assert {installation.state(upload) for upload in uploads} == {"received"}
    since = time.monotonic()
    assert installation.run_file()["processes"]["worker"] == worker  # it waits for its broker and does not end
    for upload in uploads:
        installation.recovered(f"broker away while UP-{upload} came", upload, since, READ)
    for upload, one in zip(uploads, figures, strict=True):
        assert installation.accept(upload).status == 202
        installation.wait_for_state(upload, DONE)
        installation.check_accepted_once(upload, one)


def test_every_message_is_lost_and_the_sweep_sends_them_again(installation: Installation):
    figures = installation.figures(2_000)
    with installation.without_worker():
        upload = installation.send(figures)
        assert installation.lose_messages() >= 1
        since = time.monotonic()
    installation.recovered("all messages lost", upload, since, READ)
    assert installation.accept(upload).status == 202
    installation.wait_for_state(upload, DONE)
    installation.check_accepted_once(upload, figures)


def test_the_same_message_five_times_has_one_effect(installation: Installation):
    figures = installation.figures(2_000)
    with installation.without_worker():
        upload = installation.send(figures)
        installation.repeat_messages(5)
    installation.wait_for_state(upload, READ)
    with installation.without_worker():
        assert installation.accept(upload).status == 202
        installation.repeat_messages(5)
    installation.wait_for_state(upload, DONE)
    time.sleep(3)
    installation.check_accepted_once(upload, figures)
