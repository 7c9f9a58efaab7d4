"""Compiling again from the published files gives the committed tables; skipped where those files are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pooledcare.directory.reference import tables
from pooledcare.directory.reference.compile import compiled, main, unknown_sources


@pytest.mark.slow
def test_compiling_again_gives_the_same_tables_byte_for_byte(shared_data: Path, tmp_path: Path) -> None:
    found = compiled(shared_data)
    assert list(found) == list(tables.COMPILED)
    assert unknown_sources(found) == []
    for table, rows in found.items():
        table.write(rows, tmp_path)
        assert (tmp_path / f"{table.name}.csv").read_bytes() == (tables.HERE / f"{table.name}.csv").read_bytes(), table


def test_a_source_without_explanation_is_named() -> None:
    row = {"code": "Y99", "name": "Nowhere", "kind": "nhs", "valid_from": "", "valid_to": "", "source": "hearsay"}
    assert unknown_sources({tables.REGIONS: [row]}) == ["hearsay"]


def test_the_compiler_asks_for_the_folder() -> None:
    with pytest.raises(SystemExit, match="Say where"):
        main([])
