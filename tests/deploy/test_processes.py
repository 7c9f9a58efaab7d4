"""A child is stopped with everyone it brought along, and its end is put in words."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.processes import LOG_LIMIT, Child, describe_exit

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)


def started(tmp_path: Path, program: str) -> tuple[Child, str]:
    child = Child("subject", [sys.executable, "-c", program], tmp_path / "log", patience=0.3)
    child.start()
    deadline = time.monotonic() + 10
    while not (said := child.log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return child, said.strip()


@pytest.mark.slow
def test_a_child_that_will_not_stop_is_killed(tmp_path: Path):
    child, said = started(tmp_path, STUBBORN)
    assert said == "up"
    child.stop()
    assert child.exit_code() == -signal.SIGKILL


@pytest.mark.slow
def test_a_child_takes_its_own_children_with_it(tmp_path: Path):
    child, grandchild = started(tmp_path, PARENT)
    child.stop()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(int(grandchild)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.pid_exists(int(grandchild)) or psutil.Process(int(grandchild)).status() == psutil.STATUS_ZOMBIE


def test_the_end_of_a_process_is_put_in_words():
    assert describe_exit(3) == "exit code 3"
    assert describe_exit(-9) == "killed by SIGKILL"


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path):
    child = Child("subject", ["true"], tmp_path / "log")
    assert child.tail() == "(it wrote nothing)"
    child.log.write_text("\n".join(str(number) for number in range(100)))
    assert child.tail(2) == "98\n99"


def test_a_large_log_is_turned_over(tmp_path: Path):
    child = Child("subject", ["true"], tmp_path / "subject.log")
    with child.log.open("wb") as log:
        log.truncate(LOG_LIMIT + 1)
    child.start()
    child.stop()
    assert child.log.stat().st_size == 0
    assert (tmp_path / "subject.old.log").exists()
