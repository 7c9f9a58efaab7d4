"""A slow and obvious twin of the books: what stands after any history of files and reversals, key by key, in Python.

The twin keeps, for every figure, all its versions and the pile of those that stand on one another. A file puts a new
version on the pile; a reversal takes the versions of one upload off it again. It knows no SQL.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets import totals
from budgets.models import Allocation, AllocationTotal
from tests import factories
from tests.budgets import ledger

pytestmark = pytest.mark.django_db

DAYS = [None, dt.date(2024, 5, 2), dt.date(2024, 5, 3), dt.date(2024, 5, 4)]
Key = tuple[Any, ...]  # organisation, stream, year, basis, gross or net, recurrence, source
Sums = tuple[Decimal, int, int, int, Decimal]  # amount, reported, not reported, included, amount of those
OTHER = "OTHER"  # a body that does not hold the streams, but whose figures are included


@dataclass(frozen=True)
class Row:
    """One row of a file. `amount` None is “not reported”, in the publisher's mark."""

    holder: str
    amount: Decimal | None
    mark: str = "..."
    stream: str = "core"
    year: int = 2024
    basis: str = "allocation"
    gross_or_net: str = "not_applicable"
    recurrence: str = "recurrent"

    @property
    def text(self) -> str:
        return self.mark if self.amount is None else str(self.amount)

    def key(self, source: str) -> Key:
        return (self.holder, self.stream, self.year, self.basis, self.gross_or_net, self.recurrence, source)


@dataclass(frozen=True)
class File:
    """What an organisation sends."""

    source: str
    rows: tuple[Row, ...]
    published_on: dt.date | None
    complete: bool = False


@dataclass(frozen=True)
class Undo:
    """The reversal of the upload that came so many accepted ones before."""

    back: int


@dataclass(frozen=True)
class Version:
    upload: int
    number: int
    amount: Decimal | None
    text: str
    published_on: dt.date | None
    withdrawn: bool = False
    row: int | None = None


