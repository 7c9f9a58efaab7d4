"""Loads the law from its tables; safe to run again, changes only what the tables changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.loading import load_law


class Command(BaseCommand):
    help = "Load instruments, functions and rules from our tables of law."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = load_law()
        for outcome in outcomes:
            self.stdout.write(str(outcome))
        if not any(outcome.changed for outcome in outcomes):
            self.stdout.write("Nothing changed.")
