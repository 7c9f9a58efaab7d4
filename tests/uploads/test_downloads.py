"""What the pages of uploads offer for download: samples of the kinds that a visitor may send, and safe tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads import downloads, kinds
from tests import factories

ALLOCATIONS, AGREEMENTS = kinds.kind("allocations"), kinds.kind("agreements")


@pytest.fixture
def written(settings, tmp_path: Path) -> Path:
    """The first sample of allocations lies where the demonstration writes it; the second does not."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    path = tmp_path / "demo" / ALLOCATIONS.samples[0].name
    path.parent.mkdir()
    path.write_bytes(b"PK")
    return path


def test_a_kind_offers_its_own_samples_that_are_there(written):
    assert downloads.samples(ALLOCATIONS) == [ALLOCATIONS.samples[0]]
    assert downloads.samples(AGREEMENTS) == []
    assert downloads.sample_named(written.name) == written


@pytest.mark.usefixtures("written")
def test_nothing_else_is_a_sample(settings, written):
    (written.parent / "other.xlsx").write_bytes(b"PK")
    for name in ("other.xlsx", ALLOCATIONS.samples[1].name, "../demo/other.xlsx", ""):
        assert downloads.sample_named(name) is None
    settings.DEMO = False
    assert downloads.samples(ALLOCATIONS) == []
    assert downloads.sample_named(written.name) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "is_offered"), [("finance_officer", True), ("governance_lead", False)])
def test_samples_are_offered_to_whoever_may_send_their_kind(role, is_offered, written, client_of):
    client: Client = client_of(factories.member(organisation=factories.organisation(), roles=[role]))
    page = client.get(reverse("uploads:upload-list")).content.decode()
    assert "Upload a file" in page
    assert (reverse("uploads:sample-download", args=[written.name]) in page) is is_offered
    answer = client.get(reverse("uploads:sample-download", args=[written.name]))
    assert b"".join(answer.streaming_content) == b"PK"


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "is_asked"), [("finance_officer", True), ("governance_lead", False)])
def test_the_form_says_of_publication_what_the_kind_says(role, is_asked, client_of):
    client: Client = client_of(factories.member(organisation=factories.organisation(), roles=[role]))
    page = client.get(reverse("uploads:upload-create")).content.decode()
    assert ALLOCATIONS.publication is not None
    for hint in (ALLOCATIONS.publication.date_hint, ALLOCATIONS.publication.complete_hint):
        assert (hint in page) is is_asked


def test_a_table_is_downloaded_under_the_name_of_the_upload():
    table = Table("drafts", "Drafts", [Column("Row", "number"), Column("Before", missing="")], [[3, "=1+1"], [4, None]])
    answer = downloads.table_download("UP-1 drafts", table, "csv")
    assert answer.getvalue().decode("utf-8-sig") == "Row,Before\r\n3,'=1+1\r\n4,\r\n"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''UP-1%20drafts.csv"
    workbook = downloads.table_download("UP-1 drafts", table, "xlsx")
    assert workbook.headers["Content-Disposition"].endswith("UP-1%20drafts.xlsx")
    assert workbook.getvalue()[:2] == b"PK"
