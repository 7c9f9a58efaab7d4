"""Migration operations from .sql files, for triggers, views and functions. A file is never edited once it is merged.

A file has the forward statements, then a line `-- reverse`, then the statements that undo them.
"""

from __future__ import annotations

from pathlib import Path

from django.db.migrations import RunSQL

MARK = "-- reverse\n"


def sql_file(path: Path) -> RunSQL:
    """The migration operation for one file. Raises ValueError if the file has no reverse statements."""
    forward, mark, backward = path.read_text(encoding="utf-8").partition(MARK)
    if not mark or not backward.strip():
        raise ValueError(f"{path.name} has no part after “-- reverse”.")
    return RunSQL(forward, backward)
