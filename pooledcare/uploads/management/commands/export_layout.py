"""Writes a saved layout as a profile file, which can become one of the built-in layouts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pooledcare.uploads.saved_layouts import queries
from pooledcare.uploads.saved_layouts.toml import as_toml


class Command(BaseCommand):
    help = "Print the newest version of a saved layout as a profile file (TOML)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="such as UL-12; it is on the page of the layout")

    def handle(self, *args: Any, reference: str, **options: Any) -> None:
        number = queries.number_of(reference)
        version = None if number is None else queries.newest().filter(layout=number).first()
        if version is None:
            raise CommandError(f"There is no saved layout {reference}.")
        organisation = version.layout.organisation.name
        self.stdout.write(f"# {version.layout.reference}, version {version.number}, saved by {organisation}.")
        self.stdout.write(as_toml(version.stated), ending="")
