"""The columns of streams, allocations and totals in the API: the SQL, schema and example of each."""

from __future__ import annotations

from collections.abc import Collection

from budgets.terms import Basis, GrossOrNet, Recurrence, StreamNature
from pooledcare.directory.terms import OrganisationKind, PopulationMeasure
from pooledcare.kernel.rest.listings import ListingColumn, flag, moment, several
from pooledcare.kernel.rest.parameters import YEARS
from pooledcare.kernel.rest.schema import COUNT, DATE, FLAG, MOMENT, MONEY, TEXT, described, nullable, one_of

YEAR = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
_YEAR_OF_A_FIGURE = {**YEAR, "examples": YEARS[24:25]}
_AMOUNT = nullable(described(MONEY, "Pounds and pence; null where none was reported"))
_REGION = nullable(described(TEXT, "Code; null for holders without one"))


def financial_year(expression: str) -> str:
    """2024 as 2024-25, in SQL."""
    return f"{expression} || '-' || lpad(mod({expression} + 1, 100)::text, 2, '0')"


STREAM_COLUMNS = (
    ListingColumn("code", "s.code", schema=TEXT, example="nhs-core"),
    ListingColumn("name", "s.name", free=True, schema=TEXT, example="NHS core allocation"),
    ListingColumn(
        "description",
        "s.description",
        free=True,
        schema=TEXT,
        example="The recurrent allocation of an integrated care board, or of a clinical commissioning group.",
    ),
    several(
        "holder_kinds",
        "s.holder_kinds",
        items=one_of(OrganisationKind.values),
        example=["ccg", "icb"],
        description="Kinds of body that hold it: their figures are counted as reported or not reported",
    ),
    several(
        "expected_kinds",
        "s.expected_kinds",
        items=one_of(OrganisationKind.values),
        example=["ccg", "icb"],
        description="Those of the holders' kinds of which every body has a figure",
    ),
    ListingColumn(
        "expected_from",
        financial_year("s.expected_from"),
        schema=nullable(
            described(YEAR, "First year in which every body of `expected_kinds` has a figure; null: all years")
        ),
    ),
    several(
        "included_kinds",
        "s.included_kinds",
        items=one_of(OrganisationKind.values),
        example=[],
        description="Kinds that do not hold it, but whose figures the publisher includes in its sums",
    ),
    ListingColumn(
        "funder",
        "nullif(s.funder, '')",
        schema=nullable(described(TEXT, "Code of the body that publishes it for its holders")),
        example="X24",
    ),
    ListingColumn(
        "functions",
        "s.functions",
        free=True,
        schema=described(TEXT, "The statutory functions that it pays for"),
        example="Commissioning of hospital, community, mental health and ambulance services",
    ),
    flag("ring_fenced", "s.ring_fenced", schema=FLAG, example=False),
    ListingColumn("nature", "s.nature", schema=one_of(StreamNature.values), example="revenue"),
    ListingColumn("gross_or_net", "s.gross_or_net", schema=one_of(GrossOrNet.values), example="not_applicable"),
    ListingColumn("first_year", financial_year("s.first_year"), schema=YEAR, example="2013-14"),
    ListingColumn("last_year", financial_year("s.last_year"), schema=nullable(YEAR)),
    ListingColumn(
        "part_of",
        "w.code",
        schema=nullable(described(TEXT, "Code of the stream in which it is published together")),
    ),
)

# Whether another amount of the figure was published before; the same rule as `visibility.with_restated`.
RESTATED = """(a.version > 1 and a.amount is not null and exists (
    select from budgets_allocation e join uploads_upload v on v.id = e.upload_id
    where e.organisation_id = a.organisation_id and e.stream_id = a.stream_id and e.financial_year = a.financial_year
      and e.basis = a.basis and e.gross_or_net = a.gross_or_net and e.recurrence = a.recurrence
      and e.source_id = a.source_id and e.version < a.version and not e.withdrawn
      and e.published_on <= (now() at time zone 'Europe/London')::date
      and e.amount <> a.amount and v.reversed_at is null))"""

