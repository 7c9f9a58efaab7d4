"""Changes of single figures: before, after, and the difference in pounds and per cent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.urls import reverse

from budgets.allocations.stored_preview import FigureChange
from budgets.queries.changes import PublicCounts, public_counts, share_of
from budgets.tables.table import NO_FIGURE, NOT_REPORTED, basis_text
from pooledcare.kernel.formats import pounds
from pooledcare.kernel.tables import Cell, Column, Table

if TYPE_CHECKING:
    from pooledcare.uploads.models import Upload

_COLUMNS = (
    Column("Organisation"),
    Column("Stream"),
    Column("Year", "year"),
    Column("Before", "pounds", NO_FIGURE),
    Column("After", "pounds"),
    Column("Difference", "change"),
)


def change_table(changes: Iterable[FigureChange], *, caption: str = "Figures that change, the largest first") -> Table:
    """The table on a page. Once they are accepted, the amounts are linked to their figures."""
    return Table("changes", caption, _COLUMNS, [_row(one) for one in changes], empty="No figure changes its amount.")


def publication_table(uploads: Iterable[Upload]) -> Table:
    """The list of publications, newest first, with how many figures each added, changed and withdrew."""
    return Table(
        "publications",
        "Publications, newest first",
        (
            Column("Published", "date"),
            Column("Publisher"),
            Column("File"),
            Column("New", "number"),
            Column("Changed", "number"),
            Column("Withdrawn", "number"),
            Column("State"),
        ),
        [_publication(upload) for upload in uploads],
        empty="Nothing is published yet.",
    )


def _publication(upload: Upload) -> list[Cell]:
    counts = public_counts(upload)
    url = reverse("budgets:publication-detail", args=[upload.reference])
    return [
        upload.published_on,
        upload.organisation.name,
        {"value": upload.filename, "url": url, "note": upload.reference},
        counts.new,
        counts.changed,
        counts.withdrawn,
        "Reversed" if upload.reversed_at else "In force",
    ]


def _row(one: FigureChange) -> list[Cell]:
    url = reverse("budgets:allocation-detail", args=[one.reference]) if one.reference else None
    gone = "Withdrawn" if one.withdrawn else _mark(one.after_text)
    after: Cell = {"value": one.after, "url": url, "missing": gone}
    if one.after is None and url:
        after = {"value": gone, "url": url}
    return [
        {"value": one.organisation_name, "note": one.organisation},
        {"value": one.stream_name, "note": basis_text(one.basis, one.gross_or_net, one.recurrence)},
        one.financial_year,
        {"value": one.before, "missing": _mark(one.before_text)},
        after,
        {"value": one.difference or None, "note": percent_text(one.difference, one.before), "missing": what_text(one)},
    ]


def change_text(amount: Decimal) -> str:
    """
    >>> change_text(Decimal("1234.5")), change_text(Decimal("-1")), change_text(Decimal(0))
    ('£1,234.50 more', '£1.00 less', 'no difference')
    """
    if not amount:
        return "no difference"
    return f"{pounds(abs(amount))} {'more' if amount > 0 else 'less'}"


def compared_text(of: tuple[str, Decimal | None], other: tuple[str, Decimal | None]) -> str:
    """How one version differs from another, in a sentence. Each is its name and its amount.

    >>> compared_text(("Version 1", Decimal(400)), ("version 3", Decimal(405)))
    'From version 1 to version 3: £5.00 more (+1.25%).'
    >>> compared_text(("Version 1", None), ("Version 2", Decimal(5)))
    'Version 1 has no amount, so it cannot be compared with version 2.'
    """
    (name, amount), (other_name, other_amount) = of, other
    lower, other_lower = (text[:1].lower() + text[1:] for text in (name, other_name))
    if amount is None:
        return f"{name} has no amount, so it cannot be compared with {other_lower}."
    if other_amount is None:
        return f"{other_name} has no amount, so it cannot be compared with {lower}."
    difference = other_amount - amount
    percent = percent_text(difference, amount)
    return f"From {lower} to {other_lower}: {change_text(difference)}{f' ({percent})' if percent else ''}."


def counts_text(counts: PublicCounts, nets: Iterable[tuple[str, Decimal]]) -> str:
    """What a publication changed, in a sentence or two.

    >>> counts_text(PublicCounts(0, 2, 1), [("2024-25 budget", Decimal(-5))])
    '2 figures changed, 1 withdrawn. 2024-25 budget: £5.00 less.'
    >>> counts_text(PublicCounts(1, 0, 0), []), counts_text(PublicCounts(0, 0, 0), [])
    ('1 figure new.', 'No figure changed.')
    """
    parts = [(counts.changed, "changed"), (counts.new, "new"), (counts.withdrawn, "withdrawn")]
    found = [(count, what) for count, what in parts if count]
    if not found:
        return "No figure changed."
    (first, what), *others = found
    words = [f"{first:,} {'figure' if first == 1 else 'figures'} {what}", *(f"{n:,} {what}" for n, what in others)]
    return " ".join([f"{', '.join(words)}.", *(f"{of}: {change_text(net)}." for of, net in nets)])


def what_text(one: FigureChange) -> str:
    """What happens to the figure, in a word or two."""
    if one.withdrawn:
        return "Withdrawn"
    if one.is_new:
        return "New"
    return "Becomes public" if (one.before, one.before_text) == (one.after, one.after_text) else "Changed"


def percent_text(difference: Decimal | None, before: Decimal | None) -> str | None:
    """
    >>> percent_text(Decimal(5), Decimal(400)), percent_text(Decimal(-1), Decimal(3)), percent_text(Decimal(1), None)
    ('+1.25%', '−33.33%', None)
    """
    share = share_of(difference, before)
    if share is None or not share:
        return None
    sign = "+" if share > 0 else "−"
    size = (abs(share) * 100).quantize(Decimal("0.01"))
    return f"{sign}{size:,}%" if size else "less than 0.01%"


def _mark(text: str) -> str:
    return f"{NOT_REPORTED} ({text})" if text else NO_FIGURE
