"""The steps of an upload of allocations: check, preview, accept, reverse. Each step handles all rows at once, in SQL.

A figure's key is organisation, stream, year, basis, gross or net, recurrence and source. Exactly one version of each
key is current. If the current version is withdrawn, the figure has no current amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from budgets.allocations import preview, reversal
from budgets.allocations import statements as do
from budgets.allocations.check import COPIED, AllocationChecker
from budgets.allocations.shortfalls import RECORD_SHORTFALLS, shortfall_warnings
from pooledcare.directory.access import Actor, actor_for, can, holder_kinds_funded_by
from pooledcare.directory.access import Permission as P
from pooledcare.directory.history import announce
from pooledcare.kernel.days import written
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads.kinds import Reversal, UnpublishedPart, UploadSteps
from pooledcare.uploads.models import Upload
from pooledcare.uploads.rules import NEEDS_DATE

ACCEPTANCE_LOCK = 5_271_001  # first key of the advisory lock; the second is the organisation whose figures change
MANY_ROWS = 5_000
MOST_DUPLICATES = 200_000
MOST_STALE = 1_000


class AllocationSteps(UploadSteps):
    """The steps of uploads of allocations."""

    table = "budgets_stagedallocation"
    copied = COPIED

    def checker(self, upload: Upload, preparer: Actor) -> AllocationChecker:
        return AllocationChecker(upload, preparer)

    def staged(self, upload: Upload) -> int:
        return _value("select count(*) from budgets_stagedallocation where upload_id = %(upload)s", upload)

    def clear(self, upload_ids: Sequence[int]) -> None:
        if upload_ids:
            with connection.cursor() as cursor:
                cursor.execute("delete from budgets_stagedallocation where upload_id = any(%s)", [list(upload_ids)])

    def left_over(self, needed: Sequence[str]) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from uploads_upload u where state <> all(%s) and exists"
                " (select from budgets_stagedallocation s where s.upload_id = u.id)",
                [list(needed)],
            )
            return [pk for (pk,) in cursor.fetchall()]

    # ── Before acceptance ────────────────────────────────────────────────────────────────────────────────────────────

    def duplicate_rows(self, upload: Upload) -> list[Problem]:
        plan_for(upload)
        return _duplicates(upload)

    def current_state_problems(self, upload: Upload) -> list[Problem]:
        plan_for(upload)
        _match(upload)
        _execute("drop table if exists summed, current_sums", upload)
        _execute(preview.SUM, upload)
        _execute(preview.CREATE_CURRENT_SUMS, upload)
        if upload.publishes_id is not None:
            return self.outdated_references(upload, actor_for(upload.prepared_actor))
        return [
            *_publication_problems(upload),
            *preview.scale_problems(upload, preview.compared(upload)),
            *shortfall_warnings(upload),
        ]

    def preview(self, upload: Upload) -> tuple[dict[str, int], dict[str, Any]]:
        ((changed, withdrawn),) = _rows(do.FIRST_PUBLISHED, upload)
        return _counts(upload), {
            **preview.preview(upload, preview.compared(upload)),
            "becoming_public": _value(do.BECOMING_PUBLIC, upload) if changed else 0,
            "first_published": {"changed": changed, "withdrawn": withdrawn},
        }

    def outdated_references(self, upload: Upload, preparer: Actor) -> list[Problem]:
        """Check again the organisations, streams and permissions on which the rows depend."""
        plan_for(upload)
        submitting = upload.organisation
        if upload.publishes_id is not None and (changed := _rows(do.CHANGED_SINCE, upload)[0][0]):
            return [_changed_since(changed)]
        may_publish = can(preparer, P.PUBLISH_FOR_HOLDERS, submitting)
        rows = _rows(
            do.STALE,
            upload,
            most=MOST_STALE,
            may_prepare=can(preparer, P.UPLOAD_ALLOCATIONS, submitting),
            funded=sorted(holder_kinds_funded_by(submitting)) if may_publish else [],
        )
        return [
            Problem(
                code,
                message,
                Where(sheet=sheet or None, row=row, column_name="organisation"),
                value,
                "Upload the file again." if upload.publishes_id is None else "Publish the other figures.",
            )
            for code, message, sheet, row, value in rows
        ]

    # ── Publication ──────────────────────────────────────────────────────────────────────────────────────────────────

    def unpublished(self, upload: Upload) -> list[UnpublishedPart]:
        if upload.published_on is not None:
            return []
        return [
            UnpublishedPart(part_key(code, year), f"{name}, {FinancialYear(year)}", count, amount)
            for code, name, year, count, amount in _rows(do.UNPUBLISHED, upload)
        ]

    def stage_publication(self, upload: Upload) -> int:
        parts = [part.partition(":") for part in upload.published_parts]
        streams, years = [stream for stream, _, _ in parts], [FinancialYear.parse(year).start for _, _, year in parts]
        _execute(do.STAGE_PUBLICATION, upload, streams=streams, years=years)
        return self.staged(upload)

    # ── Acceptance ───────────────────────────────────────────────────────────────────────────────────────────────────

    def lock(self, upload: Upload) -> None:
        with connection.cursor() as cursor:
            # If the worker is killed, its statement goes on in the server: this makes the server notice and release the
            # lock.
            cursor.execute("set local client_connection_check_interval = '2s'")
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [ACCEPTANCE_LOCK, upload.organisation_id % 2**31])

    def accept(self, upload: Upload) -> dict[str, int]:
        plan_for(upload)
        _match(upload)
        counts = _counts(upload)
        if _rows(do.MATCHED_AT_ALL, upload)[0][0]:
            if found := _publication_problems(upload):  # figures were published since the preview
                raise Refused(found)
            for statement in (do.SUPERSEDE, do.ACCEPT_CHANGED, do.WITHDRAW):
                _execute(statement, upload)
            _execute(do.update_totals(f"{do.ADDED_FIGURES} union all {do.REMOVED_FIGURES}"), upload)
        else:
            _execute(do.ACCEPT_NEW, upload)
            # Statistics do not include rows just written: the planner would sort a million rows to sum them.
            _execute("set local enable_sort = off", upload)
            _execute(do.update_totals(do.ADDED_FIGURES), upload)
            _execute("set local enable_sort = on", upload)
        _execute(RECORD_SHORTFALLS, upload, actor=upload.accepted_actor)
        return counts

    # ── Reversal ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def later_changes(self, upload: Upload) -> list[Problem]:
        found = _rows(do.LATER_CHANGES, upload)
        if not found:
            return []
        names = ", ".join(f"UP-{pk}" for (pk,) in found)
        return [
            Problem(
                "CHANGED_LATER",
                f"Later uploads changed figures of {upload.reference}: {names}",
                fix="Reverse the later uploads first.",
            )
        ]

    def reversal_preview(self, upload: Upload) -> Reversal:
        with transaction.atomic():
            plan_for(upload)
            return reversal.reversal(_rows(do.REVERSAL, upload, most=reversal.MOST_LINES))

    def reverse(self, upload: Upload, by: Actor) -> dict[str, int]:
        plan_for(upload)
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists reversed_figures")
        _execute(do.CREATE_REVERSED, upload)
        restored = _value("select count(*) from reversed_figures where previous_id is not null", upload)
        withdrawn = _value("select count(*) from reversed_figures where previous_id is null", upload)
        for statement in (do.UNSET_CURRENT, do.RESTORE, do.update_totals(do.RESTORED)):
            _execute(statement, upload)
        _execute(RECORD_SHORTFALLS, upload, actor=by.reference)
        return {"restored": restored, "withdrawn": withdrawn}

    def announce(self, upload: Upload, event: str, counts: Mapping[str, int]) -> None:
        announce(
            resource="allocations",
            reference=upload.reference,
            event=event,
            public=upload.published_on is not None,
            organisation=upload.organisation.code,
            counts=dict(counts),
        )


def plan_for(upload: Upload) -> None:
    """Planner settings: statistics do not include rows just staged, so nested loops are disabled if there are many."""
    with connection.cursor() as cursor:
        cursor.execute("set local client_connection_check_interval = '2s'")
        cursor.execute("set local work_mem = '256MB'")
        cursor.execute(
            "set local enable_nestloop = off" if upload.rows_staged > MANY_ROWS else "set local enable_nestloop = on"
        )


def _match(upload: Upload) -> None:
    """Create the temporary table `matched`: staged rows whose key has a current version, and figures to withdraw."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists matched")
    touched = _rows(do.TOUCHED, upload)
    streams, years, bases = ({row[place] for row in touched} for place in range(3))
    statement = do.MATCH if touched else do.MATCH_NOTHING
    _execute(statement, upload, streams=list(streams), years=list(years), bases=list(bases))
    if upload.complete:
        _execute(do.WITHDRAWABLE, upload)


