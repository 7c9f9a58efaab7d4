"""The schemas of rules, questions and answers in the API documentation, each with an example."""

from __future__ import annotations

from partnerships.queries.law_listings import RULES, SLUG
from partnerships.terms import Confidence, Exclusion, FindingSeverity, Holding, Outcome, Power
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.rest.documented import entry_of, links_to
from pooledcare.kernel.rest.schema import DATE, TEXT, Answer, array, component, nullable, record
from pooledcare.kernel.rest.schema import one_of as one_of  # imported from here by the schemas of schemes and pools

MOST_PROPOSALS = 20


RULE_PAGE = entry_of(
    "LawRule", RULES.columns, links_to(instrument="http://localhost:8000/law/instruments/si-2015-1940/")
).page

FINDING_FIELDS = {
    "about": {**TEXT, "description": "What it is about, such as function:nhs-s3"},
    "outcome": one_of(Outcome.values),
    "severity": one_of(FindingSeverity.values),
    "on": DATE,
    "sentence": TEXT,
    "rule": SLUG,
    "provision": TEXT,
    "instrument": TEXT,
    "confidence": one_of(Confidence.values),
    "proposed": {"type": "boolean", "description": "Whether it is based on a rule that is only proposed"},
}
FINDING = component("LegalFinding", record(FINDING_FIELDS))
NEEDED = record({"rule": SLUG, "text": TEXT, "provision": TEXT, "confidence": one_of(Confidence.values)})
BODY = record(
    {
        "body": one_of(OrganisationKind.values),
        "outcome": one_of(Outcome.values, "Whether it may be a partner"),
        "holds_function": one_of(Holding.values, "Whether this kind of body holds the function on the day"),
        "findings": array(FINDING),
    }
)
OTHER_POWER = record(
    {
        "power": one_of(Power.values),
        "is_judged": {"type": "boolean", "description": "Whether PooledCare judges arrangements under this power"},
        "outcome": nullable(one_of(Outcome.values, "Of the same case under this power; null if it is not judged")),
        "reason": FINDING,
    }
)
CHANGE = record({"about": TEXT, "before": nullable(FINDING), "after": nullable(FINDING)})
CHECK = component(
    "LawCheck",
    record(
        {
            "outcome": one_of(Outcome.values, "Of the arrangement, under the law in force on the day"),
            "bodies": array(BODY),
            "findings": array(FINDING),
            "also_needed": array(NEEDED),
            "other_powers": array(OTHER_POWER),
            "with_proposals": nullable(
                {
                    **record({"outcome": one_of(Outcome.values), "bodies": array(BODY), "changes": array(CHANGE)}),
                    "description": "The outcome if the proposals were law; null if none was added",
                }
            ),
        }
    ),
)
FINDING_EXAMPLE = {
    "about": "function:primary-medical",
    "outcome": "lawful",
    "severity": "note",
    "on": "2016-04-01",
    "sentence": "“Primary medical services (section 83)” may be pooled under section 75 on 1 April 2016.",
    "rule": "fn-primary-medical",
    "provision": "SI 2000/617 reg 5(a) as amended by SI 2015/1940 reg 2(3)",
    "instrument": "SI 2015/1940",
    "confidence": "instrument",
    "proposed": False,
}
BODY_EXAMPLE = FINDING_EXAMPLE | {
    "about": "body:nhs_england",
    "sentence": "NHS England may be a partner under section 75 on 1 April 2016.",
    "rule": "body-nhs-england",
    "provision": "SI 2000/617 reg 3(1) as amended by SI 2012/3094 reg 12(3)",
    "instrument": "SI 2012/3094",
}
CHECK_ANSWER = Answer(
    "The answer under the law in force, and with the proposals.",
    CHECK,
    {
        "outcome": "lawful",
        "bodies": [{"body": "nhs_england", "outcome": "lawful", "holds_function": "holds", "findings": [BODY_EXAMPLE]}],
        "findings": [BODY_EXAMPLE, FINDING_EXAMPLE],
        "also_needed": [],
        "other_powers": [],
        "with_proposals": None,
    },
)
CODES = {"type": "array", "items": SLUG, "maxItems": MOST_PROPOSALS, "uniqueItems": True}
QUESTION = component(
    "LawQuestion",
    {
        "type": "object",
        "properties": {
            "power": {**one_of(Power.values), "default": Power.S75.value},
            "on": {
                **DATE,
                "pattern": "^(199[0-9]|20[0-9]{2}|2100)-",
                "description": "The day on which the arrangement starts or is varied, from 1990 to 2100",
            },
            "body": one_of(OrganisationKind.values, "The kind of body"),
            "other_bodies": {
                "type": "array",
                "items": one_of(OrganisationKind.values),
                "maxItems": len(OrganisationKind),
                "uniqueItems": True,
                "description": "Further kinds of body in the same arrangement",
            },
            "function": {**SLUG, "description": "Code of the function, as in law/rules"},
            "exclusions": {
                "type": "array",
                "items": one_of(Exclusion.values),
                "maxItems": len(Exclusion),
                "uniqueItems": True,
                "description": "Treatments that the service contains",
            },
            "together_with": {**CODES, "description": "Other functions in the same arrangement"},
            "proposed": {**CODES, "description": "Proposed instruments to add, by the last part of their address"},
        },
        "required": ["on", "body", "function"],
        "additionalProperties": False,
    },
)
QUESTION_EXAMPLE = {"power": "s75", "on": "2016-04-01", "body": "nhs_england", "function": "primary-medical"}
