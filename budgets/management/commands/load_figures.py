"""Loads funding streams and published figures; safe to run again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets import loading, totals


class Command(BaseCommand):
    help = "Load funding streams, and published figures as accepted uploads by their publishers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--without-publisher", action="append", default=[], metavar="CODE", help="Leave out a publisher's figures."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for line in loading.load_streams():
            self.stdout.write(line)
        for publication in loading.publications():
            if publication.publisher in options["without_publisher"]:
                self.stdout.write(f"{publication.title}: left out.")
                continue
            try:
                self.stdout.write(loading.load_publication(publication))
            except loading.NotLoaded as error:
                raise CommandError(str(error)) from error
        if totals.differences():
            # An organisation may have moved to another region since its figures were accepted.
            totals.rebuild()
            self.stdout.write("Totals were recalculated.")
