"""Decisions are numbered once, without gaps, and have the three parts that a reader looks for."""

from __future__ import annotations

import re

from tests.architecture import catalogue

FILES = sorted((catalogue.ROOT / "docs" / "adr").glob("*.md"))


def test_decisions_are_numbered_once_without_gaps():
    numbers = [int(re.match(r"(\d{4})-[a-z0-9-]+\.md$", path.name)[1]) for path in FILES]
    assert len(numbers) > 8
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_decision_has_context_decision_and_consequences():
    for path in FILES:
        headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name
