"""The sentence with which a page of figures begins, and its cards: made from figures, and true at every value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from budgets.rules.comparing import Standing, a_head
from budgets.rules.words import (
    Part,
    Sentence,
    a_head_text,
    above_text,
    amount_text,
    change_text,
    holders_text,
    in_sentence,
    known_text,
    rank_text,
    said,
)
from budgets.terms import Basis, GrossOrNet
from pooledcare.kernel.cards import Card
from pooledcare.kernel.formats import percent

NOTHING_BEFORE = "No year before to compare with"
MOST_NAMED_AS_ALL = 2  # streams that are named if nothing else is known for a year


# ── Sums of England ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class StreamSum:
    """What all holders have of one funding stream. `before` is the same in the year before, if it can be compared."""

    name: str
    amount: Decimal | None
    before: Decimal | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """The sum of some streams for one year and basis, in pounds, for one kind of holder, gross and net apart.

    `holders` is their number, if every one of them has a figure of each stream; `persons` their people, if all are
    counted in the same way. `is_partial` says that more streams are published for another year.
    """

    year: str
    year_before: str
    basis: str
    gross_or_net: str
    sources: tuple[str, ...]
    kinds: frozenset[str]
    streams: tuple[StreamSum, ...]
    amount: Decimal | None
    reported: int
    expected: int
    holders: int | None = None
    persons: int | None = None
    is_partial: bool = False

    @property
    def before(self) -> Decimal | None:
        """The sum in the year before; None unless every stream can be compared with it."""
        amounts = [one.before for one in self.streams]
        return None if None in amounts or not amounts else sum((one or Decimal(0) for one in amounts), Decimal(0))

    @property
    def a_head(self) -> Decimal | None:
        return a_head(self.amount, self.persons)

    @property
    def change(self) -> str:
        if self.amount is None or self.before is None:
            return ""
        return change_text(self.amount, self.before, self.year_before)

    @property
    def only(self) -> tuple[str, ...]:
        """The names of the streams, if hardly anything else is known for the year."""
        names = tuple(one.name for one in self.streams)
        return names if self.is_partial and len(names) <= MOST_NAMED_AS_ALL else ()


def england_sentence(wholes: Sequence[Whole], *, year: str, basis: str) -> Sentence:
    """What England has: one clause for each kind of holder, as they are never added together."""
    known = [whole for whole in wholes if whole.amount is not None]
    if not known:
        return said(f"No {str(Basis(basis).label).lower()} of {year} is published here.")
    first, *others = known
    start = known_text(first.only, year)
    parts: list[str | Part] = [start, *_clause(first)]
    for whole in others:
        parts += ["; ", *_clause(whole, is_first=False)]
    return said(*parts, ".")


def _clause(whole: Whole, *, is_first: bool = True) -> list[str | Part]:
    details = [a_head_text(whole.a_head, is_mean=True)] if whole.a_head is not None else []
    details += [whole.change] if whole.change else []
    if whole.reported < whole.expected:
        details.append(f"{whole.reported:,} of {whole.expected:,} figures reported")
    tail = f": {', '.join(details)}" if details else ""
    return [*_what(whole, is_first=is_first), tail]


def _what(whole: Whole, *, is_first: bool) -> list[str | Part]:
    net = "" if whole.gross_or_net == GrossOrNet.NOT_APPLICABLE else f" {GrossOrNet(whole.gross_or_net).label.lower()}"
    amount = f"{amount_text(whole.amount or Decimal(0))}{net}"
    holders = holders_text(whole.kinds, whole.holders)
    counted = f"{whole.holders:,} {holders}" if whole.holders else holders
    is_said = len(whole.only) == 1  # the sentence before has named the stream and the year
    if whole.basis == Basis.ALLOCATION:
        who = whole.sources[0] if len(whole.sources) == 1 else _begun("publishers", is_first=is_first)
        of = [" of it"] if is_said else _of(whole, " of ")
        return [f"{who} allocated {amount}", *of, f" to {counted}", "" if is_said else f" for {whole.year}"]
    verb, preposition = _VERBS[whole.basis]
    of = [f"{preposition}it"] if is_said else _of(whole, preposition)
    return [f"{_begun(counted, is_first=is_first)} {verb} {amount}", *of, "" if is_said else f" in {whole.year}"]


def _begun(words: str, *, is_first: bool = True) -> str:
    """Words at the beginning of a sentence, if it is one."""
    return words[:1].upper() + words[1:] if is_first else words


_VERBS: dict[str, tuple[str, str]] = {Basis.BUDGET: ("budgeted", " for "), Basis.OUTTURN: ("spent", " on ")}


def _of(whole: Whole, preposition: str) -> list[str | Part]:
    """The name of the stream, if it is the only one."""
    if len(whole.streams) != 1:
        return []
    return [preposition, Part(in_sentence(whole.streams[0].name), whole.streams[0].url)]


def whole_cards(whole: Whole) -> list[Card]:
    """The amount, the amount a head, how many figures are in it, and the largest stream."""
    if whole.amount is None:
        return []
    cards = [
        Card(_card_label(whole), amount_text(whole.amount), _begun(whole.change) or "No year before to compare with")
    ]
    if whole.a_head is not None:
        people = f"Of {whole.persons:,} people"
        cards.append(Card("A head", a_head_text(whole.a_head, is_mean=True).removesuffix(" a head"), people))
    missing = whole.expected - whole.reported
    if whole.expected:
        note = "None is missing" if not missing else f"{missing:,} {'is' if missing == 1 else 'are'} missing"
        cards.append(Card("Figures reported", f"{whole.reported:,} of {whole.expected:,}", note))
    if len(whole.streams) > 1 and whole.amount:
        largest = max(whole.streams, key=lambda one: one.amount or Decimal(0))
        share = percent((largest.amount or Decimal(0)) / whole.amount)
        cards.append(Card("Largest stream", share, largest.name, largest.url))
    return cards


def _card_label(whole: Whole) -> str:
    net = "" if whole.gross_or_net == GrossOrNet.NOT_APPLICABLE else f", {GrossOrNet(whole.gross_or_net).label.lower()}"
    holders = holders_text(whole.kinds)
    return f"{_begun(holders)}, {str(Basis(whole.basis).label).lower()}{net}"


# ── One holder ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Headline:
    """The largest figure of one organisation in one year, in pounds; None is not reported.

    `kinds` are those of the holders with which it is compared. `only` names its streams if hardly anything else is
    known for the year. `closed` is the organisation's last day.
    """

    holder: str
    url: str
    stream: str
    stream_url: str
    year: str
    basis: str
    gross_or_net: str
    amount: Decimal | None
    kinds: frozenset[str] = frozenset()
    a_head: Decimal | None = None
    standing: Standing | None = None
    before: Decimal | None = None
    year_before: str = ""  # empty if it was not looked at
    only: tuple[str, ...] = ()
    is_restated: bool = False
    is_published: bool = True
    is_own: bool = False
    closed: dt.date | None = None
    compare_url: str | None = None
    figure_url: str | None = None
    persons: int | None = None
    peers: str = "nearest in population"


def headline_sentence(one: Headline, *, is_linked: bool = True) -> Sentence:
    """What an organisation has, and how that compares. `is_linked`: with a link to the organisation."""
    start = known_text(one.only, one.year)
    holder = Part(called(one.holder), one.url if is_linked else None)
    stream = Part(in_sentence(one.stream), one.stream_url)
    if one.amount is None:
        return said(start, holder, " has not reported its figure of ", stream, f" for {one.year}.")
    tail = f", {compared_text(one.standing, one.kinds)}" if one.standing else ""
    return said(start, holder, *_holds(one, stream), tail, ".")


def more_sentence(one: Headline) -> Sentence:
    """How an organisation compares with similar ones, and what else a reader must know of the figure; may be empty."""
    remarks = []
    if one.standing and one.standing.peers:
        remarks.append(_beside_peers(one, one.standing))
    if one.is_own:
        remarks.append("This is its own figure.")
    if one.is_restated:
        remarks.append("The figure was restated.")
    if not one.is_published:
        remarks.append("It is not published yet.")
    return said(" ".join(remarks))


def _holds(one: Headline, stream: Part) -> list[str | Part]:
    amount = a_head_text(one.a_head) if one.a_head is not None else amount_text(one.amount or Decimal(0))
    named: list[str | Part] = ["it"] if len(one.only) == 1 else [stream, f" {_preposition(one)} {one.year}"]
    if one.basis == Basis.ALLOCATION:
        return [f" {_verb(one)} {amount} of ", *named]
    net = "" if one.gross_or_net == GrossOrNet.NOT_APPLICABLE else f" {GrossOrNet(one.gross_or_net).label.lower()}"
    return [f" {_verb(one)} {amount}{net}{_VERBS[one.basis][1]}", *named]


def _preposition(one: Headline) -> str:
    return "for" if one.basis == Basis.ALLOCATION else "in"


def _verb(one: Headline) -> str:
    if one.basis == Basis.ALLOCATION:
        return "had" if one.closed else "has"
    return _VERBS[one.basis][0]


def called(name: str) -> str:
    """The name of an organisation within a sentence: an integrated care board is called without these words.

    >>> called("NHS Somerset Integrated Care Board"), called("Somerset Council")
    ('NHS Somerset', 'Somerset Council')
    """
    return name.removesuffix(" Integrated Care Board")


def compared_text(standing: Standing, kinds: frozenset[str]) -> str:
    """Rank and England's mean, in words."""
    rank = rank_text(standing.rank, standing.of, holders_text(kinds), is_equal=standing.is_equal)
    above = above_text(standing.a_head, standing.mean, "England")
    return f"{rank} and {above}" if above else rank


