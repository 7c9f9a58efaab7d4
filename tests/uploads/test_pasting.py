"""Cells copied from a spreadsheet are kept as a file, byte for byte, and take the way of a file."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import worked

pytestmark = pytest.mark.django_db

HEADINGS = "financial_year\torganisation\tstream\tbasis\tamount\trecurrence\tnote"
CELLS = f"  \r\n{HEADINGS}\r\n2024-25\tQXM\tnhs-core\tallocation\t1,234.50\trecurrent\tÄ note \r\n\r\n"


@pytest.fixture
def officer(client_of):
    board = factories.organisation(name="NHS Mereshire (example)", code="QXM")
    factories.stream(code="nhs-core")
    return client_of(factories.member(organisation=board, roles=["finance_officer"]))


def paste(client, cells: str, **fields):
    day = {"published_on_day": "3", "published_on_month": "5", "published_on_year": "2024"}
    body = {"organisation": "QXM", "kind": "allocations", "pasted": cells, **day, **fields}
    return client.post(reverse("uploads:upload-create"), body)


def test_pasted_cells_are_kept_exactly_and_read_like_a_file(officer):
    assert paste(officer, CELLS.strip()).status_code == 302
    upload = worked(Upload.objects.get())
    assert (upload.filename, upload.state, upload.rows_read) == ("pasted-cells.tsv", "awaiting_second_person", 1)


def test_not_even_blanks_at_the_ends_are_taken_off(officer):
    assert paste(officer, CELLS).status_code == 302
    with default_storage.open(Upload.objects.get().stored_name) as file:
        assert file.read() == CELLS.encode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cells": " \r\n\t"}, "Select a file, or paste cells"),
        ({"cells": CELLS, "file": SimpleUploadedFile("a.csv", b"a,b")}, "Select a file or paste cells, not both"),
    ],
)
def test_either_a_file_or_cells_are_needed(officer, fields, said):
    answer = paste(officer, **fields)
    assert said in answer.content.decode()
    assert not Upload.objects.exists()


def test_what_was_pasted_stays_in_the_form_while_another_field_is_wrong(officer):
    page = paste(officer, CELLS, published_on_month="13").content.decode()
    assert "Ä note" in page
    assert not Upload.objects.exists()


def test_the_same_cells_are_refused_like_the_same_file(officer):
    paste(officer, CELLS)
    assert "was already uploaded" in paste(officer, CELLS).content.decode()


def test_text_beyond_the_limit_is_refused_with_the_way_out(officer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
    answer = paste(officer, "x" * (2 * 1024**2))
    assert answer.status_code == 413
    said = "What you enter or paste must be smaller than 2MB. Save longer text as a file, and upload that."
    assert said in answer.content.decode()
