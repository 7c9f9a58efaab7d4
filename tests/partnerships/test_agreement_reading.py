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
    deeds_in_effect,
    differences,
    facts_of,
    known_by,
    published,
    read_on,
)
from partnerships.rules.agreements.reading import partners_of
from partnerships.terms import Audience, ClauseKind
from tests.partnerships.agreement_values import (
    CCG,
    COUNTY,
    DAY,
    ICB,
    PCT,
    SECOND,
    START,
    TRUST,
    deed,
    joined,
    pool,
    record,
    scheme,
)

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
    with pytest.raises(ValueError, match=r"^Agreement 1 cannot be read\.$"):
        read_on(record, START)
    with pytest.raises(ValueError, match=r"^Deed 1 cannot be read without the agreement\.$"):
        content_of(record, VARIATION)


# --- which deeds count -----------------------------------------------------------------------------------------------

FIRST = deed(0, joined=(joined(ICB), joined(COUNTY)))


def in_effect(*later, day: dt.date = SECOND, **asked) -> list[int]:
    return [each.number for each in deeds_in_effect(record(FIRST, *later), day, **asked)]


@pytest.mark.parametrize(("days", "numbers"), [(-1, [0]), (0, [0, 1]), (1, [0, 1])])
def test_a_signed_deed_has_effect_from_its_first_day(days, numbers):
    assert in_effect(deed(1), day=SECOND + days * DAY) == numbers
    draft = deed(1, state="draft", signed_on=None)
    assert in_effect(draft, day=SECOND + days * DAY, including=1) == numbers


@pytest.mark.parametrize("state", ["draft", "changes_requested", "approved", "withdrawn"])
def test_what_is_not_signed_has_no_effect_unless_it_is_open_and_asked_for(state):
    unsigned = deed(1, state=state, signed_on=None)
    assert in_effect(unsigned) == [0]
    assert in_effect(unsigned, including=2) == [0]
    assert in_effect(unsigned, including=1) == ([0] if state == "withdrawn" else [0, 1])


def test_an_open_deed_without_a_first_day_has_effect_on_the_last_day_of_all_alone():
    undated = deed(1, state="draft", effective_on=None, signed_on=None)
    assert in_effect(undated, including=1, day=dt.date.max - DAY) == [0]
    assert in_effect(undated, including=1, day=dt.date.max) == [0, 1]
    assert in_effect(deed(1, effective_on=None), day=dt.date.max) == [0]


@pytest.mark.parametrize(("days", "numbers"), [(-1, [0]), (0, [0, 1]), (1, [0, 1])])
def test_a_deed_is_known_from_the_day_of_its_signing(days, numbers):
    signed_on = dt.date(2016, 5, 1)
    assert in_effect(deed(1, signed_on=signed_on), known_at=signed_on + days * DAY) == numbers
    assert in_effect(deed(1, signed_on=None), known_at=dt.date.max) == [0]


def test_the_public_is_shown_published_deeds_and_partners_all():
    unpublished, public = deed(1), deed(2, published_on=SECOND)
    assert in_effect(unpublished, public, audience=Audience.PUBLIC) == [0, 2]
    assert in_effect(unpublished, public) == [0, 1, 2]


def test_deeds_are_laid_over_each_other_by_their_first_day_and_then_by_number():
    early, late, same = deed(3, effective_on=START + DAY), deed(1), deed(2)
    assert in_effect(same, late, early) == [0, 3, 1, 2]


def test_the_first_deed_is_read_on_any_day_where_it_is_asked_for():
    for state in ("draft", "withdrawn"):
        unsigned = replace(FIRST, state=state, signed_on=None)
        assert [each.number for each in deeds_in_effect(record(unsigned), START - DAY, including=0)] == [0]


def test_an_unsigned_agreement_reads_as_its_text_stands_unless_something_else_is_asked():
    draft = record(replace(FIRST, state="draft", signed_on=None))
    assert content_as_at(draft, START - DAY) is not None
    assert content_as_at(draft, START, known_at=dt.date.max) is None
    assert content_as_at(draft, START, including=1) is None
    assert content_as_at(record(FIRST), START - DAY) is None


def test_before_a_deed_there_is_what_it_varies_and_before_the_first_there_is_nothing():
    second = deed(1, title="Wider")
    assert content_before(record(FIRST, replace(second, effective_on=START)), FIRST) is None
    before = content_before(record(FIRST, second, deed(2, title="Widest", effective_on=SECOND + DAY)), second)
    assert before is not None
    assert before.title == "Mereshire joint arrangements"
    draft = replace(FIRST, state="draft")
    assert content_before(record(draft, second), second) is None


