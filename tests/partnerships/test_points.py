"""Points of law: the schemes and partners that each finding is about, and what cures it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from partnerships.rules.agreements import AgreementRecord, Body, ConsentFact, FunctionContent, findings_of
from partnerships.rules.agreements.missing import missing_items, not_listed_twice, unlawful_points
from partnerships.rules.agreements.points import Point, points_of_law
from partnerships.rules.agreements.record import Joined
from tests.partnerships.draft_values import CARE, CHARGING, ICB, NHS, START, TRUST, deed, record, scheme
from tests.partnerships.law_tables import law

TODAY = dt.date(2026, 1, 5)
DENTAL = FunctionContent("primary-dental", "Primary dental services", ICB, (), "")
PROVIDER = Body(8, "PXX", "Mere Homes", "provider")


def points(of: AgreementRecord) -> dict[str, Point]:
    return {each.finding.about: each for each in points_of_law(of, findings_of(of, law()), law())}


def said(point: Point) -> tuple[list[str], list[str], str, str]:
    return [each.slug for each in point.schemes], [each.name for each in point.partners], point.cure, point.where


def with_schemes(**others: FunctionContent) -> AgreementRecord:
    """The scheme `home`, and others with one function each."""
    more = [scheme(pk=place, slug=slug, functions=(one,)) for place, (slug, one) in enumerate(others.items(), start=2)]
    return record(deed(schemes=(scheme(), *more)))


def test_a_lawful_point_names_its_schemes_and_needs_no_cure():
    assert said(points(with_schemes(more=NHS))["function:nhs-s3"]) == (["home", "more"], [], "", "")


def test_an_unlawful_function_is_taken_out_of_the_scheme_that_has_it():
    found = points(with_schemes(teeth=DENTAL))["function:primary-dental"]
    assert said(found) == (["teeth"], [], "Take the function out of the scheme.", "schemes/teeth")


def test_only_the_scheme_with_the_excluded_treatment_is_named():
    found = points(with_schemes(scopes=replace(NHS, exclusions=("endoscopy",))))["exclusion:nhs-s3:endoscopy"]
    assert said(found) == (["scopes"], [], "Take endoscopy out of the scheme.", "schemes/scopes")


def test_a_scheme_that_has_not_begun_on_the_day_is_not_named():
    later = scheme(pk=2, slug="later", start_on=START + dt.timedelta(days=1), functions=(NHS,))
    found = points_of_law(*judged_on_the_first_day(record(deed(schemes=(scheme(), later)))), law())
    assert [each.slug for point in found for each in point.schemes] == ["home"]


def judged_on_the_first_day(of: AgreementRecord):
    return of, [each for each in findings_of(of, law()) if each.on == START and each.about == "function:nhs-s3"]


def test_a_delegated_function_asks_to_record_the_delegation():
    medical = FunctionContent("primary-medical", "Primary medical services", ICB, (), "")
    found = points(with_schemes(doctors=medical))["holder:primary-medical"]
    assert said(found) == (["doctors"], [], "Record in the scheme where the delegation allows it.", "schemes/doctors")
    recorded = replace(medical, delegation_evidence="Agreement of 2023")
    assert "holder:primary-medical" not in points(with_schemes(doctors=recorded))


def test_charging_without_its_service_says_what_to_add():
    found = points(with_schemes(charges=CHARGING))["companion:charging-care-act"]
    cure = "Add the service that is charged for, or take the charging out of the scheme."
    assert said(found) == (["charges"], [], cure, "schemes/charges")


def test_a_body_that_may_not_be_a_partner_is_named():
    joined = (*deed().joined, Joined(8, PROVIDER, "provider", contributes=True))
    found = points(record(deed(joined=joined)))["body:provider"]
    assert said(found) == ([], ["Mere Homes"], "Take this partner out.", "partners")


def test_a_body_before_its_time_may_also_start_later():
    group = record(deed(effective_on=dt.date(2022, 6, 30)))
    cure = "Take this partner out, or start on 1 July 2022 or later."
    assert said(points(group)["body:icb"]) == ([], [ICB.name], cure, "partners")


@pytest.mark.parametrize(
    ("about", "of", "cure", "where"),
    [
        ("term:aims", {"clauses": ()}, "Write a clause on this.", "clauses/aims"),
        ("term:host", {"pools": ()}, "Name the host of each pooled fund.", "pools"),
        ("term:pool_manager", {"pools": ()}, "Name the manager of each pooled fund.", "pools"),
        ("partners", {"joined": deed().joined[:1]}, "Add the NHS body or the council that is missing.", "partners"),
        (
            "functions",
            {"schemes": (scheme(functions=(NHS,)),)},
            "Add a function of the NHS or of a council, whichever is missing.",
            "schemes",
        ),
    ],
)
def test_each_point_says_what_to_do_and_where(about: str, of: dict, cure: str, where: str):
    point = points(record(deed(**of)))[about]
    assert (point.cure, point.where) == (cure, where)


def test_conditions_and_consents_are_recorded():
    unknown = points(record(preconditions=()))["condition:improvement"]
    assert (unknown.cure, unknown.where) == ("Record whether the condition is met.", "conditions/improvement")
    trust = record(deed(joined=(*deed().joined, Joined(3, TRUST, "provider", contributes=True))))
    assert points(trust)["consent:RXX"].cure == "Record each commissioner’s consent."
    asked = replace(trust, consents=(ConsentFact("RXX", ICB.name, None),))
    found = points(asked)["consent:RXX"]
    assert (found.cure, found.where) == ("Obtain the missing consent, and record it.", "consents/RXX")


def test_an_agreement_that_operates_unsigned_is_to_be_signed():
    found = points(record(operating_since=START))["term:in_writing"]
    assert (found.cure, found.where) == ("Sign the agreement.", "signing")


def test_tasks_have_every_unlawful_point_of_a_draft_also_before_it_has_a_first_day():
    clauses, schemes = deed().clauses[1:], (scheme(functions=(NHS, CARE, DENTAL)),)
    undated = record(deed(effective_on=None, clauses=clauses, schemes=schemes))
    assert findings_of(undated, law()) == []
    found = unlawful_points(undated, TODAY, law())
    assert [each.finding.about for each in found] == ["function:primary-dental", "term:aims"]
    assert {each.finding.on for each in found} == {TODAY}
    missing = missing_items(undated, TODAY, law())
    assert "clauses/aims" in [each.where for each in missing]
    once = not_listed_twice(missing, found)
    assert [each for each in missing if each not in once] == [each for each in missing if each.where == "clauses/aims"]
