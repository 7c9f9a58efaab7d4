"""Files for the tests of tables: bytes of CSV, and workbooks written part by part so that anything can be wrong."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from xml.sax.saxutils import escape

import pytest

from pooledcare.kernel.tabular import InputTable, Limits, csv_reading, encoding, open_table, packages

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def opened(data: bytes, name: str = "plan.csv", **options) -> InputTable:
    limits = options.pop("limits", Limits(columns=100))
    return open_table(io.BytesIO(data), name, limits, **options)


def rows_of(data: bytes, name: str = "plan.csv", **options) -> list[list[str]]:
    with opened(data, name, **options) as table:
        return [cells for _, cells in table.sheets[0].rows()]


def numbered_rows_of(data: bytes, name: str = "plan.csv", **options) -> list[tuple[int, list[str]]]:
    with opened(data, name, **options) as table:
        return list(table.sheets[0].rows())


@contextmanager
def blocks_of(size: int) -> Iterator[None]:
    """Files are read in blocks of so many bytes, so that a few bytes already lie in several blocks."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (encoding, "BLOCK"),
            (csv_reading, "BLOCK"),
            (packages, "BLOCK"),
        ):
            patch.setattr(module, name, size)
        yield


def parts_of_a_workbook(sheets: Mapping[str, str], *, texts: Sequence[str] = (), styles: str = "") -> dict[str, str]:
    """The parts of a workbook whose sheets hold the given rows of XML."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    related += f'<Relationship Id="t" Type="{LINKS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    related += f'<Relationship Id="s" Type="{LINKS}/styles" Target="styles.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="w" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(texts)}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    for n, rows in zip(numbers, sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return parts


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def workbook(rows: str, **options) -> bytes:
    """A workbook of one sheet."""
    return packed(parts_of_a_workbook({"Data": rows}, **options))
