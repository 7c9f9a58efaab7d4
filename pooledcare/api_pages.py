"""Pages about the API: its documentation, generated from docs/openapi.yaml, and the meaning of each kind of error."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from pooledcare.kernel.rest.catalogue import KINDS, kind_for
from pooledcare.kernel.rest.origins import allow_any_origin
from pooledcare.kernel.rest.views import absolute

SCHEMA = settings.BASE_DIR / "docs" / "openapi.yaml"
GUIDE = settings.BASE_DIR / "docs" / "api.md"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Described:
    """One operation of the schema (a method on a path), in the form that the documentation page shows."""

    method: str
    path: str
    shape: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.shape["operationId"])

    @property
    def curl(self) -> str:
        return str(self.shape["x-codeSamples"][0]["source"])

    @property
    def parameters(self) -> list[list[str]]:
        """For each parameter: name, location (`query` or `path`), needed or optional, allowed values, description."""
        return [
            [
                parameter["name"],
                parameter["in"],
                "needed" if parameter.get("required") else "optional",
                _in_words(parameter["schema"]),
                parameter["description"].replace("`", ""),
            ]
            for parameter in self.shape.get("parameters", [])
        ]

    @property
    def answers(self) -> list[tuple[str, str, str]]:
        """Status, description and example of each successful answer, in each format."""
        found = []
        for status, answer in self.shape["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                found.append((f"{status}, {media_type}", answer["description"], _written(content.get("example", ""))))
        return found

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Status, title and slug of the kinds of problem that this operation can answer with."""
        statuses = [int(status) for status, answer in self.shape["responses"].items() if "$ref" in answer]
        return [(str(kind.status), kind.title, kind.slug) for kind in map(kind_for, sorted(statuses))]

    @property
    def body(self) -> list[tuple[str, str]]:
        contents = self.shape.get("requestBody", {}).get("content", {})
        return [(media_type, _body_example(content)) for media_type, content in contents.items()]

    @property
    def needs_key(self) -> bool:
        return bool(self.shape["security"])


@dataclass(frozen=True)
class Step:
    """One step of the worked example."""

    title: str
    text: str
    command: str


def _in_words(schema: dict[str, Any]) -> str:
    kind = schema.get("format") or schema.get("type", "")
    if "enum" in schema:
        values = schema["enum"]
        return ", ".join(map(str, values)) if len(values) <= 12 else f"{values[0]} to {values[-1]}"
    if kind == "array":
        return f"some of {', '.join(schema['items']['enum'])}"
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema.get('maximum', '')}"
    return f"{kind} {schema['pattern']}" if "pattern" in schema else str(kind)


def _written(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)


def _body_example(content: dict[str, Any]) -> str:
    if "example" in content:
        return _written(content["example"])
    shape = content["schema"]
    fields = [
        f"{name}{'' if name in shape['required'] else ' (optional)'}: {field.get('description') or _in_words(field)}"
        for name, field in shape["properties"].items()
    ]
    return "\n".join(fields)


@cache
def schema_text() -> str:
    return SCHEMA.read_text(encoding="utf-8")


@cache
def operations() -> dict[str, list[Described]]:
    """The operations by resource, in the order of the schema."""
    described: dict[str, list[Described]] = {}
    schema = yaml.load(schema_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe
    for address, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                shape = methods[method]
                described.setdefault(shape["tags"][0], []).append(Described(method.upper(), address, shape))
    return described


@cache
def conventions() -> list[tuple[str, str]]:
    """The list under “Conventions” in docs/api.md: for each entry its bold opening words, and the rest as text."""
    section = GUIDE.read_text(encoding="utf-8").partition("## Conventions\n")[2].partition("\n## ")[0]
    entries = [" ".join(entry.split()) for entry in section.split("\n- ")[0:] if entry.strip()]
    pairs = [re.fullmatch(r"(?:- )?\*\*(.+?)\*\*(.*)", entry) for entry in entries]
    return [(match[1], match[2].strip().replace("`", "").replace("*", "")) for match in pairs if match]


@cache
def worked_example() -> list[Step]:
    """The steps under “A worked example” in docs/api.md, each with its command."""
    section = GUIDE.read_text(encoding="utf-8").partition("## A worked example\n")[2]
    found = re.findall(r"### (.+?)\n\n(.+?)\n\n```bash\n(.+?)\n```", section, re.DOTALL)
    return [Step(title, " ".join(text.split()).replace("`", ""), command) for title, text, command in found]


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    context = {
        "resources": operations(),
        "conventions": conventions(),
        "steps": worked_example(),
        "base": absolute("/api/v1"),
    }
    return render(request, "api/documentation.jinja", context)


@require_safe
def documentation_resource(request: HttpRequest, resource: str) -> HttpResponse:
    """Every operation of one resource, with its parameters, examples and errors."""
    if resource not in operations():
        raise Http404
    context = {"resource": resource, "described": operations()[resource]}
    return render(request, "api/documentation_resource.jinja", context)


@require_safe
def schema_file(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(schema_text(), content_type="application/yaml; charset=utf-8")
    allow_any_origin(request, answer)
    return answer


@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    return render(request, "api/error_list.jinja", {"kinds": list(KINDS.values())})


@require_safe
def error_detail(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in KINDS:
        raise Http404
    return render(request, "api/error_detail.jinja", {"kind": KINDS[slug]})


urlpatterns = [
    path("docs/", documentation, name="documentation"),
    path("docs/<slug:resource>/", documentation_resource, name="documentation-resource"),
    path("openapi.yaml", schema_file, name="schema"),
    path("errors/", error_list, name="error-list"),
    path("errors/<slug:slug>/", error_detail, name="error-detail"),
]
