"""The context of the upload pages: sentences about progress, which actions are possible, help with a new upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pooledcare.directory.access import Actor, can
from pooledcare.directory.access import refusal as refusal_of
from pooledcare.directory.queries.people import names_known_to
from pooledcare.kernel.fields import add_problems
from pooledcare.kernel.names import joined
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import ENCODING_NAMES, OLD_ENCODINGS, StrangeText
from pooledcare.uploads import kinds, profiles, queries, rules
from pooledcare.uploads.asking.notes import layout_note
from pooledcare.uploads.downloads import preview_links
from pooledcare.uploads.forms import PublicationDateForm
from pooledcare.uploads.kinds import UnpublishedPart, UploadKind
from pooledcare.uploads.models import Upload
from pooledcare.uploads.problem_kinds import problem_kinds
from pooledcare.uploads.terms import ACCEPTABLE_STATES, WORK_STATES, Channel, UploadState

AT_WORK = WORK_STATES
CONFLICTS = frozenset({"ALREADY_ACCEPTED", "ALREADY_REVERSED", "WRONG_STATE", "CHANGED_MEANWHILE", "DUPLICATE_FILE"})
SHOWN_TEXTS = 3  # below each encoding that can be chosen
SHOWN_NAMES = 3  # of those who can accept an upload
FORBIDDEN = frozenset({"NOT_ALLOWED", "FOUR_EYES"})


def who(person: Any, actor: str) -> str:
    """Who acted, in words: a person by name, an API key with the person accountable for it, or PooledCare."""
    if actor.startswith("system:"):
        return "PooledCare"
    name = person.name if person is not None else "Somebody who has left"
    return f"Key {actor.removeprefix('key:')} ({name})" if actor.startswith("key:") else name


@dataclass(frozen=True)
class Decision:
    """What accepting would change in total, in sentences, and why the reader cannot accept; empty if they can."""

    sums: list[str]
    reasons: list[str]


# ── One upload ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Progress:
    text: str
    done: int | None
    total: int | None
    announce: str


def progress(upload: Upload) -> Progress:
    """How far the worker is, in words. Screen readers announce it only when the step changes."""
    step = {
        UploadState.RECEIVED: "Waiting to be read",
        UploadState.READING: "Reading and checking",
        UploadState.CHECKED: "Comparing with the current data",
        UploadState.ACCEPTING: "Writing what was accepted",
    }.get(UploadState(upload.state), UploadState(upload.state).label)
    text = f"{step}: {upload.progress:,} rows so far" if upload.progress else step
    return Progress(text=text, done=None, total=None, announce=step)


def upload_context(
    upload: Upload, actor: Actor, refusal: Refused | None = None, parameters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The context of the page of one upload. `parameters` are those of its address."""
    kind = kinds.kind(upload.kind)
    asked = kind.shows.asked(parameters or {})
    steps = queries.history(upload)
    names = colleagues(upload) | names_known_to(actor, {step.actor for step in steps})
    possible = queries.possible(upload, actor)
    first_problems = queries.problems_page(upload) if upload.problem_count else []
    return {
        **kind.shows.context(upload, asked),
        "upload": upload,
        "preview_template": kind.shows.template,
        "is_published": kind.is_published,
        "counts": [upload.counts.get(name, 0) for name in ("new", "changed", "unchanged", "withdrawn")],
        "can_be_marked": can_be_marked(upload),
        "downloads": {name: preview_links(upload, name, asked) for name in kind.shows.tables},
        "groups": problem_kinds(upload) if upload.problem_count or upload.warning_count else [],
        "first_problems": first_problems,
        "listed_problems": listed_problems(len(first_problems), upload.problem_count, upload.warning_count),
        "history": [(step, names.get(step.actor) or who(None, step.actor)) for step in steps],
        "possible": possible,
        "irreversible": linked([f"{reason.rstrip('.')}." for reason in possible.reverse], upload, actor),
        "prepared_by": who(upload.prepared_by, upload.prepared_actor),
        "accepted_by": who(upload.accepted_by, upload.accepted_actor) if upload.accepted_actor else None,
        "second_person": second_person(upload),
        "layout": layout_note(upload, actor),
        "decision": decision(upload, possible),
        **publication_context(upload, actor),
        "encoding": encoding_words(upload),
        "encoding_question": encoding_question(upload, actor),
        "said": progress(upload) if upload.state in AT_WORK else None,
        "refusals": [(problem_text(problem), None) for problem in refusal.problems] if refusal else [],
        "result": result_heading(upload),
        "arrived": False,
    }


