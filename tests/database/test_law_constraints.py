"""Each constraint of the law, attacked through raw rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from partnerships.models import Instrument
from tests.partnerships import law_rows as make

pytestmark = pytest.mark.django_db

LATER = make.DAY + dt.timedelta(days=1)
EARLIER = make.DAY - dt.timedelta(days=1)


def twice(factory: Callable[[], object]) -> Callable[[], None]:
    def attack() -> None:
        factory()
        factory()

    return attack


def amending_itself() -> None:
    one = make.instrument()
    Instrument.objects.filter(pk=one.pk).update(amends=F("id"))


ATTACKS: dict[str, list[Callable[[], object]]] = {
    "instrument_slug_unique": [twice(lambda: make.instrument(slug="one"))],
    "instrument_citation_unique": [twice(lambda: make.instrument(citation="SI 1/1"))],
    "instrument_proposed_has_no_dates": [
        lambda: make.proposal(in_force=make.DAY),
        lambda: make.proposal(made=make.DAY),
    ],
    "instrument_revoked_has_its_date": [
        lambda: make.instrument(status="revoked"),
        lambda: make.instrument(revoked=LATER),
    ],
    "instrument_dates_in_order": [
        lambda: make.instrument(made=LATER),
        lambda: make.instrument(status="revoked", revoked=EARLIER),
    ],
    "instrument_not_of_itself": [amending_itself],
    "function_code_unique": [twice(lambda: make.function(code="one"))],
    "rule_code_unique": [twice(lambda: make.rule(code="one"))],
    "rule_ends_after_start": [lambda: make.rule(valid_to=EARLIER)],
    "rule_has_a_power": [lambda: make.rule(powers=[])],
    "rule_ended_by_needs_an_end": [lambda: make.rule(ended_by=make.instrument())],
    "rule_names_its_subject": [
        lambda: make.rule(kind="body", body_kinds=[]),
        lambda: make.rule(side=""),
        lambda: make.rule(kind="term"),
        lambda: make.rule(kind="exclusion"),
        lambda: make.rule(kind="companion", function=make.function()),
        lambda: make.rule(kind="holder", function=make.function()),
        lambda: make.rule(kind="delegation", body_kinds=["icb"]),
        lambda: make.rule(kind="other", subject="x"),
    ],
}


@pytest.mark.parametrize(
    ("name", "attack"), [(name, attack) for name, attacks in ATTACKS.items() for attack in attacks]
)
def test_the_database_refuses(name: str, attack: Callable[[], object]):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        attack()
    assert caught.value.__cause__.diag.constraint_name == name


def test_a_rule_may_be_about_a_whole_side_a_body_a_subject_or_a_power():
    make.rule(side="nhs")
    make.rule(kind="body", body_kinds=["icb"])
    make.rule(kind="term", subject="aims")
    make.rule(kind="power")
    make.rule(valid_to=make.DAY, ended_by=make.instrument())
