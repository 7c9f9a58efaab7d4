"""Every list of the API says the same in its JSON, in its CSV and in what is documented of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import yaml

from budgets import totals
from budgets.models import FundingStream
from pooledcare.api_pages import SCHEMA
from pooledcare.directory.models import Change
from pooledcare.kernel.rest.views import ListView
from pooledcare.uploads.models import UploadLayout, UploadProblem
from tests import factories
from tests.api.test_schema import routes
from tests.asking import Api
from tests.budgets.pools import contribution_rows
from tests.partnerships import law_rows
from tests.world import World

PATHS = sorted(path for path, view in routes().items() if issubclass(view, ListView))
# The last part of a link in JSON.
IN_FILES_ONLY = {"instrument_slug"}
DIVIDED = "?by=stream,region,organisation,recurrence"


@pytest.fixture
def documented() -> dict[str, Any]:
    return yaml.load(SCHEMA.read_text(), Loader=yaml.CSafeLoader)


@pytest.fixture
def world(db: None) -> World:
    """With an entry in every list."""
    made = World().with_figures()
    factories.layout(organisation=made.icb.organisation)
    stream = FundingStream.objects.get(code="nhs-core")
    factories.allocation(organisation=factories.organisation(), stream=stream)
    totals.rebuild()
    law_rows.rule()
    contribution_rows.contribution(contribution_rows.pool_year(made), made.icb.organisation, stream=made.stream)
    UploadProblem.objects.create(upload=made.upload, code="REQUIRED", message="A value is needed.")
    Change.objects.create(sequence=1, resource="allocations", reference="UP-1", event="accepted", public=True)
    return made


def answered(schema: dict[str, Any], path: str) -> dict[str, Any]:
    return schema["paths"][path]["get"]["responses"]["200"]["content"]


def entry_schema(schema: dict[str, Any], path: str) -> dict[str, Any]:
    page = resolved(schema, answered(schema, path)["application/json"]["schema"])
    return resolved(schema, page["properties"]["results"]["items"])


def resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    return schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape


def address_of(path: str, world: World) -> str:
    """The path with the reference of what it shows."""
    layout = UploadLayout.objects.first()
    named = layout.reference if layout is not None and "/upload-layouts/" in path else world.upload.reference
    return path.replace("{reference}", named).replace("{code}", "nhs-core")


def asked(api: Api, world: World, path: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The headings of the CSV and the entries of the JSON."""
    address = address_of(path, world)
    address += DIVIDED if "totals" in path else ""
    return next(csv.reader(io.StringIO(api.csv(address)))), api.results(address)


def flat(properties: dict[str, Any], nested: set[str]) -> set[str]:
    """Names as a file has them: what is held together in JSON stands side by side; links are in no file."""
    inner = [name for part in nested for name in properties[part]]
    return {name for name in properties if name not in nested} - {"links"} | set(inner)


def groups(schema: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The properties of an entry that hold columns together."""
    return {
        name: resolved(schema, shape)["properties"]
        for name, shape in entry["properties"].items()
        if name != "links" and "properties" in resolved(schema, shape)
    }


@pytest.mark.parametrize("path", PATHS)
def test_json_csv_and_documentation_have_the_same_columns(path: str, world: World, documented: dict[str, Any]):
    headings, entries = asked(world.api("officer"), world, path)
    shape = entry_schema(documented, path)
    nested = groups(documented, shape)

    assert flat(shape["properties"] | nested, set(nested)) == set(headings) - IN_FILES_ONLY
    assert len(set(headings)) == len(headings)
    assert entries
    for entry in entries:
        assert set(entry) == set(shape["properties"])
        assert {name: set(entry[name]) for name in nested} == {name: set(held) for name, held in nested.items()}


@pytest.mark.parametrize("path", PATHS)
def test_the_example_of_a_csv_has_the_headings_of_the_csv(path: str, world: World, documented: dict[str, Any]):
    api = world.api("officer")
    address = address_of(path, world)
    address += "?by=stream,region" if "totals" in path else ""
    as_csv = f"{path.removesuffix('/')}.csv"
    headings, *lines = csv.reader(io.StringIO(answered(documented, as_csv)["text/csv"]["example"]))
    assert headings == next(csv.reader(io.StringIO(api.csv(address))))
    assert {len(line) for line in lines} <= {len(headings)}
