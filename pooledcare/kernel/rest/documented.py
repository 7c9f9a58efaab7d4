"""How the API documents a list, from the columns of its listing: an entry, an example of it, the page and the CSV."""

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
    """A property that no column holds: the view adds it to each entry."""

    schema: Mapping[str, Any]
    example: Any


@dataclass(frozen=True)
class Entry:
    """One entry of a list as documented, and the page of them. The documented detail of one thing goes on from here."""

    properties: Mapping[str, Any]
    example: Mapping[str, Any]
    schema: Mapping[str, Any]
    page: Answer


def links_to(*, perhaps: Mapping[str, str] | None = None, **examples: str) -> dict[str, Added]:
    """The property `links`, with an example of each address; `perhaps` are names of links that not every
    entry has, each with its description."""
    shape = record(dict.fromkeys(examples, LINK))
    for name, description in (perhaps or {}).items():
        shape["properties"][name] = {**LINK, "description": description}
    return {"links": Added(shape, examples)}


def entry_of(
    name: str, columns: Columns, added: Mapping[str, Added] | None = None, *, page_name: str | None = None
) -> Entry:
    """Everything the API documents of a list. `page_name` is for a list whose entry is not called like its page."""
    more = added or {}
    properties = {**properties_of(columns), **{key: each.schema for key, each in more.items()}}
    example = {**example_of(columns), **{key: each.example for key, each in more.items()}}
    schema = component(name, record(properties))
    page = list_answer(page_name or name, schema, example, csv_example_of(columns))
    return Entry(properties, example, schema, page)


def properties_of(columns: Columns) -> dict[str, Any]:
    """The schema of each property of an entry; columns within one object make that object."""
    found: dict[str, Any] = {}
    for column in columns:
        if column.schema is not None and column.within not in found:
            together = {each.name: each.schema for each in columns if each.within == column.within}
            found |= {column.within: record(together)} if column.within else {column.name: column.schema}
    return found


def example_of(columns: Columns) -> dict[str, Any]:
    """An entry as JSON."""
    found: dict[str, Any] = {}
    for column in columns:
        if column.schema is not None:
            holder = found.setdefault(column.within, {}) if column.within else found
            holder[column.name] = column.example
    return found


def csv_example_of(columns: Columns) -> str:
    """The same entry as CSV, under its headings."""
    lines = safe_csv([[_cell(column) for column in columns]], [column.name for column in columns])
    return b"".join(lines).decode()


def _cell(column: ListingColumn) -> Any:
    if column.file_example is not None:
        return column.file_example
    return json.dumps(column.example) if column.is_json else column.example