@dataclass
class Twin:
    versions: dict[Key, list[Version]] = field(default_factory=lambda: defaultdict(list))
    piles: dict[Key, list[Version]] = field(default_factory=lambda: defaultdict(list))
    reversed_uploads: set[int] = field(default_factory=set)

    def now(self, key: Key) -> Version | None:
        return self.versions[key][-1] if self.versions.get(key) else None

    def judged(self, file: File) -> tuple[dict[Key, str], dict[Key, Row]]:
        """What would become of every figure of the file, and of those that a complete file leaves out."""
        rows = {row.key(file.source): row for row in file.rows}
        found = {key: self._class(self.now(key), row, file) for key, row in rows.items()}
        if file.complete:
            told_of = {(row.stream, row.year, row.basis) for row in file.rows}
            for key in list(self.versions):
                there = self.now(key)
                same_matter = key[-1] == file.source and (key[1], key[2], key[3]) in told_of
                if same_matter and key not in rows and there is not None and not there.withdrawn:
                    found[key] = "withdrawn"
        return found, rows

    @staticmethod
    def _class(there: Version | None, row: Row, file: File) -> str:
        if there is None or there.withdrawn:
            return "new"
        if there.amount != row.amount or (row.amount is None and there.text != row.text):
            return "changed"
        if there.published_on is None and file.published_on is not None:
            return "changed"
        return "unchanged"

    def problem(self, file: File) -> str | None:
        """Why the file may not be accepted beside what stands."""
        found, _ = self.judged(file)
        replaced = {key: self.now(key) for key, what in found.items() if what != "unchanged"}
        days = [one.published_on for one in replaced.values() if one is not None and one.published_on is not None]
        if file.published_on is None:
            hidden = [key for key, one in replaced.items() if one and not one.withdrawn and one.published_on]
            return "NOT_PUBLISHED" if hidden else None
        return "PUBLISHED_BEFORE" if any(day > file.published_on for day in days) else None

    def accept(self, file: File, upload: int) -> dict[str, int]:
        found, rows = self.judged(file)
        numbers = {row.key(file.source): place for place, row in enumerate(file.rows, start=2)}
        for key, what in found.items():
            there = self.now(key)
            number = there.number + 1 if there else 1
            if what == "withdrawn":
                assert there is not None
                day = file.published_on or there.published_on
                self._put(key, Version(upload, number, None, "", day, withdrawn=True))
            elif what != "unchanged":
                row = rows[key]
                self._put(key, Version(upload, number, row.amount, row.text, file.published_on, row=numbers[key]))
        counted = Counter(found.values())
        silent = sum(row.amount is None and row.holder != OTHER for row in file.rows)
        return {name: counted[name] for name in ("new", "changed", "unchanged", "withdrawn")} | {"not_reported": silent}

    def _put(self, key: Key, version: Version) -> None:
        self.versions[key].append(version)
        self.piles[key].append(version)

    def stands_on(self, upload: int) -> set[int]:
        """Later uploads whose figures lie on those of this one."""
        found = set()
        for pile in self.piles.values():
            places = [place for place, one in enumerate(pile) if one.upload == upload]
            if places and pile[-1].upload != upload:
                found.add(pile[-1].upload)
        return found

    def reverse(self, upload: int) -> dict[str, int]:
        restored = withdrawn = 0
        for key, pile in self.piles.items():
            if not pile or pile[-1].upload != upload:
                continue
            taken = pile.pop()
            number = self.versions[key][-1].number + 1
            if pile:
                pile[-1] = replace(pile[-1], number=number)
                restored += 1
            else:
                pile.append(Version(upload, number, None, "", taken.published_on, withdrawn=True))
                withdrawn += 1
            self.versions[key].append(pile[-1])
        self.reversed_uploads.add(upload)
        return {"restored": restored, "withdrawn": withdrawn}

    def standing(self) -> dict[Key, Version]:
        return {key: one[-1] for key, one in self.versions.items() if one and not one[-1].withdrawn}

    def sums(self, regions: dict[str, str | None]) -> dict[Key, Sums]:
        """Published figures that stand, added up by everything but their holder, and by its region."""
        found: dict[Key, Sums] = {}
        for key, one in self.standing().items():
            if one.published_on is None:
                continue
            total = (*key[1:], regions[key[0]])
            amount, reported, missing, included, part = found.get(total, (Decimal(0), 0, 0, 0, Decimal(0)))
            if key[0] == OTHER:
                if one.amount is not None:
                    found[total] = (amount + one.amount, reported, missing, included + 1, part + one.amount)
            elif one.amount is None:
                found[total] = (amount, reported, missing + 1, included, part)
            else:
                found[total] = (amount + one.amount, reported + 1, missing, included, part)
        return found


# ── The same from the database ───────────────────────────────────────────────────────────────────────────────────────


