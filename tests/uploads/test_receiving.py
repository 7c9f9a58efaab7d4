"""Bytes on their way in: capped while they stream, fingerprinted once, never kept when they are too many."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from pooledcare.kernel.problems import Refused
from pooledcare.uploads import receiving
from pooledcare.uploads.receiving import CappedFileHandler, FileTooLarge, fingerprint


def parse(body: bytes, *, length: int | None = None) -> UploadedFile:
    request = RequestFactory().generic("POST", "/", body, content_type=MULTIPART_CONTENT)
    meta = dict(request.META) | {"CONTENT_LENGTH": str(len(body) if length is None else length)}
    handler = CappedFileHandler(request)
    _, files = MultiPartParser(meta, io.BytesIO(body), [handler], "utf-8").parse()
    return files["file"]


def sent(content: bytes) -> bytes:
    file = io.BytesIO(content)
    file.name = "figures.csv"
    return encode_multipart(BOUNDARY, {"kind": "allocations", "file": file})


def test_a_file_is_written_to_disk_without_a_name_and_fingerprinted_while_it_streams_in():
    content = b"a,b\n" * 100_000
    with parse(sent(content)) as file:
        on_disk = os.fstat(file.fileno())
        assert (on_disk.st_size, on_disk.st_nlink) == (len(content), 0)
        assert fingerprint(file) == (hashlib.sha256(content).hexdigest(), len(content))
        assert file.read() == content


def test_what_a_handler_has_not_seen_is_fingerprinted_from_its_bytes():
    assert fingerprint(io.BytesIO(b"abc")) == (hashlib.sha256(b"abc").hexdigest(), 3)


def test_f22_a_body_that_says_it_is_too_large_is_refused_before_a_byte_is_read(settings):
    settings.UPLOAD_MAX_BYTES = 1_000
    with pytest.raises(FileTooLarge):
        parse(sent(b"x"), length=10_000_000)


def test_f22_an_endless_file_is_stopped_at_the_cap_and_leaves_nothing_behind(settings, tmp_path: Path):
    settings.UPLOAD_MAX_BYTES = 100_000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    with pytest.raises(FileTooLarge):
        parse(sent(b"x" * 150_000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("size", "is_refused"), [(999, False), (1_000, True), (1_001, True)])
def test_a_file_must_stay_below_the_cap_while_it_streams_in(settings, size, is_refused):
    settings.UPLOAD_MAX_BYTES = 1_000
    if is_refused:
        with pytest.raises(FileTooLarge, match="The file is larger than a file may be"):
            parse(sent(b"x" * size))
        return
    with parse(sent(b"x" * size)) as file:
        assert (file.size, file.name, file.read()) == (size, "figures.csv", b"x" * size)


@pytest.mark.parametrize(("more", "is_refused"), [(0, False), (1, True)])
def test_a_body_may_be_as_much_larger_than_a_file_as_its_fields_need(settings, more, is_refused):
    settings.UPLOAD_MAX_BYTES = 1_000
    length = 1_000 + 64 * 1024 + more
    if is_refused:
        with pytest.raises(FileTooLarge, match="The request is larger than a file may be"):
            parse(sent(b"x"), length=length)
    else:
        parse(sent(b"x"), length=length).close()


def test_a_fingerprint_is_of_the_whole_file_wherever_it_was_left(monkeypatch):
    """And it is left at its beginning, for whoever stores it."""
    monkeypatch.setattr(receiving, "BLOCK", 4)
    file = io.BytesIO(b"abcdefghij")
    file.seek(5)
    assert fingerprint(file) == (hashlib.sha256(b"abcdefghij").hexdigest(), 10)
    assert file.tell() == 0


@pytest.mark.parametrize("known", [{"sha256": "0" * 64}, {"size": 10}])
def test_half_a_fingerprint_is_none(known):
    file = UploadedFile(io.BytesIO(b"abc"))
    for name, value in known.items():
        setattr(file, name, value)
    assert fingerprint(file) == (hashlib.sha256(b"abc").hexdigest(), 3)


def test_a_file_that_was_not_sent_to_its_end_is_closed(settings):
    handler = CappedFileHandler(RequestFactory().post("/"))
    handler.upload_interrupted()
    handler.new_file("file", "a.csv", "text/csv", None)
    handler.receive_data_chunk(b"abc", 0)
    handler.upload_interrupted()
    assert handler.file.closed


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_storage_is_told_as_such_and_keeps_nothing(number, caplog):
    with pytest.raises(Refused) as refused, receiving.stored(io.BytesIO(b"abc")) as name:
        raise OSError(number, "full")
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.fix) == (
        "NO_SPACE",
        "The selected file could not be uploaded – try again",
        "Our storage is full. Nothing has changed. Try again later: the people who run the service have been told.",
    )
    assert not default_storage.exists(name)
    assert "The storage is full" in caplog.text
