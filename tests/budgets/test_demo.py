"""The two workbooks of the demonstration do what the upload page says of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from budgets.allocations.kind import HAS_SAVED_LAYOUT, RESTATED, UNKNOWN_LAYOUT, WITH_MISTAKES
from budgets.allocations.stored_preview import stored_preview
from budgets.demo import write_samples
from budgets.demo_layouts import make_demo_layout, write_layout_samples
from budgets.demo_unpublished import make_demo_upload
from budgets.models import Allocation
from pooledcare.directory.access import Permission, can, person_actor, system_actor
from pooledcare.directory.demo import make_demo_people
from pooledcare.directory.models import Organisation
from pooledcare.uploads import actions, pipeline, queries
from pooledcare.uploads.models import LayoutQuestion, Upload
from pooledcare.uploads.proposals import Proposal, default_decisions, open_questions

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_an_accepted_upload_waits_to_be_published_and_is_made_once(settings):
    settings.DEMO = True
    call_command("load_reference", verbosity=0)
    call_command("load_figures", verbosity=0)
    people = {person.handle: person_actor(person.user) for person in make_demo_people()}
    upload = make_demo_upload()
    assert upload.state == "accepted"
    figures = Allocation.objects.filter(upload=upload)
    assert [(one.stream.code, one.published_on) for one in figures.order_by("stream__position")] == [
        ("adult-social-care", None), ("public-health", None),
    ]  # fmt: skip
    assert [part.count for part in queries.unpublished_parts(upload)] == [1, 1]
    assert can(people["lee"], Permission.UPLOAD_ALLOCATIONS, upload.organisation)
    assert can(people["ash"], Permission.ACCEPT_ALLOCATIONS, upload.organisation)
    assert make_demo_upload() == upload


@pytest.fixture
def send(tmp_path: Path):
    """Sends one of the workbooks as NHS England, over the published figures, and lets the worker read it."""
    call_command("load_reference", verbosity=0)
    call_command("load_figures", verbosity=0)
    write_samples(tmp_path)
    write_layout_samples(tmp_path)
    make_demo_layout()

    def work(name: str) -> Upload:
        with (tmp_path / name).open("rb") as file:
            upload = actions.receive_upload(
                organisation=Organisation.objects.get(code="X24"), kind="allocations", file=file, filename=name,
                channel="page", published_on=dt.date(2026, 11, 1), by=system_actor("test"),
            )  # fmt: skip
        pipeline.work(upload.pk)
        upload.refresh_from_db()
        return upload

    return work


def test_the_workbook_with_mistakes_is_refused_and_each_cell_is_told_once(send):
    upload = send(WITH_MISTAKES)
    assert upload.state == "refused"
    found = list(upload.problems.values_list("code", "sheet", "row", "column"))
    assert len(found) == len(set(found))
    # Two misspelt codes on each of six sheets, and four slips in amounts.
    codes = Counter(code for code, *_ in found)
    assert codes == {"UNKNOWN_ORG": 12, "AMBIGUOUS_NUMBER": 1, "EXCEL_ERROR": 1, "FORMULA": 1, "NOT_A_NUMBER": 1}


def test_the_restated_workbook_changes_three_figures_and_flags_only_what_moves(send):
    upload = send(RESTATED)
    assert upload.state == "awaiting_second_person"
    assert upload.counts == {"new": 0, "changed": 3, "unchanged": 459, "withdrawn": 0, "not_reported": 0}
    preview = stored_preview(upload)
    assert [(one.organisation, one.stream) for one in preview.movements] == [("QVV", "other-primary-care")]
    assert sum(line.change for line in preview.streams) == sum(line.change for line in preview.organisations)
    regional = [line for line in preview.controls if line.stream == "other-primary-care"]
    assert all(line.difference > 0 and line.note for line in regional)


def test_the_workbook_in_the_saved_layout_is_recognised_and_the_other_one_is_asked_about(send):
    layout = make_demo_layout()
    upload = send(HAS_SAVED_LAYOUT)
    assert (upload.state, upload.profile) == ("awaiting_second_person", f"{layout.reference}.1")
    assert (upload.counts["new"], stored_preview(upload).controls[0].difference) == (12, 0)
    unknown = send(UNKNOWN_LAYOUT)
    assert unknown.state == "needs_layout"
    proposal = Proposal.from_json(LayoutQuestion.objects.get(upload=unknown).proposal)
    assert [sheet.known for sheet in proposal.sheets] == [12]
    assert [question.key for question in open_questions(proposal, default_decisions(proposal))]
