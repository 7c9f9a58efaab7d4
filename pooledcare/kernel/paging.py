"""Keyset paging: a page starts after or before a given row, so that the last page is as fast as the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Case, IntegerField, Q, QuerySet, Subquery, TextChoices, Value, When
from django.http import Http404, HttpRequest

PAGE = 50
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    previous_url: str | None
    next_url: str | None


@dataclass(frozen=True)
class Order:
    """The order of a list: by `field` if given, then by `key`, the unique number that names a row in addresses.

    `anchors` are the rows among which the row beside a page is looked up, each with `field`. They are needed only if
    `field` is calculated by the query, or if `key` is unique only among them. The default is every row of the model.
    """

    field: str = ""
    key: str = "pk"
    descending: bool = False
    anchors: QuerySet[Any] | None = None

    def terms(self, *, backwards: bool) -> list[str]:
        """For `order_by`."""
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{name}" for name in (self.field, self.key) if name]

    def beyond(self, rows: QuerySet[Any], key: int, *, backwards: bool) -> Q:
        """The condition for rows after the one with this key, or before it.

        If there is a `field`, that row must still exist, because its value of the field is looked up.
        """
        comparison = "lt" if self.descending != backwards else "gt"
        if not self.field:
            return Q(**{f"{self.key}__{comparison}": key})
        among = rows.model._base_manager.all() if self.anchors is None else self.anchors
        anchor = Subquery(among.filter(**{self.key: key}).order_by().values(self.field)[:1])
        same = Q(**{self.field: anchor, f"{self.key}__{comparison}": key})
        return Q(**{f"{self.field}__{comparison}": anchor}) | same


BY_NAME = Order("name")


def in_words(field: str, choices: type[TextChoices]) -> Case:
    """A number that sorts rows by the words of a field's choices, as a reader sees them."""
    words = sorted(choices.choices, key=lambda choice: str(choice[1]).casefold())
    return Case(
        *(When(**{field: value}, then=Value(position)) for position, (value, _) in enumerate(words)),
        default=Value(len(words)),
        output_field=IntegerField(),
    )


def page_of(
    request: HttpRequest, rows: QuerySet[Any], *, order: Order = BY_NAME, what: str = "a row", size: int = PAGE
) -> Page:
    """One page of the rows in their order.

    The query parameter `after` names the last row of the previous page, and `before` the first row of the next page.
    `what` is the word for a row, with its article, for error messages. Raises BadRequest if the parameters are not
    valid, and Http404 if the page is empty.
    """
    after, before = number_in(request, "after", what), number_in(request, "before", what)
    if after and before:
        raise BadRequest(f"Ask for the page after {what} or before one, not both.")
    beside, backwards = after or before, before is not None
    chosen = rows if beside is None else rows.filter(order.beyond(rows, beside, backwards=backwards))
    found = list(chosen.order_by(*order.terms(backwards=backwards))[: size + 1])
    shown, more = found[:size], len(found) > size
    if not shown:
        if beside:
            raise Http404
        return Page([], None, None)
    if backwards:
        shown.reverse()
    precedes, follows = (more, True) if backwards else (after is not None, more)
    first, last = (_key_of(row, order) for row in (shown[0], shown[-1]))
    return Page(
        rows=shown,
        previous_url=address(request, "before", first) if precedes else None,
        next_url=address(request, "after", last) if follows else None,
    )


def _key_of(row: Any, order: Order) -> int:
    return int(getattr(row, order.key))


def number_in(request: HttpRequest, name: str, what: str = "a row") -> int | None:
    """The number in this query parameter, or None if it is not given. Raises BadRequest if it is not a valid number."""
    given = request.GET.get(name)
    if given is None:
        return None
    if not _NUMBER.fullmatch(given):
        raise BadRequest(f"“{name}” does not name {what}.")
    return int(given)


def address(request: HttpRequest, name: str, key: int) -> str:
    """The address of another page of the same list, with the same filters."""
    parameters = request.GET.copy()
    for old in ("after", "before"):
        parameters.pop(old, None)
    parameters[name] = str(key)
    return f"?{parameters.urlencode()}"
