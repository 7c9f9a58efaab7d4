"""Bytes as text: which encoding, what the first pass notes, and that the borders of blocks change no answer."""

import codecs
import io
import re

import psutil
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.kernel.tabular import Limits, encoding
from pooledcare.kernel.tabular.encoding import as_utf8, count_line_ends
from tests.kernel.files import blocks_of, opened

SAVE_AS_UTF8 = "Open the file in your spreadsheet program, save it as CSV UTF-8, and select it again."


def refusal(data, **limits):
    with pytest.raises(Refused) as refused:
        as_utf8(io.BytesIO(data), Limits(**limits))
    [problem] = refused.value.problems
    return problem


def unreadable(what, row=None):
    message = f"The selected file is not text that we can read: {what}"
    return Problem("ENCODING", message, Where(row=row) if row else None, None, SAVE_AS_UTF8)


def text_of(data):
    text = as_utf8(io.BytesIO(data), Limits())
    text.file.seek(text.start)
    with text.file:
        return text.encoding, text.file.read().decode()


def encoding_of(data):
    return text_of(data)[0]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE])
def test_utf_32_is_refused(mark):
    assert refusal(mark + b"a\0\0\0") == unreadable("UTF-32")


@pytest.mark.parametrize("start", [b"+/v8", b"+/v9", b"+/v+", b"+/v/", b"a,b\n+AKM-5"])
def test_utf_7_is_refused(start):
    assert refusal(start + b"-a,b\n") == unreadable("UTF-7")


def test_the_same_text_in_every_encoding_that_is_read():
    text = "a,£5 – “naïve” 😀\r\nb,Ångström\n"
    assert text_of(text.encode()) == ("utf-8", text)
    assert text_of(codecs.BOM_UTF8 + text.encode()) == ("utf-8", text)
    assert text_of(codecs.BOM_UTF16_LE + text.encode("utf-16-le")) == ("utf-16", text)
    assert text_of(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == ("utf-16", text)
    western = text.replace("😀", "")
    assert text_of(western.encode("cp1252")) == ("windows-1252", western)


def test_a_mark_alone_is_an_empty_file_and_so_is_white_space():
    empty = Problem("EMPTY_FILE", "The selected file is empty", None, None, "Select a file that has rows in it.")
    for data in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b" ", b"\r\n\t \n"):
        assert refusal(data) == empty
        with blocks_of(4):
            assert refusal(data) == empty
    with blocks_of(4):
        assert encoding_of(b"    x   ") == encoding_of(b"x       ") == encoding_of(b"        x") == "utf-8"


def test_more_than_a_fifth_of_nul_bytes_is_utf_16_without_its_mark():
    assert refusal(b"\0" * 2 + b"a" * 8).code == "NUL_BYTE"
    assert refusal(b"\0" * 3 + b"a" * 11) == unreadable("UTF-16 or UTF-32 without its mark")


def test_many_bytes_above_127_that_are_not_utf_8_are_no_encoding_that_is_read():
    neither = unreadable("neither UTF-8, UTF-16 nor Windows-1252")
    assert refusal(b"\xa3" * 8) == neither
    assert refusal(b"\xa3" * 4 + b"aaaa") == neither
    assert refusal(b"\xa3" * 4 + b"aaaaa") == refusal(b"\x80" * 4 + b"aaaa") == neither
    assert encoding_of(b"\xa3" * 7) == "windows-1252"
    assert encoding_of(b"\xa3" * 4 + b"a" * 6) == "windows-1252"
    assert encoding_of("é".encode() * 8) == "utf-8"
    with blocks_of(9):
        assert encoding_of("é".encode() * 8) == "utf-8"


@pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])
def test_a_byte_that_windows_1252_leaves_undefined_is_of_another_old_encoding(byte):
    data = b"a,b\nc,\x9cd\ne," + byte + b" f"
    text = as_utf8(io.BytesIO(data), Limits())
    with text.file:
        assert (text.encoding, text.choice.is_doubtful) == (text.choice.possible[0], True)
        assert "windows-1252" not in text.choice.possible


