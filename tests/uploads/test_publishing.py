"""Publishing figures that were accepted without a date of publication: by two people, and reversed like an upload."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets import totals
from budgets.models import Allocation
from budgets.queries.visibility import allocations_visible_to, current
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, queries
from pooledcare.uploads.models import Upload, UploadProblem
from pooledcare.uploads.terms import Channel
from tests import factories
from tests.uploads.sending import Desk, codes, rows, worked

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 5, 3)
CORE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,First"
NEXT = "2025-26,QXM,nhs-core,allocation,70.00,recurrent,"
RUNNING = "2024-25,QXM,running-costs,allocation,5.50,recurrent,"


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services", position=1)
    factories.stream(code="running-costs", name="Running costs", position=2)
    return Desk(factories.organisation(code="QXM", name="NHS Mereshire", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def hidden(desk: Desk) -> Upload:
    """Three accepted figures that only members see."""
    return desk.put(rows(CORE, NEXT, RUNNING), published_on=None)


def prepared(desk: Desk, upload: Upload, day: dt.date = DAY, **more: Any) -> Upload:
    given = {"channel": Channel.PAGE, "by": desk.officer, **more}
    return worked(actions.publish_upload(upload=upload, published_on=day, **given))


def public() -> list[tuple[str, int, str]]:
    """Stream, year and amount of every figure that anybody may see."""
    found = current(allocations_visible_to(ANONYMOUS)).order_by("stream__position", "financial_year")
    return [(one.stream.code, one.financial_year, str(one.amount)) for one in found]


def refusal(call: Any, **arguments: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return [(one.code, one.message) for one in refused.value.problems]


# ── The three steps ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_figures_become_public_when_a_second_person_accepts_and_hidden_again_when_it_is_reversed(desk, hidden):
    assert public() == []
    publication = prepared(desk, hidden)
    assert (publication.state, publication.rows_staged) == ("awaiting_second_person", 3)
    assert publication.counts == {"new": 0, "changed": 3, "unchanged": 0, "withdrawn": 0, "not_reported": 0}
    assert publication.preview["becoming_public"] == 3
    assert public() == []

    desk.accept(publication)
    assert public() == [("nhs-core", 2024, "1000.00"), ("nhs-core", 2025, "70.00"), ("running-costs", 2024, "5.50")]
    assert totals.differences() == 0

    publication.refresh_from_db()
    actions.reverse_upload(upload=publication, by=desk.approver, reason="A day too early")
    assert public() == []
    assert totals.differences() == 0
    assert [part.count for part in queries.unpublished_parts(hidden)] == [1, 1, 1]


def test_a_publication_adds_versions_and_keeps_where_each_figure_was_read(desk, hidden):
    publication = prepared(desk, hidden)
    desk.accept(publication)
    first, second = Allocation.objects.filter(stream__code="nhs-core", financial_year=2024).order_by("version")
    assert (first.version, first.published_on, first.is_current) == (1, None, False)
    assert (second.version, second.published_on, second.is_current, second.upload_id) == (2, DAY, True, publication.pk)
    for name in ("amount", "published_text", "sheet", "row", "cell", "note"):
        assert getattr(first, name) == getattr(second, name), name
    assert (first.row, first.cell, first.note) == (2, "E2", "First")
    assert (publication.stored_name, publication.sha256) == (hidden.stored_name, hidden.sha256)


def test_only_the_chosen_streams_and_years_become_public(desk, hidden):
    parts = queries.unpublished_parts(hidden)
    assert [(part.key, part.label, part.count, str(part.amount)) for part in parts] == [
        ("nhs-core:2024-25", "Core services, 2024-25", 1, "1000.00"),
        ("nhs-core:2025-26", "Core services, 2025-26", 1, "70.00"),
        ("running-costs:2024-25", "Running costs, 2024-25", 1, "5.50"),
    ]
    desk.accept(prepared(desk, hidden, parts=["nhs-core:2025-26"]))
    assert public() == [("nhs-core", 2025, "70.00")]
    desk.accept(prepared(desk, hidden))
    assert len(public()) == 3
    assert queries.unpublished_parts(hidden) == []


def test_the_feed_and_the_audit_trail_tell_of_it(desk, hidden):
    publication = prepared(desk, hidden)
    desk.accept(publication)
    told = Change.objects.filter(reference=publication.reference).values_list("event", "public", "organisation")
    assert list(told) == [("published", True, "QXM")]
    sentences = AuditEvent.objects.filter(subject=f"upload:{publication.reference}").order_by("pk")
    said = {one.action: (one.actor, one.sentence) for one in sentences}
    prepares, accepts = desk.officer.reference, desk.approver.reference
    assert said["upload.publication_prepared"] == (
        prepares,
        f"{publication.reference} prepares the publication of 3 figures of {hidden.reference}, dated 3 May 2024.",
    )
    assert said["upload.published"] == (
        accepts,
        f"{publication.reference} made 3 figures of {hidden.reference} public.",
    )


# ── Who and when ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_person_who_prepares_cannot_accept_unless_the_organisation_waives_it(desk, hidden):
    both = factories.actor(
        factories.member(organisation=desk.organisation, roles=["finance_officer", "finance_approver"])
    )
    publication = prepared(desk, hidden, by=both)
    assert refusal(actions.accept_upload, upload=publication, by=both) == [
        ("FOUR_EYES", "The person who prepared an upload cannot also accept it")
    ]
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    worked(actions.accept_upload(upload=publication, by=both))
    assert len(public()) == 3


def test_nobody_without_the_role_and_nobody_of_another_organisation_can_publish(desk, hidden):
    elsewhere = Desk(factories.organisation(code="QXN"))
    for by in (desk.approver, elsewhere.officer, ANONYMOUS):
        assert refusal(prepared, desk=desk, upload=hidden, by=by)[0][0] == "NOT_ALLOWED"
    publication = prepared(desk, hidden)
    for by in (desk.officer, elsewhere.approver, ANONYMOUS):
        assert refusal(actions.accept_upload, upload=publication, by=by)[0][0] in ("NOT_ALLOWED", "FOUR_EYES")
    assert public() == []


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (-1, []),
        (0, []),
        (1, [("PUBLISHED_IN_FUTURE", "The publication date must be today or in the past")]),
    ],
)
def test_the_date_is_today_or_earlier(desk, hidden, days, found):
    day = timezone.localdate() + dt.timedelta(days=days)
    if found:
        assert refusal(prepared, desk=desk, upload=hidden, day=day) == found
    else:
        assert prepared(desk, hidden, day=day).published_on == day


@pytest.mark.parametrize(("day", "accepted"), [(dt.date(2000, 3, 31), False), (dt.date(2000, 4, 1), True)])
def test_the_date_is_not_before_the_first_year(desk, hidden, day, accepted):
    if accepted:
        assert prepared(desk, hidden, day=day).published_on == day
        return
    assert refusal(prepared, desk=desk, upload=hidden, day=day) == [
        ("PUBLISHED_TOO_EARLY", "The publication date must be 1 April 2000 or later")
    ]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], [("REQUIRED", "Select which figures become public")]),
        (
            ["nhs-core:2024-25", "nhs-core:2023-24"],
            [("UNKNOWN_PART", "UP-{} has no unpublished figures of nhs-core:2023-24")],
        ),
    ],
)
def test_parts_that_the_upload_does_not_have_are_refused(desk, hidden, parts, said):
    expected = [(code, message.format(hidden.pk)) for code, message in said]
    assert refusal(prepared, desk=desk, upload=hidden, parts=parts) == expected


def test_only_accepted_figures_that_are_not_public_can_be_published(desk):
    waits = desk.send(rows(CORE), published_on=None)
    assert refusal(prepared, desk=desk, upload=waits) == [
        ("WRONG_STATE", f"{waits.reference} cannot be published: it is waiting for a second person")
    ]
    dated = desk.put(rows(RUNNING))
    assert refusal(prepared, desk=desk, upload=dated) == [
        ("NOTHING_TO_PUBLISH", f"Every figure of {dated.reference} that is current is published")
    ]


# ── At once, and meanwhile ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_request_twice_makes_one_publication_and_another_one_is_refused(desk, hidden):
    first = prepared(desk, hidden)
    assert actions.publish_upload(upload=hidden, published_on=DAY, channel=Channel.PAGE, by=desk.officer) == first
    colleague = factories.actor(factories.member(organisation=desk.organisation, roles=["finance_officer"]))
    said = [
        (
            "PUBLICATION_OPEN",
            f"{first.reference} already publishes figures of {hidden.reference}, and is not decided on yet",
        )
    ]
    assert refusal(prepared, desk=desk, upload=hidden, by=colleague) == said
    assert refusal(prepared, desk=desk, upload=hidden, day=DAY + dt.timedelta(days=1)) == said
    assert refusal(prepared, desk=desk, upload=hidden, parts=["nhs-core:2024-25"]) == said
    actions.abandon_upload(upload=first, by=desk.officer)
    assert prepared(desk, hidden, by=colleague).state == "awaiting_second_person"


@pytest.mark.parametrize("change", ["corrected", "withdrawn", "reversed"])
def test_figures_that_changed_meanwhile_do_not_become_public(desk, hidden, change, client_of):
    publication = prepared(desk, hidden)
    if change == "corrected":
        desk.put(rows(CORE.replace("1000.00", "1001.00")), published_on=None)
    elif change == "withdrawn":
        desk.put(rows(NEXT), published_on=None, complete=True)
        desk.put(rows("2024-25,QXM,nhs-core,allocation,3.00,,"), published_on=None, complete=True)
    else:
        actions.reverse_upload(upload=hidden, by=desk.approver, reason="Wrong file")
    ended = desk.accept(publication)
    assert ended.state == "refused"
    assert codes(ended) == ["CHANGED_SINCE"]
    assert public() == []
    page = client_of(desk.officer.person).get(ended.get_absolute_url()).content.decode()
    assert "The publication was refused, and nothing has become public." in page
    assert "your file with a column" not in page


def test_a_correction_without_a_date_does_not_hide_figures_that_became_public_after_its_preview(desk, hidden):
    publication = prepared(desk, hidden)
    correction = desk.send(rows(CORE.replace("1000.00", "1001.00")), published_on=None)
    actions.accept_upload(upload=correction, by=desk.approver)
    assert desk.accept(publication).state == "accepted"

    ended = worked(correction)
    assert (ended.state, codes(ended)) == ("refused", ["NOT_PUBLISHED"])
    assert ("nhs-core", 2024, "1000.00") in public()


def test_a_publisher_who_may_no_longer_submit_for_a_holder_cannot_publish_its_figures(desk):
    nhs = Desk(factories.nhs_england(), roles=("publisher",))
    upload = nhs.put(rows(CORE), published_on=None)
    publication = prepared(nhs, upload)
    nhs.officer.person.memberships.update(roles=["finance_officer"])
    ended = nhs.accept(publication)
    assert (ended.state, codes(ended)) == ("refused", ["NOT_PERMITTED"])
    assert public() == []


# ── The pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def officer(desk, client_of) -> Client:
    return client_of(desk.officer.person)


@pytest.fixture
def approver(desk, client_of) -> Client:
    return client_of(desk.approver.person)


def date_fields(day: dt.date | None) -> dict[str, Any]:
    parts = ("", "", "") if day is None else (day.day, day.month, day.year)
    return {f"published_on_{name}": part for name, part in zip(("day", "month", "year"), parts, strict=True)}


def test_two_clicks_and_a_second_person(desk, hidden, officer, approver):
    address = reverse("uploads:upload-publish", args=[hidden.reference])
    assert f'href="{address}"' in officer.get(hidden.get_absolute_url()).content.decode()
    page = officer.get(address).content.decode()
    assert "3 figures are accepted and not public." in page
    answer = officer.post(address, {"parts": ["nhs-core:2024-25", "running-costs:2024-25"], **date_fields(DAY)})
    publication = worked(Upload.objects.get(publishes=hidden))
    assert answer["Location"] == publication.get_absolute_url()

    page = approver.get(publication.get_absolute_url()).content.decode()
    assert "2 figures become public." in page
    assert "£0.00" not in page
    confirm = reverse("uploads:upload-accept", args=[publication.reference])
    assert "2 figures become public." in approver.get(confirm).content.decode()
    approver.post(confirm, {"version": publication.version})
    worked(publication)
    assert [stream for stream, _, _ in public()] == ["nhs-core", "running-costs"]
    assert "1 of its figures is not public yet." in officer.get(hidden.get_absolute_url()).content.decode()


def test_the_form_says_what_is_missing(desk, hidden, officer):
    address = reverse("uploads:upload-publish", args=[hidden.reference])
    page = officer.post(address, date_fields(None)).content.decode()
    assert "Select which figures become public" in page
    assert "Enter date of publication" in page
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    page = officer.post(address, {"parts": ["nhs-core:2024-25"], **date_fields(tomorrow)}).content.decode()
    assert "The publication date must be today or in the past" in page
    assert not Upload.objects.filter(publishes=hidden).exists()


def test_the_page_says_why_there_is_nothing_to_publish(desk, hidden, officer):
    address = reverse("uploads:upload-publish", args=[hidden.reference])
    publication = prepared(desk, hidden)
    page = officer.get(address).content.decode()
    assert f"already publishes figures of {hidden.reference}, and is not decided on yet." in page
    assert publication.get_absolute_url() in page
    desk.accept(publication)
    assert f"Every figure of {hidden.reference} that is current is published." in officer.get(address).content.decode()


def test_the_identical_file_with_a_date_leads_to_publishing(desk, hidden, officer):
    body = {"organisation": "QXM", "kind": "allocations", "is_published": "yes", **date_fields(DAY)}
    file = SimpleUploadedFile("again.csv", rows(CORE, NEXT, RUNNING).encode())
    page = officer.post(reverse("uploads:upload-create"), {**body, "file": file}).content.decode()
    assert "You need not upload it again" in page
    assert reverse("uploads:upload-publish", args=[hidden.reference]) in page


@pytest.mark.parametrize(
    ("answer", "day", "error"),
    [
        ("", None, "Select whether the figures are already published"),
        ("yes", None, "Enter the date of publication"),
        ("no", DAY, "Leave the date empty, or say that the figures are already published"),
        ("yes", DAY, ""),
        ("no", None, ""),
        ("", DAY, ""),
    ],
)
def test_the_upload_form_asks_whether_the_figures_are_published(desk, officer, answer, day, error):
    body = {"organisation": "QXM", "kind": "allocations", "is_published": answer, **date_fields(day)}
    file = SimpleUploadedFile("figures.csv", rows(CORE).encode())
    response = officer.post(reverse("uploads:upload-create"), {**body, "file": file})
    assert response.status_code == (200 if error else 302)
    if error:
        assert error in response.content.decode()
        assert "Uploaded file: <strong>figures.csv</strong>" in response.content.decode()
    else:
        assert Upload.objects.get().published_on == day


# ── A date that is missing ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def undated(desk) -> Upload:
    """Refused, because it replaces a published figure and has no date of publication."""
    desk.put(rows(CORE))
    return desk.send(rows(CORE.replace("1000.00", "999.00")), published_on=None)


def test_a_missing_date_is_asked_for_where_the_file_was_refused_and_the_file_is_kept(desk, undated, officer):
    assert undated.state == "refused"
    problem = UploadProblem.objects.get(upload=undated)
    assert problem.message == "This file replaces 1 published figure, and has no publication date"
    page = officer.get(undated.get_absolute_url()).content.decode()
    assert "The file is kept. Give its publication date, and it is checked again." in page
    address = reverse("uploads:upload-date", args=[undated.reference])
    assert "Enter date of publication" in officer.post(address, date_fields(None)).content.decode()
    assert officer.post(address, date_fields(DAY))["Location"] == undated.get_absolute_url()
    again = worked(undated)
    assert (again.state, again.published_on, again.problem_count) == ("awaiting_second_person", DAY, 0)
    desk.accept(again)
    assert public() == [("nhs-core", 2024, "999.00")]


@pytest.mark.parametrize(("days", "state"), [(-1, "received"), (0, "received"), (1, "refused")])
def test_the_missing_date_is_today_or_earlier(desk, undated, days, state):
    day = timezone.localdate() + dt.timedelta(days=days)
    if state == "refused":
        said = refusal(actions.date_upload, upload=undated, published_on=day, by=desk.officer)
        assert said == [("PUBLISHED_IN_FUTURE", "The publication date must be today or in the past")]
    else:
        actions.date_upload(upload=undated, published_on=day, by=desk.officer)
    undated.refresh_from_db()
    assert undated.state == state


def test_a_date_is_only_given_to_a_file_that_lacks_it_and_by_those_who_may_upload(desk, undated):
    assert refusal(actions.date_upload, upload=undated, published_on=DAY, by=desk.approver)[0][0] == "NOT_ALLOWED"
    wrong = desk.send(rows("2024-25,QXM,nhs-core,allocation,about 3,,"), published_on=None)
    assert refusal(actions.date_upload, upload=wrong, published_on=DAY, by=desk.officer) == [
        ("WRONG_STATE", f"{wrong.reference} does not wait for a publication date: it is refused")
    ]


def test_a_correction_that_only_adds_the_date_leads_to_publishing(desk, hidden, officer):
    figure = Allocation.objects.get(stream__code="nhs-core", financial_year=2024)
    address = reverse("budgets:allocation-correct", args=[figure.reference])
    page = officer.post(address, {"amount": "1000", **date_fields(DAY)}).content.decode()
    assert f"{figure.reference} already has this amount, so only the date of publication is new" in page
    assert reverse("uploads:upload-publish", args=[hidden.reference]) in page
    page = officer.post(address, {"amount": "1000", **date_fields(None)}).content.decode()
    assert "already has this amount. Enter the right one." in page
    assert reverse("uploads:upload-publish", args=[hidden.reference]) not in page
    assert Upload.objects.count() == 1
