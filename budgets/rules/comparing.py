"""Comparing the holders of a funding stream a head: rank, England's mean, and similar holders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

from django.db.models import TextChoices

PENNY = Decimal("0.01")
NEAREST = 10


class Peers(TextChoices):
    """With which holders one is compared."""

    NEAREST = "nearest", "Nearest in population"
    REGION = "region", "Same region"
    KIND = "kind", "Same kind of organisation"
    CHOSEN = "chosen", "Those that I choose"


@dataclass(frozen=True)
class Holding:
    """One holder's published amount of a stream, in pounds, with the number of its people. None is not known.

    `measure` says how the people were counted. `is_of_place` is true for an abolished council whose people are those of
    the place that was its area.
    """

    organisation_id: int
    name: str
    code: str
    kind: str
    region: str
    amount: Decimal | None
    persons: int | None
    counted_on: dt.date | None = None
    measure: str = ""
    is_of_place: bool = False
    reference: str = ""
    published_text: str = ""
    closed: dt.date | None = None

    @cached_property
    def a_head(self) -> Decimal | None:
        """Pounds a head, to the penny; None if either is not known."""
        return a_head(self.amount, self.persons)


def a_head(amount: Decimal | None, persons: int | None) -> Decimal | None:
    """Pounds a head, to the penny, half to even; None, never 0, if either is not known."""
    if amount is None or not persons:
        return None
    return (amount / persons).quantize(PENNY, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the amount a head of one holder compares: 1 is the highest rank. `mean` is the mean of all holders' people.

    `peers` similar holders have an amount a head, and it is higher than that of `above_peers` of them.
    """

    a_head: Decimal
    rank: int
    of: int
    is_equal: bool
    mean: Decimal
    peers: int = 0
    above_peers: int = 0


def comparable(holdings: Iterable[Holding]) -> list[Holding]:
    """Those whose amount a head is known, the highest first.

    If people were counted in different ways, only those of the most frequent way can be compared.
    """
    known = [one for one in holdings if one.a_head is not None]
    ways = [one.measure for one in known]
    usual = max(sorted(set(ways)), key=ways.count, default="")
    return sorted((one for one in known if one.measure == usual), key=lambda one: (-(one.a_head or 0), one.name))


def mean_a_head(holdings: Sequence[Holding]) -> Decimal | None:
    """The amounts of all comparable holders together, divided by all of their people."""
    known = comparable(holdings)
    amount = sum((one.amount for one in known if one.amount is not None), Decimal(0))
    return a_head(amount, sum(one.persons or 0 for one in known))


def rank_of(holding: Holding, known: Sequence[Holding]) -> int:
    """1 for the highest amount a head among comparable holders; equal amounts have equal ranks."""
    return 1 + sum((one.a_head or 0) > (holding.a_head or 0) for one in known)


def standing_of(
    organisation_id: int, holdings: Sequence[Holding], peers: Collection[Holding] | None = None
) -> Standing | None:
    """How one holder compares with all others, and with `peers`: by default those nearest in population.

    None if its amount a head is not known, or if it is the only holder.
    """
    known = comparable(holdings)
    own = next((one for one in known if one.organisation_id == organisation_id), None)
    mean = mean_a_head(holdings)
    if own is None or own.a_head is None or mean is None or len(known) < 2:
        return None
    similar = comparable(peers_of(own, known, Peers.NEAREST) if peers is None else peers)
    return Standing(
        a_head=own.a_head,
        rank=rank_of(own, known),
        of=len(known),
        is_equal=sum(one.a_head == own.a_head for one in known) > 1,
        mean=mean,
        peers=len(similar),
        above_peers=sum((one.a_head or 0) < own.a_head for one in similar),
    )


def peers_of(own: Holding, among: Iterable[Holding], measure: str, chosen: Collection[str] = ()) -> list[Holding]:
    """The holders with which one is compared, by a measure (`Peers`); `chosen` are the codes that a reader chose."""
    others = [one for one in among if one.organisation_id != own.organisation_id]
    if measure == Peers.REGION:
        return [one for one in others if one.region and one.region == own.region]
    if measure == Peers.KIND:
        return [one for one in others if one.kind == own.kind]
    if measure == Peers.CHOSEN:
        return [one for one in others if one.code in chosen]
    counted = [one for one in others if one.persons is not None and own.persons is not None]
    return sorted(counted, key=lambda one: (abs((one.persons or 0) - (own.persons or 0)), one.name))[:NEAREST]