@pytest.mark.parametrize(
    ("text", "saved_as", "likeliest", "is_doubtful"),
    [
        ("plus £5m – agreed", "windows-1252", "windows-1252", False),
        ("café £5", "windows-1252", "windows-1252", False),
        ("it’s “new”", "windows-1252", "windows-1252", False),
        ("plus £5m of winter money", "ibm850", "ibm850", True),
        ("café £5 naïve", "ibm850", "ibm850", True),
        ("the board’s £5m – agreed", "macintosh", "macintosh", True),
        ("“café”", "macintosh", "macintosh", True),
        ("• Winter money", "macintosh", "macintosh", True),
        ("£5", "macintosh", "windows-1252", False),  # which both read alike
    ],
)
def test_the_likeliest_old_encoding_comes_first(text, saved_as, likeliest, is_doubtful):
    with opened(f"a,b\n{text},x\n".encode(saved_as)) as table:
        assert (table.choice.possible[0], table.choice.is_doubtful) == (likeliest, is_doubtful)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("chosen", ["windows-1252", "ibm850", "macintosh", "ibm437"])
@given(text=st.text(alphabet="ab, £é½ñ\n", min_size=1).filter(lambda text: text.strip()))
def test_a_chosen_encoding_reads_what_was_written_in_it(chosen, text):
    data = text.replace("½", "ç" if chosen == "macintosh" else "½").encode(chosen)
    assume(data.isascii() or not is_utf8(data))  # such as “é½£” in Windows-1252: a file that is UTF-8 is read as UTF-8
    text = as_utf8(io.BytesIO(data), Limits(only_utf8=True), chosen)
    with text.file as file:
        file.seek(0)
        assert (text.encoding, file.read().decode()) == (chosen, data.decode(chosen))


def test_the_texts_to_look_at_are_each_shown_once_with_their_cells():
    rows = ["a,b,c", "1,£5,x", '"£6, ""so""",£5,é', "2,,x"]
    with opened("\r\n".join(rows).encode("ibm850")) as table:
        assert [(one.row, one.column, one.read_as("ibm850")) for one in table.choice.texts] == [
            (2, "B", "£5"),
            (3, "A", '£6, "so"'),
            (3, "C", "é"),
        ]
        assert table.encoding == "windows-1252"
        assert table.choice.texts[0].read_as("windows-1252") == "œ5"
    many = "\n".join(f"£{number}" for number in range(30))
    with opened(many.encode("windows-1252")) as table:
        assert [one.row for one in table.choice.texts] == list(range(1, 21))
    for content in (b"a,b\n1,2\n", "a,£\n".encode(), "a,£\n".encode("utf-16")):
        with opened(content) as table:
            assert table.choice is None


@pytest.mark.parametrize("byte", [b"\x01", b"\x0b", b"\x1f", b"\x7f"])
def test_a_control_character_speaks_against_windows_1252(byte):
    data = b"a,b\r\nc,\xa3d\r\ne," + byte
    assert refusal(data) == unreadable("byte 7 on line 2 is not UTF-8, and the file holds control characters", 2)


@pytest.mark.parametrize("other", [b"\xc3\xa9", b"\xc0\xaf", b"\xed\xa0\x80", b"\xff\x80"])
@pytest.mark.parametrize("first", [True, False])
def test_utf_8_anywhere_speaks_against_windows_1252(other, first):
    lines = [b"a," + other, b"b,\xa35"] if first else [b"b,\xa35", b"a," + other]
    problem = refusal(b"\n".join(lines))
    assert re.fullmatch(r".*: byte \d+ on line \d is not UTF-8, but other bytes of the file are", problem.message)
    assert (problem.code, problem.fix) == ("ENCODING", SAVE_AS_UTF8)


