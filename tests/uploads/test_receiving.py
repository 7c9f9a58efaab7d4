"""Bytes on their way in: capped while they stream, fingerprinted once, never kept when they are too many."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

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