class World:
    """Two publishers, four holders and a body that is only included; one holder publishes for itself too."""

    def __init__(self) -> None:
        north = factories.region(name="North")
        self.holders = {
            "A": factories.organisation(region=north),
            "B": factories.organisation(region=factories.region(name="South")),
            "GONE": factories.organisation(region=north, kind="ccg", closed=dt.date(2022, 6, 30)),
            "HEIR": factories.organisation(opened=dt.date(2022, 7, 1)),
            OTHER: factories.organisation(region=north, kind="district"),
        }
        factories.succession(predecessor=self.holders["GONE"], successor=self.holders["HEIR"])
        self.sources = {"NHS": factories.nhs_england(), "A": self.holders["A"]}
        kinds = {"holder_kinds": ["icb", "ccg"], "included_kinds": ["district"]}
        self.streams = {code: factories.stream(code=code, **kinds) for code in ("core", "running")}
        self.regions = {name: one.region.name if one.region else None for name, one in self.holders.items()}
        self._names = {one.pk: name for name, one in {**self.sources, **self.holders}.items()}
        self._names_by_code = {one.code: name for name, one in self.holders.items()}
        self.begin()

    def begin(self) -> None:
        self.twin = Twin()
        self.uploads: list[Any] = []

    def staged(self, file: File) -> Any:
        rows = [
            ledger.figure(
                self.holders[row.holder], self.streams[row.stream], row.amount, published_text=row.text,
                financial_year=row.year, basis=row.basis, gross_or_net=row.gross_or_net, recurrence=row.recurrence,
            )
            for row in file.rows
        ]  # fmt: skip
        return ledger.stage(self.sources[file.source], *rows, published_on=file.published_on, complete=file.complete)

    def versions(self) -> dict[Key, list[Version]]:
        found: dict[Key, list[Version]] = defaultdict(list)
        current: dict[Key, list[int]] = defaultdict(list)
        for one in Allocation.objects.select_related("stream").order_by("version"):
            key = (
                self._names[one.organisation_id], one.stream.code, one.financial_year, one.basis, one.gross_or_net,
                one.recurrence, self._names[one.source_id],
            )  # fmt: skip
            found[key].append(
                Version(
                    one.upload_id, one.version, one.amount, one.published_text, one.published_on, one.withdrawn, one.row
                )
            )
            current[key] += [one.version] * one.is_current
            assert one.cell == (f"E{one.row}" if one.row else "")
        assert current == {key: [len(versions)] for key, versions in found.items()}
        return found

    def sums(self) -> dict[Key, Sums]:
        found = {}
        for one in AllocationTotal.objects.select_related("stream", "region"):
            counted = (one.amount, one.reported, one.not_reported, one.included, one.included_amount)
            if any(counted):
                key = (
                    one.stream.code, one.financial_year, one.basis, one.gross_or_net, one.recurrence,
                    self._names[one.source_id], one.region.name if one.region else None,
                )  # fmt: skip
                found[key] = counted
        return found

    def send(self, file: File) -> None:
        upload = self.staged(file)
        problems = ledger.STEPS.current_state_problems(upload)
        expected = self.twin.problem(file)
        assert [one.code for one in problems if one.is_error] == ([expected] if expected else [])
        counts, preview = ledger.STEPS.preview(upload)
        stood = self.twin.standing()
        before = pounds(stood, file.source)
        if expected:
            return
        counted = self.twin.accept(file, upload.pk)
        assert counts == counted
        assert ledger.accept(upload) == counted
        self.uploads.append(upload)
        after = pounds(self.twin.standing(), file.source)
        shown = {line_of(line): (Decimal(line["before"]), Decimal(line["after"])) for line in preview["streams"]}
        assert shown == {key: (before.get(key, Decimal(0)), after.get(key, Decimal(0))) for key in shown}
        assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} <= shown.keys()
        was, would = by_holder(stood, file.source), by_holder(self.twin.standing(), file.source)
        bodies = {
            (self._names_by_code[line["organisation"]], int(line["financial_year"][:4]), line["basis"]):
            (Decimal(line["before"]), Decimal(line["after"])) for line in preview["organisations"]
        }  # fmt: skip
        assert bodies == {key: (was.get(key, Decimal(0)), would.get(key, Decimal(0))) for key in bodies}
        assert {key for key in was.keys() | would.keys() if was.get(key) != would.get(key)} <= bodies.keys()

    def undo(self, back: int) -> None:
        standing = [one for one in self.uploads if one.pk not in self.twin.reversed_uploads]
        if back > len(standing):
            return
        upload = standing[-back]
        blockers = self.twin.stands_on(upload.pk)
        problems = ledger.STEPS.later_changes(upload)
        if blockers:
            named = ", ".join(f"UP-{pk}" for pk in sorted(blockers)[:3])
            told = f"Later uploads changed figures of {upload.reference}: {named}"
            assert ledger.said(problems) == [("CHANGED_LATER", told)]
            return
        assert problems == []
        before = pounds(self.twin.standing(), None)
        shown = ledger.STEPS.reversal_preview(upload)
        counted = self.twin.reverse(upload.pk)
        assert ledger.reverse(upload) == counted
        after = pounds(self.twin.standing(), None)
        changed = sum(after.get(key, Decimal(0)) - before.get(key, Decimal(0)) for key in after.keys() | before.keys())
        assert sum(row[5] for row in shown.table.rows) == changed
        assert sum(row[6] + row[7] for row in shown.table.rows) == counted["restored"] + counted["withdrawn"]