def decision(upload: Upload, possible: queries.Possible) -> Decision | None:
    """What a person decides on, while the upload waits: what would change in total, and who can accept it."""
    if upload.state not in ACCEPTABLE_STATES:
        return None
    kind = kinds.kind(upload.kind)
    sums = list(kind.shows.sums(upload))
    if not possible.accept:
        return Decision(sums, [])
    names = queries.accepters(upload)
    lacks_role = refusal_of(kind.accept)
    reasons = [reason for reason in possible.accept if reason != lacks_role or not names]
    return Decision(sums, [*reasons, accepters_text(names)])


def accepters_text(names: Sequence[str]) -> str:
    """
    >>> accepters_text(["Ash Sketch"]), accepters_text(["A", "B", "C", "D", "E"])
    ('Ash Sketch can accept this.', 'A, B, C and 2 others can accept this.')
    """
    if not names:
        return "Nobody can accept this yet: an administrator of the organisation can give a colleague the role for it."
    shown = names[:SHOWN_NAMES]
    others = len(names) - len(shown)
    more = [f"{others:,} {'other' if others == 1 else 'others'}"] if others else []
    return f"{joined([*shown, *more])} can accept this."


def publishing_reasons(upload: Upload, actor: Actor, parts: Sequence[UnpublishedPart]) -> list[SafeString]:
    """Why the actor cannot publish figures of the upload now, with links to the uploads that the reasons name."""
    said = [problem_text(problem) for problem in queries.publishing_problems(upload, actor)]
    open_ones = [one for one in queries.publications_of(upload) if one.state != UploadState.ACCEPTED]
    if not said and open_ones:
        said = [f"{open_ones[0].reference} already publishes figures of {upload.reference}, and is not decided on yet."]
    elif not said and not parts:
        said = [f"Every figure of {upload.reference} that is current is published."]
    return linked(said, upload, actor)


def publication_context(upload: Upload, actor: Actor) -> dict[str, Any]:
    """What can be published of an accepted upload, what of it is being or has been published, and a missing date."""
    parts = queries.unpublished_parts(upload)
    may_prepare = can(actor, kinds.kind(upload.kind).prepare, upload.organisation)
    return {
        "unpublished": sum(part.count for part in parts),
        "may_publish": bool(parts) and may_prepare,
        "publications": queries.publications_of(upload) if upload.published_on is None else [],
        "date_form": PublicationDateForm() if may_prepare and queries.lacks_date(upload) else None,
    }


def can_be_marked(upload: Upload) -> bool:
    """Whether the file can be given back with its problems: not while its characters may have been read wrongly."""
    has_problems = upload.problem_count or upload.warning_count
    return bool(has_problems and upload.rows_read and upload.publishes_id is None) and not rules.encoding_open(upload)


def colleagues(upload: Upload) -> dict[str, str]:
    """Names for the actors in the history: only those of people whom this page names anyway."""
    known = [
        (upload.prepared_actor, upload.prepared_by),
        (upload.encoding_chosen_actor, upload.encoding_chosen_by),
        (upload.accepted_actor, upload.accepted_by),
    ]
    return {actor: who(person, actor) for actor, person in known if actor}


def result_heading(upload: Upload) -> str:
    """The key of the heading on the page below which the result of the current state is shown."""
    if upload.state == UploadState.FAILED:
        return "failure"
    if upload.state == UploadState.NEEDS_LAYOUT:
        return "layout"
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
    """Whether a second person is needed or has accepted the upload, in words."""
    if upload.channel == Channel.REFERENCE:
        return "Not needed: published data that PooledCare loaded itself"
    if upload.second_person_waived or (not upload.accepted_actor and rules.is_waived(upload, kinds.kind(upload.kind))):
        return "Waived for this organisation by its administrator"
    if upload.accepted_actor:
        return "Prepared and accepted by two different people"
    if upload.state in (UploadState.REFUSED, UploadState.ABANDONED):
        return f"Not needed: the upload was {upload.get_state_display().lower()}"
    return "Needed"


def encoding_words(upload: Upload) -> str:
    """In which encoding the file was read, and who chose it."""
    if not upload.encoding:
        return "Not applicable" if upload.rows_read else "Not known yet"
    name = ENCODING_NAMES[upload.encoding]
    if not upload.encoding_chosen_actor:
        return f"{name}, {'assumed' if upload.encoding in OLD_ENCODINGS else 'recognised from the file'}"
    return f"{name}, chosen by {who(upload.encoding_chosen_by, upload.encoding_chosen_actor)}"


