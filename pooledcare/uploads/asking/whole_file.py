"""The form for what concerns a whole file: unit, year, questions, names that are not certain, and saving the layout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone

from pooledcare.kernel.fields import CheckboxesField, DateField, RadiosField, SelectField, TextField
from pooledcare.kernel.problems import Problem, Refused
from pooledcare.uploads import rules
from pooledcare.uploads.asking.one_sheet import UNITS
from pooledcare.uploads.kinds import UploadKind
from pooledcare.uploads.models import Upload, UploadLayout
from pooledcare.uploads.proposals import Decisions, DoubtfulName, Proposal, Question, Role, answered, open_questions
from pooledcare.uploads.saved_layouts.rules import LONGEST_NAME
from pooledcare.uploads.stated_years import plain_year

LEAVE_OUT, OTHER = "leave-out", "other"
NOT_SAVED, NEW, NEW_VERSION = "no", "new", "version"
MOST_RADIOS = 7
# The field that a problem is about, where it does not name one of the form.
_FIELDS = dict.fromkeys(("PUBLISHED_IN_FUTURE", "PUBLISHED_TOO_EARLY"), "published_on")
_OWN_FIELDS = ("unit", "year", "value:", "names:", "columns:")  # keys of questions that have a field of their own


class WholeFileForm(forms.Form):
    """Asks what concerns the whole file, with what is proposed already filled in.

    `saved` is the layout of the organisation that comes closest, or that was used before. `saving` is what was said on
    saving when the form was shown before (`saving()`).
    """

    def __init__(
        self,
        *args: Any,
        proposal: Proposal,
        decisions: Decisions,
        kind: UploadKind,
        upload: Upload,
        saved: UploadLayout | None = None,
        saving: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposal, self.before, self.kind, self.upload = proposal, decisions, kind, upload
        self.saved = saved
        every = {question.key: question for question in [*proposal.questions, *open_questions(proposal, decisions)]}
        self.asked = {key: question for key, question in every.items() if _counts(question, decisions)}
        self.generic = [question for key, question in self.asked.items() if not key.startswith(_OWN_FIELDS)]
        self.places: dict[str, str] = {}  # the name of the field for the key of each question
        self._add_unit()
        self._add_year()
        self._add_values()
        self._add_questions()
        self._add_names()
        self._add_markers()
        if kind.is_published and upload.published_on is None:
            hint = kind.publication.date_hint if kind.publication else ""
            self.fields["published_on"] = DateField(label="Date of publication", required=False, help_text=hint)
            self.initial["published_on"] = _day(decisions.published_on)
        self._add_saving()
        self.initial.update({name: text for name, text in (saving or {}).items() if name in ("save", "name")})

    # ── Fields ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _add_unit(self) -> None:
        known = dict(UNITS)
        unit = self.before.unit
        more = [(unit, f"£{unit}")] if unit and unit not in known else []
        question = self.asked.get("unit")
        is_said = not unit and bool(self.before.unit_of_layout)
        self._add(
            "unit",
            "unit",
            SelectField(
                label="Amounts are in",
                required=False,
                choices=[("", "As stated for each column" if is_said else "Select the unit"), *UNITS, *more],
                help_text=self.proposal.unit_reason or _hint(question),
            ),
            unit,
        )

    def _add_year(self) -> None:
        question = self.asked.get("year")
        self._add(
            "year",
            "year",
            TextField(
                label="Financial year of the figures",
                required=False,
                max_length=20,
                help_text=self.proposal.year_reason or _hint(question) or "Leave it empty if the columns say it.",
                looks={"width": "10"},
            ),
            self.before.year,
        )

    def _add_values(self) -> None:
        """The columns of the kind that are the same in the whole file, where not every column has its own value."""
        columns = [
            column
            for sheet in self.before.sheets
            if sheet.use
            for column in sheet.columns
            if column.role == Role.AMOUNT
        ]
        for value in self.proposal.value_columns:
            key = f"value:{value.name}"
            if not value.options or (columns and all(column.values.get(value.name) for column in columns)):
                continue
            choices = [("", "Select" if value.required else "Leave it empty"), *_pairs(value.options)]
            field = SelectField(
                label=value.label, required=False, choices=choices, help_text=_hint(self.asked.get(key))
            )
            self._add(key, f"value-{value.name}", field, self.before.values.get(value.name, ""))

    def _add_questions(self) -> None:
        for number, question in enumerate(self.generic, start=1):
            label = f"Sheet “{question.sheet}”: {question.text}" if question.sheet else question.text
            options: dict[str, Any] = {"label": label, "required": False, "help_text": _hint(question)}
            field: forms.Field
            if not question.options:
                field = TextField(max_length=200, **options)
            elif len(question.options) <= MOST_RADIOS:
                field = RadiosField(choices=_pairs(question.options), **options)
            else:
                field = SelectField(choices=[("", "Select"), *_pairs(question.options)], **options)
            given = self.before.answers.get(question.key) or (question.suggested if question.is_settled else "")
            self._add(question.key, f"question-{number}", field, given)

    def _add_names(self) -> None:
        for number, name in enumerate(self.proposal.doubtful_names, start=1):
            choices = [("", "Select"), *_pairs(name.candidates)]
            choices += [(OTHER, "Another body, with the code below"), (LEAVE_OUT, "Leave its rows out")]
            known = {candidate.value for candidate in name.candidates}
            decided = self.before.names.get(name.text)
            chosen = "" if decided is None else LEAVE_OUT if not decided else decided if decided in known else OTHER
            hint = f"{name.reason} ({f'{name.sheet}, ' if name.sheet else ''}{name.cell})"
            field = SelectField(label=f"“{name.text}”", required=False, choices=choices, help_text=hint)
            self._add(f"name:{name.text}", f"name-{number}", field, chosen)
            code = TextField(label=f"Code of the other body for “{name.text}”", required=False, max_length=12,
                             looks={"width": "10"})  # fmt: skip
            self._add(f"code:{name.text}", f"name-{number}-code", code, decided if chosen == OTHER else "")

    def _add_markers(self) -> None:
        if self.proposal.markers:
            items = [(marker.text or "blank", _marker(marker.text, marker.cells)) for marker in self.proposal.markers]
            self.fields["missing"] = CheckboxesField(
                label="Which of these mean that a figure is not reported?",
                required=False,
                choices=items,
                help_text="A cell that has another one is refused, never read as 0.",
            )
            self.initial["missing"] = [text or "blank" for text in self.before.missing]

    def _add_saving(self) -> None:
        choices = [(NEW, "Yes, as a new layout"), (NOT_SAVED, "No, only read this file")]
        if self.saved is not None:
            choices.insert(0, (NEW_VERSION, f"Yes, as a new version of “{self.saved.name}” ({self.saved.reference})"))
        self.fields["save"] = RadiosField(
            label="Save this as a layout of your organisation?",
            required=False,
            choices=choices,
            help_text="The next file with the same sheets and headings is then read in the same way.",
        )
        self.initial["save"] = NEW_VERSION if self.saved is not None else NOT_SAVED
        self.fields["name"] = TextField(
            label="Name of the new layout", required=False, max_length=LONGEST_NAME, looks={"width": "20"}
        )
        self.initial["name"] = self.upload.filename.rsplit(".", 1)[0][:LONGEST_NAME]

    def _add(self, key: str, name: str, field: forms.Field, initial: str | None) -> None:
        self.fields[name] = field
        self.initial[name] = initial or ""
        self.places[key] = name

    # ── What was answered ────────────────────────────────────────────────────────────────────────────────────────────

    def clean_year(self) -> str:
        text: str = self.cleaned_data["year"].strip()
        if not text:
            return ""
        year = plain_year(text)
        problems = rules.year_problems(self.kind, year, timezone.localdate())
        if problems:
            raise forms.ValidationError([problem.message for problem in problems])
        return year

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for number in range(1, len(self.proposal.doubtful_names) + 1):
            if said.get(f"name-{number}") == OTHER and not said.get(f"name-{number}-code", "").strip():
                self.add_error(f"name-{number}-code", "Enter the code of the other body")
        if said.get("save") == NEW and not said.get("name", "").strip():
            self.add_error("name", "Enter a name for the layout")
        return said

    def decisions(self) -> Decisions:
        """What was decided before, with what this form says. Raises `Refused` for an answer that is no option."""
        said = self.cleaned_data
        values = dict(self.before.values)
        for value in self.proposal.value_columns:
            if f"value-{value.name}" in self.fields:
                values[value.name] = said[f"value-{value.name}"]
        day = said.get("published_on")
        decided = replace(
            self.before,
            unit=said["unit"],
            year=said["year"],
            values={name: text for name, text in values.items() if text},
            names=self._names(),
            published_on=day.isoformat() if day else "",
        )
        if self.proposal.markers:
            decided = replace(decided, missing=tuple("" if one == "blank" else one for one in said["missing"]))
        for question in self.asked.values():
            answer = self._answer(question)
            if answer or (question.may_be_empty and question.key in self.places):
                decided = answered(decided, question, answer)
        return decided

    def _answer(self, question: Question) -> str:
        if question.key.startswith("names:"):
            names = [name.text for name in self.proposal.doubtful_names if name.sheet == question.sheet]
            return "yes" if all(name in self._names() for name in names) else ""
        if question.key not in self.places:
            return ""
        return str(self.cleaned_data[self.places[question.key]]).strip()

    def _names(self) -> dict[str, str]:
        """The code of the body for each name that was decided; empty if its rows are left out."""
        decided = {}
        for number, name in enumerate(self.proposal.doubtful_names, start=1):
            chosen = self.cleaned_data[f"name-{number}"]
            if chosen == OTHER:
                decided[name.text] = self.cleaned_data[f"name-{number}-code"].strip().upper()
            elif chosen:
                decided[name.text] = "" if chosen == LEAVE_OUT else chosen
        return decided

    def saving(self) -> dict[str, str]:
        """What was said on saving, which is no decision on how the file is read, to fill the next form with it."""
        return {name: self.cleaned_data[name] for name in ("save", "name")}

    def saves(self) -> tuple[str, bool]:
        """The name under which a new layout is saved, if any, and whether a new version is saved."""
        said = self.cleaned_data
        return (said["name"] if said.get("save") == NEW else "", said.get("save") == NEW_VERSION)

    def add_refusal(self, refused: Refused) -> None:
        """Show why it was refused, at the fields that the problems name."""
        for problem in refused.problems:
            self.add_error(self._place(problem), _sentence(problem))

    def _place(self, problem: Problem) -> str | None:
        key = (problem.where.field if problem.where is not None else None) or _FIELDS.get(problem.code, "")
        name = self.places.get(key, key)
        return name if name in self.fields else None

    # ── For the page ─────────────────────────────────────────────────────────────────────────────────────────────────

    def question_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("question-")]

    def value_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("value-")]

    def name_fields(self) -> Iterator[tuple[DoubtfulName, Any, Any]]:
        for number, name in enumerate(self.proposal.doubtful_names, start=1):
            yield name, self[f"name-{number}"], self[f"name-{number}-code"]


def _counts(question: Question, decisions: Decisions) -> bool:
    """Whether the answer matters: not for a sheet that is not read, nor for a column that has no amounts."""
    sheet = decisions.sheet(question.sheet)
    if not question.sheet and sheet is None:
        return True
    if sheet is None or not sheet.use:
        return False
    if not question.key.startswith("column:"):
        return True
    index = question.key.rsplit(":", 2)[1]
    return any(str(column.index) == index and column.role == Role.AMOUNT for column in sheet.columns)


def _pairs(options: Sequence[Any]) -> list[tuple[str, str]]:
    return [(option.value, option.label) for option in options]


def _hint(question: Question | None) -> str:
    if question is None:
        return ""
    cells = f" See {', '.join(question.cells[:5])}." if question.cells else ""
    return f"{question.reason}{cells}".strip()


def _marker(text: str, cells: int) -> str:
    return f"{f'“{text}”' if text else 'A blank cell'} ({cells:,} {'cell' if cells == 1 else 'cells'})"


def _day(text: str) -> Any:

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _sentence(problem: Problem) -> str:
    return problem.message if not problem.fix else f"{problem.message.rstrip('.')}. {problem.fix}"
