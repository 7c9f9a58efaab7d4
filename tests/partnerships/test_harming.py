"""What a deed takes from an existing integrated arrangement, what that needs, and what all partners had agreed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements import Difference, FieldChange, What, content_of, differences
from partnerships.rules.agreements.harming import (
    Harm,
    alone_problem,
    harming_problems,
    harms_between,
    marked_problems,
    unsigned_problems,
    was_agreed,
)
from pooledcare.kernel.problems import Problem
from tests.partnerships.agreement_values import (
    COUNTY,
    DAY,
    ICB,
    TRUST,
    content,
    deed,
    joined,
    notice,
    partner,
    pool,
    record,
    scheme,
)

EFFECT = dt.date(2026, 12, 16)
LAST = dt.date(2026, 12, 15)
HELD = content()
FUND, SCHEME = HELD.pools[0], HELD.schemes[0]


def harms(before, after) -> list[Harm]:
    return harms_between(before, after, EFFECT)


def changed_fund(**values):
    return replace(HELD, pools=(replace(FUND, **values),))


def changed_scheme(**values):
    return replace(HELD, schemes=(replace(SCHEME, **values),))


# --- what is taken ---------------------------------------------------------------------------------------------------


def test_what_stays_as_it_is_takes_nothing():
    assert harms(HELD, HELD) == []


@pytest.mark.parametrize(
    ("before", "after", "is_harm"),
    [
        (None, None, False),
        (None, LAST, True),
        (LAST, None, False),
        (LAST, LAST - DAY, True),
        (LAST, LAST, False),
        (LAST, LAST + DAY, False),
    ],
)
def test_only_a_sooner_end_takes_the_arrangement_away(before, after, is_harm):
    found = harms(replace(HELD, end=before), replace(HELD, end=after))
    sentence = f"The arrangement would end on {after.day if after else ''} December 2026"
    assert found == ([Harm(sentence, after)] if is_harm else [])


def test_a_partner_that_leaves_is_lost_on_the_day_before_the_deed_has_effect():
    after = replace(HELD, partners=(partner(ICB), partner(TRUST)))
    assert harms(HELD, after) == [Harm("Mereshire County Council would leave", LAST)]


def test_a_partner_under_another_row_or_name_stays():
    renamed = replace(COUNTY, name="Mereshire Council")
    assert harms(HELD, replace(HELD, partners=(partner(renamed, pk=99), partner(ICB)))) == []


FUND_LOST = Harm("The fund “Community” would be closed", LAST, frozenset({"reablement"}))
FUND_TAKEN = Harm("The fund “Community” would have another host", LAST, frozenset({"reablement"}))
FUND_ALIGNED = Harm("The fund “Community” would no longer be pooled", LAST, frozenset({"reablement"}))


def test_a_closed_fund_is_lost_with_the_schemes_that_were_paid_from_it_and_no_others():
    elsewhere = scheme("equipment", pool="other", lead=ICB)
    before = replace(HELD, pools=(FUND, pool("other", host=ICB)), schemes=(SCHEME, elsewhere))
    after = replace(before, pools=before.pools[1:])
    assert harms(before, after) == [FUND_LOST]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (ICB, COUNTY, [FUND_TAKEN]),
        (ICB, None, [FUND_TAKEN]),
        (ICB, replace(ICB, name="Another name", code="QYY"), []),
        (None, COUNTY, []),
        (None, None, []),
    ],
)
def test_a_fund_is_taken_over_where_it_had_a_host(before, after, found):
    assert harms(changed_fund(host=before), changed_fund(host=after)) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("pooled", "aligned", [FUND_ALIGNED]),
        ("pooled", "pooled", []),
        ("aligned", "aligned", []),
        ("aligned", "pooled", []),
    ],
)
def test_only_a_fund_that_was_pooled_can_stop_being_pooled(before, after, found):
    assert harms(changed_fund(kind=before), changed_fund(kind=after)) == found


def test_a_fund_with_another_host_that_is_pooled_no_more_is_said_once():
    assert harms(HELD, changed_fund(host=COUNTY, kind="aligned")) == [FUND_TAKEN]


def scheme_harm(words: str, last_day: dt.date = LAST) -> Harm:
    return Harm(f"The scheme “Reablement” would {words}", last_day, frozenset({"reablement"}))


@pytest.mark.parametrize(
    ("ended", "found"),
    [
        (LAST - DAY, []),
        (LAST, []),
        (LAST + DAY, [scheme_harm("be dropped")]),
        (None, [scheme_harm("be dropped")]),
    ],
)
def test_a_scheme_that_ends_by_the_day_before_may_be_dropped(ended, found):
    assert harms(changed_scheme(end_on=ended), replace(HELD, schemes=())) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (None, None, []),
        (None, EFFECT, [scheme_harm("end on 16 December 2026", EFFECT)]),
        (EFFECT, None, []),
        (EFFECT + DAY, EFFECT, [scheme_harm("end on 16 December 2026", EFFECT)]),
        (EFFECT, EFFECT, []),
        (EFFECT, EFFECT + DAY, []),
    ],
)
def test_a_scheme_that_ends_sooner_is_taken_away_on_its_last_day(before, after, found):
    assert harms(changed_scheme(end_on=before), changed_scheme(end_on=after)) == found


def test_a_scheme_loses_something_where_its_last_function_goes():
    two = SCHEME.functions * 2
    assert harms(HELD, changed_scheme(functions=())) == [scheme_harm("have no function left")]
    assert harms(changed_scheme(functions=()), changed_scheme(functions=())) == []
    assert harms(changed_scheme(functions=two), HELD) == []


@pytest.mark.parametrize(
    ("funds", "now_paid_from", "is_harm"),
    [
        ((pool("other", host=COUNTY),), "other", True),
        ((pool("other", host=ICB),), "other", False),
        ((), "", True),
        ((pool("other", host=None),), "other", True),
    ],
)
def test_a_scheme_that_moves_to_a_fund_of_another_host_loses_its_host(funds, now_paid_from, is_harm):
    before = replace(HELD, pools=(FUND, *funds))
    after = replace(before, schemes=(replace(SCHEME, pool=now_paid_from),))
    assert harms(before, after) == ([scheme_harm("have another host")] if is_harm else [])


def test_a_scheme_paid_from_no_fund_or_from_one_without_a_host_has_no_host_to_lose():
    for held in (replace(HELD, schemes=(replace(SCHEME, pool=""),)), changed_fund(host=None)):
        before = replace(held, pools=(*held.pools, pool("other", host=COUNTY)))
        assert harms(before, replace(before, schemes=(replace(SCHEME, pool="other"),))) == []


def test_each_scheme_is_looked_at_also_behind_one_that_has_ended():
    before = replace(HELD, schemes=(replace(SCHEME, slug="old", name="Old", end_on=LAST), SCHEME))
    assert harms(before, replace(before, schemes=())) == [scheme_harm("be dropped")]


def test_harms_are_said_in_the_order_of_an_agreement():
    after = replace(HELD, end=EFFECT, partners=(partner(ICB),), pools=(), schemes=())
    assert [harm.sentence for harm in harms(HELD, after)] == [
        "The arrangement would end on 16 December 2026",
        "Mereshire County Council would leave",
        "The fund “Community” would be closed",
        "The scheme “Reablement” would be dropped",
    ]


# --- what that needs -------------------------------------------------------------------------------------------------

ENDING_ALL = Harm("The arrangement would end on 15 December 2026", LAST)
ENDING_ONE = scheme_harm("be dropped")


@pytest.mark.parametrize(
    ("harm", "on", "is_covered"),
    [
        (ENDING_ALL, "", True),
        (ENDING_ALL, "reablement", False),
        (ENDING_ONE, "", True),
        (ENDING_ONE, "reablement", True),
        (ENDING_ONE, "equipment", False),
    ],
)
def test_a_notice_on_one_scheme_does_not_end_the_whole_nor_another_scheme(harm, on, is_covered):
    assert harm.is_covered_by(notice(LAST, on)) is is_covered


@pytest.mark.parametrize("on", ["", "reablement"])
@pytest.mark.parametrize(("runs_out", "is_covered"), [(LAST - DAY, True), (LAST, True), (LAST + DAY, False)])
def test_a_notice_has_run_out_by_the_last_day(on, runs_out, is_covered):
    assert ENDING_ONE.is_covered_by(notice(runs_out, on)) is is_covered


def needs(*found: Harm, is_assessed: bool = True, notices=()) -> list[tuple[str, str]]:
    problems = list(harming_problems(found, is_assessed=is_assessed, notices=notices))
    assert {problem.code for problem in problems} <= {"DO_NO_HARM"}
    return [(problem.message, problem.fix) for problem in problems]


ASSESS = "Record what the deed would change for the people served, then sign it."
NOTICE_FIRST = "Give notice first, or choose a later first day for the deed."


def test_what_takes_nothing_needs_neither_assessment_nor_notice():
    assert needs(is_assessed=False) == []


def test_one_assessment_is_asked_for_all_harms_and_a_notice_for_each():
    assert needs(ENDING_ALL, ENDING_ONE, is_assessed=False) == [
        (f"{ENDING_ALL.sentence}; {ENDING_ONE.sentence}, and no impact assessment of the deed is recorded", ASSESS),
        (f"{ENDING_ALL.sentence}, and no notice runs out by 15 December 2026", NOTICE_FIRST),
        (f"{ENDING_ONE.sentence}, and no notice runs out by 15 December 2026", NOTICE_FIRST),
    ]


def test_each_harm_needs_one_notice_that_covers_it():
    late, on_scheme, whole = notice(LAST + DAY), notice(LAST, "reablement"), notice(LAST)
    assert needs(ENDING_ALL, ENDING_ONE, notices=[late, on_scheme]) == [
        (f"{ENDING_ALL.sentence}, and no notice runs out by 15 December 2026", NOTICE_FIRST)
    ]
    assert needs(ENDING_ALL, ENDING_ONE, notices=[late, whole]) == []


def test_notice_does_not_stand_for_an_assessment():
    assert [message for message, _ in needs(ENDING_ALL, is_assessed=False, notices=[notice(LAST)])] == [
        f"{ENDING_ALL.sentence}, and no impact assessment of the deed is recorded"
    ]


def test_one_partner_alone_is_told_what_it_takes():
    assert alone_problem("end it") == Problem(
        "DO_NO_HARM",
        "This is an existing integrated arrangement: no partner alone can end it",
        fix="Prepare a deed together: it needs an impact assessment, notice that has run out, and every partner’s "
        "approval. If something has already happened, record what happened.",
    )


# --- a text that nobody has signed -----------------------------------------------------------------------------------


def unsigned(harms_found: list[Harm], found: list[Difference]) -> list[str]:
    problems = list(unsigned_problems(harms_found, found))
    end = ", and this existing integrated arrangement already operates under this draft"
    fix = "Sign the draft as it is and change it by a deed, or clear the mark together first."
    assert all((each.code, each.fix) == ("DO_NO_HARM", fix) and each.message.endswith(end) for each in problems)
    return [each.message.removesuffix(end) for each in problems]


def changed(*changes: FieldChange) -> Difference:
    return Difference("Scheme", "Reablement", What.CHANGED, changes)


def test_harms_are_named_alone_where_there_are_any():
    lost = changed(FieldChange("Services", "At home", ""))
    assert unsigned([ENDING_ONE, ENDING_ALL], [lost]) == [ENDING_ONE.sentence, ENDING_ALL.sentence]


@pytest.mark.parametrize(
    ("before", "after", "is_lost"),
    [
        ("", "At home", False),
        ("At home", "", True),
        ("At home", "In hospital", True),
        ("Surgery; Endoscopy", "Endoscopy; Radiotherapy; Surgery", False),
        ("Surgery; Endoscopy", "Surgery", True),
        ("Surgery; Endoscopy", "Endoscopy; Surgery", False),
    ],
)
def test_what_was_said_and_is_said_no_more_is_lost_and_additions_are_not(before, after, is_lost):
    found = unsigned([], [changed(FieldChange("Services", before, after))])
    assert found == (["Scheme “Reablement” would lose or change services"] if is_lost else [])


def test_every_thing_that_loses_something_is_named_with_all_that_it_loses():
    gone = [
        FieldChange("Services", "At home", ""),
        FieldChange("Aims", "", "More"),
        FieldChange("Client group", "Old", ""),
    ]
    assert unsigned([], [changed(*gone), changed(FieldChange("Aims", "", "More")), changed(*gone[:1])]) == [
        "Scheme “Reablement” would lose or change services, client group",
        "Scheme “Reablement” would lose or change services",
    ]


def test_whoever_is_named_in_a_marked_draft_is_not_put_out_of_it():
    assert list(marked_problems(HELD, replace(HELD, partners=(partner(COUNTY), partner(TRUST))))) == [
        Problem(
            "DO_NO_HARM",
            f"{ICB.name} would leave, and this draft records an existing integrated arrangement",
            fix="Clear the mark together first, or withdraw this draft and begin another.",
        )
    ]
    assert list(marked_problems(HELD, replace(HELD, partners=(*HELD.partners, partner(TRUST))))) == []


# --- what all had agreed ---------------------------------------------------------------------------------------------

ENDS = deed(1, sets_end=True, end_on=LAST)
DROPS = deed(1, effective_on=EFFECT, ended_schemes=("reablement",))
SHORTENS = deed(1, schemes=(scheme(end_on=LAST),))


def agreed(*later, assessed=(1,), last_day: dt.date = LAST, scheme: str = "reablement") -> bool:
    first = deed(0, joined=(joined(ICB), joined(COUNTY)))
    return was_agreed(record(first, *later), frozenset(assessed), last_day=last_day, scheme=scheme)


@pytest.mark.parametrize("by", [ENDS, DROPS, SHORTENS], ids=["ends", "drops", "shortens"])
@pytest.mark.parametrize(("days", "is_agreed"), [(-1, False), (0, True), (1, True)])
def test_all_agreed_where_a_deed_lets_it_end_by_that_day(by, days, is_agreed):
    assert agreed(by, last_day=LAST + days * DAY) is is_agreed


@pytest.mark.parametrize("by", [ENDS, DROPS, SHORTENS], ids=["ends", "drops", "shortens"])
@pytest.mark.parametrize(
    ("changes", "assessed"),
    [
        ({}, ()),
        ({}, (0, 2)),
        ({"state": "draft"}, (1,)),
        ({"state": "approved"}, (1,)),
        ({"state": "withdrawn"}, (1,)),
    ],
)
def test_a_deed_that_is_not_signed_or_whose_own_impact_was_not_assessed_agrees_nothing(by, changes, assessed):
    assert agreed(by, assessed=(1,))
    assert not agreed(replace(by, **changes), assessed=assessed)


def test_a_deed_that_sets_no_end_or_lifts_it_agrees_to_no_end():
    assert not agreed(replace(ENDS, sets_end=False))
    assert not agreed(replace(ENDS, end_on=None))
    assert not agreed(deed(1, schemes=(scheme(end_on=None),)))


@pytest.mark.parametrize("by", [DROPS, SHORTENS], ids=["drops", "shortens"])
def test_what_was_agreed_of_one_scheme_is_agreed_neither_of_another_nor_of_the_whole(by):
    assert not agreed(by, scheme="equipment")
    assert not agreed(by, scheme="")


def test_an_end_of_the_whole_lets_every_scheme_end_with_it():
    assert agreed(ENDS, scheme="")
    assert agreed(ENDS, scheme="equipment")


def test_without_a_scheme_the_whole_is_meant():
    assert was_agreed(record(deed(0), ENDS), {1}, last_day=LAST)
    assert not was_agreed(record(deed(0), DROPS), {1}, last_day=LAST)


def test_any_assessed_deed_counts_and_not_only_the_first():
    assert agreed(deed(1), replace(ENDS, number=2), assessed=(2,))


LATER = dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ENDS, deed(2, effective_on=LATER, sets_end=True, end_on=EFFECT)),
        (ENDS, deed(2, effective_on=LATER, sets_end=True, end_on=None)),
        (SHORTENS, deed(2, effective_on=LATER, schemes=(scheme(end_on=EFFECT),))),
        (replace(DROPS, effective_on=dt.date(2025, 1, 1)), deed(2, effective_on=LATER, schemes=(scheme(),))),
    ],
)
def test_an_end_that_a_later_deed_has_put_off_is_agreed_no_more(before, after):
    assert agreed(before)
    assert not agreed(before, after, assessed=(1,))
    assert not agreed(before, after, assessed=(1, 2))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ENDS, deed(2, effective_on=LATER, sets_end=True, end_on=LAST)),
        (SHORTENS, deed(2, effective_on=LATER, schemes=(scheme(end_on=LAST, services="Still more"),))),
        (SHORTENS, deed(2, effective_on=LATER, ended_schemes=("reablement",))),
        (ENDS, deed(2, effective_on=LATER)),
    ],
)
def test_what_was_agreed_stays_so_where_a_later_deed_says_it_again_or_nothing(before, after):
    assert agreed(before, after, assessed=(1,))


def test_the_harms_of_a_real_deed_are_read_from_what_it_changes():
    first = deed(0, joined=(joined(ICB), joined(COUNTY)), schemes=(scheme(lead=ICB),))
    second = deed(1, effective_on=EFFECT, ended_schemes=("reablement",))
    before, after = content_of(record(first), first), content_of(record(first, second), second)
    assert harms(before, after) == [ENDING_ONE]
    assert [each.what for each in differences(before, after)] == [What.REMOVED]
