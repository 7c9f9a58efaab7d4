"""Proposing how a file with an unknown layout is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pooledcare.directory.bodies import Bodies, family_label
from pooledcare.kernel.money import as_text, to_the_penny
from pooledcare.kernel.names import joined
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import column_letter
from pooledcare.kernel.units import MILLION, PENCE, POUND, THOUSAND, Unit, units_in_title
from pooledcare.uploads.nearest import Likeness, compared, nearest
from pooledcare.uploads.proposals.columns import ColumnView, SheetColumns, choices_of, like_sheet, units_around
from pooledcare.uploads.proposals.deciding import default_decisions, missing_values
from pooledcare.uploads.proposals.looking import SheetLook
from pooledcare.uploads.proposals.rows import MOST_SHOWN, SheetRows, rows_of
from pooledcare.uploads.proposals.samples import HEAD_ROWS, MOST_CELLS_AT_ALL, MOST_ROWS, Sample, samples
from pooledcare.uploads.proposals.shapes import (
    HeadRow,
    Marker,
    Nearest,
    Option,
    Proposal,
    ProposedColumn,
    ProposedSheet,
    Question,
    Role,
    ValueColumn,
)
from pooledcare.uploads.proposals.texts import hinted, unclear_years, years_in

if TYPE_CHECKING:
    from pooledcare.kernel.tabular import InputTable
    from pooledcare.uploads.kinds import UploadKind
    from pooledcare.uploads.layouts import Profile

YES, NO = "yes", "no"
YES_OR_NO = (Option(YES, "Yes"), Option(NO, "No"))
_MOST_MARKERS = 5  # texts among numbers that are asked about; others are cells that cannot be read
_MOST_DIFFERENCES = 30
_HEAD_CELLS = 60
_MOST_DOUBTS = 30
_LONGEST_REASON = 2_000
_UNITS = (POUND, THOUSAND, MILLION)


def propose(
    table: InputTable,
    kind: UploadKind,
    bodies: Bodies,
    *,
    year: str = "",
    known: Sequence[Profile] = (),
    stated: Profile | None = None,
) -> Proposal:
    """How the file is probably meant. `kind` must have `layout_columns`.

    `year` is the financial year that its sender has stated, if any, and `known` the layouts of the organisation, which
    are compared beside the built-in ones. `stated` is the layout by which its sender wanted it to be read, if it cannot
    be: then `Proposal.nearest` says how the file differs from that one. At most about 2,000 rows of each sheet are
    looked at.
    """
    return _Proposing(table, kind, bodies, year, known, stated).proposal()


@dataclass
class _Part:
    """One sheet. Without `columns` nothing can be read from it, for the `reason`."""

    sample: Sample
    look: SheetLook
    columns: SheetColumns | None = None
    rows: SheetRows = field(default_factory=SheetRows)
    family: str = ""
    family_reason: str = ""
    families: list[tuple[str, int]] = field(default_factory=list)
    reason: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def use(self) -> bool:
        return self.columns is not None and not self.reason


class _Proposing:
    def __init__(
        self,
        table: InputTable,
        kind: UploadKind,
        bodies: Bodies,
        year: str,
        known: Sequence[Profile],
        stated: Profile | None,
    ) -> None:
        assert kind.layout_columns is not None, "Only kinds with amounts have layouts."
        self.table, self.kind, self.bodies, self.stated_year = table, kind, bodies, year
        self.filled = kind.layout_columns
        self.choices = choices_of(kind)
        looked_at = list(samples(table))  # first, because its rows are kept for all that follows
        self.like: Likeness | None = nearest(kind.key, table, known)
        self.stated = compared(stated, table) if stated is not None else None
        self.parts = [self._part(sample) for sample in looked_at]
        self._same_figures_twice()
        self._ask_names_once()

    @cached_property
    def value_columns(self) -> tuple[ValueColumn, ...]:
        found = []
        for column in self.kind.columns:
            if column.heading not in self.filled.names:
                continue
            if column.heading == self.filled.year:
                found.append(ValueColumn(column.heading, column.label, required=True))
            elif column.heading in self.choices:
                options = tuple(Option(value, label) for value, label in self.choices[column.heading].items())
                found.append(ValueColumn(column.heading, column.label, column.required, options))
        return tuple(found)

    @property
    def used(self) -> list[_Part]:
        return [part for part in self.parts if part.use]

    @property
    def views(self) -> list[ColumnView]:
        """The columns that are read, or could be, of all sheets that are used."""
        return [view for part in self.used if part.columns is not None for view in part.columns.candidates]

    # ── Sheets ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _part(self, sample: Sample) -> _Part:
        look = SheetLook(sample, self.bodies, _start(self.stated_year))
        part = _Part(sample, look)
        part.reason = _why_not(look)
        if part.reason:
            return part
        edition, profile = (self.like.edition, self.like.profile) if self.like is not None else (None, None)
        part.columns = SheetColumns(look, self.kind, self.choices, like_sheet(look, edition), profile)
        assert look.marking is not None
        if not look.marking.by_code:
            part.family, part.family_reason, part.families = look.family()
        if not part.columns.candidates:
            part.reason = _no_amounts(part.columns)
            return part
        part.rows = rows_of(part.columns, part.family, self._one_year(part.columns))
        part.reason = part.rows.several
        return part

    def _one_year(self, columns: SheetColumns) -> int | None:
        """The starting year of the columns that are read, if it is known and the same for all."""
        views = columns.amounts or columns.candidates
        years = {view.values.get(self.filled.year, self.stated_year) for view in views}
        return _start(years.pop()) if len(years) == 1 else None

    def _same_figures_twice(self) -> None:
        needed = [column.name for column in self.value_columns]
        seen: dict[tuple[str, ...], str] = {}
        for part in self.used:
            assert part.columns is not None
            part.columns.doubt_same(needed, seen)

    def _ask_names_once(self) -> None:
        """A name that is not certain in several sheets is asked about in the first of them."""
        seen: set[str] = set()
        for part in self.used:
            part.rows.doubtful = [one for one in part.rows.doubtful if one.text not in seen]
            seen.update(one.text for one in part.rows.doubtful)

    # ── The whole file ───────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def unit(self) -> tuple[str, str, list[str]]:
        """The unit of the file, or nothing; why; and what makes it unclear."""
        said: dict[Decimal, str] = {}
        unsaid = []
        for part in self.used:
            assert part.columns is not None
            around = units_around(part.look)
            for view in part.columns.amounts or part.columns.candidates:
                if view.unit is not None:
                    said.setdefault(view.unit, view.unit_reason)
                elif len(around) == 1:
                    for pounds, where in around.items():
                        said.setdefault(pounds, where)
                else:
                    unsaid.append(view.look.named)
                    said.update(around)
        if len(said) == 1 and not unsaid:
            [(unit, where)] = said.items()
            return f"{unit:f}", f"Stated by {where}", []
        doubts = [f"{where} says {Unit('', pounds).name}" for pounds, where in said.items()]
        if unsaid and said:
            doubts.append(f"nothing says it of column {joined(unsaid)}")
        if said and not unsaid:
            return "", "Each column states its own unit", doubts
        return "", "", doubts

    def _own_unit(self, view: ColumnView) -> str:
        """The unit that a column states itself, where the unit of the whole file is another one or not known."""
        own = f"{view.unit:f}" if view.unit is not None else ""
        return own if own != self.unit[0] else ""

    def _unit_question(self) -> Question:
        _, _, doubts = self.unit
        of_name = [unit for unit in units_in_title(self.table.name.rpartition(".")[0]) if unit.pounds is not None]
        text = "In which unit are the amounts? The file does not say."
        if doubts:
            text = f"In which unit are the amounts? In the file, {'; '.join(doubts)}."
        units = dict.fromkeys([*_UNITS, *(view.unit for view in self.views if view.unit is not None)])
        if any(unit.pounds == PENCE for unit in of_name):
            units[PENCE] = None
        return Question(
            key="unit",
            sheet="",
            text=text,
            options=tuple(Option(f"{unit:f}", Unit("", unit).name) for unit in sorted(units)),
            suggested=f"{of_name[0].pounds:f}" if len(of_name) == 1 else "",
            reason=f"The name of the file says {of_name[0].name}" if len(of_name) == 1 else "",
        )

    def _needs_year(self) -> list[ColumnView]:
        return [
            view
            for part in self.used
            if part.columns is not None and self.filled.year not in part.columns.filled_by_rows
            for view in (part.columns.amounts or part.columns.candidates)
            if self.filled.year not in view.values
        ]

    def _year_question(self) -> Question:
        texts = [
            *(view.look.heading for view in self._needs_year()),
            *(part.sample.name for part in self.used),
            *(title for part in self.used for _, title in part.look.titles),
            self.table.name,
        ]
        possible: dict[str, str] = {}
        for text in texts:
            for found in [one.year for one in years_in(text)] or unclear_years(text):
                possible.setdefault(found, text)
        reasons = [f"“{text}” may mean {found}" for found, text in list(possible.items())[:3]]
        fitting = self._years_of_bodies()
        if fitting:
            reasons.append(fitting)
        return Question(
            key="year",
            sheet="",
            text="Which financial year are the figures for? The file does not say it, or not clearly.",
            suggested=next(iter(possible)) if len(possible) == 1 else "",
            reason="; ".join(reasons),
        )

    def _years_of_bodies(self) -> str:
        """In which years all bodies of the file existed, in words."""
        spans = [
            (body.first, body.last)
            for part in self.used
            if part.look.marking is not None
            for found in part.look.marking.found.values()
            if len({(body.first, body.last) for body in found if not part.family or body.family == part.family}) == 1
            for body in found
            if not part.family or body.family == part.family
        ]
        if not spans:
            return ""
        first, last = max(start for start, _ in spans), min(end for _, end in spans)
        if first > last:
            return "the bodies did not all exist in one year"
        if first < 2000:
            return ""
        until = f" to {FinancialYear(last)}" if last != first else ""
        return f"all its bodies existed {'from' if last < 2900 else 'since'} {FinancialYear(first)}" + (
            until if last < 2900 else ""
        )

    @cached_property
    def markers(self) -> tuple[Marker, ...]:
        counts: Counter[str] = Counter()
        for view in self.views:
            counts.update(view.look.markers)
        return tuple(
            Marker(
                text, count, "Often written for “not reported”" if text else "Blank cells of bodies; never read as 0"
            )
            for text, count in counts.most_common()
        )

    # ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _questions(self) -> list[Question]:
        if not self.used:
            return []
        found: list[Question] = []
        for part in self.used:
            found += self._sheet_questions(part)
        if not self.unit[0]:
            found.append(self._unit_question())
        if not self.stated_year and self._needs_year():
            found.append(self._year_question())
        found += [*self._decimals(), *self._pounds(), *self._rounds(), *self._odd_texts(), *self._values()]
        return found

    def _sheet_questions(self, part: _Part) -> list[Question]:
        look, columns, name = part.look, part.columns, part.sample.name
        assert look.marking is not None
        assert columns is not None
        found = []
        if len(look.body_columns) > 1:
            options = tuple(
                Option(str(column.index), f"Column {look.columns[column.index].named}") for column in look.body_columns
            )
            text = "Several columns name different bodies. Which one says whose the figures are?"
            found.append(Question(f"bodies:{name}", name, text, options))
        if not look.marking.by_code and not part.family:
            options = tuple(
                Option(family, f"{family_label(family).capitalize()} ({count} names fit)")
                for family, count in part.families
            )
            found.append(Question(f"family:{name}", name, "Which bodies are meant by the names?", options))
        if columns.needs_choice:
            found.append(
                Question(
                    f"columns:{name}",
                    name,
                    "Which columns are read, and as what?",
                    (Option(YES, "As chosen for each column"),),
                    reason=". ".join(columns.doubts)[:_LONGEST_REASON],
                    cells=tuple(
                        f"{view.look.letter}{look.sample.numbers[look.header or 0]}" for view in columns.candidates
                    ),
                )
            )
        if part.rows.doubtful:
            names = f"{len(part.rows.doubtful)} names or codes are not certain. Which bodies are they?"
            if len(part.rows.doubtful) == 1:
                names = f"“{part.rows.doubtful[0].text}” is not certain. Which body is it?"
            cells = tuple(one.cell for one in part.rows.doubtful[:10])
            found.append(Question(f"names:{name}", name, names, (Option(YES, "As decided for each"),), cells=cells))
        return [*found, *part.rows.questions]

    def _decimals(self) -> list[Question]:
        for part in self.used:
            assert part.columns is not None
            indexes = [view.look.index for view in part.columns.candidates]
            if example := part.look.decimals_unclear(indexes):
                options = (
                    Option("point", "A decimal point, as in 1,234.50"),
                    Option("comma", "A decimal comma, as in 1.234,50"),
                )
                text = f"How are the amounts written? {example} could be read in two ways."
                style = part.look.style
                suggested = ("comma" if style.has_decimal_comma else "point") if style.comma or style.point else ""
                reason = f"The file also has {style.comma or style.point}" if suggested and not style.is_mixed else ""
                return [Question("decimals", "", text, options, suggested if reason else "", reason)]
        return []

    def _pounds(self) -> list[Question]:
        marks: Counter[str] = Counter()
        for view in self.views:
            marks.update(view.look.marks)
        if not marks:
            return []
        [(mark, count)] = marks.most_common(1)
        text = f"{count} amounts begin with “{mark}”, which may be a pound sign that was broken. Is it one?"
        cell = next(
            f"{view.look.letter}{part.sample.numbers[place]}"
            for part in self.used
            if part.columns is not None
            for view in part.columns.candidates
            for place in part.look.body_places
            if part.sample.cell(place, view.look.index).mark == mark
        )
        return [Question("pounds", "", text, YES_OR_NO, reason=mark, cells=(cell,))]

    def _rounds(self) -> list[Question]:
        views = [
            view
            for view in self.views
            if (self._own_unit(view) or self.unit[0]) in ("", "1") and view.look.has_parts_of_a_penny
        ]
        if not views:
            return []
        text = f"Amounts in column {joined(view.look.named for view in views)} have parts of a penny. Round each?"
        reason = "Amounts in pounds are kept to the penny; what is written in the file is kept beside them"
        return [Question("rounds", "", text, YES_OR_NO, YES, reason, is_settled=True)]

    def _odd_texts(self) -> list[Question]:
        found: dict[str, str] = {}
        for part in self.used:
            assert part.columns is not None
            for view in part.columns.candidates:
                for text, place in view.look.odd.items():
                    if len(text) > MOST_SHOWN:
                        continue
                    found.setdefault(text, f"{view.look.letter}{part.sample.numbers[place]}")
        return [
            Question(
                f"marker:{text}", "", f"“{text}” stands among the amounts. Does it mean “not reported”?", YES_OR_NO,
                cells=(cell,),
            )
            for text, cell in list(found.items())[:_MOST_MARKERS]
        ]  # fmt: skip

    def _values(self) -> list[Question]:
        """A question for each column of the kind that the file does not state, but for those of single columns."""
        found = []
        for column in self.value_columns:
            of_first = next((each for each in self.value_columns if each.required and each.options), None)
            if column.name == self.filled.year or column == of_first or not self._is_asked(column):
                continue
            if column.name in self._filled_by_rows():
                continue
            lacking = [
                view
                for part in self.used
                if part.columns is not None
                for view in (part.columns.amounts or part.columns.candidates)
                if not view.values.get(column.name)
            ]
            if lacking:
                found.append(self._value_question(column))
        return found

    def _is_asked(self, column: ValueColumn) -> bool:
        """Whether people are asked for it: what every file needs, and what our own blank file has a column for."""
        return column.required or self.kind.column(column.name).in_template

    def _filled_by_rows(self) -> set[str]:
        parts = [part.columns.filled_by_rows for part in self.used if part.columns is not None]
        return set.intersection(*parts) if parts else set()

    def _value_question(self, column: ValueColumn) -> Question:
        hints = [hint for hint in self.filled.hints if hint.column == column.name]
        named = hinted(self.table.name.rpartition(".")[0], hints)
        return Question(
            key=f"value:{column.name}",
            sheet="",
            text=f"{column.label}: what holds for all figures? The file does not say it of all of them.",
            options=column.options,
            suggested=named[0].value if len(named) == 1 else "",
            reason=f"The name of the file says “{named[0].words}”" if len(named) == 1 else "",
            may_be_empty=not column.required,
        )

    # ── The proposal ─────────────────────────────────────────────────────────────────────────────────────────────────

    def proposal(self) -> Proposal:
        unit, unit_reason, _ = self.unit
        proposal = Proposal(
            sheets=tuple(self._proposed(part) for part in self.parts),
            value_columns=self.value_columns,
            unit=unit,
            unit_reason=unit_reason,
            year=self.stated_year,
            year_reason="Stated with the file" if self.stated_year else "",
            markers=self.markers,
            questions=tuple(self._questions()),
            doubtful_names=tuple(one for part in self.used for one in part.rows.doubtful),
            nearest=self._nearest(),
            nothing=self._nothing(),
        )
        more = missing_values(proposal, default_decisions(proposal))
        return replace(proposal, questions=(*proposal.questions, *more))

    def _nothing(self) -> str:
        if self.used:
            return ""
        if len(self.parts) == 1:
            return self.parts[0].reason
        reasons = "; ".join(f"“{part.sample.name}”: {part.reason}" for part in self.parts)
        return f"No sheet has amounts that could be read: {reasons}"[:_LONGEST_REASON]

    def _nearest(self) -> Nearest | None:
        like = self.stated or self.like
        if like is None:
            return None
        differences = tuple(str(problem.message) for problem in like.differences[:_MOST_DIFFERENCES])
        profile = like.profile
        return Nearest(profile.key, profile.title, like.edition.name, differences, is_stated=self.stated is not None)

    def _proposed(self, part: _Part) -> ProposedSheet:
        look, sample = part.look, part.sample
        head = tuple(
            HeadRow(number, tuple(cell[:200] for cell in row[:_HEAD_CELLS]))
            for number, row in list(zip(sample.numbers, sample.rows, strict=True))[:HEAD_ROWS]
        )
        if look.marking is None or look.header is None:
            return ProposedSheet(sample.name, False, part.reason, head=head, is_hidden=sample.sheet.is_hidden)
        columns = part.columns.views if part.columns is not None else []
        doubts = [*part.doubts, *(part.columns.doubts if part.columns else []), *part.rows.doubts]
        doubts += [doubt for view in columns for doubt in view.doubts]
        if sample.sheet.is_hidden:
            doubts.append("The sheet is hidden in the workbook")
        hidden = [
            view.look.named for view in columns if view.is_candidate and view.look.index in sample.sheet.hidden_columns
        ]
        if hidden:
            doubts.append(f"Hidden in the workbook: column {joined(hidden)}")
        if not sample.is_whole:
            doubts.append(f"Only the first {sample.numbers[-1]:,} rows were looked at for this proposal")
        if sample.more_columns:
            doubts.append(
                f"Only the first {sample.width} columns were looked at: the other {sample.more_columns} are not read"
            )
        known = len(look.body_places)
        reason = part.reason or f"{known} rows of bodies, and figures in {_count(part)}"
        return ProposedSheet(
            name=sample.name,
            use=part.use,
            reason=reason,
            header_row=sample.numbers[look.header],
            header_rows=look.heading_rows,
            header_reason="The nearest row of several texts above the first body",
            columns=tuple(self._column(view, sample.sheet.hidden_columns) for view in columns),
            total_rows=tuple(part.rows.totals),
            rows_left_out=tuple(part.rows.left_out),
            family=part.family,
            rows=known + len(part.rows.doubtful),
            known=known,
            doubts=tuple(doubt[:_LONGEST_REASON] for doubt in list(dict.fromkeys(doubts))[:_MOST_DOUBTS]),
            head=head,
            is_hidden=sample.sheet.is_hidden,
        )

    def _column(self, view: ColumnView, hidden: Set[int]) -> ProposedColumn:
        look = view.look
        own = self._own_unit(view) if view.is_candidate else ""
        unit = Decimal(own or self.unit[0] or 1)
        total = as_text(to_the_penny(look.total * unit)) if look.values else ""
        return ProposedColumn(
            index=look.index,
            letter=column_letter(look.index),
            heading=look.heading[:MOST_SHOWN],
            role=view.role,
            reason=view.reason[:_LONGEST_REASON],
            values=dict(view.values),
            fills=view.fills,
            sum=total,
            numbers=len(look.values),
            is_hidden=look.index in hidden,
            unit=own,
        )


def _count(part: _Part) -> str:
    assert part.columns is not None
    amounts = len(part.columns.amounts)
    return f"{amounts} {'column' if amounts == 1 else 'columns'}" if amounts else "columns that are asked about"


def _why_not(look: SheetLook) -> str:
    """Why nothing can be read from a sheet, before its columns are looked at; empty if something may be."""
    if not look.sample.looked_at:
        return (
            f"Not looked at: the first rows of the sheets before it have more than {MOST_CELLS_AT_ALL:,} cells. To "
            "read it, send it as a file of its own"
        )
    if not look.sample.rows:
        return "The sheet is empty"
    if look.marking is None:
        return "No column holds codes or names of bodies that are known here"
    if look.first_body is None:
        return "No row with a known body has a number"
    if look.header is None:
        number = look.sample.numbers[look.first_body]
        return f"There is no row of headings above the first body, which is in row {number}"
    if not look.numeric:
        return "No column holds numbers for the bodies"
    return ""


def _no_amounts(columns: SheetColumns) -> str:
    """Why no column of a sheet can hold amounts."""
    numbers = [view for view in columns.views if view.look.is_numeric and view.role is Role.NOT_READ]
    reasons = dict.fromkeys(view.reason for view in numbers)
    if columns.like is not None and not columns.like.figures:
        return f"“{columns.like_title}” reads nothing from this sheet"
    return "No column of numbers holds amounts of money. " + ". ".join(list(reasons)[:6])


def _start(year: str) -> int | None:
    try:
        return FinancialYear.parse(year).start
    except Refused:
        return None


assert MOST_ROWS >= HEAD_ROWS
