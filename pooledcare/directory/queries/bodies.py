"""All bodies with their codes and names, for files that name bodies in columns."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from pooledcare.directory.bodies import FIRST_YEAR, LAST_YEAR, Bodies, Body, BodyCode, family_of
from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName, ShortName
from pooledcare.directory.queries.code_days import region_names
from pooledcare.directory.terms import CodeScheme
from pooledcare.kernel.periods import FinancialYear

_SCHEMES = [scheme.value for scheme in CodeScheme]


def all_bodies() -> Bodies:
    """Every body, and the regions. Five queries."""
    codes: dict[int, list[tuple[int, BodyCode]]] = defaultdict(list)
    for key, scheme, code, start, end in OrganisationCode.objects.order_by("code").values_list(
        "organisation_id", "scheme", "code", "valid_from", "valid_to"
    ):
        codes[key].append((_SCHEMES.index(scheme), BodyCode(code, _first(start), _last(end))))
    names, short = defaultdict(list), defaultdict(list)
    for key, name in OrganisationName.objects.order_by("name").values_list("organisation_id", "name"):
        names[key].append(name)
    for key, name in ShortName.objects.order_by("name").values_list("organisation_id", "name"):
        short[key].append(name)
    return Bodies.of(
        (
            Body(
                key=key,
                name=name,
                family=family_of(kind),
                codes=tuple(code for _, code in sorted(codes[key], key=lambda pair: pair[0])),
                first=_first(opened),
                last=_last(closed),
                other_names=tuple(names[key]),
                short_names=tuple(short[key]),
            )
            for key, name, kind, opened, closed in Organisation.objects.order_by("name", "pk").values_list(
                "pk", "name", "kind", "opened", "closed"
            )
        ),
        region_names(),
    )


def _first(day: dt.date | None) -> int:
    return FIRST_YEAR if day is None else FinancialYear.containing(day).start


def _last(day: dt.date | None) -> int:
    return LAST_YEAR if day is None else FinancialYear.containing(day).start
