"""The law over the API: rules on any day, questions answered, and every mistake named."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.models import Rule
from tests.asking import PROBLEM, Api
from tests.partnerships import law_rows as make
from tests.partnerships.law_tables import PROPOSAL, truth_table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]
QUESTION = {"power": "s75", "on": "2016-04-01", "body": "nhs_england", "function": "primary-medical"}


def check(**given: Any):
    body = {name: value for name, value in (QUESTION | given).items() if value is not None}
    return Api().post("/law/check/", json.dumps(body))


def test_rules_are_listed_as_they_stood_on_a_day():
    address = "/law/rules/?power=s75&kind=function&function=primary-medical&as_at="
    (before,) = Api().results(f"{address}2016-03-31")
    (after,) = Api().results(f"{address}2016-04-01")
    assert (before["code"], before["allowed"], before["ended_by"]) == (
        "fn-primary-medical-before", False, "SI 2015/1940",
    )  # fmt: skip
    assert after["provision"] == "SI 2000/617 reg 5(a) as amended by SI 2015/1940 reg 2(3)"
    assert after["links"]["instrument"].endswith("/law/instruments/si-2015-1940/")
    assert (after["side"], after["needs"], after["valid_to"], after["powers"]) == (None, None, None, ["s31", "s75"])


def test_filters_narrow_and_are_never_ignored():
    bodies = Api().results("/law/rules/?kind=body&body=icb&power=s75")
    assert [rule["code"] for rule in bodies] == ["body-icb"]
    assert {rule["confidence"] for rule in Api().results("/law/rules/?confidence=default")} == {"default"}
    companions = Api().results("/law/rules/?function=meeting-needs&kind=companion")
    assert [rule["needs"] for rule in companions] == ["meeting-needs"]
    for address in ("as_at=today", "power=s99", "colour=red"):
        answer = Api().get(f"/law/rules/?{address}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    for address in ("function=nothing", "proposed=si-2015-1940", "proposed=nothing"):
        assert Api().get(f"/law/rules/?{address}").status_code == 404


def test_what_is_only_proposed_is_listed_only_when_it_is_named():
    assert {rule["status"] for rule in Api().results("/law/rules/?page_size=1000")} == {"in_force"}
    both = Api().results(f"/law/rules/?page_size=1000&proposed={PROPOSAL}")
    assert len([rule for rule in both if rule["status"] == "proposed"]) == 3
    assert len(both) == Rule.objects.count()


def test_pages_follow_one_another_to_the_end():
    seen, address = [], "/law/rules/?page_size=50"
    while address:
        page = Api().get(address.removeprefix("http://localhost:8000")).json()
        seen += [rule["code"] for rule in page["results"]]
        address = page["next"]
    assert seen == sorted(seen)
    assert len(seen) == Rule.objects.in_force().count()


def test_the_whole_list_is_a_csv():
    rows = list(csv.DictReader(io.StringIO(Api().csv("/law/rules/?kind=body&power=s75&as_at=2022-07-01"))))
    (icb,) = [row for row in rows if row["code"] == "body-icb"]
    assert (icb["body_kinds"], icb["allowed"], icb["valid_from"]) == ("icb", "true", "2022-07-01")
    (councils,) = [row for row in rows if row["code"] == "body-councils"]
    assert "london_borough" in councils["body_kinds"].split()


def test_a_question_is_answered_with_its_provisions():
    answer = check()
    assert answer.status_code == 200
    body = answer.json()
    assert body["outcome"] == "lawful"
    assert body["with_proposals"] is None
    (function,) = [f for f in body["findings"] if f["about"] == "function:primary-medical"]
    assert (function["rule"], function["severity"], function["on"]) == ("fn-primary-medical", "note", "2016-04-01")
    assert [needed["rule"] for needed in body["also_needed"]] == [
        "condition-partners", "condition-improvement", "condition-consultation",
    ]  # fmt: skip
    assert check(on="2016-03-31").json()["outcome"] == "unlawful"


def test_several_bodies_get_one_verdict_each_and_other_powers_a_line():
    body = check(body="county", other_bodies=["icb"], function="primary-dental", on="2026-11-30", proposed=[PROPOSAL])
    asked = body.json()
    assert [(each["body"], each["outcome"], each["holds_function"]) for each in asked["bodies"]] == [
        ("county", "lawful", "not_held"),
        ("icb", "lawful", "delegated"),
    ]
    assert asked["outcome"] == "unlawful"
    assert [each["about"] for each in asked["findings"] if each["about"] == "partners"] == ["partners"]
    assert "condition-partners" not in [needed["rule"] for needed in asked["also_needed"]]
    assert [(each["power"], each["is_judged"], each["outcome"]) for each in asked["other_powers"]] == [
        ("s31", True, "unlawful"),
        ("s65Z5_65Z6", True, "not_settled"),
        ("s13Z", False, None),
        ("s76", False, None),
        ("s77", False, None),
        ("s256", False, None),
        ("s10_children_act", False, None),
    ]
    assert [each["outcome"] for each in asked["with_proposals"]["bodies"]] == ["lawful", "lawful"]
    alone = check(body="county", function="primary-dental", on="2026-11-30").json()
    assert "condition-partners" in [needed["rule"] for needed in alone["also_needed"]]


def test_section_75_is_meant_when_no_power_is_named():
    assert check(power=None).json() == check().json()


def test_a_proposal_is_answered_beside_the_law_in_force():
    body = check(function="primary-dental", proposed=[PROPOSAL]).json()
    assert body["outcome"] == "unlawful"
    assert body["with_proposals"]["outcome"] == "lawful"
    (change,) = body["with_proposals"]["changes"]
    assert (change["before"]["outcome"], change["after"]["outcome"]) == ("unlawful", "lawful")
    assert (change["before"]["proposed"], change["after"]["proposed"]) == (False, True)


def test_a_proposal_made_here_counts_only_when_it_is_named():
    proposal = make.proposal(slug="ours")
    make.rule(instrument=proposal, kind="exclusion", subject="endoscopy", code="ours-endoscopy")
    asked = {"body": "ccg", "function": "nhs-s3", "exclusions": ["endoscopy"]}
    assert check(**asked).json()["outcome"] == "unlawful"
    both = check(**asked, proposed=["ours"]).json()
    assert (both["outcome"], both["with_proposals"]["outcome"]) == ("unlawful", "lawful")


@pytest.mark.slow
@pytest.mark.parametrize("case", truth_table()[::9], ids=lambda case: f"{case['on']}-{case['body']}-{case['function']}")
def test_the_api_answers_as_the_truth_table_says(case: dict[str, str]):
    lists = {name: case[name].split() for name in ("exclusions", "together_with", "proposed")}
    body = check(**{name: case[name] for name in ("power", "on", "body", "function")}, **lists).json()
    assert (body["with_proposals"] or body)["outcome"] == case["expected"]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"on": None}, "on", "REQUIRED"),
        ({"body": None}, "body", "REQUIRED"),
        ({"colour": "red"}, "colour", "UNKNOWN_FIELD"),
        ({"on": "2016-02-30"}, "on", "NOT_ACCEPTED"),
        ({"on": "0001-01-01"}, "on", "NOT_ACCEPTED"),
        ({"on": 20160401}, "on", "NOT_ACCEPTED"),
        ({"power": "s99"}, "power", "NOT_ACCEPTED"),
        ({"body": "pub"}, "body", "NOT_ACCEPTED"),
        ({"function": ["nhs-s3"]}, "function", "NOT_ACCEPTED"),
        ({"other_bodies": "icb"}, "other_bodies", "NOT_ACCEPTED"),
        ({"other_bodies": ["pub"]}, "other_bodies", "NOT_ACCEPTED"),
        ({"other_bodies": ["icb", "icb"]}, "other_bodies", "NOT_ACCEPTED"),
        ({"exclusions": "surgery"}, "exclusions", "NOT_ACCEPTED"),
        ({"exclusions": ["haircuts"]}, "exclusions", "NOT_ACCEPTED"),
        ({"exclusions": ["surgery", "surgery"]}, "exclusions", "NOT_ACCEPTED"),
        ({"together_with": [f"f-{n}" for n in range(21)]}, "together_with", "NOT_ACCEPTED"),
        ({"proposed": [1]}, "proposed", "NOT_ACCEPTED"),
    ],
)
def test_each_mistake_in_a_question_is_named(given: dict[str, Any], field: str, code: str):
    answer = check(**given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    assert [(error["where"]["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"function": "nothing"}, "function"),
        ({"together_with": ["nothing"]}, "together_with"),
        ({"proposed": ["si-2015-1940"]}, "proposed"),
    ],
)
def test_a_code_that_names_nothing_is_not_found(given: dict[str, Any], field: str):
    answer = check(**given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert [error["where"]["field"] for error in answer.json()["errors"]] == [field]


def test_every_mistake_is_named_at_once():
    answer = Api().post("/law/check/", json.dumps({"on": "soon", "colour": "red"}))
    assert {error["where"]["field"] for error in answer.json()["errors"]} == {"on", "colour", "body", "function"}


def test_a_body_that_is_no_object_is_refused():
    for body in ("[]", "1", '"x"', "null"):
        assert Api().post("/law/check/", body).status_code == 400
    assert Api().get("/law/check/").status_code == 405


def test_more_rules_cost_no_more_queries():
    def cost(ask) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ask().status_code == 200
        return len(captured)

    def both() -> tuple[int, int]:
        return cost(lambda: Api().get("/law/rules/?page_size=1000")), cost(lambda: check(proposed=[PROPOSAL]))

    few = both()
    for _ in range(30):
        make.rule()
    assert both() == few
