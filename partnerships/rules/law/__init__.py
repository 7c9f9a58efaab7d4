"""Whether an arrangement is lawful on the days that matter, explained rule by rule.

`legal_findings` judges an agreement, `answer` the question whether some bodies may pool a function on a day. Only a
rule read in its instrument decides; every other rule leaves the point not settled.
"""

from partnerships.rules.law.facts import AgreementFacts, CommissionerConsent, PartnerFact, Question, ServiceFact
from partnerships.rules.law.findings import legal_findings
from partnerships.rules.law.questions import (
    Answer,
    BodyAnswer,
    Change,
    PowerLine,
    answer,
    changes_between,
    other_powers,
    reason,
)
from partnerships.rules.law.ruleset import RuleSet
from partnerships.rules.law.values import Finding, LawFunction, LawRule, gravest_first, verdict

__all__ = [
    "AgreementFacts",
    "Answer",
    "BodyAnswer",
    "Change",
    "CommissionerConsent",
    "Finding",
    "LawFunction",
    "LawRule",
    "PartnerFact",
    "PowerLine",
    "Question",
    "RuleSet",
    "ServiceFact",
    "answer",
    "changes_between",
    "gravest_first",
    "legal_findings",
    "other_powers",
    "reason",
    "verdict",
]
