"""The totals kept beside the figures: what is counted in them, what differs from them, and summing them anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from budgets import totals
from budgets.models import AllocationTotal
from tests import factories
from tests.budgets import ledger
from tests.budgets.ledger import figure


def kept() -> list[tuple[Decimal, int, int]]:
    return list(AllocationTotal.objects.order_by("pk").values_list("amount", "reported", "not_reported"))


@pytest.mark.django_db
def test_only_published_figures_that_stand_are_counted():
    stream = factories.stream()
    counted = {"stream": stream, "amount": Decimal(5)}
    factories.allocation(**counted)
    factories.allocation(**counted | {"amount": None}, published_text="...")
    for out in ({"published_on": None}, {"withdrawn": True}, {"is_current": False}):
        factories.allocation(**counted | {"amount": Decimal(7)} | out)
    assert totals.rebuild() == 1
    assert kept() == [(Decimal(5), 1, 1)]
    assert totals.differences() == 0


APART: dict[str, Any] = {
    "stream": factories.stream,
    "financial_year": lambda: 2023,
    "basis": lambda: "budget",
    "gross_or_net": lambda: "net",
    "recurrence": lambda: "not_stated",
    "source": factories.mhclg,
    "organisation": lambda: factories.organisation(region=factories.region()),
}


@pytest.mark.django_db
@pytest.mark.parametrize("column", APART)
def test_sums_are_kept_apart_by_every_part_of_their_key_and_by_region(column):
    common = {"stream": factories.stream(), "source": factories.nhs_england()}
    factories.allocation(**common, amount=Decimal(5))
    factories.allocation(**common, amount=Decimal(1))
    factories.allocation(**common | {"amount": Decimal(7), column: APART[column]()})
    assert totals.rebuild() == 2
    assert sorted(kept()) == [(Decimal(6), 2, 0), (Decimal(7), 1, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault", [{"amount": Decimal("5.01")}, {"reported": 2}, {"not_reported": 0}], ids=["amount", "reported", "silent"]
)
@pytest.mark.parametrize("in_a_region", [True, False])
def test_a_total_that_differs_in_anything_is_found_and_mended(fault, in_a_region):
    common = {"stream": factories.stream(), "source": factories.nhs_england()}
    region = factories.region() if in_a_region else None
    for amount, mark in ((Decimal(5), ""), (None, "...")):
        factories.allocation(
            **common, organisation=factories.organisation(region=region), amount=amount, published_text=mark
        )
    totals.rebuild()
    assert totals.differences() == 0
    AllocationTotal.objects.update(**fault)
    assert totals.differences() == 1
    totals.rebuild()
    assert (totals.differences(), kept()) == (0, [(Decimal(5), 1, 1)])


@pytest.mark.django_db
def test_a_total_too_few_and_one_too_many_are_both_differences():
    factories.allocation(organisation=factories.organisation(region=factories.region()))
    assert totals.differences() == 1
    totals.rebuild()
    row = AllocationTotal.objects.get()
    row.pk, row.financial_year = None, 2030
    row.save()
    assert totals.differences() == 1
    AllocationTotal.objects.filter(pk=row.pk).update(amount=0, reported=0)
    assert totals.differences() == 0, "a sum of nothing is no difference"


@pytest.mark.django_db
def test_acceptances_add_to_a_total_and_take_away_from_it_again():
    publisher, stream = factories.nhs_england(), factories.stream()
    region = factories.region()
    bodies = [factories.organisation(region=region) for _ in range(2)]
    ledger.put(publisher, figure(bodies[0], stream, "10"), figure(bodies[1], stream, None))
    (before,) = AllocationTotal.objects.all()
    assert kept() == [(Decimal(10), 1, 1)]
    second = ledger.put(publisher, figure(bodies[0], stream, None), figure(bodies[1], stream, "2.50"))
    assert kept() == [(Decimal("2.50"), 1, 1)]
    ledger.reverse(second)
    assert kept() == [(Decimal(10), 1, 1)]
    ledger.put(publisher, figure(bodies[0], stream, "10.01"), complete=True)
    assert kept() == [(Decimal("10.01"), 1, 0)]
    assert AllocationTotal.objects.get().pk == before.pk


@pytest.mark.django_db
def test_a_total_that_is_new_is_kept_with_its_region():
    publisher, stream, region = factories.nhs_england(), factories.stream(), factories.region()
    ledger.put(
        publisher,
        figure(factories.organisation(region=region), stream, None),
        figure(factories.organisation(), stream, "3", financial_year=2023, basis="budget"),
    )
    found = AllocationTotal.objects.order_by("financial_year").values_list(
        "stream_id", "financial_year", "basis", "source_id", "region_id", "amount", "reported", "not_reported"
    )
    assert list(found) == [
        (stream.pk, 2023, "budget", publisher.pk, None, Decimal(3), 1, 0),
        (stream.pk, 2024, "allocation", publisher.pk, region.pk, Decimal(0), 0, 1),
    ]


@pytest.mark.django_db
def test_nobody_else_changes_a_total_while_they_are_summed_anew():
    totals.rebuild()
    with connection.cursor() as cursor:
        cursor.execute(
            "select mode from pg_locks where pid = pg_backend_pid() and relation = 'budgets_allocationtotal'::regclass"
            " and granted"
        )
        modes = {mode for (mode,) in cursor.fetchall()}
    assert "ShareRowExclusiveLock" in modes
    assert "AccessExclusiveLock" not in modes, "pages go on reading"


# ── Two at once, on two connections ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def settling(transactional_db: None) -> Iterator[tuple[threading.Thread, threading.Event]]:
    """An acceptance on a connection of its own that has settled its totals and has not yet ended."""
    publisher, stream, body = factories.nhs_england(), factories.stream(), factories.organisation()
    upload = ledger.stage(publisher, figure(body, stream, "7"))
    settled, may_end = threading.Event(), threading.Event()

    def accept() -> None:
        try:
            with transaction.atomic():
                ledger.STEPS.accept(upload)
                settled.set()
                assert may_end.wait(10)
        finally:
            settled.set()
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    assert settled.wait(10)
    yield thread, may_end
    may_end.set()
    thread.join(10)


@pytest.mark.slow
def test_what_is_accepted_meanwhile_is_missing_from_no_total(settling):
    """Summing anew waits for the acceptance that has begun, and then counts its figures once."""
    thread, may_end = settling
    waited = threading.Event()

    def rebuild() -> None:
        try:
            totals.rebuild()
            waited.set()
        finally:
            connection.close()

    other = threading.Thread(target=rebuild)
    other.start()
    with connection.cursor() as cursor:
        for _ in range(1_000):
            cursor.execute("select count(*) from pg_locks where not granted and mode = 'ShareRowExclusiveLock'")
            if cursor.fetchone()[0] or waited.is_set():
                break
            waited.wait(0.01)
    assert not waited.is_set()
    may_end.set()
    thread.join(10)
    other.join(10)
    assert waited.is_set()
    assert (totals.differences(), kept()) == (0, [(Decimal(7), 1, 0)])
