"""CSV files: every hostile file and structure of the quality bars with its exact answer."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import FileType, Limits, Notice, csv_reading, merge, plain_heading
from tests.kernel.files import blocks_of, numbered_rows_of, opened, rows_of

GOOD = b"code,name,amount\r\nQSL,Somerset,1.00\r\nQR1,Gloucestershire,2.00\r\n"
ROWS = [["code", "name", "amount"], ["QSL", "Somerset", "1.00"], ["QR1", "Gloucestershire", "2.00"]]


def test_f11_a_plain_file_is_read_as_it_is():
    with opened(GOOD) as table:
        assert table.file_type is FileType.CSV
        assert table.encoding == "utf-8"
        assert table.notices == []
        assert (table.sheets[0].name, table.sheets[0].is_hidden) == ("", False)
        assert list(table.sheets[0].rows()) == list(enumerate(ROWS, start=1))
        assert table.sheets[0].head(2) == list(enumerate(ROWS[:2], start=1))


SAME_ROWS = {
    "F01 byte order mark": b"\xef\xbb\xbf" + GOOD,
    "F03 UTF-16 little endian": GOOD.decode().encode("utf-16"),
    "F03 UTF-16 big endian": b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
    "F03 UTF-16 with tabs": GOOD.decode().replace(",", "\t").encode("utf-16"),
    "F12 CR only": GOOD.replace(b"\r\n", b"\r"),
    "F13 mixed CRLF and LF": GOOD.replace(b"\r\n", b"\n", 1),
    "F14 no end of line": GOOD.rstrip(),
    "LF only": GOOD.replace(b"\r\n", b"\n"),
    "F31 semicolons": GOOD.replace(b",", b";"),
    "F32 tabs": GOOD.replace(b",", b"\t"),
    "F32 vertical bars": GOOD.replace(b",", b"|"),
    "every cell quoted": b"\r\n".join(b'"' + line.replace(b",", b'","') + b'"' for line in GOOD.split()),
}


@pytest.mark.parametrize("data", SAME_ROWS.values(), ids=SAME_ROWS)
def test_the_same_rows_however_they_are_written(data):
    assert rows_of(data) == ROWS


NOTICES = {
    "F03": (GOOD.decode().encode("utf-16"), ["The file was read as UTF-16"]),
    "F05": ("code,£\nA,1\n".encode("cp1252"), ["The file was read as Windows-1252"]),
    "F30": (
        b"sep=;\ncode;amount\nA;1\n",
        ["The first line, sep=;, was left out", "The cells are separated by semicolons"],
    ),
    "F32": (GOOD.replace(b",", b"\t"), ["The cells are separated by tabs"]),
    "F33 a CSV named XLSX": (GOOD, ["The file is a CSV file, though its name ends in .xlsx"], "plan.xlsx"),
}


@pytest.mark.parametrize("case", NOTICES.values(), ids=NOTICES)
def test_what_was_tidied_is_told(case):
    data, messages, *name = case
    with opened(data, *name) as table:
        assert [notice.message for notice in table.notices] == messages


def test_f05_windows_1252_is_read_only_where_nothing_speaks_against_it():
    with opened("code,name\nA,£5 – “naïve” Ångström\n".encode("cp1252")) as table:
        assert table.encoding == "windows-1252"
        assert list(table.sheets[0].rows())[1] == (2, ["A", "£5 – “naïve” Ångström"])


REFUSED = {
    "F04 UTF-16 without its mark": (GOOD.decode().encode("utf-16-le"), "ENCODING", None),
    "F06 mixed": ("code,amount\nA,£1\nB,".encode() + b"\xa32\n", "ENCODING", 3),
    "F07 UTF-32": (GOOD.decode().encode("utf-32"), "ENCODING", None),
    "F07 UTF-7": (b"code,amount\nA,+AKM-5\n", "ENCODING", None),
    "F07 UTF-7 with its mark": (b"+/v8-code,amount\nA,5\n", "ENCODING", None),
    "F07 EBCDIC": (GOOD.decode().encode("cp500"), "ENCODING", None),
    "F08 overlong": (b"code,amount\nA,\xc0\xaf\n", "ENCODING", 2),
    "F08 surrogate": (b"code,amount\nA,\xed\xa0\x80\n", "ENCODING", 2),
    "F08 cut short": (b"code,amount\nA,\xc3", "ENCODING", 2),
    "F08 UTF-16 cut short": (b"\xff\xfea\x00,\x00b", "ENCODING", None),
    "F05 control in Windows-1252": (b"code,amount\nA,\xa3\x01\n", "ENCODING", 2),
    "F05 mark, then Windows-1252": (b"\xef\xbb\xbfcode,amount\nA,\xa35\n", "ENCODING", 2),
    "F09 NUL": (b"code,amount,note\nA,1,x\nB,2,y\x00\n", "NUL_BYTE", 3),
    "F15 no bytes": (b"", "EMPTY_FILE", None),
    "F16 only a mark": (b"\xef\xbb\xbf", "EMPTY_FILE", None),
    "F16 only blank lines": (b"\r\n\r\n  \n", "EMPTY_FILE", None),
    "F24 a cell of 10 MB": (b'code,note\nA,"' + b"x" * 10_000_000 + b'"\n', "FIELD_TOO_LONG", 2),
    "F25 a line without end": (b"x" * 3_000_000, "LINE_TOO_LONG", 1),
    "F25 a long line later": (b"a,b\n" + b"x,y z" * 20_000 + b"\n", "TOO_MANY_COLUMNS", 2),
    "F26 100,000 columns": (b"," * 100_000 + b"\n", "TOO_MANY_COLUMNS", 1),
    "F26 101 columns": (b"a\n" + b"," * 100 + b"\n", "TOO_MANY_COLUMNS", 2),
    "F27 unclosed quote": (b'code,note\nA,x\nB,"y\nC,z\nD,w\n', "UNCLOSED_QUOTE", 3),
    "F27 closed by the next quote": (b'code,note\nA,"x\nB,y\nC,"z"\n', "UNCLOSED_QUOTE", 2),
    "F27 unclosed for long": (b'code,note\nA,"x\n' + b"B,y\n" * 200_000, "UNCLOSED_QUOTE", 2),
}


@pytest.mark.parametrize(("data", "code", "row"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_without_guessing_is_refused(data, code, row):
    with pytest.raises(Refused) as refused:
        rows_of(data)
    problem = refused.value.problems[0]
    assert problem.code == code
    assert (problem.where.row if problem.where else None) == row
    assert problem.fix


def test_f06_the_byte_and_the_line_are_named():
    with pytest.raises(Refused, match=r"byte 20 on line 3 is not UTF-8, but other bytes of the file are"):
        rows_of("code,amount\nA,£1\nB,".encode() + b"\xa32\n")


def test_f09_the_column_of_a_nul_is_named():
    with pytest.raises(Refused) as refused:
        rows_of(b"code,amount,note\r\nA,1,x\r\nB,2,y\x00\r\n")
    assert refused.value.problems[0].where.cell == "C3"


@pytest.mark.slow
def test_f22_a_file_at_the_limit_is_refused_with_the_sentence_of_nhs_uk():
    limits = Limits(size=2_000_000)
    with pytest.raises(Refused, match=r"^The selected file must be smaller than 2MB$"):
        rows_of(b"a,b\n" * 500_000, limits=limits)
    assert len(rows_of(b"a,b\n" * 499_999, limits=limits)) == 499_999


def test_f15_an_empty_file_is_refused_with_the_sentence_of_nhs_uk():
    with pytest.raises(Refused, match=r"^The selected file is empty$"):
        rows_of(b"")


def test_f23_too_many_rows_are_refused_as_soon_as_they_are_seen():
    limits = Limits(rows=1_000)
    assert len(rows_of(b"a,b\n" + b"1,2\n" * 1_000, limits=limits)) == 1_001
    with pytest.raises(Refused, match=r"at most 1,000 rows"):
        rows_of(b"a,b\n" + b"1,2\n" * 1_001, limits=limits)


def chunked(data, width=None, after=1, size=50_000, **options):
    with opened(data, **options) as table:
        return list(table.sheets[0].chunks(size, width=width, after=after))


def problems_of(data, width=3, **options):
    chunks = chunked(data, width, **options)
    assert all(c.rows_read == len(c.frame) + c.blank_rows + c.refused_rows for c in chunks)
    return [(p.code, p.where.row, p.where.column) for chunk in chunks for p in chunk.problems]


ROW_PROBLEMS = {
    "F10 escape": (b"a,b,c\n1,2,3\n1,\x1b2,3\n", [("CONTROL_CHAR", 3, "B")]),
    "F10 next line": ("a,b,c\n1,2,3\u0085\n".encode(), [("CONTROL_CHAR", 2, "C")]),
    "F10 line separator": ("a,b,c\n1,2\u20282,3\n1,2,3\n".encode(), [("CONTROL_CHAR", 2, "B")]),
    "F10 vertical tab does not end a row": (b"a,b,c\n1\x0b1,2,3\n1,2,3\n", [("CONTROL_CHAR", 2, "A")]),
    "F24 a cell above the cap": (b"a,b,c\n1,2," + b"x" * 4_001 + b"\n1,2,3\n", [("FIELD_TOO_LONG", 2, "C")]),
    "F24 a quoted cell above the cap": (b'a,b,c\n1,2,"' + b"x\n" * 2_001 + b'"\n', [("FIELD_TOO_LONG", 2, "C")]),
    "F24 a cell at the cap": (b"a,b,c\n1,2," + b"x" * 4_000 + b"\n", []),
    "F28 quote inside": (b'a,b,c\n1,2,3\n1,1"2,3\n', [("BAD_QUOTE", 3, None)]),
    "F28 text after a quote": (b'a,b,c\n"1"x,2,3\n1,2,3\n', [("BAD_QUOTE", 2, None)]),
    "F28 space before a quote": (b'a,b,c\n1, "2",3\n', [("BAD_QUOTE", 2, None)]),
    "F29 backslash and point": (b"a,b,c\n1,2,3\n\\.\n4,5,6\n", [("MISSING_COLUMN", 3, None)]),
    "S01 too short": (b"a,b,c\n1,2\n1,2,3\n", [("MISSING_COLUMN", 2, None)]),
    "S02 too long": (b"a,b,c\n1,2,3,4\n1,2,3\n", [("EXTRA_COLUMN", 2, None)]),
    "S03 comma at the end of every line": (b"a,b,c,\n1,2,3,\n1,2,3,\n", []),
    "S13 line end inside a cell": (b'a,b,c\n1,"2\r\n2",3\n1,2\n', [("MISSING_COLUMN", 4, None)]),
    "S14 quoted delimiter and doubled quotes": (b'a,b,c\n"1,1","say ""2""",3\n', []),
    "S14 a line end and doubled quotes": (b'a,b,c\n"1\n""1""",2,3\n1,2"2,3\n', [("BAD_QUOTE", 4, None)]),
    "S19 a comment": (b"a,b,c\n# hello\n1,2,3\n", [("MISSING_COLUMN", 2, None)]),
}


