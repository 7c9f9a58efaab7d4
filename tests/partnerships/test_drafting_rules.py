"""Whether the text of an open deed contradicts itself; what is missing is never wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest

from partnerships.rules.agreements.drafting import (
    FunctionIn,
    days_problems,
    drafting_problems,
    effect_problems,
    function_problems,
    open_deed_problems,
    partner_problems,
    role_of,
    slug_for,
)
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import COUNTY, DAY, ICB, START, TRUST, content, deed, joined, pool, scheme

END = dt.date(2027, 3, 31)
HELD = content(end=END)
OPEN = deed(0, state="draft", signed_on=None)
LATER = deed(1, state="draft", signed_on=None)


def at(field: str) -> Where:
    return Where(field=field)


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("reablement", (), "reablement"),
        ("reablement", {"reablement"}, "reablement-2"),
        ("reablement", {"reablement", "reablement-2"}, "reablement-3"),
        ("", (), "fund"),
        ("", {"fund"}, "fund-2"),
        ("-", (), "fund"),
        ("add", (), "fund"),
        ("edit", (), "fund"),
        ("new", (), "fund"),
        ("news", (), "news"),
        ("-a-", (), "a"),
        ("x" * 55, (), "x" * 55),
        ("x" * 56, (), "x" * 55),
        ("x" * 54 + "-y", (), "x" * 54),
    ],
)
def test_an_address_is_made_from_a_name_and_had_by_nothing_else(name, taken, slug):
    assert slug_for(name, taken=taken, otherwise="fund") == slug


# --- what may be edited, who may be a partner ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ("draft", None),
        ("changes_requested", None),
        ("approved", None),
        ("signed", Problem("DEED_SIGNED", "This deed is signed, and a signed deed is never changed",
                           fix="Prepare a deed of variation.")),
        ("withdrawn", Problem("DEED_WITHDRAWN", "This deed was withdrawn", fix="Prepare another deed.")),
    ],
)  # fmt: skip
def test_only_an_open_deed_is_edited(state, problem):
    assert open_deed_problems(state) == ([problem] if problem else [])


NO_PARTNERS = {"nhs_other", "provider", "government_department", "fire_authority", "other_authority"}


@pytest.mark.parametrize("kind", OrganisationKind.values)
def test_nhs_bodies_and_councils_are_partners_and_trusts_provide(kind):
    refused = Problem(
        "NOT_A_PARTNER_KIND", "Only NHS bodies and councils can be partners", at("organisation"),
        fix="Name it among the providers of a scheme: it can be paid from a fund, and has no part in the agreement.",
    )  # fmt: skip
    assert partner_problems(kind, "commissioner") == ([refused] if kind in NO_PARTNERS else [])
    assert role_of(kind) == ("provider" if kind in ("nhs_trust", "foundation_trust") else "commissioner")


@pytest.mark.parametrize("role", ["commissioner", "provider", "host", ""])
def test_a_partner_commissions_or_provides(role):
    unknown = Problem("UNKNOWN_VALUE", "Choose whether the partner commissions or provides services", at("role"))
    assert partner_problems("icb", role) == ([unknown] if role in ("host", "") else [])


# --- functions -------------------------------------------------------------------------------------------------------

KNOWN = {"nhs-s3", "social-services"}


def judged(*functions: FunctionIn) -> list[Problem]:
    return function_problems(functions, KNOWN)


def test_functions_are_known_and_named_once_with_the_treatments_that_are_excluded():
    assert judged(FunctionIn("nhs-s3", None, ("surgery", "endoscopy"), "Letter"), FunctionIn("social-services")) == []
    assert judged(FunctionIn("witchcraft"), FunctionIn("witchcraft")) == [
        Problem("UNKNOWN_FUNCTION", "There is no such function", at("functions"), value="witchcraft",
                fix="Use a code from the pages on law.")
    ] * 2  # fmt: skip
    assert judged(FunctionIn("nhs-s3"), FunctionIn("social-services"), FunctionIn("nhs-s3")) == [
        Problem("SCHEME_FUNCTION_ONCE", "The function “nhs-s3” is named twice", at("functions"),
                fix="Name it once, with all its treatments.")
    ]  # fmt: skip
    message = "Only the treatments that regulation 5 excludes can be named as excluded"
    assert judged(FunctionIn("nhs-s3", exclusions=("surgery", "z", "dentistry"))) == [
        Problem("UNKNOWN_EXCLUSION", message, at("functions"), value="dentistry, z")
    ]


def test_the_evidence_of_a_delegation_is_a_text_that_can_be_kept():
    assert [
        (each.code, each.message, each.where) for each in judged(FunctionIn("nhs-s3", delegation_evidence="x" * 20_001))
    ] == [
        (
            "TOO_LONG",
            "Evidence of a delegation has 20,001 characters, and at most 20,000 are allowed",
            at("functions"),
        )
    ]


# --- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_last_day_does_not_come_before_the_first(days):
    early = Problem(
        "SCHEME_ENDS", "The scheme cannot end on 30 March 2027, before it starts on 31 March 2027", at("end_on"),
        fix="Correct one of the two days.",
    )  # fmt: skip
    found = days_problems(END, END + days * DAY, code="SCHEME_ENDS", what="The scheme")
    assert found == ([early] if days < 0 else [])
    assert days_problems(None, END, code="A", what="b") == days_problems(END, None, code="A", what="b") == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_does_not_have_effect_before_the_agreement(days):
    early = Problem(
        "DEED_BEFORE_START",
        "The deed cannot have effect on 31 March 2012, before the agreement starts on 1 April 2012",
        at("effective_on"), fix="Choose a later day.",
    )  # fmt: skip
    assert effect_problems(START + days * DAY, START) == ([early] if days < 0 else [])
    assert effect_problems(None, START) == effect_problems(START, None) == []


# --- the whole text --------------------------------------------------------------------------------------------------


def problems(held=HELD, this=OPEN, *, bodies=None, places=()) -> list[Problem]:
    return drafting_problems(held, this, bodies=bodies or {}, places=places)


def test_a_text_that_does_not_contradict_itself_is_fine():
    assert problems(replace(HELD, schemes=(scheme(pool="community", lead=ICB, functions=()),))) == []


SOUND = replace(HELD, schemes=(scheme(pool="community", lead=ICB, functions=(), start_on=START, end_on=END),))


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_later_deed_has_effect_by_the_day_on_which_the_agreement_ends(days):
    late = Problem(
        "DEED_AFTER_END", "The agreement ends on 31 March 2027, before the deed has effect on 1 April 2027",
        at("effective_on"), fix="Set a later end in the deed.",
    )  # fmt: skip
    moved = {"effective_on": END + days * DAY}
    assert problems(SOUND, replace(LATER, **moved)) == ([late] if days > 0 else [])
    assert problems(SOUND, replace(OPEN, **moved)) == []
    assert problems(replace(SOUND, end=None), replace(LATER, **moved)) == []
    assert problems(SOUND, replace(LATER, effective_on=None)) == []


OPENED, CLOSED = dt.date(2013, 4, 1), dt.date(2022, 6, 30)
THERE = [
    (OPENED - DAY, "begins"),
    (OPENED, ""),
    (OPENED + DAY, ""),
    (CLOSED - DAY, ""),
    (CLOSED, ""),
    (CLOSED + DAY, "ended"),
]


def words(name: str, day: dt.date, why: str) -> str:
    on = f"{day.day} {day:%B %Y}"
    if why == "begins":
        return f"{name} began on 1 April 2013, so it did not exist on {on}"
    return f"{name} ended on 30 June 2022, so it did not exist on {on}"


@pytest.mark.parametrize(("day", "why"), THERE)
def test_a_partner_joins_while_it_is_there(day, why):
    bodies = {TRUST.pk: SimpleNamespace(name="Trust", opened=OPENED, closed=CLOSED)}
    fix = "Correct the first day, or choose the organisation that existed then."
    refused = Problem("PARTNER_NOT_OPEN", words("Trust", day, why), at("organisation"), fix=fix)
    joining = replace(LATER, effective_on=day, joined=(joined(TRUST), joined(COUNTY)))
    assert problems(SOUND, joining, bodies=bodies) == ([refused] if why else [])
    assert problems(SOUND, replace(joining, joined=(joined(COUNTY),)), bodies=bodies) == []
    assert problems(SOUND, replace(joining, effective_on=None), bodies=bodies) == []
    always = {TRUST.pk: SimpleNamespace(name="Trust", opened=None, closed=None)}
    assert problems(SOUND, joining, bodies=always) == []


@pytest.mark.parametrize(("day", "why"), THERE)
def test_an_agreement_is_about_places_of_its_time(day, why):
    place = SimpleNamespace(name="Mereshire", opened=OPENED, closed=CLOSED)
    refused = Problem(
        "PLACE_NOT_OPEN", words("Mereshire", day, why), at("places"), fix="Choose the place that existed then."
    )
    assert problems(SOUND, replace(OPEN, effective_on=day), places=[place]) == ([refused] if why else [])
    assert problems(SOUND, replace(LATER, effective_on=day), places=[place]) == []
    assert problems(SOUND, replace(OPEN, effective_on=None), places=[place]) == []


FIX = "Add it as a partner, or choose one that is."


def test_the_host_and_the_employer_of_the_manager_are_partners():
    held = replace(SOUND, pools=(pool(host=TRUST, manager_employer=TRUST), pool("second", host=None)))
    assert problems(held) == [
        Problem("HOST_NOT_A_PARTNER", "Mereshire Trust is named as host of the fund “Community”, but is not a partner",
                at("host"), fix=FIX),
        Problem("EMPLOYER_NOT_A_PARTNER",
                "Mereshire Trust is named as employer of the manager of “Community”, but is not a partner",
                at("manager_employer"), fix=FIX),
    ]  # fmt: skip
    assert problems(replace(SOUND, pools=(pool(host=replace(COUNTY, code="E11"), manager_employer=ICB),))) == []


def test_the_lead_and_the_holders_of_functions_are_partners():
    named = replace(SOUND.schemes[0], lead=TRUST, functions=scheme().functions)
    assert problems(replace(SOUND, schemes=(named,))) == [
        Problem("LEAD_NOT_A_PARTNER",
                "Mereshire Trust is named as lead of the scheme “Reablement”, but is not a partner",
                at("lead"), fix=FIX),
        Problem("HOLDER_NOT_A_PARTNER",
                "Mereshire Primary Care Trust is named as holder of a function in “Reablement”, but is not a partner",
                at("functions"), fix=FIX),
    ]  # fmt: skip
    held = tuple(replace(each, holder=ICB) for each in named.functions)
    nobody = tuple(replace(each, holder=None) for each in named.functions)
    for functions in (held, nobody):
        assert problems(replace(SOUND, schemes=(replace(named, lead=None, functions=functions),))) == []


def test_a_scheme_is_paid_from_a_fund_of_the_agreement_or_from_none():
    lost = Problem(
        "POOL_NOT_THERE", "The scheme “Reablement” is paid from a fund that the agreement does not have", at("pool"),
        fix="Choose another fund for it, or none.",
    )  # fmt: skip
    assert problems(replace(SOUND, pools=())) == [lost]
    assert problems(replace(SOUND, pools=(), schemes=(replace(SOUND.schemes[0], pool=""),))) == []


BEFORE = Problem(
    "SCHEME_BEFORE_START", "The scheme “Reablement” has days before the agreement starts on 1 April 2012",
    at("start_on"), fix="Choose days within the agreement.",
)  # fmt: skip
AFTER = Problem(
    "SCHEME_AFTER_END", "The scheme “Reablement” has days after the agreement ends on 31 March 2027", at("end_on"),
    fix="Choose days within the agreement.",
)  # fmt: skip


@pytest.mark.parametrize("name", ["start_on", "end_on"])
@pytest.mark.parametrize(
    ("day", "problem"),
    [(START - DAY, BEFORE), (START, None), (START + DAY, None), (END - DAY, None), (END, None), (END + DAY, AFTER),
     (None, None)],
)  # fmt: skip
def test_a_scheme_has_its_days_within_the_agreement(name, day, problem):
    days = {"start_on": None, "end_on": None, name: day}
    held = replace(SOUND, schemes=(replace(SOUND.schemes[0], **days),))
    assert problems(held) == ([problem] if problem else [])
    assert problems(replace(held, start=None, end=None)) == []


def test_all_contradictions_are_said_in_the_order_of_an_agreement():
    held = replace(
        HELD, pools=(pool(host=TRUST),), partners=(),
        schemes=(scheme(pool="none", lead=TRUST, start_on=START - DAY, end_on=END + DAY),),
    )  # fmt: skip
    gone = SimpleNamespace(name="Gone", opened=None, closed=START)
    this = replace(LATER, effective_on=END + DAY, joined=(joined(TRUST),))
    assert [each.code for each in problems(held, this, bodies={TRUST.pk: gone}, places=[gone])] == [
        "DEED_AFTER_END", "PARTNER_NOT_OPEN", "HOST_NOT_A_PARTNER", "LEAD_NOT_A_PARTNER", "HOLDER_NOT_A_PARTNER",
        "POOL_NOT_THERE", "SCHEME_BEFORE_START", "SCHEME_AFTER_END",
    ]  # fmt: skip
