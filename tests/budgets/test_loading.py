"""Our own tables of money: streams brought in line, and each publication submitted as an upload of two steps."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from budgets import loading, totals
from budgets.loading import ACCEPTER, PREPARER, NotLoaded, Publication, load_publication, load_streams, publications
from budgets.models import Allocation, AllocationTotal, FundingStream
from pooledcare.uploads.models import Upload, UploadProblem
from tests import factories

pytestmark = pytest.mark.django_db

STREAMS = """code,name,description,holder_kinds,expected_kinds,expected_from,included_kinds,funder,functions,\
ring_fenced,nature,gross_or_net,first_year,last_year,part_of,source
whole,Whole,Everything,ccg|icb,icb,2015,nhs_england|pct,X24,Commissioning,no,revenue,not_applicable,2013,,,paper
part,Part,Some of it,icb,,,,,Prevention,yes,capital,net,2020,2024,whole,
"""
HEADINGS = (
    "financial_year,organisation,stream,basis,gross_or_net,amount,recurrence,note,"
    "source_sheet,source_row,source_cell,published_text"
)
ROW = "2024-25,QXM,whole,allocation,not_applicable,1000.00,recurrent,,Core,46,K46,1"
TOML = """
[one]
file = "one.csv"
publisher = "X24"
title = "Figures of one"
published_on = 2023-06-19

[two]
file = "two.csv"
publisher = "MHCLG"
title = "Figures of two"
published_on = 2022-01-02
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loading, "REFERENCE", tmp_path)
    (tmp_path / "funding_streams.csv").write_text(STREAMS, encoding="utf-8")
    (tmp_path / "publications.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "one.csv").write_text(f"{HEADINGS}\n{ROW}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def one(folder: Path) -> Publication:
    factories.nhs_england()
    factories.organisation(code="QXM", opened=dt.date(2013, 4, 1))
    list(load_streams())
    return publications()[0]


def test_publications_are_those_described_in_their_order(folder):
    assert publications() == [
        Publication("one", folder / "one.csv", "X24", "Figures of one", dt.date(2023, 6, 19)),
        Publication("two", folder / "two.csv", "MHCLG", "Figures of two", dt.date(2022, 1, 2)),
    ]


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = ("code", "name", "description", "holder_kinds", "expected_kinds", "expected_from", "included_kinds", "funder",
          "functions", "ring_fenced", "nature", "gross_or_net", "first_year", "last_year", "position")  # fmt: skip


def test_streams_are_made_as_the_table_says(folder):
    paper = factories.source(slug="paper")
    assert list(load_streams()) == ["Funding stream whole is new.", "Funding stream part is new."]
    whole, part = FundingStream.objects.order_by("position")
    assert [getattr(whole, name) for name in FIELDS] == [
        "whole", "Whole", "Everything", ["ccg", "icb"], ["icb"], 2015, ["nhs_england", "pct"], "X24", "Commissioning",
        False, "revenue", "not_applicable", 2013, None, 1,
    ]  # fmt: skip
    assert [getattr(part, name) for name in FIELDS] == [
        "part", "Part", "Some of it", ["icb"], [], None, [], "", "Prevention", True, "capital", "net", 2020, 2024, 2,
    ]  # fmt: skip
    assert (whole.source, whole.part_of, part.source, part.part_of) == (paper, None, None, whole)


def test_loading_streams_again_says_only_what_has_changed(folder):
    list(load_streams())
    before = dict(FundingStream.objects.values_list("code", "pk"))
    assert list(load_streams()) == []
    table = folder / "funding_streams.csv"
    table.write_text(STREAMS.replace("Everything", "All of it").replace("2024,whole", "2024,"), encoding="utf-8")
    FundingStream.objects.filter(code="whole").update(part_of=before["part"])
    assert list(load_streams()) == ["Funding stream whole has changed."]
    assert dict(FundingStream.objects.values_list("code", "pk")) == before
    assert list(FundingStream.objects.values_list("description", "part_of")) == [
        ("All of it", None), ("Some of it", None),
    ]  # fmt: skip


# ── Publications ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_publication_is_prepared_by_one_and_accepted_by_the_other(one):
    said = load_publication(one)
    upload = Upload.objects.get()
    assert said == f"Figures of one: accepted as {upload.reference} (1 new)."
    assert (PREPARER.reference, ACCEPTER.reference) == ("system:reference-load", "system:reference-check")
    assert (upload.prepared_actor, upload.accepted_actor) == (PREPARER.reference, ACCEPTER.reference)
    assert (upload.state, upload.channel, upload.kind, upload.profile) == (
        "accepted", "reference", "allocations", "pooledcare-figures",
    )  # fmt: skip
    assert (upload.organisation.code, upload.filename, upload.published_on) == ("X24", "one.csv", dt.date(2023, 6, 19))
    assert upload.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()
    figure = Allocation.objects.get()
    assert (figure.amount, figure.sheet, figure.row, figure.cell) == (Decimal(1000), "Core", 46, "K46")


@pytest.mark.slow
def test_what_stands_is_not_loaded_again_and_a_changed_table_is(one):
    load_publication(one)
    first = Upload.objects.get()
    assert load_publication(one) == f"Figures of one: unchanged ({first.reference})."
    silent = ROW.replace("2024-25", "2023-24").replace("1000.00", "")
    one.path.write_text(f"{HEADINGS}\n{ROW.replace('1000.00', '1001.00')}\n{silent}\n", encoding="utf-8")
    said = load_publication(one)
    second = Upload.objects.exclude(pk=first.pk).get()
    assert said == f"Figures of one: accepted as {second.reference} (1 new, 1 changed, 1 not reported)."


@pytest.mark.parametrize(
    "fields", [{"state": "reversed"}, {"kind": "other"}, {"sha256": "0" * 64}, {"organisation": None}]
)
def test_only_the_same_file_of_the_same_publisher_that_stands_is_unchanged(one, fields):
    sha256 = hashlib.sha256(one.path.read_bytes()).hexdigest()
    values: dict[str, Any] = {"organisation": factories.nhs_england(), "sha256": sha256} | fields
    values["organisation"] = values["organisation"] or factories.organisation()
    factories.upload(**values)
    assert "accepted as" in load_publication(one)


@pytest.mark.parametrize("state", ["received", "reading"])
def test_a_load_that_was_interrupted_is_taken_further(one, state):
    upload = loading._received(factories.nhs_england(), one)
    Upload.objects.filter(pk=upload.pk).update(state=state, lease_until=None)
    assert load_publication(one) == f"Figures of one: accepted as {upload.reference} (1 new)."
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "resumed"),
    [
        ("received", True), ("reading", True), ("checked", True), ("accepting", True), ("ready", True),
        ("awaiting_second_person", True), ("accepted", False), ("refused", False), ("failed", False),
        ("abandoned", False), ("reversed", False),
    ],
)  # fmt: skip
def test_which_uploads_are_taken_further(one, state, resumed):
    sha256 = hashlib.sha256(one.path.read_bytes()).hexdigest()
    upload = factories.upload(organisation=factories.nhs_england(), sha256=sha256, state=state)
    assert loading._resumed(factories.nhs_england(), one) == (upload if resumed else None)