@dataclass(frozen=True)
class EncodingQuestion:
    """What is asked about the characters of a file: its texts as they were read, and the other ways to read them."""

    read_as: str
    texts: list[tuple[str, str]]
    items: list[dict[str, Any]]
    may_choose: bool
    is_open: bool


def encoding_question(upload: Upload, actor: Actor) -> EncodingQuestion | None:
    """The question, if the characters of the file can be read in several ways; None otherwise."""
    if not upload.encoding_choice or upload.state in AT_WORK:
        return None
    texts = [StrangeText(**text) for text in upload.encoding_choice["texts"]]
    items = [
        {
            "value": encoding,
            "text": OLD_ENCODINGS[encoding],
            "hint": " · ".join(text.read_as(encoding) for text in texts[:SHOWN_TEXTS]),
            "chosen": encoding == upload.encoding and bool(upload.encoding_chosen_actor),
        }
        for encoding in upload.encoding_choice["possible"]
    ]
    return EncodingQuestion(
        read_as=OLD_ENCODINGS[upload.encoding],
        texts=[(f"{text.column}{text.row}", text.read_as(upload.encoding)) for text in texts],
        items=items,
        may_choose=not queries.encoding_problems(upload, actor),
        is_open=upload.encoding_choice["is_doubtful"] and not upload.encoding_chosen_actor,
    )


def acceptance_context(upload: Upload, actor: Actor, version: int | None = None) -> dict[str, Any]:
    """What is confirmed before an upload is accepted, or why it cannot be. `version` is the one that was looked at."""
    possible = queries.possible(upload, actor)
    changed = [] if possible.accept else [problem_text(one) for one in rules.version_problems(upload, version)]
    return {
        "upload": upload,
        "counts": [upload.counts.get(name, 0) for name in ("new", "changed", "unchanged", "withdrawn")],
        "decision": decision(upload, possible),
        "reasons": [f"{reason.rstrip('.')}." for reason in [*possible.accept, *changed]],
    }


def reversal_context(upload: Upload, actor: Actor) -> dict[str, Any]:
    """What reversing would do, or why it is not possible, with links to the uploads that the reasons name."""
    problems = queries.reversing_problems(upload, actor)
    said = [problem_text(problem) for problem in problems]
    return {
        "upload": upload,
        "refusals": [(text, None) for text in said],
        "reasons": linked(said, upload, actor),
        "reversal": None if problems else kinds.kind(upload.kind).steps.reversal_preview(upload),
    }


def linked(sentences: Sequence[str], upload: Upload, actor: Actor) -> list[SafeString]:
    """The sentences, in which references to other uploads are links if the reader may see them."""
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
    """What is wrong, which may be a question, and what to do about it."""
    message = problem.message if problem.message.endswith("?") else f"{problem.message.rstrip('.')}."
    return f"{message} {problem.fix or ''}".strip()


def status_of(refusal: Refused) -> int:
    """The HTTP status for a refused decision."""
    codes = {problem.code for problem in refusal.problems}
    if codes & FORBIDDEN:
        return 403
    return 409 if codes & CONFLICTS else 422


def add_file_problems(form: forms.Form, refusal: Refused) -> None:
    """Add problems to the form: those of the date of publication to its field, the others to the file."""
    fields = dict.fromkeys(("PUBLISHED_IN_FUTURE", "PUBLISHED_TOO_EARLY"), "published_on")
    named = [
        problem for problem in refusal.problems if problem.where is not None and problem.where.field in form.fields
    ]
    if named:
        add_problems(form, refusal)
        return
    for problem in refusal.problems:
        form.add_error(fields.get(problem.code, "file"), problem_text(problem))


# ── Help with a new upload ───────────────────────────────────────────────────────────────────────────────────────────


def help_rows(kind: UploadKind) -> list[list[Any]]:
    return [
        [column.heading, "Yes" if column.required else "No", column.help, column.example or None]
        for column in kind.template_columns
    ]


def layout_rows(offered: Iterable[UploadKind]) -> list[list[Any]]:
    """The rows of the table of published layouts that are recognised."""
    return [
        [profile.title, profile.publisher, profile.summary]
        for kind in offered
        for profile in profiles.profiles(kind.key)
        if profile.is_published
    ]
