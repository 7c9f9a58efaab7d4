"""Scanning files with a ClamAV daemon, over a socket with its INSTREAM command."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

from django.core.files import File

CONNECT_SECONDS = 5
# Timeout of each read or write, not of the whole scan, because a large file takes longer.
ANSWER_SECONDS = 60
_BLOCK = 64 * 1024
_LONGEST_ANSWER = 4_096


class ScannerAway(Exception):
    """The scanner cannot be reached, or gave an answer other than clean or infected."""


def is_infected(file: BinaryIO | File[bytes], address: str) -> bool:
    """Whether the daemon at `address` (`host:port` or `unix:/path`) finds a virus. Raises `ScannerAway`."""
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
    """Send the file in blocks, each preceded by its length; a length of zero ends it. Returns the answer."""
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
