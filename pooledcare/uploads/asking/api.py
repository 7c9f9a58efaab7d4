"""The API of how a file is read: the proposal for it, and saying how it should be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from pooledcare.directory.access import Actor
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.rest import bodies
from pooledcare.kernel.rest.authentication import KeyHolder
from pooledcare.kernel.rest.bodies import BodyField, read_body
from pooledcare.kernel.rest.changing import IDEMPOTENCY_KEY, body
from pooledcare.kernel.rest.conditional import conditional
from pooledcare.kernel.rest.idempotency import once
from pooledcare.kernel.rest.parsers import StrictJsonParser
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import (
    TEXT,
    Operation,
    array,
    component,
    described,
    detail_answer,
    one_of,
    record,
)
from pooledcare.kernel.rest.views import DetailView, json_answer
from pooledcare.uploads import api_schema as shapes
from pooledcare.uploads.answers import member_of
from pooledcare.uploads.api import UploadStep, upload_link
from pooledcare.uploads.asking import actions, pages
from pooledcare.uploads.asking.data_shapes import schema_of
from pooledcare.uploads.models import LayoutQuestion, Upload
from pooledcare.uploads.proposals import Decisions, Proposal, Question, answered, open_questions
from pooledcare.uploads.queries import upload_for
from pooledcare.uploads.saved_layouts import queries as saved
from pooledcare.uploads.saved_layouts.rules import LONGEST_NAME
from pooledcare.uploads.terms import Asked

_QUESTION = component(
    "LayoutQuestion",
    record(
        {
            "key": described(TEXT, "Names the question in `answers`"),
            "sheet": described(TEXT, "Empty if it concerns the whole file"),
            "text": TEXT,
            "options": array(record({"value": TEXT, "label": TEXT})),
            "suggested": described(TEXT, "What the file makes likely; empty if nothing"),
            "reason": TEXT,
            "cells": array(described(TEXT, "A place to look at, such as C12")),
        }
    ),
)
# How the file would be read: sheets, columns, unit, year. A client changes it and sends it back.
_DECISIONS = component("LayoutDecisions", schema_of(Decisions))
_PROPOSAL = component(
    "LayoutProposal",
    record(
        {
            "asked": one_of(Asked.values, "How it is read, which of several layouts it has, or which year it is for"),
            "fitting": array(described(TEXT, "The key of a layout that fits the file, for `layout`")),
            "questions": array(_QUESTION),
            "decisions": {
                "type": "object",
                "description": "How the file would be read: sheets, columns, unit, year. Change it and send it back",
            },
            "proposal": {
                "type": "object",
                "description": "What was found in the file, with reasons",
            },
        }
    ),
)
_EXAMPLE = {
    "asked": "reading",
    "fitting": [],
    "questions": [
        {
            "key": "year",
            "sheet": "",
            "text": "Which financial year are the figures for?",
            "options": [],
            "suggested": "",
            "reason": "The file does not say it",
            "cells": [],
        }
    ],
    "decisions": {"sheets": [], "unit": "1000", "year": ""},
    "proposal": {"sheets": [], "value_columns": [], "unit": "1000"},
    "links": {
        "self": "http://localhost:8000/api/v1/uploads/UP-12/proposal/",
        "upload": "http://localhost:8000/api/v1/uploads/UP-12/",
    },
}


def _decisions() -> BodyField:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("Write an object, as the proposal has it.")
        return value

    return BodyField("decisions", _DECISIONS, read)


def _answers() -> BodyField:
    def read(value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise ValueError("Write an object whose values are strings.")
        return value

    return BodyField(
        "answers", {**schema_of(dict[str, str]), "description": "The answer to each question, by key"}, read
    )


FIELDS = (
    _decisions(),
    _answers(),
    bodies.code("layout", "The key of one of the layouts that fit", grammar="[A-Za-z0-9_.-]{1,80}"),
    bodies.code("financial_year", "The year of the figures, for a layout that fits", grammar="[0-9]{4}-[0-9]{2}"),
    bodies.text("name", "Save it as a layout of your organisation under this name", longest=LONGEST_NAME),
    bodies.code("replaces", "Save it as a new version of this layout", grammar="UL-[1-9][0-9]{0,8}"),
)


class UploadProposal(DetailView):
    """How the file of an upload is probably meant, and what is asked about it."""

    tag = "uploads"
    permission_classes = [KeyHolder]
    operations = {
        "GET": Operation(
            id="getUploadProposal",
            summary="Read how a file would be read",
            description=(
                "For an upload in the state `needs_layout`. `questions` are those that are still open. Not found if "
                "nothing was asked about the file."
            ),
            answers={200: detail_answer(_PROPOSAL, _EXAMPLE)},
            path_parameters={"reference": shapes.PATH_REFERENCE},
            problems=(403, 404),
            key_needed=True,
            curl='curl -H "Authorization: Bearer $KEY" "$API/uploads/$UPLOAD/proposal/"',
        )
    }

    def get(self, request: Request, **names: str) -> HttpResponse:
        self.parameters(request)
        upload = upload_for(member_of(request), names["reference"])
        question = _question(upload)
        proposal = Proposal.from_json(question.proposal)
        decisions, own = pages.decisions_of(question, proposal), upload_link(upload.reference)
        shape = {
            "asked": question.asked,
            "fitting": question.fitting,
            "questions": [_shape(each) for each in open_questions(proposal, decisions)],
            "decisions": decisions.as_json(),
            "proposal": question.proposal,
            "links": {"self": f"{own}proposal/", "upload": own},
        }
        return conditional(request, json_answer(shape), upload.version)


def _question(upload: Upload) -> LayoutQuestion:
    found = LayoutQuestion.objects.filter(upload=upload).first()
    if found is None:
        raise HttpProblem("not-found")
    return found


def _shape(question: Question) -> dict[str, Any]:
    shape = question.as_json()
    return {name: shape[name] for name in ("key", "sheet", "text", "options", "suggested", "reason", "cells")}


def _decide(
    *,
    upload: Upload,
    by: Actor,
    decisions: Mapping[str, Any] | None = None,
    answers: Mapping[str, str] | None = None,
    layout: str = "",
    financial_year: str = "",
    name: str = "",
    replaces: str = "",
) -> Upload:
    """Choose one of the layouts that fit, or confirm the decisions with these answers."""
    question = _question(upload)
    if layout:
        return actions.choose_layout(upload=upload, layout=layout, financial_year=financial_year, by=by)
    proposal = Proposal.from_json(question.proposal)
    decided = pages.decisions_of(question, proposal) if decisions is None else Decisions.from_json(decisions)
    asked = {each.key: each for each in [*proposal.questions, *open_questions(proposal, decided)]}
    for key, answer in (answers or {}).items():
        if key not in asked:
            raise Refused.because("UNKNOWN_QUESTION", "The proposal has no question with this key", value=key)
        decided = answered(decided, asked[key], answer)
    replaced = saved.layout_for(by, replaces).layout if replaces else None
    return actions.confirm_layout(upload=upload, decisions=decided, name=name, replaces=replaced, by=by)


class UploadLayoutDecision(UploadStep):
    """Say how the file of an upload is read."""

    step = staticmethod(_decide)
    status = 202
    parser_classes = [StrictJsonParser]
    operations = {
        "POST": Operation(
            id="confirmUploadLayout",
            summary="Say how a file is read",
            description=(
                "Confirms the proposal with your answers and changes; the file is then read in the background. Or "
                "chooses, with `layout`, one of the layouts that fit, with the `financial_year` if that is asked. "
                "Refused with a problem for each question that is still open; its `field` is the key of the question."
            ),
            answers={202: shapes.STARTED_ONCE_ANSWER},
            body=body("LayoutDecision", FIELDS, {"answers": {"year": "2026-27"}, "name": "Grant by council"}),
            path_parameters={"reference": shapes.PATH_REFERENCE},
            headers=(shapes.IF_MATCH, IDEMPOTENCY_KEY),
            problems=(403, 404, 409, 412, 413, 415, 422, 428),
            key_needed=True,
            curl=(
                'curl -H "Authorization: Bearer $KEY" -H "If-Match: $ETAG" -H "Idempotency-Key: layout-2026-27" \\\n'
                '  -H "Content-Type: application/json" -d \'{"answers": {"year": "2026-27"}}\' \\\n'
                '  "$API/uploads/$UPLOAD/layout/"'
            ),
        )
    }

    def post(self, request: Request, reference: str) -> HttpResponse:
        """A repeated request gets the first answer again, so that it saves no second layout."""
        self.parameters(request)
        actor = member_of(request)
        found = upload_for(actor, reference)
        return once(request, actor.reference, lambda: self.stepped(request, found))

    def read(self, request: Request) -> dict[str, Any]:
        return read_body(request.data, FIELDS)


urlpatterns = [
    path("uploads/<slug:reference>/proposal/", UploadProposal.as_view(), name="upload-proposal"),
    path("uploads/<slug:reference>/layout/", UploadLayoutDecision.as_view(), name="upload-layout"),
]
