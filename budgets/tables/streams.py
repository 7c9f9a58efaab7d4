"""The tables of funding streams: the list, totals over the years and by region, and every holder of one year."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from itertools import zip_longest

from django.urls import reverse

from budgets.models import Allocation, FundingStream
from budgets.queries.totals import Total, added_up
from budgets.tables.changes import percent_text
from budgets.tables.table import (
    amount_cell,
    basis_text,
    body_cell,
    counted_text,
    date_text,
    kind_text,
    per_head,
    source_text,
    sum_cell,
    unpublished_note,
    year_text,
)
from budgets.terms import Basis
from pooledcare.directory.queries.organisations import Head
from pooledcare.directory.terms import UPPER_TIER_KINDS, OrganisationKind
from pooledcare.kernel.names import joined
from pooledcare.kernel.tables import Cell, Column, Table


def stream_list(streams: Iterable[FundingStream], totals: Iterable[Total]) -> Table:
    """Each stream with its latest published total; streams without figures are listed too."""
    latest = latest_totals(totals)
    return Table(
        key="streams",
        caption="Funding streams",
        columns=[
            Column("Funding stream"),
            Column("Held by"),
            Column("Years"),
            Column("Ring-fenced"),
            Column("Latest year held", missing="No figures held"),
            Column("Basis", missing="No figures held"),
            Column("Source", missing="No figures held"),
            Column("Total", "pounds_whole", "No figures held"),
        ],
        rows=[_listed(stream, latest.get(stream.code)) for stream in streams],
    )


def latest_totals(totals: Iterable[Total]) -> dict[str, Total]:
    """The latest published total of each stream, by its code."""
    latest: dict[str, Total] = {}
    for total in added_up(totals, key=lambda t: (t.stream, t.year, t.basis, t.gross_or_net, t.source_code)):
        known = latest.get(total.stream)
        if known is None or (total.year, total.basis) > (known.year, known.basis):
            latest[total.stream] = total
    return latest


def _listed(stream: FundingStream, total: Total | None) -> list[Cell]:
    return [
        {
            "value": stream.name,
            "url": stream.get_absolute_url(),
            "note": f"published together in {stream.part_of.name}" if stream.part_of else None,
        },
        held_by_text(stream),
        years_text(stream),
        "Yes" if stream.ring_fenced else "No",
        year_text(total.year) if total else None,
        basis_text(total.basis, total.gross_or_net) if total else None,
        total.source if total else None,
        sum_cell(total.amount, total.reported, total.expected) if total else None,
    ]


def held_by_text(stream: FundingStream) -> str:
    """Who holds the stream, and whose figures are included in it, in words."""
    holders = holder_kinds_text(stream.holder_kinds)
    others = holder_kinds_text(stream.included_kinds)
    return f"{holders}. {others} may have figures too" if others else holders


def holder_kinds_text(kinds: Iterable[str]) -> str:
    """Kinds of holder in words. All kinds of council with social care duties together are named once.

    >>> holder_kinds_text(["ccg", "icb"]), holder_kinds_text(["icb", "nhs_england"])
    ('Clinical commissioning groups and integrated care boards', 'Integrated care boards and NHS England')
    """
    left = set(kinds)
    words = []
    if left >= UPPER_TIER_KINDS:
        left -= UPPER_TIER_KINDS
        words.append("councils with social care duties")
    text = joined([*words, *sorted((_plural(kind) for kind in left), key=str.lower)])
    return text[:1].upper() + text[1:]


def _plural(kind: str) -> str:
    """The plural of a kind within a sentence; for a kind with one member, its name."""
    label = kind_text(kind)
    if kind in _ONE_OF_A_KIND:
        return label
    plural = f"{label[:-1]}ies" if label.endswith("y") else f"{label}s"
    return plural if plural.startswith("NHS") else plural[0].lower() + plural[1:]


_ONE_OF_A_KIND = frozenset(
    {OrganisationKind.NHS_ENGLAND, OrganisationKind.CITY_OF_LONDON, OrganisationKind.ISLES_OF_SCILLY}
)


def years_text(stream: FundingStream) -> str:
    if stream.last_year is None:
        return f"From {year_text(stream.first_year)}"
    if stream.last_year == stream.first_year:
        return year_text(stream.first_year)
    return f"{year_text(stream.first_year)} to {year_text(stream.last_year)}"


def _kind(total: Total) -> tuple[str, str, str, str]:
    return (total.basis, total.gross_or_net, total.recurrence, total.source_code)


def over_years(totals: Iterable[Total], *, stream: FundingStream) -> Table:
    """A row for each basis and source, a column for each year; these are never added together."""
    sums = added_up(totals, key=lambda total: (_kind(total), total.year))
    years = sorted({total.year for total in sums})
    cells = {(_kind(total), total.year): total for total in sums}
    lines = {_kind(total): total for total in sums}
    return Table(
        key="years",
        caption="England over the years",
        columns=[Column("Basis"), Column("Source"), *(Column(year_text(year), "pounds_whole") for year in years)],
        rows=[
            [
                basis_text(line.basis, line.gross_or_net, line.recurrence),
                line.source,
                *(_sum(cells.get((key, year))) for year in years),
            ]
            for key, line in sorted(lines.items())
        ],
        empty="No published figures of this stream are held.",
        context=[("Funding stream", stream.name)],
    )


def by_region(totals: Iterable[Total], *, stream: FundingStream, year: int, basis: str) -> Table:
    """One year and basis by region, with England as the sum of the lines above it."""
    chosen = [total for total in totals if (total.year, total.basis) == (year, basis)]
    return Table(
        key="regions",
        caption=f"{year_text(year)} {str(Basis(basis).label).lower()}, by region",
        columns=[
            Column("Region"),
            Column("Basis"),
            Column("Source"),
            Column("Figures reported"),
            Column("Amount", "pounds_whole"),
        ],
        rows=[_region(total.region, total) for total in chosen],
        foot=[_region("England", total) for total in added_up(chosen, key=_kind)],
        empty="No published figures are held for this year and basis.",
        context=[("Funding stream", stream.name), ("Year", year_text(year))],
    )


def _region(name: str, total: Total) -> list[Cell]:
    return [
        name,
        basis_text(total.basis, total.gross_or_net, total.recurrence),
        total.source,
        counted_text(total),
        sum_cell(total.amount, total.reported, total.expected),
    ]


def _sum(total: Total | None) -> Cell:
    return sum_cell(None, 0, 0) if total is None else sum_cell(total.amount, total.reported, total.expected)


def holders(figures: Iterable[Allocation], *, stream: FundingStream, year: int, basis: str) -> Table:
    caption = f"{year_text(year)} {str(Basis(basis).label).lower()}, every holder"
    return _each(figures, stream=stream, year=year, key="holders", caption=caption, heading="Holder")


def others(figures: Iterable[Allocation], *, stream: FundingStream, year: int, basis: str) -> Table:
    caption = f"{year_text(year)} {str(Basis(basis).label).lower()}, organisations that do not hold it"
    return _each(figures, stream=stream, year=year, key="others", caption=caption, heading="Organisation")


def _each(
    figures: Iterable[Allocation], *, stream: FundingStream, year: int, key: str, caption: str, heading: str
) -> Table:
    return Table(
        key=key,
        caption=caption,
        columns=[
            Column(heading),
            Column("Code"),
            Column("Region", missing="No region held"),
            Column("Basis"),
            Column("Source"),
            Column("Published", "date", "Not published"),
            Column("People counted on", "date", "No population held"),
            Column("Amount", "pounds_whole"),
            Column("A head", "pounds", "No population held"),
            Column("People", "number", "No population held"),
        ],
        rows=[_holder(figure) for figure in figures],
        empty="No figures are held for this year and basis.",
        context=[("Funding stream", stream.name), ("Year", year_text(year))],
    )


def _holder(figure: Allocation) -> list[Cell]:
    head = Head.read(figure.population)  # type: ignore[attr-defined]
    reported = figure.amount is not None
    return [
        body_cell(figure.organisation),
        figure.organisation.code,
        figure.organisation.region.name if figure.organisation.region else None,
        basis_text(figure.basis, figure.gross_or_net, figure.recurrence),
        source_text(figure),
        figure.published_on,
        head.as_at if head else None,
        amount_cell(figure),
        per_head(figure.amount, head) if reported else {"value": None, "missing": "Not reported"},
        head.persons if head else None,
    ]


def versions(figures: Iterable[Allocation], *, shown: Allocation) -> Table:
    """Every version of one figure, the newest first, with the upload that each came with."""
    shown_versions = list(figures)
    return Table(
        key="versions",
        caption="Versions of this figure",
        columns=[
            Column("Version"),
            Column("Amount", "pounds"),
            Column("Change on the version before", "change", "Not applicable"),
            Column("Published", "date", "Not published"),
            Column("In PooledCare since", "date"),
            Column("State"),
            Column("Upload"),
        ],
        rows=[
            [
                {
                    "value": f"Version {figure.version}",
                    "url": None
                    if figure.pk == shown.pk
                    else reverse("budgets:allocation-detail", args=[figure.reference]),
                    "note": "this page" if figure.pk == shown.pk else None,
                },
                {"value": figure.amount, "missing": "Withdrawn" if figure.withdrawn else _marked(figure)},
                _change_on(before, figure),
                figure.published_on,
                figure.accepted_at.date(),
                state_text(figure),
                {
                    "value": figure.upload.reference,
                    "url": reverse("budgets:publication-detail", args=[figure.upload.reference])
                    if figure.published_on is not None
                    else None,
                },
            ]
            for figure, before in zip_longest(shown_versions, shown_versions[1:])
        ],
    )


def _change_on(before: Allocation | None, figure: Allocation) -> Cell:
    """The difference in pounds and per cent from the version before, if both have an amount."""
    if before is None or before.amount is None or figure.amount is None:
        return None
    difference = figure.amount - before.amount
    return {"value": difference, "note": percent_text(difference, before.amount)}


def _marked(figure: Allocation) -> str:
    return f"Not reported ({figure.published_text})"


def state_text(figure: Allocation) -> str:
    """The status of a version, in a few words."""
    standing = "Current" if figure.is_current else "Superseded"
    state = "Withdrawn" if figure.withdrawn else standing
    note = unpublished_note(figure)
    reversal = (
        f"its upload reversed on {date_text(figure.upload.reversed_at.date())}" if figure.upload.reversed_at else ""
    )
    return ", ".join(part for part in (state, note, reversal) if part)


def published_as(figure: Allocation) -> str:
    """The publisher's own text, with its unit if that can be told from the amount."""
    text = figure.published_text
    if not text or figure.amount is None:
        return text or "Not held"
    try:
        plain = Decimal(text.replace(",", "").replace("£", "").strip())
    except InvalidOperation:
        return text
    for unit, words in ((Decimal(1), "in pounds"), (Decimal(1000), "in £ thousand: multiplied by 1,000")):
        exact = plain * unit
        if exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN) == figure.amount:
            return f"{text} ({words}{'' if exact == figure.amount else ' and rounded to the penny once'})"
    return text
