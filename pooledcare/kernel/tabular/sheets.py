"""Sheets: numbered rows of text, and chunks of columns, whatever the type of the file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Set
from functools import cached_property

from pooledcare.kernel.tabular.batches import Batch, Chunk
from pooledcare.kernel.tabular.limits import Limits, refuse
from pooledcare.kernel.tabular.shaping import Explain, Shaping, as_chunk, below, find_controls

CHUNK = 50_000
# Rows are turned into columns a few at a time, while they are still in the processor's cache.
BATCH = 500
# So many first rows are kept once they were read, because the headings of a file are looked for many times.
MOST_KEPT = 101


class Sheet(ABC):
    """One table of a file. Each call of `batches`, `rows`, `head` or `chunks` reads from the top again."""

    name: str
    limits: Limits
    is_hidden = False
    hidden_columns: Set[int] = frozenset()  # by index; complete once the first row has been read
    # A workbook does not store the empty cells at the end of a row, so its rows are never too short.
    stores_empty_cells = True
    may_hold_controls = True
    # What separates the cells of a text file; empty for a workbook.
    delimiter = ""

    @abstractmethod
    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        """All physical rows in order, at most `size` at a time."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row of the file with its row number, unchanged."""
        for batch in self.batches():
            yield from zip(batch.numbers.tolist(), batch.rows, strict=True)

    def head(self, count: int = 20) -> list[tuple[int, list[str]]]:
        """The first rows, for recognising the layout. Their problems are reported later, when the rows are read."""
        kept = next((rows for most, rows in self._heads.items() if most >= count), None)
        if kept is None:
            rows = _numbered(next(self.batches(count), None))[:count]
            if count > MOST_KEPT:
                return rows
            self._heads[count] = kept = rows
        return kept[:count]

    def first_rows(self, count: int, most: Callable[[list[tuple[int, list[str]]]], int]) -> list[tuple[int, list[str]]]:
        """The first rows, read once: at first `count` of them, then as many in all as `most` says of these.

        The first `count` are kept for `head`.
        """
        batches = self.batches(count)
        rows = _numbered(next(batches, None))
        self._heads[count] = rows[:count]
        wanted = most(rows[:count])
        while len(rows) < wanted and (batch := next(batches, None)) is not None:
            rows += _numbered(batch)
        return rows[:wanted]

    @cached_property
    def _heads(self) -> dict[int, list[tuple[int, list[str]]]]:
        """The first rows that were read already, by how many they are."""
        return {}

    def chunks(
        self, size: int = CHUNK, *, width: int | None = None, after: int = 0, explain: Explain | None = None
    ) -> Iterator[Chunk]:
        """The rows below row number `after` as columns, about `size` rows at a time.

        With a `width`, rows of another width are refused. Without one, short rows are padded to the widest row of the
        chunk, for layouts with tables of different widths below one another. `explain` may say of a refused row what is
        probably wrong with it.
        """
        parts: list[Shaping] = []
        gathered = 0
        for batch in self.batches(min(size, BATCH)):
            kept = below(batch, after)
            if not kept.rows:
                continue
            if self.may_hold_controls:
                find_controls(kept, self.name)
            may_pad = width is None or not self.stores_empty_cells
            part = Shaping(kept, self.name, may_pad=may_pad, is_whole=width is not None, explain=explain)
            if width is not None:
                part.fit(width)
            parts.append(part)
            gathered += part.rows_read
            if gathered >= size:
                yield as_chunk(parts, width)
                parts, gathered = [], 0
        if parts:
            yield as_chunk(parts, width)


def _numbered(batch: Batch | None) -> list[tuple[int, list[str]]]:
    return [] if batch is None else list(zip(batch.numbers.tolist(), batch.rows, strict=True))


def refuse_rows(limits: Limits, sheet: str | None = None) -> None:
    refuse(
        "TOO_MANY_ROWS",
        f"The selected file must have at most {limits.rows:,} rows",
        fix="Split the file into smaller files.",
        sheet=sheet,
    )
