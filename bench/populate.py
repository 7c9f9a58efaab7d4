"""Fills an empty, migrated database, as its owner, with fictional organisations, people, places and allocations.

python -m bench.populate ROWS ORGANISATIONS            the last line printed has the keys of the two people as JSON
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import django

django.setup()

from allauth.mfa.adapter import get_adapter  # noqa: E402
from allauth.mfa.models import Authenticator  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.data import codes, make_organisations, write_file  # noqa: E402
from budgets import loading  # noqa: E402
from pooledcare.directory.access import person_actor, system_actor  # noqa: E402
from pooledcare.directory.actions.keys import make_key  # noqa: E402
from pooledcare.directory.models import (  # noqa: E402
    Membership,
    Organisation,
    Overlap,
    Place,
    PlaceCouncil,
    Population,
    User,
)
from pooledcare.uploads import actions, pipeline  # noqa: E402
from pooledcare.uploads.models import Upload  # noqa: E402

PUBLISHED_ON = dt.date(2024, 1, 1)
PEOPLE = {
    "officer": (["publisher"], ["read_unpublished", "upload_allocations", "publish_for_holders"]),
    "approver": (["finance_approver"], ["read_unpublished", "accept_allocations"]),
}
PLACE = "fictional-place"
BOARDS_OF_THE_PLACE = 2


def main(rows: int, organisations: int) -> None:
    list(loading.load_streams())
    make_organisations(organisations)
    make_place()
    publisher = Organisation.objects.get(code="X24")
    publish(publisher, rows, organisations)
    json.dump({name: key_of(publisher, name) for name in PEOPLE}, sys.stdout)


def key_of(publisher: Organisation, name: str) -> str:
    roles, permissions = PEOPLE[name]
    person = User.objects.create_user(email=f"{name}@bench.example", name=f"Ann {name.title()} (fictional)")
    secret = get_adapter().encrypt("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})
    Membership.objects.create(user=person, organisation=publisher, roles=roles)
    _, token = make_key(
        organisation=publisher,
        name=f"Key of the {name}",
        permissions=permissions,
        expires_on=timezone.localdate() + dt.timedelta(days=365),
        by=person_actor(User.objects.get(pk=person.pk)),
    )
    return token


def make_place() -> None:
    """One fictional place, the same in every database: its council, and two boards whose patients live in it."""
    council = Organisation.objects.create(
        name="Fictional Council", kind="unitary", code="ZY0001", opened=dt.date(2013, 4, 1), illustrative=True
    )
    Population.objects.create(
        organisation=council, measure="resident_estimate", as_at=dt.date(2023, 6, 30), persons=300_000
    )
    place = Place.objects.create(slug=PLACE, name="Fictional Place", illustrative=True)
    PlaceCouncil.objects.create(place=place, organisation=council, role="upper_tier")
    for board in Organisation.objects.filter(code__in=codes(BOARDS_OF_THE_PLACE)):
        Overlap.objects.create(
            organisation=board, place=place, measure="registered_population", as_at=dt.date(2024, 4, 1),
            quantity=150_000, share=Decimal(1), share_of_place=Decimal("0.5"),
        )  # fmt: skip


def publish(publisher: Organisation, rows: int, organisations: int) -> Upload:
    """Create the current allocations through the normal upload pipeline."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "allocations.csv"
        write_file(path, rows, organisations=codes(organisations))
        with path.open("rb") as file:
            upload = actions.receive_upload(
                organisation=publisher,
                kind="allocations",
                file=file,
                filename=path.name,
                published_on=PUBLISHED_ON,
                channel="reference",
                by=system_actor("bench-officer"),
            )
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    actions.accept_upload(upload=upload, by=system_actor("bench-approver"))
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    if upload.state != "accepted" or upload.counts["new"] != rows:
        raise SystemExit(f"{upload.state} {upload.counts} {upload.failure}")
    pipeline.tidy()
    return upload


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
