"""The shapes of rules, questions and answers as the API documents them, each with an example."""

from __future__ import annotations

from typing import Any

from partnerships.terms import (
    Confidence,
    Exclusion,
    FindingSeverity,
    Flexibility,
    InstrumentStatus,
    Outcome,
    Power,
    RuleKind,
)
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.rest.schema import (
    DATE,
    LINK,
    TEXT,
    Answer,
    array,
    component,
    list_answer,
    nullable,
    record,
)

SLUG = {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"}
MOST_PROPOSALS = 20


def one_of(values: list[str], description: str = "") -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "string", "enum": values}
    return shape | {"description": description} if description else shape


RULE = component(
    "LawRule",
    record(
        {
            "code": SLUG,
            "kind": one_of(RuleKind.values),
            "powers": array(one_of(Power.values)),
            "side": nullable(TEXT),
            "function": nullable(SLUG),
            "needs": nullable({**SLUG, "description": "The function that must be in the same arrangement"}),
            "body_kinds": array(one_of(OrganisationKind.values)),
            "subject": nullable({**TEXT, "description": "The condition, term, exclusion or duty it is about"}),
            "flexibilities": array(one_of(Flexibility.values)),
            "allowed": {"type": "boolean"},
            "valid_from": DATE,
            "valid_to": nullable({**DATE, "description": "The last day"}),
            "status": one_of(InstrumentStatus.values, "A rule of a proposed instrument is not law"),
            "instrument": {**TEXT, "description": "Its citation"},
            "ended_by": nullable({**TEXT, "description": "Citation of what ended it"}),
            "provision": TEXT,
            "confidence": one_of(Confidence.values, "Only a rule read in its instrument decides"),
            "text": {**TEXT, "description": "The rule in one sentence"},
            "links": record({"instrument": LINK}),
        }
    ),
)
RULE_EXAMPLE = {
    "code": "fn-primary-medical",
    "kind": "function",
    "powers": ["s31", "s75"],
    "side": None,
    "function": "primary-medical",
    "needs": None,
    "body_kinds": [],
    "subject": None,
    "flexibilities": [],
    "allowed": True,
    "valid_from": "2016-04-01",
    "valid_to": None,
    "status": "in_force",
    "instrument": "SI 2015/1940",
    "ended_by": None,
    "provision": "SI 2000/617 reg 5(a) as amended by SI 2015/1940 reg 2(3)",
    "confidence": "instrument",
    "text": "Arranging primary medical services under section 83 may be pooled from 1 April 2016.",
    "links": {"instrument": "http://localhost:8000/law/instruments/si-2015-1940/"},
}
RULE_PAGE = list_answer(
    "LawRule",
    RULE,
    RULE_EXAMPLE,
    "code,kind,powers,side,function,needs,body_kinds,subject,flexibilities,allowed,valid_from,valid_to,status,"
    "instrument,instrument_slug,ended_by,provision,confidence,text\n",
)

FINDING = component(
    "LegalFinding",
    record(
        {
            "about": {**TEXT, "description": "What it is about, such as function:nhs-s3"},
            "outcome": one_of(Outcome.values),
            "severity": one_of(FindingSeverity.values),
            "on": DATE,
            "sentence": TEXT,
            "rule": SLUG,
            "provision": TEXT,
            "instrument": TEXT,
            "confidence": one_of(Confidence.values),
            "proposed": {"type": "boolean", "description": "Whether it rests on a rule that is only proposed"},
        }
    ),
)
NEEDED = record({"rule": SLUG, "text": TEXT, "provision": TEXT, "confidence": one_of(Confidence.values)})
CHANGE = record({"about": TEXT, "before": nullable(FINDING), "after": nullable(FINDING)})
CHECK = component(
    "LawCheck",
    record(
        {
            "outcome": one_of(Outcome.values, "Under the law in force on the day"),
            "findings": array(FINDING),
            "also_needed": array(NEEDED),
            "with_proposals": nullable(
                {
                    **record({"outcome": one_of(Outcome.values), "changes": array(CHANGE)}),
                    "description": "The same if what is proposed were law; null when nothing was added",
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
CHECK_ANSWER = Answer(
    "The answer, in force and with what is proposed.",
    CHECK,
    {"outcome": "lawful", "findings": [FINDING_EXAMPLE], "also_needed": [], "with_proposals": None},
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
