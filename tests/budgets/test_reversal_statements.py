"""What the statements of a reversal read: the page before it, which uploads forbid it, and what it restores."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from budgets.allocations import reversal
from budgets.models import Allocation
from pooledcare.directory.models import Organisation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, kinds
from pooledcare.uploads.kinds import Reversal
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = pytest.mark.django_db

SMALL = "2024-25,QXM,running-costs,allocation,10.00,recurrent,"
LARGE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
SECOND = "2024-25,QXN,nhs-core,allocation,250.50,recurrent,"


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services", position=2)
    factories.stream(code="running-costs", name="Running costs", position=1)
    for code in ("QXM", "QXN"):
        factories.organisation(code=code, opened=dt.date(2013, 4, 1))
    return Desk(factories.nhs_england(), ("publisher",))


def preview(upload: Upload) -> Reversal:
    return kinds.kind(upload.kind).steps.reversal_preview(upload)


def undo(desk: Desk, upload: Upload) -> None:
    actions.reverse_upload(upload=upload, by=desk.approver, reason="Sent by mistake")


def message_of(refused: Refused) -> str:
    (problem,) = refused.problems
    return problem.message


def of_one_line(upload: Upload) -> list[object]:
    """Current, after reversing, change, restored and withdrawn, of an upload that changed one line."""
    (line,) = preview(upload).table.rows
    return list(line[3:])


def test_lines_come_in_the_order_of_streams_under_their_names(desk):
    upload = desk.put(rows(LARGE, SMALL))
    assert [line[:2] for line in preview(upload).table.rows] == [
        ["Running costs", "2024-25"],
        ["Core services", "2024-25"],
    ]


def test_the_lines_shown_are_those_that_change_most(desk, monkeypatch):
    monkeypatch.setattr(reversal, "MOST_LINES", 1)
    shown = preview(desk.put(rows(SMALL, LARGE)))
    assert [line[0] for line in shown.table.rows] == ["Core services"]
    assert shown.more == 1


def test_the_current_sum_is_of_current_figures_only(desk):
    desk.put(rows(LARGE, SECOND))
    upload = desk.put(rows(LARGE.replace("1000.00", "1100.00")))
    current = Decimal("1350.50")
    assert of_one_line(upload) == [current, current - 100, Decimal("-100.00"), 1, 0]


def test_the_current_sum_is_of_this_source_only(desk):
    Desk(Organisation.objects.get(code="QXN")).put(rows(SECOND.replace("250.50", "7.00")), published_on=None)
    upload = desk.put(rows(LARGE))
    assert of_one_line(upload) == [Decimal("1000.00"), Decimal("0.00"), Decimal("-1000.00"), 0, 1]


def test_a_later_upload_is_named_once_whatever_it_changed(desk):
    upload = desk.put(rows(LARGE, SECOND))
    later = desk.put(rows(LARGE.replace("1000.00", "1.00"), SECOND.replace("250.50", "2.00")))
    with pytest.raises(Refused) as refusal:
        undo(desk, upload)
    assert (
        refusal.value.problems[0].message == f"Later uploads changed figures of {upload.reference}: {later.reference}"
    )


def test_the_first_three_of_later_uploads_are_named(desk):
    bodies = ("QXM", "QXN", "QXR", "QXT")
    for code in bodies[2:]:
        factories.organisation(code=code, opened=dt.date(2013, 4, 1))
    upload = desk.put(rows(*(LARGE.replace("QXM", code) for code in bodies)))
    later = [desk.put(rows(LARGE.replace("QXM", code).replace("1000.00", "5.00"))) for code in bodies]
    with pytest.raises(Refused) as refusal:
        undo(desk, upload)
    named = ", ".join(one.reference for one in later[:3])
    assert message_of(refusal.value) == f"Later uploads changed figures of {upload.reference}: {named}"


def test_a_figure_restored_twice_goes_back_to_before_its_upload(desk):
    first = desk.put(rows(LARGE))
    for amount in ("2.00", "3.00"):
        undo(desk, desk.put(rows(LARGE.replace("1000.00", amount))))
    assert of_one_line(first) == [Decimal("1000.00"), Decimal("0.00"), Decimal("-1000.00"), 0, 1]
    undo(desk, first)
    assert not Allocation.objects.filter(is_current=True, withdrawn=False).exists()
