"""The years of funds at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from budgets.models import PoolYear
from budgets.queries.pools.position import Standing
from budgets.rules.words import Sentence, said
from pooledcare.kernel.cards import Card
from pooledcare.kernel.money import pounds
from pooledcare.kernel.periods import FinancialYear, Month
from pooledcare.kernel.tables import Cell, Column, Table

NOT_RECORDED = "Not recorded"


def years(found: Sequence[tuple[str, PoolYear]], stand: Mapping[int, Standing]) -> Table:
    """Each year of each fund: contributed, planned and spent, net of client income, in pounds."""
    columns = [
        Column("Fund and year"),
        Column("Contributed, £", "pounds", missing=NOT_RECORDED),
        Column("Planned, £", "pounds", missing=NOT_RECORDED),
        Column("Spent, £", "pounds", missing=NOT_RECORDED),
        Column("Locked until", missing="No month"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": f"{name}, {each.year}", "url": each.get_absolute_url()},
            stand[each.pk].contributed,
            stand[each.pk].planned,
            stand[each.pk].spent,
            locked_until(stand[each.pk], each.year),
        ]
        for name, each in found
    ]
    return Table("years", "Funds and years", columns, rows, empty="No year of a fund is open yet.")


def locked_until(stands: Standing, year: FinancialYear) -> str:
    return Month(year, stands.locked).label if stands.locked else ""


def sentence(stands: Standing, year: FinancialYear) -> Sentence:
    """What the page of a year says first."""
    if stands.contributed is None and stands.planned is None and stands.spent is None:
        return said(f"Nothing is recorded for {year} yet.")
    parts = []
    if stands.contributed is not None:
        parts.append(f"{pounds(stands.contributed)} is contributed")
    if stands.planned is not None:
        parts.append(f"{pounds(stands.planned)} is planned")
    if stands.spent is not None:
        parts.append(f"{pounds(stands.spent)} is spent so far")
    first = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    missing = [
        name
        for name, amount in (
            ("contribution", stands.contributed), ("plan", stands.planned), ("spending", stands.spent)
        )
        if amount is None
    ]  # fmt: skip
    rest = f" No {' and no '.join(missing)} is recorded." if missing else ""
    return said(f"For {year}, {first}.{rest}")


def cards(stands: Standing, year: FinancialYear) -> list[Card]:
    """The figures of a year that are recorded, with what each is compared with."""
    found = []
    if stands.contributed is not None:
        found.append(Card("Contributed, net", pounds(stands.contributed), "agreed by the partners"))
    if stands.planned is not None:
        found.append(Card("Planned, net", pounds(stands.planned), _against(stands)))
    if stands.spent is not None:
        note = f"locked until {locked_until(stands, year)}" if stands.locked else "no month is locked"
        found.append(Card("Spent, net", pounds(stands.spent), note))
    if stands.cash is not None:
        found.append(Card("Cash held", pounds(stands.cash), "by the host"))
    return found


def _against(stands: Standing) -> str:
    if stands.contributed is None or stands.planned is None:
        return ""
    more = stands.planned - stands.contributed
    if not more:
        return "as much as is contributed"
    return f"{pounds(abs(more))} {'more' if more > 0 else 'less'} than is contributed"
