"""Triggers and views live in plain .sql files, frozen once merged; migrations load them by name.

A file holds the forward statements, then a line `-- reverse`, then the statements that undo them.
"""

from __future__ import annotations

from pathlib import Path

from django.db.migrations import RunSQL

MARK = "-- reverse\n"


def sql_file(path: Path) -> RunSQL:
    """The migration operation for one file; raises ValueError when it does not say how to undo itself."""
    forward, mark, backward = path.read_text(encoding="utf-8").partition(MARK)
    if not mark or not backward.strip():
        raise ValueError(f"{path.name} has no part after “-- reverse”.")
    return RunSQL(forward, backward)
