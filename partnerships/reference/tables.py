"""The layout of the tables of law: their columns in order, and the column that identifies a row."""

from __future__ import annotations

from pathlib import Path

from pooledcare.directory.reference.tables import ReferenceTable

HERE = Path(__file__).parent

SOURCES = ReferenceTable("law_sources", ("slug", "title", "publisher", "licence", "dated", "url", "note"), ("slug",))
INSTRUMENTS = ReferenceTable(
    "law_instruments",
    ("slug", "title", "citation", "made", "in_force", "revoked", "status", "amends", "confidence", "note", "source"),
    ("slug",),
)
FUNCTIONS = ReferenceTable(
    "functions",
    ("code", "name", "side", "provision", "carries_exclusions", "description", "position", "source"),
    ("code",),
)
RULES = ReferenceTable(
    "law_rules",
    (
        "code", "kind", "powers", "side", "function", "body_kinds", "subject", "needs", "flexibilities", "allowed",
        "valid_from", "valid_to", "instrument", "ended_by", "provision", "confidence", "text", "source",
    ),
    ("code",),
)  # fmt: skip
PARAMETERS = ReferenceTable(
    "parameters", ("code", "valid_from", "valid_to", "value", "unit", "source", "confidence"), ("code", "valid_from")
)
