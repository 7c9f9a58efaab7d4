"""Receiving a file: its size is limited and its SHA-256 computed while it is received; it is not held in memory.

The temporary file has no name, so nothing is left of it if the web server is killed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import tempfile
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from pooledcare.kernel.problems import Refused

log = logging.getLogger(__name__)

BLOCK = 1 << 20
_ROOM_FOR_FIELDS = 64 * 1024


class FileTooLarge(RequestDataTooBig):
    """The body is larger than a file may be. Reading stopped at the limit."""


class CappedFileHandler(FileUploadHandler):
    """Writes the file to a temporary file and computes its SHA-256. Raises `FileTooLarge` at the limit."""

    file: UploadedFile

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        if content_length > settings.UPLOAD_MAX_BYTES + _ROOM_FOR_FIELDS:
            raise FileTooLarge("The request is larger than a file may be.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        nameless = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - closed with the request
        self.file = UploadedFile(
            nameless, self.file_name or "", self.content_type, 0, self.charset, self.content_type_extra
        )
        self.digest = hashlib.sha256()
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received >= settings.UPLOAD_MAX_BYTES:
            self.file.close()
            raise FileTooLarge("The file is larger than a file may be.")
        self.digest.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.digest.hexdigest()  # type: ignore[attr-defined]
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def fingerprint(file: BinaryIO | File[bytes]) -> tuple[str, int]:
    """The SHA-256 in hexadecimal, and the size in bytes; computed only if the handler has not done so."""
    known, size = getattr(file, "sha256", None), getattr(file, "size", None)
    if known is not None and size is not None:
        return known, size
    digest, length = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
        length += len(block)
    file.seek(0)
    return digest.hexdigest(), length


_NO_SPACE = "The selected file could not be uploaded – try again"
_LATER = "Our storage is full. Nothing has changed. Try again later: the people who run the service have been told."


@contextlib.contextmanager
def stored(file: BinaryIO | File[bytes]) -> Iterator[str]:
    """Store the file and give its name in the storage. Delete it again if the block raises an exception."""
    name = uuid.uuid4().hex
    try:
        yield default_storage.save(name, File(file))
    except BaseException as error:
        default_storage.delete(name)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            log.exception("The storage is full")
            raise Refused.because("NO_SPACE", _NO_SPACE, fix=_LATER) from error
        raise
