"""Who holds a stream and is in no row of a publication: counted from the organisations that existed in the year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from budgets.queries.totals import NO_REGION, Total, line_of, publication_of, region_of
from pooledcare.directory.models import Organisation
from pooledcare.kernel.periods import FinancialYear

Line = tuple[object, ...]
Region = tuple[str, str]


def with_absent(totals: Sequence[Total]) -> list[Total]:
    """The totals by region, with the number of holders that are absent from each, and with regions where all are.

    Expected in a year is every organisation of the stream's `expected_kinds` that exists on its last day. Where a
    source gives several lines of a stream, year and basis, such as recurrent and one-off money, nobody has to be in
    each of them, and nobody is absent. One query.
    """
    lines: dict[Line, dict[Region, Total]] = defaultdict(dict)
    for total in totals:
        lines[line_of(total)][total.region, total.region_kind] = total
    of_publication = Counter(publication_of(next(iter(regions.values()))) for regions in lines.values())
    expecting = {
        line
        for line, regions in lines.items()
        if (one := next(iter(regions.values()))).expected_kinds and of_publication[publication_of(one)] == 1
    }
    if not expecting:
        return list(totals)
    bodies = _bodies({kind for line in expecting for kind in next(iter(lines[line].values())).expected_kinds})
    found: list[Total] = []
    for line, regions in lines.items():
        if line not in expecting:
            found += regions.values()
            continue
        one = next(iter(regions.values()))
        expected = _expected(bodies, one)
        found += [replace(total, absent=max(0, expected[region] - total.expected)) for region, total in regions.items()]
        found += [_nobody_in(region, one, expected[region]) for region in expected.keys() - regions.keys()]
    order = {line: position for position, line in enumerate(lines)}
    return sorted(
        found, key=lambda total: (order[line_of(total)], total.region_kind, total.region == NO_REGION, total.region)
    )


def _nobody_in(region: Region, line: Total, absent: int) -> Total:
    return replace(
        line,
        region=region[0],
        region_kind=region[1],
        amount=None,
        reported=0,
        not_reported=0,
        absent=absent,
        included=0,
        included_amount=Decimal(0),
    )


def _bodies(kinds: Iterable[str]) -> list[tuple[object, ...]]:
    found = Organisation.objects.filter(kind__in=sorted(kinds), illustrative=False)
    return list(found.values_list("kind", "opened", "closed", "region__name", "region__kind"))


def _expected(bodies: Iterable[tuple[object, ...]], line: Total) -> Counter[Region]:
    """How many organisations are expected to have a figure, by region."""
    day = FinancialYear(line.year).last_day
    return Counter(
        region_of(name, region_kind)
        for kind, opened, closed, name, region_kind in bodies
        if kind in line.expected_kinds and (opened is None or opened <= day) and (closed is None or day <= closed)  # type: ignore[operator]
    )
