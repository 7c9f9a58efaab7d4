"""python -m bench.agreeing COUNT: creates that many signed agreements between fictional organisations, in bulk."""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

import django

SEED = 75
AT_ONCE = 1_000
START, VARIED = dt.date(2016, 4, 1), dt.date(2020, 4, 1)
CLAUSES = ("aims", "contributions", "persons_and_services", "resources", "duration", "fund_management")
FUNCTIONS = (
    ("nhs-s3", "meeting-needs"),
    ("nhs-s3a", "preventing-needs"),
    ("after-care-s117", "meeting-needs"),
    ("nhs-s3", "housing-grants"),
    ("primary-medical", "public-health"),
)


def main(count: int) -> None:
    django.setup()
    from django.db import transaction

    from partnerships import models
    from partnerships.changing.agreement import refresh_summaries
    from pooledcare.directory.models import Organisation

    councils = list(Organisation.objects.filter(kind="unitary", closed=None).order_by("pk"))
    boards = list(Organisation.objects.filter(kind="icb", closed=None).order_by("pk"))
    functions = {each.code: each for each in models.Function.objects.all()}
    chance = random.Random(SEED)
    for begun in range(0, count, AT_ONCE):
        pairs = [(chance.choice(councils), chance.choice(boards)) for _ in range(min(AT_ONCE, count - begun))]
        with transaction.atomic():
            refresh_summaries(write_agreements(models, pairs, functions, chance))


def write_agreements(models: Any, pairs: Sequence[tuple[Any, Any]], functions: Any, chance: random.Random) -> list[Any]:
    """Each agreement has two funds, three schemes, six clauses, and a variation that replaces its schemes."""
    made = models.Agreement.objects.bulk_create(
        models.Agreement(power="s75", prepared_by=council, state="in_operation", operating_since=START)
        for council, _ in pairs
    )
    ends = {each.pk: dt.date(2027, 3, 31) + dt.timedelta(days=chance.randrange(700)) for each in made}
    first = _deeds(models, made, lambda a: {
        "number": 0, "kind": "original", "title": f"Fictional agreement {a.pk}", "effective_on": START,
        "sets_end": True, "end_on": ends[a.pk], "notice_months": 6,
    })  # fmt: skip
    models.Partner.objects.bulk_create(
        models.Partner(agreement=agreement, deed=first[agreement.pk], organisation=body, role="commissioner")
        for agreement, pair in zip(made, pairs, strict=True)
        for body in pair
    )
    _each(models.Clause, made, 6, lambda a, n: {"deed": first[a.pk], "kind": CLAUSES[n], "text": "As agreed."})
    pools = _each(models.Pool, made, 2, lambda a, n: {"agreement": a, "slug": f"fund-{n}"})
    models.PoolTerms.objects.bulk_create(
        models.PoolTerms(
            deed=first[pool.agreement_id], pool=pool, name="Fund", kind="pooled", host=pool.agreement.prepared_by,
            manager="Head of finance", manager_employer=pool.agreement.prepared_by,
        )
        for pool in pools
    )  # fmt: skip
    schemes = _each(models.Scheme, made, 3, lambda a, n: {"agreement": a, "slug": f"scheme-{n}"})
    _schemes(models, schemes, first, functions, chance)
    _sign(models, first)
    second = _deeds(models, made, lambda a: {"number": 1, "kind": "variation", "effective_on": VARIED})
    _schemes(models, schemes, second, functions, chance)
    _sign(models, second)
    return list(made)


def _deeds(models: Any, made: Sequence[Any], values: Callable[[Any], dict[str, Any]]) -> dict[int, Any]:
    """By the key of their agreement."""
    deeds = models.Deed.objects.bulk_create(models.Deed(agreement=each, **values(each)) for each in made)
    return {deed.agreement_id: deed for deed in deeds}


def _schemes(models: Any, schemes: Sequence[Any], deeds: dict[int, Any], functions: Any, chance: random.Random) -> None:
    terms = models.SchemeTerms.objects.bulk_create(
        models.SchemeTerms(
            deed=deeds[scheme.agreement_id], scheme=scheme, name="Scheme", flexibilities=["pooled_fund"],
            lead=scheme.agreement.prepared_by,
        )
        for scheme in schemes
    )  # fmt: skip
    models.SchemeFunction.objects.bulk_create(
        models.SchemeFunction(
            terms=each, function=functions[code], exclusions=[] if chance.randrange(20) else ["endoscopy"]
        )
        for each in terms
        for code in chance.choice(FUNCTIONS)
    )


def _sign(models: Any, deeds: dict[int, Any]) -> None:
    for deed in deeds.values():
        deed.state, deed.signed_on, deed.published_on = "signed", deed.effective_on, deed.effective_on
    models.Deed.objects.bulk_update(deeds.values(), ["state", "signed_on", "published_on"])


def _each(model: Any, made: Sequence[Any], times: int, values: Callable[[Any, int], dict[str, Any]]) -> Any:
    return model.objects.bulk_create(model(**values(agreement, n)) for agreement in made for n in range(times))


if __name__ == "__main__":
    main(int(sys.argv[1]))
