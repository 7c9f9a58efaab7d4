"""Migrations are named by hand, say how to undo themselves, and match the models."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture import catalogue

FILES = [
    path
    for top in ("pooledcare", "partnerships", "budgets", "consultations")
    for path in sorted((catalogue.ROOT / top).rglob("migrations/0*.py"))
]


@pytest.mark.django_db
def test_the_migrations_match_the_models():
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


def test_migrations_are_named_by_hand():
    assert len(FILES) > 5
    assert [path.name for path in FILES if re.search(r"_(auto|initial)", path.name)] == []


@pytest.mark.parametrize("path", sorted(catalogue.ROOT.glob("*/**/sql/*.sql")), ids=lambda path: path.name)
def test_every_sql_file_says_how_to_undo_itself(path: Path):
    if "node_modules" not in path.parts:
        _, mark, backward = path.read_text().partition("-- reverse\n")
        assert mark
        assert backward.strip()
