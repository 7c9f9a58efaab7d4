"""Finds in source text what may write to the database: calls of Django's writing methods, and statements of SQL.

It reads the text only and knows no types. So every `.save` counts, whatever it is called on, until its receiver is
named as no model; and a statement counts as a read only when all of its words were found and none of them writes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from tests.architecture import catalogue

_METHODS = ("create", "bulk_create", "update", "bulk_update", "delete", "save", "get_or_create", "update_or_create")
METHODS = {
    *_METHODS,
    *(f"a{name}" for name in _METHODS),
    "select_for_update",
    "create_user",
    "save_base",
    "_raw_delete",
}
RUNS_SQL = {"execute", "executemany", "copy", "raw"}

READS = re.compile(r"\(*(?:select|with|show|explain|set local|declare)\b|copy \(", re.IGNORECASE)
WRITING_WORDS = re.compile(
    r"\b(?:insert|update|delete|merge|truncate|create|drop|alter|grant|revoke|lock|into|call|do|for share)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
GAP = "\0"  # in place of words that cannot be found by reading the source
DEEPEST = 12  # names that lead to names; whatever goes on longer is a gap

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Write:
    """One place in a source file. `kind` is "model", "sql", or "unread" for a statement whose words were not found."""

    line: int
    kind: str
    receiver: str
    what: str


def writes_in(source: str, *, module_named: Callable[[str], ast.Module | None] | None = None) -> list[Write]:
    """In the order of the lines. `module_named` gives the tree of an imported module, to look up its constants."""
    tree = ast.parse(source)
    found = [*_through_models(tree), *_through_sql(tree, module_named or (lambda name: None))]
    return sorted(found, key=lambda each: each.line)


@cache
def our_module(name: str) -> ast.Module | None:
    """The tree of a module of ours by its dotted name."""
    path = catalogue.ROOT / Path(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return ast.parse(file.read_text())
    return None


# --- through models --------------------------------------------------------------------------------------------------


def _through_models(tree: ast.Module) -> Iterator[Write]:
    """Methods that are handed on count like methods that are called: `on_commit(deed.save)`."""
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.ctx, ast.Load):
            call = called.get(id(node))
            # Django's `update` takes keywords only: with a plain argument it is the one of a dictionary, set or hash.
            if node.attr == "update" and call is not None and call.args:
                continue
            yield Write(node.lineno, "model", ast.unparse(node.value), node.attr)


# --- through SQL -----------------------------------------------------------------------------------------------------


def _through_sql(tree: ast.Module, module_named: Callable[[str], ast.Module | None]) -> Iterator[Write]:
    texts = _Texts(tree, module_named)
    for call, function in _calls(tree):
        given = [*call.args, *(each.value for each in call.keywords)]
        if not (isinstance(call.func, ast.Attribute) and call.func.attr in RUNS_SQL and given):
            continue
        kinds = {_kind(text) for text in texts.of(given[0], function)}
        for kind in sorted(kinds - {"read"}):
            yield Write(call.lineno, kind, ast.unparse(call.func.value), call.func.attr)


def _calls(node: ast.AST, function: Function | None = None) -> Iterator[tuple[ast.Call, Function | None]]:
    """Every call with the function that it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, function
        yield from _calls(child, child if isinstance(child, Function) else function)


def _kind(text: str) -> str:
    """Of one text of SQL, which may hold several statements: "read", "sql" where it writes or locks, or "unread"."""
    kinds = {_kind_of_one(one.strip()) for one in QUOTED.sub("''", text).split(";") if one.strip()}
    return next((kind for kind in ("sql", "unread") if kind in kinds), "read")


def _kind_of_one(statement: str) -> str:
    if WRITING_WORDS.search(statement):
        return "sql"
    if GAP in statement:
        return "unread"
    if statement.lower().startswith("copy") and not re.search(r"\bto stdout\b", statement, re.IGNORECASE):
        return "sql"
    return "read" if READS.match(statement) else "sql"


