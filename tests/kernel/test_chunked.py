"""Bodies without a length, as a web server that decodes chunks passes them on."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.chunked import BLOCK, CompressedChunks, LengthRequired, MalformedChunks, read_chunks


class Source(io.BytesIO):
    """Counts what is read of it."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= BLOCK
        return super().read(size)


def sent(body: bytes, **meta: Any) -> WSGIRequest:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    address = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_TYPE": "text/plain"}
    return WSGIRequest({**address, "wsgi.input": Source(body), **chunked, **meta})


@given(st.binary(max_size=3 * BLOCK))
def test_a_body_without_a_length_is_read_whole_and_has_one_afterwards(body: bytes):
    request = sent(body)
    held = read_chunks(request, len(body))
    assert held is not None
    with held:
        assert request.META["CONTENT_LENGTH"] == str(len(body))
        assert request.read() == body
        assert request.read(1) == b""


def test_without_it_django_takes_the_body_for_empty():
    assert sent(b"something").read() == b""


@pytest.mark.parametrize("most", [0, 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_the_limit_is_the_last_byte_that_is_taken(most: int):
    held = read_chunks(sent(b"x" * most), most)
    assert held is not None
    held.close()
    with pytest.raises(RequestDataTooBig):
        read_chunks(sent(b"x" * (most + 1)), most)


def test_no_more_is_read_than_a_block_beyond_the_limit():
    request = sent(b"x" * 100 * BLOCK)
    with pytest.raises(RequestDataTooBig):
        read_chunks(request, 2 * BLOCK)
    assert request.META["wsgi.input"].tell() == 3 * BLOCK


@pytest.mark.parametrize("meta", [{"HTTP_TRANSFER_ENCODING": ""}, {"CONTENT_LENGTH": "9"}])
def test_a_body_with_a_length_and_no_body_are_left_alone(meta: dict[str, str]):
    request = sent(b"something", **meta)
    stream = request._stream
    assert read_chunks(request, 5) is None
    assert request._stream is stream
    assert request.META["wsgi.input"].tell() == 0


@pytest.mark.parametrize(
    ("meta", "error"),
    [
        ({"wsgi.input_terminated": False}, LengthRequired),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, CompressedChunks),
        ({"HTTP_TRANSFER_ENCODING": "identity"}, CompressedChunks),
    ],
)
def test_what_cannot_be_decoded_is_not_read(meta: dict[str, Any], error: type[Exception]):
    request = sent(b"something", **meta)
    with pytest.raises(error):
        read_chunks(request, 100)
    assert request.META["wsgi.input"].tell() == 0


def test_the_coding_may_be_written_in_capitals():
    held = read_chunks(sent(b"x", HTTP_TRANSFER_ENCODING=" Chunked "), 100)
    assert held is not None
    held.close()


@pytest.mark.parametrize("error", [OSError("no more data"), NoMoreData(), InvalidChunkSize("five")])
def test_chunks_that_are_not_whole_are_said_to_be_so(error: Exception):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise error

    with pytest.raises(MalformedChunks, match="in the middle of a chunk"):
        read_chunks(sent(b"", **{"wsgi.input": Broken()}), 100)
