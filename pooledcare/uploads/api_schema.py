"""The shapes of uploads and their problems as the API documents them, each with an example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pooledcare.kernel.rest.schema import (
    COUNT,
    DATE,
    LINK,
    MOMENT,
    TAG,
    TEXT,
    Answer,
    array,
    component,
    detail_answer,
    header,
    list_answer,
    nullable,
    record,
)
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import UploadKind
from pooledcare.uploads.terms import Channel, Severity, UploadState

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
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "A fresh random text for each new request; the same one when you repeat it within a week.",
    "example": "5b1f3f3e-7a0b-4a39-8a51-0a4b7b6c2c11",
}
REPLAYED = {"Idempotent-Replayed": header("true where this is the answer to an earlier request with the same key.")}
LOCATION = {"Location": header("The address of the upload.", type="string", format="uri")}


def example_kind(declared: Sequence[UploadKind]) -> UploadKind:
    """The kind of which the examples are: one that has everything an upload can have."""
    return next(kind for kind in declared if kind.is_published)


def _links(declared: Sequence[UploadKind]) -> dict[str, Any]:
    """The links of every upload, and those that only uploads of some kinds have."""
    shape = record(dict.fromkeys(("self", "organisation", "problems", "page"), LINK))
    of_kinds = {link.name: {**LINK, "description": link.description} for kind in declared for link in kind.links}
    return {**shape, "properties": {**shape["properties"], **of_kinds}}


# The kinds are registered by then: the API is imported when every app is ready.
_KINDS = kinds.kinds()
_UPLOAD = {
    "reference": TEXT,
    "organisation": {**TEXT, "description": "Code of the organisation that uploads"},
    "kind": TEXT,
    "profile": nullable({**TEXT, "description": "The publisher's layout; null for a file with our own columns"}),
    "channel": {"type": "string", "enum": Channel.values},
    "complete": {"type": "boolean", "description": "Declared complete: what is absent from the file is withdrawn"},
    "published_on": nullable({**DATE, "description": "Null: for the organisation's members only"}),
    "filename": TEXT,
    "size": COUNT,
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "state": {"type": "string", "enum": UploadState.values},
    "state_at": MOMENT,
    "progress": {**COUNT, "description": "Rows done in the present step"},
    "rows_read": COUNT,
    "problem_count": COUNT,
    "warning_count": COUNT,
    "counts": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "description": "new, changed, unchanged, withdrawn, not_reported",
    },
    "prepared_by": {**TEXT, "description": "Reference of the person or key"},
    "prepared_at": MOMENT,
    "accepted_by": nullable(TEXT),
    "accepted_at": nullable(MOMENT),
    "second_person_waived": {"type": "boolean"},
    "reversed_at": nullable(MOMENT),
    "version": {"type": "integer", "minimum": 1, "description": "Rises with every change of state; for If-Match"},
    "links": _links(_KINDS),
}
UPLOAD = component("Upload", record(_UPLOAD))
UPLOAD_DETAIL = component(
    "UploadDetail",
    record(
        {
            **_UPLOAD,
            "notices": array({**TEXT, "description": "What reading the file put in order, in sentences"}),
            "preview": {"type": "object", "description": "What would change, shown before anything changes"},
        }
    ),
)
PROBLEM = component(
    "UploadProblem",
    record(
        {
            "severity": {"type": "string", "enum": Severity.values},
            "code": TEXT,
            "message": TEXT,
            "fix": TEXT,
            "sheet": TEXT,
            "row": nullable(COUNT),
            "column": {**TEXT, "description": "Letter of the column"},
            "column_name": TEXT,
            "value": {**TEXT, "description": "What was read"},
        }
    ),
)
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

_EXAMPLE_KIND = example_kind(_KINDS)
_EXAMPLE = {
    "reference": "UP-12",
    "organisation": "X24",
    "kind": _EXAMPLE_KIND.key,
    "profile": None,
    "channel": "api",
    "complete": False,
    "published_on": "2026-04-01",
    "filename": f"{_EXAMPLE_KIND.key}.csv",
    "size": 1834,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "state": "ready",
    "state_at": "2026-04-02T09:30:02Z",
    "progress": 42,
    "rows_read": 42,
    "problem_count": 0,
    "warning_count": 0,
    "counts": {"new": 42, "changed": 0, "unchanged": 0, "withdrawn": 0, "not_reported": 0},
    "prepared_by": "key:ab12cd34",
    "prepared_at": "2026-04-02T09:30:00Z",
    "accepted_by": None,
    "accepted_at": None,
    "second_person_waived": False,
    "reversed_at": None,
    "version": 3,
    "links": {
        "self": f"{_HERE}/api/v1/uploads/UP-12/",
        "organisation": f"{_HERE}/api/v1/organisations/X24/",
        "problems": f"{_HERE}/api/v1/uploads/UP-12/problems/",
        **{link.name: f"{_HERE}/api/v1{link.address.format(reference='UP-12')}" for link in _EXAMPLE_KIND.links},
        "page": f"{_HERE}/uploads/UP-12/",
    },
}
_DETAIL: dict[str, Any] = {**_EXAMPLE, "notices": [], "preview": {}}
_PROBLEM = {
    "severity": "error",
    "code": "NOT_A_NUMBER",
    "message": "This is not an amount",
    "fix": "Enter the amount in pounds and pence, like 1234.56.",
    "sheet": "",
    "row": 7,
    "column": "E",
    "column_name": "amount",
    "value": "about 300",
}

UPLOAD_PAGE = list_answer(
    "Upload",
    UPLOAD,
    _EXAMPLE,
    "reference,organisation,kind,profile,channel,complete,published_on,filename,size,sha256,state,state_at,progress,"
    "rows_read,problem_count,warning_count,counts,prepared_by,prepared_at,accepted_by,accepted_at,"
    "second_person_waived,reversed_at,version\r\n",
)
UPLOAD_ANSWER = detail_answer(UPLOAD_DETAIL, _DETAIL)
CHANGED_ANSWER = detail_answer(UPLOAD_DETAIL, _DETAIL, "Done; this is the upload as it is now.")
STARTED_ANSWER = Answer("Begun; poll the upload until its state says how it ended.", UPLOAD_DETAIL, _DETAIL, TAG)
RECEIVED_ANSWER = Answer(
    "Received; poll the upload at Location.", UPLOAD_DETAIL, _DETAIL, {**TAG, **LOCATION, **REPLAYED}
)
PROBLEM_PAGE = list_answer(
    "UploadProblem",
    PROBLEM,
    _PROBLEM,
    "severity,code,message,fix,sheet,row,column,column_name,value\r\n"
    'error,NOT_A_NUMBER,This is not an amount,"Enter the amount in pounds and pence, like 1234.56.",,7,E,amount,'
    "about 300\r\n",
)


def creation(declared: Sequence[UploadKind]) -> dict[str, Any]:
    """The body of a new upload: a file in a form, or a few rows as JSON, which become the same file."""
    published = {
        "published_on": {**DATE, "description": "When what it holds was published; not given: for members only"},
        "profile": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_.-]{0,80}$",
            "description": "A publisher's layout; recognised from the file when not given",
        },
    }
    complete = {"type": "boolean", "default": False, "description": "What is absent from the file is withdrawn"}
    form = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "minLength": 1, "description": "CSV or XLSX"},
            "kind": {"type": "string", "enum": [kind.key for kind in declared]},
            **published,
            "complete": {"type": "string", "enum": ["true", "false"], "description": complete["description"]},
        },
        "required": ["file", "kind"],
        "additionalProperties": False,
    }
    options = {**published, "complete": complete}
    shown = example_kind(declared)
    row = shown.schema()["properties"]
    example = {name: shape["example"] for name, shape in row.items() if "example" in shape}
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form},
            "application/json": {
                "schema": {"oneOf": [_rows(kind, options if kind.is_published else {}) for kind in declared]},
                "example": {"kind": shown.key, "published_on": "2026-04-01", "rows": [example]},
            },
        },
    }


def _rows(kind: UploadKind, options: dict[str, Any]) -> dict[str, Any]:
    """Rows of one kind. Strings of JSON may hold anything but NUL, which PostgreSQL cannot store."""
    row = kind.schema()
    columns = {name: {**shape, "pattern": "^[^\\u0000]*$"} for name, shape in row["properties"].items()}
    strict = {**row, "properties": columns, "additionalProperties": False}
    return {
        "type": "object",
        "title": kind.label,
        "properties": {
            "kind": {"type": "string", "enum": [kind.key]},
            **options,
            "rows": {**array(strict), "minItems": 1, "maxItems": 1000},
        },
        "required": ["kind", "rows"],
        "additionalProperties": False,
    }


def json_body(schema: dict[str, str], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}
