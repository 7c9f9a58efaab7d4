"""The API of contributions to pooled funds: for the partners of the agreement, with a key."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from budgets.actions.contributions import add_contribution
from budgets.api.allocations import known_stream
from budgets.queries.pools.contribution_listings import COLUMNS, contributions
from budgets.queries.pools.contributions import components_of, stream_with
from budgets.queries.pools.reach import pool_year_reached
from budgets.terms import AgreedBasis, ComponentKind, ContributionKind, FundedFrom, Recurrence, StreamNature
from partnerships.api.asking import REFERENCE, SLUG
from partnerships.api.drafting import body_named
from partnerships.queries.agreements.reach import may
from pooledcare.directory.access import Permission, refusal
from pooledcare.directory.api import API, actor_of, known_organisations, organisation_link
from pooledcare.kernel.money import LARGEST
from pooledcare.kernel.rest import bodies as b
from pooledcare.kernel.rest import changing
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import KeyHolder, require_key
from pooledcare.kernel.rest.bodies import BodyField, read_body
from pooledcare.kernel.rest.conditional import entity_tag
from pooledcare.kernel.rest.documented import entry_of, links_to
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import DATE, MONEY, TEXT, Operation, array, component, detail_answer, one_of, record
from pooledcare.kernel.rest.views import DetailView, ListView, absolute, json_answer, list_paths

_NUMBER = re.compile("CN-([1-9][0-9]{0,17})")
_HERE = "http://localhost:8000"
_PATH = {
    "reference": {
        "schema": {"type": "string", "pattern": f"^{_NUMBER.pattern}$"},
        "description": "The reference of the contribution.",
        "example": "CN-1",
    }
}
_ENTRY = entry_of(
    "Contribution",
    COLUMNS,
    links_to(
        self=f"{_HERE}/api/v1/contributions/CN-1/",
        agreement=f"{_HERE}/api/v1/agreements/S75-0001/",
        partner=f"{_HERE}/api/v1/organisations/QSL/",
    ),
)
_COMPONENTS = array(
    record(
        {
            "kind": one_of(ComponentKind.values), "gross": MONEY, "client_income": MONEY, "net": MONEY,
            "effective_on": DATE, "reason": TEXT,
        }
    )
)  # fmt: skip
_COMPONENT_EXAMPLE = {
    "kind": "baseline", "gross": "1440000.00", "client_income": "40000.00", "net": "1400000.00",
    "effective_on": "2024-04-01", "reason": "",
}  # fmt: skip
_DETAIL = component("ContributionDetail", record({**_ENTRY.properties, "components": _COMPONENTS}))
_DETAIL_EXAMPLE = {**_ENTRY.example, "components": [_COMPONENT_EXAMPLE]}


def _amount(name: str, description: str) -> BodyField:
    """Pounds and pence as text, not negative."""
    pattern = r"[0-9]{1,12}\.[0-9]{2}"

    def read(value: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(pattern, value) or Decimal(value) > LARGEST:
            raise ValueError("Write pounds and pence as a text, such as 1200000.00.")
        return Decimal(value)

    return BodyField(name, {"type": "string", "pattern": f"^{pattern}$", "description": description}, read)


_NEW = (
    b.code("agreement", "Reference of the agreement.", grammar=REFERENCE).needed(),
    b.code("pool", "Slug of the fund.", grammar=SLUG).needed(),
    b.code("financial_year", "The year of the fund, such as 2024-25.", grammar="20[0-4][0-9]-[0-9]{2}").needed(),
    b.code("partner", "Code of the partner, as it is on the first day of the year.").needed(),
    b.code("stream", "Code of the funding stream.", grammar="[a-z0-9-]{1,40}").or_null(),
    b.choice("kind", ContributionKind.values, "Its kind.").needed(),
    b.choice("funded_from", FundedFrom.values, "From an allocation, or the partner's own money.").needed(),
    b.choice("nature", StreamNature.values, "Revenue or capital.").needed(),
    b.choice("recurrence", Recurrence.values, "Its recurrence.").needed(),
    b.choice("basis", AgreedBasis.values, "Whether the partner pays the gross or the net amount.").needed(),
    b.text("ring_fence", "What it is ring-fenced for.", longest=300),
    b.choice("component", ComponentKind.values, "The kind of its first component; baseline if not given."),
    _amount("gross", "Pounds for the year, before client income is deducted.").needed(),
    _amount("client_income", "Client income in pounds for the year; 0.00 if not given."),
    b.day("effective_on", "From which day it applies; the first day of the year if not given."),
)
_NEW_EXAMPLE = {
    "agreement": "S75-0001", "pool": "reablement", "financial_year": "2024-25", "partner": "QSL",
    "stream": "nhs-core", "kind": "additional_nhs", "funded_from": "allocation", "nature": "revenue",
    "recurrence": "recurrent", "basis": "net", "gross": "1440000.00", "client_income": "40000.00",
}  # fmt: skip


class ContributionList(ListView):
    """Contributions of the funds that the client reads as a partner. Known clients: none outside PooledCare yet."""

    tag = filename = "contributions"
    permission_classes = [KeyHolder]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listContributions",
            summary="List contributions to pooled funds",
            description="In the order of recording. Only of agreements to which the key’s organisation is a partner.",
            answers={200: _ENTRY.page},
            parameters=(
                p.pattern("agreement", "Only of this agreement.", grammar=REFERENCE, example="S75-0001"),
                p.pattern("pool", "Only to funds with this slug.", grammar=SLUG, example="reablement"),
                p.code("partner", "Only of the body that has, or ever had, this code."),
                p.pattern("stream", "Only from this funding stream.", grammar="[a-z0-9-]{1,40}", example="nhs-core"),
                p.financial_year(),
                *p.LIST,
            ),
            problems=(401, 403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/contributions/?financial_year=2024-25"',
        ),
        "POST": Operation(
            id="createContribution",
            summary="Record a contribution to a year of a fund",
            description=(
                "With its first component. Refused where more would be drawn on the partner's allocation of the "
                "stream, over all funds, than it has. Contributions are only added to: nothing recorded is changed."
            ),
            answers={201: changing.created(_DETAIL, _DETAIL_EXAMPLE)},
            body=changing.body("NewContribution", _NEW, _NEW_EXAMPLE),
            headers=(changing.IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: a-new-contribution" \\\n'
                '  -H "Content-Type: application/json" -d @contribution.json "$API/contributions/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        found: dict[str, Any] = {name: asked[name] for name in ("pool", "financial_year") if name in asked}
        if "agreement" in asked:
            found["agreement"] = int(asked["agreement"].removeprefix("S75-"))
        if "partner" in asked:
            found["partner_ids"] = known_organisations(asked["partner"], "partner")
        if "stream" in asked:
            found["stream_id"] = known_stream(asked["stream"])
        return contributions(found, actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return contribution(row)

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._made(request))

    def _made(self, request: Request) -> HttpResponse:
        said, actor = read_body(request.data, _NEW), actor_of(request)
        found = pool_year_reached(said.pop("agreement"), said.pop("pool"), said.pop("financial_year"), actor=actor)
        if found is None:
            raise HttpProblem("not-found", "There is no such year of a fund, or you may not read it.")
        if not may(found.reached.agreement, actor=actor, permission=Permission.RECORD_POOL_MONEY):
            raise HttpProblem("forbidden", refusal(Permission.RECORD_POOL_MONEY))
        stream = said.pop("stream", None)
        made = add_contribution(
            pool_year=found.pool_year,
            partner=body_named(said.pop("partner"), found.pool_year.year.first_day, "partner"),
            stream=None if stream is None else stream_with(known_stream(stream)),
            by=actor,
            **said,
        )
        answer = json_answer(detail(made.pk, request), 201)
        answer.headers["ETag"] = entity_tag(answer.content)
        answer.headers["Location"] = contribution_link(made.reference)
        return answer


class ContributionDetail(DetailView):
    """One contribution with the components of its amount. Known clients: none outside PooledCare yet."""

    tag = "contributions"
    permission_classes = [KeyHolder]
    operations = {
        "GET": Operation(
            id="getContribution",
            summary="Read one contribution",
            description="With the components of its amount, in the order of recording.",
            answers={200: detail_answer(_DETAIL, _DETAIL_EXAMPLE)},
            path_parameters=_PATH,
            problems=(401, 403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/contributions/CN-1/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        written = _NUMBER.fullmatch(names["reference"])
        if written is None:
            raise HttpProblem("not-found")
        return detail(int(written[1]), self.request)


def contribution(row: tuple[Any, ...]) -> dict[str, Any]:
    values = dict(zip((column.name for column in COLUMNS), row, strict=True))
    links = {
        "self": contribution_link(values["reference"]),
        "agreement": absolute(f"{API}/agreements/{values['agreement']}/"),
        "partner": organisation_link(values["partner"]),
    }
    return values | {"links": links}


def contribution_link(reference: str) -> str:
    return absolute(f"{API}/contributions/{reference}/")


def detail(pk: int, request: Request) -> dict[str, Any]:
    """Raises 404 both if there is none and if the client may not read it."""
    row = contributions({"id": pk}, actor=actor_of(request)).one()
    if row is None:
        raise HttpProblem("not-found")
    return contribution(row) | {
        "components": [
            {
                "kind": part.kind,
                "gross": str(part.gross),
                "client_income": str(part.client_income),
                "net": str(part.net),
                "effective_on": part.effective_on.isoformat(),
                "reason": part.reason,
            }
            for part in components_of(pk)
        ]
    }


urlpatterns = [
    *list_paths("contributions", ContributionList, name="contribution-list"),
    path("contributions/<slug:reference>/", ContributionDetail.as_view(), name="contribution-detail"),
]
