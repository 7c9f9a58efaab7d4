"""One amount at a time: every sign, mark and separator with its exact value, note or refusal, and a slow twin."""

from decimal import Decimal
from itertools import product

import pytest

from pooledcare.kernel.amounts import (
    LARGEST,
    MILLION,
    THOUSAND,
    Amount,
    as_text,
    how_to_write_an_amount,
    millions,
    parse_amount,
    read_amount,
    thousands,
    to_the_penny,
)
from pooledcare.kernel.problems import Problem, Refused

PLUS, GBP, POUND = "plus sign removed", "GBP removed", "pound sign removed"
BRACKETS, DASH = "brackets read as a minus sign", "dash read as a minus sign"
INVISIBLE = "invisible characters removed"
AROUND, AFTER_MINUS = "spaces around the amount removed", "spaces after the minus sign removed"
COMMAS, SPACES = "commas between thousands removed", "spaces between thousands removed"
BOTH_SIDES = "written with digits on both sides of the point"
LEADING, ZERO, PENCE = "leading zeros removed", "minus sign of zero removed", "zeros after the pence removed"
BINARY = "digits beyond the fifteenth, left by the spreadsheet's arithmetic, removed"
DASHES = "\u2212\u2013\u2010\u2011\ufe63\uff0d"
GROUP_SPACES = " \u00a0\u2009\u202f\u2007"

TIDIED = {
    # Signs.
    "+5": ("5.00", PLUS),
    "+ 5": ("5.00", PLUS),
    **{f"{dash}5": ("-5.00", DASH) for dash in DASHES},
    "\u2212 5": ("-5.00", DASH),
    "- 5": ("-5.00", AFTER_MINUS),
    "-\u200b\u00a05": ("-5.00", f"{INVISIBLE}; {AFTER_MINUS}"),
    "(5)": ("-5.00", BRACKETS),
    "( 5 )": ("-5.00", BRACKETS),
    "(57)": ("-57.00", BRACKETS),
    "-0": ("0.00", ZERO),
    "-0.0": ("0.00", ZERO),
    "-000": ("0.00", ZERO),
    "(0)": ("0.00", f"{BRACKETS}; {ZERO}"),
    "\u22120.00": ("0.00", f"{DASH}; {ZERO}"),
    "+0": ("0.00", PLUS),
    # Pounds.
    "£5": ("5.00", POUND),
    "£ 5": ("5.00", POUND),
    "£\u200b5": ("5.00", f"{INVISIBLE}; {POUND}"),
    "1\u200b2": ("12.00", INVISIBLE),
    "1\u2060,234\u200e": ("1234.00", f"{AROUND}; {INVISIBLE}; {COMMAS}"),
    "-£5": ("-5.00", POUND),
    "£-5": ("-5.00", POUND),
    "£ - 5": ("-5.00", f"{POUND}; {AFTER_MINUS}"),
    "+£5": ("5.00", f"{PLUS}; {POUND}"),
    "(£5)": ("-5.00", f"{BRACKETS}; {POUND}"),
    "£(5)": ("-5.00", f"{POUND}; {BRACKETS}"),
    "GBP5": ("5.00", GBP),
    "GBP 5": ("5.00", GBP),
    "gbp 5": ("5.00", GBP),
    "5GBP": ("5.00", GBP),
    "5 Gbp": ("5.00", GBP),
    "-5 GBP": ("-5.00", GBP),
    "-GBP 5": ("-5.00", GBP),
    "(5 GBP)": ("-5.00", f"{BRACKETS}; {GBP}"),
    # Thousands.
    "1,234": ("1234.00", COMMAS),
    "12,345": ("12345.00", COMMAS),
    "123,456,789.05": ("123456789.05", COMMAS),
    "999,999,999,999.99": ("999999999999.99", COMMAS),
    **{f"1{space}234{space}567.8": ("1234567.80", SPACES) for space in GROUP_SPACES},
    "12 345": ("12345.00", SPACES),
    "1 234 567 890": ("1234567890.00", SPACES),
    "123 456": ("123456.00", SPACES),
    "-1,234": ("-1234.00", COMMAS),
    "£(1,234.50)": ("-1234.50", f"{POUND}; {BRACKETS}; {COMMAS}"),
    "1,234.": ("1234.00", f"{COMMAS}; {BOTH_SIDES}"),
    # Decimals.
    ".5": ("0.50", BOTH_SIDES),
    "-.05": ("-0.05", BOTH_SIDES),
    "5.": ("5.00", BOTH_SIDES),
    "10.500": ("10.50", PENCE),
    "10.120": ("10.12", PENCE),
    "0.00000000000000000000000000": ("0.00", PENCE),
    # Zeros in front: told only where they made the number longer than any amount.
    "£007": ("7.00", POUND),
    "£000000000012": ("12.00", POUND),
    "0000000000012": ("12.00", LEADING),
    "0999999999999.99": ("999999999999.99", LEADING),
    "-0000000000012": ("-12.00", LEADING),
    "0000000000000": ("0.00", LEADING),
    # What the binary arithmetic of a spreadsheet leaves behind: only with 16 or 17 digits, of which 15 are pence.
    "0.30000000000000004": ("0.30", BINARY),
    "0.10000000000000042": ("0.10", BINARY),
    "123456789012.0001": ("123456789012.00", BINARY),
    "123456789012.0005": ("123456789012.00", BINARY),
    "123456789012.00001": ("123456789012.00", BINARY),
    "-4.3499999999999996": ("-4.35", BINARY),
    "999999999999.98999": ("999999999999.99", BINARY),
    # Spaces around.
    " 5": ("5.00", AROUND),
    "5\t": ("5.00", AROUND),
    " £ 1,234.560 ": ("1234.56", f"{AROUND}; {POUND}; {COMMAS}; {PENCE}"),
}


