"""Loads the public reference tables. Safe to repeat: it changes only rows that differ."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from pooledcare.directory.loading import load_reference


class Command(BaseCommand):
    help = "Load organisations, codes, successions, places, overlaps and populations from our reference tables."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = load_reference()
        for outcome in outcomes:
            self.stdout.write(str(outcome))
        if not any(outcome.changed for outcome in outcomes):
            self.stdout.write("Nothing changed.")
