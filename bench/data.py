"""Fictional organisations and files of figures for benchmarks; the same seed gives the same data.

python -m bench.data --rows 1000000 --out /somewhere/figures.csv     (with the settings of a database)
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path

ORGANISATIONS = 6_000
FIRST_YEAR, LAST_YEAR = 2016, 2026
STREAMS = (
    "nhs-core", "nhs-core-nonrecurrent", "primary-medical", "other-primary-care", "primary-dental",
    "primary-ophthalmic",
    "pharmaceutical", "specialised", "running-costs", "bcf-nhs-minimum",
)  # fmt: skip
RECURRENCES = ("recurrent", "non_recurrent", "not_stated")
HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note"
OPENED = dt.date(2013, 4, 1)
# One wrong cell each, of seven kinds: what is put where, and the code that must be told.
MISTAKES = (
    (0, "2016-18", "BAD_FY"),
    (1, "ZZZZZ", "UNKNOWN_ORG"),
    (2, "nhs-cure", "UNKNOWN_STREAM"),
    (3, "guess", "NOT_IN_LIST"),
    (4, "1.2345", "TOO_MANY_DECIMALS"),
    (4, "1,23", "AMBIGUOUS_NUMBER"),
    (4, "", "REQUIRED"),
)


def codes(count: int = ORGANISATIONS) -> list[str]:
    """Codes that no real organisation in England has."""
    return [f"ZZ{number:04d}" for number in range(1, count + 1)]


def make_organisations(count: int = ORGANISATIONS) -> int:
    """Fictional boards spread over the NHS regions; those that exist are not changed."""
    from pooledcare.directory.models import Organisation, OrganisationCode, Region
    from pooledcare.directory.terms import CodeScheme, OrganisationKind, RegionKind

    regions = list(Region.objects.filter(kind=RegionKind.NHS).order_by("pk"))
    there = set(Organisation.objects.filter(code__startswith="ZZ", illustrative=True).values_list("code", flat=True))
    wanted = [code for code in codes(count) if code not in there]
    made = Organisation.objects.bulk_create(
        Organisation(
            name=f"Fictional Board {code[2:]}",
            kind=OrganisationKind.ICB,
            code=code,
            opened=OPENED,
            region=regions[index % len(regions)] if regions else None,
            illustrative=True,
        )
        for index, code in enumerate(wanted)
    )
    OrganisationCode.objects.bulk_create(
        OrganisationCode(organisation=one, scheme=CodeScheme.OWN, code=one.code, valid_from=OPENED) for one in made
    )
    return len(made)


def figures(
    rows: int, *, basis: str = "allocation", organisations: Sequence[str] | None = None, seed: int = 1
) -> Iterator[list[str]]:
    """Rows of a canonical file, no two with the same key."""
    chance = random.Random(seed)
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    keys = product(RECURRENCES, years, STREAMS, organisations or codes())
    for recurrence, year, stream, organisation in islice(keys, rows):
        pence = chance.randrange(100_000, 90_000_000_00)
        yield [year, organisation, stream, basis, f"{pence // 100}.{pence % 100:02d}", recurrence, ""]


def write_file(
    path: Path,
    rows: int,
    *,
    basis: str = "allocation",
    bad_rows: int = 0,
    organisations: Sequence[str] | None = None,
    seed: int = 1,
) -> None:
    """Write a canonical CSV file. `bad_rows` of its rows, evenly spread, have one wrong cell each."""
    step = rows // bad_rows if bad_rows else 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEADINGS}\n")
        for number, row in enumerate(figures(rows, basis=basis, organisations=organisations, seed=seed)):
            if step and number % step == 0 and number // step < bad_rows:
                place, text, _ = MISTAKES[(number // step) % len(MISTAKES)]
                row[place] = f'"{text}"' if "," in text else text
            file.write(",".join(row) + "\n")


def main() -> None:
    import django

    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bad-rows", type=int, default=0)
    parser.add_argument("--basis", default="allocation")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    print(f"{make_organisations():,} organisations made")
    write_file(chosen.out, chosen.rows, basis=chosen.basis, bad_rows=chosen.bad_rows)
    print(f"{chosen.rows:,} rows written to {chosen.out}")


if __name__ == "__main__":
    main()
