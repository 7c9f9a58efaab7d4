"""Kinds of upload: an app declares the columns of a file, and how its rows are checked, previewed and written.

Blank templates, parser, help table and the API's schema are all made from the same list of columns.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pooledcare.kernel.characters import trim, without_invisible
from pooledcare.kernel.problems import Problem
from pooledcare.kernel.tables import Table

if TYPE_CHECKING:
    from pooledcare.directory.access import Actor, Permission
    from pooledcare.directory.models import Organisation
    from pooledcare.uploads.checks import Checked, Piece
    from pooledcare.uploads.models import Upload

Choices = Callable[[], Sequence[tuple[str, str]]]
# One sentence for so many problems with a code, which are told in so many different sentences; None if there is none.
ProblemHeading = Callable[["Upload", str, int, int], str | None]


@dataclass(frozen=True)
class UploadColumn:
    """One column of a canonical file (a file with our own headings).

    `heading` is the text in the first row of the file, and the column's name in code, answers and reports. For a field
    of a record it is `RecordField.key`: the name of the model's field, or another one that the record declares with
    `keys=` (`partnerships/records.py`). `label` and `help` explain the column to people. `choices` is a function,
    because some choices are rows in the database.
    """

    heading: str
    label: str
    help: str
    example: str = ""
    required: bool = True
    choices: Choices | None = None
    in_template: bool = True
    is_amount: bool = False


@dataclass(frozen=True)
class Showing:
    """How a kind shows what an upload would change: a template with its context, and tables to download.

    The keys of `tables` are used in the addresses of the downloads. `filters` are the parameters of the address by
    which a reader narrows what is shown: template and tables get those that were given, and raise BadRequest for a
    value that they do not know. `sums` says in sentences what would change in total, before somebody accepts it.
    """

    template: str
    context: Callable[[Upload, Mapping[str, str]], dict[str, Any]]
    tables: Mapping[str, Callable[[Upload, Mapping[str, str]], Table]]
    filters: tuple[str, ...] = ()
    sums: Callable[[Upload], Sequence[str]] = lambda upload: ()

    def asked(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """The filters among the parameters of an address."""
        return {name: parameters[name] for name in self.filters if name in parameters}


@dataclass(frozen=True)
class Reversal:
    """What reversing an upload would do: in sentences, and as a table of current and restored values.

    `more` is the number of lines that are not in the table.
    """

    sentences: Sequence[str] = ()
    table: Table | None = None
    more: int = 0


@dataclass(frozen=True)
class UnpublishedPart:
    """Figures of an accepted upload that are not published, and that can be published together.

    `key` names the part in forms and in the API, `label` says what it is. `amount` is the sum of its figures in pounds.
    """

    key: str
    label: str
    count: int
    amount: Decimal


@dataclass(frozen=True)
class Publication:
    """The hints in the form for the date of publication and for the box that declares a file complete."""

    date_hint: str
    complete_hint: str


@dataclass(frozen=True)
class Hint:
    """Words in headings and titles that suggest a value of a column, such as “running cost” for a funding stream.

    `words` are phrases in small letters, without punctuation.
    """

    column: str
    value: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class LayoutColumns:
    """How the columns of a kind are filled from a publisher's workbook, in which each figure becomes one row.

    `code` names the column for the organisation code in the row, `amount` that for the figure, and `year` that for the
    year in the heading or in the title. The layout gives the values of all other columns. `beside_totals` are the
    columns shown beside a publisher's total, to say what it is the total of. `hints` are words that suggest values, for
    files whose layout is not known.
    """

    names: tuple[str, ...]
    code: str
    amount: str
    year: str
    beside_totals: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A workbook of the demonstration: its file name, and what to try with it.

    It is offered to those who have the permission at the organisation with this code.
    """

    name: str
    label: str
    purpose: str
    permission: Permission
    organisation: str


@dataclass(frozen=True)
class OwnSample:
    """A file of the demonstration that is made for one organisation, with rows that it may submit."""

    name: str
    label: str
    purpose: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class UploadLink:
    """Where the API shows the results of an upload: an address below the API's root, with `{reference}` in it."""

    name: str
    address: str
    description: str


@dataclass(frozen=True)
class UploadKind:
    """A kind of upload: what a file contains, who may prepare and accept it, how it is shown, and its steps.

    Without a `publication`, uploads have no date of publication and cannot be declared complete. Without
    `layout_columns`, publishers' workbooks are not read. Every upload is accepted by somebody other than the person who
    prepared it, unless the kind has `may_waive_second_person` and the organisation has waived the rule.
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
    most_rows: int | None = None  # a lower limit than that of any file, if rows take much work
    guidance: tuple[str, ...] = ()
    layout_columns: LayoutColumns | None = None
    samples: tuple[Sample, ...] = ()
    links: tuple[UploadLink, ...] = ()
    own_samples: Callable[[Organisation, Actor], Sequence[OwnSample]] = lambda organisation, actor: ()
    problem_heading: ProblemHeading = lambda upload, code, count, sentences: None

    @property
    def is_published(self) -> bool:
        return self.publication is not None

    @property
    def template_columns(self) -> tuple[UploadColumn, ...]:
        return tuple(column for column in self.columns if column.in_template)

    def column(self, heading: str) -> UploadColumn:
        return next(column for column in self.columns if column.heading == heading)

    def schema(self) -> dict[str, Any]:
        """The columns as a JSON Schema of one row, for the API's documentation."""
        properties = {}
        for column in self.template_columns:
            properties[column.heading] = {"type": "string", "title": column.label, "description": column.help}
            if column.example:
                properties[column.heading]["example"] = column.example
        required = [column.heading for column in self.template_columns if column.required]
        return {"type": "object", "properties": properties, "required": required}