def line_of(line: dict[str, Any]) -> Key:
    return (
        line["stream"], int(line["financial_year"][:4]), line["basis"], line["gross_or_net"], line["recurrence"],
    )  # fmt: skip


def pounds(standing: dict[Key, Version], source: str | None) -> dict[Key, Decimal]:
    """Pounds of one source, or of all, by stream and kind of figure; a key stands there though nothing is reported."""
    found: dict[Key, Decimal] = {}
    for key, one in standing.items():
        if source is None or key[-1] == source:
            found[key[1:-1]] = found.get(key[1:-1], Decimal(0)) + (one.amount or Decimal(0))
    return found


def by_holder(standing: dict[Key, Version], source: str) -> dict[Key, Decimal]:
    found: dict[Key, Decimal] = {}
    for key, version in standing.items():
        if key[-1] == source:
            holder = (key[0], key[2], key[3])
            found[holder] = found.get(holder, Decimal(0)) + (version.amount or Decimal(0))
    return found


# ── Histories ────────────────────────────────────────────────────────────────────────────────────────────────────────

rows_of_files = st.builds(
    Row,
    holder=st.sampled_from(["A", "B", "GONE", "HEIR", OTHER]),
    amount=st.sampled_from([Decimal("100.00"), Decimal("100.01"), Decimal("-7.50"), Decimal("0.00"), None, None]),
    mark=st.sampled_from(["...", "[x]"]),
    stream=st.sampled_from(["core", "core", "running"]),
    year=st.sampled_from([2024, 2024, 2023]),
    basis=st.sampled_from(["allocation", "allocation", "budget"]),
    gross_or_net=st.sampled_from(["not_applicable", "not_applicable", "net"]),
    recurrence=st.sampled_from(["recurrent", "recurrent", "not_stated"]),
)


@st.composite
def files(draw: st.DrawFn) -> File:
    source = draw(st.sampled_from(["NHS", "NHS", "NHS", "A"]))
    rows = draw(st.lists(rows_of_files, min_size=1, max_size=5, unique_by=lambda row: row.key("")))
    return File(source, tuple(rows), draw(st.sampled_from(DAYS)), draw(st.booleans()))


steps = st.lists(st.one_of(files(), files(), files(), st.builds(Undo, st.integers(1, 3))), min_size=2, max_size=9)


@pytest.fixture
def world(db: None) -> World:
    return World()


def walk(world: World, history: Iterable[File | Undo]) -> None:
    for step in history:
        if isinstance(step, File):
            world.send(step)
        else:
            world.undo(step.back)
        assert world.versions() == {key: one for key, one in world.twin.versions.items() if one}
        assert world.sums() == world.twin.sums(world.regions)
    assert totals.differences() == 0


@pytest.mark.slow
@given(history=steps)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_history_leaves_what_the_obvious_twin_says(world, history):
    with transaction.atomic():
        world.begin()
        walk(world, history)
        transaction.set_rollback(True)


def one(holder: str = "A", amount: str | None = "100.00", **fields: Any) -> Row:
    return Row(holder, None if amount is None else Decimal(amount), **fields)


def file(*rows: Row, day: dt.date | None = DAYS[2], complete: bool = False, source: str = "NHS") -> File:
    return File(source, rows, day, complete)


