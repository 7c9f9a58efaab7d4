"""Helpers to write the demonstration agreements through the actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partnerships.actions import drafting, recording
from partnerships.actions.drafting import FunctionIn
from partnerships.models import Agreement, Deed
from partnerships.rules.agreements.limits import LimitIn
from partnerships.terms import ClauseKind, DeedState, Flexibility, PreconditionKind
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation, Place

Bodies = Mapping[str, Organisation]
# A function of a scheme: its code, the code of its holder, excluded treatments, evidence of delegation.
Named = tuple[str, str] | tuple[str, str, tuple[str, ...]] | tuple[str, str, tuple[str, ...], str]

ILLUSTRATIVE = "Illustrative: invented for the demonstration."
CLAUSES: dict[ClauseKind, str] = {
    ClauseKind.CONTRIBUTIONS: "Each partner’s contribution is agreed by the end of February for the year that follows, "
    "and varied in writing only.",
    ClauseKind.RESOURCES: "Each partner provides the staff and premises that it provided before; they stay its own.",
    ClauseKind.DURATION: "The partners review the arrangements each year. They are varied by deed, and ended by notice "
    "or by deed.",
    ClauseKind.FUND_MANAGEMENT: "The pool manager reports to the board every quarter and makes an annual return.",
    ClauseKind.PAYMENTS: "Payments between the partners are made quarterly, and varied in writing only.",
    ClauseKind.MONITORING: "The board receives a report on the exercise of the functions every quarter and every year.",
    ClauseKind.INFORMATION_SHARING: "The partners share what the services need, under one protocol.",
    ClauseKind.DISPUTES: "Officers first, then chief executives, then mediation.",
    ClauseKind.EXIT: "Staff and contracts return to the partner they came from; costs fall where the notice came from.",
}


@dataclass
class Writing:
    """The open deed of one agreement, and who writes it."""

    deed: Deed
    bodies: Bodies
    by: Actor

    @property
    def agreement(self) -> Agreement:
        return self.deed.agreement

    def partners(self, *codes: str) -> None:
        for code in codes:
            drafting.add_partner(deed=self._fresh(), organisation=self.bodies[code], by=self.by)

    def clauses(self, texts: Mapping[ClauseKind, str]) -> None:
        texts_by_kind = {kind.value: text for kind, text in texts.items()}
        drafting.write_clauses(deed=self._fresh(), texts=texts_by_kind, by=self.by)

    def fund(self, name: str, *, host: str, manager: str, limits: Iterable[LimitIn] = (), **values: Any) -> str:
        plain = {
            "name": name,
            "kind": "pooled",
            "host": self.bodies[host],
            "manager": manager,
            "manager_employer": self.bodies[host],
            "vat_structure": "pooled",
            "vat_regime": "mixed",
            "accounting": "joint_operation",
        }
        terms = drafting.save_pool(deed=self._fresh(), values=plain | values, limits=list(limits), by=self.by)
        return str(terms.pool.slug)

    def scheme(
        self, name: str, *, fund: str, functions: Iterable[Named], lead: str, slug: str = "", **values: Any
    ) -> None:
        pool = self.agreement.pools.filter(slug=fund).first()
        plain = {
            "name": name,
            "pool": pool,
            "lead": self.bodies[lead],
            "flexibilities": [Flexibility.POOLED_FUND],
        }
        drafting.save_scheme(
            deed=self._fresh(), slug=slug, values=plain | values, functions=self._functions(functions), by=self.by
        )

    def conditions(self, *kinds: PreconditionKind, on: dt.date, evidence: str) -> None:
        for kind in kinds:
            recording.record_precondition(
                agreement=self.agreement, kind=kind, is_met=True, met_on=on, evidence=evidence, by=self.by
            )

    def _functions(self, named: Iterable[Named]) -> Sequence[FunctionIn]:
        found = []
        for code, holder, *rest in named:
            exclusions = rest[0] if rest else ()
            evidence = rest[1] if len(rest) > 1 else ""
            found.append(
                FunctionIn(
                    code=code,
                    holder=self.bodies[holder],
                    exclusions=tuple(exclusions),
                    delegation_evidence=str(evidence),
                )
            )
        return found

    def _fresh(self) -> Deed:
        self.deed = Deed.objects.select_related("agreement").get(pk=self.deed.pk)
        return self.deed


def begin(
    title: str,
    *,
    by: Actor,
    bodies: Bodies,
    prepared_by: str,
    with_partners: Sequence[str],
    start: dt.date,
    end: dt.date | None,
    places: Sequence[str],
    aims: str,
    persons: str,
    improvement: str,
    review_on: Sequence[dt.date] = (),
    notice_months: int = 6,
    **more: Any,
) -> Writing:
    """A draft with its partners and the usual clauses."""
    agreement = drafting.start_agreement(
        organisation=bodies[prepared_by],
        power="s75",
        title=title,
        effective_on=start,
        end_on=end,
        sets_end=end is not None,
        notice_months=notice_months,
        review_on=list(review_on),
        places=list(Place.objects.filter(slug__in=places, illustrative=True)),
        by=by,
        **more,
    )
    writing = Writing(agreement.deeds.get(number=0), bodies, by)
    writing.partners(*with_partners)
    own = {
        ClauseKind.AIMS: aims,
        ClauseKind.PERSONS_AND_SERVICES: persons,
        ClauseKind.IMPROVEMENT: improvement,
    }
    writing.clauses(own | CLAUSES)
    return writing


def open_deed(agreement: Agreement) -> Deed:
    return agreement.deeds.get(state__in=[DeedState.DRAFT, DeedState.CHANGES_REQUESTED, DeedState.APPROVED])
