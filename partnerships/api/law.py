"""The API of the law: its rules on any day, and a case to check. Open to anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from partnerships.api_schema import law as shapes
from partnerships.queries import law as queries
from partnerships.queries import law_listings as listings
from partnerships.rules.law import Answer, Finding, Question, RuleSet, answer, changes_between, other_powers
from partnerships.terms import Confidence, Exclusion, Power, RuleKind
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.rest import parameters as p
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.changing import json_body
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.problems import HttpProblem
from pooledcare.kernel.rest.schema import Operation
from pooledcare.kernel.rest.views import ListView, ResourceView, absolute, json_answer, list_paths

SLUGS = "[a-z0-9-]{1,80}(?:,[a-z0-9-]{1,80}){0,19}"


class RuleList(ListView):
    """The law as dated rows. Known clients: none outside PooledCare yet."""

    tag = "law"
    filename = "law-rules"
    permission_classes = [Public]
    operations = {
        "GET": Operation(
            id="listLawRules",
            summary="List the rules of pooling",
            description=(
                "Ordered by code. A rule is valid from `valid_from` to `valid_to`, both included. Rules of a proposed "
                "instrument are left out unless it is named in `proposed`."
            ),
            answers={200: shapes.RULE_PAGE},
            parameters=(
                p.day("as_at", "Only rules that apply on this day.", "2016-04-01"),
                p.choice("power", Power, "Only rules of this legal power.", "s75"),
                p.choice("kind", RuleKind, "Only rules of this kind.", "function"),
                p.choice("body", OrganisationKind, "Only rules about this kind of body.", "icb"),
                p.pattern(
                    "function", "Only rules about this function.", grammar="[a-z0-9-]{1,60}", example="primary-medical"
                ),
                p.choice("confidence", Confidence, "Only rules that we know in this way.", "instrument"),
                p.pattern(
                    "proposed",
                    "Add the rules of these proposed instruments, separated by commas.",
                    grammar=SLUGS,
                    example="dental-ophthalmic-pharmaceutical-2015",
                ),
                *p.LIST,
            ),
            problems=(404,),
            curl='curl "$API/law/rules/?as_at=2016-04-01&power=s75&kind=function"',
        )
    }

    def listing(self, asked: dict[str, Any], **names: str) -> Listing:
        proposed = tuple(asked.get("proposed", "").split(",")) if "proposed" in asked else ()
        if unknown := listings.unknown_proposals(proposed):
            raise HttpProblem("not-found", f"There is no proposal {unknown[0]} (proposed).")
        function = asked.get("function")
        if function and not any(each.code == function for each in queries.functions_listed()):
            raise HttpProblem("not-found", f"There is no function {function} (function).")
        return listings.rules({**asked, "proposed": proposed})

    def present(self, row: tuple[Any, ...]) -> dict[str, Any]:
        found, slug = listings.RULES.entry(row), listings.RULES.named(row)["instrument_slug"]
        found["side"], found["subject"] = found["side"] or None, found["subject"] or None
        return found | {"links": {"instrument": absolute(f"/law/instruments/{slug}/")}}


class Check(ResourceView):
    """May these bodies pool this function on this day? Known clients: none outside PooledCare yet."""

    tag = "law"
    permission_classes = [Public]
    operations = {
        "POST": Operation(
            id="checkLaw",
            summary="Check whether bodies may pool a function on a day",
            description=(
                "Answered by the rules of that day, each with its provision; nothing is stored. `outcome` is the "
                "verdict on the arrangement, `bodies` has one verdict for each kind of body. If only one kind of body "
                "is given, it is not judged whether the arrangement has the partners that it needs: see `also_needed`. "
                "With `proposed`, also says what would be judged differently if those proposals were law."
            ),
            answers={200: shapes.CHECK_ANSWER},
            body=json_body(shapes.QUESTION, shapes.QUESTION_EXAMPLE),
            problems=(404, 413, 415),
            curl=(
                'curl -X POST -H "Content-Type: application/json" \\\n'
                '  -d \'{"on": "2016-04-01", "body": "nhs_england", "function": "primary-medical"}\' "$API/law/check/"'
            ),
        )
    }

    def post(self, request: Request) -> HttpResponse:
        self.parameters(request)
        question, proposed = read_question(request.data)
        both = queries.law_with(proposed)
        _check_functions(question, both)
        in_force = both.in_force()
        now = answer(question, in_force)
        then = answer(question, both) if proposed else None
        return json_answer(
            {
                "outcome": now.outcome,
                "bodies": _bodies(now),
                "findings": [present_finding(each) for each in now.findings],
                "also_needed": [
                    {"rule": r.code, "text": r.text, "provision": r.provision, "confidence": r.confidence}
                    for r in now.also_needed
                ],
                "other_powers": [
                    {
                        "power": each.power,
                        "is_judged": each.is_judged,
                        "outcome": each.outcome if each.is_judged else None,
                        "reason": present_finding(each.reason),
                    }
                    for each in other_powers(question, in_force)
                ],
                "with_proposals": _with_proposals(now, then) if then else None,
            }
        )


def _bodies(found: Answer) -> list[dict[str, Any]]:
    return [
        {
            "body": each.kind,
            "outcome": each.outcome,
            "holds_function": each.holding,
            "findings": [present_finding(one) for one in each.findings],
        }
        for each in found.bodies
    ]


def _with_proposals(now: Answer, then: Answer) -> dict[str, Any]:
    return {
        "outcome": then.outcome,
        "bodies": _bodies(then),
        "changes": [
            {
                "about": each.about,
                "before": present_finding(each.before) if each.before else None,
                "after": present_finding(each.after) if each.after else None,
            }
            for each in changes_between(now, then)
        ],
    }


def present_finding(finding: Finding) -> dict[str, Any]:
    return {
        "about": finding.about,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "on": finding.on,
        "sentence": finding.sentence,
        "rule": finding.rule,
        "provision": finding.provision,
        "instrument": finding.instrument,
        "confidence": finding.confidence,
        "proposed": finding.proposed,
    }


# --- reading the question --------------------------------------------------------------------------------------------

_REQUIRED = ("on", "body", "function")
_CHOICES = {"power": Power.values, "body": OrganisationKind.values}
_LISTS = {
    "other_bodies": OrganisationKind.values,
    "exclusions": Exclusion.values,
    "together_with": None,
    "proposed": None,
}


def read_question(body: Any) -> tuple[Question, list[str]]:
    """The question, and the slugs of proposals to add. Raises a 400 that names every invalid field."""
    if not isinstance(body, dict):
        raise HttpProblem("invalid-body", errors=[Problem("NOT_AN_OBJECT", "The body is not a JSON object.")])
    known = (*_REQUIRED, "power", *_LISTS)
    problems = [_problem(name, "UNKNOWN_FIELD", "This field is not known here.") for name in body if name not in known]
    problems += [_problem(name, "REQUIRED", "This field is needed.") for name in _REQUIRED if name not in body]
    problems += [found for name in body if name in known and (found := _field_problem(name, body[name]))]
    if problems:
        raise HttpProblem("invalid-body", errors=problems)
    question = Question(
        power=body.get("power", Power.S75.value),
        on=p.read_day(body["on"]),
        bodies=frozenset({body["body"], *body.get("other_bodies", ())}),
        function=body["function"],
        exclusions=frozenset(body.get("exclusions", ())),
        together_with=frozenset(body.get("together_with", ())),
    )
    proposed = body.get("proposed", [])
    if unknown := listings.unknown_proposals(tuple(proposed)):
        message = f"There is no proposal {unknown[0]}."
        raise HttpProblem("not-found", errors=[_problem("proposed", "NOT_ACCEPTED", message)])
    return question, proposed


def _field_problem(name: str, value: Any) -> Problem | None:
    if name in _LISTS:
        return _list_problem(name, value)
    if not isinstance(value, str):
        return _problem(name, "NOT_ACCEPTED", "Write a string.")
    if name in _CHOICES and value not in _CHOICES[name]:
        return _problem(name, "NOT_ACCEPTED", f"Choose one of {', '.join(_CHOICES[name])}.", value)
    if name == "on":
        try:
            _in_range(p.read_day(value))
        except ValueError as error:
            return _problem(name, "NOT_ACCEPTED", str(error), value)
    return None


def _in_range(day: dt.date) -> None:
    if not 1990 <= day.year <= 2100:
        raise ValueError("Write a date from 1990 to 2100.")


def _list_problem(name: str, value: Any) -> Problem | None:
    allowed: Collection[str] | None = _LISTS[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return _problem(name, "NOT_ACCEPTED", "Write a list of strings.")
    most = len(allowed) if allowed is not None else shapes.MOST_PROPOSALS
    if len(value) > most or len(set(value)) != len(value):
        return _problem(name, "NOT_ACCEPTED", f"Give at most {most} entries, each once.")
    if allowed is not None and not set(value) <= set(allowed):
        return _problem(name, "NOT_ACCEPTED", f"Give some of {', '.join(allowed)}.")
    return None


def _check_functions(question: Question, rules: RuleSet) -> None:
    unknown = sorted(({question.function} | question.together_with) - rules.function_by_code.keys())
    if unknown:
        name = "function" if unknown == [question.function] else "together_with"
        message = f"There is no function {unknown[0][:60]}."
        raise HttpProblem("not-found", errors=[_problem(name, "NOT_ACCEPTED", message)])


def _problem(name: str, code: str, message: str, value: str | None = None) -> Problem:
    return Problem(code, message, Where(field=str(name)[:80]), value)


urlpatterns = [
    *list_paths("law/rules", RuleList, name="law-rule-list"),
    path("law/check/", Check.as_view(), name="law-check"),
]
