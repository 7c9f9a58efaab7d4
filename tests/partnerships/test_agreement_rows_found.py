"""Rows that pages about agreements start from: the draft, its bodies, boards, papers, and what was recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from partnerships.models import AgreementStatus, Document, Partner
from partnerships.queries.agreements import drafts, governance
from partnerships.queries.agreements.reach import Reached
from partnerships.queries.agreements.records import record_of
from partnerships.terms import Audience
from pooledcare.directory.access import system_actor
from pooledcare.directory.history import record
from pooledcare.directory.models import OrganisationCode
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships.test_agreement_shown import page

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ON = dt.date(2024, 4, 1)


# --- the draft -------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreement():
    board, council = factories.organisation(name="Board", code="QAA"), factories.council(name="Council", code="E1")
    return factories.agreement(partners=[council, board])


def test_the_draft_is_the_open_deed_with_what_it_makes_of_the_agreement(agreement):
    first = agreement.deeds.get()
    found = drafts.draft_of(agreement)
    assert found is not None
    assert (found.deed, found.is_original, found.before, found.content.title) == (first, True, None, first.title)
    assert found.deed.agreement is agreement
    assert found.day == ON
    rows.sign(first)
    assert drafts.draft_of(agreement) is None
    rows.deed(agreement=agreement, number=1, state="withdrawn")
    second = rows.deed(agreement=agreement, number=2, title="Wider")
    found = drafts.draft_of(agreement)
    assert found is not None
    assert (found.deed, found.is_original, found.content.title) == (second, False, "Wider")
    assert found.before is not None
    assert found.before.title == first.title
    assert found.day == timezone.localdate()
    for number, state in ((0, "signed"), (1, "withdrawn"), (2, "draft")):
        shown = drafts.deed_numbered(agreement, number)
        assert shown is not None
        assert (shown.deed.number, shown.deed.state) == (number, state)
    assert drafts.deed_numbered(agreement, 3) is None


def test_a_draft_knows_its_partners_by_code_in_their_order(agreement):
    found = drafts.draft_of(agreement)
    assert found is not None
    assert [(code, each.name) for code, each in found.bodies.items()] == [("E1", "Council"), ("QAA", "Board")]
    partner = found.partner("QAA")
    assert partner == Partner.objects.get(agreement=agreement, organisation__code="QAA")
    assert found.partner("none") is None


def test_a_draft_knows_whether_its_own_impact_was_assessed_and_who_has_decided(agreement):
    rows.impact_assessment()
    rows.decision()
    found = drafts.draft_of(agreement)
    assert found is not None
    assert (found.is_assessed, found.decisions) == (False, [])
    rows.impact_assessment(deed=found.deed)
    for body, on in (("nhs_board", ON), ("cabinet", ON - DAY)):
        rows.decision(agreement=agreement, body=body, decided_on=on)
    found = drafts.draft_of(agreement)
    assert found is not None
    assert (found.is_assessed, found.decisions) == (True, ["cabinet", "nhs_board"])


def test_a_part_has_a_short_print_that_differs_with_what_is_said_of_it():
    assert drafts.fingerprint(("a", 1)) == drafts.fingerprint(("a", 1))
    assert len({drafts.fingerprint(part) for part in (("a", 1), ("a", 2), ("a", "1"), None)}) == 4
    assert len(drafts.fingerprint("a")) == 16


@pytest.mark.parametrize(("days", "name"), [(-1, "Old"), (0, "New"), (1, "New")])
def test_a_body_is_looked_up_by_the_code_that_it_held_on_a_day(days, name):
    factories.organisation(name="Old", code="99X", closed=ON - DAY)
    factories.organisation(name="New", code="99X", opened=ON)
    found = drafts.body_of_code("99X", on=ON + days * DAY)
    assert found is not None
    assert found.name == name
    assert drafts.body_of_code("none", on=ON) is None


def test_of_two_bodies_with_one_code_the_first_by_name_is_meant():
    later, first = factories.organisation(name="Zeta"), factories.organisation(name="Alpha")
    for each, scheme in ((later, "gss"), (first, "ods")):
        OrganisationCode.objects.create(organisation=each, scheme=scheme, code="TWO", valid_from=None, valid_to=None)
    assert drafts.body_of_code("TWO", on=ON) == first


def test_bodies_places_and_schemes_are_found_by_what_names_them(agreement):
    board = agreement.prepared_by
    assert drafts.bodies_by_pk({board.pk, 0}) == {board.pk: board}
    zed, ald = factories.place(slug="zed", name="Zedshire"), factories.place(slug="ald", name="Aldshire")
    assert drafts.places_by_slug(["zed", "ald", "none"]) == [ald, zed]
    own, _ = rows.scheme(agreement=agreement, slug="own"), rows.scheme(slug="own")
    assert drafts.schemes_by_slug(agreement) == {"own": own}


def test_a_place_is_known_by_its_name_or_address_as_it_is_on_the_day_or_was():
    old = factories.place(slug="mere-old", name="Mere", closed=ON - DAY)
    new = factories.place(slug="mere", name="Mere", opened=ON)
    gone = factories.place(slug="gone", name="Gone", closed=ON - DAY)
    assert drafts.place_named(" mERE ", on=ON) == new
    assert drafts.place_named("MERE-OLD", on=ON) == old
    assert drafts.place_named("Mere", on=ON - DAY) == old
    assert drafts.place_named("gone", on=ON) == gone
    assert drafts.place_named("nowhere", on=ON) is None
    factories.place(slug="second", name="Mere")
    assert drafts.place_named("mere", on=ON) == new


def test_a_board_a_paper_and_a_notice_are_of_this_agreement(agreement):
    board, other = rows.board(agreement=agreement), rows.board()
    rows.seat(board=board, organisation=agreement.prepared_by)
    rows.quorum(board=board, organisation=agreement.prepared_by)
    found = drafts.board_of(agreement, board.pk)
    assert found is not None
    assert (found.board, found.seats, found.quorums) == (board, [*board.seats.all()], [*board.quorums.all()])
    assert drafts.board_of(agreement, other.pk) is None
    paper, removed = factories.document(agreement), factories.document(agreement, removed_at=timezone.now())
    assert drafts.document_of(agreement, paper.pk) == paper
    for wrong in (removed, factories.document(rows.agreement())):
        assert drafts.document_of(agreement, wrong.pk) is None
    first, gone, second = (rows.notice(agreement=agreement) for _ in range(3))
    back = rows.notice(agreement=agreement, withdraws=gone)
    assert drafts.current_notice_rows(agreement) == [first, second]
    assert drafts.notice_of(agreement, second.pk) == second
    for wrong in (gone, back, rows.notice()):
        assert drafts.notice_of(agreement, wrong.pk) is None


def test_partners_now_have_signed_or_succeeded_and_are_not_succeeded_yet_by_name(agreement):
    assert drafts.partners_now(agreement) == []
    rows.sign(agreement.deeds.get())
    council, board = agreement.partners.order_by("pk")
    assert drafts.partners_now(agreement) == [board, council]
    for number, state in ((1, "withdrawn"), (2, "draft")):
        later = rows.deed(agreement=agreement, number=number, state=state)
        rows.partner(deed=later, organisation=factories.organisation())
    heir = rows.partner(by_succession_of=board, organisation=factories.organisation(name="Zeta"))
    assert drafts.partners_now(agreement) == [council, heir]


def test_the_bodies_of_an_agreement_are_its_partners_today_or_on_its_first_day(agreement):
    leaving = rows.deed(agreement=agreement, number=1, state="withdrawn", effective_on=ON + DAY)
    rows.leaving(deed=leaving, partner=agreement.partners.get(organisation__code="QAA"))
    first = agreement.deeds.get(number=0)
    type(first).objects.filter(pk=first.pk).update(state="signed", signed_on=ON, effective_on=ON)
    type(first).objects.filter(pk=leaving.pk).update(state="signed", signed_on=ON)
    for day, names in ((ON - DAY, ["Board", "Council"]), (ON, ["Board", "Council"]), (ON + DAY, ["Council"])):
        assert [each.name for each in drafts.bodies_reading(agreement, day)] == names


# --- what was recorded -----------------------------------------------------------------------------------------------


def reached(agreement, audience: Audience = Audience.PARTNERS) -> Reached:
    return Reached(agreement, audience)


def papers(agreement) -> dict[str, Document]:
    hidden, shown = rows.deed(agreement=agreement, number=1, state="withdrawn"), agreement.deeds.get(number=0)
    type(shown).objects.filter(pk=shown.pk).update(state="signed", signed_on=ON, published_on=ON)
    return {
        "open": factories.document(agreement, is_exempt=False),
        "exempt": factories.document(agreement),
        "of the public deed": factories.document(agreement, is_exempt=False, deed=shown),
        "exempt of the public deed": factories.document(agreement, deed=shown),
        "of the hidden deed": factories.document(agreement, is_exempt=False, deed=hidden),
        "removed": factories.document(agreement, is_exempt=False, removed_at=timezone.now()),
        "of another": factories.document(rows.agreement(), is_exempt=False),
    }


def test_outsiders_open_no_paper_that_is_exempt_or_of_a_deed_that_is_not_public(agreement):
    made = papers(agreement)
    for audience, names in (
        (Audience.PARTNERS,
         ["of the hidden deed", "exempt of the public deed", "of the public deed", "exempt", "open"]),
        (Audience.PUBLIC, ["of the public deed", "open"]),
    ):  # fmt: skip
        seen = reached(agreement, audience)
        assert list(governance.documents_of(seen)) == [made[name] for name in names]
        for name, paper in made.items():
            assert governance.document_reached(seen, paper.pk) == (paper if name in names else None)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def recorded(agreement, when: dt.date) -> dict[str, Any]:
    """One of everything that is recorded, on a day."""
    on = {"recorded_at": at(when)}
    return {
        "documents": factories.document(agreement, is_exempt=False, **on),
        "decisions": rows.decision(agreement=agreement, **on),
        "preconditions": rows.precondition(agreement=agreement, **on),
        "consents": rows.trust_consent(agreement=agreement, **on),
        "notices": rows.notice(agreement=agreement, **on),
        "occurrences": rows.occurrence(agreement=agreement, **on),
        "assessments": rows.impact_assessment(deed=agreement.deeds.get(), **on),
        "marks": rows.integration_mark(agreement=agreement, **on),
    }


NEWEST_FIRST = {"documents", "preconditions"}


def test_partners_see_everything_that_was_recorded_by_the_day_of_which_they_ask(agreement):
    first, second = recorded(agreement, ON), recorded(agreement, ON + DAY)
    recorded(factories.agreement(), ON)
    for known_at, rounds in ((None, 2), (ON - DAY, 0), (ON, 1), (ON + DAY, 2)):
        found = governance.governance_of(shown(agreement, known_at=known_at))
        for name in first:
            expected = [first[name], second[name]][:rounds]
            assert getattr(found, name) == (expected[::-1] if name in NEWEST_FIRST else expected), (name, known_at)


def shown(agreement, audience: Audience = Audience.PARTNERS, **given: Any):
    return page(record_of(agreement), reached=reached(agreement, audience), **given)


def test_everybody_else_sees_partners_and_papers_alone(agreement, django_assert_num_queries):
    made = recorded(agreement, ON)
    there = shown(agreement, Audience.PUBLIC)
    with django_assert_num_queries(1):
        found = governance.governance_of(there)
    assert found.documents == [made["documents"]]
    assert [each.body.name for each in found.periods] == ["Board", "Council"]
    for name in (*first_names(made), "boards"):
        assert getattr(found, name) == []
    assert governance.governance_of(shown(agreement, Audience.PUBLIC, known_at=ON - DAY)).documents == []


def first_names(made: dict[str, Any]) -> list[str]:
    return [name for name in made if name != "documents"]


def test_of_consents_the_newest_and_of_notices_all_but_what_takes_back_are_shown(agreement):
    trust, board, other = (factories.organisation() for _ in range(3))
    rows.trust_consent(agreement=agreement, trust=trust, commissioner=board)
    elsewhere = rows.trust_consent(agreement=agreement, trust=trust, commissioner=other)
    newest = rows.trust_consent(agreement=agreement, trust=trust, commissioner=board, consented_on=ON)
    given = rows.notice(agreement=agreement)
    back = rows.notice(agreement=agreement, withdraws=given)
    found = governance.governance_of(shown(agreement))
    assert found.consents == [newest, elsewhere]
    assert found.notices == [given]
    assert list(found.notices[0].withdrawn_by.all()) == [back]


def test_boards_are_shown_with_the_chair_first(agreement):
    made = [rows.board(agreement=agreement, name=name) for name in ("Zeta", "Alpha")]
    rows.board()
    bodies = [factories.organisation() for _ in range(3)]
    for n, each in enumerate(bodies):
        rows.seat(board=made[0], organisation=each, post=f"Post {n}", is_chair=n == 1)
        rows.quorum(board=made[0], organisation=each)
    found = governance.governance_of(shown(agreement)).boards
    assert [each.board for each in found] == made
    assert [each.post for each in found[0].seats] == ["Post 1", "Post 0", "Post 2"]
    assert [each.organisation for each in found[0].quorums] == bodies
    assert (found[1].seats, found[1].quorums) == ([], [])


def test_moves_and_doings_are_shown_the_newest_first_and_the_kinds_that_have_decided(agreement):
    there = reached(agreement)
    later = AgreementStatus.objects.create(agreement=agreement, state="approved", actor="user:1")
    rows.status()
    assert governance.history_of(there) == [later, agreement.statuses.exclude(pk=later.pk).get()]
    rows.decision()
    for body in ("cabinet", "nhs_board", "cabinet"):
        rows.decision(agreement=agreement, body=body)
    assert governance.decided_by(there) == {"cabinet", "nhs_board"}
    by = system_actor("example")
    for number in range(governance.MAX_AUDIT_ENTRIES + 1):
        record(by=by, action="a", subject=f"agreement:{agreement.reference}", sentence=f"{number}", organisation="QAA")
    record(by=by, action="a", subject="agreement:S75-0000", sentence="Other", organisation="QAA")
    found = [each.sentence for each in governance.audit_entries(there)]
    assert found == [str(number) for number in range(governance.MAX_AUDIT_ENTRIES, 0, -1)]
