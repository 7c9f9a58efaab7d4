"""The content of an agreement as frozen values, used by pages, the API, comparisons and the judging of law."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Body:
    """The facts about an organisation that agreements need."""

    pk: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlaceNamed:
    pk: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PartnerContent:
    """A partner on a given day. `since` is its first day; `succeeds` is the partner that it replaced, if any."""

    pk: int
    body: Body
    role: str
    contributes: bool
    since: dt.date | None
    succeeds: Body | None = None


@dataclass(frozen=True, slots=True)
class FunctionContent:
    """A statutory function of a scheme, its holder, and the excluded treatments that its services contain."""

    code: str
    name: str
    holder: Body | None
    exclusions: tuple[str, ...]
    delegation_evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTermsContent:
    """What a deed says about the money of a fund or a scheme. For shares, see `pooledcare.kernel.year_shares`."""

    information_shared: str = ""
    information_every: str = ""
    information_days: int | None = None
    monitoring_percent: Decimal | None = None
    monitoring_pounds: Decimal | None = None
    monitoring_rule: str = ""
    tolerance_percent: Decimal | None = None
    early_warning_percent: Decimal | None = None
    instalments: str = ""
    instalment_count: int | None = None
    instalment_shares: tuple[str, ...] = ()
    no_budget: str = ""
    no_budget_months: int | None = None
    income_basis: str = ""


@dataclass(frozen=True, slots=True)
class DeputyContent:
    office: str
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True, slots=True)
class LimitContent:
    """A delegated limit, in pounds. It is None if the officer may act without limit."""

    partner: Body
    office: str
    power: str
    limit: Decimal | None
    is_unlimited: bool
    deputies: tuple[DeputyContent, ...]


@dataclass(frozen=True, slots=True)
class PoolContent(MoneyTermsContent):
    pk: int
    slug: str
    name: str
    kind: str
    host: Body | None
    manager: str
    manager_employer: Body | None
    vat_structure: str
    vat_regime: str
    irrecoverable_vat: Decimal | None
    vat_advice: str
    accounting: str
    limits: tuple[LimitContent, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemeContent(MoneyTermsContent):
    pk: int
    slug: str
    name: str
    aims: str
    services: str
    client_group: str
    geography: str
    providers: str
    governance: str
    exit_terms: str
    flexibilities: tuple[str, ...]
    ways_of_working: tuple[str, ...]
    lead: Body | None
    pool: str
    start_on: dt.date | None
    end_on: dt.date | None
    notice_months: int | None
    is_voluntary: bool
    functions: tuple[FunctionContent, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """An agreement as it reads on one day. Clauses are pairs of kind and text, in the order of `ClauseKind`."""

    title: str
    power: str
    start: dt.date | None
    end: dt.date | None
    notice_months: int | None
    review_on: tuple[dt.date, ...]
    places: tuple[PlaceNamed, ...]
    partners: tuple[PartnerContent, ...]
    pools: tuple[PoolContent, ...]
    schemes: tuple[SchemeContent, ...]
    clauses: tuple[tuple[str, str], ...]

    def clause(self, kind: str) -> str:
        return next((text for name, text in self.clauses if name == kind), "")

    def pool(self, slug: str) -> PoolContent | None:
        return next((pool for pool in self.pools if pool.slug == slug), None)

    def scheme(self, slug: str) -> SchemeContent | None:
        return next((scheme for scheme in self.schemes if scheme.slug == slug), None)

    @property
    def flexibilities(self) -> frozenset[str]:
        return frozenset(code for scheme in self.schemes for code in scheme.flexibilities)

    @property
    def function_codes(self) -> frozenset[str]:
        return frozenset(function.code for scheme in self.schemes for function in scheme.functions)
