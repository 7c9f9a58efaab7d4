"""What the API documentation of changes to drafts has in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pooledcare.kernel.rest.bodies import BodyField, body_schema
from pooledcare.kernel.rest.schema import TAG, Answer, component, header
from pooledcare.uploads.api_schema import IDEMPOTENCY_KEY, REPLAYED, json_body

__all__ = ["IDEMPOTENCY_KEY", "IF_MATCH", "body", "changed", "created"]

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": r'^("[0-9]{1,9}(\.[0-9a-f]{1,64})?"|\*)$'},
    "description": "The ETag of the agreement or its `version` in quotes, as you last read it; or * for any version.",
    "example": '"3"',
}
_LOCATION = {"Location": header("The address of what was created.", type="string", format="uri")}


def body(name: str, fields: Iterable[BodyField], example: Any) -> dict[str, Any]:
    return json_body(component(name, body_schema(fields)), example)


def created(shape: dict[str, str], example: Any) -> Answer:
    return Answer(
        "Created; the body shows it as it would read with the open deed.",
        shape,
        example,
        {**TAG, **_LOCATION, **REPLAYED},
    )


def changed(shape: dict[str, str], example: Any) -> Answer:
    return Answer("Changed; the body shows it as it would read with the open deed.", shape, example, TAG)
