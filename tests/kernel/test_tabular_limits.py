"""What a file may be at most: the published numbers, their sentences, and the names of cells."""

import pytest

from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular.limits import Limits, check_size, refuse, refuse_type
from pooledcare.kernel.tabular.places import column_index, column_letter, split_reference


def test_the_limits_are_those_that_are_published():
    assert Limits() == Limits(
        size=100_000_000,
        rows=2_000_000,
        columns=1_000,
        cell=4_000,
        line=65_536,
        sheets=100,
        cells=20_000_000,
        unpacked=1_000_000_000,
        unpacked_texts=100_000_000,
        expansion=200,
        parts=5_000,
        styles=100_000,
        only_utf8=False,
    )


def test_a_file_is_smaller_than_its_limit_and_not_empty():
    limits = Limits(size=2_000_000)
    for size in (1, 1_999_999):
        check_size(size, limits)
    for size in (2_000_000, 2_000_001):
        with pytest.raises(Refused) as refused:
            check_size(size, limits)
        fix = "Split the file into smaller files, or save a workbook as CSV."
        message = "The selected file must be smaller than 2MB"
        assert refused.value.problems == [Problem("FILE_TOO_LARGE", message, None, None, fix)]
    with pytest.raises(Refused) as refused:
        check_size(0, limits)
    fix = "Select a file that has rows in it."
    assert refused.value.problems == [Problem("EMPTY_FILE", "The selected file is empty", None, None, fix)]


@pytest.mark.parametrize("place", [{}, {"row": 3}, {"sheet": "Data"}, {"row": 3, "sheet": "Data"}])
def test_a_refusal_of_the_whole_file_says_where_as_far_as_that_is_known(place):
    with pytest.raises(Refused) as refused:
        refuse("CODE", "message", fix="fix", **place)
    assert refused.value.problems == [Problem("CODE", "message", Where(**place) if place else None, None, "fix")]


def test_another_type_of_file_is_named():
    with pytest.raises(Refused) as refused:
        refuse_type("a PDF")
    fix = "It looks like a PDF. Save it as CSV UTF-8, XLSX or ODS and select it again."
    assert refused.value.problems == [
        Problem("FILE_TYPE", "The selected file must be a CSV, XLSX or ODS", None, None, fix)
    ]


def test_columns_are_named_as_a_spreadsheet_names_them():
    names = {0: "A", 1: "B", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16_383: "XFD"}
    assert {index: column_letter(index) for index in names} == names
    assert {column_index(letters): letters for letters in names.values()} == names


def test_a_reference_is_a_column_and_a_row():
    references = {"A1": (0, 1), "D7": (3, 7), "AA10": (26, 10), "XFD1048576": (16_383, 1_048_576)}
    assert {reference: split_reference(reference) for reference in references} == references
    for text in ("", "A", "7", "A0", "A01", "a1", "A1 ", "A1:B2", "$A$1", "ABCD1", "A12345678", "٣1", "A٣"):
        with pytest.raises(ValueError, match=r"is not the name of a cell\.$") as error:
            split_reference(text)
        assert str(error.value) == f"{text!r} is not the name of a cell."
