"""What a file is, by its content; and what people are shown of its name."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.tabular import FileType, Limits, Notice, display_name, open_table, recognise
from pooledcare.kernel.tabular.recognise import size_of
from tests.kernel.files import opened, packed, workbook

CSV = b"a,b\n1,2\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
OTHER_TYPES = {
    "F19 xls": (OLE + "Workbook".encode("utf-16-le"), "an old Excel workbook (XLS)"),
    "F19 PDF": (b"%PDF-1.7\n...", "a PDF"),
    "F19 gzip": (b"\x1f\x8b\x08\x00" + b"x" * 50, "a gzip archive"),
    "F19 zip": (packed({"plan.csv": "a,b"}), "a zip archive"),
    "F19 HTML": (b"\n <table><tr><td>1</td></tr></table>", "a web page (HTML)"),
    "F19 HTML with a mark": (b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "a web page (HTML)"),
    "F19 JSON object": (b'{"amount": "1.00"}', "a JSON file"),
    "F19 JSON list": (b' [\n {"amount": "1.00"}]', "a JSON file"),
    "XML": (b"<?xml version='1.0'?><workbook/>", "an XML file"),
    "image": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "an image"),
    "damaged archive": (b"PK\x03\x04" + b"x" * 50, "a damaged workbook or archive"),
    "OpenDocument text": (
        packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}),
        "an OpenDocument text",
    ),
    "OpenDocument": (
        packed({"mimetype": "application/vnd.oasis.opendocument.other", "content.xml": "x"}),
        "an OpenDocument file",
    ),
    "Word": (packed({"word/document.xml": "x"}), "a Word document"),
    "XLSB": (packed({"xl/workbook.bin": "x"}), "a binary workbook (XLSB)"),
}


@pytest.mark.parametrize(("data", "what"), OTHER_TYPES.values(), ids=OTHER_TYPES)
def test_another_type_is_refused_and_named_whatever_its_name_says(data, what):
    for name in ("plan.csv", "plan.xlsx"):
        with pytest.raises(Refused, match=r"^The selected file must be a CSV, XLSX or ODS$") as refused:
            recognise(io.BytesIO(data), name)
        assert refused.value.code == "FILE_TYPE"
        assert f"It looks like {what}." in refused.value.problems[0].fix


@pytest.mark.parametrize("name", ["plan.csv", "PLAN.CSV", "plan.txt", "plan.tsv", "plan", "", "a.b/plan"])
def test_f33_text_is_csv_under_any_of_its_names(name):
    assert recognise(io.BytesIO(CSV), name) is FileType.CSV


@pytest.mark.parametrize("name", ["plan.exe", "plan.csv.pdf", "plan.xlsm", "plan.xls"])
def test_f33_another_extension_is_refused(name):
    with pytest.raises(Refused) as refused:
        recognise(io.BytesIO(CSV), name)
    assert refused.value.code == "FILE_TYPE"


def test_f18_a_workbook_named_csv_is_read_as_a_workbook_with_a_notice():
    with opened(workbook('<row r="1"><c r="A1"><v>1</v></c></row>'), "plan.csv") as table:
        assert table.file_type is FileType.XLSX
        assert [n.message for n in table.notices] == ["The file is an Excel workbook, though its name ends in .csv"]


def test_f36_a_workbook_under_a_password_is_refused_with_the_sentence_of_nhs_uk():
    envelope = OLE + b"\x00" * (1 << 20) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(Refused, match=r"^The selected file is password protected$"):
        recognise(io.BytesIO(envelope), "plan.xlsx")
    data = bytearray(workbook(""))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + at] |= 1
    with pytest.raises(Refused, match=r"^The selected file is password protected$"):
        opened(bytes(data), "plan.xlsx")


def test_f34_a_name_is_shown_without_path_control_or_direction():
    assert display_name("../../x.csv") == "x.csv"
    assert display_name("C:\\plans\\x.csv") == "x.csv"
    assert display_name('a\r\nSet-Cookie: "b".csv') == "aSet-Cookie: b.csv"
    assert display_name("plan\u202evsc.exe.csv") == "planvsc.exe.csv"
    assert display_name("con.csv") == "con.csv"
    assert display_name("") == display_name("...") == display_name("\u200b") == "file"
    assert display_name("x" * 300 + ".csv") == "x" * 96 + ".csv"
    assert display_name("x" * 300) == "x" * 100


@pytest.mark.parametrize(
    ("start", "what"),
    [
        *((b"BZh9", "a bzip2 archive"), (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"), (b"Rar!\x1a\x07", "a RAR archive")),
        *((b"\xfd7zXZ\x00", "an xz archive"), (b"\x28\xb5\x2f\xfd", "a Zstandard archive")),
        *((start, "an image") for start in (b"\xff\xd8\xff", b"GIF89a", b"II*\x00", b"MM\x00*")),
        *((b"RIFF", "an image, a sound or a film"), (b"MZ\x90\x00", "a program"), (b"\x7fELF", "a program")),
        *((b"SQLite format 3\x00", "a database"), (b"PAR1", "a Parquet file")),
        *(
            (start, "a web page (HTML)")
            for start in (b"<!doctype html>", b"<HTML>", b"<head", b"<body", b"<meta", b"<style", b"<script", b"<div")
        ),
        *((start, "a web page (HTML)") for start in (b"<!-- x", b"\r\n\t <table")),
        *((start, "an XML file") for start in (b" <?xml ", b"<a>", b"<x:y z='1'", b"<a/>", b"\n<b\n")),
        *((start, "a JSON file") for start in (b"{}", b'{ "a"', b"[]", b"[[1", b'["a"', b' [ {"a"')),
    ],
)
def test_the_start_of_a_file_tells_what_it_is_and_the_same_bytes_later_do_not(start, what):
    with pytest.raises(Refused) as refused:
        recognise(io.BytesIO(start + b" x,y"), "plan.csv")
    fix = f"It looks like {what}. Save it as CSV UTF-8, XLSX or ODS and select it again."
    assert refused.value.problems == [
        Problem("FILE_TYPE", "The selected file must be a CSV, XLSX or ODS", None, None, fix)
    ]
    assert recognise(io.BytesIO(b"a" + start), "plan.csv") is FileType.CSV
    assert recognise(io.BytesIO(b"a,b\n" + start), "plan.csv") is FileType.CSV


@pytest.mark.parametrize("text", ["<5", "<", "[x],y", "{x}", "[", "<a,b", "P,K", "{ x", "M,Z", "%P"])
def test_cells_that_begin_a_little_like_another_type_are_text(text):
    assert recognise(io.BytesIO(text.encode()), "") is FileType.CSV


def test_recognising_starts_and_ends_at_the_top_of_the_file():
    for data, kind in ((CSV, FileType.CSV), (workbook(""), FileType.XLSX)):
        file = io.BytesIO(data)
        file.seek(3)
        assert recognise(file) is kind
        assert file.tell() == 0
        assert size_of(file) == len(data)
        assert file.tell() == 0
    file = io.BytesIO(b"PK\x03\x04")
    with pytest.raises(Refused):
        recognise(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["mimetype"], "a zip archive"),
        (["content.xml"], "a zip archive"),
        (["xl/workbook.xml.bak"], "a zip archive"),
        (["a/xl/workbook.xml"], "a zip archive"),
        (["mimetype", "content.xml"], "a zip archive"),
        (["word/document.xml", "x"], "a Word document"),
        (["xl/workbook.xml", "xl/workbook.bin"], "a binary workbook (XLSB)"),
        (["xl/workbook12.xml"], None),
        (["xl/workbook.xml", "word/document.xml"], None),
    ],
)
def test_an_archive_is_known_by_its_parts(names, what):
    file = io.BytesIO(packed(dict.fromkeys(names, "x")))
    if what is None:
        assert recognise(file) is FileType.XLSX
        return
    with pytest.raises(Refused) as refused:
        recognise(file)
    assert (
        refused.value.problems[0].fix == f"It looks like {what}. Save it as CSV UTF-8, XLSX or ODS and select it again."
    )


def test_f36_the_mark_of_a_password_is_found_across_the_border_of_two_blocks():
    mark = "EncryptedPackage".encode("utf-16-le")
    for before in (len(mark), len(mark) - 1, len(mark) // 2, 1, 0):
        envelope = OLE + bytes((1 << 20) - len(OLE) - before) + mark
        with pytest.raises(Refused) as refused:
            recognise(io.BytesIO(envelope), "plan.xlsx")
        fix = "Open it in Excel, remove the password under File, Info, Protect Workbook, and save it again."
        message = "The selected file is password protected"
        assert refused.value.problems == [Problem("PASSWORD_PROTECTED", message, None, None, fix)]


def test_an_extension_that_is_not_read_is_named():
    for name, extension in {
        "plan.exe": "exe",
        "a.csv/plan.PDF ": "pdf",
        "plan.csv.zip": "zip",
        "b\\plan.xls": "xls",
    }.items():
        with pytest.raises(Refused) as refused:
            recognise(io.BytesIO(CSV), name)
        fix = f"It looks like a .{extension} file. Save it as CSV UTF-8, XLSX or ODS and select it again."
        assert refused.value.problems[0].fix == fix


SHOWN = {
    "x" * 100: "x" * 100,
    "x" * 101: "x" * 100,
    "x" * 96 + ".csv": "x" * 96 + ".csv",
    "x" * 97 + ".csv": "x" * 96 + ".csv",
    "x" * 95 + ".a.csv": "x" * 95 + "..csv",
    "x" * 120 + ".12345678": "x" * 91 + ".12345678",
    "x" * 120 + ".123456789": "x" * 100,
    "x" * 120 + ".": "x" * 100,
    "x" * 120 + ".y": "x" * 98 + ".y",
    "..x.csv": "x.csv",
    ".x": "x",
    "X-aXb.csv": "X-aXb.csv",
    "x.csv.": "x.csv.",
    "x.12345678": "x.12345678",
    " x .csv ": "x .csv",
    "a\u2028b\u2029c": "abc",
    "cafe\u0301.csv": "caf\u00e9.csv",
    "a/b\\c/d.csv": "d.csv",
    "a\\b": "b",
}


def test_f34_a_long_name_keeps_its_ending():
    assert {name: display_name(name) for name in SHOWN} == SHOWN


NAMED = {
    ("csv", "plan.csv"): [],
    ("csv", "plan.txt"): [],
    ("csv", "plan.tsv"): [],
    ("csv", "plan"): [],
    ("csv", "a.xlsx/plan.csv"): [],
    ("csv", "plan.XLSX"): ["The file is a CSV file, though its name ends in .xlsx"],
    ("xlsx", "plan.xlsx"): [],
    ("xlsx", "PLAN.XLSX"): [],
    ("xlsx", ""): [],
    ("xlsx", "plan.csv"): ["The file is an Excel workbook, though its name ends in .csv"],
    ("xlsx", "plan.txt"): ["The file is an Excel workbook, though its name ends in .txt"],
}


def test_a_name_is_spoken_of_only_where_it_says_otherwise_than_the_file():
    files = {"csv": CSV, "xlsx": workbook("")}
    told = {}
    for kind, name in NAMED:
        with opened(files[kind], name) as table:
            told[kind, name] = [notice.message for notice in table.notices]
            assert {notice.code for notice in table.notices} <= {"FILE_NAME"}
            assert (table.name, table.file_type) == (display_name(name), FileType(kind))
            assert table.encoding == ("utf-8" if kind == "csv" else None)
    assert told == NAMED


def test_what_was_tidied_is_told_from_the_file_inwards():
    data = "a;£\n1;2\n"
    with opened(data.encode("cp1252"), "plan.xlsx") as table:
        assert table.notices == [
            Notice("ENCODING", "The file was read as Windows-1252"),
            Notice("DELIMITER", "The cells are separated by semicolons"),
            Notice("FILE_NAME", "The file is a CSV file, though its name ends in .xlsx"),
        ]
        assert table.sheet("") is table.sheets[0]
    with opened(b"sep=;\n" + data.encode("cp1252")) as table:
        assert [notice.code for notice in table.notices] == ["ENCODING", "SEPARATOR_LINE", "DELIMITER"]


def test_the_file_itself_stays_the_callers_to_close():
    for data in (CSV, CSV.decode().encode("utf-16"), workbook("")):
        file = io.BytesIO(data)
        with open_table(file):
            pass
        assert not file.closed
    file = io.BytesIO(b'a,"b\n' * 2 + b"\0")
    with pytest.raises(Refused):
        open_table(file)
    assert not file.closed


def test_without_limits_the_published_ones_hold():
    with open_table(io.BytesIO(CSV)) as table:
        assert table.sheets[0].limits == Limits()
        assert table.name == "file"
    with pytest.raises(Refused) as refused:
        open_table(io.BytesIO(CSV), limits=Limits(size=len(CSV)))
    assert refused.value.code == "FILE_TOO_LARGE"
    with open_table(io.BytesIO(CSV), limits=Limits(size=len(CSV) + 1)):
        pass
    with pytest.raises(Refused) as refused:
        open_table(io.BytesIO(b""))
    assert refused.value.code == "EMPTY_FILE"


@given(st.text(max_size=300))
def test_f34_no_name_is_unsafe_to_show(name):
    shown = display_name(name)
    assert 0 < len(shown) <= 100
    assert not set(shown) & set('\r\n\x00/\\"\u202e')


@given(st.binary(max_size=200))
def test_no_bytes_break_the_recogniser(data):
    try:
        kind = recognise(io.BytesIO(data), "plan.csv")
    except Refused as refused:
        assert refused.code in {"FILE_TYPE", "PASSWORD_PROTECTED"}  # noqa: PT017
    else:
        assert kind is FileType.CSV or zipfile.is_zipfile(io.BytesIO(data))
