"""The steps of an upload about drafts: rows are staged, previewed, written by actions, and reversed.

A file never changes signed text. Before the preview, the rows are written and rolled back, one agreement at a time, so
that anything the actions would refuse is reported with its row. Each agreement is locked only for that short time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import connection, transaction

from partnerships.actions import uploaded_drafts
from partnerships.models import Approval, Deed, UploadedRow
from partnerships.queries.agreements.records import records_of
from partnerships.records import DEED, SCHEME
from partnerships.rules.agreements import content_hash
from partnerships.terms import DeedState
from partnerships.upload_kinds.changes import Planned, counts_of, planned
from partnerships.upload_kinds.checkers import COPIED, NO_OPEN_DEED, PREPARE_A_DEED, DraftChecker
from partnerships.upload_kinds.known_drafts import drafts_of
from partnerships.upload_kinds.writing import write_row
from pooledcare.directory.access import Actor, Permission, actor_for, can, refusal
from pooledcare.directory.history import announced_together
from pooledcare.kernel.problems import Problem, Refused, Where, shown
from pooledcare.kernel.tables import Column, Table
from pooledcare.uploads.kinds import Reversal, UploadSteps
from pooledcare.uploads.models import Upload

MOST_SHOWN = 500
LONGEST_SHOWN = 400
_BACK = (
    Column("Name"),
    Column("Field"),
    Column("Says now", missing="Nothing"),
    Column("After reversing", missing="Nothing"),
)
# The column of a cell, by the name of the field that an action finds wrong.
_COLUMN_OF = {
    **{field.name: field.key for record in (DEED, SCHEME) for field in record.values()},
    "organisation": "partners",
    "text": "",
}


class DraftSteps(UploadSteps):
    """Rows about drafts of one kind, `agreements` or `schemes`."""

    table = "partnerships_uploadedrow"
    copied = COPIED

    def __init__(self, key: str, checker: Callable[[Upload, Actor], DraftChecker]) -> None:
        self.key, self._checker = key, checker

    def checker(self, upload: Upload, preparer: Actor) -> DraftChecker:
        return self._checker(upload, preparer)

    def staged(self, upload: Upload) -> int:
        return UploadedRow.objects.filter(upload=upload).count()

    def clear(self, upload_ids: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("delete from partnerships_uploadedrow where upload_id = any(%s)", [list(upload_ids)])

    def left_over(self, needed: Sequence[str]) -> list[int]:
        """Uploads whose rows are no longer needed.

        Rows of accepted uploads are needed, because they can be reversed.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from uploads_upload u where kind = %s and state <> all(%s) and exists"
                " (select from partnerships_uploadedrow r where r.upload_id = u.id)",
                [self.key, [*needed, "accepted"]],
            )
            return [pk for (pk,) in cursor.fetchall()]

    # ── Before acceptance ────────────────────────────────────────────────────────────────────────────────────────────

    def duplicate_rows(self, upload: Upload) -> list[Problem]:
        first: dict[tuple[Any, ...], UploadedRow] = {}
        found = []
        for row in UploadedRow.objects.filter(upload=upload).order_by("line"):
            earlier = first.setdefault(_what(upload, row), row)
            if earlier is not row:
                column = ("scheme" if row.slug else "name") if upload.kind == "schemes" else "reference"
                message = f"Row {earlier.row} is about the same {'scheme' if upload.kind == 'schemes' else 'agreement'}"
                found.append(_at(row, Problem("DUPLICATE_IN_FILE", message, fix="Put both into one row."), column))
        return found

    def current_state_problems(self, upload: Upload) -> list[Problem]:
        """What the actions would refuse, row by row, found by writing the rows and rolling back."""
        preparer = actor_for(upload.prepared_actor)
        together: dict[int, list[Planned]] = {}
        for plan in planned(upload):
            if plan.changes:
                together.setdefault(plan.row.agreement_id or -plan.row.pk, []).append(plan)
        found = [problem for plans in together.values() for problem in _problems_of_trial(plans, upload, preparer)]
        return sorted(found, key=lambda problem: (problem.where and problem.where.row) or 0)

    def preview(self, upload: Upload) -> tuple[dict[str, int], dict[str, Any]]:
        plans = planned(upload)
        _remember_versions(plans)
        changing = [plan for plan in plans if plan.changes]
        lines = [_line(plan) for plan in changing[:MOST_SHOWN]]
        return counts_of(plans), {"drafts": lines, "more": len(changing) - len(lines)}

    def outdated_references(self, upload: Upload, preparer: Actor) -> list[Problem]:
        """Problems with agreements that the sender may no longer draft or read."""
        if not can(preparer, Permission.PREPARE_AGREEMENTS, upload.organisation):
            return [Problem("NOT_ALLOWED", refusal(Permission.PREPARE_AGREEMENTS))]
        rows = [row for row in UploadedRow.objects.filter(upload=upload).select_related("agreement") if row.agreement]
        known = drafts_of(upload.organisation, {row.agreement_id for row in rows if row.agreement_id})
        found = []
        for row in rows:
            draft = known.get(row.agreement_id or 0)
            if draft is None or draft.deed is None:
                gone = (
                    f"{row.agreement} {NO_OPEN_DEED}"
                    if draft
                    else f"{row.agreement} can no longer be read by your organisation"
                )
                found.append(_at(row, Problem("NO_OPEN_DEED", gone, fix=PREPARE_A_DEED), ""))
        return found

    # ── Acceptance ───────────────────────────────────────────────────────────────────────────────────────────────────

    def lock(self, upload: Upload) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set local client_connection_check_interval = '2s'")
            cursor.execute(
                "select id from partnerships_agreement where id in"
                " (select agreement_id from partnerships_uploadedrow where upload_id = %s) order by id for update",
                [upload.pk],
            )

    def accept(self, upload: Upload) -> dict[str, int]:
        with announced_together():
            return uploaded_drafts.write_rows(upload=upload, by=actor_for(upload.prepared_actor))

    # ── Reversal ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def later_changes(self, upload: Upload) -> list[Problem]:
        rows = list(
            UploadedRow.objects.filter(upload=upload).exclude(before=None).select_related("agreement").order_by("line")
        )
        versions = {row.deed_id: row.deed_version for row in rows}
        deeds = list(Deed.objects.filter(pk__in=versions).select_related("agreement"))
        approved = set(Approval.objects.filter(deed__in=versions).values_list("deed_id", "content_hash"))
        records = records_of([deed.agreement for deed in deeds])
        found = []
        for deed in sorted(deeds, key=lambda one: one.pk):
            record = records[deed.agreement_id]
            read = record.deed(deed.number)
            since = ""
            if deed.state in (DeedState.SIGNED, DeedState.WITHDRAWN):
                since = str(DeedState(deed.state).label).lower()
            elif deed.version != versions[deed.pk]:
                since = "edited"
            elif read is not None and (deed.pk, content_hash(record, read)) in approved:
                since = "approved or sent back"
            if since:
                message = f"{deed.reference} has been {since} since {upload.reference} changed it"
                found.append(Problem("CHANGED_LATER", message, fix="Change the draft itself instead."))
        return found

    def reversal_preview(self, upload: Upload) -> Reversal:
        """The preview in the other direction.

        It is exact because an upload can be reversed only while drafts are unchanged.
        """
        found = UploadedRow.objects.filter(upload=upload).exclude(before=None).select_related("agreement")
        written = list(found.order_by("line"))
        lines = list(zip(written, upload.preview.get("drafts", []), strict=False))
        rows = [cells for row, line in lines for cells in _back(row, line)]
        return Reversal(
            sentences=tuple(_taken_back(written)),
            table=Table("reversal", "What the drafts would say after reversal", _BACK, rows),
            more=len(written) - len(lines),
        )

    def reverse(self, upload: Upload, by: Actor) -> dict[str, int]:
        with announced_together():
            return uploaded_drafts.reverse_rows(upload=upload, by=by)

    def announce(self, upload: Upload, event: str, counts: Mapping[str, int]) -> None:
        """Nothing to do: writing each draft has already added it to the feed."""


