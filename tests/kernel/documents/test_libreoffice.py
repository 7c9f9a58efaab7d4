"""LibreOffice, which is not our code, reads our Word documents as they are meant."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pooledcare.kernel.documents.model import Document
from pooledcare.kernel.documents.word import docx_of
from tests.kernel.documents.papers import page_of, pages_of_pdf, paper, solid, table, whole_paper, words_of_page

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 120


def converted(file: Path, ending: str, folder: Path) -> bytes:
    """The file as LibreOffice saves it in another format, with a profile of its own in `folder`."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("This test needs LibreOffice: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui")
    command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--convert-to"]
    environment = {**os.environ, "HOME": str(folder)}
    ran = subprocess.run(
        [*command, ending, "--outdir", str(folder), str(file)],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=environment, check=False,
    )  # fmt: skip
    made = folder / f"{file.stem}.{ending.partition(':')[0]}"
    assert made.exists(), ran.stdout + ran.stderr
    return made.read_bytes()


def paper_converted(document: Document, ending: str, folder: Path) -> bytes:
    (folder / "paper.docx").write_bytes(docx_of(document))
    return converted(folder / "paper.docx", ending, folder)


def test_the_text_that_libreoffice_reads_is_that_of_the_page(tmp_path):
    document = whole_paper()
    text = paper_converted(document, "txt:Text (encoded):UTF8", tmp_path).decode("utf-8-sig")
    assert solid(text) == solid(words_of_page(page_of(document), document))


def test_libreoffice_counts_pages_repeats_heads_and_keeps_the_outline(tmp_path):
    pages = pages_of_pdf(paper_converted(paper(table(120)), "pdf", tmp_path))
    assert len(pages) > 2
    for place, page in enumerate(map(solid, pages), start=1):
        assert page.startswith(solid("Open to everybody Statement of a pooled fund"))
        assert solid(f"Printed 15 June 2026 Page {place} of {len(pages)}") in page
        assert "SchemeLeadPlannedChangeShare" in page
