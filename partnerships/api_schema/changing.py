"""How the answers to changes of drafts read, as the API documents them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pooledcare.kernel.rest import changing
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, IF_MATCH, body
from pooledcare.kernel.rest.schema import Answer

__all__ = ["IDEMPOTENCY_KEY", "IF_MATCH", "body", "changed", "created"]


def created(shape: Mapping[str, Any], example: Any) -> Answer:
    return changing.created(shape, example, "Made; this is it as the deed under work has it.")


def changed(shape: Mapping[str, Any], example: Any) -> Answer:
    return changing.changed(shape, example, "Done; this is it as the deed under work has it.")
