"""What the directory's models say of themselves: which day is the first and which the last, and who is who."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from pooledcare.directory.models import (
    ApiKey,
    ChangeHead,
    IdempotencyRecord,
    Invitation,
    Membership,
    Organisation,
    OrganisationCode,
    Overlap,
    Place,
    PlaceCouncil,
    PlaceSuccession,
    Population,
    Region,
    Source,
    Succession,
    User,
)
from pooledcare.directory.models.people import DEMO_DOMAIN
from pooledcare.directory.terms import COUNCIL_KINDS, NHS_KINDS, OrganisationKind
from tests import factories

FIRST, LAST = dt.date(2013, 4, 1), dt.date(2023, 3, 31)  # from 1 April to 31 March, as councils come and go
DAY = dt.timedelta(days=1)
# First and last day of a body, the day of which is asked, and whether the body was there on it.
DAYS = [
    (FIRST, LAST, FIRST - DAY, False),
    (FIRST, LAST, FIRST, True),
    (FIRST, LAST, FIRST + DAY, True),
    (FIRST, LAST, LAST - DAY, True),
    (FIRST, LAST, LAST, True),
    (FIRST, LAST, LAST + DAY, False),
    (None, LAST, dt.date(1900, 1, 1), True),
    (None, LAST, LAST + DAY, False),
    (FIRST, None, dt.date(2100, 1, 1), True),
    (FIRST, None, FIRST - DAY, False),
    (None, None, FIRST, True),
    (FIRST, FIRST, FIRST, True),
]


@pytest.mark.parametrize(("opened", "closed", "day", "is_open"), DAYS)
def test_a_body_is_there_from_its_first_day_to_its_last(opened, closed, day, is_open):
    assert Organisation(opened=opened, closed=closed).is_open_on(day) is is_open


@pytest.mark.django_db
def test_bodies_places_and_codes_of_a_day_are_those_from_their_first_to_their_last():
    for number, (opened, closed, day, is_open) in enumerate(DAYS):
        body = factories.organisation(opened=opened, closed=closed)
        place = factories.place(opened=opened, closed=closed)
        code = OrganisationCode.objects.create(
            organisation=body, scheme="own", code=f"OWN{number}", valid_from=opened, valid_to=closed
        )
        case = (opened, closed, day)
        assert Organisation.objects.open_on(day).filter(pk=body.pk).exists() is is_open, case
        assert Place.objects.open_on(day).filter(pk=place.pk).exists() is is_open, case
        assert OrganisationCode.objects.valid_on(day).filter(pk=code.pk).exists() is is_open, case
        assert Organisation.objects.with_code(f" own{number} ", on=day).filter(pk=body.pk).exists() is is_open, case
        assert Organisation.objects.with_code(f"OWN{number}").get() == body


@pytest.mark.parametrize("kind", OrganisationKind)
def test_a_body_is_of_the_nhs_or_a_council_or_neither(kind):
    body = Organisation(kind=kind.value)
    assert (body.is_nhs, body.is_council) == (kind in NHS_KINDS, kind in COUNCIL_KINDS)


def test_which_kinds_are_of_the_nhs_and_which_are_councils():
    assert {str(kind) for kind in NHS_KINDS} == {
        "nhs_england", "pct", "ccg", "icb", "health_authority", "strategic_health_authority", "nhs_trust",
        "foundation_trust", "commissioning_support_unit",
    }  # fmt: skip
    assert {str(kind) for kind in COUNCIL_KINDS} == {
        "county", "unitary", "metropolitan_district", "london_borough", "city_of_london", "isles_of_scilly", "district",
    }  # fmt: skip


# --- keys, memberships, invitations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_at", "last_day"),
    [
        (dt.datetime(2027, 1, 5, 0, 0, 0, tzinfo=dt.UTC), dt.date(2027, 1, 4)),
        (dt.datetime(2027, 1, 5, 0, 0, 1, tzinfo=dt.UTC), dt.date(2027, 1, 5)),
        (dt.datetime(2027, 1, 4, 23, 59, 59, tzinfo=dt.UTC), dt.date(2027, 1, 4)),
        (dt.datetime(2027, 7, 4, 23, 0, 0, tzinfo=dt.UTC), dt.date(2027, 7, 4)),  # midnight in London in summer
        (dt.datetime(2027, 7, 4, 23, 0, 1, tzinfo=dt.UTC), dt.date(2027, 7, 5)),
    ],
)
def test_the_last_day_of_a_key_is_that_before_midnight(expires_at, last_day):
    assert ApiKey(expires_at=expires_at).last_day == last_day


@pytest.mark.parametrize(("seconds", "has_expired"), [(1, False), (0, True), (-1, True)])
def test_an_invitation_expires_at_its_moment(seconds, has_expired):
    noon = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    with time_machine.travel(noon, tick=False):
        assert Invitation(expires_at=noon + dt.timedelta(seconds=seconds)).has_expired is has_expired


@pytest.mark.django_db
def test_a_membership_counts_while_it_is_open_and_its_person_is_active(organisation):
    def membership(is_active: bool = True, **fields) -> Membership:
        user = factories.person(is_active=is_active)
        return Membership.objects.create(user=user, organisation=organisation, roles=["viewer"], **fields)

    counts = membership()
    membership(is_active=False)
    membership(ended_at=timezone.now())
    membership(ended_at=timezone.now() + dt.timedelta(days=1))
    assert list(Membership.objects.active()) == [counts]


@pytest.mark.django_db
def test_an_invitation_is_open_until_it_is_accepted_or_withdrawn():
    def invitation(**fields) -> Invitation:
        return Invitation.objects.create(
            email="a@example.org",
            organisation=factories.organisation(),
            roles=["viewer"],
            token_hash="0" * 64,
            **{"expires_at": timezone.now() + DAY} | fields,
        )

    is_open = [invitation(), invitation(expires_at=timezone.now() - DAY)]
    invitation(accepted_at=timezone.now())
    invitation(withdrawn_at=timezone.now())
    assert set(Invitation.objects.open()) == set(is_open)


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_address_is_kept_in_small_letters_and_found_in_any():
    user = User.objects.create_user(email="Pat.Example@Example.ORG", password="x" * 20, name="Pat")
    user.refresh_from_db()
    assert (user.email, user.check_password("x" * 20), user.is_active, user.version) == (
        "pat.example@example.org",
        True,
        True,
        1,
    )
    assert User.objects.get_by_natural_key("PAT.example@example.org") == user
    assert (str(user), user.get_full_name()) == ("Pat", "Pat")


@pytest.mark.django_db
def test_somebody_can_log_in_with_a_password_or_a_login_of_their_organisation():
    nobody = User.objects.create_user(email="a@example.org")
    by_password = factories.person()
    by_provider = User.objects.create_user(email="b@example.org")
    SocialAccount.objects.create(user=by_provider, provider="sso-example", uid="abc")
    assert [user.has_credentials for user in (nobody, by_password, by_provider)] == [False, True, True]


@pytest.mark.parametrize(
    ("email", "demo", "is_demo", "elsewhere"),
    [
        (f"pat@{DEMO_DOMAIN}", True, True, False),
        (f"pat@{DEMO_DOMAIN}", False, True, True),
        ("pat@example.org", False, False, False),
        (f"pat@x{DEMO_DOMAIN}", False, False, False),
        (f"{DEMO_DOMAIN}@example.org", False, False, False),
    ],
)
def test_an_invented_person_is_known_by_the_address(email, demo, is_demo, elsewhere, settings):
    settings.DEMO = demo
    user = User(email=email)
    assert (user.is_demo, user.is_demo_elsewhere) == (is_demo, elsewhere)
    assert DEMO_DOMAIN == "demo.pooledcare.example"


def test_each_row_says_in_words_what_it_is():
    body = Organisation(name="Mereshire Board", code="QM1")
    heir, place = Organisation(name="Aldshire Board"), Place(name="Mereshire", slug="mereshire")
    user, day = User(name="Pat"), dt.date(2022, 7, 1)
    said = {
        "Mereshire Board": body,
        "Mereshire": place,
        "South West": Region(name="South West"),
        "A lookup": Source(title="A lookup"),
        "QM1 (ODS code)": OrganisationCode(code="QM1", scheme="ods"),
        "Mereshire Board → Aldshire Board on 2022-07-01": Succession(
            predecessor=body, successor=heir, effective_on=day
        ),
        "Mereshire → Mereshire on 2022-07-01": PlaceSuccession(predecessor=place, successor=place, effective_on=day),
        "5 people of Mereshire Board at 2022-07-01": Population(organisation=body, persons=5, as_at=day),
        "Mereshire Board in Mereshire": PlaceCouncil(organisation=body, place=place),
        "Mereshire Board and Mereshire: 7": Overlap(organisation=body, place=place, quantity=7),
        "Pat at Mereshire Board": Membership(user=user, organisation=body),
        "Invitation 3 to Mereshire Board": Invitation(pk=3, organisation=body),
        "Ledger (ab12cd34)": ApiKey(name="Ledger", prefix="ab12cd34"),
        "uploads k": IdempotencyRecord(route="uploads", key="k"),
        "4": ChangeHead(sequence=4),
    }
    for words, row in said.items():
        assert str(row) == words
    assert (body.get_absolute_url(), place.get_absolute_url()) == ("/organisations/QM1/", "/places/mereshire/")
