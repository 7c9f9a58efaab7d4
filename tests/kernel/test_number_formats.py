"""What a number format shows is what is read, or it is asked: with a renderer of its own for a grammar of formats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from pooledcare.kernel.money import read_amount, read_amounts
from pooledcare.kernel.number_formats import NumberFormat, ShownNumber, code_of, is_date_format
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.units import unit_in_heading, unit_of, units_in_title
from tests.kernel.documents.test_libreoffice import converted

SHOWN = {
    # code: stored number, text, as shown, problem
    "0%": ("0.025", "2.5%", "3%", ""),
    "0.0%": ("0.02512", "2.512%", "2.5%", ""),
    '"£"#,##0.0"k"': ("-1234.56", "-£1,234.56k", "-£1,234.6k", ""),
    "#,##0,": ("1234500", "1,234.5", "1,235", ""),
    "0,,": ("1234500", "1.2345", "1", ""),
    "0.00,,\\m": ("12340000", "12.34m", "12.34m", ""),
    "#,##0;#,##0": ("-5", "5", "5", "sign"),
    "-0": ("5", "-5", "-5", "sign"),
    '0;[Red]0"k"': ("-5", "-5k", "5k", ""),
    "(0)": ("5", "(5)", "(5)", "sign"),
    ";;;": ("5", "", "", "hidden"),
    "#,###": ("0", "", "", "hidden"),
    "#.##": ("0.001", "", "", "hidden"),
    '[>=1000]0.0,"k";[>=10]0;0': ("-5", "5", "5", "sign"),
    '000.0##"k"': ("5.25", "5.25k", "005.25k", ""),
    '0;-0;"tbc"': ("0", "tbc", "tbc", "words"),
    '"closed"': ("4", "closed", "closed", "words"),
    '0"."000': ("1234567", "1234.567", "1234.567", "words"),
    "00-00-00": ("123456", "12-34-56", "12-34-56", "words"),
    "*k0": ("5", "k5", "k5", ""),
    'General" FTE"': ("5.5", "5.5 FTE", "5.5 FTE", ""),
    "[$EUR] 0": ("5", "EUR 5", "EUR 5", ""),
}
ITSELF = {
    "General": "5", "@": "5", "0": "5", "#,##0.00_);(#,##0.00)": "-5", "#,##0;[Red]#,##0": "-5", "0;0-": "-5",
    '_-* #,##0.00_-;\\-* #,##0.00_-;_-* "-"??_-;_-@_-': "0", "[$£-809]#,##0.00": "5", "£#,##0": "5", '0" GBP"': "5",
    "# ?/?": "5.5", "0.00E+00": "5", '0"*"': "5", "#\\ ##0": "12345", '0"k"': "0", "#,##0,": "0", '0;-0;"nil"': "0",
    "[<0]-0;0": "-5", '[>=1000]0.0,"k";0': "5", "[<1000]0;0.0": "-5", "0;-0;;@": "5", "[$-809]0.00": "5",
    "0_k": "5", "[Color3]0": "5",
}  # fmt: skip
FILLED_WITH_A_LETTER = "*k0"  # how often the letter is shown depends on the width of the column


@pytest.mark.parametrize("code", SHOWN)
def test_a_cell_that_shows_something_else_says_what_it_shows_and_what_it_holds(code):
    stored, text, shown, problem = SHOWN[code]
    found = NumberFormat(code).shown_as(stored)
    assert isinstance(found, ShownNumber)
    assert (found, found.shown, found.problem, found.stored, found.code) == (text, shown, problem, stored, code)


@pytest.mark.parametrize("code", ITSELF)
def test_a_cell_that_shows_its_number_is_that_number(code):
    assert type(NumberFormat(code).shown_as(ITSELF[code])) is str
    assert NumberFormat(code).shown_as(ITSELF[code]) == ITSELF[code]


@pytest.mark.slow
def test_libreoffice_shows_what_we_say_that_a_cell_shows(tmp_path):
    """A spreadsheet program, which is not our code, shows every format with several numbers."""
    codes = [*SHOWN, *ITSELF]
    numbers = ["5", "-5", "0", "1234500", "1234.56", "-1234567", "0.025"]
    book = Workbook()
    for code in codes:
        book.active.append([float(number) for number in numbers])
        for cell in book.active[book.active.max_row]:
            cell.number_format = code
    book.save(tmp_path / "formats.xlsx")
    page = lxml.html.document_fromstring(converted(tmp_path / "formats.xlsx", "html", tmp_path).decode())
    lines = [[plain(cell.text_content()) for cell in line.iter("td")] for line in page.iter("tr")]
    assert len(lines) == len(codes)
    for code, line in zip(codes, lines, strict=True):
        found = [NumberFormat(code).shown_as(number) for number in numbers]
        ours = [
            plain(text.shown) if isinstance(text, ShownNumber) else theirs
            for text, theirs in zip(found, line, strict=True)
        ]
        assert ours == line or code == FILLED_WITH_A_LETTER, code


def plain(text: str) -> str:
    """Without spaces, which stand for the width of characters, and without the minus sign of what is rounded to 0."""
    bare = "".join(text.split())
    return bare if any(character in "123456789" for character in bare) else bare.lstrip("-")


def test_the_local_currency_is_that_of_whoever_looks_and_built_in_percentages_need_no_code():
    assert [code_of(number, '"$"0') for number in (4, 5, 8, 9, 40, 41, 44, 45)] == [
        '"$"0', "General", "General", '"$"0', '"$"0', "General", "General", '"$"0',
    ]  # fmt: skip
    assert [code_of(number, None) for number in (0, 9, 10, 164)] == ["General", "0%", "0.00%", "General"]
    assert [is_date_format(number, None) for number in (13, 14, 22, 23)] == [False, True, True, False]


def test_units_of_literals_headings_and_titles():
    thousand, million = Decimal(1_000), Decimal(1_000_000)
    literals = {"k": thousand, "£ K": thousand, "(£000s)": thousand, " mn": million, ",000": thousand,
                "p": Decimal("0.01"), "£": Decimal(1), "GBP": Decimal(1), "-": Decimal(1), "patients": None, "%": None,
                "$": None}  # fmt: skip
    assert {text: unit_of(text).pounds for text in literals} == literals
    headings = {"Amount (£k)": thousand, "£'000": thousand, "in thousands": thousand, "£ million": million,
                "£m": million, "amount_000s": thousand, "Amount (m)": million, "£1,000s": thousand,
                "kGBP": thousand, "Amount (ths)": thousand,
                "Amount (£)": None, "Amount": None, "note m": None, "1,000 heads": None}  # fmt: skip
    found = {text: unit_in_heading(text) for text in headings}
    assert {text: unit and unit.pounds for text, unit in found.items()} == headings
    titles = {"Budgets (£ thousand)": thousand, "Table M": None, "2 million people": None, "Grants of £2m": None,
              "All figures in millions": million, "Part (k)": None, "(thousands)": thousand, "Units: £ ths": thousand,
              "kGBP": thousand, "Millions of meals": None, "Thousands of pounds": thousand}  # fmt: skip
    stated = {text: units_in_title(text) for text in titles}
    assert {text: units[0].pounds if units else None for text, units in stated.items()} == titles


def test_a_column_with_cells_that_show_something_else_is_read_as_each_cell_is():
    import pandas as pd

    cells = ["5", NumberFormat("0,").shown_as("5000"), NumberFormat('0,"k"').shown_as("5000"), "6"]
    found = read_amounts(pd.Series(cells, dtype=object))
    assert found.text.tolist() == ["5", "", "5000.00", "6"]
    assert found.codes.tolist() == [None, "SHOWN_OTHERWISE", None, None]


# ── A renderer of its own ────────────────────────────────────────────────────────────────────────────────────────────

UNITS = {"": Decimal(1), "k": Decimal(1_000), "m": Decimal(1_000_000), "bn": Decimal(1_000_000_000)}


@dataclass(frozen=True)
class Style:
    """A number format as choices, from which its code and what it shows are made independently."""

    pound: str  # how the pound sign is written in the code
    groups: bool
    decimals: int
    commas: int
    percent: bool
    unit: str
    negative: str  # how a second section shows negative numbers: "", "-", "()", "red", "none"

    @property
    def code(self) -> str:
        digits = ("#,##0" if self.groups else "0") + ("." + "0" * self.decimals if self.decimals else "")
        unit = f'"{self.unit}"' if self.unit else ""
        plain = f"{self.pound}{digits}{',' * self.commas}{'%' if self.percent else ''}{unit}"
        second = {"": "", "-": f";-{plain}", "()": f";({plain})", "red": f";[Red]{plain}", "none": f";{plain}"}
        return plain + second[self.negative]

    def number_shown(self, stored: Decimal) -> Decimal:
        """The number that stands in the cell, as a person reads it, without its unit."""
        number = stored / Decimal(1000) ** self.commas * (100 if self.percent else 1)
        rounded = number.quantize(Decimal(1).scaleb(-self.decimals), rounding=ROUND_HALF_UP)
        return abs(rounded) if self.negative == "none" else rounded


STYLES = st.builds(
    Style,
    pound=st.sampled_from(["", "£", '"£"', "[$£-809]"]),
    groups=st.booleans(),
    decimals=st.integers(0, 3),
    commas=st.integers(0, 3),
    percent=st.booleans(),
    unit=st.sampled_from([*UNITS]),
    negative=st.sampled_from(["", "-", "()", "red", "none"]),
)


@given(STYLES, st.integers(-(10**12), 10**12), st.sampled_from([Decimal(1), Decimal(1_000)]))
def test_what_a_format_shows_is_what_is_read_or_it_is_asked(style, pence, column):
    stored = Decimal(pence).scaleb(-2)
    text = NumberFormat(style.code).shown_as(f"{stored.normalize():f}")
    try:
        read = read_amount(text, column).value
    except Refused:
        return  # it is asked
    assert not style.percent
    unit = UNITS[style.unit] if style.unit else column
    half_of_the_last_digit = Decimal("0.5").scaleb(-style.decimals) * unit
    assert abs(style.number_shown(stored) * unit - read) <= half_of_the_last_digit + Decimal("0.005")


@given(STYLES, st.integers(-(10**12), 10**12))
def test_a_cell_whose_number_is_shown_is_never_asked_about(style, pence):
    """Nobody is asked about a number that is shown in pounds, or in the unit by which it is divided."""
    stored = Decimal(pence).scaleb(-2)
    is_clear = not style.percent and UNITS[style.unit] == Decimal(1000) ** style.commas and style.negative != "none"
    if is_clear:
        text = NumberFormat(style.code).shown_as(f"{stored.normalize():f}")
        assert read_amount(text).value == stored
