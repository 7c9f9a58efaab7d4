"""OpenAPI 3.1 from the declarations that the views themselves use; drf-spectacular collects them from the routes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from pooledcare.kernel.rest.catalogue import KINDS, kind_for
from pooledcare.kernel.rest.negotiation import CSV, JSON
from pooledcare.kernel.rest.parameters import LIST, Parameter
from pooledcare.kernel.rest.problems import PROBLEM_TYPE

MONEY = {"type": "string", "pattern": r"^-?\d{1,16}\.\d{2}$", "description": "Pounds and pence"}
DATE = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
LINK = {"type": "string", "format": "uri"}
FLAG = {"type": "boolean"}

_components: dict[str, dict[str, Any]] = {}


def nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"anyOf": [dict(schema), {"type": "null"}]}
    shape = {**schema, "type": [schema["type"], "null"]}
    return shape | {"enum": [*schema["enum"], None]} if "enum" in schema else shape


def described(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    """The same schema with another description."""
    return {**schema, "description": description}


def one_of(values: Sequence[str], description: str = "") -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "string", "enum": values}
    return described(shape, description) if description else shape


def array(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}


def record(properties: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    """The schema of an object in a response, which always has all of these properties.

    It may have others too, because we add properties without making a new version of the API.
    """
    return {"type": "object", "properties": dict(properties), "required": list(properties), **extra}


def component(name: str, schema: dict[str, Any]) -> dict[str, str]:
    """Register a schema under a name, and return a reference to it."""
    _components[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


WHERE = component(
    "Where",
    {
        "type": "object",
        "description": "A cell of a file, or a field, parameter or header of the request; only what is known is given.",
        "properties": {
            "sheet": TEXT,
            "row": COUNT,
            "column": TEXT,
            "column_name": TEXT,
            "cell": TEXT,
            "field": TEXT,
        },
    },
)
PROBLEM_DETAIL = component(
    "ProblemDetail",
    {
        "type": "object",
        "properties": {
            "code": {"type": "string", "description": "Stable name of the problem"},
            "message": {"type": "string", "description": "One sentence for people"},
            "severity": {"type": "string", "enum": ["error", "warning"]},
            "where": WHERE,
            "value": {"type": "string", "description": "What was read, at most 80 characters"},
            "fix": {"type": "string", "description": "How to put it right"},
        },
        "required": ["code", "message", "severity"],
    },
)
PROBLEM = component(
    "Problem",
    record(
        {
            "type": {**LINK, "description": "Identifies the kind of problem, and opens the page that explains it"},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "instance": {"type": "string", "description": "urn:request: and the id of the request in our log"},
            "errors": array(PROBLEM_DETAIL),
        },
        description="RFC 9457",
    ),
)


def header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": schema or {"type": "string"}}


ALWAYS = {
    "X-Request-ID": header("The id of this request in our log. If you send a well-formed one, it is used."),
    "RateLimit-Limit": header("Requests a minute.", type="integer"),
    "RateLimit-Remaining": header("Requests left in this minute.", type="integer"),
    "RateLimit-Reset": header("Seconds until the next minute.", type="integer"),
}
TAG = {"ETag": header("Version of this answer, for If-None-Match and If-Match.")}
PAGES = {"Link": header("The addresses of the next and previous pages (RFC 8288).")}
FILE = {"Content-Disposition": header("The name under which the file is saved.")}


@dataclass(frozen=True)
class Answer:
    """A successful response: description, schema, example, and headers besides those that every response has.

    A page of a list also has an example of the whole list as CSV, which `as_csv` documents: a client that is generated
    from the documentation needs operations that return one type each.
    """

    description: str
    schema: Mapping[str, Any] | None = None
    example: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    csv_example: str | None = None

    def describe(self) -> dict[str, Any]:
        content: dict[str, Any] = {}
        if self.schema is not None:
            content[JSON] = {"schema": dict(self.schema)}
            if self.example is not None:
                content[JSON]["example"] = self.example
        elif self.csv_example is not None:
            content[CSV] = {"schema": TEXT, "example": self.csv_example}
        shape: dict[str, Any] = {"description": self.description, "headers": {**ALWAYS, **self.headers}}
        return {**shape, "content": content} if content else shape

    def as_csv(self) -> Answer:
        """The response of the same list as CSV."""
        return Answer("The whole list, with one line of headings.", headers=FILE, csv_example=self.csv_example)


def list_answer(name: str, item: Mapping[str, Any], example: Any, csv_example: str) -> Answer:
    """A page of a list as JSON."""
    page = component(
        f"{name}Page", record({"results": array(item), "next": nullable(LINK), "previous": nullable(LINK)})
    )
    return Answer(
        "A page of the list.",
        page,
        {"results": [example], "next": None, "previous": None},
        {**TAG, **PAGES},
        csv_example,
    )


def detail_answer(item: Mapping[str, Any], example: Any, description: str = "The resource.") -> Answer:
    return Answer(description, item, example, TAG)


@dataclass(frozen=True)
class Operation:
    """The declaration of one method of one address. The view reads its parameters with it; the schema documents it."""

    id: str
    summary: str
    description: str
    answers: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    path_parameters: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    headers: tuple[dict[str, Any], ...] = ()
    body: Mapping[str, Any] | None = None
    problems: tuple[int, ...] = ()
    key_needed: bool = False
    curl: str = ""
    status: str = "beta"

    def describe(self, tag: str) -> dict[str, Any]:
        problems = {400, 401, 406, 429, 500, *self.problems, *([411] if 415 in self.problems else [])}
        shape: dict[str, Any] = {
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
            "tags": [tag],
            "parameters": [
                *({"in": "path", "name": n, "required": True, **rest} for n, rest in self.path_parameters.items()),
                *(parameter.describe() for parameter in self.parameters if parameter.documented),
                *self.headers,
            ],
            "security": [{"key": []}] if self.key_needed else [],
            "responses": {
                **{str(status): answer.describe() for status, answer in self.answers.items()},
                **{str(status): {"$ref": f"#/components/responses/{_problem_name(status)}"} for status in problems},
            },
            "x-status": self.status,
        }
        if self.body is not None:
            shape["requestBody"] = dict(self.body)
        if self.curl:
            shape["x-codeSamples"] = [{"lang": "curl", "source": self.curl}]
        return shape

    def as_csv(self) -> Operation:
        """The operation that gives the same list as CSV, at the same address with `.csv` instead of its final slash."""
        without_paging = tuple(parameter for parameter in self.parameters if parameter not in LIST)
        return replace(
            self,
            id=f"{self.id}AsCsv",
            summary=f"{self.summary}, as CSV",
            description=f"The whole list in one file. {self.description}",
            answers={200: self.answers[200].as_csv()} if self.answers else {},
            parameters=without_paging,
            curl=re.sub(r'/(\?[^"]*)?"$', r'.csv\1"', re.sub(r"&page_size=\d+", "", self.curl)),
        )


class Schema(AutoSchema):
    """Makes the documentation of each operation from the view's declarations instead of from serializers."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operations: Mapping[str, Operation] = getattr(self.view, "operations", {})
        operation = operations.get(method.upper())
        return None if operation is None else operation.describe(getattr(self.view, "tag", ""))


