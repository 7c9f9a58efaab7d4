"""A scanner that speaks the protocol of ClamAV's daemon and knows one virus: the test file of EICAR."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.partnerships.papers import EICAR


class Answers(socketserver.StreamRequestHandler):
    """Reads the blocks of one file and answers; `server.answer` is given instead of the truth where it is set."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        self.server.received.append(content)
        truth = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(truth if self.server.answer is None else self.server.answer)


class OverInternet(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class OverPath(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def scanner(*, path: Path | None = None, answer: bytes | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a scanner that runs meanwhile, and the files that it was shown."""
    server = OverInternet(("127.0.0.1", 0), Answers) if path is None else OverPath(str(path), Answers)
    server.received, server.answer = [], answer
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield (f"unix:{path}" if path else f"127.0.0.1:{server.server_address[1]}"), server.received
    finally:
        server.shutdown()
        server.server_close()


def unused_address() -> str:
    """Where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{held.getsockname()[1]}"