ALLOCATION_COLUMNS = (
    ListingColumn(
        "reference", "'AL-' || a.id", schema=described(TEXT, "Of this version of the figure"), example="AL-1"
    ),
    ListingColumn("organisation", "o.code", schema=described(TEXT, "Code of the holder"), example="QSL"),
    ListingColumn("stream", "s.code", schema=TEXT, example="nhs-core"),
    ListingColumn("financial_year", financial_year("a.financial_year"), schema=_YEAR_OF_A_FIGURE, example="2024-25"),
    ListingColumn("basis", "a.basis", schema=one_of(Basis.values), example="allocation"),
    ListingColumn("gross_or_net", "a.gross_or_net", schema=one_of(GrossOrNet.values), example="not_applicable"),
    ListingColumn("recurrence", "a.recurrence", schema=one_of(Recurrence.values), example="recurrent"),
    ListingColumn("amount", "a.amount::text", schema=_AMOUNT, example="1055946000.00"),
    ListingColumn(
        "not_reported",
        "case when a.amount is null then a.published_text end",
        free=True,
        schema=nullable(described(TEXT, "The publisher's own mark, where there is no amount")),
    ),
    ListingColumn("version", "a.version", schema={"type": "integer", "minimum": 1}, example=1),
    flag("restated", RESTATED, schema=described(FLAG, "Another amount of it was published before"), example=False),
    ListingColumn(
        "source",
        "p.code",
        schema=described(TEXT, "Code of the body that states the figure: the publisher, or the holder itself"),
        example="X24",
    ),
    ListingColumn(
        "published_on",
        "a.published_on",
        schema=nullable(described(DATE, "Null until published: for the holder's members only")),
        example="2023-06-19",
    ),
    moment(
        "accepted_at",
        "a.accepted_at",
        schema=described(MOMENT, "When PooledCare accepted it"),
        example="2026-04-02T09:30:00Z",
    ),
    ListingColumn(
        "published_text",
        "a.published_text",
        free=True,
        schema=described(TEXT, "The cell as it was published"),
        example="1055946",
    ),
    ListingColumn(
        "upload",
        "'UP-' || a.upload_id",
        within="lineage",
        schema=described(TEXT, "Reference of the upload that it came from"),
        example="UP-1",
    ),
    ListingColumn("file", "u.filename", free=True, within="lineage", schema=TEXT, example="icb-allocations.xlsx"),
    ListingColumn("sheet", "a.sheet", free=True, within="lineage", schema=nullable(TEXT), example="Core"),
    ListingColumn("row", "a.row", within="lineage", schema=nullable(COUNT), example=45),
    ListingColumn("cell", "a.cell", within="lineage", schema=nullable(TEXT), example="F45"),
    ListingColumn("note", "a.note", free=True, schema=TEXT, example=""),
)

# Names by which totals can be divided, with the SQL for each figure.
DIVIDERS = {
    "financial_year": financial_year("a.financial_year"),
    "basis": "a.basis",
    "gross_or_net": "a.gross_or_net",
    "source": "p.code",
    "stream": "s.code",
    "region": "coalesce(r.code, '')",
    "organisation": "o.code",
    "recurrence": "a.recurrence",
}
# Totals are always separate for these four; clients can ask to divide them by further names.
ALWAYS_APART = ("financial_year", "basis", "gross_or_net", "source")
MAY_DIVIDE = ("stream", "region", "organisation", "recurrence", *ALWAYS_APART)
_TOTAL_COLUMNS = (
    ListingColumn("financial_year", 't."financial_year"', schema=_YEAR_OF_A_FIGURE, example="2024-25"),
    ListingColumn("basis", 't."basis"', schema=one_of(Basis.values), example="allocation"),
    ListingColumn("gross_or_net", 't."gross_or_net"', schema=one_of(GrossOrNet.values), example="not_applicable"),
    ListingColumn("source", 't."source"', schema=TEXT, example="X24"),
    ListingColumn("stream", 't."stream"', schema=TEXT, example="nhs-core"),
    ListingColumn("region", 't."region"', schema=_REGION, example="Y58"),
    ListingColumn("organisation", 't."organisation"', schema=TEXT, example="QSL"),
    ListingColumn("recurrence", 't."recurrence"', schema=one_of(Recurrence.values), example="recurrent"),
)
_SUM_COLUMNS = (
    ListingColumn("amount", "t.amount::text", schema=_AMOUNT, example="10181835000.00"),
    ListingColumn(
        "reported",
        "t.reported",
        schema=described(COUNT, "Figures of holders of the stream with an amount"),
        example=7,
    ),
    ListingColumn(
        "not_reported",
        "t.not_reported",
        schema=described(COUNT, "Figures of holders of the stream that the publisher marks as missing"),
        example=0,
    ),
    ListingColumn(
        "included",
        "t.included",
        schema=described(COUNT, "Figures in the sum of bodies that do not hold the stream, such as districts"),
        example=0,
    ),
    ListingColumn(
        "included_amount",
        "t.included_amount::text",
        schema=described(MONEY, "The part of the sum that these bodies have, in pounds and pence"),
        example="0.00",
    ),
)

