"""What a row would change of a draft, field by field in words; an empty cell changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from partnerships.models import UploadedRow
from partnerships.rules.agreements import FieldChange, SchemeContent, value_text
from partnerships.rules.agreements.differences import FIELD_LABELS
from partnerships.terms import ClauseKind, Exclusion
from partnerships.upload_kinds.known_drafts import Known, drafts_of
from pooledcare.uploads.models import Upload

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
_MAIN_TERMS = ("title", "power", "start", "end", "notice_months", "review_on", "places", "partners", "summary")
_SCHEME = (
    "name", "functions", "flexibilities", "ways_of_working", "lead", "pool", "services", "client_group", "geography",
    "providers", "aims", "governance", "exit_terms", "start", "end", "notice_months", "voluntary",
)  # fmt: skip
_LABELS = {**FIELD_LABELS, "partners": "Partners", "summary": "Summary", "voluntary": FIELD_LABELS["is_voluntary"]}
_LABELS_OF_AGREEMENT = {**_LABELS, **{kind.value: f"Clause: {kind.label}" for kind in ClauseKind}}


@dataclass(frozen=True, slots=True)
class Planned:
    """One row beside the draft that it is about: what it would do, under which name, and to which fields."""

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
    """Every row of the upload, in their order. Sixteen queries, however many rows."""
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
    labels: Mapping[str, str],
) -> Planned:
    changes = tuple(_changes(before, after, labels))
    values = {key: value for key, value in after.items() if not _same(before.get(key), value)}
    what = NEW if is_new else CHANGED if changes else UNCHANGED
    return Planned(row, known, what, name, changes, values)


def _changes(before: dict[str, Any], after: dict[str, Any], labels: Mapping[str, str]) -> Iterator[FieldChange]:
    for name, value in after.items():
        if not _same(before.get(name), value):
            yield FieldChange(labels[name], in_words(name, before.get(name)), in_words(name, value))


def _same(before: Any, after: Any) -> bool:
    """Cells hold no line breaks: a text that differs only in them is the same. Codes and functions have no order."""
    if isinstance(before, str) and isinstance(after, str):
        return before.split() == after.split()
    if isinstance(before, list) and isinstance(after, list) and all(isinstance(each, (str, dict)) for each in before):
        return sorted(map(_key, before)) == sorted(map(_key, after))
    return before == after or (not before and not after and before is not False and after is not False)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def in_words(name: str, value: Any) -> str:
    """A value as people read it.

    >>> in_words("start", "2026-04-01"), in_words("lead", {"pk": 1, "code": "QXX", "name": "Board"})
    ('1 April 2026', 'Board (QXX)')
    """
    if name == "functions":
        return "; ".join(_function_words(each) for each in value or ())
    if isinstance(value, dict):
        return f"{value['name']} ({value['code']})"
    if isinstance(value, list):
        return "; ".join(in_words(name, each) for each in value)
    if name in ("start", "end", "review_on") and value:
        return value_text(name, dt.date.fromisoformat(value))
    if name in ("power", "flexibilities", "ways_of_working"):
        return value_text(name, value)
    return value_text("", value)


def _function_words(function: dict[str, Any]) -> str:
    holder = f", function of {function['holder']['name']}" if function["holder"] else ""
    within = ", ".join(str(Exclusion(code).label).lower() for code in function["exclusions"])
    return f"{function['code']}{holder}{f' (with {within})' if within else ''}"


# ── Agreements ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _agreement(row: UploadedRow, known: Known | None) -> Planned:
    after = {name: row.said[name] for name in (*_MAIN_TERMS, *ClauseKind.values) if name in row.said}
    before = _reads(known) if known else {}
    name = row.said.get("title") or before.get("title") or ""
    return _planned(
        row, known, is_new=known is None, name=name, before=before, after=after, labels=_LABELS_OF_AGREEMENT
    )


def _reads(known: Known) -> dict[str, Any]:
    """The agreement as it would read by its open deed, in the words of a file."""
    content, deed = known.content, known.deed
    if content is None or deed is None:
        return {}
    return {
        "title": content.title,
        "power": content.power,
        "start": _iso(deed.effective_on),
        "end": _iso(content.end),
        "notice_months": content.notice_months,
        "review_on": [day.isoformat() for day in content.review_on],
        "places": [place.slug for place in content.places],
        "partners": [_body(each.body) for each in content.partners],
        "summary": deed.summary,
        **dict(content.clauses),
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _body(body: Any) -> dict[str, Any] | None:
    return {"pk": body.pk, "code": body.code, "name": body.name} if body else None


# ── Schemes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _scheme(row: UploadedRow, known: Known | None) -> Planned:
    scheme = known.content.scheme(row.slug) if known and known.content and row.slug else None
    after = {name: row.said[name] for name in _SCHEME if name in row.said and name != "functions"}
    if "functions" in row.said or "exclusions" in row.said:
        after["functions"] = _functions(row.said, scheme)
    before = _scheme_reads(scheme) if scheme else {}
    name = row.said.get("name") or before.get("name") or ""
    return _planned(row, known, is_new=scheme is None, name=name, before=before, after=after, labels=_LABELS)


def _scheme_reads(scheme: SchemeContent) -> dict[str, Any]:
    same = ("name", "services", "client_group", "geography", "providers", "aims", "governance", "exit_terms", "pool")
    return {
        **{name: getattr(scheme, name) for name in (*same, "notice_months")},
        "flexibilities": list(scheme.flexibilities),
        "ways_of_working": list(scheme.ways_of_working),
        "lead": _body(scheme.lead),
        "start": _iso(scheme.start_on),
        "end": _iso(scheme.end_on),
        "voluntary": scheme.is_voluntary,
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


def _functions(said: dict[str, Any], scheme: SchemeContent | None) -> list[dict[str, Any]]:
    """What the file says of functions; holder, treatments and evidence that it does not name stay as they are."""
    now = {each["code"]: each for each in _functions_now(scheme)}
    named = said.get("functions") or [[code, None] for code in now]
    within: dict[str, list[str]] = {}
    for code, treatment in said.get("exclusions", ()):
        within.setdefault(code, []).append(treatment)
    found = []
    for code, holder in named:
        old = now.get(code, {"holder": None, "exclusions": [], "evidence": ""})
        exclusions = sorted(set(within.get(code, ()))) if "exclusions" in said else old["exclusions"]
        found.append(
            {"code": code, "holder": holder or old["holder"], "exclusions": exclusions, "evidence": old["evidence"]}
        )
    return found