@pytest.mark.parametrize(("data", "problems"), ROW_PROBLEMS.values(), ids=ROW_PROBLEMS)
def test_a_row_that_cannot_be_placed_is_refused_and_the_rest_is_read(data, problems):
    assert problems_of(data) == problems


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_s13_rows_are_numbered_by_their_first_line(end):
    data = end.join([b"a,b", b'1,"x', b'y"', b"", b"2,z", b""])
    assert [number for number, _ in numbered_rows_of(data)] == [1, 2, 4, 5]
    assert rows_of(data)[1] == ["1", f"x{end.decode()}y"]


def test_s10_blank_rows_are_left_out_with_their_count_wherever_they_are():
    data = "a,b\n1,2\n\n , \n\u00a0,\u200b\n3,\n,,,,\n,\n".encode()
    [chunk] = chunked(data, width=2)
    assert chunk.numbers.tolist() == [2, 6]
    assert chunk.frame.to_numpy().tolist() == [["1", "2"], ["3", ""]]
    assert [(notice.code, notice.count) for notice in chunk.notices] == [("BLANK_ROWS", 5)]
    assert (chunk.first_row, chunk.rows_read, chunk.blank_rows, chunk.refused_rows) == (2, 7, 5, 0)


def test_s03_empty_cells_at_the_end_of_rows_are_left_out_with_their_count():
    [chunk] = chunked(b"a,b,,\n1,2,,\n3,4\n5,6, ,\n", width=2)
    assert chunk.frame.to_numpy().tolist() == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert [(notice.code, notice.count) for notice in chunk.notices] == [("EMPTY_CELLS", 2)]


