"""Who writes an agreement holds it alone, from the first reading on; and nobody waits for what is not theirs to hold.

A row that is held `for key share` can still be updated by others, and cannot be locked for update. So an action that
waits for it does take the lock, and does not merely write to the row at its end.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, models, transaction

from partnerships.actions import daily, deeds, documents, drafting, operation, recording, succession
from partnerships.changing.agreement import lock_agreement, starting_once, unchanged_since
from partnerships.models import Agreement, Board, Clause, Deed, SchemeFunction, UploadedRow
from pooledcare.uploads import kinds
from tests import factories
from tests.deed_steps import START, SYSTEM, fresh, open_deed
from tests.partnerships import papers
from tests.partnerships.test_agreement_trail import LINES
from tests.uploads.test_concurrency import at_once
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LOCK_NOT_AVAILABLE = "55P03"
DAY = dt.timedelta(days=1)


@contextmanager
def held(row: models.Model, how: str = "for key share") -> Iterator[None]:
    """Somebody's transaction that has begun and not ended holds the row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"select from {row._meta.db_table} where id = %s {how}", [row.pk])
        yield


def meanwhile(do: Callable[[], Any]) -> Any:
    """What it gives back on a connection of its own, or the error that it ends in; it waits for locks a moment only."""

    def attempt() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '40ms'")
        return do()

    return at_once(attempt)[0]


def waits(do: Callable[[], Any]) -> bool:
    answer = meanwhile(do)
    return isinstance(answer, OperationalError) and answer.__cause__.sqlstate == LOCK_NOT_AVAILABLE


def every_action(world: World, agreement: Agreement) -> Iterator[partial[Any]]:
    """Every action on one agreement. What they are given need not all be right: they wait before they look at it."""
    of, deed = {"agreement": agreement}, {"deed": open_deed(agreement)}
    partner, scheme = agreement.partners.first(), agreement.schemes.get()
    board = Board.objects.create(agreement=agreement, name="Board", form="officer_board")
    paper = factories.document(agreement)
    given = agreement.notices.create(
        given_on=START, takes_effect_on=START, organisation=agreement.prepared_by, actor="user:0"
    )
    trust, file = world.trust.organisation, io.BytesIO(papers.PDF)
    yield partial(drafting.edit_deed, changes={}, **deed)
    yield partial(drafting.add_partner, organisation=trust, **deed)
    yield partial(drafting.change_partner, partner=partner, role="", contributes=False, **deed)
    yield partial(drafting.remove_partner, partner=partner, **deed)
    yield partial(drafting.write_clause, kind="exit", text="x", **deed)
    yield partial(drafting.write_clauses, texts={}, **deed)
    yield partial(drafting.save_pool, values={"name": "x"}, **deed)
    yield partial(drafting.drop_pool, slug="reablement", **deed)
    yield partial(drafting.save_scheme, values={"name": "x"}, **deed)
    yield partial(drafting.drop_scheme, slug="reablement", **deed)
    yield partial(deeds.prepare_deed, **of)
    yield partial(deeds.approve_deed, content_hash="", **deed)
    yield partial(deeds.request_changes, note="x", **deed)
    yield partial(deeds.sign_deed, signed_on=START, **deed)
    yield partial(deeds.withdraw_deed, reason="x", **deed)
    yield partial(deeds.publish_deed, **deed)
    yield partial(deeds.prepare_renewal, start=START, **of)
    yield partial(deeds.record_history, signed={}, published=False, source=None, **of)
    yield partial(operation.start_operating, since=START, **of)
    yield partial(operation.give_notice, given_on=START, takes_effect_on=START, reason="", **of)
    yield partial(operation.withdraw_notice, notice=given)
    yield partial(operation.end_after_notice, on=START, scheme=scheme, **of)
    yield partial(operation.record_occurrence, kind="direction", happened_on=START, evidence="x", **of)
    yield partial(operation.mark_integrated, **of)
    yield partial(operation.agree_release, **of)
    yield partial(succession.add_known_successors, **of)
    yield partial(
        succession.record_successors, partner=partner, successors=[trust], effective_on=START, evidence="x", **of
    )
    yield partial(recording.record_precondition, kind="improvement", is_met=True, met_on=START, evidence="x", **of)
    yield partial(recording.record_decision, body="cabinet", reference="x", decided_on=START, **of)
    yield partial(recording.record_trust_consent, trust=trust, commissioner=trust, consented_on=None, **of)
    yield partial(recording.record_impact_assessment, assessed_on=START, text="x", **deed)
    yield partial(recording.save_board, board=board, values={}, seats=[], quorums={}, **of)
    yield partial(recording.remove_board, board=board)
    yield partial(documents.add_document, file=file, filename="x.pdf", kind="other", title="x", **of)
    yield partial(documents.change_document, document=paper, title="x", is_exempt=True)
    yield partial(documents.remove_document, document=paper)


