"""Faults: where each is, what it changes, and whether it is in a function or in code that runs at import."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor

from deploy.environment import ROOT
from mutation import operators, sql_faults

SQL_FILE = "sql file"
MARK = "-- reverse\n"  # as in pooledcare/kernel/sqlfiles.py, which is not imported because faults are put into it too
NEEDED_DECORATORS = ("property", "cached_property", "dataclass", "staticmethod", "classmethod")
Span = tuple[tuple[int, int], tuple[int, int]]  # from a line and column up to a line and column


@dataclass(frozen=True)
class Mutant:
    """A fault: the `occurrence`th place of a file where `operator` can change something."""

    path: Path
    operator: str
    occurrence: int
    first_line: int
    last_line: int
    first_column: int = 0

    @property
    def key(self) -> str:
        return f"{self.path}:{self.first_line} {self.operator.rpartition('/')[2]} {self.occurrence}"

    def source(self) -> str:
        """The full text of the file with the fault."""
        text = read(self.path)
        if self.operator == SQL_FILE:
            return list(sql_faults.faults(text))[self.occurrence].put_into(text)
        changed = MutationVisitor.mutate_code(text, plugins.get_operator(self.operator)(), self.occurrence)
        if changed is None:
            raise ValueError(f"{self.key}: there is no such place any more.")
        return changed

    def change(self) -> tuple[str, str]:
        """The lines that differ, as they were and as they are, without the blanks around them."""
        before, after = [], []
        for line in difflib.ndiff(read(self.path).splitlines(), self.source().splitlines()):
            if line.startswith("- "):
                before.append(line[2:].strip())
            elif line.startswith("+ "):
                after.append(line[2:].strip())
        return " ⏎ ".join(before), " ⏎ ".join(after)


@lru_cache(maxsize=64)
def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def of_file(path: Path) -> Iterator[Mutant]:
    """Every fault that can be put into a file, except in imports, annotations and code for type checkers only."""
    text = read(path)
    if path.suffix == ".sql":
        replaced = list(_replaced_since(path, text))
        for occurrence, fault in enumerate(sql_faults.faults(text)):
            line = text.count("\n", 0, fault.start) + 1
            if fault.start < forward_end(text) and not any(begin <= fault.start < end for begin, end in replaced):
                yield Mutant(path, SQL_FILE, occurrence, line, line)
        return
    nodes = list(ast_nodes(get_ast(text)))
    shape = Shape.of(path)
    for name in operators.NAMES:
        operator = plugins.get_operator(name)()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (begin, end) in enumerate(places):
            if not shape.is_only_read(begin) and not _parts_parameters(text, begin):
                yield Mutant(path, name, occurrence, begin[0], end[0], begin[1])


def forward_end(text: str) -> int:
    """The position in a .sql file at which its reverse part begins."""
    return text.find(MARK) if MARK in text else len(text)


def _replaced_since(path: Path, text: str) -> Iterator[tuple[int, int]]:
    """The positions of functions that a later file replaces, which happens because .sql files are frozen."""
    for name in {name for other in later_files(path) for name in _REPLACES.findall(read(other))}:
        begin = text.find(f"create function {name}(")
        if begin >= 0:
            yield begin, text.index("$$;", begin)


def later_files(path: Path) -> list[Path]:
    """The other files of the folder that replace functions."""
    found = sorted(other.relative_to(ROOT) for other in (ROOT / path).parent.glob("*.sql"))
    return [other for other in found if other != path and _REPLACES.search(read(other)[: forward_end(read(other))])]


_REPLACES = re.compile(r"create or replace function (\w+)\(")


def _parts_parameters(text: str, place: tuple[int, int]) -> bool:
    """Whether this is the star of a signature, `(a, *, b)`, which Cosmic Ray mistakes for a multiplication."""
    line, column = place
    return text.splitlines()[line - 1][column : column + 2] == "*,"


@dataclass(frozen=True)
class Function:
    """An outermost function or method: where its body is, and the line and name by which its code is found."""

    qualified_name: str
    first_line: int  # of its first decorator, as Python numbers the code of a function
    body: tuple[int, int]  # line and column at which its body begins
    last_line: int
    is_remembered: bool  # its result is cached, so only the first of many tests runs its lines


@dataclass(frozen=True)
class Shape:
    """The functions and statements of a Python file, and the positions where a fault would have no effect."""

    functions: tuple[Function, ...]
    statements: tuple[tuple[int, int], ...]
    only_read: tuple[Span, ...]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, path: Path) -> Shape:
        module = ast.parse(read(path))
        return cls(
            tuple(_functions(module, "")),
            tuple((node.lineno, _header_end(node)) for node in ast.walk(module) if isinstance(node, ast.stmt)),
            tuple(_only_read(module)),
        )

    def is_only_read(self, place: tuple[int, int]) -> bool:
        return any(begin <= place < end for begin, end in self.only_read)

    def function(self, mutant: Mutant) -> Function | None:
        """The function whose body holds the fault; None if the code runs when the file is imported."""
        place = (mutant.first_line, mutant.first_column)
        holding = [found for found in self.functions if found.body <= place and mutant.last_line <= found.last_line]
        return holding[0] if holding else None

    def statement_lines(self, mutant: Mutant) -> range:
        """The lines of the smallest statement that holds the fault, without the statements inside it."""
        holding = [
            (end - begin, begin, end)
            for begin, end in self.statements
            if begin <= mutant.first_line and mutant.first_line <= end
        ]
        if not holding:
            return range(mutant.first_line, mutant.last_line + 1)
        _, begin, end = min(holding)
        return range(begin, end + 1)


def _name_of(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator).rpartition(".")[2]


def _functions(node: ast.AST, prefix: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            begin = child.body[0]
            last = child.end_lineno or child.lineno
            is_remembered = any(_name_of(decorator) in ("cache", "lru_cache") for decorator in child.decorator_list)
            yield Function(prefix + child.name, first, (begin.lineno, begin.col_offset), last, is_remembered)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


def _header_end(node: ast.stmt) -> int:
    """The last line of a statement; for a compound statement, the last line of its header."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max(
            node.lineno,
            min(body[0].lineno, *(d.lineno for d in getattr(body[0], "decorator_list", []) or [body[0]])) - 1,
        )
    return node.end_lineno or node.lineno


def _only_read(module: ast.Module) -> Iterator[Span]:
    """Imports, annotations and what only type checkers read; decorators without which nothing would work at all."""
    for node in ast.walk(module):
        match node:
            case ast.Import() | ast.ImportFrom():
                yield _span(node)
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
                yield _span(annotation)
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield _span(node)
            case ast.Call(func=ast.Name(id="cast"), args=[kind, _]):
                yield _span(kind)
            case ast.Call(func=ast.Name(id="TypeVar" | "ParamSpec" | "NewType")):
                yield _span(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
                    yield _span(node.returns)
                for decorator in node.decorator_list:
                    if _name_of(decorator) in NEEDED_DECORATORS:
                        (line, column), end = _span(decorator)
                        yield (line, column - 1), end
                    elif _name_of(decorator) == "overload":
                        yield _span(node)


def _span(node: ast.AST) -> Span:
    begin, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return begin, end
