"""Checks every agreement against the law, and works out anew how it stands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.actions.daily import recheck_agreements
from partnerships.tasks import advance_agreements
from pooledcare.directory.access import system_actor


class Command(BaseCommand):
    help = "Work out anew what the law says of every agreement, and how it stands today."

    def handle(self, *args: Any, **options: Any) -> None:
        recheck_agreements(by=system_actor("reference"))
        self.stdout.write(f"{advance_agreements()} agreements were checked.")
