"""The audit trail and the change feed: written inside actions, never rewritten."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from pooledcare.directory.access import system_actor
from pooledcare.directory.history import announce, announced_together, record
from pooledcare.directory.models import AuditEvent, Change, ChangeHead

pytestmark = pytest.mark.django_db


def test_an_audit_line_names_the_actor_by_reference():
    record(by=system_actor("test"), action="example", subject="upload:UP-1", sentence="Upload UP-1 was looked at.")
    assert AuditEvent.objects.get().actor == "system:test"


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
