"""Prints how to log in as each demonstration user."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pooledcare.directory.demo import PASSWORD, TOTP_SECRET, demo_people
from pooledcare.directory.second_factor import current_code


class Command(BaseCommand):
    help = "Print the demo logins, or nothing if there is no demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        people = demo_people()
        if not people:
            return
        address = settings.PUBLIC_URL.rstrip("/")
        self.stdout.write(
            f"Demo people: log in with one click at {address}/demo/, or by hand at {address}/account/login/"
        )
        width = max(len(person.user.email) for person in people)
        for person in people:
            self.stdout.write(f"  {person.user.email:<{width}}  {person.organisation.name}: {person.purpose}")
        self.stdout.write(f"  password: {PASSWORD}")
        self.stdout.write(f"  authenticator key: {TOTP_SECRET} (code now: {current_code(TOTP_SECRET)})")
