"""What a file shows of how its amounts are written, and that each amount is read as its sender sees it, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.amounts import read_amount
from pooledcare.kernel.number_styles import DECIMAL_POINT, NumberStyle, StyleSearch
from pooledcare.kernel.problems import Refused


def style_of(delimiter: str, *cells: str, letter: str = "E") -> NumberStyle:
    search = StyleSearch(delimiter)
    search.look(cells, range(2, len(cells) + 2), letter)
    return search.style


def read(text: str, style: NumberStyle, unit: Decimal = Decimal(1)) -> Decimal | None:
    """The amount; None if it is refused for what it might mean."""
    try:
        return read_amount(text, unit, style).value
    except Refused as refused:
        if refused.code != "AMBIGUOUS_NUMBER":
            raise
        return None


POINTS = ["12.5", "1234.56", "0.75", ".5", "1,234.50", "1,234,567", "1 234.50", "1.2345", "£1,234.5", "(12.50)", "-0.1"]
COMMAS = ["1.234,56", "1.500.000", "1.234,", "-1.234,5", "£1.234,56", "(1.234.567,89)"]
COMMAS_WITH_SEMICOLONS = ["12,5", "1234,56", "0,75", "1 234,50", "-12,50"]
NEITHER = ["1.500", "1,500", "12.345", "0.500", "1234.500", "1234,500", "1500", "", "n/a", "12 345", "1,2345", "1.5.0"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_shows_a_point_a_comma_or_neither(delimiter):
    assert {text for text in POINTS if not style_of(delimiter, text).point} == set()
    assert {text for text in COMMAS if not style_of(delimiter, text).has_decimal_comma} == set()
    more = {text for text in COMMAS_WITH_SEMICOLONS if style_of(delimiter, text).comma}
    assert more == (set(COMMAS_WITH_SEMICOLONS) if delimiter == ";" else set())
    for text in NEITHER:
        style = style_of(delimiter, text)
        assert (style.point, style.comma) == ("", ""), text


@pytest.mark.parametrize(
    ("delimiter", "point", "comma"), [(",", "", ""), (";", "1.500 in E2", "2,750 in E3"), ("\t", "1.500 in E2", "")]
)
def test_the_first_unclear_amounts_are_kept_with_their_cells(delimiter, point, comma):
    style = style_of(delimiter, "-1.500", "(2,750)", "3.500", "4,500")
    assert (style.unclear("."), style.unclear(",")) == (point, comma)
    assert style_of(delimiter, "-1.500", "12.5").unclear(".") == ""
    assert style_of(delimiter, "-1.500", "1.234,56").unclear(".") == ""


def test_cells_are_named_across_looks_and_with_line_ends_in_them():
    search = StyleSearch(";")
    search.look(["a\nb", "1.500"], [2, 5], "C")
    search.look(["x", "12,5", "3,5"], [7, 8, 9], "AA")
    search.look(["12.5"], [10], "D")
    assert search.style == NumberStyle("12.5 in D10", "12,5 in AA8", "1.500 in C5", "")
    assert search.style.is_mixed
    assert not search.style.has_decimal_comma


def test_without_a_file_a_point_is_a_decimal_point():
    assert read("1.500", DECIMAL_POINT) == Decimal("1.50")
    assert read("1,500", DECIMAL_POINT) == Decimal(1500)


@pytest.mark.parametrize("unit", [Decimal(1), Decimal(1000)])
def test_in_any_unit_an_unclear_amount_is_refused(unit):
    assert read("1.500", style_of(";", "1.500"), unit) is None
    assert read("1.500", style_of(";", "1.500", "1.234,56"), unit) == 1500 * unit
    assert read("1.500", style_of(";", "1.500", "12.5"), unit) == Decimal("1.5") * unit


pence = st.integers(min_value=-(10**9), max_value=10**9)


def english(value: int, decimals: int, grouped: bool) -> str:
    number = Decimal(value).scaleb(-decimals)
    return f"{number:,}" if grouped else f"{number:f}"


def german(value: int, decimals: int, grouped: bool) -> str:
    return english(value, decimals, grouped).translate(str.maketrans(",.", ".,"))


@given(st.lists(st.tuples(pence, st.integers(0, 2), st.booleans()), min_size=1, max_size=8), st.sampled_from(";\t|,"))
def test_a_file_with_decimal_points_is_read_as_its_sender_sees_it_or_refused(amounts, delimiter):
    texts = [english(*amount) for amount in amounts]
    style = style_of(delimiter, *texts)
    for text, (value, decimals, _) in zip(texts, amounts, strict=True):
        assert read(text, style) in (Decimal(value).scaleb(-decimals), None)
    if delimiter != ";" or style.point:
        assert None not in [read(text, style) for text in texts]


@given(st.lists(st.tuples(pence, st.integers(0, 2), st.booleans()), min_size=1, max_size=8), st.sampled_from(";\t|"))
def test_a_file_with_decimal_commas_is_read_as_its_sender_sees_it_or_refused(amounts, delimiter):
    texts = [german(*amount) for amount in amounts]
    style = style_of(delimiter, *texts)
    for text, (value, decimals, _) in zip(texts, amounts, strict=True):
        assert read(text, style) in (Decimal(value).scaleb(-decimals), None)
    if style.comma:
        assert None not in [read(text, style) for text in texts]


@given(st.lists(st.tuples(pence, st.integers(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_between_semicolons_a_file_of_both_never_gives_a_thousandth(amounts):
    texts = [(german if is_german else english)(*amount) for *amount, is_german in amounts]
    style = style_of(";", *texts)
    if style.is_mixed:
        for text, (value, decimals, *_) in zip(texts, amounts, strict=True):
            assert read(text, style) in (Decimal(value).scaleb(-decimals), None)
