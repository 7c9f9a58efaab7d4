"""The broker in a folder: messages are whole, taken once, and no file in it can stop a worker."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Producer, Queue

from pooledcare.broker import DRAFT_KEPT_SECONDS

QUEUE = Queue("celery", routing_key="celery")
PROCESSES = multiprocessing.get_context("spawn")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "broker" / "queue").mkdir(parents=True)
    return tmp_path / "broker"


@contextmanager
def connected(folder: Path) -> Iterator[Connection]:
    options = {"folder": str(folder), "polling_interval": 0.02}
    with Connection("filesystem://", transport="pooledcare.broker:Transport", transport_options=options) as connection:
        yield connection


def send(connection: Connection, *bodies: Any) -> None:
    producer = Producer(connection.default_channel)
    for body in bodies:
        producer.publish(body, exchange="", routing_key="celery", declare=[QUEUE], serializer="json")


def take(connection: Connection) -> Any:
    """The body of the next message, acknowledged; None if there is none."""
    message = QUEUE(connection.default_channel).get(no_ack=True)
    return None if message is None else message.decode()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def in_another_process(work: Callable[..., None], *arguments: Any) -> int | None:
    """Its exit code: negative if a signal ended it."""
    process = PROCESSES.Process(target=work, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


# ── Many at the same time ────────────────────────────────────────────────────────────────────────────────────────────

MESSAGES, SENDERS = 20_000, 3


def send_a_share(folder: Path, sender: int) -> None:
    with connected(folder) as connection:
        send(connection, *([sender, number] for number in range(sender, MESSAGES, SENDERS)))


@pytest.mark.slow
def test_twenty_thousand_messages_of_three_processes_arrive_once_each_in_twenty_seconds(folder: Path):
    senders = [PROCESSES.Process(target=send_a_share, args=(folder, number)) for number in range(SENDERS)]
    arrived: list[int] = []

    def note(body: list[int], message: Any) -> None:
        arrived.append(body[1])
        message.ack()

    with connected(folder) as connection, Consumer(connection, [QUEUE], callbacks=[note]):
        began = time.monotonic()
        for sender in senders:
            sender.start()
        while len(arrived) < MESSAGES:
            connection.drain_events(timeout=30)
        took = time.monotonic() - began
        for sender in senders:
            sender.join(30)
    assert [sender.exitcode for sender in senders] == [0] * SENDERS
    assert sorted(arrived) == list(range(MESSAGES))
    assert files(folder) == []
    # Twenty seconds of two cores: other tests run beside this one, and a busier machine gives it a smaller share.
    assert took < 20 * max(1.0, os.getloadavg()[0] / 2)


def take_all(folder: Path, notes: Path, barrier: Any) -> None:
    with connected(folder) as connection, notes.open("w", encoding="utf-8") as noted:
        barrier.wait(30)
        while (body := take(connection)) is not None:
            noted.write(f"{body}\n")


@pytest.mark.slow
def test_of_several_readers_only_one_takes_a_message(folder: Path, tmp_path: Path):
    with connected(folder) as connection:
        send(connection, *range(2_000))
    notes, barrier = [tmp_path / "first", tmp_path / "second"], PROCESSES.Barrier(2)
    readers = [PROCESSES.Process(target=take_all, args=(folder, note, barrier)) for note in notes]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert [reader.exitcode for reader in readers] == [0, 0]
    shares = [note.read_text().split() for note in notes]
    assert all(shares)  # they did read at the same time
    assert sorted(int(body) for share in shares for body in share) == list(range(2_000))


# ── Whoever is killed ────────────────────────────────────────────────────────────────────────────────────────────────


def die_half_way_through_writing(folder: Path) -> None:
    def write_half(path: Path, text: str, **_: Any) -> None:
        path.write_bytes(text[: len(text) // 2].encode())
        os.kill(os.getpid(), signal.SIGKILL)

    with connected(folder) as connection:
        Path.write_text = write_half  # type: ignore[method-assign,assignment]
        send(connection, "half")


@pytest.mark.slow
def test_what_a_killed_sender_left_is_never_read_and_is_deleted_after_an_hour(folder: Path):
    assert in_another_process(die_half_way_through_writing, folder) == -signal.SIGKILL
    (half,) = files(folder)
    assert half.stat().st_size > 0
    with connected(folder) as connection:
        send(connection, "whole")
        assert (take(connection), take(connection)) == ("whole", None)
        for age, left in ((DRAFT_KEPT_SECONDS - 60, [half]), (DRAFT_KEPT_SECONDS + 1, [])):
            os.utime(half, (time.time() - age, time.time() - age))
            assert take(connection) is None
            assert files(folder) == left


def take_and_die(folder: Path) -> None:
    with connected(folder) as connection:
        assert QUEUE(connection.default_channel).get() is not None
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_message_that_a_killed_worker_had_taken_is_gone_and_the_next_is_not(folder: Path):
    """The sweep sends it again, because the row in the database is still waiting: `tests/faults/test_killed.py`."""
    with connected(folder) as connection:
        send(connection, "first", "second")
        assert in_another_process(take_and_die, folder) == -signal.SIGKILL
        assert (take(connection), take(connection)) == ("second", None)


def test_a_message_that_is_not_acknowledged_goes_back_when_its_worker_stops(folder: Path):
    with connected(folder) as connection:
        send(connection, "first")
        assert QUEUE(connection.default_channel).get().decode() == "first"
        assert files(folder) == []
    with connected(folder) as connection:
        assert take(connection) == "first"
    assert files(folder) == []


# ── Files that are no messages ───────────────────────────────────────────────────────────────────────────────────────

NO_MESSAGES = {
    "empty": b"",
    "cut short": b'{"body": "W10=", "properties": {"delivery_t',
    "not UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "a number": b"7",
    "no properties": b"{}",
    "no tag": b'{"properties": {}}',
    "properties that are none": b'{"properties": 7}',
    "a body that is not Base64": b'{"body": "x", "properties": {"delivery_tag": "1", "body_encoding": "base64"}}',
    "an encoding that nobody knows": b'{"body": "x", "properties": {"delivery_tag": "1", "body_encoding": "rot13"}}',
}


@pytest.mark.parametrize("content", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_a_file_that_is_no_message_is_set_aside_with_a_warning_and_the_next_is_read(
    folder: Path, content: bytes, caplog: pytest.LogCaptureFixture
):
    with connected(folder) as connection:
        send(connection, "first", "second")
        spoilt = files(folder)[0]
        spoilt.write_bytes(content)
        assert (take(connection), take(connection)) == ("second", None)
    aside = folder / "unreadable" / spoilt.name
    assert aside.read_bytes() == content
    assert files(folder) == [aside]
    (warning,) = caplog.records
    assert (warning.levelno, warning.name) == (logging.WARNING, "pooledcare.broker")
    assert str(spoilt) in warning.getMessage()
    assert str(aside.parent) in warning.getMessage()


def test_a_folder_among_the_messages_is_set_aside_too(folder: Path, caplog: pytest.LogCaptureFixture):
    with connected(folder) as connection:
        send(connection, "first")
        (files(folder)[0].parent / "0.msg").mkdir()
        assert (take(connection), take(connection)) == ("first", None)
    assert (folder / "unreadable" / "0.msg").is_dir()
    assert "0.msg is not a message" in caplog.text


# ── A folder that cannot be used ─────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """As with a full disk, a write fails half-way."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_message_that_does_not_fit_on_the_disk_is_refused_and_leaves_nothing(folder: Path):
    with connected(folder) as connection:
        with no_file_over(100), pytest.raises(OSError, match="File too large"):
            send(connection, "long")
        assert files(folder) == []
        send(connection, "short")
        assert take(connection) == "short"


