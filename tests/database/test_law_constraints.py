"""Each constraint of the law, attacked through raw rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from partnerships.models import Instrument
from partnerships.terms import RuleKind
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


OF_SUBJECTS = ("continuation", "condition", "exemption", "exclusion", "term", "consent", "report", "audit")


def whole(*without: str) -> dict[str, Any]:
    """Everything that a rule can be about, without these."""
    given = {
        "function": make.function(), "needs": make.function(), "side": "nhs", "body_kinds": ["icb"], "subject": "aims",
    }  # fmt: skip
    return given | {name: {"side": "", "subject": "", "body_kinds": []}.get(name) for name in without}


def without_subject(kind: str) -> None:
    make.rule(kind=kind, **whole("subject"))


ATTACKS: dict[str, list[Callable[[], object]]] = {
    "instrument_slug_unique": [twice(lambda: make.instrument(slug="one"))],
    "instrument_citation_unique": [twice(lambda: make.instrument(citation="SI 1/1"))],
    "instrument_proposed_has_no_dates": [
        lambda: make.proposal(in_force=make.DAY),
        lambda: make.proposal(made=make.DAY),
        lambda: make.proposal(revoked=make.DAY),
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
        lambda: make.rule(kind="body", **whole("body_kinds")),
        lambda: make.rule(kind="function", **whole("function", "side")),
        lambda: make.rule(kind="companion", **whole("function")),
        lambda: make.rule(kind="companion", **whole("needs")),
        lambda: make.rule(kind="holder", **whole("body_kinds")),
        lambda: make.rule(kind="holder", **whole("function", "side")),
        lambda: make.rule(kind="delegation", **whole("body_kinds")),
        lambda: make.rule(kind="delegation", **whole("function")),
        *(partial(without_subject, kind) for kind in OF_SUBJECTS),
        lambda: make.rule(kind="other", **whole()),
    ],
}


@pytest.mark.parametrize(
    ("name", "attack"), [(name, attack) for name, attacks in ATTACKS.items() for attack in attacks]
)
def test_the_database_refuses(name: str, attack: Callable[[], object]):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        attack()
    assert caught.value.__cause__.diag.constraint_name == name


NOTHING = ("function", "needs", "side", "body_kinds", "subject")


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("power", ()),
        ("named_power", ()),
        ("body", ("body_kinds",)),
        ("function", ("function",)),
        ("function", ("side",)),
        ("holder", ("body_kinds", "function")),
        ("holder", ("body_kinds", "side")),
        ("delegation", ("body_kinds", "function")),
        ("companion", ("function", "needs")),
        *((kind, ("subject",)) for kind in OF_SUBJECTS),
    ],
)
def test_a_rule_may_name_just_what_its_kind_needs(kind: str, named: tuple[str, ...]):
    without = [name for name in NOTHING if name not in named]
    fields = whole(*without)
    assert make.rule(kind=kind, instrument=make.instrument(), **{"side": ""} | fields).pk


def test_every_kind_of_rule_is_tried():
    tried = {"power", "named_power", "body", "function", "holder", "delegation", "companion", *OF_SUBJECTS}
    assert tried == set(RuleKind.values)


@pytest.mark.parametrize(
    "fields",
    [
        {"made": make.DAY},
        {"made": EARLIER},
        {"made": LATER, "in_force": None},
        {"status": "revoked", "revoked": make.DAY},
        {"status": "revoked", "revoked": LATER},
        {"status": "revoked", "revoked": EARLIER, "in_force": None},
    ],
)
def test_an_instrument_may_have_its_dates_on_one_day_or_not_have_them(fields: dict[str, Any]):
    assert make.instrument(**fields).pk


def test_a_rule_may_have_one_day_and_be_ended_by_what_ends_it():
    assert make.rule(valid_to=make.DAY, ended_by=make.instrument()).pk
    assert make.rule(valid_to=LATER).pk
    assert make.rule(powers=["s75"]).pk
