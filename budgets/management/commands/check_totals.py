"""Checks that the stored totals equal the sums of the current figures, and those of funds the sums of their entries."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets import totals
from budgets.queries.pools.ledger import different_totals


class Command(BaseCommand):
    help = "Compare the stored totals with the sums of the figures; with --rebuild, recalculate them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="Recalculate the stored totals.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            rows = totals.rebuild()
            self.stdout.write(f"{rows:,} totals were recalculated.")
        different = totals.differences()
        if different:
            raise CommandError(
                f"{different:,} totals differ from the sums of their figures. Run check_totals --rebuild."
            )
        if different := different_totals():
            raise CommandError(f"{different:,} totals of funds differ from the sums of their entries.")
        self.stdout.write("Every total equals the sum of its figures.")
