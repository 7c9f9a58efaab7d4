"""The broker that needs no server: a Kombu transport whose queues are folders and whose messages are files in them.

A message is written under another name and then renamed, so that nobody finds a file that is only partly written.
Whoever deletes the file has taken the message. Both are single steps of the file system, so there are no locks.

Messages of one sender usually arrive in the order in which they were sent; that is not promised. A message that was
taken but not acknowledged goes back into its folder when its worker stops. It is lost if the worker is killed: see
docs/adr/0007 for why that does no harm, and docs/adr/0027 for why this is not Kombu's own transport.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections import defaultdict, deque
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import quote

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)

MESSAGE, DRAFT = ".msg", ".new"
DRAFT_KEPT_SECONDS = 3600.0


class Channel(virtual.Channel):
    """Puts messages into the folders `queue/<name of the queue>` of the transport's option `folder`, and takes them.

    Every method raises OSError if the folder cannot be used, for example because it is missing or the disk is full.
    """

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._root = connection.root
        # Names of files that were seen in a queue and not tried yet: a folder is only read again when they are used up.
        self._seen: defaultdict[str, deque[str]] = defaultdict(deque)

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        path = self._folder(queue) / f"{time.time_ns():020d}-{uuid.uuid4().hex}{MESSAGE}"
        draft = path.with_suffix(DRAFT)
        try:
            draft.write_text(dumps(message), encoding="utf-8")
            draft.rename(path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message. Raises Empty if there is none."""
        folder, seen = self._folder(queue), self._seen[queue]
        if not seen:
            seen.extend(self._messages(folder))
        while seen:
            path = folder / seen.popleft()
            with contextlib.suppress(FileNotFoundError):  # another worker has taken the message
                try:
                    message: dict[str, Any] = loads(path.read_bytes().decode())
                    self.Message(message, channel=self)
                except (PermissionError, IsADirectoryError, ValueError, KeyError, TypeError, AttributeError) as problem:
                    self._set_aside(path, problem)
                else:
                    path.unlink()
                    return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(self._folder(queue)))

    def _purge(self, queue: str) -> int:
        """Delete all messages of a queue; returns how many."""
        deleted = 0
        for name in self._messages(folder := self._folder(queue)):
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
                deleted += 1
        return deleted

    def _folder(self, queue: str) -> Path:
        folder = self._root / "queue" / quote(queue, safe="").replace(".", "%2E")
        folder.mkdir(exist_ok=True)  # but not its parent: if that is missing, the broker is out of order
        return folder

    def _messages(self, folder: Path) -> list[str]:
        """The names of a folder's messages, oldest first. Deletes drafts that a killed sender left behind."""
        names = os.listdir(folder)
        for name in names:
            if name.endswith(DRAFT):
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - (folder / name).stat().st_mtime > DRAFT_KEPT_SECONDS:
                        (folder / name).unlink()
        return sorted(name for name in names if name.endswith(MESSAGE))

    def _set_aside(self, path: Path, problem: Exception) -> None:
        """Move a file that is no message out of the queue, so that it neither stops a worker nor is tried again."""
        aside = self._root / "unreadable"
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)
        log.warning("%s is not a message (%r); it was moved to %s", path, problem, aside)


class Transport(virtual.Transport):
    """Connects to the folder; raises OSError if it is missing, and Celery then tries again later.

    Queues are addressed by name only. Without exchanges that copy messages to several queues there is no remote
    control of workers (`celery inspect`).
    """

    Channel = Channel
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct"]))
    can_parse_url = True  # there is nothing in the address
    connection_errors = (*virtual.Transport.connection_errors, OSError)  # type: ignore[assignment]
    driver_type = driver_name = "folder"

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.root = Path(client.transport_options["folder"])

    def establish_connection(self) -> Any:
        os.listdir(self.root / "queue")
        return super().establish_connection()

    def driver_version(self) -> str:
        return "1"
