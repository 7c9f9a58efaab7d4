"""Bodies that are sent in chunks, without a Content-Length (RFC 9112 §7.1). Django takes them for empty.

Clients send them when they do not know the length beforehand, for example when they make a file while they send it.
"""

from __future__ import annotations

import tempfile
from typing import IO

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest
from gunicorn.http.errors import ParseException

BLOCK = 64 * 1024


class LengthRequired(BadRequest):
    """The web server that received the body does not decode chunks, so that its end cannot be known."""


class MalformedChunks(BadRequest):
    """The chunks are not written as HTTP requires, or the client stopped in the middle."""


class CompressedChunks(BadRequest):
    """The body is compressed by a transfer coding."""


def read_chunks(request: HttpRequest, most: int) -> IO[bytes] | None:
    """Read a body that is sent in chunks. Afterwards the request has the body and a length, like any other request.

    Returns the file that holds it, which the caller closes, or None if the body is not sent in chunks. Raises
    RequestDataTooBig as soon as it is longer than `most` bytes, or one of the exceptions above.
    """
    coding = request.META.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    if not coding or request.META.get("CONTENT_LENGTH"):
        return None
    if coding != "chunked":
        raise CompressedChunks("What was sent is compressed, which is not read here.")
    if not request.META.get("wsgi.input_terminated"):
        raise LengthRequired(
            "What was sent came without its length (Content-Length). Tell the people who run this service."
        )
    held = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - the caller closes it
        max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    try:
        length = _copy(request.META["wsgi.input"], held, most)
    except BaseException:
        held.close()
        raise
    held.seek(0)
    request.META["CONTENT_LENGTH"] = str(length)
    request._stream = LimitedStream(held, length)  # type: ignore[assignment, arg-type]
    return held


def _copy(source: IO[bytes], held: IO[bytes], most: int) -> int:
    length = 0
    while block := _block(source):
        length += len(block)
        if length > most:
            raise RequestDataTooBig(f"The body is longer than {most} bytes.")
        held.write(block)
    return length


def _block(source: IO[bytes]) -> bytes:
    try:
        return source.read(BLOCK)
    except (OSError, ParseException) as error:
        raise MalformedChunks("The body ends in the middle of a chunk, or a chunk has a wrong length.") from error
