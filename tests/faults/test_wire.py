"""Requests that no client library would send, on the wire to the real web server."""

from __future__ import annotations

import http.client
import json
import socket
import uuid
from collections.abc import Iterator

import pytest

from tests.faults.installation import Answer, Installation, multipart

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


def post_in_chunks(
    installation: Installation, chunks: Iterator[bytes], content_type: str, *, key: str = "officer", path: str = ""
) -> Answer:
    """The answer to an upload that has no Content-Length. It is read even if the server stops reading the body."""
    wire = http.client.HTTPConnection("localhost", installation.port, timeout=60)
    wire.putrequest("POST", f"/api/v1/uploads/{path}")
    for name, value in {
        "Authorization": f"Bearer {installation.keys.get(key, key)}",
        "Content-Type": content_type,
        "Idempotency-Key": uuid.uuid4().hex,
        "Transfer-Encoding": "chunked",
    }.items():
        wire.putheader(name, value)
    wire.endheaders()
    try:
        for chunk in chunks:
            wire.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        wire.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = wire.getresponse()
    try:
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        wire.close()


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 997, 65_536])
def test_a_file_that_is_sent_in_chunks_is_received_whole(installation: Installation, size: int):
    figures = installation.figures(rows=20 if size == 1 else 2_000)
    boundary, body = multipart(figures.path)
    answer = post_in_chunks(installation, pieces(body, size), f"multipart/form-data; boundary={boundary}")
    assert answer.status == 202, answer.body
    upload = int(answer.json()["reference"].removeprefix("UP-"))
    assert installation.value("select size from uploads_upload where id = %s", upload) == figures.path.stat().st_size


def test_rows_that_are_sent_in_chunks_are_received(installation: Installation):
    row = {
        "financial_year": "2026-27",
        "organisation": "QXX",
        "stream": "nhs-core",
        "basis": "budget",
        "amount": "5.00",
    }
    body = json.dumps({"kind": "allocations", "rows": [row]}).encode()
    answer = post_in_chunks(installation, pieces(body, 10), "application/json", path="rows/")
    assert answer.status == 202, answer.body


def endless() -> Iterator[bytes]:
    """Far more than any limit that is tried here, so that a test ends even if the server takes everything."""
    for _ in range(2_000):
        yield b" " * 65_536


@pytest.mark.parametrize(
    ("key", "content_type", "status", "kind"),
    [
        ("officer", "application/json", 413, "too-large"),
        ("nobody", "multipart/form-data; boundary=x", 401, "invalid-key"),
        ("officer", "text/csv", 413, "too-large"),
    ],
)
def test_a_stream_without_an_end_is_cut_off(
    installation: Installation, key: str, content_type: str, status: int, kind: str
):
    answer = post_in_chunks(installation, endless(), content_type, key=key)
    assert (answer.status, answer.json()["type"].split("/")[-2]) == (status, kind)


def test_chunks_that_are_not_written_as_chunks_are_refused(installation: Installation):
    request = (
        f"POST /api/v1/uploads/rows/ HTTP/1.1\r\nHost: localhost:{installation.port}\r\n"
        f"Authorization: Bearer {installation.keys['officer']}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4().hex}\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n{{}}\r\n"
    )
    with socket.create_connection(("127.0.0.1", installation.port), timeout=20) as wire:
        wire.sendall(request.encode())
        answer = b""
        while block := wire.recv(65_536):
            answer += block
    assert answer.split()[1] == b"400", answer
    assert b"application/problem+json" in answer
