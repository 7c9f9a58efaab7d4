"""The hash of what a deed would make of the agreement: what a partner approves, and what an edit makes void.

Bodies, functions and places enter by code, so that a change of a name in the reference tables voids nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

from partnerships.rules.agreements.content import Body, FunctionContent, PlaceNamed
from partnerships.rules.agreements.reading import content_of
from partnerships.rules.agreements.record import AgreementRecord, DeedRecord


def content_hash(record: AgreementRecord, deed: DeedRecord) -> str:
    """SHA-256, in hexadecimal, of the deed and of the agreement as it would read on the deed's first day."""
    said = {
        "agreement": record.pk,
        "deed": deed.number,
        "kind": deed.kind,
        "summary": deed.summary,
        "effective_on": _plain(deed.effective_on),
        "content": _plain(content_of(record, deed)),
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Body):
        return value.code
    if isinstance(value, PlaceNamed):
        return value.slug
    if isinstance(value, FunctionContent):
        return [value.code, _plain(value.holder), sorted(value.exclusions), value.delegation_evidence]
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.name != "pk"]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, (dt.date, Decimal)):
        return str(value)
    return value
