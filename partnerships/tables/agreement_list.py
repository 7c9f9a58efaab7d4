"""The list of agreements, as its page and its files show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnerships.queries.agreements.listing import UNTITLED
from partnerships.queries.agreements.waiting import waits
from partnerships.tables.agreements import day_text
from partnerships.terms import AgreementState, Awaited, Flexibility, Outcome, Power
from pooledcare.directory.mails import absolute
from pooledcare.kernel.tables import Cell, Column, ColumnFormat, Table

if TYPE_CHECKING:
    from django.http import QueryDict

    from partnerships.models import AgreementSummary
    from partnerships.queries.agreements.listing import Names
    from partnerships.queries.agreements.waiting import Decider
    from partnerships.rules.agreements.sentences import Words
    from pooledcare.directory.models import Organisation

NO_END = "No end is set"
ILLUSTRATIVE = "Illustrative"
WAITS_FOR_YOU: dict[str, str] = {
    Awaited.APPROVAL: "Waits for your approval",
    Awaited.CHANGES: "Waits for the changes that were asked for",
    Awaited.SIGNATURE: "Waits for a signature",
}
PUBLISH = "Waits for you to publish it"


def title_of(one: AgreementSummary) -> str:
    return one.title or UNTITLED


def counted(one: AgreementSummary) -> str | None:
    """How many findings led to a verdict that is not lawful; None for a lawful one."""
    parts = []
    if one.unlawful_count:
        parts.append(f"{one.unlawful_count} unlawful")
    if one.not_settled_count:
        parts.append(f"{one.not_settled_count} not settled")
    return ", ".join(parts) or None


def waiting_for_you(one: AgreementSummary, who: Decider) -> list[str]:
    what, publication = waits(one, who)
    return [*([WAITS_FOR_YOU[what]] if what else []), *([PUBLISH] if publication else [])]


@dataclass(frozen=True)
class Row:
    """One agreement in the list, with names for the keys that it holds, and the reader for whom it may be waiting."""

    one: AgreementSummary
    names: Names
    who: Decider | None

    @property
    def partners(self) -> list[Organisation]:
        return [self.names.organisations[pk] for pk in self.one.partner_ids if pk in self.names.organisations]

    def bodies(self, keys: Iterable[int]) -> str:
        return _sorted_names(keys, self.names.organisations)

    def places(self) -> str:
        return _sorted_names(self.one.place_ids, self.names.places)

    def functions(self) -> str:
        return "; ".join(self.names.functions.get(code, code) for code in self.one.function_codes)


def _sorted_names(keys: Iterable[int], found: Mapping[int, Any]) -> str:
    return "; ".join(sorted(found[key].name for key in keys if key in found))


def _title(row: Row) -> Cell:
    agreement = row.one.agreement
    marks = [agreement.reference, *([ILLUSTRATIVE] if agreement.is_illustrative else [])]
    return {"value": title_of(row.one), "url": agreement.get_absolute_url(), "note": " · ".join(marks)}


def _until(row: Row) -> Cell:
    start = row.one.start_on
    return {"value": row.one.end_on, "note": f"from {day_text(start)}" if start else None}


def _status(row: Row) -> Cell:
    notes = [
        *(["Operating unsigned"] if row.one.is_operating_unsigned else []),
        *(waiting_for_you(row.one, row.who) if row.who else []),
    ]
    label = str(AgreementState(row.one.state).label)
    return {"value": label, "tag": row.one.state, "note": " · ".join(notes) or None}


def _waits_for(row: Row) -> str:
    """What the agreement is waiting for, and from which organisations."""
    one = row.one
    said = [(str(Awaited(one.awaits).label), one.awaited_ids)] if one.awaits else []
    said += [("Publication", one.unpublished_ids)] if one.unpublished_ids else []
    return ". ".join(f"{label}: {row.bodies(bodies)}" for label, bodies in said)


def _law(row: Row) -> Cell:
    return {"value": str(Outcome(row.one.verdict).label), "tag": row.one.verdict, "note": counted(row.one)}


def _yes(said: bool) -> str:
    return "Yes" if said else "No"


def _page(label: str, missing: str = "No data", format: ColumnFormat = "text") -> Column:
    return Column(label, format, missing, in_file=False)


def _file(label: str, format: ColumnFormat = "text") -> Column:
    return Column(label, format, on_page=False)


# Each column with the function that fills its cells. Notes within cells of the page are separate columns in the file.
COLUMNS: tuple[tuple[Column, Callable[[Row], Cell]], ...] = (
    (_file("Reference"), lambda row: row.one.agreement.reference),
    (_page("Agreement"), _title),
    (_file("Title"), lambda row: row.one.title),
    (_file("Illustrative"), lambda row: _yes(row.one.agreement.is_illustrative)),
    (_page("Until", NO_END, "date"), _until),
    (_page("Law"), _law),
    (_page("Partners", missing="None yet"), lambda row: row.bodies(row.one.partner_ids)),
    (_file("Partners"), lambda row: "; ".join(body.name for body in row.partners)),
    (_file("Codes of partners"), lambda row: "; ".join(body.code for body in row.partners)),
    (_file("Hosts of funds"), lambda row: row.bodies(row.one.host_ids)),
    (Column("Places", missing="None named"), Row.places),
    (_file("Functions"), Row.functions),
    (_file("Flexibilities"), lambda row: "; ".join(str(Flexibility(code).label) for code in row.one.flexibilities)),
    (_file("Funds", "number"), lambda row: row.one.pool_count),
    (_file("Schemes", "number"), lambda row: row.one.scheme_count),
    (_file("From", "date"), lambda row: row.one.start_on),
    (_file("Until", "date"), lambda row: row.one.end_on),
    (Column("Legal power"), lambda row: str(Power(row.one.agreement.power).label)),
    (Column("Status"), _status),
    (_file("Operating unsigned"), lambda row: _yes(row.one.is_operating_unsigned)),
    (_file("Waits for"), _waits_for),
    (_file("Law"), lambda row: str(Outcome(row.one.verdict).label)),
    (_file("Unlawful findings", "number"), lambda row: row.one.unlawful_count),
    (_file("Findings not settled", "number"), lambda row: row.one.not_settled_count),
    (_file("Address"), lambda row: absolute(row.one.agreement.get_absolute_url())),
)


# The columns by which the list can be sorted, and what `queries.agreements.listing.in_order` calls them.
SORTED_BY = {
    index: {"Agreement": "title", "Until": "last_day", "Law": "verdict", "Legal power": "agreement__power"}.get(
        column.label, "state"
    )
    for index, (column, _) in enumerate(COLUMNS)
    if column.on_page and column.label in ("Agreement", "Until", "Law", "Legal power", "Status")
}


def answer(sentence: Iterable[Words], asked: QueryDict) -> list[dict[str, str | None]]:
    """The sentence above the list, in parts {text, url}: a count leads to the same list with one more filter."""

    def narrowed(part: Words) -> str:
        address = asked.copy()
        for name in ("after", "before"):
            address.pop(name, None)
        address[part.filter] = part.value
        return f"?{address.urlencode()}"

    return [{"text": part.text, "url": narrowed(part) if part.filter else None} for part in sentence]


def listed(
    rows: Iterable[AgreementSummary], names: Names, *, who: Decider | None = None, empty: str = "No agreement."
) -> Table:
    """The list. With `who`, agreements that wait for that reader carry a note."""
    return Table(
        key="agreements",
        caption="Agreements",
        columns=[column for column, _ in COLUMNS],
        rows=[[cell(Row(one, names, who)) for _, cell in COLUMNS] for one in rows],
        empty=empty,
        plain_file=True,
    )
