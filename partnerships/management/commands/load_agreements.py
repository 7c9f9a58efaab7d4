"""Loads past agreements from the reference tables; safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.reference.past_agreements import load_past_agreements


class Command(BaseCommand):
    help = "Load past agreements from the reference tables."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in load_past_agreements():
            self.stdout.write(line)
