"""Agreements as their pages read them from the database: deeds with what was said of them, summaries, judgements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from partnerships.models import Agreement, AgreementSummary, Deed
from partnerships.queries.agreements.comparing import judged
from partnerships.queries.agreements.detail import deeds_shown, reading, renewals_of, who_must_act
from partnerships.queries.agreements.drafts import functions_offered
from partnerships.queries.agreements.proposals import changed_by_proposals
from partnerships.queries.agreements.reach import Reached
from partnerships.queries.agreements.records import record_of
from partnerships.queries.agreements.summaries import successors_by_organisation, summaries_on
from partnerships.rules.agreements import content_hash, known_by, published
from partnerships.terms import Audience
from pooledcare.directory.access import ANONYMOUS, system_actor
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships import law_rows

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("example")
DAY = dt.timedelta(days=1)
START, VARIED = dt.date(2024, 4, 1), dt.date(2025, 4, 1)
SIGNED = START - 9 * DAY


def sign(one: Deed, on: dt.date = SIGNED, *, is_published: bool = False) -> None:
    Deed.objects.filter(pk=one.pk).update(
        state="signed", signed_on=on, effective_on=one.effective_on or on, published_on=on if is_published else None
    )


@pytest.fixture
def agreement() -> Agreement:
    """Signed and published by both partners; a later deed is signed and for partners alone, the last one is open."""
    board, council = factories.organisation(name="Board"), factories.council(name="Council")
    made = rows.agreement(prepared_by=board, state="in_operation", operating_since=START)
    first = rows.deed(agreement=made, title="Title", effective_on=START)
    for each in (board, council):
        rows.partner(deed=first, organisation=each)
    sign(first, is_published=True)
    second = rows.deed(agreement=made, number=1, title="Wider", effective_on=VARIED)
    sign(second, VARIED)
    rows.deed(agreement=made, number=2, summary="Open", effective_on=VARIED + DAY)
    for audience in Audience:
        rows.summary(agreement=made, audience=audience, title=audience, reader_ids=[board.pk])
    return made


def page(agreement: Agreement, audience: Audience = Audience.PARTNERS, **days: dt.date):
    return reading(Reached(agreement, audience), **days)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_page_holds_what_its_reader_may_know_and_what_was_known_then(agreement):
    whole = record_of(agreement)
    found = page(agreement)
    assert (found.whole, found.record, found.summary.title) == (whole, whole, "partners")
    assert (found.day, found.as_at, found.known_at) == (timezone.localdate(), None, None)
    public = page(agreement, Audience.PUBLIC)
    assert (public.whole, public.record, public.summary.title) == (published(whole), published(whole), "public")
    then = page(agreement, as_at=START, known_at=SIGNED)
    assert (then.whole, then.record, then.day) == (whole, known_by(whole, SIGNED), START)
    assert (then.as_at, then.known_at) == (START, SIGNED)
    assert [each.number for each in then.record.deeds] == [0]


def test_deeds_are_shown_the_newest_first_with_approvals_and_publications_for_partners_alone(agreement):
    first, second, third = agreement.deeds.order_by("number")
    now = content_hash(record_of(agreement), record_of(agreement).deeds[2])
    given = [rows.approval(deed=third, content_hash=each) for each in (now, "5" * 64)]
    public = rows.publication(deed=second)
    for elsewhere in (rows.approval, rows.publication):
        elsewhere()
    shown = deeds_shown(page(agreement))
    assert [(each.deed.number, each.row) for each in shown] == [(2, third), (1, second), (0, first)]
    assert [(each.approval, each.is_void) for each in shown[0].approvals] == [(given[0], False), (given[1], True)]
    assert [each.publications for each in shown] == [(), (public,), ()]
    assert [each.hash for each in shown] == [now, "", ""]
    rows.publication(deed=first)
    rows.approval(deed=first)
    (alone,) = deeds_shown(page(agreement, Audience.PUBLIC))
    assert (alone.deed.number, alone.approvals, alone.publications) == (0, (), ())


def test_partners_are_told_whose_word_and_whose_publication_is_missing(agreement):
    _, second, third = agreement.deeds.order_by("number")
    told = who_must_act(page(agreement), deeds_shown(page(agreement)))
    silent = "Board and Council have not approved deed 2 yet."
    assert told == [silent, "No partner has published deed 1 yet."]
    rows.publication(deed=second, organisation=agreement.prepared_by)
    told = who_must_act(page(agreement), deeds_shown(page(agreement)))
    assert told == [silent, "Council has not published deed 1 yet."]
    for partner in agreement.partners.all():
        now = content_hash(record_of(agreement), record_of(agreement).deeds[2])
        rows.approval(deed=third, organisation=partner.organisation, content_hash=now)
    approved = "Every partner has approved deed 2."
    told = who_must_act(page(agreement), deeds_shown(page(agreement)))
    assert told[0] == f"{approved} It cannot be signed yet: the tasks say why."
    AgreementSummary.objects.filter(audience="partners").update(awaits="signature")
    assert who_must_act(page(agreement), deeds_shown(page(agreement)))[0] == f"{approved} It can be signed."
    assert who_must_act(page(agreement, known_at=SIGNED - DAY), []) == []


def test_an_unsigned_agreement_waits_for_its_partners_by_its_own_name():
    made = factories.agreement(partners=[factories.organisation(name="Board"), factories.council(name="Council")])
    told = who_must_act(page(made), deeds_shown(page(made)))
    assert told == ["Board and Council have not approved the agreement yet."]


def test_renewals_are_shown_before_and_after_as_far_as_one_may_read_them(agreement):
    drafter = agreement.prepared_by
    made = {}
    for name in ("old", "new", "newer", "hidden", "unrelated"):
        made[name] = rows.agreement(prepared_by=drafter)
        if name != "hidden":
            rows.summary(agreement=made[name], audience="public", title=name)
    for name in ("newer", "new", "hidden"):
        rows.deed(agreement=made[name], follows=agreement)
    Deed.objects.filter(agreement=agreement, number=2).update(follows=made["old"])
    found = renewals_of(page(agreement), actor=ANONYMOUS)
    assert [each.title for each in found.before] == ["old"]
    assert [each.title for each in found.after] == ["new", "newer"]
    assert renewals_of(page(agreement, Audience.PUBLIC), actor=ANONYMOUS).before == []


# --- summaries -------------------------------------------------------------------------------------------------------


def test_every_successor_direct_or_in_steps_is_an_heir():
    made = [factories.organisation() for _ in range(5)]
    one, two, three, four, _ = (each.pk for each in made)
    for old, new in ((0, 1), (1, 2), (0, 3), (3, 2)):
        factories.succession(predecessor=made[old], successor=made[new])
    assert successors_by_organisation() == {one: {two, three, four}, two: {three}, four: {three}}
    factories.succession(predecessor=made[2], successor=made[0])
    assert successors_by_organisation()[one] == {one, two, three, four}


def stood(*agreements: Agreement) -> list[tuple[Agreement, str, str, list[int]]]:
    found = list(summaries_on(agreements, VARIED + 9 * DAY))
    assert all(each.worked_out_on == VARIED + 9 * DAY and each.pk is None for each in found)
    return [(each.agreement, str(each.audience), each.title, each.reader_ids) for each in found]


def test_an_agreement_stands_for_its_partners_and_where_it_was_published_for_everybody(agreement):
    board, council = (each.organisation.pk for each in agreement.partners.order_by("pk"))
    other = factories.agreement(title="Draft")
    readers = sorted(other.partners.values_list("organisation", flat=True))
    assert stood(agreement, other) == [
        (agreement, "partners", "Wider", sorted([board, council])),
        (agreement, "public", "Title", []),
        (other, "partners", "Draft", readers),
    ]
    Deed.objects.filter(agreement=agreement, number=0).update(published_on=None)
    assert [audience for _, audience, *_ in stood(agreement)] == ["partners"]
    Deed.objects.filter(agreement=agreement, number=1).update(published_on=VARIED)
    assert [audience for _, audience, *_ in stood(agreement)] == ["partners"]


def test_heirs_of_partners_and_whoever_drafted_it_read_it(agreement):
    drafter, heir = factories.organisation(), factories.organisation()
    Agreement.objects.filter(pk=agreement.pk).update(prepared_by=drafter)
    agreement.refresh_from_db()
    factories.succession(predecessor=agreement.partners.first().organisation, successor=heir)
    partners = {each.organisation_id for each in agreement.partners.all()}
    assert stood(agreement)[0][3] == sorted(partners | {drafter.pk, heir.pk})


def test_what_waits_is_for_the_partners_standing_alone(agreement):
    board = agreement.prepared_by
    second, third = agreement.deeds.order_by("number")[1:]
    Deed.objects.filter(pk=third.pk).update(edited_by="user:9")
    now = content_hash(record_of(agreement), record_of(agreement).deeds[2])
    rows.approval(deed=third, organisation=board, content_hash=now)
    rows.publication(deed=second, organisation=board)
    council = agreement.partners.exclude(organisation=board).get().organisation
    partners, public = summaries_on([agreement], VARIED)
    found = (partners.awaits, partners.awaited_ids, partners.edited_by, partners.unpublished_ids)
    assert found == ("approval", [council.pk], "user:9", [council.pk])
    assert (public.awaits, public.awaited_ids, public.edited_by, public.unpublished_ids) == ("", [], "", [])


# --- judgements ------------------------------------------------------------------------------------------------------


def with_function(deed: Deed, function, holder: Organisation) -> None:
    terms = rows.scheme_terms(deed=deed, flexibilities=["pooled_fund"])
    rows.scheme_function(terms=terms, function=function, holder=holder)


@pytest.fixture
def law() -> dict[str, object]:
    """Two functions: one that may be pooled, and one that may not, unless the proposal comes into force."""
    law_rows.rule(kind="power", subject="s75", side="", valid_from=dt.date(2007, 3, 1))
    fine, barred = law_rows.function(), law_rows.function()
    law_rows.rule(function=fine)
    law_rows.rule(function=barred, allowed=False)
    proposal = law_rows.proposal()
    law_rows.rule(function=barred, instrument=proposal, valid_from=START)
    return {"fine": fine, "barred": barred, "proposal": proposal.slug}


def test_functions_are_offered_with_what_the_law_says_of_them_on_the_day(law):
    names = dict(functions_offered("s75", START))
    assert names[law["fine"].code] == law["fine"].name
    assert names[law["barred"].code] == f"{law['barred'].name} (unlawful)"
    assert list(names) == [law["fine"].code, law["barred"].code]


def draft_with(function, *, is_published: bool = False) -> Agreement:
    board = factories.organisation()
    made = rows.agreement(prepared_by=board, state="in_operation", operating_since=START)
    first = rows.deed(agreement=made, effective_on=START)
    rows.partner(deed=first, organisation=board)
    rows.partner(deed=first, organisation=factories.council())
    with_function(first, function, board)
    sign(first, is_published=is_published)
    for audience in ("partners", *(["public"] if is_published else [])):
        rows.summary(agreement=made, audience=audience, reader_ids=[board.pk])
    return made


def test_a_page_is_judged_by_the_law_and_by_what_a_proposal_or_the_open_deed_would_change(law):
    made = draft_with(law["barred"])
    plain = judged(page(made))
    assert [each.outcome for each in plain.findings][:1] == ["unlawful"]
    assert (plain.with_proposals, plain.with_open_deed, plain.open_deed) == ([], [], None)
    changed = judged(page(made), proposals=[law["proposal"]])
    assert changed.findings == plain.findings
    assert changed.with_proposals != []
    opened = rows.deed(agreement=made, number=1, effective_on=VARIED)
    with_function(opened, law["barred"], made.prepared_by)
    found = judged(page(made))
    assert (found.findings, found.open_deed) == (plain.findings, 1)
    assert found.with_open_deed != []
    then = judged(page(made, as_at=VARIED))
    assert (then.open_deed, then.with_open_deed) == (None, [])
    assert judged(page(made, as_at=START - DAY)).findings == []
    assert judged(page(made, as_at=START)).findings != []
    unread = judged(page(made, known_at=SIGNED - DAY))
    assert (unread.findings, unread.with_proposals, unread.with_open_deed, unread.open_deed) == ([], [], [], None)


def test_a_proposal_changes_the_judgement_of_agreements_that_name_its_function_the_newest_first(law):
    old, _, new = draft_with(law["barred"]), draft_with(law["fine"]), draft_with(law["barred"], is_published=True)
    slugs = [law["proposal"]]
    found = changed_by_proposals(slugs, actor=SYSTEM)
    assert (found.count, [each.summary.agreement for each in found.changed], found.next_below) == (2, [new, old], None)
    assert all(each.changes for each in found.changed)
    first = changed_by_proposals(slugs, actor=SYSTEM, most=1)
    assert (first.count, [each.summary.agreement for each in first.changed]) == (1, [new])
    assert first.next_below == new.pk
    rest = changed_by_proposals(slugs, actor=SYSTEM, below=new.pk, most=1)
    assert (rest.count, [each.summary.agreement for each in rest.changed], rest.next_below) == (1, [old], None)
    public = changed_by_proposals(slugs, actor=ANONYMOUS)
    assert (public.count, [each.summary.agreement for each in public.changed]) == (1, [new])
    assert changed_by_proposals([], actor=SYSTEM).count == 0


def test_what_is_not_published_is_not_checked_for_everybody(law):
    made = draft_with(law["fine"], is_published=True)
    with_function(rows.deed(agreement=made, number=1, effective_on=VARIED), law["barred"], made.prepared_by)
    slugs = [law["proposal"]]
    assert changed_by_proposals(slugs, actor=SYSTEM).count == 1
    assert changed_by_proposals(slugs, actor=ANONYMOUS).count == 0
    Deed.objects.filter(agreement=made, number=1).update(state="signed", signed_on=VARIED)
    assert changed_by_proposals(slugs, actor=ANONYMOUS).count == 0
    Deed.objects.filter(agreement=made, number=1).update(published_on=VARIED)
    assert changed_by_proposals(slugs, actor=ANONYMOUS).count == 1


def test_a_proposal_about_more_than_functions_checks_every_agreement(law):
    draft_with(law["fine"])
    proposal = law_rows.proposal()
    law_rows.rule(kind="body", side="nhs", body_kinds=["icb"], instrument=proposal, valid_from=START)
    found = changed_by_proposals([proposal.slug], actor=SYSTEM)
    assert found.count == 1
