"""Changes of state happen in actions: keyword-only, in one transaction, with `by` and one line of audit.

Nothing outside actions and the upload engine writes through a model; migrations, reference loads and factories do.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

from tests.architecture import catalogue

WRITES = {
    "create", "bulk_create", "update", "bulk_update", "delete", "save", "get_or_create", "update_or_create",
    "select_for_update",
}  # fmt: skip
# May write: actions, what they are made of, the upload engine, reference and demo loads.
WRITERS = (
    "actions.py", "actions/*.py", "history.py", "partnerships/changing/agreement.py",
    "partnerships/reference/past_agreements.py", "models/people.py",
    "uploads/pipeline.py", "uploads/staging.py", "uploads/states.py", "directory/loading.py", "budgets/loading.py",
    "directory/demo.py", "directory/demo_bodies.py", "partnerships/changing/copying.py",
    "partnerships/changing/ending.py", "management/commands/*.py",
)  # fmt: skip


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


def test_nothing_else_writes_through_a_model():
    names = {model.__name__ for model in catalogue.our_models()}
    walked, found = 0, []
    for path in catalogue.source_files():
        walked += 1
        if any(path.match(pattern) for pattern in WRITERS):
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if _writes(call) and _begins_at_a_model(call.func.value, names):
                found.append(f"{_short(path)}:{call.lineno} .{call.func.attr}(")
    assert walked > 60
    assert found == []


def _writes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES


def _begins_at_a_model(node: ast.AST, names: set[str]) -> bool:
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and node.id in names


def _short(path: Path) -> str:
    return str(path.relative_to(catalogue.ROOT))
