"""What the law is applied to: the facts of an agreement, or a question about one body, function and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from partnerships.terms import Exemption


@dataclass(frozen=True, slots=True)
class CommissionerConsent:
    """A commissioner with which an NHS trust has a contract for the persons concerned. No date: not consented yet."""

    commissioner: str
    consented_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class PartnerFact:
    """A partner of one kind for some days; without dates, for the whole term.

    `key` distinguishes partners of one kind.
    """

    kind: str
    key: str = ""
    start: dt.date | None = None
    end: dt.date | None = None
    contributes: bool = True
    consents: frozenset[CommissionerConsent] = frozenset()

    def is_there_on(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """A function in the agreement, with what its service contains. Without a holder, any partner may hold it.

    `delegation_evidence` says where it is recorded that the delegation lets its delegate pool the function.
    """

    function: str
    holder: str = ""
    exclusions: frozenset[str] = frozenset()
    start: dt.date | None = None
    end: dt.date | None = None
    delegation_evidence: str = ""

    def is_there_on(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """The facts of an agreement that the law depends on. None means not recorded, which differs from False."""

    power: str
    start: dt.date
    partners: frozenset[PartnerFact]
    services: frozenset[ServiceFact]
    end: dt.date | None = None
    variations: frozenset[dt.date] = frozenset()
    successions: frozenset[dt.date] = frozenset()
    flexibilities: frozenset[str] = frozenset()
    improvement: bool | None = None
    consulted: bool | None = None
    exemption: Exemption | None = None
    has_voluntary_schemes: bool = False
    plan_fit: bool | None = None
    terms: frozenset[str] | None = None

    def days_to_check(self) -> list[dt.date]:
        """The start, each variation and succession, and each later day on which a partner or service joins."""
        joining = {partner.start for partner in self.partners} | {service.start for service in self.services}
        later = {day for day in self.variations | self.successions | joining if day and self.contains(day)}
        return sorted({self.start} | later)

    def contains(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def partners_on(self, day: dt.date) -> list[PartnerFact]:
        return [each for each in self.partners if each.is_there_on(day)]

    def services_on(self, day: dt.date) -> list[ServiceFact]:
        return [each for each in self.services if each.is_there_on(day)]


@dataclass(frozen=True, slots=True)
class Question:
    """May these kinds of body pool this function on this day, with these treatments in it, beside these functions?"""

    power: str
    on: dt.date
    bodies: frozenset[str]
    function: str
    exclusions: frozenset[str] = frozenset()
    together_with: frozenset[str] = frozenset()
