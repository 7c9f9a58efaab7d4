"""What a kind declares once: its columns, the schema made of them, and what may stand on its uploads."""

from __future__ import annotations

from typing import Any

import pytest

from pooledcare.kernel.problems import Problem
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import Publication, UploadColumn, UploadKind, normal_heading
from pooledcare.uploads.models import Upload


def kind(**fields: Any) -> UploadKind:
    figures = kinds.kind("allocations")
    values: dict[str, Any] = {
        "key": "examples",
        "label": "Examples",
        "purpose": "For tests.",
        "columns": (
            UploadColumn("code", "Code", "A code.", "QXM"),
            UploadColumn("note", "Note", "A note.", required=False),
            UploadColumn("hidden", "Hidden", "Ours.", in_template=False),
        ),
        "steps": figures.steps,
        "prepare": figures.prepare,
        "accept": figures.accept,
        "shows": figures.shows,
    }
    return UploadKind(**values | fields)


def test_a_template_has_the_columns_that_are_offered():
    assert [column.heading for column in kind().template_columns] == ["code", "note"]
    assert kind().column("hidden").label == "Hidden"
    assert (kind().most_rows, kind().guidance) == (None, ())
    assert kind().column("note").is_amount is False


def test_a_kind_has_what_it_declares_and_nothing_more():
    bare = kind()
    assert (bare.is_published, bare.may_waive_second_person, bare.layout_columns) == (False, False, None)
    assert (bare.samples, bare.links) == ((), ())
    assert kind(publication=Publication("The day.", "All of it.")).is_published


def test_the_schema_of_a_row_comes_from_the_columns():
    assert kind().schema() == {
        "type": "object",
        "properties": {
            "code": {"type": "string", "title": "Code", "description": "A code.", "example": "QXM"},
            "note": {"type": "string", "title": "Note", "description": "A note."},
        },
        "required": ["code"],
    }


def test_a_kind_is_known_once_it_is_registered(monkeypatch):
    made = kind()
    monkeypatch.setattr(kinds, "_KINDS", {})
    kinds.register(made)
    assert kinds.kind("examples") is made
    assert kinds.kinds() == [made]


LINKS = {"agreements": ["/agreements/"], "schemes": ["/agreements/"], "allocations": ["/allocations/?upload=UP-5"]}


@pytest.mark.parametrize("declared", kinds.kinds(), ids=lambda one: one.key)
def test_what_the_kinds_of_the_site_declare(declared):
    is_money = declared.key == "allocations"
    assert (declared.is_published, declared.may_waive_second_person) == (is_money, is_money)
    assert (declared.layout_columns is not None, bool(declared.samples)) == (is_money, is_money)
    assert [link.address.format(reference="UP-5") for link in declared.links] == LINKS[declared.key]


@pytest.mark.parametrize("declared", kinds.kinds(), ids=lambda one: one.key)
def test_a_layout_fills_columns_that_the_kind_has(declared):
    filled = declared.layout_columns
    if filled is not None:
        assert set(filled.names) <= {column.heading for column in declared.columns}
        assert {filled.code, filled.amount, filled.year, *filled.beside_totals} <= set(filled.names)
        assert {column.heading for column in declared.columns if column.required} <= set(filled.names)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("financial_year", "financial_year"),
        (" Financial  YEAR\n", "financial_year"),
        ("financial-year", "financial_year"),
        ("financial _-year", "financial_year"),
        ("_note_", "note"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_a_heading_has_one_spelling(text, heading):
    assert normal_heading(text) == heading


def test_whatever_stands_on_an_upload_of_its_kind_is_told(monkeypatch):
    monkeypatch.setattr(kinds, "_BLOCKERS", [])
    monkeypatch.setattr(
        kinds.kind("allocations").steps, "later_changes", lambda upload: [Problem("CHANGED_LATER", upload.reference)]
    )
    kinds.block_reversal("allocations", lambda upload: [Problem("ONE", upload.reference), Problem("TWO", "x")])
    kinds.block_reversal("agreements", lambda _: [Problem("OTHER", "x")])
    found = kinds.reversal_problems(Upload(pk=5, kind="allocations"))
    assert [(one.code, one.message) for one in found] == [("CHANGED_LATER", "UP-5"), ("ONE", "UP-5"), ("TWO", "x")]


def test_steps_that_say_nothing_of_a_reversal_say_that_nothing_would_change():
    empty = kinds.UploadSteps.reversal_preview(kinds.kind("allocations").steps, Upload())
    assert empty == kinds.Reversal((), None, 0)
