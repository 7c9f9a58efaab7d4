"""Checking the rows of files about drafts: each cell by its column, then the cells of a row together."""

from __future__ import annotations

import datetime as dt
import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from django.utils import timezone

from partnerships.models import Function
from partnerships.records import DEED, POWER, SCHEME
from partnerships.terms import ClauseKind, Exclusion
from partnerships.upload_kinds.known_drafts import Bodies, Known, drafts_of, titles_open
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Place
from pooledcare.directory.queries.code_days import nobody_had
from pooledcare.kernel.characters import trim, without_invisible
from pooledcare.kernel.number_styles import DECIMAL_POINT
from pooledcare.kernel.problems import Problem
from pooledcare.uploads import cells
from pooledcare.uploads.cells import Judge
from pooledcare.uploads.checks import (
    Checked,
    Distinct,
    Findings,
    Piece,
    Verdict,
    copy_column,
    copy_lines,
    copy_text,
    required,
)
from pooledcare.uploads.kinds import Checker
from pooledcare.uploads.models import Upload

COPIED = ("upload_id", "line", "sheet", "row", "cell_values", "agreement_id", "slug")
NO_OPEN_DEED = "is signed, and signed text cannot be changed"
PREPARE_A_DEED = "Prepare a deed of variation first, on the page of the agreement, then upload the file again."


class DraftChecker(Checker):
    """What both kinds of file share. Verdicts on cell texts are cached between pieces of the file."""

    about: ClassVar[str]  # the column that names the agreement

    def __init__(self, upload: Upload, preparer: Actor) -> None:
        self.upload, self.preparer = upload, preparer
        self.today = timezone.localdate()
        self.bodies = Bodies()
        self.no_bodies: dict[tuple[str, dt.date], Problem] = {}
        self.known: dict[int, Known] = {}
        self.line = 0
        self.style = DECIMAL_POINT
        self.judges: dict[str, Judge] = self.columns()
        self._memories: dict[str, dict[str, Verdict]] = {}

    @abstractmethod
    def columns(self) -> dict[str, Judge]:
        """The check for the cells of each column."""

    @abstractmethod
    def row(self, cell_values: dict[str, Any], known: Known | None) -> list[tuple[str, Problem]]:
        """Problems of a row as a whole, as (column, problem).

        Replaces codes in `cell_values` by the organisations they name.
        """

    def check(self, piece: Piece) -> Checked:
        findings, notices = Findings(piece), Counter[str]()
        if piece.style != self.style:
            self.style, self._memories = piece.style, {}
            self.judges = self.columns()
        self._look_up(piece)
        columns = {}
        for name, judge in self.judges.items():
            columns[name] = Distinct(piece.frame[name], judge, self._memories.setdefault(name, {}))
            findings.add_distinct(name, columns[name], among=np.ones(len(piece.numbers), dtype=bool))
            notices.update(columns[name].notes())
        values = {name: column.values().tolist() for name, column in columns.items()}
        rows: list[tuple[int, dict[str, Any]]] = []
        for position in np.flatnonzero(~findings.bad).tolist():
            cell_values = {name: value[position] for name, value in values.items() if value[position] is not None}
            for column, problem in self.row(cell_values, self.known.get(cell_values.get(self.about, 0))):
                findings.add(column, np.array([position]), problem)
            rows.append((position, cell_values))
        good = [(position, cell_values) for position, cell_values in rows if not findings.bad[position]]
        return Checked(self._lines(piece, good), len(good), len(piece.numbers) - len(good), findings.found, notices)

    def _lines(self, piece: Piece, good: list[tuple[int, dict[str, Any]]]) -> str:
        first = self.line + 1
        self.line += len(good)
        numbers = piece.numbers.tolist()
        return copy_lines(
            [
                [str(self.upload.pk)] * len(good),
                map(str, range(first, self.line + 1)),
                [copy_text(piece.sheet)] * len(good),
                [str(numbers[position]) for position, _ in good],
                copy_column(
                    [json.dumps(_without(cell_values, self.about), ensure_ascii=False) for _, cell_values in good]
                ),
                [str(cell_values.get(self.about, "\\N")) for _, cell_values in good],
                [cell_values.get("scheme", "") for _, cell_values in good],
            ]
        )

    # ── The agreement ────────────────────────────────────────────────────────────────────────────────────────────────

    def _look_up(self, piece: Piece) -> None:
        """Look up the agreements that this piece names, in one go."""
        keys = {key for text in piece.frame[self.about].unique() if (key := _key(text)) is not None}
        self.known |= drafts_of(self.upload.organisation, keys - self.known.keys())

    def agreement(self, text: str) -> Verdict:
        if not trim(text):
            return cells.BLANK
        key = _key(text)
        if key is None:
            fix = "Enter a reference like S75-0012."
            return Verdict(problem=Problem("NOT_A_REFERENCE", "This is not the reference of an agreement", fix=fix))
        known = self.known.get(key)
        if known is None:
            message = f"{self.upload.organisation.name} is in no agreement with this reference"
            fix = "Check the reference, or upload for the organisation that is a partner."
            return Verdict(problem=Problem("UNKNOWN_AGREEMENT", message, fix=fix))
        if known.deed is None:
            message = f"{known.agreement.reference} {NO_OPEN_DEED}"
            return Verdict(problem=Problem("NO_OPEN_DEED", message, fix=PREPARE_A_DEED))
        return Verdict(key)

    def day_of(self, cell_values: Mapping[str, Any], known: Known | None) -> dt.date:
        """The first day of the draft, on which the codes of the row are looked up."""
        if "start" in cell_values and self.about == "reference":
            return dt.date.fromisoformat(cell_values["start"])
        return (known.deed.effective_on if known and known.deed else None) or self.today

    def body(self, code: str, day: dt.date) -> dict[str, Any] | Problem:
        holder = self.bodies.on(code, day)
        if holder is None:
            if (code, day) not in self.no_bodies:
                self.no_bodies[code, day] = nobody_had(code[:12], on=day)
            return self.no_bodies[code, day]
        return {"pk": holder.pk, "code": holder.code, "name": holder.name}

    def replace_body(self, cell_values: dict[str, Any], name: str, day: dt.date) -> list[tuple[str, Problem]]:
        """Replace the code or codes of one column by organisations; returns the problems."""
        if name not in cell_values:
            return []
        given = cell_values[name] if isinstance(cell_values[name], list) else [cell_values[name]]
        found = [self.body(code, day) for code in given]
        if wrong := [each for each in found if isinstance(each, Problem)]:
            return [(name, problem) for problem in wrong]
        cell_values[name] = found if isinstance(cell_values[name], list) else found[0]
        return []


