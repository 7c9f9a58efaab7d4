"""ODS workbooks for tests, written part by part so that anything can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from tests.kernel.files import packed

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_BASE = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = {
    "office": f"{_BASE}:office:1.0", "table": f"{_BASE}:table:1.0", "text": f"{_BASE}:text:1.0",
    "style": f"{_BASE}:style:1.0", "number": f"{_BASE}:datastyle:1.0", "draw": f"{_BASE}:drawing:1.0",
    "fo": f"{_BASE}:xsl-fo-compatible:1.0", "config": f"{_BASE}:config:1.0", "calcext": "urn:calcext",
}  # fmt: skip
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
MANIFEST = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{}</m:manifest>'


def parts_of_ods(sheets: Mapping[str, str], *, styles: str = "", common: str = "", before: str = "") -> dict[str, str]:
    """The parts of a workbook whose sheets hold the given XML. `common` are the styles that have names for people."""
    tables = "".join(f"<table:table table:name={quoteattr(name)}>{rows}</table:table>" for name, rows in sheets.items())
    return {
        "mimetype": MIMETYPE,
        "META-INF/manifest.xml": MANIFEST.format(""),
        "styles.xml": f"<office:document-styles {_DECLARED}><office:styles>{common}</office:styles>"
        "</office:document-styles>",
        "content.xml": f"<office:document-content {_DECLARED}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{before}{tables}</office:spreadsheet>"
        "</office:body></office:document-content>",
    }


def ods(rows: str, **options: str) -> bytes:
    """A workbook of one sheet."""
    return packed(parts_of_ods({"Data": rows}, **options))


def text(words: str, **attributes: object) -> str:
    return f'<table:table-cell office:value-type="string"{_written(attributes)}>{paragraph(words)}</table:table-cell>'


def number(value: object, displayed: str | None = None, kind: str = "float", **attributes: object) -> str:
    """A cell with a number, and with the text that it displays, unless that is None."""
    inside = "" if displayed is None else paragraph(displayed)
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{value}"{_written(attributes)}>'
        f"{inside}</table:table-cell>"
    )


def blank(count: int = 1) -> str:
    return f'<table:table-cell table:number-columns-repeated="{count}"/>'


def row(*cells: str, **attributes: object) -> str:
    return f"<table:table-row{_written(attributes)}>{''.join(cells)}</table:table-row>"


def paragraph(words: str) -> str:
    """Each space stands for itself, and a line end begins another paragraph."""
    return "".join(f"<text:p>{escape(line).replace(' ', '<text:s/>')}</text:p>" for line in words.split("\n"))


def _written(attributes: Mapping[str, object]) -> str:
    """`columns=3` repeats a cell, `rows=3` a row; other names are those of attributes of tables."""
    names = {"columns": "number-columns-repeated", "rows": "number-rows-repeated", "style": "style-name"}
    return "".join(
        f" table:{names.get(name, name.replace('_', '-'))}={quoteattr(str(value))}"
        for name, value in attributes.items()
    )


def cell_style(name: str, data_style: str, parent: str = "Default") -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="{parent}" '
        f'style:data-style-name="{data_style}"/>'
    )


def number_style(name: str, inside: str, kind: str = "number") -> str:
    return f'<number:{kind}-style style:name="{name}">{inside}</number:{kind}-style>'
