"""What may be recorded beside the text of an agreement: nothing of the future, nothing without its evidence."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.models import Deed
from partnerships.rules.agreements.recording import (
    SeatIn,
    address_problems,
    board_problems,
    consent_problems,
    deed_problems,
    future_problems,
)
from pooledcare.directory.models import Organisation
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.problems import Problem, Where

TODAY = dt.date(2026, 6, 15)
EVIDENCE = "Enter where this is written, such as the paper and its date"


def at(field: str) -> Where:
    return Where(field=field)


def body(pk: int, kind: str = "icb") -> Organisation:
    return Organisation(pk=pk, kind=kind, name=f"Body {pk}", code=f"X{pk}")


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_only_what_has_happened_is_recorded(days):
    day = TODAY + dt.timedelta(days=days)
    future = Problem("IN_FUTURE", "16 June 2026 is in the future", at("met_on"), fix="Record it on that day.")
    assert future_problems({"kind": "x", "met_on": day, "other": None}, TODAY) == ([future] if days > 0 else [])


def test_a_fact_about_a_deed_stands_beside_the_agreement_of_that_deed():
    other = Problem("DEED_NOT_THERE", "This deed belongs to another agreement", at("deed"))
    assert deed_problems(1, None) == deed_problems(1, Deed(agreement_id=1)) == []
    assert deed_problems(1, Deed(agreement_id=2)) == [other]


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("", True), ("https://example.org", True), ("http://example.org/a?b#c", True),
        ("ftp://example.org", False), ("example.org", False),
        ("https://", False), ("https:///path", False), ("https://a b", False), ("https://a\tb", False),
        ("https://[", False), ("javascript:alert(1)", False), (" https://example.org", False),
    ],
)  # fmt: skip
def test_an_address_is_one_of_the_web_or_none(url, is_fine):
    message = "The web address must begin with https:// or http://, and name a site"
    bad = Problem("BAD_ADDRESS", message, at("url"), fix="Copy it from the browser.")
    assert address_problems(url) == ([] if is_fine else [bad])


# --- consents --------------------------------------------------------------------------------------------------------


def consenting(trust="nhs_trust", commissioner="icb", *, is_partner=True, on=TODAY, evidence="Letter") -> list[Problem]:
    return consent_problems(
        body(1, trust), body(2, commissioner), is_partner=is_partner, consented_on=on, evidence=evidence
    )


@pytest.mark.parametrize("kind", OrganisationKind.values)
def test_commissioners_consent_to_what_a_trust_contributes(kind):
    no_trust = Problem(
        "NOT_A_TRUST", "Only what an NHS trust contributes needs its commissioners’ consent", at("trust"),
        fix="Choose the trust.",
    )  # fmt: skip
    fix = "Choose the body with which the trust has its contract."
    nobody = Problem("NOT_A_COMMISSIONER", "The consent is that of an NHS commissioner", at("commissioner"), fix=fix)
    assert consenting(trust=kind) == ([] if kind in ("nhs_trust", "foundation_trust") else [no_trust])
    commissions = kind in ("nhs_england", "pct", "ccg", "icb", "health_authority")
    assert consenting(commissioner=kind) == ([] if commissions else [nobody])


def test_a_trust_that_contributes_is_a_partner():
    stranger = Problem(
        "NOT_A_PARTNER", "Body 1 is not a partner in this agreement", at("trust"), fix="Add it as a partner first."
    )
    assert consenting(is_partner=False) == [stranger]
    assert [each.code for each in consenting(trust="icb", is_partner=False)] == ["NOT_A_TRUST"]


@pytest.mark.parametrize(
    ("evidence", "on", "is_missing"), [("", TODAY, True), (" \n", TODAY, True), ("", None, False), ("x", TODAY, False)]
)
def test_a_consent_that_was_given_is_written_down_somewhere(evidence, on, is_missing):
    missing = Problem("REQUIRED", EVIDENCE, at("evidence"))
    assert consenting(on=on, evidence=evidence) == ([missing] if is_missing else [])


# --- boards ----------------------------------------------------------------------------------------------------------

ONE, TWO, STRANGER = body(1), body(2), body(9)


def seating(*seats: SeatIn, quorums=None) -> list[Problem]:
    return board_problems(seats, quorums or {}, {1, 2})


def test_partners_have_seats_each_post_once():
    assert seating(SeatIn(ONE, "Director"), SeatIn(TWO, "Director"), SeatIn(ONE, "Head", deputy="Deputy")) == []
    message, fix = "Body 1 has the seat “Director” twice", "Give each seat a different post."
    twice = Problem("BOARD_SEAT_ONCE", message, at("seats"), fix=fix)
    assert seating(SeatIn(ONE, "Director"), SeatIn(ONE, " Director "), SeatIn(TWO, "Head")) == [twice]
    message, fix = "Body 9 is not a partner in this agreement", "Choose a partner."
    stranger = Problem("NOT_A_PARTNER", message, at("seats"), fix=fix)
    assert seating(SeatIn(STRANGER, "A"), SeatIn(STRANGER, "B")) == [stranger]


def test_a_board_has_at_most_sixty_seats():
    many = Problem("TOO_MANY", "A board has at most 60 seats", at("seats"))
    for count, found in ((59, []), (60, []), (61, [many])):
        assert seating(*(SeatIn(ONE, f"Post {n}") for n in range(count))) == found


def test_a_post_is_named_and_it_and_its_deputy_can_be_kept():
    assert seating(SeatIn(ONE, " ")) == [Problem("REQUIRED", "Enter the post of each seat", at("seats"))]
    fix = "Shorten it, or add the long text as a document."
    long = "Post of the deputy has 301 characters, and at most 300 are allowed"
    assert seating(SeatIn(ONE, "Head", deputy="x" * 301)) == [Problem("TOO_LONG", long, at("seats"), fix=fix)]
    long = "Post has 301 characters, and at most 300 are allowed"
    assert seating(SeatIn(ONE, "x" * 301)) == [Problem("TOO_LONG", long, at("seats"), fix=fix)]


@pytest.mark.parametrize(("least", "is_within"), [(-1, False), (0, True), (1, True), (2, True), (3, False)])
def test_a_quorum_can_be_reached(least, is_within):
    seats = (SeatIn(ONE, "A"), SeatIn(ONE, "B"), SeatIn(TWO, "C"))
    beyond = Problem(
        "QUORUM_OUT_OF_REACH", f"The quorum of Body 1 is {least}, but it has 2 seats", at("quorums"),
        fix="Lower the quorum, or add seats.",
    )  # fmt: skip
    assert seating(*seats, quorums={TWO: 1, ONE: least}) == ([] if is_within else [beyond])


def test_a_quorum_is_of_a_partner():
    found = seating(quorums={STRANGER: 0})
    assert [(each.code, each.where) for each in found] == [("NOT_A_PARTNER", at("seats"))]
    assert [each.code for each in seating(SeatIn(STRANGER, "A"), quorums={STRANGER: 2})] == [
        "NOT_A_PARTNER",
        "QUORUM_OUT_OF_REACH",
    ]
