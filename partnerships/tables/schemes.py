"""One scheme and the funds of an agreement, as pages show them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from partnerships.records import MONEY, SCHEME
from partnerships.rules.agreements import Content, PoolContent, SchemeContent
from partnerships.tables.agreements import months_text
from partnerships.tables.limits import limit_table
from partnerships.tables.money_terms import fund_money_terms
from partnerships.terms import (
    AccountingTreatment,
    Exclusion,
    Flexibility,
    PoolKind,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.kernel.records import FieldKind
from pooledcare.kernel.tables import Cell, Column, Table


@dataclass(frozen=True)
class MainTerms:
    """The main terms of a scheme in words."""

    flexibilities: str
    ways: str
    notice: str


def main_terms(scheme: SchemeContent) -> MainTerms:
    return MainTerms(
        flexibilities="; ".join(str(Flexibility(code).label) for code in scheme.flexibilities),
        ways="; ".join(str(WayOfWorking(code).label) for code in scheme.ways_of_working),
        notice=months_text(scheme.notice_months) or "As the agreement",
    )


def facts(scheme: SchemeContent) -> list[tuple[str, str]]:
    """Heading and text of each field that is not empty, apart from terms about money."""
    texts = [field for field in SCHEME.of_kind(FieldKind.TEXT) if field.name not in MONEY]
    return [(field.label, getattr(scheme, field.name)) for field in texts if getattr(scheme, field.name)]


def functions(scheme: SchemeContent, day: dt.date) -> Table:
    columns = [
        Column("Function"),
        Column("Holder", missing="Not stated"),
        Column("Excluded treatments within", missing="None"),
        Column("Delegation recorded", missing="None"),
    ]
    rows: list[list[Cell]] = [
        [
            {"value": each.name, "url": _rules(each.code, day)},
            each.holder.name if each.holder else None,
            ", ".join(str(Exclusion(code).label) for code in each.exclusions),
            each.delegation_evidence,
        ]
        for each in scheme.functions
    ]
    empty = "The scheme names no function, so it cannot lawfully pool anything."
    return Table("functions", "Functions", columns, rows, empty=empty)


def _rules(code: str, day: dt.date) -> str:
    """The rules about the function on that day."""
    return f"{reverse('partnerships:law-rules')}?{urlencode({'as_at': day.isoformat(), 'function': code})}"


@dataclass(frozen=True)
class Fund:
    pool: PoolContent
    kind: str
    vat: str
    accounting: str
    money: list[tuple[str, str]]
    limits: Table | None
    schemes: list[tuple[str, str]]


def funds(content: Content, reference: str, moment: str) -> list[Fund]:
    return [
        Fund(
            pool=pool,
            kind=str(PoolKind(pool.kind).label),
            vat=_vat(pool),
            accounting=str(AccountingTreatment(pool.accounting).label) if pool.accounting else "",
            money=fund_money_terms(pool),
            limits=limit_table(pool) if pool.limits else None,
            schemes=[
                (scheme.name, f"{reverse('partnerships:scheme-detail', args=[reference, scheme.slug])}{moment}")
                for scheme in content.schemes
                if scheme.pool == pool.slug
            ],
        )
        for pool in content.pools
    ]


def _vat(pool: PoolContent) -> str:
    words = [
        str(VatStructure(pool.vat_structure).label) if pool.vat_structure else "",
        str(VatRegime(pool.vat_regime).label) if pool.vat_regime else "",
        f"{pool.irrecoverable_vat:f}% irrecoverable" if pool.irrecoverable_vat is not None else "",
        f"Advice: {pool.vat_advice}" if pool.vat_advice else "",
    ]
    return ". ".join(word for word in words if word)
