"""A small England for the tests of the API: boards, a stream, published and unpublished figures, keys to ask with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from budgets.models import Allocation, FundingStream
from partnerships.models import Agreement
from pooledcare.directory.models import Organisation, Place, Region, User
from tests import factories

CANARY = Decimal("424242424.24")
JSON = "application/json"
PROBLEM = "application/problem+json"


class Api:
    """A client of the API: addresses below /api/v1, a key or none."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> HttpResponse:
        path = path if path.startswith("/api") else f"/api/v1{path}"
        return self.client.generic(method, path, headers={**self.headers, **(headers or {})}, **more)

    def get(self, path: str, headers: dict[str, str] | None = None) -> HttpResponse:
        return self.request("GET", path, headers)

    def results(self, path: str) -> list[dict[str, Any]]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def csv(self, path: str) -> str:
        answer = self.get(path, {"Accept": "text/csv"})
        assert answer.status_code == 200, getattr(answer, "content", b"")
        return b"".join(answer.streaming_content).decode()

    def post(
        self, path: str, body: Any = b"", headers: dict[str, str] | None = None, form: bool = False
    ) -> HttpResponse:
        path = path if path.startswith("/api") else f"/api/v1{path}"
        content_type = {} if form else {"content_type": JSON}
        return self.client.post(path, body, headers={**self.headers, **(headers or {})}, **content_type)


@dataclass
class World:
    """What the tests ask about."""

    region: Region
    somerset: Organisation
    other: Organisation
    publisher: Organisation
    stream: FundingStream
    place: Place
    officer: User
    approver: User
    agreement: Agreement
    published: list[Allocation]
    own_draft: Allocation
    canary: Allocation
    keys: dict[str, str] = field(default_factory=dict)

    def api(self, who: str = "") -> Api:
        return Api(self.keys[who] if who else "")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def make_world() -> World:
    region = factories.region(code="Y58", name="South West")
    somerset = factories.organisation(
        name="NHS Somerset Integrated Care Board", code="QSL", region=region, opened=dt.date(2022, 7, 1)
    )
    group = factories.organisation(
        name="NHS Somerset CCG", kind="ccg", code="11X", opened=dt.date(2013, 4, 1), closed=dt.date(2022, 6, 30)
    )
    factories.succession(predecessor=group, successor=somerset)
    other = factories.organisation(name="NHS Elsewhere Integrated Care Board", code="QOX", region=region)
    publisher = factories.nhs_england()
    place = factories.place(slug="somerset", name="Somerset")
    council = factories.council(name="Somerset Council", code="E06000066", opened=dt.date(2023, 4, 1))
    factories.place_council(place=place, organisation=council, valid_from=dt.date(2023, 4, 1))
    factories.overlap(organisation=group, place=place)
    stream = factories.stream(code="nhs-core", name="NHS core allocation")
    figure = {"stream": stream, "organisation": somerset, "source": publisher}
    published = [factories.allocation(**figure, financial_year=2020 + n, amount=Decimal(1000 + n)) for n in range(5)]
    own = {"published_on": None, "source": somerset, "stream": stream}
    own_draft = factories.allocation(**{**own, "organisation": somerset}, amount=Decimal("111.11"), note="own draft")
    canary = factories.allocation(
        **{**own, "organisation": other, "source": other},
        amount=CANARY,
        note="canary note",
        published_text="canary text",
    )
    officer = factories.member(organisation=somerset, roles=["finance_officer"])
    approver = factories.member(organisation=somerset, roles=["finance_approver"])
    agreement = factories.whole_agreement(partners=[somerset, council], places=[place])
    made = World(
        region, somerset, other, publisher, stream, place, officer, approver, agreement, published, own_draft, canary
    )
    made.keys = {
        "officer": key(officer, somerset, "read_unpublished", "upload_allocations"),
        "approver": key(approver, somerset, "read_unpublished", "accept_allocations"),
        "lead": key(
            factories.member(organisation=somerset, roles=["governance_lead"]),
            somerset,
            "read_unpublished",
            "prepare_agreements",
            "approve_agreements",
        ),
        "all": key(
            factories.member(organisation=somerset, roles=["finance_officer", "finance_approver", "governance_lead"]),
            somerset,
            "read_unpublished",
            "upload_allocations",
            "accept_allocations",
            "prepare_agreements",
            "approve_agreements",
        ),
        "viewer": key(factories.member(organisation=somerset, roles=["viewer"]), somerset, "read_unpublished"),
        "outsider": key(
            factories.member(organisation=factories.organisation(), roles=["finance_officer", "finance_approver"]),
            None,
            "read_unpublished",
            "upload_allocations",
            "accept_allocations",
        ),
    }
    return made


def key(person: User, organisation: Organisation | None, *permissions: str) -> str:
    organisation = organisation or person.memberships.get().organisation
    return factories.api_key(created_by=person, organisation=organisation, permissions=list(permissions))[1]


def assert_problem(answer: HttpResponse, status: int, kind: str) -> dict[str, Any]:
    """The answer is a problem of that kind, whole and well formed."""
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == PROBLEM
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert body["status"] == status
    assert body["type"].endswith(f"/api/errors/{kind}/"), body
    assert body["instance"] == f"urn:request:{answer.headers['X-Request-ID']}"
    return body
