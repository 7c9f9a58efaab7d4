"""Agreements as frozen values: reading one as at a day, what a hash covers, and what the law is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    Joined,
    PoolContent,
    SchemeClosed,
    What,
    content_as_at,
    content_before,
    content_hash,
    content_of,
    differences,
    facts_of,
    published,
    read_on,
)
from partnerships.terms import Audience
from tests.partnerships.agreement_values import CCG, COUNTY, ICB, PCT, SECOND, START, deed, scheme

ORIGINAL = deed(
    0,
    joined=(Joined(1, PCT, "commissioner", True), Joined(2, COUNTY, "commissioner", True)),
    schemes=(scheme(), scheme("equipment")),
    clauses=(("aims", "Fewer stays in hospital"),),
)
VARIATION = deed(1, ended_schemes=("equipment",), clauses=(("aims", "More people at home"),), sets_end=True)
SUCCESSORS = (
    Joined(3, CCG, "commissioner", True, dt.date(2013, 4, 1), 1),
    Joined(4, ICB, "commissioner", True, dt.date(2022, 7, 1), 3),
)
RECORD = AgreementRecord(1, "s75", "in_operation", START, None, False, (), (ORIGINAL, VARIATION), SUCCESSORS)


def partners_on(day: dt.date) -> list[str]:
    content = content_as_at(RECORD, day)
    assert content is not None
    return sorted(partner.body.code for partner in content.partners)


def test_nothing_can_be_read_before_the_first_day():
    assert content_as_at(RECORD, dt.date(2012, 3, 31)) is None


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (dt.date(2013, 3, 31), "5XX"),
        (dt.date(2013, 4, 1), "00X"),
        (dt.date(2022, 6, 30), "00X"),
        (dt.date(2022, 7, 1), "QXX"),
    ],
)
def test_a_successor_takes_the_place_of_a_partner_on_its_day(day: dt.date, code: str):
    assert partners_on(day) == sorted(["E10", code])


def test_the_text_reads_the_successor_where_it_named_the_predecessor():
    content = content_as_at(RECORD, dt.date(2022, 7, 1))
    assert content is not None
    assert content.schemes[0].lead == ICB
    assert content.schemes[0].functions[0].holder == ICB


def test_with_two_successors_the_text_is_left_as_it_is():
    other = Joined(5, replace(CCG, pk=9, code="01X"), "commissioner", True, dt.date(2013, 4, 1), 1)
    split = replace(RECORD, successors=(SUCCESSORS[0], other))
    content = content_as_at(split, dt.date(2014, 1, 1))
    assert content is not None
    assert [each.body.code for each in content.partners] == ["E10", "00X", "01X"]
    assert content.schemes[0].lead == PCT


def test_a_deed_has_effect_from_its_day_and_is_known_from_its_signing():
    before, after = content_as_at(RECORD, SECOND - dt.timedelta(1)), content_as_at(RECORD, SECOND)
    unknown = content_as_at(RECORD, SECOND, known_at=dt.date(2016, 4, 30))
    assert before
    assert after
    assert unknown
    assert [s.slug for s in before.schemes] == ["reablement", "equipment"]
    assert [s.slug for s in after.schemes] == ["reablement"]
    assert after.clause("aims") == "More people at home"
    assert unknown.clause("aims") == "Fewer stays in hospital"


def test_the_public_reads_only_deeds_that_every_partner_has_published():
    content = content_as_at(RECORD, SECOND, audience=Audience.PUBLIC)
    assert content is not None
    assert content.clause("aims") == "Fewer stays in hospital"
    assert [each.number for each in published(RECORD).deeds] == [0]
    hidden = replace(RECORD, deeds=(replace(ORIGINAL, published_on=None), VARIATION))
    assert content_as_at(hidden, SECOND, audience=Audience.PUBLIC) is None


def test_nobody_is_read_in_the_place_of_a_partner_whose_deed_is_not_published():
    trust = Body(7, "RXX", "Mereshire Trust", "nhs_trust")
    heirs = (
        Joined(6, replace(trust, pk=8, code="RYY"), "provider", True, dt.date(2017, 4, 1), 5),
        Joined(7, replace(trust, pk=9, code="RZZ"), "provider", True, dt.date(2018, 4, 1), 6),
    )
    joining = replace(VARIATION, joined=(Joined(5, trust, "provider", True),))
    hidden = replace(RECORD, deeds=(ORIGINAL, joining), successors=(*SUCCESSORS, *heirs))
    day = dt.date(2019, 4, 1)
    for content in (content_as_at(hidden, day, audience=Audience.PUBLIC), content_as_at(published(hidden), day)):
        assert content is not None
        assert [each.body.code for each in content.partners] == ["E10", "00X"]
    everything = content_as_at(hidden, day)
    assert everything is not None
    assert [each.body.code for each in everything.partners] == ["E10", "00X", "RZZ"]
    assert published(hidden).successors == SUCCESSORS


def test_an_unsigned_agreement_reads_for_its_partners_as_its_text_stands():
    draft = replace(RECORD, deeds=(replace(ORIGINAL, state="draft", signed_on=None, published_on=None),))
    content = content_as_at(draft, START)
    assert content is not None
    assert content.title == "Mereshire joint arrangements"
    assert content_as_at(draft, START, audience=Audience.PUBLIC) is None


def test_an_open_deed_counts_from_its_own_day_as_if_it_were_signed():
    trust = Joined(5, Body(7, "RXX", "Mereshire Trust", "nhs_trust"), "provider", True)
    open_deed = replace(VARIATION, state="draft", signed_on=None, joined=(trust,))
    drafted = replace(RECORD, deeds=(ORIGINAL, open_deed))
    before = content_as_at(drafted, SECOND - dt.timedelta(1), including=1)
    after = content_as_at(drafted, SECOND, including=1)
    assert before
    assert after
    assert [each.body.code for each in before.partners] == ["E10", "00X"]
    assert [each.body.code for each in after.partners] == ["E10", "00X", "RXX"]
    facts = facts_of(drafted, including=1)
    assert facts
    assert {partner.start for partner in facts.partners if partner.key == "RXX"} == {SECOND}
    undated = replace(RECORD, deeds=(ORIGINAL, replace(open_deed, effective_on=None)))
    assert [each.body.code for each in content_of(undated, undated.deeds[1]).partners] == ["E10", "QXX", "RXX"]


def test_a_scheme_that_ended_in_the_world_is_gone_the_day_after():
    closed = replace(RECORD, closures=(SchemeClosed("reablement", dt.date(2018, 3, 31)),))
    there, gone = content_as_at(closed, dt.date(2018, 3, 31)), content_as_at(closed, dt.date(2018, 4, 1))
    assert there
    assert gone
    assert (len(there.schemes), len(gone.schemes)) == (1, 0)


def test_any_edit_of_the_text_changes_the_hash_and_a_new_name_of_a_body_does_not():
    whole = content_hash(RECORD, VARIATION)
    edited = replace(VARIATION, clauses=(("aims", "More people at home."),))
    assert content_hash(replace(RECORD, deeds=(ORIGINAL, edited)), edited) != whole
    county = Joined(2, replace(COUNTY, name="New"), "commissioner", True)
    renamed = replace(ORIGINAL, joined=(ORIGINAL.joined[0], county))
    assert content_hash(replace(RECORD, deeds=(renamed, VARIATION)), VARIATION) == whole


def test_what_a_deed_changes_is_readable():
    found = differences(content_before(RECORD, VARIATION), content_of(RECORD, VARIATION))
    assert [(each.group, each.name, each.what) for each in found] == [
        ("Scheme", "Equipment", What.REMOVED),
        ("Clause", "Aims and outcomes", What.CHANGED),
    ]
    assert found[1].fields[0].before == "Fewer stays in hospital"


def test_a_scheme_is_shown_with_the_name_of_its_fund_and_a_renamed_fund_changes_no_scheme():
    fund = PoolContent(1, "community", "Community fund", "pooled", PCT, "", None, "", "", None, "", "")
    first = replace(ORIGINAL, pools=(fund,), schemes=(scheme(pool="community"),))
    whole = content_of(replace(RECORD, deeds=(first,)), first)
    shown = next(each for each in differences(None, whole) if each.group == "Scheme")
    assert "Community fund" in [field.after for field in shown.fields if field.label == "Fund"]
    renamed = replace(whole, pools=(replace(fund, name="Home fund"),))
    assert [each.group for each in differences(whole, renamed)] == ["Fund"]


def test_the_law_is_asked_about_every_partner_and_service_on_its_days():
    facts = facts_of(RECORD)
    assert facts is not None
    days = {partner.key: (partner.start, partner.end) for partner in facts.partners}
    assert days["5XX"] == (START, dt.date(2013, 3, 31))
    assert days["00X"] == (dt.date(2013, 4, 1), dt.date(2022, 6, 30))
    assert days["QXX"] == (dt.date(2022, 7, 1), None)
    assert days["E10"] == (START, None)
    assert facts.variations == {SECOND}
    assert facts.successions == {dt.date(2013, 4, 1), dt.date(2022, 7, 1)}
    held = sorted((service.holder, service.start, service.end) for service in facts.services)
    assert ("pct", START, dt.date(2013, 3, 31)) in held


def test_an_agreement_without_a_first_day_cannot_be_judged():
    assert facts_of(replace(RECORD, deeds=(replace(ORIGINAL, state="draft", effective_on=None),))) is None


def test_a_body_that_succeeds_two_partners_is_one_partner_and_leaves_as_one():
    other = Joined(6, replace(CCG, pk=9, code="01X"), "provider", False)
    first = replace(ORIGINAL, joined=(Joined(1, CCG, "commissioner", False), ORIGINAL.joined[1], other))
    since = dt.date(2022, 7, 1)
    heirs = (Joined(7, ICB, "commissioner", False, since, 1), Joined(8, ICB, "provider", True, since, 6))
    merged = replace(RECORD, deeds=(first,), successors=heirs)
    content = content_as_at(merged, since)
    assert content is not None
    assert [(each.pk, each.body.code, each.contributes) for each in content.partners] == [
        (2, "E10", True),
        (7, "QXX", True),
    ]
    leaving = deed(1, effective_on=dt.date(2024, 4, 1), left=(7,))
    after = content_as_at(replace(merged, deeds=(first, leaving)), dt.date(2024, 4, 1))
    assert after is not None
    assert [each.body.code for each in after.partners] == ["E10"]


def test_a_partner_that_leaves_and_joins_anew_by_one_deed_stays():
    changed = replace(VARIATION, left=(2,), joined=(Joined(9, COUNTY, "provider", True),))
    content = content_as_at(replace(RECORD, deeds=(ORIGINAL, changed)), SECOND)
    assert content is not None
    assert {each.body.code: each.role for each in content.partners} == {"00X": "commissioner", "E10": "provider"}


def test_an_agreement_that_was_withdrawn_can_still_be_read_by_its_drafters_alone():
    gone = replace(RECORD, deeds=(replace(ORIGINAL, state="withdrawn", signed_on=None, published_on=None),))
    assert content_as_at(gone, START) is not None
    assert content_as_at(gone, START, audience=Audience.PUBLIC) is None


def test_a_draft_that_says_a_day_before_the_agreement_is_read_on_its_first_day():
    early = replace(VARIATION, state="draft", effective_on=START - dt.timedelta(1), signed_on=None, published_on=None)
    record = replace(RECORD, deeds=(ORIGINAL, early))
    before = content_before(record, early)
    assert before is not None
    assert before.title == content_of(record, early).title == "Mereshire joint arrangements"


def test_what_cannot_be_read_is_our_mistake_and_said_so():
    broken = replace(ORIGINAL, effective_on=None)
    record = replace(RECORD, deeds=(broken, VARIATION))
    with pytest.raises(ValueError, match="Agreement 1 cannot be read"):
        read_on(record, START)
    with pytest.raises(ValueError, match="Deed 1 cannot be read"):
        content_of(record, VARIATION)
