"""Changes of state happen in actions: keyword-only, in one transaction, with `by` and one line of audit.

Nothing else writes to the database, by a model or by SQL, but the files that are named here with their reasons;
migrations and factories are not asked. How writes are found in source text is in `writes` and proved in `test_writes`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

from tests.architecture import catalogue
from tests.architecture.writes import Write, our_module, writes_in

# Files that may write, by the end of their path, and why each may.
MAY_WRITE = {
    "actions.py": "It holds actions, or the frame around them, which lets the database judge what they did.",
    "actions/*.py": "It holds actions.",
    "budgets/changing/*.py": "Actions on money are made of it, and call it inside their transactions.",
    "partnerships/changing/*.py": "Actions on agreements are made of it, and call it inside their transactions.",
    "pooledcare/directory/history.py": "It writes the lines of audit and the change feed for the action that calls it.",
    "pooledcare/directory/models/people.py": "It is Django's own way to make a person, and actions call it.",
    "pooledcare/directory/models/machines.py": "It keeps traces of machinery: last uses, heartbeats, what to forget.",
    "pooledcare/directory/tasks.py": "It forgets sessions and cache entries that have expired, which nobody made.",
    "pooledcare/directory/loading.py": "It loads reference tables, and leaves one line of audit for a load.",
    "partnerships/reference/law_loading.py": "It loads the tables of law, and leaves one line of audit for a load.",
    "partnerships/reference/past_agreements.py": "It loads the sources of past agreements, which actions record.",
    "budgets/loading.py": "It loads the funding streams of the reference tables.",
    "budgets/totals.py": "It sums the kept totals anew from the figures, for the command that checks them.",
    "pooledcare/directory/demo.py": "It makes the invented people of a demonstration.",
    "pooledcare/directory/demo_bodies.py": "It makes the invented organisations of a demonstration.",
    "pooledcare/uploads/kept_files.py": "It keeps a file until the rest of its form is right, and changes nothing.",
    "pooledcare/uploads/states.py": "It moves uploads on with a line of audit, and keeps the locks and leases on them.",
    "pooledcare/uploads/queueing.py": "It marks an upload whose message was lost, so that the sweep sends it at once.",
    "pooledcare/uploads/pipeline.py": "It keeps what is asked about a file, and lets the database judge what it wrote.",
    "pooledcare/uploads/staging.py": "It writes the staged rows and the problems of a file that is not accepted yet.",
    "budgets/allocations/steps.py": "It is the part of the upload engine that writes figures, called by its actions.",
    "partnerships/upload_kinds/steps.py": "It is the part of the upload engine that locks agreements and clears rows.",
    "pooledcare/kernel/privileges.py": "Migrations call it, to grant the application its rights.",
    "pooledcare/kernel/rest/idempotency.py": "It remembers the answer to a request of the API, not what anybody made.",
    "pooledcare/kernel/rest/rates.py": "It counts the requests of each client of the API.",
}
# Files whose statements are composed while the program runs, so that their words cannot be read here.
COMPOSES_READS = {
    "budgets/queries/changes.py": "Its statements are composed of the columns of a figure's key.",
    "partnerships/queries/agreements/record_statements.py": "Its constants are composed of the columns of records.",
    "pooledcare/directory/access/keys.py": "Its statement selects all columns of three models.",
    "pooledcare/kernel/rest/listings.py": "It composes a select of the columns and conditions of a list.",
    "pooledcare/kernel/rest/exports.py": "It copies the select of a list to standard output.",
}
# What is no model though a method of it is called as a model's: the file, and what stands before the method.
NO_MODEL = {
    ("budgets/demo.py", "book"): "A workbook, saved to a file.",
    ("budgets/demo_layouts.py", "book"): "The same.",
    ("partnerships/api/parts.py", "part"): "A kind of part in the API, which hands what was sent to an action.",
    ("partnerships/api/parts.py", "self.part"): "The same.",
    ("pooledcare/kernel/documents/word.py", "word"): "A Word document, saved to a file.",
    ("pooledcare/kernel/tabular/shaping.py", "np"): "NumPy, which gives a shorter array.",
    ("pooledcare/kernel/tabular/writing.py", "book"): "A workbook, saved to a file.",
    ("pooledcare/templating.py", "env.filters"): "A dictionary of Jinja's.",
    ("pooledcare/templating.py", "env.globals"): "A dictionary of Jinja's.",
    ("pooledcare/uploads/receiving.py", "default_storage"): "The folder of uploaded files.",
}


def action_modules() -> list[str]:
    return [
        ".".join(path.relative_to(catalogue.ROOT).with_suffix("").parts)
        for path in catalogue.source_files()
        if (path.name == "actions.py" or path.parent.name == "actions") and "kernel" not in path.parts
    ]


def test_every_public_function_of_an_actions_module_is_an_action():
    walked = 0
    for name in action_modules():
        module = importlib.import_module(name)
        for label, function in inspect.getmembers(module, inspect.isfunction):
            if label.startswith("_") or function.__module__ != name:
                continue
            walked += 1
            assert getattr(function, "is_action", False), f"{name}.{label} does not wear @action"
            parameters = inspect.signature(function).parameters
            assert "by" in parameters, f"{name}.{label} does not say who acts"
            assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values()), f"{name}.{label} is not keyword-only"
    assert walked > 10


def test_every_action_leaves_a_line_of_audit():
    walked = 0
    for name in action_modules():
        module = importlib.import_module(name)
        source = inspect.getsource(module)
        tree = ast.parse(source)
        bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        recording = _functions_that_record(bodies)
        for label, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name and getattr(function, "is_action", False):
                walked += 1
                assert label in recording, f"{name}.{label} records no audit event"
    assert walked > 10


# history.record, and what calls it: the upload engine's `move`, and the ends of a change of an agreement.
RECORDERS = {"record", "move", "finish", "finish_change"}


def _functions_that_record(bodies: dict[str, ast.FunctionDef]) -> set[str]:
    """Functions of one module that call a recorder, directly or through another function of the module."""
    calls = {label: _called(node) for label, node in bodies.items()}
    recording = {label for label, names in calls.items() if names & RECORDERS}
    while True:
        more = {label for label, names in calls.items() if names & recording} - recording
        if not more:
            return recording
        recording |= more


def _called(node: ast.AST) -> set[str]:
    found = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Name):
                found.add(call.func.id)
            elif isinstance(call.func, ast.Attribute):
                found.add(call.func.attr)
    return found


def test_nothing_else_writes_to_the_database():
    walked, found, used = 0, [], set()
    for path in catalogue.source_files():
        walked += 1
        for write in writes_in(path.read_text(), module_named=our_module):
            reason = _reason(path, write)
            if reason is None:
                found.append(f"{_short(path)}:{write.line} {write.receiver}.{write.what} ({write.kind})")
            used.add(reason)
    assert walked > 60
    assert found == [], "move it into an action, or name the file with its reason"
    named = {*MAY_WRITE, *COMPOSES_READS, *NO_MODEL}
    assert named - used == set(), "nothing is found there any more: take the exception out"


def _reason(path: Path, write: Write) -> str | tuple[str, str] | None:
    """Which exception allows this write: its key in one of the three tables above."""
    receiver = (_short(path), write.receiver)
    if receiver in NO_MODEL:
        return receiver
    tables = (MAY_WRITE, COMPOSES_READS) if write.kind == "unread" else (MAY_WRITE,)
    return next((pattern for table in tables for pattern in table if path.match(pattern)), None)


@pytest.mark.parametrize(
    ("file", "kind", "is_allowed"),
    [
        ("partnerships/actions/deeds.py", "model", True),
        ("partnerships/changing/draft_edit.py", "model", True),
        ("partnerships/views/editing/deeds.py", "model", False),
        ("partnerships/queries/agreements/drafts.py", "sql", False),
        ("pooledcare/kernel/rest/listings.py", "unread", True),
        ("pooledcare/kernel/rest/listings.py", "sql", False),
        ("budgets/queries/totals.py", "unread", False),
    ],
)
def test_a_write_is_allowed_only_where_an_exception_is_for_it(file, kind, is_allowed):
    reason = _reason(catalogue.ROOT / file, Write(1, kind, "deed", "save"))
    assert (reason is not None) == is_allowed


def test_every_exception_says_why_in_one_sentence():
    for reason in (*MAY_WRITE.values(), *COMPOSES_READS.values(), *NO_MODEL.values()):
        assert reason.endswith(".")
        assert reason.count(". ") == 0


def _short(path: Path) -> str:
    return str(path.relative_to(catalogue.ROOT))