def test_a_layout_of_several_tables_is_read_as_wide_as_its_widest_row():
    [chunk] = chunked(b"Title\n\na,b,c\n1,2,3\nnote,4\n", after=0)
    assert chunk.frame.to_numpy().tolist() == [["Title", "", ""], ["a", "b", "c"], ["1", "2", "3"], ["note", "4", ""]]
    assert chunk.numbers.tolist() == [1, 3, 4, 5]


def test_cells_are_text_and_nothing_else():
    [chunk] = chunked(b"a,b,c,d\n00123,NA,,1E5\n302,nan,None,TRUE\n", width=4)
    assert chunk.frame.to_numpy().tolist() == [["00123", "NA", "", "1E5"], ["302", "nan", "None", "TRUE"]]
    assert set(chunk.frame.dtypes.astype(str)) == {"object"}
    assert not chunk.frame.isna().to_numpy().any()


def test_s08_headings_are_compared_without_case_space_or_underscore():
    for heading in (" HWB Code ", "hwb_code", "HWB\u00a0\ncode", "\ufeffHwb  Code", "hwb__code"):
        assert plain_heading(heading) == "hwb code"
    assert plain_heading("XX Code") == "xx code"
    assert plain_heading("ＨＷＢ Straße 2024/25") == "hwb strasse 2024/25"


