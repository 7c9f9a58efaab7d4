"""The hash that partners approve: whatever a deed or the agreement says changes it, and nothing else does.

The declarations of the frozen values are walked field by field, so that a field added later is covered too.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    Content,
    DeedRecord,
    DeputyContent,
    FunctionContent,
    Joined,
    LimitContent,
    MoneyTermsContent,
    PartnerContent,
    PlaceNamed,
    PoolContent,
    PreconditionFact,
    SchemeClosed,
    SchemeContent,
    approved_hash,
    content_hash,
    content_of,
)
from partnerships.rules.agreements.approved_hash import _plain
from tests.partnerships.agreement_values import (
    COUNTY,
    DAY,
    ICB,
    START,
    TRUST,
    content,
    deed,
    joined,
    partner,
    pool,
    record,
    scheme,
)

PLACE = PlaceNamed(1, "mereshire", "Mereshire")
FUNCTION = FunctionContent("nhs-s3", "Services under section 3", ICB, ("surgery",), "Schedule 2")
MONEY: dict[str, Any] = {
    "information_shared": "Budget", "information_every": "month", "information_days": 10,
    "monitoring_percent": Decimal("2.00"), "monitoring_pounds": Decimal("50000.00"), "monitoring_rule": "smaller",
    "tolerance_percent": Decimal("0.50"), "early_warning_percent": Decimal("1.00"), "instalments": "by_hand",
    "instalment_count": 4, "instalment_shares": ("04-15 100.00",), "no_budget": "last_year", "no_budget_months": 6,
    "income_basis": "net",
}  # fmt: skip
LIMIT = LimitContent(
    ICB, "Chief finance officer", "commit", Decimal("500.00"), True,
    (DeputyContent("Deputy", dt.date(2026, 4, 1), dt.date(2026, 9, 30)),),
)  # fmt: skip
SCHEME = SchemeContent(
    pk=1, slug="reablement", name="Reablement", aims="Aims", services="Services", client_group="Older people",
    geography="Mereshire", providers="A provider", governance="A board", exit_terms="Exit",
    flexibilities=("pooled_fund",), ways_of_working=("lead_commissioning",), lead=ICB, pool="community",
    start_on=dt.date(2024, 4, 1), end_on=dt.date(2027, 3, 31), notice_months=3, is_voluntary=True,
    functions=(FUNCTION,), **MONEY,
)  # fmt: skip
FUND = PoolContent(
    pk=1, slug="community", name="Community", kind="pooled", host=ICB, manager="Head", manager_employer=ICB,
    vat_structure="agency", vat_regime="s33", irrecoverable_vat=Decimal("1.50"), vat_advice="Advice", accounting="lead",
    limits=(LIMIT,), **MONEY,
)  # fmt: skip
PARTNER = PartnerContent(1, ICB, "commissioner", True, START, COUNTY)
WHOLE = Content(
    title="Title", power="s75", start=START, end=dt.date(2030, 3, 31), notice_months=6,
    review_on=(dt.date(2025, 4, 1),), places=(PLACE,), partners=(PARTNER,),
    pools=(FUND,), schemes=(SCHEME,), clauses=(("aims", "Fewer stays"),),
)  # fmt: skip


def another(value: Any) -> Any:
    """Something else of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, Decimal)):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, dt.date):
        return value + DAY
    if isinstance(value, Body):
        return TRUST
    if isinstance(value, PlaceNamed):
        return replace(value, slug="elsewhere")
    assert isinstance(value, tuple), value
    return (*value, *value)


def fields_of(thing: Any) -> list[Any]:
    assert all(getattr(thing, each.name) not in (None, "", ()) for each in dataclasses.fields(thing))
    return [
        pytest.param(thing, each.name, id=f"{type(thing).__name__}.{each.name}") for each in dataclasses.fields(thing)
    ]


# What names rows, or how a body, a place or a function is called in the reference, is no part of the text.
NO_PART = {(PartnerContent, "pk"), (PoolContent, "pk"), (SchemeContent, "pk"), (FunctionContent, "name")}


@pytest.mark.parametrize(
    ("thing", "name"), [case for thing in (WHOLE, PARTNER, FUND, SCHEME, FUNCTION) for case in fields_of(thing)]
)
def test_every_field_of_the_text_is_sealed_and_the_key_of_a_row_is_not(thing, name):
    changed = replace(thing, **{name: another(getattr(thing, name))})
    assert (_plain(changed) == _plain(thing)) is ((type(thing), name) in NO_PART)


