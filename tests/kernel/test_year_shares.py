"""Days of the year with percentages: read as people write them, kept in one way, and together the whole."""

from __future__ import annotations

import pytest

from pooledcare.kernel.fields import SharesField
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.year_shares import HOW_WRITTEN, MOST_SHARES, read_shares, share_in_words, shares_problem


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("15 April: 25", "04-15 25.00"), ("15 April 25%", "04-15 25.00"), ("15th Apr : 33.3 per cent", "04-15 33.30"),
        ("04-15: 25", "04-15 25.00"), ("04-15 25.00", "04-15 25.00"), (" 1  January:\t0.5 % ", "01-01 0.50"),
        ("31 March: 100", "03-31 100.00"), ("28 February: 0", "02-28 0.00"),
    ],
)  # fmt: skip
def test_a_share_is_read_as_people_write_it(text, kept):
    assert read_shares([text]) == [kept]


@pytest.mark.parametrize(
    "text",
    [
        "15 April", "25%", "15 April 2026: 25", "1/4: 25", "1.4. 25", "29 February: 25", "31 June: 25", "April 25",
        "15 April: 100.01", "15 April: -5", "15 April: 33.333", "15 April: a quarter", "15 April: 25%; 1 May: 75%",
        "00-10 25.00", "10-32: 25",
    ],
)  # fmt: skip
def test_what_is_no_day_of_every_year_with_a_percentage_is_not_guessed(text):
    with pytest.raises(Refused) as refused:
        read_shares(["1 May: 75", text])
    (problem,) = refused.value.problems
    assert (problem.code, problem.message) == ("NOT_A_SHARE", f"“{text}” is not a day of every year and a percentage")
    assert problem.fix == HOW_WRITTEN


def test_days_come_in_the_order_of_the_financial_year():
    typed = ["31 March: 1", "1 January: 2", "1 April: 3", "31 December: 4"]
    assert [share_in_words(each) for each in read_shares(typed)] == [
        "1 April: 3%", "31 December: 4%", "1 January: 2%", "31 March: 1%",
    ]  # fmt: skip
    assert share_in_words("10-05 33.30") == "5 October: 33.30%"


@pytest.mark.parametrize("shares", [[], ["04-15 100.00"], ["04-15 33.33", "08-15 33.33", "12-15 33.34"]])
def test_shares_make_the_whole_or_are_not_given(shares):
    assert shares_problem("Instalments", shares) is None


DAYS = [f"{month:02}-{day:02}" for month in (4, 5, 6) for day in range(1, 21)]


@pytest.mark.parametrize(
    ("shares", "code", "message"),
    [
        ("04-15 100.00", "WRONG_TYPE", "Instalments must be a list of days and percentages"),
        ([25], "WRONG_TYPE", "Instalments must be a list of days and percentages"),
        (["04-15 25.00", "10-15 74.99"], "SHARES_NOT_WHOLE", "Instalments: the shares add up to 99.99%, not to 100%"),
        (["04-15 50.00", "10-15 51.00"], "SHARES_NOT_WHOLE", "Instalments: the shares add up to 101%, not to 100%"),
        (["04-15 50.00", "04-15 50.00"], "DAY_TWICE", "Instalments: 15 April is given more than once"),
        (["04-15 100.00", "10-15 0.00"], "SHARE_IS_NOTHING", "Instalments: the share of 15 October: 0% is nothing"),
        (["02-29 100.00"], "NOT_A_SHARE", "Instalments: “02-29 100.00” is not a day of every year and a percentage"),
        (["1 May: 100%"], "NOT_A_SHARE", "Instalments: “1 May: 100%” is not a day of every year and a percentage"),
        ([f"{day} 1.00" for day in [*DAYS, "07-01"]], "TOO_MANY", "Instalments: at most 60 days are allowed"),
    ],
)  # fmt: skip
def test_other_shares_cannot_be_kept(shares, code, message):
    problem = shares_problem("Instalments", shares)
    assert problem is not None
    assert (problem.code, problem.message) == (code, message)


def test_as_many_days_as_are_allowed_are_kept():
    most = [f"{day} 1.00" for day in DAYS[: MOST_SHARES - 1]]
    assert shares_problem("Instalments", [*most, "07-01 41.00"]) is None


def test_a_form_shows_again_what_it_read():
    field = SharesField(label="Instalments", required=False)
    kept = field.clean(" 15 October: 60%\r\n\r\n15 April: 40 ")
    assert kept == ["04-15 40.00", "10-15 60.00"]
    assert field.prepare_value(kept) == "15 April: 40%\n15 October: 60%"
    assert field.clean(field.prepare_value(kept)) == kept
    assert field.clean(" ") == []
    assert field.prepare_value("typed") == "typed"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("15 April", f"“15 April” is not a day of every year and a percentage. {HOW_WRITTEN}"),
        ("15 April: 40", "Instalments: the shares add up to 40%, not to 100%. Correct the shares."),
    ],
)
def test_a_form_says_what_is_wrong(typed, message):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as error:
        SharesField(label="Instalments").clean(typed)
    assert error.value.messages == [message]