SUMS = tuple(column.name for column in _SUM_COLUMNS)


def total_columns(names: Collection[str]) -> tuple[ListingColumn, ...]:
    """The columns of totals divided by these names."""
    return (*(column for column in _TOTAL_COLUMNS if column.name in names), *_SUM_COLUMNS)


_HEADS = nullable(described(MONEY, "Pounds and pence a head; null where the amount or the people are not known"))
COMPARISON_COLUMNS = (
    ListingColumn("organisation", "h.organisation", schema=described(TEXT, "Code of the holder"), example="QSL"),
    ListingColumn("name", "h.name", free=True, schema=TEXT, example="NHS Somerset Integrated Care Board"),
    ListingColumn("kind", "h.kind", schema=one_of(OrganisationKind.values), example="icb"),
    ListingColumn(
        "region_name",
        "h.region_name",
        free=True,
        schema=nullable(described(TEXT, "Null for holders without a region")),
        example="South West",
    ),
    ListingColumn("stream", "h.stream", schema=described(TEXT, "Code of the funding stream"), example="nhs-core"),
    ListingColumn("financial_year", "h.financial_year", schema=_YEAR_OF_A_FIGURE, example="2024-25"),
    ListingColumn("basis", "h.basis", schema=one_of(Basis.values), example="allocation"),
    ListingColumn("gross_or_net", "h.gross_or_net", schema=one_of(GrossOrNet.values), example="not_applicable"),
    ListingColumn("recurrence", "h.recurrence", schema=one_of(Recurrence.values), example="recurrent"),
    ListingColumn("source", "h.source", schema=described(TEXT, "Code of the publisher"), example="X24"),
    ListingColumn("amount", "h.amount", schema=_AMOUNT, example="1055946000.00"),
    ListingColumn(
        "not_reported",
        "h.not_reported",
        free=True,
        schema=nullable(described(TEXT, "The publisher's own mark, where there is no amount")),
    ),
    ListingColumn(
        "persons", "h.persons", schema=nullable(described(COUNT, "People of the holder, if known")), example=611142
    ),
    ListingColumn(
        "counted_as",
        "h.counted_as",
        schema=nullable(one_of(PopulationMeasure.values, "How the people were counted")),
        example="registered",
    ),
    ListingColumn(
        "counted_on",
        "h.counted_on",
        schema=nullable(described(DATE, "The day on which the people were counted, whatever the financial year")),
        example="2025-04-01",
    ),
    ListingColumn("a_head", "h.a_head", schema=_HEADS, example="1727.82"),
    ListingColumn(
        "rank",
        "h.rank",
        schema=nullable(
            described(
                {"type": "integer", "minimum": 1},
                "1 is the highest; equal amounts have equal ranks; null for holders that cannot be compared",
            )
        ),
        example=6,
    ),
    ListingColumn("ranked", "h.ranked", schema=described(COUNT, "How many holders have a rank"), example=42),
    ListingColumn(
        "mean_a_head",
        "h.mean_a_head",
        schema=nullable(described(MONEY, "England's mean: all ranked holders' pounds divided by all of their people")),
        example="1625.97",
    ),
    ListingColumn(
        "is_peer",
        "h.is_peer",
        file="h.is_peer::text",
        schema=nullable(
            described(FLAG, "With `organisation`, whether it is one of the others; null if all holders are listed")
        ),
        example=False,
    ),
    ListingColumn(
        "allocation", "h.allocation", schema=described(TEXT, "Reference of the figure in allocations"), example="AL-1"
    ),
)
