"""What the pages of uploads offer for download: samples of the kinds that a visitor may send, and safe tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads import downloads, kinds
from tests import factories
from tests.uploads.sending import Desk, codes

ALLOCATIONS = kinds.kind("allocations")


@pytest.fixture
def written(settings, tmp_path: Path) -> Path:
    """The first sample of allocations lies where the demonstration writes it; the second does not."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    path = tmp_path / "demo" / ALLOCATIONS.samples[0].name
    path.parent.mkdir()
    path.write_bytes(b"PK")
    return path


@pytest.fixture
def streams(db: None) -> None:
    factories.stream(code="public-health", holder_kinds=["county", "unitary"])
    factories.stream(code="nhs-core", holder_kinds=["icb"])
    factories.stream(code="ended", holder_kinds=["unitary"], last_year=2019)


def names(actor: Actor) -> list[str]:
    return [one.name for one in downloads.samples_for(actor)]


def member(organisation: Organisation, *roles: str) -> Actor:
    return factories.actor(factories.member(organisation=organisation, roles=list(roles)))


@pytest.mark.usefixtures("streams")
def test_a_publisher_is_offered_the_workbooks_that_are_there(settings, written):
    nhs = factories.nhs_england()
    publisher = member(nhs, "publisher")
    assert names(publisher) == [written.name]
    file = downloads.sample_named(written.name, publisher)
    assert file is not None
    with file:
        assert file.read() == b"PK"
    (written.parent / "other.xlsx").write_bytes(b"PK")
    for name in ("other.xlsx", ALLOCATIONS.samples[1].name, "../demo/other.xlsx", ""):
        assert downloads.sample_named(name, publisher) is None
    for other in (member(nhs, "finance_officer"), member(factories.organisation(), "finance_officer")):
        assert written.name not in names(other)
    settings.DEMO = False
    assert names(publisher) == []


@pytest.mark.usefixtures("streams", "written")
@pytest.mark.parametrize(
    ("kind", "code", "role", "held"),
    [
        ("unitary", "E06000066", "finance_officer", [("E06000066", "public-health", "budget")]),
        ("icb", "QSL", "finance_officer", [("QSL", "nhs-core", "allocation")]),
        ("district", "E07000001", "finance_officer", []),
        ("unitary", "E06000066", "governance_lead", []),
    ],
)
def test_others_are_offered_rows_of_their_own_organisation(kind, code, role, held):
    here = Desk(factories.organisation(code=code, kind=kind, name="Somerset"), roles=(role,))
    factories.organisation(code="E06000001", kind=kind)
    offered = names(here.officer)
    made = [f"{code.lower()}-figures-with-mistakes.csv", f"{code.lower()}-figures.csv"]
    assert offered == (made if held else [])
    if not held:
        return
    file = downloads.sample_named(made[1], here.officer)
    assert file is not None
    rows = list(csv.DictReader(io.TextIOWrapper(file)))
    assert [(row["organisation"], row["stream"], row["basis"]) for row in rows] == held


@pytest.mark.usefixtures("streams", "written")
def test_a_sample_is_refused_with_its_mistakes_and_accepted_once_mended():
    here = Desk(factories.council(name="Somerset Council", code="E06000066", kind="unitary"))
    factories.council(code="E06000001", kind="unitary")
    for number in range(2, 6):
        factories.stream(code=f"grant-{number}", holder_kinds=["unitary"])
    wrong, right = downloads.samples_for(here.officer)
    refused = here.send(wrong.content, name=wrong.name)
    assert refused.state == "refused"
    assert {"AMBIGUOUS_NUMBER", "AMBIGUOUS_FY", "UNKNOWN_STREAM", "NOT_PERMITTED", "LOOKS_LIKE_TOTAL"} == set(
        codes(refused)
    )
    accepted = here.put(right.content, name=right.name)
    assert (accepted.state, accepted.rows_staged, accepted.problem_count) == ("accepted", 5, 0)


@pytest.mark.usefixtures("streams", "written")
def test_a_department_is_offered_rows_of_a_few_that_it_publishes_for():
    department = factories.mhclg()
    for number in range(5):
        factories.council(code=f"E0600000{number}", kind="unitary", name=f"Council {number}")
    assert names(member(department, "finance_officer")) == []
    desk = Desk(department, roles=("publisher",))
    _, right = downloads.samples_for(desk.officer)
    accepted = desk.put(right.content, name=right.name)
    assert (accepted.state, accepted.rows_staged) == ("accepted", 3)


@pytest.mark.usefixtures("streams", "written")
@pytest.mark.parametrize(("role", "is_offered"), [("finance_officer", True), ("governance_lead", False)])
def test_samples_are_offered_to_whoever_may_send_their_kind(role, is_offered, client_of):
    here = factories.council(code="E06000066", kind="unitary")
    client: Client = client_of(factories.member(organisation=here, roles=[role]))
    address = reverse("uploads:sample-download", args=["e06000066-figures.csv"])
    page = client.get(reverse("uploads:upload-list")).content.decode()
    assert "Upload a file" in page
    assert (address in page) is is_offered
    answer = client.get(address)
    assert answer.status_code == (200 if is_offered else 404)
    if is_offered:
        assert b"".join(answer.streaming_content).startswith(b"financial_year,organisation")


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
