"""The API of agreements: for anybody what every partner has published; for a partner's key all of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.actions.deeds import prepare_deed
from partnerships.actions.drafting import start_agreement
from partnerships.api.asking import (
    DAYS,
    FLEXIBILITY,
    FUNCTION,
    OF_AGREEMENT,
    PATH_REFERENCE,
    known,
    reached_for,
    text_of,
)
from partnerships.api.drafting import (
    CHANGE,
    DEED_FIELDS,
    START,
    changing,
    clauses_of,
    main_terms_of,
    partners_named,
    to_prepare,
)
from partnerships.api.law import SLUGS, present_finding
from partnerships.api.presenting import (
    agreement_link,
    agreement_links,
    present_content,
    present_deed,
    present_open_deed,
)
from partnerships.api_schema import agreements as shapes
from partnerships.api_schema import changing as changes
from partnerships.changing.draft_input import open_draft, write_draft
from partnerships.queries.agreements import api_listings as listings
from partnerships.queries.agreements.agreement_columns import TODAY_COLUMNS
from partnerships.queries.agreements.comparing import judged
from partnerships.queries.agreements.detail import reading
from partnerships.queries.agreements.drafts import Draft
from partnerships.queries.agreements.reach import Reached
from partnerships.queries.law_listings import unknown_proposals
from partnerships.rules.law import Change, verdict
from partnerships.terms import AgreementState, Awaited, Power
from pooledcare.directory.api import actor_of
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public, require_key
from pooledcare.kernel.rest.bodies import read_body
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import DetailView, ListView, ResourceView, json_answer, list_paths

FILTERS = (
    *(each for each in OF_AGREEMENT if each.name != "agreement"),
    FUNCTION,
    FLEXIBILITY,
    p.code("host", "Only agreements in which the body with this code hosts a fund."),
    p.choice("power", Power, "Only agreements under this legal power.", "s75"),
    p.choice("status", AgreementState, "Only agreements in this state.", "in_operation"),
    p.choice("awaits", Awaited, "Only agreements whose open deed waits for this.", "signature"),
    p.day("ending_before", "Only agreements whose last day is before this one.", "2027-04-01"),
)


def present_row(row: tuple[Any, ...]) -> dict[str, Any]:
    values = listings.AGREEMENTS.entry(row)
    return values | {"links": agreement_links(values["reference"])}


class AgreementList(ListView):
    """Who pools what with whom. Known clients: none outside PooledCare yet."""

    tag = "agreements"
    filename = "agreements"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="listAgreements",
            summary="List agreements",
            description=(
                "As at today, newest first. With the key of a partner you also read its drafts, and `seen_by` "
                "says so; otherwise you read what every partner has published."
            ),
            answers={200: shapes.AGREEMENT_PAGE},
            parameters=(*FILTERS, *p.LIST),
            problems=(404,),
            curl='curl "$API/agreements/?status=in_operation&flexibility=pooled_fund"',
        ),
        "POST": Operation(
            id="createAgreement",
            summary="Start an agreement",
            description=(
                "A draft, with the key's organisation as its first partner. A draft can be incomplete: only the power "
                "is needed. Approving, signing and publishing are done by people on the site."
            ),
            answers={201: shapes.AGREEMENT_CREATED},
            body=changes.body("NewAgreement", START, shapes.NEW_EXAMPLE),
            headers=(changes.IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: arrangements-2027" \\\n'
                '  -H "Content-Type: application/json" \\\n'
                '  -d \'{"power": "s75", "title": "Joint arrangements", "effective_on": "2027-04-01"}\' \\\n'
                '  "$API/agreements/"'
            ),
        ),
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        filters = known(asked, self.request)
        if "host" in filters:
            filters["host_ids"] = filters.pop("host")
        return listings.agreements(filters, actor=actor_of(self.request))

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return present_row(row)

    def post(self, request: Request) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._begun(request))

    def _begun(self, request: Request) -> HttpResponse:
        said, actor = read_body(request.data, START), actor_of(request)
        (organisation,) = actor.organisations.values()
        main_terms = main_terms_of(said)
        made = start_agreement(
            organisation=organisation,
            follows=reached_for(request, said["follows"]).agreement if "follows" in said else None,
            is_integrated=said.get("integrated", False),
            by=actor,
            **main_terms,
        )
        draft = open_draft(made)
        partners = partners_named(said.get("partners"), draft.day)
        write_draft(draft, main_terms={}, partners=partners, clauses=clauses_of(said), by=actor)
        return agreement_answer(request, reached_for(request, made.reference), {"draft": True}, 201)


def agreement_answer(request: Request, reached: Reached, asked: dict[str, Any], status: int = 200) -> HttpResponse:
    """One agreement as at the requested day.

    For its partners the ETag holds the version, which changes need in If-Match.
    """
    text = text_of(reached, asked)
    row = listings.agreements({"agreement_id": reached.agreement.pk}, actor=actor_of(request)).one()
    if row is None:
        raise HttpProblem("not-found")
    summary = listings.AGREEMENTS.entry(row)
    version = reached.agreement.version if reached.is_partner else None
    shape = {
        **{name: summary[name] for name in TODAY_COLUMNS},
        "as_at": text.day,
        "known_at": asked.get("known_at"),
        **present_content(text.content, reached.agreement.reference),
        "deeds": [present_deed(each) for each in text.record.deeds],
        "open_deed": present_open_deed(text.record.open_deed) if reached.is_partner else None,
        "version": version,
        "links": agreement_links(reached.agreement.reference),
    }
    answer = json_answer(shape, status)
    if status == 200:
        return conditional(request, answer, version)
    answer.headers["ETag"] = f'"{version}"'
    answer.headers["Location"] = agreement_link(reached.agreement.reference)
    return answer


class AgreementDetail(DetailView):
    """One agreement. Known clients: none outside PooledCare yet."""

    tag = "agreements"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "GET": Operation(
            id="getAgreement",
            summary="Read one agreement",
            description=(
                "As its deeds have it on the day `as_at`; `known_at` leaves out what was signed later. A body that was "
                "succeeded is shown as its successor from the day of the succession. For its partners, an agreement "
                "that is not signed is read from its draft; `open_deed` is the content of the open deed alone."
            ),
            answers={200: shapes.AGREEMENT_ANSWER},
            parameters=DAYS,
            path_parameters={"reference": PATH_REFERENCE},
            problems=(404,),
            curl='curl "$API/agreements/S75-0001/?as_at=2024-06-30"',
        ),
        "PATCH": Operation(
            id="changeAgreement",
            summary="Change the open deed",
            description=(
                "Until the agreement is signed, this changes the agreement itself; afterwards the deed that varies it. "
                "Fields that you do not send do not change. Any change makes earlier approvals void. Signed text "
                "cannot be changed: if there is no open deed, this is refused until you prepare one."
            ),
            answers={200: shapes.AGREEMENT_CHANGED},
            body=changes.body("AgreementChange", CHANGE, shapes.CHANGE_EXAMPLE),
            path_parameters={"reference": PATH_REFERENCE},
            headers=(changes.IF_MATCH,),
            problems=(403, 404, 409, 412, 413, 415, 428),
            key_needed=True,
            curl=(
                'curl -X PATCH -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" \\\n'
                '  -H "Content-Type: application/json" -d \'{"notice_months": 12}\' "$API/agreements/$AGREEMENT/"'
            ),
        ),
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        asked = self.parameters(request)
        return agreement_answer(request, reached_for(request, names["reference"]), asked)

    def patch(self, request: Request, reference: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        said, actor = read_body(request.data, CHANGE), actor_of(request)

        def change(draft: Draft) -> None:
            partners = partners_named(said.get("partners"), said.get("effective_on") or draft.day)
            write_draft(draft, main_terms=main_terms_of(said), partners=partners, clauses=clauses_of(said), by=actor)

        changing(request, reference, change)
        return agreement_answer(request, reached_for(request, reference), {"draft": True})


class AgreementDeeds(ResourceView):
    """Deeds of an agreement: created here, changed through it. Known clients: none outside PooledCare yet."""

    tag = "agreements"
    permission_classes = [Public]
    parser_classes = [StrictJsonParser]
    operations = {
        "POST": Operation(
            id="prepareDeed",
            summary="Prepare a deed that varies or ends an agreement",
            description=(
                "The new deed changes nothing yet. Write it by changing the agreement, its schemes and pools. A deed "
                "that ends the agreement does so on its first day, unless you change that. "
                "An agreement has one open deed at a time. Approving and signing it are done by people on the site."
            ),
            answers={201: shapes.AGREEMENT_CREATED},
            body=changes.body("NewDeed", DEED_FIELDS, shapes.DEED_EXAMPLE),
            path_parameters={"reference": PATH_REFERENCE},
            headers=(changes.IDEMPOTENCY_KEY,),
            problems=(403, 404, 409, 413, 415, 422),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "Idempotency-Key: deed-2027" \\\n'
                '  -H "Content-Type: application/json" \\\n'
                '  -d \'{"effective_on": "2027-04-01", "summary": "The arrangements of 2027-28."}\' \\\n'
                '  "$API/agreements/$SIGNED/deeds/"'
            ),
        ),
    }

    def post(self, request: Request, reference: str) -> HttpResponse:
        require_key(self.client)
        self.parameters(request)
        return once(request, self.client.reference, lambda: self._prepared(request, reference))

    def _prepared(self, request: Request, reference: str) -> HttpResponse:
        said, agreement = read_body(request.data, DEED_FIELDS), to_prepare(request, reference)
        prepare_deed(agreement=agreement, by=actor_of(request), **said)
        return agreement_answer(request, reached_for(request, reference), {"draft": True}, 201)


class AgreementFindings(DetailView):
    """Whether an agreement is lawful, rule by rule. Known clients: none outside PooledCare yet."""

    tag = "agreements"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="getAgreementFindings",
            summary="Judge an agreement",
            description=(
                "On its first day, on every day of variation and succession, and where a rule changes within its term. "
                "With `with`, also what would be judged differently if those proposals were law; for partners, what "
                "the open deed would change if it were signed."
            ),
            answers={200: shapes.FINDINGS_ANSWER},
            parameters=(
                p.pattern(
                    "with",
                    "Add the rules of these proposed instruments, separated by commas.",
                    grammar=SLUGS,
                    example="dental-ophthalmic-pharmaceutical-2015",
                ),
                p.day("as_at", "Only findings about days up to this one."),
            ),
            path_parameters={"reference": PATH_REFERENCE},
            problems=(404,),
            curl='curl "$API/agreements/S75-0001/findings/"',
        )
    }

    def detail(self, asked: dict[str, Any], **names: str) -> Any:
        reached = reached_for(self.request, names["reference"])
        proposals = tuple(asked["with"].split(",")) if "with" in asked else ()
        if unknown := unknown_proposals(proposals):
            raise HttpProblem("not-found", f"There is no proposal {unknown[0]} (with).")
        found = judged(reading(reached, as_at=asked.get("as_at")), proposals=proposals)
        return {
            "verdict": verdict(found.findings),
            "findings": [
                present_finding(each.finding) | {"schemes": [scheme.slug for scheme in each.schemes], "cure": each.cure}
                for each in found.points
            ],
            "with_proposals": _changes(found.with_proposals) if proposals else None,
            "with_open_deed": _changes(found.with_open_deed) if found.open_deed and reached.is_partner else None,
            "links": {"agreement": agreement_link(reached.agreement.reference)},
        }


def _changes(changes: list[Change]) -> list[dict[str, Any]]:
    return [
        {
            "about": each.about,
            "before": present_finding(each.before) if each.before else None,
            "after": present_finding(each.after) if each.after else None,
        }
        for each in changes
    ]


urlpatterns = [
    *list_paths("agreements", AgreementList, name="agreement-list"),
    path("agreements/<slug:reference>/", AgreementDetail.as_view(), name="agreement-detail"),
    path("agreements/<slug:reference>/deeds/", AgreementDeeds.as_view(), name="agreement-deeds"),
    path("agreements/<slug:reference>/findings/", AgreementFindings.as_view(), name="agreement-findings"),
]