BEFORE, ON, AFTER = DAYS[1:]
HISTORIES = {
    "a withdrawn figure comes back": [
        file(one(), one("B")), file(one("B"), one("HEIR"), complete=True), file(one(amount="1.00")),
    ],
    "a figure withdrawn in public comes back unpublished": [
        file(one(), one("B")), file(one("B", "7"), complete=True), file(one(amount="5"), day=None),
    ],
    "a withdrawn figure comes back with an earlier date": [
        file(one(), one("B")), file(one("B", "7"), complete=True, day=AFTER), file(one(), day=ON),
    ],
    "a complete file without a date takes over the date of what it withdraws": [
        file(one(), one("B"), day=None), file(one(), day=ON), file(one("B"), complete=True, day=None),
    ],
    "what a complete file without a date withdraws unpublished stays unpublished": [
        file(one(), one("B"), day=None), file(one("B"), complete=True, day=None),
    ],
    "the same mark again, and another mark": [
        file(one(amount=None, mark="...")), file(one(amount=None, mark="..."), day=AFTER),
        file(one(amount=None, mark="[x]"), day=AFTER), file(one(amount="0.00"), day=AFTER),
        file(one(amount=None, mark="[x]"), day=AFTER),
    ],
    "a restatement before, on and after the day of what it replaces": [
        file(one()), file(one(amount="1"), day=BEFORE), file(one(amount="2"), day=ON), file(one(amount="3"), day=AFTER),
    ],
    "an unchanged figure may be printed with any date": [file(one()), file(one(), one("B"), day=BEFORE)],
    "the same figure is published later": [file(one(), day=None), file(one(), day=ON), file(one(), day=None)],
    "what is published is not hidden": [file(one()), file(one(amount="1"), day=None), file(one(), day=None)],
    "a complete file without a date does not hide what it leaves out": [
        file(one(), one("B")), file(one(), complete=True, day=None),
    ],
    "reversals down to nothing and up again": [
        file(one()), file(one(amount="2"), one("B")), Undo(2), Undo(1), Undo(1), file(one()), Undo(1), file(one()),
    ],
    "the reversal of a withdrawal": [file(one(), one("B")), file(one(), one("HEIR"), complete=True), Undo(1)],
    "the reversal of a figure that came back": [
        file(one(), one("B")), file(one("B", "2"), complete=True), file(one(amount=None)), Undo(1), Undo(1),
    ],
    "the reversal of figures that were not reported": [
        file(one(amount=None), one("B")), file(one(), one("B", None)), Undo(1), Undo(1),
    ],
    "both sources of one figure": [
        file(one()), file(one(amount="9"), source="A"), file(one("B"), source="NHS", complete=True), Undo(1), Undo(1),
    ],
    "both sources correct what they said themselves": [
        file(one()), file(one(amount="9"), source="A"), file(one(amount="5")), file(one(amount="7"), source="A"),
        file(one("B"), complete=True), Undo(1), Undo(2),
    ],
    "an upload on which another source does not stand is reversed": [
        file(one()), file(one(amount="9"), source="A"), file(one(amount="5")), Undo(1), Undo(2), Undo(1),
    ],
    "what is withdrawn is not withdrawn again": [
        file(one(), one("B")), file(one("B"), complete=True), file(one("B", "2"), complete=True), Undo(1), Undo(1),
    ],
    "both bodies of a succession": [
        file(one("GONE", "40"), one("HEIR", "60")), file(one("HEIR", "100"), complete=True), Undo(1),
    ],
    "every part of the key keeps figures apart": [
        file(
            one(), one(stream="running"), one(year=2023), one(basis="budget"), one(gross_or_net="net"),
            one(recurrence="not_stated"), one("B"),
        ),
        file(one(amount="5"), complete=True), Undo(1),
    ],
    "a complete file speaks of its own streams, years and bases only": [
        file(one("B"), one("B", stream="running"), one("B", year=2023), one("B", basis="budget")),
        file(one(), complete=True),
        file(one(stream="running", year=2023, basis="budget"), complete=True),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_this_history_leaves_what_the_obvious_twin_says(world, name):
    walk(world, HISTORIES[name])
