"""How an app declares a kind of upload: its columns once, and what happens to its rows at each step.

The blank templates, the parser, the help table and the API's schema all come from the same list of columns.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.characters import trim
from pooledcare.kernel.problems import Problem
from pooledcare.kernel.tables import Table

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor, Permission
    from pooledcare.uploads.checks import Checked, Piece
    from pooledcare.uploads.models import Upload

Choices = Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class UploadColumn:
    """One column of a canonical file. `choices` are looked up when they are needed, because some are rows."""

    name: str
    label: str
    help: str
    example: str = ""
    required: bool = True
    choices: Choices | None = None
    in_template: bool = True
    is_amount: bool = False


@dataclass(frozen=True)
class Showing:
    """How a kind shows what an upload would change: a part of the page with its context, and tables to download.

    `tables` are by the name that stands in the address of the download.
    """

    template: str
    context: Callable[[Upload], dict[str, Any]]
    tables: Mapping[str, Callable[[Upload], Table]]


@dataclass(frozen=True)
class Reversal:
    """What reversing an upload would do: said in sentences, and as a table of what stands now and what would then.

    `more` counts the lines that are not among the rows of the table.
    """

    sentences: Sequence[str] = ()
    table: Table | None = None
    more: int = 0


@dataclass(frozen=True)
class Publication:
    """What the form says beside the date of publication, and beside the box that declares a file complete."""

    date_hint: str
    complete_hint: str


@dataclass(frozen=True)
class LayoutColumns:
    """Which columns of the kind are filled from a publisher's workbook, where each number becomes one row.

    `code` takes the code that stands in the row, `amount` the number, and `year` the year of the heading or of the
    file; the layout states all others. `beside_totals` says of a publisher's total what it is the total of.
    """

    names: tuple[str, ...]
    code: str
    amount: str
    year: str
    beside_totals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A workbook of the demonstration, to try the upload with: the name of its file, and what to try."""

    name: str
    label: str
    purpose: str


@dataclass(frozen=True)
class UploadLink:
    """Where the API shows what uploads of a kind bring: an address below the API's root, with `{reference}` in it."""

    name: str
    address: str
    description: str


@dataclass(frozen=True)
class UploadKind:
    """A kind of upload: what a file holds, who may prepare and accept it, how it is shown, and its steps.

    Only a kind with a `publication` has a date of publication, and files that can be declared complete. Only a kind
    with `layout_columns` is read from the workbooks of publishers. Unless a kind says that an organisation
    `may_waive_second_person`, each of its uploads is accepted by somebody other than who prepared it.
    """

    key: str
    label: str
    purpose: str
    columns: tuple[UploadColumn, ...]
    steps: UploadSteps
    prepare: Permission
    accept: Permission
    shows: Showing
    publication: Publication | None = None
    may_waive_second_person: bool = False
    most_rows: int | None = None  # fewer than any file may have, where each row is much work
    guidance: tuple[str, ...] = ()
    layout_columns: LayoutColumns | None = None
    samples: tuple[Sample, ...] = ()
    links: tuple[UploadLink, ...] = ()

    @property
    def is_published(self) -> bool:
        return self.publication is not None

    @property
    def template_columns(self) -> tuple[UploadColumn, ...]:
        return tuple(column for column in self.columns if column.in_template)

    def column(self, name: str) -> UploadColumn:
        return next(column for column in self.columns if column.name == name)

    def schema(self) -> dict[str, Any]:
        """The columns as a JSON Schema of one row, for the API's documentation."""
        properties = {}
        for column in self.template_columns:
            properties[column.name] = {"type": "string", "title": column.label, "description": column.help}
            if column.example:
                properties[column.name]["example"] = column.example
        required = [column.name for column in self.template_columns if column.required]
        return {"type": "object", "properties": properties, "required": required}


