"""Which layout reads a file: built-in before own before shared, never another organisation's own, never by chance."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from pooledcare.kernel.problems import Refused
from pooledcare.uploads import profiles
from pooledcare.uploads.asking import recognition
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayoutVersion
from pooledcare.uploads.saved_layouts import actions as saved
from tests import factories
from tests.uploads.sending import Desk, codes, worked

pytestmark = pytest.mark.django_db

TEXT = "Board,Core (£k)\nQXM,5\n"
IN_POUNDS = {**factories.LAYOUT, "unit": 1}
ALIKE = {**factories.LAYOUT, "summary": "The same, said otherwise", "missing": ["NA"]}
BUILT_IN = """
title = "Boards"
publisher = "Example"
summary = ""
unit = {unit}
[defaults]
basis = "allocation"
recurrence = "recurrent"
[[sheets]]
code = 'Board'
[[sheets.figures]]
heading = 'Core \\(£k\\)'
stream = "nhs-core"
"""


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core")
    factories.organisation(code="QXM")
    return Desk(factories.nhs_england(), roles=("publisher",))


@pytest.fixture
def other(desk: Desk) -> Any:
    return factories.organisation(name="NHS Northshire", code="QXN")


def built_in(monkeypatch: Any, folder: Any, unit: int) -> None:
    (folder / "boards.toml").write_text(BUILT_IN.format(unit=unit), encoding="utf-8")
    monkeypatch.setattr(profiles, "_FOLDERS", {"allocations": [folder]})


def layout(organisation: Any, stated: dict[str, Any] | None = None, **fields: Any) -> UploadLayoutVersion:
    return factories.layout(organisation=organisation, stated=stated, **fields)


def read_by(desk: Desk, **fields: Any) -> str:
    """The layout by which the file is read; or what is asked, and between which."""
    upload: Upload = desk.send(TEXT, financial_year="2024-25", **fields)
    if upload.state == "needs_layout":
        question = LayoutQuestion.objects.get(upload=upload)
        return " ".join([question.asked, *question.fitting])
    assert upload.state == "awaiting_second_person", codes(upload)
    return upload.profile


def test_a_file_that_nothing_fits_is_asked_about(desk: Desk):
    assert read_by(desk) == "reading"


def test_the_organisations_own_layout_reads_it_and_anothers_does_not(desk: Desk, other: Any):
    layout(other)
    assert read_by(desk) == "reading"


def test_its_own_layout_reads_it(desk: Desk):
    own = layout(desk.organisation)
    assert read_by(desk) == own.key


def test_a_shared_layout_reads_it_where_no_own_one_fits(desk: Desk, other: Any):
    shared = layout(other, is_shared=True)
    assert read_by(desk) == shared.key


@pytest.mark.parametrize("stated", [ALIKE, IN_POUNDS])
def test_a_shared_layout_does_not_compete_with_an_own_one(desk: Desk, other: Any, stated: dict[str, Any]):
    layout(other, stated, is_shared=True)
    own = layout(desk.organisation)
    assert read_by(desk) == own.key


def test_a_retired_layout_reads_nothing(desk: Desk):
    own = layout(desk.organisation)
    saved.retire_layout(layout=own.layout, by=desk.officer)
    assert read_by(desk) == "reading"


@pytest.mark.parametrize(("stated", "is_asked"), [(ALIKE, False), (IN_POUNDS, True)])
def test_two_own_layouts_are_asked_about_only_if_they_read_other_figures(desk: Desk, stated: Any, is_asked: bool):
    first, second = layout(desk.organisation), layout(desk.organisation, stated)
    assert read_by(desk) == (f"layout {first.key} {second.key}" if is_asked else first.key)


@pytest.mark.parametrize(("unit", "is_asked"), [(1000, False), (1, True)])
def test_a_built_in_layout_goes_first_unless_an_own_one_reads_other_figures(
    desk: Desk, monkeypatch: Any, tmp_path: Any, unit: int, is_asked: bool
):
    built_in(monkeypatch, tmp_path, 1000)
    own = layout(desk.organisation, {**factories.LAYOUT, "unit": unit})
    assert read_by(desk) == (f"layout boards {own.key}" if is_asked else "boards")


def test_a_shared_layout_does_not_compete_with_a_built_in_one(desk: Desk, other: Any, monkeypatch: Any, tmp_path: Any):
    built_in(monkeypatch, tmp_path, 1000)
    layout(other, IN_POUNDS, is_shared=True)
    assert read_by(desk) == "boards"


def test_a_stated_layout_reads_it_at_its_newest_version(desk: Desk):
    layout(desk.organisation)
    second = layout(desk.organisation, IN_POUNDS)
    changed = saved.change_layout(layout=second.layout, stated={**IN_POUNDS, "unit": 1000}, by=desk.officer)
    assert changed.key == f"{second.layout.reference}.2"
    assert read_by(desk, layout=second.layout.reference) == changed.key


@pytest.mark.parametrize("change", ["retired", "unshared", "missing"])
def test_a_layout_that_may_not_be_used_is_refused_by_name(desk: Desk, other: Any, change: str):
    theirs = layout(other, is_shared=change != "unshared", is_retired=change == "retired")
    named = "UL-999" if change == "missing" else theirs.layout.reference
    with pytest.raises(Refused) as refused:
        desk.receive(TEXT, layout=named)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message) == (
        "UNKNOWN_LAYOUT",
        f"There is no saved layout {named} that reads files of this kind for {desk.organisation.name}",
    )


def test_a_stated_layout_that_does_not_fit_is_asked_about_and_named_as_the_nearest(desk: Desk):
    sheet = {**factories.LAYOUT["sheets"][0], "name": "Name"}
    own = layout(desk.organisation, {**factories.LAYOUT, "sheets": [sheet]}, name="Boards by letter")
    upload = desk.send("Body,Name,Core (£k)\nQXM,NHS Mereshire,5\n", layout=own.layout.reference)
    assert upload.state == "needs_layout"
    nearest = LayoutQuestion.objects.get(upload=upload).proposal["nearest"]
    assert (nearest["key"], nearest["title"]) == (own.key, "Boards by letter")


@pytest.mark.parametrize("step", [saved.unshare_layout, saved.retire_layout])
def test_a_layout_of_others_that_they_withdraw_meanwhile_reads_nothing_more(desk: Desk, other: Any, step: Any):
    theirs = layout(other, is_shared=True)
    upload = desk.receive(TEXT, layout=theirs.layout.reference, financial_year="2024-25")
    by = factories.actor(factories.member(organisation=other, roles=["finance_officer"]))
    step(layout=theirs.layout, by=by)
    assert worked(upload).state == "needs_layout"
    assert said_of_stated(upload)[1] == [recognition.UNUSABLE]


def test_an_own_layout_that_was_retired_meanwhile_reads_nothing_more(desk: Desk):
    own = layout(desk.organisation)
    upload = desk.receive(TEXT, layout=own.layout.reference, financial_year="2024-25")
    saved.retire_layout(layout=own.layout, by=desk.officer)
    assert worked(upload).state == "needs_layout"
    assert said_of_stated(upload)[1] == ["This layout was retired, or is no longer shared with your organisation"]


def said_of_stated(upload: Upload) -> tuple[str, list[str]]:
    """What is said of the layout that the sender wanted: its key, and why it does not read the file."""
    nearest = LayoutQuestion.objects.get(upload=upload).proposal["nearest"]
    assert nearest["is_stated"]
    return nearest["key"], nearest["differences"]


def test_a_stated_built_in_layout_that_does_not_fit_is_asked_about_with_what_differs(
    desk: Desk, monkeypatch: Any, tmp_path: Any, client_of: Any
):
    built_in(monkeypatch, tmp_path, 1000)
    upload = desk.send("Board,Core (£m)\nQXM,5\n", profile="boards")
    assert (upload.state, upload.problem_count) == ("needs_layout", 0)
    assert said_of_stated(upload) == ("boards", ["There is no heading like “Core (£k)” in row 1"])
    page = client_of(desk.officer.person).get(reverse("uploads:layout-question", args=[upload.reference]))
    assert "The file cannot be read by the layout that was chosen for it, “Boards”:" in page.content.decode()


def test_a_stated_layout_with_nothing_in_common_is_asked_about_too(desk: Desk, monkeypatch: Any, tmp_path: Any):
    built_in(monkeypatch, tmp_path, 1000)
    upload = desk.send("a,b\n1,2\n", profile="boards")
    assert upload.state == "needs_layout"
    assert said_of_stated(upload) == ("boards", ["No sheet has headings like “Board”, “Core (£k)”"])


def test_a_column_more_than_a_stated_layout_knows_is_named(desk: Desk):
    sheet = {**factories.LAYOUT["sheets"][0], "letters": {"code": "A"}, "whole_row": ["Board", r"Core\ \(£k\)"]}
    own = layout(desk.organisation, {**factories.LAYOUT, "sheets": [sheet]})
    upload = desk.send("Board,Core (£k),Other\nQXM,5,6\n", layout=own.layout.reference)
    assert said_of_stated(upload) == (own.key, ["Row 1 also has “Other”"])


@pytest.mark.parametrize("content", ["\n\n", ",,\n,,\n"])
def test_an_empty_file_is_refused_whatever_layout_is_stated(desk: Desk, content: str):
    own = layout(desk.organisation)
    assert codes(desk.send(content, layout=own.layout.reference)) == ["EMPTY_FILE"]