@pytest.mark.parametrize(
    ("thing", "name"),
    [(thing, each.name) for thing in (WHOLE, PARTNER, FUND, SCHEME, FUNCTION) for each in dataclasses.fields(thing)
     if not isinstance(getattr(thing, each.name), (str, bool)) and each.name != "pk"],
)  # fmt: skip
def test_to_say_nothing_is_another_text(thing, name):
    empty = () if isinstance(getattr(thing, name), tuple) else None
    assert _plain(replace(thing, **{name: empty})) != _plain(thing)


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(LimitContent)])
def test_every_field_of_a_limit_and_of_its_deputies_is_sealed(name):
    assert _plain(replace(LIMIT, **{name: another(getattr(LIMIT, name))})) != _plain(LIMIT)
    for each in dataclasses.fields(DeputyContent):
        (deputy,) = LIMIT.deputies
        changed = replace(deputy, **{each.name: another(getattr(deputy, each.name))})
        assert _plain(replace(LIMIT, deputies=(changed,))) != _plain(LIMIT)


def test_everything_within_another_thing_is_sealed_with_it():
    for inside in (replace(FUNCTION, delegation_evidence=""), replace(FUNCTION, holder=None)):
        assert _plain(replace(WHOLE, schemes=(replace(SCHEME, functions=(inside,)),))) != _plain(WHOLE)
    assert _plain(replace(WHOLE, pools=(replace(FUND, manager="Another"),))) != _plain(WHOLE)
    assert _plain(replace(WHOLE, partners=(replace(PARTNER, role="provider"),))) != _plain(WHOLE)


@pytest.mark.parametrize("name", ["pk", "name", "kind"])
def test_a_body_is_known_by_its_code_alone(name):
    renamed = replace(ICB, **{name: another(getattr(ICB, name))})
    assert _plain(replace(FUND, host=renamed)) == _plain(FUND)
    assert _plain(replace(FUND, host=replace(ICB, code="QYY"))) != _plain(FUND)


@pytest.mark.parametrize("name", ["pk", "name"])
def test_a_place_is_known_by_its_address_alone(name):
    renamed = replace(PLACE, **{name: another(getattr(PLACE, name))})
    assert _plain(replace(WHOLE, places=(renamed,))) == _plain(WHOLE)


def test_the_order_of_things_is_sealed_and_that_of_excluded_treatments_is_not():
    two = replace(FUNCTION, exclusions=("surgery", "endoscopy"))
    assert _plain(two) == _plain(replace(two, exclusions=("endoscopy", "surgery")))
    assert _plain(replace(WHOLE, clauses=(("aims", "a"), ("exit", "b")))) != _plain(
        replace(WHOLE, clauses=(("exit", "b"), ("aims", "a")))
    )
    second = replace(SCHEME, slug="second")
    assert _plain(replace(WHOLE, schemes=(SCHEME, second))) != _plain(replace(WHOLE, schemes=(second, SCHEME)))


def test_a_number_is_sealed_as_it_is_written():
    assert _plain(FUND)["irrecoverable_vat"] == "1.50"
    assert _plain(SCHEME)["end_on"] == "2027-03-31"
    assert _plain(SCHEME)["is_voluntary"] is True


# --- the hash of a deed ----------------------------------------------------------------------------------------------

EFFECT = dt.date(2024, 4, 1)
FIRST = deed(
    0, joined=(joined(ICB), joined(COUNTY)), pools=(pool(),), schemes=(scheme(lead=ICB),), clauses=(("aims", "Aims"),)
)
LAST_DEED = deed(
    1, state="draft", signed_on=None, effective_on=EFFECT, title="Wider arrangements", summary="What changes.",
    sets_end=True, end_on=dt.date(2030, 3, 31), notice_months=3, review_on=(dt.date(2025, 4, 1),),
    clauses=(("exit", "Exit"),), joined=(joined(TRUST),), left=(COUNTY.pk,), pools=(pool("equipment"),),
    closed_pools=("community",), schemes=(scheme("equipment", lead=ICB),), ended_schemes=("reablement",),
)  # fmt: skip
RECORD = record(FIRST, LAST_DEED)


def sealed(agreement: AgreementRecord = RECORD, this: DeedRecord = LAST_DEED) -> str:
    return content_hash(replace(agreement, deeds=(*agreement.deeds[:1], this)), this)


def other_deeds() -> Iterator[tuple[str, DeedRecord]]:
    """The deed with each of its fields changed, one at a time."""
    said: dict[str, Any] = {
        "kind": "termination",
        "clauses": (("exit", "Another exit"),),
        "joined": (joined(TRUST, role="provider"),),
        "left": (),
        "pools": (pool("equipment", manager="Head"),),
        "closed_pools": (),
        "schemes": (scheme("equipment", lead=COUNTY),),
        "ended_schemes": (),
        "number": 2,
    }
    for each in dataclasses.fields(DeedRecord):
        if each.name not in ("pk", "state", "signed_on", "published_on"):
            value = said[each.name] if each.name in said else another(getattr(LAST_DEED, each.name))
            yield each.name, replace(LAST_DEED, **{each.name: value})