def test_s16_a_file_quoted_twice_is_one_column():
    assert rows_of(b'"code,amount"\n"A,1"\n') == [["code,amount"], ["A,1"]]


def test_the_heading_that_is_looked_for_decides_the_delimiter():
    data = b"code;name, long, with commas\nA;b, c, d\n"
    assert rows_of(data)[0] == ["code;name", " long", " with commas"]
    assert rows_of(data, is_heading=lambda row: row[:1] == ["code"])[0] == ["code", "name, long, with commas"]


DELIMITED = {
    "semicolons in notes": ("a,b,note\nx,1,p; q; r; s\ny,2,t; u; v; w\nz,3,k; l; m; n\n", 3),
    "semicolons in quoted notes": ('"a","b","note"\n"x","1","p;;;;;q"\n"y","2","t;;;;;u"\n', 3),
    "decimal commas": ("a;b;c\nx;1,50;1,60\ny;2,50;2,60\nz;3,50;3,60\n", 3),
    "title rows": ("Title\n\nSource: somebody; somewhere\na,b,c\n1,2,3\n4,5,6\n", 1),
    "a bad quotation mark in the heading": ('a,"b"x,c\n1,2,3\n', 0),
}


@pytest.mark.parametrize(("text", "width"), DELIMITED.values(), ids=DELIMITED)
def test_the_delimiter_is_the_one_on_which_the_rows_agree(text, width):
    assert len(rows_of(text.encode())[0]) == width


def delimiter_of(text, **options):
    with opened(text.encode(), **options) as table:
        return table.sheets[0].delimiter