def _counts(upload: Upload) -> dict[str, int]:
    (row,) = _rows(do.CLASSES, upload)
    return dict(zip(("new", "changed", "unchanged", "withdrawn", "not_reported"), row, strict=True))


def _duplicates(upload: Upload) -> list[Problem]:
    """Problems for figures that are in the file twice, with the same amount or with different ones."""
    problems = []
    for sheet, row, cell, other_sheet, other_row, same, amount in _rows(do.DUPLICATES, upload, most=MOST_DUPLICATES):
        other = f"row {other_row}" if sheet == other_sheet else f"sheet {other_sheet}, row {other_row}"
        where = Where(sheet=sheet or None, row=row, column=cell or None, column_name="amount")
        sentence = _TWICE if same else _TWO_AMOUNTS
        problems.append(replace(sentence, where=where, value=f"{amount}, also in {other}"))
    return problems


def part_key(stream: str, year: int) -> str:
    """
    >>> part_key("nhs-core", 2024)
    'nhs-core:2024-25'
    """
    return f"{stream}:{FinancialYear(year)}"


def _changed_since(count: int) -> Problem:
    figures = "1 of these figures is" if count == 1 else f"{count:,} of these figures are"
    message = f"{figures} no longer the current version, or already published"
    return Problem("CHANGED_SINCE", message, fix="Publish the figures of the upload again, as they are now.")


