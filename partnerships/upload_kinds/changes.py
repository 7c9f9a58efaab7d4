"""What each row would change in a draft, field by field in words. An empty cell changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from partnerships.models import UploadedRow
from partnerships.records import DEED, ORIGINAL, POWER, SCHEME
from partnerships.rules.agreements import FieldChange, SchemeContent
from partnerships.terms import ClauseKind, Exclusion
from partnerships.upload_kinds.known_drafts import Known, drafts_of
from pooledcare.kernel.records import FieldKind, RecordField, value_text
from pooledcare.uploads.cells import as_json
from pooledcare.uploads.models import Upload

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
_PARTNERS = RecordField("partners", "Partners", FieldKind.REFERENCE, key="partners")
_CLAUSES = tuple(
    RecordField(kind.value, f"Clause: {kind.label}", FieldKind.TEXT, key=kind.value) for kind in ClauseKind
)
_FUNCTIONS = RecordField("functions", "Functions", FieldKind.REFERENCE, key="functions")
# The fields of a row, by column name.
_OF_AGREEMENT = {field.key: field for field in (*ORIGINAL.values(), _PARTNERS, *_CLAUSES)}
_OF_SCHEME = {field.key: field for field in (*SCHEME.values(), _FUNCTIONS)}


@dataclass(frozen=True, slots=True)
class Planned:
    """One row with the draft that it is about: what it would do, and to which fields."""

    row: UploadedRow
    known: Known | None
    what: str
    name: str
    fields: tuple[FieldChange, ...]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        return self.what != UNCHANGED


def planned(upload: Upload) -> list[Planned]:
    """The plan of every row of the upload, in order. Sixteen queries, however many rows."""
    rows = list(UploadedRow.objects.filter(upload=upload).order_by("line"))
    known = drafts_of(upload.organisation, {row.agreement_id for row in rows if row.agreement_id})
    plan = _scheme if upload.kind == "schemes" else _agreement
    return [plan(row, known.get(row.agreement_id or 0)) for row in rows]


def counts_of(plans: Iterable[Planned]) -> dict[str, int]:
    found = dict.fromkeys((NEW, CHANGED, UNCHANGED), 0)
    for each in plans:
        found[each.what] += 1
    return found


def _planned(
    row: UploadedRow,
    known: Known | None,
    *,
    is_new: bool,
    name: str,
    before: dict[str, Any],
    after: dict[str, Any],
    fields: Mapping[str, RecordField],
) -> Planned:
    changes = tuple(_changes(before, after, fields))
    values = {key: value for key, value in after.items() if not _same(before.get(key), value)}
    what = NEW if is_new else CHANGED if changes else UNCHANGED
    return Planned(row, known, what, name, changes, values)


def _changes(before: dict[str, Any], after: dict[str, Any], fields: Mapping[str, RecordField]) -> Iterator[FieldChange]:
    for name, value in after.items():
        if not _same(before.get(name), value):
            field = fields[name]
            yield FieldChange(field.label, in_words(field, before.get(name)), in_words(field, value))


def _same(before: Any, after: Any) -> bool:
    """Whether two values are the same to a file: line breaks (cells have none) and the order of codes do not matter."""
    if isinstance(before, str) and isinstance(after, str):
        return before.split() == after.split()
    if isinstance(before, list) and isinstance(after, list) and all(isinstance(each, (str, dict)) for each in before):
        return sorted(map(_key, before)) == sorted(map(_key, after))
    return before == after or (not before and not after and before is not False and after is not False)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def in_words(field: RecordField, value: Any) -> str:
    """A value stored as JSON, in words for people.

    >>> in_words(SCHEME["start_on"], "2026-04-01"), in_words(SCHEME["lead"], {"code": "QXX", "name": "Board"})
    ('1 April 2026', 'Board (QXX)')
    """
    if field == _FUNCTIONS:
        return "; ".join(_function_words(each) for each in value or ())
    if isinstance(value, list):
        return "; ".join(in_words(field, each) for each in value)
    if isinstance(value, dict):
        return f"{value['name']} ({value['code']})"
    if isinstance(value, str) and field.kind in (FieldKind.DAY, FieldKind.DAYS):
        return value_text(field, dt.date.fromisoformat(value))
    if isinstance(value, str) and field.kind in (FieldKind.MONEY, FieldKind.PERCENT):
        return value_text(field, Decimal(value))
    return value_text(field, value)


def _function_words(function: dict[str, Any]) -> str:
    holder = f", function of {function['holder']['name']}" if function["holder"] else ""
    within = ", ".join(str(Exclusion(code).label).lower() for code in function["exclusions"])
    return f"{function['code']}{holder}{f' (with {within})' if within else ''}"


# ── Agreements ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _agreement(row: UploadedRow, known: Known | None) -> Planned:
    after = {name: row.cell_values[name] for name in _OF_AGREEMENT if name in row.cell_values}
    before = _reads(known) if known else {}
    name = row.cell_values.get("title") or before.get("title") or ""
    return _planned(row, known, is_new=known is None, name=name, before=before, after=after, fields=_OF_AGREEMENT)


def _reads(known: Known) -> dict[str, Any]:
    """The agreement as it would read with its open deed, by the columns of a file."""
    content, deed = known.content, known.deed
    if content is None or deed is None:
        return {}
    of_deed = ("summary", "effective_on", "sets_end")
    read = [field for field in (*DEED.plain, POWER) if field.name not in of_deed]
    return {
        **{field.key: as_json(field, getattr(content, field.key)) for field in read},
        "start": as_json(DEED["effective_on"], deed.effective_on),
        "summary": deed.summary,
        "places": [place.slug for place in content.places],
        "partners": [_body(each.body) for each in content.partners],
        **dict(content.clauses),
    }


def _body(body: Any) -> dict[str, Any] | None:
    return {"pk": body.pk, "code": body.code, "name": body.name} if body else None


# ── Schemes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _scheme(row: UploadedRow, known: Known | None) -> Planned:
    scheme = known.content.scheme(row.slug) if known and known.content and row.slug else None
    after = {name: row.cell_values[name] for name in _OF_SCHEME if name in row.cell_values and name != "functions"}
    if "functions" in row.cell_values or "exclusions" in row.cell_values:
        after["functions"] = _functions(row.cell_values, scheme)
    before = _scheme_reads(scheme) if scheme else {}
    name = row.cell_values.get("name") or before.get("name") or ""
    return _planned(row, known, is_new=scheme is None, name=name, before=before, after=after, fields=_OF_SCHEME)


def _scheme_reads(scheme: SchemeContent) -> dict[str, Any]:
    return {
        **{field.key: as_json(field, getattr(scheme, field.name)) for field in SCHEME.plain},
        "lead": _body(scheme.lead),
        "pool": scheme.pool,
        "functions": _functions_now(scheme),
    }


def _functions_now(scheme: SchemeContent | None) -> list[dict[str, Any]]:
    return [
        {
            "code": each.code, "holder": _body(each.holder), "exclusions": sorted(each.exclusions),
            "evidence": each.delegation_evidence,
        }
        for each in (scheme.functions if scheme else ())
    ]  # fmt: skip


def _functions(cell_values: dict[str, Any], scheme: SchemeContent | None) -> list[dict[str, Any]]:
    """The functions after the row. Holder, treatments and evidence that the file does not give do not change."""
    now = {each["code"]: each for each in _functions_now(scheme)}
    named = cell_values.get("functions") or [[code, None] for code in now]
    within: dict[str, list[str]] = {}
    for code, treatment in cell_values.get("exclusions", ()):
        within.setdefault(code, []).append(treatment)
    found = []
    for code, holder in named:
        old = now.get(code, {"holder": None, "exclusions": [], "evidence": ""})
        exclusions = sorted(set(within.get(code, ()))) if "exclusions" in cell_values else old["exclusions"]
        found.append(
            {"code": code, "holder": holder or old["holder"], "exclusions": exclusions, "evidence": old["evidence"]}
        )
    return found
