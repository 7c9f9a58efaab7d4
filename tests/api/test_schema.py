"""The committed schema: up to date, complete, with examples that fit it; and the pages made from it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from pooledcare.api_pages import GUIDE, SCHEMA, conventions, operations, worked_example
from pooledcare.kernel.rest.views import ListView, ResourceView, UnknownPath

PROBLEMS_EVERYWHERE = {"400", "401", "406", "429", "500"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return yaml.load(SCHEMA.read_text(), Loader=yaml.CSafeLoader)


def every_operation(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = [(path, method, shape) for path, methods in schema["paths"].items() for method, shape in methods.items()]
    assert len(found) > 15
    return found


@pytest.mark.slow
def test_the_committed_schema_is_what_the_code_says():
    call_command("write_schema", check=True)


@pytest.mark.slow
def test_a_schema_that_has_moved_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path):
    from pooledcare.directory.management.commands import write_schema

    old = tmp_path / "openapi.yaml"
    monkeypatch.setattr(write_schema, "SCHEMA", old)
    with pytest.raises(CommandError, match="make schema"):
        call_command("write_schema", check=True)
    call_command("write_schema")
    call_command("write_schema", check=True)
    old.write_text(old.read_text().replace("listAllocations", "listFigures"))
    with pytest.raises(CommandError, match="listFigures"):
        call_command("write_schema", check=True)


def routes(patterns: list[Any] | None = None, prefix: str = "") -> dict[str, type[ResourceView]]:
    """Every address of the API that a view of ours answers."""
    found: dict[str, type[ResourceView]] = {}
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if view is not None and issubclass(view, ResourceView) and view is not UnknownPath:
                found["/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)] = view
    return found


def test_every_route_is_in_the_schema_and_in_the_documentation(schema: dict[str, Any]):
    walked = routes()
    assert len(walked) >= 16
    assert set(walked) == set(schema["paths"])
    for path, view in walked.items():
        served = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
        assert served == set(schema["paths"][path]), path
        assert {name.lower() for name in view.operations} == served
    shown = {(one.path, one.method.lower()) for described in operations().values() for one in described}
    assert shown == {(path, method) for path, method, _ in every_operation(schema)}


def test_every_view_names_its_guard_and_its_known_clients():
    for view in routes().values():
        assert view.permission_classes != ResourceView.permission_classes, view
        assert view.__doc__, view


def test_every_operation_is_complete(schema: dict[str, Any]):
    ids = [shape["operationId"] for _, _, shape in every_operation(schema)]
    assert len(ids) == len(set(ids))
    for path, _, shape in every_operation(schema):
        assert shape["summary"], path
        assert shape["description"], path
        assert shape["x-status"] in ("beta", "stable")
        assert set(shape["responses"]) >= PROBLEMS_EVERYWHERE
        assert shape["x-codeSamples"][0]["source"].startswith("curl ")
        assert ("requestBody" not in shape) or "415" in shape["responses"]
        for parameter in shape["parameters"]:
            assert parameter["description"], (path, parameter["name"])
        if "{" in path:
            assert "404" in shape["responses"], path
        if shape["security"]:
            assert "403" in shape["responses"], path
    assert schema["openapi"].startswith("3.1")
    assert schema["info"]["license"]["identifier"] == "OGL-UK-3.0"
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def judged(schema: dict[str, Any], shape: dict[str, Any], value: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator({**shape, "components": schema["components"]})
    return [error.message for error in validator.iter_errors(value)]


def test_every_example_fits_its_schema(schema: dict[str, Any]):
    walked = 0
    for path, method, shape in every_operation(schema):
        places = [content for answer in shape["responses"].values() for content in answer.get("content", {}).values()]
        places += shape.get("requestBody", {}).get("content", {}).values()
        places += [parameter for parameter in shape["parameters"] if "example" in parameter]
        for place in places:
            if "example" in place:
                walked += 1
                assert judged(schema, place["schema"], place["example"]) == [], (path, method)
        answers = [one for answer in shape["responses"].values() for one in answer.get("content", {}).values()]
        assert all("example" in answer for answer in answers), path
    assert walked > 60


def objects(shape: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object with properties inside a part of the schema."""
    if isinstance(shape, dict):
        if isinstance(shape.get("properties"), dict):
            yield shape
        for inner in shape.values():
            yield from objects(inner)
    elif isinstance(shape, list):
        for inner in shape:
            yield from objects(inner)


def references(shape: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(shape)))


def reached(schema: dict[str, Any], shapes: list[Any]) -> Iterator[dict[str, Any]]:
    """Every schema of an object in `shapes`, and in what they refer to."""
    yield from objects(shapes)
    seen: set[str] = set()
    left = references(shapes)
    while left:
        name = left.pop()
        seen.add(name)
        yield from objects(schema["components"]["schemas"][name])
        left |= references(schema["components"]["schemas"][name]) - seen


def test_answers_may_get_new_fields_and_bodies_may_not_have_any(schema: dict[str, Any]):
    shapes = [shape for _, _, shape in every_operation(schema)]
    answers = list(reached(schema, [shape["responses"] for shape in shapes] + [schema["components"]["responses"]]))
    bodies = list(reached(schema, [shape.get("requestBody", {}) for shape in shapes]))
    assert len(answers) > 50
    assert len(bodies) > 10
    assert [shape for shape in answers if "additionalProperties" in shape] == []
    assert [shape for shape in bodies if shape.get("additionalProperties") is not False] == []


def test_every_operation_has_one_format_and_one_body(schema: dict[str, Any]):
    for path, method, shape in every_operation(schema):
        for status, answer in shape["responses"].items():
            assert len(answer.get("content", {})) <= 1, (path, method, status)
        assert len(shape.get("requestBody", {}).get("content", {})) <= 1, (path, method)
        assert all(len(parameter["schema"].get("enum", [])) < 40 for parameter in shape["parameters"]), (path, method)


def test_the_documentation_is_a_page_for_each_resource_from_our_own_assets(client: Client, db: None):
    contents = html.unescape(client.get("/api/docs/").content.decode())
    assert len(operations()) > 5
    for resource, described in operations().items():
        page = client.get(f"/api/docs/{resource}/")
        assert page.status_code == 200
        text = html.unescape(page.content.decode())
        assert "<style" not in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
        for operation in described:
            assert f'id="{operation.id}"' in text
            assert operation.shape["summary"] in text
            assert f'href="/api/docs/{resource}/#{operation.id}"' in contents
    assert client.get("/api/docs/nothing-of-the-kind/").status_code == 404


def test_the_guide_is_on_the_page(client: Client, db: None):
    text = html.unescape(client.get("/api/docs/").content.decode())
    assert len(conventions()) == 18
    assert GUIDE.read_text().count("\n- **") == 18
    assert len(worked_example()) == 5
    for title, _ in conventions():
        assert title in text
    for step in worked_example():
        assert step.title in text
        assert step.command in text


def test_the_schema_is_served_as_it_is_committed(client: Client):
    answer = client.get("/api/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert answer.content.decode() == SCHEMA.read_text()


def test_the_index_leads_to_every_resource(client: Client, db: None):
    index = client.get("/api/v1/").json()
    lists = {path.removeprefix("/api/v1/").strip("/") for path, view in routes().items() if issubclass(view, ListView)}
    assert set(index) == {name for name in lists if "{" not in name and "totals" not in name} | {
        "documentation",
        "schema",
    }
    for name, address in index.items():
        status = client.get(address.removeprefix("http://localhost:8000")).status_code
        assert status == (401 if name in ("uploads", "upload-layouts", "contributions") else 200)
