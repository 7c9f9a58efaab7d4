"""What every action leaves in the audit trail and in the change feed: one line of each, exactly as it says it."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from django.core.files.base import ContentFile

from partnerships import actions
from partnerships.actions import deeds, documents, drafting, operation, recording, succession
from partnerships.models import Agreement, Partner
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent, Change, Organisation
from tests.deed_steps import START, SYSTEM, TODAY, approve, fresh, hash_now, open_deed
from tests.partnerships import papers
from tests.partnerships.test_operation import IN_SIX_MONTHS, later
from tests.world import People

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]

# Which action writes which line. Those of many agreements at once are tested where they are: with the passing of days,
# with reminders and with uploads.
LINES = {
    "start_agreement": "agreement.begun",
    "edit_deed": "deed.edited",
    "add_partner": "partner.added",
    "change_partner": "partner.changed",
    "remove_partner": "partner.removed",
    "write_clause": "clause.written",
    "write_clauses": "clause.written",
    "save_pool": "pool.saved",
    "drop_pool": "pool.dropped",
    "save_scheme": "scheme.saved",
    "drop_scheme": "scheme.dropped",
    "prepare_deed": "deed.prepared",
    "approve_deed": "deed.approved",
    "request_changes": "deed.changes_requested",
    "sign_deed": "deed.signed",
    "withdraw_deed": "deed.withdrawn",
    "publish_deed": "deed.published",
    "prepare_renewal": "agreement.renewed",
    "record_history": "agreement.recorded",
    "start_operating": "agreement.operating",
    "give_notice": "notice.given",
    "withdraw_notice": "notice.withdrawn",
    "end_after_notice": "agreement.ended",
    "record_occurrence": "occurrence.recorded",
    "mark_integrated": "agreement.marked",
    "agree_release": "agreement.release_agreed",
    "add_known_successors": "partner.carried_over",
    "record_successors": "partner.carried_over",
    "record_precondition": "precondition.recorded",
    "record_decision": "decision.recorded",
    "record_trust_consent": "consent.recorded",
    "record_impact_assessment": "impact.recorded",
    "save_board": "board.saved",
    "remove_board": "board.removed",
    "add_document": "document.added",
    "change_document": "document.changed",
    "remove_document": "document.removed",
}
OF_MANY = {
    "advance_agreements": "agreement.advanced",
    "recheck_agreements": "agreements.recheck",
    "send_reminders": "agreement.reminded",
    "write_rows": "upload.drafts_written",
    "reverse_rows": "agreement.upload_reversed",
}


def test_every_action_on_agreements_has_its_line_in_these_tables():
    modules = [
        importlib.import_module(f"partnerships.actions.{each.name}") for each in pkgutil.iter_modules(actions.__path__)
    ]
    found = {name for module in modules for name, thing in vars(module).items() if hasattr(thing, "is_action")}
    assert found == LINES.keys() | OF_MANY.keys()


def trail(do: Callable[..., Any]) -> tuple[Any, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What was done, with the lines that it left in the audit trail and in the feed."""
    lines, changes = AuditEvent.objects.count(), Change.objects.count()
    done = do()
    return (
        done,
        [(e.action, e.subject, e.sentence, e.actor, e.organisation) for e in AuditEvent.objects.order_by("pk")[lines:]],
        [
            (c.resource, c.reference, c.event, c.public, c.organisation, set(c.reader_ids))
            for c in Change.objects.order_by("sequence")[changes:]
        ],
    )


@dataclass
class Teller:
    """Does one action after another on an agreement, and compares what each leaves behind."""

    agreement: Agreement
    by: Actor
    organisation: Organisation  # for which `by` acts
    readers: set[Organisation]

    def __call__(
        self,
        do: partial[Any],
        words: str | Callable[[Any], str],
        *,
        parts: Collection[tuple[str, str]] = (),
        event: str = "changed",
        public: bool = False,
    ) -> Any:
        """`words` go on after the reference of the agreement; `parts` are the funds and schemes told to the feed."""
        before = fresh(self.agreement).version
        done, lines, changes = trail(partial(do, by=self.by))
        agreement, reference = fresh(self.agreement), self.agreement.reference
        name, code = LINES[do.func.__name__], self.organisation.code
        sentence = reference + (words if isinstance(words, str) else words(done))
        assert lines == [(name, f"agreement:{reference}", sentence, self.by.reference, code)]
        readers = {each.pk for each in self.readers}
        told = [("agreements", reference), *((resource, f"{reference}/{slug}") for resource, slug in parts)]
        assert changes == [(*each, event, public, code, readers) for each in told]
        assert agreement.version == before + 1
        return done

    def as_(self, people: People, actor: Actor) -> Teller:
        return replace(self, by=actor, organisation=people.organisation)