@pytest.mark.parametrize("data", ["Å,5\nX".encode("cp1252"), b"\xc3\xc3x", b"a\xffz", b"\xbf\xa3z"])
def test_bytes_that_could_not_be_utf_8_are_windows_1252(data):
    assert text_of(data) == ("windows-1252", data.decode("cp1252"))


def test_after_a_mark_of_utf_8_and_at_a_cut_end_nothing_is_guessed():
    assert refusal(codecs.BOM_UTF8 + b"a\nb\xa35,cdef") == unreadable("byte 6 on line 2 is not UTF-8", 2)
    for cut in (b"\xc3", b"\xe2\x80", b"\xf0\x9f\x98"):
        assert refusal(b"a\nbc" + cut) == unreadable("byte 4 on line 2 is not UTF-8", 2)
    assert refusal(b"\nbc\xc3") == unreadable("byte 3 on line 2 is not UTF-8", 2)
    assert refusal(b"a" * 1_234 + b"\xc3") == unreadable("byte 1,234 on line 1 is not UTF-8", 1)


def test_utf_16_that_is_none_is_refused():
    marked = unreadable("it is marked as UTF-16, but is not")
    assert refusal(b"\xff\xfea\0b") == marked
    assert refusal(b"\xff\xfe\x00\xd8a\0") == marked


def test_of_a_file_that_a_system_made_no_encoding_is_guessed():
    for name, data in {"UTF-16": "£5".encode("utf-16"), "Windows-1252": "£5".encode("cp1252")}.items():
        message = f"The file looks like {name}, but files sent by a system must be UTF-8"
        fix = "Send it as UTF-8"
        fix += "." if name == "UTF-16" else ", or state its encoding in the field encoding, which may be "
        fix += "" if name == "UTF-16" else "windows-1252, ibm850, macintosh, ibm437."
        assert refusal(data, only_utf8=True) == Problem("ENCODING", message, None, None, fix)
    for start in (b"", codecs.BOM_UTF8):
        assert as_utf8(io.BytesIO(start + "£5".encode()), Limits(only_utf8=True)).encoding == "utf-8"


LINE_ENDS = {
    b"": 0, b"a": 0, b"\n": 1, b"\r": 1, b"\r\n": 1, b"\n\r": 2, b"\n\n": 2, b"\r\r": 2, b"\r\r\n": 2, b"\r\n\n": 2,
    b"\r\n\r\n": 2, b"a\nb\rc\r\nd": 3, b"\n\r\n": 2,
}  # fmt: skip


def test_lines_end_at_cr_at_lf_and_at_both_together():
    assert {data: count_line_ends(data) for data in LINE_ENDS} == LINE_ENDS


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_the_row_and_the_column_of_a_nul_are_counted_across_blocks(end, mark):
    lines = [b"a,b,c", b"dd,e;;,f", b"ggg,h,i\0"]
    problem = Problem(
        "NUL_BYTE",
        "The selected file has a NUL character in it, so it is damaged or not text",
        Where(row=3, column="C"),
        None,
        SAVE_AS_UTF8,
    )
    for pad in range(18):
        data = mark + b"x" * pad + end.join(lines) + end + b"1,2,3"
        assert refusal(data) == problem
        with blocks_of(16):
            assert refusal(data) == problem
    with blocks_of(16):
        assert refusal(mark + b"a" * 20 + end + b"\0,b").where == Where(row=2, column="A")
        assert refusal(mark + b"a,b," + end + b",x\0").where == Where(row=2, column="B")
        assert refusal(mark + b"a;b\0,b" + end * 20).where == Where(row=1, column="B")


NO_CONTROL = ["\t", "\r", "\n", " ", "~", "\u00a0", "\u2027", "\u202a", "\u20a8", "é", "\u1028"]
CONTROLS = ["\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\u2028", "\u2029"]