def test_every_action_waits_for_whoever_holds_the_agreement():
    world = World()
    agreement = world.draft()
    todo = list(every_action(world, agreement))
    assert {each.func.__name__ for each in todo} == LINES.keys() - {"start_agreement"}
    with held(agreement):
        waiting = [each.func.__name__ for each in todo if waits(partial(each, by=SYSTEM))]
    assert waiting == [each.func.__name__ for each in todo]


def test_nobody_waits_for_an_organisation_that_is_being_changed():
    """The agreement alone is locked, not the organisation that prepared it, though both are read at once."""
    agreement = factories.agreement()
    Agreement.objects.get(pk=agreement.pk).summaries.update(worked_out_on=START)
    with held(agreement.prepared_by, "for no key update"):
        read = meanwhile(lambda: transaction.atomic()(lock_agreement)(agreement))
        assert read == agreement
        assert meanwhile(partial(daily.advance_agreements, by=SYSTEM)) == 1


def test_the_passing_of_days_leaves_out_what_somebody_is_changing_and_waits_for_nobody():
    free, busy = factories.agreement(), factories.agreement()
    for each in (free, busy):
        each.summaries.update(worked_out_on=START)
    with held(busy):
        assert meanwhile(partial(daily.advance_agreements, by=SYSTEM)) == 1
    assert fresh(free).summaries.get(audience="partners").worked_out_on > START
    assert fresh(busy).summaries.get(audience="partners").worked_out_on == START


def test_a_form_of_the_same_organisation_waits_until_the_first_has_started_its_agreement():
    organisation, other = factories.organisation(), factories.organisation()

    def begin(one: Any) -> str:
        with starting_once(one, "Reablement"):
            return "begun"

    with starting_once(organisation, "Reablement"):
        assert waits(partial(begin, organisation))
        assert meanwhile(partial(begin, other)) == "begun"


def test_what_a_page_showed_is_compared_under_the_lock():
    agreement = factories.agreement()

    def save() -> str:
        with unchanged_since(agreement, "seen", lambda _: "seen"):
            return "saved"

    with held(agreement):
        assert waits(save)
    assert meanwhile(save) == "saved"


def test_a_file_takes_the_lock_of_every_agreement_that_it_names_before_it_is_written():
    named, other = factories.agreement(), factories.agreement()
    upload = factories.upload(organisation=named.prepared_by, kind="agreements")
    UploadedRow.objects.create(upload=upload, line=1, row=2, cell_values={"title": "x"}, agreement=named)
    UploadedRow.objects.create(upload=upload, line=2, row=3, cell_values={"title": "y"})

    def lock() -> str:
        with transaction.atomic():
            kinds.kind("agreements").steps.lock(upload)
            with connection.cursor() as cursor:
                cursor.execute("show client_connection_check_interval")
                return cursor.fetchone()[0]

    with held(named):
        assert waits(lock)
    with held(other):
        assert meanwhile(lock) == "2s"


# --- in the database -------------------------------------------------------------------------------------------------


def write_a_clause(deed: Deed) -> None:
    Clause.objects.filter(deed=deed, kind="exit").update(text="Otherwise.")


def write_a_function(deed: Deed) -> None:
    SchemeFunction.objects.filter(terms__deed=deed).update(delegation_evidence="Otherwise.")


def sign(deed: Deed) -> None:
    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=START)


@pytest.mark.parametrize("write", [write_a_clause, write_a_function])
def test_a_text_is_not_signed_while_somebody_writes_it_nor_written_while_somebody_signs(write):
    """The trigger holds the deed until the writer's transaction ends, past every action of ours."""
    deed = open_deed(factories.whole_agreement())
    with transaction.atomic():
        write(deed)
        assert waits(partial(sign, deed))
    with transaction.atomic():
        sign(deed)
        assert waits(partial(write, deed))


@pytest.mark.parametrize("write", [write_a_clause, write_a_function])
def test_a_text_is_written_while_somebody_signs_another_deed(write):
    deed, other = open_deed(factories.whole_agreement()), open_deed(factories.whole_agreement())
    with held(other, "for no key update"):
        assert not isinstance(meanwhile(partial(write, deed)), Exception)