def _beside_peers(one: Headline, standing: Standing) -> str:
    """More than how many of its peers an organisation has a head, as a sentence."""
    count, above = standing.peers, standing.above_peers
    peers = f"{holders_text(one.kinds, count)} {one.peers}"
    if above == 0:
        none = f"None of the {count}" if count > 1 else "Not even the one"
        return f"{none} {peers} {_verb(one)} less a head."
    many = f"{above} of the {count}"
    if above == count:
        many = f"all {count}" if count > 1 else "the one"
    return f"{called(one.holder)} {_verb(one)} more a head than {many} {peers}."


def headline_cards(one: Headline) -> list[Card]:
    """The amount a head beside England's, the amount beside the year before, and the rank."""
    cards = []
    standing = one.standing
    if one.a_head is not None:
        note = f"England {a_head_text(standing.mean)}" if standing else _of_people(one)
        cards.append(Card(f"{one.stream} a head", a_head_text(one.a_head).removesuffix(" a head"), note))
    if one.amount is not None:
        change = "" if one.before is None else _begun(change_text(one.amount, one.before, one.year_before))
        cards.append(
            Card(f"{one.stream}, {one.year}", amount_text(one.amount), change or _no_change(one),
                 one.figure_url)
        )  # fmt: skip
    if standing:
        name = "Equal rank, highest first" if standing.is_equal else "Rank, highest first"
        cards.append(Card(name, f"{ordinal_of(standing)}", _above(standing), one.compare_url))
    return cards


