"""Each kind of fault does what its examples say; only the examples decide."""

from __future__ import annotations

import pytest
from cosmic_ray import plugins
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Example

from mutation import operators

EXAMPLES = [(name, example) for name, operator in operators.OURS.items() for example in operator.examples()]


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}-{place}" for place, (name, _) in enumerate(EXAMPLES)]
)
def test_an_operator_changes_code_as_its_example_says(name: str, example: Example):
    changed = MutationVisitor.mutate_code(example.pre_mutation_code, operators.OURS[name](), example.occurrence)

    assert changed == example.post_mutation_code


def test_each_operator_shows_an_example():
    assert {name for name, _ in EXAMPLES} == set(operators.OURS)


@pytest.mark.parametrize("name", operators.NAMES)
def test_every_operator_that_is_used_is_known_to_cosmic_ray(name: str):
    assert plugins.get_operator(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DropCondition", "x = a and b"),
        ("DropElement", "x = [a for a in (b, c)]"),
        ("DropStatement", 'def f():\n    """select a from b where c = d"""\n    x = 1\n'),
        ("FaultInSql", 'def f():\n    """select a from b where c = d"""\n    x = "choose one of them"\n'),
        ("ForceCondition", "while a:\n    pass\n"),
        ("DropLink", "a.strip"),
        ("SwapName", "minimum(a)"),
    ],
)
def test_what_an_operator_leaves_alone(name: str, text: str):
    changed = [MutationVisitor.mutate_code(text, operators.OURS[name](), occurrence) for occurrence in range(5)]
    untouched = {
        "DropCondition": ["x = b", "x = a"],
        "DropElement": ["x = [a for a in (c,)]", "x = [a for a in (b,)]"],
    }

    assert [text for text in changed if text is not None] == untouched.get(name, [])
