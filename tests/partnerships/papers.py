"""Small papers of every type that is kept, and some that are not, made here byte by byte."""

from __future__ import annotations

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
ODT_TYPE = "application/vnd.oasis.opendocument.text"
CONTENTS = "[Content_Types].xml"
PLAIN = '<Types><Default Extension="xml" ContentType="application/xml"/></Types>'
# In two pieces, so that no scanner takes the tests themselves for harmful.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + "-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def archive(parts: dict[str, str], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return out.getvalue()


DOCX = archive({CONTENTS: PLAIN, "word/document.xml": "<document/>"}, zipfile.ZIP_DEFLATED)
XLSX = archive({CONTENTS: PLAIN, "xl/workbook.xml": "<workbook/>"}, zipfile.ZIP_DEFLATED)
ODT = archive({"mimetype": ODT_TYPE, "content.xml": "<office/>"})
WITH_MACROS = archive({CONTENTS: PLAIN.replace("application/xml", "application/vnd.ms-office.vbaProject"),
                       "word/document.xml": "<document/>"})  # fmt: skip


def protected() -> bytes:
    """The same Word document, said to be encrypted in both places where an archive says so."""
    data = bytearray(archive({CONTENTS: PLAIN, "word/document.xml": "<document/>"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)
