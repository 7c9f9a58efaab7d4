"""The process that draws charts: started at the first chart, asked over a socket, ended when nobody asks for a while.

V8 is kept out of web servers and workers. When it runs out of memory, it ends its process; when a process ends, it can
wait forever; and its threads do not survive a fork. Measurements: docs/adr/0025.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

PROGRAM = Path(__file__).with_name("drawing_program.py")
START_SECONDS = 20.0  # V8 and ECharts are loaded in 0.4 s on an idle core
DRAW_SECONDS = 5.0  # a chart takes 10 to 20 ms
REST_SECONDS = 30.0
IDLE_MS = 60_000


class NotDrawn(Exception):
    """A chart could not be drawn; the message says why."""


class DrawingProcess:
    """Draws one chart at a time, for all threads of this process.

    If the process dies or takes too long, it is ended, and for REST_SECONDS every chart is refused at once: pages must
    not wait for it again and again. A chart that ECharts refuses concerns no other chart.
    """

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.stop)

    def _forget(self) -> None:
        """Also in the child of a fork: the process belongs to the parent."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._resting_until = 0.0
        self._script: tuple[Path, int] | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process; None if there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def draw(self, asked: str) -> str:
        """The SVG for the JSON of the arguments of `drawn` in static/src/js/drawing.js. Raises NotDrawn."""
        if not self._lock.acquire(timeout=START_SECONDS):
            raise NotDrawn("Other charts have been waiting for the drawing process for too long.")
        try:
            return self._draw(asked)
        finally:
            self._lock.release()

    def _draw(self, asked: str) -> str:
        if time.monotonic() < self._resting_until:
            raise NotDrawn("The drawing process failed less than half a minute ago.")
        try:
            answer = json.loads(self._asked_again_if_it_had_ended(asked))
        except (OSError, EOFError, ValueError) as failure:
            self.stop()
            self._resting_until = time.monotonic() + REST_SECONDS
            raise NotDrawn(f"The drawing process was ended: {str(failure) or type(failure).__name__}.") from failure
        if "svg" not in answer:
            raise NotDrawn(answer["error"])
        return str(answer["svg"])

    def _asked_again_if_it_had_ended(self, asked: str) -> bytes:
        """Nobody is told when the process ends because it was idle, so its end may be noticed only by asking it.

        A process with a script that has changed since is replaced.
        """
        if self.pid is not None and self._script == _present_script():
            with suppress(ConnectionError, EOFError):
                return self._answer(asked, DRAW_SECONDS)
        self._start()
        return self._answer(asked, DRAW_SECONDS)

    def _start(self) -> None:
        self.stop()
        self._script = _present_script()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(PROGRAM), str(settings.DRAWING_SCRIPT), str(IDLE_MS)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                start_new_session=True,  # a Ctrl-C is meant for the server, which then ends it
            )
        self._socket = ours
        self._answer("", START_SECONDS)

    def _answer(self, line: str, seconds: float) -> bytes:
        """The next line that it says after this one; an empty one only waits for its word that it is ready."""
        assert self._socket is not None
        deadline = time.monotonic() + seconds
        self._socket.settimeout(seconds)
        if line:
            self._socket.sendall(line.encode() + b"\n")
        said = bytearray()
        while not said.endswith(b"\n"):
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            part = self._socket.recv(65536)
            if not part:
                raise EOFError("it ended by itself")
            said += part
        return bytes(said)

    def stop(self) -> None:
        """Ends the process, if there is one, and waits for its end."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
            self._process = None


def _present_script() -> tuple[Path, int]:
    """Which file, and when it was written."""
    return settings.DRAWING_SCRIPT, settings.DRAWING_SCRIPT.stat().st_mtime_ns
