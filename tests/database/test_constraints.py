"""Each constraint of the directory, uploads and allocations, attacked through raw rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from budgets.models import Allocation, AllocationTotal
from pooledcare.directory.models import (
    ApiKey,
    Change,
    Heartbeat,
    IdempotencyRecord,
    Invitation,
    Membership,
    OrganisationCode,
)
from pooledcare.uploads.models import KeptFile, UploadLayout, UploadLayoutVersion
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 4, 1)


def code(**fields):
    values = {"scheme": "ods", "code": "ZZ9", "valid_from": DAY, "valid_to": None}
    return OrganisationCode.objects.create(**values | fields)


def two_codes():
    first, second = make.organisation(), make.organisation()
    code(organisation=first, valid_to=DAY + dt.timedelta(days=30))
    code(organisation=second, valid_from=DAY + dt.timedelta(days=30))


def twice(factory: Callable[[], object]) -> Callable[[], None]:
    def attack() -> None:
        factory()
        factory()

    return attack


def succession_twice():
    one, other = make.organisation(), make.organisation()
    for _ in range(2):
        make.succession(predecessor=one, successor=other)


def overlap_twice():
    one, there = make.organisation(), make.place()
    for _ in range(2):
        make.overlap(organisation=one, place=there)


def population_twice():
    one = make.organisation()
    for _ in range(2):
        make.population(organisation=one, persons=5)


def other_name_twice():
    one = make.organisation()
    for _ in range(2):
        one.other_names.create(name="Mereshire Board")


def place_council_twice():
    there, council = make.place(), make.council()
    for _ in range(2):
        make.place_council(place=there, organisation=council)


def place_succession_twice():
    one, other = make.place(), make.place()
    for _ in range(2):
        one.successions.create(successor=other, effective_on=DAY)


def short_name_twice():
    one = make.organisation()
    for name in ("BCP", "Bcp"):
        make.short_name(organisation=one, name=name)


def area_transfer_twice():
    one, other = make.organisation(), make.organisation()
    for area in ("Glossop", "Hadfield"):
        make.area_transfer(giver=one, receiver=other, area=area)


def area_transfer_to_itself():
    one = make.organisation()
    make.area_transfer(giver=one, receiver=one)


def published_twice():
    upload = make.upload(organisation=make.organisation())
    for _ in range(2):
        make.upload(organisation=upload.organisation, publishes=upload, state="ready")


def self_succession():
    one = make.organisation()
    make.succession(predecessor=one, successor=one)


def membership_twice():
    user, one = make.person(), make.organisation()
    for _ in range(2):
        Membership.objects.create(user=user, organisation=one, roles=["viewer"])


def invitation_twice():
    one = make.organisation()
    for email in ("someone@example.org", "Someone@Example.org"):
        Invitation.objects.create(
            email=email, organisation=one, roles=["viewer"], token_hash="0" * 64, expires_at=timezone.now()
        )


def key_twice():
    one = make.organisation()
    user = make.person()
    for _ in range(2):
        ApiKey.objects.create(
            organisation=one, name="k", prefix="aa", secret_hash="0" * 64, permissions=[], created_by=user,
            expires_at=timezone.now(),
        )  # fmt: skip


def idempotency_twice():
    for _ in range(2):
        IdempotencyRecord.objects.create(client="c", route="r", key="k", fingerprint="f")


def figure_twice(**fields):
    one = make.allocation()
    same = {name: getattr(one, name) for name in ("organisation", "stream", "source", "upload")}
    make.allocation(**same | {"version": 2} | fields)


def total_twice():
    stream, publisher = make.stream(), make.nhs_england()
    for _ in range(2):
        AllocationTotal.objects.create(
            stream=stream, financial_year=2024, basis="allocation", gross_or_net="net", recurrence="recurrent",
            source=publisher, region=None, amount=1, reported=1, not_reported=0,
        )  # fmt: skip


def kept_twice() -> None:
    person = make.person()
    for _ in range(2):
        KeptFile.objects.create(person=person, session="s", filename="f", stored_name="f", size=1, sha256="0")


def same_file_twice(**fields):
    one = make.organisation()
    for _ in range(2):
        make.upload(organisation=one, sha256="a" * 64, **fields)


def layout_name_twice():
    one = make.organisation()
    for name in ("Core", "core"):
        make.layout(organisation=one, name=name)


def layout_version_twice():
    first = make.layout(organisation=make.organisation())
    UploadLayoutVersion.objects.create(layout=first.layout, number=1, step="changed", stated={}, made_actor="user:1")


def rewritten(model, **fields):
    make.layout(organisation=make.organisation())
    model.objects.update(**fields)


def accepted_alone():
    make.upload(organisation=make.organisation(), prepared_actor="user:1", accepted_actor="user:1")


def accepted_by_own_key():
    user = make.person()
    make.upload(
        organisation=make.organisation(), prepared_actor="user:1", prepared_by=user, accepted_actor="key:ab",
        accepted_by=user,
    )  # fmt: skip


ATTACKS: dict[str, Callable[[], object]] = {
    "organisation_closes_after_opening": lambda: make.organisation(opened=DAY, closed=dt.date(2023, 1, 1)),
    "organisation_key_unique": twice(lambda: make.organisation(key="somerset")),
    "organisation_code_ends_after_start": lambda: code(organisation=make.organisation(), valid_to=dt.date(2023, 1, 1)),
    "organisation_code_one_holder_at_a_time": two_codes,
    "organisation_name_recorded_once": other_name_twice,
    "succession_recorded_once": succession_twice,
    "short_name_recorded_once": short_name_twice,
    "area_transfer_recorded_once": area_transfer_twice,
    "area_transfer_not_to_itself": area_transfer_to_itself,
    "succession_share_between_0_and_1": lambda: make.succession(
        predecessor=make.organisation(), successor=make.organisation(), share=Decimal("1.1")
    ),
    "succession_not_of_itself": self_succession,
    "overlap_recorded_once": overlap_twice,
    "overlap_shares_between_0_and_1": lambda: make.overlap(
        organisation=make.organisation(), place=make.place(), share=Decimal("1.5")
    ),
    "population_recorded_once": population_twice,
    "place_slug_unique": twice(lambda: make.place(slug="somerset")),
    "place_council_recorded_once": place_council_twice,
    "place_succession_recorded_once": place_succession_twice,
    "region_code_unique": twice(lambda: make.region(code="Y1")),
    "source_slug_unique": twice(lambda: make.source(slug="one")),
    "user_email_unique": lambda: [make.person(email=text) for text in ("a@example.org", "A@example.org")],
    "membership_one_per_organisation": membership_twice,
    "membership_has_a_role": lambda: make.member(organisation=make.organisation(), roles=[]),
    "invitation_one_open_per_address": invitation_twice,
    "api_key_prefix_unique": key_twice,
    "idempotency_key_once_per_client": idempotency_twice,
    "heartbeat_name_unique": twice(lambda: Heartbeat.objects.create(name="worker", beat_at=timezone.now())),
    "change_sequence_unique": twice(
        lambda: Change.objects.create(sequence=1, resource="r", reference="r", event="e", public=True)
    ),
    "kept_file_one_per_person": kept_twice,
    "upload_same_file_once": same_file_twice,
    "upload_one_open_publication": published_twice,
    "upload_accepted_by_a_second_person": accepted_alone,
    "upload_layout_name_once": layout_name_twice,
    "upload_layout_version_once": layout_version_twice,
    "upload_layout_append_only": lambda: rewritten(UploadLayout, name="Other"),
    "upload_layout_version_append_only": lambda: rewritten(UploadLayoutVersion, number=2),
    "upload_size_positive": lambda: make.upload(organisation=make.organisation(), size=0),
    "funding_stream_code_unique": twice(lambda: make.stream(code="one")),
    "funding_stream_ends_after_start": lambda: make.stream(first_year=2020, last_year=2019),
    "funding_stream_expects_only_holders": lambda: make.stream(holder_kinds=["icb"], expected_kinds=["ccg"]),
    "funding_stream_holds_or_includes": lambda: make.stream(holder_kinds=["icb"], included_kinds=["icb", "ccg"]),
    "allocation_one_current_version": figure_twice,
    "allocation_version_once": lambda: figure_twice(version=1, is_current=False),
    "allocation_amount_or_marker": lambda: make.allocation(amount=None),
    "allocation_financial_year_plausible": lambda: make.allocation(financial_year=1999),
    "allocation_summary_once": total_twice,
    "allocation_append_only": lambda: Allocation.objects.filter(pk=make.allocation().pk).update(amount=5),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_refuses(name: str):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ATTACKS[name]()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    assert caught.value.__cause__.diag.constraint_name == name


def test_a_person_cannot_accept_through_a_key_of_their_own():
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        accepted_by_own_key()
    assert caught.value.__cause__.diag.constraint_name == "upload_accepted_by_a_second_person"


def test_a_reversed_or_refused_file_may_be_uploaded_again():
    one = make.organisation()
    make.upload(organisation=one, sha256="a" * 64, state="reversed")
    make.upload(organisation=one, sha256="a" * 64, state="refused")
    make.upload(organisation=one, sha256="a" * 64, state="accepted")


def test_a_code_may_pass_to_another_organisation_the_day_after():
    first, second = make.organisation(), make.organisation()
    code(organisation=first, valid_to=DAY + dt.timedelta(days=30))
    code(organisation=second, valid_from=DAY + dt.timedelta(days=31))