def teller(agreement: Agreement, people: People, actor: Actor, *others: People) -> Teller:
    return Teller(agreement, actor, people.organisation, {each.organisation for each in (people, *others)})


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_draft_that_is_begun_is_told_as_created(world):
    by, county = world.council.prepares, world.council.organisation
    made, lines, changes = trail(partial(drafting.start_agreement, organisation=county, power="s75", by=by))
    reference = made.reference
    words = f"{reference}: started."
    assert lines == [("agreement.begun", f"agreement:{reference}", words, by.reference, county.code)]
    assert changes == [("agreements", reference, "created", False, county.code, {county.pk})]
    assert made.version == 1


def test_who_joins_and_who_leaves_is_told_as_well(world):
    agreement, trust = world.draft(), world.trust.organisation
    deed, tell = open_deed(agreement), teller(agreement, world.council, world.council.prepares, world.icb, world.trust)
    added = tell(partial(drafting.add_partner, deed=deed, organisation=trust), f"/0: partner {trust.code} added.")
    change = partial(drafting.change_partner, deed=deed, partner=added, role="commissioner", contributes=False)
    tell(change, f"/0: partner {trust.code} changed.")
    tell(partial(drafting.remove_partner, deed=deed, partner=added), f"/0: partner {trust.code} removed.")


def test_writing_a_draft_says_what_was_written(world):
    agreement = world.draft()
    deed, tell = open_deed(agreement), teller(agreement, world.icb, world.icb.prepares, world.council)
    tell(partial(drafting.edit_deed, deed=deed, changes={"title": "Ours"}), "/0: edited.")
    tell(partial(drafting.write_clause, deed=deed, kind="aims", text="Fewer stays."), "/0: clause aims written.")
    tell(partial(drafting.write_clause, deed=deed, kind="aims", text=" "), "/0: clause aims taken out.")
    texts = {"disputes": "Mediation.", "exit": ""}
    tell(partial(drafting.write_clauses, deed=deed, texts=texts), "/0: clause disputes written, exit taken out.")
    fund, home = [("pools", "aids")], [("schemes", "home")]
    tell(partial(drafting.save_pool, deed=deed, values={"name": "Aids"}), "/0: fund aids added.", parts=fund)
    change = partial(drafting.save_pool, deed=deed, slug="aids", values={"manager": "Head"})
    tell(change, "/0: fund aids changed.", parts=fund)
    tell(partial(drafting.save_scheme, deed=deed, values={"name": "Home"}), "/0: scheme home added.", parts=home)
    change = partial(drafting.save_scheme, deed=deed, slug="home", values={"aims": "More."})
    tell(change, "/0: scheme home changed.", parts=home)
    tell(partial(drafting.drop_scheme, deed=deed, slug="home"), "/0: scheme home taken back.", parts=home)
    tell(partial(drafting.drop_pool, deed=deed, slug="aids"), "/0: fund aids taken back.", parts=fund)


# --- deeds -----------------------------------------------------------------------------------------------------------


def test_a_deed_on_its_way_is_told_to_its_partners_until_all_have_published_it(world):
    agreement = world.draft()
    deed, parts = open_deed(agreement), [("pools", "reablement"), ("schemes", "reablement")]
    county = teller(agreement, world.council, world.council.approves, world.icb)
    board = county.as_(world.icb, world.icb.approves)
    board(partial(deeds.request_changes, deed=deed, note="Otherwise."), "/0: changes requested.")
    for tell in (county, board):
        tell(partial(deeds.approve_deed, deed=deed, content_hash=hash_now(deed)), "/0: approved.")
    county(partial(deeds.sign_deed, deed=deed, signed_on=TODAY), "/0: signed.", parts=parts)
    county(partial(deeds.publish_deed, deed=deed), "/0: published.", parts=parts)
    board(partial(deeds.publish_deed, deed=deed), "/0: published.", parts=parts, public=True)
    writer = county.as_(world.council, world.council.prepares)
    later_deed = writer(partial(deeds.prepare_deed, agreement=agreement, effective_on=TODAY), "/1: prepared.")
    drop = partial(drafting.drop_scheme, deed=later_deed, slug="reablement")
    writer(drop, "/1: scheme reablement ended.", parts=parts[1:])
    drop = partial(drafting.drop_pool, deed=later_deed, slug="reablement")
    writer(drop, "/1: fund reablement closed.", parts=parts[:1])
    writer(partial(deeds.withdraw_deed, deed=later_deed, reason="Enough."), "/1: withdrawn.")


