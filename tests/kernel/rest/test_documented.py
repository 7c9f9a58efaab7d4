"""What the API documents of a list, from its columns: entry, example, page and CSV."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from pooledcare.kernel.rest import schema as s
from pooledcare.kernel.rest.documented import Added, csv_example_of, entry_of, example_of, links_to, properties_of
from pooledcare.kernel.rest.listings import Listing, ListingColumn, flag, iso_moment, moment, several

COLUMNS = (
    ListingColumn("code", "t.code", schema=s.TEXT, example="A"),
    ListingColumn("name", "t.name", free=True, schema=s.TEXT, example="=A, B"),
    flag("open", "t.open", schema=s.FLAG, example=True),
    several("kinds", "t.kinds", items=s.TEXT, example=["x", "y"]),
    moment("at", "t.at", schema=s.MOMENT, example="2026-04-02T09:30:00Z"),
    ListingColumn("sheet", "t.sheet", schema=s.TEXT, example="Core", within="place"),
    ListingColumn("slug", "t.slug", example="a"),
    ListingColumn("row", "t.row", schema=s.nullable(s.COUNT), within="place"),
    ListingColumn("counts", "t.counts::text", schema={"type": "object"}, example={"new": 4}, is_json=True),
)
ENTRY = {
    "code": "A", "name": "=A, B", "open": True, "kinds": ["x", "y"], "at": "2026-04-02T09:30:00Z",
    "place": {"sheet": "Core", "row": None}, "counts": {"new": 4},
}  # fmt: skip


@pytest.fixture
def components(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(s, "_components", found)
    return found


def test_properties_are_those_of_the_columns_with_a_schema_and_objects_hold_theirs_together():
    assert properties_of(COLUMNS) == {
        "code": s.TEXT,
        "name": s.TEXT,
        "open": s.FLAG,
        "kinds": s.array(s.TEXT),
        "at": s.MOMENT,
        "place": s.record({"sheet": s.TEXT, "row": s.nullable(s.COUNT)}),
        "counts": {"type": "object"},
    }


def test_the_example_is_an_entry_and_a_line_of_a_file_that_runs_nothing():
    assert example_of(COLUMNS) == ENTRY
    assert csv_example_of(COLUMNS) == (
        "code,name,open,kinds,at,sheet,slug,row,counts\r\n"
        'A,"\'=A, B",true,x y,2026-04-02T09:30:00.000000Z,Core,a,,"{""new"": 4}"\r\n'
    )


def test_a_list_is_documented_with_what_its_view_adds(components: dict[str, Any]):
    links = {"links": Added(s.record({"self": s.LINK}), {"self": "http://x/"})}
    assert links_to(self="http://x/") == links
    made = entry_of("Thing", COLUMNS, links_to(self="http://x/"))
    assert made.properties == properties_of(COLUMNS) | {"links": s.record({"self": s.LINK})}
    assert made.example == ENTRY | {"links": {"self": "http://x/"}}
    assert components["Thing"] == s.record(made.properties)
    assert made.schema == {"$ref": "#/components/schemas/Thing"}
    assert made.page == s.list_answer("Thing", made.schema, made.example, csv_example_of(COLUMNS))


def test_a_page_may_have_another_name_than_its_entry(components: dict[str, Any]):
    made = entry_of("ListedThing", COLUMNS, page_name="Thing")
    assert made.page.schema == {"$ref": "#/components/schemas/ThingPage"}
    assert set(components) == {"ListedThing", "ThingPage"}
    assert "links" not in made.properties


def test_a_row_becomes_the_entry_that_is_documented():
    listing = Listing(COLUMNS, "t", order=("t.code",))
    row = ("A", "=A, B", True, ["x", "y"], "2026-04-02T09:30:00Z", "Core", "a", None, '{"new": 4}')
    assert orjson.loads(orjson.dumps(listing.entry(row))) == ENTRY
    assert listing.named(row)["slug"] == "a"
    assert listing.schema_of("code") == s.TEXT


def test_columns_of_moments_flags_and_codes_stand_otherwise_in_a_file():
    assert moment("at", "t.at").file == iso_moment("t.at")
    assert moment("at", "t.at").file_example is None
    assert flag("open", "a or b").file == "(a or b)::text"
    assert several("kinds", "t.kinds", items=s.TEXT, example=[]).file == "array_to_string(t.kinds, ' ')"
