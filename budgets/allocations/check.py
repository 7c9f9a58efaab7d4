"""The checks of allocations. They work on whole columns and judge each distinct text once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from django.utils import timezone

from budgets.allocations.lookups import Holding, Lookups, lookups, plain_name
from budgets.models import FundingStream
from budgets.terms import Basis, GrossOrNet, Recurrence
from pooledcare.directory.access import Actor
from pooledcare.directory.codes import about_unknown_code
from pooledcare.directory.terms import OrganisationKind
from pooledcare.kernel.characters import trim
from pooledcare.kernel.days import written
from pooledcare.kernel.money import AmountColumn, read_amounts
from pooledcare.kernel.periods import FinancialYear, check_in_range
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.kernel.tabular import unneutralise
from pooledcare.uploads.checks import (
    Checked,
    Distinct,
    Findings,
    Flags,
    Numbers,
    Piece,
    Verdict,
    choose,
    copy_column,
    copy_lines,
    copy_text,
    did_you_mean,
    groups,
    is_mangled,
    is_plain,
    is_total_label,
    judge_text,
    look_alike,
    looks_like_an_excel_date,
    required,
    tidy_code,
)
from pooledcare.uploads.kinds import Checker
from pooledcare.uploads.made_layouts import AS_WRITTEN
from pooledcare.uploads.models import Upload

_BASES = {
    "outturns": "outturn",
    "actual": "outturn",
    "budgets": "budget",
    "plan": "budget",
    "allocations": "allocation",
}
_RECURRENCES = {"nonrecurrent": "non_recurrent", "non_recurring": "non_recurrent", "recurring": "recurrent"}
COPIED = (
    "upload_id", "source_id", "stream_id", "basis", "gross_or_net", "recurrence", "line", "organisation_id",
    "financial_year", "amount", "published_text", "row", "sheet", "cell", "note",
)  # fmt: skip
_BLANK_MARK = "(blank)"
AS_THE_STREAM = "as the stream"


class AllocationChecker(Checker):
    """Checks the rows of one upload. Verdicts on distinct texts are cached between pieces of the file."""

    def __init__(self, upload: Upload, preparer: Actor) -> None:
        self.upload = upload
        self.found: Lookups = lookups(upload.organisation, preparer)
        self.today = timezone.localdate()
        self.line = 0
        self.rows_seen = 0
        self.running = 0  # sum so far, in pence, of the rows with an organisation; to recognise a total without a label
        self._memories: dict[str, dict[str, Verdict]] = {}

    def check(self, piece: Piece) -> Checked:
        if not len(piece.numbers):  # every row was refused when the file was read
            return Checked("", 0, 0, [], Counter())
        findings = Findings(piece)
        rows = _Rows(self, piece, findings)
        return rows.checked()

    def distinct(self, piece: Piece, column: str, judge: Callable[[str], Verdict]) -> Distinct:
        return Distinct(piece.frame[column], judge, self._memories.setdefault(column, {}))

    # ── What one distinct text means ─────────────────────────────────────────────────────────────────────────────────

    def year(self, text: str) -> Verdict:
        try:
            year = check_in_range(FinancialYear.parse(trim(text)), today=self.today)
        except Refused as refused:
            return Verdict(problem=refused.problems[0])
        note = "" if str(year) == text else "Financial years were read in other spellings, such as 2025/26"
        return Verdict(year.start, note=note)

    def organisation(self, text: str) -> Verdict:
        """The organisations that ever had the code. Which one is meant depends on the year of the row."""
        code, note = tidy_code(text)
        if not code:
            return Verdict(problem=required("organisation", "an organisation code"))
        unlike = look_alike(code)
        if unlike is not None:
            return Verdict(problem=unlike)
        holdings = self.found.codes.get(code)
        if holdings is not None:
            return Verdict(holdings, note=note)
        if not is_mangled(code):
            return Verdict(problem=about_unknown_code(code, regions=self.found.regions))
        fix = "Format the column as text and type the code again."
        if looks_like_an_excel_date(code):
            fix = f"Excel may have changed this to a date. {fix}"
        meant = did_you_mean(code, self.found.codes, self.found.numeric)
        if meant:
            fix = f"Did you mean {meant}? {fix}"
        return Verdict(problem=Problem("UNKNOWN_CODE", "This is not an organisation code", fix=fix))

    def stream(self, text: str) -> Verdict:
        code, _ = tidy_code(text)
        unlike = look_alike(code)
        if unlike is not None:
            return Verdict(problem=unlike)
        chosen = choose(text, column="stream", label="the funding stream", values=self.found.streams, aliases={})
        if chosen.problem is not None:
            return chosen if chosen.problem.code == "REQUIRED" else _as_unknown_stream(chosen.problem)
        return Verdict(self.found.streams[chosen.value], note=chosen.note)

    def basis(self, text: str) -> Verdict:
        return choose(text, column="basis", label="the basis", values=Basis.values, aliases=_BASES)

    def recurrence(self, text: str) -> Verdict:
        default = Recurrence.NOT_STATED.value
        return choose(
            text,
            column="recurrence",
            label="the recurrence",
            values=Recurrence.values,
            aliases=_RECURRENCES,
            default=default,
        )

    def gross_or_net(self, text: str) -> Verdict:
        return choose(
            text,
            column="gross_or_net",
            label="gross or net",
            values=GrossOrNet.values,
            aliases={},
            default=AS_THE_STREAM,
        )

    def note(self, text: str) -> Verdict:
        return judge_text(unneutralise(text))


def _as_unknown_stream(problem: Problem) -> Verdict:
    return Verdict(problem=Problem("UNKNOWN_STREAM", "There is no funding stream with this code", fix=problem.fix))


class _Rows:
    """Turns one piece of the file into staged rows."""

    def __init__(self, checker: AllocationChecker, piece: Piece, findings: Findings) -> None:
        self.checker, self.piece, self.findings = checker, piece, findings
        self.size = len(piece.numbers)
        self.notices: Counter[str] = Counter()
        self.years = checker.distinct(piece, "financial_year", checker.year)
        self.codes = checker.distinct(piece, "organisation", checker.organisation)
        self.blank: Flags = self.codes.of([not trim(text) for text in self.codes.texts], bool)
        self.streams = checker.distinct(piece, "stream", checker.stream)
        self.bases = checker.distinct(piece, "basis", checker.basis)
        self.recurrences = checker.distinct(piece, "recurrence", checker.recurrence)
        self.gross_or_nets = checker.distinct(piece, "gross_or_net", checker.gross_or_net)

    def checked(self) -> Checked:
        """Check for totals first, so that they cause no other problems; then single columns; then combinations."""
        totals = self._totals()
        columns = (
            ("financial_year", self.years), ("organisation", self.codes), ("stream", self.streams),
            ("basis", self.bases), ("recurrence", self.recurrences), ("gross_or_net", self.gross_or_nets),
        )  # fmt: skip
        for name, column in columns:
            self.findings.add_distinct(name, column, among=~totals)
            self.notices.update(column.notes())
        amounts, unreported = self._amounts(totals)
        notes = self._notes(totals)
        organisation = self._organisations(totals, unreported)
        self._streams_in_years(totals)
        self._names(organisation)
        good = np.flatnonzero(~self.findings.bad)
        lines = self._lines(good, organisation, amounts, unreported, notes)
        refused = self.size - len(good)
        self.checker.rows_seen += self.size
        return Checked(lines, len(good), refused, self.findings.found, self.notices)

    # ── Rows that are totals ─────────────────────────────────────────────────────────────────────────────────────────

    def _totals(self) -> Flags:
        """Rows labelled as totals, and rows without an organisation whose amount is the sum of the rows above."""
        found = np.zeros(self.size, dtype=bool)
        for column in (self.codes, self.streams, self.years):
            labels = [verdict.problem is not None and is_total_label(text) for text, verdict in _pairs(column)]
            found |= column.of(labels, bool)
        found |= self._sums_without_a_label()
        where = np.flatnonzero(found)
        fix = "Delete the row. Totals are not accepted, so that no money is counted twice."
        values = [" · ".join(filter(None, map(trim, row))) for row in self._shown(where)]
        total = Problem("LOOKS_LIKE_TOTAL", "This row looks like a total", fix=fix)
        self.findings.add("organisation", where, total, values)
        return found

    def _shown(self, where: Numbers) -> list[list[str]]:
        return self.piece.frame[["financial_year", "organisation", "stream", "amount"]].iloc[where].to_numpy().tolist()

    def _sums_without_a_label(self) -> Flags:
        found = np.zeros(self.size, dtype=bool)
        if self.piece.unit != 1 or not self.blank.any():
            return found
        above = self.checker.running
        pence = read_amounts(self.piece.frame["amount"], style=self.piece.style).pence.tolist()
        for position, (is_blank, amount) in enumerate(zip(self.blank.tolist(), pence, strict=True)):
            if is_blank:
                rows_above = self.checker.rows_seen + position
                found[position] = amount != 0 and amount == above and rows_above > 1
            else:
                above += amount
        return found

    # ── Amounts and notes ────────────────────────────────────────────────────────────────────────────────────────────

    def _amounts(self, totals: Flags) -> tuple[AmountColumn, Flags]:
        column = self.piece.frame["amount"]
        unreported = np.zeros(self.size, dtype=bool)
        if self.piece.missing:
            unreported = column.map(lambda text: trim(text) in self.piece.missing).to_numpy(dtype=bool)
        amounts = read_amounts(column, self.piece.unit, self.piece.style)
        bad = np.flatnonzero(~amounts.ok & ~totals & ~unreported)
        grouped: dict[tuple[str, str, str | None], list[int]] = {}
        for position in bad.tolist():
            problem = amounts.problems[position]
            grouped.setdefault((problem.code, problem.message, problem.fix), []).append(position)
        for (code, message, fix), positions in grouped.items():
            self.findings.add("amount", np.array(positions), Problem(code, message, fix=fix))
        if self.piece.unit == 1:
            self.notices.update(f"Amounts: {note}" for note in amounts.notes.values())
        self.checker.running += sum(amounts.pence[~self.blank].tolist())
        return amounts, unreported

    def _notes(self, totals: Flags) -> list[str]:
        cells: list[str] = self.piece.frame["note"].tolist()
        if is_plain(cells) and "'" not in "".join(cells):
            return cells
        column = self.checker.distinct(self.piece, "note", self.checker.note)
        self.findings.add_distinct("note", column, among=~totals)
        self.notices.update(column.notes())
        return column.values().tolist()

    # ── Organisations: by code and year, kind and right ──────────────────────────────────────────────────────────────

    def _organisations(self, totals: Flags, unreported: Flags) -> Numbers:
        """The key of the organisation for each row.

        Codes with one holder are checked for all years at once, others by year.
        """
        only = [_only(verdict) for verdict in self.codes.verdicts]
        first = self.codes.of([one.first if one else 1 for one in only], np.int64)
        last = self.codes.of([one.last if one else 0 for one in only], np.int64)
        ids = self.codes.of([one.organisation if one else 0 for one in only], np.int64)
        year = self.years.values(np.int64, missing=0)
        askable = ~totals & ~self.codes.bad & ~self.years.bad
        simple = askable & (first <= year) & (year <= last)
        organisation = np.where(simple, ids, 0)
        sure_first = self.codes.of([one.sure_first if one else 1 for one in only], np.int64)
        sure_last = self.codes.of([one.sure_last if one else 0 for one in only], np.int64)
        unsure = np.flatnonzero(simple & ((year < sure_first) | (year > sure_last)))
        for positions, code, start in self._by_pair(unsure):
            self._ask_about_the_day(code, start, positions)
        hard = np.flatnonzero(askable & ~simple)
        for positions, code, start in self._by_pair(hard):
            holding = self._judge(code, start, positions)
            if holding is not None:
                organisation[positions] = holding.organisation
        self._check_holders(organisation, unreported)
        return organisation

    def _by_pair(self, positions: Numbers) -> Iterator[tuple[Numbers, int, int]]:
        """Positions of the rows for each pair of code and year, with the indexes of both among the distinct texts."""
        years = len(self.years.texts)
        pairs = self.codes.codes[positions] * np.int64(years) + self.years.codes[positions]
        for pair, group in groups(pairs, positions):
            yield group, *divmod(pair, years)

    def _judge(self, code: int, year: int, positions: Numbers) -> Holding | None:
        """The holder of the code in that year; if there is none, records a problem."""
        holdings: list[Holding] = self.codes.verdicts[code].value
        start: int = self.years.verdicts[year].value
        fitting = [holding for holding in holdings if holding.first <= start <= holding.last]
        if fitting:
            if not fitting[0].sure_first <= start <= fitting[0].sure_last:
                self._ask_about_the_day(code, year, positions)
            return fitting[0]
        self.findings.add("organisation", positions, self._not_then(holdings, FinancialYear(start)))
        return None

    def _ask_about_the_day(self, code: int, year: int, positions: Numbers) -> None:
        """A warning that no source says whether the organisation had this code in that year, or another one."""
        start: int = self.years.verdicts[year].value
        holding = next(one for one in self.codes.verdicts[code].value if one.first <= start <= one.last)
        name = self.checker.found.names[holding.organisation]
        message = f"{name} changed its code on a day that no source here gives, so this may be its code of another year"
        fix = f"The row is read as a figure of {name}. Check that it is."
        problem = Problem("W_CODE_DAY", message, fix=fix, severity="warning")
        self.findings.add("organisation", positions, problem)

    def _not_then(self, holdings: list[Holding], year: FinancialYear) -> Problem:
        """The problem that nobody held the code in that year."""
        found, past = self.checker.found, [holding for holding in holdings if holding.last < year.start]
        if not past:
            return self._not_yet(min(holdings, key=lambda holding: holding.first), year)
        holding = past[-1]
        name = found.names[holding.organisation]
        if holding.closed is not None and FinancialYear.containing(holding.closed) < year:
            successors = found.successors(holding.organisation)
            fix = f"Use the code of its successor: {successors}." if successors else "Check the code and the year."
            closed = holding.closed
            return Problem("ORG_CLOSED", f"{name} closed on {written(closed)}, before {year}", fix=fix)
        fix = f"Its code is now {found.current_codes[holding.organisation]}."
        then = found.code_in(year.start, like=holding)
        if then and holding.code_ended and then[1].code_began and then[1].code_began > holding.code_ended:
            fix = f"Its code since {written(then[1].code_began)} is {then[0]}."
        elif then:
            fix = f"Its code was then {then[0]}."
        return Problem("CODE_ENDED", f"{name} no longer had this code in {year}", fix=fix)

    def _not_yet(self, holding: Holding, year: FinancialYear) -> Problem:
        """The problem that the holder had the code only later: it opened later, or had another code before."""
        if holding.opened is not None and FinancialYear.containing(holding.opened) > year:
            message = f"The organisation did not exist before {written(holding.opened)}"
            return Problem("ORG_NOT_OPEN", message, fix="Check the code and the year.")
        found = self.checker.found
        then = found.code_in(year.start, like=holding)
        fix = f"Its code was then {then[0]}." if then else "Check the code and the year."
        if then and holding.code_began is not None:
            fix = f"Its code was then {then[0]}; it has had this one since {written(holding.code_began)}."
        message = f"{found.names[holding.organisation]} did not have this code yet in {year}"
        return Problem("CODE_NOT_YET", message, fix=fix)

    def _check_holders(self, organisation: Numbers, unreported: Flags) -> None:
        """Check that this kind of organisation holds the stream, and that the sender may submit for it."""
        found = self.checker.found
        kinds = found.kind_numbers[np.searchsorted(found.ids, organisation)]
        other_organisations = (organisation != 0) & ~found.may_by_kind[kinds] & (organisation != found.submitting.pk)
        self._refuse_other_organisations(np.flatnonzero(other_organisations), organisation)
        fits = np.array([found.reported_by(verdict.value) for verdict in self.streams.verdicts], dtype=bool)
        wrong = ~other_organisations & ~fits[self.streams.codes, kinds] & ~unreported
        for stream in np.unique(self.streams.codes[wrong]).tolist():
            positions = np.flatnonzero(wrong & (self.streams.codes == stream))
            self.findings.add("organisation", positions, _wrong_kind(self.streams.verdicts[stream].value))

    def _refuse_other_organisations(self, positions: Numbers, organisation: Numbers) -> None:
        found = self.checker.found
        for pk, here in groups(organisation[positions], positions):
            message = f"You cannot submit for {found.names[pk]} on behalf of {found.submitting.name}"
            fix = "Leave the row out, or ask the organisation itself to submit it."
            self.findings.add("organisation", here, Problem("NOT_PERMITTED", message, fix=fix))

    def _streams_in_years(self, totals: Flags) -> None:
        first = self.streams.of([v.value.first_year if v.value else 0 for v in self.streams.verdicts], np.int64)
        last = self.streams.of(
            [(v.value.last_year if v.value else None) or 9999 for v in self.streams.verdicts], np.int64
        )
        year = self.years.values(np.int64, missing=0)
        wrong = ~totals & ~self.years.bad & ((year < first) | (year > last))
        for stream in np.unique(self.streams.codes[wrong]).tolist():
            positions = np.flatnonzero(wrong & (self.streams.codes == stream))
            self.findings.add("financial_year", positions, _not_in_year(self.streams.verdicts[stream].value))

    def _names(self, organisation: Numbers) -> None:
        """If the file also has names: warn if a name is that of another organisation than the code."""
        if "name" not in self.piece.frame.columns:
            return
        names = self.checker.distinct(self.piece, "name", lambda text: Verdict(plain_name(text)))
        pair = organisation * np.int64(len(names.texts)) + names.codes
        known = np.flatnonzero(organisation != 0)
        for value, positions in groups(pair[known], known):
            pk, name = divmod(value, len(names.texts))
            owners = self.checker.found.owners_of_name(names.verdicts[name].value)
            if owners and pk not in owners:
                self.findings.add("name", positions, _other_name(self.checker.found.names[pk]))

    # ── Lines for COPY ───────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(
        self, good: Numbers, organisation: Numbers, amounts: AmountColumn, unreported: Flags, notes: list[str]
    ) -> str:
        """The staged rows as text for COPY. Parts that many rows share are built once for each combination."""
        if not len(good):
            return ""
        everything = len(good) == self.size

        def pick(column: Any) -> list[Any]:
            array = np.asarray(column)
            picked: list[Any] = (array if everything else array[good]).tolist()
            return picked

        checker, piece = self.checker, self.piece
        amount = amounts.text
        column = "published_text" if piece.has_lineage else "amount"
        published = piece.frame[AS_WRITTEN if AS_WRITTEN in piece.frame else column].to_numpy(dtype=object)
        if unreported.any():
            amount = np.where(unreported, "\\N", amount)
            blank = np.array([not trim(text) for text in published], dtype=bool)
            published = np.where(unreported & blank, _BLANK_MARK, published)
        first = checker.line + 1
        checker.line += len(good)
        return copy_lines(
            [
                self._shared(good),
                map(str, range(first, checker.line + 1)),
                map(str, pick(organisation)),
                pick(self.years.of([str(v.value) for v in self.years.verdicts])),
                pick(amount),
                copy_column(pick(published)),
                *self._places(good, pick),
                copy_column(pick(np.array([*notes, None], dtype=object)[:-1])),
            ]
        )

    def _shared(self, good: Numbers) -> list[str]:
        """The text of upload, source, stream, basis, gross or net and recurrence, built once for each combination."""
        parts = (self.streams, self.bases, self.gross_or_nets, self.recurrences)
        combined = np.zeros(len(good), dtype=np.int64)
        for part in parts:
            combined = combined * len(part.verdicts) + part.codes[good]
        values, places, inverse = np.unique(combined, return_index=True, return_inverse=True)
        table = np.empty(len(values), dtype=object)
        table[:] = [self._combination(int(good[place])) for place in places]
        shared: list[str] = table[inverse].tolist()
        return shared

    def _combination(self, row: int) -> str:
        stream, basis, gross, recurrence = (
            part.verdicts[part.codes[row]].value
            for part in (self.streams, self.bases, self.gross_or_nets, self.recurrences)
        )
        usual = stream.gross_or_net if gross == AS_THE_STREAM else gross
        upload = self.checker.upload
        return f"{upload.pk}\t{upload.organisation_id}\t{stream.pk}\t{basis}\t{usual}\t{recurrence}"

    def _places(self, good: Numbers, pick: Callable[[Any], list[Any]]) -> list[Any]:
        """Row, sheet and column of each figure, in this file or in the publication from which it was compiled."""
        if self.piece.has_lineage:
            cells = [cell.rstrip("0123456789") for cell in pick(self.piece.frame["source_cell"])]
            rows, sheets = (copy_column(pick(self.piece.frame[name])) for name in ("source_row", "source_sheet"))
            return [rows, sheets, copy_column(cells)]
        place = f"{copy_text(self.piece.sheet)}\t{self.piece.letters.get('amount', '')}"
        return [map(str, pick(self.piece.numbers)), [place] * len(good)]


def _pairs(column: Distinct) -> zip[tuple[str, Verdict]]:
    return zip(column.texts, column.verdicts, strict=True)


def _only(verdict: Verdict) -> Holding | None:
    """The holder of a code, if it has had only one."""
    return verdict.value[0] if verdict.value and len(verdict.value) == 1 else None


def _wrong_kind(stream: FundingStream) -> Problem:
    fix = f"{stream.name} is held by: {_labels(stream.holder_kinds)}."
    if stream.included_kinds:
        fix += f" Figures are also accepted of: {_labels(stream.included_kinds)}."
    return Problem("WRONG_ORG_TYPE", f"This kind of organisation does not hold {stream.name}", fix=fix)


def _labels(kinds: Iterable[str]) -> str:
    return ", ".join(OrganisationKind(kind).label for kind in kinds)


def _other_name(own: str) -> Problem:
    return Problem(
        "W_NAME",
        "The name and the code are of different organisations",
        fix=f"The code is that of {own}. Check which one is right.",
        severity="warning",
    )


def _not_in_year(stream: FundingStream) -> Problem:
    years = f"from {FinancialYear(stream.first_year)}"
    if stream.last_year is not None:
        years += f" to {FinancialYear(stream.last_year)}"
    return Problem("STREAM_NOT_IN_YEAR", f"{stream.name} does not exist in this year", fix=f"It exists {years}.")
