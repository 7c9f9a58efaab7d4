"""Comparing the stored totals with the figures, and recalculating them."""

from __future__ import annotations

from django.db import connection, transaction

from budgets.allocations import statements


def differences() -> int:
    """How many stored totals differ from the sum of their current published figures."""
    with connection.cursor() as cursor:
        cursor.execute(statements.DIFFERENT_TOTALS)
        return int(cursor.fetchone()[0])


def rebuild() -> int:
    """Recalculate all totals; returns how many. A lock makes acceptances wait meanwhile, so that none is missed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table budgets_allocationtotal in share row exclusive mode")
        cursor.execute("delete from budgets_allocationtotal")
        cursor.execute(statements.update_totals(statements.EVERYTHING))
        return int(cursor.rowcount)
