"""A column of amounts at once: the same answers as its cells one by one, whichever way it is recognised."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from pooledcare.kernel.amount_columns import AmountColumn, read_amounts
from pooledcare.kernel.amounts import THOUSAND, as_text, read_amount
from pooledcare.kernel.problems import Refused


def column(*cells, unit=None):
    series = pd.Series(list(cells), dtype=object)
    return read_amounts(series) if unit is None else read_amounts(series, unit)


def refusal(cell, unit=Decimal(1)):
    with pytest.raises(Refused) as refused:
        read_amount(cell, unit)
    return refused.value.problems[0]


def test_every_cell_keeps_its_place_with_its_text_its_note_and_its_problem():
    read = column("1.5", "(2)", "x", "-0.05", "", "£3", "-0", "007")
    assert read.text.tolist() == ["1.5", "-2.00", "", "-0.05", "", "3.00", "0.00", "007"]
    assert read.ok.tolist() == [True, True, False, True, False, True, True, True]
    assert read.codes.tolist() == [None, None, "REQUIRED", None, "REQUIRED", None, None, None]
    assert read.normalised.tolist() == [False, True, False, False, False, True, True, False]
    assert dict(read.problems) == {2: refusal("x"), 4: refusal("")}
    assert dict(read.notes) == {
        1: "brackets read as a minus sign",
        5: "pound sign removed",
        6: "minus sign of zero removed",
    }
    assert read.pence.tolist() == [150, -200, 0, -5, 0, 300, 0, 700]
    assert read.total() == Decimal("9.45")
    assert str(read.total()) == "9.45"
    assert [array.dtype for array in (read.text, read.ok, read.codes, read.normalised, read.pence)] == [
        *(object, np.bool_, object, np.bool_, np.int64)
    ]


def test_a_column_that_is_canonical_throughout_is_taken_as_it_stands():
    cells = ["0", "-1", "12.3", "-0.01", "-0.5", "999999999999.99", "-999999999999.99", "000000000000"]
    read = column(*cells)
    assert read.text.tolist() == cells
    assert read.ok.all()
    assert read.codes.tolist() == [None] * len(cells)
    assert not read.normalised.any()
    assert (dict(read.problems), dict(read.notes)) == ({}, {})
    assert read.pence.tolist() == [0, -100, 1230, -1, -50, 99_999_999_999_999, -99_999_999_999_999, 0]


# Each looks almost like an amount in a column of amounts, or joins with its neighbours to look like several.
ODD_CELLS = [
    *("-0", "-0.0", "-0.00", "-00", "-000.00", "-0\n", "1\n", "1\n2", "\n", "1\n\n2", "", " ", "5\r", "1."),
    *("1000000000000", "0000000000001", "1.234", "1.230", "--1", "-", "+1", "1-", "1,234", "٣", "１", "1e5", "1.2.3"),
    *("x", ".5", "1.5\n", "-0.001", "-0x", "£-0", "1\u2028", "1\x0b2", "NaN", "-1.", "-.5"),
]  # fmt: skip


@pytest.mark.parametrize("unit", [Decimal(1), THOUSAND], ids=["pounds", "thousands"])
def test_an_odd_cell_among_plain_ones_is_read_as_it_would_be_alone(unit):
    for cell in ODD_CELLS:
        for cells in ([cell], [cell, "1", "2.50"], ["1", cell, "2.50"], ["1", "2.50", cell]):
            read = column(*cells, unit=unit)
            for index, text in enumerate(cells):
                try:
                    amount = read_amount(text, unit)
                except Refused as refused:
                    expected = ("", False, refused.code, False, refused.problems[0], None, 0)
                else:
                    note = amount.normalised
                    expected = (amount.value, True, None, note is not None, None, note, int(amount.value * 100))
                answer = (read.text[index], read.ok[index], read.codes[index], read.normalised[index])
                answer += (read.problems.get(index), read.notes.get(index), read.pence[index])
                if expected[1]:
                    answer = (Decimal(answer[0]), *answer[1:])
                assert answer == expected, (cells, index)


def test_in_thousands_every_cell_is_multiplied_even_where_it_is_canonical():
    read = column("1", "-2.5", "0.000015", "1000000000", "-0", unit=THOUSAND)
    assert read.text.tolist() == ["1000.00", "-2500.00", "0.02", "", "0.00"]
    assert read.codes.tolist() == [None, None, None, "TOO_LARGE", None]
    assert dict(read.notes) == {4: "minus sign of zero removed"}
    assert dict(read.problems) == {3: refusal("1000000000", THOUSAND)}
    assert read.total() == Decimal("-1499.98")


def test_an_empty_column_has_no_cells_and_a_total_of_nothing():
    read = column()
    assert (read.text.tolist(), read.ok.tolist(), read.pence.tolist()) == ([], [], [])
    assert str(read.total()) == "0.00"


def test_the_total_is_exact_where_it_is_longer_than_a_machine_number():
    size = 93_000  # of the largest amount, in pence, these no longer fit into 64 bits
    text, codes = np.full(size, "999999999999.99", dtype=object), np.full(size, None, dtype=object)
    read = AmountColumn(text, np.ones(size, np.bool_), codes, np.zeros(size, np.bool_))
    assert as_text(read.total()) == "92999999999999070.00"
