"""A file that is kept while another field of the upload form is corrected."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pooledcare.kernel.problems import Refused
from pooledcare.uploads import kept_files
from pooledcare.uploads.models import KeptFile, Upload
from pooledcare.uploads.tasks import tidy_staging
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = pytest.mark.django_db
FIGURES = rows("2026-27,QXM,nhs-core,allocation,100,recurrent,x").encode()
DAY_ALONE = {"published_on_day": "3"}
TOKEN = re.compile(r'name="kept_file" value="([0-9a-f-]{36})"')


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core")
    return Desk(factories.organisation(code="QXM", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def officer(desk, client_of) -> Client:
    return client_of(desk.officer.person)


def sent(client: Client, content: bytes | None = None, *, name: str = "figures.csv", **fields: Any) -> Any:
    files = {} if content is None else {"file": SimpleUploadedFile(name, content)}
    answer = {"is_published": "yes" if "published_on_day" in fields else "no"}
    return client.post("/uploads/new/", {"organisation": "QXM", "kind": "allocations", **answer, **fields, **files})


def token_on(response: Any) -> str:
    (token,) = TOKEN.findall(response.content.decode())
    return str(token)


def bytes_kept() -> list[str]:
    return default_storage.listdir("")[1]


def test_after_an_error_elsewhere_the_file_is_shown_kept_and_used(desk, officer):
    first = sent(officer, FIGURES, **DAY_ALONE)
    assert "Uploaded file: <strong>figures.csv</strong>, 112 bytes" in first.content.decode()
    assert "must include a month and year" in first.content.decode()
    second = sent(officer, kept_file=token_on(first), published_on_day="32")
    assert "figures.csv" in second.content.decode()
    assert sent(officer, kept_file=token_on(second)).status_code == 302
    upload = Upload.objects.get()
    assert (upload.filename, upload.size) == ("figures.csv", len(FIGURES))
    with default_storage.open(upload.stored_name) as file:
        assert file.read() == FIGURES
    assert not KeptFile.objects.exists()


def test_a_rule_that_another_field_breaks_keeps_the_file_too(desk, officer):
    later = timezone.localdate() + dt.timedelta(days=9)
    day = {
        "published_on_day": str(later.day),
        "published_on_month": str(later.month),
        "published_on_year": str(later.year),
    }
    answer = sent(officer, FIGURES, **day)
    assert "must be today or in the past" in answer.content.decode()
    assert sent(officer, kept_file=token_on(answer)).status_code == 302


def test_another_file_replaces_the_kept_one(desk, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = sent(officer, FIGURES, **DAY_ALONE)
        second = sent(officer, FIGURES + b"\n", name="second.csv", kept_file=token_on(first), **DAY_ALONE)
    assert "Uploaded file: <strong>second.csv</strong>" in second.content.decode()
    assert bytes_kept() == [KeptFile.objects.get().stored_name]
    with django_capture_on_commit_callbacks(execute=True):
        assert sent(officer, FIGURES + b"\n\n", name="third.csv", kept_file=token_on(second)).status_code == 302
    assert bytes_kept() == [Upload.objects.get().stored_name]
    assert Upload.objects.get().filename == "third.csv"


def test_a_file_of_an_earlier_form_is_not_taken_for_that_of_a_later_one(desk, officer):
    first = token_on(sent(officer, FIGURES, **DAY_ALONE))
    sent(officer, FIGURES + b"\n", name="second.csv", **DAY_ALONE)
    answer = sent(officer, kept_file=first)
    assert "the one that you selected before is no longer kept" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_form_that_is_sent_twice_at_once_is_told_that_the_file_is_used(desk, officer):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    default_storage.delete(KeptFile.objects.get().stored_name)  # as the first request does while the second is read
    answer = sent(officer, kept_file=token)
    assert "the one that you selected before is no longer kept" in answer.content.decode()
    assert TOKEN.search(answer.content.decode()) is None


@pytest.mark.parametrize("token", ["", "x", "00000000-0000-4000-8000-000000000000", "../figures.csv"])
def test_a_made_up_token_is_no_file(desk, officer, token):
    sent(officer, FIGURES, **DAY_ALONE)
    answer = sent(officer, kept_file=token)
    assert "Select " in answer.content.decode()
    assert not Upload.objects.exists()


def test_it_belongs_to_one_person_in_one_session(desk, officer, client_of):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    colleague = client_of(factories.member(organisation=desk.organisation, roles=["finance_officer"]))
    same_person_elsewhere = client_of(desk.officer.person)
    for client in (colleague, same_person_elsewhere):
        assert "no longer kept" in sent(client, kept_file=token).content.decode()
    assert not Upload.objects.exists()
    assert sent(officer, kept_file=token).status_code == 302


def test_what_is_wrong_with_the_file_itself_is_not_kept(desk, officer):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    assert sent(officer, kept_file=token).status_code == 302
    again = token_on(sent(officer, FIGURES, **DAY_ALONE))
    answer = sent(officer, kept_file=again)
    assert "The same file was already uploaded" in answer.content.decode()
    assert TOKEN.search(answer.content.decode()) is None
    assert not KeptFile.objects.exists()
    assert TOKEN.search(sent(officer, b"").content.decode()) is None
    assert TOKEN.search(sent(officer, b"", **DAY_ALONE).content.decode()) is None


def test_it_counts_as_large_as_any_file(desk, officer, settings):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    settings.UPLOAD_MAX_BYTES = len(FIGURES)
    answer = sent(officer, kept_file=token)
    assert "must be smaller than" in answer.content.decode()
    assert not Upload.objects.exists()


def test_whoever_may_not_upload_any_more_cannot_use_it(desk, officer):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    desk.officer.person.memberships.update(ended_at=timezone.now())
    assert sent(officer, kept_file=token).status_code == 403
    assert not Upload.objects.exists()


def test_only_people_who_may_upload_have_one_kept(desk):
    with pytest.raises(Refused) as refused:
        kept_files.keep_file(file=ContentFile(b"x"), filename="x.csv", session="s", by=desk.approver)
    assert refused.value.code == "NOT_ALLOWED"


@pytest.mark.parametrize(
    ("age", "is_kept"), [(dt.timedelta(hours=23, minutes=59), True), (dt.timedelta(days=1), False)]
)
def test_after_a_day_it_is_gone(desk, officer, django_capture_on_commit_callbacks, age, is_kept):
    token = token_on(sent(officer, FIGURES, **DAY_ALONE))
    KeptFile.objects.update(kept_at=timezone.now() - age)
    assert (sent(officer, kept_file=token, **DAY_ALONE).content.decode().count("Uploaded file") == 1) is is_kept
    KeptFile.objects.update(kept_at=timezone.now() - age)
    with django_capture_on_commit_callbacks(execute=True):
        tidy_staging()
    assert KeptFile.objects.exists() is is_kept
    assert bool(bytes_kept()) is is_kept