# Each is decided by one rule alone: how many rows agree, then how wide they are, then which mark is the commonest.
AGREED = {
    "more rows agree": ("a;b,c\nd,e\nf;g\nh;i\n", ";"),
    "the width on which most rows agree counts, not the widest": ("a,b\nc,d\ne,f\n1,2,3,4,5\ng;h\ni;j\n", ","),
    "as many rows agree, on more cells": ("a,b;c;d\ne,f;g;h\n", ";"),
    "as many rows agree on as many cells": ("a|b;c\nd|e;f\n", ";"),
    "no row has two cells": ("a\nb\n", ","),
    "one row is enough": ("a\nb|c\n", "|"),
    "blank rows agree on nothing": (";;\n;;\n;;\na,b\n", ","),
    "rows of white space agree on nothing": (" ; ;\u00a0\n ; ; \na,b\n", ","),
    "tabs": ("a\tb\nc\td\n", "\t"),
    "a line end of CR": ("a;b\rc;d\r", ";"),
    "a line end in quotation marks": ('"a\r\n1";b\r\n"c,d";e,f\r\n', ";"),
}


@pytest.mark.parametrize(("text", "delimiter"), AGREED.values(), ids=AGREED)
def test_the_delimiter_follows_from_how_many_rows_agree_on_how_many_cells(text, delimiter):
    assert delimiter_of(text) == delimiter


@pytest.mark.parametrize(("row", "delimiter"), [(1, "|"), (20, "|"), (21, ",")])
def test_the_heading_is_looked_for_in_the_first_twenty_rows(row, delimiter):
    text = "a,b\n" * (row - 1) + "code|name\n" + "c,d\n"
    assert delimiter_of(text, is_heading=lambda cells: cells == ["code", "name"]) == delimiter
    assert delimiter_of(text, is_heading=lambda cells: False) == ","


def test_what_lies_beyond_the_head_of_a_file_decides_no_delimiter_and_breaks_nothing(monkeypatch):
    """The head ends in the middle of characters and of lines, wherever that happens to be."""
    for size in range(10, 24):
        monkeypatch.setattr(csv_reading, "_HEAD", size)
        text = "é;ü\nñ;ß\n€;😀\n" + "a,b,c\n" * 9
        assert delimiter_of(text) == ";"
        assert rows_of("é;ü".encode() * 20) == [["é;ü" * 20]]
    monkeypatch.setattr(csv_reading, "_HEAD", 8)
    assert delimiter_of("a;b\nc;d\n") == delimiter_of("a;b\nc;d") == ";"
    assert delimiter_of("a;b\nc,d,e\n") == ";"
    assert delimiter_of("x" * 20 + ";y\n") == ","


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_f30_the_separator_line_is_left_out_in_each_of_its_spellings(line, end):
    text = end.join([line, "a;b,c", "1;2"])
    with opened(text.encode()) as table:
        assert list(table.sheets[0].rows()) == [(2, ["a", "b,c"]), (3, ["1", "2"])]
        assert table.notices == [
            Notice("SEPARATOR_LINE", f"The first line, {line}, was left out"),
            Notice("DELIMITER", "The cells are separated by semicolons"),
        ]


def test_f30_a_separator_line_alone_has_no_rows_and_none_of_another_spelling_is_left_out():
    assert rows_of(b"sep=,") == rows_of(b"sep=|\n") == []
    assert rows_of(b"sep=x\na,b\n")[0] == ["sep=x"]
    assert rows_of(b"a,b\nsep=;\n") == [["a", "b"], ["sep=;"]]
    assert rows_of(b"sep=,b\n1,2\n") == [["sep=", "b"], ["1", "2"]]
    assert len(rows_of(b"sep=,\na,b\n1,2\n3,4\n", limits=Limits(rows=2))) == 3


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_a_delimiter_other_than_the_comma_is_told(mark, name):
    with opened(f"a{mark}b\n".encode()) as table:
        assert table.notices == [Notice("DELIMITER", f"The cells are separated by {name}")]
    with opened(b"sep=,\na,b\n") as table:
        assert [notice.code for notice in table.notices] == ["SEPARATOR_LINE"]


