"""Run with the owner's database of an installation under test: makes fictional bodies, two people and their keys.

Prints the keys as JSON. Executed as a program of its own, because the tests of faults hold no database of theirs.
"""

from __future__ import annotations

import datetime as dt
import json
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from bench.data import make_organisations  # noqa: E402
from pooledcare.directory.actions.keys import make_key  # noqa: E402
from pooledcare.directory.models import Organisation  # noqa: E402
from tests import factories  # noqa: E402

HOLDERS = 6_000


def main() -> None:
    make_organisations(HOLDERS)
    publisher = Organisation.objects.get(code="X24")
    expires_on = timezone.localdate() + dt.timedelta(days=30)
    wanted = {
        "officer": (["publisher"], ["read_unpublished", "upload_allocations", "publish_for_holders"]),
        "approver": (["finance_approver"], ["read_unpublished", "accept_allocations"]),
    }
    keys = {}
    for name, (roles, permissions) in wanted.items():
        person = factories.member(
            organisation=publisher, roles=roles, name=f"Ann {name.title()} (example)", email=f"{name}@example.org"
        )
        _, keys[name] = make_key(
            organisation=publisher,
            name=f"Key of the {name}",
            permissions=permissions,
            expires_on=expires_on,
            by=factories.actor(person),
        )
    json.dump(keys, sys.stdout)


main()
