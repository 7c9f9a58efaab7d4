"""Lists of agreements: filtered, searched, and those about one organisation or place; and the names that lists show.

All of it reads `AgreementSummary`, which has one row for each agreement and audience.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, F, Func, IntegerField, Min, Q, QuerySet, TextChoices, TextField, Value, When
from django.db.models.functions import Coalesce, Lower

from partnerships.models import AgreementSummary, Clause, Function, SchemeTerms
from partnerships.queries.agreements.reach import summaries_seen_by
from partnerships.queries.agreements.waiting import Decider, waiting_for
from partnerships.rules.agreements.noticing import months_after
from partnerships.rules.agreements.sentences import ListCounts
from partnerships.terms import OVER, AgreementState, Audience, Outcome, Power
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation, Place
from pooledcare.kernel.paging import in_words

MOST_ABOUT = 10
MOST_FOUND = 25
UNTITLED = "Agreement without a title"


@dataclass(frozen=True, slots=True)
class AgreementFilters:
    """Filters of the list. An empty value does not filter. Organisations are given by code, places by slug."""

    text: str = ""
    place: str = ""
    partner: str = ""
    function: str = ""
    flexibility: str = ""
    host: str = ""
    power: str = ""
    status: str = ""
    ending_from: dt.date | None = None
    ending_by: dt.date | None = None
    unsigned: bool = False
    findings: str = ""
    waiting_for: Decider | None = None


def agreements_listed(filters: AgreementFilters, *, actor: Actor) -> QuerySet[AgreementSummary]:
    """The filtered summaries that the actor may read, one for each agreement: `in_order` sorts them."""
    found = summaries_seen_by(actor)
    if filters.text:
        found = found.filter(_titled(filters.text))
    if filters.place:
        found = found.filter(place_ids__overlap=_keys(Place.objects.filter(slug=filters.place)))
    if filters.partner:
        found = found.filter(partner_ids__overlap=_keys(Organisation.objects.filter(code=filters.partner)))
    if filters.host:
        found = found.filter(host_ids__overlap=_keys(Organisation.objects.filter(code=filters.host)))
    if filters.function:
        found = found.filter(function_codes__contains=[filters.function])
    if filters.flexibility:
        found = found.filter(flexibilities__contains=[filters.flexibility])
    if filters.power:
        found = found.filter(agreement__power=filters.power)
    if filters.status:
        found = found.filter(state=filters.status)
    if filters.ending_by:
        found = found.exclude(state__in=OVER).filter(end_on__range=(filters.ending_from, filters.ending_by))
    if filters.unsigned:
        found = found.filter(is_operating_unsigned=True)
    if filters.waiting_for is not None:
        found = found.filter(waiting_for(filters.waiting_for))
    return _judged(found, filters.findings)


_NO_END, _OVER = 1_000_000, 2_000_000  # more days than there are to any last day


def in_order(
    found: QuerySet[AgreementSummary], by: str = "ends", *, is_descending: bool = False
) -> QuerySet[AgreementSummary]:
    """Sorted by `sorts_as`, which is never null, and then by the agreement's number.

    `by` is "ends": the first to end, then those without an end, then the latest that are over. Or it is "title",
    "last_day" (those without one come last), or the words of "verdict", "agreement__power" or "state".
    """
    sign = "-" if is_descending else ""
    sorts_as = _sorts_as(by, is_descending=is_descending)
    return found.annotate(sorts_as=sorts_as).order_by(f"{sign}sorts_as", f"{sign}agreement_id")


def _sorts_as(by: str, *, is_descending: bool) -> Case | Coalesce:
    days = Func(F("end_on"), template="(%(expressions)s - date '2000-01-01')", output_field=IntegerField())
    if by == "ends":
        over = Value(_OVER) - Coalesce(days, 0)
        return Case(When(state__in=OVER, then=over), default=Coalesce(days, Value(_NO_END)))
    if by == "last_day":
        return Coalesce(days, Value(-_NO_END if is_descending else _NO_END))
    if by == "title":
        return Case(When(title="", then=Value(UNTITLED.lower())), default=Lower("title"), output_field=TextField())
    return in_words(by, _WORDS[by])


_WORDS: dict[str, type[TextChoices]] = {"verdict": Outcome, "agreement__power": Power, "state": AgreementState}


def counted(found: QuerySet[AgreementSummary], today: dt.date) -> ListCounts:
    """Counts over a list for the sentence above it. One query."""
    ending = ~Q(state__in=OVER) & Q(end_on__range=(today, months_after(today, 12)))
    return ListCounts(
        **found.order_by().aggregate(
            total=Count("pk"),
            over=Count("pk", filter=Q(state__in=OVER)),
            ending=Count("pk", filter=ending),
            first_end=Min("end_on", filter=ending),
            unlawful=Count("pk", filter=Q(unlawful_count__gt=0)),
            not_settled=Count("pk", filter=Q(not_settled_count__gt=0)),
        )
    )


def _judged(found: QuerySet[AgreementSummary], findings: str) -> QuerySet[AgreementSummary]:
    if findings == Outcome.UNLAWFUL:
        return found.filter(unlawful_count__gt=0)
    if findings == Outcome.NOT_SETTLED:
        return found.filter(not_settled_count__gt=0)
    return found.filter(verdict=findings) if findings else found


def _titled(text: str) -> Q:
    titled = Q(title__icontains=text)
    number = text.upper().removeprefix("S75-")
    return titled | Q(agreement=int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else titled


def _keys(found: QuerySet[Organisation] | QuerySet[Place]) -> list[int]:
    return list(found.values_list("pk", flat=True))


# --- what filters offer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices of the filters: only values that occur in agreements which the actor may read."""

    places: list[Place]
    partners: list[Organisation]
    hosts: list[Organisation]
    functions: list[Function]