def test_funds_and_schemes_that_a_deed_takes_away_are_told_when_it_is_signed(world):
    agreement = world.running()
    deed = world.deed(agreement)
    drafting.drop_scheme(deed=deed, slug="reablement", by=world.council.prepares)
    drafting.drop_pool(deed=deed, slug="reablement", by=world.council.prepares)
    approve(deed, world.council, world.icb)
    tell = teller(agreement, world.council, world.council.approves, world.icb)
    parts = [("pools", "reablement"), ("schemes", "reablement")]
    tell(partial(deeds.sign_deed, deed=deed, signed_on=TODAY), "/1: signed.", parts=parts)


def test_a_renewal_is_told_as_created(world):
    agreement, by = world.running(is_published=True), world.council.prepares
    renew = partial(deeds.prepare_renewal, agreement=agreement, start=IN_SIX_MONTHS, by=by)
    made, lines, changes = trail(renew)
    code, reference = world.council.organisation.code, made.reference
    words = f"{reference}: started as the renewal of {agreement.reference}."
    assert lines == [("agreement.renewed", f"agreement:{reference}", words, by.reference, code)]
    readers = {world.council.organisation.pk, world.icb.organisation.pk}
    assert changes == [("agreements", reference, "created", False, code, readers)]
    assert (made.version, made.statuses.get().note) == (1, f"Renews {agreement.reference}")


@pytest.mark.parametrize("is_published", [True, False])
def test_the_past_is_told_to_everybody_only_where_it_was_published(world, is_published):
    agreement = world.draft()
    tell = teller(agreement, world.icb, SYSTEM, world.council)
    record = partial(
        deeds.record_history, agreement=agreement, signed={0: START}, published=is_published, source=None
    )  # fmt: skip
    parts = [("pools", "reablement"), ("schemes", "reablement")]
    tell(record, ": recorded as signed in the past.", parts=parts, public=is_published)
    deed = agreement.deeds.get()
    assert (deed.publications.count(), deed.published_on) == ((2, TODAY) if is_published else (0, None))
    tell(record, ": recorded as signed in the past.", public=is_published)
    assert deed.publications.count() == (2 if is_published else 0)


# --- on its way ------------------------------------------------------------------------------------------------------


def test_an_agreement_on_its_way_is_told_in_a_line_for_each_step(world):
    agreement = world.running(state="signed")
    writer = teller(agreement, world.council, world.council.prepares, world.icb)
    county, board = writer.as_(world.council, world.council.approves), writer.as_(world.icb, world.icb.leads)
    begin = partial(operation.start_operating, agreement=agreement, since=START)
    writer(begin, ": in operation.")
    mark = partial(operation.mark_integrated, agreement=agreement)
    county(mark, ": marked as an existing integrated arrangement.")
    release = partial(operation.agree_release, agreement=agreement)
    board(release, ": release of the mark agreed.")
    county(release, ": mark cleared by all partners.")
    scheme, term = agreement.schemes.get(), {"given_on": TODAY, "takes_effect_on": IN_SIX_MONTHS, "reason": ""}
    give = partial(operation.give_notice, agreement=agreement, **term)
    county(partial(give, scheme=scheme), ": notice given on scheme reablement.")
    given = board(give, ": notice given.")
    board(partial(operation.withdraw_notice, notice=given), ": notice withdrawn.")
    board(give, ": notice given.")
    happen = partial(operation.record_occurrence, agreement=agreement, happened_on=TODAY, evidence="Letter")
    writer(partial(happen, kind="change_of_host"), ": change of host recorded.")
    words = ": closure of scheme recorded of scheme reablement."
    writer(partial(happen, kind="closure_of_scheme", scheme=scheme), words)
    with later(IN_SIX_MONTHS):
        end = partial(operation.end_after_notice, agreement=agreement, on=IN_SIX_MONTHS)
        county(partial(end, scheme=scheme), ": scheme reablement ended after notice.")
        board(end, ": ended after notice.")


