"""A layout as a TOML file reads back as it was, and the command writes one that a profile can be made of."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from pooledcare.uploads.layouts import read_profile
from pooledcare.uploads.saved_layouts import queries
from pooledcare.uploads.saved_layouts.toml import as_toml
from tests import factories

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
AMOUNTS = st.decimals(-1_000_000, 1_000_000, places=2, allow_nan=False)
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(-(2**40), 2**40), AMOUNTS)
TABLES = st.recursive(
    st.dictionaries(TEXTS, st.one_of(VALUES, st.lists(TEXTS, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(TEXTS, st.one_of(VALUES, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4),
    max_leaves=8,
)


@given(TABLES)
def test_what_is_written_reads_back_equal(table):
    assert tomllib.loads(as_toml(table), parse_float=Decimal) == table


@pytest.mark.parametrize("value", [None, 1.5, Decimal("NaN"), {"a": [1, {"b": 2}]}])
def test_what_toml_does_not_have_is_not_written(value):
    with pytest.raises(TypeError, match="cannot be written as TOML"):
        as_toml({"a": value})


@pytest.mark.django_db
def test_a_saved_layout_is_exported_as_a_profile_that_reads_the_same(tmp_path: Path):
    version = factories.layout(organisation=factories.organisation(name="NHS “Mere”shire"), name="Boards")
    out = StringIO()
    call_command("export_layout", version.layout.reference, stdout=out)
    path = tmp_path / "boards.toml"
    path.write_text(out.getvalue(), encoding="utf-8")
    assert out.getvalue().startswith(f"# {version.layout.reference}, version 1, saved by NHS “Mere”shire.\n")
    read, own = read_profile(path), queries.profile_of(version)
    assert (read.key, own.key) == ("boards", version.key)
    for name in ("title", "publisher", "unit", "missing", "defaults", "editions", "names"):
        assert getattr(read, name) == getattr(own, name)


@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["UL-9", "9", "UL-09", "UL-"])
def test_what_is_no_layout_is_not_exported(reference: str):
    with pytest.raises(CommandError, match=f"There is no saved layout {reference}."):
        call_command("export_layout", reference)
