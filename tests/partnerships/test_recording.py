"""Recording what stands beside the text of an agreement: facts with their evidence, and the board."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from partnerships.actions.recording import (
    SeatIn,
    record_decision,
    record_impact_assessment,
    record_precondition,
    record_trust_consent,
    remove_board,
    save_board,
)
from partnerships.models import Agreement, Board, Deed, Precondition
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import facts_of
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]

DAY = factories.FIRST_DAY
SECRET = "Anna Example said so"


@pytest.fixture
def icb():
    return factories.organisation(kind="icb")


@pytest.fixture
def council():
    return factories.council()


@pytest.fixture
def trust():
    return factories.organisation(kind="nhs_trust")


@pytest.fixture
def lead(icb):
    return factories.actor(factories.member(organisation=icb, roles=["governance_lead"]))


@pytest.fixture
def agreement(icb, council, trust) -> Agreement:
    return factories.agreement(partners=[icb, council, trust])


def refusal(action, **given) -> list[str]:
    with pytest.raises(Refused) as caught:
        action(**given)
    return [problem.code for problem in caught.value.problems]


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


def facts(agreement: Agreement):
    found = facts_of(record_of(agreement))
    assert found is not None
    return found


def test_the_newest_word_on_a_condition_holds(agreement, icb, lead):
    given = {"agreement": agreement, "kind": "improvement", "met_on": DAY, "evidence": SECRET, "by": lead}
    made = record_precondition(is_met=False, **given)
    assert (made.organisation, made.actor, facts(agreement).improvement) == (icb, lead.reference, False)
    record_precondition(is_met=True, **given)
    assert facts(agreement).improvement is True
    assert Precondition.objects.count() == 2


def columns(made, *names: str) -> tuple:
    return tuple(getattr(made, name) for name in (*names, "organisation", "actor"))


def test_what_is_recorded_is_kept_as_it_was_given_with_who_recorded_it(agreement, lead, icb, council, trust):
    both = lead.person
    both.memberships.create(organisation=council, roles=["governance_lead"])
    by, deed = factories.actor(both), factories.open_deed(agreement)
    mine, theirs = (icb, by.reference), (council, by.reference)
    on, day = {"agreement": agreement, "by": by}, DAY
    given = {"kind": "plan_fit", "is_met": False, "met_on": day, "evidence": " Paper 1 "}
    fields = ("agreement", "kind", "is_met", "met_on", "evidence")
    made = record_precondition(organisation=council, **given, **on)
    assert columns(made, *fields) == (agreement, "plan_fit", False, day, "Paper 1", *theirs)
    assert columns(record_precondition(organisation=icb, **given, **on))[0] == icb
    given = {"body": "officer", "reference": " Minute  12 ", "decided_on": day, "url": " https://example.org/12 "}
    made = record_decision(organisation=icb, deed=deed, **given, **on)
    fields = ("agreement", "deed", "body", "reference", "decided_on", "url")
    assert columns(made, *fields) == (agreement, deed, "officer", "Minute 12", day, "https://example.org/12", *mine)
    bare = record_decision(organisation=council, body="officer", reference="x", decided_on=day, **on)
    assert columns(bare, "deed", "url") == (None, "", *theirs)
    given = {"trust": trust, "commissioner": icb, "consented_on": day, "evidence": " Letter 1 "}
    made = record_trust_consent(organisation=council, **given, **on)
    fields = ("agreement", "trust", "commissioner", "consented_on", "evidence")
    assert columns(made, *fields) == (agreement, trust, icb, day, "Letter 1", *theirs)
    made = record_impact_assessment(deed=deed, assessed_on=day, text=" None. ", organisation=council, by=by)
    assert columns(made, "deed", "assessed_on", "text") == (deed, day, "None.", *theirs)


@pytest.mark.parametrize(("days", "codes"), [(-1, []), (0, []), (1, ["IN_FUTURE"])])
def test_what_has_happened_until_today_is_recorded(agreement, lead, days, codes):
    given = {"agreement": agreement, "kind": "improvement", "is_met": True, "evidence": "Paper 1", "by": lead}
    met_on = timezone.localdate() + dt.timedelta(days=days)
    if codes:
        assert refusal(record_precondition, met_on=met_on, **given) == codes
    else:
        assert record_precondition(met_on=met_on, **given).met_on == met_on


def test_what_is_wrong_is_told_together_and_the_future_after_it(agreement, lead, trust, icb):
    other = factories.open_deed(factories.agreement())
    given = {"body": "luck", "reference": "Minute", "decided_on": tomorrow(), "url": "x"}
    codes = refusal(record_decision, agreement=agreement, deed=other, by=lead, **given)
    assert codes == ["UNKNOWN_VALUE", "DEED_NOT_THERE"]
    given = {"trust": icb, "commissioner": icb, "consented_on": dt.date(1999, 1, 1), "evidence": ""}
    codes = refusal(record_trust_consent, agreement=agreement, by=lead, **given)
    assert codes == ["DATE_OUT_OF_RANGE", "NOT_A_TRUST", "REQUIRED"]


def test_a_trust_that_was_or_would_be_a_partner_consents_and_one_of_a_deed_set_aside_does_not(lead, icb, council):
    made = factories.signed_agreement(partners=[icb, council])
    deed = Deed.objects.create(agreement=made, number=1, kind="variation")
    coming = factories.organisation(kind="nhs_trust")
    made.partners.create(deed=deed, organisation=coming, role="provider")
    given = {"agreement": made, "trust": coming, "commissioner": icb, "consented_on": None, "by": lead}
    assert record_trust_consent(**given).trust == coming
    Deed.objects.filter(pk=deed.pk).update(state="withdrawn")
    assert refusal(record_trust_consent, **given) == ["NOT_A_PARTNER"]
    heir = factories.organisation(kind="foundation_trust")
    joined = made.partners.get(organisation=council)
    made.partners.create(organisation=heir, role="provider", valid_from=DAY, by_succession_of=joined)
    assert record_trust_consent(**{**given, "trust": heir}).trust == heir


def test_the_trail_names_references_and_never_what_was_written(agreement, lead, council, icb, trust):
    record_precondition(agreement=agreement, kind="improvement", is_met=True, met_on=DAY, evidence=SECRET, by=lead)
    record_decision(agreement=agreement, body="cabinet", reference=SECRET, decided_on=DAY, by=lead)
    record_trust_consent(agreement=agreement, trust=trust, commissioner=icb, consented_on=DAY, evidence=SECRET, by=lead)
    record_impact_assessment(deed=factories.open_deed(agreement), assessed_on=DAY, text=SECRET, by=lead)
    board = save_board(
        agreement=agreement, values={"name": SECRET, "form": "joint_committee"},
        seats=[SeatIn(icb, SECRET)], quorums={icb: 1}, by=lead,
    )  # fmt: skip
    remove_board(board=board, by=lead)
    sentences = [event.sentence for event in AuditEvent.objects.order_by("pk")]
    assert sentences == [
        f"{agreement}: condition improvement recorded as met.",
        f"{agreement}: decision of cabinet recorded.",
        f"{agreement}: consent of {icb.code} for {trust.code} recorded.",
        f"{agreement}/0: impact assessment recorded.",
        f"{agreement}: board {board.pk} saved.",
        f"{agreement}: board {board.pk} removed.",
    ]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"kind": "luck"}, ["UNKNOWN_VALUE"]),
        ({"evidence": "  "}, ["REQUIRED"]),
        ({"evidence": "\x00"}, ["BAD_CHARACTERS"]),
        ({"met_on": dt.date(1999, 1, 1)}, ["DATE_OUT_OF_RANGE"]),
        ({"is_met": None, "evidence": "x" * 20_001}, ["REQUIRED", "TOO_LONG"]),
    ],
)
def test_a_condition_that_cannot_be_kept_is_refused(agreement, lead, values, codes):
    given = {"kind": "improvement", "is_met": True, "met_on": DAY, "evidence": "Paper 1"} | values
    assert refusal(record_precondition, agreement=agreement, by=lead, **given) == codes
    assert not Precondition.objects.exists()


def test_nothing_of_the_future_is_recorded(agreement, lead, icb, trust):
    later, deed = tomorrow(), factories.open_deed(agreement)
    attempts = [
        (record_precondition, {"kind": "improvement", "is_met": True, "met_on": later, "evidence": "Paper 1"}),
        (record_decision, {"body": "cabinet", "reference": "Minute 1", "decided_on": later}),
        (record_trust_consent, {"trust": trust, "commissioner": icb, "consented_on": later, "evidence": "Letter"}),
    ]
    for action, given in attempts:
        assert refusal(action, agreement=agreement, by=lead, **given) == ["IN_FUTURE"]
    assert refusal(record_impact_assessment, deed=deed, assessed_on=later, text="None.", by=lead) == ["IN_FUTURE"]


def test_a_decision_is_on_the_agreement_or_on_a_deed_of_it(agreement, lead):
    given = {"body": "nhs_board", "reference": "Minute 12", "decided_on": DAY, "url": "https://example.org/12"}
    deed = factories.open_deed(agreement)
    assert record_decision(agreement=agreement, deed=deed, by=lead, **given).deed == deed
    other = factories.open_deed(factories.agreement())
    assert refusal(record_decision, agreement=agreement, deed=other, by=lead, **given) == ["DEED_NOT_THERE"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://example.org", "https://", "https://a b", "//example.org", "https://[", "x" * 500],
)
def test_an_address_that_is_no_web_address_is_refused(agreement, lead, url):
    given = {"body": "cabinet", "reference": "Minute 12", "decided_on": DAY, "url": url}
    assert refusal(record_decision, agreement=agreement, by=lead, **given) == ["BAD_ADDRESS"]


def test_a_web_address_has_at_most_five_hundred_characters(agreement, lead):
    given = {"body": "cabinet", "reference": "Minute 12", "decided_on": DAY}
    address = "https://example.org/".ljust(500, "x")
    assert record_decision(agreement=agreement, by=lead, url=address, **given).url == address
    assert refusal(record_decision, agreement=agreement, by=lead, url=f"{address}x", **given) == ["TOO_LONG"]


def test_a_consent_is_awaited_until_it_has_its_day(agreement, lead, icb, trust):
    awaited = record_trust_consent(agreement=agreement, trust=trust, commissioner=icb, consented_on=None, by=lead)
    assert awaited.consented_on is None
    (fact,) = record_of(agreement).consents
    assert fact.consented_on is None
    record_trust_consent(
        agreement=agreement, trust=trust, commissioner=icb, consented_on=DAY, evidence="Letter 1", by=lead
    )
    (fact,) = record_of(agreement).consents
    assert fact.consented_on == DAY


def test_a_consent_is_that_of_a_commissioner_to_a_trust_that_is_a_partner(agreement, lead, icb, council, trust):
    def codes(trust, commissioner, day=DAY, evidence="Letter"):
        given = {"trust": trust, "commissioner": commissioner, "consented_on": day, "evidence": evidence}
        return refusal(record_trust_consent, agreement=agreement, by=lead, **given)

    assert codes(council, icb) == ["NOT_A_TRUST"]
    assert codes(factories.organisation(kind="nhs_trust"), icb) == ["NOT_A_PARTNER"]
    assert codes(trust, council) == ["NOT_A_COMMISSIONER"]
    assert codes(trust, icb, evidence=" ") == ["REQUIRED"]


def test_an_impact_assessment_is_of_an_open_deed(agreement, lead):
    deed = factories.open_deed(agreement)
    made = record_impact_assessment(deed=deed, assessed_on=DAY, text="People lose nothing.", by=lead)
    assert made.deed == deed
    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=DAY)
    assert refusal(record_impact_assessment, deed=deed, assessed_on=DAY, text="x", by=lead) == ["DEED_SIGNED"]


# --- the board -------------------------------------------------------------------------------------------------------


def board(agreement, by, **given) -> Board:
    given = {"values": {"name": "Joint board", "form": "joint_committee"}, "seats": [], "quorums": {}} | given
    return save_board(agreement=agreement, by=by, **given)


def test_a_board_is_saved_whole_each_time(agreement, lead, icb, council):
    seats = [SeatIn(icb, "Director"), SeatIn(council, "Leader ", is_chair=True, deputy="Deputy leader")]
    made = board(agreement, lead, seats=seats, quorums={icb: 1, council: 0})
    assert [(each.post, each.is_chair, each.deputy) for each in made.seats.all()] == [
        ("Director", False, ""), ("Leader", True, "Deputy leader"),
    ]  # fmt: skip
    assert [(each.organisation, each.least) for each in made.quorums.all()] == [(icb, 1)]
    saved = board(agreement, lead, board=made, values={"meets": "Monthly"}, seats=seats[1:], version=1)
    assert (saved.pk, saved.name, saved.meets, saved.version) == (made.pk, "Joint board", "Monthly", 2)
    assert [each.post for each in saved.seats.all()] == ["Leader"]
    assert not saved.quorums.exists()


def test_a_board_keeps_every_column_of_itself_and_of_its_seats(agreement, lead, icb, council):
    values = {"name": " Joint  board ", "form": "officer_board", "meets": "Monthly", "reports_to": "Cabinet"}
    seats = [SeatIn(icb, " Director ", is_chair=True, is_voting=False, deputy=" Deputy "), SeatIn(council, "Leader")]
    made = Board.objects.get(pk=board(agreement, lead, values=values, seats=seats, quorums={council: 1}).pk)
    assert (made.agreement, made.name, made.form, made.meets, made.reports_to, made.version) == (
        agreement, "Joint board", "officer_board", "Monthly", "Cabinet", 1,
    )  # fmt: skip
    kept = made.seats.values_list("organisation", "post", "is_chair", "is_voting", "deputy")
    assert list(kept) == [(icb.pk, "Director", True, False, "Deputy"), (council.pk, "Leader", False, True, "")]
    assert list(made.quorums.values_list("organisation", "least")) == [(council.pk, 1)]
    other = board(agreement, lead, values={"name": "Other", "form": "joint_committee"}, seats=seats[:1])
    saved = board(agreement, lead, board=made, values={"form": "joint_committee", "reports_to": ""}, version=None)
    assert (saved.name, saved.form, saved.meets, saved.reports_to) == ("Joint board", "joint_committee", "Monthly", "")
    assert (saved.seats.count(), saved.quorums.count(), other.seats.count()) == (0, 0, 1)
    assert Board.objects.get(pk=made.pk).version == 2
    assert refusal(board, agreement=agreement, by=lead, board=made, values={"name": " "}) == ["REQUIRED"]
    assert refusal(board, agreement=agreement, by=lead, values={}) == ["REQUIRED", "REQUIRED"]


def test_a_board_that_was_changed_or_removed_meanwhile_is_not_saved_over(agreement, lead):
    made = board(agreement, lead)
    board(agreement, lead, board=made, version=1)
    given = {"agreement": agreement, "values": {}, "seats": [], "quorums": {}, "by": lead}
    assert refusal(save_board, board=made, version=1, **given) == ["CHANGED_MEANWHILE"]
    remove_board(board=made, by=lead)
    assert refusal(save_board, board=made, version=2, **given) == ["NOT_THERE"]
    assert refusal(remove_board, board=made, by=lead) == ["NOT_THERE"]
    other = factories.agreement(partners=[lead.holds("prepare_agreements")[0], factories.council()])
    theirs = board(other, lead)
    assert refusal(save_board, board=theirs, **given) == ["NOT_THERE"]


def test_a_board_that_is_wrong_is_refused_all_at_once(agreement, lead, icb):
    stranger = factories.organisation()
    codes = refusal(
        board, agreement=agreement, by=lead, values={"form": "tea_party"},
        seats=[SeatIn(icb, "Director"), SeatIn(icb, " Director"), SeatIn(stranger, "x" * 301)],
        quorums={icb: 3, stranger: -1},
    )  # fmt: skip
    assert codes == [
        "REQUIRED", "UNKNOWN_VALUE", "TOO_LONG", "BOARD_SEAT_ONCE", "NOT_A_PARTNER", "QUORUM_OUT_OF_REACH",
        "QUORUM_OUT_OF_REACH",
    ]  # fmt: skip
    assert refusal(board, agreement=agreement, by=lead, seats=[SeatIn(icb, f"Post {n}") for n in range(61)]) == [
        "TOO_MANY"
    ]
    assert not Board.objects.exists()


# --- who may ---------------------------------------------------------------------------------------------------------


def everything(agreement, by, icb, trust):
    yield lambda: record_precondition(
        agreement=agreement, kind="improvement", is_met=True, met_on=DAY, evidence="Paper 1", by=by
    )
    yield lambda: record_decision(agreement=agreement, body="cabinet", reference="Minute", decided_on=DAY, by=by)
    yield lambda: record_trust_consent(agreement=agreement, trust=trust, commissioner=icb, consented_on=None, by=by)
    yield lambda: record_impact_assessment(deed=agreement.deeds.get(), assessed_on=DAY, text="None.", by=by)
    yield lambda: board(agreement, by)
    there = Board.objects.create(agreement=agreement, name="Board", form="officer_board")
    yield lambda: remove_board(board=there, by=by)


def test_only_who_prepares_agreements_records(agreement, icb, trust):
    by = factories.actor(factories.member(organisation=icb, roles=["finance_approver", "viewer", "org_admin"]))
    for attempt in everything(agreement, by, icb, trust):
        with pytest.raises(PermissionDenied):
            attempt()


def test_an_outsider_records_nothing(agreement, icb, trust):
    by = factories.actor(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    for attempt in everything(agreement, by, icb, trust):
        with pytest.raises(Http404):
            attempt()


def test_whoever_acts_for_two_partners_chooses_one_and_no_other(agreement, icb, council, trust):
    user = factories.member(organisation=icb, roles=["pool_manager"])
    user.memberships.create(organisation=council, roles=["pool_manager"])
    by = factories.actor(user)
    given = {"agreement": agreement, "body": "cabinet", "reference": "Minute", "decided_on": DAY, "by": by}
    assert record_decision(organisation=council, **given).organisation == council
    with pytest.raises(PermissionDenied):
        record_decision(organisation=trust, **given)