def _problem_name(status: int) -> str:
    return "Problem" + re.sub(r"[^A-Za-z]", "", kind_for(status).title.title())


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The post-processing hook of drf-spectacular: adds the named schemas, the problem responses and the API key."""
    statuses = sorted({kind.status for kind in KINDS.values()})
    result["components"] = {
        "schemas": dict(sorted(_components.items())),
        "responses": dict(sorted((_problem_name(status), _problem(status)) for status in statuses)),
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, made by a member of an organisation on the page API keys. Operations that "
                "do not need one accept it too, and then also show what only its organisation may see.",
            }
        },
    }
    return result


def _problem(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    headers = {"X-Request-ID": ALWAYS["X-Request-ID"]}
    if status == 401:
        headers["WWW-Authenticate"] = header("Bearer.")
    if status in (429, 503):
        headers["Retry-After"] = header("Seconds to wait.", type="integer")
    return {
        "description": " ".join(f"{kind.title} ({kind.slug})." for kind in kinds),
        "headers": headers,
        "content": {
            PROBLEM_TYPE: {
                "schema": PROBLEM,
                "example": {
                    "type": f"http://localhost:8000/api/errors/{kinds[0].slug}/",
                    "title": kinds[0].title,
                    "status": status,
                    "detail": kinds[0].meaning,
                    "instance": "urn:request:6f1c0a3e-5f0b-4c1e-9d55-2f2f1b0f6a11",
                    "errors": [],
                },
            }
        },
    }