# --- what they say together ------------------------------------------------------------------------------------------


def reads(*later, day: dt.date = SECOND, first=FIRST, **of_record):
    found = content_as_at(record(first, *later, **of_record), day)
    assert found is not None
    return found


END = dt.date(2030, 3, 31)
BOUND = replace(
    FIRST, sets_end=True, end_on=END, review_on=(SECOND, START), pools=(pool(), pool("equipment")),
    schemes=(scheme(), scheme("equipment")), clauses=(("exit", "Exit"), ("aims", "Aims"), ("disputes", "")),
)  # fmt: skip


def test_an_agreement_by_itself_reads_as_it_says():
    content = reads(first=BOUND)
    assert (content.title, content.power, content.start) == ("Mereshire joint arrangements", "s75", START)
    assert (content.end, content.notice_months, content.review_on) == (END, 6, (START, SECOND))
    assert [each.slug for each in (*content.pools, *content.schemes)] == [
        "community",
        "equipment",
        "reablement",
        "equipment",
    ]
    assert content.clauses == (("aims", "Aims"), ("exit", "Exit"))


def test_a_deed_that_says_nothing_leaves_everything():
    assert reads(deed(1), first=BOUND) == reads(first=BOUND)


def test_before_anybody_has_said_anything_there_is_nothing():
    content = reads(first=replace(FIRST, title="", notice_months=None))
    assert (content.title, content.end, content.notice_months, content.review_on) == ("", None, None, ())
    assert (content.pools, content.schemes, content.clauses) == ((), (), ())


@pytest.mark.parametrize(
    ("says", "field", "value"),
    [
        ({"title": "Wider"}, "title", "Wider"),
        ({"sets_end": True, "end_on": END + DAY}, "end", END + DAY),
        ({"sets_end": True, "end_on": None}, "end", None),
        ({"sets_end": False, "end_on": END + DAY}, "end", END),
        ({"notice_months": 3}, "notice_months", 3),
        ({"review_on": ()}, "review_on", ()),
        ({"review_on": (END, SECOND)}, "review_on", (SECOND, END)),
        ({"clauses": (("aims", "More"),)}, "clauses", (("aims", "More"), ("exit", "Exit"))),
        ({"clauses": (("aims", ""),)}, "clauses", (("exit", "Exit"),)),
    ],
)
def test_a_later_deed_says_otherwise_of_one_thing_alone(says, field, value):
    assert reads(deed(1, **says), first=BOUND) == replace(reads(first=BOUND), **{field: value})


def test_clauses_are_read_in_the_order_of_their_kinds():
    backwards = tuple((kind, "x") for kind in reversed(ClauseKind.values))
    assert [kind for kind, _ in reads(first=replace(FIRST, clauses=backwards)).clauses] == ClauseKind.values


def test_funds_and_schemes_are_changed_added_and_dropped_by_their_address():
    later = deed(
        1, pools=(pool(manager="Head"), pool("new")), closed_pools=("equipment", "unknown"),
        schemes=(scheme(aims="More"), scheme("new")), ended_schemes=("equipment", "unknown"),
    )  # fmt: skip
    content = reads(later, first=BOUND)
    assert [(each.slug, each.manager) for each in content.pools] == [("community", "Head"), ("new", "")]
    assert [(each.slug, each.aims) for each in content.schemes] == [("reablement", "More"), ("new", "")]
    again = reads(later, deed(2, pools=(pool("equipment"),)), first=BOUND)
    assert [each.slug for each in again.pools] == ["community", "new", "equipment"]


@pytest.mark.parametrize(("days", "slugs"), [(0, ["reablement", "equipment"]), (1, ["equipment"]), (2, ["equipment"])])
def test_a_scheme_that_was_closed_is_there_on_its_last_day_alone(days, slugs):
    content = reads(first=BOUND, day=SECOND + days * DAY, closures=(SchemeClosed("reablement", SECOND),))
    assert [each.slug for each in content.schemes] == slugs


def test_what_is_asked_of_a_content_by_name_is_found_or_empty():
    content = reads(first=BOUND)
    assert (content.clause("exit"), content.clause("charging")) == ("Exit", "")
    assert (content.pool("equipment"), content.pool("none")) == (pool("equipment"), None)
    assert (content.scheme("equipment"), content.scheme("none")) == (scheme("equipment"), None)
    assert content.flexibilities == {"pooled_fund"}
    assert content.function_codes == {"nhs-s3"}


# --- who is read in whose place --------------------------------------------------------------------------------------