def read(texts, unit=Decimal(1)):
    amounts = {text: read_amount(text, unit) for text in texts}
    return {text: (str(amount.value), amount.normalised) for text, amount in amounts.items()}


def test_each_tidied_amount_has_its_exact_value_and_says_exactly_what_was_tidied():
    assert read(TIDIED) == TIDIED


def test_nothing_is_said_of_an_amount_that_stands_as_it_should():
    plain = {
        *(("0", "0.00"), ("5", "5.00"), ("007", "7.00"), ("1.5", "1.50"), ("-0.01", "-0.01"), ("-0.5", "-0.50")),
        *(("000000000012", "12.00"), ("999999999999.99", "999999999999.99"), ("-999999999999", "-999999999999.00")),
    }
    assert read(text for text, _ in plain) == {text: (value, None) for text, value in plain}


def test_a_mark_that_was_tidied_twice_is_told_once():
    assert read_amount("£-£5") == Amount(Decimal("-5.00"), "pound sign removed")


DIGITS = "Write the amount in pounds and pence with digits only, like 1234.56 or -1234.56."
ANSWERS = {
    "REQUIRED": ("Enter an amount", "Enter the amount. A blank is never read as 0: enter 0 if it is nil."),
    "EXCEL_ERROR": (
        "The cell holds a spreadsheet error, not an amount",
        "Correct the formula, or enter the amount.",
    ),
    "FORMULA": ("The cell holds a formula, not an amount", "Enter the amount that the formula gives."),
    "NON_ASCII_DIGITS": ("The amount is written with digits other than 0 to 9", DIGITS),
    "SIGN_UNCLEAR": (
        "It is not clear whether the amount is negative",
        "Put one minus sign in front of a negative amount, like -1234.56.",
    ),
    "SCIENTIFIC": (
        "The amount is in scientific notation, so some of its digits may be lost",
        "Format the column as a number with 2 decimal places and save the file again.",
    ),
    "AMBIGUOUS_NUMBER": ("The commas, points or spaces in the amount could mean more than one number", DIGITS),
    "CURRENCY": (
        "The amount has a sign that is not the pound sign",
        "Enter the amount with £ or no sign. If the sign was a £, save the file as CSV UTF-8.",
    ),
    "NOT_A_NUMBER": ("This is not an amount", DIGITS),
    "TOO_MANY_DECIMALS": ("The amount has parts of a penny", "Round the amount to pounds and pence."),
    "TOO_LARGE": ("The amount is larger than £999,999,999,999.99", "Check the amount and its unit."),
}
# Amounts of which the point may stand between thousands, and what they would be then.
OR_THOUSANDS = {"1.001": "1001", "1.005": "1005", "(1.001)": "1001"}
CODES = ("USD", "EUR", "JPY", "CHF", "AUD", "CAD", "INR")
REFUSED = {
    "REQUIRED": [
        *("", " ", "-", "--", "–", "—", "−", ".", "..", "...", "…", "n/a", "na", "n.a.", "null", "nil", "none"),
        *("tbc", "tba", "tbd", "[x]", "[z]", "[c]", "x", "not applicable", "not available", "unknown"),
        *("N/A", "Nil", " None ", "TBC\u200b", "[X]", "Unknown"),
    ],
    "EXCEL_ERROR": ["#REF!", "#", "#5", " #N/A"],
    "FORMULA": ["=5", "@5", "＝5", "＠5", "+1+1", "-1-1", "-1+1", "+1*2", "-1^2", "+(1)+1", "-1,234-5", "+A1+A2"],
    "NON_ASCII_DIGITS": ["１", "1２", "½", "5²", "٣", "-５"],
    "SIGN_UNCLEAR": [
        *("1234-", "1234+", "5-", "£5-", "1,234-", "1 234-", "1.50-", "-5-", "5 CR", "5CR", "5cr", "5 DR", "5Dr"),
        *("--5", "-+5", "+-5", "++5", "- -5", "-£-5", *(f"{sign}{dash}5" for dash in DASHES for sign in "+-")),
        *("(-5)", "(+5)", "(−5)", "(£-5)", "(5-)", "£(-5)", "(5 CR)", "£5 CR"),
    ],
    "SCIENTIFIC": ["1e5", "1E5", "1.5e3", ".5E3", "5.e3", "1e+5", "1e-5", "-1e5", "(1e5)", "£1E5"],
    "AMBIGUOUS_NUMBER": [
        *("1,23", "1,2345", "1234,567", "12,34,567", "1,234,56", "0,123", "00,123", "1,,234", "1,234,", "1.2,345"),
        *("1.234,56", "1.234.567", "1..5", "1'234", "1’234", "1,234 567", "1 234,567", "1 234\u00a0567", "1 23"),
        *("1  234", "1 2345", "1 234 56", "1234 567", "1 234.5 6", "-1,23", "(1,23)", "£1,23", "1,234.5.6", "0 123"),
    ],
    "CURRENCY": [
        *("$5", "5$", "€5", "5€", "$ 5", "5 €", "$1,23", "-$5", "($5)", "贈10,707,003", "\ufffd5"),
        *("Â£5", "Â££5", "-Â£1,234.50", "Â5"),
        *(f"{code} 5" for code in CODES),
        *(f"5{code.lower()}" for code in CODES),
    ],
    "NOT_A_NUMBER": [
        *("(", ")", "()", "(5", "5)", "(57", "57)", ")57(", "((5))", "-(5)", "+", "£", "£-", "GBP", "(£)", "£.", "-."),
        *("%5", "!5", "5!", "k5", "1_000", "1/2", "0x1A", "1:30", "5 pounds", "SEK 5", "5 SEK"),
        *("£5 GBP", "GBP5GBP", "1e5x", "e5", "1e", "1e5.5", "5-3", "5 CRX", "X5 CR", "1,234x", "x1,234", "US$5"),
        *("Â£", "Â£x", "TRUE", "NaN", "nan", "Infinity", "-inf", "zero"),
        *("USDX5", "5XUSD", "US5", "$x", "x$", "USDx5", "5xUSD", "$5x", "x5$", "Â£5x", "ÂÂ£5", "€€5", "(5)-5"),
        *("5x€", "€x5", "5xx USD", "USD xx5"),
        *("5£", "££5", "£5£"),
    ],
    "TOO_MANY_DECIMALS": [
        *("1.001", "1.005", "0.0001", "£0.125", "(1.001)", "1,234.567", ".001", "1.0010", "123456789012.001"),
        *("123456789012.000001", "0.1000000000000041", "123456789012.0015", "1.99999999999999999"),
        "0." + "0" * 30 + "1",
    ],
    "TOO_LARGE": [
        *("1000000000000", "1000000000000.00", "-1000000000000", "£1,000,000,000,000", "9999999999999"),
        *("01000000000000", "999999999999.99999", "(999999999999.99999)", "9" * 400, "1" + "0" * 5_000),
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_each_refusal_says_exactly_what_is_wrong_and_how_to_mend_it(code):
    message, fix = ANSWERS[code]
    for text in REFUSED[code]:
        with pytest.raises(Refused) as refused:
            read_amount(text)
        more = OR_THOUSANDS.get(text)
        said = f"{fix} If the point stands between thousands, write {more}." if more else fix
        assert refused.value.problems == [Problem(code, message, None, text, said)], text


@pytest.mark.parametrize("text", ["\u00ad5", "5\u00ad", "1\u00ad2", "£\u00ad5"])
def test_a_soft_hyphen_may_be_a_minus(text):
    with pytest.raises(Refused) as refused:
        read_amount(text)
    message = "There is a soft hyphen in the amount (U+00AD), which some programs show as a minus sign"
    fix = "Type the amount again, with a minus sign in front if it is negative."
    assert refused.value.problems == [Problem("SIGN_UNCLEAR", message, None, text, fix)]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("\u202e12", "202E"),
        ("1\u20672", "2067"),
        ("1\x072", "0007"),
        ("x\u202e\u200b1", "202E"),
        ("1\x1f2", "001F"),
        *((text, "000A") for text in ("1\n2", "1,234\n5", "1 234\n5", "-1-1\n1")),
    ],
)
def test_the_first_hidden_character_is_named(text, point):
    with pytest.raises(Refused) as refused:
        read_amount(text)
    message = f"The amount has a hidden character in it (U+{point})"
    assert refused.value.problems == [Problem("NOT_A_NUMBER", message, None, text, "Type the amount again.")]


