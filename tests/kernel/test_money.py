"""Amounts: every case of the hostile grammar with its exact answer, and the laws of reading, splitting and writing."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pooledcare.kernel.money import (
    LARGEST,
    as_text,
    millions,
    parse_amount,
    pounds,
    pounds_short,
    read_amount,
    read_amounts,
    split,
    thousands,
    to_the_penny,
)
from pooledcare.kernel.problems import Refused

amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2, allow_nan=False)

# Accepted as it stands.
OK = {
    "A13": [("999999999999.99", "999999999999.99"), ("0", "0.00"), ("5.5", "5.50"), ("-0.01", "-0.01"), ("007", "7.00")]
}

# Accepted with a note of what was tidied.
NORM = {
    "A01": [("£1,234.56", "1234.56"), ("£ 12", "12.00"), ("-£5", "-5.00"), ("£-5", "-5.00")],
    "A02": [("1,234.56", "1234.56"), ("1,234,567", "1234567.00")],
    "A05": [("(1,234)", "-1234.00"), ("(£1,234.00)", "-1234.00"), ("£(5)", "-5.00")],
    "A10": [("-0", "0.00"), ("-0.00", "0.00")],
    "A12": [("10.500", "10.50"), ("10.000000", "10.00")],
    "A18": [("−5", "-5.00"), ("–5", "-5.00")],
    "A19": [(text, "12.00") for text in ("12\u200b", "\ufeff12", "1\u200b2", "12\u00a0", " 12\t", "12\n")],
    "A20": [("+5", "5.00"), (".5", "0.50"), ("5.", "5.00"), ("- 5", "-5.00")],
    "A21": [("1 234.56", "1234.56"), ("1\u00a0234\u00a0567", "1234567.00"), ("1\u2009234", "1234.00")],
    "A26": [("100 GBP", "100.00"), ("GBP 1,000", "1000.00")],
    "zeros in front": [("0000000000000012.50", "12.50")],
    "spreadsheet arithmetic": [("0.30000000000000004", "0.30"), ("13688506.580000002", "13688506.58"),
                               ("0.99999999999999999", "1.00"), ("4.3499999999999996", "4.35")],
}  # fmt: skip

REFUSED = {
    "A03": ("AMBIGUOUS_NUMBER", ["1,23", "12,34.5", "1,2345", "0,123", "1,234,56", "1,,234"]),
    "A04": ("AMBIGUOUS_NUMBER", ["1.234,56", "1.234.567", "1'234"]),
    "A06": ("SIGN_UNCLEAR", ["1234-", "1234CR", "1234 DR", "(-5)", "--5", "+-5", "£1,234-", "-5-"]),
    "A07": ("SCIENTIFIC", ["1e5", "1E5", "1.23E+07", ".5e3", "-1e-2"]),
    "A08": ("NOT_A_NUMBER", ["NaN", "nan", "-nan"]),
    "A09": ("NOT_A_NUMBER", ["Infinity", "-inf"]),
    "A11": ("TOO_MANY_DECIMALS", ["1.005", "2.675", "1.999", "0.001", "1.00500000000001", "0.12345678901234567"]),
    "A14": ("TOO_LARGE", ["1000000000000.00", "9" * 400, "1" + "0" * 5_000]),
    "A15": ("NON_ASCII_DIGITS", ["１２３.４５", "١٢", "½", "1２"]),
    "A16": ("NOT_A_NUMBER", ["1_000"]),
    "A17": ("NOT_A_NUMBER", ["0x1A", "0b1", "1/2"]),
    "A17 percentage": ("PERCENTAGE", ["50%", "2.5 %"]),
    "A17 unit": ("UNIT", ["1k", "1.5m", "£1.2bn", "5p"]),
    "A19": ("SIGN_UNCLEAR", ["1\u00ad2", "\u00ad12"]),
    "A21": ("AMBIGUOUS_NUMBER", ["1 23", "1 234 5", "1,234 567", "1 234\u00a0567"]),
    "A22": ("REQUIRED", ["", " ", "-", "–", "n/a", "N/A", "NULL", "nil", "TBC", "...", "[x]", "NA", "\u200b"]),
    "A23": ("EXCEL_ERROR", ["#REF!", "#N/A", "#DIV/0!", "########"]),
    "A24": ("FORMULA", ["=SUM(A1:A9)", "=1+1", "+1+1", "@SUM(A1)", "-1-1", "＝1"]),
    "A25": ("NOT_A_NUMBER", ["TRUE", "FALSE"]),
    "A26": ("CURRENCY", ["$100", "€100", "100 USD", "100€", "贈10,707,003", "Â£10,707,003", "�100"]),
    "only signs": ("NOT_A_NUMBER", ["£", "()", "£.", "+", "(£)", "GBP"]),
}


@pytest.mark.parametrize("case", OK)
def test_a_plain_amount_is_read_as_it_stands(case):
    for text, value in OK[case]:
        assert str(parse_amount(text)) == value
        assert read_amount(text).normalised is None


@pytest.mark.parametrize("case", NORM)
def test_an_amount_is_tidied_with_a_note(case):
    for text, value in NORM[case]:
        amount = read_amount(text)
        assert str(amount.value) == value
        assert amount.normalised, text


@pytest.mark.parametrize("case", REFUSED)
def test_an_amount_that_could_mean_something_else_is_refused(case):
    code, texts = REFUSED[case]
    for text in texts:
        with pytest.raises(Refused) as refused:
            read_amount(text)
        [problem] = refused.value.problems
        assert (problem.code, problem.value) == (code, text)
        assert problem.fix


@pytest.mark.slow
def test_a28_a_million_pennies_are_ten_thousand_pounds():
    column = read_amounts(pd.Series(["0.01"] * 1_000_000, dtype=object))
    assert column.total() == Decimal("10000.00")


@given(amounts)
def test_what_is_written_is_read_back(amount):
    assert read_amount(as_text(amount)).value == amount
    assert read_amount(as_text(amount)).normalised is None
    assert parse_amount(pounds(amount)) == amount


def attempt(text, unit=Decimal(1)):
    """The amount, or the refusal."""
    try:
        return read_amount(text, unit)
    except Refused as refused:
        return refused


@given(st.text(max_size=12))
@example("1\n")
@example("٣")
def test_no_text_is_read_as_an_amount_with_other_digits(text):
    amount = attempt(text)
    if not isinstance(amount, Refused):
        assert digits(text) == digits(str(amount.value))


def digits(text):
    return [character for character in text if character.isdigit() and character != "0"]


hostile = st.one_of(
    amounts.map(as_text),
    amounts.map(pounds),
    amounts.map(str),
    st.text(alphabet="0123456789.,-+()£ eE\u00a0\u2212\n", max_size=14),
    st.text(max_size=6),
    st.sampled_from([text for _, texts in REFUSED.values() for text in texts]),
    st.sampled_from([text for found in NORM.values() for text, _ in found]),
)


@given(st.lists(hostile, max_size=30), st.sampled_from([Decimal(1), Decimal(1000)]))
@example(["1", "-0", "2"], Decimal(1))
@example(["1\n2"], Decimal(1))
@example(["-0\n"], Decimal(1))
def test_a_column_is_read_exactly_as_its_cells(cells, unit):
    column = read_amounts(pd.Series(cells, dtype=object), unit)
    assert len(column.text) == len(column.ok) == len(cells)
    for index, cell in enumerate(cells):
        amount = attempt(cell, unit)
        if isinstance(amount, Refused):
            assert not column.ok[index]
            assert column.codes[index] == amount.code
            assert column.problems[index] == amount.problems[0]
            assert column.text[index] == ""
            assert column.pence[index] == 0
        else:
            assert column.ok[index]
            assert column.codes[index] is None
            assert Decimal(column.text[index]) == amount.value
            assert column.pence[index] == int(amount.value * 100)
            assert column.normalised[index] == (amount.normalised is not None)
            assert column.notes.get(index) == amount.normalised
    assert column.pence.dtype == np.int64


@given(st.lists(amounts, max_size=50))
def test_the_total_of_a_column_is_exact(values):
    column = read_amounts(pd.Series([as_text(value) for value in values], dtype=object))
    assert column.total() == sum(values, Decimal(0))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5125.6543", "5125654.30"),
        (" 101,260,119 ", "101260119000.00"),
        ("1055946.0000000001", "1055946000.00"),
        ("0.000005", "0.00"),
        ("0.000015", "0.02"),
        ("0.0000150000000001", "0.02"),
        ("39323.658807747692", "39323658.81"),
        ("-0.0071", "-7.10"),
        ("11,896", "11896000.00"),
    ],
)
def test_published_thousands_are_multiplied_and_rounded_half_even_once(text, value):
    assert str(thousands(text)) == value


def test_published_millions():
    assert millions("5,614") == Decimal("5614000000.00")
    assert millions("0.123456789") == Decimal("123456.79")


@pytest.mark.parametrize(("text", "code"), [("NA", "REQUIRED"), ("1e3", "SCIENTIFIC"), ("1000000000", "TOO_LARGE")])
def test_a_published_cell_is_read_by_the_same_grammar(text, code):
    with pytest.raises(Refused) as refused:
        thousands(text)
    assert refused.value.code == code


@given(amounts, st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 100, places=6)), min_size=1).filter(any))
def test_parts_sum_to_the_whole_each_within_a_penny_of_its_share(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    whole = sum(Fraction(weight) for weight in weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(part) - Fraction(amount) * Fraction(weight) / whole) < Fraction(1, 100)
        assert part == to_the_penny(part)
        if weight == 0:
            assert part == 0


def test_pennies_left_over_go_to_the_largest_remainder_and_then_to_the_first():
    assert split(Decimal("0.05"), [1, 1]) == [Decimal("0.03"), Decimal("0.02")]
    assert split(Decimal("-0.05"), [1, 1]) == [Decimal("-0.03"), Decimal("-0.02")]
    assert split(Decimal("1.00"), [Decimal("0.335"), Decimal("0.665")]) == [Decimal("0.34"), Decimal("0.66")]
    assert split(Decimal("0.01"), [1, 2]) == [Decimal("0.00"), Decimal("0.01")]
    assert split(Decimal("0.02"), [1, 1, 1]) == [Decimal("0.01"), Decimal("0.01"), Decimal("0.00")]
    assert split(Decimal("0.01"), [0, 1, 1]) == [Decimal("0.00"), Decimal("0.01"), Decimal("0.00")]
    assert split(Decimal("0.10"), [3, 3, 1]) == [Decimal("0.04"), Decimal("0.04"), Decimal("0.02")]


@pytest.mark.parametrize("amount", ["0.00", "0.01", "-0.01", "7.50"])
def test_the_only_weight_takes_the_whole_in_pounds_and_pence(amount):
    assert [str(part) for part in split(Decimal(amount), [0, 5])] == ["0.00", amount]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [2, -1], [-1]])
def test_there_is_no_share_of_nothing(weights):
    with pytest.raises(ValueError, match=r"^Weights must be zero or more, and at least one more than zero\.$"):
        split(Decimal("1.00"), weights)


def test_parts_of_a_penny_are_neither_split_nor_written():
    with pytest.raises(ValueError, match="whole pennies"):
        split(Decimal("0.001"), [1])
    with pytest.raises(ValueError, match="whole pennies"):
        as_text(Decimal("0.001"))


@pytest.mark.parametrize(
    ("amount", "long", "short"),
    [
        ("1234.56", "£1,234.56", "£1,235"),
        ("-1234.56", "−£1,234.56", "−£1,235"),
        ("0", "£0.00", "£0"),
        ("-0.00", "£0.00", "£0"),
        ("-0.40", "−£0.40", "£0"),
        ("-0.01", "−£0.01", "£0"),
        ("0.50", "£0.50", "£0"),
        ("-1.50", "−£1.50", "−£2"),
        ("2.50", "£2.50", "£2"),
        ("950.40", "£950.40", "£950"),
        ("1000000.00", "£1,000,000.00", "£1.0 million"),
        ("-1000000.00", "−£1,000,000.00", "−£1.0 million"),
        ("1050000.00", "£1,050,000.00", "£1.0 million"),
        ("1150000.00", "£1,150,000.00", "£1.2 million"),
        ("999950000.00", "£999,950,000.00", "£1.00 billion"),
        ("1005000000.00", "£1,005,000,000.00", "£1.00 billion"),
        ("1015000000.00", "£1,015,000,000.00", "£1.02 billion"),
        ("999999999999.99", "£999,999,999,999.99", "£1,000.00 billion"),
        ("999999.49", "£999,999.49", "£999,999"),
        ("999999.50", "£999,999.50", "£1.0 million"),
        ("5125654.30", "£5,125,654.30", "£5.1 million"),
        ("999949999.99", "£999,949,999.99", "£999.9 million"),
        ("999950000.01", "£999,950,000.01", "£1.00 billion"),
        ("1055946000", "£1,055,946,000.00", "£1.06 billion"),
        ("-103817368000", "−£103,817,368,000.00", "−£103.82 billion"),
    ],
)
def test_pounds_are_written_for_people(amount, long, short):
    assert pounds(Decimal(amount)) == long
    assert pounds_short(Decimal(amount)) == short


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.004", "£0.00"),
        ("-0.004", "£0.00"),
        ("0.005", "£0.00"),
        ("0.015", "£0.02"),
        ("-0.005", "£0.00"),
        ("-0.006", "−£0.01"),
        ("1.005", "£1.00"),
        ("-1.015", "−£1.02"),
    ],
)
def test_parts_of_a_penny_are_rounded_half_even_for_people(amount, written):
    assert pounds(Decimal(amount)) == written


def test_amounts_are_written_for_machines():
    assert as_text(Decimal("1234.5")) == "1234.50"
    assert as_text(Decimal("-0.00")) == "0.00"
    assert as_text(LARGEST) == "999999999999.99"
    assert as_text(Decimal("1E+3")) == "1000.00"
