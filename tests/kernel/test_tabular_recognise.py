"""What a file is, by its content; and what people are shown of its name."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import FileType, display_name, recognise
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
    "OpenDocument": (packed({"mimetype": "x", "content.xml": "x"}), "an OpenDocument file"),
    "Word": (packed({"word/document.xml": "x"}), "a Word document"),
    "XLSB": (packed({"xl/workbook.bin": "x"}), "a binary workbook (XLSB)"),
}


@pytest.mark.parametrize(("data", "what"), OTHER_TYPES.values(), ids=OTHER_TYPES)
def test_another_type_is_refused_and_named_whatever_its_name_says(data, what):
    for name in ("plan.csv", "plan.xlsx"):
        with pytest.raises(Refused, match=r"^The selected file must be a CSV or XLSX$") as refused:
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
