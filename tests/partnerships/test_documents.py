"""Papers kept with agreements: what is taken, what is refused, what the scanner says, and who may change them."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import socket
import threading
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from partnerships.actions import documents
from partnerships.actions.documents import add_document, change_document, remove_document
from partnerships.documents.file_types import ACCEPTED, paper_type
from partnerships.documents.virus_scan import ScannerAway, is_infected
from partnerships.models import Agreement, AgreementSummary, Document
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.partnerships import clamd, papers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]


@pytest.fixture
def icb():
    return factories.organisation(kind="icb")


@pytest.fixture
def council():
    return factories.council()


@pytest.fixture
def lead(icb):
    return factories.actor(factories.member(organisation=icb, roles=["governance_lead"]))


@pytest.fixture
def agreement(icb, council) -> Agreement:
    return factories.agreement(partners=[icb, council])


def add(agreement, by, content: bytes = papers.PDF, filename: str = "Signed.pdf", **given) -> Document:
    given = {"kind": "signed_agreement", "title": "Signed agreement"} | given
    return add_document(agreement=agreement, file=ContentFile(content), filename=filename, by=by, **given)


def refusal(action, *values, **given) -> list[str]:
    with pytest.raises(Refused) as caught:
        action(*values, **given)
    return [problem.code for problem in caught.value.problems]


def kept() -> list[str]:
    try:
        return default_storage.listdir("")[1]
    except FileNotFoundError:
        return []


# --- what is taken ---------------------------------------------------------------------------------------------------


def test_a_paper_is_kept_under_a_name_of_our_own_and_exempt_unless_somebody_says_otherwise(agreement, icb, lead):
    made = add(agreement, lead, filename="../../Cabinet\r\npaper.PDF", title="  Cabinet   paper ")
    assert (made.filename, made.title, made.content_type, made.size) == (
        "Cabinetpaper.PDF", "Cabinet paper", "application/pdf", len(papers.PDF),
    )  # fmt: skip
    assert (made.is_exempt, made.scan, made.organisation, made.version) == (True, "not_scanned", icb, 1)
    assert kept() == [made.stored_name]
    with default_storage.open(made.stored_name) as file:
        assert file.read() == papers.PDF
    event = AuditEvent.objects.get()
    assert (event.action, event.sentence) == ("document.added", f"{agreement}: document {made.pk} added.")


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (papers.PDF, "a.pdf", "application/pdf"),
        (papers.DOCX, "a.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (papers.XLSX, "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (papers.ODT, "a.odt", papers.ODT_TYPE),
        (papers.PNG, "a.png", "image/png"),
        (papers.JPEG, "a.jpg", "image/jpeg"),
        (papers.JPEG, "a.b.jpeg", "image/jpeg"),
    ],
)
def test_a_paper_is_known_by_what_is_in_it(content: bytes, name: str, content_type: str):
    file = io.BytesIO(content)
    assert paper_type(file, name).content_type == content_type
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"A text.", "a.txt", "WRONG_FILE_TYPE"),
        (b"<html><script>alert(1)</script></html>", "a.pdf", "WRONG_FILE_TYPE"),
        (b"MZ\x90\x00" + bytes(60), "a.pdf", "WRONG_FILE_TYPE"),
        (b"GIF89a", "a.png", "WRONG_FILE_TYPE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.docx", "WRONG_FILE_TYPE"),
        (b"PK\x03\x04 and nothing more", "a.docx", "WRONG_FILE_TYPE"),
        (papers.archive({"a.txt": "x"}), "a.docx", "WRONG_FILE_TYPE"),
        (papers.archive({"mimetype": "application/epub+zip"}), "a.odt", "WRONG_FILE_TYPE"),
        (papers.archive({papers.CONTENTS: papers.PLAIN, "ppt/presentation.xml": ""}), "a.docx", "WRONG_FILE_TYPE"),
        (papers.WITH_MACROS, "a.docx", "HAS_MACROS"),
        (papers.archive({papers.CONTENTS: papers.PLAIN, "word/vbaProject.bin": "x"}), "a.docx", "HAS_MACROS"),
        (papers.archive({papers.CONTENTS: "v\0b\0a\0P\0r\0o\0j\0e\0c\0t\0"}), "a.docx", "HAS_MACROS"),
        (papers.archive({"mimetype": papers.ODT_TYPE, "Basic/script-lb.xml": "x"}), "a.odt", "HAS_MACROS"),
        (papers.archive({papers.CONTENTS: " " * 1_100_000, "word/document.xml": ""}), "a.docx", "WRONG_FILE_TYPE"),
        (papers.protected(), "a.docx", "PASSWORD_PROTECTED"),
        (papers.PDF, "a.docx", "NAME_AND_CONTENT_DIFFER"),
        (papers.PDF, "a", "NAME_AND_CONTENT_DIFFER"),
        (papers.XLSX, "a.docx", "NAME_AND_CONTENT_DIFFER"),
        (papers.PDF, "a.pdf.exe", "NAME_AND_CONTENT_DIFFER"),
        (papers.PNG, "a.jpg", "NAME_AND_CONTENT_DIFFER"),
    ],
)
def test_anything_else_is_refused(content: bytes, name: str, code: str):
    assert refusal(paper_type, io.BytesIO(content), name) == [code]


def test_every_accepted_ending_is_offered():
    assert ACCEPTED == (".docx", ".jpeg", ".jpg", ".odt", ".pdf", ".png", ".xlsx")


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"kind": "gossip"}, ["UNKNOWN_VALUE"]),
        ({"title": " "}, ["REQUIRED"]),
        ({"title": "x" * 301, "is_exempt": None}, ["TOO_LONG", "REQUIRED"]),
        ({"content": b""}, ["EMPTY_FILE"]),
        ({"content": b"A text.", "filename": "a.txt"}, ["WRONG_FILE_TYPE"]),
    ],
)
def test_what_is_refused_leaves_nothing_behind(agreement, lead, given, codes):
    assert refusal(add, agreement, lead, **given) == codes
    assert not Document.objects.exists()
    assert kept() == []


def test_a_paper_of_the_largest_size_is_refused_and_a_smaller_one_is_kept(agreement, lead, settings):
    settings.DOCUMENT_MAX_BYTES = len(papers.PDF)
    assert refusal(add, agreement, lead) == ["FILE_TOO_LARGE"]
    settings.DOCUMENT_MAX_BYTES += 1
    assert add(agreement, lead).pk


def test_the_same_paper_is_kept_once_until_it_is_removed(agreement, lead):
    made = add(agreement, lead)
    assert refusal(add, agreement, lead, filename="again.pdf") == ["DUPLICATE_FILE"]
    assert kept() == [made.stored_name]
    remove_document(document=made, by=lead)
    assert add(agreement, lead).pk != made.pk


def test_a_paper_belongs_to_a_deed_of_this_agreement(agreement, lead):
    deed = factories.open_deed(agreement)
    assert add(agreement, lead, deed=deed).deed == deed
    other = factories.open_deed(factories.agreement())
    assert refusal(add, agreement, lead, content=papers.PNG, filename="a.png", deed=other) == ["DEED_NOT_THERE"]


def test_two_agreements_may_keep_the_same_paper(agreement, icb, council, lead):
    add(agreement, lead)
    assert add(factories.agreement(partners=[icb, council]), lead).size == len(papers.PDF)


class Unread(io.BytesIO):
    """A file that nobody has to look at."""

    def read(self, *_: object) -> bytes:
        pytest.fail("The file was read.")


def test_who_may_not_add_a_paper_and_what_is_wrong_beside_it_is_refused_before_it_is_read(agreement, lead, icb):
    given = {"agreement": agreement, "file": Unread(papers.PDF), "filename": "a.pdf", "kind": "other"}
    viewer = factories.actor(factories.member(organisation=icb, roles=["viewer"]))
    with pytest.raises(PermissionDenied):
        add_document(title="x", by=viewer, **given)
    assert refusal(add_document, title="", by=lead, **given) == ["REQUIRED"]


class Overtaken(io.BytesIO):
    """While it is read, somebody takes the agreement out of reach."""

    def read(self, *given: int) -> bytes:
        AgreementSummary.objects.update(reader_ids=[])
        return super().read(*given)


def test_who_has_lost_the_agreement_while_the_paper_was_scanned_adds_nothing(agreement, lead):
    given = {"agreement": agreement, "filename": "a.pdf", "kind": "other", "title": "x"}
    with pytest.raises(Http404):
        add_document(file=Overtaken(papers.PDF), by=lead, **given)
    assert not Document.objects.exists()
    assert kept() == []


def test_a_paper_is_not_kept_where_its_agreement_cannot_be(agreement, lead, monkeypatch):
    """The bytes go again when anything after them fails."""
    monkeypatch.setattr(documents, "finish_change", failing)
    with pytest.raises(RuntimeError, match="No room in the feed"):
        add(agreement, lead)
    assert not Document.objects.exists()
    assert kept() == []


def failing(*_: object, **__: object) -> None:
    raise RuntimeError("No room in the feed")


def test_a_paper_says_who_added_it_for_which_deed_under_its_digest(agreement, lead):
    deed = factories.open_deed(agreement)
    made = add(agreement, lead, deed=deed, kind="finance", is_exempt=False)
    assert (made.agreement, made.deed, made.kind, made.is_exempt, made.actor, made.sha256, made.removed_at) == (
        agreement, deed, "finance", False, lead.reference, hashlib.sha256(papers.PDF).hexdigest(), None,
    )  # fmt: skip


def test_each_refusal_of_a_file_says_what_to_do_at_the_file(agreement, lead, settings):
    settings.DOCUMENT_MAX_BYTES = 2 * 1024 * 1024
    add(agreement, lead)

    def told(content: bytes) -> tuple[str, str, str, str | None]:
        with pytest.raises(Refused) as caught:
            add(agreement, lead, content=content)
        (problem,) = caught.value.problems
        return problem.code, problem.message, problem.where.field, problem.fix

    assert told(b"") == ("EMPTY_FILE", "The selected file is empty", "file", None)
    assert told(papers.PDF + bytes(2 * 1024 * 1024)) == (
        "FILE_TOO_LARGE", "The selected file must be smaller than 2MB", "file",
        "Save it with smaller pictures, or split it.",
    )  # fmt: skip
    assert told(papers.PDF) == ("DUPLICATE_FILE", "This file has already been added to the agreement", "file", None)
    with clamd.scanner() as (settings.CLAMD_ADDRESS, _):
        assert told(papers.PDF + papers.EICAR) == (
            "INFECTED", "The selected file contains a virus", "file",
            "The file has not been saved. Tell your IT support.",
        )  # fmt: skip
    settings.CLAMD_ADDRESS = clamd.unused_address()
    assert told(papers.PDF)[:3] == ("SCANNER_AWAY", "The file could not be checked for viruses", "file")


def test_a_full_storage_keeps_neither_bytes_nor_row(agreement, lead, monkeypatch):
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    assert refusal(add, agreement, lead) == ["NO_SPACE"]
    assert not Document.objects.exists()


# --- the scanner -----------------------------------------------------------------------------------------------------


def test_a_clean_paper_is_marked_as_scanned_and_was_shown_whole(agreement, lead, settings):
    large = papers.PDF + bytes(200_000)
    with clamd.scanner() as (settings.CLAMD_ADDRESS, received):
        made = add(agreement, lead, content=large)
    assert made.scan == "clean"
    assert received == [large]
    with default_storage.open(made.stored_name) as file:
        assert file.read() == large


def test_an_infected_paper_is_refused_and_not_kept(agreement, lead, settings):
    with clamd.scanner() as (settings.CLAMD_ADDRESS, _):
        assert refusal(add, agreement, lead, content=papers.PDF + papers.EICAR) == ["INFECTED"]
    assert not Document.objects.exists()
    assert kept() == []


def test_a_scanner_on_a_path_is_asked_too(tmp_path, socket_enabled):
    path = tmp_path / "clamd"
    with clamd.scanner(path=path) as (address, _):
        assert is_infected(io.BytesIO(papers.EICAR), address) is True
        assert is_infected(io.BytesIO(papers.PDF), address) is False
    path.unlink()
    with pytest.raises(ScannerAway):
        is_infected(io.BytesIO(papers.PDF), address)


@pytest.mark.parametrize(
    "answer",
    [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK but\0", b"stream: \xff ERROR\0", b"x" * 9_000],
)
def test_a_scanner_that_does_not_say_clean_lets_nothing_in(agreement, lead, settings, answer: bytes):
    with clamd.scanner(answer=answer) as (settings.CLAMD_ADDRESS, _):
        assert refusal(add, agreement, lead) == ["SCANNER_AWAY"]
    assert not Document.objects.exists()


def test_a_scanner_is_shown_the_file_from_its_beginning_and_leaves_it_there(socket_enabled):
    file = io.BytesIO(papers.PDF + bytes(70_000))
    with clamd.scanner() as (address, received):
        file.seek(9)
        assert is_infected(file, address) is False
    assert (received, file.tell()) == ([file.getvalue()], 0)
    file.seek(9)
    with pytest.raises(ScannerAway):
        is_infected(file, clamd.unused_address())
    assert file.tell() == 0


def test_a_scanner_has_five_seconds_to_answer_the_call_and_a_minute_for_each_step(monkeypatch):
    """What is said over an address of the internet, with or without brackets, is said in these times."""
    asked = []

    class Line:
        answers = [b"stream: ", b"OK", b"\0"]

        def settimeout(self, seconds: float) -> None:
            asked.append(seconds)

        def sendall(self, data: bytes) -> None:
            pass

        def recv(self, most: int) -> bytes:
            return self.answers.pop(0) if self.answers else b""

        def __enter__(self) -> Line:
            return self

        def __exit__(self, *_: object) -> None:
            asked.append("closed")

    def connect(address: tuple[str, int], timeout: float) -> Line:
        asked.extend([address, timeout])
        return Line()

    monkeypatch.setattr(socket, "create_connection", connect)
    assert is_infected(io.BytesIO(papers.PDF), "[::1]:3310") is False
    assert asked == [("::1", 3310), 5, 60, "closed"]


def test_a_scanner_that_is_away_lets_nothing_in(agreement, lead, settings):
    settings.CLAMD_ADDRESS = clamd.unused_address()
    assert refusal(add, agreement, lead) == ["SCANNER_AWAY"]
    assert kept() == []


def test_a_scanner_that_falls_silent_lets_nothing_in(agreement, lead, settings, monkeypatch):
    monkeypatch.setattr("partnerships.documents.virus_scan.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(clamd.Answers, "handle", lambda self: threading.Event().wait(1))
    with clamd.scanner() as (settings.CLAMD_ADDRESS, _):
        assert refusal(add, agreement, lead) == ["SCANNER_AWAY"]


# --- changing and removing -------------------------------------------------------------------------------------------


def test_a_paper_is_retitled_and_opened_to_the_public(agreement, lead):
    made = add(agreement, lead)
    changed = change_document(document=made, title="Agreement", is_exempt=False, version=1, by=lead)
    assert (changed.title, changed.is_exempt, changed.version) == ("Agreement", False, 2)
    again = {"document": made, "title": "x", "is_exempt": True, "by": lead}
    assert refusal(change_document, version=1, **again) == ["CHANGED_MEANWHILE"]
    assert refusal(change_document, **again | {"title": ""}) == ["REQUIRED"]


def test_the_bytes_of_a_removed_paper_are_gone_for_good(agreement, lead, django_capture_on_commit_callbacks):
    made = add(agreement, lead)
    with django_capture_on_commit_callbacks(execute=True):
        removed = remove_document(document=made, by=lead)
    assert removed.removed_at is not None
    assert kept() == []
    assert refusal(remove_document, document=made, by=lead) == ["NOT_THERE"]
    assert refusal(change_document, document=made, title="x", is_exempt=False, by=lead) == ["NOT_THERE"]


class Boom(Exception):
    """Something fails after the paper was removed, and takes that back."""


def test_the_bytes_stay_when_the_removal_is_taken_back(agreement, lead, django_capture_on_commit_callbacks):
    made = add(agreement, lead)
    with django_capture_on_commit_callbacks(execute=True) as callbacks, suppress(Boom), transaction.atomic():
        remove_document(document=made, by=lead)
        assert kept() == [made.stored_name]
        raise Boom
    assert (callbacks, kept()) == ([], [made.stored_name])
    assert Document.objects.get().removed_at is None


def test_a_removal_is_dated_and_counted(agreement, lead):
    made = add(agreement, lead)
    removed = remove_document(document=made, by=lead)
    again = Document.objects.get()
    assert (removed.version, again.version, again.title) == (2, 2, "Signed agreement")
    assert timezone.now() - again.removed_at < dt.timedelta(minutes=5)


def test_another_partner_neither_publishes_nor_removes_a_paper(agreement, lead, council):
    made = add(agreement, lead)
    theirs = factories.actor(factories.member(organisation=council, roles=["governance_lead"]))
    assert refusal(change_document, document=made, title="x", is_exempt=False, by=theirs) == ["NOT_YOURS"]
    assert refusal(remove_document, document=made, by=theirs) == ["NOT_YOURS"]
    assert Document.objects.get().is_exempt


def test_pooledcare_itself_acts_for_whoever_added_a_paper(agreement, council):
    made = add(agreement, factories.actor(factories.member(organisation=council, roles=["pool_manager"])))
    change_document(document=made, title="Agreement", is_exempt=True, by=system_actor("example"))
    assert AuditEvent.objects.latest("pk").organisation == council.code


def test_a_successor_looks_after_the_papers_of_its_predecessor(council):
    ccg, icb = factories.organisation(kind="ccg"), factories.organisation(kind="icb")
    agreement = factories.agreement(partners=[ccg, council])
    made = add(agreement, factories.actor(factories.member(organisation=ccg, roles=["pool_manager"])))
    factories.succession(predecessor=ccg, successor=icb)
    council_lead = factories.actor(factories.member(organisation=council, roles=["pool_manager"]))
    add(agreement, council_lead, content=papers.PNG, filename="a.png")
    heir = factories.actor(factories.member(organisation=icb, roles=["pool_manager"]))
    assert change_document(document=made, title="Ours", is_exempt=False, by=heir).title == "Ours"
    assert AuditEvent.objects.latest("pk").organisation == icb.code


def test_a_member_of_two_partners_acts_for_the_one_that_added_the_paper(agreement, lead, icb, council):
    made = add(agreement, lead)
    both = factories.member(organisation=council, roles=["pool_manager"])
    both.memberships.create(organisation=icb, roles=["pool_manager"])
    change_document(document=made, title="Ours", is_exempt=True, by=factories.actor(both))
    assert AuditEvent.objects.latest("pk").organisation == icb.code
    both.memberships.filter(organisation=icb).update(roles=["viewer"])
    with pytest.raises(Refused) as caught:
        change_document(document=made, title="Theirs", is_exempt=True, by=factories.actor(both))
    message = f"This document was added by {icb.name}, and only its members may change it"
    assert [(each.code, each.message) for each in caught.value.problems] == [("NOT_YOURS", message)]


# --- who may ---------------------------------------------------------------------------------------------------------


def test_only_who_prepares_agreements_of_a_partner_adds_papers(agreement, icb):
    viewer = factories.actor(factories.member(organisation=icb, roles=["viewer", "finance_approver"]))
    outsider = factories.actor(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    made = factories.actor(factories.member(organisation=icb, roles=["pool_manager"]))
    document = add(agreement, made)
    for by, error in ((viewer, PermissionDenied), (outsider, Http404)):
        for attempt in (
            lambda by=by: add(agreement, by, content=papers.PNG, filename="a.png"),
            lambda by=by: change_document(document=document, title="x", is_exempt=False, by=by),
            lambda by=by: remove_document(document=document, by=by),
        ):
            with pytest.raises(error):
                attempt()
    assert kept() == [document.stored_name]


@pytest.mark.django_db(transaction=True)
def test_the_same_paper_sent_twice_at_once_is_kept_once():
    icb, council = factories.organisation(), factories.council()
    agreement = factories.agreement(partners=[icb, council])
    actors = [factories.actor(factories.member(organisation=one, roles=["pool_manager"])) for one in (icb, council)]
    start, outcomes = threading.Barrier(2), []

    def send(by):
        start.wait()
        try:
            outcomes.append(add(agreement, by).stored_name)
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(by,)) for by in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "DUPLICATE_FILE" in outcomes
    assert [name for name in outcomes if name != "DUPLICATE_FILE"] == kept()
