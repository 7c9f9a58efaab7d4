"""Differences marked word by word, membership periods of partners, and the words of a paper: without the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from partnerships.documents.committee_paper import FOR_PARTNERS, OPEN, paper_of
from partnerships.rules.agreements import Content, FunctionContent, Joined, PlaceNamed, PoolContent, content_as_at
from partnerships.rules.agreements.membership import MembershipPeriod, membership_periods
from partnerships.rules.law import Finding
from partnerships.tables.word_changes import MOST_WORDS, pieces
from partnerships.terms import Confidence, FindingSeverity, Outcome
from tests.partnerships.test_agreement_reading import (
    CCG,
    COUNTY,
    ICB,
    ORIGINAL,
    RECORD,
    START,
    SUCCESSORS,
    VARIATION,
    scheme,
)

WORDS = st.lists(st.sampled_from(["the", "partners", "pool", "money,", "and", "staff.\n\n"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_nothing_is_lost_between_two_wordings(before: str, after: str):
    found = pieces(before, after)
    assert "".join(each.text for each in found if each.kind != "new") == before
    assert "".join(each.text for each in found if each.kind != "gone") == after


@given(WORDS)
def test_the_same_wording_has_nothing_marked(text: str):
    assert {each.kind for each in pieces(text, text)} <= {"same"}


def test_very_long_and_very_different_texts_stand_side_by_side():
    long = "word " * (MOST_WORDS + 1)
    assert [each.kind for each in pieces(long, f"{long}more")] == ["gone", "new"]
    assert [each.kind for each in pieces("six months", "a year after signing")] == ["gone", "new"]


def test_partners_have_their_days_and_their_predecessors():
    periods = {each.body.code: each for each in membership_periods(RECORD)}
    assert (periods["5XX"].since, periods["5XX"].until) == (START, dt.date(2013, 3, 31))
    assert (periods["00X"].since, periods["00X"].until) == (dt.date(2013, 4, 1), dt.date(2022, 6, 30))
    assert periods["QXX"].succeeds is not None
    assert periods["QXX"].succeeds.code == "00X"
    assert periods["E10"].until is None
    assert periods["E10"].deed == 0


def test_who_leaves_by_a_signed_deed_was_there_until_the_day_before_and_an_open_deed_ends_nothing():
    leaving = replace(VARIATION, left=(2,))
    signed = replace(RECORD, deeds=(ORIGINAL, leaving))
    assert {each.body.code: each.until for each in membership_periods(signed)}["E10"] == dt.date(2016, 3, 31)
    drafted = replace(RECORD, deeds=(ORIGINAL, replace(leaving, state="draft", signed_on=None)))
    assert {each.body.code: each.until for each in membership_periods(drafted)}["E10"] is None


def test_everybody_was_there_until_the_agreement_ended():
    ended = replace(RECORD, ended_on=dt.date(2024, 3, 31))
    assert {each.body.code: each.until for each in membership_periods(ended)}["QXX"] == dt.date(2024, 3, 31)


def test_the_heirs_of_a_partner_whose_deed_is_not_known_are_no_partners():
    stranger = Joined(9, ICB, "provider", True, dt.date(2020, 1, 1), 99)
    known = replace(RECORD, deeds=(ORIGINAL,), successors=(*SUCCESSORS, stranger))
    assert sum(each.body == ICB for each in membership_periods(known)) == 1
    assert COUNTY in [each.body for each in membership_periods(known)]


# --- a whole paper, in its words -------------------------------------------------------------------------------------

DAY = dt.date(2016, 6, 1)
PLACES = (PlaceNamed(1, "mere", "Mere"), PlaceNamed(2, "moor", "The Moor"))
FUND = PoolContent(
    pk=1, slug="aids", name="Aids", kind="pooled", host=COUNTY, manager="Head of care", manager_employer=COUNTY,
    vat_structure="", vat_regime="", irrecoverable_vat=None, vat_advice="", accounting="",
)  # fmt: skip


def page_of(**fields: Any) -> Any:
    """As much of the page of an agreement as its paper looks at."""
    of_agreement = {
        "reference": "S75-0001", "is_illustrative": False, "ended_on": None, "operating_since": None,
        "is_operating_unsigned": False,
    }  # fmt: skip
    given = {"state": "in_operation", "is_operating_unsigned": False, "known_at": None, "title": "Joint arrangements"}
    given |= fields
    summary = SimpleNamespace(state=given["state"], is_operating_unsigned=given["is_operating_unsigned"])
    agreement = SimpleNamespace(**of_agreement | {k: v for k, v in given.items() if k in of_agreement})
    return SimpleNamespace(
        agreement=agreement,
        summary=summary,
        title=given["title"],
        day=DAY,
        known_at=given["known_at"],
        is_partner=False,
    )


def read(**fields: Any) -> Content:
    content = content_as_at(RECORD, DAY)
    assert content is not None
    return replace(content, **fields)


def finding(outcome: Outcome, number: int) -> Finding:
    words = {"sentence": f"Sentence {number}.", "provision": f"regulation {number}", "instrument": "x"}
    sure = {"severity": FindingSeverity.NOTE, "confidence": Confidence.INSTRUMENT}
    return Finding(on=DAY, about="scheme", rule=f"rule-{number}", outcome=outcome, **words, **sure)


def sections(page: Any, content: Content, **given: Any) -> dict[str, list[str]]:
    empty: dict[str, Any] = {"findings": [], "periods": [], "deeds": [], "printed_on": dt.date(2026, 6, 15)}
    paper = paper_of(page, content, **empty | given)
    return {each.heading: [paragraph.text for paragraph in each.blocks] for each in paper.sections}


def test_the_heads_of_a_paper():
    plain = paper_of(page_of(), read(places=PLACES), findings=[], periods=[], deeds=[], printed_on=dt.date(2026, 6, 15))
    assert (plain.title, plain.terms) == (
        "Joint arrangements",
        [
            ("Agreement", "S75-0001"),
            ("Partners", "Mereshire County Council; NHS Mereshire Clinical Commissioning Group"),
            ("Places", "Mere; The Moor"),
            ("Status", "In operation"),
            ("As at", "1 June 2016"),
            ("Printed", "15 June 2026"),
            ("Who may read it", OPEN),
        ],
    )
    assert (plain.classification, plain.source) == (OPEN, "PooledCare")
    assert (plain.as_at, plain.printed_on) == (DAY, dt.date(2026, 6, 15))
    page = page_of(state="draft", is_operating_unsigned=True, is_illustrative=True)
    page.is_partner = True
    bare = paper_of(page, read(partners=()), findings=[], periods=[], deeds=[], printed_on=DAY)
    assert bare.classification == FOR_PARTNERS
    assert bare.terms[-1] == ("Who may read it", FOR_PARTNERS)
    assert bare.terms[1:5] == [
        ("Illustrative", "Invented for the demonstration; not an agreement of any real organisation"),
        ("Partners", "None yet"), ("Places", "None named"), ("Status", "Draft; operating unsigned"),
    ]  # fmt: skip


def test_a_section_with_nothing_in_it_is_left_out_and_one_on_funds_and_schemes_never():
    bare = read(clauses=(), pools=(), schemes=(), review_on=(), notice_months=None)
    assert sections(page_of(), bare) == {
        "What this paper is about": [
            "This paper sets out the agreement “Joint arrangements” (S75-0001), between: Mereshire County"
            " Council; NHS Mereshire Clinical Commissioning Group.",
            "It describes the agreement as at 1 June 2016.",
        ],
        "Legal basis": [
            "The partners act under Section 75, NHS Act 2006.",
            "No flexibility is named.",
            "PooledCare finds 0 lawful, 0 unlawful and 0 not settled. This is a reading of public instruments and not"
            " legal advice.",
        ],
        "Term, notice and review": [
            "Term: From 1 April 2012, no end is set.", "Notice: No period is set.", "No day of review is set.",
            "In operation: not yet.",
        ],
        "Funds": ["The agreement sets up no fund."],
        "Schemes": ["The agreement names no scheme."],
    }  # fmt: skip


def test_a_paper_of_what_was_known_on_a_day_says_so():
    said = sections(page_of(known_at=dt.date(2016, 5, 2)), read(partners=()))["What this paper is about"]
    assert said[0].endswith("between: no partner yet.")
    assert said[2:] == ["Deeds signed after 2 May 2016 are left out."]


def test_the_law_counts_what_it_finds_and_spells_out_what_is_not_lawful():
    lawful, unlawful, unsettled = Outcome.LAWFUL, Outcome.UNLAWFUL, Outcome.NOT_SETTLED
    outcomes = [lawful, unlawful, unsettled, lawful, unsettled, lawful]
    found = [finding(outcome, number) for number, outcome in enumerate(outcomes, 1)]
    said = sections(page_of(), read(), findings=iter(found))["Legal basis"]
    assert said[1:] == [
        "Flexibilities: Pooled fund.",
        "PooledCare finds 3 lawful, 1 unlawful and 2 not settled. This is a reading of public instruments and not legal"
        " advice.",
        "Unlawful: Sentence 2. (regulation 2)", "Not settled: Sentence 3. (regulation 3)",
        "Not settled: Sentence 5. (regulation 5)",
    ]  # fmt: skip


def test_the_term_and_when_it_began():
    content = read(end=dt.date(2028, 3, 31), review_on=(dt.date(2026, 10, 1), dt.date(2027, 10, 1)))
    assert sections(page_of(operating_since=START), content)["Term, notice and review"] == [
        "Term: 1 April 2012 to 31 March 2028.", "Notice: 6 months.", "Review: 1 October 2026; 1 October 2027.",
        "In operation: since 1 April 2012.",
    ]  # fmt: skip


def test_partners_are_those_of_the_day_with_what_they_do():
    period = MembershipPeriod(ICB, "provider", True, None, None, 1, None, True)
    periods = [
        replace(period, body=COUNTY, role="commissioner", contributes=False, since=START),
        replace(period, since=dt.date(2013, 4, 1), succeeds=CCG),
        period,
        replace(period, until=DAY - dt.timedelta(days=1)),
        replace(period, since=DAY + dt.timedelta(days=1)),
        replace(period, since=DAY, until=DAY),
    ]
    name = "NHS Mereshire Integrated Care Board (provides services; contributes)"
    assert sections(page_of(), read(), periods=periods)["The partners"] == [
        "Mereshire County Council (commissions services; does not contribute) since 1 April 2012.",
        f"{name} since 1 April 2013, in place of NHS Mereshire Clinical Commissioning Group.",
        f"{name}.", f"{name} since 1 June 2016.",
    ]  # fmt: skip


def test_funds_say_who_hosts_and_who_manages():
    bare = replace(FUND, name="Beds", kind="aligned", host=None, manager="")
    assert sections(page_of(), read(pools=(FUND, bare)))["Funds"] == [
        "Aids (pooled fund): hosted by Mereshire County Council; managed by the Head of care.",
        "Beds (aligned fund): no host named; no pool manager named.",
    ]


def test_schemes_say_what_they_hold_who_leads_and_until_when():
    whole = scheme(
        "home", lead=COUNTY, end_on=dt.date(2027, 3, 31), notice_months=1,
        flexibilities=("pooled_fund", "nhs_exercises_council_functions"),
        functions=(
            FunctionContent("nhs-s3", "Services under section 3", None, (), ""),
            FunctionContent("care", "Care", None, (), ""),
        ),
    )  # fmt: skip
    bare = scheme("bare", lead=None, flexibilities=(), functions=())
    assert sections(page_of(), read(schemes=(whole, bare)))["Schemes"] == [
        "Home. Functions: Services under section 3; Care. Flexibilities: Pooled fund; NHS body exercises council"
        " functions. Lead: Mereshire County Council. Until 31 March 2027. Notice: 1 month.",
        "Bare. Functions: none named. Flexibilities: none named.",
    ]


def test_clauses_are_paragraphs_the_first_with_the_heading():
    content = read(clauses=(("aims", "Fewer stays.\n\n More at home. \n"), ("exit", "")))
    assert sections(page_of(), content)["Written terms"] == [
        "Aims and outcomes: Fewer stays.", "More at home.", "Exit: staff, contracts, assets and costs: ",
    ]  # fmt: skip


def test_deeds_say_when_they_have_effect_and_were_signed():
    open_deed = replace(VARIATION, effective_on=None, signed_on=None, summary="Adds beds.")
    deeds = [SimpleNamespace(deed=each) for each in (ORIGINAL, VARIATION, open_deed)]
    assert sections(page_of(), read(), deeds=deeds)["Deeds"] == [
        "The agreement, with effect from 1 April 2012, signed on 1 March 2012.",
        "Deed 1: deed of variation, with effect from 1 April 2016, signed on 1 May 2016.",
        "Deed 1: deed of variation, not signed. Adds beds.",
    ]
