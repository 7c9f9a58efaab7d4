"""Creates the demonstration: users to log in as, agreements, an upload to publish, and workbooks to upload."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from budgets.demo import write_samples
from budgets.demo_layouts import make_demo_layout, write_layout_samples
from budgets.demo_pools import make_demo_pools
from budgets.demo_unpublished import make_demo_upload
from partnerships.demo.loading import make_demo_agreements
from pooledcare.directory.demo import make_demo_people


class Command(BaseCommand):
    help = "Create the users, agreements and files of the demonstration; safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration needs the embedded database and a loopback address.")
        people = make_demo_people()
        self.stdout.write(f"{len(people)} demonstration users exist.")
        self.stdout.write(f"{len(make_demo_agreements())} illustrative agreements exist.")
        self.stdout.write(f"{len(make_demo_pools())} years of an illustrative fund exist.")
        self.stdout.write(f"The saved layout {make_demo_layout().reference} exists.")
        self.stdout.write(f"The upload {make_demo_upload().reference}, not published yet, exists.")
        folder = settings.VAR_DIR / "demo"
        for path in [*write_samples(folder), *write_layout_samples(folder)]:
            self.stdout.write(f"{path.name} exists.")
