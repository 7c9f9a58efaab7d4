"""Reading the ledger of a fund: sums, how it stands, journals and periods."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from budgets.models import Contribution, Entry, Journal, Period, PeriodStatus, PoolTotal, PoolYear
from budgets.rules.pools.ledger import Position, position
from budgets.terms import Account, JournalKind, PeriodState
from partnerships.models import Agreement, AgreementSummary, SchemeTerms
from partnerships.terms import Audience, DeedState
from pooledcare.directory.models import Organisation
from pooledcare.kernel.names import joined

CLOSED = (PeriodState.LOCKED, PeriodState.ARCHIVED)
AUTOMATIC = (JournalKind.OPENING, JournalKind.ACCRUAL_REVERSED)

# Totals that differ from the sum of their entries, or that stand for no entry.
DIFFERENT = """
select count(*) from (
    select pool_year_id, period_id, account, partner_id, scheme_id, stream_id, amount, entries from budgets_pooltotal
    except all
    select j.pool_year_id, j.period_id, e.account, e.partner_id, e.scheme_id, e.stream_id, sum(e.amount), count(*)
    from budgets_entry e join budgets_journal j on j.id = e.journal_id group by 1, 2, 3, 4, 5, 6
) as wrong
"""
MISSING = """
select count(*) from (
    select j.pool_year_id, j.period_id, e.account, e.partner_id, e.scheme_id, e.stream_id, sum(e.amount), count(*)
    from budgets_entry e join budgets_journal j on j.id = e.journal_id group by 1, 2, 3, 4, 5, 6
    except all
    select pool_year_id, period_id, account, partner_id, scheme_id, stream_id, amount, entries from budgets_pooltotal
) as missing
"""


def different_totals() -> int:
    """How many totals differ from their entries, or are missing."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT)
        wrong = int(cursor.fetchone()[0])
        cursor.execute(MISSING)
        return max(wrong, int(cursor.fetchone()[0]))


def sums(pool_year: PoolYear) -> list[tuple[str, int | None, Decimal]]:
    """Sums of the year's entries by account and partner."""
    found = PoolTotal.objects.filter(pool_year=pool_year).values_list("account", "partner_id").order_by()
    return list(found.annotate(total=Sum("amount")).order_by("account", "partner_id"))


def position_of(pool_year: PoolYear) -> Position:
    """How the fund stands in this year. One query."""
    return position(sums(pool_year))


def spent_by_scheme(pool_year: PoolYear) -> dict[int | None, tuple[Decimal, Decimal]]:
    """Expenditure and client income of each scheme, by its id; None: of no scheme. In pounds, both positive."""
    found: dict[int | None, tuple[Decimal, Decimal]] = {}
    accounts = (Account.EXPENDITURE, Account.CLIENT_INCOME)
    rows = PoolTotal.objects.filter(pool_year=pool_year, account__in=accounts).values_list("scheme_id", "account")
    for scheme, account, amount in rows.annotate(total=Sum("amount")).order_by("scheme_id", "account"):
        spent, income = found.get(scheme, (Decimal("0.00"), Decimal("0.00")))
        found[scheme] = (spent + amount, income) if account == Account.EXPENDITURE else (spent, income - amount)
    return found


def periods_of(pool_year: PoolYear) -> list[Period]:
    return list(Period.objects.filter(pool_year=pool_year).select_related("pool_year").order_by("number"))


def locked_numbers(pool_year: PoolYear) -> list[int]:
    found = Period.objects.filter(pool_year=pool_year, state__in=CLOSED).order_by("number")
    return list(found.values_list("number", flat=True))


def journals_of(pool_year: PoolYear, *, period: int | None = None) -> QuerySet[Journal]:
    """The newest first, with whether each is reversed."""
    reversal = Journal.objects.filter(reverses=OuterRef("pk"))
    found = Journal.objects.filter(pool_year=pool_year).select_related("period__pool_year", "organisation", "reverses")
    if period is not None:
        found = found.filter(period__number=period)
    debits = Sum("entries__amount", filter=Q(entries__amount__gt=0))
    return found.annotate(is_reversed=Exists(reversal), debits=debits).order_by("-pk")


