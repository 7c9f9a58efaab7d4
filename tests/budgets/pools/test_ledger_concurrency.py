"""The ledger under concurrency, with real connections: totals are conserved, and nobody sees a deadlock."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum

from budgets.actions.ledger import post_journal, reverse_journal
from budgets.actions.periods import ask_to_reopen, lock_period, reopen_period, start_closing
from budgets.actions.pool_years import open_year
from budgets.models import Entry, Journal, Period, PoolTotal
from budgets.queries.pools import ledger as queries
from budgets.rules.pools.ledger import SIMPLE_KINDS, simple_entries
from budgets.terms import JournalKind
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS, SECONDS = 8, 10
PATIENCE = 60


@pytest.fixture
def year(world):
    return open_year(pool=world.agreed.pools.get(), year=FinancialYear(2024), by=world.icb.prepares)


def together(*works):
    """Run each in a thread and connection of its own; returns what they raised."""
    raised: list[BaseException] = []

    def run(work):
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join(PATIENCE)
        assert not each.is_alive()
    return raised


def payment(year, by, amount="10.00"):
    entries = simple_entries(JournalKind.PAYMENT, Decimal(amount))
    return post_journal(pool_year=year, kind=JournalKind.PAYMENT, on=dt.date(2024, 4, 1), entries=entries, by=by)


def test_of_two_reversals_at_once_one_is_told_that_it_is_reversed(world, year):
    officer = world.council.having("finance_officer")
    journal = payment(year, officer)
    barrier = threading.Barrier(2)

    def reverse():
        barrier.wait(PATIENCE)
        reverse_journal(journal=journal, reason="Wrong", on=dt.date(2024, 4, 1), by=officer)

    (refused,) = together(reverse, reverse)
    assert isinstance(refused, Refused)
    assert refused.code == "JOURNAL_REVERSED_ONCE"
    assert set(PoolTotal.objects.values_list("amount", flat=True)) == {Decimal("0.00")}


def test_totals_are_right_when_two_writers_overlap(world, year):
    officer = world.council.having("finance_officer")
    payment(year, officer, "1.00")
    posted, may_commit = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            payment(year, officer, "5.00")
            posted.set()
            assert may_commit.wait(PATIENCE)

    def second():
        assert posted.wait(PATIENCE)
        threading.Timer(1, may_commit.set).start()
        payment(year, officer, "10.00")

    assert together(first, second) == []
    assert -queries.position_of(year).cash == Decimal("16.00")
    assert queries.different_totals() == 0


def test_a_period_is_locked_while_others_post(world, year):
    officer = world.council.having("finance_officer")
    first = start_closing(period=Period.objects.get(pool_year=year, number=1), by=officer)
    payment(year, officer)
    barrier = threading.Barrier(21)
    hashes = []

    def post():
        barrier.wait(PATIENCE)
        payment(year, officer)

    def lock():
        barrier.wait(PATIENCE)
        hashes.append(lock_period(period=first, by=officer).figures_hash)

    assert together(lock, *[post] * 20) == []
    assert hashes == [queries.figures_hash(Period.objects.get(pk=first.pk))]
    assert Journal.objects.count() == 21
    assert queries.different_totals() == 0


def test_eight_clients_at_random_conserve_every_total(world, year):
    """Postings, reversals, closings and reopenings; a reader checks each snapshot meanwhile."""
    officer, approver = world.council.having("finance_officer"), world.icb.having("finance_approver")
    scheme, partner = world.agreed.schemes.get().pk, world.icb.organisation.pk
    end = time.monotonic() + SECONDS
    refused: list[str] = []

    def client(seed):
        chance = random.Random(seed)
        while time.monotonic() < end:
            try:
                step = chance.random()
                if step < 0.7:
                    kind = chance.choice(sorted(SIMPLE_KINDS))
                    amount = Decimal(chance.randint(1, 10**6)) / 100
                    entries = simple_entries(kind, amount, partner_id=partner, scheme_id=scheme)
                    on = dt.date(2024, chance.randint(4, 12), chance.randint(1, 28))
                    post_journal(pool_year=year, kind=kind, on=on, entries=entries, by=officer)
                elif step < 0.9:
                    found = Journal.objects.order_by("?").first()
                    if found is not None:
                        reverse_journal(journal=found, reason="Wrong", on=dt.date(2024, 6, 1), by=officer)
                else:
                    period = Period.objects.filter(pool_year=year, number__lte=4).order_by("?").first()
                    assert period is not None
                    do = chance.choice([start_closing, lock_period, reopen_period, ask_to_reopen])
                    more = {"reason": "Late"} if do is ask_to_reopen else {}
                    do(period=period, by=approver if do is reopen_period else officer, **more)
            except Refused as error:
                refused.append(error.code)

    def reader():
        while time.monotonic() < end:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read")
                assert queries.different_totals() == 0
                assert (PoolTotal.objects.aggregate(all=Sum("amount"))["all"] or 0) == 0

    assert together(reader, *[lambda seed=seed: client(seed) for seed in range(CLIENTS - 1)]) == []
    assert Journal.objects.count() > 50
    assert Entry.objects.aggregate(all=Sum("amount"))["all"] == 0
    assert queries.different_totals() == 0
    reversed_twice = Journal.objects.exclude(reverses=None).values("reverses").distinct().count()
    assert reversed_twice == Journal.objects.exclude(reverses=None).count()
    assert set(refused) <= {
        "JOURNAL_REVERSED_ONCE", "IS_REVERSAL", "WRONG_STATE", "EARLIER_PERIOD_OPEN", "NOT_ASKED", "ASKED_ALREADY",
    }  # fmt: skip
