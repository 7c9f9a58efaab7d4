"""Tables of a fund's ledger and periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from budgets.models import Entry, Journal, Period, PeriodStatus
from budgets.rules.pools.ledger import Position
from budgets.rules.words import Sentence, said
from budgets.terms import Account, JournalKind, PeriodState
from pooledcare.kernel.cards import Card
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import Cell, Column, Table

NONE = "None"


def journals(found: Iterable[Journal], address: Callable[[int], str]) -> Table:
    """The journals, newest first; amounts are the sums of their debits."""
    columns = [
        Column("Journal"),
        Column("Amount, £", "pounds"),
        Column("Day", "date"),
        Column("Period"),
        Column("What"),
        Column("Posted by"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": each.reference, "url": address(each.pk)},
            each.debits,  # type: ignore[attr-defined]
            each.on,
            each.period.month.label,
            {
                "value": str(JournalKind(each.kind).label),
                "note": "reversed" if each.is_reversed else "",  # type: ignore[attr-defined]
            },
            each.organisation.name,
        ]
        for each in found
    ]
    return Table("journals", "Journals", columns, rows, empty="Nothing is posted yet.")


def entries(found: Iterable[Entry], names: Mapping[int, str]) -> Table:
    """The entries of one journal: debits and credits in columns of their own. `names` are schemes by id."""
    columns = [
        Column("Account"),
        Column("Debit, £", "pounds", missing="–"),
        Column("Credit, £", "pounds", missing="–"),
        Column("Partner", missing=NONE),
        Column("Scheme", missing=NONE),
        Column("Description", missing=NONE),
    ]
    rows: list[list[Cell]] = [
        [
            str(Account(each.account).label),
            each.amount if each.amount > 0 else None,
            -each.amount if each.amount < 0 else None,
            each.partner.name if each.partner else "",
            names.get(each.scheme_id or 0, ""),
            each.description,
        ]
        for each in found
    ]
    return Table("entries", "Entries", columns, rows)


def schemes(spent: Mapping[int | None, tuple[Decimal, Decimal]], names: Mapping[int, str]) -> Table:
    """Gross expenditure, client income and net expenditure by scheme, in pounds."""
    columns = [
        Column("Scheme"),
        Column("Net, £", "pounds"),
        Column("Gross, £", "pounds"),
        Column("Client income, £", "pounds"),
    ]
    rows: list[list[Cell]] = [
        [names.get(scheme or 0, "No scheme"), gross - income, gross, income]
        for scheme, (gross, income) in sorted(spent.items(), key=lambda item: names.get(item[0] or 0, "~"))
    ]
    totals = [sum((pair[each] for pair in spent.values()), Decimal("0.00")) for each in (0, 1)]
    foot: list[list[Cell]] = [["All schemes", totals[0] - totals[1], totals[0], totals[1]]]
    return Table("spent", "Spent by scheme", columns, rows, foot=foot if rows else [], empty="Nothing is spent yet.")


def periods(
    found: Iterable[Period], not_supplied: Mapping[int, str], address: Callable[[int], str], asked: Mapping[int, str]
) -> Table:
    """Each month with its state. `not_supplied` names, by period number, who has posted nothing to it."""
    columns = [
        Column("Period"),
        Column("State"),
        Column("Not supplied by", missing=NONE),
        Column("Reopening", missing=NONE),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": each.month.label, "url": address(each.number)},
            str(PeriodState(each.state).label),
            not_supplied.get(each.number, ""),
            asked.get(each.number, ""),
        ]
        for each in found
    ]
    return Table("periods", "Periods", columns, rows)


def balances(stands: Position, names: Mapping[int, str]) -> Table:
    """What the fund owns and owes at the end of what is posted, in pounds."""
    columns = [Column("Balance"), Column("Amount, £", "pounds")]
    rows: list[list[Cell]] = [["Cash held by the host", stands.cash]]
    rows += [[f"To be received from {names.get(pk, pk)}", amount] for pk, amount in stands.receivable.items()]
    rows += [[f"Owed to {names.get(pk, pk)}", amount] for pk, amount in stands.owed_to.items()]
    rows += [["Payable to providers", stands.payables], ["Accruals", stands.accruals]]
    if stands.brought_forward:
        rows.append(["Brought forward", stands.brought_forward])
    return Table("balances", "What the fund holds and owes", columns, rows)


def sentences(stands: Position, year: FinancialYear) -> list[Sentence]:
    """What the page says first."""
    if not stands.spent and not stands.income:
        return [said(f"Nothing is posted for {year} yet.")]
    so_far = f"{pounds(stands.spent)} is spent of {pounds(stands.income)} received or due for {year}"
    if stands.variance > 0:
        return [said(f"{so_far}: {pounds(stands.variance)} more than the fund has.")]
    if stands.variance < 0:
        return [said(f"{so_far}: {pounds(-stands.variance)} is left.")]
    return [said(f"{so_far}: nothing is left.")]


def cards(stands: Position) -> list[Card]:
    unpaid = sum(stands.receivable.values(), Decimal("0.00"))
    return [
        Card(
            "Contributions due",
            pounds(stands.contributed),
            f"{pounds(unpaid)} not received",
        ),
        Card("Spent", pounds(stands.spent), f"{pounds(stands.client_income)} client income"),
        Card("Cash held", pounds(stands.cash), f"{pounds(stands.payables + stands.accruals)} to be paid"),
    ]


def period_sentences(found: Sequence[Period], missing: Mapping[int, str]) -> list[Sentence]:
    locked = [each for each in found if each.state in (PeriodState.LOCKED, PeriodState.ARCHIVED)]
    first = f"{len(locked)} of {len(found)} periods are locked" if locked else "No period is locked yet"
    last = max(missing, default=0)
    if not last:
        return [said(f"{first}; nobody is late.")]
    label = next(each.month.label for each in found if each.number == last)
    return [said(f"{first}. For {label}, nothing has come from {missing[last]}.")]


def period_history(found: Iterable[PeriodStatus]) -> Table:
    columns = [Column("When", "moment"), Column("What"), Column("By"), Column("Reason", missing=NONE)]
    rows: list[list[Cell]] = [
        [
            each.at,
            "Reopening asked" if each.asks_to_reopen else str(PeriodState(each.state).label),
            each.organisation.name,
            each.reason,
        ]
        for each in found
    ]
    return Table("history", "History", columns, rows, empty="It has been open from the start.")
