"""The Contributions tab of a fund's year: its first sentence, its figures and its tables."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from budgets.queries.pools.contributions import ContributionShown, ContributionsShown
from budgets.rules.pools.contributions import Sums, shares_of
from budgets.rules.pools.instalments import AGE_LABELS
from budgets.rules.words import Sentence, said
from budgets.terms import ComponentKind, ContributionKind, InKindKind, OutsideKind
from pooledcare.kernel.cards import Card
from pooledcare.kernel.days import written
from pooledcare.kernel.formats import percent
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import Cell, Column, Table

NOTHING = Decimal(0)
Address = Callable[[str, int], str]  # of a page, by route and key


def sentences(found: ContributionsShown, year: FinancialYear) -> list[Sentence]:
    """What is agreed, by whom, and what is overdue from whom."""
    if not found.contributions:
        return [said(f"No contribution is recorded for {year} yet.")]
    partners = found.by_partner()
    amounts = [sum((each.paid for each in shown), NOTHING) for _, shown in partners]
    names = ", ".join(
        f"{partner.name} {_share(share)}" for (partner, _), share in zip(partners, shares_of(amounts), strict=True)
    )
    overdue = [(partner.name, sum((_overdue(each) for each in shown), NOTHING)) for partner, shown in partners]
    owed = " and ".join(f"{pounds(amount)} is overdue from {name}" for name, amount in overdue if amount > 0)
    first = f"{pounds(found.agreed)} is agreed for {year}: {names}"
    return [
        said(f"{first}; {owed}." if owed else f"{first}; nothing is overdue."),
        *(
            said(
                f"The allocation {short.draw.stream.name} of {short.draw.organisation.name} is {pounds(short.by)} less "
                "than pooled funds draw on it."
            )
            for short in found.short
        ),
    ]


def cards(found: ContributionsShown) -> list[Card]:
    standings = [each.standing for shown in found.contributions for each in shown.instalments]
    received = sum((each.received for each in standings), NOTHING)
    suspended = sum((each.suspended for each in standings), NOTHING)
    provisional = sum((each.paid for each in found.contributions if each.provisional), NOTHING)
    return [
        Card("Due by today", pounds(sum((each.due for each in standings), NOTHING)), f"of {pounds(found.agreed)}"),
        Card("Received", pounds(received)),
        Card("Overdue", pounds(sum((each.overdue for each in standings), NOTHING)), f"{pounds(suspended)} suspended"),
        Card("Provisional", pounds(provisional)),
    ]


def by_partner(found: ContributionsShown, address: Address) -> Table:
    columns = (
        Column("Partner"),
        Column("Contribution"),
        Column("Gross", "pounds"),
        Column("Client income", "pounds"),
        Column("Net", "pounds"),
        Column("Paid into the fund", "pounds"),
        Column("Status"),
    )
    rows: list[list[Cell]] = []
    whole = Sums()
    for partner, shown in found.by_partner():
        for each in shown:
            of, sums = each.contribution, each.sums
            whole += sums
            name = {"value": contribution_name(each), "url": address("budgets:contribution-detail", of.pk)}
            status = {"value": "Provisional", "note": each.provisional} if each.provisional else "Firm"
            rows.append([partner.name, name, sums.gross, sums.client_income, sums.net, each.paid, status])
    foot = [["Total", "", whole.gross, whole.client_income, whole.net, found.agreed, ""]]
    foot = [[cell if cell != "" else {"value": None, "missing": "–"} for cell in foot[0]]]
    return Table("contributions", "Contributions", columns, rows, foot if rows else [], "No contribution yet.")


def contribution_name(shown: ContributionShown) -> str:
    of = shown.contribution
    stream = f", from {of.stream.name}" if of.stream else ""
    return f"{ContributionKind(of.kind).label}{stream}"


def instalments(found: ContributionsShown, address: Address) -> Table:
    columns = (
        Column("Due", "date"),
        Column("Partner"),
        Column("Amount", "pounds"),
        Column("Invoiced", "date", "Not invoiced"),
        Column("Received", "pounds"),
        Column("Overdue", "pounds"),
        Column("State"),
    )
    every = [each for shown in found.contributions for each in shown.instalments]
    every.sort(key=lambda each: (each.instalment.due_on, each.instalment.pk))
    rows: list[list[Cell]] = []
    for each in every:
        one, state = each.instalment, each.standing
        words = f"Suspended: {state.suspended_for}" if state.suspended_for else state.age or _state(state)
        due = {"value": one.due_on, "url": address("budgets:instalment-event", one.pk)}
        partner = one.contribution.partner.name
        rows.append([due, partner, one.amount, state.invoiced_on, state.received, state.overdue, words])
    return Table("instalments", "Instalments", columns, rows, empty="No instalment yet.")


def ageing(found: ContributionsShown) -> Table:
    """What is overdue from each partner, by how long."""
    columns = (Column("Partner"), *(Column(label, "pounds") for label in AGE_LABELS), Column("All", "pounds"))
    rows = []
    for partner, shown in found.by_partner():
        standings = [each.standing for one in shown for each in one.instalments if each.standing.overdue]
        if standings:
            ages = [sum((each.overdue for each in standings if each.age == age), NOTHING) for age in AGE_LABELS]
            rows.append([partner.name, *ages, sum(ages, NOTHING)])
    return Table("ageing", "Overdue, by days since it was due", columns, rows, empty="Nothing is overdue.")


def in_kind(found: ContributionsShown) -> Table:
    columns = (Column("Partner"), Column("Kind"), Column("What"), Column("Notional value", "pounds", "Not valued"))
    rows = [[each.partner.name, InKindKind(each.kind).label, each.what, each.notional_value] for each in found.in_kind]
    return Table("in-kind", "In kind: never added to the money", columns, rows, empty="Nothing in kind.")


def outside(found: ContributionsShown) -> Table:
    columns = (Column("Partner"), Column("Kind"), Column("For"), Column("Amount", "pounds"))
    rows = [[each.partner.name, OutsideKind(each.kind).label, each.what, each.amount] for each in found.outside]
    return Table("outside", "Beside the fund: not in it", columns, rows, empty="No money beside the fund.")


def confirmations(found: ContributionsShown) -> Table:
    columns = (
        Column("Partner"), Column("Quarter", "number"), Column("It says", "pounds"), Column("Here", "pounds"),
        Column("Agrees"),
    )  # fmt: skip
    newest = {(each.partner.name, each.quarter): each for each in found.confirmations}
    rows = [
        [name, quarter, each.amount, each.shown, "Yes" if each.agrees else {"value": "No", "note": each.note}]
        for (name, quarter), each in sorted(newest.items())
    ]
    return Table("balances", "Balances confirmed by the partners", columns, rows, empty="No balance is confirmed yet.")


def components(shown: ContributionShown) -> Table:
    columns = (
        Column("From", "date"), Column("Component"), Column("Gross", "pounds"), Column("Client income", "pounds"),
        Column("Net", "pounds"), Column("Reason", missing="–"),
    )  # fmt: skip
    rows = [
        [each.effective_on, ComponentKind(each.kind).label, each.gross, each.client_income, each.net, each.reason]
        for each in shown.components
    ]
    sums = shown.sums
    dash = {"value": None, "missing": "–"}
    foot = [["Total", dash, sums.gross, sums.client_income, sums.net, dash]]
    return Table("components", "Components of the amount", columns, rows, foot)


def notices(found: ContributionsShown) -> list[Sentence]:
    """A sentence for each cut of which the other partners have notice."""
    return [
        said(
            f"{each.component.contribution.partner.name} contributes {pounds(-each.component.net)} less from "
            f"{written(each.component.effective_on)}. It touches: {each.touches}"
        )
        for each in found.notices
    ]


def _share(share: Decimal) -> str:
    """Per cent with as many decimals, up to two, as there are."""
    return percent(share, 0 if (share * 100) % 1 == 0 else 2)


def _overdue(shown: ContributionShown) -> Decimal:
    return sum((each.standing.overdue for each in shown.instalments), NOTHING)


def _state(state: object) -> str:
    if not state.outstanding:  # type: ignore[attr-defined]
        return "Received"
    return "Due today" if state.is_due else "Not due yet"  # type: ignore[attr-defined]
