"""Reads the published files, with their encodings, byte order marks, missing headers and sheets. No interpretation."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl

Row = dict[str, str]


def day(text: str) -> str:
    """A date as the Organisation Data Service writes it, in ISO form.

    >>> day("20130401"), day("")
    ('2013-04-01', '')
    """
    return dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date().isoformat() if text else ""


def eve(day: str) -> str:
    """The day before, in ISO form.

    >>> eve("2013-04-01")
    '2013-03-31'
    """
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def squeezed(text: str) -> str:
    """The text without white space at its ends and with single spaces inside."""
    return re.sub(r"\s+", " ", text).strip()


@dataclass(frozen=True)
class Published:
    """The folder of published files, each read once."""

    folder: Path

    def text(self, path: str) -> str:
        data = (self.folder / path).read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:  # two of the lists of 2012 and 2013 are Windows-1252
            return data.decode("cp1252")

    def lines(self, path: str) -> list[list[str]]:
        return list(csv.reader(self.text(path).splitlines(keepends=True)))

    def rows(self, path: str, delimiter: str = ",") -> list[Row]:
        reader = csv.DictReader(self.text(path).splitlines(keepends=True), delimiter=delimiter)
        return [{column: squeezed(value or "") for column, value in row.items() if column} for row in reader]

    def sheets(self, path: str, titles: Iterable[str]) -> dict[str, list[tuple[object, ...]]]:
        """The named sheets of a workbook, row by row."""
        book = openpyxl.load_workbook(self.folder / path, read_only=True, data_only=True)
        found = {title: [tuple(row) for row in book[title].iter_rows(values_only=True)] for title in set(titles)}
        book.close()
        return found

    # --- organisations -----------------------------------------------------------------------------------------------

    @cached_property
    def ods_successions(self) -> list[tuple[str, str, str]]:
        """Predecessor, successor, day on which the successor took over."""
        return [(line[0], line[1], day(line[3])) for line in self.lines("organisations/ods_succ.csv")]

    @cached_property
    def ods_commissioners(self) -> list[list[str]]:
        return self.lines("organisations/ods_eccg_2025.csv")

    @cached_property
    def ods_trusts(self) -> list[list[str]]:
        return self.lines("organisations/ods_etr_trusts_2025.csv")

    @cached_property
    def trusts_by_icb(self) -> list[dict[str, str]]:
        return list(json.loads(self.text("organisations/nhs_icb_trust_mapping.json")).values())

    @cached_property
    def primary_care_trusts(self) -> list[Row]:
        return self.rows("organisations/ons_PCO_2012.csv")

    @cached_property
    def integrated_care_boards(self) -> list[Row]:
        return self.rows("organisations/ons_icb_names_codes_dec_2024.csv")

    @cached_property
    def regions_of_2013(self) -> list[Row]:
        return self.rows("organisations/ons_CCG13_NHSAT13_NHSCR13_EW_LU.csv")

    @cached_property
    def structure(self) -> list[Row]:
        return self.rows("organisations/dluhc_la_structure_2013_2023.tsv", delimiter="\t")

    @cached_property
    def register(self) -> list[Row]:
        rows = self.rows("organisations/mysociety_uk_local_authorities_current.csv")
        return [row for row in rows if row["nation"] == "England"]

    # --- geography and people ----------------------------------------------------------------------------------------

    @cached_property
    def counties_of_districts(self) -> list[Row]:
        return self.rows("geography/ons_lad_to_county_april_2021_england.csv")

    @cached_property
    def small_areas(self) -> list[Row]:
        return self.rows("geography/ons_lsoa11_ccg21_lad21_lookup_april_2021.csv")

    @cached_property
    def practices(self) -> list[Row]:
        return self.rows("allocations/icb_place_practice_weighted_populations_2025-26.csv")

    @cached_property
    def ccg_estimates_2020(self) -> list[Row]:
        return self.rows("population/ons-population-estimates.csv")

    @cached_property
    def estimates_2023(self) -> list[tuple[str, str, str, int]]:
        """Code, name, geography and persons, in the workbook's order: each region comes before its authorities."""
        title = "MYE2 - Persons"
        sheet = self.sheets("population/ons_mye23_england_wales.xlsx", [title])[title]
        if sheet[7][:4] != ("Code", "Name", "Geography", "All ages"):
            raise ValueError("The header of MYE2 - Persons is no longer on row 8.")
        return [(str(row[0]), str(row[1]), str(row[2]), int(str(row[3]))) for row in sheet[8:] if row[0]]

    @cached_property
    def revenue_returns(self) -> dict[str, tuple[str, str, str]]:
        """ONS code, name and source of each authority other than councils in the revenue returns, by E-code."""
        found: dict[str, tuple[str, str, str]] = {}
        for path, source in (
            ("la_finance/RA_2021-22_data_by_LA.csv", "dluhc-ra-2021-22"),
            ("la_finance/RSX_2022-23_data_by_LA.csv", "dluhc-rsx-2022-23"),
        ):
            for line in self.lines(path):
                if re.fullmatch(r"E\d{4}", line[0]) and line[4] == "O":
                    found.setdefault(line[0], (line[1], squeezed(line[2]), source))
        return found
