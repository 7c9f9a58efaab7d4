"""The upload pages: from choosing a file to its acceptance, and everything that may be refused on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets.models import Allocation
from pooledcare.directory.models import Membership, Organisation
from pooledcare.kernel.paging import page_of
from pooledcare.uploads import pipeline, presenting, queries
from pooledcare.uploads.models import Upload
from tests import factories
from tests.budgets.public import csv_rows, printed_tables
from tests.costs import cost

pytestmark = pytest.mark.django_db

HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note"


@pytest.fixture
def board() -> Organisation:
    return factories.organisation(name="NHS Mereshire (example)", code="QXM", opened=dt.date(2022, 7, 1))


@pytest.fixture
def stream():
    return factories.stream(code="nhs-core", name="Core services")


@pytest.fixture
def officer(board, client_of) -> Client:
    return client_of(factories.member(organisation=board, roles=["finance_officer"]))


@pytest.fixture
def approver(board, client_of) -> Client:
    return client_of(factories.member(organisation=board, roles=["finance_approver"]))


def csv_file(*rows: str, name: str = "figures.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([HEADINGS, *rows]).encode(), "text/csv")


GOOD = "2024-25,QXM,nhs-core,allocation,1234.50,recurrent,As told by letter"


def send(client: Client, file: SimpleUploadedFile | None, **fields: str):
    published = {"published_on_day": "3", "published_on_month": "5", "published_on_year": "2024"}
    body = {"organisation": "QXM", "kind": "allocations", **published, **fields}
    return client.post(reverse("uploads:upload-create"), body | ({"file": file} if file else {}))


def sent(client: Client, *rows: str) -> Upload:
    """An upload that the worker has read."""
    response = send(client, csv_file(*rows))
    assert response.status_code == 302, response.content.decode()
    upload = Upload.objects.latest("pk")
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    return upload


@pytest.mark.slow
def test_a_file_is_read_shown_in_pounds_accepted_and_reversed(officer, approver, stream):
    upload = sent(officer, GOOD)
    assert upload.state == "awaiting_second_person"
    page = officer.get(upload.get_absolute_url()).content.decode()
    assert "What would change" in page
    assert "£1,234.50" in page
    assert "Accept this upload" not in page

    page = approver.get(upload.get_absolute_url()).content.decode()
    assert "Accept this upload" in page
    assert approver.post(reverse("uploads:upload-accept", args=[upload.reference])).status_code == 302
    pipeline.work(upload.pk)
    figure = Allocation.objects.get(is_current=True)
    assert (figure.amount, figure.upload_id) == (Decimal("1234.50"), upload.pk)

    asked = approver.get(reverse("uploads:upload-reverse", args=[upload.reference]))
    assert "Why is it reversed?" in asked.content.decode()
    done = approver.post(
        reverse("uploads:upload-reverse", args=[upload.reference]), {"reason": "Sent twice"}, follow=True
    )
    assert "The previous values have been restored" in done.content.decode()
    assert Allocation.objects.get(is_current=True).withdrawn


def test_a_refused_file_says_what_where_and_what_to_do(officer, stream):
    upload = sent(officer, GOOD.replace("1234.50", "lots"), GOOD.replace("QXM", "QZZ"))
    assert upload.state == "refused"
    page = officer.get(upload.get_absolute_url()).content.decode()
    assert "What to correct" in page
    assert "E2" in page
    assert "lots" in page
    table = b"".join(officer.get(reverse("uploads:upload-problems", args=[upload.reference])).streaming_content)
    assert table.decode("utf-8-sig").count("\r\n") == upload.problem_count + 1
    marked = b"".join(officer.get(reverse("uploads:upload-marked", args=[upload.reference])).streaming_content)
    lines = marked.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("financial_year,organisation")
    assert lines[0].endswith(",PooledCare: what to correct")
    assert len(lines) == 3
    assert all(line[-1] != "," for line in lines)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Select a file"),
        (SimpleUploadedFile("figures.csv", b""), "The selected file is empty"),
    ],
)
def test_a_file_that_cannot_be_received_is_refused_in_the_words_of_the_service_manual(officer, stream, file, sentence):
    response = send(officer, file)
    page = response.content.decode()
    assert "<title>Error: Upload a file" in page
    assert "There is a problem" in page
    assert sentence in page


def test_the_same_file_is_refused_while_the_first_one_stands(officer, stream):
    first = sent(officer, GOOD)
    page = send(officer, csv_file(GOOD)).content.decode()
    assert "was already uploaded on" in page
    assert first.reference in page


def test_a_publication_date_in_the_future_is_refused_at_the_date(officer, stream):
    page = send(officer, csv_file(GOOD), published_on_year="2099").content.decode()
    assert "The publication date must be today or in the past" in page


def test_the_preparer_cannot_accept_even_with_the_role(board, client_of, stream):
    both = client_of(factories.member(organisation=board, roles=["finance_officer", "finance_approver"]))
    upload = sent(both, GOOD)
    response = both.post(reverse("uploads:upload-accept", args=[upload.reference]))
    assert response.status_code == 403
    assert "The person who prepared an upload cannot also accept it" in response.content.decode()
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


def test_a_second_click_on_accept_changes_nothing_more(officer, approver, stream):
    upload = sent(officer, GOOD)
    address = reverse("uploads:upload-accept", args=[upload.reference])
    assert [approver.post(address).status_code for _ in range(2)] == [302, 302]
    pipeline.work(upload.pk)
    pipeline.work(upload.pk)
    assert approver.post(address).status_code in (302, 409)
    assert Allocation.objects.count() == 1


@pytest.mark.parametrize(("later", "status"), [(-1, 409), (0, 302), (1, 409)])
def test_only_what_the_page_showed_is_accepted(officer, approver, stream, later, status):
    upload = sent(officer, GOOD)
    page = approver.get(upload.get_absolute_url()).content.decode()
    address = reverse("uploads:upload-accept", args=[upload.reference])
    assert f'href="{address}?version={upload.version}"' in page
    confirms = approver.get(address, {"version": str(upload.version)}).content.decode()
    assert f'<input type="hidden" name="version" value="{upload.version}">' in confirms
    now = approver.get(address, {"version": str(upload.version + later)}).content.decode()
    assert ("has changed since you opened its page" in now) is (later != 0)
    assert ('name="version"' in now) is (later == 0)
    answer = approver.post(address, {"version": str(upload.version + later)})
    assert answer.status_code == status
    upload.refresh_from_db()
    assert (upload.state == "accepting") is (status == 302)
    if status == 409:
        assert f"{upload.reference} has changed since you opened its page" in answer.content.decode()


@pytest.mark.parametrize("step", ["accept", "abandon"])
@pytest.mark.parametrize("version", ["", "x", "-1", "²", "9" * 40])
def test_a_version_that_is_no_number_says_nothing(officer, approver, stream, step, version):
    upload = sent(officer, GOOD)
    who = approver if step == "accept" else officer
    answer = who.post(reverse(f"uploads:upload-{step}", args=[upload.reference]), {"version": version})
    assert answer.status_code == 302


def test_an_upload_can_be_abandoned_and_its_file_sent_again(officer, stream):
    upload = sent(officer, GOOD)
    assert officer.post(reverse("uploads:upload-abandon", args=[upload.reference])).status_code == 302
    assert sent(officer, GOOD).state == "awaiting_second_person"


def test_the_page_turns_over_to_the_result_when_the_work_is_done(officer, stream):
    assert send(officer, csv_file(GOOD)).status_code == 302
    upload = Upload.objects.get()
    address = reverse("uploads:upload-progress", args=[upload.reference])
    waiting = officer.get(address)
    assert "Waiting to be read" in waiting.content.decode()
    assert "HX-Retarget" not in waiting.headers
    pipeline.work(upload.pk)
    answer = officer.get(address)
    assert [answer.headers[f"HX-{name}"] for name in ("Retarget", "Reselect", "Reswap")] == [
        "#maincontent", "#maincontent", "outerHTML",
    ]  # fmt: skip
    assert '<h2 id="result" tabindex="-1" autofocus>What would change</h2>' in answer.content.decode()
    page = officer.get(upload.get_absolute_url()).content.decode()
    assert '<h2 id="result" tabindex="-1">What would change</h2>' in page
    assert "autofocus" not in page


@pytest.mark.parametrize(
    ("state", "warnings", "heading"),
    [
        ("failed", 0, "failure"),
        ("refused", 0, "problems"),
        ("awaiting_second_person", 1, "problems"),
        ("awaiting_second_person", 0, "changes"),
        ("accepted", 1, "changes"),
        ("abandoned", 0, "title"),
    ],
)
def test_the_result_stands_below_the_heading_that_fits_what_has_become_of_the_upload(state, warnings, heading):
    assert presenting.result_heading(Upload(state=state, warning_count=warnings)) == heading


def test_what_has_been_accepted_is_said_to_be_so_when_it_is_accepted_again(officer, approver, stream):
    upload = sent(officer, GOOD)
    address = reverse("uploads:upload-accept", args=[upload.reference])

    def said() -> str:
        return approver.post(address, follow=True).content.decode()

    assert f"{upload.reference} is being accepted." in said()
    assert f"{upload.reference} is being accepted already." in said()
    pipeline.work(upload.pk)
    again = said()
    assert f"{upload.reference} has already been accepted." in again
    assert "is being accepted" not in again
    assert "Success" not in again


def test_the_second_person_is_told_as_it_is(officer, approver, board, stream):
    upload = sent(officer, GOOD)
    assert presenting.second_person(upload) == "Needed"
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    upload = queries.refreshed(upload)
    assert presenting.second_person(upload) == "Prepared and accepted by two different people"
    upload.second_person_waived = True
    assert presenting.second_person(upload).startswith("Waived for this organisation")
    waiting = Upload(kind="allocations", organisation=board, state="ready")
    board.waives_second_person = True
    assert presenting.second_person(waiting).startswith("Waived for this organisation")
    board.waives_second_person = False
    waiting.state = "abandoned"
    assert presenting.second_person(waiting) == "Not needed: the upload was abandoned"
    waiting.channel = "reference"
    assert presenting.second_person(waiting) == "Not needed: published data that PooledCare loaded itself"


def test_nobody_is_told_to_look_before_accepting_what_has_been_decided(officer, approver, stream):
    accepted = sent(officer, GOOD)
    approver.post(reverse("uploads:upload-accept", args=[accepted.reference]))
    pipeline.work(accepted.pk)
    upload = sent(officer, GOOD.replace("2024-25", "2025-26").replace("1234.50", "9.00"))
    assert "Look at it before you accept" in officer.get(upload.get_absolute_url()).content.decode()
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    pipeline.work(upload.pk)
    page = officer.get(upload.get_absolute_url()).content.decode()
    assert "1 figure differs by more than a quarter, the largest in pounds first." in page
    assert "before you accept" not in page


def test_why_an_upload_cannot_be_reversed_is_a_sentence_of_its_own(officer, approver, stream):
    upload = sent(officer, GOOD)
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    pipeline.work(upload.pk)
    assert "It cannot be reversed. You need the role" in officer.get(upload.get_absolute_url()).content.decode()


def test_the_list_of_all_problems_says_that_it_is_whole(officer, stream):
    upload = sent(officer, *(GOOD.replace("1234.50", text) for text in ("lots", "much", "lots")))
    assert upload.state == "refused"
    page = officer.get(upload.get_absolute_url()).content.decode()
    assert f"All {upload.problem_count} problems, one by one" in page
    assert "The first" not in page


def test_the_hint_at_the_date_of_publication_agrees_with_the_refusal_without_it(officer, approver, stream):
    hint = "A file that changes or withdraws published figures needs a date."
    assert hint in officer.get(reverse("uploads:upload-create")).content.decode()
    upload = sent(officer, GOOD)
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    pipeline.work(upload.pk)
    undated = {f"published_on_{part}": "" for part in ("day", "month", "year")}
    send(officer, csv_file(GOOD.replace("1234.50", "99.00")), is_published="no", **undated)
    hidden = Upload.objects.latest("pk")
    pipeline.work(hidden.pk)
    page = officer.get(hidden.get_absolute_url()).content.decode()
    assert "This file replaces 1 published figure, and has no publication date" in page


def test_tables_of_the_preview_download_as_seen(officer, stream):
    upload = sent(officer, GOOD)
    for table in ("streams", "organisations", "movements", "controls", "not-read"):
        for form in ("csv", "xlsx"):
            response = officer.get(reverse("uploads:upload-lines", args=[upload.reference, table, form]))
            assert response.status_code == 200, (table, form)
    streams = officer.get(reverse("uploads:upload-lines", args=[upload.reference, "streams", "csv"]))
    assert "Core services,2024-25" in streams.getvalue().decode("utf-8-sig")


def test_the_received_file_comes_back_byte_for_byte_as_an_attachment(officer, stream):
    upload = sent(officer, GOOD)
    response = officer.get(reverse("uploads:upload-file", args=[upload.reference]))
    assert b"".join(response.streaming_content) == csv_file(GOOD).read()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"


def test_blank_templates_carry_the_columns_of_the_kind(client, stream):
    text = b"".join(client.get(reverse("uploads:template-download", args=["allocations", "csv"])).streaming_content)
    assert text.decode("utf-8-sig").strip() == HEADINGS
    workbook = client.get(reverse("uploads:template-download", args=["allocations", "xlsx"]))
    assert b"".join(workbook.streaming_content)[:2] == b"PK"
    assert client.get(reverse("uploads:template-download", args=["nothing", "csv"])).status_code == 404


ADDRESSES: list[Callable[[str], str]] = [
    lambda ref: reverse("uploads:upload-detail", args=[ref]),
    lambda ref: reverse("uploads:upload-progress", args=[ref]),
    lambda ref: reverse("uploads:upload-problems", args=[ref]),
    lambda ref: reverse("uploads:upload-marked", args=[ref]),
    lambda ref: reverse("uploads:upload-file", args=[ref]),
    lambda ref: reverse("uploads:upload-reverse", args=[ref]),
    lambda ref: reverse("uploads:upload-lines", args=[ref, "streams", "csv"]),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_organisations_upload_does_not_exist(address, officer, client, client_of, stream):
    upload = sent(officer, GOOD)
    outsider = client_of(factories.member(organisation=factories.organisation(), roles=["finance_approver"]))
    assert outsider.get(address(upload.reference)).status_code == 404
    assert outsider.get(address("UP-999999999")).status_code == 404
    assert client.get(address(upload.reference)).status_code == 302


@pytest.mark.parametrize("decision", ["upload-accept", "upload-abandon", "upload-retry", "upload-reverse"])
def test_another_organisation_cannot_decide(decision, officer, client_of, stream):
    upload = sent(officer, GOOD)
    outsider = client_of(factories.member(organisation=factories.organisation(), roles=["finance_approver"]))
    assert outsider.post(reverse(f"uploads:{decision}", args=[upload.reference]), {"reason": "x"}).status_code == 404
    upload.refresh_from_db()
    assert upload.state == "awaiting_second_person"


def test_a_viewer_may_look_and_not_decide(board, officer, client_of, stream):
    upload = sent(officer, GOOD)
    viewer = client_of(factories.member(organisation=board, roles=["viewer"]))
    assert viewer.get(upload.get_absolute_url()).status_code == 200
    assert viewer.get(reverse("uploads:upload-create")).status_code == 403
    assert viewer.post(reverse("uploads:upload-accept", args=[upload.reference])).status_code == 403
    assert viewer.get(reverse("uploads:upload-reverse", args=[upload.reference])).status_code == 403


def test_the_list_shows_only_ones_own_and_costs_the_same_for_many(officer, board, stream):
    sent(officer, GOOD)
    factories.upload(organisation=factories.organisation(), filename="theirs.csv")
    page = officer.get(reverse("uploads:upload-list")).content.decode()
    assert "figures.csv" in page
    assert "theirs.csv" not in page
    with CaptureQueriesContext(connection) as one:
        officer.get(reverse("uploads:upload-list"))
    for _ in range(30):
        factories.upload(organisation=board)
    with CaptureQueriesContext(connection) as many:
        officer.get(reverse("uploads:upload-list"))
    assert 1 <= about_uploads(one) == about_uploads(many)


def about_uploads(queries: CaptureQueriesContext) -> int:
    """The session notes activity every half minute; that is no part of the list."""
    return sum("uploads_" in query["sql"] for query in queries.captured_queries)


def test_the_list_pages_filters_and_downloads(officer, board):
    for _ in range(55):
        factories.upload(organisation=board)
    first = officer.get(reverse("uploads:upload-list")).content.decode()
    assert "Older uploads" in first
    older = officer.get(reverse("uploads:upload-list"), {"after": Upload.objects.order_by("-pk")[49].pk})
    assert older.content.decode().count("figures-") >= 5
    assert officer.get(reverse("uploads:upload-list"), {"state": "nonsense"}).status_code == 404
    text = officer.get(reverse("uploads:upload-list"), {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "Upload,File,Organisation,State,Received,Prepared by,Rows,Problems"
    assert text.count("\r\n") == 56


def test_a_single_figure_is_corrected_through_the_same_pipeline(officer, approver, stream):
    upload = sent(officer, GOOD)
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    pipeline.work(upload.pk)
    figure = Allocation.objects.get()
    address = reverse("budgets:allocation-correct", args=[figure.reference])
    assert "£1,234.50" in officer.get(address).content.decode()
    published = {"published_on_day": "4", "published_on_month": "5", "published_on_year": "2024"}
    page = officer.post(address, {"amount": "1,05,946", "note": "By letter"}).content.decode()
    assert "<title>Error: Correct" in page
    for kept in ('value="1,05,946"', "By letter", "could mean more than one number", "Enter the day on which"):
        assert kept in page
    assert Upload.objects.count() == 1
    response = officer.post(address, {"amount": "1,300", "note": "Corrected by letter", **published})
    assert response.status_code == 302, response.content.decode()
    correction = Upload.objects.latest("pk")
    assert correction.channel == "form"
    pipeline.work(correction.pk)
    approver.post(reverse("uploads:upload-accept", args=[correction.reference]))
    pipeline.work(correction.pk)
    standing = Allocation.objects.get(is_current=True)
    assert (standing.amount, standing.version) == (Decimal("1300.00"), 2)


def test_only_the_source_of_a_figure_may_correct_it(approver, officer, client_of, stream):
    figure = factories.allocation(stream=stream)
    address = reverse("budgets:allocation-correct", args=[figure.reference])
    assert officer.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_first_page_says_which_uploads_wait_for_whom(officer, approver, board, stream, client_of):
    both = client_of(factories.member(organisation=board, roles=["finance_officer", "finance_approver"]))
    theirs, own = sent(officer, GOOD), sent(both, GOOD.replace("1234.50", "99.00"))
    for upload, readers in ((theirs, (approver, both)), (own, (approver,))):
        for reader in readers:
            assert f'<a href="{upload.get_absolute_url()}">figures.csv</a>' in reader.get("/").content.decode()
    assert own.get_absolute_url() not in both.get("/").content.decode()
    assert "Nothing is waiting for you." in officer.get("/").content.decode()
    elsewhere = client_of(factories.member(organisation=factories.organisation(), roles=["finance_approver"]))
    assert "Nothing is waiting for you." in elsewhere.get("/").content.decode()


def test_what_has_been_decided_waits_no_longer(officer, approver, stream):
    upload = sent(officer, GOOD)
    approver.post(reverse("uploads:upload-abandon", args=[upload.reference]))
    assert "Nothing is waiting for you." in approver.get("/").content.decode()


@pytest.mark.parametrize(
    ("encoding", "chosen_by", "words"),
    [
        ("utf-8", "", "UTF-8, recognised from the file"),
        ("windows-1252", "", "Windows-1252, assumed"),
        ("windows-1252", "key:9", "Windows-1252, chosen by Key 9 (Somebody who has left)"),
        ("", "", "Not known yet"),
    ],
)
def test_an_encoding_is_recognised_assumed_or_chosen(encoding, chosen_by, words):
    upload = Upload(encoding=encoding, encoding_chosen_actor=chosen_by)
    assert presenting.encoding_words(upload) == words


# ── Confirming ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_address_of_acceptance_answers_with_the_sum_that_is_confirmed(officer, approver, stream):
    upload = sent(officer, GOOD)
    address = reverse("uploads:upload-accept", args=[upload.reference])
    assert officer.get(address).status_code == 403
    page = approver.get(address).content.decode()
    assert "2024-25 allocation: £1,234.50 more." in page
    assert "Date of publication: 3 May 2024." in page
    assert Upload.objects.get(pk=upload.pk).state == "awaiting_second_person"
    approver.post(address)
    pipeline.work(upload.pk)
    page = approver.get(address)
    assert (page.status_code, "has already been accepted" in page.content.decode()) == (200, True)


def test_while_it_waits_the_page_names_who_can_accept_it(board, officer, stream, client_of):
    upload = sent(officer, GOOD)
    assert "Nobody can accept this yet" in officer.get(upload.get_absolute_url()).content.decode()
    for name in ("Ash Sketch", "Bo Draft"):
        factories.member(organisation=board, roles=["finance_approver"], name=name)
    factories.member(organisation=factories.organisation(), roles=["finance_approver"], name="Somebody Elsewhere")
    gone = factories.member(organisation=board, roles=["finance_approver"], name="Somebody Gone")
    gone.memberships.update(ended_at=timezone.now())
    viewer = client_of(factories.member(organisation=board, roles=["viewer"]))
    for reader in (officer, viewer):
        page = reader.get(upload.get_absolute_url()).content.decode()
        assert "Ash Sketch and Bo Draft can accept this." in page
        assert "Somebody" not in page
        assert "You need the role" not in page


def test_whoever_prepared_it_is_told_of_the_second_person_and_not_named_among_them(board, stream, client_of):
    both = factories.member(organisation=board, roles=["finance_officer", "finance_approver"], name="Both Hats")
    factories.member(organisation=board, roles=["finance_approver"], name="Ash Sketch")
    client = client_of(both)
    upload = sent(client, GOOD)
    page = client.get(upload.get_absolute_url()).content.decode()
    assert "The person who prepared an upload cannot also accept it." in page
    assert "<p>Ash Sketch can accept this.</p>" in page
    confirm = client.get(reverse("uploads:upload-accept", args=[upload.reference])).content.decode()
    assert 'name="version"' not in confirm


def test_after_acceptance_every_changed_figure_is_linked(officer, approver, stream):
    upload = sent(officer, GOOD)
    assert "/allocations/AL-" not in approver.get(upload.get_absolute_url()).content.decode()
    approver.post(reverse("uploads:upload-accept", args=[upload.reference]))
    pipeline.work(upload.pk)
    figure = Allocation.objects.get()
    page = approver.get(upload.get_absolute_url()).content.decode()
    assert f'<a href="/allocations/{figure.reference}/">£1,234.50</a>' in page


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# Each column of the list with the order of three uploads by it, the smallest first.
BY_COLUMN = {0: "abc", 1: "cab", 2: "bca", 3: "bac", 5: "cba", 6: "acb"}


@pytest.fixture
def three(board) -> dict[str, Upload]:
    second = factories.organisation(name="NHS Aldershire (example)", code="QXA")
    third = factories.organisation(name="NHS Zealshire (example)", code="QXZ")
    given = {
        "a": {"organisation": board, "state": "refused", "rows_read": 3, "problem_count": 1},
        "b": {"organisation": third, "state": "accepted", "rows_read": 2, "problem_count": 3},
        "c": {"organisation": second, "state": "ready", "rows_read": 1, "problem_count": 2},
    }
    made = {name: factories.upload(**fields) for name, fields in given.items()}
    for name, day in {"b": 1, "a": 2, "c": 3}.items():
        prepared_at = dt.datetime(2026, 5, day, tzinfo=dt.UTC)
        Upload.objects.filter(pk=made[name].pk).update(prepared_at=prepared_at, **given[name])
    return made


@pytest.mark.parametrize("column", BY_COLUMN)
def test_the_list_and_its_file_are_sorted_by_a_heading_both_ways(column: int, board, three, client_of, monkeypatch):
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 2)
    user = factories.member(organisation=board, roles=["viewer"])
    for name in "bc":
        Membership.objects.create(user=user, organisation=three[name].organisation, roles=["viewer"])
    reader = client_of(user)
    down = [three[name].reference for name in BY_COLUMN[column]]
    for sort, order in ((f"uploads.{column}", down), (f"-uploads.{column}", down[::-1])):
        first = reader.get(f"/uploads/?sort={sort}")
        following = re.search(r'href="(\?[^"]*after=[^"]*)"', first.content.decode())
        assert following is not None
        pages = [first, reader.get(f"/uploads/{unescape(following[1])}")]
        rows = [row for page in pages for row in printed_tables(page)["Uploads of your organisations"][1:]]
        assert [row[0].split()[0] for row in rows] == order
        assert [row["Upload"] for row in csv_rows(reader.get(f"/uploads/?sort={sort}&format=csv"))] == order


def test_a_sorted_list_of_uploads_costs_no_more_for_more_of_them(officer, board):
    factories.upload(organisation=board)
    addresses = ["/uploads/", "/uploads/?sort=-uploads.2"]
    few = [cost(officer, address) for address in addresses]
    for _ in range(3):
        factories.upload(organisation=board)
    assert [cost(officer, address) for address in addresses] == few
    for asked in ("sort=uploads.4", "sort=others.1", "after=x", "after=1&before=2"):
        assert officer.get(f"/uploads/?{asked}").status_code == 400
    assert officer.get("/uploads/?state=nothing").status_code == 404