@pytest.mark.parametrize(
    ("unit", "meant"),
    [
        (Decimal(1), "in pounds and pence"),
        (THOUSAND, "in thousands of pounds, as the rest of the column is,"),
        (MILLION, "in millions of pounds, as the rest of the column is,"),
        (Decimal(10_000), "in units of £10,000, as the rest of the column is,"),
    ],
)
def test_how_to_write_an_amount_names_the_unit_of_its_column(unit, meant):
    says = f"Write the amount {meant} with digits only, like 1234.56 or -1234.56."
    assert how_to_write_an_amount(unit) == says
    with pytest.raises(Refused) as refused:
        read_amount("words", unit)
    assert refused.value.problems[0].fix == says
    assert how_to_write_an_amount() == how_to_write_an_amount(Decimal(1)) == DIGITS


IN_THOUSANDS = {
    "1": ("1000.00", None),
    "-1": ("-1000.00", None),
    "007": ("7000.00", None),
    "1.2345": ("1234.50", None),
    "1.230000": ("1230.00", None),
    "1.2300000000000001": ("1230.00", None),
    "-0": ("0.00", ZERO),
    "-0.000001": ("0.00", ZERO),
    "(1,234.5)": ("-1234500.00", f"{BRACKETS}; {COMMAS}"),
    ".5": ("500.00", BOTH_SIDES),
    # Rounded half-even, once, however many digits follow.
    "0.000005": ("0.00", None),
    "0.000015": ("0.02", None),
    "0.000025": ("0.02", None),
    "-0.000015": ("-0.02", None),
    "0.00000500000000000000000000000000000000000001": ("0.01", None),
    "0.00000499999999999999999999999999999999999999": ("0.00", None),
    # Up to the largest amount, and no further.
    "999999999.99999": ("999999999999.99", None),
    "999999999.999994999": ("999999999999.99", None),
}


