"""Batches on their way to being chunks: what is carried from one batch to the next, and where each row ends up."""

import numpy as np
import pytest

from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import Limits, Notice, Sheet, merge
from pooledcare.kernel.tabular.batches import Batch
from pooledcare.kernel.tabular.sheets import BATCH, CHUNK, refuse_rows

MEND = "Give the row one cell for each heading. A comma inside a cell needs quotation marks around the cell."


class Given(Sheet):
    """A sheet of batches that a test wrote down, each as its rows by number."""

    limits = Limits()

    def __init__(self, *batches, name="", problems=None, **traits):
        self.name = name
        self.given = batches
        self.problems = problems or {}
        self.asked = []
        for trait, value in traits.items():
            setattr(self, trait, value)

    def batches(self, size=BATCH):
        self.asked.append(size)
        for rows in self.given:
            problems = {i: [self.problems[number]] for i, number in enumerate(rows) if number in self.problems}
            yield Batch(np.array(list(rows), dtype=np.int64), list(rows.values()), problems)


def told(chunk):
    return [(problem.code, problem.where.row) for problem in chunk.problems]


def contents(chunk):
    return dict(zip(chunk.numbers.tolist(), chunk.frame.to_numpy().tolist(), strict=True))


def counts(chunk):
    return chunk.first_row, chunk.rows_read, chunk.blank_rows, chunk.refused_rows


def test_batches_are_joined_into_chunks_with_their_own_numbers_counts_and_problems():
    sheet = Given(
        {2: ["a", "1"], 3: ["", ""]},
        {4: ["b", "2"], 5: ["c"]},
        {7: ["d", "4", "x"], 9: ["e", "5", ""]},
        {10: ["", " "], 12: ["g", "7"]},
        {20: ["h", "8"]},
    )
    first, second = sheet.chunks(5, width=2)
    assert contents(first) == {2: ["a", "1"], 4: ["b", "2"], 9: ["e", "5"]}
    assert counts(first) == (2, 6, 1, 2)
    assert first.problems == [
        Problem("MISSING_COLUMN", "The row has 1 cells, and the heading row 2", Where(row=5), None, MEND),
        Problem("EXTRA_COLUMN", "The row has 3 cells, and the heading row 2", Where(row=7), None, MEND),
    ]
    assert first.notices == [
        Notice("BLANK_ROWS", "Blank rows were left out", 1),
        Notice("EMPTY_CELLS", "Empty cells at the end of rows were left out", 1),
    ]
    assert contents(second) == {12: ["g", "7"], 20: ["h", "8"]}
    assert counts(second) == (10, 3, 1, 0)
    assert (second.problems, second.notices) == ([], [Notice("BLANK_ROWS", "Blank rows were left out", 1)])
    assert (first.numbers.dtype, second.numbers.dtype) == (np.int64, np.int64)


@pytest.mark.parametrize(("size", "lengths"), [(1, [2, 2, 2]), (2, [2, 2, 2]), (3, [4, 2]), (4, [4, 2]), (5, [6])])
def test_a_chunk_is_full_as_soon_as_it_holds_enough_rows_and_the_rest_follows(size, lengths):
    sheet = Given({1: ["a"], 2: ["b"]}, {3: ["c"], 4: [""]}, {5: ["e"], 6: ["f"]})
    chunks = list(sheet.chunks(size, width=1))
    assert [chunk.rows_read for chunk in chunks] == lengths
    assert [number for chunk in chunks for number in chunk.numbers] == [1, 2, 3, 5, 6]


def test_batches_are_asked_for_no_larger_than_the_chunk():
    sheet = Given()
    assert [list(sheet.chunks(size)) for size in (BATCH - 1, BATCH, BATCH + 1)] == [[], [], []]
    assert list(sheet.chunks()) == []
    assert sheet.asked == [BATCH - 1, BATCH, BATCH, BATCH]
    assert (BATCH, CHUNK) == (500, 50_000)


BAD_ROWS = {number: Problem("BAD_QUOTE", "bad", Where(row=number)) for number in (3, 5, 9)}