class AgreementChecker(DraftChecker):
    about = "reference"

    def __init__(self, upload: Upload, preparer: Actor) -> None:
        super().__init__(upload, preparer)
        self.open_titles = titles_open(upload.organisation)

    def columns(self) -> dict[str, Judge]:
        places = {
            text.casefold(): slug
            for slug, name in Place.objects.order_by("-name", "-pk").values_list("slug", "name")
            for text in (name, slug)
        }
        unknown = "There is no place with this name", "Use the names of the pages of places, with ; between them."
        return {
            "reference": self.agreement,
            **cells.judges_of([*(field for field in DEED.plain if field.name != "sets_end"), POWER], self.style),
            "places": cells.named(places, *unknown),
            "partners": cells.codes,
            **{kind.value: cells.words for kind in ClauseKind},
        }

    def row(self, cell_values: dict[str, Any], known: Known | None) -> list[tuple[str, Problem]]:
        found = self.replace_body(cell_values, "partners", self.day_of(cell_values, known))
        if known is None:
            found += [(name, required(name, label)) for name, label in _NEEDED if name not in cell_values]
            if cell_values.get("title") in self.open_titles:
                message = f"{self.upload.organisation.name} has already started an agreement with this title"
                fix = f"Enter {self.open_titles[cell_values['title']]} as its reference, or give it another title."
                found.append(("title", Problem("STARTED_ALREADY", message, fix=fix)))
        elif known.deed is not None and known.deed.number:
            fixed = [name for name in ("power", "places") if name in cell_values]
            fix = "Leave the cell empty. Prepare another agreement where these change."
            problem = Problem("NOT_BY_A_DEED", "A deed of variation does not change this", fix=fix)
            found += [(name, problem) for name in fixed]
        return found