def journal_of(pool_year: PoolYear, pk: int) -> Journal | None:
    return journals_of(pool_year).filter(pk=pk).first()


def entries_of(journal: Journal) -> list[Entry]:
    related = ("partner", "stream", "scheme", "plan_line", "provider", "paid_by")
    return list(Entry.objects.filter(journal=journal).select_related(*related).order_by("pk"))


def figures_hash(period: Period) -> str:
    """SHA-256 of the period's totals, in a stable order."""
    rows = PoolTotal.objects.filter(period=period).order_by("account", "partner_id", "scheme_id", "stream_id")
    text = "\n".join(
        f"{account}|{partner}|{scheme}|{stream}|{amount:.2f}"
        for account, partner, scheme, stream, amount in rows.values_list(
            "account", "partner_id", "scheme_id", "stream_id", "amount"
        )
    )
    return hashlib.sha256(text.encode()).hexdigest()


def period_of_year(pool_year: PoolYear, number: int) -> Period | None:
    return Period.objects.filter(pool_year=pool_year, number=number).select_related("pool_year").first()


def statuses_of(period: Period) -> list[PeriodStatus]:
    return list(PeriodStatus.objects.filter(period=period).select_related("organisation").order_by("pk"))


def request_to_reopen(period: Period) -> PeriodStatus | None:
    """The request that is still open: the newest row of the period, if it is one."""
    newest = PeriodStatus.objects.filter(period=period).order_by("-pk").first()
    return newest if newest is not None and newest.asks_to_reopen else None


def asked_to_reopen(pool_year: PoolYear) -> dict[int, str]:
    """By period number: the reason of a request to reopen it on which nobody has decided."""
    newest = PeriodStatus.objects.filter(period__pool_year=pool_year).order_by("period_id", "-pk").distinct("period_id")
    return {each.period.number: each.reason for each in newest.select_related("period") if each.asks_to_reopen}


def not_supplied(pool_year: PoolYear, partners: Mapping[int, str], *, today: dt.date) -> dict[int, str]:
    """By number of each month that is over: the names of the partners that have posted nothing to it."""
    own = Journal.objects.filter(pool_year=pool_year).exclude(kind__in=AUTOMATIC)
    posted: dict[int, set[int]] = {}
    for number, organisation in own.values_list("period__number", "organisation_id").distinct().order_by():
        posted.setdefault(number, set()).add(organisation)
    over = [month for month in pool_year.year.months if month.last_day < today]
    return {
        month.period: joined(names)
        for month in over
        if (names := [name for pk, name in partners.items() if pk not in posted.get(month.period, set())])
    }


def scheme_names(agreement: Agreement) -> dict[int, str]:
    """The name of each scheme, by its id, in the newest deed that is signed, or in deed 0 while none is."""
    in_use = Q(deed__state=DeedState.SIGNED) | Q(deed__number=0)
    terms = SchemeTerms.objects.filter(in_use, scheme__agreement=agreement).order_by("deed__number")
    return dict(terms.values_list("scheme_id", "name"))


def partner_names(agreement: Agreement) -> dict[int, str]:
    """The partners ever, by id, in order of name."""
    summary = AgreementSummary.objects.get(agreement=agreement, audience=Audience.PARTNERS)
    found = Organisation.objects.filter(pk__in=summary.reader_ids).order_by("name")
    return dict(found.values_list("pk", "name"))


def contributing_partners(pool_year: PoolYear) -> dict[int, str]:
    """The partners with a contribution to the year, by id, in order of name; while none is recorded, all of today."""
    keys = set(Contribution.objects.filter(pool_year=pool_year).values_list("partner_id", flat=True))
    if not keys:
        agreement = pool_year.pool.agreement_id
        keys = set(AgreementSummary.objects.get(agreement=agreement, audience=Audience.PARTNERS).partner_ids)
    return dict(Organisation.objects.filter(pk__in=keys).order_by("name").values_list("pk", "name"))
