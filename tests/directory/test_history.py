"""The audit trail and the change feed: written inside actions, never rewritten."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from pooledcare.directory.access import system_actor
from pooledcare.directory.history import announce, announced_together, record
from pooledcare.directory.models import AuditEvent, Change, ChangeHead
from pooledcare.kernel.context import request_id

pytestmark = pytest.mark.django_db


def test_an_audit_line_says_who_did_what_to_what_where_and_in_which_request():
    began = timezone.now()
    token = request_id.set("0123-abc")
    try:
        made = record(
            by=system_actor("test"), action="example", subject="upload:UP-1", sentence="Upload UP-1 was looked at.",
            organisation="QSL",
        )  # fmt: skip
    finally:
        request_id.reset(token)
    record(by=system_actor("test"), action="other", subject="upload:UP-2", sentence="Upload UP-2 was not.")
    newest, first = AuditEvent.objects.all()
    assert first == made
    assert (first.actor, first.action, first.subject) == ("system:test", "example", "upload:UP-1")
    assert (str(first), first.organisation, first.request_id) == ("Upload UP-1 was looked at.", "QSL", "0123-abc")
    assert (newest.action, newest.organisation, newest.request_id) == ("other", "", "")
    assert began <= first.at <= newest.at <= timezone.now()


@pytest.mark.parametrize("rewrite", [lambda rows: rows.update(action="other"), lambda rows: rows.delete()])
def test_an_audit_line_is_never_rewritten(rewrite):
    record(by=system_actor("test"), action="example", subject="upload:UP-1", sentence="Upload UP-1 was looked at.")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        rewrite(AuditEvent.objects.all())
    assert caught.value.__cause__.diag.constraint_name == "audit_event_append_only"


@pytest.mark.parametrize("rewrite", [lambda rows: rows.update(event="other"), lambda rows: rows.delete()])
def test_a_change_is_never_rewritten(rewrite):
    with transaction.atomic():
        announce(resource="allocations", reference="UP-1", event="accepted", public=True)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        rewrite(Change.objects.all())
    assert caught.value.__cause__.diag.constraint_name == "change_append_only"


def test_changes_are_numbered_without_gaps_even_when_one_is_rolled_back():
    with transaction.atomic():
        announce(resource="allocations", reference="UP-1", event="accepted", public=True)
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
        announce(resource="allocations", reference="UP-2", event="accepted", public=True)
        raise RuntimeError("undo")
    with transaction.atomic():
        announce(resource="allocations", reference="UP-3", event="accepted", public=True)
    assert list(Change.objects.values_list("sequence", "reference")) == [(1, "UP-1"), (2, "UP-3")]


def test_what_is_announced_together_is_numbered_at_the_end_and_meanwhile_nobody_waits():
    with transaction.atomic(), announced_together():
        announce(resource="agreements", reference="S75-0001", event="changed", public=True)
        announce(resource="agreements", reference="S75-0002", event="changed", public=True)
        assert not Change.objects.exists()
        assert not ChangeHead.objects.exists()
    assert list(Change.objects.values_list("sequence", "reference")) == [(1, "S75-0001"), (2, "S75-0002")]
    with transaction.atomic():
        announce(resource="agreements", reference="S75-0003", event="changed", public=True)
    assert Change.objects.latest("sequence").sequence == 3


def test_what_ends_in_an_exception_announces_nothing():
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic(), announced_together():
        announce(resource="agreements", reference="S75-0001", event="changed", public=True)
        raise RuntimeError("undo")
    with transaction.atomic():
        announce(resource="agreements", reference="S75-0002", event="changed", public=True)
    assert list(Change.objects.values_list("sequence", "reference")) == [(1, "S75-0002")]


def test_a_change_says_what_became_of_what_and_who_else_may_read_it():
    with transaction.atomic():
        announce(
            resource="agreements", reference="S75-0001", event="changed", public=False, organisation="QSL",
            readers={9, 3, 5}, counts={"rows": 2},
        )  # fmt: skip
        announce(resource="allocations", reference="UP-1", event="accepted", public=True)
    first, second = Change.objects.all()
    assert str(first) == "1: agreements S75-0001 changed"
    assert (first.public, first.organisation, first.reader_ids, first.counts) == (False, "QSL", [3, 5, 9], {"rows": 2})
    assert (second.sequence, second.resource, second.reference, second.event) == (2, "allocations", "UP-1", "accepted")
    assert (second.public, second.organisation, second.reader_ids, second.counts) == (True, "", [], {})


def test_a_change_outside_a_transaction_is_not_announced(monkeypatch):
    monkeypatch.setattr("pooledcare.directory.history.connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError) as caught:
        announce(resource="allocations", reference="UP-1", event="accepted", public=True)
    assert str(caught.value) == "A change must be announced inside the transaction that makes it."
    assert not ChangeHead.objects.exists()


def test_where_nothing_was_announced_together_the_head_stays_free():
    with transaction.atomic(), announced_together():
        pass
    assert not ChangeHead.objects.exists()


def test_numbers_go_on_from_one_batch_to_the_next():
    for batch in (["A"], ["B", "C", "D"], ["E", "F"]):
        with transaction.atomic(), announced_together():
            for reference in batch:
                announce(resource="r", reference=reference, event="e", public=True)
    assert list(Change.objects.values_list("sequence", "reference")) == list(enumerate("ABCDEF", 1))
    assert [head.sequence for head in ChangeHead.objects.all()] == [6]