@pytest.mark.parametrize(
    "data",
    [
        "\ufeff\ufeffa,b\nc,d\n".encode(),
        "\ufeffa,b\nc,d\n".encode("utf-16"),
        "a,\ufeffb\nc,d\n".encode(),
        "a,b\n\ufeffc,d\n".encode(),
        'a,b\n\ufeff"c",d\ufeff\n'.encode(),
    ],
)
@pytest.mark.parametrize("size", [2, 3, 4, 7, 1 << 20])
def test_f02_byte_order_marks_inside_the_file_are_left_out_and_told(data, size):
    with blocks_of(size), opened(data) as table:
        assert [cells for _, cells in table.sheets[0].rows()] == [["a", "b"], ["c", "d"]]
        assert "Byte order marks (U+FEFF) inside the file were left out" in [one.message for one in table.notices]
    with opened("\ufeffa,b\nc,d\n".encode()) as table:
        assert table.notices == []


def read_in_batches(data, size, **limits):
    """Rows by number, and problems by the number of their row, from batches of so many rows."""
    rows, problems = {}, {}
    with opened(data, limits=Limits(**limits)) as table:
        for batch in table.sheets[0].batches(size):
            assert 0 < len(batch.rows) <= size
            numbers = batch.numbers.tolist()
            rows |= dict(zip(numbers, batch.rows, strict=True))
            problems |= {numbers[index]: found for index, found in batch.problems.items()}
    return rows, problems


QUOTED = [
    b"a,b",
    b'"1\r\n1",2',
    b'3,"4',
    b'"" 4"',
    b'5,6"6',
    b'"7"x,8',
    b"9,10",
    b'"11\n\n11","12\n12"',
    b'x "13",14',
    b'15,"16"',
    b'"",""""',
]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_rows_numbers_and_bad_quotation_marks_are_the_same_in_batches_and_blocks_of_any_size(end):
    rows = {
        1: ["a", "b"],
        2: ["1\r\n1", "2"],
        4: ["3", f'4{end.decode()}" 4'],
        6: ["5", '6"6'],
        7: [],
        8: ["9", "10"],
        9: ["11\n\n11", "12\n12"],
        13: ['x "13"', "14"],
        14: ["15", "16"],
        15: ["", '"'],
    }
    fix = "Put quotation marks around the whole cell and write two inside it for each one, or delete the mark."
    message = "There is a quotation mark inside a cell that does not start with one"
    bad = {row: [Problem("BAD_QUOTE", message, Where(row=row), None, fix)] for row in (6, 7, 13)}
    data = end.join(QUOTED) + end
    for size in (1, 2, 3, 5, 500):
        for block in (4, 7, 16, 1 << 20):
            with blocks_of(block):
                assert read_in_batches(data, size) == (rows, bad), (size, block)
                assert read_in_batches(data.removesuffix(end), size) == (rows, bad), (size, block)


UNCLOSED = {
    b'a,b\n1,"2': 2,
    b'a,b\n1,2\n"3\n4,5\n': 3,
    b'a,b\n"1\n1",2\n3,"4\n4"x,5\n': 4,
    b'"a': 1,
    b'a,b\n1,2\n3,4\n5,"': 4,
}


@pytest.mark.parametrize(("data", "row"), UNCLOSED.items())
def test_f27_an_unclosed_quotation_mark_refuses_the_file_at_the_line_that_opens_it(data, row):
    message = f"A quotation mark that opens on line {row} is not closed"
    fix = "Close the quotation mark, or delete it. Inside a quoted cell, write two quotation marks for one."
    for size in (1, 2, 500):
        for block in (4, 1 << 20):
            with blocks_of(block), pytest.raises(Refused) as refused:
                read_in_batches(data, size)
            assert refused.value.problems == [Problem("UNCLOSED_QUOTE", message, Where(row=row), None, fix)]


