"""The shapes of uploads and their problems as the API documents them, each with an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pooledcare.kernel.rest.changing import REPLAYED, json_body
from pooledcare.kernel.rest.documented import entry_of, example_of, links_to, properties_of
from pooledcare.kernel.rest.schema import (
    DATE,
    TAG,
    Answer,
    array,
    component,
    detail_answer,
    header,
    record,
)
from pooledcare.kernel.tabular import OLD_ENCODINGS
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import UploadKind
from pooledcare.uploads.listings import PROBLEMS, UPLOAD, UPLOADS

_HERE = "http://localhost:8000"
PATH_REFERENCE = {
    "schema": {"type": "string", "pattern": "^UP-[1-9][0-9]{0,8}$"},
    "description": "The reference of the upload.",
    "example": "UP-12",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": r'^("[0-9]{1,9}(\.[0-9a-f]{1,64})?"|\*)$'},
    "description": "The ETag of the upload as you have seen it, or its `version` in quotes, or * for any.",
    "example": '"3"',
}
LOCATION = {"Location": header("The address of the upload.", type="string", format="uri")}


def example_kind(declared: Sequence[UploadKind]) -> UploadKind:
    """The kind used in examples: one that has everything an upload can have."""
    return next(kind for kind in declared if kind.is_published)


# The API is imported after every app has registered its kinds.
_KINDS = kinds.kinds()
_ENTRY = entry_of(
    "Upload",
    UPLOADS.columns,
    links_to(
        self=f"{_HERE}/api/v1/uploads/UP-12/",
        organisation=f"{_HERE}/api/v1/organisations/X24/",
        problems=f"{_HERE}/api/v1/uploads/UP-12/problems/",
        page=f"{_HERE}/uploads/UP-12/",
        perhaps={link.name: link.description for kind in _KINDS for link in kind.links},
    ),
)
UPLOAD_DETAIL = component("UploadDetail", record({**_ENTRY.properties, **properties_of(UPLOAD.columns)}))
_DETAIL = {**_ENTRY.example, **example_of(UPLOAD.columns)}
REASON = component(
    "Reversal",
    {
        "type": "object",
        "properties": {
            "reason": {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"^[^\u0000]*\S[^\u0000]*$"}
        },
        "required": ["reason"],
        "additionalProperties": False,
    },
)

_DAY = {"published_on": {**DATE, "description": "The day on which the figures were published: today or earlier"}}
PUBLICATION_DATE = component(
    "PublicationDate",
    {"type": "object", "properties": _DAY, "required": ["published_on"], "additionalProperties": False},
)
PUBLICATION = component(
    "Publication",
    {
        "type": "object",
        "properties": {
            **_DAY,
            "parts": {
                **array({"type": "string", "pattern": "^[a-z0-9-]{1,60}:[0-9]{4}-[0-9]{2}$"}),
                "minItems": 1,
                "maxItems": 1000,
                "description": "Which figures, as stream and year. Without it, all that are not published",
            },
        },
        "required": ["published_on"],
        "additionalProperties": False,
    },
)

UPLOAD_PAGE = _ENTRY.page
UPLOAD_ANSWER = detail_answer(UPLOAD_DETAIL, _DETAIL)
CHANGED_ANSWER = detail_answer(UPLOAD_DETAIL, _DETAIL, "Done. The response is the upload as it is now.")
STARTED_ANSWER = Answer("Started. Poll the upload until its state says how it ended.", UPLOAD_DETAIL, _DETAIL, TAG)
STARTED_ONCE_ANSWER = replace(STARTED_ANSWER, headers={**TAG, **REPLAYED})
RECEIVED_ANSWER = Answer(
    "Received. Poll the upload at the address in Location.", UPLOAD_DETAIL, _DETAIL, {**TAG, **LOCATION, **REPLAYED}
)
PROBLEM_PAGE = entry_of("UploadProblem", PROBLEMS.columns).page


_PUBLISHED = {
    "published_on": {**DATE, "description": "When the contents were published. Without it, only members see them"},
    "profile": {
        "type": "string",
        "pattern": "^[A-Za-z0-9_.-]{0,80}$",
        "description": "A publisher's layout. Recognised from the file if it is not given",
    },
}
_YEAR = {
    "type": "string",
    "pattern": "^([0-9]{4}-[0-9]{2})?$",
    "description": "The year of the figures, as 2025-26, if the file does not say it. Refused if it says another",
    "example": "2026-27",
}
_COMPLETE = "If true, figures that are not in the file are withdrawn"


def file_body(declared: Sequence[UploadKind]) -> dict[str, Any]:
    """The body of a new upload: a file in a form."""
    form = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "minLength": 1, "description": "CSV, XLSX or ODS"},
            "kind": {"type": "string", "enum": [kind.key for kind in declared]},
            **_PUBLISHED,
            "layout": {
                "type": "string",
                "pattern": "^(UL-[1-9][0-9]{0,8})?$",
                "description": "A saved layout that your organisation may use. Recognised from the file if not given",
                "example": "UL-3",
            },
            "financial_year": _YEAR,
            "complete": {"type": "string", "enum": ["true", "false"], "description": _COMPLETE},
            "encoding": {
                "type": "string",
                "enum": list(OLD_ENCODINGS),
                "description": "The encoding of a CSV file that is not UTF-8. Without it, CSV must be UTF-8",
            },
        },
        "required": ["file", "kind"],
        "additionalProperties": False,
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def rows_body(declared: Sequence[UploadKind]) -> dict[str, Any]:
    """The body of a new upload: rows as JSON, from which a file is made."""
    options = {**_PUBLISHED, "complete": {"type": "boolean", "default": False, "description": _COMPLETE}}
    shapes = [_rows(kind, options if kind.is_published else {}) for kind in declared]
    return json_body({"oneOf": shapes}, rows_example(declared))


def rows_example(declared: Sequence[UploadKind]) -> dict[str, Any]:
    shown = example_kind(declared)
    properties = shown.schema()["properties"]
    row = {name: shape["example"] for name, shape in properties.items() if "example" in shape}
    return {"kind": shown.key, "published_on": "2026-04-01", "rows": [row]}


def _rows(kind: UploadKind, options: dict[str, Any]) -> dict[str, str]:
    """The schema of rows of one kind. Strings may not have NUL in them, which PostgreSQL cannot store."""
    row = kind.schema()
    columns = {name: {**shape, "pattern": "^[^\\u0000]*$"} for name, shape in row["properties"].items()}
    strict = {**row, "properties": columns, "additionalProperties": False}
    shape = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": [kind.key]},
            **options,
            "rows": {**array(strict), "minItems": 1, "maxItems": 1000},
        },
        "required": ["kind", "rows"],
        "additionalProperties": False,
    }
    return component(f"UploadOf{kind.label}", shape)