@pytest.mark.parametrize(
    "fields", [{"channel": "page"}, {"kind": "other"}, {"sha256": "0" * 64}, {"organisation": None}]
)
def test_nobody_elses_upload_is_taken_further(one, fields):
    sha256 = hashlib.sha256(one.path.read_bytes()).hexdigest()
    values: dict[str, Any] = {"organisation": factories.nhs_england(), "sha256": sha256, "state": "received"} | fields
    values["organisation"] = values["organisation"] or factories.organisation()
    factories.upload(**values)
    assert loading._resumed(factories.nhs_england(), one) is None


def test_a_table_of_ours_with_mistakes_stops_the_load_and_says_where(one, capsys):
    bad = "\n".join([HEADINGS, ROW.replace("QXM", "QZZ"), *[ROW.replace("whole", "?")] * 24])
    one.path.write_text(bad + "\n", encoding="utf-8")
    with pytest.raises(NotLoaded) as caught:
        load_publication(one)
    lines = str(caught.value).split("\n")
    assert lines[0] == "one.csv: refused "
    assert lines[1] == "  UNKNOWN_ORG row 2 organisation: This code is in none of our lists of organisations [QZZ]"
    assert lines[2].startswith("  UNKNOWN_STREAM row 3 stream: ")
    assert len(lines) == 21
    assert UploadProblem.objects.count() == 25
    with pytest.raises(CommandError, match=r"^one\.csv: refused"):
        call_command("load_figures", "--without-publisher", "MHCLG")


@pytest.mark.slow
def test_totals_are_summed_anew_only_where_they_differ(one, capsys):
    call_command("load_figures", "--without-publisher", "MHCLG")
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Figures of two: left out."
    AllocationTotal.objects.update(amount=1)
    call_command("load_figures", "--without-publisher", "MHCLG")
    assert capsys.readouterr().out.splitlines()[-1] == "Totals were recalculated."
    assert totals.differences() == 0
