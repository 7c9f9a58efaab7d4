"""The preview stored with an upload of figures, as typed values: a class for the lines of each table."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from budgets.allocations.movements import MOST_MOVEMENTS, band_of
from pooledcare.uploads.models import Upload


@dataclass(frozen=True)
class StreamLine:
    """One stream in one year on one basis: the sums before and after acceptance, in pounds."""

    stream: str
    stream_name: str
    financial_year: str
    basis: str
    gross_or_net: str
    recurrence: str
    before: Decimal
    after: Decimal
    new: int
    changed: int
    unchanged: int
    withdrawn: int
    not_reported: int
    had_figure: bool = True

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def shown_before(self) -> Decimal | None:
        """The sum before, or None if no amount was there: "no figure" is not £0."""
        return self.before if self.had_figure else None


@dataclass(frozen=True)
class FigureChange:
    """One figure that is new, changed or withdrawn. An amount is None if there is none, or a mark instead.

    `before_text` and `after_text` are the publisher's mark where it gives no amount.
    """

    organisation: str
    organisation_name: str
    stream: str
    stream_name: str
    financial_year: str
    basis: str
    gross_or_net: str
    recurrence: str
    before: Decimal | None
    before_text: str
    after: Decimal | None
    after_text: str
    withdrawn: bool
    reference: str = ""  # of the version that was written, once it is

    @property
    def is_new(self) -> bool:
        return self.before is None and not self.before_text

    @property
    def difference(self) -> Decimal | None:
        """In pounds; None unless there are two amounts."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class OrganisationLine:
    """One organisation in one year on one basis."""

    organisation: str
    organisation_name: str
    financial_year: str
    basis: str
    before: Decimal
    after: Decimal
    had_figure: bool = True

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def shown_before(self) -> Decimal | None:
        return self.before if self.had_figure else None


@dataclass(frozen=True)
class Movement:
    """A figure, or a sum after a succession, that differs by more than a quarter from the year before.

    `compared_with` names who had the figures of the year before, if others did.
    """

    organisation: str
    organisation_name: str
    stream: str
    financial_year: str
    basis: str
    year_before: Decimal
    amount: Decimal
    compared_with: str = ""

    @property
    def percent(self) -> Decimal:
        return ((self.amount - self.year_before) * 100 / abs(self.year_before)).quantize(Decimal("0.1"))

    def exceeds(self, percent: int) -> bool:
        return band_of(self.year_before, self.amount) >= percent


@dataclass(frozen=True)
class NotComparedLine:
    """Successors whose figures cannot be compared with the year before, and whose figures are missing for that."""

    stream: str
    financial_year: str
    basis: str
    predecessors: str
    successors: str
    missing: str


@dataclass(frozen=True)
class ControlLine:
    """A total that the publisher prints, and the sum of the rows read."""

    sheet: str
    cell: str
    label: str
    column: str
    stream: str
    financial_year: str
    ours: Decimal
    publishers: Decimal
    published_text: str
    note: str

    @property
    def difference(self) -> Decimal:
        return self.publishers - self.ours


@dataclass(frozen=True)
class NotReadLine:
    """A column or rows that the layout deliberately leaves out, with their sum."""

    sheet: str
    label: str
    reason: str
    amount: Decimal
    cells: int


@dataclass(frozen=True)
class Preview:
    """What accepting the upload would change, in pounds.

    `others` is the number of organisations after the first hundred. `movement_counts` are how many figures move by more
    than each of `movements.PERCENTS`; an upload previewed by an earlier version has none. Organisations of
    `not_reported` hold the stream, those of `not_counted` do not.
    """

    counts: dict[str, int]
    streams: list[StreamLine]
    organisations: list[OrganisationLine]
    others: int
    movements: list[Movement]
    movement_count: int
    controls: list[ControlLine]
    not_read: list[NotReadLine]
    not_reported: list[dict[str, str]]
    notices: list[str]
    source_title: str
    profile_notes: list[str]
    movement_counts: dict[int, int] = field(default_factory=dict)
    not_compared: list[NotComparedLine] = field(default_factory=list)
    not_compared_count: int = 0
    not_counted: list[dict[str, str]] = field(default_factory=list)
    not_counted_count: int = 0
    changes: list[FigureChange] = field(default_factory=list)
    becoming_public: int = 0

    @property
    def changed_count(self) -> int:
        """How many figures are new, changed or withdrawn; those that only become public are not among them."""
        return sum(self.counts.get(name, 0) for name in ("new", "changed", "withdrawn")) - self.becoming_public

    def movements_over(self, percent: int) -> list[Movement]:
        """The largest movements in pounds among those of more than so many percent, the largest first."""
        return [one for one in self.movements if one.exceeds(percent)][:MOST_MOVEMENTS]


def stored_preview(upload: Upload) -> Preview:
    """The stored preview of an upload, with amounts as `Decimal`."""
    stored = upload.preview
    return Preview(
        counts=upload.counts,
        streams=[StreamLine(**_money(line, "before", "after")) for line in stored.get("streams", [])],
        organisations=[OrganisationLine(**_money(line, "before", "after")) for line in stored.get("organisations", [])],
        others=stored.get("others", 0),
        movements=[Movement(**_money(line, "year_before", "amount")) for line in stored.get("movements", [])],
        movement_count=stored.get("movement_count", 0),
        controls=[ControlLine(**_money(line, "ours", "publishers")) for line in stored.get("controls", [])],
        not_read=[NotReadLine(**_money(line, "amount")) for line in stored.get("not_read", [])],
        not_reported=stored.get("not_reported", []),
        notices=upload.notices,
        source_title=stored.get("source_title", ""),
        profile_notes=stored.get("profile_notes", []),
        movement_counts={int(percent): count for percent, count in stored.get("movement_counts", {}).items()},
        not_compared=[NotComparedLine(**line) for line in stored.get("not_compared", [])],
        not_compared_count=stored.get("not_compared_count", 0),
        not_counted=stored.get("not_counted", []),
        not_counted_count=stored.get("not_counted_count", 0),
        changes=[FigureChange(**_money(line, "before", "after")) for line in stored.get("changes", [])],
        becoming_public=stored.get("becoming_public", 0),
    )


def _money(line: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**line, **{name: None if line[name] is None else Decimal(line[name]) for name in names}}
