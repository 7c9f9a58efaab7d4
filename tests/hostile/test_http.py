"""Hostile requests around an upload that are not about a cell: bodies, names, repeats, forgeries, ranges."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from budgets.models import Allocation
from pooledcare.uploads.models import Upload
from tests import factories
from tests.asking import Api
from tests.hostile.cases import FENNMOUTH, GOOD, MERESHIRE, NO_YEARS, line, lines
from tests.uploads.sending import Desk, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(desk: Desk) -> Api:
    """The publisher's key."""
    permissions = ["read_unpublished", "upload_allocations", "publish_for_holders"]
    person = factories.member(organisation=desk.organisation, roles=["publisher"])
    return Api(factories.api_key(created_by=person, organisation=desk.organisation, permissions=permissions)[1])


@pytest.fixture
def officer(desk: Desk, client_of: Any) -> Client:
    return client_of(factories.member(organisation=desk.organisation, roles=["publisher"]))


def send(api: Api, content: str = GOOD, *, name: str = "figures.csv", key: str = "one", **fields: Any) -> Any:
    body = {"kind": "allocations", "file": SimpleUploadedFile(name, content.encode()), **fields}
    return api.post("/uploads/", body, {"Idempotency-Key": key}, form=True)


def choose(client: Client, files: Any, **fields: str) -> Any:
    return client.post(
        reverse("uploads:upload-create"), {"organisation": "X24", "kind": "allocations", "file": files, **fields}
    )


def a_file(content: str = GOOD, name: str = "figures.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode(), "text/csv")


def test_f21_a_compressed_body_is_not_unpacked(api: Api):
    answer = api.post("/uploads/", gzip.compress(b"{}"), {"Idempotency-Key": "one", "Content-Encoding": "gzip"})
    assert answer.status_code == 415, answer.content
    assert answer.json()["type"].endswith("/unsupported-media-type/")


def test_f22_a_file_at_the_cap_is_refused_in_the_words_of_the_service_manual(officer: Client, settings: Any):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = choose(officer, a_file("x" * (1024 * 1024)))
    assert answer.status_code == 413
    assert "The selected file must be smaller than 1MB" in answer.content.decode()
    assert not Upload.objects.exists()


def test_f23_a_row_too_many_refuses_the_file(desk: Desk, settings: Any):
    settings.UPLOAD_MAX_ROWS = 2
    assert desk.send(GOOD).state == "awaiting_second_person"
    assert codes(desk.send(GOOD + MERESHIRE.replace("1000", "1") + "\n")) == ["TOO_MANY_ROWS"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../x.csv", "x.csv"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie: x=1.csv"),
        ("n" * 300 + ".csv", "n" * 96 + ".csv"),
        ("sv\u202evsc.csv", "svvsc.csv"),
        ("con.csv", "con.csv"),
        ("", "file"),
    ],
    ids=["path", "header", "long", "turned", "device", "none"],
)
def test_f34_a_name_is_shown_safely_and_never_used(desk: Desk, officer: Client, name: str, shown: str):
    upload = desk.receive(GOOD, name=name)
    assert upload.filename == shown
    assert len(upload.stored_name) == 32
    given = officer.get(reverse("uploads:upload-file", args=[upload.reference]))
    assert b"".join(given.streaming_content) == GOOD.encode()
    given.close()
    assert "\n" not in str(given.headers["Content-Disposition"])
    assert "Set-Cookie" not in given.headers
    assert given.headers["Content-Disposition"].startswith("attachment")


def test_f37_one_file_is_asked_for_on_the_page(officer: Client):
    assert "Select a file" in choose(officer, "").content.decode()
    two = choose(officer, [a_file(), a_file(name="other.csv")])
    assert two.status_code == 400
    assert "You can only select 1 file." in two.content.decode()
    assert not Upload.objects.exists()


def test_f37_one_file_is_asked_for_over_the_api(api: Api):
    assert api.post("/uploads/", {"kind": "allocations"}, {"Idempotency-Key": "a"}, form=True).status_code == 400
    body = {"kind": "allocations", "file": [a_file(), a_file(name="other.csv")]}
    assert api.post("/uploads/", body, {"Idempotency-Key": "b"}, form=True).status_code == 400
    assert not Upload.objects.exists()