def test_without_its_folder_nothing_is_sent_or_received_and_nothing_is_made(folder: Path):
    with connected(folder) as connection:
        send(connection, "first")
        (folder / "queue").rename(folder / "away")
        with pytest.raises(FileNotFoundError):
            send(connection, "second")
        with pytest.raises(FileNotFoundError):
            take(connection)
        assert not (folder / "queue").exists()
        with connected(folder) as another, pytest.raises(another.connection_errors):
            another.transport.establish_connection()
        (folder / "away").rename(folder / "queue")
        assert (take(connection), take(connection)) == ("first", None)


# ── Queues ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_queues_are_kept_apart_and_one_is_emptied_without_the_other(folder: Path):
    names = ("celery", "urgent")
    with connected(folder) as connection:
        channel = connection.default_channel
        for name in names:
            for _ in range(3):
                Producer(channel).publish(name, exchange="", routing_key=name, declare=[Queue(name, routing_key=name)])
        assert [channel.queue_declare(name).message_count for name in names] == [3, 3]
        assert channel.queue_purge("celery") == 3
        assert [channel.queue_declare(name).message_count for name in names] == [0, 3]
        assert Queue("urgent")(channel).get(no_ack=True).decode() == "urgent"


@pytest.mark.parametrize("name", ["..", ".", "../../elsewhere", "/tmp/elsewhere", "worker@here.reply", "£"])
def test_no_queue_is_outside_the_folder(folder: Path, name: str):
    with connected(folder) as connection:
        channel = connection.default_channel
        Producer(channel).publish("x", exchange="", routing_key=name)
        (file,) = files(folder.parent)
        assert file.parent.parent == folder / "queue"
        assert Queue(name)(channel).get(no_ack=True).decode() == "x"
