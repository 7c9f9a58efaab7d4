"""From a proposal to decisions: what is taken as proposed, and which questions are still open."""

from __future__ import annotations

from dataclasses import replace

from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.proposals.decisions import ColumnDecision, Decisions, SheetDecisions
from pooledcare.uploads.proposals.shapes import Proposal, ProposedSheet, Question, Role, ValueColumn

YES = "yes"


def default_decisions(proposal: Proposal) -> Decisions:
    """The decisions as proposed. What only a person can decide is left empty."""
    decisions = Decisions(
        sheets=tuple(_sheet(sheet) for sheet in proposal.sheets),
        unit=proposal.unit,
        year=proposal.year,
        values=dict(proposal.values),
        missing=tuple(marker.text for marker in proposal.markers),
    )
    for question in proposal.questions:
        if question.is_settled:
            decisions = answered(decisions, question, question.suggested)
    return decisions


def _sheet(sheet: ProposedSheet) -> SheetDecisions:
    columns = [
        ColumnDecision(
            column.index,
            column.role,
            dict(column.values) if column.role is Role.AMOUNT else {},
            column.fills,
            column.unit if column.role is Role.AMOUNT else "",
        )
        for column in sheet.columns
        if column.role is not Role.NOT_READ
    ]
    return SheetDecisions(
        name=sheet.name,
        use=sheet.use,
        header_row=sheet.header_row or 1,
        header_rows=sheet.header_rows,
        family=sheet.family,
        columns=tuple(columns),
        total_rows=tuple(row.row for row in sheet.total_rows),
        rows_left_out=tuple(row.row for row in sheet.rows_left_out),
    )


# ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def open_questions(proposal: Proposal, decisions: Decisions) -> list[Question]:
    """The questions that nobody has answered yet. A layout can be made once there are none.

    Questions about sheets that are not used do not count. Values that columns lack since somebody chose to read them
    are asked about too.
    """
    used = {sheet.name for sheet in decisions.sheets if sheet.use}
    asked = [
        question
        for question in proposal.questions
        if (not question.sheet or question.sheet in used)
        and not question.key.startswith("column:")
        and not _is_answered(question, proposal, decisions)
    ]
    return [*asked, *missing_values(proposal, decisions)]


def _is_answered(question: Question, proposal: Proposal, decisions: Decisions) -> bool:
    match question.key.partition(":")[0]:
        case "unit":
            return bool(decisions.unit or decisions.unit_of_layout)
        case "year":
            return bool(decisions.year) or not _needs_file_year(proposal, decisions)
        case "decimals":
            return bool(decisions.decimals)
        case "names":
            sheet = question.sheet
            return all(one.text in decisions.names for one in proposal.doubtful_names if one.sheet == sheet)
        case "family":
            found = decisions.sheet(question.sheet)
            return found is not None and bool(found.family)
        case "value":
            name = question.key.partition(":")[2]
            return bool(decisions.values.get(name)) or question.key in decisions.answers
    return question.key in decisions.answers


def _needs_file_year(proposal: Proposal, decisions: Decisions) -> bool:
    """Whether the year of a column that is read is not in the file, so that the sender has to state one with it."""
    name = _year_name(proposal)
    if any(_columns_are_open(proposal, decisions, sheet.name) for sheet in decisions.sheets if sheet.use):
        return True
    stated = {
        (sheet.name, column.index): column.values.get(name, "") for sheet in proposal.sheets for column in sheet.columns
    }
    return any(
        not column.values.get(name) or column.values[name] != stated.get((sheet.name, column.index))
        for sheet in decisions.sheets
        if sheet.use and name not in _filled(sheet)
        for column in sheet.columns
        if column.role is Role.AMOUNT
    )


def _columns_are_open(proposal: Proposal, decisions: Decisions, sheet: str) -> bool:
    """Whether nobody has said yet which columns of a sheet are read, although it is asked."""
    key = f"columns:{sheet}"
    return key not in decisions.answers and any(question.key == key for question in proposal.questions)


def _year_name(proposal: Proposal) -> str:
    return next(column.name for column in proposal.value_columns if not column.options)


def _filled(sheet: SheetDecisions) -> set[str]:
    return {column.fills for column in sheet.columns if column.role is Role.VALUE}