def _no_change(one: Headline) -> str:
    """Nothing, where the year before was not looked at."""
    return NOTHING_BEFORE if one.year_before else ""


def ordinal_of(standing: Standing) -> str:
    return f"{standing.rank:,} of {standing.of:,}"


def _above(standing: Standing) -> str:
    text = above_text(standing.a_head, standing.mean, "England")
    return _begun(text)


def _of_people(one: Headline) -> str:
    return f"Of {one.persons:,} people" if one.persons else ""


def without_figures(
    name: str, *, year: str = "", became: Sequence[Part] = (), latest: Part | None = None, is_past: bool = False
) -> Sentence:
    """That nothing is known of an organisation or place: for a year, or at all; with the latest year that is known."""
    when = f"{year} " if year else ""
    then = " at that time" if is_past else ""
    parts: list[str | Part] = [f"No {when}figures of {called(name)} are held{then}."]
    if latest is not None:
        parts += [" The latest are of ", latest, "."]
    if became:
        parts += [" Its functions are now with ", *listed(became), "."]
    return said(*parts)


def listed(parts: Sequence[Part]) -> list[str | Part]:
    """Links in a list of words: A, B and C."""
    found: list[str | Part] = []
    for index, part in enumerate(parts):
        if index:
            found.append(" and " if index == len(parts) - 1 else ", ")
        found.append(part)
    return found


def from_predecessor(name: str, predecessor: Headline) -> Sentence:
    """That an organisation has no figures, and what its predecessor has."""
    return said(f"No figures of {called(name)} are held. Before it, ", *headline_sentence(predecessor))


MOST_NAMED = 3


def with_figures_too(predecessors: Sequence[Part], url: str) -> Sentence:
    """Which further predecessors have figures: by name, or, if with the first there are more than three, their number.

    `url` leads to the list of all predecessors. Empty if there are none.
    """
    if not predecessors:
        return ()
    if len(predecessors) >= MOST_NAMED:
        return said(Part(f"{len(predecessors)} other predecessors", url), " have figures too.")
    return said(*listed(predecessors), f" {'has' if len(predecessors) == 1 else 'have'} figures too.")


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Listed:
    """How many funding streams there are, and how many have figures; `largest` is the one with the most pounds."""

    streams: int
    with_figures: int
    latest_year: str = ""
    largest: StreamSum | None = None
    largest_year: str = ""


def streams_sentence(listed: Listed) -> Sentence:
    count = f"{listed.streams:,} funding {'stream' if listed.streams == 1 else 'streams'}"
    if not listed.with_figures or listed.largest is None:
        return said(f"{count}; no figures of them are published here.")
    held = "1 has" if listed.with_figures == 1 else f"{listed.with_figures:,} have"
    largest = Part(in_sentence(listed.largest.name), listed.largest.url)
    amount = amount_text(listed.largest.amount or Decimal(0))
    return said(
        f"{count}; {held} figures, the latest for {listed.latest_year}. The largest is ", largest,
        f", {amount} for {listed.largest_year}.",
    )  # fmt: skip


End = tuple[Part, Decimal]  # a holder, and what it has a head


def range_sentence(stream: Part, year: str, ends: tuple[End, End], mean: Decimal) -> Sentence:
    """From the lowest to the highest amount a head of a stream, and England's mean."""
    (low, least), (high, most) = ends
    return said(
        stream, f" for {year} goes from {a_head_text(least)} (", low, f") to {a_head_text(most)} (", high,
        f"). England’s mean is {a_head_text(mean)}.",
    )  # fmt: skip


def range_cards(low: End, high: End, mean: Decimal, *, holders: str, count: int) -> list[Card]:
    """England's mean, the highest and the lowest amount a head."""
    return [
        Card("England’s mean a head", _a_head(mean), f"Of {count:,} {holders} together"),
        Card("Highest a head", _a_head(high[1]), high[0].text, high[0].url),
        Card("Lowest a head", _a_head(low[1]), low[0].text, low[0].url),
    ]


def _a_head(value: Decimal) -> str:
    return a_head_text(value).removesuffix(" a head")