def test_f24_a_cell_is_too_long_from_one_character_above_the_cap():
    fix = "Use at most 1,010 characters."
    message = "The cell is longer than 1,010 characters"
    for size in (1, 3, 500):
        longest, longer = "é" * 1_010, "é" * 1_011
        data = f'a,b\n1,{longest}\n"x\ny",{longer}\n{longer},"z{longest}"\n'.encode()
        rows, problems = read_in_batches(data, size, cell=1_010)
        assert list(rows) == [1, 2, 3, 5]
        assert problems == {
            3: [Problem("FIELD_TOO_LONG", message, Where(row=3, column="B"), "é" * 100, fix)],
            5: [
                Problem("FIELD_TOO_LONG", message, Where(row=5, column="A"), "é" * 100, fix),
                Problem("FIELD_TOO_LONG", message, Where(row=5, column="B"), "z" + "é" * 99, fix),
            ],
        }
        # A cell of many short lines is found as well.
        quoted = ("x\n" * 505 + "y").encode()
        rows, problems = read_in_batches(b'a,b\n1,"' + quoted + b'"\n', size, cell=1_010)
        assert {row: [p.where.cell for p in found] for row, found in problems.items()} == {2: ["B2"]}
        assert read_in_batches(b'a,b\n1,"' + quoted[:-1] + b'"\n', size, cell=1_010)[1] == {}


def test_f24_a_cell_that_is_too_long_and_badly_quoted_is_told_once():
    _, problems = read_in_batches(b"a,b\n1," + b'x"' * 30 + b"\n", 500, cell=50)
    assert {row: [p.code for p in found] for row, found in problems.items()} == {2: ["FIELD_TOO_LONG"]}


@pytest.mark.parametrize("size", [1, 2, 500])
def test_f26_columns_up_to_the_limit_are_read_and_one_more_refuses_the_file_at_its_row(size):
    data = b'a,b,c\n"1\n",2,3\n'
    assert len(read_in_batches(data, size, columns=3)[0]) == 2
    with pytest.raises(Refused) as refused:
        read_in_batches(data + b"1,2,3,4\n1,2,3,4,5\n", size, columns=3)
    message = "The selected file must have at most 3 columns"
    fix = "Delete the columns that are not needed."
    assert refused.value.problems == [Problem("TOO_MANY_COLUMNS", message, Where(row=4), None, fix)]


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_f23_rows_up_to_the_limit_are_read_below_a_heading_and_one_more_refuses_the_file(size):
    assert len(read_in_batches(b"a,b\n" + b"1,2\n" * 5, size, rows=5)[0]) == 6
    with pytest.raises(Refused) as refused:
        read_in_batches(b"a,b\n" + b"1,2\n" * 6, size, rows=5)
    message = "The selected file must have at most 5 rows"
    assert refused.value.problems == [
        Problem("TOO_MANY_ROWS", message, None, None, "Split the file into smaller files.")
    ]


def test_only_a_file_that_was_found_to_hold_control_characters_is_searched_for_them():
    for data, held in ((b"a,b\n", False), (b"a,\x07\n", True), ("a,\u2028\n".encode(), True)):
        with opened(data) as table:
            assert table.sheets[0].may_hold_controls is held


