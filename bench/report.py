"""Writes the results of a run into docs/benchmarks.md, between two markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measures import Machine, Ratio, number

BEGIN, END = "<!-- results: written by python -m bench --document -->", "<!-- end of results -->"


def document(path: Path, machine: Machine, load_after: str, found: Mapping[str, Sequence[Ratio]], notes: Sequence[str],
             runs: int) -> None:  # fmt: skip
    """Replace the text between the markers. The text around them is written by hand."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{path} does not have the markers {BEGIN} and {END}.")
    lines = [
        f"{machine.moment}, {machine.processor}, {machine.cores} cores, {machine.memory_gb} GB, {machine.system}, "
        f"Python {machine.python}; {runs} alternating runs. Load of the machine before: {machine.load}; after: "
        f"{load_after}.",
        "",
        "| benchmark | what | ours | peer | peer is | ratio | bound |",
        "|---|---|--:|--:|---|--:|---|",
        *(_row(name, ratio) for name, ratios in found.items() for ratio in ratios),
        "",
        *(f"- {note}" for note in notes),
    ]
    path.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]), encoding="utf-8")


def _row(name: str, ratio: Ratio) -> str:
    cells = [
        name,
        ratio.name,
        f"{number(ratio.ours)} {ratio.unit}".strip(),
        f"{number(ratio.peer)} {ratio.unit}".strip(),
        ratio.beside,
        f"{ratio.value:.2f}",
        ratio.verdict(),
    ]
    return f"| {' | '.join(cells)} |"
