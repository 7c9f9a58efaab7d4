"""Notice: how long it must be, who may end what once it has run out, and which dates come near."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from partnerships.rules.agreements.noticing import (
    DueDate,
    due_dates,
    ending_problems,
    giving_problems,
    months_after,
    notice_months_of,
    reminder_now,
    running_problems,
)
from partnerships.terms import AgreementState
from pooledcare.kernel.problems import Problem, Where
from tests.partnerships.agreement_values import DAY, content, deed, notice, record, scheme

TODAY = dt.date(2026, 6, 15)
LAST = dt.date(2026, 12, 15)  # six months from today
RUNS = record(deed(0, signed_on=dt.date(2012, 3, 1)))
HELD = content(notice_months=6)


# --- months ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2026, 6, 15), 0, dt.date(2026, 6, 15)),
        (dt.date(2026, 6, 15), 6, dt.date(2026, 12, 15)),
        (dt.date(2026, 6, 15), 7, dt.date(2027, 1, 15)),
        (dt.date(2026, 1, 15), -1, dt.date(2025, 12, 15)),
        (dt.date(2026, 12, 31), 12, dt.date(2027, 12, 31)),
        (dt.date(2026, 8, 31), 6, dt.date(2027, 2, 28)),
        (dt.date(2027, 8, 31), 6, dt.date(2028, 2, 29)),
        (dt.date(2026, 3, 31), 1, dt.date(2026, 4, 30)),
        (dt.date(2026, 3, 31), 120, dt.date(2036, 3, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(day, months, then):
    assert months_after(day, months) == then


@pytest.mark.parametrize(
    ("whole", "of_scheme", "asked", "months"),
    [
        (6, 3, "reablement", 3),
        (6, None, "reablement", 6),
        (None, 3, "reablement", 3),
        (None, None, "reablement", None),
        (6, 3, "", 6),
        (6, 3, "equipment", 6),
        (None, 3, "", None),
    ],
)
def test_a_scheme_has_its_own_notice_period_or_that_of_the_agreement(whole, of_scheme, asked, months):
    held = content(notice_months=whole, schemes=(scheme(notice_months=of_scheme),))
    assert notice_months_of(held, asked) == months


@pytest.mark.parametrize("state", AgreementState.values)
def test_only_an_agreement_that_runs_takes_notice(state):
    found = list(running_problems(record(state=state), "give notice"))
    label = AgreementState(state).label.lower()
    refused = [Problem("WRONG_STATE", f"You cannot give notice: the agreement is {label}")]
    assert found == ([] if state in ("signed", "in_operation", "notice_given") else refused)


# --- giving it -------------------------------------------------------------------------------------------------------


def giving(agreement=RUNS, held=HELD, **given: Any) -> list[str]:
    plain = {"scheme": "", "given_on": TODAY, "takes_effect_on": LAST, "today": TODAY}
    return [each.code for each in giving_problems(agreement, held, **plain | given)]


def test_notice_of_the_right_length_is_given():
    assert giving() == []


def test_an_agreement_that_is_over_takes_no_notice():
    assert giving(replace(RUNS, state="ended")) == ["WRONG_STATE"]


@pytest.mark.parametrize(("days", "codes"), [(-1, []), (0, []), (1, ["NOTICE_IN_FUTURE"])])
def test_notice_is_given_today_or_before(days, codes):
    assert giving(given_on=TODAY + days * DAY, takes_effect_on=LAST + 2 * DAY) == codes


@pytest.mark.parametrize("day", [-1, 0, 1])
@pytest.mark.parametrize(
    ("signed_on", "since", "begun"),
    [
        (dt.date(2012, 3, 1), dt.date(2012, 4, 1), dt.date(2012, 3, 1)),
        (dt.date(2012, 5, 1), dt.date(2012, 4, 1), dt.date(2012, 4, 1)),
        (dt.date(2012, 3, 1), None, dt.date(2012, 3, 1)),
        (None, dt.date(2012, 4, 1), dt.date(2012, 4, 1)),
        (None, None, TODAY),
    ],
)
def test_notice_is_not_given_before_the_agreement_was_signed_or_operated(day, signed_on, since, begun):
    made = record(deed(0, signed_on=signed_on), operating_since=since)
    given = {"scheme": "", "given_on": begun + day * DAY, "takes_effect_on": dt.date(2030, 1, 1)}
    found = [each for each in giving_problems(made, HELD, **given, today=TODAY) if each.code != "NOTICE_IN_FUTURE"]
    assert [each.code for each in found] == (["NOTICE_BEFORE_AGREEMENT"] if day < 0 else [])
    words = f"on {begun.day} {begun:%B} {begun.year}"
    assert all(each.message == f"Notice cannot be given before there is an agreement, {words}" for each in found)


def test_notice_is_given_on_a_scheme_that_there_is():
    assert giving(scheme="reablement") == []
    assert giving(scheme="equipment") == ["UNKNOWN_SCHEME"]


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize(
    ("months", "earliest", "whole"),
    [(6, LAST, "6 months"), (1, dt.date(2026, 7, 15), "1 month"), (2, dt.date(2026, 8, 15), "2 months"),
     (None, TODAY, "a day")],
)  # fmt: skip
def test_notice_runs_for_its_whole_period(days, months, earliest, whole):
    ends = earliest + days * DAY
    given = {"scheme": "", "given_on": TODAY, "takes_effect_on": ends, "today": TODAY}
    found = list(giving_problems(RUNS, replace(HELD, notice_months=months), **given))
    day = f"{earliest.day} {earliest:%B %Y}"
    short = Problem(
        "NOTICE_TOO_SHORT",
        f"The notice period is {whole}: given on 15 June 2026, it runs until at least {day}",
        where=Where(field="takes_effect_on"),
        value=ends.isoformat(),
        fix=f"Enter {day} or later. If shorter notice was served, record it as something that happened.",
    )
    assert found == ([short] if days < 0 else [])


def test_notice_on_a_scheme_runs_for_the_period_of_the_scheme():
    held = replace(HELD, schemes=(scheme(notice_months=3),))
    assert giving(held=held, scheme="reablement", takes_effect_on=dt.date(2026, 9, 15)) == []
    assert giving(held=held, scheme="", takes_effect_on=dt.date(2026, 9, 15)) == ["NOTICE_TOO_SHORT"]


@pytest.mark.parametrize(("days", "codes"), [(-1, []), (0, []), (1, ["NOTICE_AFTER_END"])])
def test_notice_runs_out_by_the_end_of_the_agreement(days, codes):
    assert giving(held=replace(HELD, end=LAST + DAY), takes_effect_on=LAST + DAY + days * DAY) == codes


def test_everything_wrong_with_a_notice_is_said_at_once_where_it_is_and_how_to_mend_it():
    given = {"scheme": "equipment", "given_on": TODAY + DAY, "takes_effect_on": TODAY + DAY, "today": TODAY}
    made = record(deed(0, signed_on=None), operating_since=None, state="draft")
    held = replace(HELD, end=TODAY)
    assert list(giving_problems(made, held, **given)) == [
        Problem("WRONG_STATE", "You cannot give notice: the agreement is draft"),
        Problem(
            "NOTICE_IN_FUTURE", "The day on which notice is given must be today or in the past",
            where=Where(field="given_on"), fix="Give the notice on the day on which you serve it.",
        ),
        Problem("UNKNOWN_SCHEME", "The scheme is not in the agreement on that day", where=Where(field="scheme")),
        Problem(
            "NOTICE_TOO_SHORT",
            "The notice period is 6 months: given on 16 June 2026, it runs until at least 16 December 2026",
            where=Where(field="takes_effect_on"), value="2026-06-16",
            fix="Enter 16 December 2026 or later. If shorter notice was served, record it as something "
            "that happened.",
        ),
        Problem(
            "NOTICE_AFTER_END", "The agreement already ends on 15 June 2026",
            where=Where(field="takes_effect_on"), fix="No notice is needed, or enter an earlier day.",
        ),
    ]  # fmt: skip
    early = {**given, "scheme": "", "given_on": TODAY - DAY, "takes_effect_on": LAST, "today": TODAY}
    assert list(giving_problems(replace(made, state="signed"), HELD, **early)) == [
        Problem(
            "NOTICE_BEFORE_AGREEMENT", "Notice cannot be given before there is an agreement, on 15 June 2026",
            where=Where(field="given_on"), fix="Correct the day on which notice was given.",
        )
    ]  # fmt: skip


# --- ending after it -------------------------------------------------------------------------------------------------


def ending(*notices, scheme: str = "", on: dt.date = TODAY, agreement=RUNS) -> list[Problem]:
    return list(ending_problems(agreement, notices, scheme=scheme, on=on, today=TODAY))


def no_notice(subject: str) -> list[Problem]:
    return [Problem("NO_NOTICE", f"There is no current notice on {subject}", fix="Give notice first.")]


@pytest.mark.parametrize(
    ("given_on", "ends", "refused"),
    [
        ("", "", []),
        ("reablement", "reablement", []),
        ("reablement", "", no_notice("the agreement")),
        ("reablement", "equipment", no_notice("the scheme")),
        ("", "reablement", no_notice("the scheme")),
    ],
)
def test_notice_ends_what_it_was_given_on_and_nothing_else(given_on, ends, refused):
    assert ending(notice(TODAY, given_on), scheme=ends) == refused


def test_without_notice_nothing_ends():
    assert ending() == no_notice("the agreement")
    assert ending(scheme="reablement") == no_notice("the scheme")


@pytest.mark.parametrize("scheme", ["", "reablement"])
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_it_ends_once_the_first_notice_has_run_out(scheme, days):
    runs_out = TODAY - 10 * DAY
    found = ending(
        notice(runs_out + 5 * DAY, scheme), notice(runs_out, scheme), scheme=scheme, on=runs_out + days * DAY
    )
    runs = Problem(
        "NOTICE_RUNS", "Notice does not run out before 5 June 2026",
        where=Where(field="on"), fix="Enter 5 June 2026 or later.",
    )  # fmt: skip
    assert found == ([runs] if days < 0 else [])


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_last_day_has_come(days):
    found = ending(notice(TODAY - 10 * DAY), on=TODAY + days * DAY)
    future = Problem("NOT_YET", "The last day must be today or in the past", where=Where(field="on"))
    assert found == ([future] if days > 0 else [])


def test_what_does_not_run_is_not_ended_after_notice():
    found = ending(notice(TODAY), agreement=replace(RUNS, state="expired"))
    assert found == [Problem("WRONG_STATE", "You cannot end it after notice: the agreement is expired")]


# --- what comes near -------------------------------------------------------------------------------------------------

END = dt.date(2027, 3, 31)
LAST_NOTICE = dt.date(2026, 9, 30)


def due(held, *notices) -> list[tuple[str, dt.date, str]]:
    return [(each.kind, each.due_on, each.scheme) for each in due_dates(held, notices)]


def test_an_agreement_without_end_or_review_has_no_dates():
    assert due(content()) == []


def test_reviews_end_and_the_last_day_for_notice_come_in_this_order():
    assert due(content(review_on=(TODAY, LAST), end=END, notice_months=6)) == [
        ("review", TODAY, ""),
        ("review", LAST, ""),
        ("expiry", END, ""),
        ("notice", LAST_NOTICE, ""),
    ]


@pytest.mark.parametrize(("end", "months"), [(None, 6), (END, None)])
def test_without_an_end_or_a_period_there_is_no_last_day_for_notice(end, months):
    assert due(content(end=end, notice_months=months)) == ([("expiry", end, "")] if end else [])


@pytest.mark.parametrize(
    ("by_notice", "expires"), [(END - DAY, END - DAY), (END, END), (END + DAY, END)],
)  # fmt: skip
def test_it_ends_by_notice_or_by_its_term_whichever_comes_first_and_needs_no_more_notice(by_notice, expires):
    assert due(content(end=END, notice_months=6), notice(by_notice + 9 * DAY), notice(by_notice)) == [
        ("expiry", expires, "")
    ]
    assert due(content(notice_months=6), notice(by_notice)) == [("expiry", by_notice, "")]


def test_a_notice_on_a_scheme_leaves_the_dates_of_the_whole():
    held = content(end=END, notice_months=6)
    assert due(held, notice(LAST, "reablement")) == [
        ("expiry", END, ""),
        ("notice", LAST_NOTICE, ""),
        ("expiry", LAST, "reablement"),
    ]
    assert due(held, notice(LAST, "equipment")) == [("expiry", END, ""), ("notice", LAST_NOTICE, "")]


def of_scheme(*notices, **values) -> list[tuple[str, dt.date, str]]:
    return due(content(notice_months=values.pop("whole", 6), schemes=(scheme(**values),)), *notices)


def test_a_scheme_with_an_end_of_its_own_has_its_own_dates():
    assert of_scheme(end_on=END) == [("expiry", END, "reablement"), ("notice", LAST_NOTICE, "reablement")]
    assert of_scheme(end_on=END, notice_months=3) == [
        ("expiry", END, "reablement"),
        ("notice", dt.date(2026, 12, 31), "reablement"),
    ]
    assert of_scheme(end_on=END, whole=None) == [("expiry", END, "reablement")]
    assert of_scheme() == []


@pytest.mark.parametrize("by_notice", [END - DAY, END, END + DAY])
def test_a_scheme_ends_by_its_own_notice_or_its_own_end_whichever_comes_first(by_notice):
    given = (notice(by_notice + 9 * DAY, "reablement"), notice(by_notice, "reablement"))
    assert of_scheme(*given, end_on=END) == [("expiry", min(by_notice, END), "reablement")]


def test_notice_on_the_whole_or_on_the_scheme_makes_more_notice_on_it_needless_and_notice_on_another_does_not():
    own = [("expiry", END, "reablement"), ("notice", LAST_NOTICE, "reablement")]
    assert of_scheme(notice(END, ""), end_on=END) == [("expiry", END, ""), own[0]]
    assert of_scheme(notice(END, "reablement"), end_on=END) == own[:1]
    assert of_scheme(notice(END, "equipment"), end_on=END) == own
    assert of_scheme(notice(END, "equipment"), notice(END, "reablement"), end_on=END) == own[:1]


def test_a_date_is_named_with_its_scheme_where_the_scheme_is_there():
    assert DueDate("expiry", END, "reablement").what(content()) == "Expiry of the scheme “Reablement”"
    assert DueDate("review", END).what(content()) == "Review"
    assert DueDate("notice", END, "equipment").what(content()) == "Last day to give notice"


@pytest.mark.parametrize(
    ("left", "lead"),
    [(-1, None), (0, 7), (6, 7), (7, 7), (8, 30), (29, 30), (30, 30), (31, 90), (90, 90), (91, None)],
)
def test_the_reminder_for_today_is_the_shortest_lead_that_was_reached(left, lead):
    assert reminder_now(DueDate("review", TODAY + left * DAY), TODAY, (90, 7, 30)) == lead
    assert reminder_now(DueDate("review", TODAY), TODAY, ()) is None
