"""The problems of an upload arranged for its page: one heading for each kind of problem, with its first places."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Min

from pooledcare.uploads import kinds
from pooledcare.uploads.models import Upload, UploadProblem

EXAMPLES = 5  # places that are shown of each sentence
SENTENCES = 3  # sentences that are shown of each kind

# The first places of the first sentences of each kind, with how many places have the same sentence.
_FIRST = """
with placed as (
    select b.id, b.severity, b.code, row_number() over same as place, first_value(b.id) over same as first,
           count(*) over everywhere as count
    from uploads_uploadproblem b where b.upload_id = %(upload)s
    window everywhere as (partition by b.severity, b.code, b.message, b.fix, b."column", b.column_name),
           same as (everywhere order by b.id)
),
ranked as (select *, dense_rank() over (partition by severity, code order by first) as sentence from placed)
select id, first, count from ranked where place <= %(examples)s and sentence <= %(sentences)s order by first, place
"""


@dataclass(frozen=True)
class Sentence:
    """The same problem at several places: what is wrong, how to mend it, and the first places."""

    message: str
    fix: str
    count: int
    places: list[UploadProblem] = field(default_factory=list)


@dataclass(frozen=True)
class ProblemKind:
    """All problems with one code: how many there are, and the first sentences about them.

    `is_told` is set if the heading says all that there is to say, so that the places need no sentences of their own.
    """

    code: str
    severity: str
    heading: str
    count: int
    sentences: list[Sentence]
    more: int
    is_told: bool

    @property
    def fixes(self) -> list[str]:
        return list(dict.fromkeys(one.fix for one in self.sentences if one.fix))

    @property
    def places(self) -> list[UploadProblem]:
        """The first places of the whole kind."""
        found = sorted((place for one in self.sentences for place in one.places), key=lambda place: place.pk)
        return found[:EXAMPLES]


def problem_kinds(upload: Upload) -> list[ProblemKind]:
    """Errors before warnings, then in the order of the file. Three queries, however many problems there are."""
    counted = (
        UploadProblem.objects.filter(upload=upload)
        .order_by()
        .values("severity", "code")
        .annotate(count=Count("pk"), sentences=Count("message", distinct=True), first=Min("pk"))
        .order_by("severity", "first")
    )
    sentences = _sentences(upload)
    return [_kind(upload, sentences[row["severity"], row["code"]], **row) for row in counted]


def _kind(
    upload: Upload, found: list[Sentence], *, severity: str, code: str, count: int, sentences: int, first: int
) -> ProblemKind:
    told = kinds.kind(upload.kind).problem_heading(upload, code, count, sentences) if sentences > 1 else None
    fixes = {one.fix for one in found}
    return ProblemKind(
        code=code,
        severity=severity,
        heading=told or found[0].message,
        count=count,
        sentences=found,
        more=count - sum(one.count for one in found),
        is_told=(told is not None or sentences == 1) and len(fixes) == 1,
    )


def _sentences(upload: Upload) -> dict[tuple[str, str], list[Sentence]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"upload": upload.pk, "examples": EXAMPLES, "sentences": SENTENCES})
        rows: list[tuple[int, int, int]] = cursor.fetchall()
    problems: dict[Any, UploadProblem] = UploadProblem.objects.in_bulk([pk for pk, _, _ in rows])
    found: dict[tuple[str, str], list[Sentence]] = {}
    for _, same in groupby(rows, key=lambda row: row[1]):
        places = [(problems[pk], count) for pk, _, count in same]
        one, count = places[0]
        sentence = Sentence(one.message, one.fix, count, [place for place, _ in places])
        found.setdefault((one.severity, one.code), []).append(sentence)
    return found
