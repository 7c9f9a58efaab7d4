"""Loads the law from its tables; safe to run again, changes only what the tables changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.actions.daily import recheck_agreements
from partnerships.reference.law_loading import load_law
from partnerships.tasks import advance_agreements
from pooledcare.directory.access import system_actor


class Command(BaseCommand):
    help = "Load instruments, functions and rules from our tables of law."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = load_law()
        for outcome in outcomes:
            self.stdout.write(str(outcome))
        if not any(outcome.changed for outcome in outcomes):
            self.stdout.write("Nothing changed.")
        elif recheck_agreements(by=system_actor("reference")):
            self.stdout.write(f"{advance_agreements()} agreements were checked against it.")
