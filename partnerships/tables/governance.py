"""Partners, boards and recorded facts of an agreement, as tables of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from partnerships.rules.agreements.membership import MembershipPeriod
from partnerships.terms import AgreementState, PartnerRole
from pooledcare.directory.audit_table import with_names
from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from partnerships.models import AgreementStatus, Decision, Document, Notice, Occurrence, Precondition, TrustConsent
    from partnerships.queries.agreements.governance import BoardShown
    from pooledcare.directory.models import AuditEvent


def partners(periods: Iterable[MembershipPeriod], day: dt.date) -> Table:
    columns = [
        Column("Partner"),
        Column("Role"),
        Column("Contributes"),
        Column("From", "date", "Not set"),
        Column("Until", "date", "No end date"),
        Column("How it joined"),
    ]
    return Table("partners", "Current and former partners", columns, [_period(each, day) for each in periods])


def _period(one: MembershipPeriod, day: dt.date) -> list[Cell]:
    there = None if one.is_there_on(day) else ("Not yet" if one.since is None or one.since > day else "No longer")
    return [
        {
            "value": one.body.name,
            "url": reverse("budgets:organisation-detail", args=[one.body.code]),
            "note": there,
        },
        str(PartnerRole(one.role).label),
        "Yes" if one.contributes else "No",
        one.since,
        one.until,
        _how_it_joined(one),
    ]


def _how_it_joined(one: MembershipPeriod) -> str:
    if one.succeeds is not None:
        return f"In place of {one.succeeds.name}"
    name = "With the agreement" if one.deed == 0 else f"By deed {one.deed}"
    return name if one.is_agreed else f"{name}, not signed yet"


def seats(shown: BoardShown) -> Table:
    columns = [
        Column("Post"),
        Column("Acts for"),
        Column("Votes"),
        Column("Deputy", missing="None named"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": seat.post, "note": "Chair" if seat.is_chair else None},
            seat.organisation.name,
            "Yes" if seat.is_voting else "No",
            seat.deputy,
        ]
        for seat in shown.seats
    ]
    return Table(
        f"board-{shown.board.pk}", f"Members of {shown.board.name}", columns, rows, empty="No member is named."
    )


def decisions(found: Iterable[Decision]) -> Table:
    columns = [Column("Reference"), Column("Taken by"), Column("On", "date"), Column("About")]
    rows: list[list[Cell]] = [
        [
            {"value": each.reference, "url": each.url or None},
            each.get_body_display(),
            each.decided_on,
            f"Deed {each.deed.number}" if each.deed and each.deed.number else "The agreement",
        ]
        for each in found
    ]
    return Table("decisions", "Decisions", columns, rows, empty="No decision is recorded.")


def preconditions(found: Iterable[Precondition]) -> Table:
    columns = [
        Column("Condition"),
        Column("Met"),
        Column("On", "date", "No day"),
        Column("Evidence"),
        Column("Recorded", "date"),
        Column("By"),
    ]
    rows: list[list[Cell]] = [
        [
            each.get_kind_display(),
            "Yes" if each.is_met else "No",
            each.met_on,
            each.evidence,
            _day(each.recorded_at),
            each.organisation.name,
        ]
        for each in found
    ]
    return Table(
        "conditions", "Conditions before entering", columns, rows, empty="No condition of regulation 4 is recorded."
    )


def consents(found: Iterable[TrustConsent]) -> Table:
    columns = [
        Column("NHS trust"),
        Column("Commissioner"),
        Column("Consented", "date", "Awaited"),
        Column("Evidence", missing="None recorded"),
    ]
    rows: list[list[Cell]] = [
        [each.trust.name, each.commissioner.name, each.consented_on, each.evidence] for each in found
    ]
    return Table("consents", "Consents to a trust’s contribution (regulation 7(2))", columns, rows)


def notices(found: Iterable[Notice]) -> Table:
    columns = [
        Column("Given by"),
        Column("On"),
        Column("Given", "date"),
        Column("Takes effect", "date"),
        Column("Reason", missing="None given"),
        Column("Status"),
    ]
    rows: list[list[Cell]] = [
        [
            each.organisation.name,
            f"The scheme {each.scheme.slug}" if each.scheme else "The agreement",
            each.given_on,
            each.takes_effect_on,
            each.reason,
            "Withdrawn" if each.withdrawn_by.all() else "In effect",
        ]
        for each in found
    ]
    return Table("notices", "Notices", columns, rows, empty="No notice has been given.")


def occurrences(found: Iterable[Occurrence]) -> Table:
    columns = [
        Column("What happened"),
        Column("On", "date"),
        Column("Evidence"),
        Column("Principle"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": each.get_kind_display(), "note": f"Scheme {each.scheme.slug}" if each.scheme else None},
            each.happened_on,
            each.evidence,
            "Breaks the principle of doing no harm" if each.breaks_principle else "Keeps the principle",
        ]
        for each in found
    ]
    return Table("occurrences", "What happened", columns, rows)


def documents(found: Iterable[Document], reference: str, *, is_partner: bool) -> Table:
    columns = [Column("Document"), Column("Kind"), Column("About"), Column("Added", "date")]
    if is_partner:
        columns += [Column("Public"), Column("Scan")]
    rows = []
    for each in found:
        address = reverse("partnerships:document-download", args=[reference, each.pk])
        row: list[Cell] = [
            {"value": each.title, "url": address, "note": f"{each.filename}, {size_text(each.size)}"},
            each.get_kind_display(),
            f"Deed {each.deed.number}" if each.deed and each.deed.number else "The agreement",
            _day(each.recorded_at),
        ]
        said = ["Exempt: partners only" if each.is_exempt else "Once published", each.get_scan_display()]
        rows.append(row + said if is_partner else row)
    return Table("documents", "Documents", columns, rows, empty="No documents have been added to the agreement.")


def size_text(size: int) -> str:
    """
    >>> size_text(900), size_text(52_000), size_text(3_400_000)
    ('900 bytes', '50 KB', '3.2 MB')
    """
    if size < 1024:
        return f"{size} bytes"
    return f"{size // 1024} KB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"


def audit_entries(found: Iterable[AuditEvent], names: Mapping[str, str]) -> Table:
    """What was done, and by whom: by name if `names` has it by reference, otherwise the code of the organisation."""
    columns = [
        Column("What was done"),
        Column("Day", "date"),
        Column("By", missing="PooledCare"),
    ]
    rows: list[list[Cell]] = [
        [with_names(each.sentence, names), _day(each.at), _by(names.get(each.actor), each.organisation)]
        for each in found
    ]
    return Table("audit_entries", "What was done", columns, rows, empty="Nothing has been done yet.")


def history(found: Iterable[AgreementStatus], names: Mapping[str, str]) -> Table:
    """Every state, and who set it: by name if `names` has it by reference, otherwise the organisation."""
    columns = [
        Column("State"),
        Column("Day", "date"),
        Column("By", missing="PooledCare"),
        Column("Note", missing="No note"),
    ]
    rows: list[list[Cell]] = [
        [
            str(AgreementState(each.state).label),
            _day(each.at),
            _by(names.get(each.actor), each.organisation.name if each.organisation else ""),
            each.note,
        ]
        for each in found
    ]
    return Table("history", "History of the agreement", columns, rows, empty="Nothing is recorded yet.")


def _by(name: str | None, organisation: str) -> Cell:
    return {"value": name, "note": organisation or None} if name else organisation or None


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localtime(moment).date()
