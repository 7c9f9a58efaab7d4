"""The routes under /api/: the resources, their documentation and the catalogue of errors.

Each app defines the views of its own resources, in its `api.py`.
"""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from budgets import api as budgets
from partnerships import api as partnerships
from pooledcare import api_pages
from pooledcare.directory import api as directory
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.schema import LINK, Operation, detail_answer, record
from pooledcare.kernel.rest.views import DetailView, UnknownPath, absolute
from pooledcare.uploads import api as uploads
from pooledcare.uploads.asking import api as asking
from pooledcare.uploads.saved_layouts import api as layouts

RESOURCES = (
    "organisations", "places", "funding-streams", "allocations", "law/rules", "agreements", "schemes", "pools",
    "contributions", "uploads", "upload-layouts", "changes",
)  # fmt: skip


class Index(DetailView):
    """The entry point of the API: the address of each resource and of the documentation."""

    tag = "index"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getIndex",
            summary="List the resources",
            description="The address of each resource, and of the documentation.",
            answers={
                200: detail_answer(
                    record(dict.fromkeys((*RESOURCES, "documentation", "schema"), LINK)),
                    {name: f"http://localhost:8000/api/v1/{name}/" for name in RESOURCES}
                    | {
                        "documentation": "http://localhost:8000/api/docs/",
                        "schema": "http://localhost:8000/api/openapi.yaml",
                    },
                )
            },
            curl='curl "$API/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        resources = {name: absolute(f"/api/v1/{name}/") for name in RESOURCES}
        return resources | {"documentation": absolute("/api/docs/"), "schema": absolute("/api/openapi.yaml")}


urlpatterns: list[URLPattern | URLResolver] = [
    *api_pages.urlpatterns,
    path("v1/", Index.as_view(), name="index"),
    path("v1/", include(directory.urlpatterns)),
    path("v1/", include(budgets.urlpatterns)),
    path("v1/", include(partnerships.urlpatterns)),
    path("v1/", include(uploads.urlpatterns)),
    path("v1/", include(asking.urlpatterns)),
    path("v1/", include(layouts.urlpatterns)),
    re_path(r"^.*$", UnknownPath.as_view(), name="unknown"),
]
