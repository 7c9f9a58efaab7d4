"""One agreement, its schemes, funds, findings and deeds as tables of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partnerships.rules.agreements import Content, PoolContent, SchemeContent
from partnerships.rules.agreements.missing import MissingItem
from partnerships.rules.agreements.points import Point
from partnerships.tables.drafts import address_of
from partnerships.tables.law import known_by, provision
from partnerships.terms import (
    ApprovalDecision,
    DeedKind,
    DeedState,
    Flexibility,
    Outcome,
    PoolKind,
    Power,
)
from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from partnerships.models import Agreement
    from partnerships.queries.agreements.detail import DeedShown


def day_text(day: dt.date | None) -> str:
    return "" if day is None else date_format(day, "j F Y")


# --- contents of an agreement ----------------------------------------------------------------------------------------


def schemes(content: Content, reference: str, moment: str) -> Table:
    columns = [
        Column("Scheme"),
        Column("Lead", missing="Not named"),
        Column("Fund", missing="No fund"),
        Column("Functions", "number"),
        Column("Flexibilities", missing="None named"),
        Column("Until", "date", "As the agreement"),
    ]
    rows = [_scheme(each, content, reference, moment) for each in content.schemes]
    return Table("schemes", "Schemes", columns, rows, empty="The agreement names no scheme.")


def _scheme(one: SchemeContent, content: Content, reference: str, moment: str) -> list[Cell]:
    pool = content.pool(one.pool)
    address = reverse("partnerships:scheme-detail", args=[reference, one.slug])
    return [
        {"value": one.name, "url": f"{address}{moment}", "note": "Voluntary" if one.is_voluntary else None},
        one.lead.name if one.lead else None,
        pool.name if pool else None,
        len(one.functions),
        "; ".join(str(Flexibility(code).label) for code in one.flexibilities),
        one.end_on,
    ]


def funds(content: Content) -> Table:
    columns = [
        Column("Fund"),
        Column("Kind"),
        Column("Host", missing="Not named"),
        Column("Pool manager", missing="Not named"),
        Column("Schemes", "number"),
    ]
    rows = [_fund(pool, content) for pool in content.pools]
    return Table("funds", "Funds", columns, rows, empty="The agreement sets up no fund.")


def _fund(pool: PoolContent, content: Content) -> list[Cell]:
    return [
        pool.name,
        str(PoolKind(pool.kind).label),
        pool.host.name if pool.host else None,
        pool.manager,
        sum(scheme.pool == pool.slug for scheme in content.schemes),
    ]


@dataclass(frozen=True)
class Glance:
    """The main terms of an agreement in words."""

    term: str
    notice: str
    reviews: str
    power: str
    flexibilities: str
    operating: str


def glance(content: Content, agreement: Agreement) -> Glance:
    return Glance(
        term=term_text(content.start, agreement.ended_on or content.end, has_ended=agreement.ended_on is not None),
        notice=months_text(content.notice_months) or "No period is set",
        reviews="; ".join(day_text(day) for day in content.review_on),
        power=str(Power(content.power).label),
        flexibilities="; ".join(str(code.label) for code in Flexibility if code in content.flexibilities),
        operating=_operating(agreement),
    )


def term_text(start: dt.date | None, end: dt.date | None, *, has_ended: bool = False) -> str:
    """
    >>> term_text(dt.date(2024, 4, 1), dt.date(2027, 3, 31)), term_text(dt.date(2024, 4, 1), None)
    ('1 April 2024 to 31 March 2027', 'From 1 April 2024, no end is set')
    >>> term_text(None, None)
    'No first day is set, no end is set'
    """
    if start and end:
        return f"{day_text(start)} to {day_text(end)}{', when it ended' if has_ended else ''}"
    first = f"From {day_text(start)}" if start else "No first day is set"
    return f"{first}, {f'until {day_text(end)}' if end else 'no end is set'}"


def months_text(months: int | None) -> str:
    """
    >>> months_text(1), months_text(6), months_text(None)
    ('1 month', '6 months', '')
    """
    return "" if months is None else f"{months} month{'s' if months > 1 else ''}"


def _operating(agreement: Agreement) -> str:
    if agreement.operating_since is None:
        return "Not yet"
    since = f"Since {day_text(agreement.operating_since)}"
    return f"{since}, although the agreement is not signed" if agreement.is_operating_unsigned else since


# --- what is still to do ---------------------------------------------------------------------------------------------

_TABS = {
    "main-terms": "agreement-terms",
    "clauses": "agreement-terms",
    "partners": "agreement-governance",
    "conditions": "agreement-governance",
    "consents": "agreement-governance",
    "decisions": "agreement-governance",
    "pools": "agreement-schemes",
    "schemes": "agreement-schemes",
    "signing": "agreement-versions",
}


def missing_table(found: Iterable[MissingItem], reference: str, *, writes: bool) -> Table:
    """What is missing, with links to the pages where it can be written, or for readers where it would be shown."""

    def url(name: str, *args: object) -> str:
        return reverse(f"partnerships:{name}", args=[reference, *args])

    rows: list[list[Cell]] = [
        [{"value": each.sentence, "url": _page_of(each.where, url, writes=writes)}, each.provision] for each in found
    ]
    columns = [Column("What is missing"), Column("Asked for by")]
    return Table("missing", "What is still missing", columns, rows, empty="Nothing is missing.")


def _page_of(where: str, url: Callable[..., str], *, writes: bool) -> str:
    address = address_of(where, url) if writes else ""
    return address or url(_TABS[where.split("/")[0]])


def unlawful_table(found: Iterable[Point], reference: str, instruments: Mapping[str, str], *, writes: bool) -> Table:
    """What is unlawful, where, and what to do, with links like those of `missing_table`."""

    def url(name: str, *args: object) -> str:
        return reverse(f"partnerships:{name}", args=[reference, *args])

    rows: list[list[Cell]] = [
        [
            each.finding.sentence,
            _about(each, reference, ""),
            {"value": each.cure, "url": _page_of(each.where, url, writes=writes)},
            provision(each.finding, instruments),
        ]
        for each in found
    ]
    columns = [Column("What is unlawful"), Column("Where"), Column("What to do"), Column("Provision")]
    return Table("unlawful-tasks", "What is unlawful", columns, rows, empty="Nothing is unlawful.")


def dates(found: Iterable[tuple[str, dt.date]], today: dt.date) -> Table:
    """Coming dates, the nearest first. Past dates are left out."""
    columns = [Column("What"), Column("Day", "date"), Column("Days left", "number")]
    ahead = sorted((each for each in found if each[1] >= today), key=lambda each: each[1])
    rows: list[list[Cell]] = [[what, day, (day - today).days] for what, day in ahead]
    return Table("dates", "Dates ahead", columns, rows, empty="No review, notice or end date is coming up.")


# --- points of law ---------------------------------------------------------------------------------------------------


def points_by_outcome(
    found: Collection[Point], reference: str, moment: str, instruments: Mapping[str, str]
) -> list[tuple[Outcome, Table]]:
    """One table for each outcome that occurs, the most serious first. Each provision links to its instrument."""
    captions = {
        Outcome.UNLAWFUL: "Unlawful: must be put right",
        Outcome.NOT_SETTLED: "Not settled: needs legal advice, or a missing fact must be recorded",
        Outcome.LAWFUL: "Lawful",
    }
    shown = []
    for outcome, caption in captions.items():
        rows = [_point(each, reference, moment, instruments) for each in found if each.finding.outcome == outcome]
        if rows:
            columns = [
                Column("Point of law"),
                Column("Where"),
                Column("What to do", on_page=outcome != Outcome.LAWFUL),
                Column("Day", "date"),
                Column("Provision"),
                Column("How we know it"),
            ]
            shown.append((outcome, Table(outcome.value, caption, columns, rows)))
    return shown


def _point(one: Point, reference: str, moment: str, instruments: Mapping[str, str]) -> list[Cell]:
    finding = one.finding
    return [
        finding.sentence,
        _about(one, reference, moment),
        one.cure,
        finding.on,
        provision(finding, instruments),
        known_by(finding),
    ]


def _about(one: Point, reference: str, moment: str) -> Cell:
    """The schemes or partners that a point is about; a single scheme is linked."""
    if not one.schemes:
        return "; ".join(body.name for body in one.partners) or "The whole agreement"
    names = "; ".join(scheme.name for scheme in one.schemes)
    address = reverse("partnerships:scheme-detail", args=[reference, one.schemes[0].slug])
    return {"value": names, "url": f"{address}{moment}" if len(one.schemes) == 1 else None}


# --- deeds -----------------------------------------------------------------------------------------------------------


def deeds(found: Iterable[DeedShown], reference: str, *, with_state: bool) -> Table:
    columns = [
        Column("Deed"),
        Column("What it does", missing="No summary"),
        Column("Has effect from", "date", "Not set"),
        Column("Signed", "date", "Not signed"),
        Column("Published", "date", "Not published"),
    ]
    if with_state:
        columns.append(Column("State"))
    rows = []
    for shown in found:
        deed = shown.deed
        row: list[Cell] = [
            {"value": deed_name(deed.number, deed.kind), "url": _deed_address(reference, deed.number)},
            deed.summary,
            deed.effective_on,
            deed.signed_on,
            deed.published_on,
        ]
        rows.append([*row, {"value": str(DeedState(deed.state).label), "tag": deed.state}] if with_state else row)
    return Table("deeds", "Deeds", columns, rows)


def deed_name(number: int, kind: str) -> str:
    """
    >>> deed_name(0, "original"), deed_name(2, "variation")
    ('The agreement', 'Deed 2: deed of variation')
    """
    return "The agreement" if number == 0 else f"Deed {number}: {str(DeedKind(kind).label).lower()}"


def _deed_address(reference: str, number: int) -> str:
    return reverse("partnerships:deed-detail", args=[reference, number])


def approvals(found: Iterable[DeedShown], *, caption: str = "Partners’ decisions on each deed") -> Table:
    """Every approval and request for changes; those of an earlier text are marked as void."""
    columns = [
        Column("Partner"),
        Column("Deed"),
        Column("Decision"),
        Column("Date", "date"),
        Column("Note", missing="No note"),
        Column("Valid"),
    ]
    rows: list[list[Cell]] = [
        [
            each.approval.organisation.name,
            deed_name(shown.deed.number, shown.deed.kind),
            {"value": str(ApprovalDecision(each.approval.decision).label), "tag": each.approval.decision},
            timezone.localtime(each.approval.given_at).date(),
            each.approval.note,
            {
                "value": "Void" if each.is_void else "Yes",
                "note": "The text was edited afterwards" if each.is_void else None,
            },
        ]
        for shown in found
        for each in reversed(shown.approvals)
    ]
    return Table("approvals", caption, columns, rows, empty="No partner has decided yet.")
