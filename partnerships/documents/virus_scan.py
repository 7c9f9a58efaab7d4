"""Asking a ClamAV daemon whether a file is harmful, over its own protocol (INSTREAM) and a plain socket."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from django.core.files import File

CONNECT_SECONDS = 5
# For each step, not for the whole: a large paper takes as long as the daemon needs.
ANSWER_SECONDS = 60
_BLOCK = 64 * 1024
_LONGEST_ANSWER = 4_096


class ScannerAway(Exception):
    """The scanner cannot be reached, or did not say that a file is clean or infected."""


def is_infected(file: BinaryIO | File[bytes], address: str) -> bool:
    """What the daemon at `address` (`host:port` or `unix:/path`) says of the file."""
    try:
        with _connected(address) as connection:
            answer = _asked(connection, file)
    except OSError as error:
        raise ScannerAway(str(error)) from error
    finally:
        file.seek(0)
    if answer.endswith(" FOUND"):
        return True
    if answer == "stream: OK":
        return False
    raise ScannerAway(answer or "no answer")


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(address.removeprefix("unix:"))
        except OSError:
            connection.close()
            raise
    else:
        host, _, port = address.rpartition(":")
        connection = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _asked(connection: socket.socket, file: BinaryIO | File[bytes]) -> str:
    """Each block goes with its length before it; a length of nothing ends the file."""
    file.seek(0)
    connection.sendall(b"zINSTREAM\0")
    while block := file.read(_BLOCK):
        connection.sendall(struct.pack("!L", len(block)) + block)
    connection.sendall(struct.pack("!L", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        received = connection.recv(_LONGEST_ANSWER)
        if not received:
            break
        answer += received
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