HEIR = Body(20, "QYY", "NHS Wider Board", "icb")
OTHER = Body(21, "QZZ", "NHS Other Board", "icb")
HOSTED = replace(FIRST, pools=(pool(host=ICB, manager_employer=COUNTY),), schemes=(scheme(lead=ICB),))


def heir(body: Body, of: int, since: dt.date | None = SECOND, **values) -> Joined:
    return joined(body, since=since, succeeds=of, **values)


@pytest.mark.parametrize(("days", "body"), [(-1, ICB), (0, HEIR), (1, HEIR)])
def test_a_successor_is_read_in_the_place_of_a_body_from_its_first_day(days, body):
    content = reads(first=HOSTED, day=SECOND + days * DAY, successors=(heir(HEIR, ICB.pk),))
    assert (content.pools[0].host, content.schemes[0].lead) == (body, body)
    assert content.pools[0].manager_employer == COUNTY
    assert content.schemes[0].functions[0].holder == PCT
    assert [each.body for each in content.partners] == ([ICB, COUNTY] if days < 0 else [COUNTY, HEIR])


def test_the_employer_and_the_holder_are_read_as_their_successor_too():
    first = replace(HOSTED, joined=(joined(PCT), joined(COUNTY)))
    content = reads(first=first, successors=(heir(HEIR, COUNTY.pk), heir(OTHER, PCT.pk)))
    assert content.pools[0].manager_employer == HEIR
    assert content.schemes[0].functions[0].holder == OTHER
    assert content.pools[0].host == ICB


def test_where_nobody_is_named_no_successor_is_read():
    first = replace(FIRST, pools=(pool(host=None),), schemes=(scheme(lead=None),))
    content = reads(first=first, successors=(heir(HEIR, ICB.pk),))
    assert (content.pools, content.schemes) == (first.pools, first.schemes)


def test_a_successor_without_a_day_or_of_nobody_here_is_read_nowhere():
    for nobody in (heir(HEIR, ICB.pk, since=None), heir(HEIR, 99)):
        content = reads(first=HOSTED, successors=(nobody,))
        assert [each.body for each in content.partners] == [ICB, COUNTY]
        assert content.pools[0].host == ICB


def test_the_last_in_a_line_of_successors_is_read():
    line = (heir(HEIR, ICB.pk, SECOND - DAY), heir(OTHER, HEIR.pk))
    content = reads(first=HOSTED, successors=line)
    assert content.pools[0].host == OTHER
    (found,) = [each for each in content.partners if each.body == OTHER]
    assert (found.pk, found.since, found.succeeds) == (OTHER.pk, SECOND, HEIR)
    assert [each.body for each in content.partners] == [COUNTY, OTHER]


def test_two_successors_leave_the_text_as_it_is_and_twice_the_same_one_does_not():
    two = (heir(HEIR, ICB.pk), heir(OTHER, ICB.pk))
    assert reads(first=HOSTED, successors=two).pools[0].host == ICB
    twice = (heir(HEIR, ICB.pk), heir(HEIR, ICB.pk, pk=30))
    assert reads(first=HOSTED, successors=twice).pools[0].host == HEIR


def test_a_line_of_successors_that_comes_back_to_its_beginning_ends():
    line = (heir(HEIR, ICB.pk), heir(ICB, HEIR.pk, pk=40))
    assert reads(first=HOSTED, successors=line).pools[0].host in (ICB, HEIR)


# --- partners --------------------------------------------------------------------------------------------------------


def partners(*later, successors: tuple[Joined, ...] = (), day: dt.date = SECOND, first=FIRST) -> list[str]:
    return [each.body.code for each in reads(*later, first=first, successors=successors, day=day).partners]


def test_partners_carry_their_part_the_day_they_joined_and_whom_they_succeed():
    trust = joined(TRUST, role="provider", contributes=False)
    found = reads(deed(1, joined=(trust,)), successors=(heir(HEIR, ICB.pk, SECOND - DAY, contributes=False),)).partners
    assert [(each.pk, each.body, each.role, each.contributes, each.since, each.succeeds) for each in found] == [
        (COUNTY.pk, COUNTY, "commissioner", True, START, None),
        (TRUST.pk, TRUST, "provider", False, SECOND, None),
        (HEIR.pk, HEIR, "commissioner", False, SECOND - DAY, ICB),
    ]


@pytest.mark.parametrize(("days", "codes"), [(-1, ["QXX", "E10"]), (0, ["QXX"]), (1, ["QXX"])])
def test_who_leaves_by_a_deed_is_gone_on_its_first_day(days, codes):
    assert partners(deed(1, left=(COUNTY.pk,)), day=SECOND + days * DAY) == codes


