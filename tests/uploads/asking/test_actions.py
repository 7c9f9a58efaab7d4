"""Saying how a file is read: who may and when, what is still open, twice at once, and a worker that dies meanwhile."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions as uploads
from pooledcare.uploads import pipeline, states
from pooledcare.uploads.asking import actions, pages, recognition
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayoutVersion
from pooledcare.uploads.proposals import Decisions, Proposal
from pooledcare.uploads.terms import UploadState
from tests import factories
from tests.uploads.sending import Desk, told, worked

pytestmark = pytest.mark.django_db

TEXT = "Board,Core services (£000)\nQXM,5\nQXN,6\nQXS,7\nTotal,18\n"


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services")
    for code in ("QXM", "QXN", "QXS"):
        factories.organisation(code=code)
    return Desk(factories.nhs_england(), roles=("publisher",))


@pytest.fixture
def upload(desk: Desk) -> Upload:
    sent = desk.send(TEXT)
    assert sent.state == "needs_layout"
    return sent


def proposed(upload: Upload) -> Decisions:
    question = LayoutQuestion.objects.get(upload=upload)
    return pages.decisions_of(question, Proposal.from_json(question.proposal))


def complete(upload: Upload) -> Decisions:
    decisions = proposed(upload)
    values = {**decisions.values, "basis": "allocation", "recurrence": "recurrent"}
    return replace(decisions, year="2024-25", values=values)


def refusal(act: Any, **said: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        act(**said)
    return [(one.code, one.where.field if one.where else None) for one in refused.value.problems]


def test_what_was_confirmed_is_kept_with_who_said_it_and_the_file_is_read_by_it(desk: Desk, upload: Upload):
    confirmed = actions.confirm_layout(upload=upload, decisions=complete(upload), by=desk.officer)
    assert (confirmed.state, confirmed.profile, confirmed.financial_year) == ("received", "confirmed", "2024-25")
    question = LayoutQuestion.objects.get(upload=upload)
    assert question.decisions == complete(upload).as_json()
    assert question.stated["sheets"]
    assert (question.decided_by, question.decided_actor) == (desk.officer.person, desk.officer.reference)
    step = confirmed.history.last()
    assert step is not None
    assert (step.state, step.note, step.actor) == ("received", "How to read it was confirmed", desk.officer.reference)
    read = worked(upload)
    assert (read.state, read.profile, read.rows_read) == ("awaiting_second_person", "confirmed", 3)
    assert "The file was read as its sender confirmed" in read.notices[0]
    assert not UploadLayoutVersion.objects.exists()


def test_what_is_still_open_is_refused_question_by_question(desk: Desk, upload: Upload):
    found = refusal(actions.confirm_layout, upload=upload, decisions=proposed(upload), by=desk.officer)
    assert found == [("OPEN_QUESTION", "year"), ("OPEN_QUESTION", "value:basis"), ("OPEN_QUESTION", "value:recurrence")]
    assert Upload.objects.get().state == "needs_layout"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"year": "1999-00"}, "FY_OUT_OF_RANGE", "financial_year"),
        ({"published_on": "2026-02-30"}, "NOT_ACCEPTED", "published_on"),
        ({"published_on": "2999-01-01"}, "PUBLISHED_IN_FUTURE", None),
    ],
)
def test_a_year_or_a_date_that_cannot_be_is_refused(
    desk: Desk, upload: Upload, change: dict[str, str], code: str, field: str | None
):
    decisions = replace(complete(upload), **change)
    found = refusal(actions.confirm_layout, upload=upload, decisions=decisions, by=desk.officer)
    assert found == [(code, field)]
    assert Upload.objects.get().state == "needs_layout"


def test_a_date_of_publication_that_the_sender_did_not_give_can_be_stated(desk: Desk):
    upload = desk.send(TEXT, published_on=None)
    decisions = replace(complete(upload), published_on="2024-05-03")
    confirmed = actions.confirm_layout(upload=upload, decisions=decisions, by=desk.officer)
    assert confirmed.published_on == dt.date(2024, 5, 3)


def test_a_second_click_has_no_further_effect(desk: Desk, upload: Upload):
    said = {"upload": upload, "decisions": complete(upload), "name": "Boards", "by": desk.officer}
    first = actions.confirm_layout(**said)
    again = actions.confirm_layout(**said)
    assert (again.state, again.version) == ("received", first.version)
    assert UploadLayoutVersion.objects.count() == 1
    assert AuditEvent.objects.filter(action="upload.received").count() == 2  # when it was sent, and when confirmed


def test_another_decision_meanwhile_is_refused(desk: Desk, upload: Upload):
    seen = upload.version
    actions.confirm_layout(upload=upload, decisions=complete(upload), by=desk.officer)
    other = replace(complete(upload), unit="1")
    assert refusal(actions.confirm_layout, upload=upload, decisions=other, by=desk.officer) == [("WRONG_STATE", None)]
    worked(upload)
    found = refusal(actions.confirm_layout, upload=upload, decisions=other, version=seen, by=desk.officer)
    assert found == [("CHANGED_MEANWHILE", None)]


def test_what_was_read_can_be_read_in_another_way_before_it_is_accepted(desk: Desk, upload: Upload):
    worked(actions.confirm_layout(upload=upload, decisions=complete(upload), name="Boards", by=desk.officer))
    pounds = replace(complete(upload), values={**complete(upload).values, "recurrence": "non_recurrent"})
    version = UploadLayoutVersion.objects.get()
    again = actions.confirm_layout(upload=upload, decisions=pounds, replaces=version.layout, by=desk.officer)
    assert again.profile == f"{version.layout.reference}.2"
    read = worked(upload)
    assert (read.state, read.profile) == ("awaiting_second_person", again.profile)
    desk.accept(read)
    assert refusal(actions.confirm_layout, upload=upload, decisions=complete(upload), by=desk.officer) == [
        ("WRONG_STATE", None)
    ]


def test_what_a_layout_says_already_makes_no_further_version(desk: Desk, upload: Upload):
    worked(actions.confirm_layout(upload=upload, decisions=complete(upload), name="Boards", by=desk.officer))
    version = UploadLayoutVersion.objects.get()
    other_year = replace(complete(upload), year="2023-24")
    again = actions.confirm_layout(upload=upload, decisions=other_year, replaces=version.layout, by=desk.officer)
    assert (again.profile, again.financial_year) == (version.key, "2023-24")
    assert UploadLayoutVersion.objects.count() == 1


@pytest.mark.parametrize(("is_own", "kind"), [(True, "schemes"), (False, "allocations")])
def test_only_a_layout_of_the_organisation_for_such_files_gets_a_new_version(
    desk: Desk, upload: Upload, is_own: bool, kind: str
):
    """Also whoever may prepare for two organisations cannot read the files of one by a layout of the other."""
    other = factories.organisation()
    desk.officer.person.memberships.create(organisation=other, roles=["finance_officer"])
    by = factories.actor(desk.officer.person)
    layout = factories.layout(organisation=desk.organisation if is_own else other, kind=kind).layout
    found = refusal(actions.confirm_layout, upload=upload, decisions=complete(upload), replaces=layout, by=by)
    assert found == [("UNKNOWN_LAYOUT", "replaces")]
    assert (Upload.objects.get().state, UploadLayoutVersion.objects.count()) == ("needs_layout", 1)


@pytest.mark.parametrize("state", UploadState.values)
def test_it_is_said_while_the_file_waits_or_was_read_and_not_accepted(desk: Desk, upload: Upload, state: str):
    Upload.objects.filter(pk=upload.pk).update(state=state)
    if state in {"needs_layout", "refused", "ready", "awaiting_second_person"}:
        assert actions.keep_decisions(upload=upload, decisions=complete(upload), by=desk.officer).decisions
    else:
        found = refusal(actions.keep_decisions, upload=upload, decisions=complete(upload), by=desk.officer)
        assert found == [("WRONG_STATE", None)]


def test_only_who_may_prepare_says_how_a_file_is_read(desk: Desk, upload: Upload):
    outsider = Desk(factories.organisation()).officer
    for by in (desk.approver, outsider):
        for act in (actions.keep_decisions, actions.confirm_layout):
            found = refusal(act, upload=upload, decisions=complete(upload), by=by)
            assert found == [("NOT_ALLOWED", None)]
        assert refusal(actions.choose_layout, upload=upload, layout="x", by=by) == [("NOT_ALLOWED", None)]


def test_whose_membership_ends_between_looking_and_saying_is_refused(desk: Desk, upload: Upload, client_of: Any):
    officer, page = client_of(desk.officer.person), reverse("uploads:layout-question", args=[upload.reference])
    assert officer.get(page).status_code == 200
    desk.officer.person.memberships.all().delete()
    answers = {"unit": "1000", "year": "2024-25", "value-basis": "allocation", "save": "no", "do": "continue"}
    assert officer.post(page, answers).status_code in (403, 404)
    upload.refresh_from_db()
    assert upload.state == "needs_layout"


def test_a_file_whose_sender_may_no_longer_submit_when_it_is_read_is_refused(desk: Desk, upload: Upload):
    confirmed = actions.confirm_layout(upload=upload, decisions=complete(upload), by=desk.officer)
    desk.officer.person.memberships.all().delete()
    assert worked(confirmed).state == "refused"
    assert {code for code, _, _ in told(upload)} == {"NOT_PERMITTED"}


def test_a_file_about_which_nothing_was_asked_is_not_read_otherwise(desk: Desk):
    upload = factories.upload(organisation=desk.organisation, state="ready", accepted_actor="")
    found = refusal(actions.choose_layout, upload=upload, layout="x", by=desk.officer)
    assert found == [("NOT_ASKED", None)]


def test_a_layout_is_chosen_only_among_those_that_fit(desk: Desk):
    first = factories.layout(organisation=desk.organisation, stated=_of_board(1000))
    second = factories.layout(
        organisation=desk.organisation, stated={**_of_board(1000), "defaults": {"basis": "budget"}}
    )
    upload = desk.send(TEXT, financial_year="2024-25")
    assert LayoutQuestion.objects.get(upload=upload).fitting == [first.key, second.key]
    found = refusal(actions.choose_layout, upload=upload, layout="UL-1.9", by=desk.officer)
    assert found == [("UNKNOWN_LAYOUT", "layout")]
    chosen = actions.choose_layout(upload=upload, layout=second.key, by=desk.officer)
    assert (chosen.state, chosen.profile) == ("received", second.key)
    assert worked(upload).state == "awaiting_second_person"


def _of_board(unit: int) -> dict[str, Any]:
    figures = [{"heading": r"Core\ services\ \(£000\)", "stream": "nhs-core"}]
    totals = [{"column": "Board", "text": "Total"}]
    return {**factories.LAYOUT, "unit": unit, "sheets": [{"code": "Board", "figures": figures, "totals": totals}]}


def test_a_file_that_waits_can_be_abandoned_and_sent_again(desk: Desk, upload: Upload):
    uploads.abandon_upload(upload=upload, by=desk.officer)
    assert desk.send(TEXT).state == "needs_layout"


def test_a_worker_that_dies_while_it_proposes_leaves_the_file_to_the_next(desk: Desk, monkeypatch: Any):
    upload = desk.receive(TEXT)
    propose = recognition.propose

    def dies(*_: Any, **__: Any) -> Any:
        raise SystemExit  # as when the process is ended

    monkeypatch.setattr(recognition, "propose", dies)
    with pytest.raises(SystemExit):
        pipeline.work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "reading"
    assert not LayoutQuestion.objects.exists()
    assert pipeline.work(upload.pk) is None  # its lease still holds
    monkeypatch.setattr(recognition, "propose", propose)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        assert states.due(timezone.now()) == [upload.pk]
        assert worked(upload).state == "needs_layout"
    assert LayoutQuestion.objects.count() == 1
