"""The page on which an upload is reversed: what that would do in pounds, or why it cannot be done."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.allocations import reversal
from budgets.models import Allocation
from pooledcare.kernel.problems import Problem
from pooledcare.uploads import actions, kinds, presenting
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = pytest.mark.django_db

ONE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
OTHER_YEAR = "2025-26,QXM,nhs-core,allocation,70.00,recurrent,"
OTHER_BASIS = "2024-25,QXM,nhs-core,budget,5.50,recurrent,"


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services", position=1)
    factories.stream(code="running-costs", name="Running costs", position=2)
    return Desk(factories.organisation(code="QXM", name="NHS Mereshire", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def approver(desk, client_of) -> Client:
    return client_of(desk.approver.person)


def address(upload: Upload) -> str:
    return reverse("uploads:upload-reverse", args=[upload.reference])


def shown(client: Client, upload: Upload) -> str:
    """The words of the page, without its markup."""
    text = re.sub(r"<[^>]+>", " ", client.get(address(upload)).content.decode())
    return re.sub(r"\s+", " ", text.partition("Reverse UP-")[2])


def preview(upload: Upload) -> kinds.Reversal:
    return kinds.kind(upload.kind).steps.reversal_preview(upload)


def standing() -> dict[tuple[str, int, str], Decimal]:
    found = Allocation.objects.filter(is_current=True, withdrawn=False).select_related("stream")
    sums: dict[tuple[str, int, str], Decimal] = {}
    for one in found:
        key = (one.stream.name, one.financial_year, one.get_basis_display())
        sums[key] = sums.get(key, Decimal(0)) + (one.amount or 0)
    return sums


@pytest.mark.slow
def test_the_page_shows_in_pounds_what_reversing_would_do_before_it_is_done(desk, approver):
    desk.put(rows(ONE))
    upload = desk.put(rows(ONE.replace("1000.00", "1111.00"), OTHER_YEAR, OTHER_BASIS))
    said = shown(approver, upload)
    assert "1 earlier figure would be restored, as a new version." in said
    assert "2 figures would be withdrawn, because there were no figures before them." in said
    assert "Core services 2024-25 Allocation, recurrent £1,111.00 £1,000.00 −£111.00 1 0" in said
    assert "Core services 2024-25 Budget, recurrent £5.50 £0.00 −£5.50 0 1" in said
    assert "Core services 2025-26 Allocation, recurrent £70.00 £0.00 −£70.00 0 1" in said
    assert "1,186.50" not in said
    assert "Why is it reversed?" in said
    upload.refresh_from_db()
    assert upload.state == "accepted"


def test_what_the_page_says_is_what_reversing_does(desk):
    desk.put(rows(ONE, OTHER_YEAR, "2024-25,QXM,running-costs,allocation,8.00,recurrent,"))
    desk.put(rows(ONE.replace("1000.00", "900.00")), complete=True)
    upload = desk.put(rows(ONE.replace("1000.00", "-3.25"), OTHER_BASIS, OTHER_YEAR), complete=True)
    said = preview(upload)
    before = standing()
    actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone")
    after = standing()
    for stream, year, basis, now, then, change, *_ in said.table.rows:
        key = (stream, int(year[:4]), basis.partition(",")[0])
        assert (now, then) == (before.get(key, 0), after.get(key, 0))
        assert change == then - now
    named = {(row[0], int(row[1][:4]), row[2].partition(",")[0]) for row in said.table.rows}
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} <= named


def test_a_figure_that_the_upload_withdrew_would_stand_again(desk):
    desk.put(rows(ONE, ONE.replace("recurrent", "non_recurrent").replace("1000.00", "250.00")))
    upload = desk.put(rows(ONE.replace("1000.00", "900.00")), complete=True)
    said = preview(upload)
    assert [row[3:] for row in said.table.rows] == [
        [Decimal("0"), Decimal("250.00"), Decimal("250.00"), 1, 0],
        [Decimal("900.00"), Decimal("1000.00"), Decimal("100.00"), 1, 0],
    ]
    assert said.sentences == ("2 earlier figures would be restored, as new versions.",)


def test_a_figure_that_came_back_would_be_withdrawn_again(desk):
    gone = OTHER_BASIS.replace("recurrent", "non_recurrent")
    desk.put(rows(OTHER_BASIS, gone))
    desk.put(rows(OTHER_BASIS.replace("5.50", "7.00")), complete=True)
    again = desk.put(rows(gone))
    assert preview(again).sentences == ("1 figure would be withdrawn, because there was no figure before it.",)


def test_an_upload_restored_by_a_reversal_is_taken_down_to_what_stood_before_itself(desk):
    first = desk.put(rows(ONE))
    second = desk.put(rows(ONE.replace("1000.00", "2.00")))
    actions.reverse_upload(upload=second, by=desk.approver, reason="Undone")
    (row,) = preview(first).table.rows
    assert row[3:] == [Decimal("1000.00"), Decimal("0.00"), Decimal("-1000.00"), 0, 1]


def test_nothing_would_change_where_everything_stood_already(desk, approver):
    desk.put(rows(ONE))
    upload = desk.put(rows(ONE) + "\n")
    assert "No figure would change" in shown(approver, upload)


def test_the_largest_changes_are_shown_first_and_the_others_counted(desk, approver, monkeypatch):
    monkeypatch.setattr(reversal, "MOST_LINES", 2)
    upload = desk.put(rows(ONE, OTHER_YEAR, OTHER_BASIS))
    said = preview(upload)
    assert [row[3] for row in said.table.rows] == [Decimal("1000.00"), Decimal("70.00")]
    assert said.more == 1
    assert said.sentences == ("3 figures would be withdrawn, because there were no figures before them.",)
    assert "1 more line is not shown." in shown(approver, upload)


def test_the_page_asks_as_much_for_many_figures_as_for_one(desk, approver):
    few = desk.put(rows(OTHER_BASIS))
    many = desk.put(
        rows(*(f"{year}-{(year + 1) % 100:02},QXM,nhs-core,allocation,1,recurrent," for year in range(2013, 2026)))
    )
    approver.get(address(few))
    counted = []
    for upload in (few, many):
        with CaptureQueriesContext(connection) as queries:
            approver.get(address(upload))
        counted.append(sum("budgets_" in query["sql"] for query in queries.captured_queries))
    assert 1 <= counted[0] == counted[1]


def test_an_upload_that_is_reversed_already_offers_no_form(desk, approver):
    upload = desk.put(rows(ONE))
    actions.reverse_upload(upload=upload, by=desk.approver, reason="Undone")
    page = approver.get(address(upload)).content.decode()
    assert f"{upload.reference} has already been reversed." in page
    assert "Why is it reversed?" not in page
    assert "<textarea" not in page
    refused = approver.post(address(upload), {"reason": "Again"}).content.decode()
    assert "There is a problem" in refused
    assert f"{upload.reference} has already been reversed" in refused


def test_an_upload_that_waits_cannot_be_reversed(desk, approver):
    upload = desk.send(rows(ONE))
    page = approver.get(address(upload)).content.decode()
    assert f"{upload.reference} cannot be reversed: it is waiting for a second person." in page
    assert "<textarea" not in page


def test_later_uploads_that_stand_on_it_are_named_with_links_and_no_form(desk, approver):
    first = desk.put(rows(ONE))
    later = desk.put(rows(ONE.replace("1000.00", "2.00")))
    page = approver.get(address(first)).content.decode()
    link = f'<a href="{later.get_absolute_url()}">{later.reference}</a>'
    assert f"Later uploads changed figures of {first.reference}: {link}. Reverse the later uploads first." in page
    assert "<textarea" not in page
    for body in ({"reason": "Undone"}, {"reason": ""}):
        refused = approver.post(address(first), body).content.decode()
        assert "There is a problem" in refused
        assert "Reverse the later uploads first" in refused
        assert "<textarea" not in refused
    first.refresh_from_db()
    assert first.state == "accepted"
    detail = approver.get(first.get_absolute_url()).content.decode()
    assert f"It cannot be reversed. Later uploads changed figures of {first.reference}: {link}." in detail


def test_uploads_that_the_reader_may_not_see_are_named_without_a_link(desk, approver, monkeypatch):
    theirs = factories.upload(organisation=factories.organisation())
    monkeypatch.setattr(kinds, "_BLOCKERS", [])
    kinds.block_reversal(
        "allocations", lambda _: [Problem("DRAWN_ON", f"{theirs.reference} & <b>others</b> draw on it")]
    )
    upload = desk.put(rows(ONE))
    (reason,) = presenting.reversal_context(upload, desk.approver)["reasons"]
    assert reason == f"{theirs.reference} &amp; &lt;b&gt;others&lt;/b&gt; draw on it."
