"""The base classes of every resource: they check and read the request, and write the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponsePermanentRedirect
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.views import APIView

from pooledcare.kernel.chunked import read_chunks
from pooledcare.kernel.rest.authentication import Denied, Public, client_of
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.cursors import Cursor, binding, read_cursor, write_cursor
from pooledcare.kernel.rest.exports import CSV_TYPE, csv_answer
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.negotiation import CSV, JSON, chosen_format
from pooledcare.kernel.rest.origins import allow_any_origin
from pooledcare.kernel.rest.parameters import PAGE_SIZE, read_parameters
from pooledcare.kernel.rest.parsers import most_bytes
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.rates import Allowance, count_request
from pooledcare.kernel.rest.schema import Operation


def absolute(path: str) -> str:
    """The public address of a path. It uses PUBLIC_URL, because the Host header of a request is not trusted."""
    return f"{settings.PUBLIC_URL}{path}"


def json_answer(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), status=status, content_type=JSON)


class ResourceView(APIView):
    """The base of every address of the API. `operations` declares each method; other methods are refused."""

    permission_classes = [Denied]
    operations: ClassVar[Mapping[str, Operation]] = {}
    tag: ClassVar[str] = ""
    offered: ClassVar[Sequence[str]] = (JSON,)
    allowance: Allowance | None = None
    accepted: str = JSON
    held_body: IO[bytes] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check, in this order: key, rate limit, method, permission, encoding of the body, and format wanted.

        A body that is sent in chunks is read only then. Sets `client`, `allowance` and `accepted`. Raises a problem
        for the first check that fails.
        """
        try:
            client = client_of(request)
        except HttpProblem:
            self.allowance = count_request(request, None)
            self.allowance.check()
            raise
        self.client = client
        self.allowance = count_request(request, client)
        self.allowance.check()
        if not hasattr(self, str(request.method).lower()):
            self.http_method_not_allowed(request)
        self.check_permissions(request)
        if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            raise HttpProblem("unsupported-media-type", "A compressed body is not unpacked: send it as it is.")
        if request.method != "OPTIONS":
            wanted = request.query_params.get("format") if CSV in self.offered else None
            self.accepted = chosen_format(request.META.get("HTTP_ACCEPT", ""), self.offered, wanted)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            most = most_bytes(request.META.get("CONTENT_TYPE", ""), self.parser_classes)
            self.held_body = read_chunks(request._request, most)

    def parameters(self, request: Request) -> dict[str, Any]:
        """The values of the query parameters that were given. Raises a problem 400 for those not declared or valid."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        return read_parameters(request, self.operations[method].parameters)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        raise HttpProblem("method-not-allowed", headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        if self.held_body is not None:
            self.held_body.close()
        for name, value in (self.allowance.headers() if self.allowance else {}).items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ("Accept", "Authorization"))
        if Public in self.permission_classes:
            allow_any_origin(request, response)
        if request.method == "HEAD" and isinstance(response, HttpResponse):
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response


class DetailView(ResourceView):
    """A single resource as JSON, with an entity tag. A subclass overrides `detail`."""

    def get(self, request: Request, **names: str) -> HttpResponse:
        return conditional(request, json_answer(self.detail(self.parameters(request), **names)))

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        raise HttpProblem("not-found")


class ListView(ResourceView):
    """A list: pages as JSON with cursors, or the whole list as CSV. A subclass overrides `listing` and `present`."""

    offered = (JSON, CSV)
    filename: ClassVar[str] = "list"

    def get(self, request: Request, **names: str) -> HttpResponseBase:
        asked = self.parameters(request)
        size = asked.pop("page_size", PAGE_SIZE)
        text = asked.pop("cursor", None)
        asked.pop("format", None)
        if self.accepted == CSV:
            if text is not None:
                raise HttpProblem("invalid-cursor", "A CSV is the whole list: leave out the cursor.")
            return self.export(request, self.listing(asked, **names))
        filters = _query(request, without=("cursor", "page_size", "format"))
        bound_to = binding(request.path, filters, self.client.reference)
        cursor = read_cursor(text, bound_to) if text is not None else None
        page = self.listing(asked, **names).page(size, cursor)
        links = {
            name: self._address(request, found, size, bound_to)
            for name, found in (("next", page.next), ("previous", page.previous))
        }
        results = [self.present(row) for row in page.rows]
        answer = conditional(request, json_answer({"results": results, **links}))
        self._link(answer, links)
        return answer

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        """The rows that the client asked for and may see. `asked`: the query parameters; `names`: those of the path."""
        raise HttpProblem("not-found")

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """One row as JSON; its values are in the order of the listing's columns."""
        raise HttpProblem("not-found")

    def export(self, request: Request, listing: Listing) -> HttpResponseBase:
        if request.method == "HEAD":
            return HttpResponse(content_type=CSV_TYPE)
        return csv_answer(listing, filename=self.filename, client=self.client.reference)

    def _address(self, request: Request, cursor: Cursor | None, size: int, bound_to: str) -> str | None:
        if cursor is None:
            return None
        kept = _query(request, without=("cursor", "page_size"))
        return absolute(
            f"{request.path}?{urlencode({**kept, 'page_size': size, 'cursor': write_cursor(cursor, bound_to)})}"
        )

    def _link(self, answer: HttpResponse, links: Mapping[str, str | None]) -> None:
        relations = (("next", links["next"]), ("prev", links["previous"]))
        header = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in relations if address)
        if header:
            answer.headers["Link"] = header


