"""Documentation of a list, made from the columns of its listing: schema and example of an entry, a page and the CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pooledcare.kernel.rest.listings import ListingColumn
from pooledcare.kernel.rest.schema import LINK, Answer, component, list_answer, record
from pooledcare.kernel.tabular import safe_csv

Columns = Sequence[ListingColumn]


@dataclass(frozen=True)
class Added:
    """A property that the view adds to each entry, and that is not a column of the listing."""

    schema: Mapping[str, Any]
    example: Any


@dataclass(frozen=True)
class Entry:
    """The documentation of one entry of a list, and of a page. That of a detail can extend `properties`."""

    properties: Mapping[str, Any]
    example: Mapping[str, Any]
    schema: Mapping[str, Any]
    page: Answer


def links_to(*, perhaps: Mapping[str, str] | None = None, **examples: str) -> dict[str, Added]:
    """The property `links`: `examples` are an address for each link that every entry has; `perhaps` are descriptions of
    the links that only some entries have."""
    shape = record(dict.fromkeys(examples, LINK))
    for name, description in (perhaps or {}).items():
        shape["properties"][name] = {**LINK, "description": description}
    return {"links": Added(shape, examples)}


def entry_of(
    name: str, columns: Columns, added: Mapping[str, Added] | None = None, *, page_name: str | None = None
) -> Entry:
    """The documentation of a list. `page_name` is given if the page's schema is not named after the entry's."""
    more = added or {}
    properties = {**properties_of(columns), **{key: each.schema for key, each in more.items()}}
    example = {**example_of(columns), **{key: each.example for key, each in more.items()}}
    schema = component(name, record(properties))
    page = list_answer(page_name or name, schema, example, csv_example_of(columns))
    return Entry(properties, example, schema, page)


def properties_of(columns: Columns) -> dict[str, Any]:
    """The schema of each property of an entry. Columns with the same `within` are nested in that object."""
    found: dict[str, Any] = {}
    for column in columns:
        if column.schema is not None and column.within not in found:
            together = {each.name: each.schema for each in columns if each.within == column.within}
            found |= {column.within: record(together)} if column.within else {column.name: column.schema}
    return found


def example_of(columns: Columns) -> dict[str, Any]:
    """An example of an entry as JSON."""
    found: dict[str, Any] = {}
    for column in columns:
        if column.schema is not None:
            holder = found.setdefault(column.within, {}) if column.within else found
            holder[column.name] = column.example
    return found


def csv_example_of(columns: Columns) -> str:
    """The same example as CSV, with headings."""
    lines = safe_csv([[_cell(column) for column in columns]], [column.name for column in columns])
    return b"".join(lines).decode()


def _cell(column: ListingColumn) -> Any:
    if column.file_example is not None:
        return column.file_example
    return json.dumps(column.example) if column.is_json else column.example
