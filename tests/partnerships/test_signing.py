"""Who has a say on a deed, what each said of its present text, and why it may not be approved or signed yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements.signing import (
    ApprovalGiven,
    ApprovalLine,
    DecidingBody,
    approval_lines,
    changed_problems,
    deciding_bodies,
    open_problems,
    parties_of,
    second_person_problems,
    signing_problems,
    state_after,
)
from partnerships.rules.law import Finding
from partnerships.terms import AgreementState
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import (
    CCG,
    COUNTY,
    DAY,
    ICB,
    START,
    TRUST,
    approved,
    deed,
    joined,
    pool,
    record,
    scheme,
)

TODAY = dt.date(2026, 6, 15)
EFFECT = dt.date(2026, 7, 1)
AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
FIRST = deed(0, joined=(joined(ICB), joined(COUNTY), joined(TRUST)))
OPEN = deed(1, state="approved", signed_on=None, effective_on=EFFECT)


# --- who has a say ---------------------------------------------------------------------------------------------------


def test_the_partners_by_a_deed_have_a_say_on_it():
    assert parties_of(record(FIRST), FIRST) == (ICB, COUNTY, TRUST)
    assert parties_of(record(FIRST, OPEN), OPEN) == (ICB, COUNTY, TRUST)


def test_who_joins_by_a_deed_and_who_leaves_by_it_have_a_say_on_it():
    other = replace(OPEN, left=(TRUST.pk,), joined=(joined(CCG, pk=20),))
    assert parties_of(record(FIRST, other), other) == (ICB, COUNTY, CCG, TRUST)


def test_who_left_by_an_earlier_deed_has_no_say_on_a_later_one():
    earlier = deed(1, effective_on=dt.date(2020, 4, 1), left=(TRUST.pk,))
    later = replace(OPEN, number=2)
    assert parties_of(record(FIRST, earlier, later), later) == (ICB, COUNTY)
    leaving = replace(later, left=(COUNTY.pk,))
    assert parties_of(record(FIRST, earlier, leaving), leaving) == (ICB, COUNTY)


def test_a_partner_succeeded_by_the_first_day_of_the_deed_is_followed():
    since = replace(joined(replace(ICB, pk=30, code="QZZ"), pk=30), since=EFFECT, succeeds=ICB.pk)
    agreement = record(FIRST, OPEN, successors=(since,))
    assert [each.code for each in parties_of(agreement, OPEN)] == ["E10", "RXX", "QZZ"]


def test_parties_speak_for_themselves_by_name():
    assert deciding_bodies((ICB, COUNTY), {}) == (
        DecidingBody(COUNTY, frozenset({COUNTY.pk})),
        DecidingBody(ICB, frozenset({ICB.pk})),
    )
    twins = (replace(COUNTY, pk=9), replace(COUNTY, pk=8))
    assert [decider.body.pk for decider in deciding_bodies(twins, {})] == [8, 9]


def test_successors_speak_for_the_parties_whose_place_they_took():
    heirs = {CCG.pk: (ICB,), TRUST.pk: (ICB, COUNTY)}
    assert deciding_bodies((CCG, COUNTY, TRUST), heirs) == (
        DecidingBody(COUNTY, frozenset({COUNTY.pk, TRUST.pk})),
        DecidingBody(ICB, frozenset({ICB.pk, CCG.pk, TRUST.pk})),
    )
    assert deciding_bodies((CCG,), {CCG.pk: ()}) == (DecidingBody(CCG, frozenset({CCG.pk})),)


# --- what was said ---------------------------------------------------------------------------------------------------

BOARD = DecidingBody(ICB, frozenset({ICB.pk, CCG.pk}))
COUNCIL = DecidingBody(COUNTY, frozenset({COUNTY.pk}))


def word(body, decision: str = "approved", seal: str = "now", **values) -> ApprovalGiven:
    return ApprovalGiven(body.pk, decision, seal, values.pop("given_at", AT), values.pop("note", ""))


def test_one_line_for_each_voice_with_its_newest_word():
    words = [
        word(COUNTY, "changes_requested", note="Name the host."),
        word(ICB),
        word(COUNTY, given_at=AT + DAY, note="Good."),
    ]
    assert approval_lines([BOARD, COUNCIL], words, "now") == [
        ApprovalLine(ICB, "approved", AT, False, ""),
        ApprovalLine(COUNTY, "approved", AT + DAY, False, "Good."),
    ]


def test_whoever_has_said_nothing_has_an_empty_line():
    assert approval_lines([BOARD, COUNCIL], [word(ICB)], "now")[1] == ApprovalLine(COUNTY, "", None, False, "")


def test_a_word_on_another_text_is_void():
    (line,) = approval_lines([COUNCIL], [word(COUNTY, seal="earlier")], "now")
    assert line == ApprovalLine(COUNTY, "approved", AT, True, "")
    (line,) = approval_lines([COUNCIL], [word(COUNTY, seal="earlier"), word(COUNTY)], "now")
    assert not line.is_void
    (line,) = approval_lines([COUNCIL], [word(COUNTY), word(COUNTY, seal="later")], "now")
    assert line.is_void


def test_the_word_of_a_party_counts_for_its_successor_and_that_of_a_stranger_for_nobody():
    assert [line.decision for line in approval_lines([BOARD, COUNCIL], [word(CCG), word(TRUST)], "now")] == [
        "approved",
        "",
    ]


@pytest.mark.parametrize(
    ("decision", "is_void", "is_approved", "asks"),
    [
        ("", False, False, False),
        ("approved", False, True, False),
        ("approved", True, False, False),
        ("changes_requested", False, False, True),
        ("changes_requested", True, False, False),
    ],
)
def test_only_what_is_not_void_is_an_approval_or_asks_for_changes(decision, is_void, is_approved, asks):
    line = ApprovalLine(ICB, decision, AT, is_void)
    assert (line.is_approved, line.asks_for_changes) == (is_approved, asks)


YES, NO, SILENT, VOID = (
    ApprovalLine(ICB, "approved"), ApprovalLine(ICB, "changes_requested"), ApprovalLine(ICB),
    ApprovalLine(ICB, "approved", is_void=True),
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([], "draft"),
        ([YES], "approved"),
        ([YES, YES], "approved"),
        ([YES, SILENT], "draft"),
        ([YES, VOID], "draft"),
        ([SILENT, SILENT], "draft"),
        ([YES, NO], "changes_requested"),
        ([NO, SILENT], "changes_requested"),
        ([replace(NO, is_void=True), YES], "draft"),
    ],
)
def test_a_deed_stands_by_what_its_parties_have_said_of_its_present_text(lines, state):
    assert state_after(lines) == state


# --- approving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", AgreementState.values)
def test_nothing_is_done_with_a_deed_of_an_agreement_that_is_over(state):
    found = list(open_problems(record(FIRST, OPEN, state=state), OPEN, "signed"))
    over = [Problem("AGREEMENT_OVER", "The deed cannot be signed: the agreement is over")]
    assert found == (over if state in ("ended", "expired", "withdrawn") else [])


@pytest.mark.parametrize(
    ("state", "label"),
    [("draft", ""), ("changes_requested", ""), ("approved", ""), ("signed", "signed"), ("withdrawn", "withdrawn")],
)
def test_only_an_open_deed_is_approved_signed_or_withdrawn(state, label):
    found = list(open_problems(record(FIRST), replace(OPEN, state=state), "approved"))
    assert found == ([Problem("WRONG_STATE", f"The deed cannot be approved: it is {label} already")] if label else [])


def test_an_agreement_that_is_over_is_said_before_the_state_of_the_deed():
    found = open_problems(record(FIRST, state="ended"), replace(OPEN, state="signed"), "signed")
    assert [each.code for each in found] == ["AGREEMENT_OVER"]


def test_what_is_approved_is_the_text_that_was_looked_at():
    assert list(changed_problems("a", "a")) == []
    assert list(changed_problems("a", "b")) == [
        Problem(
            "CHANGED_MEANWHILE", "The text has been changed since you looked at it",
            fix="Read it again, then approve what it says now.",
        )
    ]  # fmt: skip


def test_whoever_edited_last_does_not_approve():
    assert list(second_person_problems({"user:1", "key:abc"}, "user:2")) == []
    assert list(second_person_problems({"user:1", "key:abc"}, "key:abc")) == [
        Problem(
            "FOUR_EYES", "The person who last edited a deed cannot also approve it",
            fix="Ask a colleague who may approve.",
        )
    ]  # fmt: skip


# --- signing ---------------------------------------------------------------------------------------------------------

ALL = approved(COUNTY, ICB, TRUST)


def finding(**values) -> Finding:
    given = {
        "on": EFFECT, "about": "nhs-s3", "rule": "reg-5", "outcome": "unlawful", "severity": "blocking",
        "provision": "regulation 5", "instrument": "si-2000-617", "confidence": "instrument",
        "sentence": "Surgery cannot be pooled",
    }  # fmt: skip
    return Finding(**given | values)


def signing(this=OPEN, *, first=FIRST, between=(), lines=ALL, findings=(), on=TODAY, **of_record) -> list[Problem]:
    deeds = (this,) if this.number == 0 else (first, *between, this)
    return list(
        signing_problems(record(*deeds, **of_record), this, lines=lines, findings=findings, signed_on=on, today=TODAY)
    )


def test_what_everybody_approved_is_signed():
    assert signing() == []
    assert signing(replace(FIRST, state="approved", signed_on=None)) == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_is_signed_today_or_in_the_past(days):
    future = Problem(
        "SIGNED_IN_FUTURE", "The day of signing must be today or in the past", where=Where(field="signed_on")
    )
    assert signing(on=TODAY + days * DAY) == ([future] if days > 0 else [])


def too_early(day: str) -> Problem:
    return Problem(
        "SIGNED_TOO_EARLY", f"The day of signing must be {day} or later",
        where=Where(field="signed_on"), fix="A deed cannot be signed before the deeds that it varies.",
    )  # fmt: skip


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_is_signed_after_every_deed_before_it(days):
    between = (deed(1, signed_on=dt.date(2020, 5, 1)), deed(2, signed_on=dt.date(2019, 5, 1)))
    found = signing(replace(OPEN, number=3), between=between, on=dt.date(2020, 5, 1) + days * DAY)
    assert found == ([too_early("1 May 2020")] if days < 0 else [])


def test_a_deed_that_was_withdrawn_before_it_does_not_say_when_a_deed_may_be_signed():
    assert signing(replace(OPEN, number=2), between=(deed(1, state="withdrawn", signed_on=None),)) == []


def test_a_deed_that_is_signed_is_not_signed_again():
    signed = replace(OPEN, state="signed", signed_on=TODAY)
    assert signing(signed) == [Problem("WRONG_STATE", "The deed cannot be signed: it is signed already")]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_first_deed_is_signed_once_there_was_a_power_to_pool(days):
    first = replace(FIRST, state="approved", signed_on=None)
    found = signing(first, on=dt.date(2000, 4, 1) + days * DAY)
    assert found == ([too_early("1 April 2000")] if days < 0 else [])


def test_only_deeds_before_it_say_when_a_deed_may_be_signed():
    later = deed(2, signed_on=TODAY)
    agreement = record(FIRST, OPEN, later)
    given = {"lines": ALL, "findings": (), "today": TODAY}
    assert list(signing_problems(agreement, OPEN, signed_on=TODAY - DAY, **given)) == []
    itself = replace(OPEN, signed_on=TODAY)
    assert list(signing_problems(record(FIRST, itself), itself, signed_on=TODAY - DAY, **given)) == []


def test_a_deed_says_from_which_day_it_has_effect():
    assert signing(replace(OPEN, effective_on=None)) == [
        Problem(
            "REQUIRED", "The deed does not say from which day it has effect",
            where=Where(field="effective_on"), fix="Enter its first day.",
        )
    ]  # fmt: skip


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_has_effect_from_the_first_day_of_the_agreement_at_the_earliest(days):
    early = Problem(
        "DEED_BEFORE_START", "A deed cannot have effect before the agreement, which starts on 1 April 2012",
        where=Where(field="effective_on"),
    )  # fmt: skip
    assert signing(replace(OPEN, effective_on=START + days * DAY)) == ([early] if days < 0 else [])


@pytest.mark.parametrize(("title", "is_missing"), [("", True), (" \n", True), ("Ours", False)])
def test_the_agreement_itself_has_a_title(title, is_missing):
    untitled = Problem("REQUIRED", "The agreement has no title", where=Where(field="title"), fix="Enter its title.")
    draft = replace(FIRST, state="approved", signed_on=None, title=title)
    assert signing(draft) == ([untitled] if is_missing else [])
    assert signing(replace(OPEN, title=title)) == []


ENDING = replace(OPEN, kind="termination", sets_end=True, end_on=EFFECT)


@pytest.mark.parametrize("changes", [{"sets_end": False}, {"end_on": None}])
def test_a_deed_of_termination_says_when_the_agreement_ends(changes):
    missing = Problem(
        "REQUIRED", "A deed of termination says on which day the agreement ends",
        where=Where(field="end_on"), fix="Enter the last day.",
    )  # fmt: skip
    assert signing(ENDING) == []
    assert signing(replace(ENDING, **changes)) == [missing]
    assert signing(replace(ENDING, kind="variation", **changes)) == []
    assert signing(replace(ENDING, **changes), first=replace(FIRST, sets_end=True, end_on=EFFECT)) == [missing]


def test_where_the_agreement_has_no_first_day_a_deed_of_it_is_not_too_early():
    assert signing(ENDING, first=replace(FIRST, effective_on=None)) == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_deed_of_termination_ends_it_by_the_day_on_which_it_ended_anyway(days):
    first = replace(FIRST, sets_end=True, end_on=dt.date(2027, 3, 31))
    end = dt.date(2027, 3, 31) + days * DAY
    later = Problem(
        "ENDS_LATER", "A deed of termination cannot prolong the agreement, which ends on 31 March 2027",
        where=Where(field="end_on"), fix="Enter an earlier day, or prepare a deed of variation.",
    )  # fmt: skip
    assert signing(replace(ENDING, end_on=end), first=first) == ([later] if days > 0 else [])
    assert signing(replace(ENDING, end_on=end, kind="variation"), first=first) == []
    assert signing(replace(ENDING, end_on=end)) == []


def missing(body, said: str) -> Problem:
    return Problem(
        "APPROVAL_MISSING", f"{body.name} {said}", value=body.code,
        fix="Every partner must approve the current text before it is signed.",
    )  # fmt: skip


def test_every_partner_has_approved_the_present_text():
    lines = [
        ApprovalLine(ICB, "approved", is_void=True),
        ApprovalLine(TRUST),
        *approved(COUNTY),
        ApprovalLine(CCG, "changes_requested"),
        ApprovalLine(CCG, "changes_requested", is_void=True),
    ]
    void = "approved or sent back an earlier text, which has been edited since"
    assert signing(lines=lines) == [
        missing(ICB, void),
        missing(TRUST, "has not approved the deed"),
        missing(CCG, "has asked for changes"),
        missing(CCG, void),
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_two_partners_at_least_make_an_agreement(count):
    alone = Problem("PARTNERS_MISSING", "An agreement has at least two partners", fix="Add the other partners.")
    assert signing(lines=ALL[:count]) == ([alone] if count < 2 else [])


UNLAWFUL = Problem("UNLAWFUL", "Surgery cannot be pooled", value="reg-5", fix="See regulation 5.")


@pytest.mark.parametrize(
    ("changes", "is_bar"),
    [
        ({}, True),
        ({"severity": "warning"}, False),
        ({"severity": "note"}, False),
        ({"outcome": "not_settled"}, False),
        ({"outcome": "lawful"}, False),
        ({"on": EFFECT - DAY}, False),
        ({"on": EFFECT + DAY}, True),
    ],
)
def test_what_the_law_forbids_from_the_first_day_of_the_deed_on_is_not_signed(changes, is_bar):
    assert signing(findings=[finding(**changes)]) == ([UNLAWFUL] if is_bar else [])


def test_every_bar_in_law_is_said_and_behind_what_is_none():
    found = signing(findings=[finding(), finding(severity="note"), finding(rule="reg-6")])
    assert [(each.code, each.value) for each in found] == [("UNLAWFUL", "reg-5"), ("UNLAWFUL", "reg-6")]


def test_without_a_first_day_the_law_is_not_asked():
    assert [each.code for each in signing(replace(OPEN, effective_on=None), findings=[finding()])] == ["REQUIRED"]


@pytest.mark.parametrize(
    ("changes", "is_bar"),
    [
        ({}, False),
        ({"kind": "variation"}, True),
        ({"schemes": (scheme(),)}, True),
        ({"pools": (pool(),)}, True),
        ({"joined": (joined(CCG, pk=20),)}, True),
        ({"clauses": (("exit", "Exit"),)}, True),
        ({"left": (TRUST.pk,), "ended_schemes": ("x",), "closed_pools": ("x",)}, False),
    ],
)
def test_an_unlawful_arrangement_may_be_ended_by_a_deed_that_writes_nothing(changes, is_bar):
    assert signing(replace(ENDING, **changes), findings=[finding()]) == ([UNLAWFUL] if is_bar else [])


def test_everything_that_stands_in_the_way_is_said_at_once_in_this_order():
    this = replace(
        ENDING, state="withdrawn", effective_on=START - DAY, end_on=None, kind="termination", clauses=(("a", "b"),)
    )
    found = signing(this, lines=[], findings=[finding()], on=TODAY + DAY)
    assert [each.code for each in found] == [
        "WRONG_STATE", "SIGNED_IN_FUTURE", "DEED_BEFORE_START", "REQUIRED", "PARTNERS_MISSING", "UNLAWFUL",
    ]  # fmt: skip