@pytest.mark.parametrize("size", [16, 1 << 20])
def test_control_characters_are_noticed_wherever_blocks_end(size):
    with blocks_of(size):
        for pad in range(18):
            for text, found in [*((one, False) for one in NO_CONTROL), *((one, True) for one in CONTROLS)]:
                data = ("x" * pad + text + "yz").encode()
                assert as_utf8(io.BytesIO(data), Limits()).has_controls is found, (pad, text)
                data = ("xyz\n" * 8 + "x" * pad + text + "\n" + "xyz\n" * 8).encode()
                assert as_utf8(io.BytesIO(data), Limits()).has_controls is found, (pad, text)


def long_lines(data, **limits):
    return as_utf8(io.BytesIO(data), Limits(**limits)).has_long_lines


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [4, 16, 1 << 20])
def test_a_line_is_long_from_one_byte_above_the_longest_cell(size, end):
    with blocks_of(size):
        for above in (b"", b"ab" + end, (b"abc" + end) * 9):
            for below in (b"", end, end + b"abc", end + b"ab" + end):
                assert not long_lines(above + b"x" * 20 + below, cell=22, line=60)
                assert long_lines(above + b"x" * 24 + below, cell=22, line=60)
        assert not long_lines(b"x" * 20 + b"\n", cell=20, line=60)
        assert not long_lines(b"x" * 20, cell=20, line=60)
        assert not long_lines(end[-1:] + b"x" * 20, cell=20, line=60)
        assert long_lines(b"x" * 21 + b"\n", cell=20, line=60)
        assert long_lines(b"x" * 21, cell=20, line=60)


