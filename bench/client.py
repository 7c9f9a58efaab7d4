"""An HTTP client for the site on loopback: one connection kept open, files streamed."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Download:
    """A long response written to a file, with the times until its first and last byte."""

    first_byte: float
    seconds: float
    size: int


class Unexpected(Exception):
    """The site did not answer as expected, so the benchmark has no result."""


class Client:
    def __init__(self, port: int, key: str | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.own = {"Host": f"localhost:{port}"} | ({"Authorization": f"Bearer {key}"} if key else {})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, path: str, *, method: str = "GET", body: Any = None, expect: int = 200, **headers: str) -> Answer:
        sent = self.own | {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.perf_counter()
        with suppress(BrokenPipeError):  # it answered before reading everything; the response says why
            self.connection.request(method, path, body=body, headers=sent)
        response = self.connection.getresponse()
        found = response.read()
        seconds = time.perf_counter() - began
        if response.status != expect:
            raise Unexpected(f"{method} {path}: {response.status} {found[:2000]!r}")
        return Answer(response.status, response.headers, found, seconds)

    def upload(self, file: Path, **fields: str) -> str:
        """Send a file as a form; returns the reference of the upload."""
        boundary = uuid.uuid4().hex
        head = b"".join(_field(boundary, name, value) for name, value in {"kind": "allocations", **fields}.items())
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        length = len(head) + file.stat().st_size + len(tail)
        answer = self.ask(
            "/api/v1/uploads/",
            method="POST",
            body=_blocks(head, file, tail),
            expect=202,
            Content_Type=f"multipart/form-data; boundary={boundary}",
            Content_Length=str(length),
            Idempotency_Key=uuid.uuid4().hex,
        )
        return str(answer.json()["reference"])

    def wait_for(self, upload: str, *states: str, within: float = 600) -> Answer:
        """Poll until the upload is in one of these states."""
        deadline = time.monotonic() + within
        while True:
            answer = self.ask(f"/api/v1/uploads/{upload}/")
            state = answer.json()["state"]
            if state in states:
                return answer
            if state in {"refused", "failed", "abandoned"} or time.monotonic() > deadline:
                raise Unexpected(f"{upload} is {state}, not one of {states}: {answer.body[:2000]!r}")
            time.sleep(0.05)

    def accept(self, upload: str) -> None:
        tag = self.ask(f"/api/v1/uploads/{upload}/").headers["ETag"]
        self.ask(f"/api/v1/uploads/{upload}/accept/", method="POST", expect=202, If_Match=tag)

    def download(self, path: str, target: Path, **headers: str) -> Download:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.own | headers)
        response = self.connection.getresponse()
        if response.status != 200:
            raise Unexpected(f"GET {path}: {response.status} {response.read()[:2000]!r}")
        buffer = response.read1(BLOCK)
        first_byte = time.perf_counter() - began
        size = 0
        with target.open("wb") as file:
            while buffer:
                size += file.write(buffer)
                buffer = response.read1(BLOCK)
        return Download(first_byte, time.perf_counter() - began, size)


def _field(boundary: str, name: str, value: str) -> bytes:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _blocks(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
    yield tail