_NEEDED = (("title", "the title of the agreement"), ("power", "the legal power of the agreement"))


class SchemeChecker(DraftChecker):
    about = "agreement"

    def columns(self) -> dict[str, Judge]:
        functions = set(Function.objects.values_list("code", flat=True))
        unknown = "There is no such function", "Use the codes of the sheet Guidance, with ; between them."
        return {
            "agreement": self.agreement,
            "scheme": _slug,
            **cells.judges_of(SCHEME.plain, self.style),
            "lead": cells.code,
            "pool": _slug,
            "functions": cells.pairs(functions, *unknown),
            "exclusions": cells.pairs(functions, *unknown),
        }

    def row(self, cell_values: dict[str, Any], known: Known | None) -> list[tuple[str, Problem]]:
        if known is None or known.content is None:
            return [("agreement", required("agreement", "the reference of the agreement"))]
        day, content = self.day_of(cell_values, known), known.content
        found = self.replace_body(cell_values, "lead", day)
        if "scheme" in cell_values and content.scheme(cell_values["scheme"]) is None:
            fix = "Leave the cell empty for a new scheme."
            found.append(("scheme", Problem("UNKNOWN_SCHEME", "The agreement has no scheme of this name", fix=fix)))
        if "scheme" not in cell_values and "name" not in cell_values:
            found.append(("name", required("name", "the name of the new scheme")))
        if "pool" in cell_values and content.pool(cell_values["pool"]) is None:
            funds = ", ".join(pool.slug for pool in content.pools)
            fix = f"Use one of: {funds}." if funds else "Leave the cell empty: the agreement has no fund yet."
            found.append(("pool", Problem("UNKNOWN_POOL", "The agreement has no fund of this name", fix=fix)))
        scheme = content.scheme(cell_values.get("scheme", ""))
        held = {each.code for each in scheme.functions} if scheme else set()
        return [*found, *self._functions(cell_values, day), *_exclusions(cell_values, held)]

    def _functions(self, cell_values: dict[str, Any], day: dt.date) -> list[tuple[str, Problem]]:
        """Look up the body that holds each function, where the file names one."""
        found, named = [], []
        for code, holder in cell_values.get("functions", ()):
            body = self.body(holder.upper(), day) if holder else None
            if isinstance(body, Problem):
                found.append(("functions", body))
            named.append([code, body])
        if "functions" in cell_values and not found:
            cell_values["functions"] = named
        return found


def _exclusions(cell_values: dict[str, Any], held: set[str]) -> list[tuple[str, Problem]]:
    """Problems of excluded treatments: unknown to regulation 5, or in a function that the scheme does not have."""
    fix = f"Write function:treatment, with one of: {', '.join(Exclusion.values)}."
    unknown = Problem("UNKNOWN_EXCLUSION", "This is not one of the treatments that regulation 5 excludes", fix=fix)
    if any(treatment not in Exclusion.values for _, treatment in cell_values.get("exclusions", ())):
        return [("exclusions", unknown)]
    named = {code for code, _ in cell_values.get("functions", ())} or held
    if any(code not in named for code, _ in cell_values.get("exclusions", ())):
        message = "A treatment is named within a function that the scheme does not have"
        problem = Problem("FUNCTION_NOT_NAMED", message, fix="Name the function in the column functions too.")
        return [("exclusions", problem)]
    return []


def _slug(text: str) -> Verdict:
    bare = trim(text).lower()
    if not bare:
        return cells.BLANK
    if not bare.replace("-", "").isalnum() or not bare.isascii() or len(bare) > 60:
        fix = "Use the last part of its address, such as reablement."
        return Verdict(problem=Problem("NOT_AN_ADDRESS", "This is not the short name of a scheme or fund", fix=fix))
    return Verdict(bare)


def _key(text: str) -> int | None:
    """
    >>> _key(" s75-0012 "), _key("S75-12"), _key("12")
    (12, None, None)
    """
    prefix, _, digits = trim(without_invisible(text)).upper().partition("-")
    is_reference = prefix == "S75" and 4 <= len(digits) <= 9 and digits.isascii() and digits.isdigit()
    return int(digits) if is_reference else None


def _without(cell_values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in cell_values.items() if name not in (*names, "scheme")}