def test_leaving_takes_away_every_row_of_the_body_and_joining_again_brings_it_back():
    twice = deed(1, effective_on=START + DAY, joined=(joined(COUNTY, pk=30),))
    leaving = deed(2, left=(30,))
    assert partners(twice, leaving) == ["QXX"]
    assert partners(twice, leaving, deed(3, joined=(joined(COUNTY, pk=31),))) == ["QXX", "E10"]
    assert partners(deed(1, left=(99,))) == ["QXX", "E10"]


@pytest.mark.parametrize(("days", "is_there"), [(-1, False), (0, False), (1, True)])
def test_a_body_that_left_comes_back_as_a_successor_only_after_that_day(days, is_there):
    first = replace(FIRST, joined=(*FIRST.joined, joined(HEIR)))
    leaving = deed(1, effective_on=SECOND, left=(HEIR.pk,))
    again = heir(HEIR, ICB.pk, SECOND + days * DAY, pk=30)
    found = partners(leaving, first=first, successors=(again,), day=SECOND + 5 * DAY)
    assert found == (["E10", "QYY"] if is_there else ["E10"])


def test_who_succeeds_a_partner_that_left_is_no_partner():
    leaving = deed(1, effective_on=START + DAY, left=(ICB.pk,))
    assert partners(leaving, successors=(heir(HEIR, ICB.pk),)) == ["E10"]


def test_a_successor_that_left_by_deed_is_gone_with_whom_it_succeeded():
    leaving = deed(1, left=(HEIR.pk,))
    assert partners(leaving, successors=(heir(HEIR, ICB.pk, START + DAY),)) == ["E10"]


def test_a_body_that_took_several_places_is_one_partner_and_contributes_where_any_did():
    for pays in ((True, False), (False, True), (False, False)):
        heirs = (heir(HEIR, ICB.pk, contributes=pays[0]), heir(HEIR, COUNTY.pk, pk=30, contributes=pays[1]))
        (found,) = reads(successors=heirs).partners
        assert (found.pk, found.contributes, found.succeeds) == (HEIR.pk, any(pays), ICB)


def test_successors_are_followed_in_the_order_of_their_rows():
    line = (heir(OTHER, HEIR.pk), heir(HEIR, ICB.pk, START + DAY))
    assert partners(successors=line) == ["E10", "QZZ"]


def test_partners_of_deeds_without_a_first_day_have_none():
    undated = replace(FIRST, state="draft", effective_on=None, left=(TRUST.pk,))
    found = partners_of(record(undated), [undated], SECOND)
    assert [(each.body, each.since) for each in found] == [(ICB, None), (COUNTY, None)]


# --- the record ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "is_signed", "is_open"),
    [
        ("draft", False, True),
        ("changes_requested", False, True),
        ("approved", False, True),
        ("signed", True, False),
        ("withdrawn", False, False),
    ],
)
def test_a_deed_is_open_signed_or_neither(state, is_signed, is_open):
    found = deed(1, state=state)
    assert (found.is_signed, found.is_open) == (is_signed, is_open)
    agreement = record(FIRST, deed(1, state="withdrawn"), deed(2, state=state))
    assert agreement.open_deed == (agreement.deeds[2] if is_open else None)


def test_a_deed_is_found_by_its_number():
    agreement = record(FIRST, deed(2))
    assert (agreement.original, agreement.deed(0), agreement.deed(2), agreement.deed(1)) == (
        FIRST,
        FIRST,
        deed(2),
        None,
    )


def test_everybody_may_know_what_is_published_and_who_succeeded_its_partners():
    hidden = deed(1, joined=(joined(TRUST),))
    shown = deed(2, published_on=SECOND)
    line = (heir(OTHER, HEIR.pk, pk=31), heir(HEIR, ICB.pk), heir(HEIR, TRUST.pk, pk=32), heir(OTHER, 32, pk=33))
    found = published(record(FIRST, hidden, shown, successors=line))
    assert [each.number for each in found.deeds] == [0, 2]
    assert [each.pk for each in found.successors] == [HEIR.pk, 31]


@pytest.mark.parametrize(("days", "numbers"), [(-1, [0]), (0, [0, 1]), (1, [0, 1])])
def test_what_was_signed_by_a_day_was_known_on_it(days, numbers):
    made = record(FIRST, deed(1, joined=(joined(TRUST),)), deed(2, signed_on=None), successors=(heir(HEIR, TRUST.pk),))
    found = known_by(made, dt.date(2016, 5, 1) + days * DAY)
    assert [each.number for each in found.deeds] == numbers
    assert len(found.successors) == len(numbers) - 1
