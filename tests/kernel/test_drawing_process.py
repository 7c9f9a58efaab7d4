"""The drawing process: whatever happens to it, the caller gets an answer in time and goes on living."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from pooledcare.kernel import drawing_process
from pooledcare.kernel.drawing_process import DrawingProcess, NotDrawn

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# A script that does what it is asked to do, instead of drawing.
SCRIPT = """
var drawing = { drawn(asked) {
  if (asked === "forever") for (;;);
  if (asked === "memory") { const all = []; for (;;) all.push(new Array(1000).fill(1.5)); }
  if (asked === "refuse") throw new Error("It is refused.");
  return "<svg>" + asked + "</svg>";
} }
"""


@pytest.fixture
def drawn(settings, tmp_path) -> Iterator[Callable[[str], str]]:
    settings.DRAWING_SCRIPT = tmp_path / "script.js"
    settings.DRAWING_SCRIPT.write_text(SCRIPT)
    process = DrawingProcess()

    def draw(asked: str) -> str:
        return process.draw(json.dumps(asked))

    draw.process = process  # type: ignore[attr-defined]
    yield draw
    process.stop()


def ended(pid: int, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_one_process_draws_all_and_starts_with_the_first(drawn):
    assert drawn.process.pid is None
    assert drawn("a") == "<svg>a</svg>"
    first = drawn.process.pid
    assert drawn("line\nbreak £") == "<svg>line\nbreak £</svg>"
    assert drawn.process.pid == first


def test_a_chart_that_is_refused_harms_no_other(drawn):
    drawn("a")
    first = drawn.process.pid
    with pytest.raises(NotDrawn, match="It is refused"):
        drawn("refuse")
    assert drawn("b") == "<svg>b</svg>"
    assert drawn.process.pid == first


def test_a_chart_that_takes_too_long_is_ended_and_the_process_rests(drawn, monkeypatch):
    drawn("a")
    first = drawn.process.pid
    monkeypatch.setattr(drawing_process, "DRAW_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(NotDrawn, match="timed out"):
        drawn("forever")
    assert time.monotonic() - began < 5
    assert ended(first)
    monkeypatch.setattr(drawing_process, "DRAW_SECONDS", 20.0)
    began = time.monotonic()
    with pytest.raises(NotDrawn, match="less than half a minute ago"):
        drawn("b")
    assert time.monotonic() - began < 0.1
    monkeypatch.setattr(drawn.process, "_resting_until", time.monotonic())
    assert drawn("b") == "<svg>b</svg>"


def test_running_out_of_memory_ends_only_the_drawing_process(drawn, monkeypatch):
    monkeypatch.setattr(drawing_process, "DRAW_SECONDS", 60.0)
    drawn("a")
    first = drawn.process.pid
    with pytest.raises(NotDrawn, match="ended by itself"):
        drawn("memory")
    assert ended(first)


def test_a_script_that_cannot_be_loaded_is_said_at_once(drawn, settings, capfd):
    settings.DRAWING_SCRIPT.write_text("this is no script")
    with pytest.raises(NotDrawn, match="ended by itself"):
        drawn("a")
    assert "JSParseException" in capfd.readouterr().err


def test_a_killed_process_is_replaced(drawn):
    drawn("a")
    first = drawn.process.pid
    os.kill(first, signal.SIGKILL)
    assert drawn("b") == "<svg>b</svg>"
    assert drawn.process.pid != first


def test_a_changed_script_is_loaded(drawn, settings):
    drawn("a")
    settings.DRAWING_SCRIPT.write_text(SCRIPT.replace("<svg>", "<svg>new "))
    assert drawn("b") == "<svg>new b</svg>"


def test_a_chart_of_which_nobody_waits_for_the_end_is_ended_too(tmp_path):
    """The program by itself: its reader asks for something endless and goes away."""
    script = tmp_path / "script.js"
    script.write_text(SCRIPT)
    program = Path(drawing_process.PROGRAM).read_text().replace("MOST_SECONDS = 10.0", "MOST_SECONDS = 0.5")
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(script), "60000"],
        input='"forever"\n', capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "timeout" in json.loads(done.stdout.splitlines()[-1])["error"]
    assert done.stderr == ""


def test_an_idle_process_ends_itself_and_another_is_started(drawn, monkeypatch):
    monkeypatch.setattr(drawing_process, "IDLE_MS", 300)
    drawn("a")
    first = drawn.process.pid
    assert ended(first)
    assert drawn("b") == "<svg>b</svg>"


def test_threads_are_served_one_after_the_other(drawn):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(drawn, [str(n) for n in range(40)]))
    assert answers == [f"<svg>{n}</svg>" for n in range(40)]


def test_who_waits_too_long_for_the_others_is_told(drawn, monkeypatch):
    monkeypatch.setattr(drawing_process, "START_SECONDS", 0.1)
    with drawn.process._lock, pytest.raises(NotDrawn, match="waiting"):
        drawn("a")


FORKING = """
import os, sys
from django.conf import settings
from pathlib import Path
settings.configure(DRAWING_SCRIPT=Path(sys.argv[1]))
from pooledcare.kernel.drawing_process import DrawingProcess
process = DrawingProcess()
assert process.draw('"parent"') == "<svg>parent</svg>"
before = process.pid
child = os.fork()
if child == 0:
    assert process.pid is None
    assert process.draw('"child"') == "<svg>child</svg>"
    assert process.pid != before
    process.stop()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert process.draw('"again"') == "<svg>again</svg>"
assert process.pid == before
print(before)
"""


def test_a_fork_has_a_process_of_its_own_and_nothing_outlives_its_parent(drawn, settings):
    said = subprocess.run(
        [sys.executable, "-c", FORKING, str(settings.DRAWING_SCRIPT)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "SECRET_KEY": "x" * 40},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert ended(int(said.stdout))
