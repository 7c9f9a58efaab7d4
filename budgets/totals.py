"""The totals kept beside the figures: comparing them with the figures themselves, and summing them anew."""

from __future__ import annotations

from django.db import connection, transaction

from budgets.allocations import statements


def differences() -> int:
    """How many totals differ from the sum of the published figures that stand."""
    with connection.cursor() as cursor:
        cursor.execute(statements.DIFFERENT_TOTALS)
        return int(cursor.fetchone()[0])


def rebuild() -> int:
    """Sum everything anew. Acceptances wait meanwhile, so that none is missed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table budgets_allocationtotal in share row exclusive mode")
        cursor.execute("delete from budgets_allocationtotal")
        cursor.execute(statements.settle_totals(statements.EVERYTHING))
        return int(cursor.rowcount)