def test_f39_the_same_figures_with_other_line_ends_are_unchanged(desk: Desk):
    desk.put(GOOD)
    again = desk.send(GOOD.replace("\n", "\r\n"), name="renamed.csv")
    assert (again.state, again.counts["unchanged"], again.counts["new"]) == ("awaiting_second_person", 2, 0)
    desk.accept(again)
    assert Allocation.objects.count() == 2


def test_b03_and_b04_what_stands_is_unchanged_and_another_amount_is_changed_before_anything_changes(desk: Desk):
    desk.put(GOOD)
    upload = desk.send(lines(MERESHIRE, FENNMOUTH.replace("500.50", "500.51")))
    assert (upload.counts["unchanged"], upload.counts["changed"], upload.counts["new"]) == (1, 1, 0)
    assert Allocation.objects.filter(is_current=True, version=1).count() == 2
    desk.accept(upload)
    assert sorted(Allocation.objects.values_list("version", "is_current")) == [(1, False), (1, True), (2, True)]


@pytest.mark.parametrize("text", [text for id, texts in NO_YEARS.items() if id != "D01" for text in texts])
def test_d02_to_d11_over_the_api_a_date_is_written_in_one_way(api: Api, text: str):
    answer = send(api, published_on=text)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["where"]["field"] == "published_on"
    assert not Upload.objects.exists()


def test_d01_over_the_api_a_date_is_written_in_that_way(api: Api):
    assert send(api, published_on="2025-04-01").json()["published_on"] == "2025-04-01"


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "20255-04-01"])
def test_d10_a_date_of_publication_is_plausible(api: Api, text: str):
    assert send(api, published_on=text).status_code in (400, 409)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("30", "2", "2025"),
        ("1", "13", "2025"),
        ("1", "4", "25"),
        ("1", "4", "٢٠٢٥"),
        ("today", "4", "2025"),
        ("1", "", "2025"),
    ],
)
def test_d_on_the_page_a_date_that_is_none_is_told_at_the_field(officer: Client, day: str, month: str, year: str):
    date = {"published_on_day": day, "published_on_month": month, "published_on_year": year}
    answer = choose(officer, a_file(), **date)
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
    assert not Upload.objects.exists()


def test_s20_thousands_of_bad_rows_are_all_told_and_grouped_on_the_page(desk: Desk, officer: Client):
    bad = [line(organisation="QZZ", amount=str(number)) for number in range(3_000)]
    upload = desk.send(lines(*bad))
    assert (upload.state, upload.problem_count) == ("refused", 3_000)
    table = b"".join(officer.get(reverse("uploads:upload-problems", args=[upload.reference])).streaming_content)
    assert table.count(b"\r\n") == 3_001
    page = officer.get(upload.get_absolute_url())
    assert len(page.content) < 400_000


def test_x24_a_form_from_another_site_is_refused(desk: Desk):
    client = Client(enforce_csrf_checks=True)
    factories.log_in(client, factories.member(organisation=desk.organisation, roles=["publisher", "finance_approver"]))
    upload = desk.send(GOOD)
    assert choose(client, a_file("other")).status_code == 403
    assert client.post(reverse("uploads:upload-accept", args=[upload.reference])).status_code == 403
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


def test_x30_a_part_of_an_export_is_never_given_for_the_whole(desk: Desk, api: Api):
    desk.put(GOOD)
    whole = api.csv("/allocations/")
    part = api.get("/allocations/", {"Accept": "text/csv", "Range": "bytes=0-9", "Accept-Encoding": "br, gzip"})
    assert part.status_code == 200
    assert b"".join(part.streaming_content).decode() == whole
    assert "Content-Encoding" not in part.headers


def test_x33_after_a_decision_the_browser_is_sent_on_and_a_repeat_shows_the_result(desk: Desk, client_of: Any):
    approver = client_of(factories.member(organisation=desk.organisation, roles=["finance_approver"]))
    upload = desk.send(GOOD)
    address = reverse("uploads:upload-accept", args=[upload.reference])
    first, second = approver.post(address), approver.post(address)
    assert (first.status_code, first.headers["Location"]) == (302, upload.get_absolute_url())
    assert (second.status_code, second.headers["Location"]) == (302, upload.get_absolute_url())
    assert approver.get(upload.get_absolute_url()).status_code == 200
