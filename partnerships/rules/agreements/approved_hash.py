"""The hash of a deed and of the agreement as it would read with it. Partners approve this hash; an edit changes it.

Organisations, functions and places are hashed by code, so that renaming one in the reference tables does not make an
approval void. Empty fields are left out, so that adding a field to the records does not either. The exception are the
fields of the first version, which are hashed even if empty, because hashes of that version have been approved and
signed. Raise `VERSION` if the same text must be hashed in another way: it becomes part of the hash, and earlier
approvals of open deeds become void.
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

VERSION = 1
# The fields of the first version, by class name. Classes that were added later have none.
_FIRST_FIELDS: dict[str, set[str]] = {
    "Content": {
        "title", "power", "start", "end", "notice_months", "review_on", "places", "partners", "pools", "schemes",
        "clauses",
    },
    "PartnerContent": {"body", "role", "contributes", "since", "succeeds"},
    "PoolContent": {
        "slug", "name", "kind", "host", "manager", "manager_employer", "vat_structure", "vat_regime",
        "irrecoverable_vat", "vat_advice", "accounting",
    },
    "SchemeContent": {
        "slug", "name", "aims", "services", "client_group", "geography", "providers", "governance", "exit_terms",
        "flexibilities", "ways_of_working", "lead", "pool", "start_on", "end_on", "notice_months", "is_voluntary",
        "functions",
    },
}  # fmt: skip
_FUNCTION_FIELDS = ("code", "holder", "exclusions", "delegation_evidence")  # hashed as a list, in this order


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
    if VERSION > 1:
        said["version"] = VERSION
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Body):
        return value.code
    if isinstance(value, PlaceNamed):
        return value.slug
    if isinstance(value, FunctionContent):
        return _function(value)
    if dataclasses.is_dataclass(value):
        first = _FIRST_FIELDS.get(type(value).__name__, set())
        said = {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.name != "pk"
        }
        return {name: each for name, each in said.items() if name in first or not _is_empty(each)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, (dt.date, Decimal)):
        return str(value)
    return value


def _function(value: FunctionContent) -> list[Any]:
    said = [value.code, _plain(value.holder), sorted(value.exclusions), value.delegation_evidence]
    later = [field.name for field in dataclasses.fields(value) if field.name not in (*_FUNCTION_FIELDS, "name")]
    added = {name: found for name in later if not _is_empty(found := _plain(getattr(value, name)))}
    return [*said, added] if added else said


def _is_empty(value: Any) -> bool:
    """Whether the value is empty: None, False, an empty text or an empty list. The number 0 is not empty."""
    return value is None or value is False or value in ("", [])