_TWICE = Problem("DUPLICATE_IN_FILE", "The same figure is in the file twice", fix="Delete one of the two rows.")
_TWO_AMOUNTS = Problem(
    "CONFLICT_IN_FILE",
    "The same figure is in the file with two amounts",
    fix="Keep the row with the right amount and delete the other.",
)


def _publication_problems(upload: Upload) -> list[Problem]:
    """A figure cannot replace one published later, and an unpublished figure cannot replace a published one."""
    if upload.published_on is None:
        (hidden,) = _rows(do.EXISTING_AND_HIDDEN, upload)[0]
        if not hidden:
            return []
        figures = "1 published figure" if hidden == 1 else f"{hidden:,} published figures"
        message = f"This file replaces {figures}, and has no publication date"
        return [Problem(NEEDS_DATE, message, fix="Give the day on which the file was published.")]
    (later,) = _rows(do.EARLIER_PUBLICATION, upload)[0]
    if later is None:
        return []
    day = written(later)
    message = f"Some of the figures that it would replace were published later, on {day}"
    return [
        Problem(
            "PUBLISHED_BEFORE", message, value=upload.published_on.isoformat(), fix="Correct the date of publication."
        )
    ]


def _parameters(upload: Upload, **more: Any) -> dict[str, Any]:
    return {
        "upload": upload.pk,
        "source": upload.organisation_id,
        "published_on": upload.published_on,
        "publishes": upload.publishes_id,
        **more,
    }


def _execute(statement: str, upload: Upload, **more: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(upload, **more))


def _rows(statement: str, upload: Upload, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(upload, **more))
        return cursor.fetchall()


def _value(statement: str, upload: Upload) -> int:
    return int(_rows(statement, upload)[0][0])
