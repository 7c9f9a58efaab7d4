"""The contents of the component gallery: a form with every kind of field, and invented figures for its charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from pooledcare.kernel import charts, fields
from pooledcare.kernel.documents.layout import laid_out
from pooledcare.kernel.documents.model import (
    Document,
    Paragraph,
    Picture,
    Points,
    Section,
    Signatory,
    Signatures,
    Subheading,
)
from pooledcare.kernel.shown_tables import Unit
from pooledcare.kernel.tables import Column, Table

YEARS: list[str] = ["2021-22", "2022-23", "2023-24", "2024-25"]
STREAMS: dict[str, list[Decimal | None]] = {
    "Core services": [Decimal("812400000"), Decimal("846100000"), Decimal("901250000"), Decimal("955946000")],
    "Primary medical": [Decimal("98200000"), Decimal("101300000"), None, Decimal("112870000.50")],
}


class GalleryForm(forms.Form):
    title = fields.TextField(label="Title", help_text="As it should appear in lists.", looks={"width": "20"})
    email = fields.EmailField(label="Email address", looks={"width": "20"})
    amount = fields.MoneyField(label="Amount", help_text="In pounds and pence, for example 1234.56.")
    stream = fields.SelectField(label="Funding stream", choices=[("", "Choose a stream"), ("a", "Core services")])
    basis = fields.RadiosField(label="Basis", choices=[("allocation", "Allocation"), ("outturn", "Outturn")])
    places = fields.CheckboxesField(
        label="Places", choices=[("north", "North Mereshire"), ("south", "South Mereshire")]
    )
    complete = fields.CheckboxField(
        label="The file is complete for its year", missing="Confirm that the file is complete"
    )
    from_date = fields.DateField(label="Start date", help_text="For example, 1 4 2026.")
    note = fields.LongTextField(label="Note", looks={"rows": 3})
    secret = fields.TextField(label="Password", widget=forms.PasswordInput)
    file = fields.FileField(
        label="Upload a file", accept=[".csv", ".xlsx", ".ods"], help_text="CSV, Excel or OpenDocument, up to 256 MB."
    )


def gallery_context(*, bound: bool) -> dict[str, Any]:
    """The context of the page. With `bound`, the form shows its errors: empty, with an impossible date and amount."""
    wrong = {"from_date_day": "31", "from_date_month": "2", "from_date_year": "2026", "amount": "lots"}
    return {
        "form": GalleryForm(wrong) if bound else GalleryForm(initial={"basis": "allocation", "title": "Mereshire"}),
        "published": date(2024, 5, 3),
        "columns": [
            {"label": "Stream", "sort_url": "?sort=stream"},
            *({"label": year, "format": "pounds", "sort_url": f"?sort={year}"} for year in YEARS[:-1]),
            {"label": YEARS[-1], "format": "pounds", "sort_url": f"?sort=-{YEARS[-1]}", "sorted": "descending"},
            {"label": "Per head", "format": "pounds", "missing": "Not applicable"},
            {"label": "Change", "format": "percent", "missing": "Not applicable"},
        ],
        "rows": [
            [
                {"value": "Core services", "url": "#core"},
                *STREAMS["Core services"],
                Decimal("1843.10"),
                Decimal("0.0607"),
            ],
            ["Primary medical", *STREAMS["Primary medical"], Decimal("217.64"), None],
            [
                "Running costs",
                None,
                {"value": None, "missing": "Not reported"},
                Decimal("-1200.50"),
                0,
                None,
                Decimal("-0.05"),
            ],
        ],
        "foot": [
            [
                "Total",
                Decimal("910600000"),
                Decimal("947400000"),
                Decimal("901248799.50"),
                Decimal("1068816000.50"),
                None,
                None,
            ]
        ],
        "before_after_lines": [
            {"name": "Core services", "before": Decimal("901250000"), "after": Decimal("955946000"), "flag": "up 6.1%"},
            {"name": "Primary medical", "before": None, "after": Decimal("112870000.50")},
            {"name": "Running costs", "before": Decimal("18200000"), "after": None, "flag": "down 100%"},
        ],
        "totals": {"before": Decimal("919450000"), "after": Decimal("1068816000.50")},
        "charts": [_lines(), _bars(), _flows(), _dots()],
        "paper": laid_out(_paper()),
        "units": [Unit("£", "?unit=pounds", False), Unit("£000", "?unit=thousands", True)],
    }


def _paper() -> Document:
    amounts = [[name, *amounts] for name, amounts in STREAMS.items()]
    columns = [Column("Stream"), *(Column(year, "pounds_whole") for year in YEARS)]
    bar = '<rect width="400" height="60" fill="#005eb8"/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="60">{bar}</svg>'
    return Document(
        paper_type="Example of a paper",
        title="A paper for the board of Mereshire",
        classification="Open to everybody",
        source="PooledCare",
        printed_on=date(2024, 5, 3),
        terms=[("Places", "North Mereshire; South Mereshire")],
        sections=[
            Section("What this paper is about", [Paragraph("Its paragraphs are numbered."), Points(["One", "Two"])]),
            Section(
                "Figures",
                [
                    Paragraph("A table and a picture:"),
                    Table("streams", "Streams by year", columns, amounts),
                    Subheading("Drawn"),
                    Picture(drawing, "Core services", "A bar."),
                    Signatures([Signatory("Mereshire ICB", "Ada Example", "Chair")]),
                ],
            ),
        ],
    )


@dataclass(frozen=True)
class GalleryChart:
    """What the chart component shows. Real charts are made from a table, by `budgets.charts`."""

    title: str
    summary: str
    option: dict[str, Any]
    columns: Sequence[dict[str, str]]
    rows: Sequence[Sequence[Any]]
    format: str = "pounds"
    tall: bool = False
    foot: Sequence[Sequence[Any]] = ()


YEAR_COLUMNS = [{"label": "Stream"}, *({"label": year, "format": "pounds"} for year in YEARS)]
YEAR_ROWS = [[name, *amounts] for name, amounts in STREAMS.items()]


def _lines() -> GalleryChart:
    drawn = [{"type": "line", "name": name, "data": amounts} for name, amounts in STREAMS.items()]
    return GalleryChart(
        "Streams over the years",
        "Core services grew every year, from £812.4 million to £955.9 million.",
        {"xAxis": {"type": "category", "data": YEARS}, "yAxis": {"type": "value"}, "series": drawn},
        YEAR_COLUMNS,
        YEAR_ROWS,
    )


def _bars() -> GalleryChart:
    drawn = [
        {"type": "bar", "name": year, "data": [rows[i] for rows in STREAMS.values()]}
        for i, year in enumerate(YEARS[2:], 2)
    ]
    return GalleryChart(
        "Two years compared",
        "Primary medical has no figure for 2023-24.",
        {"yAxis": {"type": "category", "data": list(STREAMS)}, "xAxis": {"type": "value"}, "series": drawn},
        YEAR_COLUMNS,
        YEAR_ROWS,
    )


def _dots() -> GalleryChart:
    names = [f"Board {letter}" for letter in "ABCDE"]
    values = [Decimal("1843.10"), Decimal("1790.40"), Decimal("1626"), Decimal("1500.25"), Decimal("1411.05")]
    title = "Core services a head"
    drawn = charts.dot_chart(title, "Board", names, values, others="Boards", marked="Board B", mean=Decimal(1626))
    return GalleryChart(
        title,
        "A head: largest is Board A, £1,843; smallest is Board E, £1,411.",
        {name: drawn.option[name] for name in ("xAxis", "yAxis", "series")},
        [{"label": "Board"}, {"label": "A head", "format": "pounds"}],
        [list(pair) for pair in zip(names, values, strict=True)],
        foot=[["England", Decimal(1626)]],
    )


def _flows() -> GalleryChart:
    flows = [
        ("North Mereshire", "Core services", 540),
        ("South Mereshire", "Core services", 415),
        ("South Mereshire", "Primary medical", 113),
    ]
    names = dict.fromkeys(name for flow in flows for name in flow[:2])
    links = [{"source": holder, "target": stream, "value": value * 10**6} for holder, stream, value in flows]
    return GalleryChart(
        "From holders through streams",
        "The largest flow is North Mereshire's core services, £540 million.",
        {"series": [{"type": "sankey", "data": [{"name": name} for name in names], "links": links}]},
        [{"label": "Holder"}, {"label": "Stream"}, {"label": "Amount", "format": "pounds_short"}],
        [[holder, stream, Decimal(value) * 10**6] for holder, stream, value in flows],
        tall=True,
    )
