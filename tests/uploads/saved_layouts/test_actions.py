"""Saving a layout, and each step after it: who may, what is written down, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.models import UploadLayout, UploadLayoutVersion
from pooledcare.uploads.saved_layouts import actions, queries
from tests import factories
from tests.uploads.sending import Desk

pytestmark = pytest.mark.django_db

STATED = factories.LAYOUT
OTHER = {**STATED, "unit": 1}


@pytest.fixture
def desk() -> Desk:
    return Desk(factories.organisation(name="NHS Mereshire", code="QXM"))


def save(desk: Desk, name: str = "Boards", stated: Any = STATED, by: Actor | None = None) -> UploadLayoutVersion:
    return actions.save_layout(
        organisation=desk.organisation, kind="allocations", name=name, stated=stated, by=by or desk.officer
    )


def refusal(act: Any, **said: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        act(**said)
    return [(problem.code, problem.message) for problem in refused.value.problems]


def test_a_saved_layout_is_the_organisations_own_with_its_maker_and_a_line_of_audit(desk: Desk):
    version = save(desk, "  Boards \n by letter ")
    layout = UploadLayout.objects.get()
    assert (layout.organisation, layout.kind, layout.name) == (desk.organisation, "allocations", "Boards by letter")
    assert (version.number, version.step, version.is_shared, version.is_retired) == (1, "saved", False, False)
    assert (version.made_by, version.made_actor) == (desk.officer.person, desk.officer.reference)
    assert version.stated == {**STATED, "title": "Boards by letter", "publisher": "NHS Mereshire"}
    event = AuditEvent.objects.get(action="upload_layout.saved")
    assert (event.actor, event.subject, event.organisation, event.sentence) == (
        desk.officer.reference,
        f"upload-layout:{layout.reference}",
        "QXM",
        f"{layout.reference} “Boards by letter” (allocations), version 1: saved.",
    )


@pytest.mark.parametrize(
    ("name", "stated", "code"),
    [
        (" ", STATED, "REQUIRED"),
        ("x" * 81, STATED, "TOO_LONG"),
        ("Boards\u202e", STATED, "NOT_ACCEPTED"),
        ("Boards", {**STATED, "nonsense": 1}, "BAD_LAYOUT"),
        ("Boards", {**STATED, "sheets": []}, "BAD_LAYOUT"),
        ("Boards", {**STATED, "sheets": [{"title": "Core"}]}, "BAD_LAYOUT"),
        ("Boards", {**STATED, "sheets": [{"code": "(a+)+b", "figures": []}]}, "BAD_LAYOUT"),
    ],
)
def test_a_layout_without_a_name_or_that_cannot_be_read_is_not_saved(desk: Desk, name: str, stated: Any, code: str):
    assert [each for each, _ in refusal(save, desk=desk, name=name, stated=stated)] == [code]
    assert not UploadLayout.objects.exists()


def test_a_name_is_used_once_by_an_organisation_whatever_its_case(desk: Desk):
    save(desk, "Boards")
    said = "Your organisation already has a layout with this name. Choose another name."
    assert refusal(save, desk=desk, name="BOARDS") == [("UPLOAD_LAYOUT_NAME_ONCE", said)]
    assert save(Desk(factories.organisation()), "Boards").layout.name == "Boards"


def test_each_step_is_a_version_that_keeps_what_the_others_said(desk: Desk):
    layout = save(desk).layout
    actions.share_layout(layout=layout, seen=1, by=desk.officer)
    actions.change_layout(layout=layout, stated=OTHER, seen=2, upload="UP-9", by=desk.officer)
    actions.unshare_layout(layout=layout, by=desk.officer)
    actions.share_layout(layout=layout, by=desk.officer)
    actions.retire_layout(layout=layout, seen=5, by=desk.officer)
    told = [
        (each.number, each.step, each.stated["unit"], each.is_shared, each.is_retired, each.upload)
        for each in queries.versions_of(layout)
    ]
    assert told == [
        (1, "saved", 1000, False, False, ""),
        (2, "shared", 1000, True, False, ""),
        (3, "changed", 1, True, False, "UP-9"),
        (4, "unshared", 1, False, False, ""),
        (5, "shared", 1, True, False, ""),
        (6, "retired", 1, False, True, ""),
    ]
    said = AuditEvent.objects.filter(subject=f"upload-layout:{layout.reference}").order_by("pk")
    assert [event.sentence.rpartition(": ")[2] for event in said] == [
        "saved.",
        "shared with all organisations.",
        "changed.",
        "no longer shared.",
        "shared with all organisations.",
        "retired.",
    ]


@pytest.mark.parametrize(
    ("act", "before", "more", "code"),
    [
        (actions.share_layout, actions.share_layout, {}, "WRONG_STATE"),
        (actions.unshare_layout, None, {}, "WRONG_STATE"),
        (actions.change_layout, None, {"stated": STATED}, "UNCHANGED"),
        (actions.change_layout, None, {"stated": OTHER, "seen": 2}, "CHANGED_MEANWHILE"),
        (actions.share_layout, actions.retire_layout, {}, "RETIRED"),
        (actions.retire_layout, actions.retire_layout, {}, "RETIRED"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(desk: Desk, act: Any, before: Any, more: dict[str, Any], code: str):
    layout = save(desk).layout
    if before is not None:
        before(layout=layout, by=desk.officer)
    count = UploadLayoutVersion.objects.count()
    assert [each for each, _ in refusal(act, layout=layout, by=desk.officer, **more)] == [code]
    assert UploadLayoutVersion.objects.count() == count


def test_only_who_prepares_uploads_of_the_organisation_saves_and_changes(desk: Desk):
    version = save(desk)
    others = [Desk(factories.organisation()).officer, desk.approver]
    for by in others:
        assert refusal(save, desk=desk, name="Other", by=by)[0][0] == "NOT_ALLOWED"
        for act in (actions.share_layout, actions.unshare_layout, actions.retire_layout):
            assert refusal(act, layout=version.layout, by=by)[0][0] == "NOT_ALLOWED"
        assert refusal(actions.change_layout, layout=version.layout, stated=OTHER, by=by)[0][0] == "NOT_ALLOWED"
    assert UploadLayoutVersion.objects.count() == 1


def test_kinds_without_amounts_have_no_layouts(desk: Desk):
    lead = factories.actor(factories.member(organisation=desk.organisation, roles=["governance_lead"]))
    said = {"organisation": desk.organisation, "kind": "schemes", "name": "S", "stated": STATED, "by": lead}
    assert [each for each, _ in refusal(actions.save_layout, **said)] == ["NO_LAYOUTS"]
