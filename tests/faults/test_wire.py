"""Requests that no client library would send, on the wire to the real web server."""

from __future__ import annotations

import socket

import pytest

from tests.faults.installation import Installation

pytestmark = [pytest.mark.fault, pytest.mark.slow]

SMUGGLED = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
HOSTILE = {
    "two lengths": f"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello{SMUGGLED}",
    "length and chunks": f"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "chunks twice": f"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "disguised chunks": f"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "negative length": f"Content-Length: -5\r\n\r\n{SMUGGLED}",
    "length with a sign": f"Content-Length: +5\r\n\r\nhello{SMUGGLED}",
    "space before the colon": f"Content-Length : 5\r\n\r\nhello{SMUGGLED}",
    "folded header": f"X-A: b\r\n c\r\n\r\n{SMUGGLED}",
    "header of 64 kB": f"X-A: {'a' * 65_536}\r\n\r\n",
    "200 headers": "".join(f"X-{n}: a\r\n" for n in range(200)) + "\r\n",
}


@pytest.mark.parametrize("rest", HOSTILE.values(), ids=HOSTILE)
def test_x19_a_request_that_could_be_two_is_refused_and_the_connection_closed(installation: Installation, rest: str):
    with socket.create_connection(("127.0.0.1", installation.port), timeout=20) as wire:
        wire.sendall(f"POST /api/v1/uploads/ HTTP/1.1\r\nHost: localhost:{installation.port}\r\n{rest}".encode())
        answer = b""
        while block := wire.recv(65_536):
            answer += block
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert answer.split()[1] in (b"400", b"431", b"501"), answer
