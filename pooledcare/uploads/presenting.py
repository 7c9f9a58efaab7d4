"""How uploads look on pages: rows for tables, sentences for progress, what a person may press."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pooledcare.directory.access import Actor
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import FileColumn, SheetOut, Value, safe_csv, safe_xlsx
from pooledcare.uploads import kinds, profiles, queries, rules
from pooledcare.uploads.exports import XLSX
from pooledcare.uploads.kinds import UploadKind
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import ACCEPTABLE_STATES, WORK_STATES, Channel, UploadState

FORMATS = ("csv", "xlsx")
AT_WORK = WORK_STATES
CONFLICTS = frozenset({"ALREADY_ACCEPTED", "ALREADY_REVERSED", "WRONG_STATE", "CHANGED_MEANWHILE", "DUPLICATE_FILE"})
FORBIDDEN = frozenset({"NOT_ALLOWED", "FOUR_EYES"})
SAMPLES = {
    "icb-allocations-with-mistakes.xlsx": (
        "ICB allocations with mistakes",
        "a few cells are wrong: see how they are explained",
    ),
    "icb-allocations-restated.xlsx": (
        "ICB allocations, restated",
        "the same workbook mended, with a few figures changed: see what would change",
    ),
}


@dataclass(frozen=True)
class Table:
    """One table of a page, ready to be printed or downloaded: the numbers are the same."""

    columns: Sequence[FileColumn]
    rows: Sequence[Sequence[Value]]


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────

UPLOAD_COLUMNS = [
    FileColumn("Upload"),
    FileColumn("File"),
    FileColumn("Organisation"),
    FileColumn("State"),
    FileColumn("Received", "date"),
    FileColumn("Prepared by"),
    FileColumn("Rows", "number"),
    FileColumn("Problems", "number"),
]


def upload_rows(uploads: Iterable[Upload]) -> list[list[Value]]:
    return [
        [
            upload.reference,
            upload.filename,
            upload.organisation.name,
            UploadState(upload.state).label,
            upload.prepared_at.date(),
            who(upload.prepared_by, upload.prepared_actor),
            upload.rows_read,
            upload.problem_count,
        ]
        for upload in uploads
    ]


def list_cells(uploads: Iterable[Upload]) -> list[list[Any]]:
    """The same rows with links and tags, for the page."""
    return [
        [
            {"value": upload.reference, "url": upload.get_absolute_url(), "note": upload.filename},
            upload.organisation.name,
            {"value": UploadState(upload.state).label, "tag": upload.state},
            upload.prepared_at,
            who(upload.prepared_by, upload.prepared_actor),
            upload.rows_read,
            upload.problem_count,
        ]
        for upload in uploads
    ]


LIST_COLUMNS = [
    {"label": "Upload"},
    {"label": "Organisation"},
    {"label": "State"},
    {"label": "Received", "format": "date"},
    {"label": "Prepared by"},
    {"label": "Rows", "format": "number"},
    {"label": "Problems", "format": "number"},
]


def state_choices(chosen: str) -> list[dict[str, Any]]:
    anything = {"value": "", "text": "Any state", "chosen": not chosen}
    return [
        anything,
        *({"value": value, "text": label, "chosen": value == chosen} for value, label in UploadState.choices),
    ]


def list_url(state: str, before: int | None) -> str | None:
    """The next page of the list, or None at its end."""
    if before is None:
        return None
    return f"{reverse('uploads:upload-list')}?{urlencode({'state': state, 'before': before})}"


def list_downloads(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """The page as seen: the same address with a format."""
    kept = {name: asked[name] for name in ("state", "before") if asked.get(name)}
    return [(label, f"?{urlencode({**kept, 'format': form})}") for label, form in (("CSV", "csv"), ("Excel", "xlsx"))]


def who(person: Any, actor: str) -> str:
    """A colleague by name, a key with the person accountable for it, PooledCare by its own name."""
    if actor.startswith("system:"):
        return "PooledCare"
    name = person.name if person is not None else "Somebody who has left"
    return f"Key {actor.removeprefix('key:')} ({name})" if actor.startswith("key:") else name


# ── One upload ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Progress:
    text: str
    done: int | None
    total: int | None
    announce: str


def progress(upload: Upload) -> Progress:
    """How far the worker is, in words; spoken to listeners only when the step changes."""
    step = {
        UploadState.RECEIVED: "Waiting to be read",
        UploadState.READING: "Reading and checking",
        UploadState.CHECKED: "Comparing with what stands",
        UploadState.ACCEPTING: "Writing what was accepted",
    }.get(UploadState(upload.state), UploadState(upload.state).label)
    text = f"{step}: {upload.progress:,} rows so far" if upload.progress else step
    return Progress(text=text, done=None, total=None, announce=step)


def upload_context(upload: Upload, actor: Actor, refusal: Refused | None = None) -> dict[str, Any]:
    """Everything that the page of one upload prints."""
    kind = kinds.kind(upload.kind)
    names = colleagues(upload)
    possible = queries.possible(upload, actor)
    first_problems = queries.problems_page(upload) if upload.problem_count else []
    return {
        **kind.shows.context(upload),
        "upload": upload,
        "preview_template": kind.shows.template,
        "is_published": kind.is_published,
        "counts": [upload.counts.get(name, 0) for name in ("new", "changed", "unchanged", "withdrawn")],
        "was_read": upload.rows_read > 0,
        "downloads": {name: downloads_of(upload, name) for name in kind.shows.tables},
        "groups": queries.problem_groups(upload) if upload.problem_count or upload.warning_count else [],
        "first_problems": first_problems,
        "listed_problems": listed_problems(len(first_problems), upload.problem_count, upload.warning_count),
        "history": [(step, names.get(step.actor) or who(None, step.actor)) for step in queries.history(upload)],
        "possible": possible,
        "irreversible": linked([f"{reason.rstrip('.')}." for reason in possible.reverse], upload, actor),
        "prepared_by": who(upload.prepared_by, upload.prepared_actor),
        "accepted_by": who(upload.accepted_by, upload.accepted_actor) if upload.accepted_actor else None,
        "second_person": second_person(upload),
        "said": progress(upload) if upload.state in AT_WORK else None,
        "refusals": [(problem_text(problem), None) for problem in refusal.problems] if refusal else [],
        "result": result_heading(upload),
        "arrived": False,
    }


def colleagues(upload: Upload) -> dict[str, str]:
    """Names for the actors in the history; only people whom this page names anyway."""
    known = [(upload.prepared_actor, upload.prepared_by), (upload.accepted_actor, upload.accepted_by)]
    return {actor: who(person, actor) for actor, person in known if actor}


def result_heading(upload: Upload) -> str:
    """Below which heading of the page stands what has become of the upload."""
    if upload.state == UploadState.FAILED:
        return "failure"
    is_open = upload.state in ACCEPTABLE_STATES
    if upload.state == UploadState.REFUSED or (is_open and upload.warning_count):
        return "problems"
    return "changes" if is_open or upload.state in (UploadState.ACCEPTED, UploadState.REVERSED) else "title"


def listed_problems(listed: int, problems: int, warnings: int) -> str:
    """
    >>> listed_problems(16, 16, 0), listed_problems(100, 1200, 3)
    ('All 16 problems, one by one', 'The first 100 of 1,203 problems and warnings, one by one')
    """
    found, what = problems + warnings, "problems and warnings" if warnings else "problems"
    return f"{f'All {found:,}' if listed == found else f'The first {listed:,} of {found:,}'} {what}, one by one"


def second_person(upload: Upload) -> str:
    """Whether somebody else accepts what one has prepared, as it is true in the state of the upload."""
    if upload.channel == Channel.REFERENCE:
        return "None: published figures, loaded by PooledCare from its own tables"
    if upload.second_person_waived or (not upload.accepted_actor and rules.is_waived(upload)):
        return "Waived for this organisation by its administrator"
    if upload.accepted_actor:
        return "Prepared and accepted by two"
    if upload.state in (UploadState.REFUSED, UploadState.ABANDONED):
        return f"Not needed: the upload was {upload.get_state_display().lower()}"
    return "Needed"


def reversal_context(upload: Upload, actor: Actor) -> dict[str, Any]:
    """What reversing would do, before it is done; or why it cannot be done, with the uploads that are named."""
    problems = queries.reversing_problems(upload, actor)
    said = [problem_text(problem) for problem in problems]
    return {
        "upload": upload,
        "refusals": [(text, None) for text in said],
        "reasons": linked(said, upload, actor),
        "reversal": None if problems else kinds.kind(upload.kind).steps.reversal_preview(upload),
    }


def linked(sentences: Sequence[str], upload: Upload, actor: Actor) -> list[SafeString]:
    """Sentences in which the other uploads that the reader may see are links."""
    others = [other for other in queries.seen_uploads(actor, " ".join(sentences)) if other.pk != upload.pk]
    links = {
        other.reference: format_html('<a href="{}">{}</a>', other.get_absolute_url(), other.reference)
        for other in others
    }
    return [
        format_html_join("", "{}", ((links.get(part, part),) for part in queries.REFERENCE.split(sentence)))
        for sentence in sentences
    ]


def problem_text(problem: Any) -> str:
    return f"{problem.message.rstrip('.')}. {problem.fix or ''}".strip()


def status_of(refusal: Refused) -> int:
    """The HTTP status that a refused decision deserves: not allowed, or too late."""
    codes = {problem.code for problem in refusal.problems}
    if codes & FORBIDDEN:
        return 403
    return 409 if codes & CONFLICTS else 422


def add_file_problems(form: forms.Form, refusal: Refused) -> None:
    """Problems of the file stand at the file, those of the date at the date."""
    fields = dict.fromkeys(("PUBLISHED_IN_FUTURE", "PUBLISHED_TOO_EARLY"), "published_on")
    named = [
        problem for problem in refusal.problems if problem.where is not None and problem.where.field in form.fields
    ]
    if named:
        add_problems(form, refusal)
        return
    for problem in refusal.problems:
        form.add_error(fields.get(problem.code, "file"), problem_text(problem))


# ── What would change ────────────────────────────────────────────────────────────────────────────────────────────────


def preview_table(upload: Upload, name: str) -> Table | None:
    made = kinds.kind(upload.kind).shows.tables.get(name)
    return made(upload) if made is not None else None


# ── Help and downloads ───────────────────────────────────────────────────────────────────────────────────────────────


def help_rows(kind: UploadKind) -> list[list[Any]]:
    return [
        [column.name, "Yes" if column.required else "No", column.help, column.example or None]
        for column in kind.template_columns
    ]


def layout_rows(offered: Iterable[UploadKind]) -> list[list[Any]]:
    """The published layouts that are recognised."""
    return [
        [profile.title, profile.publisher, profile.summary]
        for kind in offered
        for profile in profiles.profiles(kind.key)
        if profile.is_published
    ]


@dataclass(frozen=True)
class Sample:
    name: str
    label: str
    purpose: str


def samples() -> list[Sample]:
    """Workbooks of the demonstration that are there to be tried."""
    return [Sample(name, *words) for name, words in SAMPLES.items() if settings.DEMO and sample_path(name)]


def sample_path(name: str) -> Path | None:
    path = settings.VAR_DIR / "demo" / name
    return path if name in SAMPLES and path.is_file() else None


def table_download(
    name: str, columns: Sequence[FileColumn], rows: Sequence[Sequence[Value]], form: str
) -> HttpResponse:
    """A table as seen, as a file that a spreadsheet opens safely."""
    if form == "csv":
        content = b"".join(safe_csv(rows, columns, bom=True))
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=attachment(f"{name}.csv"))
    content = safe_xlsx([SheetOut(name, columns, rows)])
    return HttpResponse(content, content_type=XLSX, headers=attachment(f"{name}.xlsx"))


def attachment(name: str) -> dict[str, str]:
    """
    >>> attachment("UP-1 problems.csv")["Content-Disposition"]
    "attachment; filename*=UTF-8''UP-1%20problems.csv"
    """
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def downloads_of(upload: Upload, table: str) -> list[tuple[str, str]]:
    return [
        (label, reverse("uploads:upload-lines", args=[upload.reference, table, form]))
        for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]
