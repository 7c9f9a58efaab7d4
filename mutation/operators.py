"""The kinds of fault: the operators of Cosmic Ray that we use, and our own, added as its documentation describes.

Ours are common mistakes that Cosmic Ray does not have: a condition of several left out, a statement left out, a call in
a query chain left out, an element or an argument forgotten, an order reversed, wrong SQL. Each operator shows
`examples`, which tests/mutation/test_operators.py runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import parso
from cosmic_ray import plugins
from cosmic_ray.operators.operator import Example, Operator
from parso.python import tree
from parso.tree import BaseNode, Leaf, NodeOrLeaf

from mutation import sql_faults

# Not all of its operators: replacing every comparison by every other one makes many faults that are alike.
FROM_COSMIC_RAY = (
    *(f"core/ReplaceComparisonOperator_{pair}" for pair in (
        "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is",
    )),
    *(f"core/ReplaceBinaryOperator_{pair}" for pair in (
        "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul",
    )),
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceUnaryOperator_Delete_USub",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ExceptionReplacer",
    "core/NumberReplacer",
    "core/RemoveDecorator",
    "core/ZeroIterationForLoop",
)  # fmt: skip

LINKS = (
    "distinct",
    "order_by",
    "select_for_update",
    "filter",
    "exclude",
    "reverse",
    "strip",
    "casefold",
    "lower",
    "upper",
)
SWAPPED = {
    "min": "max", "max": "min", "first": "last", "last": "first", "any": "all", "all": "any",
    "startswith": "endswith", "endswith": "startswith",
}  # fmt: skip
LOOKUPS = {"__lt": "__lte", "__lte": "__lt", "__gt": "__gte", "__gte": "__gt"}


def code(node: NodeOrLeaf) -> str:
    return node.get_code(include_prefix=False)


def replaced(node: NodeOrLeaf, instead: str) -> NodeOrLeaf:
    """The node that replaces `node`, with the same white space before it."""
    return parso.parse(node.get_first_leaf().prefix + instead)


class _OneAtATime(Operator):
    """An operator whose `changes` yields the replacement texts for a node; each is one fault."""

    EXAMPLES: Sequence[Example] = ()

    def changes(self, node: Any) -> Iterator[str]:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for _ in self.changes(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        return replaced(node, list(self.changes(node))[index])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return cls.EXAMPLES


def _without(children: Sequence[NodeOrLeaf], index: int) -> str:
    """The text of `a, b, c` or `a and b and c` without its `index`th part and the word beside it."""
    parts, words = children[::2], children[1::2]
    kept = [code(part) for place, part in enumerate(parts) if place != index]
    left = [code(word) for place, word in enumerate(words) if place != (index if index < len(words) else index - 1)]
    text = kept[0]
    for word, part in zip(left, kept[1:], strict=False):
        text += f" {word} {part}" if word != "," else f", {part}"
    return text


class DropCondition(_OneAtATime):
    """One condition of several is left out, in `and`, `or`, `&` and `|`."""

    EXAMPLES = (
        Example("x = a and b and c", "x = b and c"),
        Example("x = a and b and c", "x = a and c", 1),
        Example("x = a and b and c", "x = a and b", 2),
        Example("q = Q(a=1) | Q(b=2)", "q = Q(b=2)"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.type in ("and_test", "or_test", "expr", "and_expr"):
            for index in range(len(node.children[::2])):
                yield _without(node.children, index)


class ForceCondition(_OneAtATime):
    """A condition that always holds, or never."""

    EXAMPLES = (
        Example("if a: pass", "if True: pass"),
        Example("if a: pass", "if False: pass", 1),
        Example("x = a if b else c", "x = a if True else c"),
        Example("x = [a for a in b if a.c]", "x = [a for a in b if True]"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        before = node.get_previous_sibling() if node.parent is not None else None
        if not isinstance(before, tree.Keyword) or before.value not in ("if", "elif"):
            return
        if isinstance(node, tree.Keyword) and node.value in ("True", "False"):
            return
        yield from ("True", "False")


class DropStatement(_OneAtATime):
    """A statement is left out: a call, a `raise`, a bare `return`, a change of an attribute, an item or a sum."""

    EXAMPLES = (
        Example("record(a)\n", "pass\n"),
        Example("raise Refused(a)\n", "pass\n"),
        Example("a.b = c\n", "pass\n"),
        Example("a += b\n", "pass\n"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.parent is None or node.parent.type != "simple_stmt":
            return
        if node.type in ("atom_expr", "power", "raise_stmt", "del_stmt", "yield_expr") or (
            node.type == "keyword" and node.value == "return"
        ):
            yield "pass"
        elif node.type == "expr_stmt":
            augmented = isinstance(node.children[1], BaseNode) or node.children[1].value not in ("=", ":")
            changed = node.children[0].type in ("atom_expr", "power")
            if node.children[1].type != "annassign" and (augmented or changed):
                yield "pass"


class DropLink(_OneAtATime):
    """A call in a chain is left out: an order, filter or lock of a query, a change of case."""

    EXAMPLES = (
        Example("a.filter(b=c).distinct()", "a.filter(b=c)", 1),
        Example("a.filter(b=c).distinct()", "a.distinct()"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.type not in ("atom_expr", "power"):
            return
        parts = node.children
        for place in range(1, len(parts) - 1):
            named, called = parts[place], parts[place + 1]
            if _trailer(named) == "." and _trailer(called) == "(" and code(named.children[1]) in LINKS:
                yield "".join(part.get_code() for part in parts[:place]).strip() + "".join(
                    part.get_code() for part in parts[place + 2 :]
                )


def _trailer(node: Any) -> str:
    return node.children[0].value if node.type == "trailer" else ""


class DropArgument(_OneAtATime):
    """A named argument is left out; so is an unpacked one."""

    EXAMPLES = (
        Example("f(a, b=c, d=e)", "f(a, d=e)"),
        Example("f(a, b=c, d=e)", "f(a, b=c)", 1),
        Example("f(b=c)", "f()"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if _trailer(node) != "(" or len(node.children) != 3:
            return
        inside = node.children[1]
        parts = inside.children if inside.type == "arglist" else [inside]
        for index, part in enumerate(parts[::2]):
            if part.type == "argument" and "for" not in code(part).split():
                yield f"({_without(parts, index)})" if len(parts) > 2 else "()"


class DropElement(_OneAtATime):
    """An element of a tuple, list, set or mapping that is written out is left out."""

    EXAMPLES = (
        Example("x = (a, b, c)", "x = (b, c)"),
        Example("x = (a, b)", "x = (b,)"),
        Example("x = [a, b]", "x = [a]", 1),
        Example("x = {a: b, c: d}", "x = {c: d}"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.type != "atom" or len(node.children) != 3:
            return
        opening, inside, closing = node.children
        if inside.type not in ("testlist_comp", "dictorsetmaker") or "comp_for" in (
            child.type for child in inside.children
        ):
            return
        if any(child.type == "sync_comp_for" for child in inside.children):
            return
        elements = _elements(inside)
        if len(elements) < 2:
            return
        for index in range(len(elements)):
            kept = [element for place, element in enumerate(elements) if place != index]
            comma = "," if opening.value == "(" and len(kept) == 1 else ""
            yield f"{opening.value}{', '.join(kept)}{comma}{closing.value}"


def _elements(inside: BaseNode) -> list[str]:
    """The elements between the commas, each as text."""
    found, current = [], ""
    for child in inside.children:
        if isinstance(child, Leaf) and child.value == ",":
            found.append(current.strip())
            current = ""
        else:
            current += child.get_code()
    return [*found, current.strip()] if current.strip() else found


class SwapName(_OneAtATime):
    """A name is replaced by its opposite: `min` for `max`, `first` for `last`, `any` for `all`, `__lt` for `__lte`."""

    EXAMPLES = (
        Example("min(a)", "max(a)"),
        Example("a.first()", "a.last()"),
        Example("a.filter(b__lt=c)", "a.filter(b__lte=c)"),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.type != "name":
            return
        following = node.get_next_leaf()
        if node.value in SWAPPED and following is not None and following.value == "(":
            yield SWAPPED[node.value]
        for ending, other in LOOKUPS.items():
            if node.value.endswith(ending):
                yield node.value.removesuffix(ending) + other


class SwapMembership(_OneAtATime):
    """`in` for `not in`, and the other way."""

    EXAMPLES = (Example("a in b", "a not in b"), Example("a not in b", "a in b"))

    def changes(self, node: Any) -> Iterator[str]:
        if node.type != "comparison":
            return
        left, word, right = node.children[:3]
        if code(word) in ("in", "not in") and len(node.children) == 3:
            yield f"{code(left)} {'not in' if code(word) == 'in' else 'in'} {code(right)}"


class ReverseOrder(_OneAtATime):
    """`order_by("a")` for `order_by("-a")`, and the other way."""

    EXAMPLES = (Example('a.order_by("-b")', 'a.order_by("b")'), Example('a.order_by("b")', 'a.order_by("-b")'))

    def changes(self, node: Any) -> Iterator[str]:
        if node.type != "string" or not _is_argument_of(node, "order_by"):
            return
        quote, inside = node.value[0], node.value[1:-1]
        yield f"{quote}{inside.removeprefix('-') if inside.startswith('-') else '-' + inside}{quote}"


def _is_argument_of(node: Any, name: str) -> bool:
    trailer = node.parent if node.parent.type == "trailer" else node.parent.parent
    if trailer is None or _trailer(trailer) != "(":
        return False
    before = trailer.get_previous_sibling()
    return before is not None and code(before) in (name, f".{name}")


_QUOTES = re.compile(r"[a-zA-Z]*(?P<mark>\"\"\"|\'\'\'|[\"\'])")


class FaultInSql(_OneAtATime):
    """A fault in a string that is SQL (mutation/sql_faults.py)."""

    EXAMPLES = (
        Example('x = "select a from b where c < d"', 'x = "select a from b where c <= d"'),
        Example('x = "select a from b where c and d"', 'x = "select a from b where true and d"'),
    )

    def changes(self, node: Any) -> Iterator[str]:
        if node.type not in ("string", "fstring_string") or node.parent.type == "simple_stmt":
            return
        quotes = _QUOTES.match(node.value) if node.type == "string" else None
        before, after = (quotes[0], quotes["mark"]) if quotes else ("", "")
        inside = node.value[len(before) : len(node.value) - len(after)]
        if sql_faults.is_sql(inside):
            for fault in sql_faults.faults(inside):
                yield f"{before}{fault.put_into(inside)}{after}"

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        node.value = list(self.changes(node))[index]
        return node


OURS: dict[str, type[Operator]] = {
    operator.__name__: operator
    for operator in (
        DropCondition,
        ForceCondition,
        DropStatement,
        DropLink,
        DropArgument,
        DropElement,
        SwapName,
        SwapMembership,
        ReverseOrder,
        FaultInSql,
    )
}
NAMES = (*FROM_COSMIC_RAY, *(f"pooledcare/{name}" for name in OURS))

# Normally done by an entry point of an installed package, but PooledCare is not installed.
plugins.OPERATOR_PROVIDERS["pooledcare"] = OURS