class UploadSteps(ABC):
    """The steps of a kind of upload, which check, preview, write and reverse its rows.

    They work on whole sets of rows, in the caller's transaction.
    """

    table: str  # the table of staged rows
    copied: tuple[str, ...]  # the columns of staged rows, in the order in which a checker writes them

    @abstractmethod
    def checker(self, upload: Upload, preparer: Actor) -> Checker:
        """A checker for the rows of one upload."""

    @abstractmethod
    def staged(self, upload: Upload) -> int:
        """How many rows of the upload are staged."""

    @abstractmethod
    def clear(self, upload_ids: Sequence[int]) -> None:
        """Delete the staged rows of these uploads."""

    @abstractmethod
    def left_over(self, needed: Sequence[str]) -> list[int]:
        """The ids of uploads that still have staged rows although their state is not among `needed`."""

    @abstractmethod
    def duplicate_rows(self, upload: Upload) -> list[Problem]:
        """Problems of rows that repeat or contradict another row of the upload."""

    @abstractmethod
    def current_state_problems(self, upload: Upload) -> list[Problem]:
        """Errors and warnings from comparing the upload with the current data."""

    @abstractmethod
    def preview(self, upload: Upload) -> tuple[dict[str, int], dict[str, Any]]:
        """The counts (new, changed and so on), and what would change, in the form that the kind's `Showing` uses.

        Called after `current_state_problems`, in the same transaction.
        """

    @abstractmethod
    def outdated_references(self, upload: Upload, preparer: Actor) -> list[Problem]:
        """Problems that have arisen since the rows were checked, such as a body that closed or a right now lost."""

    @abstractmethod
    def accept(self, upload: Upload) -> dict[str, int]:
        """Write the staged rows to the current data. Returns the counts, as `preview` does."""

    @abstractmethod
    def later_changes(self, upload: Upload) -> list[Problem]:
        """Why an accepted upload cannot be reversed."""

    def unpublished(self, upload: Upload) -> list[UnpublishedPart]:
        """The parts of an accepted upload that are current and not published. Kinds without publication have none."""
        return []

    def stage_publication(self, upload: Upload) -> int:
        """Stage again the unpublished figures that a publication makes public. Returns how many there are.

        Only for kinds whose `unpublished` returns parts.
        """
        raise NotImplementedError(f"{type(self).__name__} has nothing to publish.")

    def reversal_preview(self, upload: Upload) -> Reversal:
        """What `reverse` would do now. Called only if the upload can be reversed; changes nothing."""
        return Reversal()

    @abstractmethod
    def reverse(self, upload: Upload, by: Actor) -> dict[str, int]:
        """Restore the values from before the upload, as new versions. Returns counts."""

    @abstractmethod
    def announce(self, upload: Upload, event: str, counts: Mapping[str, int]) -> None:
        """Add an entry to the change feed."""

    @abstractmethod
    def lock(self, upload: Upload) -> None:
        """Until the transaction ends, keep others from changing the data that this upload may change."""


class Checker(ABC):
    @abstractmethod
    def check(self, piece: Piece) -> Checked:
        """Check one piece: the good rows as lines for COPY, and what is wrong with the others."""


_KINDS: dict[str, UploadKind] = {}


def register(kind: UploadKind) -> None:
    """Register a kind of upload. Apps call it in `ready`."""
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
    return _SEPARATORS.sub("_", trim(without_invisible(text)).casefold()).strip("_")


@dataclass(frozen=True)
class Blocker:
    """A check from another app for reasons why an upload of a kind cannot be reversed."""

    kind: str
    problems: Callable[[Upload], Iterable[Problem]] = field(repr=False)


_BLOCKERS: list[Blocker] = []


def block_reversal(kind_key: str, problems: Callable[[Upload], Iterable[Problem]]) -> None:
    """Register a check for things that depend on an upload of this kind. For apps that this app may not import."""
    _BLOCKERS.append(Blocker(kind_key, problems))


def reversal_problems(upload: Upload) -> list[Problem]:
    """Everything that keeps an upload from being reversed; empty if it may be reversed."""
    found = list(kind(upload.kind).steps.later_changes(upload))
    for blocker in _BLOCKERS:
        if blocker.kind == upload.kind:
            found.extend(blocker.problems(upload))
    return found
