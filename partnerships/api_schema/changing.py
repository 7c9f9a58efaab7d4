"""What the API documentation of changes to drafts has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooledcare.kernel.rest import changing
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, IF_MATCH, body
from pooledcare.kernel.rest.schema import Answer

__all__ = ["IDEMPOTENCY_KEY", "IF_MATCH", "body", "changed", "created"]


def created(shape: Mapping[str, Any], example: Any) -> Answer:
    return changing.created(shape, example, "Created; the body shows it as it would read with the open deed.")


def changed(shape: Mapping[str, Any], example: Any) -> Answer:
    return changing.changed(shape, example, "Changed; the body shows it as it would read with the open deed.")