class _Texts:
    """What an expression of one module may be as text; words that are worked out elsewhere are a gap."""

    def __init__(self, tree: ast.Module, module_named: Callable[[str], ast.Module | None]) -> None:
        self.tree = tree
        self.module_named = module_named
        self.constants = _assigned(tree)
        self.imported = _imported(tree)

    def of(self, node: ast.AST | None, function: Function | None = None, depth: int = 0) -> list[str]:
        if depth > DEEPEST:
            return [GAP]
        match node:
            case ast.Constant(value=value):
                return [str(value)]
            case ast.JoinedStr(values=parts):
                return self._joined([self.of(part, function, depth + 1) for part in parts])
            case ast.FormattedValue(value=value):
                return self.of(value, function, depth + 1)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._joined([self.of(part, function, depth + 1) for part in (left, right)])
            case ast.IfExp(body=body, orelse=other):
                return [*self.of(body, function, depth + 1), *self.of(other, function, depth + 1)]
            case ast.Name(id=name):
                return self._named(name, function, depth + 1)
            case ast.Attribute(value=ast.Name(id=holder), attr=name) if holder in self.imported:
                return self._elsewhere(".".join(filter(None, self.imported[holder])), name, depth + 1)
            case ast.Call(func=ast.Attribute(value=held, attr="replace"), args=[ast.expr() as old, ast.expr() as new]):
                parts = [self.of(part, function, depth + 1) for part in (held, old, new)]
                return [text.replace(before, after) for text, before, after in product(*parts)]
            case ast.Call(func=ast.Attribute(attr="SQL"), args=[ast.Constant(value=str() as text)]):
                return [text.replace("{}", "named")]  # psycopg's: the names of tables and columns are filled in later
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="format")):
                return self.of(inner, function, depth + 1)
        return [GAP]

    @staticmethod
    def _joined(parts: list[list[str]]) -> list[str]:
        return ["".join(chosen) for chosen in product(*parts)]

    def _named(self, name: str, function: Function | None, depth: int) -> list[str]:
        """A variable of the function, one of its parameters, a constant of the module, or an imported one."""
        inside = _assigned(function).get(name, []) if function is not None else []
        found = [text for value in inside for text in self.of(value, function, depth)]
        if function is not None and name in _parameters(function):
            found += self._handed_over(name, function, depth)
        if found:
            return found
        if name in self.constants:
            return [text for value in self.constants[name] for text in self.of(value, None, depth)]
        if name in self.imported:
            return self._elsewhere(*self.imported[name], depth)
        return [GAP]

    def _handed_over(self, name: str, function: Function, depth: int) -> list[str]:
        """What the calls in this module hand to a parameter; other modules may call a public function as well."""
        found = [] if function.name.startswith("_") else [GAP]
        place = _parameters(function).index(name)
        for call, around in _calls(self.tree):
            if isinstance(call.func, ast.Name) and call.func.id == function.name:
                given = [each.value for each in call.keywords if each.arg == name] or call.args[place : place + 1]
                found += [text for value in given for text in self.of(value, around, depth)] or [GAP]
        return found or [GAP]

    def _elsewhere(self, module: str, name: str, depth: int) -> list[str]:
        tree = self.module_named(module)
        return [GAP] if tree is None else _Texts(tree, self.module_named).of(ast.Name(id=name), None, depth)


def _assigned(scope: ast.Module | Function) -> dict[str, list[ast.expr | None]]:
    """What the names of a scope are set to; a name that is set in another way than by `=` holds what is unknown."""
    found: dict[str, list[ast.expr | None]] = {}
    nodes = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
        for name in _set_otherwise(node):
            found.setdefault(name, []).append(None)
    return found


def _set_otherwise(node: ast.AST) -> list[str]:
    """Names that are unpacked, counted through, or opened by `with`."""
    match node:
        case ast.Assign(targets=targets):
            bound: list[ast.AST] = [each for each in targets if not isinstance(each, ast.Name)]
        case ast.For(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            bound = [target]
        case ast.withitem(optional_vars=ast.expr() as target):
            bound = [target]
        case _:
            return []
    return [each.id for one in bound for each in ast.walk(one) if isinstance(each, ast.Name)]


def _parameters(function: Function) -> list[str]:
    """In the order of the arguments of a call; the first one of a method is left out."""
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]


def _imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Where an imported name comes from: its module and its name there, which is empty for a module as such."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {each.asname or each.name: (node.module, each.name) for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {each.asname: (each.name, "") for each in node.names if each.asname}
    return found
