"""What requests that change something have in common, as the API documents them: headers, bodies, answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pooledcare.kernel.rest.bodies import BodyField, body_schema
from pooledcare.kernel.rest.schema import TAG, Answer, component, header

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": r'^("[0-9]{1,9}(\.[0-9a-f]{1,64})?"|\*)$'},
    "description": "The ETag of what is changed, as you have seen it, or its `version` in quotes, or * for any.",
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
LOCATION = {"Location": header("The address of what was made.", type="string", format="uri")}


def json_body(schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def body(name: str, fields: Iterable[BodyField], example: Any) -> dict[str, Any]:
    """The body of a request, as a named schema."""
    return json_body(component(name, body_schema(fields)), example)


def created(shape: Mapping[str, Any], example: Any, description: str = "Made; this is it.") -> Answer:
    return Answer(description, shape, example, {**TAG, **LOCATION, **REPLAYED})


def changed(shape: Mapping[str, Any], example: Any, description: str = "Done; this is it now.") -> Answer:
    return Answer(description, shape, example, TAG)
