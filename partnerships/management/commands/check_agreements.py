"""Checks every agreement against the law and recalculates its summary."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.actions.daily import recheck_agreements
from partnerships.tasks import advance_agreements
from pooledcare.directory.access import system_actor


class Command(BaseCommand):
    help = "Check every agreement against the law and recalculate its summary for today."

    def handle(self, *args: Any, **options: Any) -> None:
        recheck_agreements(by=system_actor("reference"))
        self.stdout.write(f"{advance_agreements()} agreements were checked.")