def test_thousands_are_multiplied_and_rounded_once():
    assert read(IN_THOUSANDS, THOUSAND) == IN_THOUSANDS
    assert {text: str(thousands(text)) for text in IN_THOUSANDS} == {text: v for text, (v, _) in IN_THOUSANDS.items()}


def test_thousands_beyond_the_largest_amount_are_refused():
    for text in ("999999999.999995", "1000000000", "-1000000000", "0999999999999"):
        with pytest.raises(Refused) as refused:
            thousands(text)
        assert refused.value.problems == [
            Problem("TOO_LARGE", ANSWERS["TOO_LARGE"][0], None, text, ANSWERS["TOO_LARGE"][1])
        ]


def test_millions_are_millions():
    assert str(millions("1")) == "1000000.00"
    assert str(millions("-0.00000001")) == "-0.01"
    assert str(millions("999999.99999999")) == str(LARGEST)
    assert str(parse_amount("1.5", MILLION)) == "1500000.00"
    with pytest.raises(Refused):
        millions("1000000")


SIGNS = {"": 1, "-": -1, "+": 1, "\u2212": -1}
MARKS = [("", ""), ("£", ""), ("£ ", ""), ("GBP ", ""), ("", " GBP")]
WHOLES = {"0": 0, "1234": 1_234, "1,234": 1_234, "12 345": 12_345, "1\u00a0234\u00a0567": 1_234_567}
FRACTIONS = {"": 0, ".": 0, ".5": 50, ".05": 5, ".990": 99}