class CsvView(ResourceView):
    """A whole list as CSV, at the address of the list with `.csv` instead of its final slash."""

    offered = (CSV,)
    of: ClassVar[type[ListView]]

    def get(self, request: Request, **names: str) -> HttpResponseBase:
        view = self.of(request=request, client=self.client)
        return view.export(request, view.listing(self.parameters(request), **names))


def list_paths(address: str, view: type[ListView], *, name: str) -> list[URLPattern]:
    """The routes of a list, which is at `address` with a slash, and of its CSV. `address` has no final slash."""
    declared: dict[str, Any] = {
        "__doc__": f"{view.__doc__} As CSV.",
        "of": view,
        "tag": view.tag,
        "permission_classes": view.permission_classes,
        "operations": {"GET": view.operations["GET"].as_csv()},
    }
    csv_view: type[CsvView] = type(f"{view.__name__}Csv", (CsvView,), declared)
    return [
        path(f"{address}/", view.as_view(), name=name),
        path(f"{address}.csv", csv_view.as_view(), name=f"{name}-csv"),
    ]


def _query(request: Request, without: Sequence[str]) -> dict[str, str]:
    return {name: str(value) for name, value in request.query_params.items() if name not in without}


class UnknownPath(ResourceView):
    """Any other address under the API: 404, or a 308 redirect if it only lacks its final slash."""

    permission_classes = [Public]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.allowance = count_request(request, None)
        self.allowance.check()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        there = None if request.path_info.endswith("/") else _view_at(f"{request.path_info}/")
        if there is not None:
            query = request.META.get("QUERY_STRING", "")
            redirect = HttpResponsePermanentRedirect308(f"{request.path}/{'?' if query else ''}{query}")
            if Public in getattr(there, "permission_classes", ()):
                allow_any_origin(request, redirect)
            return redirect
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        raise HttpProblem("not-found")

    options = http_method_not_allowed


class HttpResponsePermanentRedirect308(HttpResponsePermanentRedirect):
    """A redirect after which clients send the same method and body again; after a 301 they may not."""

    status_code = 308


def _view_at(path: str) -> Any:
    """The view that answers this address, as a class or as a function; None if there is none."""
    try:
        found = resolve(path).func
    except Resolver404:
        return None
    view = getattr(found, "view_class", found)
    return None if view is UnknownPath else view