@pytest.mark.parametrize(("name", "changed"), list(other_deeds()), ids=[name for name, _ in other_deeds()])
def test_everything_that_a_deed_says_changes_its_hash(name, changed):
    assert sealed(this=changed) != sealed()


@pytest.mark.parametrize(
    "changes",
    [
        {"pk": 99},
        {"state": "changes_requested"},
        {"state": "approved"},
        {"state": "signed", "signed_on": EFFECT},
        {"state": "signed", "signed_on": EFFECT, "published_on": EFFECT},
    ],
)
def test_the_way_of_a_deed_to_its_signing_and_publication_does_not_change_its_hash(changes):
    assert sealed(this=replace(LAST_DEED, **changes)) == sealed()


@pytest.mark.parametrize(
    "changes",
    [
        {"pk": 2},
        {"power": "s31"},
        {"places": (PLACE,)},
        {"closures": (SchemeClosed("equipment", dt.date(2024, 3, 31)),)},
        {"successors": (Joined(99, TRUST, "commissioner", True, EFFECT, ICB.pk),)},
    ],
)
def test_what_the_agreement_is_on_the_first_day_of_the_deed_changes_its_hash(changes):
    assert sealed(replace(RECORD, **changes)) != sealed()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "notice_given"},
        {"operating_since": None},
        {"is_integrated": True},
        {"preconditions": (PreconditionFact("improvement", True, EFFECT),)},
        {"closures": (SchemeClosed("equipment", EFFECT),)},
        {"successors": (Joined(99, TRUST, "commissioner", True, EFFECT + DAY, ICB.pk),)},
    ],
)
def test_what_is_recorded_beside_the_text_or_happens_later_does_not_change_it(changes):
    assert sealed(replace(RECORD, **changes)) == sealed()