def test_what_operates_before_and_after_signing_is_told_apart(world):
    draft, noticed = world.draft(), world.running(state="notice_given")
    Agreement.objects.filter(pk=noticed.pk).update(operating_since=None)
    for agreement, words in ((draft, ": operating unsigned."), (noticed, ": in operation.")):
        tell = teller(agreement, world.council, world.council.prepares, world.icb)
        tell(partial(operation.start_operating, agreement=agreement, since=START), words)


def test_successors_are_told_by_their_codes(world):
    assert world.icb
    lost = world.body("Mereshire Care Agency", "other_authority", "2010-04-01", "2020-03-31")
    heirs = [world.body(f"Heir {name}", "other_authority", "2020-04-01").organisation for name in "BA"]
    agreement = world.running(world.ccg, world.council, lost, effective_on=dt.date(2015, 4, 1))
    tell = teller(agreement, world.council, world.council.prepares, world.ccg, world.icb, lost)
    board = world.icb.organisation.code
    tell(partial(succession.add_known_successors, agreement=agreement), f": carried over to {board}.")
    tell.readers |= {*heirs}
    partner = Partner.objects.get(agreement=agreement, organisation=lost.organisation)
    name = partial(
        succession.record_successors, agreement=agreement, partner=partner, successors=heirs,
        effective_on=dt.date(2020, 4, 1), evidence=" Order of 2020 ",
    )  # fmt: skip
    codes = ", ".join(sorted(each.code for each in heirs))
    tell(name, f": carried over to {codes}.")
    status = agreement.statuses.last()
    assert (status.note, status.state, status.organisation, status.actor) == (
        f"{lost.organisation.code} succeeded by {codes}: Order of 2020", "in_operation", world.council.organisation,
        world.council.prepares.reference,
    )  # fmt: skip


# --- beside the text -------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_told_by_what_it_is_and_never_by_what_was_written(world):
    agreement = world.draft(world.icb, world.council, world.trust)
    tell = teller(agreement, world.icb, world.icb.leads, world.council, world.trust)
    deed, icb, trust = open_deed(agreement), world.icb.organisation, world.trust.organisation
    note = partial(recording.record_precondition, agreement=agreement, kind="improvement", met_on=START, evidence="Own")
    tell(partial(note, is_met=True), ": condition improvement recorded as met.")
    tell(partial(note, is_met=False), ": condition improvement recorded as not met.")
    decide = partial(recording.record_decision, agreement=agreement, body="cabinet", reference="Own", decided_on=START)
    tell(decide, ": decision of cabinet recorded.")
    tell(partial(decide, deed=deed), "/0: decision of cabinet recorded.")
    consent = partial(recording.record_trust_consent, agreement=agreement, trust=trust, commissioner=icb)
    tell(partial(consent, consented_on=None), f": consent of {icb.code} for {trust.code} awaited.")
    given = partial(consent, consented_on=START, evidence="Own")
    tell(given, f": consent of {icb.code} for {trust.code} recorded.")
    assessed = partial(recording.record_impact_assessment, deed=deed, assessed_on=START, text="Own")
    tell(assessed, "/0: impact assessment recorded.")
    values = {"name": "Own", "form": "joint_committee"}
    save = partial(recording.save_board, agreement=agreement, seats=[], quorums={})
    board = tell(partial(save, values=values), lambda made: f": board {made.pk} saved.")
    tell(partial(save, board=board, values={}), f": board {board.pk} saved.")
    tell(partial(recording.remove_board, board=board), f": board {board.pk} removed.")
    file = {"file": ContentFile(papers.PDF), "filename": "Own.pdf", "kind": "other", "title": "Own"}
    add = partial(documents.add_document, agreement=agreement, **file)
    paper = tell(add, lambda made: f": document {made.pk} added.")
    change = partial(documents.change_document, document=paper, title="Other")
    tell(partial(change, is_exempt=False), f": document {paper.pk} changed, not exempt.")
    tell(partial(change, is_exempt=True), f": document {paper.pk} changed, exempt.")
    tell(partial(documents.remove_document, document=paper), f": document {paper.pk} removed.")