class UploadSteps(ABC):
    """Where what a kind brings stands, and how an upload changes them: by sets, in the caller's transaction."""

    table: str  # of staged rows
    copied: tuple[str, ...]  # the columns of staged rows, in the order in which a checker writes them

    @abstractmethod
    def checker(self, upload: Upload, preparer: Actor) -> Checker:
        """Judges the rows of one upload, piece by piece."""

    @abstractmethod
    def staged(self, upload: Upload) -> int:
        """How many rows of the upload are staged."""

    @abstractmethod
    def clear(self, upload_ids: Sequence[int]) -> None:
        """Forget the staged rows of these uploads."""

    @abstractmethod
    def left_over(self, needed: Sequence[str]) -> list[int]:
        """Uploads in none of these states that still have staged rows."""

    @abstractmethod
    def duplicate_rows(self, upload: Upload) -> list[Problem]:
        """Rows that say the same thing twice, or two things of the same."""

    @abstractmethod
    def current_state_problems(self, upload: Upload) -> list[Problem]:
        """What is wrong beside what stands already; warnings too."""

    @abstractmethod
    def preview(self, upload: Upload) -> tuple[dict[str, int], dict[str, Any]]:
        """Counts by what would happen, and what would change, as the kind shows it.

        Called after `current_state_problems`, in the same transaction.
        """

    @abstractmethod
    def outdated_references(self, upload: Upload, preparer: Actor) -> list[Problem]:
        """What has become wrong since the rows were checked: a body closed, a right taken away."""

    @abstractmethod
    def accept(self, upload: Upload) -> dict[str, int]:
        """Make what the staged rows say stand; gives back the counts, as in the preview."""

    @abstractmethod
    def later_changes(self, upload: Upload) -> list[Problem]:
        """Why an accepted upload cannot be reversed."""

    def reversal_preview(self, upload: Upload) -> Reversal:
        """What `reverse` would do now; asked only while nothing stands on the upload. Changes nothing."""
        return Reversal()

    @abstractmethod
    def reverse(self, upload: Upload, by: Actor) -> dict[str, int]:
        """Let stand again what stood before the upload, as new versions."""

    @abstractmethod
    def announce(self, upload: Upload, event: str, counts: Mapping[str, int]) -> None:
        """Tell the change feed."""

    @abstractmethod
    def lock(self, upload: Upload) -> None:
        """Until the transaction ends, nobody else changes what this upload may touch."""


class Checker(ABC):
    @abstractmethod
    def check(self, piece: Piece) -> Checked:
        """The good rows ready for COPY, and what is wrong with the others."""


_KINDS: dict[str, UploadKind] = {}


def register(kind: UploadKind) -> None:
    """Make a kind known to the engine; called when the app is ready."""
    _KINDS[kind.key] = kind


def kind(key: str) -> UploadKind:
    return _KINDS[key]


def kinds() -> list[UploadKind]:
    return list(_KINDS.values())


_SEPARATORS = re.compile(r"[\s_\-]+")


def normal_heading(text: str) -> str:
    """
    >>> normal_heading(" First  DAY\\n"), normal_heading("first-day")
    ('first_day', 'first_day')
    """
    return _SEPARATORS.sub("_", trim(text).casefold()).strip("_")


@dataclass(frozen=True)
class Blocker:
    """A reason from a later capability why something cannot be reversed: it is asked for each upload."""

    kind: str
    problems: Callable[[Upload], Iterable[Problem]] = field(repr=False)


_BLOCKERS: list[Blocker] = []


def block_reversal(kind_key: str, problems: Callable[[Upload], Iterable[Problem]]) -> None:
    """Let a higher app say what stands on an upload of this kind."""
    _BLOCKERS.append(Blocker(kind_key, problems))


def reversal_problems(upload: Upload) -> list[Problem]:
    """Everything that stands on an upload; empty means that it may be reversed."""
    found = list(kind(upload.kind).steps.later_changes(upload))
    for blocker in _BLOCKERS:
        if blocker.kind == upload.kind:
            found.extend(blocker.problems(upload))
    return found