def offered_to(actor: Actor) -> Offered:
    """The choices of the filters. Seven queries, however many agreements there are."""
    partners, hosts = _within(actor, "partner_ids"), _within(actor, "host_ids")
    bodies = list(Organisation.objects.filter(pk__in=partners | hosts).order_by("name", "pk"))
    return Offered(
        places=list(Place.objects.filter(pk__in=_within(actor, "place_ids")).order_by("name", "pk")),
        partners=[body for body in bodies if body.pk in partners],
        hosts=[body for body in bodies if body.pk in hosts],
        functions=list(Function.objects.filter(code__in=_within(actor, "function_codes")).order_by("position", "code")),
    )


def _within(actor: Actor, name: str) -> set[int]:
    """All values in an array column, over the summaries that the actor may read."""
    each = summaries_seen_by(actor).order_by().annotate(each=Func(name, function="unnest"))
    return set(each.values_list("each", flat=True).distinct())


# --- names -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """The organisations, places and functions that summaries name by key."""

    organisations: dict[int, Organisation]
    places: dict[int, Place]
    functions: dict[str, str]


def names_in(summaries: Collection[AgreementSummary]) -> Names:
    """Three queries for any number of summaries."""
    bodies = {
        pk for each in summaries for pk in (*each.partner_ids, *each.host_ids, *each.awaited_ids, *each.unpublished_ids)
    }
    places = {pk for each in summaries for pk in each.place_ids}
    codes = {code for each in summaries for code in each.function_codes}
    return Names(
        organisations=Organisation.objects.in_bulk(bodies),
        places=Place.objects.in_bulk(places),
        functions=dict(Function.objects.filter(code__in=codes).values_list("code", "name")),
    )


# --- about one thing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """The newest agreements about something, and whether there are more."""

    rows: list[AgreementSummary]
    more: bool


def agreements_of(organisation: Organisation, *, actor: Actor) -> About:
    """Agreements of which the organisation is a partner today. One query."""
    return _about(summaries_seen_by(actor).filter(partner_ids__contains=[organisation.pk]))


def agreements_in(place: Place, *, actor: Actor) -> About:
    """Agreements about a place. One query."""
    return _about(summaries_seen_by(actor).filter(place_ids__contains=[place.pk]))


def _about(found: QuerySet[AgreementSummary]) -> About:
    rows = list(found.order_by("-agreement_id")[: MOST_ABOUT + 1])
    return About(rows[:MOST_ABOUT], more=len(rows) > MOST_ABOUT)


# --- search ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgreementsFound:
    rows: list[AgreementSummary]
    names: Names
    more: bool


def agreements_found(text: str, *, actor: Actor) -> AgreementsFound:
    """Agreements that the actor may read and that match by reference, title, partner, or words of their text.

    The text is that of the clauses and schemes of the deeds that the reader may read. Those that match by title or
    reference come first, then the newest.
    """
    wanted = text.strip()
    if not wanted:
        return AgreementsFound([], Names({}, {}, {}), more=False)
    titled, partners = _titled(wanted), Organisation.objects.filter(Q(name__icontains=wanted) | Q(code=wanted.upper()))
    condition = titled | _written(wanted) | Q(partner_ids__overlap=_keys(partners))
    by_title_first = Case(When(titled, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = summaries_seen_by(actor).filter(condition).order_by(by_title_first, "-agreement_id")
    rows = list(found[: MOST_FOUND + 1])
    shown = rows[:MOST_FOUND]
    return AgreementsFound(shown, names_in(shown), more=len(rows) > MOST_FOUND)


def _written(wanted: str) -> Q:
    """The condition that a clause or a scheme has these words, in a deed that the reader of the summary may read."""
    schemes = SchemeTerms.objects.filter(
        Q(name__icontains=wanted) | Q(aims__icontains=wanted) | Q(services__icontains=wanted)
    )
    condition = Q()
    for texts in (Clause.objects.filter(text__icontains=wanted), schemes):
        published = texts.exclude(deed__published_on=None)
        condition |= Q(agreement__in=published.values("deed__agreement"))
        condition |= Q(audience=Audience.PARTNERS, agreement__in=texts.values("deed__agreement"))
    return condition


def readable_of(agreements: Iterable[int], *, actor: Actor) -> dict[int, AgreementSummary]:
    """Those of the given agreements that the actor may read, by key."""
    found = summaries_seen_by(actor).filter(agreement__in=set(agreements))
    return {each.agreement_id: each for each in found}