def missing_values(proposal: Proposal, decisions: Decisions) -> list[Question]:
    """A question for each value that a column of amounts lacks, and that no question about the whole file asks for."""
    file_wide = {question.key.partition(":")[2] for question in proposal.questions if question.key.startswith("value:")}
    found = []
    for sheet in decisions.sheets:
        if not sheet.use:
            continue
        if _columns_are_open(proposal, decisions, sheet.name):
            continue  # whoever chooses the columns gives their values with them
        for column in sheet.columns:
            if column.role is not Role.AMOUNT:
                continue
            for wanted in proposal.value_columns:
                if not wanted.required or not wanted.options or wanted.name in file_wide | _filled(sheet):
                    continue
                if not (column.values.get(wanted.name) or decisions.values.get(wanted.name)):
                    found.append(_value_question(proposal, sheet, column, wanted))
    return found


def _value_question(proposal: Proposal, sheet: SheetDecisions, column: ColumnDecision, wanted: ValueColumn) -> Question:
    proposed = next((each for each in proposal.sheets if each.name == sheet.name), None)
    view = next((each for each in proposed.columns if each.index == column.index), None) if proposed else None
    named = f"{view.letter} “{view.heading}”" if view else str(column.index + 1)
    return Question(
        key=f"column:{sheet.name}:{column.index}:{wanted.name}",
        sheet=sheet.name,
        text=f"{wanted.label}: what are the figures in column {named}?",
        options=wanted.options,
        cells=(f"{view.letter}{sheet.header_row}",) if view else (),
    )


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def answered(decisions: Decisions, question: Question, answer: str) -> Decisions:
    """The decisions with the answer to a question. Raises `Refused` if it is not one of the options."""
    known = {option.value for option in question.options}
    is_empty = not answer and question.may_be_empty
    if question.options and answer not in known and not is_empty:
        raise Refused.because(
            "BAD_ANSWER",
            f"“{answer}” is not an answer to: {question.text}",
            value=answer,
            fix="Choose one of the answers.",
        )
    decisions = replace(decisions, answers={**decisions.answers, question.key: answer})
    what, _, rest = question.key.partition(":")
    match what:
        case "unit":
            return replace(decisions, unit=answer)
        case "year":
            return replace(decisions, year=str(FinancialYear.parse(answer)))
        case "decimals":
            return replace(decisions, decimals=answer)
        case "pounds":
            return replace(decisions, broken_pounds=question.reason if answer == YES else "")
        case "rounds":
            return replace(decisions, rounds=answer == YES)
        case "marker":
            others = tuple(text for text in decisions.missing if text != rest)
            return replace(decisions, missing=(*others, rest) if answer == YES else others)
        case "value":
            return replace(decisions, values={**decisions.values, rest: answer})
        case "bodies" | "family" | "column" | "rows" | "row":
            return _in_sheet(decisions, question, answer)
    return decisions


def _in_sheet(decisions: Decisions, question: Question, answer: str) -> Decisions:
    sheet = decisions.sheet(question.sheet)
    if sheet is None:
        raise Refused.because("UNKNOWN_SHEET", f"There is no sheet “{question.sheet}”", value=question.sheet)
    changed = _changed(sheet, question, answer)
    return replace(decisions, sheets=tuple(changed if each is sheet else each for each in decisions.sheets))


def _changed(sheet: SheetDecisions, question: Question, answer: str) -> SheetDecisions:
    what = question.key.partition(":")[0]
    if what == "family":
        return replace(sheet, family=answer)
    if what == "bodies":
        return replace(sheet, columns=_with_bodies(sheet, int(answer)))
    if what == "column":
        _, index, name = question.key.rsplit(":", 2)
        columns = [
            replace(column, values={**column.values, name: answer}) if column.index == int(index) else column
            for column in sheet.columns
        ]
        return replace(sheet, columns=tuple(columns))
    if what == "rows":
        numbers = {int(number) for number in question.key.rpartition(":")[2].split(",")}
        kept = tuple(row for row in sheet.rows_left_out if row not in numbers)
        return replace(sheet, rows_left_out=(*kept, int(answer)) if answer.isdigit() else kept)
    row = int(question.key.rpartition(":")[2])
    totals = tuple(each for each in sheet.total_rows if each != row)
    left_out = tuple(each for each in sheet.rows_left_out if each != row)
    if answer == "total":
        totals = (*totals, row)
    elif answer == "left_out":
        left_out = (*left_out, row)
    return replace(sheet, total_rows=totals, rows_left_out=left_out)


def _with_bodies(sheet: SheetDecisions, index: int) -> tuple[ColumnDecision, ...]:
    """The columns, with another one of codes or names: the role is that of the column before."""
    role = next((column.role for column in sheet.columns if column.role is Role.CODE), Role.NAME)
    others = [
        column
        for column in sheet.columns
        if column.index != index and column.role not in ((Role.CODE, Role.NAME) if role is Role.CODE else (Role.NAME,))
    ]
    return (ColumnDecision(index, role), *others)
