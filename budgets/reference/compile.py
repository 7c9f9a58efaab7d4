"""Compiles published figures into canonical files, one for each publication, from a folder of published files.

    python -m budgets.reference.compile ../shared/data

Each amount is the published text read as a decimal, times 1,000, and then rounded half-even to the penny. A figure
that an authority did not report has the publisher's mark and no amount; it is never 0.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pooledcare.directory.reference import tables
from pooledcare.directory.reference.published import Published, squeezed
from pooledcare.kernel.money import THOUSAND, parse_amount
from pooledcare.kernel.tabular.places import column_letter

HERE = Path(__file__).parent
COLUMNS = (
    "financial_year",
    "organisation",
    "stream",
    "basis",
    "gross_or_net",
    "amount",
    "recurrence",
    "note",
    "source_sheet",
    "source_row",
    "source_cell",
    "published_text",
)
Row = dict[str, str]

NOT_REPORTED = {"...", "[x]"}
SOCIAL_CARE_CLASSES = {"SC", "UA", "MD", "LB", "L"}


@dataclass(frozen=True)
class CompiledColumn:
    """One column of a sheet: its heading, stream and year."""

    sheet: str
    header: str
    stream: str
    financial_year: str
    recurrence: str = "recurrent"


ICB_WORKBOOK = "allocations/nhse_icb_allocations_2023-24_2024-25.xlsx"
ICB_HEADER_ROW = 3
ICB_COLUMNS = (
    CompiledColumn("ICB Core Allocations 2023-24", "2023/24 Recurrent allocation (£k)", "nhs-core", "2023-24"),
    CompiledColumn("ICB Core Allocations 2024-25", "2024/25 Recurrent allocation (£k)", "nhs-core", "2024-25"),
    CompiledColumn(
        "ICB Core Allocations 2023-24",
        "2023/24 Additional discharge allocation (£k)",
        "nhs-discharge",
        "2023-24",
        "not_stated",
    ),
    CompiledColumn(
        "ICB Core Allocations 2024-25",
        "2024/25 Additional discharge allocation (£k)",
        "nhs-discharge",
        "2024-25",
        "not_stated",
    ),
    CompiledColumn("PMC Allocations 2023-24", "2023/24 Recurrent allocation (£k)", "primary-medical", "2023-24"),
    CompiledColumn("PMC Allocations 2024-25", "2024/25 Recurrent allocation (£k)", "primary-medical", "2024-25"),
    CompiledColumn("Other Primary Care", "2023/24 Recurrent allocation £k", "other-primary-care", "2023-24"),
    CompiledColumn("Other Primary Care", "2024/25 Recurrent allocation £k", "other-primary-care", "2024-25"),
    CompiledColumn("ICB running cost allowance", "2023/24 £k", "running-costs", "2023-24", "not_stated"),
    CompiledColumn("ICB running cost allowance", "2024/25 £k", "running-costs", "2024-25", "not_stated"),
    CompiledColumn("ICB running cost allowance", "2025/26 £k", "running-costs", "2025-26", "not_stated"),
)


def icb_allocations(published: Published) -> Iterator[Row]:
    """The rows of the 42 boards in each sheet. Amounts kept by regions, regional tables and totals are left out."""
    boards = {row["code"] for row in tables.ORGANISATIONS.read() if row["kind"] == "icb"}
    sheets = published.sheets(ICB_WORKBOOK, [column.sheet for column in ICB_COLUMNS])
    for column in ICB_COLUMNS:
        sheet = sheets[column.sheet]
        position = _position(column.header, [str(cell or "") for cell in sheet[ICB_HEADER_ROW - 1]])
        for number, cells in enumerate(sheet, start=1):
            if cells[2] in boards:
                yield _row(
                    organisation=str(cells[2]),
                    stream=column.stream,
                    financial_year=column.financial_year,
                    basis="allocation",
                    gross_or_net="not_applicable",
                    recurrence=column.recurrence,
                    published_text=str(cells[position]),
                    sheet=column.sheet,
                    number=number,
                    position=position,
                )


@dataclass(frozen=True)
class Return:
    """A published revenue return (CSV): a row for each authority, with one column for adult social care."""

    path: str
    header_row: int
    header: str
    financial_year: str
    basis: str
    unreported: str


RETURNS = {
    "dluhc_revenue_account_2021-22": Return(
        path="la_finance/RA_2021-22_data_by_LA.csv",
        header_row=7,
        header="TOTAL ADULT SOCIAL CARE",
        financial_year="2021-22",
        basis="budget",
        unreported="No return received in time for publication",
    ),
    "dluhc_revenue_outturn_2022-23": Return(
        path="la_finance/RSX_2022-23_data_by_LA.csv",
        header_row=11,
        header="Adult Social Care - Net Current Expenditure (C7 = C3 - C6)",
        financial_year="2022-23",
        basis="outturn",
        unreported="No return in this publication",
    ),
}


def social_care(published: Published, returned: Return) -> Iterator[Row]:
    """Every council with social care duties, and every other authority that reports a figure or made no return."""
    known = {row["code"] for row in tables.ORGANISATION_CODES.read() if row["scheme"] in {"gss", "e_code"}}
    lines = published.lines(returned.path)
    position = _position(returned.header, lines[returned.header_row - 1])
    for number, cells in enumerate(lines[returned.header_row :], start=returned.header_row + 1):
        # Below the authorities are rows for England and classes of authority, without an E-code or with one used
        # before.
        if cells[0] not in known:
            if any(cells[:3]):
                return
            continue
        text = cells[position].strip()
        if cells[4] in SOCIAL_CARE_CLASSES or text != "0":
            yield _row(
                organisation=cells[1],
                stream="adult-social-care",
                financial_year=returned.financial_year,
                basis=returned.basis,
                gross_or_net="net",
                recurrence="not_stated",
                published_text=text,
                note=returned.unreported if text in NOT_REPORTED else "",
                sheet="",
                number=number,
                position=position,
            )


def _position(header: str, cells: list[str]) -> int:
    positions = [index for index, cell in enumerate(cells) if squeezed(cell) == header]
    if len(positions) != 1:
        raise ValueError(f"{header} is the heading of {len(positions)} columns, not one")
    return positions[0]


def _row(*, published_text: str, sheet: str, number: int, position: int, **facts: str) -> Row:
    reported = published_text not in NOT_REPORTED
    return {
        "note": "",
        **facts,
        "amount": str(parse_amount(published_text, THOUSAND)) if reported else "",
        "source_sheet": sheet,
        "source_row": str(number),
        "source_cell": f"{column_letter(position)}{number}",
        "published_text": published_text,
    }


def compiled(folder: Path) -> dict[str, list[Row]]:
    """The rows of each canonical file, in the order of the publication."""
    published = Published(folder)
    found = {"nhs_england_icb_allocations": list(icb_allocations(published))}
    return found | {name: list(social_care(published, returned)) for name, returned in RETURNS.items()}


def read(name: str, folder: Path = HERE) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write(name: str, rows: Iterable[Row], folder: Path = HERE) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        raise SystemExit("Say where the published files are: python -m budgets.reference.compile FOLDER")
    for name, rows in compiled(Path(arguments[0])).items():
        write(name, rows)
        sys.stdout.write(f"{name}.csv: {len(rows)} rows\n")


if __name__ == "__main__":
    main(sys.argv[1:])