@pytest.mark.parametrize(
    ("after", "read", "refused", "first"),
    [
        (0, [2, 4, 8, 12], [3, 5, 9], 2),
        (1, [2, 4, 8, 12], [3, 5, 9], 2),
        (2, [4, 8, 12], [3, 5, 9], 3),
        (3, [4, 8, 12], [5, 9], 4),
        (4, [8, 12], [5, 9], 5),
        (5, [8, 12], [9], 8),
        (6, [8, 12], [9], 8),
        (8, [12], [9], 9),
        (9, [12], [], 12),
        (11, [12], [], 12),
    ],
)
def test_only_rows_below_the_heading_are_read_and_problems_stay_with_their_rows(after, read, refused, first):
    sheet = Given(
        {2: ["b"], 3: [""], 4: ["d"], 5: ["e"]}, {8: ["h"], 9: [""]}, {12: ["l"]}, problems=BAD_ROWS, name="Data"
    )
    [chunk] = sheet.chunks(width=1, after=after)
    assert contents(chunk) == {number: ["abcdefghijklm"[number - 1]] for number in read}
    assert told(chunk) == [("BAD_QUOTE", number) for number in refused]
    assert counts(chunk) == (first, len(read) + len(refused), 0, len(refused))


def test_the_first_row_may_be_the_heading():
    [chunk] = Given({1: ["a"], 2: ["b"]}).chunks(width=1, after=1)
    assert contents(chunk) == {2: ["b"]}


@pytest.mark.parametrize("after", [12, 13])
def test_below_the_last_row_there_is_nothing(after):
    assert list(Given({2: ["b"]}, {}, {12: ["m"]}).chunks(width=1, after=after)) == []


def test_a_row_is_blank_only_if_every_cell_of_it_is():
    blank = [[], [""], ["", ""], [" ", "\u200b\u00a0"], ["\t", "\r\n"], ["\ufeff"]]
    kept = [["", "x"], [" ", "!"], ["~", ""], ["!", ""], ["\u200bx", ""], ["é", ""], ["0", ""]]
    rows = dict(enumerate([*blank, *kept], start=1))
    [chunk] = Given(rows).chunks(width=2)
    assert contents(chunk) == dict(enumerate(kept, start=len(blank) + 1))
    assert counts(chunk) == (1, 13, 6, 0)
    assert chunk.notices == [Notice("BLANK_ROWS", "Blank rows were left out", 6)]


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "b", ""], ["a", "b"]),
        (["a", "b", " ", "\u200b"], ["a", "b"]),
        (["", "b", "", ""], ["", "b"]),
        (["a", "b", "x"], "EXTRA_COLUMN"),
        (["a", "b", "x", ""], "EXTRA_COLUMN"),
        (["a", "b", "", "x"], "EXTRA_COLUMN"),
        (["", "", "x"], "EXTRA_COLUMN"),
        (["a"], "MISSING_COLUMN"),
    ],
)
def test_a_row_of_another_width_loses_nothing_but_empty_cells(row, answer):
    [chunk] = Given({5: row, 6: ["y", "z"]}, name="Data").chunks(width=2)
    if isinstance(answer, str):
        message = f"The row has {len(row)} cells, and the heading row 2"
        assert chunk.problems == [Problem(answer, message, Where(sheet="Data", row=5), None, MEND)]
        assert (contents(chunk), chunk.notices) == ({6: ["y", "z"]}, [])
    else:
        cut = [Notice("EMPTY_CELLS", "Empty cells at the end of rows were left out", 1)] if len(row) > 2 else []
        assert (contents(chunk), chunk.problems, chunk.notices) == ({5: answer, 6: ["y", "z"]}, [], cut)


def test_rows_that_lost_empty_cells_are_counted():
    [chunk] = Given({1: ["a", ""], 2: ["b"], 3: ["c", "", ""]}, {4: ["d", ""]}).chunks(width=1)
    assert chunk.notices == [Notice("EMPTY_CELLS", "Empty cells at the end of rows were left out", 3)]
    assert contents(chunk) == {1: ["a"], 2: ["b"], 3: ["c"], 4: ["d"]}


def test_a_short_row_is_padded_where_empty_cells_are_not_stored():
    sheet = Given({1: ["a"], 2: ["b", "1", "2"], 3: ["c", "1", "2", "3"]}, stores_empty_cells=False)
    [chunk] = sheet.chunks(width=3)
    assert contents(chunk) == {1: ["a", "", ""], 2: ["b", "1", "2"]}
    assert told(chunk) == [("EXTRA_COLUMN", 3)]


def test_a_row_that_is_refused_already_is_not_refused_for_its_width_as_well():
    for row in ([], ["a"], ["a", "b", "c"]):
        [chunk] = Given({3: row, 4: ["y", "z"]}, problems=BAD_ROWS).chunks(width=2)
        assert told(chunk) == [("BAD_QUOTE", 3)]
        assert (contents(chunk), counts(chunk)) == ({4: ["y", "z"]}, (3, 2, 0, 1))