@pytest.mark.parametrize("size", [4, 16, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_line_beyond_the_longest_is_refused_with_its_number_and_why(size, end):
    limits = {"cell": 20, "line": 60, "columns": 5}
    head = end.join([b"a,b", b"c,d", b"e,f", b""])
    with blocks_of(size):
        assert long_lines(head + b"x;y " * 15 + end, **limits | {"columns": 16})
        assert refusal(head + b"xy " * 20 + b"," + end, **limits) == Problem(
            "FIELD_TOO_LONG", "A cell on line 4 is too long", Where(row=4), None, "Use at most 20 characters in a cell."
        )
        too_long = "longer than 60 characters"
        whole = Problem(
            "LINE_TOO_LONG",
            f"Line 4 is {too_long}",
            Where(row=4),
            None,
            "Check that the lines of the file end where the rows end.",
        )
        evenly = (b"x" * 14 + b",") * 4
        assert refusal(head + evenly + b"x" + end, **limits) == whole
        assert refusal(head + evenly + b"x" + end + b"x" * 30 + end, **limits) == whole
        assert refusal(end + evenly + end + b"," + end + evenly + b"x", **limits) == whole
        assert refusal(b"x" * 61 + end, **limits).message == f"Line 1 is {too_long}"
        assert refusal(end + evenly + b"x", **limits).message == f"Line 2 is {too_long}"
        columns = Problem(
            "TOO_MANY_COLUMNS",
            "The selected file must have at most 5 columns",
            Where(row=4),
            None,
            "Delete the columns that are not needed.",
        )
        for delimiter in (b",", b";", b"\t", b"|"):
            cells = (b"x" * 11 + delimiter) * 5
            assert refusal(head + cells + b"x" + end, **limits) == columns
        # The longest cell that fits is told apart from one that does not, and the first row is never blamed on a cell.
        fitting = (b"x" * 20 + b"|") * 3
        assert refusal(head + fitting + end, **limits) == whole
        assert refusal(head + b"x" * 21 + b"|" + fitting + end, **limits).code == "FIELD_TOO_LONG"


ODD_TEXTS = [
    "é,£\nñ,5\n",
    "–,“x”\r\n€,7\r\n",
    "😀,x\r\ny,👩‍👩‍👧\r\n",
    '"a\r\nb","c ""d""\n"\r\n1,2\r\n',
    'a,b"c\r\nd,e\r\n',
    "a\rb\rc,d\r",
    "a\r\nb\nc\rd\n\r\ne",
    "a,b\u2028c\nd,e\x85f\n",
    "a,b\n\n\r\n ,\nc,d",
]


def outcome(data):
    """All that a reader of the file learns of it, or why it is refused."""
    try:
        with opened(data) as table:
            batches = [(b.numbers.tolist(), b.rows, b.problems) for b in table.sheets[0].batches()]
            return table.encoding, table.notices, batches, table.sheets[0].may_hold_controls
    except Refused as refused:
        return refused.problems


def test_no_answer_depends_on_where_a_block_ends():
    for text in ODD_TEXTS:
        for way in ("utf-8", "utf-8-sig", "utf-16"):
            for pad in range(8):
                data = ("z" * pad + text).encode(way)
                whole = outcome(data)
                assert isinstance(whole, tuple), whole
                with blocks_of(8):
                    assert outcome(data) == whole, data


# In each, something speaks for or against an encoding, or must be placed on its line, across the border of two blocks.
SPLIT_BYTES = {
    b"\xa35,y\r\nz,\xa37\r\n": "windows-1252",
    b"a,b\r\nc,d\r\n\xa35,\xc3\xa9\r\n": unreadable(
        "byte {} on line 3 is not UTF-8, but other bytes of the file are", 3
    ),
    b"a,\xc3\xa9\r\nc,d\r\n\xa35": unreadable("byte {} on line 3 is not UTF-8, but other bytes of the file are", 3),
    b"a,b\rc,d\r\xe2\x805": unreadable("byte {} on line 3 is not UTF-8, but other bytes of the file are", 3),
    b"a\r\nb\r\nc\r\nd\xe2\x80": unreadable("byte {} on line 4 is not UTF-8", 4),
    b"a\r\nb\r\nc\r\nd\xf0\x9f\x98": unreadable("byte {} on line 4 is not UTF-8", 4),
}


def test_no_encoding_depends_on_where_a_block_ends():
    for data, answer in SPLIT_BYTES.items():
        at = next(at for at in range(len(data)) if at == data.find(b"\xa3") or data.startswith((b"\xe2", b"\xf0"), at))
        for pad in range(12, 30):
            padded = b"z" * pad + data
            for size in (16, 1 << 20):
                with blocks_of(size):
                    if answer == "windows-1252":
                        assert text_of(padded) == ("windows-1252", padded.decode("cp1252"))
                    else:
                        place = answer.message.format(pad + at)
                        row = answer.where.row
                        assert refusal(padded) == Problem("ENCODING", place, Where(row=row), None, SAVE_AS_UTF8)


def test_the_copy_of_a_file_in_another_encoding_is_gone_once_it_is_closed_or_refused(monkeypatch):
    monkeypatch.setattr(encoding, "_IN_MEMORY", 1)  # on disk at once, so that it counts as an open file
    process = psutil.Process()
    before = process.num_fds()
    table = opened("a,£\n1,2\n".encode("utf-16"))
    assert process.num_fds() == before + 1
    table.close()
    assert process.num_fds() == before
    with opened("a,£\n1,2\n".encode("cp1252")) as table:
        assert process.num_fds() == before + 1
    assert process.num_fds() == before
    refusals = []
    for data in ("a,£\0\n".encode("utf-16"), "\n \n".encode("utf-16"), "a\n".encode("utf-16") + b"x"):
        with pytest.raises(Refused) as refused:
            opened(data)
        refusals.append(refused)  # whose traceback still knows the copy
    assert process.num_fds() == before


def test_a_file_that_is_utf_8_is_read_where_it_lies_and_stays_open():
    file = io.BytesIO(codecs.BOM_UTF8 + b"a,b\n")
    file.seek(2)
    text = as_utf8(file, Limits())
    assert text.file is file
    assert (text.start, text.encoding, text.has_controls, text.has_long_lines) == (3, "utf-8", False, False)
