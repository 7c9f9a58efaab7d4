"""Naming a body by its name or code: the real names of the reference, as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from pooledcare.directory.queries.naming import bodies_called, bodies_of_other_days

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 6, 15)
IN_2012 = dt.date(2012, 6, 15)
IN_2015 = dt.date(2015, 6, 15)


@pytest.fixture(scope="module", autouse=True)
def reference(django_db_setup, django_db_blocker):
    """The organisations of the reference, once for all questions, in a transaction of their own."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("typed", "day", "code"),
    [
        ("QSL", TODAY, "QSL"),
        (" e06000066 ", TODAY, "E06000066"),
        ("NHS Somerset ICB", TODAY, "QSL"),
        ("NHS Somerset", TODAY, "QSL"),
        ("somerset council.", TODAY, "E06000066"),
        ("Somerset Council (E06000066)", TODAY, "E06000066"),
        ("NHS Somerset Integrated Care Board (QSL)", TODAY, "QSL"),
        ("Lancashire cc", TODAY, "E10000017"),
        ("NHS Kent & Medway ICB", TODAY, "QKS"),
        ("Brighton & Hove City Council", TODAY, "E06000043"),
        ("somerset cc", IN_2015, "E10000027"),
        ("Somerset PCT", IN_2012, "5QL"),
        ("Somerset Primary Care Trust", IN_2012, "5QL"),
        ("NHS Somerset CCG", IN_2015, "11X"),
        ("somerset clinical commissioning group", IN_2015, "11X"),
        ("LB Camden", TODAY, "E09000007"),
        ("Kingston upon Hull", TODAY, "E06000010"),
        ("Kingston upon Hull, City of (E06000010)", TODAY, "E06000010"),
        ("Wolverhampton City Council", TODAY, "E08000031"),
        ("Doncaster MBC", TODAY, "E08000017"),
        ("NHS Lancashire North CCG", IN_2015, "01K"),
    ],
)
def test_a_body_is_taken_where_it_can_be_no_other(typed: str, day: dt.date, code: str):
    called = bodies_called(typed, on=day)
    assert (called.is_sure, [body.code for body in called.bodies]) == (True, [code])


@pytest.mark.parametrize(
    ("typed", "first"),
    [("Somerset", "E06000066"), ("Hull", "E06000010"), ("Kent", "E10000016"), ("St Helen's", "E08000013")],
)
def test_a_name_of_several_offers_the_likeliest_first(typed: str, first: str):
    called = bodies_called(typed, on=TODAY)
    assert called.bodies[0].code == first


def test_words_of_a_name_in_another_order_are_only_offered():
    called = bodies_called("South Somerset", on=TODAY)
    assert (called.is_sure, "QUY" in [body.code for body in called.bodies]) == (False, True)


def test_a_letter_that_is_wrong_is_only_offered():
    called = bodies_called("Somerste Council", on=TODAY)
    assert (called.is_sure, called.bodies[0].code) == (False, "E06000066")


def test_another_name_that_others_hold_too_is_only_offered():
    called = bodies_called("Newcastle upon Tyne", on=TODAY)
    assert (called.is_sure, called.bodies[0].code) == (False, "E08000021")
    assert "RTD" in [body.code for body in called.bodies]


@pytest.mark.parametrize(("typed", "only"), [("Hereford", "E31000018"), ("Frimley", "RDU")])
def test_part_of_a_longer_name_is_only_offered(typed: str, only: str):
    called = bodies_called(typed, on=TODAY)
    assert (called.is_sure, [body.code for body in called.bodies]) == (False, [only])


@pytest.mark.parametrize("typed", ["ury", "%", "<b>x</b>", "‮", "&", "'", "x" * 300])
def test_parts_of_words_and_signs_name_nobody(typed: str):
    assert bodies_called(typed, on=TODAY).bodies == []


@pytest.mark.parametrize(
    ("typed", "code"), [("Somerset County Council", "E10000027"), ("11X", "11X"), ("NHS Cumbria CCG", "01H")]
)
def test_a_body_of_another_day_is_known_for_what_it_was(typed: str, code: str):
    assert not bodies_called(typed, on=TODAY).is_sure
    assert bodies_of_other_days(typed)[0].code == code