def test_without_a_width_rows_are_as_wide_as_the_widest_of_all_batches():
    sheet = Given({1: ["a"]}, {2: ["b", "1", "2"], 3: []}, {4: ["c", "1"]})
    [chunk] = sheet.chunks()
    assert contents(chunk) == {1: ["a", "", ""], 2: ["b", "1", "2"], 4: ["c", "1", ""]}
    assert chunk.problems == []
    [narrow] = Given({1: [], 2: []}).chunks()
    assert (narrow.frame.shape, narrow.blank_rows) == ((0, 1), 2)
    assert [chunk.frame.shape for chunk in sheet.chunks(1)] == [(1, 1), (1, 3), (1, 2)]


@pytest.mark.parametrize("name", ["", "Data"])
def test_a_control_character_is_told_with_its_place_and_its_row_is_refused(name):
    cell = "\x07" + "x" * 200
    sheet = Given({2: ["a", "b"], 3: ["a", cell]}, {4: ["\x1b\x02", "c\u2028d"], 5: ["\t", "c\r\n"]}, name=name)
    [chunk] = sheet.chunks(width=2)

    def problem(row, column, point, value):
        message = f"The cell has a control character in it (U+{point})"
        where = Where(sheet=name or None, row=row, column=column)
        return Problem("CONTROL_CHAR", message, where, value, "Type the cell again.")

    assert chunk.problems == [
        problem(3, "B", "0007", cell[:100]),
        problem(4, "A", "001B", "\x1b\x02"),
        problem(4, "B", "2028", "c\u2028d"),
    ]
    assert contents(chunk) == {2: ["a", "b"], 5: ["\t", "c\r\n"]}
    assert chunk.refused_rows == 2


def test_a_control_character_in_a_row_with_another_problem_is_told_after_it():
    [chunk] = Given({2: ["a"], 3: ["\x07"]}, problems=BAD_ROWS).chunks(width=1)
    assert told(chunk) == [("BAD_QUOTE", 3), ("CONTROL_CHAR", 3)]
    assert chunk.refused_rows == 1


def test_control_characters_are_not_looked_for_where_the_file_was_found_free_of_them():
    [chunk] = Given({2: ["\x07"]}, may_hold_controls=False).chunks(width=1)
    assert (contents(chunk), chunk.problems) == ({2: ["\x07"]}, [])


def test_problems_are_told_in_the_order_of_rows():
    sheet = Given({2: ["a"], 3: ["b", "c"], 4: ["\x07"], 5: ["d", "e"]}, {9: ["x"], 10: ["\x07"]}, problems=BAD_ROWS)
    [chunk] = sheet.chunks(width=1)
    assert told(chunk) == [
        *(("BAD_QUOTE", 3), ("CONTROL_CHAR", 4), ("BAD_QUOTE", 5)),
        *(("BAD_QUOTE", 9), ("CONTROL_CHAR", 10)),
    ]


def test_rows_and_head_give_the_rows_as_they_stand():
    sheet = Given({2: ["a"], 3: []}, {7: ["\x07", ""]})
    assert list(sheet.rows()) == [(2, ["a"]), (3, []), (7, ["\x07", ""])]
    assert sheet.head() == [(2, ["a"]), (3, [])]
    assert sheet.head(1) == [(2, ["a"])]
    assert sheet.asked == [BATCH, 20]  # the first rows are kept
    assert Given().head() == []


def test_the_same_notice_from_several_chunks_is_told_once_with_its_count():
    notices = [Notice("A", "x", 2), Notice("B", "x"), Notice("A", "x", 3), Notice("A", "y")]
    assert merge(notices) == [Notice("A", "x", 5), Notice("B", "x", 1), Notice("A", "y", 1)]
    assert merge([]) == []


@pytest.mark.parametrize("sheet", [None, "Data"])
def test_too_many_rows_are_refused_in_a_sentence_that_names_the_limit(sheet):
    with pytest.raises(Refused) as refused:
        refuse_rows(Limits(rows=1_500), sheet)
    where = Where(sheet=sheet) if sheet else None
    message = "The selected file must have at most 1,500 rows"
    assert refused.value.problems == [
        Problem("TOO_MANY_ROWS", message, where, None, "Split the file into smaller files.")
    ]
