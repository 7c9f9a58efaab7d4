"""The fields of a record in the API, by kind: reading them from a body, writing them as JSON, and documenting them.

References to rows of other models are left to the caller, because each app decides how to name those rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pooledcare.kernel.records import FieldKind, Record, RecordField
from pooledcare.kernel.rest import bodies
from pooledcare.kernel.rest.bodies import BodyField
from pooledcare.kernel.rest.listings import ListingColumn, flag, several
from pooledcare.kernel.rest.schema import COUNT, DATE, FLAG, MONEY, TEXT, array, described, nullable, one_of
from pooledcare.kernel.year_shares import MOST_SHARES, SHARE_GRAMMAR

_PERCENT = r"(?:100\.00|[0-9]{1,2}\.[0-9]{2})"
_MONEY = r"-?[0-9]{1,12}\.[0-9]{2}"
_SHARE = {**TEXT, "pattern": f"^(?:{SHARE_GRAMMAR})$"}
_SHARES = "Month, day and percentage of each, as 04-15 25.00. They add up to 100.00."
# Kinds whose JSON is null if there is no value. Texts and lists are empty instead.
_NULLED = frozenset(
    {FieldKind.CHOICE, FieldKind.DAY, FieldKind.DAYS, FieldKind.WHOLE, FieldKind.PERCENT, FieldKind.MONEY}
)


def is_nullable(field: RecordField) -> bool:
    return field.kind in _NULLED and not field.required


# ── Bodies of requests ───────────────────────────────────────────────────────────────────────────────────────────────


def body_fields(fields: Iterable[RecordField]) -> tuple[BodyField, ...]:
    return tuple(body_field(field) for field in fields)


def body_field(field: RecordField) -> BodyField:
    """The declaration of the field in the body of a request. If the field is nullable, null removes its value.

    Raises TypeError for a reference.
    """
    found = _body_field(field)
    return found.or_null() if is_nullable(field) else found


def _body_field(field: RecordField) -> BodyField:
    description = _description(field)
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            return bodies.text(field.key, description, longest=field.longest)
        case FieldKind.CHOICE:
            return bodies.choice(field.key, field.values, description)
        case FieldKind.CHOICES:
            return bodies.several(field.key, bodies.choice("", field.values, ""), description)
        case FieldKind.DAY:
            return bodies.day(field.key, description)
        case FieldKind.DAYS:
            return bodies.days(field.key, description)
        case FieldKind.WHOLE:
            return bodies.whole(field.key, description, least=field.least, most=field.most)
        case FieldKind.PERCENT:
            return bodies.code(field.key, f"{description} As 2.50.", grammar=_PERCENT)
        case FieldKind.MONEY:
            return bodies.code(field.key, f"{description} Pounds and pence, as 1234.56.", grammar=_MONEY)
        case FieldKind.SHARES:
            share = bodies.code("", "", grammar=SHARE_GRAMMAR)
            return bodies.several(field.key, share, f"{description} {_SHARES}", most=MOST_SHARES)
        case FieldKind.FLAG:
            return bodies.flag(field.key, description)
    raise TypeError(f"An app must declare itself how {field.label} is named in a body.")


def values_in(body: Mapping[str, Any], fields: Mapping[str, RecordField]) -> dict[str, Any]:
    """The values in a body that was read, by the names of the model. References are left to the caller."""
    return {
        field.name: _from_body(field, body[field.key])
        for field in fields.values()
        if field.key in body and field.kind != FieldKind.REFERENCE
    }


def _from_body(field: RecordField, value: Any) -> Any:
    is_decimal = field.kind in (FieldKind.PERCENT, FieldKind.MONEY)
    return Decimal(value) if is_decimal and value is not None else value


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def json_values(fields: Iterable[RecordField], holder: Any) -> dict[str, Any]:
    """The values of these fields of a row or a frozen copy, as JSON, by their names in the API."""
    return {field.key: json_value(field, getattr(holder, field.name)) for field in fields}


def json_value(field: RecordField, value: Any) -> Any:
    if value == "" and is_nullable(field):
        return None
    if isinstance(value, (list, tuple)):
        return list(value)
    return f"{value:f}" if isinstance(value, Decimal) else value


def shape_of(field: RecordField) -> dict[str, Any]:
    """The schema of the field in a response. A reference is the code of its row."""
    shape = described(_shape(field), _description(field))
    return nullable(shape) if is_nullable(field) or field.kind == FieldKind.REFERENCE else shape


def _shape(field: RecordField) -> dict[str, Any]:
    match field.kind:
        case FieldKind.CHOICE:
            return one_of(field.values)
        case FieldKind.CHOICES:
            return array(one_of(field.values))
        case FieldKind.DAY:
            return DATE
        case FieldKind.DAYS:
            return array(DATE)
        case FieldKind.WHOLE:
            return COUNT
        case FieldKind.PERCENT:
            return {**TEXT, "pattern": r"^\d{1,3}\.\d{2}$"}
        case FieldKind.MONEY:
            return MONEY
        case FieldKind.SHARES:
            return array(_SHARE)
        case FieldKind.FLAG:
            return FLAG
    return TEXT


def json_example(field: RecordField) -> Any:
    """The example of the field as a JSON value; empty or null if the record gives none."""
    if not field.example:
        is_null = is_nullable(field) or field.kind == FieldKind.REFERENCE
        return None if is_null else json_value(field, field.empty)
    match field.kind:
        case FieldKind.CHOICES | FieldKind.DAYS | FieldKind.SHARES:
            return [each.strip() for each in field.example.split(";")]
        case FieldKind.WHOLE:
            return int(field.example)
        case FieldKind.FLAG:
            return field.example == "yes"
    return field.example


def listing_column(field: RecordField, sql: str) -> ListingColumn:
    """The column of a list for the field. `sql` gives the stored value, or for a reference the code of its row."""
    shape, example = shape_of(field), json_example(field)
    match field.kind:
        case FieldKind.CHOICES:
            in_order = f'array(select unnest({sql}) collate "C" order by 1)'
            return several(field.key, in_order, items=one_of(field.values), example=example)
        case FieldKind.DAYS:
            return replace(several(field.key, sql, items=DATE, example=example or []), schema=shape, example=example)
        case FieldKind.SHARES:
            joined = f"array_to_string({sql}, '; ')"
            cell = "; ".join(example)
            return ListingColumn(field.key, sql, file=joined, schema=shape, example=example, file_example=cell)
        case FieldKind.FLAG:
            return flag(field.key, sql, schema=shape, example=example)
        case FieldKind.PERCENT | FieldKind.MONEY:
            return ListingColumn(field.key, f"{sql}::text", schema=shape, example=example)
        case FieldKind.CHOICE if is_nullable(field):
            return ListingColumn(field.key, f"nullif({sql}, '')", schema=shape, example=example)
    return ListingColumn(field.key, sql, free=field.is_text, schema=shape, example=example)


def listing_columns(record: Record, row: str, **references: str) -> tuple[ListingColumn, ...]:
    """The columns of a list for every field of the record, read from the table or alias `row`; `references` are the
    expressions of the codes by which rows of other models are named."""
    return tuple(listing_column(field, references.get(field.name, f"{row}.{field.name}")) for field in record.values())


def _description(field: RecordField) -> str:
    """The label and the hint as one or two sentences."""
    return ". ".join(each.rstrip(".") for each in (field.label, field.help) if each) + "."
