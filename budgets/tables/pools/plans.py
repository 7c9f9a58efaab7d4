"""The Plan tab of a fund's year: its first sentence, its figures and its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from budgets.models import PlanMovement, Virement
from budgets.queries.pools.plans import PartnerDecision
from budgets.rules.pools.plan import Line, SchemeYear, Source, SourceBalance, to_date, total
from budgets.rules.words import Sentence, said
from budgets.terms import PlanState
from pooledcare.kernel.cards import Card
from pooledcare.kernel.days import written
from pooledcare.kernel.money import pounds
from pooledcare.kernel.names import joined
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.tables import Column, Table

Address = Callable[[str, int], str]  # of a page, by route and number
_AMOUNTS = (
    Column("Original, net", "pounds"),
    Column("Revised, gross", "pounds"),
    Column("Client income", "pounds"),
    Column("Revised, net", "pounds"),
)


def sentence(lines: Sequence[Line], year: FinancialYear, state: str, decisions: Sequence[PartnerDecision]) -> Sentence:
    """What the plan comes to, and whose approval it waits for."""
    if not lines:
        return said(f"The plan for {year} has no lines yet.")
    revised = total(lines)[1]
    plan = f"The plan for {year} spends {pounds(revised.net)} net of client income"
    if state == PlanState.APPROVED:
        return said(f"{plan}; every partner has approved it.")
    if state == PlanState.DRAFT:
        return said(f"{plan}; it is a draft.")
    waiting = joined(each.partner.name for each in decisions if not each.is_approved)
    return said(f"{plan}; it waits for the approval of {waiting}.")


def cards(lines: Sequence[Line], year: FinancialYear, today: dt.date) -> list[Card]:
    original, revised = total(lines)
    gross_and_income = f"gross {pounds(revised.expenditure)}, client income {pounds(revised.client_income)}"
    by_now = to_date(lines, year, today)
    return [
        Card("Original, net", pounds(original.net)),
        Card("Revised, net", pounds(revised.net), gross_and_income),
        Card(
            "Planned to date, gross",
            "Not known" if by_now is None else pounds(by_now),
            "a line is not divided over the months" if by_now is None else "by the months that have ended",
        ),
    ]


def source_text(source: Source, partners: Mapping[str, str]) -> str:
    """Whose money it is, by name."""
    return f"{partners.get(source.partner, source.partner)}, {source.stream or 'own money'}"


def lines_table(lines: Sequence[Line], names: Mapping[str, str], partners: Mapping[str, str], there: Address) -> Table:
    """The lines by scheme, with the sums of all. `names` are those of schemes, `partners` those of organisations."""
    ordered = sorted(lines, key=lambda line: (names.get(line.scheme, line.scheme), line.number))
    original, revised = total(lines)
    return Table(
        "plan-lines",
        "Lines by scheme",
        (Column("Line"), *_AMOUNTS, Column("Scheme"), Column("Source"), Column("Provider", missing="Not stated")),
        [
            [
                {"value": f"Line {line.number}", "url": there("plan-line-detail", line.number)},
                line.original.net,
                line.revised.expenditure,
                line.revised.client_income,
                line.revised.net,
                names.get(line.scheme, line.scheme),
                source_text(line.source, partners),
                line.provider,
            ]
            for line in ordered
        ],
        foot=[
            ["All lines", original.net, revised.expenditure, revised.client_income, revised.net, "–", "–", "–"],
        ]
        if lines
        else [],
        empty="No line is recorded yet.",
    )


def balances_table(found: Sequence[SourceBalance], partners: Mapping[str, str]) -> Table:
    return Table(
        "plan-sources",
        "Income and expenditure of each source, net",
        (
            Column("Source"),
            Column("Contributed", "pounds"),
            Column("Planned", "pounds"),
            Column("Planned less contributed", "change"),
        ),
        [[source_text(each.source, partners), each.income, each.spend, each.difference] for each in found],
    )


def decisions_table(found: Sequence[PartnerDecision]) -> Table:
    return Table(
        "plan-decisions",
        "Decisions on this plan",
        (
            Column("Partner"),
            Column("Decision", missing="Not decided"),
            Column("When", "moment", missing="–"),
            Column("Note", missing="None"),
        ),
        [
            [
                each.partner.name,
                each.approval and each.approval.get_decision_display(),
                each.approval and each.approval.at,
                each.approval and each.approval.note,
            ]
            for each in found
        ],
    )


def virements_table(found: Sequence[Virement], there: Address) -> Table:
    return Table(
        "virements",
        "Virements",
        (
            Column("Virement"),
            Column("Amount, gross", "pounds"),
            Column("Client income", "pounds"),
            Column("From and to"),
            Column("Applies from", "date"),
            Column("State"),
        ),
        [
            [
                {"value": each.reference, "url": there("virement-detail", each.pk)},
                each.amount,
                each.client_income,
                f"Line {each.from_line.number} to line {each.to_line.number}",
                each.effective_on,
                each.get_state_display(),
            ]
            for each in found
        ],
    )


def movements_table(rows: Sequence[PlanMovement]) -> Table:
    return Table(
        "plan-movements",
        "Movements",
        (
            Column("Applies from", "date"),
            Column("Expenditure", "change"),
            Column("Client income", "change"),
            Column("Kind"),
            Column("Recorded", "moment"),
            Column("Organisation"),
        ),
        [
            [
                each.effective_on,
                each.expenditure,
                each.client_income,
                each.virement.reference if each.virement else each.get_kind_display(),
                each.at,
                each.organisation.name,
            ]
            for each in rows
        ],
    )


def months_table(line: Line, year: FinancialYear) -> Table:
    months = line.months(year) or ()
    return Table(
        "plan-months",
        "Revised plan by month, gross",
        (Column("Month"), Column("Planned", "pounds")),
        [[str(month), amount] for month, amount in zip(year.months, months, strict=False)],
        foot=[["The year", line.revised.expenditure]] if months else [],
    )


def years_table(found: Sequence[SchemeYear]) -> Table:
    return Table(
        "plan-years",
        "The scheme over its years, net",
        (Column("Year", "year"), Column("Planned", "pounds"), Column("In all so far", "pounds")),
        [[str(each.year), each.revised.net, each.so_far.net] for each in found],
    )


def virement_text(virement: Virement) -> str:
    return (
        f"{pounds(virement.amount)} with {pounds(virement.client_income)} of client income moves from line "
        f"{virement.from_line.number} to line {virement.to_line.number} on {written(virement.effective_on)}."
    )
