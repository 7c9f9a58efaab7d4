"""What an upload of figures would change, as tables of a page and as they are downloaded: plain values, no database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import BadRequest

from budgets.allocations.preview_page import FIGURES, sums
from budgets.allocations.stored_preview import Movement, NotComparedLine, Preview, stored_preview
from budgets.tables.changes import change_table
from pooledcare.kernel.table_files import file_of
from pooledcare.uploads.models import Upload


def stream(**fields: Any) -> dict[str, Any]:
    values = {
        "stream": "nhs-core", "stream_name": "Core", "financial_year": "2024-25", "basis": "allocation",
        "gross_or_net": "not_applicable", "recurrence": "recurrent", "before": "10.00", "after": "12.50", "new": 1,
        "changed": 2, "unchanged": 3, "withdrawn": 4, "not_reported": 5,
    }  # fmt: skip
    return values | fields


BODY = {
    "organisation": "QXM", "organisation_name": "Mereshire", "financial_year": "2024-25", "basis": "budget",
    "before": "7.00", "after": "4.00",
}  # fmt: skip
MOVEMENT = {
    "organisation": "QXM", "organisation_name": "Mereshire", "stream": "nhs-core", "financial_year": "2024-25",
    "basis": "budget", "year_before": "-3.00", "amount": "1.00",
}  # fmt: skip
CONTROL = {
    "sheet": "One", "cell": "B7", "label": "Total", "column": "Core, £k", "stream": "nhs-core",
    "financial_year": "2024-25", "ours": "9.00", "publishers": "10.00", "published_text": "0.01", "note": "Rounded",
}  # fmt: skip
LEFT_OUT = {"sheet": "One", "label": "Gross", "reason": "Net is read", "amount": "99.00", "cells": 3}


def upload(**preview: Any) -> Upload:
    whole = {
        "streams": [stream(), stream(stream="b", stream_name="B", after="1.00")],
        "organisations": [BODY],
        "others": 6,
        "movements": [MOVEMENT],
        "movement_count": 8,
        "controls": [CONTROL],
        "not_read": [LEFT_OUT],
        "not_reported": [{"organisation": "QXN"}],
        "source_title": "Grants",
        "profile_notes": ["Paid in May."],
    }
    return Upload(preview=whole | preview, counts={"new": 2, "not_reported": 7}, notices=["Tidied"])


def table(name: str) -> tuple[list[tuple[Any, Any]], list[list[Any]]]:
    made = FIGURES.tables[name](upload(), {})
    return [(column.label, column.format) for column in made.columns], [list(row) for row in made.rows]


def test_the_stored_preview_is_read_back_with_its_money_as_money():
    preview = stored_preview(upload())
    assert (preview.counts, preview.others, preview.movement_count) == ({"new": 2, "not_reported": 7}, 6, 8)
    assert (preview.not_reported, preview.notices) == ([{"organisation": "QXN"}], ["Tidied"])
    assert (preview.source_title, preview.profile_notes) == ("Grants", ["Paid in May."])
    (control,), (left_out,), (body,) = preview.controls, preview.not_read, preview.organisations
    assert (control.difference, left_out.amount, body.change) == (Decimal("1.00"), Decimal("99.00"), Decimal("-3.00"))
    assert [line.change for line in preview.streams] == [Decimal("2.50"), Decimal("-9.00")]


def test_an_upload_that_is_not_checked_yet_would_change_nothing():
    preview = stored_preview(Upload())
    assert preview == Preview({}, [], [], 0, [], 0, [], [], [], [], "", [])


@pytest.mark.parametrize(
    ("before", "now", "percent"),
    [("-3.00", "1.00", "133.3"), ("3.00", "1.00", "-66.7"), ("8.00", "12.00", "50.0"), ("800.00", "800.20", "0.0")],
)
def test_a_movement_is_a_share_of_the_year_before_whatever_its_sign(before, now, percent):
    movement = Movement("", "", "", "", "", Decimal(before), Decimal(now))
    assert str(movement.percent) == percent


def test_the_page_says_what_was_not_reported_and_how_streams_are_called():
    context = FIGURES.context(upload(), {})
    assert (context["not_reported"], context["stream_names"]) == (7, {"nhs-core": "Core", "b": "B"})
    assert context["preview"].source_title == "Grants"
    assert FIGURES.context(Upload(), {})["not_reported"] == 0


def test_what_differs_in_year_basis_or_gross_and_net_is_never_added_up():
    lines = [
        stream(financial_year="2025-26", after="11.00"),
        stream(after="11.00"),
        stream(stream="b", after="13.00"),
        stream(basis="outturn", gross_or_net="net", after="10.50"),
        stream(basis="outturn", gross_or_net="gross", after="10.25"),
        stream(basis="outturn", after="10.75"),
    ]
    assert FIGURES.context(upload(streams=lines), {})["net_changes"] == [
        ("2024-25 allocation", Decimal("4.00")),
        ("2024-25 outturn, gross", Decimal("0.25")),
        ("2024-25 outturn, net", Decimal("0.50")),
        ("2024-25 outturn", Decimal("0.75")),
        ("2025-26 allocation", Decimal("1.00")),
    ]


def test_streams_with_their_counts():
    columns, lines = table("streams")
    assert [heading for heading, _ in columns] == [
        "Stream", "Year", "Basis", "Before", "After", "Change", "New", "Changed", "Unchanged", "Withdrawn",
        "Not reported",
    ]  # fmt: skip
    assert [kind for _, kind in columns[3:]] == ["number"] * 8
    assert lines[0] == [
        "Core",
        "2024-25",
        "allocation",
        Decimal("10.00"),
        Decimal("12.50"),
        Decimal("2.50"),
        1,
        2,
        3,
        4,
        5,
    ]
    assert [line[0] for line in lines] == ["Core", "B"]


def test_organisations_with_what_they_have_before_and_after():
    columns, lines = table("organisations")
    assert columns == [
        ("Organisation", "text"), ("Code", "text"), ("Year", "text"), ("Basis", "text"), ("Before", "number"),
        ("After", "number"), ("Change", "number"),
    ]  # fmt: skip
    assert lines == [["Mereshire", "QXM", "2024-25", "budget", Decimal("7.00"), Decimal("4.00"), Decimal("-3.00")]]


def test_movements_with_their_share():
    columns, lines = table("movements")
    assert columns == [
        ("Organisation", "text"), ("Code", "text"), ("Stream", "text"), ("Year", "text"), ("Basis", "text"),
        ("Year before", "number"), ("This year", "number"), ("Movement, %", "number"), ("Year before is of", "text"),
    ]  # fmt: skip
    start = ["Mereshire", "QXM", "nhs-core", "2024-25", "budget"]
    assert lines == [[*start, Decimal("-3.00"), Decimal("1.00"), Decimal("133.3"), ""]]


@pytest.mark.parametrize(
    ("moved", "amounts"),
    [
        (None, ["9.00", "1.26", "1.51", "2.01", "3.01", "0.70"]),
        ("25", ["9.00", "1.26", "1.51", "2.01", "3.01", "0.70"]),
        ("50", ["9.00", "1.51", "2.01", "3.01"]), ("100", ["9.00", "2.01", "3.01"]), ("200", ["9.00", "3.01"]),
    ],
)  # fmt: skip
def test_movements_can_be_filtered_by_percent(moved, amounts):
    rows = [
        MOVEMENT | {"year_before": "1.00", "amount": one} for one in ("9.00", "1.26", "1.51", "2.01", "3.01", "0.70")
    ]
    asked = {} if moved is None else {"moved": moved}
    counts = {"25": 6, "50": 4, "100": 3, "200": 0}
    sent = upload(movements=rows, movement_counts=counts)
    context = FIGURES.context(sent, asked)
    assert [str(one.amount) for one in context["movements"]] == amounts
    assert (context["percent"], context["percents"]) == (int(moved or 25), [(25, 6), (50, 4), (100, 3)])
    assert [row[6] for row in FIGURES.tables["movements"](sent, asked).rows] == [Decimal(one) for one in amounts]
    assert FIGURES.filters == ("moved",)


@pytest.mark.parametrize("moved", ["", "0", "26", "25%", "many"])
def test_movements_are_filtered_by_nothing_else(moved):
    with pytest.raises(BadRequest, match="must be one of 25, 50, 100, 200"):
        FIGURES.context(upload(), {"moved": moved})


def test_movements_of_a_page_are_as_many_as_are_kept():
    rows = [MOVEMENT | {"year_before": "1.00", "amount": str(amount)} for amount in range(200, 0, -1)]
    found = FIGURES.context(upload(movements=rows), {})
    assert [len(found["movements"]), str(found["movements"][0].amount)] == [100, "200"]
    assert found["percents"] == []  # kept by an earlier version, which counted none of them


def test_what_was_not_compared_and_not_counted_is_read_back():
    line = {
        "stream": "care", "financial_year": "2023-24", "basis": "outturn", "predecessors": "A", "successors": "B and C",
        "missing": "C",
    }  # fmt: skip
    found = stored_preview(upload(not_compared=[line], not_compared_count=3, not_counted=[BODY], not_counted_count=4))
    assert (found.not_compared, found.not_compared_count) == ([NotComparedLine(**line)], 3)
    assert (found.not_counted, found.not_counted_count) == ([BODY], 4)


def test_totals_of_the_publisher_beside_ours():
    columns, lines = table("controls")
    assert columns == [
        ("Sheet", "text"), ("Cell", "text"), ("Total", "text"), ("Publisher’s total", "number"),
        ("Sum of rows read", "number"), ("Difference", "number"), ("Note", "text"),
    ]  # fmt: skip
    assert lines == [["One", "B7", "Total: Core, £k", Decimal("10.00"), Decimal("9.00"), Decimal("1.00"), "Rounded"]]


def test_what_was_not_read_and_why():
    columns, lines = table("not-read")
    assert columns == [
        ("Sheet", "text"), ("What", "text"), ("Why", "text"), ("Amount", "number"), ("Cells", "number"),
    ]  # fmt: skip
    assert lines == [["One", "Gross", "Net is read", Decimal("99.00"), 3]]
    assert FIGURES.template == "budgets/upload_figures.jinja"


def downloaded(name: str, **preview: Any) -> list[str]:
    content = file_of(FIGURES.tables[name](upload(**preview), {}), "csv", filename=name).getvalue()
    return content.decode("utf-8-sig").splitlines()


def test_a_download_has_bare_headings_and_numbers_and_leaves_empty_cells_empty():
    assert downloaded("organisations") == [
        "Organisation,Code,Year,Basis,Before,After,Change",
        "Mereshire,QXM,2024-25,budget,7.00,4.00,-3.00",
    ]
    assert downloaded("controls", controls=[CONTROL | {"sheet": "", "note": ""}])[1:] == [
        ',B7,"Total: Core, £k",10.00,9.00,1.00,'
    ]
    assert downloaded("not-read", not_read=[LEFT_OUT | {"sheet": ""}])[1:] == [",Gross,Net is read,99.00,3"]


# ── Changes of single figures, and what is confirmed ─────────────────────────────────────────────────────────────────


CHANGE = {
    "organisation": "QXM", "organisation_name": "Mere Board", "stream": "core", "stream_name": "Core",
    "financial_year": "2024-25", "basis": "allocation", "gross_or_net": "not_applicable", "recurrence": "recurrent",
    "before": "400.00", "before_text": "", "after": "405.00", "after_text": "", "withdrawn": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        ({}, ("£400", "£405", Decimal(5), "+1.25%", "Changed")),
        ({"before": None}, ("No figure", "£405", None, None, "New")),
        ({"before": None, "before_text": "[x]"}, ("Not reported ([x])", "£405", None, None, "Changed")),
        ({"after": None, "after_text": "[x]"}, ("£400", "Not reported ([x])", None, None, "Changed")),
        ({"after": None, "withdrawn": True}, ("£400", "Withdrawn", None, None, "Withdrawn")),
        ({"after": "400.00"}, ("£400", "£400", None, None, "Becomes public")),
        ({"before": None, "before_text": "[x]", "after": None, "after_text": "[x]"},
         ("Not reported ([x])", "Not reported ([x])", None, None, "Becomes public")),
        ({"before": "0.00"}, ("£0", "£405", Decimal(405), None, "Changed")),
    ],
)  # fmt: skip
def test_a_change_says_what_was_before_and_never_zero_for_nothing(fields, cells):
    (change,) = stored_preview(upload(changes=[CHANGE | fields])).changes
    ((*_, before, after, difference),) = change_table([change]).rows

    def said(cell):
        return cell["missing"] if cell["value"] is None else f"£{cell['value'].normalize():f}"

    assert (said(before), said(after), difference["value"], difference["note"], difference["missing"]) == cells


@pytest.mark.parametrize(
    ("stored", "publishes", "said"),
    [
        ({}, None, ["2024-25 allocation: £6.50 less."]),
        ({"becoming_public": 1}, None, ["1 figure becomes public.", "2024-25 allocation: £6.50 less."]),
        ({"becoming_public": 2}, 5, ["2 figures become public."]),
    ],
)
def test_what_is_confirmed_is_the_sum_and_what_becomes_public(stored, publishes, said):
    waits = upload(**stored)
    waits.publishes_id = publishes
    assert sums(waits) == said