@pytest.mark.parametrize(("version", "added"), [(1, {}), (2, {"version": 2}), (3, {"version": 3})])
def test_the_hash_is_of_these_words_and_of_no_others(version, added, monkeypatch):
    """Written out by hand once, so that no change of the code makes void what partners have approved."""
    monkeypatch.setattr(approved_hash, "VERSION", version)
    words = {
        "agreement": 1,
        "deed": 1,
        "kind": "variation",
        "summary": "Zusätze",
        "effective_on": "2024-04-01",
        "content": {
            "title": "Mereshire joint arrangements", "power": "s75", "start": "2012-04-01", "end": None,
            "notice_months": 6, "review_on": [], "places": ["mereshire"], "pools": [],
            "schemes": [{
                "slug": "reablement", "name": "Reablement", "aims": "", "services": "", "client_group": "",
                "geography": "", "providers": "", "governance": "", "exit_terms": "", "flexibilities": ["pooled_fund"],
                "ways_of_working": [], "lead": None, "pool": "", "start_on": None, "end_on": None,
                "notice_months": None, "is_voluntary": False,
                "functions": [["nhs-s3", "QXX", ["endoscopy", "surgery"], "Schedule 2"]],
            }],
            "partners": [
                {"body": "QXX", "role": "commissioner", "contributes": True, "since": "2012-04-01", "succeeds": None},
                {"body": "E10", "role": "commissioner", "contributes": True, "since": "2012-04-01", "succeeds": None},
            ],
            "clauses": [["aims", "Fewer stays"]],
        },
    }  # fmt: skip
    text = json.dumps(words | added, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    there = scheme(lead=None, functions=(replace(FUNCTION, exclusions=("surgery", "endoscopy")),))
    first = deed(0, joined=(joined(ICB), joined(COUNTY)), schemes=(there,), clauses=(("aims", "Fewer stays"),))
    second = deed(1, summary="Zusätze", effective_on=EFFECT)
    found = content_hash(record(first, second, places=(PLACE,)), second)
    assert found == hashlib.sha256(text.encode("utf-8")).hexdigest()


NO_MONEY: dict[str, Any] = {each.name: each.default for each in dataclasses.fields(MoneyTermsContent)}
# As they could be written before terms about money could be.
FIRST_FUND, FIRST_SCHEME = replace(FUND, limits=(), **NO_MONEY), replace(SCHEME, **NO_MONEY)
WRITTEN = deed(
    0, joined=(joined(ICB), joined(COUNTY, contributes=False, role="provider")),
    pools=(FIRST_FUND,), schemes=(FIRST_SCHEME,),
    clauses=(("aims", "Fewer stays"),), review_on=(dt.date(2025, 4, 1),), sets_end=True, end_on=dt.date(2030, 3, 31),
)  # fmt: skip


@pytest.mark.parametrize(
    ("agreement", "this", "expected"),
    [
        (record(), record().original, "8c5fdb88352640014319501312b549c6130dc3c7b1f9810971086fbaa19a99db"),
        (record(WRITTEN, places=(PLACE,)), WRITTEN, "714491237f6a7d37c8ff22a569dc10b87a3889391b3e6659b7d6f46507e6ee06"),
        (RECORD, LAST_DEED, "c022821acb785eb2e6d9e25d1605cfe4a4964c99e632654b34cff7e11fdf5a5d"),
    ],
    ids=["little", "whole", "varied"],
)
def test_what_was_approved_before_fields_could_be_added_has_the_same_hash(agreement, this, expected):
    """Worked out once by the code that hashed every field, before empty ones that are added were left out."""
    assert content_hash(agreement, this) == expected


# --- a field that is added -------------------------------------------------------------------------------------------

PARTS = (WHOLE, PARTNER, FUND, SCHEME, FUNCTION)
SAYINGS = ("x", 7, 0, True, ("x",), START, Decimal("0.00"), ICB)


def with_more(thing: Any, value: Any) -> Any:
    """The same as a value of a class of the same name that has one more field, `risks`."""
    of = type(thing)
    added = dataclasses.make_dataclass(of.__name__, [("risks", Any, "")], bases=(of,), frozen=True, slots=True)
    return added(**{each.name: getattr(thing, each.name) for each in dataclasses.fields(thing)}, risks=value)


@pytest.mark.parametrize("thing", PARTS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("nothing", ["", None, False, ()], ids=repr)
def test_a_field_that_is_added_and_says_nothing_voids_no_approval(thing, nothing):
    assert _plain(with_more(thing, nothing)) == _plain(thing)


@pytest.mark.parametrize("thing", PARTS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("value", SAYINGS, ids=repr)
def test_a_field_that_is_added_and_says_something_changes_what_is_approved(thing, value):
    assert _plain(with_more(thing, value)) != _plain(thing)


def test_what_a_function_says_more_stands_behind_what_it_said_before():
    assert _plain(with_more(FUNCTION, "x")) == [*_plain(FUNCTION), {"risks": "x"}]


# The fields that have been hashed since the first approval, even if they are empty.
SINCE_THE_FIRST = {
    "Content": "title power start end notice_months review_on places partners pools schemes clauses",
    "PartnerContent": "body role contributes since succeeds",
    "PoolContent": "slug name kind host manager manager_employer vat_structure vat_regime irrecoverable_vat vat_advice"
    " accounting",
    "SchemeContent": "slug name aims services client_group geography providers governance exit_terms flexibilities"
    " ways_of_working lead pool start_on end_on notice_months is_voluntary functions",
}


@pytest.mark.parametrize("thing", [WHOLE, PARTNER, FUND, SCHEME], ids=lambda one: type(one).__name__)
def test_a_field_of_the_first_version_is_hashed_even_if_it_is_empty(thing):
    nothing = dict.fromkeys((each.name for each in dataclasses.fields(thing)), "")
    assert set(_plain(replace(thing, **nothing))) == set(SINCE_THE_FIRST[type(thing).__name__].split())


def test_an_added_field_counts_within_the_hash_of_the_deed():
    def hashed(risks: str) -> set[str]:
        scheme_, fund, of_function = (with_more(each, risks) for each in (FIRST_SCHEME, FIRST_FUND, FUNCTION))
        found = set()
        for changes in (
            {"schemes": (scheme_,)}, {"pools": (fund,)},
            {"schemes": (replace(FIRST_SCHEME, functions=(of_function,)),)},
        ):  # fmt: skip
            this = replace(WRITTEN, **changes)
            found.add(content_hash(record(this, places=(PLACE,)), this))
        return found

    unchanged = content_hash(record(WRITTEN, places=(PLACE,)), WRITTEN)
    assert hashed("") == {unchanged}
    assert len(hashed("Falls") | {unchanged}) == 4


def test_the_hash_covers_the_whole_reading_and_not_only_what_the_deed_says():
    edited = replace(FIRST, clauses=(("aims", "Other aims"),))
    assert content_hash(record(edited, LAST_DEED), LAST_DEED) != content_hash(RECORD, LAST_DEED)
    assert content_of(RECORD, LAST_DEED).title == "Wider arrangements"
    assert content().partners == (partner(ICB), partner(COUNTY))
