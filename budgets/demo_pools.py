"""The money of an illustrative fund: a year that is closed, and the present one to October, which one partner lacks.

The fund is that of Mereshire's integrated arrangement, between the county (host) and the board. In 2025-26 the board
paid more for its scheme than was planned. In 2026-27 the board has supplied nothing for October. All amounts are
invented.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from budgets.actions.contributions import add_contribution, add_in_kind, record_instalment_event, set_instalments
from budgets.actions.ledger import carry_forward, post_journal
from budgets.actions.periods import lock_period, start_closing
from budgets.actions.plans import LineIn, add_line, submit_plan
from budgets.actions.pool_years import open_year
from budgets.models import Contribution, Instalment, Period, PoolYear
from budgets.rules.pools.ledger import simple_entries
from budgets.terms import (
    AgreedBasis,
    ComponentKind,
    ContributionKind,
    FundedFrom,
    InKindKind,
    InstalmentEventKind,
    JournalKind,
    Recurrence,
    StreamNature,
)
from partnerships.models import Agreement, Pool, SchemeTerms
from pooledcare.directory.access import Actor, system_actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.money import split
from pooledcare.kernel.periods import FinancialYear, Month

COUNTY, BOARD = "Z0L1", "Z0B1"
K = JournalKind
# Pounds of each year: contribution of county and board, and what is spent in a month by each.
GIVEN = {COUNTY: Decimal("1200000.00"), BOARD: Decimal("1800000.00")}
SPENT = {2025: (Decimal("1452300.10"), Decimal("1638199.91")), 2026: (Decimal("1410000.00"), Decimal("1812000.00"))}
MONTHS = {2025: 12, 2026: 7}
QUARTER_STARTS = (1, 4, 7, 10)


def make_demo_pools() -> list[PoolYear]:
    """The two years of the fund; those that are there already, if they were made before."""
    agreement = Agreement.objects.filter(is_illustrative=True, places__place__slug="mereshire").order_by("pk").first()
    if agreement is None:
        raise RuntimeError("The illustrative agreements are made first.")
    pool = agreement.pools.order_by("pk").first()
    if pool is None:
        raise RuntimeError(f"{agreement.reference} has no fund.")
    made = list(PoolYear.objects.filter(pool=pool).order_by("financial_year"))
    return made or [_Year(pool, 2025).tell(), _Year(pool, 2026).tell()]


class _Year:
    """One year of the fund, told month by month."""

    def __init__(self, pool: Pool, start: int) -> None:
        self.by: Actor = system_actor("demo")
        self.bodies = {code: Organisation.objects.get(code=code) for code in (COUNTY, BOARD)}
        self.start = start
        self.year = open_year(pool=pool, year=FinancialYear(start), by=self.by)
        terms = SchemeTerms.objects.filter(pool=pool).order_by("scheme_id").select_related("scheme")
        found = list(dict.fromkeys(each.scheme for each in terms))
        self.schemes = [found[0], found[-1]]

    def tell(self) -> PoolYear:
        self._contributions()
        self._plan()
        for number in range(1, MONTHS[self.start] + 1):
            self._month(Month(self.year.year, number))
        if self.start == 2025:
            self._close(13)
        else:
            carry_forward(pool_year=PoolYear.objects.get(pool=self.year.pool, financial_year=2025), by=self.by)
            self._close(5)
        return self.year

    def _contributions(self) -> None:
        for code, amount in GIVEN.items():
            is_county = code == COUNTY
            made = add_contribution(
                pool_year=self.year,
                partner=self.bodies[code],
                stream=None,
                kind=ContributionKind.ADDITIONAL_COUNCIL if is_county else ContributionKind.ADDITIONAL_NHS,
                funded_from=FundedFrom.OWN,
                nature=StreamNature.REVENUE,
                recurrence=Recurrence.RECURRENT,
                basis=AgreedBasis.NET,
                component=ComponentKind.BASELINE,
                gross=amount,
                organisation=self.bodies[code],
                by=self.by,
            )
            set_instalments(contribution=made, method="quarterly_advance", organisation=self.bodies[code], by=self.by)
        add_in_kind(
            pool_year=self.year,
            partner=self.bodies[COUNTY],
            kind=InKindKind.PREMISES,
            what="Two rooms for the team (illustrative)",
            notional_value=Decimal("18000.00"),
            organisation=self.bodies[COUNTY],
            by=self.by,
        )

    def _plan(self) -> None:
        for scheme, code in zip(self.schemes, (COUNTY, BOARD), strict=False):
            add_line(
                pool_year=self.year,
                said=LineIn(
                    scheme=scheme,
                    source=self.bodies[code],
                    commissioner=self.bodies[code],
                    expenditure=GIVEN[code],
                    client_income=Decimal("0.00"),
                    area_of_spend="Social care" if code == COUNTY else "Community health",
                    description="Illustrative",
                ),
                organisation=self.bodies[code],
                by=self.by,
            )
        submit_plan(pool_year=self.year, organisation=self.bodies[COUNTY], by=self.by)

    def _month(self, month: Month) -> None:
        if month.period in QUARTER_STARTS:
            for code in GIVEN:
                self._instalment(code, month)
        county, board = (split(total, [1] * 12)[month.period - 1] for total in SPENT[self.start])
        self._post(K.INVOICE, county, month.last_day, scheme=0)
        self._post(K.PAYMENT, county, month.last_day)
        if self.start == 2026 and month.period == MONTHS[2026]:
            return  # the board has not supplied this month
        self._post(K.PARTNER_PAID, board, month.last_day, code=BOARD, partner=BOARD, scheme=1)
        if month.period % 3 == 0:
            self._post(K.REIMBURSEMENT, board * 2, month.last_day, partner=BOARD)

    def _instalment(self, code: str, month: Month) -> None:
        contribution = Contribution.objects.get(pool_year=self.year, partner=self.bodies[code])
        due = Instalment.objects.filter(contribution=contribution).order_by("due_on", "pk")
        instalment = due[QUARTER_STARTS.index(month.period)]
        self._post(K.CONTRIBUTION_DUE, instalment.amount, month.first_day, partner=code)
        if self.start == 2026 and code == BOARD and month.period == 7:
            return  # the instalment of October is not paid
        on = month.first_day + dt.timedelta(days=14)
        record_instalment_event(
            instalment=instalment,
            kind=InstalmentEventKind.RECEIVED,
            on=on,
            amount=instalment.amount,
            organisation=self.bodies[COUNTY],
            by=self.by,
        )
        self._post(K.CONTRIBUTION_RECEIVED, instalment.amount, on, partner=code)

    def _post(
        self,
        kind: JournalKind,
        amount: Decimal,
        on: dt.date,
        *,
        code: str = COUNTY,
        partner: str = "",
        scheme: int = -1,
    ) -> None:
        entries = simple_entries(
            kind,
            amount,
            partner_id=self.bodies[partner].pk if partner else None,
            scheme_id=self.schemes[scheme].pk if scheme >= 0 else None,
        )
        post_journal(
            pool_year=self.year,
            kind=kind,
            on=on,
            entries=entries,
            reason="Illustrative",
            organisation=self.bodies[code],
            by=self.by,
        )

    def _close(self, last: int) -> None:
        for period in Period.objects.filter(pool_year=self.year, number__lte=last).order_by("number"):
            lock_period(period=start_closing(period=period, by=self.by), by=self.by)
