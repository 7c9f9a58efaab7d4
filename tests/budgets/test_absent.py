"""Who is expected to have a figure in a sum, who is in it without being counted, and who is absent."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from budgets import loading, totals
from budgets.models import AllocationTotal, FundingStream
from budgets.queries.absent import with_absent
from budgets.queries.england import england
from budgets.queries.streams import all_totals, figures_of_others, holders_of, silence, stream_totals
from budgets.queries.totals import NO_REGION, Total, published_totals, totals_in
from budgets.reference.compile import read
from budgets.tables.streams import held_by_text
from budgets.tables.table import amount_cell, counted_text
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation, Region
from pooledcare.directory.reference import tables
from pooledcare.directory.terms import UPPER_TIER_KINDS
from tests import factories
from tests.budgets.ledger import figure, put, reverse
from tests.budgets.public import csv_rows, printed, printed_tables

COUNTIES, DISTRICTS = ["county", "unitary"], ["district"]


def care(**fields: Any) -> FundingStream:
    values = {"holder_kinds": COUNTIES, "expected_kinds": COUNTIES, "included_kinds": DISTRICTS, "code": "care"}
    return factories.stream(**values | fields)


def council(kind: str = "county", region: Region | None = None, **fields: Any) -> Organisation:
    return factories.organisation(kind=kind, region=region, **fields)


# ── What is stored ───────────────────────────────────────────────────────────────────────────────────────────────────


def stored() -> list[tuple[Any, ...]]:
    columns = ("amount", "reported", "not_reported", "included", "included_amount")
    return list(AllocationTotal.objects.order_by("pk").values_list(*columns))


@pytest.mark.django_db
def test_figures_of_others_are_in_the_sum_and_counted_apart_and_their_marks_are_not_counted():
    stream, publisher = care(), factories.nhs_england()
    bodies = [council(), council("unitary"), council("district"), council("district"), council("fire_authority")]
    upload = put(
        publisher, figure(bodies[0], stream, "100"), figure(bodies[1], stream, None), figure(bodies[2], stream, "7.50"),
        figure(bodies[3], stream, None), figure(bodies[4], stream, None),
    )  # fmt: skip
    assert stored() == [(Decimal("107.50"), 1, 1, 1, Decimal("7.50"))]
    put(publisher, figure(bodies[2], stream, "9"), figure(bodies[3], stream, "-1"))
    assert stored() == [(Decimal("108.00"), 1, 1, 2, Decimal("8.00"))]
    put(publisher, figure(bodies[0], stream, "100"), figure(bodies[1], stream, "1"), complete=True)
    assert stored() == [(Decimal("101.00"), 2, 0, 0, Decimal(0))]
    assert totals.differences() == 0
    assert upload


@pytest.mark.django_db
def test_a_reversal_takes_figures_of_others_out_again():
    stream, publisher = care(), factories.nhs_england()
    one, other = council(), council("district")
    put(publisher, figure(one, stream, "100"))
    reverse(put(publisher, figure(other, stream, "7")))
    assert stored() == [(Decimal("100.00"), 1, 0, 0, Decimal(0))]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [{"included": 0}, {"included_amount": 1}])
def test_a_wrong_count_of_others_is_a_difference(fault):
    stream = care()
    factories.allocation(stream=stream, organisation=council("district"), amount=Decimal(7))
    totals.rebuild()
    assert totals.differences() == 0
    AllocationTotal.objects.update(**fault)
    assert totals.differences() == 1


@pytest.mark.django_db
def test_a_stream_whose_holders_change_has_other_totals_until_they_are_rebuilt():
    stream = care()
    factories.allocation(stream=stream, organisation=council("district"), amount=Decimal(7))
    totals.rebuild()
    FundingStream.objects.update(holder_kinds=[*COUNTIES, "district"], included_kinds=[])
    assert totals.differences() == 1
    totals.rebuild()
    assert stored() == [(Decimal("7.00"), 1, 0, 0, Decimal(0))]


# ── Who is absent ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "absent"),
    [
        ({}, 1), ({"kind": "unitary"}, 1), ({"kind": "district"}, 0), ({"illustrative": True}, 0),
        ({"opened": dt.date(2025, 3, 31)}, 1), ({"opened": dt.date(2025, 4, 1)}, 0),
        ({"closed": dt.date(2025, 3, 30)}, 0), ({"closed": dt.date(2025, 3, 31)}, 1),
    ],
)  # fmt: skip
def test_a_holder_of_the_last_day_of_the_year_without_a_row_is_absent(fields, absent):
    factories.allocation(stream=care(), organisation=council())
    council(**fields)
    totals.rebuild()
    (total,) = all_totals()
    assert (total.reported, total.not_reported, total.absent, total.expected) == (1, 0, absent, 1 + absent)


@pytest.mark.django_db
@pytest.mark.parametrize(("fields", "absent"), [({"expected_kinds": []}, 0), ({"expected_kinds": ["unitary"]}, 0),
    ({"expected_from": 2024}, 1), ({"expected_from": 2025}, 0)])  # fmt: skip
def test_nobody_is_absent_where_nobody_is_expected(fields, absent):
    stream = care(**fields)
    factories.allocation(stream=stream, organisation=council())
    other = council()
    totals.rebuild()
    assert [total.absent for total in stream_totals(stream)] == [absent]
    assert silence(stream, year=2024, basis="allocation").absent == ([other] if absent else [])


@pytest.mark.django_db
def test_a_line_beside_another_of_the_same_source_is_not_everybodys():
    stream, one = care(), council()
    council()
    factories.allocation(stream=stream, organisation=one)
    for other in ({"basis": "budget"}, {"financial_year": 2023}, {"stream": care(code="other")}):
        factories.allocation(**{"stream": stream, "organisation": one, **other})
    totals.rebuild()
    assert [total.absent for total in all_totals()] == [1, 1, 1, 1]
    factories.allocation(stream=stream, organisation=one, recurrence="non_recurrent")
    totals.rebuild()
    found = {(total.stream, total.year, total.basis): total.absent for total in all_totals()}
    assert found == {
        ("care", 2024, "allocation"): 0, ("care", 2024, "budget"): 1, ("care", 2023, "allocation"): 1,
        ("other", 2024, "allocation"): 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_regions_where_everybody_is_absent_are_shown_too():
    stream = care()
    north, south = factories.region(name="North"), factories.region(name="South", kind="statistical")
    factories.allocation(stream=stream, organisation=council(region=south))
    factories.allocation(stream=stream, organisation=council("district", region=south), amount=Decimal(3))
    for region in (north, north, None):
        council(region=region)
    totals.rebuild()
    found = with_absent(totals_in(published_totals(), by_region=True))
    assert [(one.region, one.region_kind, one.amount, one.reported, one.expected, one.included) for one in found] == [
        ("North", "nhs", None, 0, 2, 0), ("South", "statistical", Decimal(1003), 1, 1, 1),
        (NO_REGION, "statistical", None, 0, 1, 0),
    ]  # fmt: skip
    page = england(actor=ANONYMOUS)
    assert [(one.reported, one.expected, one.amount) for one in page.over_years] == [(1, 4, Decimal(1003))]
    assert sum(one.expected for one in page.by_region) == 4


@pytest.mark.django_db
def test_more_rows_than_holders_of_the_last_day_make_nobody_absent():
    stream = care()
    for _ in range(2):
        factories.allocation(stream=stream, organisation=council(closed=dt.date(2024, 6, 30)))
    council()
    totals.rebuild()
    (total,) = all_totals()
    assert (total.reported, total.absent) == (2, 0)


@pytest.mark.django_db
def test_totals_of_a_moment_count_as_those_of_now():
    stream, region = care(), factories.region()
    for kind, amount in [("county", 5), ("district", 7), ("district", None), ("unitary", None)]:
        text = "" if amount else "..."
        factories.allocation(
            stream=stream, organisation=council(kind, region=region), amount=amount, published_text=text
        )
    council(region=region)
    totals.rebuild()
    (now,), (then,) = stream_totals(stream), stream_totals(stream, published_by=dt.date(2024, 4, 1))
    assert now == then
    assert (now.amount, now.reported, now.not_reported, now.absent) == (Decimal(12), 1, 1, 1)
    assert (now.included, now.included_amount) == (1, Decimal(7))


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_page_of_a_stream_says_who_is_counted_and_lists_others_apart(client):
    stream, publisher = care(gross_or_net="net"), factories.nhs_england()
    put(
        publisher, figure(council(name="Oakshire"), stream, "100"), figure(council(name="Elmshire"), stream, None),
        figure(council("district", name="Ashford"), stream, "7"),
        figure(council("district", name="Fern"), stream, None),
        figure(council("fire_authority", name="Fire of Oakshire"), stream, None),
    )  # fmt: skip
    page = client.get("/streams/care/")
    words, shown = printed(page), printed_tables(page)
    assert "£107 (allocation, recurrent, NHS England): 1 of 2 reported." in words
    assert "The sum includes 1 figure of organisations that do not hold this stream, £7." in words
    assert "Marked by the publisher as not reported, and not included in any sum: Elmshire" in words
    assert "Marked by the publisher, but not counted: 2" in words
    assert "County councils and unitary authorities. District councils may have figures too" in words
    assert [row[0] for row in shown["2024-25 allocation, every holder"][1:]] == ["Elmshire", "Oakshire"]
    assert [row[0] for row in shown["2024-25 allocation, organisations that do not hold it"][1:]] == ["Ashford"]
    assert shown["Table: 2024-25 allocation, by region"][-1][-1] == "1 of 2, and 1 of others"
    file = csv_rows(client.get("/streams/care/?table=others&format=csv"))
    assert [row["Organisation"] for row in file] == ["Ashford"]


@pytest.mark.django_db
def test_own_figures_of_others_are_listed_for_their_members_only():
    stream, district = care(), council("district")
    own = factories.allocation(stream=stream, organisation=district, source=district, published_on=None)
    factories.allocation(stream=stream, organisation=council("district"), amount=None, published_text="...")
    member = factories.actor(factories.member(organisation=district, roles=["viewer"]))
    asked = {"year": 2024, "basis": "allocation"}
    assert list(figures_of_others(stream, actor=member, **asked)) == [own]
    assert list(figures_of_others(stream, actor=ANONYMOUS, **asked)) == []
    assert not holders_of(stream, actor=member, **asked).exists()


@pytest.mark.parametrize(("kind", "words"), [("county", "Not reported (...)"), ("district", "Does not hold it (...)")])
def test_a_mark_of_somebody_who_does_not_hold_the_stream_says_so(kind, words):
    body, stream = Organisation(kind=kind), FundingStream(holder_kinds=COUNTIES)

    class Figure:
        organisation, amount, published_text = body, None, "..."

    Figure.stream = stream  # type: ignore[attr-defined]
    assert amount_cell(Figure()) == {"value": None, "missing": words}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"reported": 1_500, "not_reported": 1, "absent": 1}, "1,500 of 1,502"),
        ({"reported": 1, "not_reported": 1, "included": 30}, "1 of 2, and 30 of others"),
        ({"reported": 0, "not_reported": 0, "included": 3_000}, "3,000 of others"),
    ],
)
def test_counts_in_words(counts, words):
    values = dict.fromkeys(Total.__dataclass_fields__, "") | {"absent": 0, "included": 0}
    assert counted_text(Total(**values | counts)) == words  # type: ignore[arg-type]


def test_who_holds_a_stream_is_said_with_those_whose_figures_are_included():
    assert held_by_text(FundingStream(holder_kinds=["icb"])) == "Integrated care boards"
    both = FundingStream(holder_kinds=sorted(UPPER_TIER_KINDS), included_kinds=DISTRICTS)
    assert held_by_text(both) == "Councils with social care duties. District councils may have figures too"


# ── The streams and figures that come with PooledCare ────────────────────────────────────────────────────────────────

STREAMS = {row["code"]: row for row in loading._stream_rows()}


def test_adult_social_care_is_held_by_every_council_with_social_care_duties():
    care = STREAMS["adult-social-care"]
    assert set(care["holder_kinds"].split("|")) == set(care["expected_kinds"].split("|")) == set(UPPER_TIER_KINDS)
    assert (care["included_kinds"], care["expected_from"]) == ("district", "")


@pytest.mark.parametrize(
    ("year", "number"),
    [*((year, 152) for year in range(2013, 2019)), (2019, 151), (2020, 151), (2021, 152), (2022, 152), (2023, 153)],
)
@pytest.mark.parametrize("is_first_day", [True, False])
def test_how_many_councils_had_social_care_duties(year, number, is_first_day):
    day = f"{year}-04-01" if is_first_day else f"{year + 1}-03-31"
    open_then = [
        row
        for row in tables.ORGANISATIONS.read()
        if row["kind"] in UPPER_TIER_KINDS and row["opened"] <= day and (row["closed"] or day) >= day
    ]
    assert len(open_then) == number


@pytest.mark.parametrize(
    ("publication", "reported", "missing", "included", "thousands", "marked"),
    [
        ("dluhc_revenue_account_2021-22", 150, {"Medway Council", "Shropshire Council"}, 30, 12_921, 4),
        ("dluhc_revenue_outturn_2022-23", 151, {"Birmingham City Council"}, 24, 13_128, 3),
    ],
)
def test_the_returns_of_councils_as_published(publication, reported, missing, included, thousands, marked):
    names = {row["key"]: row for row in tables.ORGANISATIONS.read()}
    bodies = {row["code"]: names[row["organisation"]] for row in tables.ORGANISATION_CODES.read()}
    rows = [(bodies[row["organisation"]], row["amount"]) for row in read(publication)]
    held = [(body, amount) for body, amount in rows if body["kind"] in UPPER_TIER_KINDS]
    others = [amount for body, amount in rows if body["kind"] not in UPPER_TIER_KINDS]
    assert (len(held), sum(bool(amount) for _, amount in held)) == (152, reported)
    assert {body["name"] for body, amount in held if not amount} == missing
    assert len([amount for amount in others if amount]) == included
    assert sum(Decimal(amount) for amount in others if amount) == thousands * 1000
    assert others.count("") == marked


@pytest.mark.slow
def test_figures_of_districts_are_those_of_the_published_files(shared_data: Path):
    """Straight from the department's files: what shire districts report, in £ thousand."""
    for name, header, column, expected in [
        ("RA_2021-22_data_by_LA.csv", 7, "TOTAL ADULT SOCIAL CARE", (30, 12_921)),
        ("RSX_2022-23_data_by_LA.csv", 11, "Adult Social Care - Net Current Expenditure (C7 = C3 - C6)", (24, 13_128)),
    ]:
        lines = list(csv.reader(io.StringIO((shared_data / "la_finance" / name).read_text(encoding="utf-8-sig"))))
        place = [" ".join(cell.split()) for cell in lines[header - 1]].index(column)
        found = [
            int(line[place].replace(",", ""))
            for line in lines[header:]
            if line[4] == "SD" and line[0].startswith("E") and line[place].strip() not in ("...", "[x]", "0", "")
        ]
        assert (len(found), sum(found)) == expected
