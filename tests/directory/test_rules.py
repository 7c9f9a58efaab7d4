"""Why a change to members, invitations or keys may not happen: each reason alone, and its edges."""

from __future__ import annotations

import datetime as dt

import pytest

from pooledcare.directory import rules
from pooledcare.kernel.problems import Problem, Refused, Where

TODAY = dt.date(2027, 1, 4)


def at(field: str, code: str, message: str) -> list[Problem]:
    return [Problem(code, message, where=Where(field=field))]


def test_how_long_invitations_and_keys_live_and_how_long_a_name_may_be():
    lives = [rules.INVITATION_LIFE.days, rules.LONGEST_KEY_LIFE.days]
    assert lives == [7, 366]
    assert rules.LONGEST_NAME == 100


def test_a_refusal_carries_every_reason_and_none_is_no_refusal():
    reasons = [Problem("ONE", "One"), Problem("TWO", "Two")]
    with pytest.raises(Refused) as caught:
        rules.refuse_if(reasons)
    assert caught.value.problems == reasons
    rules.refuse_if([])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["viewer"], []),
        (["viewer", "auditor"], []),
        ([], at("roles", "ROLE_MISSING", "Select at least one role")),
        (
            ["viewer", "f", "c", "b", "e", "a", "d"],
            at("roles", "ROLE_NOT_HELD_HERE", "Members of this organisation cannot hold: a, b, c, d, e, f"),
        ),
    ],
)
def test_the_roles_of_a_member(chosen, expected):
    assert rules.choosing_roles_problems(chosen=chosen, allowed=["viewer", "auditor", "org_admin"]) == expected


RESERVED = at("email", "ADDRESS_RESERVED", "This address belongs to the demonstration and reaches nobody")
MEMBER = at("email", "ALREADY_A_MEMBER", "This person is already a member of the organisation")
INVITED = at("email", "ALREADY_INVITED", "This address already has an open invitation. Send that again, or withdraw it")


@pytest.mark.parametrize(
    ("member", "invited", "illustrative", "expected"),
    [
        (False, False, False, []),
        (True, False, False, MEMBER),
        (False, True, False, INVITED),
        (False, False, True, RESERVED),
        (True, True, False, MEMBER),
        (True, True, True, RESERVED),
    ],
)
def test_whom_one_may_invite(member, invited, illustrative, expected):
    found = rules.inviting_problems(is_member=member, is_invited=invited, is_illustrative_address=illustrative)
    assert found == expected


@pytest.mark.parametrize(("seen", "now", "is_stale"), [(2, 2, False), (1, 2, True), (3, 2, True)])
def test_what_changed_meanwhile_is_looked_at_again(seen, now, is_stale):
    stale = Problem(
        "CHANGED_MEANWHILE",
        "Somebody else changed this after you opened the page. Check the current values, then save again",
    )
    assert rules.stale_problems(seen=seen, now=now) == ([stale] if is_stale else [])


@pytest.mark.parametrize(
    ("is_administrator", "stays", "others", "refused"),
    [(True, False, 0, True), (False, False, 0, False), (True, True, 0, False), (True, False, 1, False)],
)
def test_the_only_administrator_stays(is_administrator, stays, others, refused):
    last = Problem(
        "LAST_ADMINISTRATOR",
        "This is the only administrator of the organisation. Make somebody else an administrator first",
    )
    found = rules.losing_administrator_problems(
        is_administrator=is_administrator, stays_administrator=stays, others=others
    )
    assert found == ([last] if refused else [])
    assert rules.ADMINISTRATOR == "org_admin"


@pytest.mark.parametrize(
    ("is_open", "has_expired", "refused"), [(True, False, False), (False, False, True), (True, True, True)]
)
def test_an_invitation_is_accepted_while_it_is_open(is_open, has_expired, refused):
    gone = Problem(
        "INVITATION_NOT_OPEN",
        "This invitation has expired, was withdrawn, or has been used already. Ask for a new one",
    )
    found = rules.accepting_invitation_problems(is_open=is_open, has_expired=has_expired)
    assert found == ([gone] if refused else [])
    assert dt.timedelta(days=7) == rules.INVITATION_LIFE


NO_NAME = at("name", "NAME_MISSING", "Enter a name")
NO_PERMISSION = at("permissions", "PERMISSION_MISSING", "Select what the key may do")
NOT_HELD = at("permissions", "PERMISSION_NOT_HELD", "A key can only do what you may do yourself")
PAST = at("expires_on", "EXPIRY_PAST", "Last day on which the key works must be in the future")
FAR = at("expires_on", "EXPIRY_TOO_FAR", "Last day on which the key works must be within one year")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"name": " "}, NO_NAME),
        ({"permissions": []}, NO_PERMISSION),
        ({"permissions": ["read", "write"]}, []),
        ({"permissions": ["read", "rule"]}, NOT_HELD),
        ({"expires_on": TODAY - dt.timedelta(days=1)}, PAST),
        ({"expires_on": TODAY}, PAST),
        ({"expires_on": TODAY + dt.timedelta(days=1)}, []),
        ({"expires_on": TODAY + dt.timedelta(days=365)}, []),
        ({"expires_on": TODAY + dt.timedelta(days=366)}, []),
        ({"expires_on": TODAY + dt.timedelta(days=367)}, FAR),
        ({"name": "", "permissions": [], "expires_on": TODAY}, [*NO_NAME, *NO_PERMISSION, *PAST]),
        ({"permissions": ["rule"], "expires_on": dt.date(2029, 1, 1)}, [*NOT_HELD, *FAR]),
    ],
)
def test_what_a_key_may_be(given, expected):
    values = {"name": "Ledger", "permissions": ["read"], "expires_on": TODAY + dt.timedelta(days=30)} | given
    assert rules.making_key_problems(**values, held=["read", "write"], today=TODAY) == expected


def test_a_form_makes_its_key_once():
    again = Problem(
        "KEY_MADE_ALREADY",
        "This key has already been made, and is not shown again. If you have not copied it, revoke it. For another "
        "one, fill in the form again",
    )
    assert rules.repeating_key_problems(is_first=True) == []
    assert rules.repeating_key_problems(is_first=False) == [again]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ó Dálaigh", []),
        ("x", []),
        ("x" * 100, []),
        ("x" * 101, at("name", "NAME_TOO_LONG", "Name must be 100 characters or fewer")),
        ("", NO_NAME),
        (" \t ", NO_NAME),
        ("a\nb", at("name", "NAME_UNREADABLE", "Name must not contain invisible characters or line breaks")),
        ("a\u202eb", at("name", "NAME_UNREADABLE", "Name must not contain invisible characters or line breaks")),
    ],
)
def test_names_of_people_and_keys(name, expected):
    assert rules.naming_problems(name) == expected
