"""Strict reading of uploads to the API: the fields of a form with a file, or rows as JSON, which become a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.http import QueryDict
from rest_framework.request import Request

from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest.parameters import read_day
from pooledcare.kernel.rest.problems import HttpProblem, body_problem
from pooledcare.kernel.tabular import OLD_ENCODINGS, neutralise
from pooledcare.uploads import kinds

OPTIONS = ("kind", "profile", "complete", "published_on")
FORM_OPTIONS = (*OPTIONS, "layout", "encoding", "financial_year")
MOST_ROWS = 1000
_YEAR = re.compile(r"(?:[0-9]{4}-[0-9]{2})?")
_PART = re.compile(r"[a-z0-9-]{1,60}:[0-9]{4}-[0-9]{2}")
_PROFILE = re.compile(r"[A-Za-z0-9_.-]{0,80}")
_LAYOUT = re.compile(r"(?:UL-[1-9][0-9]{0,8})?")


@dataclass(frozen=True)
class Submission:
    """A file and the fields that were sent with it."""

    kind: str
    file: BinaryIO
    filename: str
    profile: str
    complete: bool
    published_on: dt.date | None
    encoding: str = ""
    financial_year: str = ""
    layout: str = ""


def read_submission(request: Request) -> Submission:
    """The submission. Raises a problem 400 if a field is wrong."""
    if isinstance(request.data, QueryDict):
        return _from_form(request, request.data)
    return _from_json(request.data)


def read_reason(body: Any) -> str:
    """The field `reason` of a body, which must be its only field. Raises a problem 400."""
    fields = _fields(body, ("reason",))
    reason = fields.get("reason")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > 1000:
        raise body_problem("reason", "REQUIRED", "Say in up to 1,000 characters why the upload is reversed.")
    return reason


def read_date(body: Any) -> dt.date:
    """The field `published_on` of a body, which must be its only field. Raises a problem 400."""
    return _day(_fields(body, ("published_on",)))


def read_publication(body: Any) -> tuple[dt.date, list[str] | None]:
    """The date and the parts that are published; None if the body does not name parts. Raises a problem 400."""
    fields = _fields(body, ("published_on", "parts"))
    published_on = _day(fields)
    if "parts" not in fields:
        return published_on, None
    parts = fields["parts"]
    if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_ROWS or not all(_is_part(part) for part in parts):
        raise body_problem("parts", "NOT_ACCEPTED", "Give a list of streams and years, like nhs-core:2026-27.")
    return published_on, list(dict.fromkeys(parts))


def _is_part(part: Any) -> bool:
    return isinstance(part, str) and _PART.fullmatch(part) is not None


def _day(fields: Mapping[str, Any]) -> dt.date:
    found = _published_on(fields)
    if found is None:
        raise body_problem("published_on", "REQUIRED", "Write the date of publication as 2026-04-01.")
    return found


def refuse_body(body: Any) -> None:
    """Raise a problem 400 if there is a body, for operations that do not take one."""
    if body:
        raise body_problem("", "NO_BODY", "This operation takes no body.")


def _from_form(request: Request, form: QueryDict) -> Submission:
    texts = {name: values for name, values in form.lists() if name not in request.FILES}
    repeated = [name for name, values in texts.items() if len(values) > 1]
    fields = _fields({name: values[0] for name, values in texts.items()}, FORM_OPTIONS)
    if repeated:
        raise body_problem(repeated[0], "DUPLICATE_FIELD", "The field is given more than once.")
    if set(request.FILES) != {"file"}:
        raise body_problem("file", "REQUIRED", "Send one file, in the field file.")
    complete = fields.get("complete", "false")
    if complete not in ("true", "false"):
        raise body_problem("complete", "NOT_ACCEPTED", "Write true or false.")
    file = request.FILES["file"]
    return _submission(fields, file, file.name or "file", complete == "true")


def _from_json(body: Any) -> Submission:
    fields = _fields(body, (*OPTIONS, "rows"))
    complete = fields.get("complete", False)
    if not isinstance(complete, bool):
        raise body_problem("complete", "NOT_ACCEPTED", "Write true or false.")
    kind = _kind(fields)
    return _submission(fields, _as_file(kinds.kind(kind), fields.get("rows")), "rows.csv", complete)


def _submission(fields: Mapping[str, Any], file: BinaryIO, filename: str, complete: bool) -> Submission:
    profile = fields.get("profile", "")
    if not isinstance(profile, str) or not _PROFILE.fullmatch(profile):
        raise body_problem("profile", "NOT_ACCEPTED", "The profile is the name of a publisher's layout.")
    layout = fields.get("layout", "")
    if not isinstance(layout, str) or not _LAYOUT.fullmatch(layout):
        raise body_problem("layout", "NOT_ACCEPTED", "Write the reference of a saved layout, such as UL-3.")
    if layout and profile:
        raise body_problem("layout", "NOT_ACCEPTED", "Give a profile or a saved layout, not both.")
    encoding = fields.get("encoding", "")
    if encoding and encoding not in OLD_ENCODINGS:
        raise body_problem("encoding", "NOT_ACCEPTED", f"Write one of {', '.join(OLD_ENCODINGS)}, or leave it out.")
    year = fields.get("financial_year", "")
    if not isinstance(year, str) or not _YEAR.fullmatch(year):
        raise body_problem("financial_year", "NOT_ACCEPTED", "Write the financial year as 2025-26.", str(year)[:80])
    published_on = _published_on(fields)
    return Submission(_kind(fields), file, filename, profile, complete, published_on, encoding, year, layout)


def _fields(body: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise body_problem("", "NOT_AN_OBJECT", "The body is not a JSON object.")
    unknown = [name for name in body if name not in known]
    if unknown:
        message = f"The field is not known here. Known: {', '.join(known)}."
        raise HttpProblem("invalid-body", errors=[_unknown(name, message) for name in unknown[:20]])
    return body


def _unknown(name: str, message: str) -> Problem:
    return Problem("UNKNOWN_FIELD", message, Where(field=name[:80]))


def _kind(fields: Mapping[str, Any]) -> str:
    kind = fields.get("kind")
    known = [declared.key for declared in kinds.kinds()]
    if kind not in known:
        raise body_problem("kind", "UNKNOWN_KIND", f"Choose one of {', '.join(known)}.")
    return str(kind)


def _published_on(fields: Mapping[str, Any]) -> dt.date | None:
    if "published_on" not in fields:
        return None
    text = fields["published_on"]
    try:
        return read_day(str(text))
    except ValueError as error:
        raise body_problem("published_on", "NOT_ACCEPTED", str(error), str(text)) from None


def _as_file(kind: kinds.UploadKind, rows: Any) -> BinaryIO:
    """The rows as a canonical CSV file, which is then processed like any other file."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        raise body_problem("rows", "NOT_ACCEPTED", f"Give 1 to {MOST_ROWS:,} rows; for more, send a file.")
    names = [column.heading for column in kind.template_columns]
    problems = [problem for position, row in enumerate(rows) for problem in _row_problems(kind, position, row)]
    if problems:
        raise HttpProblem("invalid-body", errors=problems[:100])
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)  # so that two values are never taken for one amount that was cut
    writer.writerow(names)
    writer.writerows([_cell(column, row.get(column.heading, "")) for column in kind.template_columns] for row in rows)
    return io.BytesIO(text.getvalue().encode())


def _cell(column: kinds.UploadColumn, text: str) -> str:
    """The text of a cell. Formulas are neutralised as in our other files, which reading undoes; amounts are not."""
    return text if column.is_amount else neutralise(text)


def _row_problems(kind: kinds.UploadKind, position: int, row: Any) -> list[Problem]:
    if not isinstance(row, Mapping):
        return [Problem("NOT_AN_OBJECT", "The row is not a JSON object.", Where(field=f"rows.{position}"))]
    columns = {column.heading: column for column in kind.template_columns}
    found = [_unknown(f"rows.{position}.{name}", "There is no such column.") for name in row if name not in columns]
    for name, column in columns.items():
        where = Where(field=f"rows.{position}.{name}")
        if name not in row:
            if column.required:
                found.append(Problem("REQUIRED", "This column is needed.", where))
        elif not isinstance(row[name], str):
            found.append(Problem("NOT_TEXT", 'Write the value as a string; money like "1234.50".', where))
    return found