@pytest.mark.parametrize("control", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_f10_no_control_character_ends_a_row(control):
    assert numbered_rows_of(f"a,b{control}c\nd,e\n".encode()) == [(1, ["a", f"b{control}c"]), (2, ["d", "e"])]


def test_a_table_is_read_again_from_the_top_and_while_another_reading_is_under_way():
    with blocks_of(8), opened(b'a,b\n"1\n1",2\n3,4\n5,6"\n') as table:
        [sheet] = table.sheets
        first, second = sheet.batches(1), sheet.batches(1)
        together = [(one.numbers.tolist(), one.rows) for pair in zip(first, second, strict=True) for one in pair]
        assert together[::2] == together[1::2]
        assert list(sheet.rows()) == [(1, ["a", "b"]), (2, ["1\n1", "2"]), (4, ["3", "4"]), (5, ["5", '6"'])]


def test_f30_the_separator_line_keeps_the_numbers_of_the_lines():
    assert numbered_rows_of(b"sep=,\r\na,b\r\n1,2\r\n") == [(2, ["a", "b"]), (3, ["1", "2"])]


cells = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), st.sampled_from("\",;\n\r\t'")),
    max_size=12,
).map(lambda cell: cell.replace("\ufeff", "").replace("\u2028", "").replace("\u2029", ""))
tables = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=40))


@pytest.mark.slow
@given(
    tables, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.integers(1, 7)
)
@example([["a", "b"], ['x\r\n"y"', "z\r"], ["c", "d"]], "\r\n", "utf-8", 1)
def test_whatever_csv_writes_is_read_back_and_no_row_is_lost(table, end, encoding, size):
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [["heading"] * (len(table[0]) if table else 1), *table]
    )
    data = written.getvalue().encode(encoding)
    width = len(table[0]) if table else 1
    options = {"is_heading": lambda row: row == ["heading"] * width}
    assert rows_of(data, **options)[1:] == table
    chunks = chunked(data, width=width, size=size, **options)
    assert sum(chunk.rows_read for chunk in chunks) == len(table)
    assert not [problem for chunk in chunks for problem in chunk.problems]
    read = [row for chunk in chunks for row in chunk.frame.to_numpy().tolist()]
    blank = sum(notice.count for notice in merge(n for c in chunks for n in c.notices) if notice.code == "BLANK_ROWS")
    assert len(read) + blank == len(table)
    assert [row for row in read if any(cell.isalnum() for cell in row)] == [
        row for row in table if any(cell.isalnum() for cell in row)
    ]


@pytest.mark.parametrize("end", ["\ufeff", "c,d\n\ufeff", "c,d\r\ufeff\n", "\ufeff\ufeff\n", "c,d\ufeff"])
def test_a_line_that_is_only_a_byte_order_mark_is_counted_as_it_is_read(end):
    chunks = chunked(f"a,b\n{end}".encode(), after=1)
    rows = [row for chunk in chunks for row in chunk.frame.to_numpy().tolist()]
    assert rows == [["c", "d"]] * ("c" in end)


@given(st.binary(max_size=300), st.sampled_from(["", "a,b\n", "\ufeffa,b\n", 'a,"b\n']))
def test_no_bytes_break_the_reader(junk, start):
    data = start.encode() + junk
    try:
        chunks = chunked(data, after=0)
    except Refused:
        return
    assert all(chunk.rows_read == len(chunk.frame) + chunk.blank_rows + chunk.refused_rows for chunk in chunks)


@pytest.mark.slow
def test_blocks_of_the_file_are_joined_without_losing_a_line():
    """Three blocks of a megabyte, with CRLF and cells with line ends across their borders."""
    lines = [f'{n},"cell {n}\r\nsecond line",{"x" * (n % 97)}'.encode() for n in range(60_000)]
    data = b"\r\n".join([b"a,b,c", *lines])
    assert len(data) > 3 << 20
    numbers = [int(number) for chunk in chunked(data, width=3) for number in chunk.numbers]
    assert numbers == list(range(2, 120_002, 2))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file():
    def peak(rows):
        data = io.BytesIO(b"a,b,c\n" + b"2025-26,QSL,1234.56\n" * rows)
        tracemalloc.start()
        with opened(data.getvalue()) as table:
            assert sum(chunk.rows_read for chunk in table.sheets[0].chunks(2_000, width=3, after=1)) == rows
        most = tracemalloc.get_traced_memory()[1] - len(data.getvalue())
        tracemalloc.stop()
        return most

    assert peak(400_000) < peak(100_000) * 1.2