def _taken_back(rows: Sequence[UploadedRow]) -> Iterator[str]:
    begun = sum(row.state_before is None for row in rows)
    edited = len(rows) - begun
    if begun:
        yield f"{begun:,} {'agreement' if begun == 1 else 'agreements'} that the file created would be withdrawn."
    if edited:
        yield f"{edited:,} {'row' if edited == 1 else 'rows'} that changed a draft would be undone."
    if not rows:
        yield "No draft would change: everything in the file was already there."


def _back(row: UploadedRow, line: Mapping[str, Any]) -> Iterator[list[Any]]:
    name = {"value": line["name"] or "Without a name", "note": row.agreement.reference if row.agreement else None}
    if row.state_before is None:
        yield [name, "The whole draft", "Draft", "Withdrawn"]
        return
    for field in line["fields"]:
        yield [name, field["label"], field["after"] or None, field["before"] or None]


class _RollBack(Exception):
    """Raised to roll back rows that were written only to find problems."""


def _problems_of_trial(plans: Sequence[Planned], upload: Upload, preparer: Actor) -> list[Problem]:
    """Write the rows about one agreement in order and roll everything back, including locks and feed.

    Returns the problems.
    """
    found: list[Problem] = []
    with suppress(_RollBack), announced_together(), transaction.atomic():
        for plan in plans:
            found += _refused(plan, upload, preparer)
        raise _RollBack
    return found


def _refused(plan: Planned, upload: Upload, preparer: Actor) -> list[Problem]:
    try:
        with transaction.atomic():
            write_row(plan, organisation=upload.organisation, by=preparer)
    except Refused as refused:
        return [_at(plan.row, problem, _column(problem)) for problem in refused.problems]
    return []


def _column(problem: Problem) -> str:
    field = problem.where.field if problem.where and problem.where.field else ""
    return _COLUMN_OF.get(field, field)


def _at(row: UploadedRow, problem: Problem, column: str) -> Problem:
    where = Where(sheet=row.sheet or None, row=row.row, column_name=column or None)
    return Problem(problem.code, problem.message, where, problem.value, problem.fix, problem.severity)


def _what(upload: Upload, row: UploadedRow) -> tuple[Any, ...]:
    if upload.kind == "schemes":
        return (row.agreement_id, row.slug or row.cell_values.get("name", "").casefold())
    return (row.agreement_id, "" if row.agreement_id else row.cell_values.get("title", "").casefold())


def _remember_versions(plans: Sequence[Planned]) -> None:
    """Store the version of each draft on which the preview is based."""
    pairs = [(plan.known.version, plan.row.pk) for plan in plans if plan.known]
    with connection.cursor() as cursor:
        cursor.executemany("update partnerships_uploadedrow set deed_version = %s where id = %s", pairs)


def _line(plan: Planned) -> dict[str, Any]:
    return {
        "row": plan.row.row,
        "agreement": plan.known.agreement.reference if plan.known else None,
        "name": plan.name,
        "what": plan.what,
        "fields": [
            {
                "label": each.label,
                "before": shown(each.before, LONGEST_SHOWN),
                "after": shown(each.after, LONGEST_SHOWN),
            }
            for each in plan.fields
        ],
    }