def test_every_combination_of_sign_mark_grouping_and_pence_has_the_value_it_shows():
    """The value is put together from the parts, not read; each is also shown in brackets and with spaces around."""
    for (sign, factor), (before, after), (whole, pounds), (fraction, pence) in product(
        SIGNS.items(), MARKS, WHOLES.items(), FRACTIONS.items()
    ):
        value = factor * Decimal(pounds * 100 + pence) / 100
        number = whole + fraction
        assert parse_amount(f"{sign}{before}{number}{after}") == value
        assert parse_amount(f" {before}{sign}{number}{after}\u00a0") == value
        if not sign:
            assert parse_amount(f"({before}{number}{after})") == -value
            assert parse_amount(f"{before}{number}{after}", THOUSAND) == value * 1_000


def twin(text):
    """The one value that a text of these tokens may have, and None if its commas or spaces part no thousands."""
    shown = text.replace("£", "").replace(" ", "")
    negative = "-" in shown or "(" in shown
    digits = "".join(character for character in shown if character in "0123456789.")
    whole = text.strip("()£-+ ").split(".")[0]
    if any(len(group) != 3 for group in whole.replace(" ", ",").split(",")[1:]):
        return None
    return (-1 if negative else 1) * Decimal(digits)


@pytest.mark.slow
def test_whatever_short_text_is_read_has_the_value_that_a_slow_twin_gives_it():
    tokens = ["1", "234", ",", ".", " ", "-", "+", "(", ")", "£"]
    accepted = 0
    for length in range(1, 5):
        for parts in product(tokens, repeat=length):
            text = "".join(parts)
            try:
                value = read_amount(text).value
            except Refused:
                continue
            accepted += 1
            assert value == twin(text), text
            assert text.count("(") == text.count(")"), text
    assert accepted > 100


def test_amounts_are_written_with_two_decimals_and_their_sign():
    written = {
        *(("-5", "-5.00"), ("5", "5.00"), ("-0.05", "-0.05"), ("0", "0.00"), ("-0", "0.00"), ("1E+3", "1000.00")),
        *(("-1234.5", "-1234.50"), ("999999999999.99", "999999999999.99"), ("1.500", "1.50")),
    }
    assert {(text, as_text(Decimal(text))) for text, _ in written} == written
    for text in ("0.001", "-0.005", "1.999"):
        with pytest.raises(ValueError, match=rf"^{text} is not in whole pennies\.$"):
            as_text(Decimal(text))


def test_rounding_to_the_penny_is_half_even_and_exact_at_any_size():
    rounded = {
        "0.005": "0.00",
        "0.015": "0.02",
        "0.025": "0.02",
        "-0.005": "-0.00",
        "-0.015": "-0.02",
        "0.0051": "0.01",
    }
    assert {text: str(to_the_penny(Decimal(text))) for text in rounded} == rounded
    assert to_the_penny(Decimal(10) ** 40) == Decimal(10) ** 40
